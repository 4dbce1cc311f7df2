"""Names that were spelled: letter by letter, or with a word for each letter.

«k a r i», “B-R-A-N-K-O”, «k som i Kari», “B for Bravo”, and the spelling alphabet
(ICAO Annex 10, volume II) without figures; with figures it is a plate or a code.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from anonpipe.detect.contexts import contexts
from anonpipe.detect.lexicon import load_lexicon
from anonpipe.detect.recognizers.dictated import NATO, WEAK
from anonpipe.detect.recognizers.rule import Rule
from anonpipe.detect.spans import Span
from anonpipe.resources import word_set

RULES: tuple[Rule, ...] = ()

_LETTER = r"[^\W\d_]"
# «k som i kari», “c as in charlie”, “b for bravo”: the word begins with the letter.
_WORDED = re.compile(
    rf"\b(?P<letter>{_LETTER})(?:,? (?:som i|as in|like in|for))? (?:(?:en|ei|a|an) )?"
    rf"(?P<word>(?P=letter)[^\W\d_]+)\b",
    re.IGNORECASE,
)
_STATED = re.compile(r" (?:som i|as in|like in|for) ", re.IGNORECASE)
# Between two of them; what was misheard in between belongs to the name too.
_WORDED_GAP = re.compile(r"(?:[ ,-]+|\b[^\W\d_]+\b){0,10}")
_DOUBLE = r"(?:double|dobbel|dobbelt)"
_LETTERS = re.compile(
    rf"(?<![\w'’@.-])(?:{_DOUBLE} )?{_LETTER}"
    rf"(?:[ ,.-]{{1,2}}(?:(?:{_DOUBLE}|eh|ehm|uh|um|er)[ ,.-]{{1,2}})*{_LETTER}){{2,}}(?![\w'’@-])",
    re.IGNORECASE,
)
_RUN_TOGETHER = re.compile(
    # “That's OKNKWMO”: what the recogniser makes of letters said fast
    r"(?i:\b(?:that's|that is|spelled|spelt|staves|stava|skrives|bokstaveres|spell it)) "
    r"(?P<x>[A-ZÆØÅ]{4,})\b"
)
_NATO_RUN = re.compile(
    rf"\b(?:{'|'.join(sorted(NATO))})(?:[ ,-]{{1,2}}(?:{'|'.join(sorted(NATO))}))+\b", re.IGNORECASE
)
_NAMING = re.compile(
    r"\b(?:\w*na(?:v|m)n(?:et)?|names?|heter|heiter|heite|surname|spell\w*|spelt|stav\w*|"
    r"bokstaver\w*|skriv\w*|that's|called)\b",
    re.IGNORECASE,
)
_VESSEL = re.compile(r"kallesignal|call ?sign|båt|skip|boat|vessel|radio", re.IGNORECASE)
_ALPHABET = "abcdefghijklmnopqrstuvwxyzæøå"
_FILLERS = word_set("eh ehm uh um er double dobbel dobbelt")


def find(text: str, language: str) -> list[Span]:
    """Spelled names; offsets are of `text`."""
    return [*_worded(text), *_letters(text, language), *_alphabet(text), *_together(text, language)]


def _near(text: str, start: int, end: int, pattern: re.Pattern[str], after: int = 30) -> bool:
    line = max(text.rfind("\n", 0, start) + 1, start - 40)
    stop = text.find("\n", end)
    stop = min(len(text) if stop < 0 else stop, end + after)
    return bool(pattern.search(text, line, start) or pattern.search(text, end, stop))


def _worded(text: str) -> Iterator[Span]:
    run: list[re.Match[str]] = []
    for match in [*_WORDED.finditer(text), None]:
        if match is not None and not _STATED.search(match[0]):
            continue
        gap = text[run[-1].end() : match.start()] if run and match is not None else ""
        if match is not None and (not run or _WORDED_GAP.fullmatch(gap)):
            run.append(match)
            continue
        if run:
            start, end = run[0].start(), run[-1].end()
            told = " for " not in run[0][0].lower() or _near(text, start, end, _NAMING, 0)
            if len(run) > 1 or told:
                yield Span(start, end, "OTHER", 0.8, "spelled-with-words")
        run = [] if match is None else [match]


def _letters(text: str, language: str) -> Iterator[Span]:
    never = contexts(language).never
    for match in _LETTERS.finditer(text):
        parts = [w for w in re.findall(r"[^\W_]+", match[0].lower()) if w not in _FILLERS]
        joined = "".join(parts)
        strong = sum(c not in WEAK for c in parts)
        if joined in never or joined in _ALPHABET or set(parts) == {"w"}:
            continue
        hyphens = match[0].count("-") >= len(parts) - 1
        named = hyphens or _near(text, match.start(), match.end(), _NAMING, 20)
        if strong >= 2 and (named or (len(parts) >= 5 and strong >= 3)):
            yield Span(match.start(), match.end(), "PERSON", 0.75, "spelled-letters")


def _alphabet(text: str) -> Iterator[Span]:
    for match in _NATO_RUN.finditer(text):
        words = len(re.findall(r"\w+", match[0]))
        if _near(text, match.start(), match.end(), _VESSEL):
            yield Span(match.start(), match.end(), "VEHICLE", 0.7, "spelling-alphabet")
        elif words >= 3:
            yield Span(match.start(), match.end(), "OTHER", 0.7, "spelling-alphabet")


def _together(text: str, language: str) -> Iterator[Span]:
    lexicon = load_lexicon(language)
    for match in _RUN_TOGETHER.finditer(text):
        word = match["x"].lower()
        if not lexicon.is_word(word) and word not in contexts(language).never:
            yield Span(*match.span("x"), "PERSON", 0.7, "spelled-together")
