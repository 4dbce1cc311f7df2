"""Dates without their day.

A bare year says no more than its generalisation and stays. HIPAA Safe Harbor (45 CFR
164.514(b)(2)(i)(C)) leaves nothing but the year; `year` does that, except that it also takes
out years that tell an age over 89, which nothing here can recognise.
"""

from __future__ import annotations

import re
from typing import Literal, get_args

from anonpipe.codes.generalise.words import Words
from anonpipe.numbers import NO_ORDINAL, numbers_in, ordinal, years_in

DateForm = Literal["month", "part-of-year", "year"]
DATES: tuple[DateForm, ...] = get_args(DateForm)

_NORWEGIAN_MONTHS = [
    "januar",
    "februar",
    "mars",
    "april",
    "mai",
    "juni",
    "juli",
    "august",
    "september",
    "oktober",
    "november",
    "desember",
]
_ENGLISH_MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
_SHORT = {
    "jan": 1, "feb": 2, "mar": 3, "apr": 4, "jun": 6, "jul": 7, "aug": 8, "sep": 9, "sept": 9,
    "okt": 10, "oct": 10, "nov": 11, "des": 12, "dec": 12,
}  # fmt: skip
_MONTHS = {
    name.lower(): number
    for names in (_NORWEGIAN_MONTHS, _ENGLISH_MONTHS)
    for number, name in enumerate(names, start=1)
} | _SHORT
_MONTH = re.compile(rf"\b(?:{'|'.join(sorted(_MONTHS, key=len, reverse=True))})\b", re.IGNORECASE)
_MONTH_BY_NUMBER = re.compile(rf"\b{NO_ORDINAL} i (?P<month>{NO_ORDINAL})\b", re.IGNORECASE)

_ISO = re.compile(r"\b(?P<year>\d{4})-(?P<month>\d\d)-\d\d\b")
_FIGURES = re.compile(r"\b(?P<one>\d\d?)[./-](?P<two>\d\d?)(?:[./-](?P<year>\d{4}|\d\d))?\.?(?!\d)")
_SIX_FIGURES = re.compile(r"(?<!\d)\d\d(?P<month>\d\d)(?P<year>\d\d)(?!\d)")
_TWO_FIGURES = re.compile(r"['’]?(\d\d)$")
_DECADE = re.compile(r"\b(?P<decade>\d{3}0)(?:-?(?:tal\w*|åra|årene)|'?s\b)", re.IGNORECASE)
THIS_CENTURY = 40
"""Years of two figures below this are of the 2000s, others of the 1900s."""

_TENS = Words("-tallet", "-talet", "s")

_PARTS = (
    Words("tidlig i {}", "tidleg i {}", "early {}"),
    Words("midten av {}", "midten av {}", "mid-{}"),
    Words("sent i {}", "seint i {}", "late {}"),
)
_PART_WORDS = (
    re.compile(r"\b(?:tidlig|tidleg|begynnelsen|byrjinga|starten|early|beginning)\b", re.I),
    re.compile(r"\b(?:midten|midt|mid|middle)\b", re.I),
    re.compile(r"\b(?:sent|seint|slutten|late|end|jula?|jule\w*|christmas)\b", re.I),
)
_SEASONS = (
    (re.compile(r"\b(?:vår|påske|spring|easter)", re.I), Words("våren", "våren", "spring")),
    (re.compile(r"\b(?:sommer|sommar|summer)", re.I), Words("sommeren", "sommaren", "summer")),
    (re.compile(r"\b(?:høst|haust|autumn|fall\b)", re.I), Words("høsten", "hausten", "autumn")),
    (re.compile(r"\b(?:vinter|winter)", re.I), Words("vinteren", "vinteren", "winter")),
)

WITHOUT_YEAR: frozenset[str] = frozenset(
    [*_NORWEGIAN_MONTHS, *_ENGLISH_MONTHS, *(text for _, words in _SEASONS for text in words)]
)
"""Everything that `coarse_date` says without a figure."""


