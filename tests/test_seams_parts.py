"""Stopped transcriptions and joined recordings where people leave and holders change."""

# ruff: noqa: F811 (a fixture of another module)

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner

from anonpipe import batch, ingest, sealedrun
from anonpipe.cli import cli
from anonpipe.errors import AnonpipeError
from anonpipe.recipients import added, change, without
from anonpipe.session import Session
from tests.closing import backed_up
from tests.conftest import TODAY, Workbench, row
from tests.test_joining import ONE, TWO, outside
from tests.test_partial import Heard, hearing, stopped  # noqa: F401 - a fixture
from tests.test_recipients import person
from tests.test_seams import (
    entries,
    invoke,
    leave,
    left,
    opened_items,
    retain,
    seal,
    stands,
    table,
    take,
)

LATER = "delete-on:2099-01-01"
VERIFIER = Path(__file__).resolve().parent.parent / "docs" / "verify_audit.py"


def verified(bench: Workbench) -> None:
    """The log holds for a program that is not ours, too."""
    done = subprocess.run(
        [sys.executable, str(VERIFIER), str(bench.folder / "audit.jsonl")],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr


# -- transcriptions that were stopped


def test_somebody_elses_withdrawal_leaves_the_pieces(
    hearing: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    hearing.note("P02.txt", "P02: I was there.")
    mine = row(recording="a.flac", audio="delete-after-review")
    hearing.register(mine, row("P02"))
    pieces = stopped(hearing, monkeypatch)
    leave(hearing, "P02")
    assert hearing.study.pieces("R01") == pieces
    hearing.run()
    assert len(Heard.last.calls) == 2


def test_a_withdrawal_that_the_register_says_takes_them_when_it_is_carried_out(
    hearing: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    stopped(hearing, monkeypatch)
    hearing.register(row(recording="a.flac", audio="delete-after-review", withdrawn=str(TODAY)))
    (outcome,) = hearing.run()
    assert outcome.status == "refused" and hearing.study.pieces("R01")
    assert left(hearing, "P01") >= {"not-carried-out", "file"}
    leave(hearing, "P01")
    assert not list(hearing.study.sealed.glob("*")) and stands(hearing, "P01").complete
    verified(hearing)


def test_consent_withdrawn_while_stopped_and_the_file_gone(
    hearing: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    stopped(hearing, monkeypatch)
    hearing.register(row(recording="a.flac", audio="delete-after-review", withdrawn=str(TODAY)))
    (hearing.folder / "recordings" / "a.flac").unlink()
    hearing.run()
    assert hearing.study.pieces("R01") == []


@pytest.mark.parametrize("encrypted", [False, True])
def test_access_tells_of_pieces_of_what_was_stopped(
    hearing: Workbench, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, encrypted: bool
) -> None:
    hearing.note("P02.txt", "P02: I was there.")
    hearing.note("P01_new.txt", "P01: I was there.")
    mine = row(recording="a.flac | P01*", audio="delete-after-review")
    hearing.register(mine, row("P02"))
    if encrypted:
        recording = hearing.folder / "recordings" / "a.flac"
        hearing.open(lambda opened: ingest.ingest(opened, [recording], today=TODAY))
    stopped(hearing, monkeypatch)
    key = ("--reason", "participant-request", "--identity", hearing.identity)
    invoke("subject", "export", hearing.folder, "P01", "--to", tmp_path / "p01", *key)
    (file,) = (tmp_path / "p01").glob("*.json")
    told = {each["file"]: each for each in json.loads(file.read_text())["sources"]}
    assert set(told) == {"a.flac", "P01_new.txt"}
    assert (told["a.flac"]["id"], told["a.flac"]["stage"]) == ("R01", "new")
    assert told["a.flac"]["raw_transcript_is_there"] and told["a.flac"]["original_is_there"]
    assert not told["P01_new.txt"]["raw_transcript_is_there"]
    assert "a.flac" in next((tmp_path / "p01").glob("*.html")).read_text()


@pytest.mark.parametrize("how", ["remove", "replace"])
def test_who_goes_opens_no_piece_any_more(
    hearing: Workbench, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, how: str
) -> None:
    supervisor = person(tmp_path, "supervisor")
    hearing.open(lambda s: change(s, added(s.key.recipients, [supervisor.recipient])))
    pieces = stopped(hearing, monkeypatch)
    assert all(supervisor.opens(path) for path in pieces)

    def work(session: Session) -> None:
        now = without(session.key.recipients, ["supervisor"])
        if how == "replace":
            now = added(now, [person(tmp_path, "colleague").recipient])
        change(session, now, single=True)

    hearing.open(work)
    assert not any(supervisor.opens(path) for path in pieces)
    hearing.run()
    assert len(Heard.last.calls) == 2


def test_a_damaged_piece_does_not_keep_a_holder_in(
    hearing: Workbench, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """It can be heard again, so that nothing is lost with it."""
    supervisor = person(tmp_path, "supervisor")
    hearing.open(lambda s: change(s, added(s.key.recipients, [supervisor.recipient])))
    pieces = stopped(hearing, monkeypatch)
    pieces[1].write_bytes(pieces[1].read_bytes()[:-40])
    hearing.open(lambda s: change(s, without(s.key.recipients, ["supervisor"]), single=True))
    assert not supervisor.opens(pieces[0])
    hearing.run()
    assert len(Heard.last.calls) == 5


def test_a_close_waits_for_what_was_stopped(
    hearing: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    stopped(hearing, monkeypatch)
    assert "run `anonpipe run`" in opened_items(hearing)
    hearing.run()
    hearing.open(lambda s: batch.approve(s, "R01"))
    hearing.run()
    assert "run `anonpipe run`" not in opened_items(hearing)


def test_retention_of_what_was_stopped(hearing: Workbench, monkeypatch: pytest.MonkeyPatch) -> None:
    hearing.register(row(recording="a.flac", audio="delete-on:2026-07-01"))
    stopped(hearing, monkeypatch)
    result = retain(hearing, date(2026, 7, 2))
    assert result.exit_code == 3  # somebody must transcribe it, or take it out
    hearing.run(date(2026, 7, 2))
    assert len(Heard.last.calls) == 2
    hearing.open(lambda s: batch.approve(s, "R01"))
    assert hearing.run(date(2026, 7, 2))[0].deleted
    assert retain(hearing, date(2026, 7, 2)).exit_code == 0


def test_a_file_that_is_replaced_is_heard_from_its_beginning(
    hearing: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests.tones import interview

    stopped(hearing, monkeypatch)
    (hearing.folder / "recordings" / "a.flac").unlink()
    interview(hearing.folder / "recordings" / "b.flac", 2)
    hearing.register(row(recording="b.flac", audio="delete-after-review"))
    (outcome,) = hearing.run()
    assert (outcome.id, outcome.status) == ("R02", "waiting")
    assert hearing.study.pieces("R01") == [] == hearing.study.pieces("R02")


def test_what_was_stopped_is_taken_in_encrypted_and_goes_on(
    hearing: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    stopped(hearing, monkeypatch)
    hearing.open(lambda opened: ingest.ingest(opened, today=TODAY))
    assert (hearing.folder / "recordings" / "R01.age").exists()
    (outcome,) = hearing.run()
    assert (outcome.id, outcome.status) == ("R01", "waiting")
    assert len(Heard.last.calls) == 2
    assert hearing.study.pieces("R01") == []


def test_a_delta_that_came_meanwhile_takes_their_place(
    hearing: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sealedrun, "Tools", Heard)
    stopped(hearing, monkeypatch)
    seal(hearing)
    monkeypatch.setattr(batch, "Tools", Heard)
    (outcome,) = hearing.run(transcribe=False)
    assert outcome.status == "waiting"
    assert [path.name for path in hearing.study.sealed.glob("*.age")] == ["R01.age"]


def test_the_key_comes_out_of_a_backup_between(
    hearing: Workbench, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    stopped(hearing, monkeypatch)
    copy = backed_up(hearing, tmp_path / "stick")
    hearing.key.unlink()
    shutil.copy(copy, hearing.key)
    hearing.run()
    assert len(Heard.last.calls) == 2
    verified(hearing)


ANSWERS = ("overview", "apart", "deletion", "due", "holders", "intact", "offline", "oversight")


@pytest.mark.parametrize("encrypted", [pytest.param(False, marks=pytest.mark.long), True])
def test_every_answer_stands_pieces(
    hearing: Workbench, monkeypatch: pytest.MonkeyPatch, encrypted: bool, tmp_path: Path
) -> None:
    if encrypted:
        hearing.open(lambda opened: ingest.ingest(opened, today=TODAY))
    stopped(hearing, monkeypatch)
    verified(hearing)
    for answer in ANSWERS:
        code, said = answered_by("audit", answer, hearing.folder, "--json")
        assert code in (0, 1, 3, 4), (answer, said)
        assert json.loads(said), answer
    assert answered_by("audit", "report", hearing.folder, "--to", tmp_path / "r.html")[0] in (0, 1)


def answered_by(*arguments: object) -> tuple[int, str]:
    result = CliRunner().invoke(cli, [str(word) for word in arguments])
    error = result.exception
    if error is not None and not isinstance(error, (SystemExit, AnonpipeError)):
        raise error
    return getattr(error, "exit_code", result.exit_code), result.stdout


# -- recordings that were joined


@pytest.fixture
def joined(bench: Workbench, tmp_path: Path) -> Workbench:
    """A study with a recording of two parts, of which the second is there again."""
    bench.register(row(audio=LATER))
    paths = outside(tmp_path, P01_del1=ONE, P01_del2=TWO)
    take(bench, *paths, join=True, move=True, participants=["P01"])
    assert not any(path.exists() for path in paths)
    return bench


def test_the_receipt_of_a_joined_recording(joined: Workbench) -> None:
    joined.register(row(audio="delete-after-review"))
    joined.run()
    joined.open(lambda s: batch.approve(s, "R01"))
    (outcome,) = joined.run()
    assert outcome.deleted
    assert json.loads(invoke("audit", "receipt", "verify", joined.folder, "--json"))["receipts"]
    answer = json.loads(invoke("audit", "deletion", joined.folder, "P01", "--json"))
    (original,) = answer["data"]["originals"]
    assert original["sound"] and original["methods"][0] == "crypto-erase"
    deleted = [e for e in entries(joined, "plain-deleted") if e.subject == "R01"]
    assert len(deleted) == 2  # each part, when they came in
    verified(joined)
    # Copies of either part, or of both, are known.
    for name, data in (("P01_x.wav", ONE), ("P01_y.wav", TWO)):
        joined.record(name, data)
    outcomes = joined.run()
    assert all("copy of a part of R01" in o.reason for o in outcomes if o.status == "failed")
    assert [o.status for o in outcomes].count("failed") == 2


def test_who_withdraws_from_a_joined_recording(joined: Workbench, tmp_path: Path) -> None:
    joined.run()
    joined.record("P01_copy.wav", TWO)
    leave(joined, "P01")
    assert stands(joined, "P01").complete
    assert not list((joined.folder / "recordings").iterdir())
    row_left = table(joined).sources["R01"]
    assert (row_left.path, row_left.parts, row_left.data_key) == ("", (), None)
    verified(joined)
    assert [e.subject for e in entries(joined, "data-key-destroyed")] == ["R01"]


def test_access_to_a_joined_recording(joined: Workbench, tmp_path: Path) -> None:
    joined.run()
    key = ("--reason", "participant-request", "--identity", joined.identity)
    invoke("subject", "export", joined.folder, "P01", "--to", tmp_path / "p01", *key)
    (file,) = (tmp_path / "p01").glob("*.json")
    said = json.loads(file.read_text())
    (source,) = said["sources"]
    assert source["file"] == "P01_del1.wav" and source["parts"] == ["P01_del1.wav", "P01_del2.wav"]
    assert source["original_is_there"]


def test_a_machine_without_the_key_leaves_a_joined_recording_to_a_run(joined: Workbench) -> None:
    assert [o.status for o in seal(joined)] == ["failed"]
    (outcome,) = joined.run(transcribe=False)
    assert (outcome.status, outcome.reason) == ("waiting", "run")


def test_a_joined_recording_at_the_close(joined: Workbench) -> None:
    assert "R01 is not final" in opened_items(joined)
    joined.register(row(audio="delete-after-transcription") + ",delete")
    joined.run()
    assert "R01" not in opened_items(joined)


def test_every_answer_stands_joined_recordings(joined: Workbench) -> None:
    joined.run()
    for answer in ANSWERS:
        code, said = answered_by("audit", answer, joined.folder, "--json")
        assert code in (0, 1, 3, 4), (answer, said)
        assert json.loads(said), answer
