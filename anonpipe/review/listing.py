"""The sources of a study as the review lists them: what each waits for, and how far one is."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from anonpipe import consent, decisions
from anonpipe.consent import Demand
from anonpipe.review import signatures
from anonpipe.review.interview import Question
from anonpipe.review.papers import Papers
from anonpipe.study import SourceState, Stage, Study
from anonpipe.transcript import Flag
from anonpipe.trouble import trouble_share


@dataclass(frozen=True, slots=True)
class SourceItem:
    """A source in the list; ids, codes and numbers only.

    `waits_for` is "review", a date, "consent", "run" when the next run makes it final, or "" when
    nothing more is to come. `why` tells why a person must look whatever the rule, `questions` how
    many places need eyes and `open` how many of them still do. `signed` of `needed` persons have
    signed what it says.
    """

    id: str
    participants: tuple[str, ...]
    kind: str
    stage: Stage
    rule: str
    waits_for: str
    why: tuple[decisions.Why, ...]
    flags: tuple[Flag, ...]
    trouble: float
    outputs: tuple[str, ...]
    raw: bool
    has_sound: bool
    approved: bool
    questions: int
    open: int
    signed: int = 0
    needed: int = 1
    read: bool = True  # else `questions` and `open` are not known yet


def listed(
    papers: Papers,
    signed: Mapping[str, Sequence[signatures.Signature]],
    questions: Callable[[str], Sequence[Question]],
    today: date,
    *,
    read: bool,
) -> tuple[SourceItem, ...]:
    """Every source that was worked on, by id; `signed` are the signatures of each.

    Without `read` only those tell questions that were read already. Raises UsageError for a
    wrong register.
    """
    register, needed = consent.load(papers.study.consent_file), papers.study.settings.reviewers
    found = []
    for name, written in sorted(papers.study.read_state().items()):
        if written.stage is Stage.NEW or name not in papers.table.sources:
            continue
        mine = signed.get(name, ())
        state = signatures.standing(written, mine, needed)
        demand = register.demand_of(state.participants)
        gone = demand is None or register.withdrawn(state.participants)
        raw = not gone and papers.is_raw(name, state)
        known = not raw or read or papers.was_read(name)
        asked = questions(name) if raw and known else ()
        looks = state.approved is None and state.stage is not Stage.FINAL
        found.append(
            SourceItem(
                id=name,
                participants=state.participants,
                kind=state.kind,
                stage=state.stage,
                rule=str(demand.rule) if demand else "",
                waits_for=_waits_for(papers.study, state, None if gone else demand, today),
                why=decisions.needs_eyes(papers.study, state) if looks else (),
                flags=state.flags,
                trouble=round(trouble_share(state.flags, state.speech), 3),
                outputs=tuple(state.outputs),
                raw=raw,
                has_sound=not gone and papers.has_sound(name, state),
                approved=state.approved is not None,
                questions=len(asked),
                open=sum(not question.done for question in asked),
                signed=min(signatures.persons(mine), needed),
                needed=needed,
                read=known,
            )
        )
    return tuple(found)


def _waits_for(study: Study, state: SourceState, demand: Demand | None, today: date) -> str:
    if demand is None:
        return "consent"
    if state.stage is Stage.FINAL:
        return ""
    return decisions.waits_for(study, state, demand, today) or "run"
