"""Copies of the key: made by the program, so that they are known when the key must go.

One forgotten copy undoes the destruction of a key. A copy is therefore registered in the key
before it is written: whatever happens in between, the key knows of a place where one may lie.
"""

from __future__ import annotations

import hashlib
import stat
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from anonpipe import vault
from anonpipe.audit import AuditLog, Entry
from anonpipe.errors import UsageError, VaultError
from anonpipe.files import remove_leftovers, sha256, write_durably
from anonpipe.identity import read_file
from anonpipe.key import KeyBackup
from anonpipe.medium import medium
from anonpipe.session import Session
from anonpipe.study import Study

ACTION = "key-backup"
DESTROYED = "backup-destroyed"
Presence = Literal["unchanged", "changed", "missing"]


@dataclass(frozen=True, slots=True)
class Backup:
    """What the log says of a copy. `behind` is how many versions of the key came since; `whole`
    is false if the copy was begun and never said to be done, though it may be there; `destroyed`
    is "" or how the log says that it went: "deleted", "already-gone" or "attested" by a person."""

    id: str
    made_at: str
    digest: str
    device: str
    filesystem: str
    mode: str
    behind: int
    whole: bool
    destroyed: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """A copy, where the key says it lies, and what is there now."""

    id: str
    path: str
    presence: Presence


@dataclass(frozen=True, slots=True)
class Made:
    """A new copy; `same_device` if it lies on the device that the key itself lies on."""

    id: str
    path: Path
    same_device: bool | None


def make(session: Session, destination: Path) -> Made:
    """Copy the key to a folder or a new file.

    Refused (UsageError): a place inside the study, with its outputs, synchronised together
    with the study, or in the key's own folder; a file that exists. Raises VaultError when the
    copy cannot be written or does not read back; it stays registered then, as a part of it may
    be there.
    """
    study, key = session.study, session.key
    number = 1 + max((int(known.id[1:]) for known in key.table.backups), default=0)
    name = f"B{number:02}"
    target = _target(study, destination, name)
    remove_leftovers(target.parent)
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    made = KeyBackup(name, str(target), now)
    key.save(replace(key.table, backups=(*key.table.backups, made)))
    _write(session, name, target, overwrite=False)
    return Made(name, target, same_device(target, study.key_file))


def _write(session: Session, name: str, target: Path, *, overwrite: bool) -> None:
    study, key = session.study, session.key
    where = medium(target)
    details = {"key": key.version, "device": where.kind, "filesystem": where.known_filesystem}
    session.log.append(ACTION, subject=name, result="intended", **details)
    data, _ = read_file(study.key_file, "the key")
    if hashlib.sha256(data).hexdigest() != key.version:
        raise VaultError(f"{study.key_file} was changed meanwhile: run again.")
    write_durably(target, data, mode=0o600, error=VaultError, overwrite=overwrite)
    try:
        whole, mode = sha256(target) == key.version, stat.S_IMODE(target.stat().st_mode)
    except OSError:
        whole = False
    if not whole:
        raise VaultError(f"{target} does not read back as it was written: check that disk.")
    session.log.append(ACTION, subject=name, mode=mode, **details)


def renew(session: Session) -> tuple[str, ...]:
    """Have copies that can be reached hold the key as it is now; ids of those that still do not.

    For what was taken out of the key and must not lie in a copy either. Replaced is what is,
    byte for byte, a version that the log knows, and nothing else. Repeatable. Raises AuditError
    when it cannot be logged.
    """
    key, log = session.key, session.log
    known = {str(e.details["key"]) for e in log.vouched_entries() if e.action == "key-saved"}
    behind = []
    for item in key.table.backups:
        if is_destroyed(log, item.id):
            continue
        target = Path(item.path)
        try:
            there = sha256(target)
            if there not in known:
                raise VaultError("It is no version of this key.")
            told = {copy.id: copy.digest for copy in listed(log) if copy.whole}
            if there == told.get(item.id) == key.version:
                continue
            _write(session, item.id, target, overwrite=True)
        except (OSError, VaultError):
            behind.append(item.id)
    return tuple(behind)


