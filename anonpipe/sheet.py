"""A table as spreadsheets save it, read and changed without touching the rest of the file.

What is understood, since all of it comes out of Excel, LibreOffice or Numbers: comma,
semicolon or tab between cells; line ends of Windows, Unix and old Macs; UTF-8 with or
without a mark, UTF-16 with a mark, and the Windows code page 1252; a first line `sep=;`;
cells in quotes; empty rows, and empty columns at the end. Rows are numbered as a spreadsheet
numbers them, the header being row 1 where nothing stands above it.

A cell knows where it stands in the text, so that `changed` can replace single cells and leave
every other byte as it was.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from anonpipe.errors import UsageError

FORMULA = ("=", "+", "-", "@", "\t")
"""What begins a cell that a spreadsheet runs as a formula."""
UTF16 = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
_SEPARATOR_LINE = re.compile(r'"?sep=(.)"?(?:\r\n|\r|\n|\Z)', re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Cell:
    """What stands between two separators: `text[start:end]`, and its value without quotes."""

    start: int
    end: int
    value: str
    quoted: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """A row that is not empty; `number` is the one that a spreadsheet shows."""

    number: int
    cells: tuple[Cell, ...]
    end: int  # of its text, before the line end

    def value(self, column: int) -> str:
        """The value in a column, "" where the row is too short for it."""
        return self.cells[column].value if column < len(self.cells) else ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A decoded table; `columns` are the header's names in small letters, "" for nameless ones."""

    name: str
    text: str
    encoding: str
    mark: bytes
    separator: str
    header: Line
    lines: tuple[Line, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        return tuple(cell.value.casefold() for cell in self.header.cells)

    def values(self, line: Line) -> dict[str, str]:
        """The values of a row by column."""
        return {name: line.value(i) for i, name in enumerate(self.columns) if name}

    def changed(self, line: Line, values: Mapping[str, str]) -> bytes:
        """The file with other values in one row, and no other byte changed.

        A column that the header lacks is added to it, in the first nameless column at its end.
        """
        names = list(self.columns)
        while names and not names[-1]:
            names.pop()
        new = [name for name in values if name not in names]
        edits: list[tuple[int, int, str]] = []
        tail = ""
        for column, name in enumerate(new, start=len(names)):
            if column < len(self.header.cells):
                cell = self.header.cells[column]
                edits.append((cell.start, cell.end, self._written(name)))
            else:
                tail += self.separator + self._written(name)
        edits.append((self.header.end, self.header.end, tail))
        names += new
        tail, length = "", len(line.cells)
        for column, name in enumerate(names):
            value = values.get(name)
            if value is None or value == line.value(column):
                continue
            if column < len(line.cells):
                cell = line.cells[column]
                edits.append((cell.start, cell.end, self._written(value, cell.quoted)))
            else:
                tail += self.separator * (column - length + 1) + self._written(value)
                length = column + 1
        edits.append((line.end, line.end, tail))
        text = self.text
        for start, end, put in sorted(edits, reverse=True):
            text = text[:start] + put + text[end:]
        return self.mark + text.encode(self.encoding, errors="surrogateescape")

    def _written(self, value: str, quoted: bool = False) -> str:
        if quoted or any(c in value for c in (self.separator, '"', "\r", "\n")):
            return '"' + value.replace('"', '""') + '"'
        return value


def harmless(cell: str) -> str:
    """A cell that no spreadsheet runs as a formula: such a one is preceded by an apostrophe."""
    return f"'{cell}" if cell.lstrip("'").startswith(FORMULA) else cell


def as_meant(cell: str) -> str:
    """The cell that `harmless` was given."""
    return cell[1:] if cell.startswith("'") and cell.lstrip("'").startswith(FORMULA) else cell


def read(name: str, data: bytes) -> Sheet:
    """Read a table with a header. Raises UsageError, naming the row, for what is no table."""
    text, encoding, mark = _decoded(name, data)
    if "\0" in text:
        raise UsageError(f"{name} is not a table: save it as CSV with UTF-8.")
    start = 0
    found = _SEPARATOR_LINE.match(text)
    if found:
        separator, start = found[1], found.end()
    else:
        # Norwegian spreadsheets separate by semicolon, since the comma is their decimal sign.
        first = next((line for line in re.split(r"[\r\n]+", text) if line.strip()), "")
        separator = max(",;\t", key=first.count)
    lines = [
        line
        for line in _lines(name, text, start, separator)
        if any(cell.value for cell in line.cells)
    ]
    if not lines:
        empty = Line(1, (), start)
        return Sheet(name, text, encoding, mark, separator, empty, ())
    sheet = Sheet(name, text, encoding, mark, separator, lines[0], tuple(lines[1:]))
    _check(sheet)
    return sheet


def _decoded(name: str, data: bytes) -> tuple[str, str, bytes]:
    mark = next((m for m in (codecs.BOM_UTF8, *UTF16) if data.startswith(m)), b"")
    body = data[len(mark) :]
    try:
        encoding = UTF16.get(mark, "utf-8")
        return body.decode(encoding), encoding, mark
    except UnicodeDecodeError:
        if mark:
            raise UsageError(
                f"{name} is damaged, since not all of it is text: save it as CSV with UTF-8."
            ) from None
    # What a spreadsheet on Windows saves as "CSV". Five bytes mean nothing there: they are kept.
    return body.decode("cp1252", errors="surrogateescape"), "cp1252", mark


def _lines(name: str, text: str, start: int, separator: str) -> Iterator[Line]:
    """All rows of a text from `start` on, empty ones too."""
    end_of_cell = re.compile(rf"[{re.escape(separator)}\r\n]")
    cells: list[Cell] = []
    number, at = 1, start
    while at < len(text) or cells:
        cell = _cell(name, number, text, at, end_of_cell, separator)
        cells.append(cell)
        at = cell.end
        if text[at : at + 1] == separator:
            at += 1
            if at < len(text):
                continue
            cells.append(Cell(at, at, ""))
        yield Line(number, tuple(cells), at)
        cells, number = [], number + 1
        at += 2 if text[at : at + 2] == "\r\n" else 1


def _cell(
    name: str, number: int, text: str, at: int, end_of_cell: re.Pattern[str], separator: str
) -> Cell:
    start = at
    while text[at : at + 1] == " " and separator != " ":
        at += 1
    value, quoted = "", text[at : at + 1] == '"'
    if quoted:
        at += 1
        while True:
            close = text.find('"', at)
            if close < 0:
                raise UsageError(f"{name}, row {number}: a quotation mark is never closed.")
            value += text[at:close]
            at = close + 1
            if text[at : at + 1] != '"':
                break
            value += '"'
            at += 1
    found = end_of_cell.search(text, at)
    end = found.start() if found else len(text)
    rest = text[at:end]
    if quoted and rest.strip():
        raise UsageError(f"{name}, row {number}: something stands behind a closing quotation mark.")
    return Cell(start, end, (value + rest).strip(), quoted)


def _check(sheet: Sheet) -> None:
    """UsageError for cells whose column or row cannot be told for sure."""
    columns = sheet.columns
    for i, name in enumerate(columns):
        if name and name in columns[:i]:
            raise UsageError(f"{sheet.name}, row {sheet.header.number}: {name} stands there twice.")
    for line in sheet.lines:
        for i, cell in enumerate(line.cells):
            if cell.value and (i >= len(columns) or not columns[i]):
                raise UsageError(
                    f"{sheet.name}, row {line.number}: more cells than columns; "
                    "put a value that holds a separator in quotes."
                )
            if "\n" in cell.value or "\r" in cell.value:
                raise UsageError(
                    f"{sheet.name}, row {line.number}, column {columns[i]}: a line break stands "
                    "in this cell; remove it."
                )
