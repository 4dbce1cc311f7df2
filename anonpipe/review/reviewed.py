"""What a review keeps of one source: sealed with its raw transcript, and gone with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from anonpipe.review.decision import Decision
from anonpipe.transcript import Mention, mentions_from_json, mentions_to_json

REVIEW = "review"
"""Under which it lies in a source's working file."""


@dataclass(frozen=True, slots=True)
class Reviewed:
    """Decisions about one source, in the order in which they were taken.

    `baseline` are the mentions that the machine found before anybody decided anything, which
    agreement is measured against; `last` is the number of the last id that was given.
    """

    decisions: tuple[Decision, ...] = ()
    baseline: tuple[Mention, ...] = ()
    last: int = 0

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
        )
