"""The sample study, with real models: by a machine without the key and then merged, or at once."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from anonpipe import delta, models
from anonpipe.study import load
from tests.test_kill import results, sample_study

pytestmark = pytest.mark.long
PROGRAM = [sys.executable, "-c", "from anonpipe.cli import main; main()"]
LATER = ("documents/P02_intervju.txt", "documents/P02_notater.docx", "recordings/P05_memo.ogg")
"""What comes in only when the key has the names of the others."""
LISTED = """
[[people]]
name = "Peter Marshall"
participant = "P01"
[[people]]
name = "Ingrid Solheim"
participant = "P02"
[[people]]
name = "Daniel Foster"
participant = "P04"
"""
"""Names that are in the key by then; they are listed again, to be heard elsewhere, too."""


def anonpipe(*arguments: object, home: Path | None = None) -> str:
    environment = os.environ if home is None else {**os.environ, "HOME": str(home)}
    command = [*PROGRAM, *map(str, arguments)]
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=environment)
    return done.stdout


def sealed_and_merged(folder: Path) -> None:
    """A sealed run without the folder of the key, then a merge that finds no speech model."""
    custody = folder.parent / "custody"
    away = custody.rename(folder.parent / "elsewhere")
    shown = anonpipe("run", folder, "--sealed", "--json")
    assert not custody.exists()
    statuses = [json.loads(line).get("status") for line in shown.splitlines()]
    assert set(statuses) == {None, "sealed"}
    away.rename(custody)
    empty = folder.parent / "home"
    empty.mkdir(exist_ok=True)
    anonpipe("key", "merge", folder, home=empty)
    assert delta.present(load(folder)) == ()


def test_both_ways_give_the_same_twice(tmp_path: Path) -> None:
    for name in models.DEFAULTS:
        models.install(name)
    at_once, elsewhere = (sample_study(tmp_path / name) for name in ("at_once", "elsewhere"))
    later = {}
    for folder in (at_once, elsewhere):
        for name in LATER:
            file = folder / name
            later[name] = file.read_bytes()
            file.unlink()
    anonpipe("run", at_once)
    sealed_and_merged(elsewhere)
    assert results(elsewhere) == results(at_once)
    assert len(list((at_once / "transcripts").iterdir())) == 5 * 4  # one in two styles

    for folder in (at_once, elsewhere):
        for name, data in later.items():
            (folder / name).write_bytes(data)
        settings = folder / "study.toml"
        settings.write_text(settings.read_text() + LISTED)
    anonpipe("run", at_once)
    sealed_and_merged(elsewhere)
    assert results(elsewhere) == results(at_once)
    assert len(list((at_once / "transcripts").glob("*.txt"))) == 8
