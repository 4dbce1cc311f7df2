"""What the register promised before: every row is in the log, and no promise gets weaker unseen.

The register is a file that anybody with the study may edit. So whoever acts on it first takes
it in: each row that is new or changed is logged (codes, dates, yes and no; never a file
pattern, which may name somebody), and a row that promises less than the one before is refused
until somebody accepts it and says whose approval they have. What gets stricter is taken in
without a word. The first register that is seen is the baseline.

Weaker is

    audio             a later day or none, a bleeped copy that was not to be kept, a wait for
                      review that was not foreseen
    review            no person looks any more
    transcript_until  later, or no day any more
    at_end            deletion was promised and is not any more, or nothing is promised any more
    quotes, archive   yes instead of no
    withdrawn_on      gone, or later
    participant       the row is gone while the study holds something of that participant
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, cast

from anonpipe.audit import AuditLog, Entry
from anonpipe.consent import AtEnd, Demand, Register, Row, Rule, parse_rule
from anonpipe.errors import ConsentError
from anonpipe.study import SourceState, Stage

_DAYS = ("consented_on", "transcript_until", "withdrawn_on")
_SHOWN = 3  # changes in one message


@dataclass(frozen=True, slots=True)
class Promise:
    """What one row promises, without what may name a file."""

    participant: str
    audio: Rule
    review: bool
    consented_on: date | None = None
    transcript_until: date | None = None
    at_end: AtEnd | None = None
    quotes: bool = False
    archive: bool = False
    withdrawn_on: date | None = None

    @classmethod
    def of(cls, row: Row) -> Promise:
        """The promise of a row of the register."""
        return cls(
            participant=row.participant,
            audio=row.audio,
            review=row.review,
            consented_on=row.consented_on,
            transcript_until=row.transcript_until,
            at_end=row.at_end,
            quotes=row.quotes,
            archive=row.archive,
            withdrawn_on=row.withdrawn_on,
        )

    def details(self) -> dict[str, Any]:
        """The promise as details of a log entry; what is empty is left out."""
        found: dict[str, Any] = {
            "rule": str(self.audio),
            "review": self.review,
            "quotes": self.quotes,
            "archive": self.archive,
        }
        if self.at_end is not None:
            found["at_end"] = self.at_end
        for name in _DAYS:
            day = getattr(self, name)
            if day is not None:
                found[name] = day.isoformat()
        return found

    @classmethod
    def from_entry(cls, entry: Entry) -> Promise:
        """The promise that an entry "consent-row" tells of."""
        details = dict(entry.details)

        def day(name: str) -> date | None:
            return date.fromisoformat(str(details[name])) if name in details else None

        return cls(
            participant=str(entry.subject),
            audio=parse_rule(str(details["rule"])),
            review=details["review"] is True,
            consented_on=day("consented_on"),
            transcript_until=day("transcript_until"),
            at_end=cast("AtEnd | None", details.get("at_end")),
            quotes=details["quotes"] is True,
            archive=details["archive"] is True,
            withdrawn_on=day("withdrawn_on"),
        )

    @property
    def reviewed(self) -> bool:
        """Whether a person looks before the recording goes."""
        return self.review or self.audio.kind == "delete-after-review"

    def digest(self) -> str:
        """SHA-256 of the promise: a code, dates and words of the program, so nobody's name."""
        return _digest([self])


@dataclass(frozen=True, slots=True)
class Change:
    """A row that differs from what the log knows of it.

    `promise` is None when the row is gone; `line` is then None too. `loosened` are the
    columns that promise less than before, in the order of the register.
    """

    participant: str
    line: int | None
    promise: Promise | None
    loosened: tuple[str, ...]


def register_digest(register: Register) -> str:
    """SHA-256 of all promises of a register, in order of participant."""
    return _digest(Promise.of(row) for row in register.rows)


