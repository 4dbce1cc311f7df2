"""The log: what was done to whom's data, when and by whom, without a single name.

One entry a line, each bound to the one before by a hash, so that a changed, removed,
inserted or moved line shows. The format can be read without anonpipe:

    {"v":1,"seq":1,"time":"2026-03-01T09:30:00Z","actor":"5c1f0a9b27d3e846",
     "action":"transcribed","subject":"R01","result":"done",
     "details":{"seconds":3012},"prev":"<hash of the line before>","hash":"<64 hex>"}

in this order, details sorted by key, no white space, ASCII. `hash` is the SHA-256 of the
line's bytes from the start up to, not including, `,"hash":`; `prev` of the first line is
64 zeros. `actor` is a keyed digest of the operating system's user name.

A chain does not show that its tail was cut off or that all of it was written anew; for
that the hash of the last line has to be known elsewhere, as deletion receipts do.

A last line without a line feed was cut off by a crash (its `append` never returned, so
nothing was done on the strength of it). `verify` reports it; the next `append` removes it,
or gives it its line feed if it is whole, and says so in an entry "log-recovered".
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import json
import math
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from anonpipe.errors import AuditError
from anonpipe.files import cause, flock, sync, write_all, write_durably

VERSION = 1
GENESIS = "0" * 64
MAX_LINE = 16 * 1024
LOCK_WAIT_SECONDS = 20.0
FIELDS = ("v", "seq", "time", "actor", "action", "subject", "result", "details", "prev", "hash")

Scalar = str | int | float | bool
Detail = Scalar | tuple[Scalar, ...]

# Words are chosen by the program, never taken from a file: lower case, digits, hyphens.
_WORD = re.compile(r"[a-z0-9][a-z0-9_.:+-]{0,79}")
_CODE = re.compile(r"[A-Z]{1,12}-?[0-9]{1,6}")
_HEX = re.compile(r"[0-9a-f]{16,256}")
_TIME = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:Z|\+00:00)")
_KEY = re.compile(r"[a-z][a-z0-9_-]{0,39}")
_FILE_NAME = re.compile(r".*\.[a-z][a-z0-9]{1,3}")
_TAIL = re.compile(rb'(.*),"hash":"([0-9a-f]{64})"\}', re.DOTALL)


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the log; `hash` covers everything else, `prev` is the hash before."""

    seq: int
    time: str
    actor: str
    action: str
    subject: str | None
    result: str
    details: Mapping[str, Detail]
    prev: str
    hash: str


@dataclass(frozen=True, slots=True)
class Summary:
    """What a verified log holds; `head` is the hash of its last entry.

    `torn_bytes` is the length of a last line that a crash cut off, 0 as a rule. `notes` are
    sentences about what is odd but no sign of tampering.
    """

    count: int
    first: str
    last: str
    head: str
    torn_bytes: int
    notes: tuple[str, ...]


