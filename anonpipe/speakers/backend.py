"""The seam between the transcriber and what tells speakers apart.

Another way is added by another class with these methods, in a file of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Voice:
    """A stretch (seconds of the recording) in which one speaker is heard.

    `speaker` counts from 0 in the order in which they begin to speak. Stretches of two
    speakers may overlap: then both are heard.
    """

    start: float
    end: float
    speaker: int


class Diarizer(Protocol):
    """Tells speakers apart; keeps nothing between calls, so that a recording can be resumed."""

    name: str

    def listen(
        self, audio: NDArray[np.float32], begin: float, speech: Sequence[tuple[float, float]]
    ) -> bytes:
        """What must be remembered of one window of a recording.

        `audio` is float32 at 16 kHz in -1..1, `begin` its first sample's second in the recording,
        `speech` the seconds of the recording in which the voice detector found speech.
        """
        ...

    def tell(self, windows: Sequence[bytes], speakers: int | None) -> tuple[Voice, ...]:
        """Who speaks when, in order of start, from what `listen` gave for each window, in order.

        `speakers` is how many there are; None: estimate it.
        """
        ...
