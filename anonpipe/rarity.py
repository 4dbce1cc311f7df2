"""Rare combinations: what in the finished transcripts may point to one participant, by code.

Names are codes by then. What is left that may tell who somebody is are quasi-identifiers: an
age, an occupation, a place, a workplace, a date, a faith. A value of one is, in this measure,
what a reader of the outputs sees of it: its generalised words («[45–49 år]») if it was
generalised, else its code. A participant *has* the values that stand in their own sources.

- *rare values*: those that only one participant has, all of a participant's together;
- *rare combinations*: two or three values of different types that others have too, but nobody
  else together, and of which no part would do alone. These are the minimal sample uniques of
  the statistical disclosure literature (SUDA: Elliot, Manning and Ford, 2002), up to size three;
- *links*: codes of any type that stand in the sources of several participants, and so show that
  these speak of the same person, place or thing;
- *small group*: five participants or fewer (`SMALL`).

What the measure does not see: things that the study keeps readable (`keep`), which have no code,
unless they are given with the text; what nobody recognised as identifying, such as a rare event
or a way of speaking; whose value it is (a participant may speak of somebody else's age, which
makes the measure too strict); and what a reader knows from elsewhere, such as how many people in
the country have that occupation. A value that is a code alone tells a reader its type and no more.
It is a list to be judged by a person, and never a proof.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import combinations
from typing import Any, Literal

from anonpipe.codes import DEFAULT_TEMPLATE, Entity, code_spans
from anonpipe.codes.generalise import DATES, NOTHING, generalise, levels
from anonpipe.transcript import MentionType

SMALL = 5
"""Participants in a group that is small, at most."""
LARGEST = 3
"""Values in a combination that is looked for, at most; more would drown the list."""
QUASI: frozenset[MentionType] = frozenset({"AGE", "OCCUPATION", "LOCATION", "ORG", "DATE", "OTHER"})
"""Types of mention that may identify together with others."""
# What may stand behind an age in the text, and is then not repeated in its generalisation.
_UNITS = ("", " år", " years")
_UNIT = re.compile(r" (?:år|years?)(?: old)?$")


Shows = Literal["code", "coarse", "said"]  # in the order of the alphabet: what tells more is last
"""What a reader sees of a value: its code, something less exact, or the words that were said."""


@dataclass(frozen=True, slots=True)
class Text:
    """The coded text of one source, and whose it is.

    `generalised` are ids and bracketed words of what stands in it generalised, where the raw
    transcript tells that; None: it follows from the key. `said` are types and words of what can
    be read in it as it was said, though it may identify.
    """

    source: str
    participants: tuple[str, ...]
    language: str
    text: str
    generalised: tuple[tuple[str, str], ...] | None = None
    said: tuple[tuple[MentionType, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Value:
    """Something that participants have: what a reader sees of it, and who has it.

    `codes` are the ids of what it stands for; none for what was left as it was said. `shows` is the
    most that a reader sees of it anywhere.
    """

    words: str
    type: MentionType
    shows: Shows
    codes: tuple[str, ...]
    holders: frozenset[str]

    @property
    def key(self) -> tuple[MentionType, str, Shows]:
        """What tells it from others, whoever has it."""
        return self.type, self.words, self.shows

    @property
    def readable(self) -> bool:
        """Whether a reader sees more of it than its type."""
        return self.shows != "code"


@dataclass(frozen=True, slots=True, order=True)
class Rare:
    """Codes that together stand in the sources of one participant only.

    `alone`: each does so by itself; else only all of them together do. `readable`: at least one
    is generalised rather than coded, so that a reader sees something of the value.
    """

    participant: str
    codes: tuple[str, ...]
    alone: bool
    readable: bool


@dataclass(frozen=True, slots=True, order=True)
class Link:
    """A code that stands in the sources of several participants."""

    code: str
    participants: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Findings:
    """What was found; codes and counts only. `kept` are the types that stay readable."""

    participants: tuple[str, ...]
    rare: tuple[Rare, ...]
    links: tuple[Link, ...]
    kept: tuple[MentionType, ...]

    @property
    def is_small(self) -> bool:
        """Whether the group is so small that whoever knows of it may guess."""
        return 0 < len(self.participants) <= SMALL

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        return asdict(self) | {"small_group": self.is_small}


def find(
    entities: Iterable[Entity],
    texts: Sequence[Text],
    *,
    template: str = DEFAULT_TEMPLATE,
    kept: Iterable[MentionType] = (),
) -> Findings:
    """What in the coded texts of a study may point to one participant. Pure."""
    participants = _participants(texts)
    entities = tuple(entities)
    found = values(entities, texts, template=template)
    return Findings(
        participants,
        tuple(rare for who in participants for rare in _rare(found, who)),
        _links(entities, texts, participants, template),
        tuple(sorted(kept)),
    )


def values(
    entities: Iterable[Entity], texts: Sequence[Text], *, template: str = DEFAULT_TEMPLATE
) -> tuple[Value, ...]:
    """All values that stand in the coded texts, by type and words. Pure."""
    by_id = _by_id(entities)
    participants = _participants(texts)
    # Less exact words that somebody else said just so («2011») are one value.
    found: dict[tuple[MentionType, str, bool], tuple[set[str], set[str], set[Shows]]] = {}

    def add(kind: MentionType, words: str, shows: Shows, text: Text, codes: set[str]) -> None:
        key = kind, words, shows == "code"
        ids, holders, ways = found.setdefault(key, (set(), set(), set()))
        ids |= codes
        holders.update(text.participants)
        ways.add(shows)

    for text in texts:
        for code in _codes_in(text, by_id, participants, template):
            if code in by_id and by_id[code].type in QUASI:
                add(by_id[code].type, code, "code", text, {code})
        for code, words in _generalised(text, by_id):
            add(by_id[code].type, words, "coarse", text, {code})
        for kind, words in text.said:
            if kind in QUASI:
                add(kind, said_as(words), "said", text, set())
    return tuple(
        Value(words, kind, max(ways), tuple(sorted(codes)), frozenset(holders))
        for (kind, words, _), (codes, holders, ways) in sorted(found.items())
    )


def read(words: str) -> str:
    """A bracketed generalisation as a value: one band is one, wherever its unit stands."""
    return _UNIT.sub("", words[1:-1])


def said_as(words: str) -> str:
    """What was left as it was said, as a value: however it is set and capitalised."""
    return " ".join(words.split()).lower()


def tells(words: str) -> bool:
    """Whether a bracketed generalisation tells something that may point to somebody."""
    return words[1:-1] not in NOTHING


def uniques(
    found: Iterable[Value], participant: str, *, having: Collection[Value] | None = None
) -> Iterator[tuple[Value, ...]]:
    """The minimal sets of values that only one participant has, the smallest first.

    Values of a set differ in type, and a set has `LARGEST` of them at most. `having` limits
    them to sets that hold one of these.
    """
    own = [value for value in found if participant in value.holders]
    yield from ((v,) for v in own if len(v.holders) == 1 and (having is None or v in having))
    shared = [value for value in own if len(value.holders) > 1]
    first = len(shared)  # at least one of a set is among so many
    if having is not None:
        first = sum(value in having for value in shared)
        shared.sort(key=lambda value: value not in having)
    # Holders as bits: there are many sets of three.
    bit = {who: 1 << n for n, who in enumerate({w for value in shared for w in value.holders})}
    holders = [sum(bit[who] for who in value.holders) for value in shared]
    alone = bit.get(participant, 0)
    open_: list[dict[int, int]] = [{} for _ in shared]
    for i, j in combinations(range(len(shared)), 2):
        if shared[i].type != shared[j].type:
            both = holders[i] & holders[j]
            if both != alone:
                open_[i][j] = both
            elif i < first:
                yield shared[i], shared[j]
    for i in range(first):
        for j, both in open_[i].items():
            for k in open_[i].keys() & open_[j].keys():
                if both & holders[k] == alone:
                    yield shared[i], shared[j], shared[k]


def _by_id(entities: Iterable[Entity]) -> dict[str, Entity]:
    return {entity.id: entity for entity in entities if not entity.is_placeholder}


def _participants(texts: Iterable[Text]) -> tuple[str, ...]:
    return tuple(sorted({code for text in texts for code in text.participants}))


def _links(
    entities: Iterable[Entity], texts: Iterable[Text], participants: tuple[str, ...], template: str
) -> tuple[Link, ...]:
    by_id = _by_id(entities)
    linked: dict[str, set[str]] = {}
    for text in texts:
        for code in _codes_in(text, by_id, participants, template):
            linked.setdefault(code, set()).update(text.participants, {code} & {*participants})
    return tuple(
        Link(code, tuple(sorted(who))) for code, who in sorted(linked.items()) if len(who) > 1
    )


def _codes_in(
    text: Text, by_id: Mapping[str, Entity], participants: Iterable[str], template: str
) -> list[str]:
    """Codes of the key that stand in a text: numbered ones, and those of participants."""
    numbered = {code for _, _, code in code_spans(text.text, template) if code in by_id}
    words = frozenset("".join(c if c.isalnum() else " " for c in text.text).split())
    return sorted(numbered | (words & frozenset(participants)))


def _generalised(text: Text, by_id: Mapping[str, Entity]) -> Iterator[tuple[str, str]]:
    """(code, words) of what stands generalised in a text.

    Without its raw transcript nothing tells any more what was generalised, but the key knows what
    was seen in the source, and the words follow from that. What tells nothing but a type
    («[yrke]») is no value.
    """
    standing = text.generalised
    if standing is None:
        standing = tuple(
            (entity.id, words)
            for entity in by_id.values()
            if entity.type in QUASI and text.source in entity.seen
            for form in dict.fromkeys((entity.canonical, *entity.aliases))
            for words in _words(entity.type, form, text.language)
            if words in text.text
        )
    for code, words in standing:
        if code in by_id and by_id[code].type in QUASI and tells(words):
            yield code, read(words)


def _words(kind: MentionType, form: str, language: str) -> set[str]:
    found: set[str | None] = {
        generalise(kind, form, language, dates=dates)
        for dates in (DATES if kind == "DATE" else DATES[:1])
    }
    for after in _UNITS if kind == "AGE" else ("",):
        found |= {*levels(kind, form, language, after=after)}
    return {words for words in found if words}


def _rare(found: Iterable[Value], participant: str) -> Iterator[Rare]:
    """What only one participant has: all single values of theirs together, then combinations."""
    sets = list(uniques(found, participant))
    alone = [values[0] for values in sets if len(values) == 1]
    if alone:
        yield _told(participant, alone, alone=True)
    for values in sets:
        if len(values) > 1:
            yield _told(participant, values, alone=False)


def _told(participant: str, together: Sequence[Value], *, alone: bool) -> Rare:
    codes = {code for value in together for code in value.codes}
    readable = any(value.readable for value in together)
    return Rare(participant, tuple(sorted(codes)), alone, readable)
