"""Seconds of a recording: stretches of them, and how a place in it is written."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

Interval = tuple[float, float]
"""Seconds of a recording, from and to."""

N = TypeVar("N", int, float)


def merge(intervals: Iterable[tuple[N, N]]) -> list[tuple[N, N]]:
    """Sorted intervals, of seconds or samples, those that touch joined."""
    merged: list[tuple[N, N]] = []
    for begin, end in sorted(intervals):
        if merged and begin <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((begin, end))
    return merged


def timecode(seconds: float) -> str:
    """Seconds as 01:02:03, rounded down, to find the place in a player."""
    whole = int(seconds)
    return f"{whole // 3600:02}:{whole // 60 % 60:02}:{whole % 60:02}"
