"""The chain of a log's entries: what a line must be, given all the lines before it.

Pure functions of bytes; docs/AUDIT-FORMAT.md specifies what they check.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from anonpipe import log_schema, signing
from anonpipe.log_kinds import DIGEST, FINGERPRINT, TIME

VERSION = 1
GENESIS = "0" * 64
FIELDS = ("v", "seq", "time", "actor", "action", "subject", "result", "details", "prev", "hash")
OWN = ("log-created", "log-recovered", "signature", "signer-changed")
"""What the log writes by itself."""

Scalar = str | int | float | bool
Detail = Scalar | tuple[Scalar, ...]

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

    `signer` is the public key that signs it now, "" if none does. Entries up to number
    `signed_to` are signed, and the signature itself is the entry after that; `unsigned` counts
    the entries since. `torn_bytes` is the length of a last line that a crash cut off, 0 as a
    rule. `notes` are sentences about what is odd but no sign of tampering.
    """

    count: int
    first: str
    last: str
    head: str
    torn_bytes: int
    notes: tuple[str, ...]
    signer: str
    signed_to: int
    unsigned: int


@dataclass(frozen=True, slots=True)
class Chain:
    """What is known after reading lines from the start; `then` reads one more.

    `offset` is the number of bytes read. `next_signer` was announced and does not count before
    the present `signer` has signed that.
    """

    study: str
    offset: int = 0
    first: str = ""
    last: Entry | None = None
    signer: str = ""
    next_signer: str = ""
    signed_to: int = 0
    signature_seq: int = 0
    jumps: tuple[int, ...] = ()
    latest: tuple[str, int] = ("", 0)

    @property
    def unsigned(self) -> int:
        return (self.last.seq if self.last else 0) - self.signature_seq

    def then(self, line: bytes) -> Chain:
        """The chain with one line more, given without its line feed.

        Raises ValueError, saying what is wrong with the line.
        """
        entry = parse(line)
        check_link(entry, self.last)
        changed: dict[str, Any] = {}
        if (entry.action == "log-created") != (self.last is None):
            raise ValueError("is or lacks the beginning of a log")
        if entry.action == "log-created":
            if entry.details["study"] != self.study:
                raise ValueError("belongs to another study")
            changed.update(first=entry.time, signer=entry.details.get("signer", ""))
        elif entry.action == "signer-changed":
            if entry.details["old"] != self.signer or self.next_signer:
                raise ValueError("changes a signing key that does not count")
            changed.update(next_signer=entry.details["new"])
        elif entry.action == "signature":
            self._check_signature(entry)
            changed.update(signed_to=entry.seq - 1, signature_seq=entry.seq, next_signer="")
            changed.update(signer=self.next_signer or self.signer)
        if self.last is not None and entry.time < self.last.time:
            changed.update(jumps=(*self.jumps, self.last.seq))
        latest = max(self.latest, (entry.time, entry.seq))
        offset = self.offset + len(line) + 1
        return replace(self, offset=offset, last=entry, latest=latest, **changed)

    def _check_signature(self, entry: Entry) -> None:
        details = entry.details
        if (details["seq"], details["head"]) != (entry.seq - 1, entry.prev):
            raise ValueError("signs other entries than those before it")
        if not self.signer or details["signer"] != self.signer:
            raise ValueError("is signed by a key that does not count")
        message = signature_message(self.study, entry.seq - 1, entry.prev, entry.time)
        if not signing.verify(self.signer, message, str(details["signature"])):
            raise ValueError("has a wrong signature")

    def summary(self, torn: int) -> Summary:
        """What was read, `torn` bytes of a line that was cut off being left."""
        notes = [f"The clock went back between lines {at} and {at + 1}." for at in self.jumps]
        if self.latest[0] > now():
            notes.append(f"Line {self.latest[1]} is dated later than now.")
        if torn:
            notes.append(f"The last line was cut off by a crash ({torn} bytes).")
        if self.next_signer:
            notes.append("A change of the signing key was announced and is not signed yet.")
        assert self.last is not None
        return Summary(
            count=self.last.seq,
            first=self.first,
            last=self.last.time,
            head=self.last.hash,
            torn_bytes=torn,
            notes=tuple(notes),
            signer=self.signer,
            signed_to=self.signed_to,
            unsigned=self.unsigned,
        )


