"""What is heard in place of a name: a tone, silence, or other speech backwards.

None of them is made from the stretch that it replaces, so nothing of that can be got back,
whatever is done to the file. Reversing a name would not hide it: whoever turns the sound
round hears it, and a recogniser that tries the pieces of a shuffled one in every order does
too. `reversed` therefore plays what was said openly just before the stretch, backwards: the
voice goes on without words, and turned round again it says what the copy says anyhow.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Protocol, get_args

from anonpipe.audio.segments import pydub
from anonpipe.settings import BleepSound

if TYPE_CHECKING:
    from numpy.typing import NDArray

Range = tuple[int, int]
"""Samples from the first up to but without the second."""

TONE_HERTZ = 1000
TONE_DBFS = -20.0
FADE_SECONDS = 0.005
TONE_SHARE = 0.9
"""Of the energy of a tenth of a second; the rest is rounding and the fades."""

HEARD_BEFORE = 4.0
"""Seconds of open sound that `reversed` plays backwards, over and over in a longer stretch."""
HEARD_LEAST = 0.5
"""With less than that before the first stretch there is silence: a short loop would buzz."""


class Sound(Protocol):
    """Lays itself over blocks of samples, shape (channels, n), that come in order."""

    def lay(self, block: NDArray[Any], at: int, ranges: Sequence[Range]) -> None:
        """Overwrite the parts of `block` (its first sample is number `at`) that lie in `ranges`.

        Ranges are in order and do not touch.
        """
        ...


Checker = Callable[[Iterator["NDArray[Any]"], Sequence[Range], int], Iterator[int]]
"""The first samples of pieces in `ranges` that hold anything other than the sound, in a file's
blocks at a rate in Hertz. Written apart from what lays the sound, so that one fault is not
both made and overlooked."""


def sound(kind: BleepSound, rate: int, *, wide: bool) -> Sound:
    """The sound of a kind, at a rate in Hertz, for int32 (`wide`) or int16 samples."""
    if kind == "tone":
        return _Tone(rate, wide=wide)
    return _Silence() if kind == "silence" else _Reversed(rate)


def checker(kind: BleepSound) -> Checker:
    """How a written file is checked for a kind of sound."""
    return _CHECKERS[kind]


def shown(kind: BleepSound) -> str:
    """A sound in a sentence."""
    return {"tone": "the tone", "silence": "silence", "reversed": "reversed speech"}[kind]


def parts(
    at: int, size: int, ranges: Sequence[Range]
) -> Iterator[tuple[int, int, int, int | None]]:
    """(first, last, begin, end) of the pieces of a block of `size` samples from number `at`.

    `first` and `last` count within the block; `begin` is the sample at which the piece's range
    begins, or the piece itself where it lies open, in which case `end` is None.
    """
    position, stop = at, at + size
    for begin, end in ranges:
        first, last = max(begin, position), min(end, stop)
        if first >= last:
            continue
        if position < first:
            yield position - at, first - at, position, None
        yield first - at, last - at, begin, end
        position = last
    if position < stop:
        yield position - at, size, position, None


class _Silence:
    def lay(self, block: NDArray[Any], at: int, ranges: Sequence[Range]) -> None:
        for first, last, _, end in parts(at, block.shape[1], ranges):
            if end is not None:
                block[:, first:last] = 0


class _Tone:
    """One second of a sine from pydub, repeated; whole periods, so that it has no seams."""

    def __init__(self, rate: int, *, wide: bool) -> None:
        import numpy as np

        generator = pydub().generators.Sine(
            TONE_HERTZ, sample_rate=rate, bit_depth=32 if wide else 16
        )
        # pydub's volume is of the peak; a sine's RMS is 3 dB below it.
        segment = generator.to_audio_segment(duration=1000, volume=TONE_DBFS + 3.0)
        second: NDArray[Any] = np.frombuffer(segment.raw_data, dtype=np.int32 if wide else np.int16)
        self._second = np.resize(second, rate)
        self._fade = max(1, int(rate * FADE_SECONDS))

    def lay(self, block: NDArray[Any], at: int, ranges: Sequence[Range]) -> None:
        import numpy as np

        for first, last, begin, end in parts(at, block.shape[1], ranges):
            if end is None:
                continue
            number = np.arange(at + first - begin, at + last - begin)
            edge = np.minimum(number, end - begin - 1 - number)
            gain = np.clip((edge + 1) / self._fade, 0.0, 1.0)
            tone = self._second[number % self._second.size] * gain
            block[:, first:last] = tone.astype(block.dtype)


class _Reversed:
    """Remembers the open sound before each range: the mirror of what was heard last."""

    def __init__(self, rate: int) -> None:
        self._longest, self._least = int(rate * HEARD_BEFORE), int(rate * HEARD_LEAST)
        self._open: NDArray[Any] | None = None

    def lay(self, block: NDArray[Any], at: int, ranges: Sequence[Range]) -> None:
        import numpy as np

        for first, last, begin, end in parts(at, block.shape[1], ranges):
            if end is None:
                piece = block[:, max(first, last - self._longest) : last]
                kept = piece if self._open is None else np.concatenate([self._open, piece], axis=1)
                self._open = kept[:, -self._longest :].copy()
            elif self._open is None or self._open.shape[1] < self._least:
                block[:, first:last] = 0
            else:
                number = np.arange(at + first - begin, at + last - begin)
                block[:, first:last] = self._open[:, -1 - number % self._open.shape[1]]


def _not_silent(
    blocks: Iterator[NDArray[Any]], ranges: Sequence[Range], rate: int
) -> Iterator[int]:
    position = 0
    for block in blocks:
        for begin, end in ranges:
            piece = block[:, max(0, begin - position) : max(0, end - position)]
            if piece.size and piece.any():
                yield max(begin, position)
        position += block.shape[1]


def _not_tone(blocks: Iterator[NDArray[Any]], ranges: Sequence[Range], rate: int) -> Iterator[int]:
    import numpy as np

    position = 0
    tail: NDArray[Any] | None = None
    for block in blocks:
        # Slices of a range may lie across blocks: the end of the last block is kept in front.
        joined = block if tail is None else np.concatenate([tail, block], axis=1)
        offset = position - (0 if tail is None else tail.shape[1])
        position += block.shape[1]
        for start, end in _slices(ranges, rate, offset, position):
            if _tone_share(joined[:, start - offset : end - offset], rate) < TONE_SHARE:
                yield start
        tail = joined[:, -rate:]


def _not_reversed(
    blocks: Iterator[NDArray[Any]], ranges: Sequence[Range], rate: int
) -> Iterator[int]:
    """Every sample must be one that the file has in the open before the range, counted back."""
    import numpy as np

    longest, least = round(rate * HEARD_BEFORE), round(rate * HEARD_LEAST)
    position = 0
    heard: NDArray[Any] | None = None  # what lies open before, the latest sample first
    for block in blocks:
        size = block.shape[1]
        inside = np.zeros(size, bool)
        for begin, end in ranges:
            inside[max(0, begin - position) : max(0, end - position)] = True
        edges = np.flatnonzero(np.diff(inside)) + 1
        for piece in np.split(np.arange(size), edges):
            if not piece.size:
                continue
            samples = block[:, piece]
            if not inside[piece[0]]:
                turned = samples[:, ::-1]
                heard = turned if heard is None else np.concatenate([turned, heard], axis=1)
                heard = heard[:, :longest]
                continue
            first = position + int(piece[0])
            begin = next(begin for begin, end in ranges if begin <= first < end)
            if heard is None or heard.shape[1] < least:
                wrong = bool(samples.any())
            else:
                turns = -(-(first - begin + piece.size) // heard.shape[1])
                expected = np.tile(heard, turns)[:, first - begin : first - begin + piece.size]
                wrong = not np.array_equal(samples, expected)
            if wrong:
                yield first
        position += size


_CHECKERS: dict[BleepSound, Checker] = {
    "tone": _not_tone,
    "silence": _not_silent,
    "reversed": _not_reversed,
}
assert set(_CHECKERS) == set(get_args(BleepSound))


def _slices(ranges: Sequence[Range], rate: int, begin: int, end: int) -> Iterator[Range]:
    """Pieces of about 0.1 s of each range, without its edges, that lie within begin..end."""
    edge, piece = rate // 100, rate // 10
    for first, last in ranges:
        at = first + edge
        while at < last - edge:
            stop = min(at + piece, last - edge)
            if last - edge - stop < piece // 2:
                stop = last - edge
            if begin <= at and stop <= end:
                yield at, stop
            at = stop


def _tone_share(samples: NDArray[Any], rate: int) -> float:
    """The lowest channel's share of energy at the tone's frequency, 0..1."""
    import numpy as np

    wave = samples.astype(np.float64)
    wave -= wave.mean(axis=1, keepdims=True)
    angle = 2 * np.pi * TONE_HERTZ / rate * np.arange(samples.shape[1])
    # A least-squares fit of sine and cosine: Goertzel for lengths that are not whole periods.
    basis = np.stack([np.sin(angle), np.cos(angle)], axis=1)
    fit, *_ = np.linalg.lstsq(basis, wave.T, rcond=None)
    total = np.square(wave).sum(axis=1)
    share = np.square(basis @ fit).sum(axis=0) / np.maximum(total, 1e-9)
    return float(share.min())
