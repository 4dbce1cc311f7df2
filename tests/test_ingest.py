"""Recordings that are encrypted as they come in, read from memory, and deleted by their key."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path

import pyrage
import pytest

from anonpipe import (
    audit,
    backup,
    consent,
    consent_check,
    datakey,
    due,
    ingest,
    retention,
    withdrawal,
)
from anonpipe.audio.decode import probe
from anonpipe.errors import RecordingError, UsageError
from anonpipe.key import KeyTable
from anonpipe.outcome import exit_code
from anonpipe.plaintext import Plaintext, Readable
from anonpipe.receipt import Receipt
from anonpipe.session import Session
from anonpipe.transcript import Transcript
from tests.audio import sound
from tests.conftest import (
    TODAY,
    Call,
    StandInTranscriber,
    Workbench,
    make_workbench,
    row,
)
from tests.killing import killed_at_every_effect
from tests.scrub import planted

TONE = sound.encode(sound.sine(330, 12.0), "wav", tags={"title": planted.CANARY})
OTHER = sound.encode(sound.sine(440, 12.0), "wav")
SHORT = sound.encode(sound.sine(330, 0.5), "wav")
NOTE = "Ola Hansen came to Bergen. Kari Nordmann did not."


def take(bench: Workbench, *files: Path, **options: object) -> tuple[ingest.Taken, ...]:
    def work(session: Session) -> tuple[ingest.Taken, ...]:
        return ingest.ingest(session, files, **{"today": TODAY, **options})

    found = bench.open(work)
    assert isinstance(found, tuple)
    return found


def table(bench: Workbench) -> KeyTable:
    found = bench.open(lambda session: session.key.table)
    assert isinstance(found, KeyTable)
    return found


def content(bench: Workbench, name: str) -> bytes:
    """What an encrypted source holds, as any age program opens it."""
    item = table(bench).sources[name]
    identity = pyrage.x25519.Identity.from_str(item.data_key)
    data = bench.study.encrypted(item.kind, name).read_bytes()
    return pyrage.decrypt(data, [identity])


def actions(bench: Workbench) -> list[str]:
    log = audit.AuditLog(bench.study.log_file, bench.study.settings.id)
    return [entry.action for entry in log.entries() if entry.action != "signature"]


def names(bench: Workbench, top: str) -> list[str]:
    return sorted(path.name for path in (bench.folder / top).iterdir())


def receipt(bench: Workbench, name: str) -> Receipt:
    (file,) = (bench.folder / "receipts").glob(f"*-{name}.json")
    return Receipt.from_json(json.loads(file.read_text()))


def test_what_lies_in_the_study_gives_way_to_encrypted_files(bench: Workbench) -> None:
    bench.record(f"P01 {planted.CANARY}.wav", TONE)
    bench.note("P01 notes.txt", NOTE)
    bench.register(row())
    taken = take(bench)
    assert [(t.id, t.status, t.participants, t.left) for t in taken] == [
        ("R01", "taken", ("P01",), False),
        ("D01", "taken", ("P01",), False),
    ]
    assert names(bench, "recordings") == ["R01.age"] and names(bench, "documents") == ["D01.age"]
    heard = content(bench, "R01")
    assert probe(Plaintext("R01", heard)).duration == pytest.approx(12.0, abs=0.01)
    assert not planted.has_canary(heard) and NOTE.encode() in content(bench, "D01")
    for path in bench.folder.rglob("*"):
        assert planted.CANARY not in path.name
        assert not path.is_file() or not planted.has_canary(path.read_bytes())
    keys = {item.data_key for item in table(bench).sources.values()}
    assert len(keys) == 2 and None not in keys
    mode = (bench.folder / "recordings" / "R01.age").stat().st_mode
    assert mode & 0o777 == 0o600


_hear = StandInTranscriber.transcribe


def deaf_to_copies(self: StandInTranscriber, recording: Readable, **options: object) -> Transcript:
    """Hears no name in the copies that are kept."""
    heard = _hear(self, recording, **options)
    return replace(heard, turns=()) if recording.name.endswith(".tmp") else heard


def test_encrypted_files_give_the_same_outputs_and_go_by_their_key(
    bench: Workbench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = make_workbench(tmp_path / "plain")
    for study in (bench, plain):
        study.record("P01.wav", TONE)
        study.note("P01.txt", NOTE)
        study.record("P02.wav", OTHER)
        study.register(row(), row("P02", audio="keep-bleeped"))
        settings = study.folder / "study.toml"
        text = settings.read_text().replace('after = "keep"', 'after = "delete-after-coding"')
        settings.write_text(text)
    take(bench)
    seen = []

    def watched(self: object, recording: object, **options: object) -> object:
        assert isinstance(recording, Plaintext)
        seen.append(recording.name)
        if recording.name.startswith("R"):
            for path in tmp_path.rglob("*"):
                assert not path.is_file() or recording.data[-2000:] not in path.read_bytes()
        return deaf_to_copies(self, recording, **options)

    with monkeypatch.context() as patch:
        patch.setattr("tests.conftest.StandInTranscriber.transcribe", watched)
        outcomes = bench.run()
    assert seen == ["R01", "R02", ".anonpipe-P02-R02.tmp"]  # what is kept is listened to
    monkeypatch.setattr(StandInTranscriber, "transcribe", deaf_to_copies)
    assert plain.run() == outcomes
    assert [o.status for o in outcomes] == ["final"] * 3
    assert bench.outputs() == plain.outputs()
    assert names(bench, "recordings") == [] and names(bench, "documents") == []
    assert all(item.data_key is None for item in table(bench).sources.values())
    for name in ("R01", "R02", "D01"):
        assert receipt(bench, name).erased.methods[0] == "crypto-erase"
        assert "crypto-erase" not in receipt(plain, name).erased.methods


def test_a_receipt_names_what_could_still_open_the_file(bench: Workbench) -> None:
    bench.record("P01.wav", TONE)
    bench.register(row())
    before = len([a for a in actions(bench) if a == "key-saved"])
    take(bench)
    bench.run()
    log = audit.AuditLog(bench.study.log_file, bench.study.settings.id)
    saved = [str(e.details["key"]) for e in log.entries() if e.action == "key-saved"]
    done = receipt(bench, "R01")
    # From the version that got the data key to the one before the last, which lost it.
    assert done.key_generations == tuple(saved[before:-1]) and len(saved) - before >= 3
    assert done.key_backups == ()
    assert done.out_of_reach[:2] == ("key-generations", "before-sealing")
    assert not {"flash", "copy-on-write", "disk-unknown"} & set(done.out_of_reach)
    text = (bench.folder / "receipts" / "X0001-R01.txt").read_text()
    assert "Earlier generations of the key file" in text
    assert "Tidligere utgaver av nøkkelfilen" in text
    assert all(digest in text for digest in done.key_generations)
    assert done.erased.verified[0] == "key-entry-gone"
    order = actions(bench)
    assert order.index("written") < order.index("delete-intent")
    assert order.index("delete-intent") < order.index("data-key-destroyed")
    assert order.index("data-key-destroyed") < order.index("deleted")


def test_registered_copies_of_the_key_are_named(bench: Workbench, tmp_path: Path) -> None:
    stick = tmp_path / "stick"
    stick.mkdir()
    bench.open(lambda session: backup.make(session, stick))
    bench.record("P01.wav", TONE)
    bench.register(row())
    take(bench)
    bench.open(lambda session: backup.make(session, stick))
    bench.run()
    bench.open(lambda session: backup.make(session, stick))
    assert len(list(stick.iterdir())) == 3
    assert receipt(bench, "R01").key_backups == ("B02",)


def test_from_elsewhere_files_are_copied_or_moved(bench: Workbench, tmp_path: Path) -> None:
    card = tmp_path / "card"
    card.mkdir()
    stays, goes = card / "REC001.WAV", card / "REC002.WAV"
    stays.write_bytes(TONE)
    goes.write_bytes(OTHER)
    bench.register(row(recording="REC*"))
    (first,) = take(bench, stays)
    assert (first.id, first.left, stays.read_bytes()) == ("R01", True, TONE)
    (second,) = take(bench, goes, move=True)
    assert (second.id, second.left) == ("R02", False)
    assert list(card.iterdir()) == [stays]
    (again,) = take(bench, stays, move=True)
    assert (again.id, again.status, again.left) == ("R01", "already", False)
    assert list(card.iterdir()) == [] and names(bench, "recordings") == ["R01.age", "R02.age"]
    assert [o.status for o in bench.run()] == ["final"] * 2


def test_the_register_goes_on_to_name_files_by_what_they_were_called(bench: Workbench) -> None:
    bench.record("REC001.wav", TONE)
    bench.register(row(recording="REC0*", audio="delete-on:2027-01-01"))
    take(bench)
    (outcome,) = bench.run()
    assert (outcome.participants, outcome.status) == (("P01",), "waiting")
    bench.register(row(recording="something else"))
    assert [o.status for o in bench.run()] == ["refused"]
    assert names(bench, "recordings") == ["R01.age"]


def test_a_person_may_say_whose_it_is(bench: Workbench, tmp_path: Path) -> None:
    file = tmp_path / "Voice memo.wav"
    file.write_bytes(TONE)
    both = [row(code, audio="delete-on:2027-01-01") for code in ("P01", "P02")]
    bench.register(*both, row("P03", recording="Voice*"))
    (refused,) = take(bench, file, participants=["P01"])
    assert refused.status == "refused" and "P03's by the register" in refused.reason
    bench.register(*both)
    assert [t.exit_code for t in take(bench, file)] == [3]
    assert [t.exit_code for t in take(bench, file, participants=["P09"])] == [3]
    (taken,) = take(bench, file, participants=["P01", "P02"])
    assert taken.participants == ("P01", "P02")
    (outcome,) = bench.run()
    assert outcome.participants == ("P01", "P02") and outcome.reason == "2027-01-01"
    with pytest.raises(UsageError, match="--participant"):
        take(bench, participants=["P01"])


def test_consent_is_asked_before_anything_is_taken(bench: Workbench) -> None:
    files = [bench.record(name, TONE) for name in ("P01.wav", "P02.wav", "x.wav")]
    bench.register(row(consented=""), row("P02", withdrawn="2026-05-01"))
    saved = actions(bench).count("key-saved")
    assert [(t.status, t.exit_code) for t in take(bench)] == [("refused", 3)] * 3
    assert [path.read_bytes() for path in files] == [TONE] * 3
    assert actions(bench).count("key-saved") == saved and not table(bench).sources


def test_one_that_fails_does_not_stop_the_others(bench: Workbench, tmp_path: Path) -> None:
    bad = bench.record("P01 a.wav", b"no sound")
    bench.record("P01 b.wav", TONE)
    link = bench.folder / "recordings" / "P01 c.wav"
    link.symlink_to(bad)
    twice = bench.record("P01 d.wav", OTHER)
    (tmp_path / "second").hardlink_to(twice)
    bench.record("P01 e.age", b"age-encryption.org/v1\n")
    bench.register(row())
    taken = take(bench)
    assert [t.status for t in taken] == ["failed", "taken", "failed", "failed", "failed"]
    assert ingest.exit_code(taken) == 1
    assert bad.exists() and link.is_symlink() and twice.read_bytes() == OTHER
    with pytest.raises(UsageError, match="a folder"):
        take(bench, tmp_path)
    with pytest.raises(UsageError, match="not in recordings"):
        take(bench, bench.folder / "consent.csv")


def test_a_processed_file_may_be_encrypted_later(bench: Workbench) -> None:
    bench.record("P01.wav", TONE)
    bench.register(row(audio="delete-on:2027-01-01"))
    bench.run()
    before = bench.outputs()
    (taken,) = take(bench)
    assert taken.id == "R01" and names(bench, "recordings") == ["R01.age"]
    assert [(o.id, o.status) for o in bench.run()] == [("R01", "waiting")]
    assert bench.outputs() == before and actions(bench).count("transcribed") == 1
    bench.run(again="R01")
    (outcome,) = bench.run(today=date(2027, 2, 1))
    assert outcome.deleted and names(bench, "recordings") == []


def test_encrypted_files_are_known_without_the_key(bench: Workbench) -> None:
    """The register is compared, and dates are told, by state.json and the log alone."""
    rows = (row("P01", recording="REC*", audio="delete-on:2026-07-01"), row("P02"))
    bench.register(*rows)
    bench.record("REC1.wav", TONE)
    take(bench)
    register = consent.load(bench.study.consent_file)

    def found() -> list[tuple[str, str]]:
        log = audit.AuditLog(bench.study.log_file, bench.study.settings.id)
        state = bench.study.read_state()
        checked = consent_check.check(bench.study, register, state, log, TODAY)
        return [(f.kind, f.file) for f in checked if f.is_wrong]

    def dates() -> list[tuple[str | None, tuple[str, ...], str]]:
        items = due.due(bench.study, register, bench.study.read_state(), TODAY)
        return [(item.source, item.participants, str(item.on)) for item in items]

    assert found() == [] and dates() == [("R01", ("P01",), "2026-07-01")]
    bench.record("REC2.wav", OTHER)
    assert found() == []
    assert dates() == [("R01", ("P01",), "2026-07-01"), (None, ("P01",), "2026-07-01")]
    bench.run()
    after = datetime(2026, 7, 1, tzinfo=UTC)
    result = bench.open(lambda session: retention.run(session, after))
    assert isinstance(result, retention.Result) and result.exit_code == 0
    assert names(bench, "recordings") == []
    assert receipt(bench, "R01").erased.methods[0] == "crypto-erase"
    assert "crypto-erase" not in receipt(bench, "R02").erased.methods


def test_what_was_taken_or_deleted_is_known_again(bench: Workbench, tmp_path: Path) -> None:
    bench.register(row())
    bench.record("P01.wav", TONE)
    take(bench)
    sealed = (bench.folder / "recordings" / "R01.age").read_bytes()
    copy = bench.record("P01 again.wav", TONE)
    (outcome,) = [o for o in bench.run() if o.status == "failed"]
    assert "as R01" in outcome.reason and "anonpipe ingest" in outcome.reason and copy.exists()
    outside = tmp_path / "P01.wav"
    outside.write_bytes(TONE)
    (refused,) = take(bench, outside)
    assert refused.exit_code == 3 and "copy of R01, which was deleted" in refused.reason
    assert [t.status for t in take(bench)] == ["refused"]
    assert [o.status for o in bench.run()] == ["final"] and not copy.exists()
    # A copy of the encrypted file from a backup cannot be read any more, and goes again.
    (bench.folder / "recordings" / "R01.age").write_bytes(sealed)
    (outcome,) = bench.run()
    assert outcome.status == "final" and names(bench, "recordings") == []


def test_a_plain_file_of_the_same_name_is_another_recording(bench: Workbench) -> None:
    bench.register(row(recording="REC*", audio="delete-on:2027-01-01"))
    bench.record("REC001.wav", TONE)
    take(bench)
    bench.record("REC001.wav", OTHER)
    assert [(o.id, o.status) for o in bench.run()] == [("R01", "waiting"), ("R02", "waiting")]
    assert [t.id for t in take(bench)] == ["R02"]
    assert names(bench, "recordings") == ["R01.age", "R02.age"]


def test_files_that_are_not_the_ones_that_were_encrypted_are_refused(bench: Workbench) -> None:
    bench.record("P01.wav", TONE)
    bench.record("P02.wav", OTHER)
    bench.register(row(), row("P02"))
    take(bench)
    one, two = (bench.folder / "recordings" / f"R0{n}.age" for n in (1, 2))
    first, second = one.read_bytes(), two.read_bytes()
    one.write_bytes(second)
    two.write_bytes(second[:-1])
    reasons = [o.reason for o in bench.run()]
    assert ["is damaged, or not the file" in reason for reason in reasons] == [True, True]
    for begin in (b"age-encryption.org/v1\n-> scrypt", b"something else"):
        one.write_bytes(begin + first)
        assert bench.run()[0].status == "failed"
    stranger = pyrage.x25519.Identity.generate()
    one.write_bytes(pyrage.encrypt(TONE, [stranger.to_public()]))
    assert bench.run()[0].status == "failed" and not bench.outputs()


def test_without_a_data_key_a_file_cannot_be_read(bench: Workbench, tmp_path: Path) -> None:
    path = tmp_path / "R01.age"
    path.write_bytes(datakey.encrypt(b"sound", datakey.new()))
    with pytest.raises(RecordingError, match="does not hold its data key"):
        datakey.decrypt(path, None)


# -- killed


@dataclass
class Again:
    """A study that is put back to where it was, files outside it included."""

    bench: Workbench
    files: list[Path]
    work: Callable[[], object]

    def __post_init__(self) -> None:
        self.top = self.bench.folder.parent
        shutil.copytree(self.top, f"{self.top}.saved")

    def back(self) -> None:
        shutil.rmtree(self.top)
        shutil.copytree(f"{self.top}.saved", self.top)


def a_study(top: Path, *, inside: bool = True) -> Again:
    bench = make_workbench(top)
    bench.register(row())
    folders = ["recordings", "documents"] if inside else ["../card"] * 2
    files = [
        bench.folder / folder / name
        for folder, name in zip(folders, ("P01.wav", "P01.txt"), strict=True)
    ]
    for file, data in zip(files, (SHORT, NOTE.encode()), strict=True):
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(data)
    given = () if inside else files
    return Again(bench, files, lambda: take(bench, *given, move=not inside))


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is killed here is Python alone: the system loses nothing that was not synced."""
    monkeypatch.setattr(os, "fsync", lambda _: None)


