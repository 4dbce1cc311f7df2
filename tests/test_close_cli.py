"""`anonpipe close` as it is typed, and what all commands call the material."""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from tests.closing import backed_up, fill, prepare, said
from tests.conftest import Workbench, row

Call = Callable[..., tuple[int, str, str]]
ROOT = Path(__file__).parents[1]
CALLED = re.compile(r"(?i)anonym")


def test_checklist_answers_and_a_closed_study(call: Call, bench: Workbench, tmp_path: Path) -> None:
    prepare(bench)
    with_key = ("--identity", bench.identity)
    file = tmp_path / "answers.toml"
    code, out, err = call("close", bench.folder, "--checklist", file, *with_key)
    assert code == 0 and "0 thing(s) are open" in out, err
    code, _, err = call("close", bench.folder, "--answers", file, *with_key)
    assert code == 2 and "judge.role" in err and err.count("\n") == 1
    file.write_text(fill(file.read_text()))
    code, out, err = call("close", bench.folder, "--answers", file, "--dry-run", *with_key)
    assert code == 0 and "Dry run" in out and "deleted with all outputs: D01." in out, err
    assert bench.key.exists()
    code, out, err = call("close", bench.folder, "--answers", file, *with_key)
    assert code == 0 and "Anonymised in the judgement of the student" in out, err
    assert "Identities belong to their holders" in out and bench.identity.exists()

    for command in (("run",), ("review", "--approve", "R01"), ("close", "--answers", file)):
        code, _, err = call(command[0], bench.folder, *command[1:], *with_key)
        assert code == 2 and "is closed and its key is destroyed" in err, command
        assert err.count("\n") == 1
    assert "Anonymised in" in call("audit", "verify", bench.folder)[1]
    assert "key-destroyed" in call("audit", "show", bench.folder)[1]
    assert "Anonymised in" in call("review", bench.folder, "--list")[1]
    code, out, err = call("key", "status", bench.folder)
    assert code == 0 and "the key is destroyed" in out, err
    code, _, err = call("key", "recipients", "list", bench.folder)
    assert code == 2 and "is closed" in err and "restore" not in err
    code, out, _ = call("audit", "holders", bench.folder)
    assert code == 0 and "Nobody any more" in out and "If that one identity" not in out
    found = json.loads(call("audit", "verify", bench.folder, "--json")[1])["material"]
    assert (found["word"], found["judged_by"]["role"]) == ("anonymised", "student")


def test_what_is_open_is_a_line_each(call: Call, bench: Workbench, tmp_path: Path) -> None:
    prepare(bench)
    file = tmp_path / "answers.toml"
    call("close", bench.folder, "--checklist", file, "--identity", bench.identity)
    file.write_text(fill(file.read_text(), {"cloud": "exists"}))
    backed_up(bench, tmp_path / "stick").unlink()
    arguments = ("--answers", file, "--identity", bench.identity)
    code, _, err = call("close", bench.folder, *arguments)
    assert code == 3
    assert [line.split(":")[1].split(",")[0].strip() for line in err.splitlines()] == [
        "B01",
        "The material would not be anonymised (a copy exists in a cloud service)",
        "Nothing was changed",
    ]
    code, out, err = call(
        "close", bench.folder, *arguments, "--pseudonymised", "--backup-destroyed", "B01"
    )
    assert code == 0 and "Pseudonymised: the key is destroyed" in out, err


