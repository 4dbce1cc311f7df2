"""What is due goes, what hinders it is told, and a kill leaves the old or the new."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest

from anonpipe import batch, erase, operations, retention
from anonpipe.audit import AuditLog, Entry
from anonpipe.errors import ConsentError, UsageError
from anonpipe.key import KeyTable
from anonpipe.study import Stage
from tests.conftest import TODAY, Call, StandInTools, Workbench, make_workbench, row
from tests.killing import killed_at_every_effect
from tests.test_due import until

DUE = date(2026, 7, 1)
OVER = date(2027, 1, 1)


def retain(bench: Workbench, day: date = DUE, **options: object) -> retention.Result:
    now = datetime.combine(day, time(12), UTC)
    found = bench.open(lambda opened: retention.run(opened, now, **options))  # type: ignore[arg-type]
    assert isinstance(found, retention.Result)
    return found


def table(bench: Workbench) -> KeyTable:
    found = bench.open(lambda opened: opened.key.table)
    assert isinstance(found, KeyTable)
    return found


def log_of(bench: Workbench) -> list[Entry]:
    return list(AuditLog(bench.study.log_file, bench.study.settings.id).entries())


def actions(bench: Workbench) -> list[str]:
    return [entry.action for entry in log_of(bench) if entry.action != "signature"]


def done(result: retention.Result) -> list[tuple[str, tuple[str, ...]]]:
    return [(item.source, item.what) for item in result.done]


def left(result: retention.Result) -> list[tuple[str | None, str, str | None]]:
    return [(item.source, item.what, item.waits) for item in result.left]


def everything(bench: Workbench) -> dict[str, bytes]:
    return {
        path.as_posix(): path.read_bytes()
        for top in (bench.folder, bench.key.parent)
        for path in top.rglob("*")
        if path.is_file() and path.suffix != ".lock"
    }


def test_a_recording_goes_when_its_day_has_come_and_not_before(bench: Workbench) -> None:
    first, second = bench.record("P01.wav", b"one"), bench.record("P02.wav", b"two")
    bench.register(row(audio="delete-on:2026-07-01"), row("P02", audio="keep-until:2026-07-01"))
    bench.run()
    assert done(retain(bench, date(2026, 6, 30))) == [] and first.exists()
    result = retain(bench)
    assert done(result) == [("R01", ("audio", "sealed"))] and result.exit_code == 0
    assert not first.exists() and second.exists()
    assert [p.name for p in (bench.folder / "sealed").iterdir()] == ["R02.age"]
    receipt = json.loads((bench.folder / "receipts" / "X0001-R01.json").read_text())
    assert receipt["rule"] == "delete-on:2026-07-01" and len(receipt["outputs"]) == 4
    assert actions(bench)[-1] == "retention-run"


def test_nothing_due_leaves_everything_as_it_was(bench: Workbench) -> None:
    bench.record("P01.wav")
    bench.register(row(audio="delete-on:2026-07-01"))
    bench.run()
    day = datetime.now(UTC).date()
    if day >= DUE:  # the log has the real time, by which it is not silent
        bench.register(row(audio=f"delete-on:{day + timedelta(days=9)}"))
        bench.run(today=day, approval="REF-1")
    before = everything(bench)
    result = retain(bench, day)
    assert (result.done, result.left, result.exit_code) == ((), (), 0)
    assert everything(bench) == before


def test_a_log_that_was_silent_for_a_week_gets_an_entry(bench: Workbench) -> None:
    bench.register(row())
    bench.run()
    day = datetime.now(UTC).date()
    before = len(actions(bench))
    retain(bench, day + timedelta(days=3))
    assert len(actions(bench)) == before
    retain(bench, day + timedelta(days=9))
    assert actions(bench)[before:] == ["retention-run"]


def test_what_waits_for_review_is_told_and_never_deleted(bench: Workbench) -> None:
    original = bench.record("P01.wav")
    bench.register(until(row(audio="delete-on:2026-07-01", review="yes"), "2026-12-31"))
    bench.run()
    for day in (DUE, OVER):
        result = retain(bench, day)
        assert result.exit_code == 3 and done(result) == []
        assert ("R01", "audio", "review") in left(result)
        assert original.exists() and len(bench.outputs()) == 4
    bench.open(lambda opened: batch.approve(opened, "R01"))
    assert retain(bench, OVER).exit_code == 0
    assert not original.exists() and not bench.outputs()


def test_a_recording_never_transcribed_is_told_and_left(
    bench: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = bench.record("P01.wav")
    bench.register(row(audio="delete-on:2026-07-01"))
    monkeypatch.setattr(StandInTools, "__init__", lambda *_: pytest.fail("models are needed"))
    monkeypatch.setattr(batch, "Tools", lambda _: None)
    result = retain(bench)
    assert left(result) == [(None, "audio", "transcription")] and result.exit_code == 3
    assert original.exists() and bench.study.read_state() == {} and not table(bench).sources


def test_who_withdrew_is_left_to_the_withdrawal(bench: Workbench) -> None:
    original = bench.record("P01.wav")
    bench.register(row(audio="keep-until:2036-01-01"))
    bench.run()
    bench.register(row(audio="keep-until:2036-01-01", withdrawn="2026-05-30"))
    result = retain(bench)
    assert {item.rule for item in result.left} == {"withdrawn-on:2026-05-30"}
    assert result.exit_code == 3 and original.exists()


def test_an_edited_output_stops_the_deletion_and_is_told(bench: Workbench) -> None:
    original = bench.record("P01.wav")
    bench.register(row(audio="delete-on:2026-07-01"))
    bench.run()
    (bench.folder / "transcripts" / "P01-R01.txt").write_text("mine", encoding="utf-8")
    result = retain(bench)
    assert result.exit_code == 3 and "--approve R01" in result.failed[0] and original.exists()


def test_another_file_of_the_same_name_is_not_deleted(bench: Workbench) -> None:
    bench.record("P01.wav")
    bench.register(row(audio="delete-on:2026-07-01"))
    bench.run()
    other = bench.record("P01.wav", b"another")
    result = retain(bench)
    assert result.exit_code == 3 and "another one" in result.failed[0] and other.exists()
    assert bench.study.read_state()["R01"].stage is Stage.WRITTEN


# -- transcripts


def two_sources(bench: Workbench) -> None:
    """P01's note, whose transcript must go, names somebody whom P02's note names, too."""
    bench.note("P01 Kari.txt", "Ola Hansen met Kari Nordmann at Solbakken skole.")
    bench.note("P02.txt", "Kari Nordmann lives in Bergen.")
    bench.register(until(row(), "2026-12-31"), row("P02"))
    bench.run()


def test_a_transcript_whose_time_is_over_goes_with_its_document_and_its_names(
    bench: Workbench,
) -> None:
    two_sources(bench)
    codes = {e.canonical: e.id for e in table(bench).people_and_things()}
    result = retain(bench, OVER)
    assert done(result) == [("D01", ("document", "transcript"))] and result.exit_code == 0
    assert all("D02" in name for name in bench.outputs())
    assert [p.name for p in (bench.folder / "documents").iterdir()] == ["P02.txt"]
    after = table(bench)
    known = {e.canonical: e for e in after.people_and_things()}
    assert set(known) == {"Kari Nordmann", "Bergen"} and set(known["Kari Nordmann"].seen) == {"D02"}
    assert after.sources["D01"].path == "D01"
    assert {e.id for e in after.entities} == set(codes.values())  # the numbers stay taken
    (entry,) = [e for e in log_of(bench) if e.action == "outputs-deleted"]
    assert (entry.subject, entry.details["files"]) == ("D01", 3)
    assert entry.details["rule"] == "transcript-until:2026-12-31"
    receipt = json.loads((bench.folder / "receipts" / "X0001-D01.json").read_text())
    assert receipt["rule"] == "transcript-until:2026-12-31"


def test_afterwards_runs_are_quiet_and_numbers_are_new(bench: Workbench) -> None:
    two_sources(bench)
    retain(bench, OVER)
    assert {o.status for o in bench.run(today=OVER)} == {"final"}
    assert retain(bench, OVER).exit_code == 0
    bench.note("P02 b.txt", "Ola Hansen came.")
    bench.run(today=OVER)
    old = {"PERSON-1", "PERSON-2"}
    new = next(e.id for e in table(bench).entities if e.canonical == "Ola Hansen")
    assert new not in old


def test_a_participant_of_whom_nothing_is_left_leaves_the_key(bench: Workbench) -> None:
    settings = bench.folder / "study.toml"
    people = ('name = "Ola Hansen"\nparticipant = "P01"', 'name = "Kari Nordmann"')
    text = settings.read_text() + "".join(f"\n[[people]]\n{person}\n" for person in people)
    settings.write_text(text)
    bench.note("P01_a.txt", "Ola Hansen came.")
    bench.note("P01_b.txt", "Then Ola Hansen went.")
    bench.register(until(row(), "2026-12-31"))
    bench.run()
    assert done(retain(bench, OVER)) == [(n, ("document", "transcript")) for n in ("D01", "D02")]
    names = [e.canonical for e in table(bench).people_and_things()]
    assert names == ["Kari Nordmann"]  # listed, and said by nobody so far
    assert not any(e.participant for e in table(bench).entities)


def test_a_recording_that_may_stay_longer_than_its_transcript_stays(bench: Workbench) -> None:
    original = bench.record("P01 Kari.wav")
    bench.register(until(row(audio="keep-until:2027-06-30"), "2026-12-31"))
    bench.run()
    assert done(retain(bench, OVER)) == [("R01", ("sealed", "transcript"))]
    assert (
        original.exists() and not bench.outputs() and not list((bench.folder / "sealed").iterdir())
    )
    assert [o.status for o in bench.run(today=OVER)] == ["waiting"]
    later = date(2027, 7, 1)
    assert done(retain(bench, later)) == [("R01", ("audio",))] and not original.exists()
    assert table(bench).sources["R01"].path == "R01"


def test_a_bleeped_copy_that_is_not_allowed_any_more_goes(bench: Workbench) -> None:
    bench.record("P01.wav")
    bench.register(row())
    bench.run()
    (bench.folder / "bleeped").mkdir(exist_ok=True)
    copy = bench.folder / "bleeped" / "P01-R01.flac"
    copy.write_bytes(b"tone")
    state = bench.study.read_state()
    outputs = {**state["R01"].outputs, "bleeped/P01-R01.flac": "0" * 64}
    bench.study.write_state({"R01": replace(state["R01"], outputs=outputs)})
    assert done(retain(bench)) == [("R01", ("bleeped",))]
    assert not copy.exists() and len(bench.outputs()) == 4
    assert "bleeped-deleted" in actions(bench)
    assert bench.run()[0].status == "final"


# -- the register, the clock, other processes


def test_a_weaker_register_is_refused_until_it_is_accepted(bench: Workbench) -> None:
    original = bench.record("P01.wav")
    bench.register(row(audio="delete-on:2026-07-01"))
    bench.run()
    bench.register(row(audio="delete-on:2026-08-01"))
    with pytest.raises(ConsentError, match="row 2, column audio"):
        retain(bench)
    assert retain(bench, approval="SIKT-123456").exit_code == 0 and original.exists()


@pytest.mark.parametrize("edit", ["later", "gone"])
def test_a_register_edited_between_plan_and_deletion_stops_it(
    bench: Workbench, monkeypatch: pytest.MonkeyPatch, edit: str
) -> None:
    two_sources(bench)
    plan = retention._plan

    def and_somebody_saves(*arguments: object) -> object:
        if edit == "later":
            bench.register(until(row(), "2027-12-31"), row("P02"))
        else:
            bench.study.consent_file.unlink()
        return plan(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(retention, "_plan", and_somebody_saves)
    with pytest.raises(ConsentError, match="changed while anonpipe worked"):
        retain(bench, OVER)
    assert len(bench.outputs()) == 6 and (bench.folder / "documents" / "P01 Kari.txt").exists()


def test_a_doubtful_date_deletes_nothing_that_has_a_date(bench: Workbench) -> None:
    dated, at_once = bench.record("P01.wav", b"one"), bench.record("P02.wav", b"two")
    bench.register(row(audio="delete-on:2026-07-01"), row("P02", review="yes"))
    bench.run()
    bench.open(lambda opened: batch.approve(opened, "R02"))
    result = retain(bench, doubt="The clock may be wrong.")
    assert dated.exists() and not at_once.exists()
    assert (result.exit_code, result.doubt) == (3, "The clock may be wrong.")
    # A clock that runs behind does not see what is overdue: that is told, too.
    assert retain(bench, TODAY, doubt="The clock may be wrong.").exit_code == 3
    assert retain(bench).exit_code == 0 and not dated.exists()


def test_a_run_believes_a_doubtful_clock_as_little(bench: Workbench) -> None:
    original = bench.record("P01.wav")
    bench.register(row(audio="delete-on:2026-07-01"))
    (outcome,) = bench.run(today=DUE, doubt="The clock may be wrong.")
    assert outcome.status == "refused" and "The clock" in outcome.reason and original.exists()


def test_a_doubtful_date_makes_nothing_final_whose_original_is_gone(bench: Workbench) -> None:
    original = bench.record("P01.wav")
    bench.register(row(audio="delete-on:2026-07-01"))
    bench.run()
    original.unlink()
    assert retain(bench, doubt="The clock may be wrong.").exit_code == 3
    (outcome,) = bench.run(today=DUE, doubt="The clock may be wrong.")
    assert outcome.status == "refused" and (bench.folder / "sealed" / "R01.age").exists()


def test_a_dry_run_changes_nothing(bench: Workbench) -> None:
    two_sources(bench)
    before = everything(bench)
    assert done(retain(bench, OVER, dry_run=True)) == [("D01", ("document", "transcript"))]
    assert everything(bench) == before


def test_two_at_once_are_refused(bench: Workbench) -> None:
    with pytest.raises(UsageError, match="locked by another"):
        bench.open(lambda _: retain(bench))


# -- kills


def scene(bench: Workbench) -> None:
    bench.record("P01.wav", b"one")
    bench.record("P02.wav", b"two")
    bench.note("P02 note.txt", "Ola Hansen met Kari Nordmann at Solbakken skole.")
    bench.note("P03.txt", "Kari Nordmann lives in Bergen.")
    bench.register(
        row("P01", audio="delete-on:2026-07-01"),
        until(row("P02", audio="delete-on:2026-07-01"), "2026-12-31"),
        row("P03"),
    )
    bench.run()


def state_of(bench: Workbench) -> tuple[object, ...]:
    """All that must be the same in the end, but for times and digests of random things.

    A receipt's number that was announced before a kill is never given again.
    """
    key = table(bench)
    states = {
        name: (each.stage, sorted(each.outputs.items()), each.participants)
        for name, each in bench.study.read_state().items()
    }
    return (
        states,
        bench.outputs(),
        sorted(
            re.sub(r"^X[0-9]+", "X", p.name)
            for top in ("recordings", "documents", "sealed", "receipts", "transcripts")
            for p in (bench.folder / top).iterdir()
        ),
        [entity.to_json() for entity in key.entities],
        {name: item.path for name, item in key.sources.items()},
    )


def invariant(bench: Workbench) -> None:
    """No original is gone without its outputs, unless those were to go, too."""
    state = bench.study.read_state()
    original = bench.folder / "recordings" / "P01.wav"
    halves = erase.pending(original.parent, "R01")
    if not original.exists() and not halves:
        assert all((bench.folder / output).exists() for output in state["R01"].outputs)
        assert len(state["R01"].outputs) == 4
    assert all((bench.folder / output).exists() for output in state["D02"].outputs)


def killed_and_resumed(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    resume: Callable[[Workbench], object],
) -> int:
    undisturbed = make_workbench(tmp_path / "undisturbed")
    scene(undisturbed)
    assert retain(undisturbed, OVER).exit_code == 0
    expected = state_of(undisturbed)
    benches: list[Workbench] = []

    def prepare() -> Callable[[], object]:
        benches.append(make_workbench(tmp_path / str(len(benches))))
        scene(benches[-1])
        return lambda: retain(benches[-1], OVER)

    def check() -> None:
        bench = benches[-1]
        invariant(bench)
        resume(bench)
        invariant(bench)
        assert not operations.journal(bench.study).exists()
        assert retain(bench, OVER).exit_code == 0
        assert state_of(bench) == expected
        finals = [e for e in log_of(bench) if e.action == "deleted"]
        assert {e.subject for e in finals} == {"R01", "R02", "D01"}

    return killed_at_every_effect(prepare, check, monkeypatch)


@pytest.mark.long
def test_killed_at_every_effect_and_run_again_nothing_differs(
    bench: Workbench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert killed_and_resumed(tmp_path, monkeypatch, lambda bench: retain(bench, OVER)) > 60


def test_killed_in_its_operation_another_command_ends_it(
    bench: Workbench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, every: bool
) -> None:
    """Only the operation is killed here, and a session that wants something else resumes."""
    benches: list[Workbench] = []
    ends: set[int] = set()

    def prepare() -> Callable[[], object]:
        benches.append(make_workbench(tmp_path / str(len(benches))))
        two_sources(benches[-1])
        return lambda: retain(benches[-1], OVER)

    def check() -> None:
        bench = benches[-1]
        begun = operations.journal(bench.study).exists()
        bench.open(lambda _: None)
        outputs = len([name for name in bench.outputs() if "D01" in name])
        document = (bench.folder / "documents" / "P01 Kari.txt").exists()
        known = "Ola Hansen" in {e.canonical for e in table(bench).entities}
        assert (outputs, document, known) in ((3, True, True), (0, False, False))
        assert not begun or not document
        ends.add(outputs)

    assert killed_at_every_effect(prepare, check, monkeypatch, every=every) > 20
    assert ends == {0, 3}


# -- the command


def test_the_command_is_quiet_or_says_what_is_wrong(
    call: Call, bench: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    yesterday = datetime.now().astimezone().date() - timedelta(days=1)
    at = ("--identity", bench.identity)
    bench.record("P01 Kari Nordmann.wav")
    bench.register(row(audio=f"delete-on:{yesterday}", review="yes"))
    code, out, err = call("consent", "due", bench.folder)
    assert code == 3 and "overdue" in out and "transcription" in out
    call("run", bench.folder, *at)
    code, out, err = call("retention", "run", bench.folder, *at)
    assert code == 3 and out == "" and "anonpipe review --approve R01" in err
    assert "Kari" not in err
    code, out, err = call("consent", "check", bench.folder)
    assert code == 3 and "R01" in out and "Kari" not in out
    code, out, err = call("consent", "check", bench.folder, "--files", *at)
    assert code == 3 and "P01 Kari Nordmann.wav" in out
    code, out, err = call("consent", "check", bench.folder, "--json", *at)
    assert code == 3 and json.loads(out)["sound"] is False and "Kari" not in out
    assert [e.details["act"] for e in log_of(bench) if e.action == "key-opened"] == ["check"] * 2

    bench.open(lambda opened: batch.approve(opened, "R01"))
    code, out, err = call("retention", "run", bench.folder, "--dry-run", *at)
    assert code == 0 and "would go" in out
    code, out, err = call("retention", "run", bench.folder, "--json", *at)
    assert code == 0 and json.loads(out)["done"][0]["source"] == "R01"
    code, out, err = call("retention", "run", bench.folder, *at)
    assert (code, out, err) == (0, "", "")
    code, out, err = call("consent", "check", bench.folder)
    assert code == 0 and "agree" in out
    code, out, err = call("consent", "due", bench.folder, "--as-of", "2050-01-01", "--json")
    assert (code, json.loads(out)["items"]) == (0, [])


def test_a_weaker_rule_needs_both_words_and_a_reference(call: Call, bench: Workbench) -> None:
    at = (bench.folder, "--identity", bench.identity)
    bench.record("P01.wav")
    bench.register(row(audio="delete-on:2050-07-01"))
    call("run", *at)
    bench.register(row(audio="delete-on:2051-07-01"))
    for command in (("run",), ("retention", "run")):
        code, _, err = call(*command, *at)
        assert code == 3 and "row 2, column audio" in err
        assert call(*command, *at, "--accept-change")[0] == 2
        assert call(*command, *at, "--approval", "SIKT-123456")[0] == 2
        code, _, err = call(*command, *at, "--accept-change", "--approval", "Kari said so")
        assert code == 2 and "SIKT-123456" in err and "Kari" not in err
    code, _, err = call("consent", "due", bench.folder)
    assert code == 3 and "row 2, column audio" in err
    code, _, err = call("retention", "run", *at, "--accept-change", "--approval", "SIKT-123456")
    assert code == 0, err
    assert call("consent", "due", bench.folder)[0] == 0


def test_a_clock_that_jumped_is_confirmed_by_its_user(
    call: Call, bench: Workbench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("anonpipe.audit.now", lambda: "2019-06-01T12:00:00Z")
        old = make_workbench(tmp_path / "old")
        original = old.record("P01.wav")
        old.register(row(audio="delete-on:2020-01-01", consented="2019-01-01"))
        old.run(today=date(2019, 6, 1))
    today = datetime.now().astimezone().date()
    at = (old.folder, "--identity", old.identity)
    for command in (("run",), ("retention", "run"), ("run",)):
        code, _, err = call(*command, *at)
        assert code == 3 and f"--today {today}" in err and original.exists()
    code, _, err = call("retention", "run", *at, "--today", today - timedelta(days=1))
    assert code == 2 and "set the clock right" in err and original.exists()
    code, _, err = call("retention", "run", *at, "--today", today)
    assert code == 0 and not original.exists()
    assert "clock-confirmed" in actions(old)


def test_a_retention_run_waits_for_no_other_process(call: Call, bench: Workbench) -> None:
    script = (
        "import sys, time\n"
        "from pathlib import Path\n"
        "from anonpipe.files import lock\n"
        "with lock(Path(sys.argv[1]) / '.anonpipe.lock'):\n"
        "    print('locked', flush=True)\n"
        "    time.sleep(60)\n"
    )
    original = bench.record("P01.wav")
    bench.register(row(audio="delete-on:2020-01-01", review="yes"))
    bench.run()
    bench.open(lambda opened: batch.approve(opened, "R01"))
    command = [sys.executable, "-c", script, bench.folder]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None and other.stdout.readline() == b"locked\n"
        code, _, err = call("retention", "run", bench.folder, "--identity", bench.identity)
        assert code == 2 and "locked by another anonpipe" in err and original.exists()
        other.kill()
    code, _, err = call("retention", "run", bench.folder, "--identity", bench.identity)
    assert code == 0 and not original.exists()
