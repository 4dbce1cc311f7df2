"""Deletion of plain files, once what they hold lies encrypted in the study.

Each is logged before and after, so that a deletion that a crash interrupted is finished when
files are taken in again.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from anonpipe import datakey, erase
from anonpipe.audit import AuditLog
from anonpipe.session import Session
from anonpipe.study import Source, SourceState, Study


def is_inside(study: Study, source: Source) -> bool:
    """Whether a plain file lies in recordings/ or documents/ of the study."""
    return source.path.is_relative_to(study.source_folder(source.kind))


def delete(session: Session, source: Source, name: str, plain: str) -> None:
    """Delete the plain file of source `name`; `plain` is the SHA-256 that it must still have."""
    inside = is_inside(session.study, source)
    session.log.append("plain-delete-intent", subject=name, result="intended", inside=inside)
    half = erase.begin(source.path, name, expected_sha256=plain)
    _log_deleted(session.log, erase.erase(half), name)


def finish_begun(session: Session, given: Sequence[Source]) -> dict[Path, str]:
    """Finish deletions that a crash interrupted; the files that are gone now, each with its id.

    Outside the study they are found where a file of that name is `given` again.
    """
    study, table = session.study, session.key.table
    state = study.read_state()
    ended: dict[Path, str] = {}
    for name, inside in _intended(session.log).items():
        item = table.sources.get(name)
        if item is None or state.get(name, SourceState()).deleting:
            continue
        here = [study.source_folder(item.kind) / path for path in item.paths]
        named = [source.path for source in given if str(source.relative) in item.paths]
        places = here if inside else named
        if not datakey.lies_encrypted(session, name):
            continue
        folders = dict.fromkeys(path.parent for path in places)
        halves = [half for folder in folders for half in erase.pending(folder, name)]
        for half in halves:
            _log_deleted(session.log, erase.erase(half), name)
        gone = [path for path in places if not path.exists()]
        told = _count_deleted(session.log, name) if item.parts else 0
        if len(gone) > told and not halves:
            _log_deleted(session.log, erase.already_gone(gone[-1].parent), name)
        ended |= dict.fromkeys(gone if item.parts else places, name)
    return ended


def _log_deleted(log: AuditLog, erased: erase.Erased, name: str) -> None:
    log.append(
        "plain-deleted",
        subject=name,
        result=erased.result,
        methods=erased.methods,
        medium=erased.medium.kind,
        copy_on_write=erased.medium.copy_on_write,
    )


def _count_deleted(log: AuditLog, name: str) -> int:
    """How many plain files of a source the log says are deleted since it came in."""
    count = 0
    for entry in log.entries():
        if entry.subject == name and entry.action in ("ingested", "plain-deleted"):
            count = count + 1 if entry.action == "plain-deleted" else 0
    return count


def _intended(log: AuditLog) -> dict[str, bool]:
    """Ids whose plain file the log says is about to be deleted, with no end of it.

    Each with whether that file lies in the study.
    """
    begun: dict[str, bool] = {}
    for entry in log.entries():
        if entry.action == "plain-delete-intent":
            begun[str(entry.subject)] = bool(entry.details["inside"])
        elif entry.action == "plain-deleted":
            begun.pop(str(entry.subject), None)
    return begun
