"""What a reviewer hears: some seconds of a recording, as they are or with names covered.

Everything happens in memory. Times are those of the transcript, and what is covered is covered
as in a recording that is kept (`audio.bleep`).
"""

from __future__ import annotations

import io
import math
import wave
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from threading import Lock, Thread
from typing import TYPE_CHECKING

from anonpipe.audio.bleep import ranges_of
from anonpipe.audio.seeking import Seeker
from anonpipe.audio.sounds import HEARD_BEFORE, Range, sound
from anonpipe.errors import RecordingError
from anonpipe.memory import give_back
from anonpipe.plaintext import Recorded
from anonpipe.settings import Bleep
from anonpipe.times import Interval

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MOST_OPEN = 3
"""Recordings that stay open at a time."""


class Recording:
    """A recording that is open for review; clips of it may be asked for from several threads.

    Meanwhile a thread counts its samples from the start (`Seeker.count`). `close` lets go of
    everything, as does the end of a `with`; a recording must be closed before its file is deleted.
    Raises `RecordingError` for what is no readable recording.
    """

    def __init__(self, content: Recorded) -> None:
        self._seeker = Seeker(content)
        self._counting = Thread(target=self._count, name="counting", daemon=True)
        self._counting.start()

    def _count(self) -> None:
        # Whoever asks for a clip of what cannot be read is told.
        with suppress(RecordingError):
            self._seeker.count()

    def __enter__(self) -> Recording:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def clip(
        self,
        start: float,
        end: float,
        *,
        covered: Iterable[Interval] = (),
        bleep: Bleep = Bleep(),  # noqa: B008 - frozen
    ) -> bytes:
        """See `clip`. Raises ValueError also once the recording was closed."""
        return _clip(self._seeker, start, end, covered, bleep)

    def close(self) -> None:
        """Close the file and forget its content; what it takes in memory goes back."""
        self._seeker.close()
        self._counting.join()
        give_back()


class Recordings:
    """The recordings of a study that were listened to last, open, for one stretch of review.

    `content` gives a source's recording, None where it has none (any more).
    """

    def __init__(self, content: Callable[[str], Recorded | None]) -> None:
        self._content = content
        self._open: dict[str, Recording] = {}
        self._lock = Lock()

    def __enter__(self) -> Recordings:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def get(self, name: str) -> Recording | None:
        """A source's recording, opened if need be; None where there is none.

        The one that nobody asked for longest is closed then. Raises `RecordingError`.
        """
        with self._lock:
            recording = self._open.pop(name, None)
            if recording is None:
                content = self._content(name)
                if content is None:
                    return None
                recording = Recording(content)
            self._open[name] = recording  # the last one now
            while len(self._open) > MOST_OPEN:
                self._open.pop(next(iter(self._open))).close()
            return recording

    def close(self, name: str | None = None) -> None:
        """Close a source's recording, before it is deleted, say; or all."""
        with self._lock:
            for each in [name] if name is not None else list(self._open):
                if (recording := self._open.pop(each, None)) is not None:
                    recording.close()


def clip(
    content: Recorded,
    start: float,
    end: float,
    *,
    covered: Iterable[Interval] = (),
    bleep: Bleep = Bleep(),  # noqa: B008 - frozen
) -> bytes:
    """Seconds `start` to `end` of a recording, as a WAV file: one channel, 16 bits, its own rate.

    Rates above 48 kHz become that; several channels are mixed. Spans (seconds) that are `covered`
    hold `bleep.sound`, wider by its margin, and nothing of what was said there. Where the recording
    ends earlier the clip does. For more than one clip, `Recording` is faster.

    Raises `RecordingError` for what is no readable recording, ValueError for times that are none.
    """
    with Seeker(content) as seeker:
        return _clip(seeker, start, end, covered, bleep)


def _clip(
    seeker: Seeker, start: float, end: float, covered: Iterable[Interval], bleep: Bleep
) -> bytes:
    if not (math.isfinite(start) and math.isfinite(end) and 0 <= start <= end):
        raise ValueError(f"a clip must have a start before its end: {start}, {end}")
    rate = seeker.rate
    first, last = round(start * rate), round(end * rate)
    ranges = ranges_of(covered, bleep.margin, rate)
    begin = _heard_from(first, last, ranges, rate) if bleep.sound == "reversed" else first
    samples = seeker.read(begin, last)
    if ranges:
        sound(bleep.sound, rate, wide=False).lay(samples, begin, ranges)
    return _wav(samples[:, first - begin :], rate)


def _heard_from(first: int, last: int, ranges: Sequence[Range], rate: int) -> int:
    """From which sample on the covered ones in `first` to `last` can be told.

    Reversed sound is what lies open before a range, which may lie before other ranges as well.
    """
    within = [index for index, (begin, end) in enumerate(ranges) if begin < last and first < end]
    if not within:
        return first
    needed = math.ceil(HEARD_BEFORE * rate)
    at = ranges[within[0]][0]
    for begin, end in reversed(ranges[: within[0]]):
        if needed <= at - end:
            break
        needed -= at - end
        at = begin
    return max(0, min(first, at - needed))


def _wav(samples: NDArray[np.int16], rate: int) -> bytes:
    """One channel of samples, shape (1, n), as a WAV file."""
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(rate)
        out.writeframes(samples.astype("<i2").tobytes())
    return file.getvalue()
