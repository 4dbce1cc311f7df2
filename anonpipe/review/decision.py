"""What a person decides in a review, as plain values.

A decision is about words in one place of a transcript, and holds for that place (`here`), for
every place with the same words in its source (`source`), or for the study (`study`). Those of
the first two scopes are sealed with the source's raw transcript and go with it; those for the
study are in the key, since they hold words of interviews. `applying` says what they do.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, get_args

from anonpipe.codes import Place
from anonpipe.transcript import MentionType

DecisionKind = Literal[
    "confirm",  # the mention is right as it is
    "seen",  # there is nothing to code here
    "reject",  # no mention: the words stay readable; for the study: «never»
    "add",  # a mention that was missed; for the study: «always»
    "entity",  # the mention is of `entity`: another code, and with it maybe another type
    "span",  # the mention is `value` rather than `text`
    "generalise",  # `value` («[to dager i uken]») stands in the text; "": the code does
    "word",  # what was said is `value` rather than `text`
    "merge",  # `entity` is the same as the entity `value`; always for the study
]
DECISION_KINDS: tuple[DecisionKind, ...] = get_args(DecisionKind)
Scope = Literal["here", "source", "study"]
SCOPES: tuple[Scope, ...] = get_args(Scope)
NEW = "new"
"""As the entity of a request: one that is not in the key yet."""


@dataclass(frozen=True, slots=True)
class Request:
    """What a person wants to decide about characters `start` to `end` (exclusive) of a turn.

    The other fields mean what they mean in `Decision`. `entity` may be `NEW`, or None to let the
    linking rules choose; `turn` is -1 for a merge, which has no place. `span` is where a mention
    is to begin and end instead.
    """

    kind: DecisionKind
    scope: Scope = "here"
    turn: int = -1
    start: int = 0
    end: int = 0
    type: MentionType | None = None
    entity: str | None = None
    value: str = ""
    span: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """A decision that was taken.

    `id` is "R01-7" (in its source) or "K-3" (in the key) and is never given twice. `source`,
    `turn`, `start` and `end` are where it was taken, in the transcript as it is now; `text` are
    the words there as they were then. `type` and `entity` are what the mention is by it; of a
    merge, `entity` gives way to `value`. `offset` is where a new span begins, relative to the
    old one. `before` is what undoing needs. `at` is UTC, ISO 8601.
    """

    id: str
    kind: DecisionKind
    scope: Scope
    source: str
    turn: int
    start: int
    end: int
    text: str
    at: str
    type: MentionType | None = None
    entity: str | None = None
    value: str = ""
    offset: int = 0
    before: Mapping[str, Any] = field(default_factory=dict)

    @property
    def place(self) -> Place:
        """Turn, start and end of where it was taken."""
        return self.turn, self.start, self.end

    @property
    def new_place(self) -> Place:
        """Where the mention stands by a new span; `place` for other kinds."""
        if self.kind != "span":
            return self.place
        start = self.start + self.offset
        return self.turn, start, start + len(self.value)

    @property
    def number(self) -> int:
        """The number in its id."""
        return int(self.id.rpartition("-")[2])

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values; `from_json` is the inverse."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Decision:
        """Rebuild a decision; TypeError for other values than `to_json`'s."""
        return cls(**data)


@dataclass(frozen=True, slots=True)
class Effect:
    """What a decision does, or would do: how many places it touches, by source.

    `final` counts places in outputs whose raw transcript is gone, which are mended by the next
    run. `decision` is None for a preview.
    """

    places: Mapping[str, int]
    final: int = 0
    decision: Decision | None = None

    @property
    def total(self) -> int:
        """Places in all sources."""
        return sum(self.places.values())
