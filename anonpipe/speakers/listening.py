"""From sound to what is remembered of it: who is heard in each chunk, and how they sound."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from anonpipe.speakers.chunks import Chunks
from anonpipe.speakers.features import BANDS, HOP, RATE, levels, mel_bands
from anonpipe.speakers.networks import CHUNK, FRAMES, LOCAL, PARTIAL, STEP, WIDTH, Networks

CHUNK_STEP = 15 * RATE // 2
"""Samples from one chunk to the next: neighbours share 2.5 s, which tells who goes on speaking."""
CHUNKS_AT_ONCE = 16
LEAST_FRAMES = 6
"""Frames (0.1 s) from which a voice is one."""
ALONE_FRAMES = 30
"""Frames (0.5 s) without another voice that make an embedding; else those with one serve too."""
PARTIAL_STEP = PARTIAL * 3 // 4
"""Mel frames (1.2 s) from one part of a voice to the next. Half of it would find changes better
(confusion of real voices 0.9 % instead of 1.6 %), for half as much time again."""
TARGET_LEVEL = 10.0 ** (-30 / 10)
"""Mean square (-30 dBFS) to which the encoder's training lifted what was softer."""


def listen(
    networks: Networks,
    audio: NDArray[np.float32],
    begin: float,
    speech: Sequence[tuple[float, float]],
) -> Chunks:
    """See `Diarizer.listen`; chunks in which nobody speaks are left out."""
    spans = [(first - begin, last - begin) for first, last in speech if last > first]
    starts = _chunk_starts(audio.size, spans)
    if not starts:
        return Chunks.nothing()
    activity: list[NDArray[np.float32]] = []
    chunks: list[int] = []
    locals_: list[int] = []
    seconds: list[float] = []
    mels: list[NDArray[np.float32]] = []
    owners: list[int] = []
    firsts: list[int] = []
    for first in range(0, len(starts), CHUNKS_AT_ONCE):
        some = starts[first : first + CHUNKS_AT_ONCE]
        cut = np.stack([_chunk(audio, start) for start in some])
        for index, chances in enumerate(networks.segment(cut)):
            activity.append(chances)
            found = _voices(chances)
            if not found:
                continue
            mel, level = mel_bands(cut[index]), levels(cut[index])
            for voice, alone in found:
                parts, begins = _partials(mel, level, alone)
                owners += [len(chunks)] * len(parts)
                firsts += begins
                mels += parts
                chunks.append(first + index)
                locals_.append(voice)
                seconds.append(float(alone.sum()) * STEP / RATE)
    embedded = networks.embed(np.stack(mels) if mels else np.zeros((0, PARTIAL, BANDS), np.float32))
    return Chunks(
        np.array([begin + start / RATE for start in starts]),
        np.rint(np.stack(activity) * 255).astype(np.uint8),
        np.array(chunks, np.int32),
        np.array(locals_, np.int32),
        np.array(seconds, np.float32),
        np.array(owners, np.int32),
        np.array(firsts, np.int32),
        embedded.astype(np.float16),
        np.array([span for span in speech if span[1] > span[0]], np.float64).reshape(-1, 2),
    )


def _chunk_starts(size: int, spans: Sequence[tuple[float, float]]) -> list[int]:
    """Samples at which chunks begin; the last one ends with the audio."""
    last = max(0, size - CHUNK)
    grid = [*range(0, last, CHUNK_STEP), last] if size else []
    return [
        start
        for start in grid
        if any(a * RATE < start + CHUNK and b * RATE > start for a, b in spans)
    ]


def _chunk(audio: NDArray[np.float32], start: int) -> NDArray[np.float32]:
    part = audio[start : start + CHUNK]
    return np.pad(part, (0, CHUNK - part.size))


def _voices(chances: NDArray[np.float32]) -> list[tuple[int, NDArray[np.bool_]]]:
    """The voices of a chunk, with the frames that show how they sound."""
    heard = chances > 0.5
    single = heard.sum(axis=1) == 1
    found = []
    for voice in range(LOCAL):
        frames = heard[:, voice]
        if frames.sum() >= LEAST_FRAMES:
            alone = frames & single
            found.append((voice, alone if alone.sum() >= ALONE_FRAMES else frames))
    return found


def _frames() -> NDArray[np.int64]:
    """The segmentation's frame nearest to each mel frame of a chunk."""
    centres = (np.arange(CHUNK // HOP) * HOP - WIDTH / 2) / STEP
    return np.clip(np.rint(centres), 0, FRAMES - 1).astype(np.int64)


def _partials(
    mel: NDArray[np.float32], level: NDArray[np.float32], frames: NDArray[np.bool_]
) -> tuple[list[NDArray[np.float32]], list[int]]:
    """What the encoder hears of a voice: its frames put together, in parts of 1.6 s.

    With each part the chunk's frame from which it is the nearest one. `mel` and `level` are of the
    whole chunk. A voice that is heard for less is repeated.
    """
    nearest = _frames()
    rows = np.flatnonzero(frames[nearest])
    loud = float(level[rows].mean())
    gain = max(1.0, TARGET_LEVEL / loud) if loud > 0 else 1.0
    own = mel[rows] * np.float32(gain)
    if len(own) < PARTIAL:
        own = np.tile(own, (-(-PARTIAL // len(own)), 1))[:PARTIAL]
    starts = list(range(0, len(own) - PARTIAL + 1, PARTIAL_STEP))
    if len(own) - PARTIAL - starts[-1] >= PARTIAL_STEP // 2:
        starts.append(len(own) - PARTIAL)
    middles = [0, *((a + b + PARTIAL) // 2 for a, b in pairwise(starts))]
    firsts = nearest[rows[np.minimum(middles, len(rows) - 1)]].tolist()
    return [own[start : start + PARTIAL] for start in starts], firsts
