"""Other words put into the place of some: in a text, in a turn with its words, beside mentions."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from anonpipe.transcript import Mention, Turn, Word


@dataclass(frozen=True, slots=True)
class Piece:
    """What stands at `start` to `end` of a text (end exclusive) is to become `text`."""

    start: int
    end: int
    text: str


class Change(Protocol):
    """A change of texts, wherever they stand."""

    def pieces(self, text: str) -> Sequence[Piece]:
        """What is to become of a text: pieces in order that do not overlap."""

    def label(self, speaker: str) -> str:
        """What is to become of a speaker's label."""


def splice(text: str, pieces: Iterable[Piece]) -> str:
    """A text with pieces put in; they are in order and do not overlap."""
    parts: list[str] = []
    position = 0
    for piece in pieces:
        parts += [text[position : piece.start], piece.text]
        position = piece.end
    return "".join((*parts, text[position:]))


def splice_turn(turn: Turn, pieces: Sequence[Piece]) -> Turn:
    """A turn with pieces put in, its words' times kept in order."""
    if not pieces:
        return turn
    text = splice(turn.text, pieces)
    return replace(turn, text=text, words=splice_words(turn.words, pieces, text))


def changed(turns: Iterable[Turn], change: Change) -> tuple[Turn, ...]:
    """Turns with a change made in their texts and labels."""
    return tuple(
        replace(splice_turn(turn, change.pieces(turn.text)), speaker=change.label(turn.speaker))
        for turn in turns
    )


def shift(mention: Mention, pieces: Sequence[Piece]) -> Mention:
    """A mention of a turn into which pieces were put, none of which touches it."""
    moved = _mover(pieces)
    return replace(mention, start=moved(mention.start), end=moved(mention.end - 1) + 1)


def splice_words(words: Sequence[Word], pieces: Sequence[Piece], text: str) -> tuple[Word, ...]:
    """The words over the new text; those that share a piece become one.

    It runs from the start of the first to the end of the last, with the lowest probability.
    """
    moved = _mover(pieces)
    groups: list[list[Word]] = []
    spans: list[tuple[int, int, bool]] = []  # of each group, and whether it holds a piece
    for word in sorted(words, key=lambda word: word.offset):
        start, end = word.offset, word.offset + len(word.text)
        touching = [piece for piece in pieces if piece.start < end and start < piece.end]
        start = min([start, *(piece.start for piece in touching)])
        end = max([end, *(piece.end for piece in touching)])
        if touching and spans and spans[-1][2] and start < spans[-1][1]:
            groups[-1].append(word)
            spans[-1] = (spans[-1][0], max(end, spans[-1][1]), True)
        else:
            groups.append([word])
            spans.append((start, end, bool(touching)))
    result = []
    for group, (start, end, coded) in zip(groups, spans, strict=True):
        first = moved(start)
        if not coded:
            result.append(replace(group[0], offset=first))
            continue
        new = text[first : moved(end)]
        lead = len(new) - len(new.lstrip())
        result.append(
            Word(
                text=new.strip(),
                offset=first + lead,
                start=group[0].start,
                end=group[-1].end,
                probability=min(word.probability for word in group),
            )
        )
    return tuple(result)


def _mover(pieces: Sequence[Piece]) -> Callable[[int], int]:
    """Where a position that is inside no piece lies in the new text."""
    ends = [piece.end for piece in pieces]
    shifts = [0]
    for piece in pieces:
        shifts.append(shifts[-1] + len(piece.text) - (piece.end - piece.start))
    return lambda position: position + shifts[bisect_right(ends, position)]
