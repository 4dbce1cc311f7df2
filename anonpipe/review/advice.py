"""What would help: something less exact for values that one participant alone has.

A suggestion is worked out: it says how many participants would still stand alone, and with how
many sets, if it were followed with those before it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from anonpipe.codes import Entity, form
from anonpipe.rarity import Shows, Value, read, said_as, tells, uniques
from anonpipe.review.forms import suggested
from anonpipe.review.readable import Source
from anonpipe.transcript import MentionType

Key = tuple[MentionType, str, Shows]
"""What tells a value from others (`Value.key`)."""
WIDER = 2
"""Steps by which a whole type is tried less exact."""
PAYS = 2
"""Sets that must go for a whole type to be less exact, if nobody is helped entirely."""


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
class Change:
    """Something less exact for a value of a participant, or for all values of a type.

    `now` is what stands there (what was said, bracketed words, or a code) and `form` what would,
    "" for a code; for a whole type both are an example. `codes` are the entities. `others` is how
    many other participants would have the same then.
    """

    type: MentionType
    codes: tuple[str, ...]
    now: str
    form: str
    others: int
    spots: tuple[Spot, ...] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """Changes, and the measure of the study before and after them.

    `participant` is whose values they are, "" for all who have values of the type. `own` are the
    numbers of that participant's sets before and after.
    """

    participant: str
    changes: tuple[Change, ...]
    before: Measure
    after: Measure
    own: tuple[int, int] = (0, 0)


class Measured:
    """Values and the sets that they make, measured once; a change makes another."""

    def __init__(
        self,
        found: Iterable[Value],
        participants: tuple[str, ...],
        sets: Mapping[str, tuple[tuple[Value, ...], ...]] | None = None,
    ) -> None:
        self.values = tuple(found)
        self.participants = participants
        self.seen = tuple(value for value in self.values if value.readable)
        self.sets = sets or {who: tuple(uniques(self.seen, who)) for who in participants}
        self.measure = Measure(
            sum(map(bool, self.sets.values())), sum(map(len, self.sets.values()))
        )

    def with_all(self, changes: Mapping[Value, str | None]) -> Measured:
        """The study if everybody had other words for some readable values; None: nothing."""
        merged: dict[tuple[MentionType, str], Value] = {}
        touched: set[tuple[MentionType, str]] = set()
        for value in self.seen:
            new: Value | None = value
            if value in changes:
                words = changes[value]
                new = None if words is None else replace(value, words=words, shows="coarse")
                touched |= {(v.type, v.words) for v in (value, new) if v is not None}
            if new is not None:
                _add(merged, new)
        return self._with(merged, touched)

    def with_one(self, value: Value, who: str, words: str | None) -> Measured:
        """The study if one participant had other words for a value; None: nothing readable.

        The value may be a code, which a reader does not see now.
        """
        merged: dict[tuple[MentionType, str], Value] = {}
        for each in self.seen:
            left = each.holders - {who} if each == value else each.holders
            if left:
                _add(merged, replace(each, holders=left))
        touched = {(value.type, value.words)}
        if words is not None:
            _add(merged, replace(value, words=words, holders=frozenset({who}), shows="coarse"))
            touched.add((value.type, words))
        return self._with(merged, touched)

    def _with(
        self,
        merged: Mapping[tuple[MentionType, str], Value],
        touched: Collection[tuple[MentionType, str]],
    ) -> Measured:
        """Only sets with a touched value can be others than before, of those who had or have it."""
        new = tuple(merged.values())
        fresh = [value for value in new if (value.type, value.words) in touched]
        sets: dict[str, tuple[tuple[Value, ...], ...]] = {}
        for who in self.participants:
            stay = tuple(
                tuple(merged[value.type, value.words] for value in each)
                for each in self.sets[who]
                if all((value.type, value.words) not in touched for value in each)
            )
            mine = [value for value in fresh if who in value.holders]
            sets[who] = stay + (tuple(uniques(new, who, having=mine)) if mine else ())
        hidden = (value for value in self.values if not value.readable)
        return Measured((*new, *hidden), self.participants, sets)


def _add(merged: dict[tuple[MentionType, str], Value], value: Value) -> None:
    """Put a value in, together with one that looks the same to a reader."""
    key = value.type, value.words
    there = merged.get(key)
    if there is not None:
        codes = tuple(sorted({*there.codes, *value.codes}))
        value = replace(value, codes=codes, holders=value.holders | there.holders)
    merged[key] = value


def spots(
    found: Iterable[Value],
    sources: Sequence[Source],
    by_id: Mapping[str, Entity],
    template: str,
) -> dict[Key, tuple[Spot, ...]]:
    """The turns in which a reader meets each value, in order."""
    spots: dict[Key, tuple[Spot, ...]] = {}
    for value in found:
        there: list[Spot] = []
        for source in sources:
            if value.holders.isdisjoint(source.participants):
                continue
            there += [Spot(source.id, number) for number in _turns(value, source, by_id, template)]
        spots[value.key] = tuple(there)
    return spots


def _turns(
    value: Value, source: Source, by_id: Mapping[str, Entity], template: str
) -> Iterator[int]:
    said = {s.turn for s in source.said if (s.type, said_as(s.words)) == (value.type, value.words)}
    words = f"[{value.words}"  # a band's unit may follow
    if value.shows == "code":
        words = form(by_id[value.words], source.language, template)
    for number, turn in enumerate(source.turns):
        if words in turn or number in said:
            yield number


class Adviser:
    """Looks for changes that help, and works out what they would do."""

    def __init__(
        self,
        study: Measured,
        by_id: Mapping[str, Entity],
        sources: Sequence[Source],
        where: Mapping[Key, tuple[Spot, ...]],
        template: str,
    ) -> None:
        self.study, self.by_id, self.sources = study, by_id, sources
        self.where, self.template = where, template

    def for_study(self) -> Iterator[Step]:
        """What helps the most: whole types first, then the participants nearest to the others."""
        study = self.study
        while True:
            best = min(self._types(study), key=lambda found: _worth(found[1]), default=None)
            if best is None:
                break
            change, after = best
            yield Step("", (change,), study.measure, after.measure)
            study = after
        for who in sorted(study.participants, key=lambda who: (len(study.sets[who]), who)):
            if not study.sets[who]:
                continue
            steps = list(self._steps(study, who))
            if steps:
                after = steps[-1][1]
                changes = [change for step, _ in steps for change in step.changes]
                own = len(study.sets[who]), len(after.sets[who])
                yield Step(who, tuple(changes), study.measure, after.measure, own)
                study = after

    def _types(self, study: Measured) -> Iterator[tuple[Change, Measured]]:
        """Every type of which somebody stands out, all its values less exact, where that pays."""
        kinds = {v.type for sets in study.sets.values() for each in sets for v in each}
        for kind in sorted(kinds):
            for step in range(WIDER):
                changes: dict[Value, str | None] = {}
                examples: list[tuple[int, Value, str]] = []
                for value in study.seen:
                    if value.type != kind:
                        continue
                    forms = list(self._wider(value, min(value.holders)))
                    words = forms[min(step, len(forms) - 1)] if forms else ""
                    changes[value] = read(words) if words and tells(words) else None
                    if changes[value] is not None:
                        examples.append((len(value.holders), value, words))
                if not examples or len(changes) < 2:
                    continue
                after = study.with_all(changes)
                fewer = study.measure.sets - after.measure.sets
                if after.measure.alone < study.measure.alone or fewer >= PAYS:
                    _, value, words = min(examples, key=lambda e: (e[0], e[1].words))
                    codes = tuple(sorted({code for each in changes for code in each.codes}))
                    spots = [spot for each in changes for spot in self._spots_of(each)]
                    now = self.standing(value)
                    places = tuple(dict.fromkeys(spots))
                    yield Change(kind, codes, now, words, 0, places), after

    def for_one(self, who: str) -> tuple[Step, ...]:
        """Changes of one participant's values until nothing readable is theirs alone."""
        return tuple(step for step, _ in self._steps(self.study, who))

    def _steps(self, study: Measured, who: str) -> Iterator[tuple[Step, Measured]]:
        """At each step the change that leaves the fewest sets for what it takes from a reader."""
        done: set[tuple[MentionType, str]] = set()
        while study.sets[who]:
            involved = {v for each in study.sets[who] for v in each} - {
                v for v in study.seen if (v.type, v.words) in done
            }
            options = [
                option
                for value in sorted(involved, key=lambda v: v.key)
                for option in self._options(study, value, who)
            ]
            if not options:
                return
            _, value, words = max(options, key=lambda option: option[0])
            seen = read(words) if words and tells(words) else None
            done.add((value.type, seen or ""))
            after = study.with_one(value, who, seen)
            own = len(study.sets[who]), len(after.sets[who])
            change = self._change(after, value, who, words)
            yield Step(who, (change,), study.measure, after.measure, own), after
            study = after

    def _options(
        self, study: Measured, value: Value, who: str
    ) -> Iterator[tuple[float, Value, str]]:
        """Forms for a value that help, the code last, and what they are worth.

        The worth is the sets that are gone for each level of exactness that is given up.
        """
        stay = [each for each in study.sets[who] if value not in each]
        own = [v for v in study.seen if who in v.holders and v != value]
        for cost, words in enumerate((*self._wider(value, who), ""), start=1):
            seen = read(words) if words and tells(words) else None
            left = len(stay)
            if seen is not None:
                same = next(
                    (v for v in study.seen if (v.type, v.words) == (value.type, seen)), None
                )
                new = replace(
                    value,
                    words=seen,
                    shows="coarse",
                    holders=frozenset({who}) | (same.holders if same else frozenset()),
                )
                left = sum(same not in each for each in stay) if same else left
                left += sum(
                    1 for _ in uniques([*(v for v in own if v != same), new], who, having=[new])
                )
            if left < len(study.sets[who]):
                yield (len(study.sets[who]) - left) / cost, value, words

    def enough(self, who: str) -> Iterator[Change]:
        """For codes that only one has: forms that others have already and that add no set."""
        study = self.study
        shared = {(each.type, each.words) for each in study.seen if each.holders - {who}}
        for value in study.values:
            if value.readable or value.holders != {who}:
                continue
            for words in self._wider(value, who):
                if (value.type, read(words)) in shared:
                    after = study.with_one(value, who, read(words))
                    if _worth(after) <= _worth(study):
                        yield self._change(after, value, who, words)
                        break

    def _wider(self, value: Value, who: str) -> Iterator[str]:
        """Bracketed forms less exact than a value is now, the most exact first."""
        language = self._language(who)
        if value.shows == "said":
            yield from suggested(value.type, self.standing(value, who), language)
            return
        mine = set(self._of(who))
        for code in value.codes:
            entity = self.by_id[code]
            if value.shows == "coarse" and mine.isdisjoint(entity.seen):
                continue
            forms = suggested(entity.type, entity.canonical, language, also=entity.aliases)
            shown = [read(each) for each in forms]
            first = shown.index(value.words) + 1 if value.words in shown else 0
            yield from forms[first:]
            return

    def _change(self, after: Measured, value: Value, who: str, words: str) -> Change:
        others: set[str] = set()
        if words and tells(words):
            for each in after.seen:
                if (each.type, each.words) == (value.type, read(words)):
                    others |= each.holders - {who}
        mine = set(self._of(who))
        spots = tuple(spot for spot in self._spots_of(value) if spot.source in mine)
        now = self.standing(value, who)
        return Change(value.type, value.codes, now, words, len(others), spots)

    def _spots_of(self, value: Value) -> tuple[Spot, ...]:
        """Where a value stands; of one that a step before has made, where it would."""
        if value.key in self.where:
            return self.where[value.key]
        codes = set(value.codes)
        before = (
            v
            for v in self.study.seen
            if v.type == value.type
            and (codes & set(v.codes) if codes else not v.codes and v.holders & value.holders)
        )
        return tuple(dict.fromkeys(spot for v in before for spot in self.where[v.key]))

    def standing(self, value: Value, who: str = "") -> str:
        """What stands in the text, or would after the steps before."""
        if value.shows == "code":
            return form(self.by_id[value.words], self._language(who), self.template)
        mine = {source.id: source for source in self.sources if source.id in self._of(who)}
        spots = [spot for spot in self.where.get(value.key, ()) if spot.source in mine]
        if value.shows == "said":
            same = (
                said.words
                for spot in spots
                for said in mine[spot.source].said
                if said.type == value.type and said_as(said.words) == value.words
            )
            return next(same, value.words)
        pattern = re.compile(rf"\[{re.escape(value.words)}(?: år| years?)?(?: old)?\]")
        texts = (mine[spot.source].turns[spot.turn] for spot in spots)
        found = next(filter(None, map(pattern.search, texts)), None)
        if found:
            return found[0]
        language = self._language(who)
        made = (
            words
            for code in value.codes
            for words in suggested(value.type, self.by_id[code].canonical, language)
            if read(words) == value.words
        )
        return next(made, f"[{value.words}]")

    def _of(self, who: str) -> list[str]:
        return [source.id for source in self.sources if not who or who in source.participants]

    def _language(self, who: str) -> str:
        mine = (s.language for s in self.sources if not who or who in s.participants)
        return next(mine, "nb")


def _worth(study: Measured) -> tuple[int, int]:
    """The less the better."""
    return study.measure.alone, study.measure.sets
