"""What no part of the program does alone: withdrawals, closes, retention and changes of the
holders with sealed deltas, encrypted recordings, shared sources and copies of the key about."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import docx
import pytest
from click.testing import CliRunner

from anonpipe import (
    audit,
    backup,
    batch,
    closing,
    formats,
    ingest,
    kept,
    operations,
    recipients,
    retention,
    sealedrun,
    status,
    vault,
    withdrawal,
)
from anonpipe.batch import Outcome
from anonpipe.cli import cli
from anonpipe.closed import StudyClosed
from anonpipe.closing.examination import examine
from anonpipe.codes.forms import DEFAULT_TEMPLATE
from anonpipe.errors import AnonpipeError, ConsentError, RecordingError, UsageError, VaultError
from anonpipe.identity import Recipient, load_identities, new_identity
from anonpipe.key import KeyTable
from anonpipe.receipt import Receipt
from anonpipe.session import Session
from tests.audio import sound
from tests.closing import TODAY, answered, backed_up, checklist, close, fill, log, prepare
from tests.conftest import StandInTools, Workbench, row, stand_in_keep
from tests.killing import killed_at_every_effect
from tests.test_close_kill import Template

SHORT = sound.encode(sound.sine(330, 0.5), "wav")
OTHER = sound.encode(sound.sine(440, 0.5), "wav")
LATER = "delete-on:2099-01-01"
PEOPLE = '\n[[people]]\nname = "{}"\nparticipant = "{}"\n'


@pytest.fixture(autouse=True)
def _stand_ins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealedrun, "Tools", StandInTools)


def take(bench: Workbench, *files: Path, **options: Any) -> None:
    def work(session: Session) -> None:
        taken = ingest.ingest(session, files, today=TODAY, **options)
        assert ingest.exit_code(taken) == 0, taken

    bench.open(work)


def seal(bench: Workbench) -> tuple[Outcome, ...]:
    return sealedrun.run(bench.study, report=lambda _: None, today=TODAY)


def merge(bench: Workbench, today: date = TODAY) -> tuple[Outcome, ...]:
    return bench.run(today, transcribe=False)


def leave(bench: Workbench, participant: str, also: tuple[str, ...] = ()) -> None:
    def work(session: Session) -> None:
        withdrawal.prepare(session, TODAY)
        plan = withdrawal.plan(session, participant, on=None, today=TODAY, also=also)
        withdrawal.withdraw(session, plan)

    bench.open(work)


def stands(bench: Workbench, participant: str) -> withdrawal.Standing:
    return withdrawal.status(bench.study, participant, TODAY)


def left(bench: Workbench, participant: str) -> set[str]:
    return {thing.kind for thing in stands(bench, participant).left}


def retain(bench: Workbench, day: date = TODAY) -> retention.Result:
    found: list[retention.Result] = []
    now = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    bench.open(lambda session: found.append(retention.run(session, now)))
    return found[0]


def settings(bench: Workbench, extra: str = "", *, after: str = "delete-after-coding") -> None:
    file = bench.folder / "study.toml"
    file.write_text(file.read_text().replace('after = "keep"', f'after = "{after}"') + extra)


def table(bench: Workbench) -> KeyTable:
    found: list[KeyTable] = []
    bench.open(lambda session: found.append(session.key.table))
    return found[0]


def entries(bench: Workbench, *actions: str) -> list[audit.Entry]:
    return [entry for entry in log(bench) if entry.action in actions]


def deltas(bench: Workbench) -> list[str]:
    return sorted(path.name for path in (bench.folder / "sealed").glob("delta-*.age"))


def invoke(*arguments: object, code: int = 0) -> str:
    result = CliRunner().invoke(cli, [str(word) for word in arguments])
    error = result.exception
    got = error.exit_code if isinstance(error, AnonpipeError) else result.exit_code
    assert got == code, (arguments, result.output, error)
    return str(result.stdout)


def opened_items(bench: Workbench) -> str:
    found: list[str] = []
    bench.open(lambda s: found.extend(item.text for item in examine(s, TODAY).open))
    return "\n".join(found)


def receipts_verify(bench: Workbench) -> dict[str, Any]:
    return dict(json.loads(invoke("audit", "receipt", "verify", bench.folder, "--json")))


# -- withdrawal, with encrypted files and deltas


def test_an_encrypted_file_that_never_ran_is_known_without_state(bench: Workbench) -> None:
    """Its name says nothing; without state.json the signed log says whose it is."""
    bench.record("Group.wav", SHORT)
    bench.record("P02.wav", OTHER)
    bench.register(row("P01", recording="Group*"), row("P02"))
    take(bench)
    bench.study.state_file.unlink()
    bench.register(row("P01", recording="", withdrawn=str(TODAY)), row("P02"))
    assert "file" in left(bench, "P01")
    (thing,) = (t for t in stands(bench, "P01").left if t.kind == "file")
    assert thing.count == 1  # not the other's


def test_the_data_key_of_a_file_that_is_missing_goes_all_the_same(bench: Workbench) -> None:
    bench.record("P01.wav", SHORT)
    bench.record("P02.wav", OTHER)
    bench.register(row("P01", audio=LATER), row("P02", audio=LATER))
    take(bench)
    bench.study.encrypted("audio", "R01").unlink()
    leave(bench, "P01")
    assert table(bench).sources["R01"].data_key is None
    assert table(bench).sources["R02"].data_key is not None
    assert [e.subject for e in entries(bench, "data-key-destroyed")] == ["R01"]
    assert stands(bench, "P01").complete
    receipts_verify(bench)


def test_others_deltas_that_name_who_withdraws_are_merged_first(bench: Workbench) -> None:
    settings(bench, PEOPLE.format("Kari Nordmann", "P07"))
    bench.record("P07.wav", b"one")
    bench.register(row("P01", audio=LATER, review="yes"), row("P07", audio=LATER))
    bench.run(TODAY)
    bench.note("P01.txt", "Kari Nordmann came too.")
    named = {o.kind: f"delta-{o.id}.age" for o in seal(bench)}
    waiting = named["text"]
    with pytest.raises(UsageError, match=rf"{waiting}.*anonpipe key merge") as caught:
        leave(bench, "P07")
    assert "Kari" not in str(caught.value)
    assert (bench.folder / "recordings" / "P07.wav").exists()
    assert not entries(bench, "operation-begun")
    merge(bench)
    assert not deltas(bench)
    leave(bench, "P07")
    assert stands(bench, "P07").complete
    raw: list[dict[str, Any]] = []
    bench.open(lambda s: raw.append(s.key.unseal(bench.folder / "sealed" / "D01.age")))
    assert "Nordmann" not in json.dumps(raw)


def test_others_deltas_that_do_not_name_them_hinder_nothing(bench: Workbench) -> None:
    settings(bench, PEOPLE.format("Frida Berg", "P07"))
    bench.record("P01.wav", b"two")
    bench.record("P07.wav", b"one")
    bench.register(row("P01", audio=LATER), row("P07", audio=LATER))
    seal(bench)
    assert len(deltas(bench)) == 2
    leave(bench, "P07")
    paper = (bench.folder / "receipts" / "withdrawal-P07.txt").read_text()
    assert "still there, 1, in which the person may be mentioned" in paper
    assert len(deltas(bench)) == 1 and stands(bench, "P07").complete
    assert [o.status for o in merge(bench)] == ["waiting"]
    assert "Frida" not in repr(table(bench))


def test_a_withdrawal_of_somebody_of_whom_there_is_nothing_is_completed_once(
    bench: Workbench,
) -> None:
    bench.register(row("P01"), row("P07", withdrawn=str(TODAY)))
    bench.run(TODAY)
    assert left(bench, "P07") == {"not-carried-out"}
    leave(bench, "P07")
    assert stands(bench, "P07").complete
    (entry,) = entries(bench, "withdrawn")
    assert entry.details["originals"] == 0
    leave(bench, "P07")
    assert len(entries(bench, "withdrawn")) == 1


# -- deltas of recordings that were encrypted later


@pytest.mark.parametrize("kind", ["recording", "document"])
def test_a_delta_serves_though_its_file_was_encrypted_since(bench: Workbench, kind: str) -> None:
    settings(bench)
    bench.register(row("P01", review="yes", audio="delete-after-review"))
    if kind == "recording":
        bench.record("P01.wav", SHORT)
    else:
        bench.note("P01.txt", "Kari Nordmann came too.\n\nP01: Yes, to Bergen.")
    seal(bench)
    take(bench)
    (outcome,) = merge(bench)
    assert (outcome.status, outcome.reason) == ("waiting", "review"), outcome
    assert not deltas(bench)
    assert [e.details["reason"] for e in entries(bench, "delta-removed")] == ["done"]


def test_what_only_a_run_can_transcribe_is_told_by_a_merge(bench: Workbench) -> None:
    bench.register(row("P01"))
    bench.record("P01.wav", SHORT)
    take(bench)
    (outcome,) = merge(bench)
    assert (outcome.status, outcome.reason) == ("waiting", "run")
    assert not entries(bench, "delta-wanted")
    (outcome,) = bench.run(TODAY)
    assert outcome.status == "final"


# -- the close


def test_a_close_stops_at_deltas_and_encrypted_files(bench: Workbench, tmp_path: Path) -> None:
    prepare(bench)
    bench.record("P01_b.wav", SHORT)
    seal(bench)
    told = opened_items(bench)
    assert "1 working file(s) in sealed/ wait" in told and "1 file(s) in recordings/" in told
    with pytest.raises(ConsentError):
        close(bench, answered(bench, tmp_path))
    assert bench.key.exists()
    merge(bench)
    assert not opened_items(bench)
    bench.record("P01_c.wav", OTHER)
    take(bench)
    assert "R03 is not final: run `anonpipe run`." in opened_items(bench)
    encrypted = bench.study.encrypted("audio", "R03")
    kept = encrypted.read_bytes()
    bench.run(TODAY)
    assert not opened_items(bench)
    encrypted.write_bytes(kept)  # out of a backup of the study
    assert "The encrypted file of R03 has come back" in opened_items(bench)
    bench.run(TODAY)
    assert not encrypted.exists() and not opened_items(bench)
    close(bench, answered(bench, tmp_path))
    assert not bench.key.exists()


def test_a_close_waits_for_a_withdrawal_and_leaves_nothing_of_the_person(
    bench: Workbench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings(bench, PEOPLE.format("Kari Nordmann", "P07"))
    bench.record("P07.wav", b"one")
    bench.note("P01.txt", "Kari Nordmann came to Bergen.")
    ends = ("anonymise", "anonymise")
    bench.register(*(f"{row(p)},{end}" for p, end in zip(("P01", "P07"), ends, strict=True)))
    bench.run(TODAY)
    gone = f"{row('P07', withdrawn=str(TODAY))},anonymise"
    bench.register(f"{row('P01')},anonymise", gone)
    bench.run(TODAY)
    assert "P07 has withdrawn, which was not carried out" in opened_items(bench)
    with monkeypatch.context() as patch:
        patch.setattr(
            "anonpipe.withdrawal.carrying._unlink",
            lambda *_: (_ for _ in ()).throw(RecordingError("stopped")),
        )
        with pytest.raises(RecordingError):
            leave(bench, "P07")
    assert operations.journal(bench.study).exists()
    assert not opened_items(bench)  # the session that looks has completed it
    assert stands(bench, "P07").complete
    answers = answered(bench, tmp_path)
    close(bench, answers)
    for path in (p for p in bench.folder.rglob("*") if p.is_file()):
        data = path.read_bytes()
        assert b"Nordmann" not in data, path
        if path.parent.name in ("transcripts", "bleeped", "sealed", "recordings", "documents"):
            assert b"P07" not in data and "P07" not in path.name, path
    assert stands(bench, "P07").complete
    receipts_verify(bench)


def test_somebody_who_withdrew_without_a_trace_but_in_others_is_not_forgotten(
    bench: Workbench, tmp_path: Path
) -> None:
    """Nothing of theirs is overdue, and yet their code stands in another's transcript."""
    settings(bench, PEOPLE.format("Kari Nordmann", "P07"))
    bench.note("P01.txt", "Kari Nordmann came to Bergen.")
    bench.register(f"{row('P01')},anonymise", f"{row('P07', withdrawn=str(TODAY))},anonymise")
    bench.run(TODAY)
    assert "P07 has withdrawn" in opened_items(bench)
    leave(bench, "P07")
    assert not opened_items(bench)


