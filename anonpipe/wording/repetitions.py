"""Words said twice at once, where the second time says nothing."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from anonpipe.wording.words import ENDED, ENGLISH, Language, Unit, begins_clause

LONGEST = 4  # words
_BETWEEN = re.compile(r"[ \t\u00a0]*(?:,|…|\.{2,}|-|–|—)?[ \t\u00a0]+")
_ARTICLES = frozenset({"en", "ein"})
"""Norwegian “a” and “one”: a number only beside another number («en en null»)."""
_AGAIN = frozenset({"og", "etter", "for", "på", "i", "and", "after", "by", "to"})
"""Between the same words three times: «dag etter dag etter dag»."""
_DATE_CODES = ("[dato", "[date")
_FAR = 8  # words in which a relative clause is told by its first
_STOPPED = re.compile(r"[ \t\u00a0]+(?:-|–|—)|.*[,…]|.*\.{2}")
"""Between the two times: a sign after which words of content are said again on purpose."""


def is_repeated(text: str, units: Sequence[Unit], first: int, size: int, rules: Language) -> bool:
    """Whether `size` units from `first` are said once more at once, and without meaning."""
    both = units[first : first + 2 * size]
    run = both[:size]
    if any(a.fold != b.fold for a, b in zip(run, both[size:], strict=True)):
        return False
    gaps = [text[a.end : b.start] for a, b in pairwise(both)]
    if not all(_BETWEEN.fullmatch(gap) for gap in gaps):
        return False
    if all(unit.fold in rules.kept for unit in run):
        return False
    end = first + 2 * size
    around = [*units[max(0, first - 1) : first], *units[end : end + 1]]
    if any(_spells(unit, around, rules) for unit in run):
        return False
    following = units[end].fold if end < len(units) else ""
    if size == 1 and _may_stand_twice(text, units, first, following, gaps[0], rules):
        return False
    if size > 1 and (
        following in rules.negations  # «jeg vil, jeg vil ikke» is a change of mind
        or _goes_round(run, rules)
        or (run[0].fold in rules.verbs and _is_relative(text, units, first, rules))
    ):
        return False
    if not _STOPPED.match(gaps[size - 1]):
        return True
    # «så fin, så fin», «for han, han var ung»: meant; «jeg, jeg vet», «kan du, kan du si»: not.
    before = units[first - 1].fold if first else ""
    bound = size == 1 and before in rules.prepositions | rules.relatives | {"enn"}
    again = rules.small
    if size > 1 and run[0].fold in rules.subjects:
        again |= rules.twice  # “she had, she had made tea”: no word of its own stands twice
    return all(unit.fold in again for unit in run) and not bound


def _goes_round(run: Sequence[Unit], rules: Language) -> bool:
    """«Større og større og bedre», «dag etter dag etter dag», “face to face to talk”."""
    words = [unit.fold for unit in run]
    between = len(words) == 2 and (words[0] in _AGAIN) != (words[1] in _AGAIN)
    return between and not any(word in rules.small - _AGAIN for word in words)


def _may_stand_twice(
    text: str, units: Sequence[Unit], first: int, following: str, gap: str, rules: Language
) -> bool:
    """Whether a word may mean something each time: «det var det det var», “had had”."""
    word = units[first].fold
    begins = begins_clause(text, units, first, rules)
    if word == "så" and following in rules.subjects:
        return True  # «så så jeg ham»
    if word in ("da", "då") and first and units[first - 1].fold in ("ja", "jo", "nei"):
        return True  # «ja da, da går vi»
    if word in rules.twice or (word in rules.doubled and not begins):
        return True
    if word in rules.prepositions and not begins:
        dated = following.startswith(_DATE_CODES) and (rules is ENGLISH or word == "i")
        return following in rules.times or dated or _is_relative(text, units, first, rules)
    if word in rules.verbs:
        return "," in gap or _is_relative(text, units, first, rules)
    return False


def _is_relative(text: str, units: Sequence[Unit], index: int, rules: Language) -> bool:
    """Whether a unit may stand in a relative clause or just behind one."""
    return any(unit.fold in rules.relatives for unit in _sentence_before(text, units, index))


def _sentence_before(text: str, units: Sequence[Unit], index: int) -> Sequence[Unit]:
    """The last few units of the sentence before one."""
    at = index
    while at and index - at < _FAR and not ENDED.search(text[units[at - 1].end : units[at].start]):
        at -= 1
    return units[at:index]


def _spells(unit: Unit, around: Sequence[Unit], rules: Language) -> bool:
    """Whether a unit may be part of something spelled or counted, where a repeat has meaning."""
    if unit.text.startswith("["):
        return False
    if unit.fold in _ARTICLES:
        return any(other.fold in rules.numbers for other in around)
    if unit.fold in rules.numbers or any(character.isdigit() for character in unit.text):
        return True
    return len(unit.text) == 1 and unit.fold not in rules.small
