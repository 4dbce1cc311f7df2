"""Work that is killed in the middle."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from anonpipe import audit, erase, files
from anonpipe.keyfile import StudyKey
from tests.conftest import Workbench


class Killed(BaseException):
    """Stands for SIGKILL: nothing may catch it and tidy up."""


EFFECTS = (
    (files, "write_durably"),
    (audit.AuditLog, "append"),
    (erase, "begin"),
    (erase, "erase"),
    (Path, "unlink"),
    (os, "replace"),
    (StudyKey, "save"),
)


def done_or_killed(work: Callable[[], object], step: int, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Work until effect number `step` is (odd) or was (even) at hand.

    Returns whether the work was finished, because it has fewer effects than that.
    """
    effects = 0

    def deadly(original: Callable[..., object]) -> Callable[..., object]:
        def effect(*args: object, **kwargs: object) -> object:
            nonlocal effects
            effects += 1
            mine = effects == step
            if mine and step % 2:
                raise Killed
            result = original(*args, **kwargs)
            if mine:
                raise Killed
            return result

        return effect

    with monkeypatch.context() as patch:
        rooms = [module for name, module in sys.modules.items() if name.startswith("anonpipe.")]
        for owner, name in EFFECTS:
            original = getattr(owner, name)
            wrapped = deadly(original)
            patch.setattr(owner, name, wrapped)
            for module in rooms:
                if getattr(module, name, None) is original:
                    patch.setattr(module, name, wrapped)
        try:
            work()
        except Killed:
            return False
    return True


def killed_at_every_effect(
    prepare: Callable[[], Callable[[], object]],
    check: Callable[[], object],
    monkeypatch: pytest.MonkeyPatch,
    *,
    limit: int = 400,
) -> int:
    """Kill some work at each of its effects, before it and after it, each time from the start.

    `prepare` makes a new study and returns the work to be done on it; `check` is called after
    each kill, when nothing has been carried on yet, and must see to the rest (run again,
    compare). Returns the number of kills, which is at least one.
    """
    for step in range(1, limit):
        work = prepare()
        if done_or_killed(work, step, monkeypatch):
            assert step > 1, "the work had no effects"
            return step - 1
        check()
    raise AssertionError("the work has no end")


def run_killed(bench: Workbench, step: int, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Run the study until effect number `step`, as `done_or_killed` does."""
    return done_or_killed(bench.run, step, monkeypatch)
