"""How loud a recording is, and whether it was recorded too loud or too soft."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from anonpipe.audio.segments import to_segment

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

FULL_SCALE = 32_768
CLIPPED_FROM = 0.985 * FULL_SCALE
"""Resampling ripples a clipped top by a few per cent, so full scale itself is too strict."""

CLIPPED_RUN = 3
"""Samples in a row at the top; a single one is a peak, not clipping."""

QUIET_DBFS = -45.0
"""Speech softer than this is missed by voice detectors."""


@dataclass(frozen=True, slots=True)
class Levels:
    """Loudness of a stretch: RMS and peak in dBFS (-inf when silent), clipped share 0..1.

    `speech_dbfs` is the level that the loudest tenth of 50 ms frames reaches, which is a
    measure of the speech however long the pauses are.
    """

    dbfs: float
    peak_dbfs: float
    speech_dbfs: float
    clipped: float

    @property
    def too_quiet(self) -> bool:
        """Whether even the loud parts are so soft that words may be missed."""
        return self.speech_dbfs < QUIET_DBFS


def levels(samples: NDArray[np.int16], rate: int) -> Levels:
    """Measure int16 samples of shape (channels, n), n > 0."""
    import numpy as np

    segment = to_segment(samples, rate)
    frames = frame_dbfs(samples, max(1, rate // 20)).max(axis=0)
    speech = float(np.quantile(frames, 0.9)) if frames.size else segment.dBFS
    return Levels(segment.dBFS, segment.max_dBFS, speech, float(clipped_samples(samples).mean()))


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
