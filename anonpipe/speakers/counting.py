"""How many speakers there are.

The limits were set on composed conversations and on recordings of one voice; see the model card.
"""

from __future__ import annotations

import numpy as np

from anonpipe.speakers.chunks import Chunks
from anonpipe.speakers.clustering import Chain, Clusters, cluster

DIFFERENT = 0.80
"""Speakers whose cosine is below this are two."""
ALIKE = 0.85
"""From here on they may be one voice; between two embeddings of one it is about 0.95."""
SAME = 0.90
CLEAR_GAIN = 0.8
"""What two speakers must explain better than one, a second of voice, where they sound alike."""
SLIGHT_GAIN = 0.35
ALONE = 0.05
"""Share of a second voice in its chunk from which the segmentation hears a conversation."""
SMALLEST = 0.05
"""Share of the voices that a speaker must have, where nobody says how many there are."""
MOST = 8


def told_apart(heard: Chunks, speakers: int | None) -> Clusters:
    """Voices as those of `speakers` speakers, or of as many as there seem to be.

    One voice is left one, if everything says so, even where more were expected: a memo that is
    diarized like the interviews of its study.
    """
    chain = Chain(heard)
    most = min(speakers or MOST, len(chain.seconds))
    one = cluster(chain, 1)
    if most == 1:
        return one
    two = cluster(chain, 2)
    if len(set(two.labels.tolist())) == 1:
        return one
    near = two.nearest()
    gain = (two.score - one.score) / max(float(chain.seconds.sum()), 1e-9)
    if near >= ALIKE and (gain < SLIGHT_GAIN or _second(chain) < ALONE):
        return one
    if speakers is not None:
        return two if most == 2 else cluster(chain, most)
    if near >= DIFFERENT and (near >= SAME or gain < CLEAR_GAIN):
        return one
    found = two
    for count in range(3, most + 1):
        more = cluster(chain, count)
        shares = np.bincount(more.labels, chain.weight, count) / chain.weight.sum()
        if more.nearest() >= DIFFERENT or shares.min() < SMALLEST:
            break
        found = more
    return found


def _second(chain: Chain) -> float:
    """How much of the voices is the second one of its chunk."""
    seconds = [sorted(chain.seconds[voices].tolist(), reverse=True) for voices in chain.voices]
    return sum(sum(some[1:]) for some in seconds) / max(float(chain.seconds.sum()), 1e-9)
