"""What belongs to a participant: which sources and which files. Looks, and touches nothing."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from anonpipe import datakey, erase
from anonpipe.consent import Register, Row
from anonpipe.decisions import deletes
from anonpipe.delta import Delta
from anonpipe.errors import UsageError
from anonpipe.key import KeyTable
from anonpipe.keyfile import StudyKey
from anonpipe.merge import Deltas
from anonpipe.session import Session
from anonpipe.study import Kind, Source, SourceState, Stage, Study


@dataclass(frozen=True, slots=True)
class File:
    """A file as it lies there; `digest` is keyed, `id` None if the key does not know it."""

    source: Source
    digest: str
    id: str | None


@dataclass(frozen=True, slots=True)
class Original:
    """A file in recordings/ or documents/ that has to go; `path` is relative to that folder.

    `digest` is keyed. Several files may have one id: a copy that came back. Of an `encrypted` one
    path and digest are those that it had before, and it lies under its id.
    """

    id: str
    kind: Kind
    path: str
    digest: str
    participants: tuple[str, ...]
    versions: tuple[str, ...]
    approved: str | None
    encrypted: bool = False

    def place(self, study: Study) -> Path:
        """Where it lies."""
        if self.encrypted:
            return study.encrypted(self.kind, self.id)
        return study.source_folder(self.kind) / self.path

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Original:
        """Rebuild an original from the values of `dataclasses.asdict`."""
        lists = {name: tuple(data[name]) for name in ("participants", "versions")}
        return cls(**{**data, **lists})


def row_of(register: Register, participant: str) -> Row:
    """A participant's row; UsageError when there is none."""
    for row in register.rows:
        if row.participant == participant:
            return row
    raise UsageError(
        f"{participant} has no row in {register.path.name}: give a participant's code, such as "
        "P07, or add the row first, so that the withdrawal can be entered."
    )


def sources_of(
    participant: str, row: Row, table: KeyTable, state: Mapping[str, SourceState]
) -> set[str]:
    """Ids of the sources that a participant belongs to, alone or with others."""
    found = {name for name, item in state.items() if participant in item.participants}
    for name, item in table.sources.items():
        told = participant in item.participants
        if told or (item.path and not item.participants and row.covers(PurePosixPath(item.path))):
            found.add(name)
    return found


def files_of(
    study: Study,
    key: StudyKey,
    table: KeyTable,
    state: Mapping[str, SourceState],
    row: Row,
    ids: Collection[str],
) -> tuple[list[File], list[File]]:
    """The files of a study, those of a participant and the others.

    A file belongs by the register, as the source that the key knows, or because it holds the
    same as one of `ids`. Raises UsageError for one that cannot be deleted as it is.
    """
    # A recorder reuses REC001.WAV: what is final and gone is known by its content only.
    over = [
        name for name, item in state.items() if item.stage is Stage.FINAL and deletes(study, item)
    ]
    mine: list[File] = []
    rest: list[File] = []
    for source in datakey.sources(study, table):
        if source.sealed is not None:
            file = File(source, table.sources[source.sealed].digest, source.sealed)
            (mine if source.sealed in ids else rest).append(file)
            continue
        if source.path.is_symlink():
            if row.covers(source.relative):
                raise UsageError(
                    f"{source.path} is a link, and what it points to would stay: put the file "
                    "itself there, or delete both by hand, and withdraw again."
                )
            continue
        digest = key.digest_of(source.path)
        name = table.find_source(source, digest, over) or table.part_of(source.kind, digest)
        belongs = row.covers(source.relative) or name in ids
        (mine if belongs else rest).append(File(source, digest, name))
    return mine, rest


def made_of(
    study: Study, participant: str, ids: Collection[str], state: Mapping[str, SourceState]
) -> set[str]:
    """Paths in the study of all that was made of sources: outputs, copies, working files.

    Also files that people put beside them, known by the participant's code in their names.
    """
    found = {output for name in ids if name in state for output in state[name].outputs}
    codes = "|".join(map(re.escape, (participant, *sorted(ids))))
    named = re.compile(rf"(?<![^\W_])(?:{codes})(?![0-9])", re.IGNORECASE)
    for folder in (study.transcripts, study.bleeped, study.sealed):
        for path in _files(folder):
            if named.search(path.name):
                found.add(path.relative_to(study.folder).as_posix())
    return {path for path in found if (study.folder / path).exists()}


def deltas_of(
    session: Session, row: Row, digests: Collection[str]
) -> tuple[list[Delta], list[Delta]]:
    """What machines without the key have sealed: of a participant's files, and of others'.

    `digests` are the keyed ones of the participant's files. Raises RecordingError for a delta
    that cannot be opened, since nobody knows whose it is.
    """
    deltas = Deltas(session.study, session.key, session.log)
    mine: list[Delta] = []
    rest: list[Delta] = []
    for name in sorted(deltas.present):
        found = deltas.open(name)
        belongs = row.covers(PurePosixPath(found.path))
        belongs = belongs or session.key.keyed(found.sha256) in digests
        (mine if belongs else rest).append(found)
    return mine, rest


def half_deleted(study: Study, ids: Collection[str]) -> list[Path]:
    """Files of sources whose deletion a crash interrupted."""
    tops = (study.source_folder("audio"), study.source_folder("text"))
    folders = {top for top in tops if top.is_dir()}
    folders |= {path for top in folders for path in top.rglob("*") if path.is_dir()}
    folders |= {study.transcripts, study.bleeped, study.sealed}
    return [
        half for folder in sorted(folders) for name in ids for half in erase.pending(folder, name)
    ]


def beside(study: Study, state: Mapping[str, SourceState]) -> Iterator[Path]:
    """Files in transcripts/ that are no outputs of any source: copies that people made."""
    known = {output for item in state.values() for output in item.outputs}
    for path in _files(study.transcripts):
        if path.relative_to(study.folder).as_posix() not in known:
            yield path


def _files(folder: Path) -> Iterator[Path]:
    if folder.is_dir():
        for path in sorted(folder.rglob("*")):
            if path.is_file() and not path.name.startswith(".anonpipe-"):
                yield path
