"""Memory that is free goes back to the system, so that what came before adds to no later peak."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from functools import cache


def give_back() -> None:
    """Hand free memory back, with glibc's allocator; another one does so by itself, or not.

    glibc keeps what was freed below something that is still in use, in the heap of each thread:
    after a batch of the recogniser some hundred megabytes. It takes about 0.01 s.
    """
    trim = _trim()
    if trim is not None:
        trim(0)


@cache
def _trim() -> Callable[[int], int] | None:
    """glibc's `malloc_trim`, None elsewhere."""
    try:
        function = ctypes.CDLL(None).malloc_trim
    except (AttributeError, OSError, TypeError):  # another C library; Windows takes no None
        return None
    function.argtypes = [ctypes.c_size_t]
    found: Callable[[int], int] = function
    return found