@pytest.mark.usefixtures("bench", "quick")
@pytest.mark.parametrize("inside", [True, False])
def test_killed_anywhere_taking_leaves_one_that_can_be_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, every: bool, inside: bool
) -> None:
    again = a_study(tmp_path / "again", inside=inside)
    study = again.bench

    def prepare() -> Callable[[], object]:
        again.back()
        return again.work

    def check() -> None:
        for file, name in zip(again.files, ("R01", "D01"), strict=True):
            if not file.exists():
                log = audit.AuditLog(study.study.log_file, study.study.settings.id)
                assert datakey.custody(log, name).sealed
                assert content(study, name)
        for name, item in table(study).sources.items():  # never a file that nothing can open
            if study.study.encrypted(item.kind, name).exists():
                assert content(study, name)
        for each, name in zip(again.work(), ("R01", "D01"), strict=False):
            gone = each.reason.startswith(f"There is no file {each.path} ({name} came in")
            assert gone if each.reason else each.status in ("taken", "already")
        left = [p for file in again.files for p in file.parent.iterdir() if p.suffix != ".age"]
        assert left == []
        assert names(study, "recordings") == ["R01.age"]
        assert names(study, "documents") == ["D01.age"]
        assert actions(study).count("plain-deleted") == 2

    assert killed_at_every_effect(prepare, check, monkeypatch, every=every) > 20


