"""Identifiers as people say them (spoken.toml) and as a recogniser wrote them (heard.toml)."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from pathlib import Path

import pytest

from anonpipe.detect import Detector
from anonpipe.detect.recognizers import families
from anonpipe.detect.recognizers.rule import find_all
from anonpipe.detect.spans import NAMED, Span, resolve

DATA = Path(__file__).parent.parent / "data"
MARK = re.compile(r"\[\[([A-Z_/]+)\|(.*?)\]\]")
HEARD = [
    (entry["language"], entry["heard"])
    for entry in tomllib.loads((DATA / "heard.toml").read_text("utf-8"))["heard"]
]
SPOKEN = tomllib.loads((DATA / "spoken.toml").read_text("utf-8"))
FORMS = [(language, form) for language in SPOKEN for form in SPOKEN[language]["forms"]]
PLAIN = [(language, text) for language in SPOKEN for text in SPOKEN[language]["plain"]]

Wanted = tuple[int, int, set[str]]


def parse(marked: str) -> tuple[str, list[Wanted]]:
    """The plain text, and what must be masked in it, with the types that are right."""
    text, wanted, at = "", [], 0
    for match in MARK.finditer(marked):
        text += marked[at : match.start()]
        wanted.append((len(text), len(text) + len(match[2]), set(match[1].split("/"))))
        text += match[2]
        at = match.end()
    return text + marked[at:], wanted


def by_rules(text: str, language: str) -> list[Span]:
    """What the rules find without any model and without lists of names."""
    spans: list[Span] = []
    for family in families(language):
        spans += find_all(family.RULES, text, language)
        spans += getattr(family, "find", lambda *_: [])(text, language)
    return resolve(s for s in spans if s.score >= 0.4)


def missed(text: str, wanted: Iterable[Wanted], spans: list[Span]) -> list[str]:
    """What of `wanted` is left readable in part, or of a wrong type."""
    found = []
    for start, end, types in wanted:
        over = [s for s in spans if s.start < end and start < s.end]
        covered = {i for s in over for i in range(s.start, s.end)}
        left = [i for i in range(start, end) if text[i].isalnum() and i not in covered]
        if left or not any(s.type in types for s in over):
            found.append(f"{text[start:end]}: {[(s.type, text[s.start : s.end]) for s in over]}")
    return found


def test_the_marks_are_read() -> None:
    text, wanted = parse("it is [[PHONE/OTHER|12 34]] and [[DATE|may]]")
    assert text == "it is 12 34 and may"
    assert [(text[a:b], kinds) for a, b, kinds in wanted] == [
        ("12 34", {"PHONE", "OTHER"}),
        ("may", {"DATE"}),
    ]
    assert missed(text, wanted, [Span(6, 10, "PHONE", 1.0, ""), Span(16, 19, "AGE", 1.0, "")])
    assert len(HEARD) > 60 and len(FORMS) > 80 and len(PLAIN) > 60


@pytest.mark.parametrize(("language", "marked"), [*HEARD, *FORMS])
def test_exact_forms_are_found_by_rules_alone(language: str, marked: str) -> None:
    text, wanted = parse(marked)
    exact = [w for w in wanted if not w[2] <= NAMED]
    assert missed(text, exact, by_rules(text, language)) == []


@pytest.mark.parametrize(("language", "marked"), [*HEARD, *FORMS])
def test_everything_is_covered(language: str, marked: str, detector: Detector) -> None:
    text, wanted = parse(marked)
    assert missed(text, wanted, detector.spans(text, language)) == []


@pytest.mark.parametrize(
    ("language", "text"), [*PLAIN, *((lang, text) for lang, text in HEARD if not MARK.search(text))]
)
def test_numbers_of_nobody_stay(language: str, text: str) -> None:
    assert [text[s.start : s.end] for s in by_rules(text, language)] == []
