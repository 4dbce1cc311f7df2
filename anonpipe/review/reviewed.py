"""What a review keeps of one source: sealed with its raw transcript, and gone with it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

from anonpipe.review.decision import Decision

REVIEW = "review"
"""Under which it lies in a source's working file."""
BASELINE = "baseline"
"""Under which the mentions lie there that the machine found before anybody decided anything."""

CHANCES = "chances"
"""Under which the words lie there that may be part of a mention (`detect.chances`)."""


@dataclass(frozen=True, slots=True)
class Reviewed:
    """Decisions about one source, in the order in which they were taken.

    `last` is the number of the last id that was given.
    """

    decisions: tuple[Decision, ...] = ()
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

    def without_turns(
        self, changed: Collection[int], entities: Collection[str], names: Collection[str]
    ) -> Reviewed:
        """What is left when turns were rewritten for somebody who withdrew.

        `entities` are theirs and `names` their names, in small letters: nothing may speak of them.
        What was decided for the whole source in a turn that changed has no place any more.
        """
        kept = []
        for decision in self.decisions:
            touched = {decision.turn, *map(int, decision.before.get("turns", ()))} & set(changed)
            told = {decision.text.casefold(), decision.value.casefold()} & set(names)
            if decision.entity in entities or told or (touched and decision.scope == "here"):
                continue
            if touched and decision.kind == "word":
                continue
            kept.append(replace(decision, turn=-1, start=0, end=0) if touched else decision)
        return replace(self, decisions=tuple(kept))

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values; `from_json` is the inverse."""
        return {
            "decisions": [decision.to_json() for decision in self.decisions],
            "last": self.last,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any] | None) -> Reviewed:
        """Rebuild it; nothing where nothing was kept."""
        if data is None:
            return cls()
        return cls(
            decisions=tuple(Decision.from_json(item) for item in data["decisions"]),
            last=data["last"],
        )
