"""How likely a place hides something, and how much it would hurt: what the queue is ordered by.

A weight is the harm if the place is wrong, times the chance that it is. A person's name that stays
readable harms most. The figures were fitted by hand to invented and to newspaper text
(benchmarks/review_queue.py); they put places in order and are no probabilities.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping

from anonpipe.transcript import MentionType

HARM: Mapping[MentionType, float] = {
    "PERSON": 1.0,
    "NATIONAL_ID": 1.0,
    "PHONE": 0.95,
    "EMAIL": 0.95,
    "ADDRESS": 0.9,
    "ACCOUNT": 0.8,
    "URL": 0.8,
    "VEHICLE": 0.7,
    "OTHER": 0.6,
    "ORG": 0.7,
    "LOCATION": 0.7,
    "OCCUPATION": 0.5,
    "AGE": 0.45,
    "DATE": 0.45,
}
"""Of something readable that identifies, from 0 to 1, by what it is."""
KEPT = 0.2
"""Share of the harm of a type that the study keeps readable on purpose."""
LEAST = -5.6
"""Log-odds from which a word is asked about."""
_NAMES_NOBODY = -4.0
"""Added for words that detection knows to name nobody: «Norge», “Christmas”."""
_NO_NAME = frozenset({"core", "never", "common", "figure"})
_LISTED = frozenset({"first", "last", "place"})
_SPEAKS = frozenset({"introduced", "titled", "called", "place-ending"})


def log_odds(chance: float) -> float:
    """The log-odds of a chance, bounded."""
    bounded = min(max(chance, 0.001), 0.999)
    return math.log(bounded / (1 - bounded))


def suspicion(chance: float, clues: Collection[str]) -> float:
    """Log-odds that an unmarked word is part of an identifier.

    The network alone puts them in order better than with anything added. But what it does not see
    may still look like a name: a word that no dictionary has or that only names use, with a
    capital inside a sentence or behind a word such as «heter».
    """
    network = log_odds(chance) + _NAMES_NOBODY * ("never" in clues)
    if _NO_NAME.intersection(clues):
        return network
    name = "strange" in clues or bool(_LISTED.intersection(clues))
    alone = -9.0
    if name:
        alone = -5.5 + 1.4 * len(_SPEAKS.intersection(clues)) + 2.0 * ("capital" in clues)
    elif "capital" in clues or "called" in clues:
        alone = -5.5
    return max(network, alone)


def readable(kind: MentionType, suspected: float) -> float:
    """The weight of words that may identify and are readable; `suspected` in log-odds."""
    return HARM[kind] / (1 + math.exp(1.0 - 0.55 * suspected))
