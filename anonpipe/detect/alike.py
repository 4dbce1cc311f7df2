"""When one written word may be another one misheard, in Norwegian and English.

Coarser than `codes.spelling`: here something is masked that might have been left, there two
people would become one.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from rapidfuzz.distance import OSA

SHORTEST = 5
"""Letters from which a name may be misheard; shorter ones are like too many words."""
_ONE_EDIT, _TWO_EDITS = 6, 9
_VOWELS = frozenset("aeiou")
# What sounds the same is written the same. Order matters.
_SAME = tuple(
    (re.compile(pattern), simple)
    for pattern, simple in (
        ("szcz|sch|skj|tsj|sj|sh|kj|cz|sz|ch", "s"),
        ("th|dt", "t"),
        ("ph", "f"),
        ("(?<=[kg])[hw]", ""),
        ("ck|c|q", "k"),
        ("w", "v"),
        ("x", "ks"),
        ("z", "s"),
        ("aa", "a"),
        ("y|j", "i"),
        ("gh|hg", "g"),
        ("ie|ee", "i"),
        (r"(.)\1+", r"\1"),
    )
)


@lru_cache(maxsize=65536)
def skeleton(word: str) -> str:
    """A spelling that mishearings share: «Cathrine», «Katrine» and «Kathrine» give one skeleton."""
    word = unicodedata.normalize("NFKD", word.lower().replace("ø", "o").replace("æ", "e"))
    word = "".join(c for c in word if c.isalpha())
    for pattern, simple in _SAME:
        word = pattern.sub(simple, word)
    return word.replace("h", "") if len(word) > 4 else word


def edits(one: str, other: str) -> int | None:
    """How many edits of the sound lie between a word and a name, or None for too many.

    None where either has fewer than `SHORTEST` letters. From six letters of sound on one edit
    is allowed, from nine on two; the first sounds must agree, or both be vowels («oslaug» for
    «Åslaug»).
    """
    if min(len(one), len(other)) < SHORTEST:
        return None
    a, b = skeleton(one), skeleton(other)
    if a == b:
        return 0
    if not a or not b or (a[0] != b[0] and not {a[0], b[0]} <= _VOWELS):
        return None
    shorter = min(len(a), len(b))
    limit = 2 if shorter >= _TWO_EDITS else 1 if shorter >= _ONE_EDIT else 0
    found = OSA.distance(a, b, score_cutoff=limit)
    return found if found <= limit else None
