"""Which language a recogniser takes speech for, by its own codes and probabilities."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

OTHER = 0.3
"""Probability of a language below which another one is heard. Speech in it gave 0.9 and more."""

SCANDINAVIAN = frozenset({"no", "nn", "da", "sv"})
"""Whisper mistakes these for one another, so that one says nothing against another."""


def mean(found: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """The mean of several mappings from languages to probabilities; what is missing counts as 0."""
    totals: dict[str, float] = {}
    for one in found:
        for language, value in one.items():
            totals[language] = totals.get(language, 0.0) + value / len(found)
    return totals


def most_probable(found: Mapping[str, float]) -> str | None:
    """The language with the highest probability; None of none."""
    return max(found, key=lambda one: found[one], default=None)


def alike(language: str) -> frozenset[str]:
    """The languages that are mistaken for one, and itself."""
    return SCANDINAVIAN if language in SCANDINAVIAN else frozenset({language})


def is_other(heard: Mapping[str, float], language: str) -> bool:
    """Whether hardly anything speaks for `language`.

    Not: whether one other language is sure. 30 s that hold two languages are taken for a third.
    """
    return bool(heard) and sum(heard.get(one, 0.0) for one in alike(language)) < OTHER
