"""Verbatim and clean: what each style of the settings writes, and which an output has."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from anonpipe import formats
from anonpipe.settings import Style

Written = Literal["verbatim", "clean"]

ENDINGS: Mapping[Style, Mapping[str, Written]] = {
    "verbatim": {"": "verbatim"},
    "clean": {"": "clean"},
    "both": {"-verbatim": "verbatim", "-clean": "clean"},
}
"""The transcripts that each style of the settings writes, by the ending of their titles."""


def ending_of(output: str) -> str:
    """What the name of an output says of its style: "-verbatim", "-clean" or nothing.

    In alphabetical order, of the two of one source, the verbatim one is last.
    """
    title = formats.title_of(output)
    return next((ending for ending in ENDINGS["both"] if title.endswith(ending)), "")
