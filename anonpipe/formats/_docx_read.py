"""Reading Word documents: all the text that a reader of the document can meet.

Body, tables, text boxes, footnotes, endnotes, comments, headers and footers, charts
and diagrams; tracked insertions as they stand, tracked deletions not. Elements are
known by their local names, so that transitional and strict files read alike.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from anonpipe.errors import RecordingError
from anonpipe.formats._base import one_line
from anonpipe.formats._labels import Block, line_of_cells
from anonpipe.formats._programs import turns_of_text
from anonpipe.formats._xml import local as _local
from anonpipe.formats._xml import parse
from anonpipe.transcript import Transcript

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element
    from zipfile import ZipFile

OWN_TITLE = "TranscriptTitle"
OWN_INFO = "TranscriptInfo"
OWN_TURN = "TranscriptTurn"
OWN_STAMPED = "TranscriptStamped"
"""A turn with a time stamp behind its label: «P01: #00:01:23-4# tekst»."""
OWN_CELL = "TranscriptCell"
"""A cell of a table of turns: time, label and text are a row."""

_LARGEST_PART = 100_000_000  # bytes; an hour of speech is under one million
_OLD_WORD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
# Parts beside the body, in the order in which their text is added.
_BESIDE = ("footnotes", "endnotes", "comments", "header", "footer")
_DRAWN = ("/charts/chart", "/diagrams/data")
_HEADINGS = ("heading", "overskrift", "title", "tittel", "subtitle", "undertittel")
_LONGEST_FIELD = 40  # characters of a first cell that names its table row

_STAMPED = re.compile(r"([^:]+): #(\d{2,}:\d\d:\d\d)-(\d)#(?: (.*))?", re.DOTALL)

# Deleted or moved away: the text is no longer there. The others show no text.
_SKIPPED = frozenset({"del", "moveFrom", "delText", "instrText", "delInstrText", "pPr", "rPr"})
_SIGNS = {"tab": " ", "ptab": " ", "noBreakHyphen": "-", "br": "\n", "cr": "\n"}


def read(data: bytes, name: str, language: str) -> Transcript:
    """A transcript or notes as docx; raises RecordingError if it cannot be read whole."""
    if not data:
        raise RecordingError(f"{name} is empty; check that it was copied in full.")
    if data.startswith(_OLD_WORD):
        raise RecordingError(
            f"{name} is protected by a password or in the old doc format; "
            "open it in a word processor and save it as docx without a password."
        )
    import zipfile
    import zlib

    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            blocks, own = _blocks(package, name)
    except (
        zipfile.BadZipFile,
        zlib.error,
        KeyError,
        ValueError,
        OSError,
        EOFError,
        NotImplementedError,
        RuntimeError,  # an encrypted entry, or elements nested without end
    ):
        raise RecordingError(
            f"{name} is not a sound docx file; open it in a word processor and save it again."
        ) from None
    turns = turns_of_text(blocks)
    if not turns and not own:
        raise RecordingError(f"{name} holds no text; check that it was saved in full.")
    return Transcript(turns, language)


def _blocks(package: ZipFile, name: str) -> tuple[list[Block], bool]:
    """Paragraphs of all parts, and whether this program wrote the document."""
    types = {
        element.get("PartName", "").lstrip("/"): element.get("ContentType", "")
        for element in _parse(package, "[Content_Types].xml", name)
    }
    main = next(
        (
            part
            for part, kind in types.items()
            if kind.endswith(".main+xml") and ("wordprocessingml" in kind or "ms-word" in kind)
        ),
        None,
    )
    if main is None:
        raise RecordingError(
            f"{name} is no text document although it is called docx; save it as docx or txt."
        )
    body = _parse(package, main, name)
    if any(_local(element) == "altChunk" for element in body.iter()):
        raise RecordingError(
            f"{name} holds another document whose text cannot be reached; "
            "open it in a word processor and save it again."
        )
    blocks: list[Block] = []
    own = False
    for paragraph in _paragraphs(body):
        if paragraph.style in (OWN_TITLE, OWN_INFO):
            own = True
        elif paragraph.style == OWN_STAMPED and (match := _STAMPED.fullmatch(paragraph.text)):
            line = f"{match[1]} ({match[2]}.{match[3]}): {match[4] or ''}"
            blocks.append(Block((line,), "own"))
        else:
            blocks.append(Block(tuple(paragraph.text.split("\n")), _kind(paragraph.style)))
    seen: set[str] = set()  # headers of the first, even and odd pages are often the same
    for text in _beside(package, types, name):
        if text not in seen:
            seen.add(text)
            blocks.append(Block((text,), "note"))
    return [block for block in blocks if any(map(one_line, block.lines))], own


def _kind(style: str) -> Literal["text", "heading", "own"]:
    if style == OWN_TURN:
        return "own"
    return "heading" if style.casefold().startswith(_HEADINGS) else "text"


