"""Deletion receipts: what they say, and that nothing in them can be changed unseen."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from anonpipe.audit import AuditLog, Entry
from anonpipe.cli import cli
from anonpipe.medium import Medium
from anonpipe.receipt import (
    OUT_OF_REACH,
    Erased,
    Receipt,
    announce,
    announced,
    issue,
    read_receipts,
)
from anonpipe.receipt_check import PROBLEMS, check, check_all
from anonpipe.receipt_words import DONE, VERIFIED
from anonpipe.signing import Signer
from tests.conftest import Workbench, row

DISK = Medium("hdd", "ext4", copy_on_write=False, notes=("journal",))
DELETED = Erased("deleted", ("overwrite-attempted", "unlink"), DISK, 12345, ("emptied",))
CODED = replace(DELETED, methods=("crypto-erase", "unlink"), verified=("key-entry-gone",))
GONE = Erased("already-gone", (), DISK, None)
STUDY = "ab12" * 4


def receipt(erased: Erased, **changes: Any) -> Receipt:
    made = Receipt(
        id="X0001",
        study=STUDY,
        recording="R01",
        kind="audio",
        participants=("P01", "P02"),
        consent_versions=("v2",),
        rule="delete-after-review",
        register="98" * 32,
        approved_at="2026-03-01T10:00:00+00:00",
        erased=erased,
        digest="ab" * 32,
        outputs={"transcripts/P01+P02-R01.txt": "cd" * 32},
        deleted_at="2026-03-02T08:00:00+00:00",
        actor="12" * 8,
        intent=(7, "ef" * 32),
        program="anonpipe 0.1.0",
    )
    return replace(made, **changes)


@pytest.fixture
def log(tmp_path: Path) -> AuditLog:
    made = AuditLog(tmp_path / "audit.jsonl", STUDY)
    made.create(Signer.generate())
    return made


def issued(folder: Path, log: AuditLog, erased: Erased = DELETED, **changes: Any) -> Receipt:
    source = "ab" * 32
    begun = announce(log, "R01", rule="delete-after-review", source=source)
    intent = announced(log, begun, "R01", source)
    return issue(
        folder,
        log,
        receipt(
            erased,
            id=str(intent.details["receipt"]),
            intent=(intent.seq, intent.hash),
            actor=intent.actor,
            **changes,
        ),
    )


# -- what they say


@pytest.mark.parametrize(
    "erased",
    [DELETED, GONE, replace(DELETED, other_names=2, synced=True), CODED],
)
def test_round_trip(erased: Erased) -> None:
    held = {"key_generations": ("aa" * 32,), "key_backups": ("B01",)}
    made = receipt(erased, approved_at=None, register=None, **held).signed(Signer.generate())
    assert Receipt.from_json(json.loads(made.to_bytes())) == made


@pytest.mark.parametrize("language", ["en", "nb"])
@pytest.mark.parametrize(
    "erased",
    [DELETED, GONE, replace(DELETED, synced=True, other_names=1)]
    + [replace(DELETED, medium=replace(DISK, kind=kind)) for kind in ("ssd", "network", "memory")],
)
def test_the_text_says_everything_and_claims_nothing_more(language: Any, erased: Erased) -> None:
    signed = receipt(erased).signed(Signer.generate())
    text = signed.to_text(language)
    for part in ("X0001", STUDY, "R01", "P01, P02", "delete-after-review", "v2", "ab" * 32,
                 "cd" * 32, "ef" * 32, "98" * 32, "P01+P02-R01.txt", "2026-03-02T08:00:00",
                 "12" * 8, "anonpipe 0.1.0", "ext4", signed.signer):  # fmt: skip
        assert part in text
    assert signed.signature in text.replace("\n  ", "")
    for never in ("secure", "wiped", "sikker slett", "None", "{", "forever", "irrecoverabl"):
        assert never not in text
    assert ("Overwritten" in text or "Overskrevet" in text) == (erased.result == "deleted")
    assert max(len(line) for line in text.splitlines()) <= 100


def test_it_names_the_copies_out_of_reach() -> None:
    standing = {"snapshots", "backups", "recorder", "sent"}
    assert set(receipt(DELETED).out_of_reach) == standing | {"cloud", "journal"}
    synced = receipt(replace(DELETED, synced=True)).out_of_reach
    assert synced[0] == "synced-folder" and "cloud" not in synced
    for kind, code in [
        ("ssd", "flash"),
        ("removable", "flash"),
        ("network", "server"),
        ("memory", "swap"),
        ("unknown", "disk-unknown"),
    ]:
        on = replace(DELETED, medium=replace(DISK, kind=kind, copy_on_write=True))
        assert {code, "copy-on-write"} < set(receipt(on).out_of_reach)
    linked = receipt(replace(DELETED, other_names=1, other_names_emptied=False))
    assert "other-names" in linked.out_of_reach
    assert "under which it still exists" in linked.to_text("en")
    flash = replace(CODED, medium=replace(DISK, kind="ssd"))
    made = receipt(flash, key_generations=("aa" * 32,), key_backups=("B01",))
    assert made.out_of_reach[:2] == ("key-generations", "before-sealing")
    assert "flash" not in made.out_of_reach  # its old blocks cannot be read
    assert "B01" in made.to_text("en") and "aa" * 32 in made.to_text("nb")
    for words in (OUT_OF_REACH, DONE, VERIFIED):
        assert all(set(texts) == {"en", "nb"} for texts in words.values())


# -- how they come about


def test_ids_are_given_by_the_log_and_never_twice(tmp_path: Path, log: AuditLog) -> None:
    folder = tmp_path / "receipts"
    folder.mkdir()
    assert issued(folder, log).id == "X0001"
    announce(log, "R02", rule="delete-after-review", source="ab" * 32)  # a crash came after it
    shutil.rmtree(folder)
    folder.mkdir()
    assert issued(folder, log).id == "X0003"
    assert sorted(p.name for p in folder.iterdir()) == ["X0003-R01.json", "X0003-R01.txt"]


def test_the_log_says_what_the_receipt_says(tmp_path: Path, log: AuditLog) -> None:
    made = issued(tmp_path, log)
    *_, entry, signature = log.entries()
    assert signature.action == "signature"
    assert (entry.action, entry.subject, entry.result) == ("deleted", "R01", "deleted")
    assert entry.details["receipt"] == "X0001"
    assert entry.details["receipt_digest"] == made.file_digest()
    assert entry.details["participants"] == ("P01", "P02")
    assert (entry.details["medium"], entry.details["filesystem"]) == ("hdd", "journaled")
    assert entry.details["methods"] == ("overwrite-attempted", "unlink")
    assert entry.details["verified"] == ("emptied",)
    assert entry.details["out_of_reach"] == made.out_of_reach


def test_one_of_a_deletion_is_not_replaced_by_a_lesser_one(tmp_path: Path, log: AuditLog) -> None:
    made = issued(tmp_path, log)
    (tmp_path / "X0001-R01.txt").unlink()  # a crash between the two files
    assert issue(tmp_path, log, replace(made, erased=GONE, signature="")) == made
    assert "Overwritten" in (tmp_path / "X0001-R01.txt").read_text(encoding="utf-8")
    assert [item.id for item in read_receipts(tmp_path)] == ["X0001"]
    assert check_all(tmp_path, list(log.entries()))[0].sound


# -- checking them


@pytest.fixture
def kept(tmp_path: Path, log: AuditLog) -> tuple[Path, list[Entry]]:
    """A sound receipt and its log."""
    folder = tmp_path / "receipts"
    folder.mkdir()
    issued(folder, log, CODED, key_generations=("aa" * 32,), key_backups=("B01",))
    path = folder / "X0001-R01.json"
    entries = list(log.entries())
    assert check(path, entries).sound
    return path, entries


def leaves(value: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    items = value.items() if isinstance(value, dict) else enumerate(value)
    for key, inner in items:
        if isinstance(inner, dict | list):
            yield from leaves(inner, (*at, key))
        else:
            yield (*at, key)


def changed(value: Any) -> Any:
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 1
    if isinstance(value, str) and value:
        return value[:-1] + ("0" if value[-1] != "0" else "1")
    return "x"


def test_a_change_in_any_field_is_found(kept: tuple[Path, list[Entry]]) -> None:
    path, entries = kept
    data = json.loads(path.read_bytes())
    places = list(leaves(data))
    assert len(places) > 40
    for place in places:
        copy = json.loads(path.read_bytes())
        inner = copy
        for key in place[:-1]:
            inner = inner[key]
        inner[place[-1]] = changed(inner[place[-1]])
        other = path.with_name("X0001-R02.json")
        other.write_text(json.dumps(copy, indent=1) + "\n")
        other.with_suffix(".txt").write_bytes(path.with_suffix(".txt").read_bytes())
        found = check(other, entries)
        assert not found.sound, place
        assert {"signature", "no-receipt"} & set(found.problems), place


def test_a_change_that_a_holder_of_the_key_signs_anew_is_found(
    kept: tuple[Path, list[Entry]], log: AuditLog
) -> None:
    path, entries = kept
    true = Receipt.from_json(json.loads(path.read_bytes()))
    lies: list[tuple[dict[str, Any], str]] = [
        ({"deleted_at": "2026-03-01T08:00:00+00:00"}, "digest"),
        ({"rule": "keep-until:2030-01-01"}, "fields"),
        ({"participants": ("P03",)}, "fields"),
        ({"actor": "ab" * 8}, "intent"),
        ({"digest": "cd" * 32}, "intent"),
        ({"recording": "R02"}, "intent"),
        ({"id": "X0009"}, "not-deleted"),
        ({"intent": (1, true.intent[1])}, "intent"),
        ({"erased": replace(true.erased, methods=("unlink",))}, "fields"),
        ({"erased": replace(true.erased, verified=("name-gone",))}, "fields"),
        ({"erased": replace(true.erased, medium=replace(DISK, kind="ssd"))}, "fields"),
    ]
    for lie, problem in lies:
        forged = replace(true, **lie).signed(log.signer)
        path.write_bytes(forged.to_bytes())
        path.with_suffix(".txt").write_bytes(forged.to_both_texts())
        assert problem in check(path, entries).problems, lie


def test_signed_by_a_stranger_or_by_nobody(kept: tuple[Path, list[Entry]]) -> None:
    path, entries = kept
    true = Receipt.from_json(json.loads(path.read_bytes()))
    path.write_bytes(true.signed(Signer.generate()).to_bytes())
    assert set(check(path, entries).problems) >= {"signer", "digest"}
    path.write_bytes(true.signed(None).to_bytes())
    assert set(check(path, entries).problems) >= {"not-signed", "digest"}


def test_text_file_layout_and_rubbish(kept: tuple[Path, list[Entry]]) -> None:
    path, entries = kept
    true = path.read_bytes()
    path.write_text(json.dumps(json.loads(true)))  # the same values, laid out otherwise
    assert check(path, entries).problems == ("digest",)
    path.write_bytes(true)
    text = path.with_suffix(".txt")
    text.write_text(text.read_text().replace("R01", "R02"))
    assert check(path, entries).problems == ("text",)
    text.unlink()
    assert check(path, entries).problems == ("text-missing",)
    for rubbish in (b"", b"[]", b"null", b"{}", b"[" * 100_000, b'{"v": 2}', b"\xff"):
        path.write_bytes(rubbish)
        assert check(path, entries).problems == ("no-receipt",)


def test_missing_and_foreign_files(kept: tuple[Path, list[Entry]]) -> None:
    path, entries = kept
    path.rename(path.with_name("Kari Nordmann.json"))
    (path.parent / "X0009-R09.json").write_text("{}")
    found = check_all(path.parent, entries)
    assert [(item.name, item.problems) for item in found] == [
        ("X0001-R01", ("missing",)),
        ("X0009-R09", ("no-receipt",)),
    ]
    assert check(path.with_name("Kari Nordmann.json"), entries).name == "another file"


def test_every_problem_has_words() -> None:
    assert all(text for text in PROBLEMS.values())


# -- in a study


def test_a_run_issues_signed_receipts_that_verify(bench: Workbench) -> None:
    bench.record("P01.wav")
    bench.register(row())
    bench.run()
    (made,) = read_receipts(bench.study.receipts)
    assert made.signature and made.actor and made.study == bench.study.settings.id
    assert "name-gone" in made.erased.verified
    result = CliRunner().invoke(cli, ["audit", "receipt", "verify", str(bench.folder), "--json"])
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["receipts"][0]["sound"] is True


def tampered(path: Path) -> None:
    path.write_text(path.read_text().replace("delete-after-transcription", "keep-bleeped"))


@pytest.mark.parametrize("harm", [tampered, Path.unlink])
def test_the_command_finds_tampering(bench: Workbench, harm: Callable[[Path], None]) -> None:
    bench.record("P01.wav")
    bench.register(row())
    bench.run()
    path = bench.folder / "receipts" / "X0001-R01.json"
    harm(path)
    arguments = ["audit", "receipt", "verify", str(bench.folder)]
    result = CliRunner().invoke(cli, arguments)
    assert result.exit_code == 5 and "X0001" in result.output


def test_a_receipt_that_lies_elsewhere(bench: Workbench, tmp_path: Path) -> None:
    bench.record("P01.wav")
    bench.register(row())
    bench.run()
    copies = [
        shutil.copy(bench.folder / "receipts" / f"X0001-R01.{end}", tmp_path)
        for end in ("json", "txt")
    ]
    arguments = ["audit", "receipt", "verify", str(bench.folder), str(copies[0])]
    assert CliRunner().invoke(cli, arguments).exit_code == 0
    for name in ("X0001", "R01", "X0001-R01.txt"):  # or by what it is called in the study
        assert CliRunner().invoke(cli, [*arguments[:4], name]).exit_code == 0
    assert CliRunner().invoke(cli, [*arguments[:4], "X0002"]).exit_code == 5
    Path(copies[0]).write_text("{}")
    assert CliRunner().invoke(cli, arguments).exit_code == 5
