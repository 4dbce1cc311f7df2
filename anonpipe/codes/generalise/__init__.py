"""Generalisation: what may stand in a text instead of a mention, less exact than it.

«45 år» becomes «[45–49 år]», «Bergen» «[by på Vestlandet]». Every function is pure and gives None
for what cannot be generalised; such a mention gets its code. The words are those of the
transcript's language (nb, nn; English for all others).
"""

from __future__ import annotations

import re

from anonpipe.codes.forms import BARE
from anonpipe.codes.generalise.ages import FROM_TOP, age_band
from anonpipe.codes.generalise.dates import DATES, WITHOUT_YEAR, DateForm, coarse_date
from anonpipe.codes.generalise.kinds import KINDS, bare_label, organisation
from anonpipe.codes.generalise.places import region, regions
from anonpipe.transcript import MentionType

__all__ = [
    "DATES",
    "DateForm",
    "generalise",
    "without_generalisations",
]

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


def without_generalisations(text: str) -> str:
    """`text` of the same length, in which generalisations look like codes («[       0]»).

    «[kommune i Rogaland]» is no leak of «Rogaland», and a bare label («[Sted]») says nothing.
    Those that end in a figure, or nearly so («[45–49 år]»), look like codes already.
    """

    def hidden(match: re.Match[str]) -> str:
        said = match[1]
        ours = any(said in texts for texts in (BARE, KINDS, FROM_TOP, WITHOUT_YEAR, regions()))
        return f"[{'0':>{len(said)}}]" if ours else match[0]

    return _BRACKET.sub(hidden, text)
