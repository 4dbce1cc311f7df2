"""docs/KEY-FORMAT.md: by its rules alone, everything that is encrypted can be read.

`Reader` uses the standard library and the `age` program, and nothing of anonpipe.
"""

from __future__ import annotations

import hashlib
import hmac
import itertools
import json
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from anonpipe import recipients, vault
from anonpipe.audit import AuditLog
from anonpipe.identity import Recipient, load_identities, new_identity
from anonpipe.key import KeyTable
from tests.conftest import Workbench, row

DOCUMENT = (Path(__file__).parent.parent / "docs" / "KEY-FORMAT.md").read_text("utf-8")
EXAMPLE = json.loads(re.search(r"```json\n(.*?)```", DOCUMENT, re.DOTALL)[1])
AGE = shutil.which("age") or ""

needs_age = pytest.mark.skipif(not AGE, reason="age is not installed")


def padded_size(size: int) -> int:
    """§2, Padding; `size` is that of the JSON and the line feed."""
    step = max(4096, 2 ** (size.bit_length() - 4))
    return max(16384, (size + step - 1) // step * step)


def pad(text: bytes) -> bytes:
    text += b"\n"
    return text + b" " * (padded_size(len(text)) - len(text))


def keyed(secret: str, content: bytes) -> str:
    digest = hashlib.sha256(content).digest()
    return hmac.new(bytes.fromhex(secret), digest, hashlib.sha256).hexdigest()


@dataclass
class Reader:
    """Another program that reads a study's key."""

    log: list[dict[str, Any]]
    identity: Path

    def plain(self, path: Path) -> dict[str, Any]:
        done = subprocess.run([AGE, "-d", "-i", self.identity, path], capture_output=True)
        assert done.returncode == 0, done.stderr
        assert re.fullmatch(rb"[^\n].*\n *", done.stdout, re.DOTALL)
        text = done.stdout.rstrip(b" ")
        assert len(done.stdout) == padded_size(len(text))
        return json.loads(text)

    def last(self, action: str) -> dict[str, Any]:
        return [entry for entry in self.log if entry["action"] == action][-1]["details"]

    def key(self, path: Path, study: str) -> dict[str, Any]:
        data = self.plain(path)
        assert data["format"] == "anonpipe-key" and data["version"] == 1
        assert data["study"] == study
        # §4: version, recipients, signer
        allowed: set[str] = set()
        signer = ""
        for entry in self.log:
            if entry["action"] == "key-saved":
                allowed = {entry["details"]["key"]}
            elif entry["action"] == "key-intent":
                allowed.add(entry["details"]["key"])
            elif entry["action"] == "log-created":
                signer = entry["details"]["signer"]
            elif entry["action"] == "signer-changed":
                signer = entry["details"]["new"]
        assert hashlib.sha256(path.read_bytes()).hexdigest() in allowed
        known = self.last("recipients")
        named = {(who["label"], who["public_key"]) for who in data["recipients"]}
        assert named == set(zip(known["roles"], known["keys"], strict=True))
        joined = "\n".join(sorted(who["public_key"] for who in data["recipients"]))
        assert self.last("key-saved")["recipients"] == hashlib.sha256(joined.encode()).hexdigest()
        secret = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(data["secrets"]["signing"]))
        assert secret.public_key().public_bytes_raw().hex() == signer
        return data


CUSTODY = {
    *("key-intent", "key-saved", "recipients", "signer-changed", "operation-begun"),
    *("operation-ended", "key-backup"),
}


def log_of(bench: Workbench) -> list[dict[str, Any]]:
    """The entries that count (§4)."""
    lines = (bench.folder / "audit.jsonl").read_bytes().splitlines()
    entries = [json.loads(line) for line in lines]
    return [
        entry
        for entry, after in itertools.pairwise([*entries, {"action": "nothing"}])
        if entry["action"] not in CUSTODY or after["action"] == "signature"
    ]