def _digest(promises: Iterable[Promise]) -> str:
    values = sorted(({"participant": p.participant} | p.details() for p in promises), key=str)
    text = json.dumps(values, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def promised(log: AuditLog) -> dict[str, Promise]:
    """What each participant's row said when it was last taken in by a holder of the key.

    Raises AuditError.
    """
    found: dict[str, Promise] = {}
    for entry in log.vouched_entries():
        if entry.action == "consent-row":
            found[str(entry.subject)] = Promise.from_entry(entry)
        elif entry.action == "consent-row-removed":
            found.pop(str(entry.subject), None)
    return found


def held(state: Mapping[str, SourceState]) -> frozenset[str]:
    """The participants of whom the study holds something, by state.json."""
    return frozenset(
        code
        for source in state.values()
        if source.outputs or source.stage is not Stage.FINAL
        for code in source.participants
    )


def compare(
    before: Mapping[str, Promise], register: Register, held: Collection[str]
) -> tuple[Change, ...]:
    """The rows that differ from what was promised before, in order of the register.

    `held` are the participants of whom the study holds something.
    """
    found: list[Change] = []
    for row in register.rows:
        now, old = Promise.of(row), before.get(row.participant)
        if now != old:
            columns = loosened(old, now) if old else ()
            found.append(Change(row.participant, row.line, now, columns))
    there = {row.participant for row in register.rows}
    for participant in sorted(set(before) - there):
        columns = ("participant",) if participant in held else ()
        found.append(Change(participant, None, None, columns))
    return tuple(found)


def loosened(old: Promise, new: Promise) -> tuple[str, ...]:
    """The columns in which `new` promises less than `old`."""
    unseen = old.reviewed and not new.reviewed
    weaker = {
        "audio": _weaker_rule(old, new) or (unseen and not old.review),
        "review": unseen and old.review,
        "transcript_until": _later(old.transcript_until, new.transcript_until),
        "quotes": new.quotes and not old.quotes,
        "archive": new.archive and not old.archive,
        "withdrawn_on": _later(old.withdrawn_on, new.withdrawn_on),
        "at_end": old.at_end is not None and new.at_end not in (old.at_end, "delete"),
    }
    return tuple(column for column, is_weaker in weaker.items() if is_weaker)


def _weaker_rule(old: Promise, new: Promise) -> bool:
    if new.audio.first_day > old.audio.first_day:
        return True
    if new.audio.kind == "keep-bleeped" and old.audio.kind != "keep-bleeped":
        return True
    # Kept until somebody finds the time to look: no date is later, but the file stays longer.
    waits = new.audio.kind == "delete-after-review"
    return waits and not old.reviewed and old.audio.day is None


def _later(old: date | None, new: date | None) -> bool:
    """Whether a day that was there is gone or later."""
    return old is not None and (new is None or new > old)


def asks_less(old: Demand, new: Demand) -> bool:
    """Whether a source that came to belong to others may be kept longer, or used more."""
    return (
        (new.delete_from or date.min) > (old.delete_from or date.min)
        or (new.keep_bleeped and not old.keep_bleeped)
        or (old.review and not new.review)
        or _later(old.transcript_until, new.transcript_until)
        or (new.quotes and not old.quotes)
        or (new.archive and not old.archive)
        or (old.at_end is not None and new.at_end not in (old.at_end, "delete"))
    )


def check(
    log: AuditLog, register: Register, held: Collection[str], *, approval: str | None = None
) -> tuple[Change, ...]:
    """What changed in the register since it was taken in; nothing is logged.

    Raises ConsentError (exit code 3), naming row and column, if a promise got weaker and there
    is no approval for it.
    """
    changes = compare(promised(log), register, held)
    weaker = [change for change in changes if change.loosened]
    if weaker and approval is None:
        told = [sentence(change, register.path.name) for change in weaker[:_SHOWN]]
        more = f", and {len(weaker) - _SHOWN} more rows" if len(weaker) > _SHOWN else ""
        raise ConsentError(
            f"{'; '.join(told)}{more}: put back what was promised, or, with an approval, run "
            "again with --accept-change --approval REFERENCE."
        )
    return changes


def take_in(
    log: AuditLog,
    register: Register,
    held: Collection[str],
    *,
    approval: str | None = None,
) -> tuple[Change, ...]:
    """Log what changed in the register, and let no promise get weaker unless it is approved.

    `approval` is the reference of the approval that somebody has for weaker promises. Killed
    anywhere, the rest is taken in the next time. A host without the key cannot answer for what
    was promised: it only compares, and a holder of the key takes the register in later.
    Raises ConsentError (exit code 3) naming row and column, AuditError when it cannot be logged.
    """
    if log.signer is None:
        return check(log, register, held)
    changes = check(log, register, held, approval=approval)
    for change in changes:
        if change.loosened:
            assert approval is not None
            log.append(
                "consent-change-accepted",
                subject=change.participant,
                columns=change.loosened,
                approval=approval,
            )
        if change.promise is None:
            log.append("consent-row-removed", subject=change.participant)
        else:
            log.append(
                "consent-row",
                subject=change.participant,
                **change.promise.details(),
                row=change.promise.digest(),
            )
    known = [e for e in log.entries() if e.action == "consent-register"]
    digest = register_digest(register)
    if not known or known[-1].details["register"] != digest:
        log.append("consent-register", register=digest, rows=len(register.rows))
    return changes


def sentence(change: Change, file: str) -> str:
    """What got weaker in one row, naming row and column; the start of a sentence."""
    if change.line is None:
        return f"{file}: the row of {change.participant} is gone though the study holds their data"
    columns = " and ".join(change.loosened)
    word = "column" if len(change.loosened) == 1 else "columns"
    return (
        f"{file}, row {change.line}, {word} {columns}: {change.participant} was promised more "
        "before"
    )