def coarse_date(text: str, language: str, form: DateForm = "month") -> str | None:
    """A date without its day: «januar 2024», «mars», «våren 2019», “early 2019”.

    "month" gives month and year, "part-of-year" early, mid or late (four months each) and
    year, "year" the year. A text without month gives its season or part of the year, one
    without year its month. None for what holds none of them (weekdays, clock times), for spans
    of several months or years, and for figures that are no date.
    """
    decade = _DECADE.search(text)
    if decade:
        return f"{decade['decade']}{_TENS.of(language)}"
    in_figures = None if _MONTH.search(text) else _in_figures(text, language)
    parsed = in_figures or _in_words(text, language)
    if parsed is None:
        return None
    month, year = parsed
    if form == "year" and year is not None:
        return str(year)
    if month is not None:
        if year is not None and form == "part-of-year":
            return _PARTS[(month - 1) // 4].of(language).format(year)
        names = _NORWEGIAN_MONTHS if language in {"nb", "nn", "no"} else _ENGLISH_MONTHS
        return names[month - 1] if year is None else f"{names[month - 1]} {year}"
    seasons = [season for pattern, season in _SEASONS if pattern.search(text)]
    if len(seasons) == 1:
        season = seasons[0].of(language)
        return season if year is None else f"{season} {year}"
    if year is None:
        return None
    for pattern, part in zip(_PART_WORDS, _PARTS, strict=True):
        if pattern.search(text):
            return part.of(language).format(year)
    return str(year)


def wider(text: str, language: str) -> tuple[str, ...]:
    """A date as month, as part of the year, as year, as ten years; those that it can be told as.

    A form says less than the one before it. None for what holds no date.
    """
    forms = [coarse_date(text, language, form) for form in DATES]
    year = forms[-1]
    if year is not None and year.isdigit():
        forms.append(coarse_date(f"{int(year) // 10 * 10}{_TENS.of(language)}", language))
    return tuple(dict.fromkeys(form for form in forms if form is not None))


_Date = tuple[int | None, int | None]
"""Month and year, each None where it is not said."""


def _in_figures(text: str, language: str) -> _Date | None:
    """What a date in figures says; in English the order of day and month may stay open.

    None if there is none, or if several fall into different months.
    """
    found: set[_Date] = {
        (int(match["month"]), int(match["year"])) for match in _ISO.finditer(text)
    } or {_day_and_month(match, language) for match in _FIGURES.finditer(text)}
    if not found:
        found = {
            (int(match["month"]), _full(match["year"])) for match in _SIX_FIGURES.finditer(text)
        }
    if len(found) != 1:
        return None
    month, year = found.pop()
    if month is not None and not 1 <= month <= 12:
        month = None
    return None if month is None and year is None else (month, year)


def _day_and_month(match: re.Match[str], language: str) -> _Date:
    """Day before month in Norwegian; in English whichever of the two can be a month."""
    one, two = int(match["one"]), int(match["two"])
    year = _full(match["year"]) if match["year"] else None
    if language in {"nb", "nn", "no"}:
        return two, year
    possible = {month for month in (one, two) if 1 <= month <= 12}
    return possible.pop() if len(possible) == 1 else None, year


def _in_words(text: str, language: str) -> _Date | None:
    """Month and year by name; (None, None) is for seasons. None if there are several."""
    months = {_MONTHS[match[0].lower()] for match in _MONTH.finditer(text)}
    if not months:
        numbers = {
            int(ordinal(match["month"].lower(), "nb") or 0)
            for match in _MONTH_BY_NUMBER.finditer(text)
        }
        months = {number for number in numbers if 1 <= number <= 12}
    years = set(years_in(text, language))
    if months and not years and _MONTH.search(text):
        years = _short_year(text, language)
    if len(months) > 1 or len(years) > 1:
        return None
    return next(iter(months), None), next(iter(years), None)


def _short_year(text: str, language: str) -> set[int]:
    """The year after a month's name that is said with two figures: «mars 85», «mai åttito»."""
    rest = _MONTH.split(text)[-1]
    if figures := _TWO_FIGURES.search(rest):
        return {_full(figures[1])}
    numbers = numbers_in(rest, language)
    return {1900 + numbers[0]} if len(numbers) == 1 and THIS_CENTURY <= numbers[0] < 100 else set()


def _full(year: str) -> int:
    """A year of two or four figures in four."""
    if len(year) == 4:
        return int(year)
    return int(year) + (2000 if int(year) < THIS_CENTURY else 1900)
