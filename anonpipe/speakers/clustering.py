"""Which voices of all chunks belong to one speaker.

Two things tell: how a voice sounds (its embedding), and that the overlap of two chunks is heard
in both. Voices of one chunk are different speakers, as a rule. The best labels of all chunks
are found by dynamic programming, speakers and labels in turn until nothing changes.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from itertools import product

import numpy as np
from numpy.typing import NDArray

from anonpipe.speakers.chunks import Chunks
from anonpipe.speakers.features import RATE
from anonpipe.speakers.networks import FRAMES, STEP

SOUND = 40.0
"""What a second of a voice weighs, times the cosine with a speaker's."""
SHARED = 0.1
"""What a second weighs in which two chunks agree who is heard."""
SPLIT = 2.0
"""What a second of a voice costs that is given to the same speaker as another of its chunk."""
MOST_SECONDS = 4.0
"""A voice weighs at most so many seconds: the sounds of a stretch are not independent."""
RELIABLE_SECONDS = 0.8
"""A shorter voice says hardly anything about how its speaker sounds."""
UNRELIABLE = 0.05
SAMPLE = 300
"""Voices that the first clusters are made of: hierarchical clustering grows with the cube."""
BEAM = 64
"""Labellings of a chunk that are followed; two or three speakers have fewer."""
ROUNDS = 15

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Clusters:
    """Speaker of each voice (n,), the speakers' embeddings (speakers, size), and how good it is."""

    labels: Ints
    centres: Floats
    score: float

    def nearest(self) -> float:
        """Cosine of the two speakers that sound most alike; -1 of fewer than two."""
        near = self.centres @ self.centres.T
        return float(near[np.triu_indices(len(near), 1)].max(initial=-1.0))


class Chain:
    """Chunks in order, each with its voices, and how much two neighbours agree."""

    def __init__(self, heard: Chunks) -> None:
        self.embedding = heard.embeddings()
        self.seconds = np.minimum(heard.seconds, MOST_SECONDS)
        self.weight = np.where(
            self.seconds >= RELIABLE_SECONDS, self.seconds, self.seconds * UNRELIABLE
        ).astype(np.float32)
        numbers, firsts = np.unique(heard.chunk, return_index=True)
        ends = [*firsts[1:].tolist(), len(heard.chunk)]
        self.voices = [list(range(a, b)) for a, b in zip(firsts.tolist(), ends, strict=True)]
        on = heard.activity > 127
        self.agreement: list[Floats | None] = [None]
        self.together = [float((on[c].sum(axis=1) > 1).sum()) * STEP / RATE for c in numbers]
        for (a, mine), (b, other) in zip(
            zip(numbers, self.voices, strict=True),
            zip(numbers[1:], self.voices[1:], strict=True),
            strict=False,
        ):
            shift = round((heard.starts[b] - heard.starts[a]) * RATE / STEP)
            if not 0 <= shift < FRAMES:
                self.agreement.append(None)
                continue
            before = on[a][shift:, heard.local[mine]].astype(np.float32)
            after = on[b][: FRAMES - shift, heard.local[other]].astype(np.float32)
            self.agreement.append(np.asarray(before.T @ after * (STEP / RATE), np.float32))

    def centres(self, labels: Ints, speakers: int) -> Floats:
        sums = np.zeros((speakers, self.embedding.shape[1]), np.float32)
        np.add.at(sums, labels, self.embedding * self.weight[:, None])
        return _unit(sums)

    def label(self, centres: Floats) -> tuple[Ints, float]:
        """The best labels for speakers that sound so, and their score."""
        speakers = len(centres)
        value = (self.embedding @ centres.T) * (self.seconds * SOUND)[:, None]
        score = np.zeros(0, np.float32)
        kept: list[Ints] = []
        back: list[Ints] = []
        for place, voices in enumerate(self.voices):
            options, surplus = _options(len(voices), speakers)
            own = value[voices][np.arange(len(voices)), options].sum(axis=1)
            own = own - surplus * (
                SPLIT * float(self.seconds[voices].min()) + 2 * self.together[place]
            )
            if len(options) > BEAM:
                best = np.argsort(-own, kind="stable")[:BEAM]
                options, own = options[best], own[best]
            if place:
                total = score[:, None] + self._bonus(place, kept[-1], options)
                back.append(total.argmax(axis=0))
                own = own + total.max(axis=0)
            score = own
            kept.append(options)
        labels = np.zeros(len(self.embedding), np.int64)
        state = int(score.argmax())
        for place in range(len(self.voices) - 1, -1, -1):
            labels[self.voices[place]] = kept[place][state]
            if place:
                state = int(back[place - 1][state])
        return labels, float(score.max())

    def _bonus(self, place: int, before: Ints, after: Ints) -> Floats:
        """What the overlap with the chunk before adds, for each pair of labellings."""
        total = np.zeros((len(before), len(after)), np.float32)
        agreement = self.agreement[place]
        if agreement is not None:
            for (i, j), seconds in np.ndenumerate(agreement):
                if seconds:
                    total += (before[:, i, None] == after[None, :, j]) * (SHARED * seconds)
        return total


