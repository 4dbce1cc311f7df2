"""Recorders and people cut one interview into files: part 1, del 2, _03. What names tell of it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import PurePath, PurePosixPath

_WORD = r"(?:del|part|pt|teil|tape|band|side|fil|file|opptak|track)"
_NUMBERED = re.compile(rf"(.*?)({_WORD})?[ _.\-–(\[]*(\d{{1,2}})[)\]]?", re.IGNORECASE)
_SEPARATED = re.compile(rf"(?:.*[ _.\-–(\[]|.*{_WORD})\d{{1,2}}[)\]]?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Numbered:
    """A file name that ends in a number: what stands before it, and the number."""

    stem: str
    number: int


def numbered(name: str) -> Numbered | None:
    """The number at the end of a file's name, if there is one."""
    match = _NUMBERED.fullmatch(PurePath(name).stem)
    if match is None:
        return None
    return Numbered(match[1].rstrip(" _.-–([").casefold(), int(match[3]))


def in_order(names: Sequence[str]) -> list[str] | None:
    """The names in the order of their numbers; None if they do not all have different ones."""
    numbers = [found.number for name in names if (found := numbered(name)) is not None]
    if len(set(numbers)) != len(names):
        return None
    return [name for _, name in sorted(zip(numbers, names, strict=True))]


def alike(files: Iterable[PurePosixPath]) -> list[tuple[PurePosixPath, ...]]:
    """Files of one folder whose names differ in the number of a part only: del1, del2 ...

    The number has to stand apart or after a word for it, and the numbers have to follow one
    another from 0 or 1 on: P01 and P02 are two people.
    """
    groups: dict[tuple[PurePosixPath, str], dict[int, PurePosixPath]] = {}
    for file in files:
        found = numbered(file.name)
        if found is not None and found.stem and _SEPARATED.fullmatch(file.stem):
            groups.setdefault((file.parent, found.stem), {})[found.number] = file
    return [
        tuple(group[number] for number in sorted(group))
        for group in groups.values()
        if len(group) > 1 and sorted(group) in ([*range(len(group))], [*range(1, len(group) + 1)])
    ]
