"""docs/AUDIT-FORMAT.md and docs/AUDIT-ACTIONS.md say what the program does."""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from anonpipe import chain, checkpoint, log_schema, schema_check
from anonpipe.chain import Entry
from anonpipe.signing import Signer
from tests.second_verifier import second_verifier

DOCS = Path(__file__).parent.parent / "docs"
STUDY, ACTOR = "3f9c2a7be1d80456", "5c1f0a9b27d3e846"
FIRST, SECOND = (Signer.from_secret(digit * 64) for digit in "12")
TEXT = (DOCS / "AUDIT-FORMAT.md").read_text(encoding="utf-8")


def example() -> list[bytes]:
    """The log of the document: signed, handed over to another key, and one entry unsigned."""
    lines: list[bytes] = []
    last: Entry | None = None

    def add(minute: int, action: str, subject: str | None = None, **details: object) -> None:
        nonlocal last
        time = f"2026-03-01T09:{minute:02}:00Z"
        line, last = chain.compose(last, time, ACTOR, action, subject, "done", details)
        lines.append(line)

    def sign(minute: int, signer: Signer) -> None:
        assert last is not None
        time = f"2026-03-01T09:{minute:02}:00Z"
        message = chain.signature_message(STUDY, last.seq, last.hash, time)
        made = signer.sign(message)
        values = {"signer": signer.public, "seq": last.seq, "head": last.hash, "signature": made}
        add(minute, "signature", **values)

    add(30, "log-created", study=STUDY, signer=FIRST.public)
    add(31, "names-sealed", count=4)
    sign(31, FIRST)
    add(40, "signer-changed", old=FIRST.public, new=SECOND.public)
    sign(40, FIRST)
    add(45, "approved", "R01", changed=1, accepted=0)
    return lines


def blocks(text: str = TEXT) -> list[str]:
    return re.findall(r"^```\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)


def test_the_example_of_the_document_is_what_the_program_writes(tmp_path: Path) -> None:
    log, _, kept = blocks()[:3]
    assert log.encode() == b"".join(example())
    lines = log.encode().split(b"\n")[:-1]
    made = checkpoint.take(lines, STUDY)
    checkpoint.write(tmp_path / "checkpoint", made)
    assert (tmp_path / "checkpoint").read_text() == kept
    assert made.entries == 5
    assert checkpoint.examine(lines, b"", STUDY, made).lines == ("CONSISTENT 5 -> 6",)
    (tmp_path / "audit.jsonl").write_text(log)
    arguments = [tmp_path / "audit.jsonl", "--against", tmp_path / "checkpoint"]
    assert second_verifier(*arguments) == (0, "CONSISTENT 5 -> 6\n")
    program = [sys.executable, DOCS / "verify_audit.py", *arguments]
    ran = subprocess.run(program, capture_output=True, text=True, check=True)
    assert (ran.stdout, ran.stderr) == ("CONSISTENT 5 -> 6\n", "Unsigned entries: 1\n")


def test_the_signed_bytes_of_the_document() -> None:
    entry = json.loads(example()[2])
    details, time = entry["details"], entry["time"]
    message = blocks()[1].encode()
    assert message == chain.signature_message(STUDY, details["seq"], details["head"], time)
    assert FIRST.sign(message) == details["signature"]
    assert hashlib.sha256(example()[1].split(b',"hash"')[0]).hexdigest() == details["head"]


def test_the_document_names_every_verdict_and_field() -> None:
    for word in (*chain.FIELDS, *checkpoint.Word.__args__, "TORN LAST LINE", *chain.OWN):
        assert word in TEXT, word


def test_the_list_of_actions_is_up_to_date() -> None:
    written = (DOCS / "AUDIT-ACTIONS.md").read_text(encoding="utf-8")
    if written != schema_check.markdown():
        pytest.fail("run: python -m anonpipe.schema_check > docs/AUDIT-ACTIONS.md", pytrace=False)


def test_the_second_verifier_is_short_and_independent() -> None:
    source = (DOCS / "verify_audit.py").read_text(encoding="utf-8")
    assert len(source.splitlines()) < 150
    imported = set(re.findall(r"^(?:import|from) (\w+)", source, re.MULTILINE))
    assert "anonpipe" not in imported and imported <= {
        *("argparse", "hashlib", "json", "re", "sys", "datetime", "pathlib", "cryptography")
    }


@pytest.mark.parametrize(
    "member",
    [
        *({"action": value} for value in (None, 5, "", "Not a word", "a--b", "å")),
        *({"result": value} for value in (None, 5, "", "Not a word")),
        *({"subject": value} for value in (5, [], {}, True, "", "Kari Nordmann", "R01\n", "å")),
        *({"details": value} for value in (None, 7, [], "", "abc", {"": 1}, {"B": 1}, {"å": 1})),
        *({"time": value} for value in ("0000-01-01T00:00:00Z", "2026-02-30T00:00:00Z")),
    ],
    ids=str,
)
def test_what_no_entry_may_be_is_refused_by_both_verifiers(
    tmp_path: Path, member: dict[str, object]
) -> None:
    first = example()[0].rstrip(b"\n")
    entry = {**json.loads(example()[1]), **member}
    del entry["hash"]
    body = chain.dump(entry)[:-1]
    line = body + b',"hash":"' + hashlib.sha256(body).hexdigest().encode() + b'"}'
    with pytest.raises(ValueError):
        chain.Chain(STUDY).then(first).then(line)
    (tmp_path / "audit.jsonl").write_bytes(first + b"\n" + line + b"\n")
    assert second_verifier(tmp_path / "audit.jsonl") == (5, "DOES NOT VERIFY at 2\n")


def test_everything_that_is_declared_has_the_form_that_the_document_gives() -> None:
    word, name = re.compile("[a-z]+(-[a-z]+)*"), re.compile("[a-z0-9_-]+")
    for action, declared in log_schema.ACTIONS.items():
        assert all(word.fullmatch(said) for said in (action, *declared.results)), action
        assert all(name.fullmatch(k) for k in (*declared.details, *declared.optional)), action
