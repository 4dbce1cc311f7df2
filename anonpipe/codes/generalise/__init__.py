"""Generalisation: what may stand in a text instead of a mention, less exact than it.

«45 år» becomes «[45–49 år]», «Bergen» «[by på Vestlandet]». Every function is pure and gives None
for what cannot be generalised; such a mention gets its code. The words are those of the
transcript's language (nb, nn; English for all others).
"""

from __future__ import annotations

import re

from anonpipe.codes.forms import BARE
from anonpipe.codes.generalise import dates as of_dates
from anonpipe.codes.generalise import places as of_places
from anonpipe.codes.generalise.ages import DECADES, FROM_TOP, STAGES, age_band, time_of_life
from anonpipe.codes.generalise.dates import DATES, WITHOUT_YEAR, DateForm, coarse_date
from anonpipe.codes.generalise.details import FIXED, detail
from anonpipe.codes.generalise.kinds import (
    AN_ORGANISATION,
    BACKGROUND,
    KINDS,
    LABELS,
    LEFT_OUT,
    bare_label,
    organisation,
)
from anonpipe.codes.generalise.occupations import OCCUPATIONS, occupation
from anonpipe.codes.generalise.places import region, regions
from anonpipe.transcript import MentionType

__all__ = [
    "DATES",
    "NOTHING",
    "DateForm",
    "generalise",
    "levels",
    "without_generalisations",
]

_LIFE: frozenset[str] = frozenset(
    text for words in (*DECADES.values(), *(words for _, words in STAGES)) for text in words
)
_SAID = (BARE, KINDS, FROM_TOP, WITHOUT_YEAR, _LIFE, OCCUPATIONS, FIXED)
NOTHING: frozenset[str] = FIXED.union(
    *(of_places.A_PLACE, of_places.A_COUNTRY, AN_ORGANISATION, LEFT_OUT, LABELS),
    *BACKGROUND.values(),
)
"""Forms that tell no more than the type of what stood there («et sted»), or what holds for so
many that it points to nobody («om morgenen», «to dager i uken»).
"""
_BRACKET = re.compile(r"\[([^\[\]\n]+)\]")


def generalise(
    mention_type: MentionType,
    text: str,
    language: str,
    *,
    after: str = "",
    dates: DateForm = "month",
) -> str | None:
    """The bracketed generalisation of a mention, None where there is none.

    `after` is what follows the mention in its turn: a unit that stands there is not repeated.
    `dates` says what is left of a date. Persons are never generalised.
    """
    if mention_type == "AGE":
        found = age_band(text, language, after=after)
    elif mention_type == "DATE":
        found = coarse_date(text, language, dates)
    elif mention_type == "LOCATION":
        found = region(text, language)
    elif mention_type == "ORG":
        found = organisation(text, language)
    else:
        found = bare_label(mention_type, language)
    return None if found is None else f"[{found}]"


def levels(
    mention_type: MentionType, text: str, language: str, *, after: str = ""
) -> tuple[str, ...]:
    """All bracketed generalisations of a mention, from the most to the least exact.

    «45 år»: «[45–49 år]», «[40–49 år]», «[i førtiårene]», «[voksen]». `after` is as in
    `generalise`, whose form is the first unless a more exact one is known here. Details that no
    type stands for are understood whatever the type («tirsdager og torsdager» -> «[to dager i
    uken]»). Persons have none.
    """
    if mention_type == "PERSON":
        return ()
    found = _levels(mention_type, text, language, after) or (LEFT_OUT.of(language),)
    return tuple(f"[{words}]" for words in dict.fromkeys(found))


def _levels(mention_type: MentionType, text: str, language: str, after: str) -> tuple[str, ...]:
    label = bare_label(mention_type, language)
    bare = () if label is None else (label,)
    match mention_type:
        case "AGE":
            bands = (age_band(text, language, after=after, width=width) for width in (5, 10))
            life = time_of_life(text, language, after=after)
            return (*filter(None, bands), *life) or detail(text, language)
        case "DATE":
            return of_dates.wider(text, language) or detail(text, language)
        case "LOCATION":
            return of_places.wider(text, language)
        case "ORG":
            kind = organisation(text, language)
            place = of_places.where(text, language) if kind else None
            forms = (f"{kind} {place}" if place else None, kind, AN_ORGANISATION.of(language))
            return tuple(filter(None, forms))
        case "OCCUPATION":
            return (*occupation(text, language), *bare)
        case "OTHER":
            return (*detail(text, language), LEFT_OUT.of(language))
        case _:
            return bare


def without_generalisations(text: str) -> str:
    """`text` of the same length, in which generalisations look like codes («[       0]»).

    «[kommune i Rogaland]» is no leak of «Rogaland», and a bare label («[Sted]») says nothing.
    Those that end in a figure, or nearly so («[45–49 år]»), look like codes already.
    """

    def hidden(match: re.Match[str]) -> str:
        said = match[1]
        ours = any(said in texts for texts in (*_SAID, regions()))
        return f"[{'0':>{len(said)}}]" if ours else match[0]

    return _BRACKET.sub(hidden, text)
