"""What no part of the program does alone: withdrawals, closes, retention and changes of the
holders with sealed deltas, encrypted recordings, shared sources and copies of the key about."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from anonpipe import (
    audit,
    closing,
    ingest,
    operations,
    retention,
    sealedrun,
    withdrawal,
)
from anonpipe.batch import Outcome
from anonpipe.cli import cli
from anonpipe.closing_examination import examine
from anonpipe.errors import ConsentError, RecordingError, UsageError
from anonpipe.key import KeyTable
from anonpipe.receipt import Receipt
from anonpipe.session import Session
from tests.audio import sound
from tests.closing import TODAY, answered, backed_up, close, log, prepare
from tests.conftest import StandInTools, Workbench, row

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


def merge(bench: Workbench) -> tuple[Outcome, ...]:
    return bench.run(TODAY, transcribe=False)


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
    from datetime import UTC, datetime

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
    assert result.exit_code == code, (arguments, result.output, result.exception)
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
