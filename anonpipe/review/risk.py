"""What is left in the coded texts that could single somebody out, and what would change that.

The measure is `rarity`'s: values that participants have, and the smallest sets of them that one
participant alone has. Here only what a reader can see counts as a risk: something less exact than
what was said («[45–49 år]»), or the words themselves (`readable`). A code that only one has is
told apart from that: it shows a reader that there is a place or a workplace, and no more.

Nothing here sees the population. That a value is shared by three of the study says nothing about
how many in a village share it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice

from anonpipe.codes import DEFAULT_TEMPLATE, Entity
from anonpipe.errors import UsageError
from anonpipe.rarity import SMALL, Link, Value, find, uniques, values
from anonpipe.review.advice import Adviser, Change, Key, Measure, Measured, Spot, Step, spots
from anonpipe.review.desk import Desk
from anonpipe.review.readable import Said, Source, source
from anonpipe.study import Stage
from anonpipe.transcript import MentionType

MOST_STEPS = 12
"""Steps for the study, at most; the page of a participant has all of theirs."""
_SHOWN = frozenset({Stage.WRITTEN, Stage.FINAL, Stage.SWEEPING})


@dataclass(frozen=True, slots=True)
class Person:
    """What the coded texts of one participant show.

    `sets` are the smallest sets of readable values that nobody else has, `every` those of all
    values, codes among them; `coded` are values that nobody else has and that are codes. `enough`
    are forms that others have already, which would do for codes of `coded`, though they tell a
    reader more.
    """

    participant: str
    sources: tuple[str, ...]
    values: tuple[Value, ...]
    sets: tuple[tuple[Value, ...], ...]
    every: tuple[tuple[Value, ...], ...]
    coded: tuple[Value, ...]
    enough: tuple[Change, ...]

    def fewest(self, kind: MentionType) -> int | None:
        """How many have the rarest of the readable values of a type; None if there is none."""
        own = [len(v.holders) for v in self.values if v.type == kind and v.readable]
        return min(own, default=None)


@dataclass(frozen=True, slots=True)
class Risk:
    """The risk of a study.

    `kept` are types that its policies leave readable; `said` is what can be read as it was said, by
    source; `unread` are sources that are not in the measure; `spots` and `stands` tell by a value's
    key where it stands, and as which words. `steps` would help the study, in this order, each
    counted upon the ones before; `steps_of` works out those that would leave nothing readable
    that one participant alone has.
    """

    people: tuple[Person, ...]
    values: tuple[Value, ...]
    measure: Measure
    links: tuple[Link, ...]
    kept: tuple[MentionType, ...]
    said: tuple[tuple[str, Said], ...]
    steps: tuple[Step, ...]
    unread: tuple[str, ...] = ()
    spots: Mapping[Key, tuple[Spot, ...]] = field(repr=False, default_factory=dict)
    stands: Mapping[Key, str] = field(repr=False, default_factory=dict)
    steps_of: Callable[[str], tuple[Step, ...]] = field(
        repr=False, compare=False, default=lambda _: ()
    )

    @property
    def participants(self) -> tuple[str, ...]:
        """Those whose texts there are."""
        return tuple(person.participant for person in self.people)

    @property
    def is_small(self) -> bool:
        """Whether whoever knows of the group may guess."""
        return 0 < len(self.people) <= SMALL

    @property
    def alone(self) -> tuple[str, ...]:
        """Participants who have something readable that nobody else has."""
        return tuple(person.participant for person in self.people if person.sets)

    def person(self, participant: str) -> Person | None:
        """What is known of one participant."""
        return next((p for p in self.people if p.participant == participant), None)


def of_desk(desk: Desk) -> Risk:
    """The risk of a study as all its sources would be written now.

    Those that are not written yet, wait for consent or cannot be read are named in `unread`.
    """
    settings = desk.study.settings
    known = {entity.id: entity for entity in desk.table.entities}
    sources: list[Source] = []
    unread: list[str] = []
    for item in desk.sources(read=False):
        if item.stage not in _SHOWN or item.waits_for == "consent":
            unread.append(item.id)
            continue
        try:
            sources.append(source(desk, item.id))
        except UsageError:
            unread.append(item.id)
            continue
        for entity in desk.entities(item.id):
            before = known.get(entity.id, entity).seen
            known[entity.id] = replace(entity, seen={**before, **entity.seen})
    risk = examine(
        known.values(), sources, template=settings.template, kept=settings.policies.keeps
    )
    return replace(risk, unread=tuple(unread))


def examine(
    entities: Iterable[Entity],
    sources: Sequence[Source],
    *,
    template: str = DEFAULT_TEMPLATE,
    kept: Collection[MentionType] = (),
) -> Risk:
    """The risk that is left in the coded texts of a study. Pure."""
    known = tuple(entities)
    by_id = {entity.id: entity for entity in known}
    texts = [source.text for source in sources]
    found = values(known, texts, template=template)
    findings = find(known, texts, template=template, kept=kept)
    study = Measured(found, findings.participants)
    where = spots(found, sources, by_id, template)
    adviser = Adviser(study, by_id, sources, where, template)
    return Risk(
        tuple(_person(study, adviser, sources, who) for who in findings.participants),
        found,
        study.measure,
        findings.links,
        findings.kept,
        tuple((source.id, said) for source in sources for said in source.said),
        tuple(islice(adviser.for_study(), MOST_STEPS)),
        spots=where,
        stands={value.key: adviser.standing(value) for value in found},
        steps_of=adviser.for_one,
    )


def _person(study: Measured, adviser: Adviser, sources: Sequence[Source], who: str) -> Person:
    own = tuple(value for value in study.values if who in value.holders)
    return Person(
        who,
        tuple(source.id for source in sources if who in source.participants),
        own,
        study.sets[who],
        tuple(uniques(study.values, who)),
        tuple(value for value in own if not value.readable and len(value.holders) == 1),
        tuple(adviser.enough(who)),
    )
