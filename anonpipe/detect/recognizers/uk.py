"""British identifiers: NHS and National Insurance numbers, postcodes, phones, plates, licences."""

from __future__ import annotations

import re

from stdnum.gb import nhs

from anonpipe.detect.recognizers.rule import Rule, digits, near

# --- patterns

_NHS = re.compile(r"(?<![\d-])\d{3}([ -]?)\d{3}\1\d{4}(?![\d-])")
_NHS_CONTEXT = re.compile(near(r"NHS") + r"(?<!\d)(?P<x>\d(?:[ -]?\d){7,9})(?!\d)")
# HMRC NIM39110: two prefix letters, six digits, a suffix A to D. D, F, I, Q, U, V never occur in
# the prefix, but a number read aloud may be misheard, so any letters are taken.
_NINO = re.compile(r"(?<!\w)[A-Za-z]{2} ?\d{2} ?\d{2} ?\d{2} ?[A-Da-d](?!\w)")
# Ofcom's plan: 0 and nine or ten digits, in groups; 07 are mobiles.
_PHONE = re.compile(
    r"(?<![\d.,/+-])(?:\+44 ?(?:\(0\) ?)?|0)(?:\d{2} ?\d{4} ?\d{4}|\d{3} ?\d{3} ?\d{4}|"
    r"\d{4} ?\d{3} ?\d{3}|\d{4} ?\d{6}|\d{4} ?\d{5}|\d{3} ?\d{7})(?!\d)"
)
_POSTCODE = re.compile(
    # Royal Mail's format (BS 7666): A9 9AA, A99 9AA, AA9 9AA, AA99 9AA, A9A 9AA, AA9A 9AA
    r"(?<![\w-])(?:GIR ?0AA|[A-PR-UWYZ](?:\d{1,2}|[A-HK-Y]\d|[A-HK-Y]\d\d|\d[A-HJKPSTUW]|"
    r"[A-HK-Y]\d[ABEHMNPRV-Y]) \d[ABD-HJLNP-UW-Z]{2})(?![\w-])"
    # without its space, as recognisers write it
    r"|(?<![\w-])[A-PR-UWYZ][A-HK-Y]?\d[\dA-Z]?\d[ABD-HJLNP-UW-Z]{2}(?![\w-])"
)
# DVLA INF104: two letters, two digits, three letters (since 2001); older: A123 ABC, ABC 123A.
_PLATE = re.compile(
    r"(?<!\w)(?:[A-Z]{2}\d{2} ?[A-Z]{3}|[A-Z]\d{1,3} [A-Z]{3}|[A-Z]{3} \d{1,3}[A-Z])(?!\w)"
)
_DRIVING_LICENCE = re.compile(
    # DVLA: five of the surname (9 fills), six of the birth date, initials, check
    r"(?<!\w)[A-Z9]{5} ?\d(?:[05][1-9]|[16][0-2])(?:0[1-9]|[12]\d|3[01])\d ?[A-Z9]{2} "
    r"?\d[A-Z]{2}(?!\w)"
)
_PASSPORT = re.compile(near(r"passport") + r"(?<!\w)(?P<x>[A-Z]{0,2}\d{7,9})(?!\w)")
_SORT_CODE = re.compile(r"(?<![\d-])\d{2}-\d{2}-\d{2}(?![\d-])")


# --- validation


def valid_nhs(text: str) -> bool:
    """Ten digits, modulo 11 (stdnum.gb.nhs)."""
    return bool(nhs.is_valid(digits(text)))


def _no_date(text: str) -> bool:
    """False for a day, a month and two digits of a year: 03-11-89."""
    day, month, _ = map(int, text.split("-"))
    return not (1 <= day <= 31 and 1 <= month <= 12)


RULES: tuple[Rule, ...] = (
    Rule("uk-nhs", "NATIONAL_ID", _NHS, 0.9, valid_nhs),
    Rule("uk-nhs-context", "NATIONAL_ID", _NHS_CONTEXT, 0.9),
    Rule("uk-nino", "NATIONAL_ID", _NINO, 0.9),
    Rule("uk-phone", "PHONE", _PHONE, 0.85),
    Rule("uk-postcode", "ADDRESS", _POSTCODE, 0.8),
    Rule("uk-plate", "VEHICLE", _PLATE, 0.75),
    Rule("uk-driving-licence", "NATIONAL_ID", _DRIVING_LICENCE, 0.9),
    Rule("uk-passport", "NATIONAL_ID", _PASSPORT, 0.8),
    Rule("uk-sort-code", "ACCOUNT", _SORT_CODE, 0.5, _no_date),
)
