"""How the surface of one name relates to a form of another: the same, a part of it, longer.

Persons, organisations and places each have one `relate_...` function; linking decides what
to do with the relation.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from anonpipe.codes.spelling import (
    APOSTROPHES,
    EXACT,
    GENITIVE,
    NEAR,
    SOUND,
    first_sound,
    is_genitive,
    nearly,
    same_word,
    sounds_alike,
)
from anonpipe.resources import word_set

_TITLES = word_set("""
    doktor dr frau frk fru frøken herr hr kaptein lady lektor lensmann lensmannsbetjent lord
    madam miss mister mr mrs ms onkel pastor politibetjent president prest prof professor
    rektor sir tante uncle aunt ordfører overlege
    """)
# Small words of names, which name nobody by themselves.
_PARTICLES = word_set("af al av bin da de del den der di du el ibn la le los van von zu")

_LEGAL_FORMS = word_set("as asa ba ans da sa ltd llc plc inc gmbh ag ev co corp limited")
# Words that say what an organisation is, not which.
_GENERIC = word_set("""
    akademi avdeling avis bank barnehage barnehagen barneskole bedrift bibliotek bofellesskap bydel
    bygg fellingslag foreining forening gard gruppe gruppen gymnas helse helsehus hotell hotellet
    høgskole høgskolen høgskule høgskulen høyskole høyskolen idrettslag idrettslaget il institutt
    kafe kafeen kafé kirke kirken kirkje kommune kommunen kontor kro kulturhus kyrkje lag legekontor
    legesenter mekaniske menighet musikk omsorgssenter oppvekstsenter politiet regnskap restaurant
    senter senteret service sjukehus sjukeheim skole skolen skule skulen sparebank stiftelse
    stiftelsen stiftinga sykehjem sykehjemmet sykehus sykehuset ungdomsskole universitet
    universitetet vaksenopplæring verk videregående vidaregåande voksenopplæring
    academy agency association bank cafe café care center centre charity church clinic college
    community company council department foundation group health holdings hospital hotel house
    institute international library logistics medical museum office police practice primary
    restaurant school secondary services society solutions st saint the trust university
    a and for i in of og on på ved
    """)
# Bodies with a branch in every town: the head alone says nothing of which.
_HEADS = word_set("nav udi nrk skatteetaten statsforvalteren statsforvaltaren bup")

_SHORTEST_ALONE = 6  # letters for two sound-alikes with no other name beside them
_SHORTEST_BESIDE = 4  # the same where the rest of the name agrees
_EDGES = ' \t\n\r.,;:!?"«»()[]{}“”„…' + APOSTROPHES


@dataclass(frozen=True)
class Name:
    """A surface taken apart.

    `text` is what is kept as an alias: whitespace collapsed, without titles and without an
    apostrophe genitive; `words` are its words in lower case; `titled` if a title was taken
    off; `capitals` if it is two to five capital letters («KN», «OTN»). `weight` counts the
    words that are more than an initial; `sounds` are the words' first sounds.
    """

    text: str
    words: tuple[str, ...]
    titled: bool
    capitals: bool
    weight: int
    sounds: frozenset[str]


@dataclass(frozen=True)
class Relation:
    """How a name relates to a form of an entity.

    `kind`: "same" (both of two words or more, or both full names), "bare" (the same single
    word), "part" (the name is a part of the form) or "extends" (the form is a part of the
    name). `level` is `spelling`'s EXACT to NEAR. `rank` is higher for a better place in
    the form: a first or last name before a middle name.
    """

    kind: Literal["same", "bare", "part", "extends"]
    level: int
    rank: int = 2


@lru_cache(maxsize=8192)
def parse_name(surface: str, *, person: bool) -> Name:
    """Take a surface apart; titles are taken off persons, legal forms off organisations."""
    text = " ".join(unicodedata.normalize("NFC", surface).split())
    text = re.sub(rf"(?<=\w)[{APOSTROPHES}]s?$", "", text.rstrip(" .,;:!?"))
    stripped = text.strip(_EDGES) or text
    pieces = stripped.split()
    titled = False
    if person:
        while len(pieces) > 1 and pieces[0].casefold().rstrip(".") in _TITLES:
            pieces, titled = pieces[1:], True
    kept = " ".join(pieces)
    # A full stop ends a word only after an initial or abbreviation: «T.S. Kvam», «e.V.».
    words = [word for word in re.split(r"[\s\-‐‑‒–_/.,&]+", kept.casefold()) if word]
    if not person:
        if words[-2:] == ["e", "v"]:  # the German «e.V.»
            words = words[:-2]
        while len(words) > 1 and words[-1] in _LEGAL_FORMS:
            words.pop()
    capitals = 2 <= len(kept) <= 5 and kept.isalpha() and kept.isupper()
    words = words or [stripped.casefold()]
    weight = sum(len(word) > 1 for word in words)
    sounds = frozenset(first_sound(word) for word in words)
    return Name(kept, tuple(words), titled, capitals, weight, sounds)


def may_relate(name: Name, form: Name) -> bool:
    """A quick test that spares most comparisons: False only if the two cannot be related.

    Whatever part of one matches the other, both begin a word with the same sound; only
    initials say nothing of the sound.
    """
    return (
        not name.sounds.isdisjoint(form.sounds)
        or name.capitals
        or form.capitals
        or name.weight < len(name.words)
        or form.weight < len(form.words)
    )


def match_words(
    words: Sequence[str], others: Sequence[str], *, shortest: int, bare_s: bool
) -> int | None:
    """How surely two sequences of words are the same name: EXACT, GENITIVE, SOUND or None.

    Words are compared one by one, and also written together, since hearing and hyphens
    move the spaces («Stein-Ove», “del vecio”). `bare_s` allows a genitive without an
    apostrophe at the end of either.
    """
    one, other = "".join(words), "".join(others)
    if same_word(one, other):
        return EXACT
    if bare_s and (is_genitive(one, other) or is_genitive(other, one)):
        # «Andreas» is protected as a word, so the last words must be genitives themselves.
        last, other_last = words[-1], others[-1]
        if len(words) != len(others) or (
            is_genitive(last, other_last) or is_genitive(other_last, last)
        ):
            return GENITIVE
    if len(words) == len(others) and all(
        same_word(a, b) or sounds_alike(a, b, shortest) for a, b in zip(words, others, strict=True)
    ):
        return SOUND
    if len(words) != len(others) and sounds_alike(one, other, max(shortest, _SHORTEST_ALONE)):
        return SOUND
    return None


def _windows(words: Sequence[str]) -> list[tuple[int, int]]:
    size = len(words)
    return [(i, j) for i in range(size) for j in range(i + 1, size + 1) if j - i < size]


def _subsequence(short: Sequence[str], long: Sequence[str]) -> bool:
    rest = iter(long)
    return all(any(same_word(word, other) for other in rest) for word in short)


def _is_initials_of(name: Name, form: Name) -> bool:
    """«K. Nordmann» or «K.N.» of «Kari Nordmann»: first and last agree, one at least a letter."""
    words, others = name.words, form.words
    if len(words) < 2 or len(words) > len(others) or all(len(word) > 1 for word in words):
        return False

    def agrees(word: str, other: str) -> bool:
        return other.startswith(word) if len(word) == 1 else same_word(word, other)

    if not agrees(words[0], others[0]) or not agrees(words[-1], others[-1]):
        return False
    rest = iter(others)
    return all(any(agrees(word, other) for other in rest) for word in words)


def _but_for_initials(words: Sequence[str], others: Sequence[str]) -> bool:
    """«Kari M. Nordmann» and «Kari Nordmann»: one has initials between, the other nothing."""
    short, long = sorted((words, others), key=len)
    if len(short) != 2 or len(long) < 3 or min(map(len, short)) < 2:
        return False
    ends = same_word(short[0], long[0]) and same_word(short[1], long[-1])
    return ends and all(len(word) == 1 for word in long[1:-1])


def _nearly_same_person(words: Sequence[str], others: Sequence[str]) -> bool:
    """Full names in which one word may be misheard and the rest sound the same."""
    if len(words) != len(others):
        return False
    misheard = 0
    for i, (a, b) in enumerate(zip(words, others, strict=True)):
        if same_word(a, b) or sounds_alike(a, b, _SHORTEST_BESIDE):
            continue
        given = i == 0
        if not nearly(a, b, shortest=8 if given else 6, given=given):
            return False
        misheard += 1
    return misheard <= 1


def relate_persons(name: Name, form: Name, *, bare_s: bool) -> Relation | None:
    """How a person's name relates to a form of a known person; None if it does not."""
    words, others = name.words, form.words
    single = len(words) == len(others) == 1
    shortest = _SHORTEST_ALONE if single else _SHORTEST_BESIDE
    level = match_words(words, others, shortest=shortest, bare_s=bare_s)
    if level is not None:
        # «hjal mar» is one word that hearing has split.
        return Relation("bare" if 1 in (len(words), len(others)) else "same", level, 3)
    if len(words) > 1 and len(others) > 1:
        if name.weight == len(words) and form.weight == len(others):
            short, long = sorted((words, others), key=len)
            ends = same_word(short[0], long[0]) and match_words(
                words[-1:], others[-1:], shortest=_SHORTEST_BESIDE, bare_s=bare_s
            ) in (EXACT, GENITIVE)
            if ends and len(short) < len(long) and _subsequence(short[:-1], long):
                return Relation("same", GENITIVE, 2)
        if _but_for_initials(words, others):
            return Relation("same", GENITIVE, 2)
        if _nearly_same_person(words, others):
            return Relation("same", NEAR)
    if _is_initials_of(name, form):
        return Relation("part", SOUND if name.weight == 0 else EXACT)
    if _is_initials_of(form, name):
        return Relation("extends", EXACT)
    if len(words) <= len(others) or len(others) == 1:
        part = _part_of_person(name, form, bare_s=bare_s)
        if part is not None:
            return part
    if len(others) < len(words):
        reverse = _part_of_person(form, name, bare_s=bare_s)
        if reverse is not None and reverse.level <= GENITIVE and reverse.rank >= 2:
            return Relation("extends", reverse.level, reverse.rank)
    return None


