"""What lies across the end of a turn that a recogniser and a diarizer made.

Whoever puts in a «mm», or is heard a word too early, cuts a sentence in two; in «Kort og hun
bor der», what «Lonnie Kort» is cannot be seen any more. So the two ends are read as one line,
too, and of what is found there whatever lies across is cut where the turns are. Turns that
people typed end where they say.
"""

from __future__ import annotations

import bisect
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from anonpipe.detect.spans import Span, trim
from anonpipe.resources import word_set
from anonpipe.transcript import Transcript

AROUND = 80
"""Characters of each turn that are read, in whole words."""
PUT_IN = 3
"""Words of a turn over which the one before it is read on."""
_ANSWERS = word_set(
    "m mm mhm mhmm hm hmm ja jo jaja joda nei nja ok okei okay akkurat nettopp riktig rett ikke "
    "ikkje sant skjønner skjønar jeg eg å åh oi yes yeah yep no right i see uh huh um eh"
)
_ENDS = (".", "?", "!")
_CLOSING = "\"'»”)"


@dataclass(frozen=True, slots=True)
class Seam:
    """The end of turn `first`, from character `offset` on, and the beginning of turn `then`."""

    first: int
    then: int
    before: str
    after: str
    offset: int

    @property
    def text(self) -> str:
        return f"{self.before} {self.after}"


def seams(transcript: Transcript) -> list[Seam]:
    """Where a sentence may go on behind the end of a turn, in order."""
    turns = transcript.turns
    found = []
    for first, turn in enumerate(turns[:-1]):
        ended = turn.text.rstrip().rstrip(_CLOSING).endswith(_ENDS)
        if not turn.words or ended or _is_answer(turn.text):
            continue
        thens = [first + 1]
        if len(turns[first + 1].text.split()) <= PUT_IN and first + 2 < len(turns):
            thens.append(first + 2)
        thens = [then for then in thens if not _is_answer(turns[then].text)]
        offset = _word_from(turn.text, len(turn.text) - AROUND)
        for then in thens:
            after = _words_until(turns[then].text, AROUND)
            if after.strip() and turn.text[offset:].strip():
                found.append(Seam(first, then, turn.text[offset:], after, offset))
    return found


def _is_answer(text: str) -> bool:
    """Whether somebody only says that they listen: «Mm», «ja, ikke sant»."""
    words = [word.strip(".,!?…-–").casefold() for word in text.split()]
    return all(word in _ANSWERS for word in words)


def text_of(found: Iterable[Seam]) -> str:
    """The seams as a text, each a line."""
    return "\n".join(seam.text for seam in found)


def across(found: Sequence[Seam], spans: Iterable[Span], starts: Sequence[int]) -> list[Span]:
    """The pieces of what was found across seams, as spans of the transcript's own text.

    `spans` are over `text_of`, none over a line break; `starts` are `Transcript.starts`.
    """
    lines = [0]
    for seam in found:
        lines.append(lines[-1] + len(seam.text) + 1)
    pieces: list[Span] = []
    for span in spans:
        number = bisect.bisect_right(lines, span.start) - 1
        seam, begin = found[number], lines[number]
        middle = begin + len(seam.before)
        if span.start < middle and middle + 1 < span.end:
            first = starts[seam.first] + seam.offset
            pieces += _told(seam.before, first, span, span.start - begin, len(seam.before))
            pieces += _told(seam.after, starts[seam.then], span, 0, span.end - middle - 1)
    return pieces


def _told(text: str, at: int, span: Span, start: int, end: int) -> Iterator[Span]:
    """The piece of a span in one of the turns, unless that names nothing: «sykehus»."""
    piece = trim(text, replace(span, start=start, end=end))
    if piece is None:
        return
    said = text[piece.start : piece.end]
    small = said == said.lower() and said.replace(" ", "").isalpha()
    if span.type in ("LOCATION", "ORG") and small:
        return
    yield replace(piece, start=at + piece.start, end=at + piece.end)


def _word_from(text: str, at: int) -> int:
    """Where the first whole word from a character on begins; that character if there is none."""
    if at <= 0:
        return 0
    blank = text.find(" ", at - 1)
    return at if blank < 0 else blank + 1


def _words_until(text: str, end: int) -> str:
    if len(text) <= end:
        return text
    blank = text.rfind(" ", 0, end + 1)
    return text[: end if blank < 0 else blank]
