"""How near each word of a transcript comes to being part of a mention, by the name model alone.

Most of what detection misses, the network nearly found; and of what only one of network and rules
saw, half is wrong. So a person looks there first (`anonpipe.review.questions`).
"""

from __future__ import annotations

import bisect
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from anonpipe.transcript import MentionType, Transcript

LEAST = 0.002
"""Chance from which a word is told: a few of a hundred words have it."""
_SHIFT = 80
"""Characters by which a word may have moved since, as other words of its turn were corrected."""


@dataclass(frozen=True, slots=True)
class Chance:
    """A word, or other piece that the network reads at once, at characters of a turn.

    `score`, from `LEAST` to 1, is the chance that it is part of a mention, `type` the likeliest;
    the network takes more than one half for a mention. It puts words in order, and is no
    frequency.
    """

    turn: int
    start: int
    end: int
    text: str
    type: MentionType
    score: float


def chances(transcript: Transcript) -> tuple[Chance, ...]:
    """The words that may be part of a mention, however little, in order.

    Slow: about 5,000 words a second on two cores. Raises ModelError if the model is missing or
    damaged.
    """
    from anonpipe.detect.tagger import load_tagger

    starts = transcript.starts
    found = []
    for span in load_tagger().chances(transcript.text, LEAST):
        turn = bisect.bisect_right(starts, span.start) - 1
        start, end = span.start - starts[turn], span.end - starts[turn]
        text = transcript.turns[turn].text[start:end]
        found.append(Chance(turn, start, end, text, span.type, round(span.score, 4)))
    return tuple(found)


def settled(found: Iterable[Chance], transcript: Transcript) -> tuple[Chance, ...]:
    """The chances where their words stand now, after others in their turns were corrected.

    Those whose word is gone are left out.
    """
    placed = []
    turn, shift, least = -1, 0, 0
    for chance in found:
        if chance.turn != turn:
            turn, shift, least = chance.turn, 0, 0
        text = transcript.turns[turn].text if turn < len(transcript.turns) else ""
        expected = chance.start + shift
        if text[expected : expected + len(chance.text)] != chance.text:
            near = text.find(
                chance.text, max(least, expected - _SHIFT), expected + _SHIFT + len(chance.text)
            )
            if near < 0:
                continue
            shift = near - chance.start
        start = chance.start + shift
        least = start + len(chance.text)
        placed.append(Chance(turn, start, least, chance.text, chance.type, chance.score))
    return tuple(placed)


def to_json(found: Iterable[Chance]) -> list[dict[str, Any]]:
    """Plain JSON values; `from_json` is the inverse."""
    return [asdict(chance) for chance in found]


def from_json(data: Sequence[dict[str, Any]]) -> tuple[Chance, ...]:
    """Rebuild chances from `to_json`'s values; TypeError for others."""
    return tuple(Chance(**item) for item in data)
