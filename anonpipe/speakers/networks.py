"""The two networks that come with the program to tell voices apart.

`models/voices` holds them, with a model card on where they come from and what they cannot do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from anonpipe import resources
from anonpipe.errors import ModelError
from anonpipe.processors import processors

VOICE_MODEL = "voices"
CHUNK = 160_000
"""Samples (10 s) that the segmentation hears at once, as in its training."""
STEP, WIDTH = 270, 991
"""Samples from one of its frames to the next, and those that a frame sees."""
FRAMES = 589
"""Frames of a chunk."""
LOCAL = 3
"""Voices that it can tell apart in a chunk; at most two of them at the same time."""
PARTIAL = 160
"""Mel frames (1.6 s) that the encoder hears at once, as in its training."""
SIZE = 256
"""Dimensions of a voice's embedding."""
BATCH = 8
"""Parts that are embedded together; chunks are segmented one by one. More is no faster."""
LEVEL, SILENCE = np.float32(0.1), np.float32(1e-5)
"""Root mean square of a chunk that the segmentation hears, and below which it is silence."""

_POWERSET = np.array(
    [[0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 1, 0], [1, 0, 1], [0, 1, 1]], np.float32
)
"""Which of a chunk's voices each of the segmentation's classes stands for."""


class Networks:
    """Segmentation of a chunk by voice, and embeddings of voices. Load once: `load_networks`."""

    def __init__(self, folder: Path) -> None:
        """Raises ModelError if a file is missing, damaged or not the one it should be."""
        try:
            self._segmentation = _open(resources.model_file(folder, "segmentation.onnx"))
            self._encoder = _open(resources.model_file(folder, "encoder.onnx"))
        except Exception as error:  # each library has its own; none of them names the remedy
            raise ModelError(
                f"The voice model in {folder.name} cannot be loaded; install anonpipe again."
            ) from error

    def segment(self, chunks: NDArray[np.float32]) -> NDArray[np.float32]:
        """Chances (chunks, `FRAMES`, `LOCAL`) that each voice is heard; of (chunks, `CHUNK`).

        Voices are numbered anew in each chunk. Chunks are brought to one level first: the network
        is trained to hear loud and soft alike, but adds a constant that drowns the very soft.
        """
        loud = np.sqrt(np.square(chunks).mean(axis=1, keepdims=True))
        chunks = chunks * (LEVEL / np.maximum(loud, SILENCE))
        classes = _together(
            lambda chunk: self._segmentation.run(None, {"audio": chunk[None, None]})[0], chunks
        )
        return np.asarray(np.concatenate(classes) @ _POWERSET, np.float32)

    def embed(self, mels: NDArray[np.float32]) -> NDArray[np.float32]:
        """Embeddings (n, `SIZE`) of unit length, of mel bands (n, `PARTIAL`, 40)."""
        parts = _together(
            lambda some: self._encoder.run(None, {"mel": some})[0],
            [mels[i : i + BATCH] for i in range(0, len(mels), BATCH)],
        )
        return np.concatenate([np.zeros((0, SIZE), np.float32), *parts])


def _together(work: Callable[[Any], Any], pieces: Iterable[Any]) -> list[Any]:
    """`work` of each piece, in order, on all processors.

    The networks are small: a piece a processor is faster than all of them at one piece.
    """
    with ThreadPoolExecutor(processors()) as pool:
        return list(pool.map(work, pieces))


def _open(data: bytes) -> Any:
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])


@cache
def load_networks() -> Networks:
    """The networks that come with the program. Raises ModelError if they cannot be had."""
    return Networks(resources.folder("models") / VOICE_MODEL)