@pytest.mark.parametrize("encrypted", [False, True])
def test_an_original_that_a_close_deletes_has_a_receipt(
    bench: Workbench, tmp_path: Path, encrypted: bool
) -> None:
    bench.note("P02.txt", "P02: Kari Nordmann.\n")
    bench.register(f"{row('P02')},delete")
    if encrypted:
        take(bench)
    bench.run(TODAY)
    backed_up(bench, tmp_path / "stick")
    close(bench, answered(bench, tmp_path))
    (file,) = (bench.folder / "receipts").glob("*-D01.json")
    receipt = Receipt.from_json(json.loads(file.read_text()))
    assert (receipt.rule, receipt.participants) == ("at-end", ("P02",))
    assert receipt.consent_versions == ("v1",)
    assert ("crypto-erase" in receipt.erased.methods) == encrypted
    assert bool(receipt.key_generations) == encrypted
    assert receipt.key_backups == (("B01",) if encrypted else ())
    receipts_verify(bench)
    (found,) = json.loads(invoke("audit", "deletion", bench.folder, "P02", "--json"))["data"][
        "originals"
    ]
    assert (found["fate"], found["rule"], found["sound"]) == ("deleted", "at-end", True)
    assert "end of the study" in invoke("audit", "deletion", bench.folder, "P02")


