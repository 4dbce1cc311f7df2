"""Reading from anywhere in an age file, without the rest of it in memory.

The age specification (C2SP, age-encryption.org/v1) encrypts in chunks of 64 KiB, each sealed by
itself with its number and whether it is the last, so that any of them can be opened alone. pyrage
has no way to do so, and a recording of three hours would have to lie in memory as a whole. Here
the steps that the specification gives are taken with the primitives of `cryptography`; only
reading, only for X25519 recipients. `agefile` checks the header's form first, as everywhere.

What is given is always authentic: the header's MAC and the last chunk, and with it the length,
are checked on opening, every other chunk when it is read.
"""

from __future__ import annotations

import errno
import hmac
import io
from typing import TYPE_CHECKING, Any, BinaryIO

from anonpipe.agefile import MAX_HEADER, AgeFormatError, NoMatchError, Stanza, decoded, parse_header

if TYPE_CHECKING:
    from typing_extensions import Buffer

CHUNK = 64 * 1024
_TAG, _NONCE, _FILE_KEY, _WRAPPED = 16, 16, 16, 32
_MAC_MARK = b"\n--- "
_BECH32 = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"


def open_sealed(file: BinaryIO, identity: str) -> BinaryIO:
    """The plaintext of a binary age file as a file that can be read and sought in.

    `file` is closed with it. `identity` is an age identity, AGE-SECRET-KEY-1 and so on. Raises
    NoMatchError where it does not open the file, AgeFormatError where the file is damaged, OSError
    where it cannot be read; a chunk that turns out to be damaged later is an OSError.
    """
    return io.BufferedReader(_Chunks(file, identity), CHUNK)


class _Chunks(io.RawIOBase):
    """The plaintext, of which one chunk is held."""

    def __init__(self, file: BinaryIO, identity: str) -> None:
        from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

        self._file = file
        head = file.read(MAX_HEADER)
        stanzas = parse_header(head)
        end = head.index(b"\n", head.index(_MAC_MARK) + 1) + 1
        file_key = _file_key(stanzas, head[:end], _secret(identity))
        nonce = head[end : end + _NONCE]
        self._cipher = ChaCha20Poly1305(_derived(file_key, nonce, b"payload"))
        self._begin = end + _NONCE
        sealed = file.seek(0, io.SEEK_END) - self._begin
        self._last = max(0, -(-sealed // (CHUNK + _TAG)) - 1)
        self._size = sealed - (self._last + 1) * _TAG
        self._at, self._held, self._chunk = 0, -1, b""
        if sealed - self._last * (CHUNK + _TAG) < _TAG + (self._last > 0):
            raise AgeFormatError("it is cut off")
        try:
            self._open(self._last)
        except OSError as problem:
            if problem.errno != errno.EBADMSG:
                raise
            raise AgeFormatError("it is damaged or cut off") from None

    def _open(self, number: int) -> None:
        """Hold the plaintext of a chunk."""
        from cryptography.exceptions import InvalidTag

        self._file.seek(self._begin + number * (CHUNK + _TAG))
        data = self._file.read(CHUNK + _TAG)
        nonce = number.to_bytes(11, "big") + bytes([number == self._last])
        try:
            self._chunk, self._held = self._cipher.decrypt(nonce, data, None), number
        except InvalidTag:
            raise OSError(errno.EBADMSG, "it was damaged or changed") from None

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        begin = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        if begin + offset < 0:
            raise OSError(errno.EINVAL, "before the beginning")
        self._at = begin + offset
        return self._at

    def readinto(self, buffer: Buffer, /) -> int:
        if self._at >= self._size:
            return 0
        number, within = divmod(self._at, CHUNK)
        if number != self._held:
            self._open(number)
        view = memoryview(buffer).cast("B")
        piece = self._chunk[within : within + len(view)]
        view[: len(piece)] = piece
        self._at += len(piece)
        return len(piece)

    def close(self) -> None:
        if not self.closed:
            self._file.close()
            self._chunk, self._held = b"", -1
        super().close()


def _file_key(stanzas: tuple[Stanza, ...], header: bytes, secret: Any) -> bytes:
    """The file key that a stanza wraps for this secret, once the header's MAC was checked."""
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey
    from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

    recipient = secret.public_key().public_bytes_raw()
    for stanza in stanzas:
        if stanza.type != "X25519":
            continue
        share = decoded(stanza.arguments[0].encode(), 32) if len(stanza.arguments) == 1 else b""
        if len(share) != 32 or len(stanza.body) != _WRAPPED:
            raise AgeFormatError("its header is damaged")
        try:
            shared = secret.exchange(X25519PublicKey.from_public_bytes(share))
            key = _derived(shared, share + recipient, b"age-encryption.org/v1/X25519")
            file_key = ChaCha20Poly1305(key).decrypt(bytes(12), stanza.body, None)
        except InvalidTag:
            continue
        except ValueError:  # a share of low order
            raise AgeFormatError("its header is damaged") from None
        mac_at = header.rindex(_MAC_MARK) + len(_MAC_MARK)
        mac = hmac.digest(_derived(file_key, b"", b"header"), header[: mac_at - 1], "sha256")
        if not hmac.compare_digest(mac, decoded(header[mac_at:-1], 32)):
            raise AgeFormatError("its header is damaged")
        return file_key
    raise NoMatchError("it does not open with what was given")


def _derived(key: bytes, salt: bytes, info: bytes) -> bytes:
    """HKDF-SHA-256 to 32 bytes, which is one block (RFC 5869)."""
    pseudorandom = hmac.digest(salt or bytes(32), key, "sha256")
    return hmac.digest(pseudorandom, info + b"\x01", "sha256")


def _secret(identity: str) -> Any:
    """The X25519 key of an age identity, whose Bech32 checksum pyrage has checked."""
    import pyrage
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

    text = str(pyrage.x25519.Identity.from_str(identity)).lower()
    number = 0
    for letter in text.rpartition("1")[2][:-6]:
        number = number << 5 | _BECH32.index(letter)
    return X25519PrivateKey.from_private_bytes((number >> 4).to_bytes(32, "big"))
