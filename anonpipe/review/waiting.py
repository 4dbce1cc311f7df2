"""What waits for a person's eyes, told in coded text only, so that no key is needed."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from anonpipe import consent, decisions, formats
from anonpipe.audit import AuditLog
from anonpipe.review import signatures
from anonpipe.study import SourceState, Stage, Study
from anonpipe.transcript import Flag, MentionType
from anonpipe.trouble import trouble_share
from anonpipe.wording.styles import ending_of


@dataclass(frozen=True, slots=True)
class Spot:
    """A flagged spot; `text` is the coded text of its turn, "" when no JSON output holds it.

    `at` is the character of the text at which it begins, 0 where that is not known; `type` is that
    of the mentions that a person shall decide on, None for other kinds.
    """

    kind: str
    turn: int | None
    start: float | None
    end: float | None
    count: int
    text: str
    type: MentionType | None = None
    at: int = 0


@dataclass(frozen=True, slots=True)
class Waiting:
    """A source that is written but not final.

    `waits_for` is "review", a date, "consent" when there is none any more, or "run" when the
    next run makes it final. `why` tells why a person must look whatever the rule; `trouble` is the
    share of its `speech` (seconds) that is in trouble, and `limit` the study's limit for it.
    `quotes` and `archive` are what all its participants agreed to. `signed` of `needed` persons
    have signed what it says now.
    """

    id: str
    participants: tuple[str, ...]
    rule: str
    waits_for: str
    quotes: bool
    archive: bool
    outputs: tuple[str, ...]
    spots: tuple[Spot, ...]
    why: tuple[decisions.Why, ...] = ()
    trouble: float = 0.0
    speech: float = 0.0
    limit: float = 1.0
    signed: int = 0
    needed: int = 1

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        return asdict(self)


def waiting(study: Study, today: date | None = None, log: AuditLog | None = None) -> list[Waiting]:
    """Every source that waits, in order of id; what is signed is read from the log, if it is given.

    Raises UsageError for a wrong register and AuditError for a wrong log.
    """
    register = consent.load(study.consent_file)
    needed = study.settings.reviewers
    signed: Mapping[str, tuple[signatures.Signature, ...]] = {}
    if log is not None:
        signed = signatures.by_source(log.entries(), log.vouched_entries())
    found = []
    for name, state in sorted(study.read_state().items()):
        mine = signed.get(name, ())
        if log is not None:
            state = signatures.standing(state, mine, needed)
        demand = register.demand_of(state.participants)
        if state.stage is not Stage.WRITTEN:
            continue
        if demand is None or register.withdrawn(state.participants):
            waits_for = "consent"
        else:
            waits_for = decisions.waits_for(study, state, demand, today or date.today()) or "run"
        found.append(
            Waiting(
                id=name,
                participants=state.participants,
                rule=str(demand.rule) if demand else "",
                waits_for=waits_for,
                quotes=demand is not None and demand.quotes,
                archive=demand is not None and demand.archive,
                outputs=tuple(state.outputs),
                spots=_spots(study, state),
                why=decisions.needs_eyes(study, state) if state.approved is None else (),
                trouble=round(trouble_share(state.flags, state.speech), 3),
                speech=state.speech,
                limit=study.settings.trouble_limit,
                signed=min(signatures.persons(mine), needed),
                needed=needed,
            )
        )
    return found


def _spots(study: Study, state: SourceState) -> tuple[Spot, ...]:
    turns: list[Mapping[str, Any]] = []
    readable = [name for name in state.outputs if formats.form_of(name) == "json"]
    for name in sorted(readable, key=ending_of)[-1:]:  # of two styles the verbatim one
        # A damaged one is shown without text; approving checks that the file is there.
        with contextlib.suppress(OSError, ValueError, KeyError):
            turns = json.loads((study.folder / name).read_text(encoding="utf-8"))["turns"]
    return tuple(_spot(flag, turns) for flag in state.flags)


def _spot(flag: Flag, turns: Sequence[Mapping[str, Any]]) -> Spot:
    there = flag.turn is not None and 0 <= flag.turn < len(turns)
    turn: Mapping[str, Any] = turns[flag.turn or 0] if there else {"text": "", "words": ()}
    return Spot(
        kind=flag.kind,
        turn=flag.turn,
        start=flag.start,
        end=flag.end,
        count=flag.count,
        text=turn["text"],
        type=flag.type,
        at=_at(turn, flag.start),
    )


def _at(turn: Mapping[str, Any], start: float | None) -> int:
    """The first character of a turn's first word that is said at `start` or later, else 0."""
    if start is None:
        return 0
    offsets = (word["offset"] for word in turn.get("words", ()) if word["start"] >= start)
    return int(next(offsets, 0))
