"""Runs that are killed in the middle."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from anonpipe import audit, batch, erase, files, pipeline, receipt, session, study, vault
from anonpipe.key import StudyKey
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


def run_killed(bench: Workbench, step: int, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Run until effect number `step` is (odd) or was (even) at hand.

    Returns whether the run finished, because it has fewer effects than that.
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
        for owner, name in EFFECTS:
            original = getattr(owner, name)
            wrapped = deadly(original)
            patch.setattr(owner, name, wrapped)
            for module in (pipeline, batch, receipt, session, study, vault):
                if getattr(module, name, None) is original:
                    patch.setattr(module, name, wrapped)
        try:
            bench.run()
        except Killed:
            return False
    return True