def test_a_document_that_was_changed_since_stops_the_close(bench: Workbench) -> None:
    note = bench.note("P02.txt", "P02: Kari Nordmann.\n")
    bench.register(f"{row('P02')},delete")
    bench.run(TODAY)
    assert not opened_items(bench)
    note.write_text("P02: Kari Nordmann, and Ola Hansen.\n")
    assert "The file of D01 was changed since it was processed" in opened_items(bench)


def test_every_export_counts_as_out_of_reach(bench: Workbench, tmp_path: Path) -> None:
    prepare(bench)
    key = ("--reason", "participant-request", "--identity", bench.identity)
    invoke("key", "export", bench.folder, "--to", tmp_path / "key.csv", *key)
    invoke("subject", "export", bench.folder, "P01", "--to", tmp_path / "p01", *key)
    counted: list[int] = []
    bench.open(lambda s: counted.append(examine(s, TODAY).exports))
    assert counted == [2]
    with pytest.raises(closing.NotYet, match="export"):
        close(bench, answered(bench, tmp_path, {"exports": "none"}))
    leave(bench, "P02", also=("none",))
    (entry,) = entries(bench, "withdrawn")
    assert entry.details["exports"] == 2
    found = (bench.folder / "receipts" / "withdrawal-P02.txt").read_text()
    assert "2 time(s)" in found


