"""How far a run is, how fast it gets on, and how long it will still take."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from anonpipe.cli import complain
from anonpipe.outcome import Event
from anonpipe.study import Stage

SURE_AFTER = 20.0
"""Seconds of work before a time is told."""


@dataclass(slots=True)
class Pace:
    """Seconds of a recording done so far, `begun` of them when the work began.

    What was done in an earlier run says nothing of the speed of this one.
    """

    clock: Callable[[], float] = field(default_factory=lambda: time.monotonic)
    begun: float | None = None
    done: float = 0.0
    total: float = 0.0
    _first: float = field(default=0.0, init=False)
    _last: float = field(default=0.0, init=False)

    def update(self, done: float, total: float) -> None:
        """Take note of how far the work is."""
        now = self.clock()
        if self.begun is None:
            self.begun, self._first = done, now
        if done != self.done:
            self._last = now
        self.done, self.total = done, total

    @property
    def speed(self) -> float | None:
        """Seconds of recording in a second, None as long as there is nothing to go by."""
        spent = self._last - self._first
        if self.begun is None or self.done <= self.begun or spent <= 0:
            return None
        return (self.done - self.begun) / spent

    @property
    def left(self) -> float | None:
        """Seconds that the rest will take at the speed so far, None as long as that is unknown.

        It goes down while nothing is heard of the work, which comes on in steps of minutes.
        """
        speed = self.speed
        if speed is None or self._last - self._first < SURE_AFTER:
            return None
        return max(0.0, (self.total - self.done) / speed - (self.clock() - self._last))


class Course:
    """How far a run is: the source it is at, and how much of it has been heard."""

    def __init__(self) -> None:
        self.source: str | None = None
        self.stage: Stage | None = None
        self.pace = Pace()

    def follow(self, event: Event) -> None:
        """Take note of an event."""
        if event.kind == "stage":
            self.source, self.stage, self.pace = event.id, event.values["stage"], Pace()
        elif event.kind == "progress":
            self.pace.update(event.values["done"], event.values["total"])
        elif event.kind == "outcome":
            self.source, self.stage, self.pace = None, None, Pace()

    def stopped(self, command: str, *, sealed: bool) -> str:
        """What to say when the run is stopped; `command` is what goes on with it."""
        pace = self.pace
        if self.stage is not Stage.NEW or not pace.done:
            return f"Stopped; nothing is lost, `{command}` goes on where it was."
        if sealed:
            return f"Stopped: what is sealed is kept, and `{command}` begins {self.source} anew."
        return (
            f"Stopped in {self.source} at {clock(pace.done)} of {clock(pace.total)}: what was "
            f"heard so far is kept, encrypted, and `{command}` goes on from there."
        )


def last_words(
    course: Course, close: Callable[[], None], command: str, *, sealed: bool = False
) -> Callable[[], None]:
    """What is done when the run is stopped: `close` the display, say what is kept and goes on."""

    def say() -> None:
        close()
        complain(course.stopped(command, sealed=sealed))

    return say


def clock(seconds: float) -> str:
    """Seconds as 4:05 or 1:02:03."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
