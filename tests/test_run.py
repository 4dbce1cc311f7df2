"""A study from recordings to receipts: codes, consent, deletion and restarts."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from anonpipe import audit, batch, coding, outputs
from anonpipe.errors import AuditError, RecordingError, UsageError, VaultError
from anonpipe.outcome import exit_code
from anonpipe.review.waiting import waiting
from tests.conftest import TODAY, Workbench, make_workbench, row
from tests.killing import run_killed

NAMES = ("Kari", "Nordmann", "Bergen", "Ola Hansen", "ola@example.org")


def text_of(bench: Workbench, name: str) -> str:
    return (bench.folder / "transcripts" / name).read_text(encoding="utf-8")


def contents(bench: Workbench) -> dict[Path, bytes]:
    return {
        path: path.read_bytes()
        for top in (bench.folder, bench.key.parent)
        for path in top.rglob("*")
        if path.is_file() and path.suffix != ".lock"
    }


def log_of(bench: Workbench) -> list[audit.Entry]:
    return list(audit.AuditLog(bench.study.log_file, bench.study.settings.id).entries())


def test_a_recording_becomes_a_coded_transcript_and_is_deleted(bench: Workbench) -> None:
    original = bench.record("P01_interview.wav")
    bench.register(row())
    (outcome,) = bench.run()
    assert (outcome.id, outcome.status, outcome.deleted) == ("R01", "final", True)
    assert not original.exists()
    assert "I met [Person 1] in [Place 1] and [Person 1] said yes" in text_of(bench, "P01-R01.txt")
    assert {p.suffix for p in (bench.folder / "transcripts").iterdir()} == {
        ".txt",
        ".docx",
        ".vtt",
        ".json",
    }
    assert not list((bench.folder / "sealed").iterdir())
    receipt = json.loads((bench.folder / "receipts" / "X0001-R01.json").read_text())
    assert receipt["participants"] == ["P01"]
    assert [e.action for e in log_of(bench) if e.action != "signature"][-4:] == [
        "delete-intent",
        "deleted",
        "final",
        "run-end",
    ]


def test_no_name_is_left_anywhere_in_the_study(bench: Workbench) -> None:
    bench.record("P01 Kari Nordmann.wav")
    bench.note("P01 notes.txt", "Ola Hansen (ola@example.org) showed Kari Nordmann round Bergen.")
    bench.register(row())
    settings = bench.folder / "study.toml"
    settings.write_text(
        settings.read_text().replace('after = "keep"', 'after = "delete-after-coding"')
        + '\n[[people]]\nname = "Kari Nordmann"\nparticipant = "P01"\n'
    )
    assert [outcome.status for outcome in bench.run()] == ["final", "final"]
    for path in bench.folder.rglob("*"):
        shown = str(path.relative_to(bench.folder))
        content = path.read_bytes() if path.is_file() else b""
        for name in NAMES:
            assert name not in shown
            assert name.encode() not in content, shown
    assert "P01 in [Place 1]" in text_of(bench, "P01-R01.txt")
    assert "P01" in text_of(bench, "P01-D01.txt")


def test_one_person_has_one_code_in_every_file_and_run(bench: Workbench) -> None:
    bench.record("P01_a.wav")
    bench.register(row())
    bench.run()
    bench.note("P01_notes.txt", "Ola Hansen came. So did Kari Nordmann.")
    bench.run()
    assert "[Person 2] came. So did [Person 1]." in text_of(bench, "P01-D01.txt")


@pytest.mark.parametrize(
    ("rule", "review", "waits"),
    [
        ("delete-after-review", "no", "review"),
        ("delete-after-transcription", "yes", "review"),
        ("delete-on:2026-07-01", "no", "2026-07-01"),
        ("keep-until:2026-07-01", "no", "2026-07-02"),
    ],
)
def test_what_has_to_wait_waits(bench: Workbench, rule: str, review: str, waits: str) -> None:
    original = bench.record("P01.wav")
    bench.register(row(audio=rule, review=review))
    for _ in range(2):
        (outcome,) = bench.run()
        assert (outcome.status, outcome.reason) == ("waiting", waits)
        assert original.exists() and (bench.folder / "sealed" / "R01.age").exists()
    assert [item.waits_for for item in waiting(bench.study, TODAY)] == [waits]
    bench.open(lambda opened: batch.approve(opened, "R01"))
    (outcome,) = bench.run(today=date(2026, 7, 2))
    assert outcome.deleted and not original.exists()
    assert waiting(bench.study, TODAY) == []


def test_without_consent_nothing_is_touched(bench: Workbench) -> None:
    originals = [bench.record(name, name.encode()) for name in ("P01.wav", "P02.wav", "x.wav")]
    bench.register(row(consented=""), row("P02", withdrawn="2026-05-01"))
    outcomes = bench.run()
    assert [o.status for o in outcomes] == ["refused"] * 3
    assert exit_code(outcomes) == 3
    assert all(path.read_bytes() == path.name.encode() for path in originals)
    assert not bench.outputs() and bench.study.read_state() == {}


def test_one_that_fails_does_not_stop_the_others(bench: Workbench) -> None:
    empty = bench.record("P01.wav", b"")
    bench.record("P02.wav")
    bench.register(row(), row("P02"))
    outcomes = bench.run()
    assert [o.status for o in outcomes] == ["failed", "final"]
    assert "P01.wav is empty" in outcomes[0].reason
    assert exit_code(outcomes) == 1 and empty.exists()


def test_an_unexpected_error_tells_no_text(
    bench: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ValueError("I met Kari Nordmann")

    monkeypatch.setattr(coding, "link", fail)
    original = bench.record("P01.wav")
    bench.register(row())
    (outcome,) = bench.run()
    assert "R01 failed unexpectedly (ValueError at test_run.py:" in outcome.reason
    assert "Kari" not in outcome.reason and original.exists()


def test_a_dry_run_changes_nothing(bench: Workbench) -> None:
    bench.record("P01.wav")
    bench.register(row())
    before = contents(bench)
    (outcome,) = bench.run(dry_run=True)
    assert outcome.status == "planned"
    assert contents(bench) == before


def test_done_work_is_not_done_again(bench: Workbench) -> None:
    bench.record("P01.wav")
    bench.note("P01.txt", "Ola Hansen came.")
    bench.register(row(audio="delete-on:2027-01-01"))
    bench.run()
    before = {p: p.stat().st_mtime_ns for p in (bench.folder / "transcripts").iterdir()}
    assert [event.kind for event in bench.events()] == ["outcome", "outcome"]
    assert {p: p.stat().st_mtime_ns for p in (bench.folder / "transcripts").iterdir()} == before


def test_a_recorder_that_reuses_names_gets_new_ids(bench: Workbench) -> None:
    bench.register(row(recording="REC*"))
    bench.record("REC001.wav", b"first")
    bench.run()
    bench.record("REC001.wav", b"second")
    outcomes = bench.run()
    assert [(o.id, o.status) for o in outcomes] == [("R02", "final"), ("R01", "final")]


def test_a_copy_of_a_deleted_recording_is_deleted_again(bench: Workbench) -> None:
    bench.register(row())
    bench.record("P01.wav")
    bench.run()
    again = bench.record("P01_copy.wav")
    (outcome,) = bench.run()
    assert (outcome.id, outcome.status) == ("R01", "final") and not again.exists()
    assert len(list((bench.folder / "receipts").glob("*.json"))) == 2


def test_an_edited_document_is_coded_anew(bench: Workbench) -> None:
    bench.register(row())
    bench.note("P01.txt", "Ola Hansen came.")
    bench.run()
    bench.note("P01.txt", "Ola Hansen came to Bergen.")
    bench.run()
    assert "[Person 1] came to [Place 1]." in text_of(bench, "P01-D01.txt")


def test_outputs_that_were_edited_or_lost_stop_the_deletion(bench: Workbench) -> None:
    original = bench.record("P01.wav")
    bench.register(row(audio="delete-on:2026-07-01"))
    bench.run()
    output = bench.folder / "transcripts" / "P01-R01.txt"
    output.write_text("corrected", encoding="utf-8")
    (outcome,) = bench.run(today=date(2026, 8, 1))
    assert outcome.status == "failed" and "--approve R01" in outcome.reason and original.exists()
    output.unlink()
    (outcome,) = bench.run(today=date(2026, 8, 1))
    assert outcome.status == "failed" and "--again R01" in outcome.reason and original.exists()
    with pytest.raises(RecordingError, match="missing"):
        bench.open(lambda opened: batch.approve(opened, "R01"))
    (outcome,) = bench.run(today=date(2026, 8, 1), again="R01")
    assert outcome.deleted and output.exists() and not original.exists()


def test_edited_outputs_may_be_approved(bench: Workbench) -> None:
    original = bench.record("P01.wav")
    bench.register(row(audio="delete-after-review"))
    bench.run()
    (bench.folder / "transcripts" / "P01-R01.txt").write_text("corrected", encoding="utf-8")
    bench.open(lambda opened: batch.approve(opened, "R01"))
    (outcome,) = bench.run(only="R01")
    assert outcome.deleted and not original.exists()
    assert text_of(bench, "P01-R01.txt") == "corrected"


@pytest.mark.parametrize("name", ["R07", "D01"])
def test_what_is_not_there_cannot_be_approved_or_redone(bench: Workbench, name: str) -> None:
    with pytest.raises(UsageError):
        bench.open(lambda opened: batch.approve(opened, name))
    with pytest.raises(UsageError):
        bench.run(again=name)


def test_documents_are_kept_unless_the_settings_say_otherwise(bench: Workbench) -> None:
    note = bench.note("P01.txt", "Ola Hansen came.")
    bench.register(row())
    (outcome,) = bench.run()
    assert outcome.status == "final" and not outcome.deleted and note.exists()
    assert not list((bench.folder / "sealed").iterdir())


def test_links_are_refused(bench: Workbench, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere.wav"
    elsewhere.write_bytes(b"sound")
    (bench.folder / "recordings" / "P01.wav").symlink_to(elsewhere)
    bench.register(row())
    (outcome,) = bench.run()
    assert outcome.status == "failed" and "is a link" in outcome.reason
    assert elsewhere.read_bytes() == b"sound"


def test_an_unknown_format_is_named(bench: Workbench) -> None:
    bench.note("P01.pdf", "%PDF")
    bench.register(row())
    (outcome,) = bench.run()
    assert outcome.status == "failed" and "P01.pdf" in outcome.reason and ".docx" in outcome.reason


def test_a_substituted_key_is_refused(bench: Workbench, tmp_path: Path) -> None:
    bench.record("P01.wav")
    bench.register(row())
    older = bench.key.read_bytes()
    bench.run()
    bench.key.write_bytes(older)
    with pytest.raises(VaultError, match="replaced or is older"):
        bench.run()
    other = make_workbench(tmp_path / "other")
    bench.key.write_bytes(other.key.read_bytes())
    with pytest.raises(VaultError):
        bench.run()


def test_a_changed_or_missing_log_stops_the_work(bench: Workbench) -> None:
    original = bench.record("P01.wav")
    bench.register(row(audio="keep-until:2030-01-01"))
    bench.run()
    log = bench.study.log_file
    whole = log.read_bytes()
    log.write_bytes(whole.replace(b'"transcribed"', b'"transcriber"', 1))
    with pytest.raises(AuditError):
        bench.run()
    log.unlink()
    with pytest.raises(AuditError, match="missing"):
        bench.run()
    assert original.exists()


def test_a_log_that_cannot_be_written_stops_before_the_deletion(
    bench: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = bench.record("P01.wav")
    bench.register(row())
    append = audit.AuditLog.append

    def full(self: audit.AuditLog, action: str, **details: object) -> str:
        if action == "delete-intent":
            raise AuditError("audit.jsonl cannot be written, so nothing more is done.")
        return append(self, action, **details)  # type: ignore[arg-type]

    monkeypatch.setattr(audit.AuditLog, "append", full)
    with pytest.raises(AuditError):
        bench.run()
    assert original.exists()


def test_a_name_that_is_left_in_the_text_is_a_failure_and_nothing_is_deleted(
    bench: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = bench.record("P01.wav")
    bench.register(row())
    replace = outputs.replace_mentions
    monkeypatch.setattr(
        outputs,
        "replace_mentions",
        lambda transcript, mentions, *a, **k: replace(transcript, mentions[:-1], *a, **k),
    )
    (outcome,) = bench.run()
    assert (outcome.status, outcome.why, outcome.exit_code) == ("failed", "name-left", 1)
    assert "PERSON-1 in transcripts/P01-R01.txt line 5" in outcome.reason
    assert "Kari" not in outcome.reason and original.exists()
    (flag,) = bench.study.read_state()["R01"].flags
    assert (flag.kind, flag.turn, flag.count) == ("name-left", 0, 1)
    (entry,) = [entry for entry in log_of(bench) if entry.action == "name-left"]
    assert (entry.subject, entry.details["codes"]) == ("R01", ("PERSON-1",))


def scene(bench: Workbench) -> None:
    bench.record("P01_a.wav", b"one")
    bench.record("P02_b.wav", b"two")
    bench.note("P01_notes.txt", "Ola Hansen met Kari Nordmann at Solbakken skole.")
    bench.register(row(), row("P02", audio="delete-after-review"))
    settings = bench.folder / "study.toml"
    text = settings.read_text().replace('after = "keep"', 'after = "delete-after-coding"')
    settings.write_text(text + '\n[[people]]\nname = "Ola Hansen"\nparticipant = "P02"\n')


def kill_and_resume(bench: Workbench, step: int, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Run until effect number `step` is (odd) or was (even) at hand, then run again.

    Returns whether the first run finished, because it has fewer effects than that.
    """
    scene(bench)
    finished = run_killed(bench, step, monkeypatch)
    for name, output in (("P01_a.wav", "P01-R01.txt"), ("P02_b.wav", "P02-R02.txt")):
        kept = (bench.folder / "recordings" / name).exists()
        assert kept or (bench.folder / "transcripts" / output).exists()
    bench.run()
    return finished


