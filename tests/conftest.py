"""A study on disk with real key, log and files, and quick stand-ins for the models."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest
from hypothesis import settings

from anonpipe import batch, cli, create
from anonpipe.consent import COLUMNS
from anonpipe.kept import Kept
from anonpipe.outcome import Event, Outcome
from anonpipe.plaintext import Readable
from anonpipe.review import desk
from anonpipe.session import Session, session
from anonpipe.study import Study, load
from tests import examples
from tests.a_year import year as year
from tests.stand_ins import NAMES as NAMES
from tests.stand_ins import SPOKEN as SPOKEN
from tests.stand_ins import TYPES as TYPES
from tests.stand_ins import StandInDetector as StandInDetector
from tests.stand_ins import StandInTools as StandInTools
from tests.stand_ins import StandInTranscriber as StandInTranscriber

SYNC = os.fsync
MEMORY = Path("/dev/shm")


def written(fd: int) -> None:
    """What fsync(2) demands of a descriptor, without the waiting."""
    os.fstat(fd)


def pytest_configure(config: pytest.Config) -> None:
    """Try fewer examples unless the long tests run, too, and work in memory where there is room
    for it, unless --basetemp says where to work.
    """
    examples.all_of_them = config.option.markexpr != "not long"
    # Machines that run tests are shared: how long an example takes says nothing.
    settings.register_profile("anonpipe", deadline=None, max_examples=examples.examples(100))
    settings.load_profile("anonpipe")
    if config.option.basetemp is None and not hasattr(config, "workerinput") and _room(MEMORY):
        config.option.basetemp = tempfile.mkdtemp(prefix="anonpipe-tests-", dir=MEMORY)
        config.add_cleanup(lambda: shutil.rmtree(config.option.basetemp, ignore_errors=True))


def _room(folder: Path) -> bool:
    """Whether a gibibyte can be written there, and a program started from it."""
    if not folder.is_dir() or not os.access(folder, os.W_OK):
        return False
    system = os.statvfs(folder)
    return system.f_bavail * system.f_frsize > 1 << 30 and not system.f_flag & os.ST_NOEXEC


def pytest_sessionstart() -> None:
    """Do not wait for the disk: a killed process loses nothing that it wrote, only a power cut
    does, which no test makes. Processes of their own, and `real_fsync`, do wait.
    """
    os.fsync = written  # type: ignore[assignment]


TODAY = date(2026, 6, 1)


def stand_in_keep(content: Readable, part: Path, *_: object, **__: object) -> Kept:
    """Keeps a recording that is no sound."""
    part.write_bytes(b"bleeped")
    return Kept(1, True)


@dataclass
class Workbench:
    """A study with its key; `run` goes through batch.run as the command does."""

    folder: Path
    key: Path
    identity: Path

    @property
    def study(self) -> Study:
        return load(self.folder)

    def open(self, work: Callable[[Session], object]) -> object:
        with session(self.study, [self.identity], lambda _: None) as opened:
            return work(opened)

    def run(self, today: date = TODAY, **options: object) -> tuple[Outcome, ...]:
        with session(self.study, [self.identity], lambda _: None) as opened:
            return batch.run(opened, report=lambda _: None, today=today, **options)

    def events(self, today: date = TODAY) -> list[Event]:
        seen: list[Event] = []
        with session(self.study, [self.identity], lambda _: None) as opened:
            batch.run(opened, report=seen.append, today=today)
        return seen

    def register(self, *rows: str) -> None:
        text = "\n".join([",".join(COLUMNS), *rows]) + "\n"
        (self.folder / "consent.csv").write_text(text, encoding="utf-8")

    def record(self, name: str, content: bytes = b"sound") -> Path:
        path = self.folder / "recordings" / name
        path.write_bytes(content)
        return path

    def note(self, name: str, text: str) -> Path:
        path = self.folder / "documents" / name
        path.write_text(text, encoding="utf-8")
        return path

    def outputs(self) -> dict[str, bytes]:
        """Every file that holds results, by path in the study."""
        return {
            path.relative_to(self.folder).as_posix(): path.read_bytes()
            for top in ("transcripts", "bleeped")
            for path in sorted((self.folder / top).glob("*"))
        }


def make_workbench(top: Path) -> Workbench:
    made = create.create(
        top / "study",
        key=top / "custody" / "study.key.age",
        recipients=(),
        identities=[create.NewIdentity("student", None)],
        language="en",
        single=True,
    )
    return Workbench(made.study.folder, made.key, made.identities[0])


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workbench:
    """A study with stand-ins for speech recognition and detection."""
    monkeypatch.setattr(batch, "Tools", StandInTools)
    monkeypatch.setattr(desk, "Tools", StandInTools)
    return make_workbench(tmp_path)


def row(
    participant: str = "P01",
    recording: str = "",
    audio: str = "delete-after-transcription",
    review: str = "no",
    consented: str = "2026-01-10",
    withdrawn: str = "",
) -> str:
    return f"{participant},{recording},{consented},v1,{audio},{review},,yes,no,{withdrawn}"


@pytest.fixture(
    params=[
        pytest.param(False, id="some"),
        pytest.param(True, id="every", marks=pytest.mark.long),
    ]
)
def every(request: pytest.FixtureRequest) -> bool:
    """Whether `killed_at_every_effect` kills at each effect or at a sample of them."""
    return bool(request.param)


@pytest.fixture
def real_fsync(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait for the disk, where that is what is tested."""
    monkeypatch.setattr(os, "fsync", SYNC)


@pytest.fixture(autouse=True)
def connected(monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands called in this process must not bar the tests after them from their servers."""
    monkeypatch.setattr("anonpipe.offline.block_network", lambda: None)


Call = Callable[..., tuple[int, str, str]]


@pytest.fixture
def call(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> Call:
    """Run `anonpipe ARGUMENTS` in this process; gives exit code, output and errors."""
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("COLUMNS", "200")

    def run(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["anonpipe", *map(str, arguments)])
        with pytest.raises(SystemExit) as caught:
            cli.main()
        printed = capsys.readouterr()
        return int(caught.value.code or 0), printed.out, printed.err

    return run
