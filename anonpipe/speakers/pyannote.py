"""Diarization by pyannote.audio, for those who have it and one of its pipelines on disk.

    pip install 'anonpipe[pyannote]'

Nothing is fetched: the pipeline is a folder with its `config.yaml` and the models that it names,
at ANONPIPE_PYANNOTE or, without it, `pyannote` among anonpipe's models.
"""

from __future__ import annotations

import io
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from anonpipe.errors import ModelError, UsageError
from anonpipe.speakers.backend import Voice

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

RATE = 16_000
FOLDER = "ANONPIPE_PYANNOTE"


class PyannoteDiarizer:
    """`Diarizer` with a local pipeline of pyannote.audio.

    A pipeline hears a whole recording at once, so what is remembered of a window is its sound
    (as 16-bit samples, 115 MB an hour), and the time is spent when they are told apart.
    """

    name = "pyannote"

    def __init__(self, folder: Path | None = None) -> None:
        """Raises UsageError without the package or the folder, ModelError if it does not load."""
        try:
            # Before the import: its hub client and its metrics read them then.
            os.environ["HF_HUB_OFFLINE"] = "1"
            os.environ["PYANNOTE_METRICS_ENABLED"] = "0"
            import torch
            from pyannote.audio import Pipeline
        except ImportError as error:
            raise UsageError(
                "pyannote.audio is not installed: run pip install 'anonpipe[pyannote]', or write "
                'diarizer = "voices" in study.toml.'
            ) from error
        folder = folder or pipeline_folder()
        if not (folder / "config.yaml").is_file():
            raise UsageError(
                f"No pyannote pipeline in {folder}: put a folder with its config.yaml and models "
                f'there, name another in {FOLDER}, or write diarizer = "voices" in study.toml.'
            )
        self._torch = torch
        try:
            self._pipeline: Any = Pipeline.from_pretrained(folder)
        except Exception as error:  # the hub's, torch's or yaml's; none of them names the remedy
            raise ModelError(
                f"The pyannote pipeline in {folder} cannot be loaded offline: see that its "
                "config.yaml names models on this disk."
            ) from error
        if self._pipeline is None:
            raise ModelError(
                f"The pyannote pipeline in {folder} cannot be loaded offline: see that its "
                "config.yaml names models on this disk."
            )

    def listen(
        self, audio: NDArray[np.float32], begin: float, speech: Sequence[tuple[float, float]]
    ) -> bytes:
        """See `Diarizer`; the sound itself, if anybody speaks in it."""
        import numpy as np

        samples = np.rint(np.clip(audio, -1, 1) * 32_767).astype(np.int16)
        buffer = io.BytesIO()
        np.savez_compressed(
            buffer, begin=np.float64(begin), samples=samples if len(speech) else samples[:0]
        )
        return buffer.getvalue()

    def tell(self, windows: Sequence[bytes], speakers: int | None) -> tuple[Voice, ...]:
        """See `Diarizer`."""
        import numpy as np

        parts: list[tuple[int, NDArray[np.int16]]] = []
        for window in windows:
            with np.load(io.BytesIO(window), allow_pickle=False) as data:
                parts.append((round(float(data["begin"]) * RATE), data["samples"]))
        parts = [(first, samples) for first, samples in parts if samples.size]
        if not parts:
            return ()
        sound = np.zeros(max(first + samples.size for first, samples in parts), np.float32)
        for first, samples in parts:
            sound[first : first + samples.size] = samples.astype(np.float32) / 32_767
        waveform = self._torch.from_numpy(sound)[None]
        told = self._pipeline({"waveform": waveform, "sample_rate": RATE}, num_speakers=speakers)
        # Version 4 gives an object that holds the annotation, version 3 the annotation itself.
        annotation = getattr(told, "speaker_diarization", told)
        stretches = sorted(
            (float(segment.start), float(segment.end), str(label))
            for segment, _, label in annotation.itertracks(yield_label=True)
        )
        order = {label: i for i, label in enumerate(dict.fromkeys(s[2] for s in stretches))}
        return tuple(
            Voice(round(start, 3), round(end, 3), order[label]) for start, end, label in stretches
        )


def pipeline_folder() -> Path:
    """Where the pipeline is looked for."""
    from anonpipe import models

    named = os.environ.get(FOLDER)
    return Path(named) if named else models.models_dir() / "pyannote"
