"""Voices that are made up: conversations as chunks with embeddings, without any sound."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from anonpipe.speakers.chunks import Chunks
from anonpipe.speakers.features import RATE
from anonpipe.speakers.networks import FRAMES, LOCAL, SIZE, STEP

Turn = tuple[float, float, int]


def sounds(speakers: int, cosine: float = 0.5, seed: int = 0) -> NDArray[np.float64]:
    """Embeddings of as many speakers, (speakers, SIZE), each pair with this cosine."""
    axes = np.linalg.qr(np.random.default_rng(seed).normal(size=(SIZE, speakers + 1)))[0].T
    return np.sqrt(cosine) * axes[0] + np.sqrt(1 - cosine) * axes[1:]


def conversation(
    turns: list[Turn], voices: NDArray[np.float64], *, noise: float = 0.2, seed: int = 1
) -> Chunks:
    """Chunks of 10 s every 5 s over `turns`; a chunk numbers its voices as they come, or not."""
    random = np.random.default_rng(seed)
    seconds = max(end for _, end, _ in turns)
    starts = np.arange(0, max(1.0, seconds - 5), 5.0)
    activity = np.zeros((len(starts), FRAMES, LOCAL), np.uint8)
    found = []
    for chunk, start in enumerate(starts):
        times = start + np.arange(FRAMES) * STEP / RATE
        near = [turn for turn in turns if turn[0] < times[-1] and turn[1] > start]
        here = sorted({who for *_, who in near})[:LOCAL]
        numbers = random.permutation(LOCAL)[: len(here)]
        for number, who in zip(numbers.tolist(), here, strict=True):
            heard = np.zeros(FRAMES, bool)
            for a, b, other in near:
                heard |= (other == who) & (times >= a) & (times < b)
            if not heard.any():
                continue
            activity[chunk, heard, number] = 255
            sound = voices[who] + random.normal(size=SIZE) * noise / np.sqrt(SIZE)
            alone = float(heard.sum()) * STEP / RATE
            found.append((chunk, number, alone, sound / np.linalg.norm(sound)))
    return Chunks(
        starts,
        activity,
        np.array([f[0] for f in found], np.int32),
        np.array([f[1] for f in found], np.int32),
        np.array([f[2] for f in found], np.float32),
        np.arange(len(found), dtype=np.int32),
        np.zeros(len(found), np.int32),
        np.array([f[3] for f in found], np.float16).reshape(-1, SIZE),
        np.array([(a, b) for a, b, _ in turns], np.float64).reshape(-1, 2),
    )


def taking_turns(
    seconds: float, speakers: int = 2, seed: int = 3, longest: float = 12.0
) -> list[Turn]:
    """Turns of 1 s to `longest`, one speaker after another, with short pauses."""
    random = np.random.default_rng(seed)
    turns, at, who = [], 0.5, 0
    while at < seconds:
        end = at + float(random.uniform(1, longest))
        turns.append((at, min(end, seconds), who))
        at, who = end + 0.4, (who + 1) % speakers
    return turns
