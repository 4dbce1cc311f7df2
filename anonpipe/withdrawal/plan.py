"""What a withdrawal will do, worked out before anything is touched."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath
from typing import Any

from anonpipe import consent
from anonpipe.backup import is_destroyed
from anonpipe.codes import by_id, resolved
from anonpipe.consent import Register
from anonpipe.delta import Delta, file_of
from anonpipe.errors import RecordingError, UsageError
from anonpipe.forget import forget
from anonpipe.key import KeyBackup, KeyTable
from anonpipe.log_kinds import EXPORTS
from anonpipe.outputs import Outputs
from anonpipe.rewriting import Rewrite
from anonpipe.session import Session
from anonpipe.study import Kind, SourceState, Stage
from anonpipe.withdrawal import belonging, others
from anonpipe.withdrawal.belonging import File, Original


@dataclass(frozen=True, slots=True)
class GoneSource:
    """A source of the participant; `with_others` are those who took part beside them.

    `files` counts its originals that are there, `new` says that it was never processed.
    """

    id: str
    kind: Kind
    with_others: tuple[str, ...]
    files: int
    new: bool


@dataclass(frozen=True, slots=True)
class Left:
    """Something that the program does not reach: a code of `words.REACH`, how many, and which."""

    code: str
    count: int = 0
    ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that a withdrawal does.

    `entities` are ids of the key that stand for the participant, `entries` all ids that lose
    their names; `open_questions` persons of the key who are in the participant's sources and
    in others', while the key does not say who the participant is. `rewrites` are what changes
    of other sources, by id ("" for files that are no outputs of any). `cells` are other rows' new
    patterns, `patterns` those of study.toml that go. `table` is the key's next one.
    """

    participant: str
    on: date
    versions: tuple[str, ...]
    sources: tuple[GoneSource, ...]
    originals: tuple[Original, ...]
    made: tuple[str, ...]
    entities: tuple[str, ...]
    entries: tuple[str, ...]
    open_questions: tuple[str, ...]
    rewrites: Mapping[str, Rewrite]
    cells: Mapping[str, str]
    patterns: tuple[str, ...]
    left: tuple[Left, ...]
    table: KeyTable
    already: bool

    @property
    def empty(self) -> bool:
        """Whether everything was done before."""
        return self.already and not (
            self.originals
            or self.made
            or self.entries
            or self.rewrites
            or self.cells
            or self.patterns
            or any(not source.new for source in self.sources)
        )

    @property
    def places(self) -> int:
        """How many places of other sources will link no more."""
        return sum(rewrite.places for rewrite in self.rewrites.values())

    def to_json(self) -> dict[str, Any]:
        """The plan in codes, ids and counts."""
        return {
            "participant": self.participant,
            "withdrawn_on": self.on.isoformat(),
            "sources": [asdict(source) for source in self.sources],
            "originals": len(self.originals),
            "files": len(self.made),
            "entities": list(self.entities),
            "entries": list(self.entries),
            "open_questions": list(self.open_questions),
            "others": {
                name or "copies": {"places": r.places, "raw": r.raw, "files": len(r.outputs)}
                for name, r in self.rewrites.items()
            },
            "left": [asdict(left) for left in self.left],
            "complete": self.empty,
        }

    def values(self) -> dict[str, Any]:
        """Plain JSON values of what carrying it out needs; they hold names."""
        return {
            "participant": self.participant,
            "on": self.on.isoformat(),
            "versions": list(self.versions),
            "sources": [asdict(source) for source in self.sources],
            "originals": [asdict(original) for original in self.originals],
            "made": list(self.made),
            "entities": list(self.entities),
            "entries": list(self.entries),
            "kinds": {source.id: source.kind for source in self.sources},
            "rewrites": {name: rewrite.to_json() for name, rewrite in self.rewrites.items()},
            "cells": dict(self.cells),
            "patterns": list(self.patterns),
            "left": [asdict(left) for left in self.left],
        }


