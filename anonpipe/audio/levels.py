"""How loud a recording is, and whether it was recorded too loud or too soft."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

FULL_SCALE = 32_768
CLIPPED_FROM = 0.985 * FULL_SCALE
"""Resampling ripples a clipped top by a few per cent, so full scale itself is too strict."""

CLIPPED_RUN = 3
"""Samples in a row at the top; a single one is a peak, not clipping."""


def speech_dbfs(samples: NDArray[np.int16], rate: int) -> float:
    """The level of the speech in int16 samples of shape (channels, n), n > 0; silence is -120.

    It is what the loudest tenth of 50 ms frames reaches, however long the pauses are.
    """
    import numpy as np

    size = min(max(1, rate // 20), samples.shape[1])
    return float(np.quantile(frame_dbfs(samples, size).max(axis=0), 0.9))


def frame_dbfs(samples: NDArray[np.int16], size: int) -> NDArray[np.float32]:
    """RMS in dBFS of frames of `size` samples, shape (channels, n // size); silence is -120."""
    import numpy as np

    count = samples.shape[1] // size
    frames = samples[:, : count * size].reshape(samples.shape[0], count, size)
    # int16 squared and summed overflows int32; float32 is exact enough and half of float64
    power = np.square(frames, dtype=np.float32).mean(axis=2) / np.float32(FULL_SCALE**2)
    decibels: NDArray[np.float32] = 10 * np.log10(np.maximum(power, np.float32(1e-12)))
    return decibels


def clipped_samples(samples: NDArray[np.int16]) -> NDArray[np.bool_]:
    """Which samples begin a run of `CLIPPED_RUN` at full scale, shape (channels, n)."""
    import numpy as np

    # as int32, since the absolute value of -32768 does not fit int16
    top = np.abs(samples.astype(np.int32)) >= CLIPPED_FROM
    run = top.copy()
    for shift in range(1, CLIPPED_RUN):
        run[:, :-shift] &= top[:, shift:]
        run[:, -shift:] = False
    return run
