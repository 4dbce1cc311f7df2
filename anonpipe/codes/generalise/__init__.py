"""Generalisation: what may stand in a text instead of a mention, less exact than it.

«45 år» becomes «[45–49 år]», «Bergen» «[by på Vestlandet]». Every function is pure and gives None
for what cannot be generalised; such a mention gets its code. The words are those of the
transcript's language (nb, nn; English for all others).
"""

from __future__ import annotations

from anonpipe.codes.generalise.ages import age_band
from anonpipe.codes.generalise.dates import DATES, DateForm, coarse_date
from anonpipe.codes.generalise.kinds import bare_label, organisation
from anonpipe.codes.generalise.places import region
from anonpipe.transcript import MentionType

__all__ = ["DATES", "DateForm", "age_band", "coarse_date", "generalise", "organisation", "region"]


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
