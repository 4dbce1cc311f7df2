"""How many processors a network may compute on."""

from __future__ import annotations

import os

MOST = 8
"""More are no faster with networks of this size."""


def processors() -> int:
    """The processors that this process may use, as far as they are of use."""
    if hasattr(os, "sched_getaffinity"):
        return min(MOST, len(os.sched_getaffinity(0)))
    return min(MOST, os.cpu_count() or 1)
