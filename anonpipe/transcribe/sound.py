"""The sound of a recording as the transcriber wants it: which channels, and what is clipped."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import TYPE_CHECKING

from anonpipe.errors import UsageError
from anonpipe.plaintext import Readable
from anonpipe.times import Interval
from anonpipe.transcribe.speech import RATE
from anonpipe.transcript import Channels

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from anonpipe.audio import channels as channel
    from anonpipe.audio.channels import ChannelPlan

CLIPPED_SHARE = 0.005
"""Of the samples of one second; a single loud syllable has fewer at full scale."""

PLAN_BLOCKS = 60
"""Blocks (10 minutes) at most that the choice between channels looks at, kept meanwhile."""


def plan(
    path: Readable, recorded: int, wanted: Channels
) -> tuple[channel.Channels, Iterable[NDArray[np.int16]]]:
    """What to transcribe, and the recording's blocks, which are decoded only once."""
    from anonpipe.audio import channels as channel
    from anonpipe.audio.decode import blocks

    if wanted == "split" and recorded != 2:
        raise UsageError(
            f"{path.name} has {recorded} channel{'s' * (recorded != 1)}, not two microphones; "
            'set channels to "auto" or "mix".'
        )
    if recorded != 2 or wanted == "mix":
        return channel.Channels("mix"), blocks(path, channels=1)
    rest = blocks(path, channels=2)
    read: list[NDArray[np.int16]] = []

    def remembered() -> Iterator[NDArray[np.int16]]:
        for block in islice(rest, PLAN_BLOCKS):
            read.append(block)
            yield block

    chosen = channel.plan_channels(remembered(), RATE)
    if wanted == "split" and chosen.plan != "split":
        chosen = channel.Channels("split")
    return chosen, _emptying(read, rest)


def _emptying(
    read: list[NDArray[np.int16]], rest: Iterator[NDArray[np.int16]]
) -> Iterator[NDArray[np.int16]]:
    """First what was read, letting go of it, then the rest."""
    while read:
        yield read.pop(0)
    yield from rest


def wanted_blocks(
    blocks: Iterable[NDArray[np.int16]], plan: ChannelPlan, clipped: list[Interval]
) -> Iterator[NDArray[np.int16]]:
    """The channels to transcribe; what is clipped is added to `clipped` on the way."""
    position = 0
    for block in blocks:
        clipped.extend(_clipped(block, position / RATE))
        position += block.shape[1]
        if plan == "left":
            yield block[:1]
        elif plan == "right":
            yield block[1:]
        elif plan == "mix" and len(block) == 2:
            # halved before the sum, which would not fit 16 bits
            yield (block[:1] >> 1) + (block[1:] >> 1)
        else:
            yield block


def _clipped(block: NDArray[np.int16], begin: float) -> Iterator[Interval]:
    """The seconds of a block that were recorded too loud."""
    from anonpipe.audio.levels import CLIPPED_FROM, clipped_samples

    if block.max() < CLIPPED_FROM and block.min() > -CLIPPED_FROM:
        return
    runs = clipped_samples(block)
    for first in range(0, block.shape[1], RATE):
        part = runs[:, first : first + RATE]
        if part.mean(axis=1).max() > CLIPPED_SHARE:
            start = begin + first / RATE
            yield round(start, 2), round(start + part.shape[1] / RATE, 2)


def gate(balance: float) -> Callable[[NDArray[np.int16]], NDArray[np.int16]]:
    """The cross-talk gate for two microphones of which the left one is set louder by `balance`."""
    from anonpipe.audio.channels import gate

    return lambda piece: gate(piece, RATE, balance)