@pytest.mark.usefixtures("bench", "quick")
def test_killed_anywhere_a_run_loses_nothing_unfinished(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, every: bool
) -> None:
    bench = make_workbench(tmp_path / "again")
    bench.register(row())
    bench.record("P01.wav", SHORT)
    take(bench)
    again = Again(bench, [], bench.run)
    bench.run()
    undisturbed = bench.outputs()

    def prepare() -> Callable[[], object]:
        again.back()
        return bench.run

    def check() -> None:
        if table(bench).sources["R01"].data_key is None:  # then everything was verified
            assert bench.outputs() == undisturbed
        else:
            assert content(bench, "R01")
        bench.run()
        assert bench.outputs() == undisturbed and names(bench, "recordings") == []
        assert receipt(bench, "R01").erased.methods[0] == "crypto-erase"
        assert actions(bench).count("data-key-destroyed") == 1

    assert killed_at_every_effect(prepare, check, monkeypatch, every=every) > 20


@pytest.mark.usefixtures("bench", "quick")
def test_a_file_whose_encryption_was_interrupted_can_be_processed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, every: bool
) -> None:
    again = a_study(tmp_path / "again")
    study = again.bench

    def prepare() -> Callable[[], object]:
        again.back()
        return again.work

    def check() -> None:
        encrypted = "R01.age" in names(study, "recordings")
        for outcome in study.run():
            assert outcome.status == "final" or "anonpipe ingest" in outcome.reason
        take(study)
        assert all(outcome.status == "final" for outcome in study.run())
        assert names(study, "recordings") == []
        assert ("crypto-erase" in receipt(study, "R01").erased.methods) == encrypted

    assert killed_at_every_effect(prepare, check, monkeypatch, every=every) > 20


