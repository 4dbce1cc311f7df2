"""Where a voice of a chunk is in truth two, one after the other.

The segmentation can take two turns that follow without a pause for one voice. Its parts, 1.6 s
each, then sound like different speakers: the best sequence of speakers over the parts of each voice
is found by dynamic programming, where a change costs something, as one odd part proves nothing.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from anonpipe.speakers.chunks import Chunks
from anonpipe.speakers.clustering import Clusters
from anonpipe.speakers.features import RATE
from anonpipe.speakers.networks import FRAMES, STEP

CHANGE = 0.2
"""What a change of speaker costs, in cosine with a speaker, summed over a voice's parts."""
DIP = round(0.5 * RATE / STEP)
"""Frames around the middle between two parts in which the change may be."""
FAR = 0.3
"""What that distance weighs against the chance that the voice is heard there."""


def changes(heard: Chunks, found: Clusters) -> list[NDArray[np.int64]]:
    """The speaker of each frame of a chunk, (`FRAMES`,), for each voice."""
    near = heard.parts.astype(np.float32) @ found.centres.T
    bounds = np.searchsorted(heard.owner, np.arange(len(heard.chunk) + 1)).tolist()
    speakers = []
    for voice, label in enumerate(found.labels.tolist()):
        begin, end = bounds[voice], bounds[voice + 1]
        best = _sequence(near[begin:end])
        frames = np.full(FRAMES, label, np.int64)
        if len(set(best)) > 1:
            activity = heard.activity[heard.chunk[voice], :, heard.local[voice]]
            frames[:] = best[0]
            firsts = heard.first[begin + 1 : end].tolist()
            for (before, now), first in zip(pairwise(best), firsts, strict=True):
                if now != before:
                    frames[_quietest(activity, first) :] = now
        speakers.append(frames)
    return speakers


def _sequence(near: NDArray[np.float32]) -> list[int]:
    """The best speakers of a voice's parts, of which `near` (parts, speakers) has the cosines."""
    cost = CHANGE * (1 - np.eye(near.shape[1], dtype=np.float32))
    score = near[0]
    back = []
    for own in near[1:]:
        total = score[:, None] - cost
        back.append(total.argmax(axis=0))
        score = total.max(axis=0) + own
    best = [int(score.argmax())]
    for came in reversed(back):
        best.append(int(came[best[-1]]))
    return best[::-1]


def _quietest(activity: NDArray[np.uint8], middle: int) -> int:
    """The frame near `middle` in which the voice is heard least."""
    first = max(0, middle - DIP)
    part = activity[first : middle + DIP + 1].astype(np.float32) / 255
    away = np.abs(np.arange(first, first + len(part)) - middle) / DIP
    return first + int((part + FAR * away).argmin())
