"""From what was found in a source to what is written: links, policies and a person's decisions.

Pure functions, used by the run that writes and by the review that shows what would be written.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace

from anonpipe import sweep
from anonpipe.codes import Linked, Place, Policies, by_id, link, resolved
from anonpipe.key import KeyTable
from anonpipe.review.applying import Occurrences, applied, recounted, rejects
from anonpipe.review.decision import Decision
from anonpipe.transcript import KnownName, Mention, Transcript


@dataclass(frozen=True, slots=True)
class Case:
    """What coding a source depends on besides its text and what was found in it.

    `decisions` are the source's own; those for the whole study are in `table`.
    """

    source: str
    participants: tuple[str, ...]
    table: KeyTable
    policies: Policies
    template: str
    decisions: tuple[Decision, ...] = ()

    @property
    def every_decision(self) -> tuple[Decision, ...]:
        """The study's decisions and the source's own."""
        return (*self.table.decisions, *self.decisions)


def coded(
    found: Sequence[Mention],
    transcript: Transcript,
    case: Case,
    occurrences: Occurrences | None = None,
) -> Linked:
    """The mentions of a source with their entities, as linking, policies and decisions have it.

    `found` are mentions without entities. The same again gives the same, also with the table that
    came out.
    """
    return decided(linked(found, transcript, case), transcript, case, occurrences)


def decided(
    machine: Linked, transcript: Transcript, case: Case, occurrences: Occurrences | None = None
) -> Linked:
    """What was `linked` as a person decided."""
    if not (case.every_decision or any(entity.same_as for entity in machine.entities)):
        return machine
    mentions = applied(
        machine.mentions,
        case.every_decision,
        occurrences or Occurrences.of(transcript),
        case.source,
    )
    before = {(m.turn, m.start, m.end, m.type) for m in machine.mentions}
    table = by_id(machine.entities)
    chosen = {(d.source, d.place) for d in case.every_decision if d.kind == "generalise"}
    mentions = tuple(
        case.policies.generalised(m, transcript)
        if (m.turn, m.start, m.end, m.type) not in before
        and (case.source, (m.turn, m.start, m.end)) not in chosen
        and m.generalised is None
        and case.policies.of(m.type) == "generalise"
        and m.entity in table
        and not table[m.entity].is_known
        else m
        for m in mentions
    )
    needed = {id_ for d in case.every_decision for id_ in (d.entity, d.value) if id_}
    entities = recounted(
        machine.entities,
        {entity.id for entity in case.table.entities},
        mentions,
        case.source,
        needed,
    )
    table = by_id(entities)
    return Linked(
        tuple(replace(m, entity=resolved(m.entity, table)) for m in mentions),
        entities,
        machine.flags,
    )


def linked(found: Sequence[Mention], transcript: Transcript, case: Case) -> Linked:
    """The mentions of a source with their entities, as linking and policies have it."""

    def linked_but(telling: Collection[Place]) -> Linked:
        return link(
            found,
            case.table.entities,
            source=case.source,
            transcript=transcript,
            participants=case.participants,
            template=case.template,
            policies=case.policies,
            telling=telling,
        )

    result = linked_but(())
    if case.policies.keeps:  # «Haugesund» is not kept where somebody is called Hauge
        every = replace(case.table, entities=result.entities).known_names(case.policies)
        telling = missed(transcript, result.mentions, every, case.every_decision, case.source)
        result = linked_but(telling) if telling else result
    return result


def missed(
    transcript: Transcript,
    mentions: Sequence[Mention],
    known: Iterable[KnownName],
    decisions: Iterable[Decision],
    source: str,
) -> list[Place]:
    """Where a raw transcript holds known names that no mention covers and nobody rejected."""
    found = sweep.missed(transcript, mentions, tuple(known))
    rejected = rejects(decisions, source)
    return [
        place
        for place in found
        if not rejected(place, transcript.turns[place[0]].text[place[1] : place[2]])
    ]
