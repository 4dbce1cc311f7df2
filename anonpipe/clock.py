"""Whether this machine's date can be trusted with a deletion that a date decides.

A clock that runs ahead deletes what was promised to be there still, and nothing brings it
back; one that runs behind keeps what was promised to be gone. No program can know the date
by itself, offline at that. What it has is the log, whose last entry has a time:

- a clock more than a day *behind* that entry is wrong, or was wrong when it was written;
- a clock more than `LONGEST_SILENCE` *ahead* of it may be right, after a pause, or have jumped.

In both cases nothing that depends on a date is deleted until a person says which day it is:
`--today DATE` must be the machine's own date, and is logged ("clock-confirmed"). A retention
run logs at least one entry a week, so that a scheduled one is never silent for that long.

What this cannot see: a clock that is wrong by less than that, and one that somebody sets wrong
and then confirms. The times in the log would show it afterwards.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from anonpipe.audit import AuditLog
from anonpipe.errors import UsageError

TOLERANCE = timedelta(days=1)
LONGEST_SILENCE = timedelta(days=35)
HEARTBEAT = timedelta(days=7)


def last_entry(log: AuditLog) -> datetime:
    """When the last entry of the log was written, by the clock of then. Raises AuditError."""
    *_, last = log.entries()
    return datetime.fromisoformat(last.time)


def doubt(last: datetime, now: datetime) -> str | None:
    """Why the date of `now` may decide no deletion, as a sentence, or None.

    Both are times with a zone.
    """
    here, there = now.astimezone(UTC).date(), last.astimezone(UTC).date()
    say = f"set the clock right, or, if today is {now.date()}, run again with --today {now.date()}."
    if now < last - TOLERANCE:
        return (
            f"This machine says that it is {here}, but the last entry of the log is of {there}, so "
            f"nothing was deleted that depends on a date: {say}"
        )
    if now > last + LONGEST_SILENCE:
        return (
            f"This machine says that it is {here}, and the last entry of the log is of {there}: "
            f"the clock may have jumped, so nothing was deleted that depends on a date: {say}"
        )
    return None


def check(log: AuditLog, now: datetime, confirmed: date | None) -> str | None:
    """The doubt about the date that is left, after a person said which day it is.

    Raises UsageError if that is another day than the machine's.
    """
    left = doubt(last_entry(log), now)
    if confirmed is None:
        return left
    if confirmed != now.date():
        raise UsageError(
            f"This machine says that it is {now.date()}, not {confirmed}: set the clock right."
        )
    if left is not None:
        days = (now - last_entry(log)).days
        log.append("clock-confirmed", days=days)
    return None
