"""What is remembered of a recording to tell its speakers apart: chunks, local voices, speech.

Embeddings of voices are biometric data: what `pack` gives belongs in memory or under seal.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from anonpipe.speakers.networks import FRAMES, LOCAL, SIZE


@dataclass(frozen=True, slots=True)
class Chunks:
    """Chunks of 10 s that overlap, and the voices in each, numbered anew in every chunk.

    `starts` (chunks,) are seconds of the recording; `activity` (chunks, frames, 3) chances of
    0 to 255. Voice i is number `local[i]` of chunk `chunk[i]` and is heard alone for `seconds[i]`;
    voices are in order of chunk. Part j of a voice, from the chunk's frame `first[j]` on, belongs
    to voice `owner[j]` and has the embedding `parts[j]`; parts are in order of voice and time,
    and every voice has one. `speech` (n, 2) is where the voice detector found speech, seconds.
    """

    starts: NDArray[np.float64]
    activity: NDArray[np.uint8]
    chunk: NDArray[np.int32]
    local: NDArray[np.int32]
    seconds: NDArray[np.float32]
    owner: NDArray[np.int32]
    first: NDArray[np.int32]
    parts: NDArray[np.float16]
    speech: NDArray[np.float64]

    @classmethod
    def nothing(cls) -> Chunks:
        """Of a stretch in which nobody speaks."""
        return cls(
            np.zeros(0),
            np.zeros((0, FRAMES, LOCAL), np.uint8),
            np.zeros(0, np.int32),
            np.zeros(0, np.int32),
            np.zeros(0, np.float32),
            np.zeros(0, np.int32),
            np.zeros(0, np.int32),
            np.zeros((0, SIZE), np.float16),
            np.zeros((0, 2)),
        )

    def embeddings(self) -> NDArray[np.float32]:
        """How each voice sounds, (voices, `SIZE`), of unit length: its parts together."""
        sums = np.zeros((len(self.chunk), SIZE), np.float32)
        np.add.at(sums, self.owner, self.parts.astype(np.float32))
        return np.asarray(sums / np.maximum(np.linalg.norm(sums, axis=1, keepdims=True), 1e-9))

    def pack(self) -> bytes:
        """As bytes, the same for the same; `unpack` is the inverse."""
        buffer = io.BytesIO()
        np.savez_compressed(buffer, **{name: getattr(self, name) for name in self.__slots__})
        return buffer.getvalue()

    @classmethod
    def unpack(cls, data: bytes) -> Chunks:
        """From what `pack` gave; raises ValueError for other bytes."""
        try:
            with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
                return cls(**{name: arrays[name] for name in cls.__slots__})
        except Exception as error:  # a zip's, numpy's or a missing name
            raise ValueError("These are not remembered voices.") from error


def join(windows: Sequence[Chunks]) -> Chunks:
    """Windows of one recording, in order, as one."""
    windows = [Chunks.nothing(), *windows]
    counts = np.cumsum([0, *(len(w.starts) for w in windows)])
    voices = np.cumsum([0, *(len(w.chunk) for w in windows)])
    return Chunks(
        np.concatenate([w.starts for w in windows]),
        np.concatenate([w.activity for w in windows]),
        np.concatenate(
            [w.chunk + n for w, n in zip(windows, counts.tolist(), strict=False)]
        ).astype(np.int32),
        np.concatenate([w.local for w in windows]),
        np.concatenate([w.seconds for w in windows]),
        np.concatenate(
            [w.owner + n for w, n in zip(windows, voices.tolist(), strict=False)]
        ).astype(np.int32),
        np.concatenate([w.first for w in windows]),
        np.concatenate([w.parts for w in windows]),
        np.concatenate([w.speech for w in windows]),
    )
