"""Which of the network's findings stand, seen beside the rules'."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from anonpipe.detect.contexts import contexts
from anonpipe.detect.lexicon import load_lexicon
from anonpipe.detect.recognizers.dictated import NATO
from anonpipe.detect.spans import MODEL, NAMED, NAMES, Span
from anonpipe.detect.words import is_people
from anonpipe.numbers import as_digits
from anonpipe.resources import word_set
from anonpipe.transcript import MentionType

_NUMBERS: frozenset[MentionType] = frozenset({"PHONE", "NATIONAL_ID", "ACCOUNT"})
_WORD = re.compile(r"[^\W_]+")
_NEXT = re.compile(r" ([^\W\d_]+)\b")
# A time that comes round every year or week pins no event.
GENERAL = word_set(
    "januar februar mars april mai juni juli august september oktober november desember january "
    "february march may june july october december vår våren sommer sommeren sumar sumaren "
    "haust hausten høst høsten vinter vinteren jul jula påske påska spring summer autumn fall "
    "winter easter christmas mandag tirsdag onsdag torsdag fredag lørdag søndag måndag tysdag "
    "laurdag sundag monday tuesday wednesday thursday friday saturday sunday i den det the in "
    "on last next this that each every a an en ein ei til of forrige neste siste førre hver "
    "kvar early late mid og and eh um"
)
_SMALL = word_set("my the our s")
_STANDARD = re.compile(r"(?:COVID|SARS|ISO|ICD|DSM|NS|EN|CE)[- ]?[A-Z]*[- ]?\d+", re.IGNORECASE)
"""Diseases, norms and manuals with a number."""
_PAIRS = re.compile(r"\d{1,2}(?: \d{1,2})+")
"""Single and double figures; telephone numbers among them are the rules' to find."""
_EVERY = re.compile(
    r"(?:ann(?:et|a|en) ?)?(?:hvert|kvart)(?: [^\W\d]+)? år|every (?:[^\W\d]+ )?years?",
    re.IGNORECASE,
)
NATIONAL_DAY = re.compile(r"(?:den )?(?:17\.?|syttende|syttande) mai", re.IGNORECASE)


def standing(text: str, spans: Sequence[Span], language: str) -> list[Span]:
    """`spans` without the network's times that are no dates and its repeats of what a rule found.

    A number or address that a rule found in its exact form is not widened by a
    hesitation, by the label before it («KID 202305142») or by the next word of the sentence.
    """
    fillers = contexts(language).fillers
    lexicon = load_lexicon(language)
    exact = [s for s in spans if s.recognizer != MODEL and s.type not in NAMED]

    def stands(span: Span) -> bool:
        if span.recognizer != MODEL:
            return True
        shown = text[span.start : span.end]
        words = list(_WORD.finditer(text, span.start, span.end))
        if span.type in NAMED:
            if all(_names_nobody(w[0], language) for w in words):
                return False
            if span.type != "PERSON" and all(_is_family(w[0], language) for w in words):
                return False
            only = words[0][0] if len(words) == 1 else ""
            # A common noun of raw speech; nicknames of that kind need words such as «kalte».
            return not (
                span.type == "PERSON"
                and language != "en"
                and only.islower()
                and only in lexicon.common
                and "F" not in lexicon.kinds(only)
            )
        if span.type == "DATE" and (
            all(w[0].lower() in GENERAL for w in words) or NATIONAL_DAY.fullmatch(shown)
        ):
            return False
        if span.type == "AGE" and _EVERY.fullmatch(shown):
            return False
        rules = [r for r in exact if r.start < span.end and span.start < r.end]
        if not rules:
            return not _STANDARD.fullmatch(shown) and not _PAIRS.fullmatch(shown)
        outside = [
            w[0] for w in words if not any(r.start < w.end() and w.start() < r.end for r in rules)
        ]
        return not all(
            w.lower() in fillers
            or (w.isalpha() and w.isupper() and 1 < len(w) < 5)
            or (span.type in _NUMBERS and _no_figure(w, language))
            for w in outside
        )

    cut = (_edges(text, span, language) for span in spans)
    return [span for span in cut if span is not None and stands(span)]


def with_heads(text: str, spans: Sequence[Span], language: str) -> list[Span]:
    """Organisations together with the nouns behind them that say what they are.

    Of «Hundeide skule» the network sometimes takes the name alone. `spans` are sorted.
    """
    heads = contexts(language).org_heads
    widened: list[Span] = []
    for i, span in enumerate(spans):
        limit = spans[i + 1].start if i + 1 < len(spans) else len(text)
        while span.type == "ORG":
            following = _NEXT.match(text, span.end, limit)
            if following is None or following[1].lower() not in heads:
                break
            span = replace(span, end=following.end())
        widened.append(span)
    return widened


def _no_figure(word: str, language: str) -> bool:
    """True for a plain word beside a number, such as the sentence's next."""
    lower = word.lower()
    plain = len(lower) > 1 and lower in load_lexicon(language).common and lower not in NATO
    return plain and as_digits(lower, language) is None


def _names_nobody(word: str, language: str) -> bool:
    """True for «IBAN», “Ukrainians”, “my”; not for «Finn» and “June”, which people are called."""
    lower, never = word.lower(), contexts(language).never
    if lower in _SMALL or is_people(lower, never):
        return True
    return lower in never and not set(load_lexicon(language).kinds(lower)) & {"F", "L"}


def _is_family(word: str, language: str) -> bool:
    """True for kin and the small words between them: “mothers and daughters”."""
    lower, context = word.lower(), contexts(language)
    return lower in context.kin or lower.removesuffix("s") in context.kin | context.function


def _edges(text: str, span: Span, language: str) -> Span | None:
    """A name of the network without the plain words at its edges: «Livs bil», «Hamar-kontoret»."""
    if span.recognizer != MODEL or span.type not in NAMES:
        return span
    lexicon = load_lexicon(language)
    # A person may be called Dag or Vår, so that only other names lose such words.
    function = contexts(language).function if span.type != "PERSON" else frozenset()
    every = list(_WORD.finditer(text, span.start, span.end))
    words = list(every)
    cased = any(w[0][0].isupper() for w in words)
    while words and words[0][0] in function:
        words.pop(0)
    while words:
        last = words[-1][0]
        joined = text[words[-1].start() - 1] == "-" and cased and lexicon.is_word(last)
        noun = span.type == "PERSON" and cased and last in lexicon.common
        if not (last in function or (last.islower() and len(words) > 1 and (joined or noun))):
            break
        words.pop()
    if not words:
        return None
    if words == every:
        return span
    return replace(span, start=words[0].start(), end=words[-1].end())
