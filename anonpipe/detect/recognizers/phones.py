"""Phone numbers in any grouping: national ones of any country, with or without a prefix.

The plan of one country says how its numbers are grouped; people write them otherwise, and
interviews hold numbers from anywhere. So the form alone decides: seven to fifteen digits
(ITU-T E.164 allows fifteen) in groups, that are no amount, date, time or span of years.
"""

from __future__ import annotations

import re
from itertools import pairwise

from anonpipe.detect.recognizers.rule import Rule, digits, near

_UNITS = (
    r"(?:kr|kroner|nok|prosent|percent|per cent|euro|euros|dollars?|pounds?|millioner|meter|mil|"
    r"kilo|kg|km|mennesker|personer|people|innbyggere|innbyggjarar|stykker|timer|timar|hours|"
    r"members|medlemmer|tonn|tonnes|tons|miles|aksjer|shares)"
)
_AFTER = rf"(?![\w/]|[.,-]\d| ?(?:{_UNITS}\b|%|€|£|\$))"
_GROUPED = re.compile(
    # not after a sign of money, law or multiplication, nor inside a longer number or word
    r"(?<![\w.,/€£$§+-])(?<![€£$§] )(?P<x>(?:(?:\+|00)[1-9]\d{0,2}[ \u00a0.-]?)?"
    r"(?:\(\d{1,5}\)[ \u00a0.-]?)?\d{1,6}(?:[ \u00a0.-]\d{2,6}){1,5})" + _AFTER
)
_WITH_CONTEXT = re.compile(
    near(
        r"telefon|tlf|mobil|ring|ringe|sms|whatsapp|phone|mobile|cell|call|telephone|text me|"
        r"my number is|nummeret mitt",
        r"[^\n\d]{0,30}?",
    )
    + r"(?<![\w.,/€£$§-])(?P<x>(?:\+|00)?\(?\d(?:[ \u00a0().-]{0,2}\d){6,14})"
    + _AFTER
)


def _is_phone(text: str) -> bool:
    """True if the groups are neither an amount nor a date, a time or years."""
    number = digits(text)
    if not 7 <= len(number) <= 15:
        return False
    if text.startswith(("+", "00", "(")):
        return True
    groups = re.findall(r"\d+", text)
    marks = re.findall(r"[^\d]", text)
    if len(groups[0]) <= 3 and all(len(g) == 3 for g in groups[1:]) and groups[0][0] != "0":
        return False  # 1 400 000
    if any(re.fullmatch(r"(?:1[6-9]|20)\d\d", g) for g in groups) and len(groups) < 4:
        return False  # years, and dates in figures
    if len(set(marks)) > 1 and "." in marks:
        return False  # 10.30-11.15
    if len(set(marks)) == 1 and marks[0] == "." and all(len(g) == 3 for g in groups[1:]):
        return bool(groups[0][0] == "0")
    if groups[0][0] == "0":
        return True
    if any(int(b) == int(a) + 1 for a, b in pairwise(groups)) and len(set(groups)) > 3:
        return False  # 11 12 13 14: counting
    return len(groups) > 1 and any(len(g) >= 3 for g in groups)


def _with_context(text: str) -> bool:
    return not re.fullmatch(r"(?:\d{1,2}[./-]){2}\d{4}", text)


RULES: tuple[Rule, ...] = (
    Rule("phone-grouped", "PHONE", _GROUPED, 0.7, _is_phone),
    Rule("phone-after-word", "PHONE", _WITH_CONTEXT, 0.75, _with_context),
)
