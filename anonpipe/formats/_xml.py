"""XML of other programs, and packages that hold it: read without trusting them."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from html import escape, unescape
from typing import TYPE_CHECKING

from anonpipe.errors import RecordingError
from anonpipe.splicing import Change, splice

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

LARGEST_PART = 100_000_000  # bytes; an hour of speech is under one million
_TEXT = re.compile(r"(?<=>)([^<>]+)(?=<)")


def parse(data: bytes) -> Element:
    """The root of a document; ValueError if it is not sound or declares a document type.

    With a document type a small file could unfold without end or point to other files.
    """
    from xml.etree import ElementTree

    if b"<!DOCTYPE" in data or "<!DOCTYPE".encode("utf-16-le") in data:
        raise ValueError("document type")
    try:
        return ElementTree.fromstring(data)  # noqa: S314 - no document type, so no entities
    except (ElementTree.ParseError, LookupError):
        raise ValueError("no sound XML") from None


def local(element: Element) -> str:
    """An element's name without its namespace."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def attribute(element: Element, name: str) -> str:
    """An attribute by its name without its namespace; "" if there is none."""
    return next((v for k, v in element.items() if k.rpartition("}")[2] == name), "")


def parts_of(data: bytes) -> dict[str, bytes]:
    """The files of a zip package, by name; ValueError if it is none, or too large."""
    import zipfile
    import zlib

    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            if sum(entry.file_size for entry in package.infolist()) > LARGEST_PART:
                raise ValueError("too large")
            return {entry.filename: package.read(entry) for entry in package.infolist()}
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        KeyError,
        OSError,
        NotImplementedError,
        RuntimeError,  # an encrypted entry
    ):
        raise ValueError("no sound package") from None


def package_of(parts: Mapping[str, bytes]) -> bytes:
    """A zip package without times and without marks of a system: the same for the same parts."""
    import zipfile

    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in parts.items():
            entry = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 0
            package.writestr(entry, content)
    return buffer.getvalue()


def spliced(text: str, change: Change) -> str:
    """The text between an XML document's tags with a change made in each stretch of it."""

    def other(match: re.Match[str]) -> str:
        plain = unescape(match[1])
        new = splice(plain, change.pieces(plain))
        return match[1] if new == plain else escape(new, quote=False)

    return _TEXT.sub(other, text)


def unsound(name: str, kind: str) -> RecordingError:
    """What is said of a file that cannot be taken apart."""
    return RecordingError(
        f"{name} is not a sound {kind} file; export it again, or save it as docx or txt."
    )
