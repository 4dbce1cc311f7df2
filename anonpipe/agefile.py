"""Opening age files: a strict look at the header before pyrage sees it, and padding.

The grammar is that of the age specification (C2SP, age-encryption.org/v1). pyrage 1.4
accepts stanzas without a body or without the short last line and computes any scrypt
work factor; both are refused here, before a passphrase is asked for or memory is used.
Nothing in anonpipe decrypts but through `decrypt`, `decrypt_to` and `decrypt_with_passphrase`, and
`agereader` where only a part of a large file is wanted.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO, TypeVar

T = TypeVar("T")

VERSION_LINE = b"age-encryption.org/v1"
MAX_WORK_FACTOR = 20
"""Highest scrypt work factor that is computed: 2**20 rounds take 1 GiB of memory."""

ARMOR_BEGIN, ARMOR_END = b"-----BEGIN AGE ENCRYPTED FILE-----", b"-----END AGE ENCRYPTED FILE-----"
MAX_HEADER = 1 << 20
PAYLOAD_MIN = 16 + 16  # nonce and the tag of an empty last chunk

PAD_MINIMUM = 16 * 1024
PAD_STEP = 4 * 1024

_ARGUMENTS = re.compile(rb"-> ([\x21-\x7e]+(?: [\x21-\x7e]+)*)")
_MAC = re.compile(rb"--- ([A-Za-z0-9+/]{43})")
_WHITE_SPACE = b" \t\r\n"
_FULL_LINE = 64
_NO_MATCH = ("No matching keys", "Decryption failed")
_SALT_BYTES, _BODY_BYTES = 16, 32


class AgeFormatError(ValueError):
    """The bytes are no age file that may be handed on; the message is a short reason."""


class NoMatchError(AgeFormatError):
    """The header is sound, but the identities or the passphrase given do not open the file."""


@dataclass(frozen=True, slots=True)
class Stanza:
    """One recipient stanza: its type, its arguments and its decoded body."""

    type: str
    arguments: tuple[str, ...]
    body: bytes


def decrypt(data: bytes, secrets: Sequence[Any]) -> bytes:
    """The plaintext of an age file, armoured or not, that one of `secrets` opens.

    `secrets` are pyrage's X25519 identities. Raises NoMatchError when none of them opens it, and
    AgeFormatError for whatever is wrong with the file; then nothing of its content is given.
    """
    import pyrage

    data = dearmor(data)
    if is_passphrase_file(parse_header(data)):
        raise AgeFormatError("it is locked with a passphrase, not to recipients")
    return _open(lambda: bytes(pyrage.decrypt(data, list(secrets))))


def decrypt_to(target: BinaryIO, file: BinaryIO, secrets: Sequence[Any]) -> None:
    """Write the plaintext of a large binary age file to `target`, piece by piece.

    Raises as `decrypt` does, but pieces before the one that is wrong have been written by then,
    and OSError where the file cannot be read.
    """
    import pyrage

    if is_passphrase_file(parse_header(file.read(MAX_HEADER))):
        raise AgeFormatError("it is locked with a passphrase, not to recipients")
    file.seek(0)
    try:
        _open(lambda: pyrage.decrypt_io(file, target, list(secrets)))
    except OSError as problem:
        if problem.errno:
            raise
        # pyrage calls a piece that was altered an OSError, without a number.
        raise AgeFormatError("it is damaged or cut off") from None


def decrypt_with_passphrase(data: bytes, passphrase: str) -> bytes:
    """The plaintext of an age file that a passphrase locks; errors are those of `decrypt`.

    Takes as long and as much memory as its work factor says, at most 1 GiB.
    """
    import pyrage

    data = dearmor(data)
    if not is_passphrase_file(parse_header(data)):
        raise AgeFormatError("it is encrypted to recipients, not locked with a passphrase")
    return _open(lambda: bytes(pyrage.passphrase.decrypt(data, passphrase)))


def parse_header(data: bytes) -> tuple[Stanza, ...]:
    """Check a binary age file's header and return its stanzas; raises AgeFormatError.

    Also refuses files that end before the smallest possible payload does.
    """
    if not data.startswith(VERSION_LINE + b"\n"):
        raise AgeFormatError("it is not an age file")
    lines = _Lines(data, len(VERSION_LINE) + 1)
    stanzas: list[Stanza] = []
    while not (line := lines.next()).startswith(b"---"):
        stanzas.append(_parse_stanza(line, lines))
    mac = _MAC.fullmatch(line)
    if mac is None or not stanzas:
        raise AgeFormatError("its header is not complete")
    decoded(mac[1], 32)
    if len(data) - lines.at < PAYLOAD_MIN:
        raise AgeFormatError("it is cut off")
    _check_scrypt(stanzas)
    return tuple(stanzas)


def is_passphrase_file(stanzas: tuple[Stanza, ...]) -> bool:
    """Whether a passphrase opens the file, rather than an identity."""
    return stanzas[0].type == "scrypt"


def dearmor(data: bytes) -> bytes:
    """The binary form of an age file; armoured text is decoded, anything else returned as it is.

    White space around the armour is allowed (which pyrage refuses), inside it is not.
    """
    if not data.lstrip(_WHITE_SPACE).startswith(ARMOR_BEGIN):
        return data
    lines = data.strip(_WHITE_SPACE).replace(b"\r\n", b"\n").split(b"\n")
    body = lines[1:-1]
    if lines[0] != ARMOR_BEGIN or lines[-1] != ARMOR_END or not body:
        raise AgeFormatError("its armour is not complete")
    if any(len(line) != _FULL_LINE for line in body[:-1]) or not 0 < len(body[-1]) <= _FULL_LINE:
        raise AgeFormatError("its armour has lines of a wrong length")
    try:
        binary = base64.b64decode(b"".join(body), validate=True)
    except binascii.Error:
        raise AgeFormatError("its armour is damaged") from None
    if base64.b64encode(binary) != b"".join(body):
        raise AgeFormatError("its armour is damaged")
    return binary


def pad(data: bytes) -> bytes:
    """Append a line feed and spaces, so that the length tells little.

    The result is at least 16 KiB, above that a multiple of 4 KiB or of about an eighth of
    its size, whichever is more. JSON stays valid JSON, as white space may follow it.
    """
    size = len(data) + 1
    step = max(PAD_STEP, 1 << max(0, size.bit_length() - 4))
    padded = max(PAD_MINIMUM, -(-size // step) * step)
    return data + b"\n" + b" " * (padded - size)


def unpad(data: bytes) -> bytes:
    """The inverse of `pad` for any bytes; raises AgeFormatError on what `pad` did not make."""
    text = data.rstrip(b" ")
    if not text.endswith(b"\n"):
        raise AgeFormatError("it was not sealed by anonpipe")
    return text[:-1]


def _open(work: Callable[[], T]) -> T:
    import pyrage

    try:
        return work()
    except pyrage.DecryptError as problem:
        if any(words in str(problem) for words in _NO_MATCH):
            raise NoMatchError("it does not open with what was given") from None
        raise AgeFormatError("it is damaged or cut off") from None


class _Lines:
    """The lines of a header; every one must end in a line feed alone."""

    def __init__(self, data: bytes, at: int) -> None:
        self._data, self.at = data, at

    def next(self) -> bytes:
        end = self._data.find(b"\n", self.at, MAX_HEADER)
        if end < 0:
            raise AgeFormatError("its header is not complete")
        line = self._data[self.at : end]
        self.at = end + 1
        return line


def _parse_stanza(line: bytes, lines: _Lines) -> Stanza:
    found = _ARGUMENTS.fullmatch(line)
    if found is None:
        raise AgeFormatError("its header is damaged")
    body = b""
    while True:
        part = lines.next()
        if len(part) > _FULL_LINE:
            raise AgeFormatError("its header is damaged")
        body += part
        if len(part) < _FULL_LINE:  # the last line of a body is short, and empty if need be
            break
    name, *arguments = found[1].decode("ascii").split(" ")
    return Stanza(name, tuple(arguments), decoded(body))


def decoded(text: bytes, size: int | None = None) -> bytes:
    """Decode base64 without padding, canonical only."""
    try:
        binary = base64.b64decode(text + b"=" * (-len(text) % 4), validate=True)
    except binascii.Error:
        raise AgeFormatError("its header is damaged") from None
    canonical = base64.b64encode(binary).rstrip(b"=") == text
    if not canonical or (size is not None and len(binary) != size):
        raise AgeFormatError("its header is damaged")
    return binary


def _check_scrypt(stanzas: list[Stanza]) -> None:
    wrapped = [stanza for stanza in stanzas if stanza.type == "scrypt"]
    if not wrapped:
        return
    if len(stanzas) != 1:
        raise AgeFormatError("its header mixes a passphrase with other recipients")
    stanza = wrapped[0]
    if len(stanza.arguments) != 2 or len(stanza.body) != _BODY_BYTES:
        raise AgeFormatError("its header is damaged")
    salt, factor = stanza.arguments
    decoded(salt.encode("ascii"), _SALT_BYTES)
    if not re.fullmatch(r"[1-9][0-9]{0,3}", factor):
        raise AgeFormatError("its header is damaged")
    if int(factor) > MAX_WORK_FACTOR:
        raise AgeFormatError(
            f"it asks for a work factor of {factor}, and more than {MAX_WORK_FACTOR} is refused"
        )
