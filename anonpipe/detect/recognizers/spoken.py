"""Identifiers that were spoken: dictated digits, plates, e-mail addresses and pages.

A recogniser writes «ni åtte syv seks fire null to en» or “k hansen at gmail
dot com” where a typist writes a number or an address.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from anonpipe.detect.contexts import word_set
from anonpipe.detect.lexicon import load_lexicon
from anonpipe.detect.recognizers.numbers import as_digits
from anonpipe.detect.recognizers.rule import Rule
from anonpipe.detect.spans import Span

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


def find(text: str, language: str) -> list[Span]:
    """Dictated e-mail addresses; offsets are of `text`."""
    return list(_mails(text, language))


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
