"""What changes between runs: files replaced, consent withdrawn, settings and names corrected."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from anonpipe import batch, coding, erase, kept, outputs
from anonpipe.errors import RecordingError, UsageError
from anonpipe.outcome import Event
from anonpipe.session import without_people
from anonpipe.study import Stage
from anonpipe.transcript import Flag
from tests.conftest import StandInTranscriber, Workbench, row, stand_in_keep

LATER = date(2026, 8, 1)


class Killed(BaseException):
    """Stands for SIGKILL."""


def kill(*_: object, **__: object) -> None:
    raise Killed


@pytest.mark.parametrize("error", [Killed(), RecordingError("P01.wav cannot be decoded.")])
def test_a_replaced_recording_is_never_deleted_untranscribed(
    bench: Workbench, monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    bench.register(row(audio="delete-on:2026-07-01"))
    bench.record("P01.wav", b"one")
    bench.run()
    replaced = bench.record("P01.wav", b"two")
    with monkeypatch.context() as patch:

        def fail(*_: object, **__: object) -> None:
            raise error

        patch.setattr(StandInTranscriber, "transcribe", fail)
        if isinstance(error, Killed):
            with pytest.raises(Killed):
                bench.run(today=LATER)
        else:
            assert bench.run(today=LATER)[0].status == "failed"
        assert replaced.read_bytes() == b"two"
        if isinstance(error, RecordingError):
            assert bench.run(today=LATER)[0].status == "failed"
            assert replaced.read_bytes() == b"two"
    heard: list[bytes] = []
    transcribe = StandInTranscriber.transcribe

    def listen(self: StandInTranscriber, path: Path, **options: object) -> object:
        heard.append(path.read_bytes())
        return transcribe(self, path, **options)

    monkeypatch.setattr(StandInTranscriber, "transcribe", listen)
    (outcome,) = bench.run(today=LATER)
    assert heard == [b"two"] and outcome.deleted and not replaced.exists()


def test_a_file_replaced_after_transcription_is_transcribed_anew(
    bench: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.register(row(audio="keep-until:2030-01-01"))
    bench.record("P01.wav", b"one")
    with monkeypatch.context() as patch:
        patch.setattr(coding, "link", kill)
        with pytest.raises(Killed):
            bench.run()
    assert bench.study.read_state()["R01"].stage is Stage.TRANSCRIBED
    bench.record("P01.wav", b"two")
    bench.run()
    log = (bench.folder / "audit.jsonl").read_text().splitlines()
    assert sum(json.loads(line)["action"] == "transcribed" for line in log) == 2


def begun(bench: Workbench, monkeypatch: pytest.MonkeyPatch) -> None:
    """A deletion that was killed after the file got its hidden name."""
    bench.record("P01.wav", b"one")
    with monkeypatch.context() as patch:
        patch.setattr(erase, "erase", kill)
        with pytest.raises(Killed):
            bench.run()
    assert next((bench.folder / "recordings").iterdir()).name.startswith(".anonpipe-R01")


def test_a_begun_deletion_ends_before_a_new_file_takes_the_name(
    bench: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.register(row())
    begun(bench, monkeypatch)
    before = bench.outputs()
    new = bench.record("P01.wav", b"two")
    outcomes = bench.run()
    assert [(o.id, o.status) for o in outcomes] == [("R02", "final"), ("R01", "final")]
    assert not new.exists() and not list((bench.folder / "recordings").iterdir())
    after = bench.outputs()
    assert all(after[name] == data for name, data in before.items()) and len(after) == 8
    receipts = {
        name: json.loads((bench.folder / "receipts" / f"{name}.json").read_text())
        for name in ("X0001-R01", "X0002-R02")
    }
    assert len({receipt["digest"] for receipt in receipts.values()}) == 2


def test_a_begun_deletion_ends_whatever_the_register_says_by_now(
    bench: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.register(row())
    begun(bench, monkeypatch)
    bench.register(row(withdrawn="2026-05-30"))
    (outcome,) = bench.run()
    assert not list((bench.folder / "recordings").iterdir())
    assert outcome.status == "refused" and "P01-R01.txt" in outcome.reason


def test_after_a_withdrawal_nothing_raw_is_kept_and_outputs_are_asked_for(
    bench: Workbench,
) -> None:
    original = bench.record("P01.wav")
    bench.register(row(audio="keep-until:2030-01-01"))
    bench.run()
    bench.register(row(audio="keep-until:2030-01-01", withdrawn="2026-05-30"))
    (outcome,) = bench.run()
    assert outcome.status == "refused" and "delete the file" in outcome.reason
    original.unlink()
    (outcome,) = bench.run()
    assert outcome.status == "refused" and not list((bench.folder / "sealed").iterdir())
    (outcome,) = bench.run()
    assert outcome.status == "refused"
    assert "`anonpipe withdraw` deletes transcripts/P01-R01" in outcome.reason
    for path in (bench.folder / "transcripts").iterdir():
        path.unlink()
    (outcome,) = bench.run()
    assert (outcome.status, outcome.exit_code) == ("final", 0)


def test_a_recording_still_goes_after_its_transcripts_time(bench: Workbench) -> None:
    original = bench.record("P01.wav")
    bench.register("P01,,2026-01-10,v1,keep-until:2026-07-15,no,2026-07-01,yes,no,")
    bench.run()
    (outcome,) = bench.run(today=LATER)
    assert outcome.deleted and not original.exists()


def test_without_room_for_a_receipt_nothing_is_deleted(bench: Workbench) -> None:
    original = bench.record("P01.wav")
    bench.register(row())
    (bench.folder / "receipts").write_text("in the way")
    (outcome,) = bench.run()
    assert outcome.status == "failed" and "receipts" in outcome.reason and original.exists()
    (bench.folder / "receipts").unlink()
    (outcome,) = bench.run()
    assert outcome.deleted and not original.exists()


def test_outputs_of_other_formats_or_participants_do_not_stay(bench: Workbench) -> None:
    bench.record("P01.wav")
    bench.register(row(audio="keep-until:2030-01-01"))
    bench.run()
    settings = bench.folder / "study.toml"
    text = settings.read_text()
    settings.write_text(text.replace('["txt", "docx", "vtt", "json"]', '["txt"]'))
    bench.run(again="R01")
    assert list(bench.outputs()) == ["transcripts/P01-R01.txt"]


def test_a_renamed_recording_belongs_to_its_new_participant(bench: Workbench) -> None:
    original = bench.record("P01.wav")
    bench.register(row(audio="delete-on:2026-07-01"), row("P02", audio="delete-on:2026-07-01"))
    bench.run()
    original.rename(original.with_name("P02.wav"))
    (outcome,) = bench.run()
    assert (outcome.id, outcome.participants) == ("R01", ("P02",))
    assert {name.split("/")[1][:7] for name in bench.outputs()} == {"P02-R01"}


def test_a_bleeped_copy_needs_the_recording(
    bench: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = bench.record("P01.wav")
    bench.register(row(audio="keep-bleeped"))
    with monkeypatch.context() as patch:
        patch.setattr(outputs, "replace_mentions", kill)
        with pytest.raises(Killed):
            bench.run()
    original.unlink()
    (outcome,) = bench.run()
    assert outcome.status == "failed" and "R01 is gone" in outcome.reason


def test_nicknames_on_the_list_are_found(bench: Workbench) -> None:
    settings = bench.folder / "study.toml"
    people = "".join(
        f'\n[[people]]\nname = "{name}"\nparticipant = "P01"\n'
        for name in ("Kari Nordmann", "Kalle")
    )
    settings.write_text(settings.read_text() + people)
    bench.register(row())
    bench.note("P01.txt", "Kalle came.")
    bench.run()
    assert "P01 came." in (bench.folder / "transcripts" / "P01-D01.txt").read_text()


@pytest.mark.parametrize("code", ["Kari", "p01", "P 1"])
def test_a_participant_in_the_settings_is_a_code(bench: Workbench, code: str) -> None:
    settings = bench.folder / "study.toml"
    settings.write_text(settings.read_text() + f'\n[[people]]\nname="x"\nparticipant="{code}"\n')
    with pytest.raises(UsageError, match=r"people\.participant"):
        _ = bench.study


def test_comments_on_people_go_with_them() -> None:
    text = (
        '# settings\n[study]\nid = "x"  # keep\n\n# her sister\n# lives here\n[[people]]\n'
        'name = "A"\n\n  [[ people ]]\nname = "B"\n[output]\nstyle = "clean"\n'
    )
    assert without_people(text) == (
        '# settings\n[study]\nid = "x"  # keep\n\n[output]\nstyle = "clean"\n'
    )
    assert without_people('people = ["A"]\n[study]\nid = "x"\n') == '[study]\nid = "x"\n'


def test_a_dry_run_gives_each_file_its_own_id(bench: Workbench) -> None:
    bench.register(row(), row("P02"), row("P03"))
    for name in ("P01", "P02", "P03"):
        bench.record(f"{name}.wav", name.encode())
    assert [outcome.id for outcome in bench.run(dry_run=True)] == ["R01", "R02", "R03"]


def test_a_json_run_names_no_files(bench: Workbench, capsys: pytest.CaptureFixture[str]) -> None:
    from anonpipe.cli.show import JsonRun

    bench.record("Kari Nordmann.wav")
    bench.register(row())
    (outcome,) = bench.run()
    JsonRun().report(Event("outcome", outcome.id, {"outcome": outcome}))
    printed = capsys.readouterr().out
    assert json.loads(printed)["reason"] == "consent" and "Kari" not in printed


@pytest.fixture
def bleeps(monkeypatch: pytest.MonkeyPatch) -> None:
    """A stand-in for the bleep, as the recordings here are no sound."""

    monkeypatch.setattr(kept, "keep", stand_in_keep)


@pytest.mark.usefixtures("bleeps")
def test_a_rule_changed_to_bleeping_makes_the_copy_before_the_deletion(bench: Workbench) -> None:
    original = bench.record("P01.wav")
    bench.register(row(audio="keep-until:2030-01-01"))
    bench.run()
    bench.register(row(audio="keep-bleeped"))
    (outcome,) = bench.run(approval="SIKT-123456")
    assert outcome.deleted and not original.exists()
    assert "bleeped/P01-R01.flac" in bench.outputs()
    receipt = json.loads((bench.folder / "receipts" / "X0001-R01.json").read_text())
    assert "bleeped/P01-R01.flac" in receipt["outputs"]


@pytest.mark.usefixtures("bleeps")
def test_a_bleeped_copy_that_is_not_wanted_any_more_has_to_go(bench: Workbench) -> None:
    bench.record("P01.wav")
    bench.register(row(audio="keep-bleeped", review="yes"))
    bench.run()
    assert "bleeped/P01-R01.flac" in bench.outputs()
    bench.register(row(review="yes"))
    bench.open(lambda opened: batch.approve(opened, "R01"))
    (outcome,) = bench.run()
    assert outcome.deleted and "bleeped/P01-R01.flac" not in bench.outputs()
    bench.register(row(review="yes"), row("P02", audio="keep-bleeped"))
    bench.record("P02.wav", b"other")
    bench.run()
    bench.register(row(review="yes"), row("P02"))
    assert [o.reason for o in bench.run() if o.id == "R02"] == [
        "R02 may not be kept bleeped any more: `anonpipe retention run` deletes "
        "bleeped/P02-R02.flac."
    ]


def test_without_any_output_nothing_is_deleted(bench: Workbench) -> None:
    note = bench.note("P01.txt", "Ola Hansen came.")
    bench.register(row())
    settings = bench.folder / "study.toml"
    text = settings.read_text().replace('["txt", "docx", "vtt", "json"]', '["vtt"]')
    settings.write_text(text.replace('after = "keep"', 'after = "delete-after-coding"'))
    (outcome,) = bench.run()
    assert outcome.status == "failed" and "add txt" in outcome.reason and note.exists()


def test_one_recording_under_two_names_is_refused(bench: Workbench) -> None:
    first, second = bench.record("P01.wav"), bench.record("P02.wav")
    bench.register(row(audio="keep-until:2030-01-01"), row("P02"))
    outcomes = bench.run()
    assert [o.status for o in outcomes] == ["waiting", "failed"]
    assert "holds the same as P01.wav" in outcomes[1].reason
    assert first.exists() and second.exists() and (bench.folder / "sealed" / "R01.age").exists()


def test_a_second_name_of_a_recording_is_refused(bench: Workbench, tmp_path: Path) -> None:
    archive = tmp_path / "archive.wav"
    archive.write_bytes(b"sound")
    (bench.folder / "recordings" / "P01.wav").hardlink_to(archive)
    bench.register(row())
    (outcome,) = bench.run()
    assert outcome.status == "failed" and "second name" in outcome.reason
    assert archive.read_bytes() == b"sound"


def test_a_name_in_no_known_encoding_is_told_plainly(bench: Workbench) -> None:
    path = os.fsencode(bench.folder / "recordings") + b"/P01_\xe6\xff.wav"
    try:
        Path(os.fsdecode(path)).write_bytes(b"sound")
    except OSError:
        return  # file systems that refuse such names never hold them
    bench.register(row())
    (outcome,) = bench.run()
    assert outcome.status == "failed" and "rename it" in outcome.reason


@pytest.mark.parametrize(
    ("flags", "waits"),
    [
        ((Flag("repetition", 0, 1.0, 5.0),), True),
        ((Flag("speech-without-text", None, 0.0, 6.0), Flag("low-confidence", 0)), False),
        ((Flag("speech-without-text", None, 0.0, 6.0),) * 2, True),
    ],
)
def test_speech_that_nobody_could_read_waits_for_a_person(
    bench: Workbench, monkeypatch: pytest.MonkeyPatch, flags: tuple[Flag, ...], waits: bool
) -> None:
    transcribe = StandInTranscriber.transcribe
    monkeypatch.setattr(
        StandInTranscriber,
        "transcribe",
        lambda self, path, **options: replace(transcribe(self, path, **options), flags=flags),
    )
    text = bench.study.settings_file.read_text(encoding="utf-8")
    text = text.replace("trouble_limit = 0.1", "trouble_limit = 1")  # whatever share it is
    bench.study.settings_file.write_text(text, encoding="utf-8")
    original = bench.record("P01.wav")
    bench.register(row())
    (outcome,) = bench.run()
    assert outcome.status == ("waiting" if waits else "final")
    assert original.exists() is waits
