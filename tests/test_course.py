"""Time left, and what is said when a run is stopped."""

from __future__ import annotations

import json

import pytest

from anonpipe.cli import show
from anonpipe.cli.course import Course, Pace
from anonpipe.outcome import Event
from anonpipe.study import Stage


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_time_left_goes_by_the_speed_of_this_run_alone() -> None:
    clock = Clock()
    pace = Pace(clock)
    pace.update(1000, 3000)  # heard in an earlier run
    assert (pace.speed, pace.left) == (None, None)
    clock.now += 50
    pace.update(1500, 3000)
    assert pace.speed == 10 and pace.left == 150
    clock.now += 30  # nothing is heard from a batch while it lasts
    assert pace.speed == 10 and pace.left == 120
    pace.update(1500, 3000)  # told again, without anything new
    assert pace.speed == 10 and pace.left == 120
    clock.now += 70
    pace.update(1700, 3000)
    assert pace.speed == pytest.approx(700 / 150)
    assert pace.left == pytest.approx(1300 / (700 / 150))
    clock.now += 10_000
    assert pace.left == 0


def test_no_time_is_told_before_there_is_something_to_go_by() -> None:
    clock = Clock()
    pace = Pace(clock)
    pace.update(0, 3000)
    clock.now += 5
    pace.update(100, 3000)
    assert pace.left is None


def test_json_tells_of_progress_every_few_seconds(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    clock = Clock()
    monkeypatch.setattr("time.monotonic", clock)
    display = show.JsonRun()
    display.report(Event("stage", "R01", {"stage": Stage.NEW}))
    for second in range(101):
        display.report(Event("progress", "R01", {"done": second * 10.0, "total": 1000.0}))
        clock.now += 0.5
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()][1:]
    assert 15 <= len(lines) <= 18
    assert set(lines[0]) == {"event", "source", "done", "total", "left"}
    assert lines[0]["left"] is None and lines[-1]["left"] == 0
    assert lines[-1]["done"] == lines[-1]["total"] == 1000


def test_what_is_said_of_a_stopped_run() -> None:
    course = Course()
    assert course.stopped("anonpipe run s", sealed=False) == (
        "Stopped; nothing is lost, `anonpipe run s` goes on where it was."
    )
    course.follow(Event("stage", "R03", {"stage": Stage.NEW}))
    assert "nothing is lost" in course.stopped("anonpipe run s", sealed=False)
    course.follow(Event("progress", "R03", {"done": 2530.0, "total": 5400.0}))
    assert course.stopped("anonpipe run s", sealed=False) == (
        "Stopped in R03 at 42:10 of 1:30:00: what was heard so far is kept, encrypted, and "
        "`anonpipe run s` goes on from there."
    )
    assert course.stopped("anonpipe run s --sealed", sealed=True) == (
        "Stopped: what is sealed is kept, and `anonpipe run s --sealed` begins R03 anew."
    )
    course.follow(Event("stage", "R03", {"stage": Stage.TRANSCRIBED}))
    assert "nothing is lost" in course.stopped("anonpipe run s", sealed=False)