# -- outputs that people edit


def word_saves(path: Path) -> None:
    """Split the runs of every paragraph, as a word processor does after proofreading."""
    document = docx.Document(str(path))
    for paragraph in document.paragraphs:
        for run in list(paragraph.runs):
            text, middle = run.text, len(run.text) // 2
            if middle:
                run.text = text[:middle]
                run._element.addnext(paragraph.add_run(text[middle:])._element)
    document.save(str(path))


def test_a_statement_that_a_word_processor_split_is_restated(
    bench: Workbench, tmp_path: Path
) -> None:
    settings(bench, PEOPLE.format("Ola Hansen", "P02"))
    prepare(bench, at_end=("anonymise", "anonymise"))
    folder = bench.folder / "transcripts"
    edited = [folder / "P01-R01.docx", folder / "P02-D01.docx"]
    for path in edited:
        word_saves(path)
    for name in ("R01", "D01"):
        bench.open(lambda s, n=name: batch.approve(s, n))
    assert [o.status for o in bench.run(TODAY)] == ["final", "final"]
    leave(bench, "P02")
    assert not edited[1].exists() and stands(bench, "P02").complete
    said = [status.is_line(t) for t in texts(edited[0])]
    assert said.count(True) == 1
    close(bench, answered(bench, tmp_path))
    (entry,) = entries(bench, "restated")
    assert entry.details["left"] == 0
    assert any(text.startswith("Anonymised in the judgement") for text in texts(edited[0]))
    assert formats.lines(edited[0].read_bytes(), "docx")


