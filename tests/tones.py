"""A study's tools that hear tones with the real transcriber, one clip of speech a batch."""

from __future__ import annotations

import ctypes
import os
import time
from pathlib import Path
from typing import Any

import numpy as np

from anonpipe.study import Study
from anonpipe.transcribe import Transcriber
from anonpipe.transcribe.backend import HeardBatch
from tests.audio.sound import sine, write
from tests.stand_ins import StandInTools
from tests.transcribe.fake import FakeBackend


def _wait(by: str) -> None:
    """A minute in Python's own sleep, which signals wake, or in a library's, as a recogniser is."""
    if by == "sleep":
        time.sleep(60)
        return
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        ctypes.CDLL(None).sleep(60)


class Slow(FakeBackend):
    """Hears batch number PAUSE_AT of this process, from 0, for a minute."""

    def hear(self, *arguments: Any, **options: Any) -> HeardBatch:
        if os.environ.get("PAUSE_AT") == str(len(self.calls)):
            print("busy", flush=True)
            _wait(os.environ.get("PAUSE_BY", "sleep"))
        return super().hear(*arguments, **options)


class TonesTools(StandInTools):
    def __init__(self, study: Study) -> None:
        super().__init__(study)
        self.backend = Slow(batch_size=1)
        self.transcriber = Transcriber(backend=self.backend)  # type: ignore[assignment]


def interview(path: Path, minutes: float = 3) -> Path:
    """A recording of tones of 5 s with pauses between them."""
    parts = []
    while sum(part.size for part in parts) < minutes * 60 * 16_000:
        parts += [sine(200 + 10 * len(parts), 5), np.zeros(16_000, np.int16)]
    return write(path, np.concatenate(parts))
