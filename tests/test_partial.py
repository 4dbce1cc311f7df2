"""A transcription that was stopped: what is kept of it, who knows of that, and how it goes on."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from anonpipe import batch
from anonpipe.recipients import added, change
from anonpipe.study import SourceState, Stage
from tests.conftest import TODAY, Workbench, make_workbench, row
from tests.killing import killed_at_every_effect
from tests.test_recipients import person
from tests.tones import TonesTools, interview
from tests.transcribe.fake import FakeBackend

ROOT = Path(__file__).resolve().parent.parent


class Heard(TonesTools):
    """Tools that tell how many batches they heard, and stop at one of them."""

    last: FakeBackend
    stop_at: int | None = None

    def __init__(self, study: Any) -> None:
        super().__init__(study)
        Heard.last = self.backend
        hear = self.backend.hear

        def stopping(*arguments: Any, **options: Any) -> Any:
            if len(self.backend.calls) == Heard.stop_at:
                raise KeyboardInterrupt
            return hear(*arguments, **options)

        self.backend.hear = stopping  # type: ignore[method-assign]


@pytest.fixture
def hearing(bench: Workbench, monkeypatch: pytest.MonkeyPatch) -> Workbench:
    """A study with a recording of three minutes, whose transcription can be stopped."""
    monkeypatch.setattr(batch, "Tools", Heard)
    monkeypatch.setattr(Heard, "stop_at", None)
    bench.register(row(recording="a.flac", audio="delete-after-review"))
    interview(bench.folder / "recordings" / "a.flac")
    return bench


def stopped(bench: Workbench, monkeypatch: pytest.MonkeyPatch, at: int = 4) -> list[Path]:
    """Stop the run at a batch; the sealed pieces that it left."""
    monkeypatch.setattr(Heard, "stop_at", at)
    with pytest.raises(KeyboardInterrupt):
        bench.run()
    monkeypatch.setattr(Heard, "stop_at", None)
    return bench.study.pieces("R01")


def test_pieces_are_sealed_one_by_one_and_go_with_the_raw_transcript(
    hearing: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    pieces = stopped(hearing, monkeypatch)
    assert [path.name for path in pieces] == [f"R01.0000{n}.age" for n in (1, 2, 3, 4)]
    for path in pieces:
        assert path.read_bytes().startswith(b"age-encryption.org/v1")
        assert b"window" not in path.read_bytes() and path.stat().st_mode & 0o77 == 0
    (outcome,) = hearing.run()
    assert outcome.status == "waiting" and len(Heard.last.calls) == 2
    assert hearing.study.pieces("R01") == []
    assert [path.name for path in hearing.study.sealed.glob("*.age")] == ["R01.age"]


@pytest.mark.parametrize("at", (0, 3, 5))
def test_carried_on_the_study_is_as_if_it_was_not_stopped(
    hearing: Workbench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at: int
) -> None:
    whole = make_workbench(tmp_path / "whole")
    whole.register(row(recording="a.flac", audio="delete-after-review"))
    recording = hearing.folder / "recordings" / "a.flac"
    (whole.folder / "recordings" / "a.flac").write_bytes(recording.read_bytes())
    whole.run()
    calls = len(Heard.last.calls)
    stopped(hearing, monkeypatch, at)
    hearing.run()
    assert len(Heard.last.calls) == calls - at
    assert hearing.outputs() == whole.outputs()
    assert hearing.study.read_state()["R01"].flags == whole.study.read_state()["R01"].flags


@pytest.mark.long
def test_killed_anywhere_it_ends_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch, "Tools", TonesTools)
    sound = interview(tmp_path / "a.flac", 1)
    made: list[Workbench] = []

    def prepare() -> Any:
        made.append(make_workbench(tmp_path / str(len(made))))
        made[-1].register(row(recording="a.flac", audio="delete-after-review"))
        made[-1].record("a.flac", sound.read_bytes())
        return made[-1].run

    prepare()()
    outputs = made[0].outputs()

    def check() -> None:
        made[-1].run()
        assert made[-1].outputs() == outputs
        assert made[-1].study.pieces("R01") == []

    assert killed_at_every_effect(prepare, check, monkeypatch) > 20


@pytest.mark.parametrize("change", ["recording", "language", "channels", "way", "people", "model"])
def test_pieces_count_only_for_what_they_were_heard_from(
    hearing: Workbench, monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    stopped(hearing, monkeypatch)
    settings = hearing.study.settings_file
    text = settings.read_text(encoding="utf-8")
    if change == "recording":
        interview(hearing.folder / "recordings" / "a.flac", 2.9)
    elif change == "language":
        settings.write_text(text.replace('language = "en"', 'language = "nb"'), encoding="utf-8")
    elif change == "channels":
        settings.write_text(text.replace('channels = "auto"', 'channels = "mix"'), encoding="utf-8")
    elif change == "people":
        more = '\n[[people]]\nname = "Kari Nordmann"\ntype = "PERSON"\n'
        settings.write_text(text + more, encoding="utf-8")
    elif change == "way":
        original = FakeBackend.__init__

        def init(self: Any, **options: Any) -> None:
            original(self, **options)
            self.way = "another computer"

        monkeypatch.setattr(FakeBackend, "__init__", init)
    elif change == "model":
        original_tools = Heard.__init__

        def tools(self: Any, study: Any) -> None:
            original_tools(self, study)
            self.model_digest = "1" * 16

        monkeypatch.setattr(Heard, "__init__", tools)
    (outcome,) = hearing.run()
    assert outcome.status == "waiting"
    assert len(Heard.last.calls) == 6
    assert hearing.study.pieces("R01") == []


def test_a_damaged_foreign_or_missing_piece_is_heard_again(
    hearing: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    pieces = stopped(hearing, monkeypatch)
    pieces[2].write_bytes(pieces[0].read_bytes())  # one that was sealed, but not as this one
    hearing.run()
    assert len(Heard.last.calls) == 4


def test_a_change_of_recipients_seals_pieces_anew(
    hearing: Workbench, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    pieces = stopped(hearing, monkeypatch)
    before = [path.read_bytes() for path in pieces]
    supervisor = person(tmp_path, "supervisor")
    hearing.open(lambda s: change(s, added(s.key.recipients, [supervisor.recipient])))
    assert all(supervisor.opens(path) for path in pieces)
    assert all(path.read_bytes() != old for path, old in zip(pieces, before, strict=True))
    hearing.run()
    assert len(Heard.last.calls) == 2


def test_a_withdrawal_takes_the_pieces_along(
    hearing: Workbench, monkeypatch: pytest.MonkeyPatch, call: Any
) -> None:
    assert stopped(hearing, monkeypatch)
    code, _, said = call("withdraw", hearing.folder, "P01", "--identity", hearing.identity, "--yes")
    assert code == 0, said
    assert list(hearing.study.sealed.glob("*.age")) == []


def test_pieces_go_when_the_recording_left_before_it_was_transcribed(
    hearing: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert stopped(hearing, monkeypatch)
    (hearing.folder / "recordings" / "a.flac").unlink()
    hearing.run(dry_run=True)
    assert hearing.study.pieces("R01")
    hearing.run()
    assert hearing.study.pieces("R01") == []


def test_a_recording_that_was_encrypted_on_arrival_is_carried_on_too(
    hearing: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    from anonpipe import ingest

    hearing.open(lambda opened: ingest.ingest(opened, today=TODAY))
    stopped(hearing, monkeypatch)
    (outcome,) = hearing.run()
    assert outcome.status == "waiting" and len(Heard.last.calls) == 2


def test_sealed_pieces_are_due_with_the_raw_transcript(
    hearing: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    from anonpipe import due

    stopped(hearing, monkeypatch)
    state = SourceState(stage=Stage.NEW, participants=("P01",))
    assert "sealed" in due.present(hearing.study, "R01", state)


def test_a_machine_without_the_key_keeps_no_pieces(
    hearing: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    from anonpipe import sealedrun

    monkeypatch.setattr(sealedrun, "Tools", Heard)
    monkeypatch.setattr(Heard, "stop_at", 3)
    with pytest.raises(KeyboardInterrupt):
        sealedrun.run(hearing.study, report=lambda _: None, today=TODAY)
    assert not list(hearing.study.sealed.glob("*.age"))


# -- a process of its own


def start(bench: Workbench, *options: object, **environment: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.driving", "run", str(bench.folder),
         "--identity", str(bench.identity), *map(str, options)],
        env={**os.environ, "PYTHONPATH": str(ROOT), "HEAR": "tones", **environment},
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )  # fmt: skip


def busy(process: subprocess.Popen[str]) -> None:
    """Wait until it hears the batch that takes a minute."""
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith("busy"):
            return
    raise AssertionError(process.communicate()[1])


@pytest.mark.parametrize(
    ("number", "by"),
    [
        pytest.param(signal.SIGKILL, "sleep", marks=pytest.mark.long),
        pytest.param(signal.SIGINT, "sleep", marks=pytest.mark.long),
        (signal.SIGTERM, "native"),
    ],
)
def test_a_process_that_is_stopped_while_it_hears(
    hearing: Workbench, number: signal.Signals, by: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    process = start(hearing, "--json", PAUSE_AT="5", PAUSE_BY=by)
    busy(process)
    asked = time.monotonic()
    process.send_signal(number)
    _, said = process.communicate(timeout=20)
    assert time.monotonic() - asked < 10
    if number is signal.SIGKILL:
        assert process.returncode == -signal.SIGKILL
    else:
        assert process.returncode == 128 + number
        assert said.strip() == (
            f"anonpipe: Stopped in R01 at 2:29 of 3:00: what was heard so far is kept, encrypted, "
            f"and `anonpipe run {hearing.folder}` goes on from there."
        )
    assert len(hearing.study.pieces("R01")) == 5
    hearing.run()
    assert len(Heard.last.calls) == 1
    stopped_outputs = hearing.outputs()
    hearing.run(again="R01")
    assert hearing.outputs() == stopped_outputs


@pytest.mark.long
def test_progress_of_a_process_that_goes_on(hearing: Workbench) -> None:
    process = start(hearing, "--json", PAUSE_AT="3")
    busy(process)
    process.kill()
    process.communicate()
    process = start(hearing, "--json")
    out, said = process.communicate(timeout=60)
    assert process.returncode == 0 and said == ""
    events = [json.loads(line) for line in out.splitlines()]
    told = [event for event in events if event["event"] == "progress"]
    assert told[0]["done"] > 60 and told[0]["left"] is None
    assert told[-1]["done"] == told[-1]["total"]
    assert len(told) <= 3
