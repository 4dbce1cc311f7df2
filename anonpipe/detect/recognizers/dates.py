"""Dates and years, in figures and in words, with the corrections of speech.

Times that come round every year or week («i mai», “on Monday”) pin no event and are left.
"""

from __future__ import annotations

import re

from anonpipe.detect.recognizers.rule import Rule
from anonpipe.numbers import EN_ORDINAL, EN_WORD, EN_YEAR, NO_ORDINAL, NO_YEAR

_NO_MONTH = (
    r"(?:januar|februar|mars|april|mai|juni|juli|august|september|oktober|november|desember)"
)
_NO_MONTH_SHORT = r"(?:jan|feb|apr|jun|jul|aug|sept?|okt|nov|des)\.?"
_NO_DAY = r"(?:man|tirs|ons|tors|fre|lør|laur|søn|sun|mån|tys)dag(?:en)?(?: den)?"
_EN_MONTH = (
    r"(?:january|february|march|april|may|june|july|august|september|october|november|december)"
)
_EN_MONTH_SHORT = r"(?:jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec)\.?"
_YEAR = r"(?:1[89]\d\d|20\d\d)"
# The last two digits of a year; round tens are ages and sums as often.
_NO_SHORT = (
    r"(?:(?:tretti|førti|femti|seksti|sytti|åtti|nitti)(?:en|én|ein|to|tre|fire|fem|seks|sju|syv|åtte|ni)"
    r"|(?:en|to|tre|fire|fem|seks|syv|sju|åtte|ni)og(?:tredve|tretti|førti|femti|seksti|sytti|åtti|"
    r"nitti))"
)
_EN_SHORT = (
    r"(?:(?:thirty|forty|fifty|sixty|seventy|eighty|ninety)[ -]"
    r"(?:one|two|three|four|five|six|seven|eight|nine))"
)
_CORRECTION = (
    r"(?:[.,]? (?:(?:nei|no|sorry|wait|vent|unnskyld|jeg mener|eg meiner|i mean|eh|um|uh)[,.]? )+)"
)
# After a year in two digits the sentence goes on or ends; a noun would make it an amount.
_SENTENCE = (
    r"(?=[.,!?]|\s*$|\s*\n| (?:og|var|da|då|så|men|jeg|eg|vi|me|han|hun|ho|de|dei|det|kom|flytta|"
    r"ja|eh|når|at|and|when|it|i|we|he|she|they|um|uh|that|so|but|then|my|was)\b)"
)
_NO_DATE = re.compile(
    rf"\b(?:{_NO_DAY} )?(?:{NO_ORDINAL}{_CORRECTION}(?:den )?)?(?:"
    # 17. mai is the national day and says nothing about anybody.
    rf"(?!17\. ?mai(?! ?,? {_YEAR}))(?:3[01]|[12]\d|0?[1-9])\. ?(?:{_NO_MONTH}|{_NO_MONTH_SHORT})"
    rf"(?![\w-])(?:,? (?:i )?(?:{_YEAR}|{NO_YEAR})\b)?"
    rf"|(?!syttende mai(?! {NO_YEAR})){NO_ORDINAL} {_NO_MONTH}(?!\w)(?:,? (?:{_YEAR}|{NO_YEAR})\b)?"
    rf"|{NO_ORDINAL} i (?:{NO_ORDINAL}) ?(?:,? (?:{_YEAR}|{NO_YEAR}|{_NO_SHORT})\b)"
    rf"|{_NO_MONTH},? (?:i )?(?:{_YEAR}|{NO_YEAR})\b"
    rf"|(?:vår|våren|sommeren|sommaren|høsten|hausten|vinteren|påsken|påska|jula|julen)"
    rf" (?:i )?(?:{_YEAR}|{NO_YEAR})\b)",
    re.IGNORECASE,
)
_EN_DATE = re.compile(
    rf"\b(?:(?:the )?{EN_ORDINAL}(?: of)?{_CORRECTION})?(?:"
    rf"(?:the )?(?:3[01]|[12]\d|0?[1-9])(?:st|nd|rd|th)?(?: of)? (?:{_EN_MONTH}|{_EN_MONTH_SHORT})"
    rf"(?!\w)(?:,? (?:{_YEAR}|{EN_YEAR})\b)?"
    rf"|(?:the )?{EN_ORDINAL} of (?:the )?{EN_ORDINAL},? (?:{_YEAR}|{EN_YEAR}|{_EN_SHORT})\b"
    rf"|(?:the )?{EN_ORDINAL} of {_EN_MONTH}\b(?:,? (?:{_YEAR}|{EN_YEAR})\b)?"
    rf"|(?:{_EN_MONTH}|{_EN_MONTH_SHORT}) (?:the )?"
    rf"(?:(?:3[01]|[12]\d|0?[1-9])(?:st|nd|rd|th)?\b|{EN_ORDINAL}\b)"
    rf"(?! (?:people|of us|times|years?|days?|weeks?|months?))(?:,? (?:{_YEAR}|{EN_YEAR})\b)?"
    rf"|(?:{_EN_MONTH})(?: of|,)? (?:{_YEAR}|{EN_YEAR})\b"
    rf"|(?:spring|summer|autumn|fall|winter|easter|christmas)(?: of)? "
    rf"(?:{_YEAR}|{EN_YEAR}|(?<=of ){_EN_SHORT})\b)",
    re.IGNORECASE,
)
# Month and day in figures: 01.02.2023, 1/2-23, 2023-02-01, 1.2.
_NUMERIC_DATE = re.compile(
    r"(?<![\w./-])(?:(?:3[01]|[12]\d|0?[1-9])[./](?:1[0-2]|0?[1-9])[./-](?:1[89]|20)?\d\d"
    r"|(?:1[0-2]|0?[1-9])/(?:3[01]|[12]\d|0?[1-9])/(?:1[89]|20)?\d\d"
    r"|(?:18|19|20)\d\d-(?:1[0-2]|0[1-9])-(?:3[01]|[12]\d|0[1-9])"
    r"|(?:3[01]|[12]\d|0[1-9])-(?:1[0-2]|0[1-9])-(?:(?:19|20)\d\d|\d\d))(?![\w/]|[.-]\d)"
)
# A bare year places an event in a life; only where the words around say that it is a year.
_NO_BARE_YEAR = re.compile(
    r"\b(?i:i|siden|sidan|fra|frå|til|før|etter|året|av|født|fødd|årgang|sommeren|årsskiftet)\s+"
    r"(?P<x>(?:19[2-9]\d|20[0-3]\d))\b(?! ?(?:kr|kroner|prosent|%|meter|personer|mil|ord|år)\b)"
)
_EN_BARE_YEAR = re.compile(
    rf"\b(?i:in|since|from|until|till|by|year|born|of|summer|class of|back in)\s+"
    rf"(?P<x>(?:19[2-9]\d|20[0-3]\d)\b(?! ?(?:people|dollars|pounds|euros?|miles|words|percent|%))"
    rf"|(?i:nineteen (?:{EN_WORD})|twenty (?:ten|eleven|twelve|\w+teen|twenty(?:[ -]\w+)?)|"
    rf"two thousand(?: and)? (?:{EN_WORD}))\b(?! (?:people|years|dollars|pounds|hours|minutes|days|"
    rf"weeks|months|miles|percent|of)))"
)
_NO_SPOKEN_YEAR = re.compile(
    rf"\b(?i:i|siden|sidan|fra|frå|før|etter|året|født|fødd)\s+(?P<x>(?i:{NO_YEAR}))\b"
    r"(?! (?:kroner|år|mennesker|personer|meter|timer|minutter|dager|dagar))(?<!tusen)"
)
_BORN = re.compile(
    r"(?i:\b(?:født|fødd|fødselsdato\w*|fødselsdag\w*|born|birth ?da(?:te|y)|dob)\b)"
    r"(?:(?i: (?:den|er|i|on|the|is|my|min|mi))*[: ]+)"
    r"(?P<x>\d{1,2}[./-]\d{1,2}(?:[./-]\d{2,4})?|\d{6})(?![\d])"
)

