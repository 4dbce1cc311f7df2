"""Deletion: what the program does to a file that has to go, step by step.

    begin    rename to a neutral hidden name in the same folder, sync the folder
    erase    overwrite once, empty, unlink, sync the folder

After `begin` a crash leaves a file that nobody takes for a recording, and `pending` finds
it. Overwriting is an attempt: flash memory, copy-on-write file systems and journals keep
old blocks that no program reaches, and the receipt says so. On a copy-on-write file system
it would only take more space, and is left out.

A file with several names (hard links) is emptied under all of them: what was promised is
that the content goes. The receipt says how many other names there were.
"""

from __future__ import annotations

import contextlib
import os
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from anonpipe.errors import RecordingError
from anonpipe.files import CHUNK, cause, sha256, sync, sync_folder, write_all
from anonpipe.medium import medium, synced_root
from anonpipe.receipt import Erased, Method, Verified

__all__ = [
    "Erased",
    "already_gone",
    "begin",
    "erase",
    "outright",
    "pending",
    "with_data_key_destroyed",
]

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,39}")
_HALF = re.compile(r"\.anonpipe-([A-Za-z0-9-]+)\.(\d+)(?:\.\d+)?\.deleting")


@dataclass(frozen=True, slots=True)
class _Open:
    fd: int
    size: int
    links: int


def begin(path: Path, recording: str, *, expected_sha256: str | None = None) -> Path:
    """Give a file that has to go a neutral hidden name; returns it, for `erase`.

    The name holds the recording's id and the size in bytes, so that a receipt can still say
    it after a crash. With `expected_sha256` a file that changed meanwhile is refused.
    Raises RecordingError; nothing has happened to the file then.
    """
    if not _ID.fullmatch(recording):
        raise ValueError("a recording's id is letters, digits and hyphens")
    try:
        status = path.lstat()
        if stat.S_ISLNK(status.st_mode):
            raise RecordingError(
                f"{path} is a symbolic link, and what it points to would stay: put the recording "
                "itself there, or delete both by hand."
            )
        if not stat.S_ISREG(status.st_mode):
            raise RecordingError(f"{path} is no ordinary file: delete it by hand.")
        if expected_sha256 is not None and sha256(path) != expected_sha256:
            raise RecordingError(
                f"{path} changed since it was processed, so it was not deleted: "
                "run again to process it anew."
            )
        half = _half_name(path.parent, recording, status.st_size)
        path.rename(half)
        sync_folder(path.parent)
    except OSError as problem:
        raise RecordingError(f"{path} cannot be deleted: {cause(problem)}.") from None
    return half


def pending(folder: Path, recording: str | None = None) -> tuple[Path, ...]:
    """Deletions in a folder that were begun and not finished, of one recording or of all.

    Raises RecordingError when the folder cannot be read; a missing folder has none.
    """
    return tuple(path for path, name in _halves(folder) if recording is None or name == recording)


def erase(half: Path) -> Erased:
    """Finish a deletion that `begin` began; a file that is gone already is no error.

    Raises RecordingError when the file cannot be removed; running again tries again.
    """
    found = _HALF.fullmatch(half.name)
    if found is None:
        raise ValueError("erase takes what begin or pending returned")
    lies_on = medium(half)
    synced = synced_root(half) is not None
    methods: list[Method] = []
    verified: list[Verified] = []
    others, emptied = 0, True
    try:
        others = half.lstat().st_nlink - 1
        opened = _open(half)
        if opened is not None:
            try:
                if not lies_on.copy_on_write and opened.size and _overwrite(opened):
                    methods.append("overwrite-attempted")
                    verified.append("overwritten")
                emptied = _empty(opened)
                if emptied:
                    verified.append("emptied")
            finally:
                os.close(opened.fd)
        else:
            emptied = False
        half.unlink()
        if sync_folder(half.parent):
            verified.append("folder-synced")
        if _is_gone(half):
            verified.append("name-gone")
    except FileNotFoundError:
        return already_gone(half.parent)
    except OSError as problem:
        raise RecordingError(
            f"{half} could not be deleted, though it was renamed for that: {cause(problem)}."
        ) from None
    return Erased(
        result="deleted",
        methods=(*methods, "unlink"),
        medium=lies_on,
        size=int(found[2]),
        verified=tuple(verified),
        other_names=others,
        other_names_emptied=emptied,
        synced=synced,
    )


def outright(path: Path, name: str) -> Erased:
    """Erase whatever lies at a path, and what a crash left half erased beside it. Repeatable.

    `name` is what it is called meanwhile. Of a symbolic link the link itself goes, and what it
    points to stays. Raises as `begin` and `erase`.
    """
    erased = already_gone(path.parent)
    for half in pending(path.parent, name):
        erased = erase(half)
    if path.is_symlink():
        path.unlink()
        sync_folder(path.parent)
    elif path.exists():
        erased = erase(begin(path, name))
    return erased


def with_data_key_destroyed(erased: Erased) -> Erased:
    """The outcome for an encrypted file whose data key went before it, found or not."""
    return replace(
        erased,
        result="deleted",
        methods=("crypto-erase", *erased.methods),
        verified=("key-entry-gone", *erased.verified),
    )


def already_gone(folder: Path) -> Erased:
    """The outcome for a file that was not there when the program came to delete it."""
    return Erased(
        result="already-gone",
        methods=(),
        medium=medium(folder),
        size=None,
        other_names=0,
        other_names_emptied=True,
        synced=synced_root(folder) is not None,
    )


def _half_name(folder: Path, recording: str, size: int) -> Path:
    path = folder / f".anonpipe-{recording}.{size}.deleting"
    number = 1
    while path.exists():  # an earlier file of that id waits; a rename would replace it unerased
        number += 1
        path = folder / f".anonpipe-{recording}.{size}.{number}.deleting"
    return path


def _halves(folder: Path) -> Iterator[tuple[Path, str]]:
    with contextlib.suppress(FileNotFoundError, NotADirectoryError):
        for path in sorted(folder.iterdir()):
            found = _HALF.fullmatch(path.name)
            if found is not None:
                yield path, found[1]


def _open(path: Path) -> _Open | None:
    """Open for overwriting; None when the file may be removed but not written to."""
    flags = os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    try:
        try:
            fd = os.open(path, flags)
        except PermissionError:  # a read-only file in a folder of ours
            path.chmod(0o600, follow_symlinks=False)
            fd = os.open(path, flags)
    except FileNotFoundError:
        raise
    except (OSError, NotImplementedError):
        return None
    status = os.fstat(fd)
    if not stat.S_ISREG(status.st_mode):
        os.close(fd)
        return None
    return _Open(fd, status.st_size, status.st_nlink)


def _overwrite(file: _Open) -> bool:
    """One pass of random bytes over all of the file; whether the system took them all.

    Random, because zeros may be stored as a hole. A failure does not stop the deletion.
    """
    try:
        os.lseek(file.fd, 0, os.SEEK_SET)
        left = file.size
        while left > 0:
            chunk = os.urandom(min(left, CHUNK))
            write_all(file.fd, chunk)
            left -= len(chunk)
        sync(file.fd)
    except OSError:
        return False
    return True


def _empty(file: _Open) -> bool:
    """Take all bytes from the file; whether the system says that it has none any more."""
    try:
        os.ftruncate(file.fd, 0)
        sync(file.fd)
        return os.fstat(file.fd).st_size == 0
    except OSError:
        return False


def _is_gone(path: Path) -> bool:
    """Whether the folder, asked anew, has no such name."""
    try:
        with os.scandir(path.parent) as found:
            return all(entry.name != path.name for entry in found)
    except OSError:
        return False
