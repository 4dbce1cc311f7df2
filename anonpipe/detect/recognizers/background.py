"""Nationality, first language and faith, found only where a study switches them on.

Spans are named after what they are: nationality, language, faith. None of it points to a
person by itself, but it may in a small group, and ethnic origin and belief are special
categories of personal data (GDPR article 9). Norwegian nationality, and Norwegian and English as
languages, are left: in interviews from Norway they tell nobody apart. The name of a language
counts only beside a word about language («snakker polsk», “my mother tongue is Dari”).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator
from functools import cache

from anonpipe.detect.lexicon import load_lexicon
from anonpipe.detect.spans import Span
from anonpipe.resources import word_list, word_set

_NO_FAITHS = (
    r"muslim(?:en|er|ar|ene|ane|sk|ske)?|islam(?:sk|ske)?|sunni(?:tt|tter|muslim\w*)?|"
    r"sjia(?:muslim\w*)?|ahmadiyya\w*|alevitt?\w*|sufi\w*|"
    r"katolikk(?:en|er|ar|ene|ane)?|katolsk(?:e)?|katolisisme\w*|ortodoks(?:e)?|"
    r"protestant(?:en|er|ar|isk|iske)?|lutheraner\w*|lutheranar\w*|luthersk(?:e)?|"
    r"evangelisk(?:e)?|pinsevenn\w*|pinseven\w*|baptist\w*|metodist\w*|adventist\w*|kvekar\w*|"
    r"kveker\w*|mormon\w*|læstadian\w*|kopter(?:en|e|ne)?|koptisk(?:e)?|"
    r"jehovas? vitner?|smiths? venner?|human-?etiker\w*|human-?etikar\w*|"
    r"jøde(?:n|r|ne)?|jødisk(?:e)?|jødedom\w*|hindu(?:en|er|ar|ene|ane|isme\w*|isme|istisk\w*)?|"
    r"buddhist\w*|buddhisme\w*|sikh(?:en|er|ar|ene|ane|isme\w*)?|bahai\w*|jesidi\w*|yezidi\w*|"
    r"ateist\w*|agnostiker\w*|agnostikar\w*|kristendom\w*"
)
_EN_FAITHS = (
    r"muslims?|islam(?:ic)?|sunnis?|shias?|shi'?ites?|ahmadis?|alevis?|sufis?|christians?|"
    r"christianity|catholics?|catholicism|orthodox|protestants?|lutherans?|evangelicals?|"
    r"pentecostals?|baptists?|methodists?|presbyterians?|anglicans?|adventists?|quakers?|"
    r"mormons?|laestadians?|copts?|coptic|jehovah'?s witness(?:es)?|jews?|jewish|judaism|"
    r"hindus?|hinduism|buddhists?|buddhism|sikhs?|sikhism|bah[aá]'?[ií]s?|yazidis?|atheists?|"
    r"agnostics?|humanists?"
)
_NO_FAITH = (
    re.compile(rf"(?<!\w)(?:{_NO_FAITHS})(?!\w)", re.IGNORECASE),
    re.compile(r"(?<!\w)(?:kristen|kristne|kristent)(?!\w)"),  # with a capital perhaps a name
)
_EN_FAITH = (re.compile(rf"(?<!\w)(?:{_EN_FAITHS})(?!\w)", re.IGNORECASE),)

_NO_NOUN_ENDING = r"(?:e?ne?s?|a(?:ne|r|ene)?s?|ar|er?s?|inne[nr]?|r|s)?"
_NO_ADJECTIVE_ENDING = r"(?:e|født|fødd|ætta|ættet|norsk\w*)?"
# What makes a word a language's name: before it in its sentence, right before, right after.
_NO_CONTEXT = re.compile(
    r"\b(?:snakk\w*|prat\w*|morsmål\w*|språk\w*|tolk\w*|oversett\w*|oversatt\w*)\b[^.!?\n]{0,40}$"
    r"|\b(?:kan|lese[rt]?|skrive[rt]?|skreiv|forstår?|forsto|lærte?|lærer|lærar)(?: \w+)? $",
    re.IGNORECASE,
)
_NO_AFTER = re.compile(
    r"-?(?:tal(?:ende|ande)|språkl\w+)| (?:som morsmål|heime|hjemme|tolk)\b", re.IGNORECASE
)
_EN_CONTEXT = re.compile(
    r"\b(?:spe[ae]k\w*|spoke\w*|mother tongue|first language|languages?|fluent|translat\w*|"
    r"interpret\w*)\b[^.!?\n]{0,40}$"
    r"|\b(?:learn\w*|reads?|writes?|understands?|understood|native)(?: \w+)? $",
    re.IGNORECASE,
)
_EN_AFTER = re.compile(
    r"[ -]speak\w*| (?:as (?:my|a|his|her|their) \w+ (?:tongue|language)|at home|interpret\w*)\b",
    re.IGNORECASE,
)
_NO_MORE = word_set(
    "farsi sorani kurmanji mandarin kantonesisk berbisk romanes tegnspråk teiknspråk"
)
_EN_MORE = word_set("farsi sorani kurmanji mandarin sami berber romanes bengali tamazight")
_WINDOW = 60  # characters before a language's name that are looked at


def _peoples() -> tuple[list[str], list[str], list[str]]:
    """Norwegian adjectives, Norwegian nouns and English words of `peoples.txt`."""
    columns: tuple[list[str], list[str], list[str]] = ([], [], [])
    for line in word_list("peoples.txt"):
        for column, words in zip(columns, line.split(";"), strict=True):
            column += [word.replace("_", " ") for word in words.split()]
    return columns


def _any(words: Iterable[str]) -> str:
    return "|".join(sorted(map(re.escape, words), key=len, reverse=True))


@cache
def _nationality(norwegian: bool) -> re.Pattern[str]:
    adjectives, nouns, english = _peoples()
    if norwegian:
        plain = [word for word in nouns if not word.isupper()]
        rare = _any(word.lower() for word in nouns if word.isupper())
        pattern = (
            rf"(?<!\w)(?:norsk-)?(?:(?:{_any(adjectives)}){_NO_ADJECTIVE_ENDING}(?:-norsk)?"
            rf"|(?:{_any(plain)}){_NO_NOUN_ENDING}|(?:{rare})(?:er|ar|en|ene|ane)s?"
            rf"|(?:(?<=\ben )|(?<=\bein ))(?:{rare})"
            rf"|(?:(?<=\ber )|(?<=\bvar )|(?<=\bsom ))(?:{rare})(?=[.,;!?]|\s*$))(?!\w)"
        )
        return re.compile(pattern, re.IGNORECASE)
    plain = [word for word in english if not word.isupper()]
    kinds = load_lexicon("en").kinds
    capitals = [word.capitalize() for word in english if word.isupper()]
    names = [word for word in capitals if "F" in kinds(word.lower())]
    others = [word for word in capitals if word not in names]
    article = "|".join(rf"(?<=\b{word} )" for word in ("a", "A", "the", "The", "half"))
    return re.compile(
        rf"(?<!\w)(?:(?i:(?:{_any(plain)})s?)|(?:{_any(others)})s?"
        rf"|(?:{_any(names)})s|(?:{article})(?:{_any(names)}))(?!\w)"
    )


@cache
def _language(norwegian: bool) -> re.Pattern[str]:
    family = "no" if norwegian else "en"
    lines = (line.split("\t") for line in word_list("first-languages.txt.gz"))
    more = {*_peoples()[0], *_NO_MORE} - {"engelsk"} if norwegian else _EN_MORE
    words = _any([*more, *(word for found, word in lines if found == family)])
    # «arabisktalende» is one word.
    ending = r"(?=\W|$|tal(?:ende|ande)|språkl)" if norwegian else r"(?!\w)"
    return re.compile(rf"(?<!\w)(?:{words}){ending}", re.IGNORECASE)


def _languages(text: str, norwegian: bool) -> Iterator[re.Match[str]]:
    context, after = (_NO_CONTEXT, _NO_AFTER) if norwegian else (_EN_CONTEXT, _EN_AFTER)
    for match in _language(norwegian).finditer(text):
        before = text[max(0, match.start() - _WINDOW) : match.start()]
        if context.search(before) or after.match(text, match.end()):
            yield match


def finder(also: Collection[str]) -> Callable[[str, str], list[Span]]:
    """A function that finds in a text of a language what `also` names, as spans of type OTHER."""

    def find(text: str, language: str) -> list[Span]:
        norwegian = language in {"nb", "nn"}
        found: list[tuple[str, re.Match[str]]] = []
        if "nationality" in also:
            matches = _nationality(norwegian).finditer(text)
            found += (("nationality", match) for match in matches)
        if "language" in also:
            found += (("language", match) for match in _languages(text, norwegian))
        if "faith" in also:
            for pattern in _NO_FAITH if norwegian else _EN_FAITH:
                found += (("faith", match) for match in pattern.finditer(text))
        return [Span(*match.span(), "OTHER", 0.8, name) for name, match in found]

    return find
