"""Voices changed: pitch and formants shifted, each by an amount of its own, in place and in time.

FFmpeg shifts pitch and formants together, by playing faster or slower (asetrate, aresample)
and stretching the time back (atempo: waveform-similarity overlap-add). Before that the
spectral envelope, where the formants are, is moved by itself: a short-time Fourier transform
whose smoothed (cepstral) envelope is stretched along the frequencies. So the two amounts are
independent, and whoever undoes a shift of pitch has not got the formants back.

This hinders recognition by ear. It does not defeat a speaker-recognition system, and somebody
who tries all amounts gets near the voice again: the way of speaking, the accent and the words
stay, and the recording stays personal data.

Times stay: every voice runs through the whole recording, and who speaks decides which one is
heard, with a short crossfade. So nothing is cut and put together, and memory stays flat.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from anonpipe.audio.decode import SAMPLE_RATE, blocks
from anonpipe.plaintext import Readable
from anonpipe.times import Interval

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

UP = ((1.16, 1.32), (1.06, 1.16))
"""Bounds of the factors of pitch and of formants for low voices, which are raised."""
DOWN = ((0.78, 0.86), (0.91, 0.95))
"""The same for high voices, which are lowered: by less, as recognisers lose more words so."""
LOW_VOICE_HERTZ = 190.0
"""A voice below this, raised, is at most as high as women's usual pitch (about 165 to 255 Hz by
I. R. Titze, Principles of Voice Production, 1994); one above it, lowered, as low as men's."""

CROSSFADE_SECONDS = 0.02
HEARD_ENOUGH = 30.0
"""Seconds of a speaker from which the pitch is told."""
LISTENED_SECONDS = 1200.0
"""Seconds of a recording in which speakers are listened to for their pitch."""


@dataclass(frozen=True, slots=True)
class Voice:
    """Factors by which a voice's pitch and formants are multiplied."""

    pitch: float
    formants: float


@dataclass(frozen=True, slots=True)
class VoiceChange:
    """Which voice is heard when: stretches of `voices[i]`, and of no change, in seconds.

    Where nothing is said, that is `voices[0]`: whoever speaks there is changed too. The later
    of two stretches that overlap counts for the part they share.
    """

    voices: tuple[Voice, ...]
    stretches: tuple[tuple[float, float, int | None], ...] = ()

    def changed(self, blocks: Iterator[NDArray[Any]], rate: int) -> Iterator[NDArray[Any]]:
        """The blocks of samples, shape (channels, n), with the voices changed.

        As many samples come out as went in, but in other blocks.
        """
        import numpy as np

        chains: list[_Chain] = []
        waiting: list[NDArray[np.float32]] = []
        original = np.zeros((0, 0), dtype=np.float32)
        position, kind, full = 0, np.dtype(np.int16), 1.0

        def mixed(count: int) -> NDArray[Any]:
            nonlocal position, original
            weights = self._weights(position, count, rate)
            sound = original[:, :count] * weights[-1]
            for index in range(len(chains)):
                sound += waiting[index][:, :count] * weights[index]
                waiting[index] = waiting[index][:, count:]
            original = original[:, count:]
            position += count
            scaled: NDArray[Any] = np.clip(np.rint(sound * full), -full, full - 1).astype(kind)
            return scaled

        for block in blocks:
            if not chains:
                kind, full = block.dtype, 2.0 ** (8 * block.dtype.itemsize - 1)
                chains = [_Chain(voice, rate, len(block)) for voice in self.voices]
                original = np.zeros((len(block), 0), dtype=np.float32)
                waiting = [original for _ in chains]
            # float64 on the way, as 32-bit integers do not fit float32
            wave = (block / full).astype(np.float32)
            original = np.concatenate([original, wave], axis=1)
            for index, chain in enumerate(chains):
                waiting[index] = np.concatenate([waiting[index], *chain.feed(wave)], axis=1)
            ready = min(original.shape[1], *(each.shape[1] for each in waiting))
            if ready:
                yield mixed(ready)
        if original.shape[1]:
            for index, chain in enumerate(chains):
                rest = np.concatenate([waiting[index], *chain.feed(None)], axis=1)
                lacking = max(0, original.shape[1] - rest.shape[1])
                waiting[index] = np.pad(rest, ((0, 0), (0, lacking)))
            yield mixed(original.shape[1])

    def _weights(self, position: int, count: int, rate: int) -> NDArray[np.float32]:
        """How loud each voice is, and last the unchanged sound, at `count` samples: they add to 1.

        Who is heard is laid out with half a crossfade more on both sides, and smoothed.
        """
        import numpy as np

        half = max(1, round(CROSSFADE_SECONDS / 2 * rate))
        first = position - half
        heard = np.zeros(count + 2 * half, dtype=np.int64)
        for start, end, index in self.stretches:
            low, high = round(start * rate) - first, round(end * rate) - first
            if high > 0 and low < len(heard):
                heard[max(0, low) : high] = -1 if index is None else index
        weights = np.zeros((len(self.voices) + 1, count), dtype=np.float32)
        if (heard == heard[0]).all():
            weights[heard[0]] = 1.0
            return weights
        for index in range(-1, len(self.voices)):
            total = np.concatenate([[0], np.cumsum(heard == index)])
            weights[index] = (total[2 * half :] - total[: -2 * half])[:count] / (2 * half)
        return weights


