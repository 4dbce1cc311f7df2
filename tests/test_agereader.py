"""Reading from anywhere in an age file gives what pyrage gives, and nothing of a changed file."""

from __future__ import annotations

import hashlib
import io
import random

import pyrage
import pytest

from anonpipe.agefile import AgeFormatError, NoMatchError
from anonpipe.agereader import CHUNK, open_sealed
from tests.test_vectors import NAMES, Vector, read


def sealed(data: bytes) -> tuple[bytes, str]:
    identity = pyrage.x25519.Identity.generate()
    return pyrage.encrypt(data, [identity.to_public()]), str(identity)


def of_one_identity() -> list[str]:
    """Vectors that are binary and have an identity; others are never opened this way."""
    vectors = {name: read(name) for name in NAMES}
    return [
        name
        for name, vector in vectors.items()
        if vector.passphrase is None and len(vector.secrets) == 1 and "armor" not in name
    ]


@pytest.mark.parametrize("name", of_one_identity())
def test_vector(name: str) -> None:
    vector: Vector = read(name)

    def whole() -> bytes:
        with open_sealed(io.BytesIO(vector.data), str(vector.secrets[0])) as file:
            return file.read()

    if vector.expect == "success":
        assert hashlib.sha256(whole()).hexdigest() == vector.payload
        return
    with pytest.raises((AgeFormatError, OSError)) as caught:
        whole()
    assert isinstance(caught.value, NoMatchError) == (vector.expect == "no match")


def test_there_are_vectors_of_every_kind() -> None:
    found = {read(name).expect for name in of_one_identity()}
    assert found >= {"success", "no match", "HMAC failure", "header failure", "payload failure"}


@pytest.mark.parametrize(
    "size", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 3 * CHUNK - 16, 3 * CHUNK + 5]
)
def test_any_length_and_any_place(size: int) -> None:
    data = random.Random(size).randbytes(size)
    cipher, identity = sealed(data)
    rng = random.Random(1)
    with open_sealed(io.BytesIO(cipher), identity) as file:
        assert file.read() == data
        assert file.seek(0, io.SEEK_END) == size
        assert file.read(1) == b""
        for _ in range(50):
            at, many = rng.randrange(size + 10), rng.randrange(CHUNK + 100)
            assert file.seek(at) == at
            assert file.read(many) == data[at : at + many]
            assert file.tell() == max(at, min(at + many, size))


@pytest.mark.parametrize("cut", [1, 15, 16, 17, CHUNK, CHUNK + 16, CHUNK + 17])
def test_a_file_that_was_cut_does_not_open(cut: int) -> None:
    cipher, identity = sealed(random.Random(1).randbytes(2 * CHUNK + 100))
    with pytest.raises(AgeFormatError):
        open_sealed(io.BytesIO(cipher[:-cut]), identity)


def test_a_chunk_that_was_changed_or_moved_is_never_given() -> None:
    data = random.Random(1).randbytes(4 * CHUNK + 100)
    cipher, identity = sealed(data)
    begin = len(cipher) - (4 * CHUNK + 100 + 5 * 16)
    second, third = (
        slice(begin + n * (CHUNK + 16), begin + (n + 1) * (CHUNK + 16)) for n in (1, 2)
    )
    changed = bytearray(cipher)
    changed[second.start + 5] ^= 1
    swapped = bytearray(cipher)
    swapped[second], swapped[third] = cipher[third], cipher[second]
    for damaged in (changed, swapped):
        with open_sealed(io.BytesIO(bytes(damaged)), identity) as file:
            assert file.read(CHUNK) == data[:CHUNK]
            file.seek(CHUNK + 10)
            with pytest.raises(OSError, match="damaged"):
                file.read(10)
            file.seek(3 * CHUNK)
            assert file.read() == data[3 * CHUNK :]


def test_another_identity_does_not_open_it() -> None:
    cipher, _ = sealed(b"Kari Nordmann")
    with pytest.raises(NoMatchError):
        open_sealed(io.BytesIO(cipher), str(pyrage.x25519.Identity.generate()))


def test_it_opens_what_has_several_recipients() -> None:
    identities = [pyrage.x25519.Identity.generate() for _ in range(3)]
    cipher = pyrage.encrypt(b"x" * 100, [identity.to_public() for identity in identities])
    for identity in identities:
        with open_sealed(io.BytesIO(cipher), str(identity)) as file:
            assert file.read() == b"x" * 100
