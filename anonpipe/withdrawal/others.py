"""What is left of somebody in other people's interviews, and what shall stand there instead."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from anonpipe import formats, sweep
from anonpipe.codes import Entity, Place, Unlinker, redact
from anonpipe.decisions import is_bleeped
from anonpipe.detect.propagate import propagate
from anonpipe.errors import RecordingError
from anonpipe.key import KeyTable
from anonpipe.outputs import Outputs
from anonpipe.review.reviewed import BASELINE, REVIEW, Reviewed
from anonpipe.rewriting import Rewrite, planned
from anonpipe.session import Session
from anonpipe.study import SourceState, Stage, Study
from anonpipe.transcript import (
    KnownName,
    Mention,
    MentionType,
    Transcript,
    mentions_from_json,
    mentions_to_json,
)
from anonpipe.withdrawal.belonging import beside

_SEALED = frozenset({Stage.TRANSCRIBED, Stage.CODED, Stage.WRITTEN})


def unlinker(participant: str, entities: Collection[str], study: Study, language: str) -> Unlinker:
    """The change that takes somebody's codes out of texts; `entities` are ids of the key."""
    rows = [Entity.placeholder(name) for name in entities if "-" in name]
    return Unlinker(rows, (participant,), language, study.settings.template)


def rewrites(
    session: Session,
    participant: str,
    entities: Collection[str],
    gone: Collection[str],
    table: KeyTable,
    after: KeyTable,
    made: Collection[str],
) -> tuple[dict[str, Rewrite], int]:
    """What changes of sources that are not `gone`, and how many files cannot be read.

    `table` is the key's, `after` what it will be, `made` the paths of what goes in any case.
    """
    study = session.study
    work = Outputs(study, session.key)
    found: dict[str, Rewrite] = {}
    unread = 0
    for name, state in study.read_state().items():
        if name in gone:
            continue
        change = unlinker(participant, entities, study, state.language or "nb")
        raw = _raw(session, name, state, entities, table, after, change)
        written = raw is not None and state.stage is Stage.WRITTEN
        both = (raw.before, raw.after, after) if raw is not None and written else None
        outputs, damaged = work.rewritten(name, state, change, both)
        unread += damaged
        old = {path: (study.folder / path).read_bytes() for path in outputs}
        contents, places = planned(old, outputs, change)
        rewrite = Rewrite(
            contents,
            sealed=raw.after if raw is not None and raw.needed else None,
            stage=Stage.TRANSCRIBED if state.stage is Stage.CODED else None,
            places=places,
            raw=raw.places if raw is not None else 0,
        )
        if rewrite.needed:
            found[name] = rewrite
    copies, damaged = _copies(study, participant, entities, made)
    if copies.needed:
        found[""] = copies
    return found, unread + damaged


def named_in(transcript: Transcript, table: KeyTable, entities: Collection[str]) -> bool:
    """Whether a name of any of these entities can be read in a raw transcript."""
    known = _names(table, entities)
    speakers = {turn.speaker for turn in transcript.turns}
    return bool(_places(transcript, (), known)) or any(
        _named(speaker, transcript, known) for speaker in speakers
    )


@dataclass(frozen=True)
class _Raw:
    """What is sealed of a source, before and after; `places` counts turns that change."""

    before: Mapping[str, Any]
    after: dict[str, Any]
    places: int
    needed: bool


