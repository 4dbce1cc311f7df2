"""The officer's questions: each answer from the log and what lies beside it, without the key."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from click.testing import CliRunner, Result

from anonpipe import models_used, offline
from anonpipe.answers import NAMES, Evidence, ask, ask_all, gather
from anonpipe.answers.deletions import deletion, deletions
from anonpipe.answers.model import both_times
from anonpipe.answers.withdrawals import withdrawal
from anonpipe.audit import AuditLog
from anonpipe.cli import cli
from anonpipe.report import draw_up
from tests.a_year import KEYS, NOW, REGISTER, Year, digest
from tests.conftest import Workbench, row

OSLO = ZoneInfo("Europe/Oslo")


def evidence(year: Year) -> Evidence:
    return gather(year.study, NOW, OSLO)


def invoke(*arguments: str) -> Result:
    return CliRunner().invoke(cli, ["audit", *arguments])


# -- each question


def test_holders_with_their_history(year: Year) -> None:
    answer = ask("holders", evidence(year))
    assert [h["role"] for h in answer.data["holders"]] == ["student", "supervisor", "archive"]
    assert [h["since"][:10] for h in answer.data["holders"]] == [
        "2025-09-01",
        "2025-09-01",
        "2026-02-10",
    ]
    assert [h["public_key"] for h in answer.data["holders"]] == list(KEYS)
    assert [len(c["added"]) for c in answer.data["history"]] == [2, 1]
    assert answer.standing == "good" and "archive" in answer.verdict


def test_a_single_holder_is_told(year: Year) -> None:
    year.keyed(("student",), ("student", "supervisor", "archive"))
    year.log.sign()
    answer = ask("holders", evidence(year))
    assert answer.standing == "note" and "lost" in " ".join(answer.notes)
    assert [r["role"] for r in answer.data["history"][-1]["removed"]] == ["supervisor", "archive"]


def test_holders_that_nobody_signed_do_not_count(year: Year) -> None:
    """Whoever can write to the folder can add a line, and hash it."""
    stranger = AuditLog(year.log.path, year.study.settings.id)
    stranger.append(
        "recipients",
        keys=(KEYS[2],),
        roles=("officer",),
        previous_keys=KEYS,
        previous_roles=("student", "supervisor", "archive"),
    )
    year.log.sign()  # the next holder of the key signs what was added with the rest
    answer = ask("holders", evidence(year))
    assert len(answer.data["holders"]) == 3 and answer.data["not_signed_at_once"] == 1
    assert answer.standing == "note" and "does not count" in " ".join(answer.notes)
    assert sum(m.kind == "recipients" for m in draw_up(evidence(year), "en").line.marks) == 2


def test_openings(year: Year) -> None:
    answer = ask("openings", evidence(year))
    assert [o["reason"] for o in answer.data["openings"]].count("analysis") == 2
    assert {o["role"] for o in answer.data["openings"]} == {"student", "supervisor"}
    assert "5 times" in answer.verdict


def test_deletion_of_one_participant(year: Year) -> None:
    answer = deletion(evidence(year), "en", "P02")
    (item,) = answer.data["originals"]
    assert (item["fate"], item["receipt"], item["sound"]) == ("deleted", "X0002", True)
    assert item["methods"] == ("overwrite-attempted", "unlink")
    assert "name-gone" in item["verified"] and "flash" in item["out_of_reach"]
    assert (item["medium"], item["rule"]) == ("ssd", "delete-after-review")
    assert answer.standing == "good" and answer.verdict.startswith("Yes")
    said = " ".join(str(cell) for table in answer.tables for cells in table.rows for cell in cells)
    for part in ("Overwritten once", "looked up afterwards", "solid-state", "X0002", "e-mail"):
        assert part in said


def test_deletion_is_known_though_the_study_forgot_the_source(year: Year) -> None:
    """After a withdrawal only log and receipt know of R07."""
    assert "R07" not in year.state
    answer = deletion(evidence(year), "en", "P07")
    assert [item["source"] for item in answer.data["originals"]] == ["R07"]


def test_deletion_that_is_still_to_come(year: Year) -> None:
    fates = {d.source: (d.fate, d.waits_for) for d in deletions(evidence(year))}
    assert fates["R03"] == ("waiting", "2027-01-01")
    assert fates["R08"] == ("waiting", "review")
    assert fates["R06"] == ("already-gone", "")
    assert fates["D01"][0] == "kept"
    assert deletion(evidence(year), "en", "P05").verdict.startswith("Not yet")
    assert deletion(evidence(year), "en").verdict.startswith("In part: 5 of 9")
    assert "knows of no" in deletion(evidence(year), "en", "P99").verdict


@pytest.mark.parametrize("harm", ["missing", "changed"])
def test_a_receipt_that_does_not_fit_needs_attention(year: Year, harm: str) -> None:
    path = year.folder / "receipts" / "X0001-R01.json"
    if harm == "missing":
        path.unlink()
    else:
        path.write_text(path.read_text().replace('"P01"', '"P02"'))
    answer = deletion(evidence(year), "en")
    assert (answer.standing, answer.exit_code) == ("attention", 5)
    assert "R01" in " ".join(answer.notes)


def test_a_withdrawal_that_nobody_carried_out(year: Year) -> None:
    (year.folder / "recordings" / "P07_second.wav").write_bytes(b"sound")
    answer = withdrawal(evidence(year), "en", "P07")
    (item,) = answer.data["withdrawals"]
    assert item["progress"] == "not-complete"
    assert {thing["kind"] for thing in item["left"]} == {"not-carried-out", "file"}
    assert (answer.standing, answer.exit_code) == ("attention", 3)
    assert "second" not in str(answer)


def withdrawn(year: Year) -> None:
    counts = dict.fromkeys(("sources", "originals", "files", "entries", "others", "places"), 2)
    year.at(5, 5).log.append(
        "withdrawn", subject="P07", day="2026-05-04", exports=1, backups=0, **counts
    )
    year.log.sign()


def test_a_withdrawal_that_is_complete(year: Year) -> None:
    withdrawn(year)
    answer = withdrawal(evidence(year), "en", "P07")
    assert answer.data["withdrawals"][0]["complete"] is True
    assert (answer.standing, answer.exit_code) == ("good", 0)
    assert "out of the key to files" in " ".join(answer.notes)


def test_what_is_left_counts_for_more_than_what_the_log_says(year: Year) -> None:
    withdrawn(year)
    (year.folder / "transcripts" / "P07-R07.docx").write_bytes(b"left by hand")
    (year.folder / "transcripts" / "P070-R09.docx").write_bytes(b"another participant's")
    answer = withdrawal(evidence(year), "en", "P07")
    (item,) = answer.data["withdrawals"]
    assert answer.exit_code == 3
    assert [(thing["kind"], thing["count"]) for thing in item["left"]] == [("output", 1)]


def test_withdrawals_ahead_and_none(year: Year) -> None:
    (year.folder / "consent.csv").write_text(REGISTER.replace("2026-05-04", "2027-05-04"))
    answer = withdrawal(evidence(year), "en")
    assert (answer.data["withdrawals"][0]["progress"], answer.exit_code) == ("planned", 0)
    assert "Neither" in withdrawal(evidence(year), "en", "P01").verdict


def test_offline_with_the_models(year: Year) -> None:
    answer = ask("offline", evidence(year))
    assert answer.data["network"] == {"namespace": 2, "process": 6}
    assert {m["kind"] for m in answer.data["models"]} == {"speech", "names"}
    assert answer.standing == "good"
    year.log.append("failed", result="error", why="networkblocked")
    assert "One attempt" in " ".join(ask("offline", evidence(year)).notes)
    year.log.append("run-start", settings=digest("s"), network="open")
    assert ask("offline", evidence(year)).exit_code == 1


def test_oversight(year: Year) -> None:
    answer = ask("oversight", evidence(year))
    assert [a["source"] for a in answer.data["approved"]] == ["R02", "R06"]
    assert answer.data["approved"][0]["changed_outputs"] == 2
    gone = [d["source"] for d in answer.data["deleted_without_review"]]
    assert gone == ["R01", "R04", "R07"]
    assert answer.data["waiting"] == ["R03", "R05", "R08"]
    year.log.append("reset", subject="R02")  # coded anew: the approval was of other text
    assert [a["source"] for a in ask("oversight", evidence(year)).data["approved"]] == ["R06"]


def test_due_overdue_and_a_register_that_cannot_be_read(year: Year) -> None:
    answer = ask("due", evidence(year))
    late = {(item["source"], item["what"]) for item in answer.data["overdue"]}
    assert ("R08", "transcript") in late and answer.exit_code == 3
    (year.folder / "consent.csv").write_text("nonsense")
    answer = ask("due", evidence(year))
    assert (answer.standing, answer.exit_code) == ("attention", 3)


def test_the_key_is_apart_or_not(year: Year) -> None:
    answer = ask("apart", evidence(year))
    assert answer.data["on_study_device"] is True
    assert answer.data["problems"] == [] and answer.exit_code == 0
    year.study.key_file.chmod(0o644)
    assert "readable" in ask("apart", evidence(year)).data["problems"]
    year.study.key_file.write_bytes(b"other")
    assert "other-version" in ask("apart", evidence(year)).data["problems"]
    year.study.key_file.unlink()
    answer = ask("apart", evidence(year))
    assert "not-there" in answer.data["problems"] and answer.exit_code == 4


def test_a_key_on_a_disk_that_is_not_there_is_one_fault_only(year: Year) -> None:
    year.study.key_file.parent.rename(year.study.key_file.parent.with_name("elsewhere"))
    answer = ask("apart", evidence(year))
    assert answer.data["problems"] == ["not-there"] and answer.exit_code == 4


def test_an_identity_without_a_passphrase_beside_the_key_is_a_fault(year: Year) -> None:
    mine = year.study.key_file.parent / "student.identity.age"
    mine.write_bytes(b"age-encryption.org/v1\n-> scrypt ")
    answer = ask("apart", evidence(year))
    assert answer.data["problems"] == [] and "passphrase" in str(answer.notes)
    mine.write_bytes(b"# created by hand\nAGE-SECRET-KEY-1")
    answer = ask("apart", evidence(year))
    assert answer.data["problems"] == ["bare"] and answer.exit_code == 4
    assert "its passphrase only" not in str(answer.notes)


def test_anonymous_is_said_of_nothing_that_has_a_key(year: Year) -> None:
    answer = ask("anonymous", evidence(year))
    assert answer.data["word"] == "pseudonymised" and answer.verdict.startswith("No")
    assert ask("anonymous", evidence(year), "nb").verdict.startswith("Nei")


# -- all of them


@pytest.mark.parametrize("language", ["en", "nb"])
def test_every_answer_in_both_languages_shows_nothing_that_identifies(
    year: Year, language: str
) -> None:
    (year.folder / "recordings" / "P07_Kari Nordmann.wav").write_bytes(b"sound")
    for answer in ask_all(evidence(year), language):  # type: ignore[arg-type]
        said = json.dumps(answer.to_json()) + str(answer)
        assert not re.search(r"Nordmann|/tmp|study\.key|P07_", said), answer.name
        assert answer.verdict and answer.question
        for table in answer.tables:
            assert all(len(cells) == len(table.columns) for cells in table.rows), table.caption


def test_both_languages_have_the_same_words_with_the_same_gaps() -> None:
    from anonpipe import record, report_words
    from anonpipe.answers import (
        deletions,
        key_apart,
        key_holders,
        log,
        material,
        retention,
        runs,
        withdrawals,
    )
    from anonpipe.answers.words import COMMON
    from anonpipe.log_kinds import REASONS, ROLES
    from anonpipe.log_schema import ACTIONS

    acts = ACTIONS["key-opened"].details["act"].name.split(" | ")
    coded = {"act": acts, "reason": REASONS, "role": ROLES}
    for prefix, words_of in coded.items():
        assert {f"{prefix}:{word}" for word in words_of} <= set(COMMON)

    modules = (deletions, key_apart, key_holders, log, material, retention, runs, withdrawals)
    for words in (COMMON, record.WORDS, report_words.WORDS, *(m.WORDS for m in modules)):
        for key, texts in words.items():
            assert set(texts) == {"en", "nb"}, key
            gaps = {frozenset(re.findall(r"\{(\w+)\}", said)) for said in texts.values()}
            assert len(gaps) == 1, key


def test_times_are_given_in_utc_and_local() -> None:
    assert both_times("2026-01-31T23:30:00Z", OSLO) == (
        "2026-01-31 23:30 UTC",
        "2026-02-01 00:30 +01:00",
    )
    assert both_times("2026-07-01T10:00:00Z", OSLO) == ("2026-07-01 10:00 UTC", "12:00 +02:00")
    assert both_times("2026-07-01T10:00:00Z", ZoneInfo("UTC")) == ("2026-07-01 10:00 UTC", "")


# -- the commands


@pytest.mark.parametrize("name", NAMES)
def test_each_question_is_one_command(year: Year, name: str) -> None:
    shown = invoke(name, str(year.folder))
    assert shown.exit_code in (0, 3, 4) and len(shown.stdout) > 40, shown.output
    data = json.loads(invoke(name, str(year.folder), "--json").stdout)
    assert data["question"] == name and data["exit_code"] == shown.exit_code
    assert invoke(name, str(year.folder), "--language", "nb").exit_code == shown.exit_code


def test_a_study_alone_asks_everything(year: Year) -> None:
    shown = invoke(str(year.folder))
    data = json.loads(invoke(str(year.folder), "--json").stdout)
    assert list(data["answers"]) == list(NAMES)
    assert (
        shown.exit_code
        == data["exit_code"]
        == max(a["exit_code"] for a in data["answers"].values())
    )
    assert all(name in shown.stdout for name in NAMES)


def test_questions_about_one_participant_and_wrong_codes(year: Year) -> None:
    data = json.loads(invoke("deletion", str(year.folder), "P01", "--json").stdout)
    assert data["data"]["participant"] == "P01"
    assert invoke("withdrawal", str(year.folder), "P07").exit_code == 3
    wrong = CliRunner().invoke(cli, ["audit", "deletion", str(year.folder), "Kari"])
    assert wrong.exit_code != 0 and "Kari" not in str(wrong.exception)


def test_a_broken_log_is_the_only_answer(year: Year) -> None:
    path = year.study.log_file
    path.write_bytes(path.read_bytes().replace(b'"turns":212', b'"turns":213', 1))
    shown = invoke(str(year.folder))
    assert shown.exit_code == 5 and "does not verify" in shown.stdout
    assert "holders" not in shown.stdout
    assert invoke("intact", str(year.folder)).exit_code == 5
    data = json.loads(invoke(str(year.folder), "--json").stdout)
    assert list(data["answers"]) == ["intact"]


def test_a_log_that_was_cut_short_since_the_checkpoint(year: Year, tmp_path: Path) -> None:
    kept = tmp_path / "kept.checkpoint"
    assert invoke("checkpoint", str(year.folder), str(kept)).exit_code == 0
    assert invoke("intact", str(year.folder), "--against", str(kept)).exit_code == 0
    path = year.study.log_file
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:-30]))
    assert invoke("intact", str(year.folder)).exit_code == 0  # by itself it does not show
    shown = invoke(str(year.folder), "--against", str(kept))
    assert shown.exit_code == 5 and "cut off" in shown.stdout


# -- what a run logs for them


def test_a_run_logs_how_the_network_is_barred_and_its_models(
    bench: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.record("P01.wav")
    bench.register(row())
    monkeypatch.setattr(offline, "blocked", lambda: True)
    bench.run()
    (start,) = gather(bench.study).of("run-start")
    assert start.details["network"] in ("process", "namespace")
    assert re.fullmatch(r"[0-9a-f]{16}", str(start.details["names"]))
    assert re.fullmatch(r"[0-9a-f]{16}", str(start.details["speech"]))
    assert start.details["pipelines"] == ()


NET = "Inter-| Receive\n face |bytes\n"


@pytest.mark.parametrize(
    ("interfaces", "expected"),
    [
        ("    lo: 0 0\n", "namespace"),
        ("", "namespace"),
        ("    lo: 0 0\n  sit0: 0 0\n", "namespace"),
        ("    lo: 0 0\n  eth0: 12 3\n", "process"),
        ("  wlan0: 0 0\n", "process"),
    ],
)
def test_how_the_network_is_barred(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, interfaces: str, expected: str
) -> None:
    monkeypatch.setattr(offline, "blocked", lambda: True)
    (tmp_path / "proc/self/net").mkdir(parents=True)
    (tmp_path / "proc/self/net/dev").write_text(NET + interfaces)
    assert offline.how_barred(tmp_path) == expected
    assert offline.how_barred(tmp_path / "nothing") == "process"
    monkeypatch.setattr(offline, "blocked", lambda: False)
    assert offline.how_barred(tmp_path) == "open"


def test_models_that_the_settings_name(bench: Workbench, tmp_path: Path) -> None:
    own = tmp_path / "pipeline"
    own.mkdir()
    (own / "config.cfg").write_text("[nlp]")
    (own / "meta.json").write_text("{}")
    settings = replace(bench.study.settings, spacy={"nb": str(own), "en": "no_such_model"})
    used = models_used.models_used(replace(bench.study, settings=settings))
    assert used.pipelines[0] == "none" and re.fullmatch(r"[0-9a-f]{16}", used.pipelines[1])
    assert re.fullmatch(r"[0-9a-f]{16}", used.voices)
    off = replace(bench.study.settings, diarizer="off")
    assert models_used.models_used(replace(bench.study, settings=off)).voices == "none"
