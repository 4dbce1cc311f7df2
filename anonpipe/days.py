"""Dates as people and spreadsheets write them; what can be read in two ways is refused.

A date in the register is a promise: read wrongly, a recording is deleted too early or too
late. So a date is taken only if there is one way to read it:

    2025-03-14   14.03.2025   2025/03/14   20250314     year first, or day first with dots
    14/03/2025   03/14/2025   14-03-2025                only where a number is over 12, or both
                                                        are the same
    2025-03-14 00:00:00                                 midnight is what spreadsheets add
    45730                                               days since 1899-12-30, Excel's number of
                                                        a cell whose format was lost (1990-2099)

Excel's other calendar, of old Macs, counts from 1904; Excel itself has written 1900 since 2011.
"""

from __future__ import annotations

import re
from datetime import date, timedelta

EXCEL_EPOCH = date(1899, 12, 30)
SERIALS = range((date(1990, 1, 1) - EXCEL_EPOCH).days, (date(2100, 1, 1) - EXCEL_EPOCH).days)
YEARS = range(1950, 2150)
WRITE = "write year-month-day, such as 2025-03-14."

_MIDNIGHT = re.compile(r"[T ]+00[:.]00(?:[:.]00(?:[.,]0+)?)?\Z")
_YEAR_FIRST = re.compile(r"(\d{4})([-/.]?)(\d{2})\2(\d{2})")
_YEAR_FIRST_SHORT = re.compile(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})")
_YEAR_LAST = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4})")
_SHORT_YEAR = re.compile(r"\d{1,2}([-/.])\d{1,2}\1\d{2}")
_SERIAL = re.compile(r"(\d{5})(?:[.,]0+)?")


def parse_day(text: str) -> date:
    """The date that a cell holds. Raises ValueError whose text is the hint for the message."""
    text = _MIDNIGHT.sub("", text.strip())
    first = _YEAR_FIRST.fullmatch(text) or _YEAR_FIRST_SHORT.fullmatch(text)
    if first:
        return _day(first[1], first[3], first[4])
    last = _YEAR_LAST.fullmatch(text)
    if last:
        one, two = int(last[1]), int(last[3])
        if last[2] == "." or one > 12 or one == two:
            return _day(last[4], last[3], last[1])
        if two > 12:
            return _day(last[4], last[1], last[3])
        raise ValueError(f"this date can be read in two ways, day first or month first; {WRITE}")
    serial = _SERIAL.fullmatch(text)
    if serial and int(serial[1]) in SERIALS:
        return EXCEL_EPOCH + timedelta(days=int(serial[1]))
    if _SHORT_YEAR.fullmatch(text):
        raise ValueError(f"the year needs four digits; {WRITE}")
    raise ValueError(f"this is no date; {WRITE}")


def _day(year: str, month: str, day: str) -> date:
    try:
        found = date(int(year), int(month), int(day))
    except ValueError:
        raise ValueError(f"this is no date; {WRITE}") from None
    if found.year not in YEARS:
        raise ValueError(f"the year {found.year} is unlikely; {WRITE}")
    return found