def is_destroyed(log: AuditLog, name: str) -> bool:
    """Whether the log says that a copy exists no more, on whoever's word."""
    return any(e.action == DESTROYED and e.subject == name for e in log.vouched_entries())


def attest_destroyed(session: Session, name: str) -> None:
    """Log that a copy exists no more, on the word of whoever has opened the key.

    Raises UsageError for a copy that is unknown, or still where it was put.
    """
    item = next((known for known in session.key.table.backups if known.id == name), None)
    if item is None:
        raise UsageError(f"There is no copy {name} of this key: see `anonpipe key status`.")
    if Path(item.path).exists():
        raise UsageError(f"{item.path} is still there: delete it first.")
    if not is_destroyed(session.log, name):
        holder = session.key.holder
        who = {"role": holder.label, "by": holder.fingerprint}
        session.log.append(DESTROYED, subject=name, result="attested", **who)


def listed(log: AuditLog) -> tuple[Backup, ...]:
    """The copies that the log knows of, in order; that needs no key."""
    return tuple(_read(log))


def look(session: Session) -> tuple[Found, ...]:
    """Whether each copy that the key knows of is where it was put, and unchanged.

    What a killed `make` left beside one is a copy that nobody knows of, and is removed.
    """
    for folder in {Path(item.path).parent for item in session.key.table.backups}:
        if folder.is_dir():
            remove_leftovers(folder)
    digests = {item.id: item.digest for item in listed(session.log)}
    return tuple(
        Found(item.id, item.path, _presence(Path(item.path), digests.get(item.id, "")))
        for item in session.key.table.backups
    )


def same_device(one: Path, other: Path) -> bool | None:
    """Whether two files, or else their folders, lie on one device; None if that cannot be told."""
    try:
        return _device(one) == _device(other)
    except OSError:
        return None


def _device(path: Path) -> int:
    return (path if path.exists() else path.parent).stat().st_dev


def _read(log: AuditLog) -> Iterator[Backup]:
    found: dict[str, Entry] = {}
    versions: list[str] = []
    gone: dict[str, str] = {}
    for entry in log.vouched_entries():
        if entry.action == "key-saved":
            versions.append(str(entry.details["key"]))
        elif entry.action == ACTION and entry.subject is not None:
            found[entry.subject] = entry
        elif entry.action == DESTROYED:
            gone[str(entry.subject)] = entry.result
    for name, entry in sorted(found.items()):
        details = entry.details
        digest = str(details["key"])
        yield Backup(
            name,
            entry.time,
            digest,
            str(details["device"]),
            str(details["filesystem"]),
            f"{details['mode']:04o}" if "mode" in details else "",
            len(versions) - 1 - versions.index(digest),
            entry.result == "done",
            gone.get(name, ""),
        )


def _presence(path: Path, digest: str) -> Presence:
    try:
        return "unchanged" if sha256(path) == digest else "changed"
    except OSError:
        return "missing"


def _target(study: Study, destination: Path, name: str) -> Path:
    target = destination.expanduser().resolve()
    if target.is_dir():
        stem = study.key_file.name.removesuffix(".age").removesuffix(".key")
        target = target / f"{stem}.{name}.key.age"
    if not target.parent.is_dir():
        raise UsageError(f"The folder {target.parent} is not there: connect its disk or make it.")
    if target.exists():
        raise UsageError(f"{target} exists already: name another place.")
    vault.check_apart(target, study.folder, [study.transcripts, study.bleeped], what="backup")
    if target.parent.samefile(study.key_file.parent):
        raise UsageError(
            f"A backup beside the key in {target.parent} would be lost together with it: choose "
            "another disk."
        )
    return target
