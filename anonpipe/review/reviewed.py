"""What a review keeps of one source: sealed with its raw transcript, and gone with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from anonpipe.review.decision import Decision
from anonpipe.transcript import SPEAKER_TURN, Mention, mentions_from_json, mentions_to_json

REVIEW = "review"
"""Under which it lies in a source's working file."""


@dataclass(frozen=True, slots=True)
class Reviewed:
    """Decisions about one source, in the order in which they were taken.

    `baseline` are the mentions that the machine found before anybody decided anything, which
    agreement is measured against; `last` is the number of the last id that was given. `came` and
    `went` are mentions that the machine found, or found no more, when it coded the source anew
    after a person had decided something: nobody has looked at them yet.
    """

    decisions: tuple[Decision, ...] = ()
    baseline: tuple[Mention, ...] = ()
    last: int = 0
    came: tuple[Mention, ...] = ()
    went: tuple[Mention, ...] = ()

    def with_unseen(self, seen: Sequence[Mention], now: Sequence[Mention]) -> Reviewed:
        """What a person has not seen, `seen` and `now` being of one text."""

        def places(mentions: Sequence[Mention]) -> set[tuple[int, int, int, str]]:
            return {(m.turn, m.start, m.end, m.type) for m in mentions}

        def but(mentions: Sequence[Mention], others: Sequence[Mention]) -> tuple[Mention, ...]:
            known = places(others)
            return tuple(
                m
                for m in mentions
                if m.turn != SPEAKER_TURN and (m.turn, m.start, m.end, m.type) not in known
            )

        fresh, lost = but(now, seen), but(seen, now)
        still = but(self.came, but(self.came, now))  # what came before and has not gone since
        gone = but(self.went, now)
        return replace(self, came=(*but(still, fresh), *fresh), went=(*but(gone, lost), *lost))

    def with_decision(self, decision: Decision) -> Reviewed:
        """One decision more."""
        return replace(
            self, decisions=(*self.decisions, decision), last=max(self.last, decision.number)
        )

    def without(self, decision_id: str) -> Reviewed:
        """One decision less; the same if there is none of that id."""
        kept = tuple(decision for decision in self.decisions if decision.id != decision_id)
        return replace(self, decisions=kept)

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values; `from_json` is the inverse."""
        return {
            "decisions": [decision.to_json() for decision in self.decisions],
            "baseline": mentions_to_json(self.baseline),
            "last": self.last,
            "came": mentions_to_json(self.came),
            "went": mentions_to_json(self.went),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any] | None) -> Reviewed:
        """Rebuild it; nothing where nothing was kept."""
        if data is None:
            return cls()
        return cls(
            decisions=tuple(Decision.from_json(item) for item in data["decisions"]),
            baseline=mentions_from_json(data["baseline"]),
            last=data["last"],
            came=mentions_from_json(data.get("came", [])),
            went=mentions_from_json(data.get("went", [])),
        )
