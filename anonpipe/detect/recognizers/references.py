"""References and foreign plates: tokens of letters and digits that a word before explains.

Also tokens that look like a reference by themselves, and what was spelled out in raw text:
“b v one four”, «h r strek to null».
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from anonpipe.detect.contexts import ENGLISH, NORWEGIAN, word_set
from anonpipe.detect.lexicon import load_lexicon
from anonpipe.detect.recognizers.numbers import as_digits
from anonpipe.detect.recognizers.rule import Rule, digits, near
from anonpipe.detect.spans import Span
from anonpipe.transcript import MentionType

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

# --- spelled out

_TOKEN = re.compile(r"[^\W_]+(?:[-'’][^\W_]+)*|[^\w\s]")
_JOIN = word_set("strek bindestrek skråstrek slash dash hyphen stroke punktum dot - /")
_PAUSE = word_set("eh ehm øh uh um er og så and then ,")
_REPEAT = word_set("double triple dobbel dobbelt trippel")
# Letters that are words too: they count only beside a letter or a digit that is none.
_WEAK = frozenset("iaåeæo")
_BEFORE_PERSONAL = re.compile(rf"\b(?:{_PERSONAL}|pass|passet|insurance)", re.IGNORECASE)
_BEFORE_PLATE = re.compile(rf"\b(?:{_PLATE_WORDS})", re.IGNORECASE)
_BEFORE_OTHER = re.compile(rf"\b(?:{_OTHER})", re.IGNORECASE)


def find(text: str, language: str) -> list[Span]:
    """What was spelled in letters and digits; offsets are of `text`."""
    return [s for line in re.finditer(r"[^\r\n]+", text) for s in _line(text, line, language)]


def _line(text: str, line: re.Match[str], language: str) -> Iterator[Span]:
    tokens = [
        (m.group().lower(), line.start() + m.start(), line.start() + m.end())
        for m in _TOKEN.finditer(line.group())
    ]
    i = 0
    while i < len(tokens):
        last = _reach(tokens, i, language)
        if last is None:
            i += 1
            continue
        start, end = tokens[i][1], tokens[last][2]
        before = text[max(line.start(), start - 50) : start]
        kind: MentionType = "OTHER"
        if _BEFORE_PERSONAL.search(before):
            kind = "NATIONAL_ID"
        elif not _BEFORE_OTHER.search(before) and _BEFORE_PLATE.search(before):
            kind = "VEHICLE"
        yield Span(start, end, kind, 0.8, "spelled")
        i = last + 1


def _part(word: str, language: str) -> str:
    """What a token stands for in a spelled reference: its letter or digits, "" if nothing."""
    value = as_digits(word, language)
    if value is not None:
        return value
    return word if len(word) == 1 and word.isalpha() else ""


def _reach(tokens: list[tuple[str, int, int]], first: int, language: str) -> int | None:
    """The last token of what is spelled from token `first`, or None if nothing is."""
    word = tokens[first][0]
    joined = first + 1 < len(tokens) and tokens[first + 1][0] in _JOIN
    glued = joined and 2 <= len(word) <= 4 and word.isalpha() and _no_word(word, language)
    if not glued and not _part(word, language):
        return None
    parts = [word if glued else _part(word, language)]
    last, i = first, first + 1
    while i < len(tokens) and i - last <= 3:
        word = tokens[i][0]
        part = _part(word, language)
        if part:
            parts.append(part)
            last = i
        elif word not in _JOIN and word not in _PAUSE and word not in _REPEAT:
            break
        i += 1
    if len(parts) > 1 and parts[-1] in {"i", "å"} and last + 1 < len(tokens):
        # “… seven b I think”: the pronoun, for the sentence goes on
        parts.pop()
        last = max(k for k in range(first, last) if _part(tokens[k][0], language) or k == first)
    # A letter that is also a word, at either edge, belongs to the sentence.
    if parts[0] in _WEAK and not (len(parts) > 1 and parts[1].isalpha()):
        return None
    if parts[-1] in _WEAK and parts[-2:-1] and parts[-2].isdigit():
        return None
    letters = sum(len(p) for p in parts if p.isalpha() and p not in _WEAK)
    count = sum(len(p) for p in parts if p.isdigit())
    numbers = sum(p.isdigit() for p in parts)
    if letters >= 1 and count >= 2 and numbers >= 2 and letters + count >= 5:
        return last
    return last if letters >= 3 and numbers >= 1 and letters + count >= 5 else None


def _no_word(word: str, language: str) -> bool:
    lexicon = load_lexicon(language)
    return word not in lexicon.common and as_digits(word, language) is None