def _raw(
    session: Session,
    name: str,
    state: SourceState,
    entities: Collection[str],
    table: KeyTable,
    after: KeyTable,
    change: Unlinker,
) -> _Raw | None:
    file = session.study.working_file(name)
    if state.stage not in _SEALED or not file.is_file():
        return None
    before = session.key.unseal(file)
    transcript = Transcript.from_json(before["transcript"])
    coded = "mentions" in before and state.stage is not Stage.TRANSCRIBED
    mentions = mentions_from_json(before["mentions"]) if coded else ()
    rows = [Entity.from_json(item) for item in before["entities"]] if coded else table.entities
    names = _names(table, entities)
    new, left = redact(
        transcript,
        mentions,
        rows,
        set(entities),
        _places(transcript, mentions, names),
        change,
        [turn.speaker for turn in transcript.turns if _named(turn.speaker, transcript, names)],
    )
    changed = {
        number
        for number, (one, other) in enumerate(zip(transcript.turns, new.turns, strict=True))
        if one != other
    }
    values: dict[str, Any] = {"transcript": new.to_json()}
    if REVIEW in before:
        told = {name.text.casefold() for name in names}
        reviewed = Reviewed.from_json(before[REVIEW]).without_turns(changed, entities, told)
        values[REVIEW] = reviewed.to_json()
        values[BASELINE] = [
            m
            for m in before.get(BASELINE, ())
            if m["turn"] not in changed and m["entity"] not in entities
        ]
    if state.stage is Stage.WRITTEN:
        values |= {
            "mentions": mentions_to_json(left),
            "entities": [entity.to_json() for entity in after.entities],
            "flags": before["flags"],
            "before": after.digest(),
            "text": new.digest,
            "machine": mentions_to_json(_machine(before, left, changed)),
        }
        values |= {name: before[name] for name in ("writing",) if name in before}
    # How the speakers sound, which says nothing of who withdraws: no source of theirs is here.
    values |= {name: before[name] for name in ("voices",) if name in before}
    places = len(changed)
    # The table that is sealed beside the mentions holds the names as well.
    stale = coded and bool(_forms(rows) - _forms(after.entities))
    return _Raw(before, values, places, places > 0 or stale)


def _machine(
    before: Mapping[str, Any], left: Sequence[Mention], changed: Collection[int]
) -> list[Mention]:
    """What the machine found, and in turns that change what was left of what was decided there."""
    found = mentions_from_json(before.get("machine", before["mentions"]))
    kept = [mention for mention in found if mention.turn not in changed]
    return [*kept, *(mention for mention in left if mention.turn in changed)]


def _forms(entities: Iterable[Entity]) -> set[str]:
    return {form for entity in entities for form in (entity.canonical, *entity.aliases) if form}


def _names(table: KeyTable, entities: Collection[str]) -> tuple[KnownName, ...]:
    return tuple(
        KnownName(form, entity.type, listed=True, fullest=form == entity.canonical)
        for entity in table.entities
        if entity.id in entities
        for form in dict.fromkeys((entity.canonical, *entity.aliases))
        if form
    )


def _places(
    transcript: Transcript, mentions: Sequence[Mention], names: Sequence[KnownName]
) -> list[tuple[Place, MentionType]]:
    """Where names stand that no mention covers, and what they name."""
    return [
        (place, kind)
        for kind in sorted({name.type for name in names})
        for place in sweep.missed(transcript, mentions, [n for n in names if n.type == kind])
    ]


def _named(speaker: str, transcript: Transcript, names: Sequence[KnownName]) -> bool:
    return bool(speaker) and bool(propagate(speaker, transcript.language, (), names))


def _copies(
    study: Study, participant: str, entities: Collection[str], made: Collection[str]
) -> tuple[Rewrite, int]:
    """Files beside the outputs that somebody made, and how many of them cannot be read."""
    change = unlinker(participant, entities, study, study.settings.source.language or "nb")
    old: dict[str, bytes] = {}
    new: dict[str, bytes] = {}
    unread = 0
    for path in beside(study, study.read_state()):
        if path.relative_to(study.folder).as_posix() in made:
            continue
        data = path.read_bytes()
        edited = _edited(path, data, change)
        if edited is None:
            unread += 1
        elif edited != data:
            name = path.relative_to(study.folder).as_posix()
            old[name], new[name] = data, edited
    contents, places = planned(old, new, change)
    return Rewrite(contents, places=places), unread


def _edited(path: Path, data: bytes, change: Unlinker) -> bytes | None:
    suffix = path.suffix.lower()
    if suffix not in formats.EDITABLE or is_bleeped(path.name):
        return None
    try:
        return formats.edit(data, formats.form_of(path) or suffix.removeprefix("."), change)
    except RecordingError:
        return None
