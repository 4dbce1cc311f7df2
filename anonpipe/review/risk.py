"""What is left in the coded texts that could single somebody out, and what would change that.

The measure is `rarity`'s: values that participants have, and the smallest sets of them that one
participant alone has. Here only what a reader can see counts as a risk: something less exact than
what was said («[45–49 år]»), or the words themselves, where a policy keeps them, a person rejected
the mention, or nobody marked them. A code that only one has is told apart from that: it shows a
reader that there is a place or a workplace, and no more.

A suggestion is worked out: it says how many participants would still stand alone, and with how many
sets, if it were followed. Nothing here sees the population. That a value is shared by
three of the study says nothing about how many in a village share it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Literal

from anonpipe.codes import DEFAULT_TEMPLATE, Entity, form
from anonpipe.detect.recognizers import families
from anonpipe.detect.recognizers.rule import find_all
from anonpipe.detect.spans import resolve
from anonpipe.errors import UsageError
from anonpipe.rarity import (
    QUASI,
    SMALL,
    Link,
    Text,
    Value,
    find,
    read,
    said_as,
    tells,
    uniques,
    values,
)
from anonpipe.review.applying import Place, rejects
from anonpipe.review.desk import Desk
from anonpipe.review.forms import suggested
from anonpipe.splicing import Piece, splice
from anonpipe.study import Stage
from anonpipe.transcript import SPEAKER_TURN, Mention, MentionType

Why = Literal["kept", "rejected", "left"]
"""Why something can be read as it was said: a policy, a person's decision, or nobody saw it."""
TELLING: frozenset[MentionType] = frozenset({"AGE", "DATE", "OCCUPATION"})
"""Types of which rejected words count all the same: their form says what they are, while what was
rejected as a place or a firm most often is none."""
SHOWN = 12
"""Suggestions for the study, at most; the list of one participant holds all of theirs."""
_SHOWN = frozenset({Stage.WRITTEN, Stage.FINAL, Stage.SWEEPING})
WIDER = 2
"""Steps by which a whole type is tried less exact."""


@dataclass(frozen=True, slots=True)
class Said:
    """Something in a turn that can be read as it was said; `words` are personal data."""

    type: MentionType
    words: str
    why: Why
    turn: int

    @property
    def counts(self) -> bool:
        """Whether the measure counts it."""
        return self.why != "rejected" or self.type in TELLING


@dataclass(frozen=True, slots=True)
class Source:
    """A source as it would be written: the coded text of each turn, and what is readable in it.

    `generalised` are entity and bracketed words of what stands generalised, None if only the
    key can tell (the raw transcript is gone).
    """

    id: str
    participants: tuple[str, ...]
    language: str
    turns: tuple[str, ...]
    said: tuple[Said, ...] = ()
    generalised: tuple[tuple[str, str], ...] | None = None

    @property
    def text(self) -> Text:
        """What `rarity` measures."""
        counted = (each for each in self.said if each.counts)
        said = tuple(dict.fromkeys((each.type, each.words) for each in counted))
        lines = "\n".join(self.turns)
        return Text(self.id, self.participants, self.language, lines, self.generalised, said)


@dataclass(frozen=True, slots=True, order=True)
class Spot:
    """A turn in which a reader meets a value."""

    source: str
    turn: int