def texts(path: Path) -> list[str]:
    return [paragraph.text for paragraph in docx.Document(str(path)).paragraphs]


@pytest.mark.parametrize("edited", [False, True])
def test_corrections_withdrawals_and_approvals_leave_the_statement_alone(
    bench: Workbench, edited: bool
) -> None:
    """Though the word to be corrected, and somebody's name, are words of the statement."""
    settings(bench, PEOPLE.format("Kari Nordmann", "P02") + PEOPLE.format("Data", "P03"))
    bench.note("P02.txt", "P02: Kari Nordmann wants data. The key exists.\n\nI: Data too.")
    bench.register(row("P02"), row("P03"))
    assert [o.status for o in bench.run(TODAY)] == ["final"]
    folder = bench.folder / "transcripts"
    line = status.PSEUDONYMISED.line("en")
    if edited:
        word_saves(folder / "P02-D01.docx")
        text = folder / "P02-D01.txt"
        text.write_text(text.read_text() + "\nAdded by hand: no data.\n")
        bench.open(lambda s: batch.approve(s, "D01"))
        assert [o.status for o in bench.run(TODAY)] == ["final"]
    result = CliRunner().invoke(
        cli,
        [
            *("subject", "rectify", str(bench.folder), "P02", "--yes"),
            *("--identity", str(bench.identity)),
        ],
        input="exists\nexisted\n",
    )
    assert result.exit_code == 0, (result.output, result.exception)
    leave(bench, "P03")
    assert stands(bench, "P03").complete
    said = (folder / "P02-D01.txt").read_text()
    assert "The key existed" in said and said.count(line) == 1
    paragraphs = texts(folder / "P02-D01.docx")
    assert paragraphs.count(line) == 1 and any("The key existed" in p for p in paragraphs)
    assert all(o.status == "final" for o in bench.run(TODAY))


def test_an_edited_json_output_stays_one_whatever_words_are_corrected(bench: Workbench) -> None:
    from anonpipe.subject.rectifying import Correction

    bench.note("P02.txt", "P02: The text is in the end an en type.")
    bench.register(row("P02"))
    bench.run(TODAY)
    before = (bench.folder / "transcripts" / "P02-D01.json").read_bytes()
    edited = json.loads(before) | {"note by hand": "the text, in the end"}
    after = json.dumps(edited).encode()
    for old in ("text", "end", "en", "type", "status", "exists"):
        after = formats.edit(after, "json", Correction(old, "other", DEFAULT_TEMPLATE))
    made, was = json.loads(after), json.loads(before)
    assert made["turns"][0]["text"] == "The other is in the other an other other."
    assert made["note by hand"] == "the other, in the other"
    for key in ("format", "language", "status", "flags"):
        assert made[key] == was[key]
    assert formats.reread(after, "json")


# -- retention, and recordings that were encrypted


def test_retention_of_encrypted_files_says_crypto_erase_everywhere(
    bench: Workbench, tmp_path: Path
) -> None:
    bench.record("P01.wav", SHORT)
    bench.record("P02.wav", OTHER)
    bench.register(row("P01", audio="delete-on:2026-07-01"), row("P02", audio=LATER))
    backed_up(bench, tmp_path / "before")
    take(bench)
    backed_up(bench, tmp_path / "between")
    bench.run(date(2026, 6, 1))
    result = retain(bench, date(2026, 7, 2))
    assert [(d.source, result.exit_code) for d in result.done] == [("R01", 0)]
    leave(bench, "P02", also=("none",))
    for name, participant, rule in (
        ("R01", "P01", "delete-on:2026-07-01"),
        ("R02", "P02", "withdrawal"),
    ):
        (file,) = (bench.folder / "receipts").glob(f"*-{name}.json")
        receipt = Receipt.from_json(json.loads(file.read_text()))
        assert receipt.rule == rule and receipt.erased.methods[0] == "crypto-erase"
        assert receipt.key_generations and receipt.key_backups == ("B02",)
        assert "key-generations" in receipt.out_of_reach
        assert "B02" in file.with_suffix(".txt").read_text()
        answer = json.loads(invoke("audit", "deletion", bench.folder, participant, "--json"))
        (found,) = answer["data"]["originals"]
        assert found["methods"][0] == "crypto-erase" and found["sound"] and found["encrypted"]
        assert (found["key_backups"], found["rule"]) == (["B02"], rule)
        assert found["key_generations"] == len(receipt.key_generations)
        text = invoke("audit", "deletion", bench.folder, participant)
        assert "B02" in text and "data key" in text
    shown = invoke("audit", "receipt", "verify", bench.folder, "all")
    assert "R01" in shown or "X0001" in shown
    assert receipts_verify(bench)["receipts"]


