"""Spots of a transcript that need a person's eyes. Nothing is removed here or elsewhere."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence

from anonpipe.times import Interval, merge
from anonpipe.transcript import Flag, FlagKind, Turn, Word

LOW_PROBABILITY = 0.4

SPEECH_WITHOUT_TEXT = 2.0
"""Seconds of speech without a word that are worth listening to."""

NEAR = 0.5
"""Seconds by which word times may be off."""

FOREIGN = 10.0
"""Seconds in another language that are more than a title or a quoted sentence."""

PAUSE = 5.0
"""Seconds without speech that may lie within such a stretch."""


def low_confidence(turns: Sequence[Turn]) -> list[Flag]:
    """One flag for each run of words that the recogniser was unsure of."""
    return _runs("low-confidence", turns, lambda word: word.probability < LOW_PROBABILITY)


def text_without_speech(turns: Sequence[Turn], speech: Sequence[Interval]) -> list[Flag]:
    """Words that no speech lies near, which are probably invented.

    `speech` is what the voice detector found, over all channels, in seconds.
    """
    merged = merge(speech)
    return _runs(
        "text-without-speech",
        turns,
        lambda word: not _overlaps(merged, word.start - NEAR, word.end + NEAR),
    )


def in_stretches(
    kind: FlagKind, turns: Sequence[Turn], stretches: Sequence[Interval]
) -> list[Flag]:
    """Flags on the words that lie in stretches which the recogniser itself doubted."""
    merged = merge(stretches)
    return _runs(kind, turns, lambda word: _overlaps(merged, word.start + 1e-3, word.end - 1e-3))


def foreign(turns: Sequence[Turn], stretches: Iterable[Interval]) -> list[Flag]:
    """One flag for each stretch of at least 10 s in which another language is heard."""
    flags = []
    for begin, later in merge((begin, end + PAUSE) for begin, end in stretches):
        end = round(later - PAUSE, 2)
        inside = [
            index
            for index, turn in enumerate(turns)
            if any(word.start < end and word.end > begin for word in turn.words)
        ]
        if end - begin >= FOREIGN:
            flags.append(Flag("language", inside[0] if inside else None, begin, end))
    return flags


def speech_without_text(turns: Sequence[Turn], speech: Iterable[Interval]) -> list[Flag]:
    """Stretches of at least 2 s of speech without a word; they belong to no turn."""
    words = merge((word.start - NEAR, word.end + NEAR) for turn in turns for word in turn.words)
    flags = []
    # Speech with short pauses is one stretch: a lost sentence is not lost in syllables.
    for begin, end in merge((begin, end + 0.3) for begin, end in speech):
        at = begin
        for first, last in [*_between(words, begin, end), (end - 0.3, end)]:
            if first - at >= SPEECH_WITHOUT_TEXT:
                flags.append(Flag("speech-without-text", None, round(at, 2), round(first, 2)))
            at = max(at, last)
    return flags


def clipping(stretches: Iterable[Interval]) -> list[Flag]:
    """Flags on stretches (seconds) recorded too loud."""
    return [
        Flag("clipping", None, begin, end, max(1, round(end - begin)))
        for begin, end in merge(stretches)
    ]


def _between(intervals: Sequence[Interval], begin: float, end: float) -> list[Interval]:
    first = bisect_left(intervals, begin, key=lambda item: item[1])
    found = []
    for item in intervals[first:]:
        if item[0] >= end:
            break
        found.append(item)
    return found


def _overlaps(intervals: Sequence[Interval], begin: float, end: float) -> bool:
    return bool(_between(intervals, begin, max(end, begin + 1e-6)))


def marked(kind: FlagKind, turns: Sequence[Turn], marks: Iterable[bool]) -> list[Flag]:
    """One flag for each run of marked words in a turn; `marks` has one value for every word."""
    flags = []
    mark = iter(marks)
    for index, turn in enumerate(turns):
        run: list[Word] = []
        for word in [*turn.words, None]:
            if word is not None and next(mark):
                run.append(word)
            elif run:
                flags.append(Flag(kind, index, run[0].start, run[-1].end, len(run)))
                run = []
    return flags


def _runs(kind: FlagKind, turns: Sequence[Turn], wanted: Callable[[Word], bool]) -> list[Flag]:
    return marked(kind, turns, [wanted(word) for turn in turns for word in turn.words])