class AuditLog:
    """The log of one study; `salt` keys the digests of user names and is the study's own."""

    def __init__(self, path: Path, salt: str) -> None:
        self.path = path
        self._salt = salt

    def exists(self) -> bool:
        """Whether there is a log; a study with state but without a log is for the caller."""
        return self.path.exists()

    def create(self) -> str:
        """Start the log with an entry "log-created"; its hash. AuditError if there is one."""
        line, digest = self._line(None, "log-created", None, "done", {})
        write_durably(self.path, line, mode=0o644, error=AuditError, overwrite=False)
        return digest

    def append(
        self,
        action: str,
        *,
        subject: str | None = None,
        result: str = "done",
        **details: Detail | list[Scalar],
    ) -> str:
        """Add an entry that is on the medium when this returns; returns its hash.

        Values are numbers, booleans, hexadecimal digests of 16 digits or more, codes such as R01
        or PERSON-3, UTC times, words of the program, or lists of these; anything else, None
        included, is a programming error: ValueError.
        Raises AuditError (exit code 5) when the log is missing, does not end as it should,
        or cannot be written; the caller must then not do what it wanted to log.
        """
        _check(action, subject, result, details)
        try:
            fd = os.open(self.path, os.O_RDWR | os.O_APPEND | os.O_CLOEXEC)
            try:
                if not flock(fd, LOCK_WAIT_SECONDS):
                    raise AuditError(
                        f"{self.path} is in use by another anonpipe: wait until that has ended."
                    )
                return self._append_locked(fd, action, subject, result, details)
            finally:
                os.close(fd)
        except OSError as problem:
            raise AuditError(
                f"{self.path} cannot be written, so nothing more is done: {cause(problem)}."
            ) from None

    def entries(self) -> Iterator[Entry]:
        """The entries in order, each verified before it is given; raises AuditError."""
        for entry, _ in self._walk():
            if entry is not None:
                yield entry

    def verify(self) -> Summary:
        """Check every line. Raises AuditError (exit code 5) naming the first wrong line."""
        count, torn = 0, 0
        first = last = ""
        head = GENESIS
        notes: list[str] = []
        for entry, torn_bytes in self._walk():
            if entry is None:
                torn = torn_bytes
                notes.append(f"The last line was cut off by a crash ({torn} bytes).")
                continue
            if entry.time < last:
                notes.append(f"The clock went back between lines {count} and {count + 1}.")
            count, last, head = count + 1, entry.time, entry.hash
            first = first or entry.time
        return Summary(count, first, last, head, torn, tuple(notes))

    # -- writing

    def _append_locked(
        self,
        fd: int,
        action: str,
        subject: str | None,
        result: str,
        details: Mapping[str, Any],
    ) -> str:
        if os.fstat(fd).st_nlink == 0:
            raise AuditError(f"{self.path} was deleted meanwhile: put it back from a backup.")
        size = os.fstat(fd).st_size
        tail, torn = self._read_tail(fd, size)
        data = b""
        if torn:
            whole = _whole(torn, tail)
            if whole is not None:
                data, tail = b"\n", whole
            else:
                size -= len(torn)
                os.ftruncate(fd, size)
            cut = 0 if whole else len(torn)
            recovered, _ = self._line(tail, "log-recovered", None, "done", {"cut_bytes": cut})
            data += recovered
            tail = _parse(recovered[:-1])
        line, digest = self._line(tail, action, subject, result, details)
        try:
            write_all(fd, data + line)
            sync(fd)
        except OSError:
            # Half a line would be taken for a crash: leave the log as it was, if possible.
            with contextlib.suppress(OSError):
                os.ftruncate(fd, size)
                sync(fd)
            raise
        return digest

    def _read_tail(self, fd: int, size: int) -> tuple[Entry, bytes]:
        """The last whole entry, checked against the one before, and what a crash left behind."""
        start = max(0, size - 3 * MAX_LINE)
        data = os.pread(fd, size - start, start)
        *lines, torn = data.split(b"\n")
        try:
            # MAX_LINE makes sure that two whole lines are in the chunk, if the file has two.
            before = _parse(lines[-2]) if len(lines) > 1 or start else None
            last = _parse(lines[-1])
            _check_link(last, before)
        except (ValueError, IndexError):
            raise AuditError(
                f"{self.path} does not verify at its end, so nothing more is done: "
                "run `anonpipe audit verify` and put it back from a backup."
            ) from None
        return last, torn

    def _line(
        self,
        before: Entry | None,
        action: str,
        subject: str | None,
        result: str,
        details: Mapping[str, Any],
    ) -> tuple[bytes, str]:
        entry = {
            "v": VERSION,
            "seq": before.seq + 1 if before else 1,
            "time": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "actor": self._actor(),
            "action": action,
            "subject": subject,
            "result": result,
            "details": dict(sorted(details.items())),
            "prev": before.hash if before else GENESIS,
        }
        body = _dump(entry)[:-1]
        digest = hashlib.sha256(body).hexdigest()
        line = body + b',"hash":"' + digest.encode() + b'"}\n'
        if len(line) > MAX_LINE:
            raise ValueError(f"the log entry {action} is longer than {MAX_LINE} bytes")
        return line, digest

    def _actor(self) -> str:
        import pwd

        try:
            name = pwd.getpwuid(os.geteuid()).pw_name
        except KeyError:  # users of a container need not be listed
            name = str(os.geteuid())
        return hmac.new(self._salt.encode(), name.encode(), hashlib.sha256).hexdigest()[:16]

    # -- reading

    def _walk(self) -> Iterator[tuple[Entry | None, int]]:
        """Verified entries; at the end (None, bytes) if a crash left a torn line."""
        *lines, torn = self._read().split(b"\n")
        if not lines:
            raise AuditError(f"{self.path} has no whole entry: put it back from a backup.")
        before: Entry | None = None
        for number, line in enumerate(lines, start=1):
            try:
                entry = _parse(line)
                _check_link(entry, before)
            except ValueError as problem:
                raise AuditError(
                    f"{self.path} does not verify, line {number} {problem}: "
                    "keep it as it is and compare it with a backup."
                ) from None
            yield entry, 0
            before = entry
        if torn:
            yield None, len(torn)

    def _read(self) -> bytes:
        """All of the file, taken under the lock, so that no half-written line is seen."""
        try:
            with self.path.open("rb") as file:
                if not flock(file.fileno(), LOCK_WAIT_SECONDS, shared=True):
                    raise AuditError(
                        f"{self.path} is in use by another anonpipe: wait until that has ended."
                    )
                return file.read()
        except OSError as problem:
            raise AuditError(f"{self.path} cannot be read: {cause(problem)}.") from None


