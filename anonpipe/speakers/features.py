"""Mel bands as the voice encoder was trained on them: power, without a logarithm.

The parameters are those of its training (25 ms frames every 10 ms, 40 bands on Slaney's scale,
each band's triangle of area 1, as `librosa.feature.melspectrogram` makes them); numpy alone.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

RATE = 16_000
FRAME = 400
HOP = 160
BANDS = 40

_LINEAR_HZ = 200 / 3  # Slaney's scale: linear up to 1 kHz, logarithmic above
_CORNER_HZ = 1000.0
_OCTAVES = np.log(6.4) / 27


def _hz(mel: NDArray[np.float64]) -> NDArray[np.float64]:
    corner = _CORNER_HZ / _LINEAR_HZ
    above = _CORNER_HZ * np.exp(_OCTAVES * (mel - corner))
    return np.asarray(np.where(mel < corner, mel * _LINEAR_HZ, above), np.float64)


@cache
def _filters() -> NDArray[np.float32]:
    """The bands as weights of shape (frequencies, bands)."""
    highest = _CORNER_HZ / _LINEAR_HZ + np.log(RATE / 2 / _CORNER_HZ) / _OCTAVES
    edges = _hz(np.linspace(0, highest, BANDS + 2))
    frequencies = np.fft.rfftfreq(FRAME, 1 / RATE)
    rise = (frequencies - edges[:-2, None]) / np.diff(edges)[:-1, None]
    fall = (edges[2:, None] - frequencies) / np.diff(edges)[1:, None]
    triangles = np.maximum(0, np.minimum(rise, fall))
    areas = 2 / (edges[2:] - edges[:-2])
    return np.asarray((triangles * areas[:, None]).T, np.float32)


@cache
def _window() -> NDArray[np.float32]:
    return np.asarray(0.5 - 0.5 * np.cos(2 * np.pi * np.arange(FRAME) / FRAME), np.float32)


def mel_bands(audio: NDArray[np.float32]) -> NDArray[np.float32]:
    """Power in mel bands, (frames, bands), of float32 audio at 16 kHz.

    Frame i is centred on sample `HOP` * i; before the first and after the last is silence.
    """
    padded = np.pad(audio, FRAME // 2)
    frames = np.lib.stride_tricks.sliding_window_view(padded, FRAME)[::HOP]
    spectrum = np.fft.rfft(frames * _window(), axis=1)
    power = spectrum.real**2 + spectrum.imag**2
    return np.asarray(power.astype(np.float32) @ _filters(), np.float32)


def levels(audio: NDArray[np.float32]) -> NDArray[np.float32]:
    """Mean square of the `HOP` samples around each frame's centre, (frames,)."""
    count = audio.size // HOP + 1
    padded = np.zeros(count * HOP, np.float32)
    padded[HOP // 2 : HOP // 2 + audio.size] = audio[: padded.size - HOP // 2]
    return np.asarray((padded.reshape(count, HOP) ** 2).mean(axis=1), np.float32)
