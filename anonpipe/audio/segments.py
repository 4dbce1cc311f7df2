"""The only door to pydub: segments are made from samples in memory, never from files.

`AudioSegment.from_file` and `export` (of anything but wav) start an ffmpeg program and
write temporary files; nothing in anonpipe calls them. PyAV decodes and encodes instead.
"""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def pydub() -> Any:
    """Import pydub without its warnings about programs and syntax; other warnings stay."""
    with warnings.catch_warnings():
        # At import pydub looks for ffmpeg on the PATH, which is never used here.
        warnings.filterwarnings("ignore", "Couldn't find ff", RuntimeWarning)
        # pydub 0.25.1 has invalid escapes in its regular expressions (Python 3.12 and later).
        warnings.simplefilter("ignore", SyntaxWarning)
        # Python 3.11 and 3.12 still have audioop; later ones get it from audioop-lts.
        warnings.filterwarnings("ignore", "'audioop' is deprecated", DeprecationWarning)
        import pydub as module
        import pydub.generators
    return module


def to_segment(samples: NDArray[np.int16], rate: int) -> Any:
    """A pydub `AudioSegment` of int16 samples of shape (channels, n)."""
    return pydub().AudioSegment(
        data=samples.T.tobytes(), sample_width=2, frame_rate=rate, channels=samples.shape[0]
    )


def to_samples(segment: Any) -> NDArray[np.int16]:
    """The int16 samples of a 16-bit segment, shape (channels, n)."""
    import numpy as np

    return np.frombuffer(segment.raw_data, dtype=np.int16).reshape(-1, segment.channels).T