# -- no trace of what files were called, or said of themselves


@pytest.mark.parametrize("sealed", [False, True])
def test_nothing_that_is_written_holds_metadata_or_the_file_name(
    bench: Workbench, monkeypatch: pytest.MonkeyPatch, sealed: bool
) -> None:
    monkeypatch.setattr(StandInTranscriber, "transcribe", deaf_to_copies)
    bench.record(f"P01 {planted.CANARY}.wav", planted.riff(TONE))
    (bench.folder / "documents" / f"P01 {planted.CANARY}.docx").write_bytes(planted.docx())
    bench.register(row(audio="keep-bleeped"))
    settings = bench.folder / "study.toml"
    text = settings.read_text().replace('after = "keep"', 'after = "delete-after-coding"')
    settings.write_text(text)
    if sealed:
        take(bench)
    assert [o.status for o in bench.run()] == ["final"] * 2
    files = [path for path in bench.folder.rglob("*") if path.is_file()]
    assert {path.suffix for path in files} >= {".docx", ".vtt", ".json", ".txt", ".flac", ".jsonl"}
    for path in files:
        assert planted.CANARY not in str(path)
        assert not planted.has_canary(unpacked(path)), path


def unpacked(path: Path) -> bytes:
    import zipfile

    if path.suffix != ".docx":
        return path.read_bytes()
    with zipfile.ZipFile(path) as package:
        return path.read_bytes() + b"".join(package.read(part) for part in package.namelist())


