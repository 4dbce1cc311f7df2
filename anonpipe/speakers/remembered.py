"""What a diarizer must know to tell the speakers of a recording apart once more.

It describes voices, so it is biometric: it lies in the sealed raw transcript, and goes with it.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Remembered:
    """What `Diarizer.listen` of the diarizer called `diarizer` gave for each window, in order."""

    diarizer: str
    windows: tuple[bytes, ...]

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values; `from_json` is the inverse."""
        windows = [b64encode(window).decode() for window in self.windows]
        return {"diarizer": self.diarizer, "windows": windows}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Remembered:
        """Rebuild it; KeyError, TypeError or ValueError for other values."""
        name, windows = data["diarizer"], data["windows"]
        if not (isinstance(name, str) and isinstance(windows, list)):
            raise TypeError
        if not all(isinstance(window, str) for window in windows):
            raise TypeError
        return cls(name, tuple(b64decode(window, validate=True) for window in windows))
