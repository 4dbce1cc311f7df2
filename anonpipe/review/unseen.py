"""Mentions that came or went when a source was coded anew after a person had looked at it.

They are told at sign-off, so that nobody signs what they have not seen. Places only, no words:
they lie in the working file, where nothing else has to know of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from anonpipe.transcript import SPEAKER_TURN, Mention, MentionType

UNSEEN = "unseen"
"""Under which they lie in a source's working file."""


@dataclass(frozen=True, slots=True)
class Unseen:
    """A mention of characters `start` to `end` of a turn that `came`, or else went."""

    turn: int
    start: int
    end: int
    type: MentionType
    came: bool


def unseen(
    before: Iterable[Unseen], seen: Sequence[Mention], now: Sequence[Mention], *, same_text: bool
) -> tuple[Unseen, ...]:
    """What nobody has seen after another coding.

    `before` is what nobody had seen until then, `seen` and `now` are mentions of one text, before
    and after. Unless it is the `same_text` as then, what went before has no place any more.
    """
    there, after = _places(seen), _places(now)
    kept = (each for each in before if same_text or each.came)
    found = {Unseen(*place, came=True) for place in after - there}
    found |= {Unseen(*place, came=False) for place in there - after}
    found |= {each for each in kept if each.came == (_place(each) in after)}
    return tuple(sorted(found, key=lambda each: (each.turn, each.start, each.end, each.type)))


def to_json(found: Iterable[Unseen]) -> list[dict[str, Any]]:
    """Plain JSON values; `from_json` is the inverse."""
    return [asdict(each) for each in found]


def from_json(data: Iterable[Mapping[str, Any]]) -> tuple[Unseen, ...]:
    """Rebuild them; TypeError for other values than `to_json`'s."""
    return tuple(Unseen(**each) for each in data)


def _place(each: Mention | Unseen) -> tuple[int, int, int, MentionType]:
    return each.turn, each.start, each.end, each.type


def _places(mentions: Iterable[Mention]) -> set[tuple[int, int, int, MentionType]]:
    return {_place(each) for each in mentions if each.turn != SPEAKER_TURN}
