"""Correcting what a study holds about somebody: a name in the key, or words in transcripts.

A name is corrected in the key alone, since transcripts hold its code; the next run looks for
the right form in every source. Words are corrected wherever they stand in the person's sources:
in every output, also where people have edited it, and in the sealed raw transcript.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from anonpipe import consent, formats, operations
from anonpipe.codes import LISTED, Entity, Unlinker, code_spans, find_codes
from anonpipe.codes.spelling import folded
from anonpipe.decisions import is_bleeped
from anonpipe.detect.propagate import propagate
from anonpipe.detect.spans import code_spans as bracketed
from anonpipe.errors import UsageError
from anonpipe.key import KeyTable
from anonpipe.operations import Operation
from anonpipe.outputs import Outputs
from anonpipe.review.corrections import moved_decision, moved_mention
from anonpipe.review.reviewed import BASELINE, REVIEW, Reviewed
from anonpipe.rewriting import Rewrite, planned, put, settled
from anonpipe.session import Session
from anonpipe.splicing import Change, Piece, shift, splice_turn
from anonpipe.study import SourceState, Stage, Study
from anonpipe.subject.finding import Subject
from anonpipe.transcript import (
    SPEAKER_TURN,
    Mention,
    Transcript,
    Turn,
    mentions_from_json,
    mentions_to_json,
)
from anonpipe.wording.marks import MARK

KIND = "rectify"
LONGEST = 500  # characters of what is corrected at once
_RAW = frozenset({Stage.TRANSCRIBED, Stage.CODED, Stage.WRITTEN})


class Correction:
    """The change that writes other words for some, outside of codes and inside no word.

    Between the words may stand marks of pauses, given or not; they go with the words.
    """

    def __init__(self, old: str, new: str, template: str) -> None:
        bare = re.sub(rf"(?<!\S){MARK}(?!\S)", " ", old).split() or old.split()
        words = rf"\s+(?:{MARK}\s+)*".join(map(re.escape, bare))
        before = r"(?<!\w)" if old[:1].isalnum() else ""
        after = r"(?!\w)" if old[-1:].isalnum() else ""
        self._pattern = re.compile(f"{before}{words}{after}")
        self._new, self._template = new, template

    def pieces(self, text: str) -> list[Piece]:
        """The places where the words stand."""
        codes = [*bracketed(text), *((a, b) for a, b, _ in code_spans(text, self._template))]
        return [
            Piece(match.start(), match.end(), self._new)
            for match in self._pattern.finditer(text)
            if not any(a < match.end() and match.start() < b for a, b in codes)
        ]

    def label(self, speaker: str) -> str:
        """Labels stay: they are codes and roles."""
        return speaker


@dataclass(frozen=True, slots=True)
class Line:
    """A line of an output that changes: its source, its number in the file, and its text."""

    source: str
    line: int
    text: str


@dataclass(frozen=True, slots=True)
class Detail:
    """The plan to correct words: what changes by source, and how it reads before."""

    subject: Subject
    old: str
    new: str
    rewrites: Mapping[str, Rewrite]
    lines: tuple[Line, ...]
    damaged: int

    @property
    def places(self) -> int:
        """How many places change in the transcripts."""
        return sum(rewrite.places for rewrite in self.rewrites.values())

    def to_json(self) -> dict[str, Any]:
        """Codes, ids and counts."""
        return {
            "code": self.subject.code,
            "sources": {
                name: {"places": r.places, "raw": r.raw, "files": len(r.outputs)}
                for name, r in self.rewrites.items()
            },
            "damaged": self.damaged,
        }


def checked(text: str, session: Session, what: str) -> str:
    """Words as somebody gave them, blanks made one. Raises UsageError for none that will do."""
    template = session.study.settings.template
    codes = {row.participant for row in consent.load(session.study.consent_file).rows}
    codes |= {e.participant for e in session.key.table.entities if e.participant is not None}
    words = " ".join(text.split())
    if not words or len(words) > LONGEST or not words.isprintable():
        raise UsageError(f"The {what} must be one line of 1 to {LONGEST} characters.")
    if (
        bracketed(words)
        or find_codes(words, template)
        or Unlinker((), codes, "nb", template).pieces(words)
    ):
        raise UsageError(
            f"The {what} holds a code, and codes are not changed by hand: give the words around it."
        )
    return words


# -- names


def rectify_name(
    session: Session, subject: Subject, old: str, new: str, *, drop_old: bool
) -> Entity:
    """Correct a name in the key; the entity as it is now.

    `old` is the wrong form, "" to add a right one as the fullest. It stays among the other
    forms, so that it is still found where it was said, unless `drop_old`. Raises UsageError
    for a form that the entity does not have.
    """
    new = checked(new, session, "right name")
    before = subject.entity
    if before is None:
        assert subject.participant is not None
        before = Entity(subject.participant, "PERSON", None, subject.participant, "")
        before = replace(before, merged_by=(LISTED,))
    forms = {form.casefold(): form for form in (*before.aliases, before.canonical) if form}
    wrong = folded(old)
    if wrong and wrong not in forms:
        raise UsageError(
            f"The key knows no such form of the name of {subject.code}: give it as `anonpipe key "
            "reveal` shows it, or leave the line empty to add a right one."
        )
    after = _renamed(before, wrong, new, drop_old=drop_old)
    values = {"what": "name", "entity": after.to_json()}
    operations.begin(session, Operation(KIND, subject.code, values))
    return after


def _renamed(entity: Entity, wrong: str, new: str, *, drop_old: bool) -> Entity:
    fullest = not wrong or entity.canonical.casefold() == wrong
    canonical = new if fullest or not entity.canonical else entity.canonical
    aliases = [new, *(a for a in entity.aliases if a.casefold() != new.casefold())]
    notes = entity.merged_by
    if drop_old and wrong and wrong != new.casefold():
        aliases = [alias for alias in aliases if alias.casefold() != wrong]
        notes = tuple(n for n in notes if n.split(":", 3)[-1].casefold() != wrong or n == LISTED)
    elif entity.canonical and entity.canonical not in aliases:
        aliases.append(entity.canonical)
    return replace(entity, canonical=canonical, aliases=tuple(aliases), merged_by=notes)


# -- words


def plan_detail(
    session: Session, subject: Subject, old: str, new: str, only: Collection[str] = ()
) -> Detail:
    """Work out what correcting words changes in the sources of somebody.

    These are a participant's own, or those in which somebody else is mentioned; `only` confines
    it to some of them. Touches nothing. Raises UsageError for a source that is not among them,
    and when the new words would bring a name of the key into a transcript.
    """
    study, table = session.study, session.key.table
    template = study.settings.template
    old = checked(old, session, "wrong text")
    new = checked(new, session, "right text")
    state = study.read_state()
    sources = [name for name in (subject.own or subject.mentioned) if name in state]
    for name in only:
        if name not in sources:
            raise UsageError(
                f"{name} is no source of {subject.code}; there are {', '.join(sources) or 'none'}."
            )
    change = Correction(old, new, template)
    work = Outputs(study, session.key)
    rewrites: dict[str, Rewrite] = {}
    lines: list[Line] = []
    damaged = 0
    for name in only or sources:
        rewrite, bad = _rewrite(session, work, name, state[name], change)
        damaged += bad
        if rewrite.needed:
            rewrites[name] = rewrite
            lines += _lines(study, name, rewrite, change)
    _refuse_names(session, state, rewrites, table, new)
    return Detail(subject, old, new, rewrites, tuple(lines), damaged)


def rectify_detail(session: Session, detail: Detail) -> None:
    """Carry the correction of words out, whole or not at all.

    Raises UsageError when there is nothing to correct.
    """
    if not detail.rewrites:
        raise UsageError(
            f"These words stand nowhere in the sources of {detail.subject.code}: give them as the "
            "transcript has them."
        )
    values = {
        "what": "detail",
        "old": detail.old,
        "new": detail.new,
        "rewrites": {name: rewrite.to_json() for name, rewrite in detail.rewrites.items()},
    }
    operations.begin(session, Operation(KIND, detail.subject.code, values))


def _rewrite(
    session: Session, work: Outputs, name: str, state: SourceState, change: Correction
) -> tuple[Rewrite, int]:
    raw = _raw(session, name, state, change)
    both = None
    if raw is not None and state.stage is Stage.WRITTEN:
        both = (raw[0], raw[1], session.key.table)
    outputs, damaged = work.rewritten(name, state, change, both)
    old = {path: (session.study.folder / path).read_bytes() for path in outputs}
    contents, places = planned(old, outputs, change)
    sealed = raw[1] if raw is not None and raw[2] else None
    return Rewrite(contents, sealed, places=places, raw=raw[2] if raw else 0), damaged


def _raw(
    session: Session, name: str, state: SourceState, change: Correction
) -> tuple[dict[str, Any], dict[str, Any], int] | None:
    """The working file before and after, and how many places of it change.

    Words inside a mention stay: they are a name, and stand in no output.
    """
    file = session.study.working_file(name)
    if state.stage not in _RAW or not file.is_file():
        return None
    before = session.key.unseal(file)
    transcript = Transcript.from_json(before["transcript"])
    mentions = mentions_from_json(before.get("mentions", ()))
    new, moved, pieces = _corrected(transcript, mentions, change)
    # What was found by another machine are places of the text as it was.
    after = {key: value for key, value in before.items() if not key.startswith("found")}
    after["transcript"] = new.to_json()
    if "mentions" in before:
        after["mentions"] = mentions_to_json(moved)
    for key in ("machine", BASELINE):
        if key in before:
            found = (moved_mention(m, new, pieces) for m in mentions_from_json(before[key]))
            after[key] = mentions_to_json(found)
    if REVIEW in before:
        reviewed = Reviewed.from_json(before[REVIEW])
        decisions = tuple(moved_decision(d, pieces) for d in reviewed.decisions)
        after[REVIEW] = replace(reviewed, decisions=decisions).to_json()
    if before.get("text") == transcript.digest:
        after["text"] = new.digest
    return before, after, sum(map(len, pieces.values()))


def _corrected(
    transcript: Transcript, mentions: Sequence[Mention], change: Correction
) -> tuple[Transcript, tuple[Mention, ...], dict[int, list[Piece]]]:
    turns, moved, put = [], list(mentions), {}
    for number, turn in enumerate(transcript.turns):
        taken = [(m.start, m.end) for m in mentions if m.turn == number != SPEAKER_TURN]
        pieces = [
            piece
            for piece in change.pieces(turn.text)
            if all(piece.end <= a or b <= piece.start for a, b in taken)
        ]
        moved = [shift(m, pieces) if m.turn == number else m for m in moved]
        turns.append(splice_turn(_made_sure(turn, pieces), pieces))
        if pieces:
            put[number] = pieces
    return replace(transcript, turns=tuple(turns)), tuple(moved), put


def _made_sure(turn: Turn, pieces: Sequence[Piece]) -> Turn:
    """A turn in which the words that are corrected are not doubted any more."""
    words = (
        replace(word, probability=1.0)
        if any(p.start < word.offset + len(word.text) and word.offset < p.end for p in pieces)
        else word
        for word in turn.words
    )
    return replace(turn, words=tuple(words))


def _lines(study: Study, name: str, rewrite: Rewrite, change: Correction) -> list[Line]:
    """The lines of the output that has the most that changes, as they are now."""
    found: list[Line] = []
    for path in rewrite.outputs:
        shown = formats.lines((study.folder / path).read_bytes(), formats.form_of(path))
        here = [Line(name, n, text) for n, text in enumerate(shown, 1) if change.pieces(text)]
        found = here if len(here) > len(found) else found
    return found


def _refuse_names(
    session: Session,
    state: Mapping[str, SourceState],
    rewrites: Mapping[str, Rewrite],
    table: KeyTable,
    new: str,
) -> None:
    """UsageError when new words are a name of the key, alone or where they will stand."""
    known = table.known_names(session.study.settings.policies)

    def names(text: str, language: str) -> int:
        return len(propagate(text, language, (), known))

    languages = {state[name].language or "nb" for name in rewrites} or {"nb"}
    told = any(names(new, language) for language in languages)
    for name, rewrite in rewrites.items():
        for path, (_, data) in rewrite.outputs.items():
            form = formats.form_of(path)
            if told or is_bleeped(path) or not form:
                continue
            language = state[name].language or "nb"
            before = (session.study.folder / path).read_bytes()
            shown = ["\n".join(formats.lines(content, form)) for content in (before, data)]
            told = names(shown[1], language) > names(shown[0], language)
    if told:
        raise UsageError(
            "The right text holds a name that is in the key, which would put it into the "
            "transcript: write it without the name."
        )


# -- carrying out


def carry_out(session: Session, operation: Operation) -> None:
    """The handler of the operation. Idempotent."""
    values = operation.values
    if values["what"] == "name":
        counts = _put_name(session, Entity.from_json(values["entity"]))
    else:
        counts = _put_detail(session, values)
    since = operations.since_begun(session.log, operation)
    if not any(e.action == "rectified" and e.subject == operation.subject for e in since):
        session.log.append("rectified", subject=operation.subject, **counts)


def _put_name(session: Session, entity: Entity) -> dict[str, Any]:
    table = session.key.table
    if any(each.id == entity.id for each in table.entities):
        rows = tuple(entity if each.id == entity.id else each for each in table.entities)
    else:
        rows = (*table.entities, entity)
    session.key.save(replace(table, entities=rows))
    return {"names": 1, "sources": 0, "files": 0, "places": 0}


def _put_detail(session: Session, values: Mapping[str, Any]) -> dict[str, Any]:
    rewrites = {name: Rewrite.from_json(data) for name, data in values["rewrites"].items()}
    template = session.study.settings.template

    def change_of(language: str) -> Change:
        del language
        return Correction(values["old"], values["new"], template)

    put(session, rewrites, change_of)
    state = session.study.read_state()
    after = {name: settled(item, rewrites.get(name, Rewrite())) for name, item in state.items()}
    if after != state:
        session.study.write_state(after)
    return {
        "names": 0,
        "sources": len(rewrites),
        "files": sum(len(rewrite.outputs) for rewrite in rewrites.values()),
        "places": sum(rewrite.places for rewrite in rewrites.values()),
    }