def draw(secret: bytes, label: str, hertz: float | None) -> Voice:
    """The new voice of a speaker, given by a label, whose pitch is `hertz` (None: not known).

    It follows from the secret, so that the same recording gets the same voice again, and two
    different ones of the same recording can never be laid beside each other.
    """
    drawn = hmac.new(secret, f"anonpipe voice v1\n{label}\n".encode(), hashlib.sha256).digest()
    first, second = (int.from_bytes(drawn[at : at + 8], "big") / 2**64 for at in (0, 8))
    up = drawn[16] % 2 == 0 if hertz is None else hertz < LOW_VOICE_HERTZ
    pitch, formants = UP if up else DOWN
    return Voice(
        pitch[0] + first * (pitch[1] - pitch[0]),
        formants[0] + second * (formants[1] - formants[0]),
    )


class _Chain:
    """The whole recording in one changed voice, block by block, without a delay."""

    def __init__(self, voice: Voice, rate: int, channels: int) -> None:
        # What is shifted is a whole rate, so that time is stretched by exactly as much.
        self._rate, self._shifted = rate, round(rate * voice.pitch)
        self._envelope = _Envelope(voice.formants * rate / self._shifted, rate, channels)
        self._graph, self._source, self._sink = self._filters(channels)

    def feed(self, wave: NDArray[np.float32] | None) -> Iterator[NDArray[np.float32]]:
        """Samples that are ready after these; None ends the recording."""
        import av
        import numpy as np

        moved = self._envelope.feed(wave)
        if moved.shape[1]:
            frame = av.AudioFrame.from_ndarray(
                np.ascontiguousarray(moved), format="fltp", layout=self._layout
            )
            frame.sample_rate = self._rate
            frame.pts = None
            self._source.push(frame)
        if wave is None:
            self._source.push(None)
        while True:
            try:
                yield self._sink.pull().to_ndarray()
            except (av.error.BlockingIOError, av.error.EOFError):
                return

    def _filters(self, channels: int) -> tuple[Any, Any, Any]:
        import av

        self._layout = f"{channels}c" if channels > 2 else ("mono", "stereo")[channels - 1]
        graph = av.filter.Graph()
        source = graph.add_abuffer(
            format="fltp",
            sample_rate=self._rate,
            layout=self._layout,
            time_base=Fraction(1, self._rate),
        )
        # atempo takes 0.5 to 100; the bounds of the pitch are well within
        nodes = [
            graph.add("asetrate", str(self._shifted)),
            graph.add("aresample", str(self._rate)),
            graph.add("atempo", repr(self._rate / self._shifted)),
            graph.add("aformat", f"sample_fmts=fltp:channel_layouts={self._layout}"),
            graph.add("abuffersink"),
        ]
        before = source
        for node in nodes:
            before.link_to(node)
            before = node
        graph.configure()
        return graph, source, before