_NO_SHORT_YEAR = re.compile(
    # «vi gifta oss i åttifire», «født i niogførti»
    rf"\b(?:i|siden|sidan|våren|sommeren|sommaren|høsten|hausten) (?P<x>{_NO_SHORT}){_SENTENCE}",
    re.IGNORECASE | re.MULTILINE,
)
_NO_BORN_YEAR = re.compile(
    rf"\b(?:født|fødd) i (?P<x>{_NO_SHORT}|\d\d|"
    r"(?:tjue|tretti|førti|femti|seksti|sytti|åtti|nitti))\b"
    r"(?! (?:år|timer|dager|minutter))",
    re.IGNORECASE | re.MULTILINE,
)
_EN_SHORT_YEAR = re.compile(
    # “they got married in eighty four”
    rf"\b(?:in|since|class of) (?P<x>{_EN_SHORT}){_SENTENCE}",
    re.IGNORECASE | re.MULTILINE,
)
_APOSTROPHE_YEAR = re.compile(
    r"\b(?:i|in|since|siden|sidan|fra|frå|from|of) (?P<x>['’]\d\d|-[3-9]\d)\b"
    r"(?![.,]\d| ?(?:grader|%))",
    re.IGNORECASE,
)
_CORRECTED_YEAR = re.compile(
    # «nittenåttisju, nei åttiåtte», “1998. No, 97.”
    rf"\b(?:{_YEAR}|{NO_YEAR}|{EN_YEAR}){_CORRECTION}(?:{_YEAR}|{NO_YEAR}|{EN_YEAR}|{_NO_SHORT}|"
    rf"{_EN_SHORT}|\d\d){_SENTENCE}",
    re.IGNORECASE | re.MULTILINE,
)

_NO = ("nb", "nn")
_EN = ("en",)
RULES: tuple[Rule, ...] = (
    Rule("date", "DATE", _NO_DATE, 0.9, None, _NO),
    Rule("date", "DATE", _EN_DATE, 0.9, None, _EN),
    Rule("date", "DATE", _NUMERIC_DATE, 0.85),
    Rule("birth", "DATE", _BORN, 0.85),
    Rule("year", "DATE", _NO_BARE_YEAR, 0.5, None, _NO),
    Rule("year", "DATE", _NO_SPOKEN_YEAR, 0.6, None, _NO),
    Rule("year", "DATE", _EN_BARE_YEAR, 0.5, None, _EN),
    Rule("year-short", "DATE", _NO_SHORT_YEAR, 0.6, None, _NO),
    Rule("year-short", "DATE", _NO_BORN_YEAR, 0.6, None, _NO),
    Rule("year-short", "DATE", _EN_SHORT_YEAR, 0.6, None, _EN),
    Rule("year-short", "DATE", _APOSTROPHE_YEAR, 0.6),
    Rule("year-corrected", "DATE", _CORRECTED_YEAR, 0.8),
)
