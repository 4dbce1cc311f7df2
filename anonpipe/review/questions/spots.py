"""A place with one reason to look at it, and what every reason may know."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from anonpipe.codes import Entity, Policies
from anonpipe.review.interview import Why
from anonpipe.review.questions.reading import Reading
from anonpipe.transcript import Flag, Mention, MentionType, Transcript


@dataclass(frozen=True, slots=True)
class Spot:
    """Characters `start` to `end` (exclusive, never empty) of a turn, and one reason.

    `must` if it is shown however much there is to do. `entity` and `also` as in `Question`.
    """

    turn: int
    start: int
    end: int
    why: Why
    weight: float
    type: MentionType | None = None
    entity: str | None = None
    also: str = ""
    must: bool = False


class Cover:
    """Which characters of a transcript lie in mentions."""

    def __init__(self, transcript: Transcript, mentions: Iterable[Mention]) -> None:
        self._masks: dict[int, bytearray] = {}
        self._edges: dict[tuple[int, int], Mention] = {}
        for mention in mentions:
            if not 0 <= mention.turn < len(transcript.turns):
                continue
            if mention.turn not in self._masks:
                self._masks[mention.turn] = bytearray(len(transcript.turns[mention.turn].text) + 1)
            size = mention.end - mention.start
            self._masks[mention.turn][mention.start : mention.end] = b"\1" * size
            self._edges[mention.turn, mention.end] = mention

    def whole(self, turn: int, start: int, end: int) -> bool:
        """Whether every character of a place is covered."""
        mask = self._masks.get(turn)
        return mask is not None and mask.find(0, start, end) < 0

    def any(self, turn: int, start: int, end: int) -> bool:
        """Whether any character of a place is covered."""
        mask = self._masks.get(turn)
        return mask is not None and mask.find(1, start, end) >= 0

    def open_until(self, turn: int, start: int, end: int) -> int:
        """Up to where a place is free of mentions: `end`, or where the first one begins."""
        mask = self._masks.get(turn)
        found = -1 if mask is None else mask.find(1, start, end)
        return end if found < 0 else found

    def beside(self, turn: int, start: int, end: int) -> bool:
        """Whether a mention stands before or after a place, with one character between."""
        return self.any(turn, max(0, start - 2), start) or self.any(turn, end, end + 2)

    def ending(self, turn: int, end: int) -> Mention | None:
        """The mention that ends at a character."""
        return self._edges.get((turn, end))


@dataclass(frozen=True, slots=True)
class Case:
    """A source as it is asked about.

    `found` are the mentions that the machine found and `cover` what they cover: decisions do not
    change it, so that questions stay where they are. `mentions` are those of now, with entities.
    """

    reading: Reading
    source: str
    found: Sequence[Mention]
    cover: Cover
    mentions: Sequence[Mention]
    entities: Mapping[str, Entity]
    flags: Sequence[Flag]
    policies: Policies
    rare: Collection[str]

    @property
    def transcript(self) -> Transcript:
        return self.reading.transcript

    def text(self, turn: int) -> str:
        """What is said in a turn."""
        return self.transcript.turns[turn].text
