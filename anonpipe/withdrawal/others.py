"""What is left of somebody in other people's interviews, and what shall stand there instead."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

from anonpipe import formats, pipeline, sweep
from anonpipe.codes import Entity, Place, Unlinker, redact
from anonpipe.decisions import is_bleeped
from anonpipe.detect.propagate import propagate
from anonpipe.errors import RecordingError
from anonpipe.key import KeyTable
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


def unlinker(
    participant: str, entities: Collection[str], study: Study, language: str
) -> Unlinker:
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
) -> tuple[dict[str, Rewrite], int]:
    """What changes of sources that are not `gone`, and how many files cannot be read.

    `table` is the key's, `after` what it will be.
    """
    study = session.study
    work = pipeline.Pipeline(
        study,
        session.key,
        session.log,
        pipeline.Tools(study),
        today=date.min,
        save_state=_never,
    )
    found: dict[str, Rewrite] = {}
    unread = 0
    for name, state in study.read_state().items():
        if name in gone:
            continue
        change = unlinker(participant, entities, study, state.language or "nb")
        raw = _raw(session, name, state, entities, table, after, change)
        both = None
        if raw is not None and state.stage is Stage.WRITTEN:
            both = (raw[0], raw[1], after)
        outputs, damaged = work.rewritten(name, state, change, both)
        unread += damaged
        old = {path: (study.folder / path).read_bytes() for path in outputs}
        contents, places = planned(old, outputs, change)
        rewrite = Rewrite(
            contents,
            sealed=raw[1] if raw is not None and raw[2] else None,
            stage=Stage.TRANSCRIBED if raw and raw[2] and state.stage is Stage.CODED else None,
            places=places,
            raw=raw[2] if raw is not None else 0,
        )
        if rewrite.needed:
            found[name] = rewrite
    copies, damaged = _copies(study, participant, entities)
    if copies.needed:
        found[""] = copies
    return found, unread + damaged


def _never(name: str, state: SourceState) -> None:
    raise AssertionError("planning changes no state")


def _raw(
    session: Session,
    name: str,
    state: SourceState,
    entities: Collection[str],
    table: KeyTable,
    after: KeyTable,
    change: Unlinker,
) -> tuple[Mapping[str, Any], dict[str, Any], int] | None:
    """The working file of a source, before and after, and how many places change in it."""
    file = session.study.sealed / f"{name}.age"
    if state.stage not in _SEALED or not file.is_file():
        return None
    before = session.key.unseal(file)
    transcript = Transcript.from_json(before["transcript"])
    coded = "mentions" in before and state.stage is not Stage.TRANSCRIBED
    mentions = mentions_from_json(before["mentions"]) if coded else ()
    rows = [Entity.from_json(item) for item in before["entities"]] if coded else table.entities
    names = _names(table, entities)
    places = _places(transcript, mentions, names)
    speakers = [t.speaker for t in transcript.turns if _speaks_of(t.speaker, transcript, names)]
    new, left = redact(transcript, mentions, rows, set(entities), places, change, speakers)
    count = sum(one != other for one, other in zip(transcript.turns, new.turns, strict=True))
    values: dict[str, Any] = {"transcript": new.to_json()}
    if state.stage is Stage.WRITTEN:
        values |= {
            "mentions": mentions_to_json(left),
            "entities": [entity.to_json() for entity in after.entities],
            "flags": before["flags"],
            "before": after.digest(),
        }
    # The table that was sealed beside the mentions holds the names as well.
    stale = coded and any(_names_any(row, table, after) for row in rows)
    return before, values, count or int(stale)


def _names_any(row: Entity, table: KeyTable, after: KeyTable) -> bool:
    del table
    known = {entity.id: entity for entity in after.people_and_things()}
    forms = {row.canonical, *row.aliases} - {""}
    return bool(forms) and row.id not in known


def _names(table: KeyTable, entities: Collection[str]) -> tuple[KnownName, ...]:
    return tuple(
        KnownName(form, entity.type, listed=True, fullest=form == entity.canonical)
        for entity in table.entities
        if entity.id in entities
        for form in dict.fromkeys((entity.canonical, *entity.aliases))
        if form
    )


def _places(
    transcript: Transcript, mentions: Collection[Mention], names: Collection[KnownName]
) -> list[tuple[Place, MentionType]]:
    return [(place, "PERSON") for place in sweep.missed(transcript, list(mentions), list(names))]


def _speaks_of(speaker: str, transcript: Transcript, names: Collection[KnownName]) -> bool:
    return bool(speaker) and bool(propagate(speaker, transcript.language, (), names))


def _copies(
    study: Study, participant: str, entities: Collection[str]
) -> tuple[Rewrite, int]:
    """Files beside the outputs that somebody made, and how many of them cannot be read."""
    change = unlinker(participant, entities, study, study.settings.source.language or "nb")
    old: dict[str, bytes] = {}
    new: dict[str, bytes] = {}
    unread = 0
    for path in beside(study, study.read_state()):
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
        return formats.edit(data, suffix.removeprefix("."), change)
    except RecordingError:
        return None
