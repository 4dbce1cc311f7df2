"""The log: what was done to whom's data, when and by whom, without a single name.

One entry a line, each bound to the one before by a hash, so that a changed, removed,
inserted or moved line shows:

    {"v":1,"seq":1,"time":"2026-03-01T09:30:00Z","actor":"5c1f0a9b27d3e846",
     "action":"transcribed","subject":"R01","result":"done",
     "details":{"seconds":3012},"prev":"<hash of the line before>","hash":"<64 hex>"}

in this order, details sorted by key, no white space, ASCII. `hash` is the SHA-256 of the
line's bytes from the start up to, not including, `,"hash":`; `prev` of the first line is
64 zeros. `actor` is a keyed digest of the operating system's user name. What an entry may hold
is declared in `log_schema`. The whole format is specified in docs/AUDIT-FORMAT.md, from which
docs/verify_audit.py is written.

Anybody can compute a chain of hashes. So the first entry names a signing key, whose secret
half lies in the study's key file, and entries "signature" sign all before them. A host that
has no key leaves its entries unsigned until somebody who has it goes on.

Neither shows that the tail was cut off or, to whoever holds the signing key, that all was
written anew; for that a checkpoint has to be kept elsewhere (`checkpoint`).

A last line without a line feed was cut off by a crash (its `append` never returned, so
nothing was done on the strength of it). `verify` reports it; the next `append` removes it,
or gives it its line feed if it is whole, and says so in an entry "log-recovered".
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import itertools
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from anonpipe import log_schema
from anonpipe.chain import (
    OWN,
    Chain,
    Detail,
    Entry,
    Scalar,
    Summary,
    check_link,
    compose,
    is_whole,
    now,
    parse,
    signature_message,
)
from anonpipe.errors import AuditError
from anonpipe.files import cause, flock, sync, write_all, write_durably
from anonpipe.signing import Signer

MAX_LINE = 16 * 1024
SIGN_EVERY = 100
LOCK_WAIT_SECONDS = 20.0

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _New:
    """An entry to be written."""

    action: str
    subject: str | None
    result: str
    details: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class _Verified:
    """The lines of a log that were verified, from its start.

    `digest` is the SHA-256 of their bytes, by which they are known again.
    """

    chain: Chain
    entries: tuple[Entry, ...]
    digest: bytes


class AuditLog:
    """The log of one study; `salt` is the study's id, which also keys digests of user names.

    With a `signer`, `append` signs by itself now and then. Lines that were verified are not
    verified again as long as their bytes are the same: a run asks the log about each source.
    """

    def __init__(self, path: Path, salt: str) -> None:
        self.path = path
        self.signer: Signer | None = None
        self._study = salt
        self._chain = Chain(salt)
        self._verified = _Verified(self._chain, (), b"")

    def exists(self) -> bool:
        """Whether there is a log; a study with state but without a log is for the caller."""
        return self.path.exists()

    def create(self, signer: Signer | None = None) -> str:
        """Start the log with an entry "log-created"; its hash. AuditError if there is one.

        Without a signer the log can never be signed.
        """
        details = {"study": self._study} | ({"signer": signer.public} if signer else {})
        line, entry = self._line(None, _New("log-created", None, "done", details))
        write_durably(self.path, line, mode=0o644, error=AuditError, overwrite=False)
        self.signer = signer
        return entry.hash

    def append(
        self,
        action: str,
        *,
        subject: str | None = None,
        result: str = "done",
        **details: Detail | list[Scalar],
    ) -> str:
        """Add an entry that is on the medium when this returns; returns its hash.

        What `log_schema.ACTIONS` does not declare is a programming error: ValueError.
        Raises AuditError (exit code 5) when the log is missing, does not end as it should,
        or cannot be written; the caller must then not do what it wanted to log.
        """
        if action in OWN:
            raise ValueError(f"the log writes the entry {action} by itself")
        log_schema.check(action, subject, result, details)
        new = _New(action, subject, result, details)

        def write(fd: int) -> str:
            return self._extend(fd, [new], due=log_schema.ACTIONS[action].signed)

        return self._locked(write)

    def sign(self) -> None:
        """Sign all entries that are not signed yet; nothing if there are none or no `signer`.

        Raises AuditError like `append`, and when this log is signed by another key than
        `signer`, or announces a change of keys that nobody completed.
        """

        def write(fd: int) -> None:
            chain = self._signing(fd)
            self._require_settled(chain)
            if chain.unsigned:
                self._extend(fd, [], due=True)

        if self.signer is not None:
            self._locked(write)

    def change_signer(self, new: Signer) -> None:
        """Have `new` sign this log from now on; the present signer signs that, in one write.

        Repeatable: a change to the same signer that a crash interrupted is completed, one that
        is complete already only sets `signer`. Raises AuditError like `sign`.
        """

        def write(fd: int) -> None:
            chain = self._signing(fd, new)
            if chain.signer == new.public and not chain.next_signer:
                return
            if chain.next_signer not in ("", new.public):
                raise AuditError(
                    f"{self.path} announces another signing key than this one: keep it as it is "
                    "and compare it with a backup."
                )
            details = {"old": chain.signer, "new": new.public}
            change = _New("signer-changed", None, "done", details)
            self._extend(fd, [] if chain.next_signer else [change], due=True, change=True)

        self._locked(write)
        self.signer = new

    def entries(self) -> Iterator[Entry]:
        """The entries in order, given when all are verified; raises AuditError."""
        self._verify()
        yield from self._verified.entries

    def vouched_entries(self) -> list[Entry]:
        """Those of the entries to be signed at once whose writer did sign them at once.

        The safety of the key rests on these alone. Whoever can write the file can add entries,
        and the next signature covers them like those of a machine without a key; but it is
        never put right behind one that another writer left. Raises AuditError.
        """
        return vouched(list(self.entries()))

    def credible_entries(self) -> list[Entry]:
        """All entries but those to be signed at once that are not vouched for."""
        entries = list(self.entries())
        return [
            entry
            for entry, after in itertools.zip_longest(entries, entries[1:])
            if not log_schema.ACTIONS[entry.action].signed
            or (after is not None and after.action == "signature")
        ]

    def verify(self) -> Summary:
        """Check every line. Raises AuditError (exit code 5) naming the first wrong line."""
        torn = self._verify()
        self._chain = self._verified.chain
        return self._chain.summary(torn)

    # -- writing

    def _locked(self, write: Callable[[int], T]) -> T:
        try:
            fd = os.open(self.path, os.O_RDWR | os.O_APPEND | os.O_CLOEXEC)
            try:
                if not flock(fd, LOCK_WAIT_SECONDS):
                    raise AuditError(
                        f"{self.path} is in use by another anonpipe: wait until that has ended."
                    )
                if os.fstat(fd).st_nlink == 0:
                    raise AuditError(
                        f"{self.path} was deleted meanwhile: put it back from a backup."
                    )
                return write(fd)
            finally:
                os.close(fd)
        except OSError as problem:
            raise AuditError(
                f"{self.path} cannot be written, so nothing more is done: {cause(problem)}."
            ) from None

    def _extend(self, fd: int, new: list[_New], *, due: bool, change: bool = False) -> str:
        """Write entries, and a signature when one is due; the hash of the last of `new`.

        A signature would make an announced change of keys count. So in between nothing is
        written that must be signed, unless this is the `change`.
        """
        size = os.fstat(fd).st_size
        tail, torn = self._read_tail(fd, size)
        chain = self._read_up(fd, size - len(torn), tail) if self.signer else None
        if due and chain and not change:
            self._require_settled(chain)
        data = b""
        if torn:
            cut = len(torn)
            if is_whole(torn, tail):
                cut, data, tail = 0, b"\n", parse(torn)
                chain = chain and chain.then(torn)
            else:
                size -= cut
                os.ftruncate(fd, size)
            new = [_New("log-recovered", None, "done", {"cut_bytes": cut}), *new]
        elif not new and log_schema.ACTIONS[tail.action].signed:
            new = [_New("log-recovered", None, "done", {"cut_bytes": 0})]  # see vouched_entries
        digest = ""
        for item in new:
            line, tail = self._line(tail, item)
            data, digest = data + line, tail.hash
            chain = chain and chain.then(line[:-1])
        due = due or (chain is not None and chain.unsigned >= SIGN_EVERY)
        if self.signer and chain and due and (change or not chain.next_signer):
            line, tail = self._signature(self.signer, tail)
            data += line
            chain = chain.then(line[:-1])
        try:
            write_all(fd, data)
            sync(fd)
        except OSError:
            # Half a line would be taken for a crash: leave the log as it was, if possible.
            with contextlib.suppress(OSError):
                os.ftruncate(fd, size)
                sync(fd)
            raise
        self._chain = chain or self._chain
        return digest

    def _signing(self, fd: int, new: Signer | None = None) -> Chain:
        """The chain to be signed, whose signer must be `signer`, or `new` if that is given."""
        size = os.fstat(fd).st_size
        tail, torn = self._read_tail(fd, size)
        return self._read_up(fd, size - len(torn), tail, new)

    def _read_up(self, fd: int, end: int, tail: Entry, new: Signer | None = None) -> Chain:
        """Read what was written since the log was last read, by whomever."""
        chain = self._chain
        try:
            if chain.offset > end:
                raise ValueError
            data = os.pread(fd, end - chain.offset, chain.offset)
            for line in data.split(b"\n")[:-1]:
                chain = chain.then(line)
            if chain.last != tail:
                raise ValueError
        except ValueError:
            raise self._spoilt() from None
        mine = {signer.public for signer in (self.signer, new) if signer}
        if chain.signer not in mine:
            raise AuditError(
                f"{self.path} is signed by another key than the one in this study's key file: "
                "put back the log and the key that belong together."
            )
        self._chain = chain
        return chain

    def _require_settled(self, chain: Chain) -> None:
        if chain.next_signer:
            raise AuditError(
                f"{self.path} announces another signing key, which was not signed: if no "
                "change of recipients was interrupted, somebody wrote that into the log; keep "
                "it as it is and compare it with a backup."
            )

    def _spoilt(self) -> AuditError:
        return AuditError(
            f"{self.path} does not verify at its end, so nothing more is done: "
            "run `anonpipe audit verify` and put it back from a backup."
        )

    def _read_tail(self, fd: int, size: int) -> tuple[Entry, bytes]:
        """The last whole entry, checked against the one before, and what a crash left behind."""
        start = max(0, size - 3 * MAX_LINE)
        data = os.pread(fd, size - start, start)
        *lines, torn = data.split(b"\n")
        try:
            # MAX_LINE makes sure that two whole lines are in the chunk, if the file has two.
            before = parse(lines[-2]) if len(lines) > 1 or start else None
            last = parse(lines[-1])
            check_link(last, before)
        except (ValueError, IndexError):
            raise self._spoilt() from None
        return last, torn

    def _signature(self, signer: Signer, before: Entry) -> tuple[bytes, Entry]:
        time = now()
        message = signature_message(self._study, before.seq, before.hash, time)
        details = {
            "head": before.hash,
            "seq": before.seq,
            "signature": signer.sign(message),
            "signer": signer.public,
        }
        return self._line(before, _New("signature", None, "done", details), time)

    def _line(self, before: Entry | None, new: _New, time: str = "") -> tuple[bytes, Entry]:
        actor = self._actor()
        line, entry = compose(
            before, time or now(), actor, new.action, new.subject, new.result, new.details
        )
        if len(line) > MAX_LINE:
            raise ValueError(f"the log entry {new.action} is longer than {MAX_LINE} bytes")
        return line, entry

    def _actor(self) -> str:
        import pwd

        try:
            name = pwd.getpwuid(os.geteuid()).pw_name
        except KeyError:  # users of a container need not be listed
            name = str(os.geteuid())
        return hmac.new(self._study.encode(), name.encode(), hashlib.sha256).hexdigest()[:16]

    # -- reading

    def _verify(self) -> int:
        """Read the log into `_verified`; how many bytes a crash left behind its last line."""
        data = self._bytes()
        end = data.rfind(b"\n") + 1
        if not end:
            raise AuditError(f"{self.path} has no whole entry: put it back from a backup.")
        known = self._verified
        before = memoryview(data)[: known.chain.offset]
        if hashlib.sha256(before).digest() != known.digest:
            known = _Verified(Chain(self._study), (), b"")
        chain, entries = known.chain, list(known.entries)
        for line in data[chain.offset : end].split(b"\n")[:-1]:
            try:
                chain = chain.then(line)
            except ValueError as problem:
                raise AuditError(
                    f"{self.path} does not verify, line {len(entries) + 1} {problem}: "
                    "keep it as it is and compare it with a backup."
                ) from None
            assert chain.last is not None
            entries.append(chain.last)
        if len(entries) > len(known.entries):
            digest = hashlib.sha256(memoryview(data)[:end]).digest()
            self._verified = _Verified(chain, tuple(entries), digest)
        return len(data) - end

    def lines(self) -> tuple[list[bytes], bytes]:
        """The whole lines, unchecked, and what a crash left of a last one. Raises AuditError
        when the file is missing or cannot be read.
        """
        *lines, torn = self._bytes().split(b"\n")
        return lines, torn

    def _bytes(self) -> bytes:
        """The file, taken under the lock so that no half-written line is seen."""
        try:
            with self.path.open("rb") as file:
                if not flock(file.fileno(), LOCK_WAIT_SECONDS, shared=True):
                    raise AuditError(
                        f"{self.path} is in use by another anonpipe: wait until that has ended."
                    )
                return file.read()
        except OSError as problem:
            raise AuditError(f"{self.path} cannot be read: {cause(problem)}.") from None


def vouched(entries: Sequence[Entry]) -> list[Entry]:
    """`AuditLog.vouched_entries` of a whole log that was read and verified already."""
    return [
        entry
        for entry, after in itertools.pairwise(entries)
        if log_schema.ACTIONS[entry.action].signed and after.action == "signature"
    ]


__all__ = ["AuditLog", "Entry", "Summary", "vouched"]
