"""Addresses without a figure: post boxes, farms, and streets named after a preposition."""

from __future__ import annotations

import re
from collections.abc import Iterator

from anonpipe.detect.reader import Reader
from anonpipe.detect.recognizers.rule import Rule
from anonpipe.detect.spans import Span
from anonpipe.numbers import EN_WORD, NO_BIG, NO_WORD
from anonpipe.resources import word_set

_POST_BOX = re.compile(
    rf"\b(?:postboks|post ?boks|p\.? ?o\.? box|p o box|po box|post office box)(?: nummer| number)? "
    rf"(?:\d{{1,6}}|(?:{NO_BIG}|{NO_WORD}|{EN_WORD})(?: (?:og )?(?:hundre|hundred|{NO_WORD}|"
    rf"{EN_WORD})){{0,5}})(?!\w)",
    re.IGNORECASE,
)
_TYPES = (
    r"(?:Street|Road|Lane|Avenue|Drive|Close|Terrace|Gardens|Crescent|Boulevard|Row|Wharf|Mews|"
    r"Parkway|Grove|Walk|Quay|Parade|Alley|Brae|Wynd|Vennel|Esplanade|Rise|Gate|Hill)"
)
_NAMED_STREET = re.compile(
    rf"(?<![\w-])(?:\d{{1,4}}[A-Za-z]? )?(?:(?!(?:The|Our|My|This|That|And|But|In|On|At)\b)"
    rf"(?:[A-Z][\w'’-]+|St\.|[A-Z]\.) ){{1,3}}{_TYPES}(?![\w-])"
)
_NO_NAMED_STREET = re.compile(
    # a genitive before the street's type: «eddas vei tjuetre»
    rf"(?<![\w-])(?P<x>(?:(?-i:[A-ZÆØÅ])[\wæøå-]+ )?[\wæøåÆØÅ-]{{3,}}[sz] "
    rf"(?:vei|veg|gate|plass|allé|alle|terrasse) "
    rf"(?:\d{{1,4}}|(?!(?:en|et|ei|ein|eit|to|ti|null)\b){NO_BIG})(?: ?[a-hA-H]\b)?)"
    r"(?![\w-]|[.,]\d| (?:år|kroner|ganger|meter|minutter|timer|kilometer)\b)",
    re.IGNORECASE,
)
_RAW_TYPES = word_set(
    "brae wynd close mews crescent terrace parade quay street road lane avenue drive gardens"
)
_BEFORE = word_set("on at in off to from near down along up")
_FARMS = word_set("gård gården gard garden småbruket bruket plassen setra setera seter")


def find(text: str, language: str) -> list[Span]:
    """Streets and farms in raw text, by the words beside them; offsets are of `text`."""
    reader = Reader(text, language)
    if not reader.raw:
        return []
    return list(_farms(reader) if reader.norwegian else _streets(reader))


def _plain(reader: Reader, i: int) -> bool:
    word = reader.words[i]
    return reader.core(word) or word.lower in reader.context.never or len(word.base) < 3


def _streets(reader: Reader) -> Iterator[Span]:
    """“on harrier wynd”: a preposition, one or two words that are no article, a street's type."""
    for i, word in enumerate(reader.words):
        if word.lower not in _RAW_TYPES or not reader.adjacent(i):
            continue
        for length in (1, 2):
            first = i - length
            if first < 1 or not reader.adjacent(first + 1) or _plain(reader, first):
                break
            if reader.adjacent(first) and reader.words[first - 1].lower in _BEFORE:
                yield Span(reader.words[first].start, word.end, "ADDRESS", 0.7, "street-raw")


def _farms(reader: Reader) -> Iterator[Span]:
    """«på gården tveitli»: the farm's name after the noun."""
    for i, word in enumerate(reader.words[:-1]):
        following = reader.words[i + 1]
        if word.lower not in _FARMS or not reader.adjacent(i + 1) or _plain(reader, i + 1):
            continue
        named = bool(set(reader.kinds(following)) & set("LP")) or not reader.known(following.base)
        if named and following.base not in reader.lexicon.verbs:
            yield Span(following.start, following.end, "ADDRESS", 0.65, "farm-raw")


RULES: tuple[Rule, ...] = (
    Rule("post-box", "ADDRESS", _POST_BOX, 0.85),
    Rule("street-named", "ADDRESS", _NAMED_STREET, 0.7, None, ("en",)),
    Rule("street-genitive", "ADDRESS", _NO_NAMED_STREET, 0.75, None, ("nb", "nn")),
)
