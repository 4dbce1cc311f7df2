"""Words that sound like somebody or something of the study, heard or written as another word.

Detection takes a word for a misheard name only if no dictionary has it. Here a person decides, so
that also words which the recogniser was unsure of, and two that may be one name, are compared.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence

from rapidfuzz.distance import OSA

from anonpipe.codes.naming import parse_name
from anonpipe.detect.alike import SHORTEST, skeleton
from anonpipe.detect.contexts import contexts
from anonpipe.detect.lexicon import load_lexicon
from anonpipe.review.questions.reading import UNSURE, Heard, Reading, Told
from anonpipe.review.questions.spots import Case, Spot
from anonpipe.review.questions.weights import readable

_VERY_UNSURE = 0.3
"""Probability below which even a common word is compared."""
_ONE_EDIT, _TWO_EDITS = 4, 8
"""Letters of a sound from which it may differ by one and by two."""
_SUSPECTED = {True: 0.5, False: -1.5}
"""Suspicion of words that sound like a name, whether or not the recogniser was unsure."""
_VOWELS = frozenset("aeiou")
_BLANK = re.compile(r"[ \u00a0]|-")


def unsure(case: Case) -> Iterator[Spot]:
    """The places that sound like a name of the key and are no mention."""
    owners = _owners(case)
    names = tuple(sorted(owners))
    reading = case.reading
    if names not in reading.heard:
        reading.heard[names] = tuple(_heard(reading, names))
    for first, last, name in reading.heard[names]:
        one, other = reading.told[first], reading.told[last]
        if case.cover.any(one.turn, one.start, other.end):
            continue
        entity = case.entities[owners[name]]
        heard_ill = min(one.probability, other.probability) < UNSURE
        yield Spot(
            one.turn, one.start, other.end, "unsure-name",
            readable(entity.type, _SUSPECTED[heard_ill]),
            entity.type, entity.id, entity.canonical,
        )  # fmt: skip


def _owners(case: Case) -> dict[str, str]:
    """The words of the key's names that may be misheard, and whose they are."""
    lexicon = load_lexicon(case.reading.language)
    function = contexts(case.reading.language).function
    owners: dict[str, str] = {}
    for entity in case.entities.values():
        if entity.type not in ("PERSON", "ORG", "LOCATION") or entity.is_placeholder:
            continue
        person = entity.type == "PERSON"
        words = parse_name(entity.canonical, person=person).words
        for word in words if person else words[:1]:
            if len(word) >= SHORTEST and word not in lexicon.common and word not in function:
                owners.setdefault(word, entity.id)
    return owners


def _heard(reading: Reading, names: Sequence[str]) -> Iterator[Heard]:
    by_sound: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for name in names:
        sound = skeleton(name)
        if sound:
            by_sound[_first(sound)].append((sound, name))
    alike: dict[str, str] = {}

    def sounds_like(form: str) -> str:
        if form not in alike:
            alike[form] = _nearest(form, by_sound)
        return alike[form]

    for n, one in enumerate(reading.told):
        if _worth(one) and (name := sounds_like(one.form)):
            yield n, n, name
        other = reading.told[n + 1] if n + 1 < len(reading.told) else None
        if other is not None and _as_one(reading, one, other):
            name = sounds_like(one.form + other.form)
            if name and len(name) > max(len(one.form), len(other.form)) + 1:
                yield n, n + 1, name


def _worth(one: Told) -> bool:
    """Whether a word may be a name that was misheard."""
    if not one.is_word or len(one.form) < SHORTEST or "never" in one.clues:
        return False
    if one.probability < _VERY_UNSURE:
        return True
    plain = bool({"core", "common"}.intersection(one.clues))
    other_name = bool({"first", "last", "place"}.intersection(one.clues))
    return not plain and ("strange" in one.clues or one.probability < UNSURE) and not other_name


def _as_one(reading: Reading, one: Told, other: Told) -> bool:
    """Whether two words may be one name heard in two: both doubtful, and side by side."""
    if one.turn != other.turn or not (one.is_word and other.is_word):
        return False
    between = reading.transcript.turns[one.turn].text[one.end : other.start]
    if _BLANK.fullmatch(between) is None:
        return False
    doubted = [each.probability < UNSURE or "strange" in each.clues for each in (one, other)]
    return all(doubted) and min(len(one.form), len(other.form)) > 1


def _first(sound: str) -> str:
    return "a" if sound[0] in _VOWELS else sound[0]


def _nearest(form: str, by_sound: dict[str, list[tuple[str, str]]]) -> str:
    """The name that a word sounds most like; "" if it sounds like none, or is one."""
    sound = skeleton(form)
    if not sound:
        return ""
    best = (9, "")
    for other, name in by_sound.get(_first(sound), ()):
        if name == form:
            return ""
        shorter = min(len(sound), len(other))
        limit = 2 if shorter >= _TWO_EDITS else 1 if shorter >= _ONE_EDIT else 0
        distance = OSA.distance(sound, other, score_cutoff=limit)
        if distance <= limit:
            best = min(best, (distance, name))
    return best[1]
