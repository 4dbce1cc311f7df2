"""A turn in pieces that can be read on a screen while they are said, for subtitles."""

from __future__ import annotations

import re
from collections.abc import Iterator

from anonpipe.formats._base import seconds, times_of
from anonpipe.times import timecode
from anonpipe.transcript import Turn, Word

_LONGEST = 7.0  # seconds that a cue should stay at most
_SHORTEST = 2.0  # seconds that a cue should last before it is broken at a comma
_PAUSE = re.compile(r"[.?!…,;:][\"'”»)]*\s*$")


def stamp(value: float, sign: str = ".") -> str:
    """Seconds as hh:mm:ss.mmm; `sign` stands before the thousandths."""
    whole, fraction = divmod(round(value * 1000), 1000)
    return f"{timecode(whole)}{sign}{fraction:03}"


def pieces(turn: Turn, format: str) -> Iterator[tuple[float, float, str]]:
    """(start, end, text) of a turn's cues; the texts make up the whole turn.

    Raises UsageError if the turn has no times.
    """
    start, end = times_of(turn, format)
    at, begin = 0, start
    last: Word | None = None
    pause: tuple[int, float, float] | None = None  # where the cue could be broken instead
    for word in turn.words:
        if not _may_begin(turn.text, word) or (last is not None and word.offset <= last.offset):
            continue
        if last is not None and word.end - begin > _LONGEST:
            cut, until, onward = pause or (word.offset, last.end, word.start)
            yield begin, until, turn.text[at:cut]
            at, begin, pause = cut, onward, None
        elif (
            last is not None
            and last.end - begin >= _SHORTEST
            and _PAUSE.search(turn.text[at : word.offset])
        ):
            pause = (word.offset, last.end, word.start)
        last = word
    yield begin, end, turn.text[at:]


def _may_begin(text: str, word: Word) -> bool:
    """Whether a cue may begin with the word: after a blank, and not inside a code's brackets."""
    before = text[: word.offset]
    return (
        0 < word.offset < len(text)
        and before[-1] == " "
        and bool(before.strip())
        and before.count("[") <= before.count("]")
        and seconds(word.start) is not None
        and seconds(word.end) is not None
    )
