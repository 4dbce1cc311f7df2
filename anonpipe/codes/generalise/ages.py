"""Ages as bands of five years."""

from __future__ import annotations

import re

from anonpipe.codes.generalise.words import Words
from anonpipe.numbers import numbers_in

TOP = 90
"""From this age on there is one band.

Source: HIPAA Safe Harbor, 45 CFR 164.514(b)(2)(i)(C): ages over 89 "may be aggregated into a
single category of age 90 or older".
"""
OLDEST = 120
_AFTER = 7  # characters that may belong to the age itself («-årene»)
_WIDTH = 5  # years
_INFANT = Words("under 1", "under 1", "under 1")
_YEARS = Words("år", "år", "years")
_YEAR = Words("år", "år", "year")
_OLDEST = Words("90 {}eller eldre", "90 {}eller eldre", "90 {}or older")
FROM_TOP: frozenset[str] = frozenset(
    _OLDEST.of(language).format(unit)
    for language in Words._fields
    for unit in ("", f"{_YEARS.of(language)} ")
)
"""Everything that `age_band` says of the oldest."""

_HALF = re.compile(r"\b(?:halvt?|halve|half|halvanna[nr]?|halvannet)\b", re.IGNORECASE)
_HALF_YEAR = re.compile(r"(?<!og )\b(?:et|eit|ett) halvt? år\b|\bhalf a year\b", re.IGNORECASE)
_PER_YEAR = (
    (re.compile(r"\b(?:dag|døgn|day)", re.IGNORECASE), 365),
    (re.compile(r"\b(?:uke|veke|week)", re.IGNORECASE), 52),
    (re.compile(r"\b(?:måned|månad|month)", re.IGNORECASE), 12),
)
_IN_YEARS = re.compile(r"\b(?:år|years?)\b", re.IGNORECASE)
_DECADE = re.compile(r"\b(?P<decade>\d0)(?:-?(?:årene|åra)\b|s\b)", re.IGNORECASE)
_UNIT_FOLLOWS = re.compile(r"[ \u00a0-]?(?:år|year)", re.IGNORECASE)
_ATTACHED = re.compile(r"(?<=\w)-?(?:åring|årig|års)\w*", re.IGNORECASE)


def age_band(text: str, language: str, *, after: str = "") -> str | None:
    """The band of an age: «45–49 år», «under 1 år», “90 years or older”.

    `text` says one age in figures or words, in years unless it names months, weeks or days;
    `after` is what follows it. None when it says none or several of different bands.
    """
    unit = "" if _UNIT_FOLLOWS.match(after) else _YEARS.of(language)
    decade = _DECADE.search(text + after[:_AFTER])
    if decade:
        first = int(decade["decade"])
        return f"{first}–{first + 9} {unit}".strip() if first < TOP else None
    numbers = list(numbers_in(_ATTACHED.sub("", text), language))
    if _HALF.search(text):
        numbers = [0] if _HALF_YEAR.search(text) else numbers[:1]
    per_year = next((n for unit, n in _PER_YEAR if unit.search(text) or unit.match(after[1:])), 1)
    if per_year > 1 and _IN_YEARS.search(text):  # «to år og tre måneder»
        numbers, per_year = numbers[:1], 1
    bands = {_band(number // per_year) for number in numbers if number <= OLDEST * per_year}
    if len(bands) != 1 or any(number > OLDEST * per_year for number in numbers):
        return None
    first, last = bands.pop()
    if first >= TOP:
        return _OLDEST.of(language).format(f"{unit} " if unit else "")
    if last == 0:
        unit = unit and _YEAR.of(language)
        return f"{_INFANT.of(language)} {unit}".strip()
    old = " old" if re.search(r"\bold$", text) else ""
    return f"{first}–{last} {unit}{old}".strip()


def _band(years: int) -> tuple[int, int]:
    """First and last year of an age's band; the first year of life is a band of its own."""
    if years == 0:
        return 0, 0
    first = years // _WIDTH * _WIDTH
    return max(first, 1), first + _WIDTH - 1
