"""anonpipe and the real `age` and `age-keygen`: each opens what the other writes."""

from __future__ import annotations

import json
import re
import shutil
import stat
import subprocess
from pathlib import Path

import pexpect
import pytest

from anonpipe import vault
from anonpipe.agefile import pad
from anonpipe.errors import VaultError
from anonpipe.vault import KeyFile, Recipient, load_identities, new_identity, seal, unseal

AGE, KEYGEN = shutil.which("age") or "", shutil.which("age-keygen") or ""
PHRASE = "blåbær og fløte"
PAYLOAD = {"format": "anonpipe-key", "entities": [{"id": "PERSON-1", "canonical": "Åse Bråthen"}]}

pytestmark = pytest.mark.skipif(not (AGE and KEYGEN), reason="age is not installed")


def age(*arguments: object, data: bytes | None = None) -> bytes:
    done = subprocess.run([AGE, *map(str, arguments)], input=data, capture_output=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def keygen(path: Path) -> str:
    """An identity that age-keygen makes; its public key."""
    done = subprocess.run([KEYGEN, "-o", path], capture_output=True, text=True, check=True)
    return re.search(r"age1[a-z0-9]+", done.stderr)[0]


def age_asking(phrase: str, *arguments: object) -> None:
    """Run age on a terminal, where it asks for passphrases, and give it one as often as asked."""
    child = pexpect.spawn(AGE, [str(item) for item in arguments], timeout=60)
    while child.expect(["passphrase[^\\r\\n]*:", pexpect.EOF]) == 0:
        child.sendline(phrase)
    child.close()
    assert child.exitstatus == 0


def opened(path: Path, phrase: str | None = None) -> tuple[vault.Identity, ...]:
    return load_identities([path], lambda _: phrase)


def test_age_opens_the_key_for_each_of_its_recipients(tmp_path):
    ours, theirs = tmp_path / "ours.identity", tmp_path / "theirs.identity"
    recipients = [
        Recipient("student", new_identity(ours, None, "student")),
        Recipient("supervisor", keygen(theirs)),
    ]
    key = tmp_path / "study.key.age"
    digest = KeyFile.create(key, recipients, PAYLOAD)
    for identity in (ours, theirs):
        plain = json.loads(age("-d", "-i", identity, key))
        assert plain["entities"] == PAYLOAD["entities"]
        assert [item["public_key"] for item in plain["recipients"]] == [
            recipient.public_key for recipient in recipients
        ]
        file = KeyFile.open(key, opened(identity), expected_digests={digest})
        assert file.payload == PAYLOAD


def test_age_opens_a_sealed_file_and_its_padding_is_white_space(tmp_path):
    identity = tmp_path / "student.identity"
    sealed = tmp_path / "R01.age"
    sealed.write_bytes(seal(b'{"turns": []}', [new_identity(identity, None, "student")]))
    plain = age("-d", "-i", identity, sealed)
    assert json.loads(plain) == {"turns": []} and len(plain) == 16 * 1024
    assert plain.rstrip(b" ") == b'{"turns": []}\n'


def test_age_keygen_reads_an_identity_that_anonpipe_made(tmp_path):
    identity = tmp_path / "student.identity"
    public = new_identity(identity, None, "student")
    done = subprocess.run([KEYGEN, "-y", identity], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == public


def test_an_identity_of_age_keygen_is_private_enough_as_it_is(tmp_path):
    identity = tmp_path / "theirs.identity"
    public = keygen(identity)
    assert stat.S_IMODE(identity.stat().st_mode) == 0o600
    assert opened(identity)[0].public_key == public


@pytest.mark.parametrize("armour", [[], ["-a"]], ids=["binary", "armoured"])
def test_anonpipe_opens_what_age_encrypts_with_the_recipients_file(tmp_path, armour):
    identity, listed = tmp_path / "student.identity", tmp_path / "study.recipients"
    student = Recipient("student", new_identity(identity, None, "student"))
    other = Recipient("supervisor", keygen(tmp_path / "theirs.identity"))
    vault.write_recipients(listed, [student, other])
    sealed = age("-R", listed, *armour, data=pad(b'{"from": "age"}'))
    assert sealed.startswith(b"-----BEGIN" if armour else b"age-encryption.org/v1")
    for path in (identity, tmp_path / "theirs.identity"):
        assert unseal(sealed, opened(path)) == b'{"from": "age"}'
    with pytest.raises(VaultError, match="not sealed by anonpipe"):
        unseal(age("-R", listed, *armour, data=b"{}"), opened(identity))


@pytest.mark.parametrize("armour", [[], ["-a"]], ids=["binary", "armoured"])
def test_anonpipe_opens_an_identity_that_age_protected(tmp_path, armour):
    plain, protected = tmp_path / "plain.identity", tmp_path / "protected.identity.age"
    public = keygen(plain)
    age_asking(PHRASE, "-p", *armour, "-o", protected, plain)
    identities = opened(protected, PHRASE)
    assert [identity.public_key for identity in identities] == [public]
    assert unseal(seal(b"{}", [public]), identities) == b"{}"
    with pytest.raises(VaultError, match="does not open"):
        opened(protected, PHRASE + " ")


@pytest.mark.long
def test_age_opens_with_an_identity_that_anonpipe_protected(tmp_path):
    """Several seconds of scrypt, three times."""
    identity, sealed = tmp_path / "student.identity.age", tmp_path / "sealed.age"
    public = new_identity(identity, PHRASE, "student")
    assert public.encode() not in identity.read_bytes()
    sealed.write_bytes(seal(b'{"by": "anonpipe"}', [public]))
    assert opened(identity, PHRASE)[0].public_key == public
    age_asking(PHRASE, "-d", "-i", identity, "-o", tmp_path / "out", sealed)
    assert json.loads((tmp_path / "out").read_bytes()) == {"by": "anonpipe"}
    age_asking(PHRASE, "-d", "-o", tmp_path / "plain", identity)
    assert f"# public key: {public}" in (tmp_path / "plain").read_text()
