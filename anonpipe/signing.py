"""Signatures (Ed25519, RFC 8032): that something was written by a holder of the study's key.

The signing secret lies in the key file, so whoever can open the key can sign, and nobody
else. Every message begins with a line that says what it is for, so that a signature made for
one purpose is worth nothing for another.
"""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass

_KEY = re.compile(r"[0-9a-f]{64}")
_SIGNATURE = re.compile(r"[0-9a-f]{128}")
_PURPOSE = re.compile(r"[a-z][a-z-]{0,31}")


@dataclass(frozen=True, slots=True, repr=False)
class Signer:
    """A signing key; `secret` and `public` are 32 bytes each, in 64 hexadecimal digits.

    Its repr shows the public half only.
    """

    secret: str
    public: str

    @classmethod
    def generate(cls) -> Signer:
        """A new key from the system's random numbers."""
        return cls.from_secret(secrets.token_hex(32))

    @classmethod
    def from_secret(cls, secret: str) -> Signer:
        """The signer that `secret` (64 lower-case hexadecimal digits) belongs to; ValueError."""
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        if not isinstance(secret, str) or not _KEY.fullmatch(secret):
            raise ValueError("a signing secret is 64 hexadecimal digits")
        key = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(secret))
        return cls(secret, key.public_key().public_bytes_raw().hex())

    def sign(self, message: bytes) -> str:
        """The signature of a message that `compose` made: 64 bytes in 128 hexadecimal digits."""
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(self.secret)).sign(message).hex()

    def __repr__(self) -> str:
        return f"Signer(public={self.public!r})"


def compose(purpose: str, *parts: str) -> bytes:
    """The bytes to sign: b"anonpipe PURPOSE v1", then each part, each ended by a line feed.

    `purpose` is a word of the program; a part is ASCII without line feeds, else ValueError,
    so that no two lists of parts give the same bytes.
    """
    if not _PURPOSE.fullmatch(purpose):
        raise ValueError("the purpose of a signature is a word of the program")
    if any("\n" in part or not part.isascii() for part in parts):
        raise ValueError("a part of a signed message is one line of ASCII")
    return "".join(f"{line}\n" for line in (f"anonpipe {purpose} v1", *parts)).encode()


def verify(public: str, message: bytes, signature: str) -> bool:
    """Whether `signature` was made of `message` by the key whose public half is `public`.

    False, too, for what is no key or no signature.
    """
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    if not isinstance(public, str) or not _KEY.fullmatch(public):
        return False
    if not isinstance(signature, str) or not _SIGNATURE.fullmatch(signature):
        return False
    try:
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(public))
        key.verify(bytes.fromhex(signature), message)
    except (InvalidSignature, ValueError):
        return False
    return True
