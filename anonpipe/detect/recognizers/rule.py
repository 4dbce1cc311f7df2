"""What a rule is: a pattern, the type it stands for, and a check of what it matched."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from anonpipe.detect.spans import Span
from anonpipe.transcript import MentionType

Check = Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class Rule:
    """Text that matches `pattern` is of type `type` with `score` (0..1).

    The span is group "x" if the pattern has one, else the whole match. `check`, if
    given, sees the span's text and may refuse it. `languages` limits the rule to
    some language codes; empty means all.
    """

    name: str
    type: MentionType
    pattern: re.Pattern[str]
    score: float
    check: Check | None = None
    languages: tuple[str, ...] = ()

    def find(self, text: str, language: str) -> Iterator[Span]:
        """The spans of `text` that obey the rule."""
        if self.languages and language not in self.languages:
            return
        group: int | str = "x" if "x" in self.pattern.groupindex else 0
        for match in self.pattern.finditer(text):
            start, end = match.span(group)
            if end > start and (self.check is None or self.check(text[start:end])):
                yield Span(start, end, self.type, self.score, self.name)


def find_all(rules: Iterable[Rule], text: str, language: str) -> list[Span]:
    """What all the rules find, in the order of the rules."""
    return [span for rule in rules for span in rule.find(text, language)]


def digits(text: str) -> str:
    """The decimal digits of `text`, in order."""
    return "".join(c for c in text if c in "0123456789")


def near(context: str, gap: str = r"[^\n]{0,40}?") -> str:
    """A pattern: one of the context words (a regular expression), then up to `gap`."""
    return rf"(?i:\b(?:{context})\w*\b){gap}"
