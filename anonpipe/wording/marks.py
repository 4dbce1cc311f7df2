"""What is written into a transcript beside words: pauses, laughter, unclear passages.

    (..)                         a pause of about one to three seconds
    (4 s)                        a longer one, in whole seconds
    (latter)                     laughter; “(laughter)” in English
    (uklart 00:12:41)            speech that gave no words; “(unclear 00:12:41)” in English
    (uklart 00:12:41: kanskje)   words that the recogniser was unsure of, as it heard them

A name may be said with a mark inside it («Anne (..) Lise»), so whoever looks for names in
a text with marks looks in `without_marks`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from anonpipe.splicing import Piece, splice_turn
from anonpipe.times import timecode
from anonpipe.transcript import Transcript, Turn, Word

SHORT_PAUSE = "(..)"
_CLOSE = ")"

_LAUGHTER = {"nb": "latter", "nn": "latter", "en": "laughter"}
_UNCLEAR = {"nb": "uklart", "nn": "uklart", "en": "unclear"}

MARK = r"\((?:\.\.|\d{1,5} s|latter|laughter|(?:uklart|unclear) \d{2,}:\d\d:\d\d)\)"
"""A regular expression for marks that are not around words."""

_MARK = re.compile(
    rf"{MARK}|"
    r"(?P<head>\((?:uklart|unclear) \d{2,}:\d\d:\d\d)(?P<colon>: )[^()\n]*(?P<tail>\))"
)


def laughter(language: str) -> str:
    """The mark of laughter; English where there is no other."""
    return f"({_LAUGHTER.get(language, _LAUGHTER['en'])})"


def long_pause(seconds: float) -> str:
    """The mark of a pause with its length."""
    return f"({seconds:.0f} s)"


def unclear(language: str, start: float) -> str:
    """The mark of speech without words at a time in seconds."""
    return f"{_unclear_head(language, start)})"


def unclear_around(language: str, start: float) -> tuple[str, str]:
    """What stands before and after words that are unclear."""
    return f"{_unclear_head(language, start)}: ", _CLOSE


def _unclear_head(language: str, start: float) -> str:
    return f"({_UNCLEAR.get(language, _UNCLEAR['en'])} {timecode(start)}"


def marks(text: str) -> Iterator[tuple[tuple[int, int], ...]]:
    """The marks in a text, each as the parts (start, end) that it is made of.

    Of one around words these are what stands before them and the closing bracket.
    """
    for match in _MARK.finditer(text):
        if match["colon"] is None:
            yield (match.span(),)
        else:
            yield (match.start(), match.end("colon")), match.span("tail")


def without_marks(text: str) -> tuple[str, list[int]]:
    """A text without marks, and where each of its characters stood before.

    Words inside a mark stay, and so do line breaks.
    """
    places: list[int] = []
    at = 0
    gone = _with_blank(text, (part for parts in marks(text) for part in parts))
    for piece in (*gone, Piece(len(text), len(text), "")):
        places += range(at, piece.start)
        at = piece.end
    return "".join(text[place] for place in places), places


def taken_out(turn: Turn, spans: Iterable[tuple[int, int]]) -> Turn:
    """A turn without the marks of which a part lies in one of these spans of its text."""
    spans = list(spans)
    gone = [
        part
        for parts in marks(turn.text)
        if any(a < end and start < b for start, end in parts for a, b in spans)
        for part in parts
    ]
    return splice_turn(turn, _with_blank(turn.text, gone))


def _with_blank(text: str, parts: Iterable[tuple[int, int]]) -> list[Piece]:
    """Pieces that take parts, in order, out of a text, each with one of the blanks around it."""
    pieces: list[Piece] = []
    taken = 0
    for start, end in parts:
        blank_before = start == taken or text[start - 1] in " \n"
        if text[end : end + 1] == " " and blank_before:
            end += 1
        elif start > taken and text[start - 1] == " " and text[end : end + 1] in ("", "\n"):
            start -= 1
        pieces.append(Piece(start, end, ""))
        taken = end
    return pieces


@dataclass(frozen=True, slots=True)
class Insertion:
    """Text to be put in at `offset` of turn number `turn`, with the blank that parts it."""

    turn: int
    offset: int
    text: str


def inserted(transcript: Transcript, insertions: Iterable[Insertion]) -> Transcript:
    """The transcript with texts put in, words moved along; those of one place in their order,
    but first what closes a mark around words.

    A mark that is put before the signs at a word's end leaves them out of the word.
    """
    by_turn: dict[int, list[Insertion]] = {}
    for each in insertions:
        by_turn.setdefault(each.turn, []).append(each)
    turns = list(transcript.turns)
    for number, found in by_turn.items():
        turn = turns[number]
        pieces = [
            Piece(each.offset, each.offset, each.text)
            for each in sorted(found, key=lambda each: (each.offset, each.text != _CLOSE))
        ]
        ends = {piece.start for piece in pieces}
        words = tuple(_until(word, ends) for word in turn.words)
        turns[number] = splice_turn(replace(turn, words=words), pieces)
    return replace(transcript, turns=tuple(turns))


def _until(word: Word, ends: set[int]) -> Word:
    """A word without the signs at its end that a mark is put before."""
    at = next((at for at in range(1, len(word.text)) if word.offset + at in ends), len(word.text))
    return replace(word, text=word.text[:at])
