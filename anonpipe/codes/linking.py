"""Linking: which entity each mention points to, in one source and across the study.

`link` is a pure function of the mentions and the table of entities. Within one source
every distinct surface of a type has one answer, so the order of sentences does not
matter. How sure a link between two persons' names must be:

1. Full names link to the same full name anywhere in the study. A middle name may be
   missing, and one part may be misheard (that is flagged).
2. A first name, surname or other part of a name links to the only person of this source
   who bears it: one whose full name occurs in the source, before or after, or a participant
   of it. If the source has several, none is certain.
3. Else it links to the only bearer in the whole study, flagged, because two recordings
   may each have their Kari.
4. Else, if detection took it for a misheard form of a known name, it links to the only bearer
   of that name, flagged.
5. Else it is an entity of its own, flagged if the study has other bearers.

What is flagged stays flagged: a note in `merged_by` brings the flag back whenever the
source is linked again. Nicknames link where somebody says whose they are («we called him
Sasha», flagged), else once somebody adds them to `aliases`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from anonpipe.codes.entities import Entity, Linked, by_id, make_id, split_id
from anonpipe.codes.forms import DEFAULT_TEMPLATE, code_spans
from anonpipe.codes.nicknames import nicknames
from anonpipe.codes.policies import CODE_ALL, Place, Policies, place
from anonpipe.codes.resolving import Candidate, Decision, Meant, Resolver
from anonpipe.codes.spelling import other_script
from anonpipe.transcript import SPEAKER_TURN, Flag, Mention, MentionType, Transcript, seconds

_Codes = Sequence[Sequence[tuple[int, int, str]]]
_Decisions = Mapping[tuple[MentionType, str], Decision]


def link(
    mentions: Iterable[Mention],
    entities: Iterable[Entity],
    *,
    source: str,
    transcript: Transcript,
    reserved: Collection[str] = (),
    participants: Collection[str] = (),
    template: str = DEFAULT_TEMPLATE,
    policies: Policies = CODE_ALL,
    telling: Collection[Place] = (),
) -> Linked:
    """Give every mention of one source its entity, and the table its new and updated rows.

    `entities` is the whole table so far, also people whom the study knows beforehand.
    `source` is the recording's or document's id. `reserved` holds ids ("PERSON-3") whose
    codes occur in texts of the study (`find_codes` of all inputs; those of this transcript
    are found here): each gets a placeholder row, so that its number stays unused in later
    runs too. An id that an entity already has cannot be reserved any more; the flag
    "code-in-input" then asks a person to look. `participants` are the codes of those who
    take part in this source; speakers labelled with a participant's code are added.

    Mentions that lie wholly inside such a code are left out of the result, and so are those
    that `policies` keep readable, unless they overlap `telling`, places of names that may not be
    read. Linking the
    same mentions again with the table that came out gives the same codes, counts and flags.
    """
    found, rows = tuple(mentions), tuple(entities)

    def under(chosen: Iterable[Mention]) -> Linked:
        return _link(chosen, rows, source, transcript, reserved, participants, template)

    linked = under(found)
    kept = policies.kept(linked, telling)
    if kept:
        linked = under(mention for mention in found if place(mention) not in kept)
    return policies.applied(linked, transcript)


def _link(
    mentions: Iterable[Mention],
    entities: Iterable[Entity],
    source: str,
    transcript: Transcript,
    reserved: Collection[str],
    participants: Collection[str],
    template: str,
) -> Linked:
    """`link` without policies: every mention gets its entity."""
    table = list(entities)
    codes = [list(code_spans(turn.text, template)) for turn in transcript.turns]
    wanted = set(reserved) | {entity_id for spans in codes for _, _, entity_id in spans}
    for entity_id in sorted(wanted - {entity.id for entity in table}, key=split_id):
        table.append(Entity.placeholder(entity_id))
    ordered = sorted(
        (mention for mention in mentions if not _inside_code(mention, codes)),
        key=lambda mention: (mention.turn, mention.start, mention.end),
    )
    here = set(participants) | {turn.speaker for turn in transcript.turns}
    known = by_id(table)
    decisions: dict[tuple[MentionType, str], Decision] = {}
    candidates: list[Candidate] = []
    meant: dict[str, Meant] = {
        nickname: (name, "nickname") for nickname, name in nicknames(ordered, transcript).items()
    }
    meant.update({m.text: (m.misheard, "spelling") for m in ordered if m.misheard})
    for mention_type in dict.fromkeys(mention.type for mention in ordered):
        surfaces = dict.fromkeys(m.text for m in ordered if m.type == mention_type)
        resolver = Resolver(
            mention_type,
            [_candidate(entity, source, here) for entity in table if _links(entity, mention_type)],
            source=source,
            language=transcript.language,
        )
        found = resolver.resolve(
            [s for s in surfaces if _participant(s, known) is None],
            {s: meant[s] for s in surfaces if s in meant},
        )
        decisions.update({(mention_type, surface): d for surface, d in found.items()})
        candidates += resolver.candidates
    table += _number(decisions, ordered, table)
    linked = tuple(
        replace(mention, entity=_entity_id(mention, decisions, known)) for mention in ordered
    )
    counts = Counter(mention.entity for mention in linked)
    rows = {c.entity.id: c for c in candidates if c.entity is not None}
    result = tuple(_updated(entity, rows.get(entity.id), source, counts) for entity in table)
    return Linked(linked, result, _flags(linked, decisions, codes, transcript))


def _links(entity: Entity, mention_type: MentionType) -> bool:
    return entity.type == mention_type and not entity.is_placeholder


def _inside_code(mention: Mention, codes: _Codes) -> bool:
    return 0 <= mention.turn < len(codes) and any(
        start <= mention.start and mention.end <= end for start, end, _ in codes[mention.turn]
    )


def _participant(surface: str, known: Mapping[str, Entity]) -> Entity | None:
    """The participant whose plain code («P01») a surface is."""
    entity = known.get(surface.strip())
    return entity if entity is not None and entity.participant is not None else None


def _entity_id(mention: Mention, decisions: _Decisions, known: Mapping[str, Entity]) -> str | None:
    decision = decisions.get((mention.type, mention.text))
    entity = decision.candidate.entity if decision else _participant(mention.text, known)
    return None if entity is None else entity.id


def _candidate(entity: Entity, source: str, here: Collection[str]) -> Candidate:
    return Candidate(
        entity,
        entity.canonical,
        list(entity.aliases),
        list(entity.merged_by),
        strong=entity.participant is not None and entity.participant in here,
        memory=entity.seen.get(source, 0) > 0,
        elsewhere=not entity.seen or any(name != source for name in entity.seen),
    )


def _number(
    decisions: _Decisions, ordered: Sequence[Mention], table: Sequence[Entity]
) -> list[Entity]:
    """Give new entities numbers of their type, in order of first appearance."""
    taken = {entity.id for entity in table}
    highest: Counter[MentionType] = Counter()
    for entity in table:
        if entity.number is not None and not entity.is_placeholder:
            highest[entity.type] = max(highest[entity.type], entity.number)
    new: list[Entity] = []
    for mention in ordered:
        decision = decisions.get((mention.type, mention.text))
        if decision is None or decision.candidate.entity is not None:
            continue
        number = highest[mention.type] + 1
        while make_id(mention.type, number) in taken:
            number += 1
        highest[mention.type] = number
        entity = Entity(
            make_id(mention.type, number), mention.type, number, None, decision.candidate.canonical
        )
        decision.candidate.entity = entity
        new.append(entity)
    return new


def _updated(
    entity: Entity, candidate: Candidate | None, source: str, counts: Counter[str | None]
) -> Entity:
    # An old count is replaced where it stood, so that linking again changes nothing.
    seen = {**entity.seen, source: counts[entity.id]}
    if not counts[entity.id]:
        del seen[source]
    if candidate is None:
        return replace(entity, seen=seen)
    return replace(
        entity,
        canonical=candidate.canonical,
        aliases=tuple(candidate.aliases),
        seen=seen,
        merged_by=tuple(candidate.notes),
    )


def _flags(
    linked: Sequence[Mention],
    decisions: _Decisions,
    codes: _Codes,
    transcript: Transcript,
) -> tuple[Flag, ...]:
    flags: list[Flag] = []
    unsure: dict[int, list[Mention]] = {}
    for mention in linked:
        decision = decisions.get((mention.type, mention.text))
        if decision is not None and decision.flagged:
            unsure.setdefault(mention.turn, []).append(mention)
    for number, found in unsure.items():
        if number == SPEAKER_TURN:
            flags.append(Flag("ambiguous-name", count=len(found)))
            continue
        turn = transcript.turns[number]
        times = [seconds(turn, mention) for mention in found]
        flags.append(Flag("ambiguous-name", number, times[0][0], times[-1][1], count=len(found)))
    flags += [
        Flag("code-in-input", number, turn.start, turn.end, count=len(spans))
        for number, (turn, spans) in enumerate(zip(transcript.turns, codes, strict=True))
        if spans
    ]
    for number, turn in enumerate(transcript.turns):
        words = other_script(turn.text)
        named = [(m.start, m.end) for m in linked if m.turn == number] if words else []
        count = sum(not any(start <= at < end for start, end in named) for at in words)
        if count:
            flags.append(Flag("other-script", number, turn.start, turn.end, count=count))
    return tuple(flags)