def _dump(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=True, allow_nan=False, separators=(",", ":")).encode()


def _parse(line: bytes) -> Entry:
    """Read one line without its line feed; ValueError saying what is wrong with it."""
    found = _TAIL.fullmatch(line)
    if found is None:
        raise ValueError("is no entry of a log")
    if hashlib.sha256(found[1]).hexdigest().encode() != found[2]:
        raise ValueError("was changed, as its hash shows")
    try:
        data = json.loads(line)
        if tuple(data) != FIELDS or data["v"] != VERSION or _dump(data) != line:
            raise ValueError
        details = {
            key: tuple(value) if isinstance(value, list) else value
            for key, value in data["details"].items()
        }
        _check(data["action"], data["subject"], data["result"], details)
        known = all(isinstance(data[name], str) for name in ("time", "actor", "prev"))
        if not known or type(data["seq"]) is not int:
            raise ValueError
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise ValueError("holds what no entry of this version may hold") from None
    rest = {name: data[name] for name in FIELDS if name not in ("v", "details")}
    return Entry(details=details, **rest)


def _whole(torn: bytes, before: Entry) -> Entry | None:
    """The entry that lacks nothing but its line feed, or None."""
    try:
        entry = _parse(torn)
        _check_link(entry, before)
    except ValueError:
        return None
    return entry


def _check_link(entry: Entry, before: Entry | None) -> None:
    """ValueError saying how an entry fails to follow the one before."""
    seq, head = (before.seq, before.hash) if before else (0, GENESIS)
    if entry.seq > seq + 1:
        raise ValueError(f"has number {entry.seq}, so entries before it were removed")
    if entry.seq <= seq:
        raise ValueError(f"has number {entry.seq}, so entries were repeated or moved")
    if entry.prev != head:
        raise ValueError("does not follow the line before, so one of them was put there")


def _check(action: str, subject: str | None, result: str, details: Mapping[str, Any]) -> None:
    """ValueError when something is no value that a log may hold; never shows the value."""
    if not _is_word(action) or not _is_word(result):
        raise ValueError("action and result of a log entry must be words of the program")
    if subject is not None and not (isinstance(subject, str) and _CODE.fullmatch(subject)):
        raise ValueError(f"the subject of the log entry {action} must be a code such as R01")
    for key, value in details.items():
        values = value if isinstance(value, list | tuple) else (value,)
        if not _KEY.fullmatch(key) or not all(_is_scalar(item) for item in values):
            raise ValueError(f"detail {key!r} of the log entry {action} is no coded value")


def _is_scalar(value: object) -> bool:
    if isinstance(value, bool | int):
        return True
    if isinstance(value, float):
        return math.isfinite(value)
    return isinstance(value, str) and (
        _is_word(value) or any(form.fullmatch(value) for form in (_CODE, _HEX, _TIME))
    )


def _is_word(value: object) -> bool:
    return (
        isinstance(value, str)
        and _WORD.fullmatch(value) is not None
        and _FILE_NAME.fullmatch(value) is None
    )