@needs_age
def test_a_study_is_read_by_the_rules_of_the_document_alone(bench: Workbench, tmp_path: Path):
    bench.register(row("P01", review="yes"))
    bench.record("P01_kari.wav")
    bench.note("P01_notes.txt", "Kari Nordmann lives in Bergen.")
    bench.run()
    other = tmp_path / "supervisor.identity"
    supervisor = Recipient("supervisor", new_identity(other, None, "supervisor"))
    bench.open(lambda s: recipients.change(s, [*s.key.recipients, supervisor]))
    forger = AuditLog(bench.study.log_file, salt=bench.study.settings.id)
    forger.append("key-saved", key="0" * 64, entities=0, recipients="0" * 64)
    bench.open(lambda _: None)
    forger.append("key-saved", key="1" * 64, entities=0, recipients="1" * 64)
    read = [
        Reader(log_of(bench), identity).key(bench.key, bench.study.settings.id)
        for identity in (bench.identity, other)
    ]
    assert read[0] == read[1]
    data = read[0]
    assert set(data) == set(EXAMPLE)
    assert data["sources"]["R01"] == {
        "kind": "audio",
        "path": "P01_kari.wav",
        "digest": keyed(data["secrets"]["digest"], b"sound"),
        "data_key": None,
        "participants": [],
    }
    (kari,) = [entity for entity in data["entities"] if entity["canonical"] == "Kari Nordmann"]
    assert set(kari) == set(EXAMPLE["entities"][0]) and kari["seen"]["R01"] == 2
    sealed = Reader([], other).plain(bench.folder / "sealed" / "R01.age")
    assert set(sealed) >= {"transcript", "mentions", "entities", "flags", "before"}
    assert "Kari Nordmann" in sealed["transcript"]["turns"][0]["text"]
    lines = bench.study.recipients_file.read_text().splitlines()
    assert [line for line in lines if line and not line.startswith("#")] == [
        who["public_key"] for who in data["recipients"]
    ]


def test_the_example_is_a_key(tmp_path: Path):
    named = EXAMPLE["recipients"]
    payload = {name: value for name, value in EXAMPLE.items() if name != "recipients"}
    table = KeyTable.from_payload(payload, tmp_path)
    assert table.to_payload() == payload
    assert [entity.id for entity in table.people_and_things()] == ["P01", "LOCATION-2"]
    for who in named:
        assert vault.parse_recipient(who["public_key"]).public_key == who["public_key"]
    for name, content in (("R01", b"sound"), ("D01", b"noted")):
        assert EXAMPLE["sources"][name]["digest"] == keyed(EXAMPLE["secrets"]["digest"], content)
    secret = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(EXAMPLE["secrets"]["signing"]))
    assert f"`{secret.public_key().public_bytes_raw().hex()}`" in DOCUMENT


@needs_age
def test_anonpipe_reads_a_key_that_was_written_by_the_document(tmp_path: Path):
    folder = tmp_path / "keys"
    folder.mkdir(mode=0o700)
    identity = folder / "student.identity"
    public = new_identity(identity, None, "student")
    listed = folder / "study.recipients"
    listed.write_text(f"# Written by another program.\n# label: student\n{public}\n")
    example = {**EXAMPLE, "recipients": [{"label": "student", "public_key": public}]}
    done = subprocess.run(
        [AGE, "-R", listed],
        input=pad(json.dumps(example).encode()),
        capture_output=True,
        check=True,
    )
    key = folder / "study.key.age"
    key.write_bytes(done.stdout)
    key.chmod(0o600)
    digest = hashlib.sha256(done.stdout).hexdigest()
    opened = vault.KeyFile.open(
        key, load_identities([identity], lambda _: None), expected_digests={digest}
    )
    assert vault.read_recipients(listed) == opened.recipients == (Recipient("student", public),)
    assert KeyTable.from_payload(opened.payload, key).study == EXAMPLE["study"]


@pytest.mark.parametrize("size", [0, 1, 16382, 16383, 16384, 65536, 100_000, (1 << 20) + 1])
def test_the_rule_of_the_padding_is_the_one_in_use(size: int):
    assert vault.pad(b"x" * size) == pad(b"x" * size)