def plan(
    session: Session,
    participant: str,
    *,
    on: date | None,
    today: date,
    also: Sequence[str] = (),
) -> Plan:
    """Work out a withdrawal, which takes effect `on` the given day, else on the day that the
    register gives, else today.

    `also` are ids of the key that stand for the participant, too; ("none",) says that there are
    none. Raises UsageError for a participant without a row, an unknown id, a day that lies
    ahead, a file that cannot be deleted as it is, or a delta of others that has to be merged first.
    """
    study, key = session.study, session.key
    register = consent.load(study.consent_file)
    row = belonging.row_of(register, participant)
    day = on or row.withdrawn_on or today
    if day > today:
        raise UsageError(f"{day} lies ahead: withdraw on the day itself, or correct the date.")
    state = study.read_state()
    table = key.table.with_people(study.settings.people)
    mine = {e.id for e in table.entities if e.participant == participant}
    mine |= _known(table, also, participant)
    named = by_id(table.entities)
    mine |= {e.id for e in table.entities if resolved(e.id, named) in mine}
    ids = belonging.sources_of(participant, row, table, state)
    files, rest = belonging.files_of(study, key, table, state, row, ids)
    # A file that the register gives to the participant takes its source along.
    ids |= {file.id for file in files if file.id is not None}
    originals: list[Original] = []
    for file in files:
        source, name = file.source, file.id
        if name is None:
            name = table.next_source_id(source.kind)
            table = table.with_source(name, source, file.digest)
            ids.add(name)
        item = state.get(name, SourceState())
        told = table.sources[name].participants
        rows = [
            other
            for other in register.rows
            if (other.participant in told if told else other.covers(source.relative))
        ]
        codes = {participant, *item.participants, *(other.participant for other in rows)}
        versions = item.versions or sorted({other.consent_version for other in rows} - {""})
        originals.append(
            Original(
                id=name,
                kind=source.kind,
                path=str(source.relative),
                digest=file.digest,
                participants=tuple(sorted(codes)),
                versions=tuple(versions),
                approved=item.approved,
                encrypted=source.sealed is not None,
            )
        )
    after = forget(table, ids, entities=mine, rows=ids)
    made = belonging.made_of(study, participant, ids, state)
    digests = {file.digest for file in files} | {table.sources[n].digest for n in ids}
    sealed, others_sealed = belonging.deltas_of(session, row, digests)
    made |= {file_of(study, d.name).relative_to(study.folder).as_posix() for d in sealed}
    _require_merged(others_sealed, table, mine)
    rewrites, unread = others.rewrites(session, participant, mine, ids, table, after, made)
    paths = {original.path for original in originals} | {table.sources[n].path for n in ids}
    stay = [item.path for name, item in table.sources.items() if name not in ids and item.path]
    stay += [str(each.source.relative) for each in rest]
    return Plan(
        participant=participant,
        on=day,
        versions=(row.consent_version,) if row.consent_version else (),
        sources=tuple(_gone(n, table, state, originals, participant) for n in sorted(ids)),
        originals=tuple(originals),
        made=tuple(sorted(made)),
        entities=tuple(sorted(mine)),
        entries=_entries(table, after),
        open_questions=() if mine or also else _open(table, ids),
        rewrites=rewrites,
        cells=_cells(register, participant, paths, stay),
        patterns=_stale([p for p, _ in study.settings.overrides], participant, paths, stay),
        left=_left(session, mine, state, ids, rest, unread),
        table=after,
        already=row.withdrawn_on is not None
        and _was_carried_out(session, participant)
        and not row.patterns
        and on in (None, row.withdrawn_on),
    )


def _require_merged(deltas: Sequence[Delta], table: KeyTable, mine: Collection[str]) -> None:
    """UsageError for deltas of others that name the participant.

    A raw transcript loses the names of somebody who withdraws, but a delta is what its machine
    has sealed, and is refused when it is changed.
    """
    naming = [delta.name for delta in deltas if others.named_in(delta.transcript, table, mine)]
    if naming:
        files = ", ".join(f"sealed/delta-{name}.age" for name in naming)
        raise UsageError(
            f"Sealed without the key, and not merged yet, is what names them as well: {files}. Run "
            "`anonpipe key merge` first, then withdraw."
        )


def _was_carried_out(session: Session, participant: str) -> bool:
    done = [e for e in session.log.vouched_entries() if e.action == "withdrawn"]
    return any(entry.subject == participant for entry in done)


