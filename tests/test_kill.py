"""`anonpipe run` killed with SIGKILL at random moments, on the sample study with real models."""

from __future__ import annotations

import random
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from anonpipe import create, models, resources

pytestmark = pytest.mark.long
COMMAND = [sys.executable, "-c", "from anonpipe.cli import main; main()", "run"]
KILLS = 10


def sample_study(top: Path) -> Path:
    folder = top / "study"
    shutil.copytree(resources.folder("samples"), folder)
    create.create(
        folder,
        key=top / "custody" / "study.key.age",
        recipients=(),
        identities=[create.NewIdentity("student", None)],
        single=True,
    )
    return folder


def results(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for top in ("transcripts", "bleeped", "recordings", "documents")
        for path in (folder / top).glob("*")
    }


def test_ten_kills_change_nothing(tmp_path: Path) -> None:
    for name in models.DEFAULTS:
        models.install(name)
    undisturbed = sample_study(tmp_path / "undisturbed")
    start = time.monotonic()
    subprocess.run([*COMMAND, undisturbed], check=True, capture_output=True)
    took = time.monotonic() - start

    killed = sample_study(tmp_path / "killed")
    originals = {path.name for path in (killed / "recordings").iterdir()}
    moments = random.Random(2026)
    kills = 0
    while kills < KILLS:
        process = subprocess.Popen([*COMMAND, killed], stdout=subprocess.DEVNULL)
        try:
            process.wait(moments.uniform(0.1 * took, 0.9 * took))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        else:
            # Everything is done before the tenth kill: begin with a new study.
            assert process.returncode == 0
            assert results(killed) == results(undisturbed)
            killed = sample_study(tmp_path / f"killed-{kills}")
            continue
        kills += 1
        left = {path.name for path in (killed / "recordings").glob("[!.]*")}
        half = list((killed / "recordings").glob(".anonpipe-*"))
        # Each recording is still there, or on its way out after its outputs were verified.
        for lost in originals - left:
            participant = {"Voice memo Daniel Foster.ogg": "P04"}.get(lost, lost[:3])
            assert list((killed / "transcripts").glob(f"{participant}-*.json")) or half, lost
    subprocess.run([*COMMAND, killed], check=True, capture_output=True)
    assert results(killed) == results(undisturbed)
