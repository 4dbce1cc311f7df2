"""Text as the eye reads it: what looks the same is the same, wherever it stood."""

from __future__ import annotations

import re
import unicodedata

# Soft hyphen, zero-width characters, marks of direction, joiners, byte order mark.
_INVISIBLE = re.compile("[\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]")
# A character with the marks that combine with it.
_CLUSTER = re.compile("[^\u0300-\u036f][\u0300-\u036f]*|[\u0300-\u036f]+")


def legible(text: str) -> str:
    """`text` in NFKC without invisible characters; no-break spaces become spaces."""
    return unicodedata.normalize("NFKC", _INVISIBLE.sub("", text))


def legible_with_places(text: str) -> tuple[str, list[int]]:
    """`legible(text)`, and for each of its characters, and its end, the index in `text`."""
    if text.isascii():
        return text, list(range(len(text) + 1))
    shown: list[str] = []
    places: list[int] = []
    for cluster in _CLUSTER.finditer(text):
        letters = legible(cluster[0])
        shown.append(letters)
        places += [cluster.start()] * len(letters)
    return "".join(shown), [*places, len(text)]