def _known(table: KeyTable, also: Sequence[str], participant: str) -> set[str]:
    ids = {entity.id: entity for entity in table.people_and_things()}
    wanted = {name for name in also if name != "none"}
    for name in wanted:
        if name not in ids:
            raise UsageError(f"{name} stands for nobody in this study's key: check the code.")
        if ids[name].participant not in (None, participant):
            raise UsageError(
                f"{name} is another participant: withdraw them by themselves if they asked for it."
            )
    return wanted


def _gone(
    name: str,
    table: KeyTable,
    state: Mapping[str, SourceState],
    originals: Sequence[Original],
    participant: str,
) -> GoneSource:
    mine = [original for original in originals if original.id == name]
    codes = {
        *state.get(name, SourceState()).participants,
        *(c for o in mine for c in o.participants),
    }
    stage = state[name].stage if name in state else Stage.NEW
    return GoneSource(
        name,
        table.sources[name].kind,
        tuple(sorted(codes - {participant})),
        len(mine),
        stage is Stage.NEW,
    )


def _entries(before: KeyTable, after: KeyTable) -> tuple[str, ...]:
    left = {entity.id for entity in after.people_and_things()}
    return tuple(e.id for e in before.people_and_things() if e.id not in left)


def _open(table: KeyTable, ids: Collection[str]) -> tuple[str, ...]:
    """Persons who may be the participant: met in their sources and elsewhere."""
    return tuple(
        entity.id
        for entity in table.people_and_things()
        if entity.type == "PERSON"
        and entity.participant is None
        and set(entity.seen) & set(ids)
        and set(entity.seen) - set(ids)
    )


def _cells(
    register: Register, participant: str, gone: Collection[str], remaining: Sequence[str]
) -> dict[str, str]:
    """New `recording` cells of other rows, without patterns that only say what has gone."""
    cells = {}
    for row in register.rows:
        if row.participant == participant:
            continue
        stale = _stale(row.patterns, row.participant, gone, remaining)
        if stale:
            cells[row.participant] = " | ".join(p for p in row.patterns if p not in stale)
    return cells


def _stale(
    patterns: Sequence[str], participant: str, gone: Collection[str], remaining: Sequence[str]
) -> tuple[str, ...]:
    """Patterns that match files that go and none that stays: they may spell a name.

    Those that begin with a participant's code do not.
    """
    return tuple(
        pattern
        for pattern in patterns
        if not pattern.casefold().startswith(participant.casefold())
        and any(_matches(pattern, path) for path in gone)
        and not any(_matches(pattern, path) for path in remaining)
    )


def _matches(pattern: str, path: str) -> bool:
    pattern, whole = pattern.casefold(), path.casefold()
    name = PurePosixPath(whole).name
    return fnmatchcase(name, pattern) or fnmatchcase(whole, pattern)


def _left(
    session: Session,
    mine: Collection[str],
    state: Mapping[str, SourceState],
    ids: Collection[str],
    rest: Sequence[File],
    unread: int,
) -> tuple[Left, ...]:
    away = [c.id for c in session.key.table.backups if not _in_reach(session, c)]
    shown = sorted(n for n, s in state.items() if n not in ids and _shows(session, s, mine))
    acts = [e.details["act"] for e in session.log.entries() if e.action == "key-opened"]
    exports = sum(act in EXPORTS for act in acts)
    originals = sorted({file.id for file in rest if file.id is not None})
    found = [
        Left("key-backups", len(away), tuple(away)),
        Left("exports", exports),
        Left("others-originals", len(rest), tuple(originals)),
        Left("unread", unread),
        Left("names-left", len(shown), tuple(shown)),
    ]
    standing = ("snapshots", "backups", "cloud", "recorder", "sent")
    return (*(left for left in found if left.count), *(Left(code) for code in standing))


def _shows(session: Session, state: SourceState, mine: Collection[str]) -> bool:
    """Whether a name of the participant can be read in a source's outputs."""
    try:
        hits = Outputs(session.study, session.key).hits(state)
    except RecordingError:
        return False  # damaged, which is told of as well
    return any(
        hit.code in mine and hit.place not in state.accepted.get(hit.output, ()) for hit in hits
    )


def _in_reach(session: Session, copy: KeyBackup) -> bool:
    """Whether a copy of the key can be replaced, or is known to exist no more."""
    return Path(copy.path).is_file() or is_destroyed(session.log, copy.id)
