"""Speech of a clip that gave no words, and what a second hearing of it alone puts there.

A clip is speech with the pauses taken out, so a long time without a word is something that the
recogniser left out: a batch is decoded without time stamps, and names to listen for make Whisper
begin with whoever says one. What was left out is heard again by itself, without the names.
"""

from __future__ import annotations

from collections.abc import Sequence

from anonpipe.transcribe.backend import HeardSegment

HOLE = 2.0
"""Seconds of a clip without a word that are heard again, as long as would be flagged else."""

Hole = tuple[float, float]


def holes(segments: Sequence[HeardSegment], begin: float, end: float) -> list[Hole]:
    """Stretches (seconds) of at least `HOLE` of the clip `begin`..`end` in which no word is."""
    found = []
    at = begin
    for word in (word for segment in segments for word in segment.words):
        if word.start - at >= HOLE:
            found.append((at, word.start))
        at = max(at, word.end)
    return [*found, (at, end)] if end - at >= HOLE else found


def filled(
    segments: Sequence[HeardSegment], hole: Hole, heard: Sequence[HeardSegment]
) -> list[HeardSegment]:
    """The segments with what was `heard` in a hole in its place; one around it is cut in two.

    Words that lie for the most part outside the hole are left out: they were heard before.
    """
    begin, end = hole
    inside = [
        HeardSegment(words, segment.looped, segment.doubted)
        for segment in heard
        if (
            words := tuple(
                word for word in segment.words if begin <= (word.start + word.end) / 2 < end
            )
        )
    ]
    before: list[HeardSegment] = []
    after: list[HeardSegment] = []
    for segment in segments:
        early = tuple(word for word in segment.words if word.start < end)
        late = segment.words[len(early) :]
        if early or not segment.words:
            before.append(HeardSegment(early, segment.looped, segment.doubted))
        if late:
            after.append(HeardSegment(late, segment.looped, segment.doubted))
    return [*before, *inside, *after]
