"""What faster-whisper made of a clip: how good it is, and as the transcriber takes it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from anonpipe.transcribe.backend import HeardSegment, HeardWord

LOOPING = 2.4
IMPROBABLE = -1.0
NO_SPEECH = 0.6
"""Whisper's own limits: compression ratio, mean log probability, probability of no speech."""


def heard_segment(segment: Any, offset: float) -> HeardSegment:
    """A segment of faster-whisper, `offset` seconds later."""
    words = tuple(
        HeardWord(
            word.word,
            float(word.start) + offset,
            float(word.end) + offset,
            float(word.probability),
        )
        for word in segment.words or ()
    )
    doubted = segment.no_speech_prob > NO_SPEECH and segment.avg_logprob < IMPROBABLE
    return HeardSegment(words, segment.compression_ratio > LOOPING, doubted)


def count_words(segments: Sequence[Any]) -> int:
    """How many words segments have."""
    return sum(len(segment.words or ()) for segment in segments)


def is_bad(segment: Any) -> bool:
    """Whether a segment loops or is improbable."""
    return bool(segment.compression_ratio > LOOPING or segment.avg_logprob < IMPROBABLE)


def is_better(again: Sequence[Any], first: Any) -> bool:
    """Whether the second hearing has words, does not loop, and is the more probable one."""
    if not any(segment.words for segment in again):
        return False
    loops = max(segment.compression_ratio for segment in again) > LOOPING
    if loops != (first.compression_ratio > LOOPING):
        return not loops
    return bool(min(segment.avg_logprob for segment in again) > first.avg_logprob)
