"""The command line as its users type it: exit codes, sentences, JSON."""

from __future__ import annotations

import errno
import json
import os
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from anonpipe import outputs
from tests.audio import sound
from tests.conftest import Call, Workbench, row


def test_help_is_quick_and_imports_nothing_heavy() -> None:
    script = (
        "import sys, anonpipe.cli as c\n"
        "sys.argv = ['anonpipe', '--help']\n"
        "try: c.main()\n"
        "except SystemExit: pass\n"
        "heavy = {'spacy', 'presidio_analyzer', 'torch', 'ctranslate2', 'numpy', 'av', 'docx', "
        "'rich', 'rapidfuzz', 'pyrage', 'cryptography', 'anonpipe.codes', 'anonpipe.detect'}\n"
        "print(heavy & set(sys.modules), file=sys.stderr)"
    )

    def spent() -> float:
        """Processor time of processes that were waited for: others may keep this one waiting."""
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        return used.ru_utime + used.ru_stime

    took = []
    for _ in range(3):
        start = spent()
        done = subprocess.run(
            [sys.executable, "-c", script], capture_output=True, text=True, check=True
        )
        took.append(spent() - start)
    assert done.stderr.strip() == "set()"
    assert "init" in done.stdout and "transcribe" in done.stdout
    # 0.3 s on a machine of its own; test machines are shared.
    assert min(took) < 0.6


def test_init_run_and_look(call: Call, tmp_path: Path, bench: Workbench) -> None:
    """The whole life of a study in words, on a study made by the command itself."""
    folder = tmp_path / "mine"
    code, out, err = call("init", folder, "--language", "en", "--no-passphrase")
    assert code == 0, err
    key = tmp_path / "home" / "anonpipe-keys" / "mine" / "mine.key.age"
    assert key.exists() and str(key) in out.replace("\n", "")
    assert "student" in out and "supervisor" in out and "Only one identity" not in out
    (folder / "recordings" / "P01.wav").write_bytes(b"sound")
    register = (folder / "consent.csv").read_text() + row(audio="delete-after-review") + "\n"
    (folder / "consent.csv").write_text(register)

    code, out, err = call("run", folder, "--dry-run")
    assert code == 0 and "planned" in out and "nothing was changed" in out
    code, out, err = call("run", folder)
    assert code == 0 and "R01" in out and "kept until reviewed" in out
    code, out, err = call("review", folder, "--list")
    assert code == 0 and "R01" in out and "review" in out
    code, out, err = call("review", folder, "--list", "--json")
    assert json.loads(out)[0]["waits_for"] == "review"
    code, out, err = call("review", folder, "--approve", "R01")
    assert code == 0 and "gone, receipt written" in out
    assert not (folder / "recordings" / "P01.wav").exists()

    code, out, err = call("key", "status", folder, "--json")
    assert code == 0 and json.loads(out)["sound"] and "Kari" not in out
    code, out, err = call("key", "show", folder, "--reason", "analysis")
    assert code == 0 and "PERSON-1" in out and "Kari Nordmann" in out
    target = tmp_path / "key.csv"
    code, out, err = call("key", "export", folder, "--reason", "audit", "--to", target)
    assert code == 0 and "Kari Nordmann" in target.read_text(encoding="utf-8-sig")
    assert target.stat().st_mode & 0o077 == 0
    code, out, err = call("key", "export", folder, "--reason", "audit", "--to", folder / "k.csv")
    assert code == 2 and "inside the study" in err
    code, out, err = call("audit", "show", folder, "--json")
    entries = [json.loads(line) for line in out.splitlines()]
    opened = [e["details"] for e in entries if e["action"] == "key-opened"]
    assert [(d["act"], d["reason"]) for d in opened] == [("show", "analysis"), ("export", "audit")]
    code, out, err = call("audit", "verify", folder)
    assert code == 0 and out.startswith("CONSISTENT ")
    code, out, err = call("init", folder)
    assert code == 2 and "is a study already" in err


def test_json_run_prints_events_and_no_names(call: Call, bench: Workbench) -> None:
    bench.record("P01 Kari Nordmann.wav")
    bench.register(row())
    code, out, err = call("run", bench.folder, "--json", "--identity", bench.identity)
    assert code == 0, err
    events = [json.loads(line) for line in out.splitlines()]
    assert [e["event"] for e in events] == ["stage"] * 4 + ["outcome", "summary"]
    assert {e.get("source") for e in events[:-1]} == {"R01"} and events[-1]["final"] == 1
    assert "Kari" not in out + err


