"""From labelled voices of overlapping chunks to who is heard when in the recording."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from anonpipe.speakers.backend import Voice
from anonpipe.speakers.chunks import Chunks
from anonpipe.speakers.features import RATE
from anonpipe.speakers.networks import FRAMES, STEP, WIDTH

FRAME_SECONDS = STEP / RATE
FIRST_CENTRE = WIDTH / 2 / RATE
"""Seconds from a chunk's start to the centre of its first frame."""
MARGIN = 0.1
"""Seconds around the voice detector's speech in which a voice may be heard."""
GAP = 0.2
"""Seconds of silence that do not interrupt a voice."""
SHORTEST = 0.2
"""Seconds from which a voice counts."""


def voices(heard: Chunks, labels: Sequence[NDArray[np.int64]], speakers: int) -> tuple[Voice, ...]:
    """Stretches by speaker, numbered in the order in which they begin, in order of start.

    `labels` has the speaker of each frame of a chunk, for each voice.
    """
    if not len(heard.starts):
        return ()
    chances, origin = _chances(heard, labels, speakers)
    on = chances > 0.5
    near = _mask(heard.speech, MARGIN, origin, len(on))
    on &= near[:, None]
    # Speech that the segmentation gives to nobody is whoever it would rather be.
    lost = (
        _mask(heard.speech, 0.0, origin, len(on)) & ~on.any(axis=1) & (chances.max(axis=1) > 0.05)
    )
    on[np.flatnonzero(lost), chances[lost].argmax(axis=1)] = True
    found = sorted(
        (origin + first * FRAME_SECONDS, origin + last * FRAME_SECONDS, speaker)
        for speaker in range(speakers)
        for first, last in _stretches(on[:, speaker])
    )
    order = {label: number for number, label in enumerate(dict.fromkeys(v[2] for v in found))}
    return tuple(
        Voice(round(max(0.0, start), 3), round(end, 3), order[label]) for start, end, label in found
    )


def _chances(
    heard: Chunks, labels: Sequence[NDArray[np.int64]], speakers: int
) -> tuple[NDArray[np.float32], float]:
    """Chance of each speaker in each frame of the recording, and the second the first begins.

    Where chunks overlap, a frame counts the more the farther it is from its chunk's edge.
    """
    base = float(heard.starts[0])
    places = np.rint((heard.starts - base) / FRAME_SECONDS).astype(np.int64)
    sums = np.zeros((int(places[-1]) + FRAMES, speakers), np.float32)
    weights = np.full(len(sums), 1e-6, np.float32)
    window = np.hamming(FRAMES).astype(np.float32)
    for place in places.tolist():
        weights[place : place + FRAMES] += window
    for chunk in np.unique(heard.chunk).tolist():
        mine = np.flatnonzero(heard.chunk == chunk)
        part = slice(int(places[chunk]), int(places[chunk]) + FRAMES)
        own = np.zeros((FRAMES, speakers), np.float32)
        for voice in mine.tolist():
            chances = heard.activity[chunk][:, heard.local[voice]].astype(np.float32) / 255
            np.maximum.at(own, (np.arange(FRAMES), labels[voice]), chances)
        sums[part] += own * window[:, None]
    return sums / weights[:, None], base + FIRST_CENTRE - FRAME_SECONDS / 2


def _mask(
    spans: NDArray[np.float64], margin: float, origin: float, count: int
) -> NDArray[np.bool_]:
    mask = np.zeros(count, np.bool_)
    for start, end in spans.tolist():
        first = round((start - margin - origin) / FRAME_SECONDS)
        mask[max(0, first) : max(0, round((end + margin - origin) / FRAME_SECONDS))] = True
    return mask


def _stretches(on: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Frames from and to; short gaps are closed, and what is too short then is left out."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], on, [False]]).astype(np.int8)))
    joined: list[tuple[int, int]] = []
    for first, last in edges.reshape(-1, 2).tolist():
        if joined and (first - joined[-1][1]) * FRAME_SECONDS < GAP:
            joined[-1] = (joined[-1][0], last)
        else:
            joined.append((first, last))
    return [(a, b) for a, b in joined if (b - a) * FRAME_SECONDS >= SHORTEST]
