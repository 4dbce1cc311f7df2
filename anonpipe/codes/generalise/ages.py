"""Ages as bands of five years, of ten, and as a time of life."""

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
DECADES = {
    2: Words("i tjueårene", "i tjueåra", "in their twenties"),
    3: Words("i trettiårene", "i trettiåra", "in their thirties"),
    4: Words("i førtiårene", "i førtiåra", "in their forties"),
    5: Words("i femtiårene", "i femtiåra", "in their fifties"),
    6: Words("i sekstiårene", "i sekstiåra", "in their sixties"),
    7: Words("i syttiårene", "i syttiåra", "in their seventies"),
    8: Words("i åttiårene", "i åttiåra", "in their eighties"),
}
"""Ten years of a life by their first figure."""
STAGES = (
    (0, Words("barn", "barn", "child")),
    (10, Words("ungdom", "ungdom", "young person")),
    (20, Words("voksen", "vaksen", "adult")),
    (65, Words("eldre person", "eldre person", "older person")),
)
"""Times of life by the age with which they begin."""

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


def age_band(text: str, language: str, *, after: str = "", width: int = _WIDTH) -> str | None:
    """The band of an age: «45–49 år», «under 1 år», “90 years or older”.

    `text` says one age in figures or words, in years unless it names months, weeks or days;
    `after` is what follows it; `width` is that of the bands, in years. None when it says no age
    or several of different bands.
    """
    unit = "" if _UNIT_FOLLOWS.match(after) else _YEARS.of(language)
    band = _span(text, language, after, width)
    if band is None:
        return None
    first, last = band
    if first >= TOP:
        return _OLDEST.of(language).format(f"{unit} " if unit else "")
    if last == 0:
        unit = unit and _YEAR.of(language)
        return f"{_INFANT.of(language)} {unit}".strip()
    old = " old" if re.search(r"\bold$", text) else ""
    return f"{first}–{last} {unit}{old}".strip()


def time_of_life(text: str, language: str, *, after: str = "") -> tuple[str, ...]:
    """An age without figures: «i førtiårene», then «voksen»; none where a unit follows it."""
    band = _span(text, language, after, _WIDTH)
    if band is None or _UNIT_FOLLOWS.match(after):
        return ()
    decade = DECADES.get(band[0] // 10) if band[0] < TOP else None
    stage = next(words for first, words in reversed(STAGES) if band[0] >= first)
    return tuple(words.of(language) for words in (decade, stage) if words is not None)


def _span(text: str, language: str, after: str, width: int) -> tuple[int, int] | None:
    """First and last year of the band of the one age that a text says."""
    decade = _DECADE.search(text + after[:_AFTER])
    if decade:
        first = int(decade["decade"])
        return (first, first + 9) if first < TOP else None
    numbers = list(numbers_in(_ATTACHED.sub("", text), language))
    if _HALF.search(text):
        numbers = [0] if _HALF_YEAR.search(text) else numbers[:1]
    per_year = next((n for unit, n in _PER_YEAR if unit.search(text) or unit.match(after[1:])), 1)
    if per_year > 1 and _IN_YEARS.search(text):  # «to år og tre måneder»
        numbers, per_year = numbers[:1], 1
    bands = {_band(number // per_year, width) for number in numbers if number <= OLDEST * per_year}
    if len(bands) != 1 or any(number > OLDEST * per_year for number in numbers):
        return None
    return bands.pop()


def _band(years: int, width: int) -> tuple[int, int]:
    """First and last year of an age's band; the first year of life is a band of its own."""
    if years == 0:
        return 0, 0
    first = years // width * width
    return max(first, 1), first + width - 1
