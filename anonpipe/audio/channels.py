"""Two channels: two microphones with one speaker each, or one ordinary recording?

Interviews are often recorded with a microphone on each person, one a channel. Then
whoever speaks is clearly louder on the own channel, now the one, now the other.
In an ordinary stereo recording the levels follow each other. The decision therefore
counts frames of speech in which one channel is clearly louder; correlation of the
waveforms tells nothing about it (the cross-talk of one voice into the other
microphone correlates too) and is used only to find channels that cancel when mixed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from anonpipe.audio.levels import frame_dbfs
from anonpipe.audio.segments import to_samples, to_segment

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

ChannelPlan = Literal["split", "mix", "left", "right"]
"""What to transcribe: each channel, their mean, or only one of them."""


@dataclass(frozen=True, slots=True)
class Channels:
    """What to do with two channels, and by how many dB the left one is set louder.

    `balance` is meant for `gate`; it is 0 unless the channels are two microphones.
    """

    plan: ChannelPlan
    balance: float = 0.0


FRAME_SECONDS = 0.05
LOUDER_DB = 6.0
"""A lapel microphone hears its wearer 10 dB and more above a person one metre away."""

OWN_SHARE = 0.05
"""Each microphone must lead in this share of the speech: an interviewer may say little."""

LED_SHARE = 0.6
"""One of them must lead in this share of the speech; the rest is both at once, and noise."""

SPEECH_ABOVE_NOISE_DB = 15.0
ENOUGH_SPEECH_SECONDS = 120.0
DEAD_DB = 30.0

GATE_SECONDS = 0.125
COPY_CORRELATION = 0.25
"""Two voices recorded apart stay below 0.15, cross-talk lies above 0.25 even with much echo."""


def plan_channels(blocks: Iterable[NDArray[np.int16]], rate: int) -> Channels:
    """Decide from two-channel blocks of shape (2, n), reading until there is enough speech.

    "left" or "right" where the other channel is dead, or is the same with the sign turned
    (they would cancel). Blocks of one channel give "mix".
    """
    import numpy as np

    size = int(rate * FRAME_SECONDS)
    kept: list[NDArray[np.float32]] = []
    products = np.zeros(3)
    speech_frames = 0
    for block in blocks:
        if block.shape[0] != 2:
            return Channels("mix")
        loud = frame_dbfs(block, size)
        kept.append(loud)
        left, right = block.astype(np.float32)
        products += (float(left @ right), float(left @ left), float(right @ right))
        speech_frames += int((loud.max(axis=0) > -45).sum())
        if speech_frames * FRAME_SECONDS >= ENOUGH_SPEECH_SECONDS:
            break
    if not kept:
        return Channels("mix")
    frames = np.concatenate(kept, axis=1)
    if frames.shape[1] == 0:
        return Channels("mix")
    louder: ChannelPlan = "left" if products[1] >= products[2] else "right"
    noise = np.quantile(frames, 0.1, axis=1, keepdims=True)
    top = np.quantile(frames, 0.98, axis=1)
    if abs(top[0] - top[1]) > DEAD_DB:
        return Channels(louder)
    threshold = np.maximum(noise + SPEECH_ABOVE_NOISE_DB, -60.0)
    speech = frames[:, (frames > threshold).any(axis=0)]
    if speech.shape[1] * FRAME_SECONDS >= 1.0:
        difference = speech[0] - speech[1]
        # Seen from the middle between both speakers: one microphone may be set louder.
        balance = float(np.quantile(difference, [0.03, 0.97]).mean())
        leads = (
            (difference > balance + LOUDER_DB).mean(),
            (difference < balance - LOUDER_DB).mean(),
        )
        if min(leads) >= OWN_SHARE and sum(leads) >= LED_SHARE:
            return Channels("split", balance)
    correlation = products[0] / max(1.0, float(np.sqrt(products[1] * products[2])))
    return Channels(louder if correlation < -0.5 else "mix")


def split_channels(samples: NDArray[np.int16], rate: int) -> list[NDArray[np.int16]]:
    """The channels of samples of shape (channels, n), each of shape (1, n)."""
    return [to_samples(part) for part in to_segment(samples, rate).split_to_mono()]


def gate(samples: NDArray[np.int16], rate: int, balance: float = 0.0) -> NDArray[np.int16]:
    """Silence each of two channels where it holds only the other one's speaker.

    What one microphone hears of the other's speaker would be transcribed twice. A stretch
    is cross-talk when it is clearly softer than the other channel and is a delayed copy of
    it (`_alike`): a person who speaks softly while the other speaks is softer too, but no
    copy, and stays. Edges are ramps, so nothing clicks. `samples` is of shape (2, n).
    """
    import numpy as np

    step = int(rate * GATE_SECONDS)
    power = 10 ** (frame_dbfs(samples, step) / 10)
    count = power.shape[1] - 1  # a window is two steps long
    if count < 1:
        return samples
    difference = (
        10 * np.log10((power[0, 1:] + power[0, :-1]) / (power[1, 1:] + power[1, :-1])) - balance
    )
    uneven = np.flatnonzero(np.abs(difference) > LOUDER_DB)
    copies = uneven[_alike(samples, uneven * step, 2 * step, rate) > COPY_CORRELATION]
    gains = np.ones((2, count), dtype=np.float32)
    gains[(difference[copies] > 0).astype(int), copies] = 0.0
    centres = (np.arange(count) + 1.0) * step
    gated = samples.copy()
    for channel in range(2):
        if gains[channel].all():
            continue
        for begin in range(0, samples.shape[1], 60 * rate):  # keeps the arrays short
            part = gated[channel, begin : begin + 60 * rate]
            ramp = np.interp(np.arange(begin, begin + part.size), centres, gains[channel])
            part[:] = part * ramp.astype(np.float32)
    return gated


def _alike(
    samples: NDArray[np.int16], starts: NDArray[np.int_], size: int, rate: int
) -> NDArray[np.float32]:
    """Highest correlation of both channels over delays up to 15 ms (5 m), for each window.

    Of the first difference, which flattens the spectrum of speech: otherwise two voices
    at a similar pitch correlate by chance.
    """
    import numpy as np

    lag = int(rate * 0.015)
    length = size + lag
    found = [np.zeros(0, dtype=np.float32)]
    for begin in range(0, starts.size, 256):
        index = starts[begin : begin + 256, None] + np.arange(size)
        left, right = np.diff(samples[:, index].astype(np.float32), axis=2)
        energy = np.sqrt(np.square(left).sum(axis=1) * np.square(right).sum(axis=1)) + 1
        spectra = np.fft.rfft(left, length) * np.conj(np.fft.rfft(right, length))
        correlation = np.abs(np.fft.irfft(spectra, length))
        peak = np.maximum(correlation[:, :lag].max(axis=1), correlation[:, -lag:].max(axis=1))
        found.append((peak / energy).astype(np.float32))
    return np.concatenate(found)
