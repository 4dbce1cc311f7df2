"""Writing files so that a crash leaves the old one or the new one, and locks.

anonpipe runs on Linux and macOS: locks are flock(2), and a folder is synced after a
rename. Windows has neither; there it runs under WSL.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import secrets
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from anonpipe.errors import AnonpipeError, RecordingError, UsageError

TEMP_PREFIX, TEMP_SUFFIX = ".anonpipe-", ".tmp"
CHUNK = 1 << 20
LOCK_POLL_SECONDS = 0.05
_FOLDER_SYNC_UNSUPPORTED = {errno.EINVAL, errno.ENOTSUP, errno.EBADF, errno.ENOSYS}
_LINK_UNSUPPORTED = {errno.EPERM, errno.ENOTSUP, errno.ENOSYS, errno.EMLINK, errno.EOPNOTSUPP}
_CAUSES = {
    errno.ENOSPC: "the disk is full; free some space and run again",
    errno.EDQUOT: "your disk quota is used up; free some space and run again",
    errno.EFBIG: "the file would be larger than this system allows; choose another disk",
    errno.EROFS: "the disk is mounted read-only; mount it writable and run again",
    errno.EACCES: "you may not write or read there; correct the permissions and run again",
    errno.EPERM: "the system does not permit it; correct the permissions and run again",
    errno.ENOENT: "it or its folder does not exist; create it or connect its disk and run again",
    errno.ENOTDIR: "a part of its path is a file, not a folder; correct the path",
    errno.EISDIR: "it is a folder, not a file; correct the path",
    errno.EIO: "the disk reports an error; copy what you can to another disk",
    errno.ELOOP: "its symbolic links lead in a circle; correct the path",
    errno.EMFILE: "too many files are open; close other programs and run again",
}


def cause(error: OSError) -> str:
    """What went wrong and what to do, to follow a colon; without the error's own file names."""
    code = error.errno or 0
    return _CAUSES.get(code, f"{os.strerror(code)}; see to that and run again")


def write_durably(
    path: Path,
    data: bytes,
    *,
    mode: int = 0o600,
    error: type[AnonpipeError] = RecordingError,
    overwrite: bool = True,
    before_replace: Callable[[], None] | None = None,
) -> None:
    """Write a file so that after a crash it is either the old one or the new one, whole.

    A temporary file of a random name is written in the same folder, synced, read back and
    compared, renamed, and the folder synced. `before_replace` is called when everything
    but the rename is done; what it raises passes through and leaves the old file in place.
    With `overwrite=False` a file that is there already is an error and stays.
    Raises `error`, one sentence; the old file is then intact and the temporary one gone.
    """
    temporary: Path | None = None
    fd = -1
    try:
        temporary, fd = _create_temporary(path.parent, mode)
        write_all(fd, data)
        sync(fd)
        if not _reads_back(temporary, data):
            raise error(
                f"{path} does not read back as it was written: "
                "check the disk and run again; nothing was replaced."
            )
        if before_replace is not None:
            before_replace()
        if overwrite:
            temporary.replace(path)
        else:
            _move_without_overwriting(temporary, path)
        temporary = None
        sync_folder(path.parent)
    except FileExistsError:
        raise error(f"{path} exists already: choose another name or move it away.") from None
    except OSError as problem:
        raise error(f"{path} cannot be written: {cause(problem)}.") from None
    finally:
        if temporary is not None:
            with contextlib.suppress(OSError):
                temporary.unlink()
        if fd >= 0:
            os.close(fd)


def make_folder(path: Path) -> Path:
    """Make a folder unless it is there, readable by its owner alone. Raises RecordingError."""
    try:
        path.mkdir(exist_ok=True, mode=0o700)
    except OSError as problem:
        raise RecordingError(f"{path} cannot be made: {cause(problem)}.") from None
    return path


