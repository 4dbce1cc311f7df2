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

What the measure does not see: things that the study keeps readable (`keep`), which have no code
and are only counted by type; what nobody recognised as identifying, such as a rare event or a way
of speaking; whose value it is (a participant may speak of somebody else's age, which makes the
measure too strict); and what a reader knows from elsewhere, such as how many people in the
country have that occupation. A value that is a code alone tells a reader its type and no more.
It is a list to be judged by a person, and never a proof.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import combinations
from typing import Any

from anonpipe.codes import DEFAULT_TEMPLATE, Entity, code_spans
from anonpipe.codes.generalise import DATES, generalise
from anonpipe.codes.generalise.kinds import bare_label
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


@dataclass(frozen=True, slots=True)
class Text:
    """The coded text of one finished source, and whose it is."""

    source: str
    participants: tuple[str, ...]
    language: str
    text: str


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
    participants = tuple(sorted({code for text in texts for code in text.participants}))
    by_id = {entity.id: entity for entity in entities if not entity.is_placeholder}
    holders: dict[str, set[str]] = {}  # value -> who has it
    codes: dict[str, set[str]] = {}  # value -> codes that stand for it
    types: dict[str, MentionType] = {}
    linked: dict[str, set[str]] = {}
    readable: set[str] = set()
    for text in texts:
        standing = _codes_in(text, by_id, participants, template)
        for code in standing:
            linked.setdefault(code, set()).update(text.participants, {code} & {*participants})
        shown = {code: code for code in standing if code in by_id and by_id[code].type in QUASI}
        for code, words in _generalised(text, by_id.values()):
            shown[words] = code
            readable.add(words)
        for value, code in shown.items():
            holders.setdefault(value, set()).update(text.participants)
            codes.setdefault(value, set()).add(code)
            types[value] = by_id[code].type
    return Findings(
        participants,
        tuple(_rare(holders, types, codes, readable, participants)),
        tuple(
            Link(code, tuple(sorted(who))) for code, who in sorted(linked.items()) if len(who) > 1
        ),
        tuple(sorted(kept)),
    )


def _codes_in(
    text: Text, by_id: Mapping[str, Entity], participants: Iterable[str], template: str
) -> list[str]:
    """Codes of the key that stand in a text: numbered ones, and those of participants."""
    numbered = {code for _, _, code in code_spans(text.text, template) if code in by_id}
    words = frozenset("".join(c if c.isalnum() else " " for c in text.text).split())
    return sorted(numbered | (words & frozenset(participants)))


def _generalised(text: Text, entities: Iterable[Entity]) -> Iterator[tuple[str, str]]:
    """(code, words) of what stands generalised in a text.

    Nothing tells any more what was generalised once the raw transcript is gone, but the key
    knows what was seen in the source, and the words follow from that. A type's bare name
    («[yrke]») tells nothing and is no value.
    """
    for entity in entities:
        if entity.type not in QUASI or text.source not in entity.seen:
            continue
        for form in dict.fromkeys((entity.canonical, *entity.aliases)):
            for words in _words(entity.type, form, text.language):
                if words in text.text:
                    # One band is one value, whether its unit stands inside or outside.
                    yield entity.id, _UNIT.sub("", words[1:-1])


def _words(kind: MentionType, form: str, language: str) -> set[str]:
    found = {
        generalise(kind, form, language, after=after, dates=dates)
        for after in (_UNITS if kind == "AGE" else ("",))
        for dates in (DATES if kind == "DATE" else DATES[:1])
    }
    return {words for words in found if words and words != f"[{bare_label(kind, language)}]"}


def _rare(
    holders: Mapping[str, set[str]],
    types: Mapping[str, MentionType],
    codes: Mapping[str, set[str]],
    readable: set[str],
    participants: Iterable[str],
) -> Iterator[Rare]:
    for participant in participants:
        own = {value for value, who in holders.items() if who == {participant}}
        if own:
            yield _found(participant, own, codes, readable, alone=True)
        shared = sorted(v for v, who in holders.items() if participant in who and len(who) > 1)
        minimal: list[frozenset[str]] = []
        for size in range(2, LARGEST + 1):
            for chosen in combinations(shared, size):
                together = frozenset(chosen)
                of_one_type = len({types[value] for value in chosen}) < size
                if of_one_type or any(part <= together for part in minimal):
                    continue
                if set.intersection(*(holders[value] for value in chosen)) == {participant}:
                    minimal.append(together)
                    yield _found(participant, together, codes, readable, alone=False)


def _found(
    participant: str,
    values: Iterable[str],
    codes: Mapping[str, set[str]],
    readable: set[str],
    *,
    alone: bool,
) -> Rare:
    chosen = set(values)
    return Rare(
        participant,
        tuple(sorted({code for value in chosen for code in codes[value]})),
        alone,
        bool(chosen & readable),
    )
