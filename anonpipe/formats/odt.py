"""OpenDocument texts (.odt, ISO/IEC 26300), read only: what LibreOffice writes.

Body, tables, text boxes, footnotes, comments, headers and footers; tracked insertions as they
stand, tracked deletions not.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from anonpipe.errors import RecordingError
from anonpipe.formats._base import Format, one_line
from anonpipe.formats._labels import Block, line_of_cells
from anonpipe.formats._programs import turns_of_text
from anonpipe.formats._xml import attribute, local, parse, parts_of, unsound
from anonpipe.transcript import Transcript

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

# Text beside the text; it follows the paragraph in which it is anchored.
_BESIDE = frozenset(("note", "annotation", "text-box"))
# Deleted text, the numbers of notes, and descriptions of pictures.
_SKIPPED = frozenset(("tracked-changes", "note-citation", "desc"))
_ROWS = frozenset(("table-header-rows", "table-rows", "table-row-group"))
_CELLS = frozenset(("table-cell", "covered-table-cell"))
_LONGEST_FIELD = 40  # characters of a first cell that names its table row


def read(data: bytes, name: str, language: str) -> Transcript:
    """A transcript or notes as odt; raises RecordingError if it cannot be read whole."""
    if not data:
        raise RecordingError(f"{name} is empty; check that it was copied in full.")
    try:
        parts = parts_of(data)
        blocks = list(_blocks(parse(parts["content.xml"])))
        if "styles.xml" in parts:
            blocks += _margins(parse(parts["styles.xml"]))
    except (ValueError, KeyError, RuntimeError):  # RuntimeError: elements nested without end
        raise unsound(name, "odt") from None
    turns = turns_of_text([block for block in blocks if any(map(one_line, block.lines))])
    if not turns:
        raise RecordingError(f"{name} holds no text; check that it was saved in full.")
    return Transcript(turns, language)


def _blocks(container: Element) -> Iterator[Block]:
    for child in container:
        name = local(child)
        if name in ("p", "h"):
            yield from _paragraph(child)
        elif name == "table":
            yield from _table(child)
        elif name not in _SKIPPED:
            yield from _blocks(child)


def _paragraph(element: Element) -> Iterator[Block]:
    pieces: list[str] = []
    beside: list[Element] = []
    _collect(element, pieces, beside)
    lines = tuple("".join(pieces).split("\n"))
    yield Block(lines, "heading" if local(element) == "h" else "text")
    for each in beside:
        for block in _blocks(each):
            yield block if local(each) == "text-box" else Block(block.lines, "note")


def _collect(element: Element, pieces: list[str], beside: list[Element]) -> None:
    """A paragraph's text; blanks are written as elements when there are several."""
    pieces.append(element.text or "")
    for child in element:
        name = local(child)
        if name == "s" or name == "tab":
            pieces.append(" ")
        elif name == "line-break":
            pieces.append("\n")
        elif name in _BESIDE:
            beside.append(child)
        elif name not in _SKIPPED:
            _collect(child, pieces, beside)
        pieces.append(child.tail or "")


def _table(table: Element) -> Iterator[Block]:
    """Rows as lines, as in Word documents: «Intervjuer: Hei»."""
    for row in _rows(table):
        cells = [list(_blocks(cell)) for cell in row if local(cell) in _CELLS]
        texts = [one_line(" ".join(" ".join(b.lines) for b in cell)) for cell in cells]
        filled = [text for text in texts if text]
        if len(filled) > 1 and texts[0] and len(texts[0]) <= _LONGEST_FIELD:
            yield Block((line_of_cells(filled),))
        else:
            yield from (block for cell in cells for block in cell)


def _rows(table: Element) -> Iterator[Element]:
    for child in table:
        if local(child) == "table-row":
            yield child
        elif local(child) in _ROWS:
            yield from _rows(child)


def _margins(root: Element) -> list[Block]:
    """Headers and footers of the page styles, each once."""
    found: dict[str, None] = {}
    for element in root.iter():
        if local(element).startswith(("header", "footer")) and not attribute(element, "display"):
            for block in _blocks(element):
                found |= dict.fromkeys(filter(None, map(one_line, block.lines)))
    return [Block((line,), "note") for line in found]


FORMAT = Format("odt", (".odt",), read)