def test_a_name_that_is_left_is_exit_code_1_and_no_name_is_told(
    call: Call, bench: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.record("P01.wav")
    bench.register(row())
    replace = outputs.replace_mentions
    monkeypatch.setattr(
        outputs, "replace_mentions", lambda t, m, *a, **k: replace(t, m[1:], *a, **k)
    )
    code, out, err = call("run", bench.folder, "--json", "--identity", bench.identity)
    assert code == 1 and "PERSON-1 in transcripts/P01-R01.txt line 5" in err
    events = {e["event"]: e for e in map(json.loads, out.splitlines())}
    assert events["name-left"]["hits"][0] == {
        "output": "transcripts/P01-R01.txt",
        "line": 5,
        "type": "PERSON",
        "code": "PERSON-1",
        "turn": None,
    }
    assert events["outcome"]["reason"] == "name-left" and events["summary"]["failed"] == 1
    assert "Kari" not in out + err
    code, out, err = call("review", bench.folder, "--list")
    assert code == 0 and "name-left" in out
    code, out, err = call("review", bench.folder, "--approve", "R01", "--identity", bench.identity)
    assert code == 0, err


@pytest.mark.parametrize(
    ("prepare", "code", "sentence"),
    [
        (lambda b: b.register(row(consented="")), 3, "has not consented"),
        (lambda b: b.register(row(consented="14/03/26")), 2, "row 2, column consented_on"),
        (lambda b: (b.folder / "consent.csv").unlink(), 2, "consent.csv is missing"),
        (lambda b: (b.folder / "study.toml").write_text("[study"), 2, "study.toml is not valid"),
        (lambda b: (b.folder / "study.toml").write_text("[x]"), 2, "no such setting"),
        (lambda b: b.record("P01.wav", b""), 1, "P01.wav is empty"),
        (lambda b: b.key.unlink(), 4, "key"),
        (lambda b: b.key.write_bytes(b"no key"), 4, "replaced or is older"),
        (lambda b: b.key.chmod(0o644), 4, "chmod 600"),
        (lambda b: (b.folder / "audit.jsonl").unlink(), 5, "audit.jsonl is missing"),
        (lambda b: (b.folder / "audit.jsonl").write_text("{}\n"), 5, "line 1"),
        (lambda b: b.identity.unlink(), 2, "--identity"),
        (lambda b: b.identity.write_text("nothing"), 4, "identity"),
        (lambda b: (b.folder / "state.json").write_text("{"), 2, "state.json is damaged"),
    ],
)
def test_bad_input_is_one_sentence_and_the_right_code(
    call: Call, bench: Workbench, prepare: Callable[[Workbench], object], code: int, sentence: str
) -> None:
    original = bench.record("P01.wav")
    bench.register(row())
    prepare(bench)
    before = original.read_bytes()
    found, _, err = call("run", bench.folder)
    assert (found, err.count("\n")) == (code, 1), err
    assert sentence in err and err.startswith("anonpipe: ") and "Traceback" not in err
    assert original.read_bytes() == before


def test_a_folder_that_is_no_study(call: Call, tmp_path: Path) -> None:
    code, _, err = call("run", tmp_path / "nowhere")
    assert code == 2 and "anonpipe init" in err
    code, _, err = call("run")
    assert code == 2 and "STUDY" in err


@pytest.mark.parametrize("where", ["inside", "beside", "outputs"])
def test_a_key_too_near_is_refused(call: Call, tmp_path: Path, where: str) -> None:
    folder = tmp_path / "mine"
    key = {
        "inside": folder / "custody" / "k.age",
        "beside": tmp_path / "k.age",
        "outputs": folder / "transcripts" / "k.age",
    }[where]
    code, _, err = call("init", folder, "--key", key, "--no-passphrase")
    assert code == 2 and err.count("\n") == 1
    assert not key.exists() and not (folder / "audit.jsonl").exists()


def test_init_needs_a_passphrase_and_never_prompts(call: Call, tmp_path: Path) -> None:
    code, _, err = call("init", tmp_path / "mine")
    assert code == 2 and "ANONPIPE_PASSPHRASE" in err


def test_init_takes_public_keys_and_labels(call: Call, tmp_path: Path, bench: Workbench) -> None:
    status = json.loads(call("key", "status", bench.folder, "--json")[1])
    public = status["recipients"][0]["public_key"]
    folder = tmp_path / "mine"
    code, _, err = call("init", folder, "--recipient", f"supervisor={public}")
    assert code == 2 and "--single-recipient" in err and not folder.exists()
    code, out, err = call(
        "init", folder, "--recipient", f"supervisor={public}", "--single-recipient"
    )
    assert code == 0 and "supervisor" in out, err
    code, _, err = call("init", tmp_path / "other", "--recipient", "age1nonsense")
    assert code == 2 and err.count("\n") == 1
    code, _, err = call("init", tmp_path / "third", "--new-identity", "Kari")
    assert code == 2 and "role" in err and "Kari" not in err


def test_init_makes_two_identities_and_either_opens_the_key(
    call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, key = tmp_path / "mine", tmp_path / "custody" / "mine.key.age"
    code, _, err = call("init", folder, "--key", key, "--no-passphrase")
    assert code == 0, err
    assert sorted(p.name for p in key.parent.glob("*.identity.age")) == [
        "student.identity.age",
        "supervisor.identity.age",
    ]
    assert call("run", folder)[0] == 0
    (key.parent / "student.identity.age").unlink()
    assert call("run", folder)[0] == 0


def test_a_wrong_passphrase_is_exit_code_4(
    call: Call, bench: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    locked = Path(__file__).parent / "data" / "age" / "protected.identity.age"
    bench.register(row())
    code, _, err = call("run", bench.folder, "--identity", locked)
    assert code == 4 and err.count("\n") == 1
    monkeypatch.setenv("ANONPIPE_PASSPHRASE", "wrong")
    code, _, err = call("run", bench.folder, "--identity", locked)
    assert code == 4 and "passphrase" in err.lower()


def test_a_full_disk_loses_nothing(
    call: Call, bench: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = bench.record("P01.wav")
    bench.register(row())
    write = os.write

    def full(fd: int, data: bytes) -> int:
        if b"anonpipe-transcript" in bytes(data[:4096]):
            raise OSError(28, "No space left on device")
        return write(fd, data)

    with monkeypatch.context() as patch:
        patch.setattr(os, "write", full)
        code, _, err = call("run", bench.folder)
    assert code == 1 and "P01-R01.json" in err and err.count("\n") == 1
    assert original.exists()
    code, _, err = call("run", bench.folder)
    assert code == 0 and not original.exists()


def test_a_read_only_folder_is_one_sentence_and_loses_nothing(
    call: Call, bench: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = bench.record("P01.wav")
    bench.register(row())
    real = os.open

    def read_only(path: object, flags: int, *more: object, **named: object) -> int:
        # Permissions do not bind the superuser, under whom tests may run: refuse by hand.
        if flags & (os.O_WRONLY | os.O_RDWR) and str(path).startswith(str(bench.folder)):
            raise OSError(30, "Read-only file system", str(path))
        return real(path, flags, *more, **named)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(os, "open", read_only)
        code, _, err = call("run", bench.folder)
    assert code in (2, 5) and err.count("\n") == 1 and str(bench.folder) in err
    assert original.exists() and not bench.outputs()
    code, _, err = call("run", bench.folder)
    assert code == 0 and not original.exists()


def test_dates_are_read_as_in_the_register(bench: Workbench, call: Call) -> None:
    bench.register(row())
    code, out, err = call("consent", "due", bench.folder, "--as-of", "15.01.2027", "--json")
    assert code == 0 and json.loads(out)["as_of"] == "2027-01-15", err
    for text, hint in (("01/02/2027", "two ways"), ("tomorrow", "no date")):
        for command in (("consent", "due"), ("retention", "run"), ("withdraw",)):
            option = {"consent": "--as-of", "retention": "--today", "withdraw": "--on"}[command[0]]
            who = ("P01",) if command == ("withdraw",) else ()
            code, _, err = call(*command, bench.folder, *who, option, text)
            assert code == 2 and hint in err, command


def test_a_key_whose_disk_is_away(bench: Workbench, call: Call) -> None:
    """Nothing else is asked for, and nobody is suspected of having changed anything."""
    bench.register(row())
    away = bench.key.parent.rename(bench.key.parent.with_name("away"))
    for command in (("run",), ("key", "show", "--reason", "audit"), ("withdraw", "P01", "--yes")):
        words = (
            (*command[:2], bench.folder, *command[2:])
            if command[0] == "key"
            else (command[0], bench.folder, *command[1:])
        )
        code, _, err = call(*words)
        assert code == 4 and "is not there: connect its disk" in err, command
        assert err.strip().count("\n") == 0
    code, out, _ = call("key", "status", bench.folder)
    assert code == 4 and "connect its disk" in out and "not the list" not in out
    code, out, _ = call("audit", "apart", bench.folder, "--json")
    assert code == 4 and '["not-there"]' in out
    away.rename(bench.key.parent)
    assert call("key", "status", bench.folder)[0] == 0


def test_a_register_that_cannot_be_read_says_what_to_do(
    bench: Workbench, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.register(row())
    read = Path.read_bytes

    def locked(path: Path) -> bytes:
        if path.name == "consent.csv":
            raise PermissionError(errno.EACCES, "Permission denied")
        return read(path)

    monkeypatch.setattr(Path, "read_bytes", locked)
    code, _, err = call("consent", "check", bench.folder)
    assert code == 2 and "correct the permissions" in err


def test_ingest_says_what_it_took_and_what_is_left(
    bench: Workbench, call: Call, tmp_path: Path
) -> None:
    tone = sound.encode(sound.sine(330, 0.5), "wav")
    card = tmp_path / "card"
    card.mkdir()
    (card / "P01 Kari.wav").write_bytes(tone)
    (card / "x.wav").write_bytes(tone + b"\0\0")
    bench.register(row())
    code, out, err = call("ingest", bench.folder, card / "P01 Kari.wav", card / "x.wav")
    assert code == 3 and "R01  taken" in out and "x.wav has no row in consent.csv" in err
    assert "--participant CODE" in err
    assert "files outside the study were left there (1)" in out
    code, out, _ = call("ingest", bench.folder, "--move", "--json", card / "P01 Kari.wav")
    said = json.loads(out)
    assert code == 0 and (said["id"], said["status"], said["left"]) == ("R01", "already", False)
    assert not (card / "P01 Kari.wav").exists() and (card / "x.wav").exists()
    code, out, _ = call("ingest", bench.folder)
    assert (code, out) == (0, "")
    code, out, _ = call("run", bench.folder, "--json")
    assert code == 0 and not list((bench.folder / "recordings").iterdir())


def test_ingest_needs_the_key(bench: Workbench, call: Call, tmp_path: Path) -> None:
    bench.record("P01.wav", sound.encode(sound.sine(330, 0.5), "wav"))
    bench.register(row())
    bench.identity.rename(tmp_path / "stick.identity.age")
    code, _, err = call("ingest", bench.folder)
    assert code == 2 and "--identity" in err and (bench.folder / "recordings" / "P01.wav").exists()


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="asks Linux for open files")
@pytest.mark.parametrize("closed", [(0,), (0, 1, 2)])
def test_closed_standard_streams_are_nothing_and_lend_their_numbers_to_no_file(
    bench: Workbench, closed: tuple[int, ...], tmp_path: Path
) -> None:
    bench.register(row())
    told = tmp_path / "told"
    script = (
        "import os, sys\n"
        f"for number in {closed}: os.close(number)\n"
        "sys.stdin = None\n"
        "from pathlib import Path\n"
        "from anonpipe import cli, ingest\n"
        "def numbers(*_, **options):\n"
        f"    Path({str(told)!r}).write_text(\n"
        '        f\'{options["pasted"]} {[os.readlink(f"/proc/self/fd/{n}") for n in '
        f"{closed}]}}')\n"
        "    return ()\n"
        "ingest.ingest = numbers\n"
        f"sys.argv = ['anonpipe', 'ingest', {str(bench.folder)!r}, '-', '--participant', 'P01', "
        f"'--identity', {str(bench.identity)!r}]\n"
        "cli.main()\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert "Unexpected" not in done.stderr
    assert told.read_text() == f"b'' {['/dev/null'] * len(closed)}"
