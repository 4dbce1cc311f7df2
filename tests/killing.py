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


SAMPLE, MOST = 8, 400
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
    try:
        _effects(work, monkeypatch, step)
    except Killed:
        return False
    return True


def _effects(work: Callable[[], object], monkeypatch: pytest.MonkeyPatch, step: int = 0) -> int:
    """How many effects some work has; raises Killed at number `step`."""
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
        work()
    return effects


def killed_at_every_effect(
    prepare: Callable[[], Callable[[], object]],
    check: Callable[[], object],
    monkeypatch: pytest.MonkeyPatch,
    *,
    every: bool = True,
) -> int:
    """Kill some work at each of its effects, before it (odd) or after it, each time from the start.

    `prepare` makes a new study and returns the work to be done on it; `check` is called after
    each kill, when nothing has been carried on yet, and must see to the rest (run again,
    compare). Unless `every` (a fixture, which is true with `-m long`), only the first two effects,
    the last two and about `SAMPLE` between them are killed. Returns the number of effects.
    """
    effects = _effects(prepare(), monkeypatch)
    assert 0 < effects < MOST
    for step in range(1, effects + 1) if every else sample(effects):
        work = prepare()
        assert not done_or_killed(work, step, monkeypatch), f"only {step - 1} effects this time"
        check()
    return effects


def sample(effects: int) -> list[int]:
    """Numbers of effects to be killed, the same ones each time, before and after by turns."""
    stride = effects // SAMPLE | 1  # odd, so that odd and even numbers take turns
    steps = {1, 2, *range(1, effects, stride), effects - 1, effects}
    return sorted(step for step in steps if 0 < step <= effects)


def run_killed(bench: Workbench, step: int, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Run the study until effect number `step`, as `done_or_killed` does."""
    return done_or_killed(bench.run, step, monkeypatch)
