"""A recording as a stream of windows of some minutes, cut where nobody speaks.

Memory holds one window, however long the recording is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from anonpipe.transcribe.backend import FRAME
from anonpipe.transcribe.speech import OFF, RATE

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

WINDOW_SECONDS = 480
SEARCH_SECONDS = 120
"""The cut lies in the last two minutes of a window, at the longest pause in them."""

PIECE = 60 * RATE
"""Samples that the voice detector gets at a time (a multiple of `FRAME`)."""

WARM_UP = 32 * FRAME
"""The detector forgets at the start of a call; about a second more lets it settle."""

QUIET_DBFS = -35.0
LOUD_ENOUGH_DBFS = -26.0
MOST_GAIN_DB = 26.0


@dataclass(frozen=True, slots=True)
class Window:
    """Samples of shape (channels, n) from sample `start` on, and their speech probabilities.

    `speech` is of shape (channels, frames); n is a multiple of `FRAME` except in the last
    window, which the probabilities may outlast by a part of a frame.
    """

    start: int
    samples: NDArray[np.int16]
    speech: NDArray[np.float32]


def windows(
    blocks: Iterable[NDArray[np.int16]],
    detect: Callable[[NDArray[np.float32]], NDArray[np.float32]],
    prepare: Callable[[NDArray[np.int16]], NDArray[np.int16]] | None = None,
    *,
    seconds: float = WINDOW_SECONDS,
    search: float = SEARCH_SECONDS,
    ends: Sequence[int] = (),
) -> Iterator[Window]:
    """Cut `blocks` of shape (channels, n) at 16 kHz into windows of at most `seconds`.

    `detect` gives the speech probabilities of float32 audio; `prepare` (the cross-talk
    gate) is applied to each piece of a minute before it. `ends` are the samples at which
    the first windows ended before: they are cut there again, without looking for speech,
    and those that follow are what they would have been.
    """
    import numpy as np

    ends = list(ends)
    resumed = ends[-1] if ends else 0
    at = 0

    length = int(seconds * RATE) // FRAME * FRAME
    start = 0
    samples: NDArray[np.int16] | None = None
    speech: NDArray[np.float32] | None = None
    for piece in _pieces(blocks, min(PIECE, length)):
        at += piece.shape[1]
        # The last piece before is prepared as well, as the detector warms up on its end.
        ready = piece if prepare is None or at + PIECE < resumed else prepare(piece)
        if at <= resumed:
            found = np.zeros((ready.shape[0], -(-ready.shape[1] // FRAME)), np.float32)
        else:
            found = _probabilities(ready, samples, detect)
        samples = ready if samples is None else np.concatenate([samples, ready], axis=1)
        speech = found if speech is None else np.concatenate([speech, found], axis=1)
        while samples.shape[1] >= length:
            if ends:
                cut = ends.pop(0) - start
            else:
                cut = _quietest(samples, speech, length, int(search * RATE))
            yield Window(start, samples[:, :cut], speech[:, : cut // FRAME])
            start += cut
            # copies, else the slices keep the whole window's memory alive
            samples, speech = samples[:, cut:].copy(), speech[:, cut // FRAME :].copy()
    if samples is not None and speech is not None and samples.shape[1]:
        yield Window(start, samples, speech)


def _pieces(blocks: Iterable[NDArray[np.int16]], size: int) -> Iterator[NDArray[np.int16]]:
    """The same samples in pieces of exactly `size`, the last one shorter."""
    import numpy as np

    held: list[NDArray[np.int16]] = []
    count = 0
    for block in blocks:
        held.append(block)
        count += block.shape[1]
        while count >= size:
            joined = np.concatenate(held, axis=1)
            yield joined[:, :size]
            held, count = [joined[:, size:].copy()], count - size
    if count:
        yield np.concatenate(held, axis=1)


def _probabilities(
    piece: NDArray[np.int16],
    before: NDArray[np.int16] | None,
    detect: Callable[[NDArray[np.float32]], NDArray[np.float32]],
) -> NDArray[np.float32]:
    import numpy as np

    from anonpipe.audio.levels import speech_dbfs

    warm = np.zeros((piece.shape[0], 0), np.int16) if before is None else before[:, -WARM_UP:]
    warm = warm[:, warm.shape[1] % FRAME :]
    frames = -(-piece.shape[1] // FRAME)
    found = np.zeros((piece.shape[0], frames), dtype=np.float32)
    for channel, row in enumerate(piece):
        if not row.any():
            continue
        audio = np.zeros(warm.shape[1] + frames * FRAME, dtype=np.float32)
        audio[: warm.shape[1]] = warm[channel]
        audio[warm.shape[1] : warm.shape[1] + row.size] = row
        # The detector depends on loudness: a recording from the far end of a table is lifted.
        loud = speech_dbfs(row[None], RATE)
        gain = min(MOST_GAIN_DB, LOUD_ENOUGH_DBFS - loud) if loud < QUIET_DBFS else 0.0
        audio *= np.float32(10 ** (gain / 20) / 32_768)
        found[channel] = detect(np.clip(audio, -1.0, 1.0))[warm.shape[1] // FRAME :]
    return found


def _quietest(
    samples: NDArray[np.int16], speech: NDArray[np.float32], length: int, search: int
) -> int:
    """The sample, on the frame grid, in the middle of the longest pause before `length`.

    Where nobody pauses for a quarter of a second: the softest quarter of a second.
    """
    import numpy as np

    last = length // FRAME
    first = max(1, (length - search) // FRAME)
    quiet = (speech[:, first:last] < OFF).all(axis=0)
    edges = np.flatnonzero(np.diff(np.concatenate([[False], quiet, [False]]).astype(np.int8)))
    runs = edges.reshape(-1, 2)
    if runs.size:
        begin, end = runs[(runs[:, 1] - runs[:, 0]).argmax()]
        if (end - begin) * FRAME >= RATE // 4:
            return int(first + (begin + end) // 2) * FRAME
    near = samples[:, first * FRAME : last * FRAME].astype(np.float32)
    power = np.square(near).sum(axis=0).reshape(-1, FRAME).sum(axis=1)
    smooth = np.convolve(power, np.ones(min(8, power.size)), "valid")
    return int(first + smooth.argmin() + min(8, power.size) // 2) * FRAME
