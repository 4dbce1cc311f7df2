"""The seam between the transcriber and a recogniser.

The transcriber decodes, cuts, maps times and looks for what went wrong; a backend
hears. Another recogniser is added by another class with these methods.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

FRAME = 512
"""Samples (32 ms at 16 kHz) that one speech probability stands for."""


@dataclass(frozen=True, slots=True)
class HeardWord:
    """A word as heard; `text` begins with a space unless it continues the word before.

    Times are seconds from the start of the audio that the backend was given.
    """

    text: str
    start: float
    end: float
    probability: float


@dataclass(frozen=True, slots=True)
class HeardSegment:
    """Words in order, with the recogniser's own doubts about them.

    `looped` says that the text repeats itself; `doubted` that it is improbable as
    speech at all. `end` is the second of audio that has been dealt with so far.
    """

    words: tuple[HeardWord, ...]
    end: float
    looped: bool = False
    doubted: bool = False


class Backend(Protocol):
    """A speech recogniser with a voice detector, for float32 audio at 16 kHz in -1..1."""

    name: str

    def code(self, language: str) -> str:
        """The recogniser's code for a study's language; raises `UsageError` if it has none."""
        ...

    def start(self) -> None:
        """Begin a recording: forget the one before, so that the same input gives the same."""
        ...

    def speech(self, audio: NDArray[np.float32]) -> NDArray[np.float32]:
        """Probability of speech for each `FRAME` samples; `audio` is a multiple of them."""
        ...

    def detect(
        self, audio: NDArray[np.float32], clips: Sequence[tuple[int, int]]
    ) -> dict[str, float]:
        """Mean probability of each language over the first clips (samples begin, end)."""
        ...

    def transcribe(
        self,
        audio: NDArray[np.float32],
        clips: Sequence[tuple[int, int]],
        *,
        language: str,
        hotwords: Sequence[str],
    ) -> Iterator[HeardSegment]:
        """Hear each clip (samples begin, end; at most 30 s) in `language`, in order."""
        ...

    def overheard(self) -> dict[str, float]:
        """Mean probability of each language over clips transcribed since `start`, {} if unknown."""
        ...
