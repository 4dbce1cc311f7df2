"""Names of the key in texts that were coded already: where they stand, and their codes.

What counts as a name that can be read is said in `detect.propagate`: names of several words
and values wherever they stand, single words unless they are common words in a place where
a word is meant. Nothing here has effects.
"""

from __future__ import annotations

import bisect
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from anonpipe import formats
from anonpipe.codes import (
    Entity,
    Place,
    Policies,
    by_id,
    code_spans,
    form,
    link,
    resolved,
    without_generalisations,
)
from anonpipe.codes import replace as replace_mentions
from anonpipe.decisions import is_bleeped
from anonpipe.detect.propagate import propagate
from anonpipe.detect.spans import Span, resolve
from anonpipe.key import KeyTable
from anonpipe.splicing import Piece, splice_turn
from anonpipe.study import SourceState
from anonpipe.transcript import SPEAKER_TURN, Flag, KnownName, Mention, MentionType, Transcript
from anonpipe.wording.marks import taken_out, without_marks

_OF_INPUT = frozenset({"code-in-input", "other-script"})
"""Flags about the input, which stand since it was coded."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A name of the key that can be read in an output; tells no text.

    `line` counts the lines of text in the file from 1 (in docx its paragraphs, in JSON its
    turns); it is 0 for the file's own name. `turn` is known for JSON only.
    """

    output: str
    line: int
    type: MentionType
    code: str
    turn: int | None = None

    @property
    def place(self) -> str:
        """What an approval accepts: this name in this line."""
        return f"{self.code}:{self.line}"


@dataclass(frozen=True, slots=True)
class Swept:
    """A coded transcript with the names of the key that it still held replaced."""

    transcript: Transcript
    entities: tuple[Entity, ...]
    flags: tuple[Flag, ...]
    count: int


def missed(
    transcript: Transcript, mentions: Sequence[Mention], known: Sequence[KnownName]
) -> list[Place]:
    """Where a raw transcript holds names of `known` that its mentions do not cover."""
    starts = transcript.starts
    covered = [False] * (starts[-1] + 1)
    for mention in mentions:
        if mention.turn != SPEAKER_TURN:
            at = starts[mention.turn]
            covered[at + mention.start : at + mention.end] = [True] * (mention.end - mention.start)
    text = transcript.text
    return [
        _place(starts, each.span)
        for each in propagate(text, transcript.language, (), known)
        if any(text[i].isalnum() and not covered[i] for i in range(each.span.start, each.span.end))
    ]


def sweep(
    coded: Transcript,
    table: KeyTable,
    state: SourceState,
    name: str,
    *,
    template: str,
    policies: Policies,
) -> Swept | None:
    """Replace what can be read of the key's names in a coded transcript; None if nothing can.

    Sweeping the same transcript again with the entities that came out gives the same.
    """
    known = table.known_names(policies)
    mentions = _mentions(coded, known)
    # A name said with a pause in it is one name.
    turns = [
        taken_out(turn, [(m.start, m.end) for m in mentions if m.turn == number])
        for number, turn in enumerate(coded.turns)
    ]
    if tuple(turns) != coded.turns:
        coded = replace(coded, turns=tuple(turns))
        mentions = _mentions(coded, known)
    linked = link(
        mentions,
        table.entities,
        source=name,
        transcript=coded,
        participants=state.participants,
        template=template,
        policies=policies,
    )
    rows = by_id(linked.entities)
    found = [replace(m, entity=resolved(m.entity, rows)) for m in linked.mentions]
    swept = replace_mentions(coded, found, linked.entities, template=template)
    swept, merged = _of_merged(swept, rows, template)
    if not found and not merged:
        return None
    codes = Counter(code for turn in swept.turns for _, _, code in code_spans(turn.text, template))
    touched = {mention.entity for mention in found}
    before = {entity.id: entity.seen for entity in table.entities}
    entities = []
    for entity in linked.entities:
        seen = dict(before.get(entity.id, {}))
        if entity.id in touched:
            # Counted in the text, not added up: a sweep may be repeated after a crash.
            seen[name] = max(seen.get(name, 1), codes[entity.id])
        entities.append(replace(entity, seen=seen))
    flags = tuple(flag for flag in linked.flags if flag.kind not in _OF_INPUT)
    return Swept(swept, tuple(entities), flags, len(found) + merged)


def _of_merged(
    coded: Transcript, rows: Mapping[str, Entity], template: str
) -> tuple[Transcript, int]:
    """The codes of entities that turned out to be others give way to theirs; and how many did."""
    count = 0
    turns = []
    for turn in coded.turns:
        pieces = [
            Piece(start, end, form(rows[now], coded.language, template))
            for start, end, code in code_spans(turn.text, template)
            if (now := resolved(code, rows)) is not None and now != code
        ]
        count += len(pieces)
        turns.append(splice_turn(turn, pieces))
    return (replace(coded, turns=tuple(turns)) if count else coded), count


def _mentions(coded: Transcript, known: Sequence[KnownName]) -> list[Mention]:
    text, places = without_marks(without_generalisations(coded.text))
    starts = coded.starts
    found = propagate(text, coded.language, (), known)
    mentions = []
    for span in resolve(each.span for each in found):
        shown = replace(span, start=places[span.start], end=places[span.end - 1] + 1)
        turn, start, end = _place(starts, shown)
        words = coded.turns[turn].text[start:end]
        mentions.append(
            Mention(
                turn, start, end, span.type, words, span.score, span.recognizer, None, span.misheard
            )
        )
    return mentions


def _place(starts: Sequence[int], span: Span) -> Place:
    turn = bisect.bisect_right(starts, span.start) - 1
    return turn, span.start - starts[turn], span.end - starts[turn]


def hits(
    files: Mapping[str, Path],
    table: KeyTable,
    language: str,
    policies: Policies,
    *,
    changed: Iterable[str] = (),
) -> tuple[Hit, ...]:
    """Where names of the key can be read in a source's outputs, given by their path in the study.

    In those `changed` by a person misheard forms are hits too, since nobody else mends them.
    Files that are not there are skipped. Raises RecordingError for a damaged one.
    """
    bearers = table.bearers(policies)
    edited = set(changed)
    found: list[Hit] = []
    for output, path in files.items():
        if not path.is_file():
            continue
        form = formats.form_of(path)
        shown = () if is_bleeped(output) else formats.lines(path.read_bytes(), form)
        lines = "\n".join((PurePosixPath(output).stem, *shown))
        text, _ = without_marks(without_generalisations(lines))
        breaks = [i for i, character in enumerate(text) if character == "\n"]
        seen = propagate(text, language, (), bearers, misheard=output in edited)
        for each in sorted(seen, key=lambda each: each.span.start):
            assert each.name is not None
            line = bisect.bisect_left(breaks, each.span.start)
            turn = line - 1 if form == "json" and line else None
            found.append(Hit(output, line, each.span.type, bearers[each.name], turn))
    return tuple(dict.fromkeys(found))
