"""Where a text holds a number of some length, or signs of an address of the net."""

from __future__ import annotations

import re
from collections.abc import Iterator

from anonpipe.detect.spans import code_spans
from anonpipe.numbers import ENGLISH, NORWEGIAN
from anonpipe.transcript import MentionType, Transcript

_DIGIT = "|".join(sorted({*NORWEGIAN, *ENGLISH, "double", "triple", "dobbel"}, key=len)[::-1])
_NUMBER = re.compile(
    rf"(?<![\w.,])(?:\+?\d+|\b(?:{_DIGIT})\b)(?:[ .,-]{{1,2}}(?:\d+|(?:{_DIGIT})\b)){{3,}}"
    r"|(?<![\w.,])\d[\d .-]{4,}\d(?!\w)",
    re.IGNORECASE,
)
_NET = re.compile(
    r"[^\s@]*\s?@\s?\S*|\b(?:krøllalfa|alfakrøll|snabel-?a)\b|\bwww\b\S*"
    r"|\b(?:\w+ )?(?:punktum|prikk|dot|point) (?:no|com|net|org|co|uk|se|dk)\b"
    r"|\b[\w-]+\.(?:no|com|net|org|uk|se|dk|example)\b",
    re.IGNORECASE,
)
_SHORTEST = 5
"""Digits of a number that may call, pay or identify."""


_UNIT = re.compile(
    r"\s?(?:kr|kroner|kronar|euro|pund|pounds|dollar\w*|prosent|percent|meter|metres|km|mil|miles|"
    r"kilo|kg|tonn|timer|timar|hours|ganger|gonger|times|år|years|%|€|£|\$)(?!\w)",
    re.IGNORECASE,
)

Remain = tuple[int, int, int, MentionType]
"""Turn, start, end, and what it may be."""


def remains(transcript: Transcript) -> Iterator[Remain]:
    """Numbers of five digits or more, in figures or words, and signs of addresses; not in codes."""
    for number, turn in enumerate(transcript.turns):
        hidden = code_spans(turn.text)
        for match in [*_NUMBER.finditer(turn.text), *_NET.finditer(turn.text)]:
            start, end = match.span()
            if any(a < end and start < b for a, b in hidden):
                continue
            if match.re is _NET:
                yield number, start, end, "EMAIL"
            elif _digits(match[0]) >= _SHORTEST and not _counts(turn.text, match[0], end):
                yield number, start, end, "PHONE"


def _counts(text: str, number: str, end: int) -> bool:
    """Whether a number says how much: «45 000 kroner»."""
    return number.endswith("000") or _UNIT.match(text, end) is not None


def _digits(text: str) -> int:
    """How many digits a number has at least, however it is written."""
    return sum(len(word) if word.isdigit() else 1 for word in re.findall(r"\d+|[^\W\d_]+", text))
