"""Recognizers, one file per family.

A family is a module with a constant `RULES` (and, where numbers are spoken, a
function `find`). To add one, write the module and name it in `families()`. `background` is
no family: settings switch its parts on.
"""

from __future__ import annotations

from types import ModuleType


def families(language: str) -> tuple[ModuleType, ...]:
    """The families for a language: nb and nn share theirs, all others get the English ones."""
    from anonpipe.detect.recognizers import (
        ages,
        common,
        dates,
        dictated,
        english,
        firms,
        norway,
        occupation,
        phones,
        references,
        spelling,
        spoken,
        streets,
        uk,
    )

    numbers = (phones, references, dates, ages, dictated)
    shared = (*numbers, spelling, spoken, firms, streets, occupation)

    if language in {"nb", "nn"}:
        return common, norway, *shared
    return common, english, uk, *shared
