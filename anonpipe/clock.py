"""Whether this machine's date can be trusted with a deletion that a date decides.

A clock that runs ahead deletes what was promised to be there still, and nothing brings it
back; one that runs behind keeps what was promised to be gone. No program can know the date
by itself, offline at that. What it has is the times in the log:

- an entry more than a day *earlier* than the one before: one of them is wrong;
- an entry more than `LONGEST_SILENCE` *later* than the one before: a pause, or a clock that
  jumped ahead.

The same is asked of now and the last entry. In both cases nothing that depends on a date is
deleted until a person says which day it is: `--today DATE` must be the machine's own date, and
is logged ("clock-confirmed"); what was odd before that entry counts no longer. A retention run
logs at least one entry a week, so that a scheduled one is never silent for that long.

What this cannot see: a clock that is wrong by less than that, and one that somebody sets wrong
and then confirms. The times in the log show it afterwards.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from anonpipe.audit import AuditLog
from anonpipe.errors import UsageError

CONFIRMED = "clock-confirmed"
TOLERANCE = timedelta(days=1)
LONGEST_SILENCE = timedelta(days=35)
HEARTBEAT = timedelta(days=7)


def doubt(log: AuditLog, now: datetime) -> str | None:
    """Why the date of `now` (with a zone) may decide no deletion, as a sentence, or None.

    Raises AuditError when the log does not verify.
    """
    confirmed = {entry.seq for entry in log.vouched_entries() if entry.action == CONFIRMED}
    before: datetime | None = None
    jump: tuple[datetime, datetime] | None = None
    for entry in log.entries():
        time = datetime.fromisoformat(entry.time)
        if entry.seq in confirmed:
            jump = None
        elif before is not None and _jumps(before, time):
            jump = before, time
        before = time
    if before is not None and _jumps(before, now):
        jump = before, now
    if jump is None:
        return None
    here = now.date()
    one, other = (time.astimezone(now.tzinfo).date() for time in jump)
    return (
        f"The clock of this machine may be wrong (from {one} it went to {other}), so nothing is "
        f"deleted that depends on a date: set it right, or, if today is {here}, say so with "
        f"`anonpipe run --today {here}`."
    )


def check(
    log: AuditLog, now: datetime, confirmed: date | None, *, dry_run: bool = False
) -> str | None:
    """The doubt about the date that is left after a person said which day it is.

    Raises UsageError if that is another day than the machine's, AuditError like `doubt`.
    """
    left = doubt(log, now)
    if confirmed is None:
        return left
    if confirmed != now.date():
        raise UsageError(
            f"This machine says that it is {now.date()}, not {confirmed}: set the clock right."
        )
    if left is not None and not dry_run:
        log.append(CONFIRMED)
    return None


def is_silent(log: AuditLog, now: datetime) -> bool:
    """Whether the log needs an entry, so that its silence does not become a doubt."""
    *_, last = log.entries()
    return now - datetime.fromisoformat(last.time) > HEARTBEAT


def _jumps(one: datetime, other: datetime) -> bool:
    return other < one - TOLERANCE or other > one + LONGEST_SILENCE
