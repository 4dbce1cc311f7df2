"""A study's whole life, and every question that an officer asks, each by its one command.

Readable and as JSON, at the times when the answers change; nobody's name in any of it.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from anonpipe.consent import COLUMNS
from anonpipe.identity import new_identity
from tests.audio import sound
from tests.closing import fill
from tests.conftest import Call, Workbench, row
from tests.second_verifier import second_verifier

NAMES = ("Kari", "Nordmann", "Ola", "Hansen", "Bergen", "Frida", "interview with", "Berg")
TODAY = date.today()
NEXT = TODAY + timedelta(days=1)
PEOPLE = '\n[[people]]\nname = "{}"\nparticipant = "{}"\n'


def register(folder: Path, *rows: str) -> None:
    (folder / "consent.csv").write_text("\n".join([",".join(COLUMNS), *rows]) + "\n")


@pytest.fixture
def study(bench: Workbench, call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A study with two holders, as `anonpipe init` makes it."""
    assert bench.key.exists()  # for its stand-ins
    monkeypatch.setattr("anonpipe.batch.how_barred", lambda: "process")
    folder, held = tmp_path / "life", tmp_path / "held"
    key = tmp_path / "safe" / "life.key.age"
    code, _, err = call(
        *("init", folder, "--language", "en", "--key", key, "--no-passphrase"),
        *("--title", "Transitions"),
    )
    assert code == 0, err
    held.mkdir()
    for file in key.parent.glob("*.identity*"):  # given to their holders
        file.rename(held / file.name)
    settings = folder / "study.toml"
    text = settings.read_text().replace('after = "keep"', 'after = "delete-after-coding"')
    settings.write_text(text + PEOPLE.format("Frida Berg", "P07"))
    for name, pitch in (("P01", 330), ("P02 interview with Ola", 440), ("P03", 550), ("P07", 660)):
        data = sound.encode(sound.sine(pitch, 0.5), "wav")
        (folder / "recordings" / f"{name}.wav").write_bytes(data)
    (folder / "documents" / "P01 notes.txt").write_text("P01: Frida Berg came to Bergen.\n")
    register(folder, *rows())
    return folder


def rows(third: date = NEXT, withdrawn: str = "") -> list[str]:
    return [
        f"{row('P01')},anonymise",
        f"{row('P02', audio='delete-after-review', review='yes')},anonymise",
        f"{row('P03', audio=f'delete-on:{third}')},anonymise",
        f"{row('P07', audio=f'delete-on:{NEXT}', withdrawn=withdrawn)},anonymise",
    ]


@pytest.fixture
def asked(call: Call, study: Path) -> Callable[..., tuple[str, dict[str, Any]]]:
    """Ask a question twice, for people and for programs: what was said, and the JSON's data."""

    def ask(name: str, *more: object, code: int = 0) -> tuple[str, dict[str, Any]]:
        got, text, err = call("audit", name, study, *more)
        assert got == code and not err, (name, got, text, err)
        got, out, err = call("audit", name, study, *more, "--json")
        assert got == code and not err, (name, got, out, err)
        found = json.loads(out)
        assert found["question"] == name and found["exit_code"] == code
        assert found["answer"].split(":")[0] in text
        for word in NAMES:
            assert word not in text and word not in out, (name, word)
        return text, found["data"]

    return ask


