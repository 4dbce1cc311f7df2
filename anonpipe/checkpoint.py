"""Checkpoints: what an officer keeps elsewhere, and what a log is worth next to one.

Whoever can write the log can cut off its tail, and whoever holds the signing key can write
all of it anew: no log shows that by itself. A checkpoint holds the log's last signature and,
for every entry up to it, the beginning of its hash, so that a rewrite is not only noticed
but located. It needs no key to make and none to compare. docs/AUDIT-FORMAT.md specifies it.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from anonpipe import signing
from anonpipe.chain import Chain, Entry, Summary, dump, line_hash, signature_message
from anonpipe.errors import AuditError, UsageError
from anonpipe.files import cause, write_durably

FORMAT = "anonpipe-checkpoint"
VERSION = 1
SHORT = 8
"""Hexadecimal digits of each hash in the trail: enough to locate a rewrite, which the whole
hash and the signature prove."""
MAX_FILE = 128 * 1024 * 1024
_FIELDS = ("format", "v", "study", "seq", "head", "time", "signer", "signature", "trail", "hash")
_FORMS = {
    "study": r"[0-9a-f]{16}",
    "head": r"[0-9a-f]{64}",
    "time": r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z",
    "signer": r"[0-9a-f]{64}",
    "signature": r"[0-9a-f]{128}",
    "trail": rf"(?:[0-9a-f]{{{SHORT}}})+",
}

Word = Literal["CONSISTENT", "TRUNCATED", "REWRITTEN", "DOES NOT VERIFY"]


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The log of `study` at its last signature, which says that entry `seq` has hash `head`.

    `time`, `signer` and `signature` are that signature's, which is itself entry `seq` + 1.
    `trail` holds the first 8 digits of the hash of each entry from the first to the signature.
    """

    study: str
    seq: int
    head: str
    time: str
    signer: str
    signature: str
    trail: tuple[str, ...]

    @property
    def entries(self) -> int:
        """How many entries the log had up to and with the signature."""
        return self.seq + 1


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a log is worth, next to a checkpoint of `before` entries if there was one.

    `now` counts the whole lines that are there, `at` is the number of the first wrong one,
    `why` says in a clause what is wrong. `torn_bytes` is what a crash left of a last line.
    `summary` is None when the log does not verify by itself.
    """

    word: Word
    now: int
    before: int | None = None
    at: int | None = None
    why: str = ""
    torn_bytes: int = 0
    summary: Summary | None = None

    @property
    def sound(self) -> bool:
        return self.word == "CONSISTENT"

    @property
    def lines(self) -> tuple[str, ...]:
        """The verdict in its fixed words: one line, or two when a crash cut off the last entry."""
        if self.at is not None:
            return (f"{self.word} at {self.at}",)
        numbers = str(self.now) if self.before is None else f"{self.before} -> {self.now}"
        torn = ("TORN LAST LINE",) if self.sound and self.torn_bytes else ()
        return (f"{self.word} {numbers}", *torn)

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values: those of the verdict, and of the summary if there is one."""
        rest = asdict(self.summary) if self.summary else {}
        return rest | {
            "verdict": self.word,
            "lines": list(self.lines),
            "checkpoint": self.before,
            "entries": self.now,
            "at": self.at,
            "why": self.why,
            "torn_bytes": self.torn_bytes,
        }


def take(lines: Sequence[bytes], study: str) -> Checkpoint:
    """The checkpoint of a log at its last signature.

    Raises AuditError (exit code 5) when the log does not verify or bears no signature.
    """
    chain, signature, hashes = Chain(study), None, []
    for number, line in enumerate(lines, start=1):
        try:
            chain = chain.then(line)
        except ValueError as problem:
            raise AuditError(
                f"There is no checkpoint of a log that does not verify: line {number} {problem}; "
                "keep the log as it is and compare it with an earlier checkpoint or a backup."
            ) from None
        assert chain.last is not None
        hashes.append(chain.last.hash)
        if chain.last.action == "signature":
            signature = chain.last
    if signature is None:
        raise AuditError(
            "The log bears no signature yet, so there is nothing to keep: have somebody who holds "
            "the key run a command that opens it, such as `anonpipe run`."
        )
    return Checkpoint(
        study=study,
        seq=signature.seq - 1,
        head=signature.prev,
        time=signature.time,
        signer=str(signature.details["signer"]),
        signature=str(signature.details["signature"]),
        trail=tuple(digest[:SHORT] for digest in hashes[: signature.seq]),
    )


