"""What is known of each word of a text: its lists, its neighbours, and the marks set on it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from anonpipe.detect.contexts import Contexts, contexts
from anonpipe.detect.lexicon import Lexicon, load_lexicon
from anonpipe.detect.words import Word, is_raw, words_of
from anonpipe.numbers import NORWEGIAN

Label = Literal["PERSON", "LOCATION", "ORG"]
_SPACE = re.compile(r"[ \u00a0]+")
_VOWELS = "aeiouyæøå"
# Stems of nynorsk and of dialects, and how the dictionary writes them.
_STEMS = (
    ("meister", "mester"), ("heim", "hjem"), ("skule", "skole"), ("sjuk", "syk"), ("veg", "vei"),
    ("kyrkj", "kirk"), ("køyr", "kjør"), ("vatn", "vann"), ("hamn", "havn"), ("mjølk", "melk"),
    ("drøym", "drøm"), ("leik", "lek"), ("bein", "ben"), ("stein", "sten"), ("høyr", "hør"),
    ("kjeld", "kild"), ("rygj", "rygg"), ("løn", "lønn"), ("byrj", "begynn"),
)  # fmt: skip
_ENDINGS = (
    ("arane", "erne"), ("aren", "eren"), ("arar", "ere"), ("ane", "ene"), ("ar", "er"),
    ("leg", "lig"), ("lege", "lige"), ("heita", "heten"), ("inga", "ingen"), ("ene", "ene"),
    ("a", "en"), ("ast", "es"), ("era", "ere"), ("erte", "ert"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class NameSpan:
    """Characters `start` to `end` (exclusive) name a person, a place or an organisation."""

    start: int
    end: int
    label: Label
    score: float


@dataclass(slots=True)
class Mark:
    """What the passes have decided on one word."""

    score: float
    label: Label | None = None
    end: int | None = None  # where the name ends, if before the end of the word


class Reader:
    """The words of a text with what the lists know of them and what was decided on them."""

    def __init__(self, text: str, language: str) -> None:
        self.text = text
        self.norwegian = language in {"nb", "nn", "no"}
        self.lexicon: Lexicon = load_lexicon(language)
        self.foreign = load_lexicon("en" if self.norwegian else "nb").known
        self.context: Contexts = contexts(language)
        self.words: list[Word] = words_of(text)
        self.raw = is_raw(text)
        self.marks: dict[int, Mark] = {}
        self.lower_seen = {w.lower for w in self.words if not w.capital}

    # -- lookups

    def key(self, word: Word) -> str:
        """The form to look up: a Norwegian genitive -s is dropped where that gives a name."""
        base = word.base
        if self.norwegian and base.endswith("s") and len(base) > 3:
            stem = base[:-1]
            if not self.lexicon.kinds(base) and self.lexicon.kinds(stem):
                return stem
            if not self.known(base) and not self.lexicon.kinds(base) and self.known(stem):
                return stem
        return base

    def known(self, word: str) -> bool:
        if self.lexicon.is_word(word):
            return True
        if not self.norwegian:
            return False
        if word.endswith("s") and self.lexicon.is_word(word[:-1]):
            return True
        # The dictionary is of bokmål; nynorsk endings have a counterpart there.
        if any(
            word.endswith(nynorsk) and self.lexicon.is_word(word[: -len(nynorsk)] + bokmal)
            for nynorsk, bokmal in _ENDINGS
        ):
            return True
        return any(self.lexicon.is_word(form) for form in self.spellings(word))

    @staticmethod
    def spellings(word: str) -> Iterator[str]:
        """Other spellings of a word of nynorsk or a dialect: «kjøken» for «kjøkken»."""
        if len(word) < 6:
            return
        for stem, bokmal in _STEMS:
            if stem in word:
                yield word.replace(stem, bokmal)
        for i in range(1, len(word) - 1):
            if word[i] in "kptmnlsfg" and word[i - 1] in _VOWELS and word[i + 1] in _VOWELS:
                yield word[:i] + word[i] + word[i:]

    def definite(self, word: Word) -> bool:
        """True for the definite form of a noun that the dictionary has: «boden», «naustet»."""
        base = word.base
        if not self.norwegian or self.key(word) in self.lexicon.native:
            return False
        if base.endswith(self.context.place_suffixes):
            return False
        return any(
            base.endswith(ending)
            and len(base) - len(ending) >= 3
            and (
                base[: -len(ending)] in self.lexicon.known
                or base[: -len(ending)] + "e" in self.lexicon.known
            )
            for ending in ("en", "et", "ene", "ane")
        )

    def kinds(self, word: Word) -> str:
        found = self.lexicon.kinds(self.key(word))
        if not found and "-" in word.base:
            parts = word.base.split("-")
            if all(len(p) > 1 for p in parts):
                found = self.lexicon.kinds(parts[0]) or self.lexicon.kinds(parts[-1])
        return found

    def unknown(self, word: Word) -> bool:
        """True if no dictionary has the word, not even as a compound of two long words."""
        base = word.base
        if len(base) < 4 or base in self.context.fillers or self.known(base):
            return False
        if "-" in base and any(self.known(p) for p in base.split("-")):
            return False
        if any(c in base for c in "'’") or base in NORWEGIAN:
            return False
        if self.norwegian and base.rstrip(".").endswith("nr"):
            return False  # «Saksnr.»
        if self.norwegian and not word.capital and base in self.foreign:
            return False  # English words in Norwegian speech: «headset»
        return not self.compound(base)

    def compound(self, base: str) -> bool:
        """True if dictionary words of four and of five letters or more make up the word."""
        if not self.norwegian or len(base) < 9:
            return False
        for i in range(4, len(base) - 4):
            head, tail = base[:i], base[i:]
            if len(tail) == 5 and tail in self.context.org_heads:
                continue  # «fjellkraft» may be a firm
            if self.known(tail) and (
                head in self.lexicon.known
                or (head.endswith(("s", "e")) and head[:-1] in self.lexicon.known)
            ):
                return True
        return False

    def core(self, word: Word) -> bool:
        return (
            word.base in self.context.function
            or word.lower in self.context.block_before
            or word.lower in self.context.fillers
        )

    def ambiguous(self, word: Word) -> bool:
        """True if the word is also a common word of the language."""
        key = self.key(word)
        return (
            self.core(word)
            or key in self.context.rare
            or word.base in self.lexicon.common
            or key in self.lexicon.common
        )

    # -- neighbours

    def adjacent(self, i: int) -> bool:
        """True if only a space stands between words i - 1 and i."""
        return 0 < i < len(self.words) and bool(_SPACE.fullmatch(self.words[i].gap))

    def before(self, i: int) -> Word | None:
        """The word before i on the same line and clause, fillers skipped."""
        j = i
        while j > 0 and self.adjacent(j):
            j -= 1
            if self.words[j].lower not in self.context.fillers:
                return self.words[j]
        return None

    def after(self, i: int) -> Word | None:
        if i + 1 < len(self.words) and self.adjacent(i + 1):
            return self.words[i + 1]
        return None

    def mark(self, i: int, score: float, label: Label | None = None) -> None:
        old = self.marks.get(i)
        if old is None:
            self.marks[i] = Mark(score, label)
        else:
            old.score = max(old.score, score)
            old.label = old.label or label
