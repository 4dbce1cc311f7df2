"""What is left in the coded texts that could single somebody out, and what would change that.

The measure is `rarity`'s: values that participants have, and the smallest sets of them that one
participant alone has. Here only what a reader can see counts as a risk: something less exact than
what was said («[45–49 år]»), or the words themselves, where a policy keeps them, a person rejected
the mention, or nobody marked them. A code that only one has is told apart from that: it shows a
reader that there is a place or a workplace, and no more.

A suggestion is worked out: it says how many participants would still stand alone, and with how
many sets, if it were followed with those before it. Nothing here sees the population. That a value
is shared by three of the study says nothing about how many in a village share it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import islice
from typing import Literal

from anonpipe.codes import DEFAULT_TEMPLATE, Entity, form
from anonpipe.detect.recognizers import families
from anonpipe.detect.recognizers.occupation import EN_PERSON, NO_PERSON
from anonpipe.detect.recognizers.rule import find_all
from anonpipe.detect.spans import resolve
from anonpipe.errors import UsageError
from anonpipe.rarity import (
    QUASI,
    SMALL,
    Link,
    Shows,
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
MOST_STEPS = 12
"""Steps for the study, at most; the page of a participant has all of theirs."""
_Key = tuple[MentionType, str, Shows]
_SHOWN = frozenset({Stage.WRITTEN, Stage.FINAL, Stage.SWEEPING})
_ASKS = re.compile(r"(?:interv|forsker|forskar|research)", re.IGNORECASE)
WIDER = 2
"""Steps by which a whole type is tried less exact."""
PAYS = 2
"""Sets that must go for a whole type to be less exact, if nobody is helped entirely."""


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
    spots: Mapping[_Key, tuple[Spot, ...]] = field(repr=False, default_factory=dict)
    stands: Mapping[_Key, str] = field(repr=False, default_factory=dict)
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


_NO_OWN = re.compile(
    r"(?i:\b(?:jeg|eg|æ|ek|e)\b(?! at\b)[^.!?]{0,30}?"
    r"\b(?:er|e|æ|var|va|ble|blei|vart|jobber|jobbar|jobba|jobbet|arbeider|arbeidde|arbeidet|"
    r"utdannet|utdanna|begynte som|starta som)\b[^.!?,]{0,40}?)"
    rf"(?<![\w-])(?<!på )(?P<x>{NO_PERSON})(?![\w-])"
)
_EN_OWN = re.compile(
    r"\bI(?:'m|’m| am| was| became| work(?:ed)? as| train(?:ed)? as|['’]ve been| have been)\b"
    r"[^.!?,]{0,40}?(?<![\w-])"
    r"(?P<x>(?:(?!(?:a|an|the|as|my|just|now|still|only|and|or|is|was|been)\b)[a-z]+[ -])?"
    rf"(?i:{EN_PERSON}))(?![\w-])"
)


def own_roles(turns: Sequence[tuple[str, str]], language: str) -> tuple[Said, ...]:
    """What people say that they are or work as («jeg er sykepleier»), outside brackets.

    Detection leaves a plain occupation, as it points to thousands; beside an age and a place it
    may point to one. `turns` are speakers and texts; what an interviewer says is left out.
    """
    pattern = _NO_OWN if language in {"nb", "nn"} else _EN_OWN
    return tuple(
        Said("OCCUPATION", match["x"], "left", number)
        for number, (speaker, text) in enumerate(turns)
        if not _ASKS.match(speaker)
        for match in pattern.finditer(text)
        if not _bracketed(text, match.start("x"), match.end("x"))
    )


def source(desk: Desk, name: str) -> Source:
    """A source at a desk as it would be written with all decisions; of one whose raw transcript is
    gone, what its outputs say. Raises UsageError for one that may not be seen.
    """
    seen = desk.interview(name)
    settings = desk.study.settings
    language = seen.transcript.language
    turns = [turn.text for turn in seen.transcript.turns]
    speakers = [turn.speaker for turn in seen.transcript.turns]
    if not seen.raw:
        rejects_all = {d.text: d.type or "OTHER" for d in seen.decisions if d.kind == "reject"}
        said = readable(turns, language, kept=settings.policies.keeps, rejected=rejects_all)
        said = _together(said, own_roles(tuple(zip(speakers, turns, strict=True)), language))
        return Source(name, seen.participants, language, tuple(turns), said)
    pieces: dict[int, list[Piece]] = {}
    for mark in seen.marks:
        m = mark.mention
        pieces.setdefault(m.turn, []).append(Piece(m.start, m.end, m.generalised or mark.code))
    mentions = [mark.mention for mark in seen.marks]
    coded = tuple(splice(text, pieces.get(number, ())) for number, text in enumerate(turns))
    said = _together(
        uncovered(desk.found(name), mentions, rejects(seen.decisions, name)),
        own_roles(tuple(zip(speakers, coded, strict=True)), language),
    )
    generalised = {(m.entity, m.generalised) for m in mentions if m.entity and m.generalised}
    return Source(
        name,
        seen.participants,
        language,
        coded,
        said,
        tuple(sorted((entity, words) for entity, words in generalised if entity and words)),
    )


def _together(said: Sequence[Said], roles: Iterable[Said]) -> tuple[Said, ...]:
    """What is readable, with roles that are no part of it."""
    own = (
        role
        for role in roles
        if not any(role.turn == each.turn and role.words in each.words for each in said)
    )
    return tuple(dict.fromkeys((*said, *own)))


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
    by_id = {entity.id: entity for entity in known}
    texts = [source.text for source in sources]
    found = values(known, texts, template=template)
    findings = find(known, texts, template=template, kept=kept)
    study = _Study(found, findings.participants)
    where = _spots(found, sources, by_id, template)
    adviser = _Adviser(study, by_id, sources, where, template)
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


def _person(study: _Study, adviser: _Adviser, sources: Sequence[Source], who: str) -> Person:
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


class _Study:
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

    def with_all(self, changes: Mapping[Value, str | None]) -> _Study:
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

    def with_one(self, value: Value, who: str, words: str | None) -> _Study:
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
    ) -> _Study:
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
        return _Study((*new, *hidden), self.participants, sets)


def _add(merged: dict[tuple[MentionType, str], Value], value: Value) -> None:
    """Put a value in, together with one that looks the same to a reader."""
    key = value.type, value.words
    there = merged.get(key)
    if there is not None:
        codes = tuple(sorted({*there.codes, *value.codes}))
        value = replace(value, codes=codes, holders=value.holders | there.holders)
    merged[key] = value


# -- where


def _spots(
    found: Iterable[Value],
    sources: Sequence[Source],
    by_id: Mapping[str, Entity],
    template: str,
) -> dict[_Key, tuple[Spot, ...]]:
    """The turns in which a reader meets each value, in order."""
    spots: dict[_Key, tuple[Spot, ...]] = {}
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


# -- what would change it


class _Adviser:
    """Looks for changes that help, and works out what they would do."""

    def __init__(
        self,
        study: _Study,
        by_id: Mapping[str, Entity],
        sources: Sequence[Source],
        where: Mapping[_Key, tuple[Spot, ...]],
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

    def _types(self, study: _Study) -> Iterator[tuple[Change, _Study]]:
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

    def _steps(self, study: _Study, who: str) -> Iterator[tuple[Step, _Study]]:
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

    def _options(self, study: _Study, value: Value, who: str) -> Iterator[tuple[float, Value, str]]:
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

    def _change(self, after: _Study, value: Value, who: str, words: str) -> Change:
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


def _worth(study: _Study) -> tuple[int, int]:
    """The less the better."""
    return study.measure.alone, study.measure.sets
