"""A text as words: where they stand, how they are written, and in what style the text is."""

from __future__ import annotations

import re
from dataclasses import dataclass

from anonpipe.detect.roles import role_spans
from anonpipe.detect.spans import code_spans
from anonpipe.resources import word_set

_WORD = re.compile(r"[^\W\d_]+(?:[-'’][^\W\d_]+)*['’]?")
_MARK = re.compile(r"[.!?,;:]")
# What stands before the first word of a sentence (or of a quotation, or of a line).
_OPENERS = frozenset('.!?:\n\r«“”"„…;•*–—')


@dataclass(frozen=True, slots=True)
class Word:
    """A word at characters `start` to `end`.

    `lower` is the word in lower case; `base` the same without a genitive ending,
    `base_end` where that ends. `first` says that it may be capitalised only for
    its place (first in a sentence, line or quotation), `gap` what stands between
    it and the word before.
    """

    text: str
    lower: str
    base: str
    start: int
    end: int
    base_end: int
    first: bool
    gap: str

    @property
    def capital(self) -> bool:
        """True if the first letter is upper case."""
        return self.text[0].isupper()

    @property
    def acronym(self) -> bool:
        """True for two or more letters all in upper case."""
        return len(self.text) > 1 and self.text.isupper()


def _base(word: str) -> str:
    """Without 's, ’s or a closing apostrophe; a bare genitive -s is left to the lookups."""
    for ending in ("'s", "’s", "'", "’"):
        if word.endswith(ending) and len(word) > len(ending) + 1:
            return word[: -len(ending)]
    return word


def words_of(text: str) -> list[Word]:
    """The words of `text` outside speaker roles and codes."""
    hidden = sorted([*role_spans(text), *code_spans(text)])
    found: list[Word] = []
    hole = 0
    previous = 0
    for match in _WORD.finditer(text):
        start, end = match.span()
        while hole < len(hidden) and hidden[hole][1] <= start:
            hole += 1
        if hole < len(hidden) and hidden[hole][0] < end and start < hidden[hole][1]:
            continue
        word = match.group()
        gap = text[previous:start]
        stripped = gap.strip(" \t\u00a0'’‘([{")
        first = not found or (bool(stripped) and stripped[-1] in _OPENERS) or "\n" in gap
        if first and stripped.endswith(".") and found and _abbreviation(found[-1], gap):
            first = False
        base = _base(word)
        found.append(
            Word(word, word.lower(), base.lower(), start, end, start + len(base), first, gap)
        )
        previous = end
    return found


_ABBREVIATIONS = word_set("dr mr mrs ms st prof jr sr hr fr rev kl ca bl nr pr osv f.eks")


def _abbreviation(word: Word, gap: str) -> bool:
    """True if the full stop after `word` belongs to it: titles and initials."""
    return gap.startswith(". ") and (
        word.lower in _ABBREVIATIONS or (len(word.text) == 1 and word.capital)
    )


def is_raw(text: str) -> bool:
    """True for raw recogniser text: hardly any punctuation, so that capitals mean little.

    Written and tidied text has a mark for every seven to twelve words; text of a
    bare recogniser has next to none. Fewer than one in 25 counts as raw.
    """
    roles = role_spans(text)
    words = len(_WORD.findall(text)) - len(roles)
    if words <= 0:
        return False
    marks = len(_MARK.findall(text)) - len(roles)  # the colons after roles are not the speaker's
    return marks / words < 0.04 and text.count("\n") + marks < words


# Peoples whose English plural does not follow from a word that is listed.
_PEOPLES = word_set(
    "scots filipinos latinos brits danes swedes finns poles turks kurds serbs croats czechs "
    "slovaks arabs somalis iraqis pakistanis israelis bangladeshis tamils sikhs hindus thais "
    "yemenis saudis spaniards dutchmen frenchmen welshmen irishmen englishmen scotsmen norsemen"
)


def is_people(word: str, never: frozenset[str]) -> bool:
    """True for an English plural that names a people or a faith: “Ukrainians”, “Greeks”."""
    lower = word.lower()
    return lower in _PEOPLES or (
        lower.endswith("s") and (lower[:-1] in never or lower.endswith(("ians", "eans", "icans")))
    )
