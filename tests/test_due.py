"""What has to go and when, and the register against the study."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from anonpipe import batch, consent, consent_check
from anonpipe.audit import AuditLog
from anonpipe.due import Due, due
from tests.conftest import TODAY, Workbench, row


def items(bench: Workbench, today: date = TODAY) -> list[tuple[str | None, str, str, str]]:
    study = bench.study
    found = due(study, consent.load(study.consent_file), study.read_state(), today)
    return [(i.source, i.what, i.on.isoformat() if i.on else "", i.status) for i in found]


def until(line: str, day: str) -> str:
    """A row with a last day for the transcript."""
    cells = line.split(",")
    cells[6] = day
    return ",".join(cells)


def test_a_dated_recording_and_its_sealed_transcript_are_due_together(bench: Workbench) -> None:
    bench.record("P01.wav")
    bench.register(until(row(audio="delete-on:2026-07-01"), "2026-12-31"))
    assert items(bench) == [(None, "audio", "2026-07-01", "waits-for-transcription")]
    bench.run()
    assert items(bench) == [
        ("R01", "audio", "2026-07-01", "due"),
        ("R01", "sealed", "2026-07-01", "due"),
        ("R01", "transcript", "2027-01-01", "due"),
    ]
    assert {status for *_, status in items(bench, date(2026, 7, 1))[:2]} == {"overdue"}
    bench.run(today=date(2026, 7, 1))
    assert items(bench, date(2026, 12, 31)) == [("R01", "transcript", "2027-01-01", "due")]
    assert items(bench, date(2027, 1, 1)) == [("R01", "transcript", "2027-01-01", "overdue")]


def test_what_waits_for_review_is_overdue_once_its_date_has_come(bench: Workbench) -> None:
    bench.record("P01.wav")
    bench.register(row(audio="keep-until:2026-07-01", review="yes"))
    bench.run()
    assert ("R01", "audio", "2026-07-02", "waits-for-review") in items(bench)
    assert ("R01", "audio", "2026-07-02", "overdue") in items(bench, date(2026, 7, 2))
    bench.open(lambda opened: batch.approve(opened, "R01"))
    assert ("R01", "audio", "2026-07-02", "due") in items(bench)


def test_a_review_without_a_date_is_not_overdue(bench: Workbench) -> None:
    bench.record("P01.wav")
    bench.register(row(audio="delete-after-review"))
    bench.run()
    assert items(bench, date(2036, 1, 1)) == [
        ("R01", "audio", "", "waits-for-review"),
        ("R01", "sealed", "", "waits-for-review"),
    ]


def test_a_recording_never_transcribed_is_overdue_when_its_date_has_come(bench: Workbench) -> None:
    bench.register(row(audio="delete-on:2026-07-01"), until(row("P02"), "2026-05-31"))
    bench.record("P01.wav")
    bench.record("P02.wav")
    assert items(bench, date(2026, 7, 1)) == [
        (None, "audio", "2026-06-01", "overdue"),
        (None, "audio", "2026-07-01", "overdue"),
    ]


def test_a_second_recording_of_somebody_is_seen_beside_the_first(bench: Workbench) -> None:
    bench.register(row(audio="delete-on:2026-07-01"))
    bench.record("P01_a.wav", b"one")
    bench.run()
    bench.record("P01_b.wav", b"two")
    assert [source for source, what, *_ in items(bench) if what == "audio"] == ["R01", None]


def test_documents_that_are_kept_go_with_their_transcripts(bench: Workbench) -> None:
    bench.register(until(row(), "2026-12-31"))
    bench.note("P01.txt", "Ola Hansen came.")
    bench.run()
    assert items(bench) == [
        ("D01", "document", "2027-01-01", "due"),
        ("D01", "transcript", "2027-01-01", "due"),
    ]
    bench.register(row())
    assert items(bench) == []


def test_after_a_withdrawal_everything_is_overdue(bench: Workbench) -> None:
    bench.register(row(audio="keep-until:2036-01-01"))
    bench.record("P01.wav")
    bench.run()
    bench.register(row(audio="keep-until:2036-01-01", withdrawn="2026-05-30"))
    assert items(bench) == [
        ("R01", what, "2026-05-30", "overdue") for what in ("audio", "sealed", "transcript")
    ]


def test_what_nobody_promised_anything_of_is_overdue(bench: Workbench) -> None:
    bench.register(row())
    bench.record("P01.wav")
    bench.run()
    bench.register(row("P02"))
    assert items(bench) == [("R01", "transcript", "", "overdue")]


def test_due_is_told_in_order_and_in_json(bench: Workbench) -> None:
    bench.register(
        row("P01", audio="delete-on:2026-09-01"),
        row("P02", audio="delete-after-review"),
        row("P03", audio="delete-on:2026-08-01"),
    )
    for code in ("P01", "P02", "P03"):
        bench.record(f"{code}.wav", code.encode())
    bench.run()
    study = bench.study
    found = due(study, consent.load(study.consent_file), study.read_state(), TODAY)
    assert [i.source for i in found if i.what == "audio"] == ["R03", "R01", "R02"]
    assert Due.to_json(found[0]) == {
        "source": "R03",
        "participants": ("P03",),
        "what": "audio",
        "on": "2026-08-01",
        "rule": "delete-on:2026-08-01",
        "status": "due",
        "waits": None,
    }


# -- the register against the study


def check(bench: Workbench, today: date = TODAY) -> list[consent_check.Finding]:
    study = bench.study
    log = AuditLog(study.log_file, study.settings.id)
    register = consent.load(study.consent_file)
    return list(consent_check.check(study, register, study.read_state(), log, today))


def kinds(bench: Workbench, today: date = TODAY) -> list[str]:
    return [finding.kind for finding in check(bench, today)]


def test_a_study_as_it_should_be(bench: Workbench) -> None:
    bench.record("P01.wav")
    bench.register(row(audio="delete-on:2026-07-01"))
    assert kinds(bench) == ["changed"]
    bench.run()
    assert kinds(bench) == []


@pytest.mark.parametrize(
    ("lines", "kind"),
    [
        ((row("P02"),), "no-row"),
        ((row(consented=""),), "no-consent"),
        ((row(consented="2026-06-02"),), "no-consent"),
        ((row(withdrawn="2026-05-01"),), "withdrawn"),
        ((row(withdrawn="2026-06-02"),), "withdrawn-ahead"),
        ((until(row(), "2026-05-31"),), "expired"),
        ((row(audio="delete-on:2026-06-01"),), "not-carried-out"),
        ((row(), row("P02")), "no-file"),
    ],
)
def test_what_is_wrong_is_told(bench: Workbench, lines: tuple[str, ...], kind: str) -> None:
    bench.record("P01 Kari Nordmann.wav")
    bench.register(*lines)
    found = [finding for finding in check(bench) if finding.kind not in ("changed",)]
    assert kind in [finding.kind for finding in found]
    assert any(finding.is_wrong for finding in found) == (kind != "no-file")
    assert "Kari" not in str([finding.to_json() for finding in found])


def test_what_was_not_carried_out_is_told_by_source(bench: Workbench) -> None:
    bench.record("P01.wav")
    bench.register(until(row(audio="delete-on:2026-07-01"), "2026-08-31"))
    bench.run()
    (one,) = check(bench, date(2026, 7, 5))
    assert (one.kind, one.source, one.what) == ("not-carried-out", "R01", ("audio", "sealed"))
    two = check(bench, date(2026, 9, 1))
    assert [(f.kind, f.what) for f in two][1:] == [("expired", ("transcript",))]


def test_a_loosened_row_is_told_and_nothing_is_logged(bench: Workbench) -> None:
    bench.record("P01.wav")
    bench.register(row(audio="delete-on:2026-07-01"))
    bench.run()
    bench.register(row(audio="delete-on:2026-08-01"))
    before = bench.study.log_file.read_bytes()
    (found,) = check(bench)
    assert (found.kind, found.row, found.columns) == ("loosened", 2, ("audio",))
    assert bench.study.log_file.read_bytes() == before


def test_the_register_itself_may_be_read_only(bench: Workbench, tmp_path: Path) -> None:
    bench.record("P01.wav")
    bench.register(row())
    bench.study.consent_file.chmod(0o400)
    (outcome,) = bench.run()
    assert outcome.deleted and kinds(bench) == []
