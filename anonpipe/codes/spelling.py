"""When two written words may be the same name: letters, genitives, and the sound of a spelling.

The rules err towards "different": two names wrongly joined are worse than one person with
two codes, because a joined pair cannot be told apart again in the output.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from rapidfuzz.distance import OSA

from anonpipe.resources import word_set

EXACT, GENITIVE, SOUND, NEAR = 0, 1, 2, 3
"""How sure a match is, the surest first."""


APOSTROPHES = "'’ʼ´`"

# Letters that Unicode does not decompose.
_STRIP = str.maketrans(
    {"æ": "ae", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "œ": "oe", "ı": "i"}
)
# Spellings without the letter on the keyboard: Norwegian å/aa and ø/oe, German ö/oe, ü/ue.
_EXPAND = str.maketrans({"å": "aa", "ø": "oe", "ö": "oe", "ä": "ae", "ü": "ue"})

# Names that end in -s and would be another name, or none, without it: «Andreas» is not the
# genitive of «Andrea».
_ENDS_IN_S = word_set("""
    agnes alexis anders andreas boris carlos charles chris claes claus curtis dennis doris elias
    frances francis georgios gladys hans idris ines iris james jens johannes jonas julius
    klaas klaus lars laurits lewis lois louis lucas luis lukas mads magnus marcos marcus marius
    markus mathias mats matthias mons moses nicolas niels niklas nikolas nils olaus otis paulus
    petrus phyllis rasmus thomas tobias tomas travis tedros tønnes yunus
    """)


def _decomposed(word: str) -> str:
    letters = unicodedata.normalize("NFKD", word.translate(_STRIP))
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


@lru_cache(maxsize=8192)
def spellings(word: str) -> frozenset[str]:
    """The accent-free ways to write a word: {"åse"} gives "ase" and "aase".

    The long way only for words of three letters or more, so that «Bø» is not «Boe».
    """
    word = unicodedata.normalize("NFC", word.casefold())
    short = _decomposed(word)
    if len(word) < 3:
        return frozenset({short})
    return frozenset({short, _decomposed(word.translate(_EXPAND))})


def folded(text: str) -> str:
    """Words as they are compared: without capitals, one blank between them."""
    return " ".join(text.split()).casefold()


def same_word(one: str, other: str) -> bool:
    """Equal but for case, accents and å/aa, ø/oe, æ/ae."""
    return one == other or not spellings(one).isdisjoint(spellings(other))


_OTHER_SCRIPT = re.compile(
    r"[^\W\d_A-Za-z\u00aa-\u036f\u1d00-\u1dbf\u1e00-\u1eff\u2c60-\u2c7f\ua720-\ua7ff\ufb00-\ufb06"
    r"\uff21-\uff5a]{2,}"
)


def other_script(text: str) -> list[int]:
    """Where words in other letters than the Latin begin: «محمد», «Ольга»."""
    return [match.start() for match in _OTHER_SCRIPT.finditer(text)]


def is_genitive(word: str, base: str) -> bool:
    """True if `word` can be the Norwegian genitive of `base`: «karis» of «kari».

    Never of a base that ends in s, x or z (those take an apostrophe: «Ness» is not a
    form of «Nes»), and never a word that is a name in its own right («Andreas»).
    """
    if len(base) < 2 or base[-1] in "sxz" or word[-1:] not in ("s", "S"):
        return False
    return any(
        a not in _ENDS_IN_S and a == b + "s" for a in spellings(word) for b in spellings(base)
    )


# How a spelling sounds to a Norwegian or English ear: S is the sh sound. Order matters.
_SOUND_RULES = tuple(
    (re.compile(pattern), sound)
    for pattern, sound in (
        (r"szcz|sch|skj|sj|sh|kj|tj|cz|sz", "S"),
        (r"cch", "k"),
        (r"ch(?=[eiy])", "S"),
        (r"ch|kh|ck|q", "k"),
        (r"ph", "f"),
        (r"th|dt", "t"),
        (r"dh", "d"),
        (r"gh", "g"),
        (r"^h(?=[jv])|^g(?=j)", ""),
        (r"^y(?=[aeou])", "j"),
        (r"c(?=[eiy])", "s"),
        (r"c", "k"),
        (r"x", "ks"),
        (r"z", "s"),
        (r"w", "v"),
        (r"[ae][iy]", "ei"),
        (r"eig$", "ei"),  # «Solveig»
        (r"(?<=[aeo])h$", ""),  # “Sarah”
        (r"y", "i"),
        (r"(.)\1+", r"\1"),
    )
)


@lru_cache(maxsize=8192)
def sound(word: str) -> str:
    """A coarse key of how a word sounds, vowels kept: "shanthi" and "sjanti" give "Santi"."""
    key = _decomposed(unicodedata.normalize("NFC", word.casefold()))
    for pattern, replacement in _SOUND_RULES:
        key = pattern.sub(replacement, key)
    return key


def first_sound(word: str) -> str:
    """The first letter of the key, the sh sound as "s"; words that match have it in common."""
    return sound(word)[:1].lower()


def sounds_alike(one: str, other: str, shortest: int) -> bool:
    """True if both have at least `shortest` letters and are spellings of one sound."""
    return min(len(one), len(other)) >= shortest and sound(one) == sound(other)


def nearly(one: str, other: str, *, shortest: int, given: bool = False) -> bool:
    """True if one may be a mishearing of the other: one edit of the sound, two from ten letters.

    Both need `shortest` letters and the same first sound. A given name must also keep its
    last letter and gets one edit only: endings tell «Kristine» from «Kristina».
    """
    if min(len(one), len(other)) < shortest:
        return False
    a, b = sound(one), sound(other)
    if a[:1].lower() != b[:1].lower() or (given and a[-1:] != b[-1:]):
        return False
    limit = 2 if not given and min(len(one), len(other)) >= 10 else 1
    return OSA.distance(a, b, score_cutoff=limit) <= limit
