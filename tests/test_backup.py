"""Backups of the key, opening it for a reason, and a key that is away, old or in use."""

from __future__ import annotations

import errno
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from anonpipe import audit, backup, files
from anonpipe.custody import entity_id
from anonpipe.errors import AuditError, UsageError, VaultError
from anonpipe.session import open_log, session
from anonpipe.settings import Person
from tests.conftest import Call, StandInTranscriber, Workbench, make_workbench, row
from tests.killing import killed_at_every_effect

KARI = Person("Kari Nordmann", participant="P01")
OTHERS = (Person("Ola Hansen"), Person("Bergen", "LOCATION"))


def named(bench: Workbench) -> Workbench:
    bench.open(lambda s: s.key.save(s.key.table.with_people([KARI, *OTHERS])))
    return bench


def back_up(bench: Workbench, destination: Path) -> backup.Made:
    made = bench.open(lambda s: backup.make(s, destination))
    assert isinstance(made, backup.Made)
    return made


@pytest.fixture
def vaulted(bench: Workbench, tmp_path: Path) -> Path:
    """A place for backups."""
    named(bench)
    folder = tmp_path / "vault"
    folder.mkdir()
    return folder


# -- making and finding them


def test_a_backup_is_the_key_and_lists_itself(bench: Workbench, vaulted: Path) -> None:
    made = back_up(bench, vaulted)
    assert made.id == "B01" and made.path == vaulted / "study.B01.key.age"
    assert made.path.read_bytes() == bench.key.read_bytes()
    assert made.path.stat().st_mode & 0o777 == 0o600
    assert back_up(bench, vaulted / "second.age").id == "B02"
    with session(bench.study, [bench.identity], lambda _: None) as opened:
        paths = [item.path for item in opened.key.table.backups]
    assert paths == [str(vaulted / "study.B01.key.age"), str(vaulted / "second.age")]
    # The copy is a key like any other: put in the key's place, it opens if it is the last version.
    shutil.copy(vaulted / "second.age", bench.key)
    bench.open(lambda s: None)
    shutil.copy(made.path, bench.key)
    with pytest.raises(VaultError, match="replaced or is older") as caught:
        bench.open(lambda s: None)
    assert caught.value.exit_code == 4


def test_status_lists_backups_without_the_key_and_without_names(
    bench: Workbench, vaulted: Path, call: Call
) -> None:
    bench.register(row("P01", review="yes"))
    bench.record("P01.wav")
    made = back_up(bench, vaulted)
    bench.run()
    other = back_up(bench, vaulted / "other.age")
    away = bench.identity.rename(vaulted / "student.identity")
    code, out, _ = call("key", "status", bench.folder, "--json")
    status = json.loads(out)
    assert code == 0 and status["found"] == []
    assert "vault" not in out and "Kari" not in out
    first, second = status["backups"]
    assert (first["id"], second["id"], first["mode"]) == ("B01", "B02", "0600")
    assert first["behind"] > 0 == second["behind"] and first["whole"]
    assert first["digest"] == files.sha256(made.path) and first["device"] and first["filesystem"]
    assert status["on_study_device"] in (True, False) and status["device"]

    other.path.write_bytes(b"something else")
    made.path.unlink()
    code, out, _ = call("key", "status", bench.folder, "--json", "--identity", away)
    assert code == 0
    assert [(item["id"], item["presence"]) for item in json.loads(out)["found"]] == [
        ("B01", "missing"),
        ("B02", "changed"),
    ]
    code, out, _ = call("key", "status", bench.folder)
    assert code == 0 and "B01" in out and "behind" in out and "vault" not in out


def test_places_where_no_backup_may_lie(bench: Workbench, vaulted: Path, tmp_path: Path) -> None:
    there = vaulted / "there.age"
    there.write_bytes(b"x")
    before = bench.key.read_bytes()
    for place, says in [
        (bench.folder / "sealed", "inside the study"),
        (bench.folder / "k.age", "inside the study"),
        (bench.folder.parent, "right beside the study"),
        (bench.key.parent, "beside the key"),
        (bench.key.parent / "copy.age", "beside the key"),
        (there, "exists already"),
        (tmp_path / "unplugged" / "k.age", "connect its disk"),
    ]:
        (bench.folder / "sealed").mkdir(exist_ok=True)
        with pytest.raises(UsageError, match=says):
            back_up(bench, place)
    assert bench.key.read_bytes() == before and there.read_bytes() == b"x"
    assert not backup.listed(open_log(bench.study))


