"""Recognizers, one file per family.

A family is a module with a constant `RULES` (and, where numbers are spoken, a
function `find`). To add one, write the module and name it in `families()`.
"""

from __future__ import annotations

from types import ModuleType


def families(language: str) -> tuple[ModuleType, ...]:
    """The families for a language: nb and nn share theirs, all others get the English ones."""
    from anonpipe.detect.recognizers import common, english, norway, occupation, spoken, uk

    if language in {"nb", "nn"}:
        return common, norway, spoken, occupation
    return common, english, uk, spoken, occupation