def remove_leftovers(folder: Path) -> int:
    """Delete temporary files that a killed `write_durably` left in a folder; how many.

    Files that another process is writing at this moment are locked, and kept.
    """
    import fcntl

    count = 0
    for path in folder.glob(f"{TEMP_PREFIX}*{TEMP_SUFFIX}"):
        with contextlib.suppress(OSError):
            fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
            try:
                fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
                path.unlink()
                count += 1
            finally:
                os.close(fd)
    return count


@contextlib.contextmanager
def lock(
    path: Path, *, wait: float = 5.0, error: type[AnonpipeError] = UsageError
) -> Iterator[None]:
    """Hold an exclusive lock on a lock file, which is created if need be and never deleted.

    The lock goes with the process, so a crash leaves none behind. It is not re-entrant.
    Raises `error` when somebody else still holds it after `wait` seconds, or when the file
    cannot be created.
    """
    try:
        fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as problem:
        raise error(f"{path} cannot be locked: {cause(problem)}.") from None
    try:
        try:
            held = flock(fd, wait)
        except OSError as problem:
            raise error(f"{path} cannot be locked: {cause(problem)}.") from None
        if not held:
            raise error(f"{path} is locked by another anonpipe: wait until that has ended.")
        yield
    finally:
        os.close(fd)


def flock(fd: int, wait: float, *, shared: bool = False) -> bool:
    """Lock an open file, trying for `wait` seconds; False when somebody else holds it."""
    import fcntl

    deadline = time.monotonic() + wait
    while True:
        try:
            fcntl.flock(fd, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
            return True
        except BlockingIOError:
            if time.monotonic() >= deadline:
                return False
            time.sleep(LOCK_POLL_SECONDS)


def write_all(fd: int, data: bytes | memoryview) -> None:
    """Write all bytes to an open file; os.write alone may stop early."""
    view = memoryview(data)
    while view:
        view = view[os.write(fd, view) :]


def sync(fd: int) -> None:
    """Have the system put an open file on the medium.

    On macOS fsync leaves the data in the drive's cache; F_FULLFSYNC does not (fsync(2) there).
    """
    if sys.platform == "darwin":
        import fcntl

        try:
            fcntl.fcntl(fd, fcntl.F_FULLFSYNC)
            return
        except OSError:  # network volumes do not know it
            pass
    os.fsync(fd)


def sync_folder(folder: Path) -> bool:
    """Make renames and removals in a folder durable; False where its file system cannot."""
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(fd)
    except OSError as problem:
        if problem.errno not in _FOLDER_SYNC_UNSUPPORTED:
            raise
        return False
    finally:
        os.close(fd)
    return True


def sha256(path: Path) -> str:
    """SHA-256 of a file's bytes, hex; in constant memory. Raises OSError."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _create_temporary(folder: Path, mode: int) -> tuple[Path, int]:
    import fcntl

    while True:
        path = folder / f"{TEMP_PREFIX}{secrets.token_hex(8)}{TEMP_SUFFIX}"
        fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
        # A file system without locks must not stop the writing: then nothing sweeps either.
        with contextlib.suppress(OSError):
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        # Between creation and lock a sweep by another process may have removed it.
        if os.fstat(fd).st_nlink:
            return path, fd
        os.close(fd)


def _reads_back(path: Path, data: bytes) -> bool:
    fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    with os.fdopen(fd, "rb", buffering=0) as file:
        if hasattr(os, "posix_fadvise"):  # ask for the medium's bytes, not the cache's
            os.posix_fadvise(fd, 0, 0, os.POSIX_FADV_DONTNEED)
        view = memoryview(data)
        while chunk := file.read(CHUNK):
            if chunk != view[: len(chunk)]:
                return False
            view = view[len(chunk) :]
        return not view


def _move_without_overwriting(temporary: Path, path: Path) -> None:
    try:
        os.link(temporary, path)
    except OSError as problem:
        if problem.errno not in _LINK_UNSUPPORTED:
            raise
        if path.exists():  # FAT and the like have no links; a race is left there
            raise FileExistsError(errno.EEXIST, "exists") from None
        temporary.replace(path)
    else:
        temporary.unlink()
