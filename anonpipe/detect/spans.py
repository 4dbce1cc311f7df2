"""Spans over a text, and how overlapping ones become one list without overlaps."""

from __future__ import annotations

import bisect
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from anonpipe.codes.forms import BARE
from anonpipe.transcript import MentionType

# Which type names the union of partly overlapping spans: exact identifiers before
# broad ones, because their form is checked and a name's is not.
PRIORITY: dict[MentionType, int] = {
    "EMAIL": 13,
    "URL": 12,
    "NATIONAL_ID": 11,
    "ACCOUNT": 10,
    "PHONE": 9,
    "VEHICLE": 8,
    "ADDRESS": 7,
    "OTHER": 6,
    "DATE": 5,
    "AGE": 4,
    "ORG": 3,
    "PERSON": 2,
    "LOCATION": 1,
    "OCCUPATION": 0,
}
# A code that replaced something before: a bracket that holds a number, «[Person 1]», or what a
# code that was taken back has left, «[Person]».
CODE = re.compile(
    rf"\[(?:[^\[\]\n]{{0,60}}\d[^\[\]\n]{{0,10}}|{'|'.join(map(re.escape, sorted(BARE)))})\]"
)
LISTED = "listed-name"
"""The recognizer of names that the study lists, as a whole: their type is certain."""
MODEL = "spacy"
"""The recognizer of spans that a network found."""
NAMES: frozenset[MentionType] = frozenset({"PERSON", "LOCATION", "ORG"})
BACKGROUND = frozenset({"nationality", "language", "faith"})
"""The recognizers of words that have no form: names may hold them."""
NAMED: frozenset[MentionType] = NAMES | {"OCCUPATION"}
"""Types without a form that a rule could check."""
_EDGE = " \t\r\n\f\v\u00a0,.;:!?«»\"“”„'’‘()[]{}–—-…/|*"


@dataclass(frozen=True, slots=True)
class Span:
    """Characters `start` to `end` (exclusive) of the whole text."""

    start: int
    end: int
    type: MentionType
    score: float
    recognizer: str
    misheard: str = ""  # the known name that this was taken for


def _better(a: Span, b: Span) -> Span:
    """Of two overlapping spans, the one whose type the union takes."""
    if (a.start, a.end) == (b.start, b.end):
        # What the study knows goes before what the surroundings suggest.
        told = [span for span in (a, b) if span.recognizer == LISTED or span.misheard]
        if len(told) == 1:
            return told[0]
        if {a.type, b.type} == {"DATE", "OTHER"}:
            # “a claim on 02/11/2023”: what has the form of a date is no reference number.
            return a if a.type == "DATE" else b
    if (a.recognizer == MODEL) != (b.recognizer == MODEL):
        # The form of a number is checked by a rule; the network guesses it from its surroundings.
        rule, guess = (b, a) if a.recognizer == MODEL else (a, b)
        inside = guess.start <= rule.start and rule.end <= guess.end
        longer = guess.end - guess.start > rule.end - rule.start
        if rule.recognizer in BACKGROUND and guess.type == "PERSON" and inside and longer:
            return guess  # a surname: «Dawn French»
        if rule.type not in NAMED:
            return rule
        if guess.type not in NAMED and rule.recognizer.startswith("spelled"):
            return rule
    if a.start <= b.start and b.end <= a.end and a.end - a.start > b.end - b.start:
        return a
    if b.start <= a.start and a.end <= b.end and b.end - b.start > a.end - a.start:
        return b
    return max(
        a, b, key=lambda s: (PRIORITY[s.type], s.end - s.start, s.score, s.recognizer, -s.start)
    )


def resolve(spans: Iterable[Span]) -> list[Span]:
    """Merge overlapping spans; sorted, without overlaps, covering every character that was covered.

    Where spans overlap the union is kept, so that half a name is never left
    readable. Its type is the containing span's, else that of the higher priority.
    """
    merged: list[Span] = []
    for span in sorted(spans, key=lambda s: (s.start, -s.end, -PRIORITY[s.type], s.recognizer)):
        if span.end <= span.start:
            continue
        if merged and span.start < merged[-1].end:
            last = merged.pop()
            best = _better(last, span)
            merged.append(
                replace(
                    best,
                    start=min(last.start, span.start),
                    end=max(last.end, span.end),
                    score=max(last.score, span.score),
                )
            )
        else:
            merged.append(span)
    return merged


def cut(spans: Iterable[Span], holes: Iterable[tuple[int, int]]) -> list[Span]:
    """Remove the character ranges `holes` from the spans, splitting them where needed."""
    gaps = resolve_ranges(holes)
    starts = [start for start, _ in gaps]
    pieces: list[Span] = []
    for span in spans:
        at = span.start
        i = max(0, bisect.bisect_right(starts, at) - 1)
        while i < len(gaps) and gaps[i][0] < span.end:
            start, end = gaps[i]
            if at < start:
                pieces.append(replace(span, start=at, end=start))
            at = max(at, end)
            i += 1
        if at < span.end:
            pieces.append(replace(span, start=at))
    return pieces


def resolve_ranges(ranges: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Character ranges, sorted and with overlapping ones joined."""
    joined: list[tuple[int, int]] = []
    for start, end in sorted(ranges):
        if joined and start < joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def trim(text: str, span: Span) -> Span | None:
    """Drop white space and punctuation at the edges; None if no letter or digit is left."""
    start, end = span.start, span.end
    keep = "()" if span.type == "PHONE" else ""
    edge = "".join(c for c in _EDGE if c not in keep)
    while start < end and text[start] in edge:
        start += 1
    while start < end and text[end - 1] in edge:
        # «e.V.» and “Inc.” keep their dot, which is harmless either way; drop it for equal codes.
        end -= 1
    if not any(c.isalnum() for c in text[start:end]):
        return None
    return replace(span, start=start, end=end)


def line_breaks(text: str) -> list[tuple[int, int]]:
    """The spans of line breaks in `text`."""
    return [m.span() for m in re.finditer(r"[\r\n]+", text)]


def code_spans(text: str) -> list[tuple[int, int]]:
    """The spans of codes such as «[Person 1]» that are already in the text."""
    return [m.span() for m in CODE.finditer(text)]
