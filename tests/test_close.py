"""The end of a study: what goes, what stays, what it may be called, and what is told of it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from anonpipe import (
    batch,
    closed,
    closing,
    consent,
    ingest,
    register_history,
    status,
)
from anonpipe.audit import AuditLog
from anonpipe.closed import StudyClosed
from anonpipe.closing.answers import read
from anonpipe.errors import ConsentError, UsageError, VaultError
from anonpipe.files import sha256
from anonpipe.signing import compose, verify
from tests.closing import TODAY, answered, backed_up, checklist, close, fill, log, prepare, said
from tests.conftest import Workbench, row


def opened_log(bench: Workbench) -> AuditLog:
    return AuditLog(bench.study.log_file, bench.study.settings.id)


def test_a_completed_close(bench: Workbench, tmp_path: Path) -> None:
    backup = backed_up(prepare(bench), tmp_path / "stick")
    before = bench.outputs()
    assert status.material(opened_log(bench)) == status.PSEUDONYMISED
    close(bench, answered(bench, tmp_path))

    # The key is gone in all its versions, and so is all of P02; P01's transcripts say by whom.
    assert not bench.key.exists() and not backup.exists()
    assert not list(bench.key.parent.glob("*.recipients"))
    assert not list((bench.folder / "sealed").iterdir())
    assert set(bench.outputs()) == {name for name in before if "P01" in name}
    judge = next(entry for entry in log(bench) if entry.action == "close-intent")
    line = (
        f"Anonymised in the judgement of the student ({judge.details['by']}), {TODAY}: "
        "the key is destroyed in all registered copies."
    )
    for name in bench.outputs():
        assert line in said(bench.folder / name)
        assert "seudonymi" not in said(bench.folder / name)
    assert status.material(opened_log(bench)).line("en") == line
    state = bench.study.read_state()
    assert state["R01"].outputs == {n: sha256(bench.folder / n) for n in bench.outputs()}
    assert state["D01"].outputs == {}

    # The log is whole and signed to its end, and tells the order.
    summary = opened_log(bench).verify()
    assert summary.unsigned == 0
    actions = [entry.action for entry in log(bench) if entry.action != "signature"]
    order = ["close-intent", "restated", "backup-destroyed", "close-reported", "key-going"]
    order += ["key-destroyed", "closed", "operation-ended"]
    assert [action for action in actions if action in order] == order


def test_the_report_and_the_answers_are_what_the_log_says(bench: Workbench, tmp_path: Path) -> None:
    backed_up(prepare(bench), tmp_path / "stick")
    close(bench, answered(bench, tmp_path))
    details = {entry.action: entry.details for entry in log(bench)}
    folder = bench.folder / "closing"
    assert details["close-reported"]["report"] == sha256(folder / "report.json")
    assert details["close-intent"]["answers"] == sha256(folder / "answers.json")
    answers = json.loads((folder / "answers.json").read_text())
    signature, signer = answers.pop("signature"), answers.pop("signer")
    message = compose("closing-answers", json.dumps(answers, sort_keys=True))
    assert verify(signer, message, signature)
    assert signer == details["log-created"]["signer"]
    report = json.loads((folder / "report.json").read_text())
    assert [(b["id"], b["result"]) for b in report["backups"]] == [("B01", "deleted")]
    assert [(s["id"], s["result"]) for s in report["sources"]] == [
        ("D01", "deleted"),
        ("R01", "kept"),
    ]
    assert "earlier-versions" in report["key"]["out_of_reach"]
    text = (folder / "report.txt").read_text()
    assert "Sluttrapport" in text and "Closing report" in text and "B01" in text
    assert "hver transkripsjon er lest i sin helhet" in text and "read in full" in text
    assert "read-through" not in text
    for name in ("Kari", "Nordmann", "Bergen", "stick", "P01.wav", str(bench.key)):
        assert name not in text + json.dumps(report) + (folder / "answers.json").read_text()


def test_what_may_be_kept_for_a_while_only_is_told_with_its_day(
    bench: Workbench, tmp_path: Path
) -> None:
    prepare(bench)
    register = bench.folder / "consent.csv"
    register.write_bytes(consent.rewrite(register, "P01", {"transcript_until": "2099-12-31"}))
    assert "R01 stays and may be kept to 2099-12-31" in checklist(bench, tmp_path / "a.toml")
    (tmp_path / "a.toml").unlink()
    close(bench, answered(bench, tmp_path))
    report = json.loads((bench.folder / "closing" / "report.json").read_text())
    assert [source["until"] for source in report["sources"]] == [None, "2099-12-31"]
    text = (bench.folder / "closing" / "report.txt").read_text()
    assert "may be kept to 2099-12-31" in text and "kan beholdes til 2099-12-31" in text


def test_an_answer_that_says_no_destroys_the_key_only_if_asked_by_name(
    bench: Workbench, tmp_path: Path
) -> None:
    prepare(bench)
    answers = answered(
        bench,
        tmp_path,
        {
            "linkability.ruled_out": "no",
            "linkability.basis": ["known-participation"],
            "cloud": "exists",
        },
    )
    with pytest.raises(ConsentError, match="--pseudonymised"):
        close(bench, answers)
    assert bench.key.exists() and "close-intent" not in {entry.action for entry in log(bench)}
    close(bench, answers, pseudonymised=True)
    assert not bench.key.exists()
    found = status.material(opened_log(bench))
    assert (found.word, found.why_not) == ("pseudonymised", ("linkability", "copy-cloud"))
    for name in bench.outputs():
        text = said(bench.folder / name)
        assert "records of one person can be linked, a copy exists in a cloud service" in text
        assert "nonymised in" not in text
    content = json.loads((bench.folder / "transcripts" / "P01-R01.json").read_text())
    assert content["status"]["why_not"] == ["linkability", "copy-cloud"]


def test_everything_that_is_open_is_told_at_once(bench: Workbench, tmp_path: Path) -> None:
    prepare(bench, at_end=("", "delete"))
    backup = backed_up(bench, tmp_path / "stick")
    answers = answered(bench, tmp_path, {"role": "supervisor", "date": "2099-01-01"})
    backup.unlink()
    bench.record("P01_more.wav", b"another")
    (bench.folder / "sealed" / "R07.age").write_bytes(b"delta")
    with pytest.raises(closing.NotYet) as caught:
        close(bench, answers)
    told = "\n".join(caught.value.items)
    for part in (
        "P01 was promised nothing for the end of the study (consent.csv, row 2, column at_end)",
        "1 file(s) in recordings/ have not been processed",
        "1 working file(s) in sealed/ wait",
        "B01, a backup of the key, cannot be reached",
        "--backup-destroyed B01",
        "The judge is supervisor, but the key is opened by student",
        "lies ahead",
    ):
        assert part in told
    assert caught.value.exit_code == 3 and bench.key.exists()
    assert "P01_more" not in told


def test_what_waits_or_shows_a_name_or_was_edited_stops_the_close(
    bench: Workbench, tmp_path: Path
) -> None:
    prepare(bench)
    answers = answered(bench, tmp_path)
    bench.record("P01_b.wav", b"other")
    bench.note("P03.txt", "P03: Hei.\n")
    bench.register(
        f"{row('P01', review='yes')},anonymise", f"{row('P02')},delete", row("P03", review="yes")
    )
    bench.run(today=TODAY)
    output = bench.folder / "transcripts" / "P01-R01.txt"
    output.write_text(output.read_text().replace("[Person 1]", "Kari Nordmann", 1))
    with pytest.raises(closing.NotYet) as caught:
        close(bench, answers)
    told = "\n".join(caught.value.items)
    assert "R02 is not final: review it, then `anonpipe review --approve R02`." in told
    assert "P03 was promised nothing" in told  # although its source is not final yet
    assert "R01 has outputs that were changed" in told


def test_a_promise_made_weaker_before_the_end_is_refused(bench: Workbench, tmp_path: Path) -> None:
    prepare(bench)
    answers = answered(bench, tmp_path)
    register = consent.load(bench.study.consent_file)
    bench.open(lambda s: register_history.take_in(s.log, register, {"P01", "P02"}))
    bench.register(f"{row('P01')},anonymise", f"{row('P02')},anonymise")
    with pytest.raises(ConsentError, match="at_end"):
        close(bench, answers)
    assert bench.key.exists()


def test_rare_combinations_must_be_answered(bench: Workbench, tmp_path: Path) -> None:
    prepare(bench, at_end=("anonymise", "anonymise"))
    text = checklist(bench, tmp_path / "a.toml")
    assert "#   PERSON-1: P01, P02" in text
    bench.note("P03.txt", "P03: Solbakken skole.\n")
    bench.register(*(f"{row(p)},anonymise" for p in ("P01", "P02", "P03")))
    bench.run(today=TODAY)
    stale = read(fill(text), "a.toml")
    with pytest.raises(closing.NotYet) as caught:
        close(bench, stale)
    assert caught.value.items == (
        "ORG-1 of P03 is rare: accept it under [[rare]], or make it less exact.",
    )
    wrong = answered(bench, tmp_path, {"verdict": "generalised"})
    with pytest.raises(ConsentError, match="still stands"):
        close(bench, wrong)
    close(bench, answered(bench, tmp_path))
    assert not bench.key.exists()


def test_a_backup_elsewhere_may_be_attested_and_a_strange_file_is_left_alone(
    bench: Workbench, tmp_path: Path
) -> None:
    prepare(bench)
    gone = backed_up(bench, tmp_path / "stick")
    other = backed_up(bench, tmp_path / "drive")
    answers = answered(bench, tmp_path)
    gone.unlink()
    gone.parent.rmdir()
    other.write_bytes(b"somebody's holiday")
    with pytest.raises(closing.NotYet) as caught:
        close(bench, answers, attested=("B01",))
    assert caught.value.items[0].startswith("Where B02, a backup of the key, should be")
    with pytest.raises(UsageError, match="B01, B02"):
        close(bench, answers, attested=("B07",))
    close(bench, answers, attested=("B01", "B02"))
    assert other.read_bytes() == b"somebody's holiday"
    destroyed = [entry for entry in log(bench) if entry.action == "backup-destroyed"]
    assert [(e.subject, e.result, e.details["role"]) for e in destroyed] == [
        ("B01", "attested", "student"),
        ("B02", "attested", "student"),
    ]


def test_a_copy_that_lies_beside_the_key_is_no_secret(bench: Workbench, tmp_path: Path) -> None:
    prepare(bench)
    answers = answered(bench, tmp_path)
    shutil.copy(bench.key, bench.key.with_name("old copy.age"))
    with pytest.raises(ConsentError, match="1 copy"):
        close(bench, answers)


def test_a_key_or_a_backup_behind_a_link_is_not_taken_for_destroyed(
    bench: Workbench, tmp_path: Path
) -> None:
    prepare(bench)
    copy = backed_up(bench, tmp_path / "stick")
    answers = answered(bench, tmp_path)
    for path in (bench.key, copy):
        path.rename(path.with_name("elsewhere.age"))
        path.symlink_to(path.with_name("elsewhere.age"))
    with pytest.raises(closing.NotYet) as caught:
        close(bench, answers)
    said = " ".join(caught.value.items)
    assert "is a symbolic link" in said and "Where B01" in said
    assert copy.with_name("elsewhere.age").exists() and bench.key.exists()


def test_voices_and_originals_that_are_kept_stand_against_it(
    bench: Workbench, tmp_path: Path
) -> None:
    bench.note("P02.txt", "P02: Kari Nordmann.\n")
    bench.register(f"{row('P02')},anonymise")
    bench.run(today=TODAY)
    answers = answered(bench, tmp_path)
    with pytest.raises(ConsentError, match="originals with names are kept"):
        close(bench, answers)
    close(bench, answers, pseudonymised=True)
    assert status.material(opened_log(bench)).why_not == ("originals-kept",)
    assert (bench.folder / "documents" / "P02.txt").exists()


def test_deletion_takes_the_original_that_was_kept(bench: Workbench, tmp_path: Path) -> None:
    note = bench.note("P02.txt", "P02: Kari Nordmann.\n")
    bench.register(f"{row('P02')},delete")
    bench.run(today=TODAY)
    close(bench, answered(bench, tmp_path))
    assert not note.exists() and not bench.outputs()
    (entry,) = [entry for entry in log(bench) if entry.action == "close-deleted"]
    assert entry.details == {"files": 3, "originals": 1}


@pytest.mark.parametrize("promise", ["anonymise", "delete"])
def test_what_only_the_key_can_open_does_not_outlast_it(
    bench: Workbench, tmp_path: Path, promise: str
) -> None:
    bench.note("P02.txt", "P02: Kari Nordmann.\n")
    bench.register(f"{row('P02')},{promise}")
    bench.open(lambda session: ingest.ingest(session, today=TODAY))
    bench.run(today=TODAY)
    sealed = bench.folder / "documents" / "D01.age"
    if promise == "anonymise":
        with pytest.raises(ConsentError, match="D01 lies encrypted"):
            close(bench, answered(bench, tmp_path))
        settings = bench.folder / "study.toml"
        text = settings.read_text().replace('after = "keep"', 'after = "delete-after-coding"')
        settings.write_text(text)
        assert sealed.exists()
        bench.run(today=TODAY)
    close(bench, answered(bench, tmp_path))
    assert not sealed.exists() and not list(sealed.parent.iterdir())
    assert bool(bench.outputs()) == (promise == "anonymise")


def test_a_closed_study_can_be_read_and_nothing_else(bench: Workbench, tmp_path: Path) -> None:
    prepare(bench)
    answers = answered(bench, tmp_path)
    close(bench, answers)
    entries = len(log(bench))
    for work in (lambda: bench.run(), lambda: close(bench, answers)):
        with pytest.raises(StudyClosed, match="is closed and its key is destroyed"):
            work()
    assert len(log(bench)) == entries and opened_log(bench).verify().unsigned == 0


def test_edited_outputs_keep_their_edits_and_say_it_too(bench: Workbench, tmp_path: Path) -> None:
    prepare(bench)
    folder = bench.folder / "transcripts"
    text, vtt = folder / "P01-R01.txt", folder / "P01-R01.vtt"
    text.write_text(text.read_text().replace("said yes", "said no"))
    vtt.write_text(vtt.read_text().replace(status.PSEUDONYMISED.line("en") + "\n", ""))
    bench.open(lambda session: batch.approve(session, "R01"))
    close(bench, answered(bench, tmp_path))
    assert "said no" in text.read_text() and "Anonymised in" in text.read_text()
    assert "nonymised" not in vtt.read_text()
    (entry,) = [entry for entry in log(bench) if entry.action == "restated"]
    assert (entry.details["files"], entry.details["left"]) == (4, 1)
    assert "1 of them carry no statement" in (bench.folder / "closing" / "report.txt").read_text()


def test_a_forged_end_in_the_log_calls_nothing_anonymised(bench: Workbench, tmp_path: Path) -> None:
    """Whoever has no key can add lines to the log, but cannot sign them."""
    prepare(bench)
    forger = opened_log(bench)
    forger.append(
        "close-intent",
        result="intended",
        role="student",
        by="0" * 16,
        on=str(TODAY),
        why_not=(),
        answers="0" * 64,
    )
    forger.append("key-going", result="intended", key="0" * 64, versions=1)
    forger.append("key-destroyed", result="deleted")
    forger.append("closed")
    for _ in range(2):  # the second time below the signature of somebody who has the key
        assert status.material(opened_log(bench)) == status.PSEUDONYMISED
        assert closed.state_of(opened_log(bench)) == "open"
        bench.run(today=TODAY)


def test_a_checklist_is_never_overwritten(bench: Workbench, tmp_path: Path) -> None:
    prepare(bench)
    path = tmp_path / "a.toml"
    checklist(bench, path)
    with pytest.raises(UsageError, match="exists already"):
        checklist(bench, path)


def test_the_key_on_a_stick_that_is_not_connected(bench: Workbench, tmp_path: Path) -> None:
    prepare(bench)
    answers = answered(bench, tmp_path)
    away = bench.key.parent.rename(tmp_path / "unplugged")
    with pytest.raises(VaultError):
        close(bench, answers)
    away.rename(bench.key.parent)
    close(bench, answers)
    assert not bench.key.exists()