def test_a_clock_in_doubt_closes_nothing(
    call: Call, bench: Workbench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepare(bench)
    file = tmp_path / "answers.toml"
    ahead = (datetime.now(UTC) + timedelta(days=90)).strftime("%Y-%m-%dT%H:%M:%SZ")
    with monkeypatch.context() as patch:
        patch.setattr("anonpipe.audit.now", lambda: ahead)
        bench.open(lambda session: session.log.append("names-sealed", count=1))
    arguments = ("close", bench.folder, "--checklist", file, "--identity", bench.identity)
    code, _, err = call(*arguments)
    assert code == 2 and "clock of this machine may be wrong" in err and not file.exists()
    assert call(*arguments, "--today", "2020-01-01")[0] == 2
    assert call(*arguments, "--today", date.today())[0] == 0


def test_without_a_terminal_nothing_is_asked(call: Call, bench: Workbench, tmp_path: Path) -> None:
    code, _, err = call("close", bench.folder, "--identity", bench.identity)
    assert code == 2 and "--checklist" in err
    (tmp_path / "a").write_text("")
    code, _, err = call("close", bench.folder, "--checklist", "a", "--answers", tmp_path / "a")
    assert code == 2


@pytest.mark.parametrize("sure", ["y", "n"])
def test_asked_on_a_terminal(
    sure: str, call: Call, bench: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepare(bench)
    typed = ["yes", "read-through", "yes", "links-judged, read-through"]
    typed += ["yes", "read-through", "yes", "read-through", "yes", *["none"] * 6, sure]
    terminal = io.StringIO("\n".join(typed) + "\n")
    monkeypatch.setattr(terminal, "isatty", lambda: True, raising=False)
    monkeypatch.setattr(sys, "stdin", terminal)
    code, out, err = call("close", bench.folder, "--identity", bench.identity)
    assert (code == 0) == (sure == "y") and bench.key.exists() == (sure == "n"), out + err


def test_until_then_every_command_and_output_says_pseudonymised(
    call: Call, bench: Workbench
) -> None:
    bench.record("P01.wav")
    bench.register(row("P01", audio="delete-after-review", review="yes"))
    with_key = ("--identity", bench.identity)
    told = [
        call("run", bench.folder, *with_key),
        call("review", bench.folder, "--list"),
        call("key", "status", bench.folder),
        call("audit", "show", bench.folder),
        call("audit", "verify", bench.folder),
        call("run", bench.folder, "--json", *with_key),
        call("review", bench.folder, "--list", "--json"),
        call("key", "status", bench.folder, "--json"),
        call("audit", "verify", bench.folder, "--json"),
        call("review", bench.folder, "--approve", "R01", *with_key),
    ]
    for code, out, err in told:
        assert code == 0 and "seudonymised" in out, out + err
        assert not CALLED.search(out + err)
    outputs = [bench.folder / name for name in bench.outputs()]
    receipts = list((bench.folder / "receipts").iterdir())
    assert len(outputs) == 4 and len(receipts) == 2
    for path in (*outputs, *receipts):
        assert re.search("[Pp]seudonymised", said(path)), path
        assert not CALLED.search(said(path))


# Where the product speaks of it: what it means, what must be answered first, whose name it is.
MAY_SAY = {
    "anonpipe/status.py",
    "anonpipe/closing/carrying.py",
    "anonpipe/closing/examination.py",
    "anonpipe/closing/questions.py",
    "anonpipe/closing/report.py",
    "anonpipe/cli/close.py",
    "anonpipe/answers/__init__.py",
    "anonpipe/answers/material.py",
    "anonpipe/cli/questions.py",
    "anonpipe/report.py",
    "docs/ETHICS.md",
}
CLAIM = re.compile(
    r"(?i)(?<!not )(?<!never )(?<!ikke )(?<!aldri )"
    r"\b(?:anonymous|anonymi[sz]ed|anonymisert|anonymt?)\b"
)
QUESTION = re.compile(r"(?i)is the material anonymous|may (?:only )?call|called anonymised")


def test_no_text_of_the_product_calls_anything_anonymous() -> None:
    files = subprocess.run(
        ["git", "ls-files", "anonpipe", "docs", "samples", "README.md", "CHANGELOG.md"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    assert len(files) > 100
    wrong = []
    for name in files:
        path = ROOT / name
        if name in MAY_SAY or path.suffix not in {".py", ".md", ".toml", ".csv", ".css", ".txt"}:
            continue
        wrong += [
            f"{name}: {line.strip()}"
            for line in path.read_text(encoding="utf-8").splitlines()
            if CLAIM.search(line) and not QUESTION.search(line)
        ]
    assert wrong == []