def _part_of_person(name: Name, form: Name, *, bare_s: bool) -> Relation | None:
    words, others = name.words, form.words
    joined = "".join(words)
    if len(joined) < 2 or all(word in _PARTICLES for word in words):
        return None
    if name.capitals and joined == "".join(word[0] for word in others):
        return Relation("part", SOUND)
    shortest = _SHORTEST_ALONE if len(words) == 1 else _SHORTEST_BESIDE
    best: Relation | None = None
    for i, j in _windows(others):
        level = match_words(words, others[i:j], shortest=shortest, bare_s=bare_s)
        last = j == len(others)
        if level is None and last and nearly(joined, "".join(others[i:j]), shortest=8, given=True):
            level = NEAR
        if level is None:
            continue
        rank = 3 if last and name.titled else 2 if last or i == 0 else 1
        if best is None or (level, -rank) < (best.level, -best.rank):
            best = Relation("part", level, rank)
    return best


def relate_organisations(name: Name, form: Name, *, bare_s: bool) -> Relation | None:
    """How an organisation's name relates to a form of a known one.

    A short form must hold a word that says which («Solgløtt» of «Solgløtt sykehjem», never
    «sykehjemmet»), and what it leaves out in front must be generic («Kafé», «Stiftelsen»).
    """
    words, others = name.words, form.words
    single = len(words) == len(others) == 1
    level = match_words(words, others, shortest=_SHORTEST_ALONE, bare_s=bare_s)
    if level is not None:
        return Relation("bare" if single else "same", level, 3)
    part = _part_of_organisation(name, form, bare_s=bare_s)
    if part is not None:
        return part
    reverse = _part_of_organisation(form, name, bare_s=bare_s)
    if reverse is not None and reverse.level <= GENITIVE:
        return Relation("extends", reverse.level)
    return None


def _part_of_organisation(name: Name, form: Name, *, bare_s: bool) -> Relation | None:
    words, others = name.words, form.words
    letters = [word[0] for word in others]
    if name.capitals and len(others) > 1 and list(words[0]) == letters:
        return Relation("part", EXACT)
    if all(word in _GENERIC or word in _HEADS or len(word) < 2 for word in words):
        return None
    best: int | None = None
    for i, j in _windows(others):
        if any(word not in _GENERIC for word in others[:i]):
            continue
        level = match_words(words, others[i:j], shortest=_SHORTEST_ALONE, bare_s=bare_s)
        if level is not None and (best is None or level < best):
            best = level
    return None if best is None else Relation("part", best)


def relate_places(name: Name, form: Name, *, bare_s: bool) -> Relation | None:
    """How a place's name relates to a known one: only the same («Toten» is not «Vestre Toten»)."""
    level = match_words(name.words, form.words, shortest=_SHORTEST_ALONE, bare_s=bare_s)
    return None if level is None else Relation("bare", level, 3)
