"""Who a code stands for: a participant, or somebody who is only mentioned."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from anonpipe import consent
from anonpipe.codes import DEFAULT_TEMPLATE, Entity
from anonpipe.consent import Row
from anonpipe.custody import entity_id
from anonpipe.errors import UsageError
from anonpipe.session import Session
from anonpipe.study import SourceState
from anonpipe.transcript import PARTICIPANT_CODE


@dataclass(frozen=True, slots=True)
class Subject:
    """Somebody that a study holds something about.

    `code` is P07 or PERSON-3; `participant` the participant's code, None for others; `entity`
    is None for a participant whose name is nowhere, `row` None for those not in the register.
    `own` are ids of the sources that a participant belongs to, `mentioned` of those in which
    the entity occurs.
    """

    code: str
    participant: str | None
    entity: Entity | None
    row: Row | None
    own: tuple[str, ...]
    mentioned: tuple[str, ...]


def code_of(code: str, template: str = DEFAULT_TEMPLATE) -> str:
    """The id that a code stands for, in any language, with or without brackets.

    Raises UsageError for what is no code.
    """
    found = entity_id(code, template)
    if found is None:
        raise UsageError(
            "That is no code: give it as it stands in a transcript, such as '[Person 3]' or P07."
        )
    return found


def find(session: Session, code: str) -> Subject:
    """Who a code stands for. Raises UsageError for what is no code, and for nobody's."""
    wanted = code_of(code, session.study.settings.template)
    register = consent.load(session.study.consent_file)
    state = session.study.read_state()
    entity = next(
        (
            each
            for each in session.key.table.people_and_things()
            if wanted in (each.id, each.participant)
        ),
        None,
    )
    participant = entity.participant if entity is not None else None
    if participant is None and PARTICIPANT_CODE.fullmatch(wanted):
        participant = wanted
    row = next((row for row in register.rows if row.participant == participant), None)
    own = _own(participant, state)
    if entity is None and row is None and not own:
        raise UsageError(f"{wanted} stands for nobody in this study: check the code.")
    mentioned = tuple(sorted(entity.seen)) if entity is not None else ()
    return Subject(wanted, participant, entity, row, own, mentioned)


def _own(participant: str | None, state: Mapping[str, SourceState]) -> tuple[str, ...]:
    return tuple(sorted(n for n, item in state.items() if participant in item.participants))