def _beside(package: ZipFile, types: dict[str, str], name: str) -> Iterator[str]:
    """Text of notes, comments, headers, footers, charts and diagrams."""
    for kind in _BESIDE:
        for part in sorted(types):
            if types[part].endswith(f"wordprocessingml.{kind}+xml"):
                for paragraph in _paragraphs(_parse(package, part, name)):
                    if paragraph.style != OWN_INFO:
                        yield one_line(paragraph.text)
    for part in sorted(package.namelist()):
        if part.endswith(".xml") and any(mark in part for mark in _DRAWN):
            for element in _parse(package, part, name).iter():
                if _local(element) in ("strCache", "p"):
                    marks = {"v", "t"}
                    yield one_line(
                        " ".join(e.text or "" for e in element.iter() if _local(e) in marks)
                    )


def _parse(package: ZipFile, part: str, name: str) -> Element:
    if package.getinfo(part).file_size > _LARGEST_PART:
        raise RecordingError(f"{name} is too large for a text document; split it or save as txt.")
    return parse(package.read(part))  # Office never writes a document type


@dataclass(frozen=True, slots=True)
class _Paragraph:
    style: str
    text: str


def _paragraphs(container: Element) -> Iterator[_Paragraph]:
    """Paragraphs of a body, cell, box, note or comment, tables and boxes included."""
    carried = ""  # of a paragraph whose end mark was deleted: it runs on into the next
    for element in _content(container):
        if _local(element) == "tbl":
            yield from _table(element)
            continue
        pieces: list[str] = []
        boxes: list[Element] = []
        _collect(element, pieces, boxes)
        carried += "".join(pieces)
        if not _mark_deleted(element):
            yield _Paragraph(_style(element), carried)
            carried = ""
        for box in boxes:
            yield from _paragraphs(box)
    if carried:
        yield _Paragraph("", carried)


def _content(container: Element) -> Iterator[Element]:
    """Paragraphs and tables, also those wrapped in content controls or tracked insertions."""
    for child in container:
        local = _local(child)
        if local in ("p", "tbl"):
            yield child
        elif local == "AlternateContent":
            yield from _content(_chosen(child))
        elif local not in _SKIPPED:
            yield from _content(child)


def _chosen(alternatives: Element) -> Element:
    """One of the renderings of the same thing: the first, which is the newer."""
    return next(iter(alternatives), alternatives)


def _style(paragraph: Element) -> str:
    for properties in paragraph:
        if _local(properties) == "pPr":
            for element in properties:
                if _local(element) == "pStyle":
                    return next((v for k, v in element.items() if k.endswith("}val")), "")
    return ""


def _mark_deleted(paragraph: Element) -> bool:
    return any(
        _local(mark) == "del"
        for properties in paragraph
        if _local(properties) == "pPr"
        for run in properties
        if _local(run) == "rPr"
        for mark in run
    )


def _collect(element: Element, pieces: list[str], boxes: list[Element]) -> None:
    for child in element:
        local = _local(child)
        if local == "t":
            pieces.append(child.text or "")
        elif local in _SIGNS:
            pieces.append(_SIGNS[local])
        elif local == "txbxContent":
            boxes.append(child)
        elif local == "AlternateContent":
            _collect(_chosen(child), pieces, boxes)
        elif local not in _SKIPPED:
            _collect(child, pieces, boxes)


def _table(table: Element) -> Iterator[_Paragraph]:
    """Rows as lines: «Intervjuer | Hei» and «Telefon | 12345678» with a colon between."""
    for row in _wrapped(table, "tr"):
        if any(_local(mark) == "del" for prop in _wrapped(row, "trPr") for mark in prop):
            continue
        cells = [list(_paragraphs(cell)) for cell in _wrapped(row, "tc")]
        texts = [one_line(" ".join(paragraph.text for paragraph in cell)) for cell in cells]
        styles = {paragraph.style for cell in cells for paragraph in cell}
        if styles == {OWN_INFO}:
            yield _Paragraph(OWN_INFO, "")
            continue
        if styles == {OWN_CELL} and len(texts) == 3 and texts[1].endswith(":"):
            time = f" ({texts[0]})" if texts[0] else ""
            yield _Paragraph(OWN_TURN, f"{texts[1][:-1]}{time}: {texts[2]}")
            continue
        filled = [text for text in texts if text]
        if len(filled) > 1 and texts[0] and len(texts[0]) <= _LONGEST_FIELD:
            yield _Paragraph("", line_of_cells(filled))
        else:
            yield from (paragraph for cell in cells for paragraph in cell)


def _wrapped(element: Element, name: str) -> Iterator[Element]:
    """Children of a name, also those inside content controls or tracked insertions."""
    for child in element:
        local = _local(child)
        if local == name:
            yield child
        elif local in ("sdt", "sdtContent", "customXml", "ins", "moveTo"):
            yield from _wrapped(child, name)
