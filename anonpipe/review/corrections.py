"""Words that were misheard, put right in a raw transcript: pure functions.

The transcript itself changes, so that names are found in what was really said. What else tells
places of its text (mentions, decisions) moves along.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

from anonpipe.review.decision import Decision
from anonpipe.splicing import Piece, splice_turn
from anonpipe.transcript import (
    SPEAKER_TURN,
    Mention,
    Transcript,
    Turn,
    Word,
    mentions_to_json,
)

Pieces = Mapping[int, Sequence[Piece]]
"""What changes, by turn; the pieces of one are in order and do not overlap."""


def everywhere(transcript: Transcript, text: str, new: str) -> dict[int, list[Piece]]:
    """Every place of a transcript where these words stand as whole words, capitals as given."""
    pattern = re.compile(rf"(?<!\w){re.escape(text)}(?!\w)")
    found = {
        number: [Piece(m.start(), m.end(), new) for m in pattern.finditer(turn.text)]
        for number, turn in enumerate(transcript.turns)
    }
    return {number: pieces for number, pieces in found.items() if pieces}


def corrected(transcript: Transcript, pieces: Pieces) -> Transcript:
    """A transcript with other words; the new ones have the times of those that they replace."""
    turns = list(transcript.turns)
    for number, changes in pieces.items():
        turns[number] = splice_turn(turns[number], changes)
    return replace(transcript, turns=tuple(turns))


def moved(start: int, end: int, pieces: Sequence[Piece]) -> tuple[int, int]:
    """Where characters of a turn lie once pieces were put in; what a piece touches takes it all."""
    return _moved(start, pieces, 0), _moved(end, pieces, 1)


def _moved(position: int, pieces: Sequence[Piece], edge: int) -> int:
    """Where a position lies; of one inside a piece its beginning (`edge` 0) or its end (1)."""
    shift = 0
    for piece in pieces:
        if piece.end <= position:
            shift += len(piece.text) - (piece.end - piece.start)
        elif piece.start < position:
            return piece.start + shift + edge * len(piece.text)
        else:
            break
    return position + shift


def moved_mention(mention: Mention, transcript: Transcript, pieces: Pieces) -> Mention:
    """A mention of the new transcript."""
    changes = pieces.get(mention.turn)
    if not changes:
        return mention
    start, end = moved(mention.start, mention.end, changes)
    return replace(
        mention, start=start, end=end, text=transcript.turns[mention.turn].text[start:end]
    )


def moved_decision(decision: Decision, pieces: Pieces) -> Decision:
    """A decision whose place is one of the new transcript; its words stay those of then."""
    changes = pieces.get(decision.turn)
    if not changes:
        return decision
    start, end = moved(decision.start, decision.end, changes)
    return replace(decision, start=start, end=end)


def back(pieces: Pieces, before: Transcript) -> dict[int, list[Piece]]:
    """The pieces that undo these, of which `before` is what they were put into."""
    found: dict[int, list[Piece]] = {}
    for number, changes in pieces.items():
        shift = 0
        text = before.turns[number].text
        for piece in changes:
            start = piece.start + shift
            found.setdefault(number, []).append(
                Piece(start, start + len(piece.text), text[piece.start : piece.end])
            )
            shift += len(piece.text) - (piece.end - piece.start)
    return found


def apart(mentions: Iterable[Mention], transcript: Transcript) -> tuple[Mention, ...]:
    """Mentions none of which overlaps another: those that a piece brought together are one.

    The first of them says what it is; all that any of them covered stays covered.
    """
    result: list[Mention] = []
    for mention in sorted(mentions, key=lambda m: (m.turn, m.start, m.end)):
        last = result[-1] if result else None
        if last and last.turn == mention.turn != SPEAKER_TURN and mention.start < last.end:
            end = max(last.end, mention.end)
            text = transcript.turns[last.turn].text[last.start : end]
            result[-1] = replace(last, end=end, text=text)
        else:
            result.append(mention)
    return tuple(result)


def with_those_before(
    found: Iterable[Mention], before: Iterable[Mention], transcript: Transcript
) -> tuple[Mention, ...]:
    """What was found in corrected words, with what else is a mention.

    Whoever corrects a name that was misheard sees that it is coded: so it stays (`may_be_name`)
    until somebody says that it is none, though it may be a name that no recognizer knows.
    """
    new = tuple(found)
    stays = (
        m
        for m in before
        if not any(f.turn == m.turn and f.start <= m.start and m.end <= f.end for f in new)
    )
    return apart((*new, *stays), transcript)


def may_be_name(mention: Mention) -> bool:
    """Whether a mention whose words were corrected still is one: they have capitals or digits."""
    return any(c.isupper() or c.isdigit() for c in mention.text)


def turns_of(decisions: Iterable[Decision]) -> frozenset[int]:
    """The turns in which words were corrected."""
    words = (decision for decision in decisions if decision.kind == "word")
    return frozenset(int(number) for word in words for number in word.before["turns"])


def touches(place: Mention | Decision, pieces: Pieces) -> bool:
    """Whether a piece puts other words where a mention is or a decision was taken."""
    there = pieces.get(place.turn, ())
    return any(p.start < place.end and place.start < p.end for p in there)


def remembered(
    transcript: Transcript,
    pieces: Pieces,
    found: Iterable[Mention] = (),
    decisions: Iterable[Decision] = (),
) -> dict[str, Any]:
    """What undoing needs, as plain JSON values: the turns as they were, what was put in, and of
    mentions and decisions those that lie where it was put.
    """
    return {
        "turns": {str(number): asdict(transcript.turns[number]) for number in pieces},
        "pieces": {str(number): [asdict(p) for p in put] for number, put in pieces.items()},
        "found": mentions_to_json(m for m in found if touches(m, pieces)),
        "places": {d.id: [d.start, d.end] for d in decisions if touches(d, pieces)},
    }


def recalled(before: Mapping[str, Any]) -> tuple[dict[int, Turn], dict[int, list[Piece]]]:
    """The inverse of `remembered`."""
    turns = {
        int(number): Turn(**{**turn, "words": tuple(Word(**word) for word in turn["words"])})
        for number, turn in before["turns"].items()
    }
    pieces = {
        int(number): [Piece(**piece) for piece in found]
        for number, found in before["pieces"].items()
    }
    return turns, pieces
