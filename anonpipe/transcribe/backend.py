"""The seam between the transcriber and a recogniser.

The transcriber decodes, cuts, maps times and looks for what went wrong; a backend
hears. Another recogniser is added by another class with these methods.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
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
    speech at all.
    """

    words: tuple[HeardWord, ...]
    looped: bool = False
    doubted: bool = False


@dataclass(frozen=True, slots=True)
class HeardBatch:
    """The segments of a batch of clips.

    `languages` are the probabilities of what language its first clip is in, {} if they were
    not asked for or cannot be had. `foreign` numbers, from 0, the clips in which another language
    than the given one is heard. `until` goes to the next batch of the same audio.
    """

    segments: tuple[HeardSegment, ...]
    languages: Mapping[str, float] = field(default_factory=dict)
    until: float = 0.0
    foreign: tuple[int, ...] = ()


class Backend(Protocol):
    """A speech recogniser with a voice detector, for float32 audio at 16 kHz in -1..1.

    It keeps nothing between calls, so that a recording can be carried on where it was left:
    the same call gives the same, whatever was heard before.
    """

    name: str
    batch_size: int
    """Clips at most that are heard together."""

    way: str
    """What its results depend on besides its model and what it is given: versions, arithmetic."""

    def code(self, language: str) -> str:
        """The recogniser's code for a study's language; raises `UsageError` if it has none."""
        ...

    def speech(self, audio: NDArray[np.float32]) -> NDArray[np.float32]:
        """Probability of speech for each `FRAME` samples; `audio` is a multiple of them."""
        ...

    def detect(
        self, audio: NDArray[np.float32], clips: Sequence[tuple[int, int]]
    ) -> dict[str, float]:
        """Mean probability of each language over the first clips (samples begin, end)."""
        ...

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
        """Hear a batch of clips (samples begin, end; at most 30 s) of `audio` in `language`.

        With `listen` the languages of the first clip are told too. `until` is what the batch
        before gave, 0.0 for the first one of `audio`.
        """
        ...