def write(path: Path, checkpoint: Checkpoint) -> None:
    """Write a checkpoint, durably; UsageError when the file exists or cannot be written."""
    values = {
        "format": FORMAT,
        "v": VERSION,
        **asdict(checkpoint),
        "trail": "".join(checkpoint.trail),
    }
    body = dump(values)[:-1]
    line = body + b',"hash":"' + hashlib.sha256(body).hexdigest().encode() + b'"}\n'
    write_durably(path, line, mode=0o644, error=UsageError, overwrite=False)


def read(path: Path, study: str) -> Checkpoint:
    """Read a checkpoint of this study's log.

    Raises UsageError when the file cannot be read, is damaged, belongs to another study, or
    bears a wrong signature: each says so, and none says anything of the log.
    """
    try:
        with path.open("rb") as file:
            data = file.read(MAX_FILE)
    except OSError as problem:
        raise UsageError(f"{path} cannot be read: {cause(problem)}.") from None
    try:
        found = _parse(data.rstrip(b"\r\n"))
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise UsageError(
            f"{path} is no checkpoint, or was damaged: take another copy of it."
        ) from None
    if found.study != study:
        raise UsageError(f"{path} is the checkpoint of another study: name the one of this study.")
    message = signature_message(found.study, found.seq, found.head, found.time)
    if not signing.verify(found.signer, message, found.signature):
        raise UsageError(
            f"{path} bears a wrong signature, so it is no checkpoint that anonpipe wrote: "
            "take another copy of it."
        )
    return found


def _parse(line: bytes) -> Checkpoint:
    if line_hash(line) is None:
        raise ValueError
    data = json.loads(line)
    if tuple(data) != _FIELDS or dump(data) != line or data["format"] != FORMAT:
        raise ValueError
    if type(data["v"]) is not int or data["v"] != VERSION or type(data["seq"]) is not int:
        raise ValueError
    if not all(re.fullmatch(form, data[name]) for name, form in _FORMS.items()):
        raise ValueError
    text = data["trail"]
    trail = tuple(text[at : at + SHORT] for at in range(0, len(text), SHORT))
    if data["seq"] < 1 or len(trail) != data["seq"] + 1:
        raise ValueError
    if trail[data["seq"] - 1] != data["head"][:SHORT]:
        raise ValueError
    values = {name: data[name] for name in _FIELDS[2:-2]}
    return Checkpoint(**values, trail=trail)


def examine(
    lines: Sequence[bytes], torn: bytes, study: str, against: Checkpoint | None = None
) -> Verdict:
    """What a log is worth: its whole lines, what is left of a last one, and a checkpoint.

    Nothing is raised for what is wrong with the log; that is the verdict.
    """
    chain, wrong, why = Chain(study), None, ""
    signature: Entry | None = None
    head, signers = "", set()
    for number, line in enumerate(lines, start=1):
        try:
            chain = chain.then(line)
        except ValueError as problem:
            wrong, why = number, f"line {number} {problem}"
            break
        assert chain.last is not None
        signers |= {chain.signer}
        if against and number == against.seq:
            head = chain.last.hash
        if against and number == against.entries:
            signature = chain.last
    if not lines and against is None:
        wrong, why = 1, "there is no whole entry"

    def verdict(word: Word, at: int | None = None, why: str = "") -> Verdict:
        before = against.entries if against else None
        # Behind a wrong line nobody knows the signers.
        if against and word == "REWRITTEN" and wrong is None and against.signer not in signers:
            why += ", and no key of this log signed the checkpoint"
        summary = chain.summary(len(torn)) if wrong is None and lines else None
        return Verdict(word, len(lines), before, at, why, len(torn), summary)

    if against is not None:
        for number, (line, short) in enumerate(zip(lines, against.trail, strict=False), start=1):
            if (line_hash(line) or "")[:SHORT] != short and (wrong is None or number <= wrong):
                why = f"line {number} is not what it was at the checkpoint"
                return verdict("REWRITTEN", number, why)
    if wrong is not None:
        return verdict("DOES NOT VERIFY", wrong, why)
    if against is None:
        return verdict("CONSISTENT")
    if len(lines) < against.entries:
        missing = against.entries - len(lines)
        return verdict(
            "TRUNCATED", None, f"the last {missing} of the checkpoint's entries are gone"
        )
    if head != against.head:
        why = f"line {against.seq} is not what the checkpoint signs"
        return verdict("REWRITTEN", against.seq, why)
    assert signature is not None
    kept = {"signer": against.signer, "signature": against.signature}
    if signature.action != "signature" or not kept.items() <= dict(signature.details).items():
        why = f"line {against.entries} is not the checkpoint's signature"
        return verdict("REWRITTEN", against.entries, why)
    return verdict("CONSISTENT")