@dataclass(frozen=True, slots=True)
class Measure:
    """How many participants have something readable that nobody else has, and how many sets."""

    alone: int
    sets: int


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Something less exact for a value, and what it would change.

    `participant` is whose it is, "" for all who have values of the type. `now` is what stands
    there (what was said, bracketed words, or a code) and `form` what would; "": a code. `codes`
    are the entities. `with_` is how many others would have the same then. `by_code`: a code stands
    there now, and the form would tell a reader more than it.
    """

    participant: str
    type: MentionType
    codes: tuple[str, ...]
    now: str
    form: str
    with_: int
    before: Measure
    after: Measure
    spots: tuple[Spot, ...] = ()
    by_code: bool = False

    @property
    def gain(self) -> tuple[int, int]:
        """Participants and sets fewer."""
        return self.before.alone - self.after.alone, self.before.sets - self.after.sets


@dataclass(frozen=True, slots=True)
class Person:
    """What the coded texts of one participant show.

    `sets` are the smallest sets of readable values that nobody else has, `every` those of all
    values, codes among them; `coded` are values that nobody else has and that are codes;
    `suggestions` are the best first.
    """

    participant: str
    sources: tuple[str, ...]
    values: tuple[Value, ...]
    sets: tuple[tuple[Value, ...], ...]
    every: tuple[tuple[Value, ...], ...]
    coded: tuple[Value, ...]
    suggestions: tuple[Suggestion, ...]

    def fewest(self, kind: MentionType) -> int | None:
        """How many have the rarest of the readable values of a type; None if there is none."""
        own = [len(v.holders) for v in self.values if v.type == kind and v.readable]
        return min(own, default=None)


@dataclass(frozen=True, slots=True)
class Risk:
    """The risk of a study.

    `kept` are types that its policies leave readable; `said` is what can be read as it was said, by
    source; `unread` are sources that are not in the measure; `spots` tells where a value stands.
    """

    people: tuple[Person, ...]
    values: tuple[Value, ...]
    measure: Measure
    links: tuple[Link, ...]
    kept: tuple[MentionType, ...]
    said: tuple[tuple[str, Said], ...]
    suggestions: tuple[Suggestion, ...]
    unread: tuple[str, ...] = ()
    spots: Mapping[Value, tuple[Spot, ...]] = field(repr=False, default_factory=dict)

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


# -- what can be read


def readable(
    turns: Sequence[str],
    language: str,
    *,
    kept: Collection[MentionType] = (),
    rejected: Mapping[str, MentionType] | None = None,
) -> tuple[Said, ...]:
    """What a reader of coded turns can still read as it was said, as far as rules see it.

    Ages, dates, occupations and what else has a form are found by the rules of detection; names
    of places and firms have none, and are not looked for. `kept` are the types that the policies
    leave; `rejected` are words that a person said are nothing, with the type that they had.
    """
    nothing = {said_as(words): (kind, words) for words, kind in (rejected or {}).items()}
    found: list[Said] = []
    for number, turn in enumerate(turns):
        seen = _rules_see(turn, language)
        there = {said_as(words) for _, words in seen}
        lower = f" {said_as(turn)} "
        more = [told for w, told in nothing.items() if w not in there and _stands(w, lower)]
        for kind, words in (*seen, *more):
            why: Why = (
                "rejected" if said_as(words) in nothing else "kept" if kind in kept else "left"
            )
            found.append(Said(kind, words, why, number))
    return tuple(dict.fromkeys(found))


def uncovered(
    found: Iterable[Mention],
    marks: Iterable[Mention],
    rejected: Callable[[Place, str], bool],
) -> tuple[Said, ...]:
    """What the machine found in a raw transcript and what no mark covers a part of: it stays
    readable, by policy or because a person rejected it.
    """
    by_turn: dict[int, list[Mention]] = {}
    for mark in marks:
        by_turn.setdefault(mark.turn, []).append(mark)
    said = []
    for mention in found:
        over = (
            m.start < mention.end and mention.start < m.end for m in by_turn.get(mention.turn, ())
        )
        if mention.turn == SPEAKER_TURN or any(over):
            continue
        place = mention.turn, mention.start, mention.end
        why: Why = "rejected" if rejected(place, mention.text) else "kept"
        said.append(Said(mention.type, mention.text, why, mention.turn))
    return tuple(dict.fromkeys(said))


def _stands(words: str, text: str) -> bool:
    at = text.find(words)
    while at >= 0:
        if not text[at - 1].isalnum() and not text[at + len(words)].isalnum():
            return True
        at = text.find(words, at + 1)
    return False


@lru_cache(maxsize=50_000)
def _rules_see(turn: str, language: str) -> tuple[tuple[MentionType, str], ...]:
    """Types and words of what the rules of detection see outside brackets."""
    spans = [s for f in families(language) for s in find_all(f.RULES, turn, language)]
    free = [s for s in resolve(spans) if s.type in QUASI and not _bracketed(turn, s.start, s.end)]
    return tuple((span.type, turn[span.start : span.end]) for span in free)


def _bracketed(text: str, start: int, end: int) -> bool:
    """Whether something holds a bracket or stands in one."""
    inside = text.rfind("[", 0, start) > text.rfind("]", 0, start)
    return inside or any(c in text[start:end] for c in "[]")


def source(desk: Desk, name: str) -> Source:
    """A source at a desk as it would be written with all decisions; of one whose raw transcript is
    gone, what its outputs say. Raises UsageError for one that may not be seen.
    """
    seen = desk.interview(name)
    settings = desk.study.settings
    language = seen.transcript.language
    turns = [turn.text for turn in seen.transcript.turns]
    if not seen.raw:
        rejects_all = {d.text: d.type or "OTHER" for d in seen.decisions if d.kind == "reject"}
        said = readable(turns, language, kept=settings.policies.keeps, rejected=rejects_all)
        return Source(name, seen.participants, language, tuple(turns), said)
    pieces: dict[int, list[Piece]] = {}
    for mark in seen.marks:
        m = mark.mention
        pieces.setdefault(m.turn, []).append(Piece(m.start, m.end, m.generalised or mark.code))
    mentions = [mark.mention for mark in seen.marks]
    coded = tuple(splice(text, pieces.get(number, ())) for number, text in enumerate(turns))
    said = uncovered(desk.found(name), mentions, rejects(seen.decisions, name))
    generalised = {(m.entity, m.generalised) for m in mentions if m.entity and m.generalised}
    return Source(
        name,
        seen.participants,
        language,
        coded,
        said,
        tuple(sorted((entity, words) for entity, words in generalised if entity and words)),
    )


def of_desk(desk: Desk) -> Risk:
    """The risk of a study as all its sources would be written now.

    Those that are not written yet, wait for consent or cannot be read are named in `unread`.
    """
    settings = desk.study.settings
    known = {entity.id: entity for entity in desk.table.entities}
    sources: list[Source] = []
    unread: list[str] = []
    for item in desk.sources():
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


# -- the measure


def examine(
    entities: Iterable[Entity],
    sources: Sequence[Source],
    *,
    template: str = DEFAULT_TEMPLATE,
    kept: Collection[MentionType] = (),
) -> Risk:
    """The risk that is left in the coded texts of a study. Pure."""
    known = tuple(entities)
    texts = [source.text for source in sources]
    found = values(known, texts, template=template)
    findings = find(known, texts, template=template, kept=kept)
    study = _Study(found, findings.participants)
    where = _spots(found, sources, {entity.id: entity for entity in known}, template)
    adviser = _Adviser(study, {e.id: e for e in known}, sources, where, template)
    people = tuple(_person(study, adviser, sources, who) for who in findings.participants)
    own = [s for person in people for s in person.suggestions if s.form]
    everybody = [*adviser.for_all(), *own]
    return Risk(
        people,
        found,
        study.measure,
        findings.links,
        findings.kept,
        tuple((source.id, said) for source in sources for said in source.said),
        tuple(sorted(everybody, key=_rank)[:SHOWN]),
        spots=where,
    )


def _rank(suggestion: Suggestion) -> tuple[int, int, int, str, str]:
    """The most participants less alone first; then what leaves codes as they are."""
    people, sets = suggestion.gain
    return -people, -sets, suggestion.by_code, suggestion.participant, suggestion.now


def _person(study: _Study, adviser: _Adviser, sources: Sequence[Source], who: str) -> Person:
    own = tuple(value for value in study.values if who in value.holders)
    return Person(
        who,
        tuple(source.id for source in sources if who in source.participants),
        own,
        study.sets[who],
        tuple(uniques(study.values, who)),
        tuple(value for value in own if not value.readable and len(value.holders) == 1),
        tuple(sorted(adviser.for_one(who), key=_rank)),
    )


class _Study:
    """Values and the sets that they make, measured once, and again after a change."""

    def __init__(self, found: Iterable[Value], participants: tuple[str, ...]) -> None:
        self.values = tuple(found)
        self.participants = participants
        self.seen = tuple(value for value in self.values if value.readable)
        self.sets = {who: tuple(uniques(self.seen, who)) for who in participants}
        self.measure = _measure(self.sets)

    def after(self, changes: Mapping[Value, Value | None]) -> Measure:
        """The measure if each of some readable values were another, or none any more.

        A value that becomes what another is already is merged with it.
        """
        merged: dict[tuple[MentionType, str], Value] = {}
        touched: set[tuple[MentionType, str]] = set()
        for value in self.seen:
            new = changes.get(value, value)
            for each in (value, new):
                if value in changes and each is not None:
                    touched.add((each.type, each.words))
            if new is not None and new.holders:
                _add(merged, new)
        for value, new in changes.items():
            if value not in self.seen and new is not None:
                _add(merged, new)
                touched.add((new.type, new.words))
        return self._measured(tuple(merged.values()), touched)

    def split(self, value: Value, who: str, words: str | None) -> Measure:
        """The measure if `who` had `words` of a type instead of a value; None: nothing readable."""
        merged: dict[tuple[MentionType, str], Value] = {}
        for each in self.seen:
            left = each.holders - {who} if each == value else each.holders
            if left:
                _add(merged, replace(each, holders=left))
        touched = {(value.type, value.words)}
        if words is not None:
            _add(merged, replace(value, words=words, holders=frozenset({who}), shows="coarse"))
            touched.add((value.type, words))
        return self._measured(tuple(merged.values()), touched)

    def _measured(
        self, new: tuple[Value, ...], touched: Collection[tuple[MentionType, str]]
    ) -> Measure:
        """Only sets with a touched value can be others than before, of those who had or have it."""
        fresh = [value for value in new if (value.type, value.words) in touched]
        sets: dict[str, tuple[tuple[Value, ...], ...]] = {}
        for who in self.participants:
            stay = tuple(
                each
                for each in self.sets[who]
                if all((value.type, value.words) not in touched for value in each)
            )
            mine = [value for value in fresh if who in value.holders]
            sets[who] = stay + (tuple(uniques(new, who, having=mine)) if mine else ())
        return _measure(sets)


def _add(merged: dict[tuple[MentionType, str], Value], value: Value) -> None:
    key = value.type, value.words
    there = merged.get(key)
    holders = value.holders | (there.holders if there else frozenset())
    merged[key] = replace(value, holders=holders)


def _measure(sets: Mapping[str, Collection[object]]) -> Measure:
    return Measure(sum(map(bool, sets.values())), sum(map(len, sets.values())))


# -- where


def _spots(
    found: Iterable[Value],
    sources: Sequence[Source],
    by_id: Mapping[str, Entity],
    template: str,
) -> dict[Value, tuple[Spot, ...]]:
    """The turns in which a reader meets each value, in order."""
    spots: dict[Value, tuple[Spot, ...]] = {}
    for value in found:
        there: list[Spot] = []
        for source in sources:
            if value.holders.isdisjoint(source.participants):
                continue
            there += [Spot(source.id, number) for number in _turns(value, source, by_id, template)]
        spots[value] = tuple(there)
    return spots


def _turns(
    value: Value, source: Source, by_id: Mapping[str, Entity], template: str
) -> Iterator[int]:
    if value.shows == "said":
        mine = {
            s.turn for s in source.said if (s.type, said_as(s.words)) == (value.type, value.words)
        }
        yield from sorted(mine)
        return
    words = f"[{value.words}"  # a band's unit may follow
    if value.shows == "code":
        words = form(by_id[value.words], source.language, template)
    yield from (number for number, turn in enumerate(source.turns) if words in turn)


# -- what would change it


class _Adviser:
    """Suggests forms, and works out what they would change."""

    def __init__(
        self,
        study: _Study,
        by_id: Mapping[str, Entity],
        sources: Sequence[Source],
        where: Mapping[Value, tuple[Spot, ...]],
        template: str,
    ) -> None:
        self.study, self.by_id, self.sources = study, by_id, sources
        self.where, self.template = where, template

    def for_one(self, who: str) -> Iterator[Suggestion]:
        """For every value that makes a participant stand out: the most exact form that helps."""
        involved = {value for each in self.study.sets[who] for value in each}
        for value in sorted(involved, key=lambda v: (v.type, v.words)):
            yield from self._one(value, who)
        for value in self.study.values:
            if not value.readable and value.holders == {who}:
                yield from self._coded(value, who)

    def _one(self, value: Value, who: str) -> Iterator[Suggestion]:
        before = self.study.measure
        for words in self._wider(value, who):
            after = self.study.split(value, who, read(words) if tells(words) else None)
            if (after.alone, after.sets) < (before.alone, before.sets):
                yield self._suggestion(value, who, words, after)
                break
        yield self._suggestion(value, who, "", self.study.split(value, who, None))

    def _coded(self, value: Value, who: str) -> Iterator[Suggestion]:
        """For a code that only one has: a form that others have already, if it adds no set."""
        before = self.study.measure
        seen = {(each.type, each.words) for each in self.study.seen if each.holders - {who}}
        for words in self._wider(value, who):
            if (value.type, read(words)) in seen:
                new = replace(value, words=read(words), shows="coarse")
                after = self.study.after({value: new})
                if (after.alone, after.sets) <= (before.alone, before.sets):
                    made = self._suggestion(value, who, words, after)
                    yield replace(made, by_code=True)
                    return

    def for_all(self) -> Iterator[Suggestion]:
        """For every type of which somebody stands out: all of its values a step less exact."""
        kinds = {v.type for sets in self.study.sets.values() for each in sets for v in each}
        before = self.study.measure
        for kind in sorted(kinds):
            for step in range(1, WIDER + 1):
                changes: dict[Value, Value | None] = {}
                example: tuple[Value, str] | None = None
                for value in self.study.seen:
                    if value.type != kind:
                        continue
                    steps = list(self._wider(value, min(value.holders)))
                    words = steps[min(step, len(steps)) - 1] if steps else ""
                    if not words or not tells(words):
                        changes[value] = None
                        continue
                    changes[value] = replace(value, words=read(words), shows="coarse")
                    if example is None or len(value.holders) < len(example[0].holders):
                        example = value, words
                after = self.study.after(changes)
                if example is not None and len(changes) > 1 and after.alone < before.alone:
                    value, words = example
                    codes = tuple(sorted({code for each in changes for code in each.codes}))
                    spots = tuple(dict.fromkeys(s for v in changes for s in self.where[v]))
                    now = self._now(value)
                    yield Suggestion("", kind, codes, now, words, 0, before, after, spots)
                    break

    def _wider(self, value: Value, who: str) -> Iterator[str]:
        """Bracketed forms less exact than a value is now, the most exact first."""
        language = self._language(who)
        if value.shows == "said":
            yield from suggested(value.type, value.words, language)
            return
        for code in value.codes:
            entity = self.by_id[code]
            if value.shows == "coarse" and not entity.seen.keys() & set(self._of(who)):
                continue
            forms = suggested(entity.type, entity.canonical, language, also=entity.aliases)
            shown = [read(each) for each in forms]
            first = shown.index(value.words) + 1 if value.words in shown else 0
            yield from forms[first:]
            return

    def _suggestion(self, value: Value, who: str, words: str, after: Measure) -> Suggestion:
        mine = set(self._of(who))
        others: frozenset[str] = frozenset()
        if words:
            key = value.type, read(words)
            others = frozenset().union(
                *(v.holders for v in self.study.seen if (v.type, v.words) == key)
            )
        return Suggestion(
            who,
            value.type,
            value.codes,
            self._now(value, who),
            words,
            len(others - {who}),
            self.study.measure,
            after,
            tuple(spot for spot in self.where[value] if spot.source in mine),
        )

    def _now(self, value: Value, who: str = "") -> str:
        """What stands in the text."""
        if value.shows == "code":
            return form(self.by_id[value.words], self._language(who), self.template)
        if value.shows == "said":
            return value.words
        pattern = re.compile(rf"\[{re.escape(value.words)}[^\[\]]*\]")
        turns = {source.id: source.turns for source in self.sources}
        mine = set(self._of(who))
        texts = (turns[spot.source][spot.turn] for spot in self.where[value] if spot.source in mine)
        standing = next(filter(None, map(pattern.search, texts)), None)
        return standing[0] if standing else f"[{value.words}]"

    def _of(self, who: str) -> list[str]:
        return [source.id for source in self.sources if not who or who in source.participants]

    def _language(self, who: str) -> str:
        mine = (s.language for s in self.sources if not who or who in s.participants)
        return next(mine, "nb")
