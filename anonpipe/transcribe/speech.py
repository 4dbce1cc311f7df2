"""Where speech is: spans from a voice detector's probabilities, packed into clips.

The recogniser hears clips of at most 30 s. Speech is packed into them without the
pauses, as faster-whisper's own voice filter does it; here it is done apart, so that the
detector runs once and its result also serves the cutting of windows and the flags.
All positions are samples at 16 kHz.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING

from anonpipe.transcribe.backend import FRAME

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

RATE = 16_000
ON = 0.5
"""Silero's own thresholds: speech begins at `ON` and lasts until the probability is below `OFF`."""

OFF = 0.35
MIN_SILENCE = int(0.16 * RATE)
PAD = int(0.4 * RATE)
CLIP = 30 * RATE
GRID = 160
"""Samples (10 ms) of the recogniser's time grid; clips begin on it, else times are rounded."""

Span = tuple[int, int]


def speech_spans(probabilities: NDArray[np.float32]) -> list[Span]:
    """Stretches of speech, without padding, none of them longer than fits a clip."""
    spans: list[Span] = []
    begin = silent = -1
    for index, value in enumerate([*probabilities.tolist(), -1.0]):
        at = index * FRAME
        if value >= ON:
            begin = at if begin < 0 else begin
            silent = -1
        elif begin >= 0 and value < OFF:
            silent = at if silent < 0 else silent
            if at - silent >= MIN_SILENCE or value < 0:
                spans.append((begin, silent))
                begin = silent = -1
    if begin >= 0:
        spans.append((begin, len(probabilities) * FRAME))
    return [part for span in spans for part in _split(span, probabilities)]


def _split(span: Span, probabilities: NDArray[np.float32]) -> list[Span]:
    """Cut a span that fills more than a clip where speech is least likely in its last third."""
    parts = []
    begin, end = span
    longest = CLIP - 2 * PAD
    while end - begin > longest:
        first, last = (begin + longest * 2 // 3) // FRAME, (begin + longest) // FRAME
        cut = (first + int(probabilities[first:last].argmin())) * FRAME
        parts.append((begin, cut))
        begin = cut
    return [*parts, (begin, end)]


def pad_spans(spans: list[Span], length: int) -> list[Span]:
    """Widen spans by `PAD` on the recogniser's grid; neighbours share the pause between them."""
    padded: list[Span] = []
    for index, (begin, end) in enumerate(spans):
        before = spans[index - 1][1] if index else 0
        after = spans[index + 1][0] if index + 1 < len(spans) else length
        low = 0 if index == 0 else (before + begin) // 2
        high = length if index + 1 == len(spans) else (end + after) // 2
        low, high = max(low, begin - PAD), min(high, end + PAD)
        low = -(-low // GRID) * GRID
        high = high if high == length else -(-high // GRID) * GRID
        padded.append((low, min(high, length)))
    return padded


@dataclass(frozen=True, slots=True)
class Packed:
    """Speech without pauses: `audio`, the `clips` in it, and where each piece came from."""

    audio: NDArray[np.float32]
    clips: list[Span]
    starts: list[int]
    spans: list[Span]

    def original(self, start: float, end: float) -> tuple[float, float]:
        """Seconds in the packed audio to seconds in the original.

        The piece is chosen by the middle, and times are kept inside it, so that no word
        stretches over a pause that was taken out.
        """
        middle = int((start + end) / 2 * RATE)
        index = max(0, bisect_right(self.starts, middle) - 1)
        begin, stop = self.spans[index]
        shift = (begin - self.starts[index]) / RATE
        low, high = begin / RATE, stop / RATE
        first = min(max(start + shift, low), high)
        return round(first, 3), round(min(max(end + shift, first), high), 3)


def pack(audio: NDArray[np.float32], spans: list[Span]) -> Packed:
    """Join the padded `spans` of `audio` into clips of at most 30 s, each as full as can be.

    Ending clips at longer pauses instead was tried and made no measurable difference.
    """
    import numpy as np

    starts: list[int] = []
    clips: list[Span] = []
    position = 0
    for begin, end in spans:
        starts.append(position)
        size = end - begin
        if clips and position + size - clips[-1][0] <= CLIP:
            clips[-1] = (clips[-1][0], position + size)
        else:
            clips.append((position, position + size))
        position += size
    joined = (
        np.concatenate([audio[begin:end] for begin, end in spans])
        if spans
        else np.zeros(0, dtype=np.float32)
    )
    return Packed(joined, clips, starts, spans)