def test_every_question_over_a_whole_life(
    call: Call,
    study: Path,
    asked: Callable[..., tuple[str, dict[str, Any]]],
    tmp_path: Path,
) -> None:
    safe = tmp_path / "safe"
    identity = ("--identity", tmp_path / "held" / "student.identity.age")

    def do(*words: object, code: int = 0) -> str:
        got, out, err = call(*words, *identity)
        assert got == code, (words, got, out, err)
        return out

    # Before anything was done.
    text, data = asked("holders")
    assert "student" in text and "supervisor" in text
    assert [h["role"] for h in data["holders"]] == ["student", "supervisor"]
    assert asked("openings")[1]["openings"] == []
    assert asked("offline")[1]["runs"] == 0
    assert asked("deletion", "P07")[1]["originals"] == []

    do("ingest", study)
    do("run", study)
    visit = tmp_path / "visit-1"
    code, _, err = call("audit", "checkpoint", study, visit)
    assert code == 0, err

    # Was a person in the loop? Not yet.
    _, data = asked("oversight")
    assert "R02" in data["waiting"]
    do("review", study, "--approve", "R02")
    do("run", study)
    _, data = asked("oversight")
    assert [each["source"] for each in data["approved"]] == ["R02"]
    assert {each["source"] for each in data["deleted_without_review"]} >= {"R01", "D01"}

    # Did runs stay offline, with which models?
    text, data = asked("offline")
    assert data["network"] == {"process": 3} and "0000000000000000" in text
    assert {"kind": "speech", "digest": "0" * 16} in [
        {"kind": each["kind"], "digest": each["digest"]} for each in data["models"]
    ]

    # Who can open the key? Who opened it, when, why? Is it apart from the data?
    colleague = new_identity(tmp_path / "colleague", None, "colleague")
    do("key", "recipients", "add", study, "--recipient", f"colleague={colleague}")
    do("key", "reveal", study, "P07", "--reason", "participant-request")
    do("key", "show", study, "--reason", "analysis")
    stick = tmp_path / "stick"
    stick.mkdir()
    do("key", "backup", study, stick)
    _, data = asked("holders")
    assert [h["role"] for h in data["holders"]] == ["student", "supervisor", "colleague"]
    assert [len(change["added"]) for change in data["history"]] == [2, 1]
    text, data = asked("openings")
    assert [(each["act"], each["reason"], each["role"]) for each in data["openings"]] == [
        ("reveal", "participant-request", "student"),
        ("show", "analysis", "student"),
    ]
    assert "participant" in text and "analysis" in text
    text, data = asked("apart")
    assert data["problems"] == [] and data["mode"] == "-rw-------"
    assert [copy["id"] for copy in data["backups"]] == ["B01"] and "B01" in text
    assert len(data["digest"]) == 64 and data["on_study_device"] is True

    # What is overdue?
    _, data = asked("due")
    assert not data["overdue"]
    register(study, *rows(third=TODAY))
    text, data = asked("due", code=3)
    assert {item["source"] for item in data["overdue"]} == {"R03"} and "R03" in text
    code, out, _ = call("consent", "due", study, "--json")
    assert code == 3 and "R03" in out
    do("retention", "run", study)
    assert not asked("due")[1]["overdue"]

    # Is the withdrawal of P07 complete?
    register(study, *rows(third=TODAY, withdrawn=str(TODAY)))
    text, data = asked("withdrawal", "P07", code=3)
    assert not data["withdrawals"][0]["complete"]
    do("withdraw", study, "P07", "--yes")
    text, data = asked("withdrawal", "P07")
    (found,) = data["withdrawals"]
    assert found["complete"] and found["counts"]["originals"] == 1 and not found["left"]
    code, out, _ = call("withdraw", "status", study, "P07", "--json")
    assert code == 0 and json.loads(out)["complete"]

    # Was P07's recording deleted, how, verified how, on what medium, which copies are away?
    text, data = asked("deletion", "P07")
    (gone,) = data["originals"]
    assert gone["fate"] == "deleted" and gone["rule"] == "withdrawal" and gone["sound"]
    assert gone["methods"][0] == "crypto-erase" and "key-entry-gone" in gone["verified"]
    assert gone["medium"] and gone["filesystem"] and gone["out_of_reach"]
    assert gone["key_backups"] == ["B01"] and gone["key_generations"] > 0
    for part in ("Its data key", "B01", "Out of reach", "X000"):
        assert part.casefold() in text.casefold(), part
    assert len(asked("deletion")[1]["originals"]) == 5
    code, out, _ = call("audit", "receipt", "verify", study, "all", "--json")
    assert code == 0 and len(json.loads(out)["receipts"]) == 5
    assert call("audit", "receipt", "verify", study)[0] == 0

    # Intact since my last visit?
    text, data = asked("intact", "--against", visit)
    assert data["verdict"] == "CONSISTENT" and "entries of your checkpoint are as they" in text
    code, out, _ = call("audit", "verify", study, "--against", visit)
    assert code == 0 and out.startswith("CONSISTENT ") and " -> " in out.splitlines()[0]
    assert second_verifier(study / "audit.jsonl", "--against", visit)[0] == 0
    assert call("audit", "schema-check", study)[0] == 0

    # Is the material anonymous? Why not?
    text, data = asked("anonymous")
    assert data["why_not"] == ["key-exists"] and "seudonymised" in text

    # The end.
    answers = tmp_path / "answers.toml"
    do("close", study, "--checklist", answers)
    answers.write_text(fill(answers.read_text()))
    do("close", study, "--answers", answers)
    assert not list(safe.glob("*.key.age")) and not list(stick.iterdir())
    safe.rename(tmp_path / "gone")

    text, data = asked("anonymous")
    assert data["word"] == "anonymised" and data["judged_by"]["role"] == "student"
    assert "Anonymised in the judgement of the student" in text
    text, data = asked("apart")
    assert data["destroyed"] and "destroyed" in text
    assert [copy["destroyed"] for copy in data["backups"]] == ["deleted"]
    assert asked("intact", "--against", visit)[1]["verdict"] == "CONSISTENT"
    text, data = asked("holders")
    assert data["holders"] == [] and len(data["until_destroyed"]) == 3
    assert "Nobody any more: the key was destroyed" in text
    assert len(asked("openings")[1]["openings"]) == 2
    assert not asked("due")[1]["overdue"]
    assert asked("withdrawal", "P07")[1]["withdrawals"][0]["complete"]
    assert asked("deletion", "P07")[1]["originals"][0] == gone
    assert asked("offline")[1]["runs"] >= 2
    assert asked("oversight")[1]["approved"]
    for words in (
        ("audit", study),
        ("audit", study, "--json", "--against", visit),
        ("audit", "verify", study, "--against", visit),
        ("audit", "checkpoint", study, tmp_path / "visit-2"),
        ("audit", "schema-check", study),
        ("audit", "show", study),
        ("audit", "receipt", "verify", study, "all"),
        ("audit", "report", study, "--to", tmp_path / "report.html", "--against", visit),
        ("audit", "report", study, "--json"),
        ("consent", "check", study),
        ("consent", "due", study),
        ("key", "status", study),
        ("withdraw", "status", study, "P07"),
    ):
        code, out, err = call(*words)
        assert code == 0, (words, code, out, err)
        assert not any(word in out + err for word in NAMES), words
    page = (tmp_path / "report.html").read_text()
    assert not any(word in page for word in NAMES)
    assert "Anonymised in the judgement of the student" in page
    assert second_verifier(study / "audit.jsonl", "--against", visit)[0] == 0