class _Envelope:
    """Formants moved by a factor: each frame's spectrum gets its envelope from elsewhere."""

    def __init__(self, factor: float, rate: int, channels: int) -> None:
        import numpy as np

        # About 32 ms in four hops of a length whose transform is quick.
        self._hop = -(-rate // 2500) * 20
        self._size = 4 * self._hop
        self._window = np.hanning(self._size + 1)[:-1].astype(np.float32)
        # Below the shortest pitch period (2 ms are 500 Hz) the cepstrum is the vocal tract's.
        quefrency = np.minimum(np.arange(self._size), self._size - np.arange(self._size)) / rate
        self._lifter = np.clip((0.0022 - quefrency) / 0.0004, 0.0, 1.0).astype(np.float32)
        bins = self._size // 2 + 1
        wanted = np.minimum(np.arange(bins) / factor, bins - 1)
        self._low = np.floor(wanted).astype(np.int64)
        self._high = np.minimum(self._low + 1, bins - 1)
        self._part = (wanted - self._low).astype(np.float32)
        # Zeros in front, so that the first samples lie under as many frames as all others.
        self._rest = np.zeros((channels, 3 * self._hop), dtype=np.float32)
        self._sum = np.zeros((channels, self._size), dtype=np.float32)
        self._skip = 3 * self._hop
        self._owed = 0

    def feed(self, wave: NDArray[np.float32] | None) -> NDArray[np.float32]:
        """Samples that are ready after these; None ends the recording."""
        import numpy as np

        channels = len(self._rest)
        if wave is None:
            wave = np.zeros((channels, self._size), dtype=np.float32)
        else:
            self._owed += wave.shape[1]
        joined = np.concatenate([self._rest, wave], axis=1)
        count = max(0, (joined.shape[1] - self._size) // self._hop + 1)
        self._rest = joined[:, count * self._hop :]
        if not count:
            return np.zeros((channels, 0), dtype=np.float32)
        out = np.zeros((channels, (count - 1) * self._hop + self._size), dtype=np.float32)
        out[:, : self._size] = self._sum
        frames = np.lib.stride_tricks.sliding_window_view(joined, self._size, axis=1)
        frames = frames[:, : count * self._hop : self._hop]
        moved = self._moved(frames)
        for quarter in range(4):
            piece = moved[:, :, quarter * self._hop : (quarter + 1) * self._hop]
            at = quarter * self._hop
            out[:, at : at + count * self._hop] += piece.reshape(channels, -1)
        ready, self._sum = out[:, : count * self._hop], out[:, count * self._hop :]
        self._sum = np.pad(self._sum, ((0, 0), (0, self._hop)))
        skipped = min(self._skip, ready.shape[1])
        self._skip -= skipped
        ready = ready[:, skipped : skipped + self._owed]
        self._owed -= ready.shape[1]
        return ready

    def _moved(self, frames: NDArray[np.float32]) -> NDArray[np.float32]:
        """Windowed frames of shape (channels, count, size) with their envelopes moved."""
        import numpy as np

        spectrum = np.fft.rfft(frames * self._window, axis=2)
        level = np.log(np.abs(spectrum) + 1e-6)
        cepstrum = np.fft.irfft(level, n=self._size, axis=2)
        envelope = np.fft.rfft(cepstrum * self._lifter, axis=2).real
        low, high = envelope[..., self._low], envelope[..., self._high]
        elsewhere = low + (high - low) * self._part
        # At most 20 dB: what is nearly empty is not to be blown up.
        gain = np.exp(np.clip(elsewhere - envelope, -2.3, 2.3))
        # Hann squared, four times over: sums to 1.5.
        back = np.fft.irfft(spectrum * gain, n=self._size, axis=2) * self._window / 1.5
        return np.asarray(back, dtype=np.float32)


def pitches(source: Readable, speakers: Sequence[Sequence[Interval]]) -> list[float | None]:
    """The median pitch, in Hertz, of speakers given by the stretches where they speak.

    None where too little voice was heard. The beginning of the recording is enough.
    """
    import numpy as np

    found: list[list[float]] = [[] for _ in speakers]
    wanted = HEARD_ENOUGH / _FRAME_SECONDS
    position = 0
    for block in blocks(source, channels=1):
        begin = position / SAMPLE_RATE
        position += block.shape[1]
        for index, stretches in enumerate(speakers):
            for start, end in stretches:
                first = max(0, round((start - begin) * SAMPLE_RATE))
                last = min(block.shape[1], round((end - begin) * SAMPLE_RATE))
                if last > first and len(found[index]) < wanted:
                    found[index] += _voiced(block[0, first:last])
        if begin > LISTENED_SECONDS or all(len(each) >= wanted for each in found):
            break
    return [float(np.median(each)) if len(each) >= 10 else None for each in found]


_FRAME_SECONDS = 0.04
_LOWEST_HERTZ, _HIGHEST_HERTZ = 60.0, 400.0
_PERIODIC = 0.6
"""Autocorrelation at the period from which a frame counts as voiced."""


def _voiced(samples: NDArray[np.int16]) -> list[float]:
    """The pitches of the voiced frames, by normalised autocorrelation (Boersma, 1993)."""
    import numpy as np

    size = int(_FRAME_SECONDS * SAMPLE_RATE)
    count = samples.size // size
    if not count:
        return []
    frames = samples[: count * size].reshape(count, size).astype(np.float64)
    frames -= frames.mean(axis=1, keepdims=True)
    loud = frames.std(axis=1) > 100.0
    frames = frames[loud]
    window = np.hanning(size)

    def correlated(wave: NDArray[np.float64]) -> NDArray[np.float64]:
        power = np.abs(np.fft.rfft(wave, n=2 * size)) ** 2
        values: NDArray[np.float64] = np.fft.irfft(power)[..., :size]
        return values / np.maximum(values[..., :1], 1e-9)

    heard = correlated(frames * window) / np.maximum(correlated(window), 1e-3)
    low, high = int(SAMPLE_RATE / _HIGHEST_HERTZ), int(SAMPLE_RATE / _LOWEST_HERTZ)
    lags = heard[:, low:high]
    if not len(lags):
        return []
    # A little is taken off longer periods, so that the first of several equal peaks counts.
    best = (lags - 0.05 * np.arange(low, high) / high).argmax(axis=1)
    sure = lags[np.arange(len(best)), best] > _PERIODIC
    return [float(hertz) for hertz in SAMPLE_RATE / (best[sure] + low)]