def signature_message(study: str, seq: int, head: str, time: str) -> bytes:
    """What a signature signs: that entry `seq` of a study's log has the hash `head`."""
    return signing.compose("log", study, str(seq), head, time)


def now() -> str:
    """The time as entries give it, in UTC, to the second."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def dump(value: Any) -> bytes:
    """The one way to write a value."""
    return json.dumps(value, ensure_ascii=True, allow_nan=False, separators=(",", ":")).encode()


def compose(
    before: Entry | None,
    time: str,
    actor: str,
    action: str,
    subject: str | None,
    result: str,
    details: Mapping[str, Any],
) -> tuple[bytes, Entry]:
    """The line that follows `before`, with its line feed; ValueError if it may not be written."""
    log_schema.check(action, subject, result, details)
    entry = {
        "v": VERSION,
        "seq": before.seq + 1 if before else 1,
        "time": time,
        "actor": actor,
        "action": action,
        "subject": subject,
        "result": result,
        "details": dict(sorted(details.items())),
        "prev": before.hash if before else GENESIS,
    }
    body = dump(entry)[:-1]
    line = body + b',"hash":"' + hashlib.sha256(body).hexdigest().encode() + b'"}\n'
    return line, parse(line[:-1])


def line_hash(line: bytes) -> str | None:
    """The hash that a line without its line feed ends with, None if that is not its own."""
    found = _TAIL.fullmatch(line)
    if found is None or hashlib.sha256(found[1]).hexdigest().encode() != found[2]:
        return None
    return found[2].decode()


def parse(line: bytes) -> Entry:
    """Read one line without its line feed; ValueError saying what is wrong with it."""
    if line_hash(line) is None:
        ends_well = _TAIL.fullmatch(line) is not None
        raise ValueError("was changed, as its hash shows" if ends_well else "is no entry of a log")
    try:
        data = json.loads(line)
        if tuple(data) != FIELDS or dump(data) != line:
            raise ValueError
        details = data["details"]
        if not (type(data["v"]) is type(data["seq"]) is int and data["v"] == VERSION):
            raise ValueError
        if list(details) != sorted(details):
            raise ValueError
        log_schema.check(data["action"], data["subject"], data["result"], details)
        kinds = (TIME, "time"), (FINGERPRINT, "actor")
        if not all(kind.holds(data[name]) for kind, name in (*kinds, (DIGEST, "prev"))):
            raise ValueError
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise ValueError("holds what no entry of this version may hold") from None
    rest = {name: data[name] for name in FIELDS if name not in ("v", "details")}
    return Entry(
        details={k: tuple(v) if isinstance(v, list) else v for k, v in details.items()}, **rest
    )


def is_whole(torn: bytes, before: Entry) -> bool:
    """Whether a last line lacks nothing but its line feed.

    What the log writes of itself is no loss, and is not taken on trust.
    """
    try:
        entry = parse(torn)
        check_link(entry, before)
    except ValueError:
        return False
    return entry.action not in OWN


def check_link(entry: Entry, before: Entry | None) -> None:
    """ValueError saying how an entry fails to follow the one before."""
    seq, head = (before.seq, before.hash) if before else (0, GENESIS)
    if entry.seq > seq + 1:
        raise ValueError(f"has number {entry.seq}, so entries before it were removed")
    if entry.seq <= seq:
        raise ValueError(f"has number {entry.seq}, so entries were repeated or moved")
    if entry.prev != head:
        raise ValueError("does not follow the line before, so one of them was put there")
