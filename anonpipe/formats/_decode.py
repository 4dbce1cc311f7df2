"""Bytes of a text file to text, whatever encoding a researcher's program saved it in."""

from __future__ import annotations

import codecs
import re

from anonpipe.errors import RecordingError

# UTF-32 before UTF-16: its little-endian mark begins with UTF-16's.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# What Norwegian and English text that is not Unicode may be in: Windows (and Latin-1),
# old Macintosh, and DOS (Nordic and Western).
_LEGACY = ("cp1252", "mac_roman", "cp865", "cp850")
_LETTERS = "æøåÆØÅéèêóòôüöäÜÖÄÉáíñçëï"
_SIGNS = "«»–—“”„‘’…§°\u00a0·•€£½¼¾´²"
_CONTROLS = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1f]")


def decode(data: bytes, name: str) -> str:
    """Text of a file with its line ends made LF.

    UTF-8, UTF-16 and UTF-32 with a mark, UTF-16 without one when that is plain,
    else UTF-8, else the likeliest of the legacy encodings of Norwegian and English.
    Raises RecordingError if the file is empty or is not text.
    """
    return decode_as_is(data, name).replace("\r\n", "\n").replace("\r", "\n")


def decode_as_is(data: bytes, name: str) -> str:
    """As `decode`, but every character of the file in its place; only the mark is left out."""
    if not data:
        raise RecordingError(f"{name} is empty; check that it was copied in full.")
    try:
        text = _decode(data)
    except UnicodeDecodeError:
        raise _not_text(name) from None
    if len(_CONTROLS.findall(text)) > len(text) / 200 or "\x00" in text:
        raise _not_text(name)
    if not text.strip("\ufeff \t\r\n"):
        raise RecordingError(f"{name} holds no text; check that it was saved in full.")
    return text


def _not_text(name: str) -> RecordingError:
    return RecordingError(
        f"{name} is not a text file that can be read; save it as UTF-8 text or as docx."
    )


def _decode(data: bytes) -> str:
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding)
    if b"\x00" in data:
        return data.decode(_utf16_order(data))
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return _damaged_utf8(data) or _legacy(data)


def _utf16_order(data: bytes) -> str:
    """The byte order of UTF-16 without a mark: in Western text every other byte is zero.

    Anything else with NUL bytes is no text; then plain UTF-8 is named, and the NULs
    that stay in the text refuse it.
    """
    pairs = len(data) // 2
    even, odd = data[0::2].count(0), data[1::2].count(0)
    if len(data) % 2 == 0 and odd > 0.6 * pairs and even < 0.02 * pairs + 1:
        return "utf-16-le"
    if len(data) % 2 == 0 and even > 0.6 * pairs and odd < 0.02 * pairs + 1:
        return "utf-16-be"
    return "utf-8"


def _damaged_utf8(data: bytes) -> str | None:
    """UTF-8 with a few broken bytes, marked U+FFFD; None if it was not UTF-8 to begin with.

    Read as Windows-1252 such a file would turn every «Kåre» into «KÃ¥re», which no
    recogniser knows as a name.
    """
    text = data.decode("utf-8", errors="replace")
    broken = text.count("\ufffd")
    whole = sum(1 for character in text if character > "\x7f") - broken
    return text if whole >= 4 * broken else None


def _legacy(data: bytes) -> str:
    """Text in the legacy encoding in which its letters are the most Norwegian or English.

    If it looks like neither (Polish, Sámi, ...), charset-normalizer decides.
    """
    above = bytes(byte for byte in data if byte > 0x7F)
    encoding, score = "cp1252", 0
    for candidate in _LEGACY:
        signs = above.decode(candidate, errors="replace")
        usual = sum((sign in _LETTERS) - (sign not in _LETTERS + _SIGNS) for sign in signs)
        if usual > score:
            encoding, score = candidate, usual
    if not score:
        from charset_normalizer import from_bytes  # costs time, and few files need it

        best = from_bytes(data).best()
        if best is not None:
            return str(best)
    return data.decode(encoding, errors="replace")
