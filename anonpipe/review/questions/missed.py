"""Words that look like an identifier and are no mention: what detection may have missed.

Most of them the network nearly took for a mention. Others have the marks of a name (`weights`),
are words that somebody in the interview is called («Odd», “Grace”), or hold the remains of a
number or an address that was said or heard in pieces.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from anonpipe.codes.naming import parse_name
from anonpipe.detect.doubts import GENERAL, NATIONAL_DAY
from anonpipe.review.interview import Why
from anonpipe.review.questions.reading import UNSURE, Told
from anonpipe.review.questions.spots import Case, Spot
from anonpipe.review.questions.weights import KEPT, LEAST, readable
from anonpipe.transcript import MentionType

_BRIDGE = re.compile(r"[ \u00a0]?|-|['’]")
"""What may stand between two words of one name."""
_AFTER_FIGURE = re.compile(r"[.,]? ?")
_WORD = re.compile(r"[^\W_]+")
_INDIRECT: frozenset[MentionType] = frozenset({"AGE", "DATE", "OCCUPATION"})
_PARTED: frozenset[MentionType] = frozenset(
    {"ADDRESS", "URL", "EMAIL", "PHONE", "VEHICLE", "NATIONAL_ID", "ACCOUNT", "OTHER"}
)
"""Types that are heard in pieces, so that what follows may belong to them."""
_GOES_ON = 2.0
_NAMED, _NAMED_PLAINLY, _HARDLY = -3.0, -4.3, -4.9
"""Suspicion of a word that is part of a person's name elsewhere: as a name, not, or a word."""
_AS_NAME = frozenset({"capital", "introduced", "titled", "verb-after", "supported", "called"})
_UNHEARD = 1.2
"""What it adds that the recogniser was unsure of a word that may be a name."""
_MAY_NAME = frozenset({"strange", "first", "last", "place", "first-word", "last-word", "capital"})
_MOST_WORDS = 8
_REMAINS = -1.0
_DETAIL = 0.06

_WEEKDAYS = frozenset(
    [
        "monday",
        "tuesday",
        "wednesday",
        "thursday",
        "friday",
        "saturday",
        "sunday",
        "mandag",
        "tirsdag",
        "onsdag",
        "torsdag",
        "fredag",
        "lørdag",
        "søndag",
        "måndag",
        "tysdag",
        "laurdag",
        "sundag",
    ]
)
"""Capitals that are none of a name; no one is called so."""


def missed(case: Case) -> Iterator[Spot]:
    """The places, neighbouring words as one."""
    named = _names_of_people(case)
    run: list[tuple[Told, float]] = []
    for each, suspected in _suspects(case, named):
        if run and not _joins(case, run[-1][0], each, len(run)):
            yield from _spot(case, run, named)
            run = []
        run.append((each, suspected))
    if run:
        yield from _spot(case, run, named)
    for turn, start, end, remain in case.reading.remains:
        if not case.cover.any(turn, start, end):
            yield Spot(turn, start, end, "missed-name", readable(remain, _REMAINS), remain)
    for turn, start, end in case.reading.details:
        shown = case.text(turn)[start : case.cover.open_until(turn, start, end)].rstrip()
        if shown:
            yield Spot(turn, start, start + len(shown), "indirect", _DETAIL)


def _suspects(case: Case, named: Mapping[str, str | None]) -> Iterator[tuple[Told, float]]:
    """Words that no mention covers, and how much speaks for each."""
    for each in case.reading.told:
        name = _name_in(each, named)
        if each.suspected < LEAST - _GOES_ON and not name:
            continue
        if "other-script" in each.clues or case.cover.whole(each.turn, each.start, each.end):
            continue  # the former are one stretch of trouble
        suspected = each.suspected
        if each.chance and _goes_on(case, each):
            suspected += _GOES_ON
        if each.probability < UNSURE and _MAY_NAME.intersection(each.clues):
            suspected += _UNHEARD
        if name:
            suspected = max(suspected, _as_named(each))
        if suspected >= LEAST:
            yield each, suspected


def _name_in(each: Told, named: Mapping[str, str | None]) -> str:
    """The word of a person's name that a word is, also in the genitive; "" if it is none."""
    if not each.is_word:
        return ""
    if each.form in named:
        return each.form
    stem = each.form.removesuffix("s")
    return stem if stem in named and len(stem) > 2 else ""


def _goes_on(case: Case, each: Told) -> bool:
    """Whether a word may be the rest of a mention before it: the number of a house."""
    before = case.cover.ending(each.turn, each.start - 1)
    if before is None or "core" in each.clues:
        return False
    return before.type in _PARTED or (before.type == "LOCATION" and not each.is_word)


def _as_named(each: Told) -> float:
    """Suspicion of a word that somebody is called in this interview."""
    said_so = bool(_AS_NAME.intersection(each.clues))
    if "core" in each.clues or "never" in each.clues:
        return _NAMED_PLAINLY if "capital" in each.clues else _HARDLY if said_so else LEAST - 1
    if "blocked" in each.clues:
        return _NAMED if "capital" in each.clues else _HARDLY
    return _NAMED if said_so else _NAMED_PLAINLY


def _names_of_people(case: Case) -> dict[str, str | None]:
    """The words of the names that people have in this source, and whose they are."""
    named: dict[str, str | None] = {}
    for mention in case.mentions:
        if mention.type == "PERSON":
            for word in parse_name(mention.text, person=True).words:
                if len(word) > 1:
                    named.setdefault(word, mention.entity)
    return named


def _joins(case: Case, last: Told, each: Told, length: int) -> bool:
    if each.turn != last.turn or length >= _MOST_WORDS:
        return False
    between = case.text(each.turn)[last.end : each.start]
    bridge = _BRIDGE if last.is_word else _AFTER_FIGURE
    return bridge.fullmatch(between) is not None


def _says_nothing(case: Case, run: Sequence[tuple[Told, float]], kind: MentionType) -> bool:
    """Whether words that the network would like to have point nowhere: “the” before a firm that is
    a mention, a day or a month that comes round every year.
    """
    first, last = run[0][0], run[-1][0]
    text = case.text(first.turn)[first.start : last.end]
    words = {word.lower() for word in _WORD.findall(text)}
    if words and words <= _WEEKDAYS:
        return True
    if kind == "DATE":
        return words <= GENERAL or NATIONAL_DAY.fullmatch(text) is not None
    return (
        kind in ("ORG", "LOCATION")
        and all("core" in told.clues and "capital" not in told.clues for told, _ in run)
        and case.cover.beside(first.turn, first.start, last.end)
    )


def _spot(
    case: Case, run: Sequence[tuple[Told, float]], named: Mapping[str, str | None]
) -> Iterator[Spot]:
    best, suspected = max(run, key=lambda pair: pair[1])
    kind: MentionType = best.type or ("AGE" if not best.is_word else "PERSON")
    entity = None
    name = _name_in(best, named)
    if name and _as_named(best) >= LEAST:
        kind, entity = "PERSON", named[name]
    why: Why = "indirect" if kind in _INDIRECT else "missed-name"
    if any(told.probability < UNSURE and told.is_word for told, _ in run) and why != "indirect":
        why = "unsure-name"
    weight = readable(kind, suspected)
    if case.policies.of(kind) == "keep":
        weight *= KEPT
    first, last = run[0][0], run[-1][0]
    if _says_nothing(case, run, kind):
        return
    row = case.entities.get(entity or "")
    yield Spot(
        first.turn, first.start, last.end, why, weight, kind, entity,
        row.canonical if row is not None else "",
    )  # fmt: skip
