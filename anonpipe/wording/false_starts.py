"""False starts: what a speaker broke off and began again, by rules that are sure.

    komm- kommunen               a word cut off, and then said
    til komm- til kommunen       with the words before it
    jeg gikk- jeg dro hjem       a clause cut off after its subject, which is said again
    det var, det er fint         a form of «to be» taken back for another

A cut is a hyphen at the end of a word («barne- og ungdomsarbeid» has one, too, but says no
word again). What is without such a sign stays, and so does what holds a code, a number or a
negation, or is denied afterwards: it may be what the speaker means. In English “I was, I am a
nurse” may answer a question, so that the last rule needs a conjunction before it there.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from anonpipe.wording.words import BLANK, ENDED, ENGLISH, Language, Unit, begins_clause

LONGEST = 4  # words with which a cut word is begun again
_CLAUSE = 3  # words of a clause that was cut off
_CUT = re.compile(r"-[ \t\u00a0]+")
_COMMA = re.compile(r",[ \t\u00a0]+")
_JOINED = frozenset({"og", "eller", "men", "and", "or", "but", "det", "til", "samt", "to"})
"""Words after which what came before a comma or a hyphen is not taken back."""


@dataclass(frozen=True, slots=True)
class FalseStart:
    """The units from `first` up to `restart` go."""

    first: int
    restart: int


def false_start(
    text: str, units: Sequence[Unit], restart: int, rules: Language
) -> FalseStart | None:
    """What was broken off just before a unit and begins again with it."""
    gap = text[units[restart - 1].end : units[restart].start]
    if _CUT.fullmatch(gap):
        return _cut_word(text, units, restart, rules) or _cut_clause(text, units, restart, rules)
    if _COMMA.fullmatch(gap):
        return _taken_back(text, units, restart, rules)
    return None


def _cut_word(text: str, units: Sequence[Unit], restart: int, rules: Language) -> FalseStart | None:
    cut = units[restart - 1]
    for size in range(1, LONGEST + 1):
        first, end = restart - size, restart + size
        if first < 0 or end > len(units) or not _plain(units[first:restart], rules):
            return None
        run, again = units[first:restart], units[restart:end]
        word = again[-1]
        if (
            len(word.fold) > len(cut.fold)
            and word.fold.startswith(cut.fold)
            and word.fold.isalpha()
            and cut.fold not in rules.kept
            and all(a.fold == b.fold for a, b in zip(run[:-1], again[:-1], strict=True))
            and _in_one(text, run)
            and _in_one(text, again)
        ):
            return FalseStart(first, restart)
    return None


def _cut_clause(
    text: str, units: Sequence[Unit], restart: int, rules: Language
) -> FalseStart | None:
    subject = units[restart].fold
    following = units[restart + 1 : restart + 3]
    if subject not in rules.subjects or not following or _denies(following, rules):
        return None
    if not BLANK.fullmatch(text[units[restart].end : following[0].start]):
        return None
    for first in range(restart - 2, max(-1, restart - _CLAUSE - 1), -1):
        if units[first].fold != subject:
            continue
        run = units[first:restart]
        if _plain(run, rules) and _in_one(text, run) and begins_clause(text, units, first, rules):
            return FalseStart(first, restart)
        return None
    return None


def _taken_back(
    text: str, units: Sequence[Unit], restart: int, rules: Language
) -> FalseStart | None:
    first = restart - 2
    if first < 0 or restart + 2 >= len(units):
        return None
    subject, verb, again, other, following = units[first : restart + 3]
    if not (
        subject.fold == again.fold
        and subject.fold in rules.subjects
        and verb.fold != other.fold
        and {verb.fold, other.fold} <= rules.be
        and _in_one(text, (subject, verb))
        and _in_one(text, (again, other, following))
    ):
        return None
    if _denies(units[restart + 2 : restart + 4], rules) or following.fold in (
        rules.still | _JOINED
    ):
        return None
    before = text[units[first - 1].end : subject.start] if first else ""
    after_joint = first > 0 and units[first - 1].fold in rules.joints and BLANK.fullmatch(before)
    begins = rules is not ENGLISH and (first == 0 or ENDED.search(before))
    return FalseStart(first, restart) if after_joint or begins else None


def _plain(run: Sequence[Unit], rules: Language) -> bool:
    """Whether nothing in a run is a code, a number or a negation."""
    return all(
        unit.fold.replace("'", "").isalpha()
        and unit.fold not in rules.numbers - {"en", "ein", "one", "oh"}
        and unit.fold not in rules.negations
        for unit in run
    )


def _denies(run: Sequence[Unit], rules: Language) -> bool:
    return any(unit.fold in rules.negations for unit in run)


def _in_one(text: str, run: Sequence[Unit]) -> bool:
    return all(BLANK.fullmatch(text[a.end : b.start]) for a, b in pairwise(run))
