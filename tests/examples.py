"""How many examples hypothesis tries: all of them where the long tests run, too."""

from __future__ import annotations

FEWER = 4
all_of_them = False
"""Set by conftest before a test is loaded."""


def examples(number: int) -> int:
    """That many examples in a thorough run, a quarter in one that is to be quick."""
    return number if all_of_them else max(1, number // FEWER)