def test_shared_bleeped_encrypted_and_sealed_in_consent_and_retention(
    bench: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept, "keep", stand_in_keep)
    settings(bench)
    group = "Group.wav"
    both = ("P01* | Group*", "P02* | Group*")
    bench.record(group, SHORT)
    bench.record("P03.wav", OTHER)
    bench.record("P04.wav", sound.encode(sound.sine(550, 0.5), "wav"))

    def register(first: str, *, until: str = "", third: str = "keep-bleeped") -> None:
        bench.register(
            row("P01", both[0], audio=first),
            row("P02", both[1], audio="delete-on:2026-09-01"),
            f"P03,,2026-01-10,v1,{third},no,{until},yes,no,",
            row("P04", audio="delete-on:2026-07-01"),
        )

    register("delete-on:2026-08-01")
    seal(bench)
    take(bench, bench.folder / "recordings" / group)

    def demands(day: str, code: int) -> list[tuple[Any, ...]]:
        shown = json.loads(
            invoke("consent", "due", bench.folder, "--as-of", day, "--json", code=code)
        )
        return [
            (d["source"], "+".join(d["participants"]), d["what"], d["on"], d["status"])
            for d in shown["items"]
        ]

    waiting = demands("2026-06-01", 0)
    assert ("R01", "P01+P02", "audio", "2026-08-01", "waits-for-transcription") in waiting
    assert {d[1] for d in waiting} == {"P01+P02", "P03", "P04"}
    found = merge(bench, date(2026, 6, 1))
    assert {o.id: o.status for o in found} == {
        "R01": "waiting",
        "R02": "final",
        "R03": "waiting",
    }
    assert not deltas(bench)
    assert retain(bench, date(2026, 6, 2)).exit_code == 0
    assert ("R01", "P01+P02", "audio", "2026-08-01", "due") in demands("2026-06-02", 0)
    late = demands("2026-08-02", 3)
    assert ("R01", "P01+P02", "sealed", "2026-08-01", "overdue") in late
    done = retain(bench, date(2026, 8, 2))
    assert sorted(d.source for d in done.done) == ["R01", "R03"] and not done.left
    assert not list((bench.folder / "recordings").iterdir())
    assert [p.name for p in (bench.folder / "bleeped").iterdir()] == ["P03-R02.flac"]
    register("delete-on:2026-08-01", until="2026-08-31")
    assert ("R02", "P03", "bleeped", "2026-09-01", "overdue") in demands("2026-09-01", 3)
    retain(bench, date(2026, 9, 1))
    assert not list((bench.folder / "bleeped").iterdir())
    receipts_verify(bench)


# -- the holders change


def test_who_is_removed_opens_old_copies_only_and_that_is_told(
    bench: Workbench, tmp_path: Path
) -> None:
    settings(bench)
    bench.register(row("P01", review="yes"), row("P02", audio=LATER), row("P03"))
    bench.record("P01.wav", b"one")
    bench.run(TODAY)
    bench.record("P03.wav", b"three")
    bench.record("P02.wav", OTHER)
    take(bench, bench.folder / "recordings" / "P02.wav")
    seal(bench)
    file = tmp_path / "supervisor.private"
    supervisor = Recipient("supervisor", new_identity(file, None, "supervisor"))
    (me,) = load_identities([bench.identity], lambda _: None)
    student = Recipient("student", me.public_key)

    def change(*who: Recipient) -> recipients.Changed:
        found: list[recipients.Changed] = []
        bench.open(lambda s: found.append(recipients.change(s, who, single=len(who) == 1)))
        return found[0]

    change(student, supervisor)
    copy = backed_up(bench, tmp_path / "stick")
    done = change(student)
    assert (done.left, done.backups, done.sealed_files) == ((supervisor,), 1, 3)
    theirs = load_identities([file], lambda _: None)
    sealed = sorted((bench.folder / "sealed").glob("*.age"))
    assert len(sealed) == 3 and deltas(bench)
    for path, opens in ((copy, True), (bench.key, False), *((p, False) for p in sealed)):
        assert can_open(path, theirs) == opens, path
    # Whose data key stood in the copy could still open the recording: the receipt says so.
    apart = json.loads(
        invoke("audit", "apart", bench.folder, "--json", code=4)
    )  # an open identity beside
    assert apart["data"]["backups"][0]["behind"] > 0
    assert any("older backup still opens" in note for note in apart["notes"])
    assert [o.status for o in merge(bench)].count("final") == 1
    leave(bench, "P02", also=("none",))
    (entry,) = entries(bench, "data-key-destroyed")
    assert entry.details["backups"] == 1
    assert not can_open(copy, theirs)  # the withdrawal has replaced it by the key as it is