def cluster(chain: Chain, speakers: int) -> Clusters:
    """The voices of a recording, at least one, as those of `speakers` speakers."""
    starts = [
        chain.centres(*_by_sound(chain.embedding, chain.weight, speakers)),
        chain.centres(_by_overlap(chain, speakers), speakers),
    ]
    best: Clusters | None = None
    for centres in starts:
        labels = np.full(len(chain.embedding), -1)
        score = 0.0
        for _ in range(ROUNDS):
            before = labels
            labels, score = chain.label(centres)
            if np.array_equal(labels, before):
                break
            centres = chain.centres(labels, speakers)
        if best is None or score > best.score:
            best = Clusters(labels, centres, score)
    assert best is not None
    return best


def _by_overlap(chain: Chain, speakers: int) -> Ints:
    nobody = np.zeros((speakers, chain.embedding.shape[1]), np.float32)
    return chain.label(nobody)[0]


def _by_sound(embedding: Floats, weight: Floats, speakers: int) -> tuple[Ints, int]:
    """Labels by hierarchical clustering of a sample; too small clusters do not count."""
    sample = _sample(weight, speakers)
    groups: list[list[int]] = []
    for count in range(speakers, min(len(sample), speakers + 6) + 1):
        groups = merge(embedding[sample], weight[sample], count=count)
        groups.sort(key=lambda group: -float(weight[sample[group]].sum()))
        masses = [float(weight[sample[group]].sum()) for group in groups]
        if len(masses) >= speakers and masses[speakers - 1] > 0.04 * sum(masses):
            break
    centres = np.zeros((speakers, embedding.shape[1]), np.float32)
    for number, group in enumerate(groups[:speakers]):
        rows = sample[group]
        centres[number] = (embedding[rows] * weight[rows, None]).sum(axis=0)
    return np.asarray((embedding @ _unit(centres).T).argmax(axis=1), np.int64), speakers


def _sample(weight: Floats, least: int) -> Ints:
    """Voices that say how their speakers sound, spread over the recording."""
    good = np.flatnonzero(weight >= 1.0)
    if len(good) < least:
        good = np.arange(len(weight))
    return np.asarray(good[np.linspace(0, len(good) - 1, min(SAMPLE, len(good))).astype(np.int64)])


def merge(embedding: Floats, weight: Floats, *, count: int) -> list[list[int]]:
    """Average-linkage clusters by cosine, merged until `count` are left."""
    near = embedding @ embedding.T
    np.fill_diagonal(near, -9)
    mass = weight.astype(np.float64)
    groups: list[list[int]] = [[i] for i in range(len(embedding))]
    alive = list(range(len(embedding)))
    while len(alive) > count:
        i, j = divmod(int(near.argmax()), len(near))
        near[i] = (mass[i] * near[i] + mass[j] * near[j]) / max(mass[i] + mass[j], 1e-9)
        near[:, i] = near[i]
        near[i, i] = -9
        near[j], near[:, j] = -9, -9
        mass[i] += mass[j]
        groups[i] += groups[j]
        alive.remove(j)
    return [groups[i] for i in alive]


@cache
def _options(voices: int, speakers: int) -> tuple[Ints, Floats]:
    """All ways to give a chunk's voices to speakers, (ways, voices).

    With each, how many of the voices share a speaker without need.
    """
    ways = np.array(list(product(range(speakers), repeat=voices)), np.int64)
    different = np.array([len(set(way)) for way in ways.tolist()])
    return ways, (voices - different - max(0, voices - speakers)).astype(np.float32)


def _unit(vectors: Floats) -> Floats:
    return np.asarray(vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9))
