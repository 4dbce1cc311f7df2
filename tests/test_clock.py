"""A clock that jumped decides no deletion until somebody says which day it is."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from anonpipe import chain, clock
from anonpipe.audit import AuditLog
from anonpipe.errors import UsageError
from anonpipe.signing import Signer

START = datetime(2026, 6, 1, 9, tzinfo=UTC)


@pytest.fixture
def entry_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A log, and a function that adds an entry at a time."""
    log = AuditLog(tmp_path / "audit.jsonl", salt="0" * 16)

    def add(time: datetime, action: str = "run-end") -> AuditLog:
        monkeypatch.setattr("anonpipe.audit.now", lambda: time.strftime("%Y-%m-%dT%H:%M:%SZ"))
        if not log.exists():
            log.create(Signer.generate())
        elif action == "run-end":
            log.append(action, final=0, waiting=0, refused=0, failed=0)
        else:
            log.append(action)
        return log

    return add


@pytest.mark.parametrize(
    ("days", "sure"),
    [(0, True), (-0.5, True), (-2, False), (30, True), (36, False), (-3650, False), (3650, False)],
)
def test_a_jump_is_doubted(entry_at, days: float, sure: bool) -> None:
    log = entry_at(START)
    now = START + timedelta(days=days)
    left = clock.doubt(log, now)
    assert (left is None) == sure
    if left:
        assert f"`anonpipe run --today {now.date()}`" in left


@pytest.mark.parametrize("days", [40, -40])
def test_an_entry_after_the_jump_does_not_hide_it(entry_at, days: int) -> None:
    entry_at(START)
    log = entry_at(START + timedelta(days=days))
    assert clock.doubt(log, START + timedelta(days=days)) is not None


def test_a_clock_that_was_wrong_and_is_right_again_is_doubted_too(entry_at) -> None:
    entry_at(START)
    log = entry_at(START + timedelta(days=3650))
    assert clock.doubt(log, START + timedelta(days=1)) is not None


def test_who_says_the_day_is_believed_if_the_clock_says_so_too(entry_at) -> None:
    log = entry_at(START)
    now = START + timedelta(days=100)
    entry_at(now)
    before = log.path.read_bytes()
    with pytest.raises(UsageError, match="set the clock right"):
        clock.check(log, now, now.date() - timedelta(days=1))
    assert clock.check(log, now, now.date(), dry_run=True) is None
    assert clock.check(log, now, None) is not None and log.path.read_bytes() == before
    assert clock.check(log, now, now.date()) is None
    assert clock.check(log, now + timedelta(days=1), None) is None  # it is in the log
    assert [e.action for e in log.entries()][-2:] == ["clock-confirmed", "signature"]
    assert clock.check(log, now + timedelta(days=90), None) is not None


def test_a_day_that_nobody_doubts_leaves_no_entry(entry_at) -> None:
    log = entry_at(START)
    before = log.path.read_bytes()
    assert clock.check(log, START, date(2026, 6, 1)) is None
    assert log.path.read_bytes() == before


def test_times_are_compared_in_utc(entry_at) -> None:
    assert chain.now().endswith("Z")
    log = entry_at(START)
    assert clock.doubt(log, (START + timedelta(hours=1)).astimezone()) is None
