"""The word and name lists of `data/`, loaded once per process and language family."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from anonpipe.resources import word_list


@dataclass(frozen=True, slots=True)
class Lexicon:
    """What is known of the words of a language.

    `names` maps a lower-cased name to its kinds (F first name, L surname, P place);
    `common` holds frequent words, `known` every word of the dictionaries (`common`
    included), `verbs` finite verb forms, `phrases` places of several words by their
    first word, `native` places of Norway. All keys are lower case.
    """

    names: Mapping[str, str]
    phrases: Mapping[str, tuple[str, ...]]
    common: frozenset[str]
    known: frozenset[str]
    verbs: frozenset[str]
    languages: frozenset[str]
    native: frozenset[str]

    def kinds(self, word: str) -> str:
        """The kinds of a lower-cased word, "" if it is on no list of names."""
        return self.names.get(word, "")

    def is_word(self, word: str) -> bool:
        """True if the lower-cased word is in a dictionary."""
        return word in self.known


def _native() -> frozenset[str]:
    """The Norwegian places of the handwritten list, which are also among the names."""
    lines = word_list("places.txt")
    return frozenset(w.replace("_", " ").lower() for line in lines for w in line.split())


@lru_cache(maxsize=1)
def _names() -> tuple[dict[str, str], dict[str, tuple[str, ...]]]:
    kinds: dict[str, str] = {}
    phrases: dict[str, list[str]] = {}
    for line in word_list("names.txt.gz"):
        name, found = line.split("\t")
        name = name.lower()
        if " " in name:
            phrases.setdefault(name.split()[0], []).append(name)
        else:
            kinds[name] = "".join(sorted({*kinds.get(name, ""), *found}))
    # The longest first, so that the first match is the whole place.
    longest = {w: tuple(sorted(p, key=len, reverse=True)) for w, p in phrases.items()}
    return kinds, longest


@lru_cache(maxsize=2)
def _lexicon(family: str) -> Lexicon:
    names, phrases = _names()
    common = frozenset(word_list(f"words-{family}-common.txt.gz"))
    known = common.union(word_list(f"words-{family}.txt.gz"))
    verbs = frozenset(word_list("verbs-no.txt.gz")) if family == "no" else frozenset()
    languages = frozenset(w.lower() for w in word_list("languages-en.txt.gz"))
    return Lexicon(names, phrases, common, known, verbs, languages, _native())


def load_lexicon(language: str) -> Lexicon:
    """The lexicon for a language code: Norwegian for nb and nn, English for all others."""
    return _lexicon("no" if language in {"nb", "nn", "no"} else "en")