def can_open(path: Path, identities: Any) -> bool:
    try:
        vault.unseal(path.read_bytes(), identities)
    except VaultError:
        return False
    return True


def test_a_change_of_holders_that_was_stopped_ends_with_deltas_and_plan(
    bench: Workbench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings(bench)
    bench.register(row("P01"))
    bench.record("P01.wav", b"one")
    seal(bench)
    supervisor = Recipient("supervisor", new_identity(tmp_path / "s", None, "supervisor"))
    (me,) = load_identities([bench.identity], lambda _: None)
    with monkeypatch.context() as patch:
        patch.setattr(recipients, "write_recipients", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            bench.open(
                lambda s: recipients.change(s, [Recipient("student", me.public_key), supervisor])
            )
    assert operations.journal(bench.study).exists()
    with pytest.raises(UsageError, match="interrupted and comes first"):
        seal(bench)
    assert [o.status for o in merge(bench)] == ["final"]
    assert not operations.journal(bench.study).exists()
    (entry,) = entries(bench, "delta-sealed")
    assert {e.details["delta"] for e in entries(bench, "delta-resealed", "delta-removed")} == {
        entry.details["delta"]
    }


# -- machines without the key, and the clock


def test_sealed_runs_answer_for_the_network_and_the_models(bench: Workbench) -> None:
    bench.register(row("P01"))
    bench.record("P01.wav", b"one")
    seal(bench)
    (start,) = entries(bench, "sealed-run-start")
    bench.run(TODAY)
    (run,) = entries(bench, "run-start")
    assert set(start.details) >= {"network", "settings"}
    assert set(start.details) == set(run.details)
    code = 1 if start.details["network"] == "open" else 0
    answer = json.loads(invoke("audit", "offline", bench.folder, "--json", code=code))
    assert answer["data"]["runs"] == 2
    assert sum(answer["data"]["network"].values()) == 2
    assert "2" in invoke("audit", "offline", bench.folder, code=code)


def answers_file(bench: Workbench) -> Path:
    path = bench.folder.parent / "answers.toml"
    checklist(bench, path)
    path.write_text(fill(path.read_text()))
    return path


def test_a_clock_in_doubt_stops_what_it_should_and_no_withdrawal(
    bench: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    today = datetime.now(UTC)
    day = today.date()
    bench.record("P01.wav", b"one")
    bench.record("P02.wav", b"two")
    past = (day - timedelta(days=1)).isoformat()
    bench.register(
        row("P01", audio=f"delete-on:{day + timedelta(days=1)}"),
        row("P02", audio=f"delete-on:{day + timedelta(days=1)}"),
    )
    bench.run(day)
    bench.register(row("P01", audio=f"delete-on:{past}"), row("P02", audio=f"delete-on:{past}"))
    ahead = (today + timedelta(days=90)).strftime("%Y-%m-%dT%H:%M:%SZ")
    with monkeypatch.context() as patch:
        patch.setattr("anonpipe.audit.now", lambda: ahead)
        key = ("--reason", "audit", "--identity", bench.identity)
        invoke("key", "show", bench.folder, *key)
    identity = ("--identity", bench.identity)
    invoke("retention", "run", bench.folder, *identity, code=3)
    assert len(list((bench.folder / "recordings").iterdir())) == 2
    invoke("run", bench.folder, *identity, code=3)
    assert len(list((bench.folder / "recordings").iterdir())) == 2
    invoke("close", bench.folder, "--checklist", bench.folder.parent / "c.toml", *identity, code=2)
    dry = ("--dry-run", "--today", day, "--answers", answers_file(bench))
    invoke("close", bench.folder, *dry, *identity, code=3)
    assert not entries(bench, "clock-confirmed")
    invoke("withdraw", bench.folder, "P01", "--also", "none", "--yes", *identity)
    assert [p.name for p in (bench.folder / "recordings").iterdir()] == ["P02.wav"]
    invoke("retention", "run", bench.folder, "--today", day, *identity)
    assert not list((bench.folder / "recordings").iterdir())


def test_a_copy_that_was_attested_destroyed_is_not_asked_for_again(
    bench: Workbench, tmp_path: Path
) -> None:
    prepare(bench)
    copy = backed_up(bench, tmp_path / "stick")
    copy.unlink()
    assert "B01" in opened_items(bench)
    bench.open(lambda s: backup.attest_destroyed(s, "B01"))
    assert not opened_items(bench)
    answer = json.loads(
        invoke("audit", "apart", bench.folder, "--json", code=4)
    )  # an open identity beside
    assert [copy["destroyed"] for copy in answer["data"]["backups"]] == ["attested"]
    assert "No backup of the key is registered." in answer["notes"]
    assert "said to be destroyed" in invoke("key", "status", bench.folder).replace("\n", " ")
    close(bench, answered(bench, tmp_path))
    assert [e.result for e in entries(bench, "backup-destroyed")] == ["attested"]


def test_a_forged_end_of_the_key_is_no_answer(bench: Workbench) -> None:
    """Whoever can write to the log cannot have a key that is unplugged taken for destroyed."""
    prepare(bench)
    forger = audit.AuditLog(bench.study.log_file, bench.study.settings.id)
    forger.append("key-destroyed", result="deleted")
    bench.key.rename(bench.key.with_name("elsewhere"))
    # 4: the identity beside the key needs no passphrase.
    answer = json.loads(invoke("audit", "apart", bench.folder, "--json", code=4))
    assert answer["data"]["destroyed"] is None and "not-there" in answer["data"]["problems"]
    assert len(json.loads(invoke("audit", "holders", bench.folder, "--json"))["data"]["holders"])


@pytest.mark.long
@pytest.mark.parametrize("encrypted", [False, True])
def test_killed_anywhere_a_close_deletes_originals_with_their_receipts(
    bench: Workbench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, encrypted: bool
) -> None:
    (bench.folder / "documents" / "in").mkdir()
    bench.note("in/P02.txt", "P02: Kari Nordmann.\n")
    bench.register(f"{row('P02')},delete")
    if encrypted:
        take(bench)
    bench.run(TODAY)
    answers = answered(bench, tmp_path)
    template = Template(tmp_path / "store", [bench.folder, bench.key.parent])
    closes: list[bool] = []

    def prepare_again() -> Callable[[], object]:
        template.restore()
        return lambda: close(bench, answers)

    def check() -> None:
        with contextlib.suppress(StudyClosed):
            bench.open(lambda _: None)
        new = not bench.key.exists()
        closes.append(new)
        left = [p for p in (bench.folder / "documents").rglob("*") if p.is_file()]
        assert bool(left) != new and not [p for p in left if p.name.startswith(".")]
        if new:
            (file,) = (bench.folder / "receipts").glob("*-D01.json")
            receipt = Receipt.from_json(json.loads(file.read_text()))
            assert ("crypto-erase" in receipt.erased.methods) == encrypted
            receipts_verify(bench)

    assert killed_at_every_effect(prepare_again, check, monkeypatch) > 30
    assert set(closes) == {False, True}


def test_another_file_under_the_name_of_an_encrypted_one_is_told(bench: Workbench) -> None:
    bench.note("P02.txt", "P02: Kari Nordmann.\n")
    bench.register(f"{row('P02')},delete")
    take(bench)
    bench.run(TODAY)
    assert not opened_items(bench)
    bench.note("P02.txt", "P02: Something else.\n")
    assert "1 file(s) in documents/ have not been processed" in opened_items(bench)
