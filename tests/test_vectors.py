"""Every age test vector of C2SP/CCTV that is about what anonpipe offers (tests/vectors/age)."""

from __future__ import annotations

import hashlib
import zlib
from dataclasses import dataclass
from pathlib import Path

import pyrage
import pytest

from anonpipe import vault
from anonpipe.agefile import (
    AgeFormatError,
    NoMatchError,
    dearmor,
    decrypt,
    decrypt_with_passphrase,
    is_passphrase_file,
    parse_header,
)
from anonpipe.errors import VaultError
from anonpipe.identity import Identity, load_identities

FOLDER = Path(__file__).parent / "vectors" / "age"
NAMES = sorted(path.name for path in FOLDER.iterdir() if not path.suffix)
EXPECTED = {
    "success": 21,
    "no match": 8,
    "HMAC failure": 1,
    "header failure": 53,
    "armor failure": 22,
    "payload failure": 19,
}


@dataclass(frozen=True)
class Vector:
    expect: str
    data: bytes
    payload: str  # SHA-256
    secrets: list[pyrage.x25519.Identity]
    passphrase: str | None


def read(name: str) -> Vector:
    head, _, data = (FOLDER / name).read_bytes().partition(b"\n\n")
    fields = [line.split(": ", 1) for line in head.decode().splitlines()]
    one = dict(fields)
    if "compressed" in one:
        data = zlib.decompress(data)
    identities = [value for key, value in fields if key == "identity"]
    return Vector(
        one["expect"],
        data,
        one.get("payload", ""),
        [pyrage.x25519.Identity.from_str(text) for text in identities],
        one.get("passphrase"),
    )


def plaintext(vector: Vector) -> bytes:
    """What the program itself does: the header says whether a passphrase or an identity opens."""
    if vector.passphrase is not None and is_passphrase_file(parse_header(dearmor(vector.data))):
        return decrypt_with_passphrase(vector.data, vector.passphrase)
    return decrypt(vector.data, vector.secrets)


def test_no_vector_was_lost():
    found = [read(name).expect for name in NAMES]
    assert {expect: found.count(expect) for expect in found} == EXPECTED


@pytest.mark.parametrize("name", NAMES)
def test_vector(name):
    vector = read(name)
    if vector.expect == "success":
        assert hashlib.sha256(plaintext(vector)).hexdigest() == vector.payload
        return
    with pytest.raises(AgeFormatError) as caught:
        plaintext(vector)
    assert isinstance(caught.value, NoMatchError) == (vector.expect == "no match")


@pytest.mark.parametrize("name", NAMES)
def test_no_vector_is_taken_for_a_key_or_an_identity(name, tmp_path):
    """They are sound or broken age files, but none was padded, and none holds an identity."""
    vector = read(name)
    identities = [Identity("", tmp_path, secret) for secret in vector.secrets]
    if vector.expect != "success" or vector.passphrase is not None:
        with pytest.raises(VaultError, match=r"^The sealed file .*[^.]\.$"):
            vault.unseal(vector.data, identities)
    path = tmp_path / "wrong.identity"
    path.write_bytes(vector.data[: 60 * 1024])
    path.chmod(0o600)
    with pytest.raises(VaultError, match=r"wrong\.identity"):
        load_identities([path], lambda _: vector.passphrase)
