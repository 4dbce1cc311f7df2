"""Recordings and documents that lie encrypted in the study, each under a data key of its own.

A data key is an age identity (X25519) that stands in the key file and nowhere else; its
public half stands nowhere at all, so that nobody without the key can make a file that opens.
`recordings/R07.age` is a plain age file: `age -d` opens it with the data key. Taking a data
key out of the key file is the deletion that holds on flash memory and copy-on-write file
systems, as long as no earlier version of the key file is left: `destroy` says which there were.

To read one, it is decrypted into memory, never to the disk: `decrypt` gives all of it, `sealed` a
file of which only the piece that is being read is in memory, as uncompressed hours take gigabytes
and what does not fit into memory may be swapped to the disk.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, BinaryIO

from anonpipe.agefile import AgeFormatError, decrypt_to
from anonpipe.agereader import open_sealed
from anonpipe.audit import AuditLog
from anonpipe.errors import RecordingError
from anonpipe.files import cause
from anonpipe.key import KeySource, KeyTable
from anonpipe.keyfile import StudyKey
from anonpipe.plaintext import Sealed
from anonpipe.study import Source, Study

if TYPE_CHECKING:
    from typing_extensions import Buffer

    from anonpipe.session import Session


@dataclass(frozen=True, slots=True)
class Custody:
    """What the log says of the data key of one source since it came in.

    `generations` are digests of the versions of the key file that hold or held it, in order,
    `backups` the ids of registered copies of those. `sealed` tells that the encrypted file was
    read back, `destroyed` that the data key is gone from the newest version.
    """

    generations: tuple[str, ...]
    backups: tuple[str, ...]
    sealed: bool
    destroyed: bool


def new() -> str:
    """A fresh data key."""
    import pyrage

    return str(pyrage.x25519.Identity.generate())


def sources(study: Study, table: KeyTable) -> Iterator[Source]:
    """Every file in recordings/ and documents/; encrypted ones with the name that they had."""
    for source in study.sources():
        name = study.encrypted_id(source)
        item = table.sources.get(name or "")
        if item is not None and item.kind == source.kind:
            yield replace(source, sealed=name, relative=PurePosixPath(item.path))
        else:
            yield source


def original(study: Study, name: str, item: KeySource) -> Path:
    """Where a source's file lies, encrypted or not, as far as it is there."""
    sealed = study.encrypted(item.kind, name)
    if sealed.is_file():
        return sealed
    return study.source_folder(item.kind) / item.path


def encrypt(data: bytes, data_key: str) -> bytes:
    """A binary age file that this data key opens. Memory: the file once more."""
    import pyrage

    identity = pyrage.x25519.Identity.from_str(data_key)
    target = io.BytesIO()  # pyrage.encrypt would hold it twice
    pyrage.encrypt_io(io.BytesIO(data), target, [identity.to_public()])
    return target.getvalue()


def decrypt(path: Path, data_key: str | None) -> bytes:
    """The content of an encrypted file. Memory: the content, and an eighth more meanwhile.

    Raises RecordingError when the file is damaged, or not the one that this data key is for.
    """
    target = io.BytesIO()
    _decrypt_to(path, data_key, target)
    return target.getvalue()


def digest(path: Path, data_key: str | None) -> str:
    """SHA-256 of the content of an encrypted file, in constant memory; raises as `decrypt`."""
    target = _Hashing()
    _decrypt_to(path, data_key, target)
    return target.hash.hexdigest()


def lies_encrypted(session: Session, name: str) -> bool:
    """Whether a source was encrypted, read back and logged, and can still be read."""
    item = session.key.table.sources[name]
    path = session.study.encrypted(item.kind, name)
    known = custody(session.log, name)
    if item.data_key is None or known is None or not known.sealed or not path.is_file():
        return False
    try:
        digest(path, item.data_key)
    except RecordingError:
        return False
    return True


class _Hashing(io.BytesIO):
    """Takes what is written to it and keeps its digest only."""

    def __init__(self) -> None:
        super().__init__()
        self.hash = hashlib.sha256()

    def write(self, data: Buffer, /) -> int:
        self.hash.update(data)
        return memoryview(data).nbytes


def sealed(name: str, path: Path, data_key: str | None) -> Sealed:
    """The recording in an encrypted file, decrypted piece by piece; opening it raises as `decrypt`.

    A piece that turns out to be damaged when it is read is an OSError. The file stays open as long
    as what was opened, and has to be closed before it is deleted.
    """
    return Sealed(name, partial(_open, path, data_key))


def _open(path: Path, data_key: str | None) -> BinaryIO:
    with _problems(path), ExitStack() as opened:
        secret = _required(path, data_key)
        file = open_sealed(opened.enter_context(path.open("rb")), secret)
        opened.pop_all()  # `file` closes it
        return file


def _decrypt_to(path: Path, data_key: str | None, target: BinaryIO) -> None:
    import pyrage

    with _problems(path):
        secret = pyrage.x25519.Identity.from_str(_required(path, data_key))
        with path.open("rb") as file:
            decrypt_to(target, file, [secret])


def _required(path: Path, data_key: str | None) -> str:
    if data_key is None:
        raise RecordingError(
            f"{path} cannot be opened, as the key does not hold its data key (any more): put the "
            "recording itself into the study and delete this file."
        )
    return data_key


@contextmanager
def _problems(path: Path) -> Iterator[None]:
    """One sentence for whatever keeps an encrypted file from being read."""
    try:
        yield
    except AgeFormatError:
        raise RecordingError(
            f"{path} is damaged, or not the file that was encrypted under this name: put it back "
            "from a backup of the study."
        ) from None
    except OSError as error:
        raise RecordingError(f"{path} cannot be read: {cause(error)}.") from None


def destroy(key: StudyKey, log: AuditLog, name: str) -> Custody | None:
    """Take a source's data key out of the key file, durably and logged, for ever.

    None for a source that was never encrypted. Repeatable: after a crash, and when it was
    done before, it gives the same. The encrypted file itself is for the caller to erase.
    """
    item = key.table.sources[name]
    had = item.data_key is not None
    if had:
        sources = {**key.table.sources, name: replace(item, data_key=None)}
        key.save(replace(key.table, sources=sources))
    known = custody(log, name)
    if known is None or known.destroyed or not (had or known.sealed):
        return known
    log.append(
        "data-key-destroyed",
        subject=name,
        generations=len(known.generations),
        backups=len(known.backups),
    )
    return custody(log, name)


def custody(log: AuditLog, name: str) -> Custody | None:
    """What the log says of the data key of a source; None if it never had one.

    The version before the one that was saved when the data key was destroyed is the last to
    hold it. Versions that were announced count, as a crash may have kept the rest from the log.
    """
    saved: list[str] = []
    copies: list[tuple[str, str]] = []
    since = until = None
    sealed = destroyed = False
    for entry in log.vouched_entries():
        if entry.action == "key-intent":
            saved.append(str(entry.details["key"]))
        elif entry.action == "key-backup":
            copies.append((str(entry.subject), str(entry.details["key"])))
        elif entry.subject != name:
            continue
        elif entry.action == "ingest-intent":
            if since is None or destroyed:
                since, until, sealed, destroyed = len(saved), None, False, False
        elif entry.action == "ingested":
            sealed = True
        elif entry.action == "data-key-destroyed":
            destroyed, until = True, len(saved) - 1
    if since is None:
        return None
    generations = tuple(saved[since:until])
    backups = tuple(dict.fromkeys(copy for copy, version in copies if version in generations))
    return Custody(generations, backups, sealed, destroyed)