def test_run_names_no_file_of_a_batch(bench: Workbench) -> None:
    bench.record("P01.wav", TONE)
    bench.register(row())
    take(bench)
    events = bench.events()
    assert {event.id for event in events if event.id} == {"R01"}
    assert exit_code(tuple(e.values["outcome"] for e in events if e.kind == "outcome")) == 0


# -- withdrawn


def withdraw(bench: Workbench) -> None:
    def work(session: Session) -> None:
        withdrawal.prepare(session, TODAY)
        planned = withdrawal.plan(session, "P01", on=None, today=TODAY, also=("none",))
        withdrawal.withdraw(session, planned)

    bench.open(work)


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("processed", [True, pytest.param(False, marks=pytest.mark.long)])
def test_a_withdrawal_takes_encrypted_files_and_their_data_keys(
    bench: Workbench, monkeypatch: pytest.MonkeyPatch, processed: bool
) -> None:
    bench.register(row("P01", audio="delete-on:2027-01-01"), row("P02"))
    bench.record("P01.wav", SHORT)
    take(bench)
    voice = bench.folder.parent / "voice.wav"
    voice.write_bytes(OTHER)
    take(bench, voice, participants=["P01"], move=True)
    note = bench.note("P02.txt", NOTE)
    take(bench)
    assert not note.exists()
    if processed:
        bench.run()
    again = Again(bench, [], lambda: withdraw(bench))

    def prepare() -> Callable[[], object]:
        again.back()
        return again.work

    def check() -> None:
        withdraw(bench)
        assert names(bench, "recordings") == [] and names(bench, "documents") == ["D01.age"]
        found = table(bench).sources
        assert found["R01"].data_key is None and found["R02"].data_key is None
        assert content(bench, "D01")
        for name in ("R01", "R02"):
            methods = receipt(bench, name).erased.methods
            assert methods[0] == "crypto-erase" and receipt(bench, name).key_generations
        assert actions(bench).count("data-key-destroyed") == 2
        left = withdrawal.status(bench.study, "P01", TODAY)
        assert left.complete, left

    # Killed at every effect only where there is nothing else to withdraw.
    assert {thing.kind for thing in withdrawal.status(bench.study, "P01", TODAY).left} >= {"file"}
    check()
    if not processed:
        assert killed_at_every_effect(prepare, check, monkeypatch) > 40


def test_what_is_printed_as_json_names_no_file(bench: Workbench, call: Call) -> None:
    bench.record("P01 Kari Nordmann.wav", OTHER)
    bench.note("Ola Hansen.txt", NOTE)
    bench.register(row())
    code, out, err = call("ingest", bench.folder, "--json")
    first, second = map(json.loads, out.splitlines())
    assert (code, first["id"], first["status"], second["exit_code"]) == (3, "R01", "taken", 3)
    assert not [name for name in ("Kari", "Ola", ".wav", ".txt") if name in out]
    assert "Ola Hansen.txt" in err  # for whoever sits there
