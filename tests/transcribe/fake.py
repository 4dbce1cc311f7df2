"""A recogniser for tests: it hears one word for every half second of audio that is not silent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from anonpipe.errors import UsageError
from anonpipe.transcribe.backend import FRAME, HeardBatch, HeardSegment, HeardWord

RATE = 16_000


@dataclass
class FakeBackend:
    """Words are named after the loudest frequency, so that a test can follow them.

    A word's text is «w440» for 440 Hz; `probability`, `looped` and `doubted` are what the
    segments carry, `foreign` the clips of each batch in another language, `deaf` frequencies
    are heard as nothing, and every call is kept.
    """

    name: str = "fake"
    probability: float = 0.9
    looped: bool = False
    doubted: bool = False
    deaf: tuple[int, ...] = ()
    foreign: tuple[int, ...] = ()
    languages: dict[str, float] = field(default_factory=dict)
    calls: list[tuple[str, tuple[str, ...], int]] = field(default_factory=list)
    longest: int = 0
    batch_size: int = 8
    way: str = "fake"

    def code(self, language: str) -> str:
        if language == "xx":
            raise UsageError("The speech model fake does not know the language xx.")
        return {"nb": "no"}.get(language, language)

    def speech(self, audio: NDArray[np.float32]) -> NDArray[np.float32]:
        assert audio.size % FRAME == 0
        assert np.abs(audio).max() <= 1
        self.longest = max(self.longest, audio.size)
        power = np.square(audio.reshape(-1, FRAME)).mean(axis=1)
        return (power > 1e-5).astype(np.float32)

    def detect(
        self, audio: NDArray[np.float32], clips: Sequence[tuple[int, int]]
    ) -> dict[str, float]:
        return self.languages

    def hear(
        self,
        audio: NDArray[np.float32],
        clips: Sequence[tuple[int, int]],
        *,
        language: str,
        hotwords: Sequence[str],
        listen: bool = False,
        until: float = 0.0,
    ) -> HeardBatch:
        self.calls.append((language, tuple(hotwords), len(clips)))
        segments = []
        for begin, end in clips:
            assert 0 < end - begin <= 30 * RATE
            assert until <= begin / RATE
            words = []
            for at in range(begin, end - RATE // 4, RATE // 2):
                part = audio[at : at + RATE // 2]
                hertz = round(np.abs(np.fft.rfft(part)).argmax() * RATE / part.size / 10) * 10
                loud = np.flatnonzero(np.abs(part) > 0.01)
                if loud.size == 0 or hertz in self.deaf:
                    continue
                first, last = (at + loud[0]) / RATE, (at + loud[-1]) / RATE
                words.append(HeardWord(f" w{hertz}", first, last, self.probability))
            segments.append(HeardSegment(tuple(words), self.looped, self.doubted))
            until = end / RATE
        foreign = tuple(clip for clip in self.foreign if clip < len(clips))
        return HeardBatch(tuple(segments), self.languages if listen else {}, until, foreign)
