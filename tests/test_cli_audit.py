"""`anonpipe audit`: what an officer types, and what comes back."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.conftest import Call, Workbench, row
from tests.second_verifier import second_verifier


@pytest.fixture
def study(bench: Workbench) -> Path:
    bench.register(row())
    bench.record("P01.wav")
    bench.run()
    return bench.folder


@pytest.fixture
def copy(study: Path, tmp_path: Path) -> Path:
    """What an officer is given: settings and log, no key and no data."""
    folder = tmp_path / "copy"
    folder.mkdir()
    for name in ("study.toml", "audit.jsonl"):
        shutil.copy(study / name, folder / name)
    return folder


def test_an_officers_visits(
    call: Call,
    bench: Workbench,
    copy: Path,
    tmp_path: Path,
) -> None:
    count = len((copy / "audit.jsonl").read_text().splitlines())
    kept = tmp_path / "kept"
    code, out, _ = call("audit", "verify", copy)
    assert (code, out.splitlines()[0]) == (0, f"CONSISTENT {count}")
    code, out, _ = call("audit", "checkpoint", copy, kept)
    assert code == 0 and f"of {count} entries" in out and "not signed" not in out
    code, _, err = call("audit", "checkpoint", copy, kept)
    assert code == 2 and "exists already" in err
    assert "Kari" not in kept.read_text() and "P01.wav" not in kept.read_text()

    bench.record("P01_2.wav")
    bench.run()
    shutil.copy(bench.folder / "audit.jsonl", copy)
    later = len((copy / "audit.jsonl").read_text().splitlines())
    code, out, _ = call("audit", "verify", copy, "--against", kept)
    assert (code, out.splitlines()[0]) == (0, f"CONSISTENT {count} -> {later}")
    code, out, _ = call("audit", "verify", copy, "--against", kept, "--json")
    found = json.loads(out)
    assert (found["verdict"], found["checkpoint"], found["entries"]) == ("CONSISTENT", count, later)
    assert found["signed_to"] == later - 1 and found["unsigned"] == 0 and found["why"] == ""
    printed = second_verifier(copy / "audit.jsonl", "--against", kept)
    assert printed == (0, f"CONSISTENT {count} -> {later}\n")


def test_a_log_that_was_tampered_with(
    call: Call,
    copy: Path,
    tmp_path: Path,
) -> None:
    log, kept = copy / "audit.jsonl", tmp_path / "kept"
    whole = log.read_bytes()
    lines = whole.splitlines(keepends=True)
    assert call("audit", "checkpoint", copy, kept)[0] == 0

    log.write_bytes(b"".join(lines[:-2]))
    code, out, err = call("audit", "verify", copy, "--against", kept)
    assert (code, out.splitlines()[0]) == (5, f"TRUNCATED {len(lines)} -> {len(lines) - 2}")
    assert "the last 2 of the checkpoint's entries are gone" in err and err.count("\n") == 1
    code, out, err = call("audit", "verify", copy)
    assert code == 0 and out.startswith(f"CONSISTENT {len(lines) - 2}\n")

    log.write_bytes(b"".join(lines[:6] + lines[7:]))
    code, out, _ = call("audit", "verify", copy, "--against", kept)
    assert (code, out.splitlines()[0]) == (5, "REWRITTEN at 7")
    code, out, err = call("audit", "verify", copy)
    assert (code, out) == (5, "DOES NOT VERIFY at 7\n") and "entries before it were removed" in err
    code, out, _ = call("audit", "verify", copy, "--json")
    assert code == 5 and json.loads(out)["at"] == 7
    for arguments in (("checkpoint", copy, tmp_path / "other"), ("show", copy)):
        code, _, err = call("audit", *arguments)
        assert code == 5 and "line 7" in err
    assert not (tmp_path / "other").exists()

    log.write_bytes(whole[:-30])
    code, out, _ = call("audit", "verify", copy)
    assert code == 0 and out.splitlines()[:2] == [f"CONSISTENT {len(lines) - 1}", "TORN LAST LINE"]
    code, out, _ = call("audit", "verify", copy, "--against", kept)
    assert code == 5 and out.startswith("TRUNCATED") and "TORN" not in out

    log.unlink()
    code, _, err = call("audit", "verify", copy)
    assert code == 5 and "cannot be read" in err


def test_a_wrong_checkpoint(call: Call, copy: Path, tmp_path: Path) -> None:
    for content, says in ((b"", "was damaged"), (b"{}", "was damaged")):
        (tmp_path / "wrong").write_bytes(content)
        code, out, err = call("audit", "verify", copy, "--against", tmp_path / "wrong")
        assert code == 2 and says in err and out == ""
    code, _, err = call("audit", "verify", copy, "--against", tmp_path / "none")
    assert code == 2 and "cannot be read" in err


def test_unsigned_entries_are_told(call: Call, copy: Path, tmp_path: Path) -> None:
    from anonpipe.audit import AuditLog
    from anonpipe.study import load

    count = len((copy / "audit.jsonl").read_text().splitlines())
    keyless = AuditLog(copy / "audit.jsonl", salt=load(copy).settings.id)
    keyless.append("reset", subject="R01")
    keyless.append("reset", subject="R01")
    code, out, _ = call("audit", "checkpoint", copy, tmp_path / "kept")
    assert code == 0 and f"of {count} entries" in out and "2 entries are not signed yet" in out
    code, out, _ = call("audit", "checkpoint", copy, tmp_path / "json", "--json")
    assert (json.loads(out)["entries"], json.loads(out)["unsigned"]) == (count, 2)
    code, out, _ = call("audit", "verify", copy)
    assert code == 0 and "2 entries are not signed yet" in out


def test_schema_check(call: Call, copy: Path) -> None:
    code, out, _ = call("audit", "schema-check", copy)
    assert code == 0 and "Nothing but declared values" in out and "transcribed" in out
    code, out, _ = call("audit", "schema-check", copy, "--json")
    found = json.loads(out)
    lines = (copy / "audit.jsonl").read_text().splitlines()
    assert found["entries"] == len(lines) == sum(found["actions"].values())
    assert found["actions"]["transcribed"] == 1 and found["values"]["digest"] > 3
    with (copy / "audit.jsonl").open("a") as file:
        file.write("Kari was here")
    code, out, _ = call("audit", "schema-check", copy)
    assert code == 0 and "13 bytes of a last line" in out and "not checked" in out
    with (copy / "audit.jsonl").open("a") as file:
        file.write("\n")
    code, out, err = call("audit", "schema-check", copy)
    assert code == 5 and f"Line {len(lines) + 1} is no entry" in err and "Kari" not in out + err


def test_show_leaves_signatures_to_verify(call: Call, copy: Path) -> None:
    code, out, _ = call("audit", "show", copy)
    assert code == 0 and "transcribed" in out and "signatures between them" in out
    code, out, _ = call("audit", "show", copy, "--json")
    assert [json.loads(line)["seq"] for line in out.splitlines()] == [
        *range(1, len(out.splitlines()) + 1)
    ]
    assert '"signature"' in out
