"""How much of a recording is in trouble: the share of its speech whose text cannot be trusted."""

from __future__ import annotations

from collections.abc import Iterable

from anonpipe.times import Interval, merge
from anonpipe.transcript import Flag, FlagKind, Transcript

TROUBLE: frozenset[FlagKind] = frozenset(
    {
        "low-confidence",
        "repetition",
        "speech-without-text",
        "text-without-speech",
        "credits",
        "language",
    }
)
"""What counts: text that may be wrong, missing or invented. Two voices at once, a voice that is
doubtful and a recording that is too loud do not: they do harm only where the text shows it."""


def speech_seconds(transcript: Transcript) -> float:
    """Seconds of a recording in which somebody speaks: those of its words, and those in trouble.

    With the latter among them, speech without text counts as speech, and trouble is never more
    than all of it. 0.0 for text, which has no times.
    """
    words = [(word.start, word.end) for turn in transcript.turns for word in turn.words]
    return _length([*words, *_spans(transcript.flags)])


def trouble_share(flags: Iterable[Flag], speech: float) -> float:
    """The share of `speech` seconds that is in trouble, from 0.0 to 1.0.

    Spans of several flags count once. A flag without times counts nothing.
    """
    return min(1.0, _length(_spans(flags)) / speech) if speech > 0 else 0.0


def _spans(flags: Iterable[Flag]) -> list[Interval]:
    return [
        (flag.start, flag.end)
        for flag in flags
        if flag.kind in TROUBLE and flag.start is not None and flag.end is not None
    ]


def _length(spans: Iterable[Interval]) -> float:
    return sum(end - begin for begin, end in merge(spans))
