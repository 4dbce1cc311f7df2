"""Identifiers that were spoken: dictated digits, plates, e-mail addresses and pages.

A recogniser writes «ni åtte syv seks fire null to en» or “k hansen at gmail
dot com” where a typist writes a number or an address.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from anonpipe.detect.contexts import word_set
from anonpipe.detect.lexicon import load_lexicon
from anonpipe.detect.recognizers.norway import plausible_date
from anonpipe.detect.recognizers.numbers import as_digits
from anonpipe.detect.recognizers.rule import Rule
from anonpipe.detect.spans import Span
from anonpipe.transcript import MentionType

# --- words

_TOKEN = re.compile(r"[^\W_]+(?:[-'’][^\W_]+)*|[^\w\s]")
_FILLERS = word_set("eh ehm øh øhm hm uh um er mm nei no wait")
_SEPARATORS = {
    "skråstrek", "strek", "bindestrek", "slash", "dash", "hyphen", "stroke", "punktum", "dot",
    ",", "-", "/", ".", "–",
}  # fmt: skip
_DOUBLE = {"double": 2, "dobbel": 2, "dobbelt": 2, "triple": 3, "trippel": 3}
_HUNDRED = word_set("hundred hundre")
# Between two groups of one dictated number: «… null ni eh og så sju fire».
_PAUSES = word_set("eh ehm øh øhm uh um er og så and then")
# Words that make a number of what stands before, so that it was no dictated string of digits.
_QUANTITY = word_set(
    "hundre tusen millioner million kroner kr prosent år timer timar dager dagar uker veker "
    "måneder månader minutter meter kilometer kilo ganger gonger personer mennesker stykker "
    "komma hundred thousand percent dollars pounds years hours days weeks months minutes "
    "miles times people feet"
)
_AT = r"(?:krøllalfa|alfakrøll|kroellalfa|krøll-alfa|alfa krøll|krøll alfa|snabel-?a|at sign|at)"
_DOT = r"(?:punktum|punkt|dot|prikk|period)"
_JOINERS = {
    "punktum", "punkt", "dot", "prikk", "period", "underscore", "understrek", "understreking",
    "bindestrek", "strek", "dash", "hyphen", "skråstrek", "slash", "minus",
}  # fmt: skip
_TLD = (
    r"(?:no|n o|com|org|net|uk|co|de|se|dk|edu|gov|io|info|example|example|fr|es|pl|nl|it|eu|us|"
    r"ca|au|"
    r"ie|fi|is|me|biz)"
)
_SPOKEN_MAIL = re.compile(
    rf"\b{_AT} (?:[\wæøå-]+ (?:(?:bindestrek|strek|dash|hyphen|understrek|underscore) [\wæøå-]+ )*"
    rf"(?:[\wæøå-]+ ){{0,2}}?{_DOT} )(?:[\wæøå-]+ {_DOT} )*{_TLD}\b(?: {_DOT} {_TLD}\b)*",
    re.IGNORECASE,
)
_NETWORK = (
    r"(?:facebook|fjesbok|instagram|insta|tiktok|tik tok|snapchat|snap|twitter|linkedin|youtube|x)"
)
_SPOKEN_PAGE = re.compile(
    # «facebook skråstrek kari nordmann sytti», “linkedin dot com slash in slash jo berg”
    rf"\b{_NETWORK}(?: {_DOT} com)? (?:skråstrek|slash|stroke)"
    r"(?: (?!(?:og|and|men|but|han|hun|ho|she|he|som|that|which|der|er|is|eh|ehm|uh|um|i|på|on|"
    r"so|så)\b)"
    r"[\wæøå-]+){1,6}",
    re.IGNORECASE,
)
_SPOKEN_WEB = re.compile(
    rf"\b(?:w w w|www|dobbeltve dobbeltve dobbeltve) {_DOT} [\wæøå-]+(?: [\wæøå-]+){{0,2}}? "
    rf"{_DOT} {_TLD}\b"
    rf"(?: (?:skråstrek|slash) [\wæøå-]+)*",
    re.IGNORECASE,
)
_SPOKEN_HANDLE = re.compile(
    # “it's at jo bakes bread on instagram”, «krøllalfa nora leser på instagram»
    rf"(?:(?:\b(?:it's|its|it is|is|i'm|called|handle|page|that's|heter|heiter|er)) "
    rf"(?P<x>at (?:[\w'-]+ ){{0,5}}[\w'-]+)(?= (?:on|på) {_NETWORK}\b))",
    re.IGNORECASE,
)
_SPOKEN_HANDLE_NO = re.compile(
    rf"\b(?P<x>(?:krøllalfa|alfakrøll) (?:[\wæøå-]+ ){{0,5}}?[\wæøå-]+)(?= (?:på|on) {_NETWORK}\b)",
    re.IGNORECASE,
)

RULES: tuple[Rule, ...] = (
    Rule("spoken-page", "URL", _SPOKEN_PAGE, 0.85),
    Rule("spoken-web", "URL", _SPOKEN_WEB, 0.9),
    Rule("spoken-handle", "URL", _SPOKEN_HANDLE, 0.8),
    Rule("spoken-handle", "URL", _SPOKEN_HANDLE_NO, 0.8),
)

_ID_WORDS = re.compile(
    r"fødselsnummer|personnummer|d.?nummer|fnr|identitetsnummer|social|ssn|insurance number|nhs|"
    r"national id",
    re.IGNORECASE,
)
_ACCOUNT_WORDS = re.compile(r"konto|account|iban|sort code|routing", re.IGNORECASE)
_PHONE_WORDS = re.compile(
    r"telefon|tlf|mobil|ring|phone|mobile|cell|call|number is|text", re.IGNORECASE
)
_PLATE_WORDS = re.compile(r"skilt|regist|plate|bil\w*|car\b|van\b|truck", re.IGNORECASE)
_REFERENCE_WORDS = re.compile(
    r"(?:saks|referanse|løpe|polise|ansatt|tilsett|kunde|medlems|avtale|skade|tjeneste|journal)"
    r"(?:nummer|nr)|referanse|(?:badge|reference|case|policy|permit|licen[cs]e|staff|employee|"
    r"membership|contract|claim|file) (?:number|no)|\bref\b",
    re.IGNORECASE,
)
_NATO = word_set(
    "alfa alpha bravo charlie delta echo ekko foxtrot golf hotel india juliett juliet kilo "
    "lima mike november oscar papa quebec romeo sierra tango uniform victor whiskey xray yankee "
    "zulu"
)


def find(text: str, language: str) -> list[Span]:
    """Dictated numbers, plates and e-mail addresses; offsets are of `text`."""
    return [*_numbers(text, language), *_mails(text, language)]


def _numbers(text: str, language: str) -> Iterator[Span]:
    for line in re.finditer(r"[^\r\n]+", text):
        tokens = [
            (m.group().lower(), line.start() + m.start(), line.start() + m.end())
            for m in _TOKEN.finditer(line.group())
        ]
        i = 0
        while i < len(tokens):
            taken = _run(tokens, i, language)
            if taken is None:
                i += 1
                continue
            first, last, number, spoken = taken
            start, end = tokens[first][1], tokens[last][2]
            kind = _kind(text, tokens, first, last, number, spoken, language)
            if kind is not None:
                yield Span(start, end, kind, 0.8, "spoken-number")
            i = last + 1


def _run(
    tokens: list[tuple[str, int, int]], start: int, language: str
) -> tuple[int, int, str, int] | None:
    """The dictated digits from token `start`: (first, last token, digits, words) or None."""
    number, spoken, last, i, times, paused = "", 0, start - 1, start, 1, False
    while i < len(tokens):
        word = tokens[i][0]
        value = as_digits(word, language)
        if word in _DOUBLE and i + 1 < len(tokens):
            times = _DOUBLE[word]
        elif value is not None:
            # Tens and a unit said apart make one number: “eighty three” is 83.
            joined = (
                language not in {"nb", "nn"}
                and number.endswith("0")
                and len(value) == 1
                and value != "0"
                and i - 1 == last
                and len(as_digits(tokens[last][0], language) or "") == 2
                and tokens[last][0].endswith("ty")
            )
            number = number[:-1] + value if joined else number + value * times
            spoken += not word.isdecimal()
            last, times = i, 1
        elif word in _HUNDRED and len(number) >= 4 and i - 1 == last and number[-1] != "0":
            number += "00"  # “oh seven seven one nine hundred”
            spoken += 1
            last = i
        elif number and (word in _SEPARATORS or word in _PAUSES):
            paused = paused or word not in _SEPARATORS
        else:
            break
        if i - last > (3 if paused else 2):
            break
        i += 1
    if last < start or not number:
        return None
    following = tokens[last + 1][0] if last + 1 < len(tokens) else ""
    if following in _QUANTITY:
        return None
    return start, last, number, spoken


def _kind(
    text: str,
    tokens: list[tuple[str, int, int]],
    first: int,
    last: int,
    number: str,
    spoken: int,
    language: str,
) -> MentionType | None:
    """What a dictated run of digits is, or None if it is too short to point to anybody."""
    if spoken == 0:
        return None
    start, end = tokens[first][1], tokens[last][2]
    words = last - first + 1
    before = text[max(0, text.rfind("\n", 0, start) + 1, start - 60) : start]
    length = len(number)
    dictated = {"skråstrek", "strek", "bindestrek", "slash", "dash", "stroke", "hyphen"}
    separated = any(t[0] in dictated for t in tokens[first : last + 1])
    if _ID_WORDS.search(before) and length >= 5 and words >= 3:
        return "NATIONAL_ID"
    norwegian = language in {"nb", "nn"}
    if norwegian and length == 11 and plausible_date(number) and words >= 4:
        return "NATIONAL_ID"
    if _ACCOUNT_WORDS.search(before) and length >= 6:
        return "ACCOUNT"
    if norwegian and length == 11 and words >= 4:
        return "ACCOUNT"
    if _REFERENCE_WORDS.search(before[-40:]) and length >= 4 and words >= 3:
        return "OTHER"
    if separated and length >= 4 and words >= 4 and not _PHONE_WORDS.search(before):
        return "OTHER"
    if _PLATE_WORDS.search(before) and 4 <= length <= 5 and words >= 3:
        return "VEHICLE"
    if words >= 4 and length >= 7:
        return "PHONE"
    if words >= 3 and length >= 7 and (_PHONE_WORDS.search(before) or "," in text[start:end]):
        return "PHONE"
    if length >= 5 and words >= 4:
        return "OTHER"
    return None


def _mails(text: str, language: str) -> Iterator[Span]:
    lexicon = load_lexicon(language)
    for match in _SPOKEN_MAIL.finditer(text):
        line = text.rfind("\n", 0, match.start()) + 1
        before = list(_TOKEN.finditer(text, line, match.start()))
        start, words = match.start(), 0
        for i in range(len(before) - 1, -1, -1):
            word = before[i].group().lower()
            follows_joiner = i + 1 < len(before) and before[i + 1].group().lower() in _JOINERS
            loose = (
                word.isalnum()
                and word not in _FILLERS
                and (
                    len(word) == 1
                    or as_digits(word, language) is not None
                    or lexicon.kinds(word) != ""
                    or not lexicon.is_word(word)
                )
                and word not in {"is", "er", "i", "a", "mail", "email", "post", "e-post"}
            )
            nearest = i == len(before) - 1
            if not (nearest or follows_joiner or word in _JOINERS or loose) or words >= 8:
                break
            if word in {",", ":", "is", "er"} or (word in _SEPARATORS and word in ",."):
                break
            start = before[i].start()
            words += 1
        # “at” alone is a common word: it needs a name before it and a domain after.
        if words or not match.group().lower().startswith("at "):
            yield Span(start, match.end(), "EMAIL", 0.95, "spoken-email")


_LETTERED_PLATE = re.compile(
    r"\b(?P<x>[a-zæøå] [a-zæøå](?: [a-zæøå])?(?: (?:null|en|ein|to|tre|fire|fem|seks|sju|syv|"
    r"åtte|ni|zero|"
    r"oh|one|two|three|four|five|six|seven|eight|nine|\d)){3,6})\b",
    re.IGNORECASE,
)
_NATO_CALL = re.compile(
    rf"\b(?P<x>(?:(?:{'|'.join(sorted(_NATO))})\b ?){{2,}}(?:(?:null|en|ein|to|tre|fire|fem|seks|"
    rf"sju|syv|åtte|"
    r"ni|zero|oh|one|two|three|four|five|six|seven|eight|nine|niner|\d)\b ?)*)(?<! )",
    re.IGNORECASE,
)
RULES = (
    *RULES,
    Rule("spoken-plate", "VEHICLE", _LETTERED_PLATE, 0.8),
    Rule("spoken-call-sign", "VEHICLE", _NATO_CALL, 0.6),
)
