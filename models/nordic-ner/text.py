"""Words and documents: what the corpora, the augmentation and the model agree on."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

WORD = re.compile(r"[^\W\d_]+|\d+|[^\w\s]|_")
"""A word of the model: letters, digits, or one other sign."""
TYPES = (
    "PERSON", "LOCATION", "ORG", "ADDRESS", "PHONE", "EMAIL", "URL", "NATIONAL_ID",
    "ACCOUNT", "VEHICLE", "OTHER", "DATE", "AGE", "OCCUPATION",
)  # fmt: skip
LABELS = ("O", *(f"{part}-{kind}" for kind in TYPES for part in "BI"))
"""Labels of a word: BIO over the types of mention."""
NAMES = frozenset({"PERSON", "LOCATION", "ORG"})
"""The types that corpora of written text mark."""
WRITTEN = tuple(label for label in LABELS if label == "O" or label[2:] in NAMES)
"""Labels of a word in those corpora."""


@dataclass(slots=True)
class Token:
    """A word with its label («B-PERSON»; None: open) and the entity it belongs to."""

    text: str
    label: str | None = "O"
    glued: bool = False
    """True if no space stands before it."""


@dataclass(slots=True)
class Document:
    """Lines of tokens; `types` are those that its annotators marked."""

    lines: list[list[Token]]
    language: str
    types: frozenset[str] = frozenset(TYPES)
    raw: bool = False
    source: str = ""
    speakers: list[str] = field(default_factory=list)


def tokens_of(text: str, kind: str | None = "O", first_glued: bool = False) -> list[Token]:
    """The words of `text`, all of one type («O»: no mention; None: open)."""
    tokens = []
    last = 0
    for n, match in enumerate(WORD.finditer(text)):
        label = kind
        if kind not in ("O", None):
            label = ("I-" if n else "B-") + kind
        glued = match.start() == last and (n > 0 or first_glued)
        tokens.append(Token(match.group(), label, glued))
        last = match.end()
    return tokens


def spans_of(tokens: list[Token]) -> list[tuple[int, int, str]]:
    """The mentions of a line as (first word, word after the last, type)."""
    spans: list[tuple[int, int, str]] = []
    start, kind = -1, ""
    for i, token in enumerate([*tokens, Token("", "O")]):
        label = token.label or "O"
        if start >= 0 and label != f"I-{kind}":
            spans.append((start, i, kind))
            start = -1
        if label[0] == "B" or (label[0] == "I" and start < 0):
            start, kind = i, label[2:]
    return spans
