"""A study on disk with real key, log and files, and quick stand-ins for the models."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest
from hypothesis import settings

from anonpipe import batch, cli, create
from anonpipe.consent import COLUMNS
from anonpipe.detect.spans import Span
from anonpipe.errors import RecordingError
from anonpipe.outcome import Event, Outcome
from anonpipe.plaintext import Readable
from anonpipe.session import Session, session
from anonpipe.study import Study, load
from anonpipe.transcript import KnownName, Mention, MentionType, Transcript, Turn, Word
from tests.a_year import year as year

# Machines that run tests are shared: how long an example takes says nothing.
settings.register_profile("anonpipe", deadline=None)
settings.load_profile("anonpipe")

TODAY = date(2026, 6, 1)
NAMES = ("Kari Nordmann", "Kari", "Ola Hansen", "Bergen", "Solbakken skole", "ola@example.org")
TYPES: dict[str, MentionType] = {
    "Bergen": "LOCATION",
    "Solbakken skole": "ORG",
    "ola@example.org": "EMAIL",
}
SPOKEN = "I met Kari Nordmann in Bergen and Kari said yes"


class StandInDetector:
    """Finds the names above, and those that are known, as a real detector would."""

    def detect(
        self, transcript: Transcript, known: Sequence[KnownName] = ()
    ) -> tuple[Mention, ...]:
        return self.complete(transcript, self.find(transcript), known)

    def find(self, transcript: Transcript) -> tuple[Span, ...]:
        pattern = re.compile("|".join(sorted(map(re.escape, NAMES), key=len, reverse=True)))
        return tuple(
            Span(m.start(), m.end(), TYPES.get(m[0], "PERSON"), 1.0, "stand-in")
            for m in pattern.finditer(transcript.text)
        )

    def complete(
        self, transcript: Transcript, found: Sequence[Span], known: Sequence[KnownName] = ()
    ) -> tuple[Mention, ...]:
        text = transcript.text
        names: dict[str, MentionType] = {text[s.start : s.end]: s.type for s in found}
        names |= {name.text: name.type for name in known}
        names |= {name: kind for name, kind in TYPES.items() if name in names}
        if not names:
            return ()
        pattern = re.compile("|".join(sorted(map(re.escape, names), key=len, reverse=True)))
        return tuple(
            Mention(i, m.start(), m.end(), names[m[0]], m[0], 1.0, "stand-in")
            for i, turn in enumerate(transcript.turns)
            for m in pattern.finditer(turn.text)
        )


class StandInTranscriber:
    """Hears the same sentence in every recording, word by word, a second each."""

    heard: list[Readable]
    way = "stand-in"

    def __init__(self) -> None:
        self.heard = []

    def transcribe(self, path: Readable, **options: object) -> Transcript:
        if isinstance(path, Path) and path.stat().st_size == 0:
            raise RecordingError(f"{path.name} is empty: copy it from the recorder again.")
        self.heard.append(path)
        words, offset = [], 0
        for second, text in enumerate(SPOKEN.split()):
            words.append(Word(text, offset, float(second), second + 1.0, 0.9))
            offset += len(text) + 1
        turn = Turn(SPOKEN, "P01", 0.0, float(len(words)), tuple(words))
        return Transcript((turn,), str(options["language"] or "en"), float(len(words)))


class StandInTools:
    def __init__(self, _: Study) -> None:
        self.transcriber = StandInTranscriber()
        self.detector = StandInDetector()
        self.diarizer = None
        self.model_digest = "0" * 16


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