@pytest.fixture
def undisturbed(bench: Workbench) -> Workbench:
    scene(bench)
    bench.run()
    assert recordings(bench) == ["P02_b.wav"] and len(bench.outputs()) == 11
    return bench


def recordings(bench: Workbench) -> list[str]:
    return sorted(path.name for path in (bench.folder / "recordings").iterdir())


@pytest.mark.parametrize("step", [9, 16, 23, 30, 37, 44, 51, 58])
def test_killed_and_run_again_nothing_differs(
    undisturbed: Workbench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    again = make_workbench(tmp_path / "killed")
    assert not kill_and_resume(again, step, monkeypatch)
    assert again.outputs() == undisturbed.outputs()
    assert recordings(again) == recordings(undisturbed)


@pytest.mark.long
def test_killed_at_every_effect_and_run_again_nothing_differs(
    undisturbed: Workbench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    step, finished = 0, False
    while not finished:
        step += 1
        again = make_workbench(tmp_path / f"killed-{step}")
        finished = kill_and_resume(again, step, monkeypatch)
        assert again.outputs() == undisturbed.outputs(), f"killed at effect {step}"
        assert recordings(again) == recordings(undisturbed)
    assert step > 60


def test_consent_is_asked_again_on_every_run(bench: Workbench) -> None:
    original = bench.record("P01.wav")
    bench.register(row(audio="delete-on:2027-01-01"))
    bench.run()
    bench.register(row(audio="delete-on:2027-01-01", withdrawn="2026-05-30"))
    (outcome,) = bench.run()
    assert outcome.status == "refused" and original.exists()


def test_two_runs_at_once_are_refused(bench: Workbench) -> None:
    with pytest.raises(UsageError):
        bench.open(lambda _: bench.run())