def test_a_backup_that_cannot_be_written_stays_registered(
    bench: Workbench, vaulted: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A part of it may be on that disk."""
    original = backup.write_durably

    def full(path: Path, *args: object, **options: object) -> None:
        assert path.parent == vaulted
        raise VaultError(f"{path} cannot be written: the disk is full.")

    monkeypatch.setattr(backup, "write_durably", full)
    with pytest.raises(VaultError, match="disk is full"):
        back_up(bench, vaulted)
    monkeypatch.setattr(backup, "write_durably", original)
    (known,) = backup.listed(open_log(bench.study))
    assert known.id == "B01" and not known.whole and known.mode == ""
    assert back_up(bench, vaulted).id == "B02"


def test_no_copy_is_unknown_to_the_key_wherever_it_was_killed(
    bench: Workbench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, every: bool
) -> None:
    benches: list[tuple[Workbench, Path]] = []

    def prepare() -> Callable[[], object]:
        top = tmp_path / str(len(benches))
        one = make_workbench(top)
        (top / "vault").mkdir()
        benches.append((one, top / "vault"))
        return lambda: back_up(one, top / "vault")

    def check() -> None:
        one, folder = benches[-1]
        with session(one.study, [one.identity], lambda _: None) as opened:
            known = {item.path for item in opened.key.table.backups}
            found = backup.look(opened)
        assert {str(path) for path in folder.iterdir()} <= known
        assert all(item.presence in ("unchanged", "missing") for item in found)

    assert killed_at_every_effect(prepare, check, monkeypatch, every=every) > 6


def test_what_a_killed_copy_left_behind_is_removed(bench: Workbench, vaulted: Path) -> None:
    """A temporary file beside a copy is a copy, too."""
    back_up(bench, vaulted)
    left = vaulted / ".anonpipe-0123456789abcdef.tmp"
    left.write_bytes(bench.key.read_bytes())
    bench.open(backup.look)
    assert [path.name for path in vaulted.iterdir()] == ["study.B01.key.age"]
    left.write_bytes(bench.key.read_bytes())
    back_up(bench, vaulted)
    assert not left.exists()


# -- opening it for a reason


@pytest.mark.parametrize(
    ("code", "entity"),
    [
        ("P01", "P01"),
        ("p01", "P01"),
        ("[Person 3]", "PERSON-3"),
        ("PERSON-3", "PERSON-3"),
        ("person-3", "PERSON-3"),
        ("Person 3", "PERSON-3"),
        ("[Sted 2]", "LOCATION-2"),
        ("[Place  2]", "LOCATION-2"),
        ("[ID-nummer 1]", "NATIONAL_ID-1"),
        ("Kari Nordmann", None),
        ("[Person 3] and [Person 4]", None),
        ("PERSON-0", None),
        ("", None),
    ],
)
def test_codes_as_people_write_them(code: str, entity: str | None) -> None:
    assert entity_id(code) == entity


def test_codes_of_a_template_of_the_studys_own() -> None:
    assert entity_id("<<Person_3>>", "<<{label}_{number}>>") == "PERSON-3"


def test_reveal_shows_one_entity_and_logs_which(bench: Workbench, call: Call) -> None:
    named(bench)
    code, out, err = call("key", "reveal", bench.folder, "[Person 1]", "--reason", "correction")
    assert (code, err) == (0, "") and "Ola Hansen" in out and "Kari" not in out
    code, out, _ = call("key", "reveal", bench.folder, "P01", "--reason", "participant-request")
    assert code == 0 and "Kari Nordmann" in out and "Ola" not in out
    code, out, err = call("key", "reveal", bench.folder, "PERSON-9", "--reason", "audit")
    assert (code, out) == (2, "") and "stands for nobody" in err
    code, out, err = call("key", "reveal", bench.folder, "Ola Hansen", "--reason", "audit")
    assert (code, out) == (2, "") and "no code" in err and "Ola" not in err
    assert call("key", "reveal", bench.folder, "P01")[0] == 2
    assert call("key", "reveal", bench.folder, "P01", "--reason", "curiosity")[0] == 2
    opened = [e for e in open_log(bench.study).entries() if e.action == "key-opened"]
    assert [(e.subject, e.details["act"], e.details["reason"]) for e in opened] == [
        ("PERSON-1", "reveal", "correction"),
        ("P01", "reveal", "participant-request"),
        ("PERSON-9", "reveal", "audit"),
    ]
    assert {e.details["role"] for e in opened} == {"student"}


@pytest.mark.parametrize("act", ["show", "export", "reveal"])
def test_nothing_is_shown_that_cannot_be_logged(
    bench: Workbench, tmp_path: Path, call: Call, monkeypatch: pytest.MonkeyPatch, act: str
) -> None:
    named(bench)
    target = tmp_path / "names.csv"
    more = {"show": (), "export": ("--to", target), "reveal": ("P01",)}[act]
    before = (bench.folder / "audit.jsonl").read_bytes()

    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "full")

    with monkeypatch.context() as patch:
        patch.setattr(audit, "write_all", full)
        code, out, err = call("key", act, bench.folder, *more, "--reason", "analysis")
    assert (code, out) == (5, "") and "disk is full" in err and "Nordmann" not in err
    assert not target.exists()
    assert (bench.folder / "audit.jsonl").read_bytes() == before
    code, _, _ = call("key", act, bench.folder, *more, "--reason", "other-coded")
    assert code == 0


# -- a key that is away, old, or in use


def test_a_key_on_a_stick_that_is_not_connected(bench: Workbench, call: Call) -> None:
    named(bench)
    bench.register(row("P01"))
    recording = bench.record("P01.wav")
    stick = bench.key.parent
    away = stick.rename(stick.with_name("pocket"))
    identity = away / bench.identity.name
    before = {path: path.read_bytes() for path in bench.folder.rglob("*") if path.is_file()}
    for command in (
        ("run", bench.folder, "--identity", identity),
        ("key", "show", bench.folder, "--reason", "audit", "--identity", identity),
        ("key", "recipients", "remove", bench.folder, "student", "--identity", identity),
        ("key", "backup", bench.folder, away, "--identity", identity),
        ("key", "status", bench.folder),
    ):
        code, out, err = call(*command)
        assert code == 4 and "connect its disk" in (out + err).replace("\n", " "), command
    assert {p: p.read_bytes() for p in bench.folder.rglob("*") if p.is_file()} == before
    assert recording.exists()
    away.rename(stick)
    assert [outcome.status for outcome in bench.run()] == ["final"]


def test_a_stick_that_is_pulled_out_in_the_middle(
    bench: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.register(row("P01"))
    recording = bench.record("P01.wav")
    stick, pocket = bench.key.parent, bench.key.parent.with_name("pocket")
    original = StandInTranscriber.transcribe

    def pull(self: StandInTranscriber, path: Path, **options: object) -> object:
        stick.rename(pocket)
        return original(self, path, **options)

    monkeypatch.setattr(StandInTranscriber, "transcribe", pull)
    with pytest.raises(VaultError, match=r"does not exist|connect its disk"):
        bench.run()
    monkeypatch.setattr(StandInTranscriber, "transcribe", original)
    assert recording.exists() and not list((bench.folder / "transcripts").glob("*"))
    pocket.rename(stick)
    assert [outcome.status for outcome in bench.run()] == ["final"]
    assert not recording.exists()


def test_a_stick_that_is_read_only(
    bench: Workbench, call: Call, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """It can be read; what would change the key is refused, and nothing is lost."""
    named(bench)
    bench.register(row("P01"))
    recording = bench.record("P01.wav")
    (tmp_path / "vault").mkdir()
    before = bench.key.read_bytes()
    original = os.open

    def read_only(path: object, flags: int, *args: int, **options: int) -> int:
        if flags & (os.O_WRONLY | os.O_RDWR) and str(path).startswith(str(bench.key.parent)):
            raise OSError(errno.EROFS, "read-only")
        return original(path, flags, *args, **options)

    with monkeypatch.context() as patch:
        patch.setattr(os, "open", read_only)
        code, out, _ = call("key", "show", bench.folder, "--reason", "audit")
        assert code == 0 and "Kari Nordmann" in out
        for command in (("run",), ("key", "backup")):
            more = (tmp_path / "vault",) if command[0] == "key" else ()
            code, _, err = call(*command, bench.folder, *more)
            assert code == 4 and "read-only" in err
    assert bench.key.read_bytes() == before and recording.exists()
    assert not list((tmp_path / "vault").iterdir())
    assert [outcome.status for outcome in bench.run()] == ["final"]


def test_a_second_anonpipe_waits_and_is_turned_away(bench: Workbench, vaulted: Path) -> None:
    with session(bench.study, [bench.identity], lambda _: None):
        program = (
            "import sys; from pathlib import Path\n"
            "from anonpipe import session as s; from anonpipe.study import load\n"
            "import functools, anonpipe.files as f\n"
            "s.lock = functools.partial(f.lock, wait=0.2)\n"
            "from anonpipe.cli import main; main()"
        )
        done = subprocess.run(
            [sys.executable, "-c", program, "key", "backup", bench.folder, vaulted],
            capture_output=True,
            text=True,
        )
    assert done.returncode == 2 and "another anonpipe" in done.stderr
    assert not list(vaulted.iterdir())


def test_two_at_once_on_the_key_lose_nothing(bench: Workbench, vaulted: Path) -> None:
    commands = [["key", "backup", bench.folder, vaulted / f"{n}.age"] for n in (1, 2)]
    running = [
        subprocess.Popen([sys.executable, "-c", "from anonpipe.cli import main; main()", *command])
        for command in commands
    ]
    assert [process.wait(60) for process in running] == [0, 0]
    with session(bench.study, [bench.identity], lambda _: None) as opened:
        known = {item.id: item.path for item in opened.key.table.backups}
        assert {item.presence for item in backup.look(opened)} == {"unchanged"}
    assert sorted(known) == ["B01", "B02"]
    assert sorted(known.values()) == [str(vaulted / "1.age"), str(vaulted / "2.age")]


def test_a_log_that_fails_before_the_copy_leaves_no_copy(
    bench: Workbench, vaulted: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = audit.AuditLog.append

    def fail(self: audit.AuditLog, action: str, **details: object) -> str:
        if action == backup.ACTION:
            raise AuditError("The log is full.")
        return original(self, action, **details)  # type: ignore[arg-type]

    monkeypatch.setattr(audit.AuditLog, "append", fail)
    with pytest.raises(AuditError):
        back_up(bench, vaulted)
    assert not list(vaulted.iterdir())
    monkeypatch.undo()
    assert back_up(bench, vaulted).id == "B02"
