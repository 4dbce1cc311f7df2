"""References and foreign plates: tokens of letters and digits that a word before explains.

Also tokens that look like a reference by themselves. What was dictated is in `dictated`.
"""

from __future__ import annotations

import re

from anonpipe.detect.contexts import ENGLISH, NORWEGIAN
from anonpipe.detect.recognizers.rule import Rule, digits, near
from anonpipe.resources import word_set

_GAP = r"[^\n.!?\d]{0,30}?(?:\bn[or]\. ?)?"
_PERSONAL = (
    r"passport|passnummer|passnr|pps|ppsn|pesel|bsn|cpr|national insurance|ni number|nino|"
    r"identity card|id card|id-kort|id-nummer|tax number|skattenummer"
)
_OTHER = (
    r"imo|case|file|reference|ref|badge|policy|contract|permit|licen[cs]e|certificate|claim|"
    r"docket|membership|employee number|staff number|serial|saksnummer|saksnr|sak|saken|saka|"
    r"referanse|referansenummer|løpenummer|ansattnummer|tilsettnummer|polise|polisenummer|"
    r"kontrakt|kontraktnummer|avtale|avtalenummer|løyve|løyvenummer|tillatelse|sertifikat|"
    r"lisens|lisensnummer|vedtak|journal|kundenummer|medlemsnummer|skadenummer|tjenestenummer|"
    r"tenestenummer|dokument|prosjektnummer"
)
_MIXED = (
    r"(?<![\w./-])(?P<x>(?=[A-ZÆØÅ/. -]*\d)[A-ZÆØÅ\d]{1,12}(?:[ /.-][A-ZÆØÅ\d]{1,10}){0,5})"
    r"(?!\w|[.,]\d|[/-]\w| ?(?:kr|kroner|prosent|%|percent|years|år|pages|sider|dollars|pounds)\b)"
)
_PERSONAL_CONTEXT = re.compile(near(_PERSONAL, _GAP) + _MIXED)
_OTHER_CONTEXT = re.compile(near(_OTHER, _GAP) + _MIXED)
_STANDALONE = re.compile(
    r"(?<![\w./-])(?!(?i:iso|iec|en|ns|din|astm|ieee|covid|sars)-)"
    r"(?=[A-ZÆØÅ/-]*\d)(?=[\d/-]*[A-ZÆØÅ])[A-ZÆØÅ\d]{1,12}(?:[/-][A-ZÆØÅ\d]{1,12}){1,5}(?![\w/-])"
)
_PLATE_WORDS = (
    r"skilt|skiltet|skilta|regnummer|registreringsnummer|kjennemerke|bil|varebil|lastebil|"
    r"plates?|registration|reg|car|van|lorry|truck|motorbike|motorsykkel|taxi|drosje"
)
_PLATE = re.compile(
    near(_PLATE_WORDS, r"[^\n.!?\d]{0,30}?")
    + r"(?<![\w-])(?P<x>(?=[A-ZÄÖÜÆØÅ -]*\d)[A-ZÄÖÜÆØÅ\d]{1,4}(?:[ -][A-ZÄÖÜÆØÅ\d]{1,6}){0,3})"
    r"(?!\w|[.,]\d|[/-]\w)"
)
_BRANDS = NORWEGIAN.never | ENGLISH.never | word_set("vw kia mg mb gti e r xc id model")
_YEAR = re.compile(r"(?:19|20)\d\d")


def _mixed(text: str) -> bool:
    """Four letters and digits or more, two of them digits; a bare year is none."""
    plain = re.sub(r"\W", "", text)
    return len(plain) >= 4 and len(digits(plain)) >= 2 and not _YEAR.fullmatch(plain)


def _standalone(text: str) -> bool:
    parts = re.split(r"[/-]", text)
    count = len(digits(text))
    return count >= (3 if len(parts) > 2 else 4)


def _plate(text: str) -> bool:
    """Five to nine letters and digits of both kinds, and no make or year of a car."""
    plain = re.sub(r"\W", "", text)
    parts = [p.lower() for p in re.split(r"[ -]", text)]
    return (
        5 <= len(plain) <= 9
        and 2 <= len(digits(plain)) < len(plain)
        and not any(p in _BRANDS for p in parts if len(p) > 1)
        and not _YEAR.fullmatch(parts[-1])
    )


RULES: tuple[Rule, ...] = (
    Rule("personal-number", "NATIONAL_ID", _PERSONAL_CONTEXT, 0.85, _mixed),
    Rule("reference-number", "OTHER", _OTHER_CONTEXT, 0.75, _mixed),
    Rule("reference-form", "OTHER", _STANDALONE, 0.7, _standalone),
    Rule("plate-abroad", "VEHICLE", _PLATE, 0.8, _plate),
)
