"""Comma-separated values (RFC 4180): a row a turn, for spreadsheets and statistics.

Every row also says its source, its language and what the material may be called, so that rows
of several interviews can be put into one table. A spreadsheet takes a cell that begins with
«=», «+», «-» or «@» for a formula, which could send data away when the file is opened; such a
cell gets an apostrophe, as OWASP advises («CSV Injection»), which reading takes off again.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from anonpipe.errors import RecordingError
from anonpipe.formats._base import Format, one_line, restated
from anonpipe.formats._decode import decode_as_is
from anonpipe.formats._edit import edit_text, recoded
from anonpipe.formats._table import columns_of, number, plain, turn_of, turns_of_rows
from anonpipe.splicing import Change, splice
from anonpipe.status import Material, is_line
from anonpipe.transcript import Transcript

_OWN = ("source", "turn", "speaker", "start", "end", "text", "language", "status")
_FORMULA = re.compile(r"[\s\u00a0]*[=+\-@|%＝＋－＠'\t\r]")
_GUARDED = re.compile(r"'(?=[\s\u00a0]*[=+\-@|%＝＋－＠'\t\r])")
_LANGUAGE = re.compile(r"[a-z]{2,3}")
_LONGEST = 100_000_000  # characters of a cell


@dataclass(frozen=True, slots=True)
class _Sheet:
    """The cells of a file, and how it parts them."""

    rows: list[list[str]]
    delimiter: str
    end: str

    @property
    def own(self) -> bool:
        """Whether this program wrote it, whatever columns people have added or moved."""
        return bool(self.rows) and set(_OWN) <= set(self.rows[0])

    def place(self, name: str) -> int:
        return self.rows[0].index(name)

    def __str__(self) -> str:
        buffer = io.StringIO(newline="")
        writer = csv.writer(buffer, delimiter=self.delimiter, lineterminator=self.end)
        writer.writerows(self.rows)
        return buffer.getvalue()


def _parse(text: str) -> _Sheet:
    """ValueError if the text cannot be taken apart."""
    first = re.split(r"[\r\n]", text, maxsplit=1)[0]
    outside = re.sub(r'"[^"]*"', "", first)
    delimiter = max(",;\t", key=outside.count)
    end = "\r\n" if "\r\n" in text else "\n"
    csv.field_size_limit(_LONGEST)
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    except csv.Error:
        raise ValueError("no table") from None
    return _Sheet(rows, delimiter, end)


def _guard(text: str) -> str:
    return f"'{text}" if _FORMULA.match(text) else text


def _bare(text: str) -> str:
    return text[1:] if _GUARDED.match(text) else text


def read(data: bytes, name: str, language: str) -> Transcript:
    """Turns of this program's table, or of another with or without headings."""
    try:
        sheet = _parse(decode_as_is(data, name))
    except ValueError:
        raise RecordingError(
            f"{name} is not a table that can be read; save it as CSV in UTF-8, or as txt."
        ) from None
    if not sheet.own:
        turns = turns_of_rows([row for row in sheet.rows if row])
        if not turns:
            raise RecordingError(f"{name} holds no text; check that it was saved in full.")
        return Transcript(turns, language)
    columns = columns_of(sheet.rows[0])
    assert columns is not None
    at = sheet.place("turn")
    rows = [[_bare(each) for each in row] for row in sheet.rows[1:] if row]
    turns = tuple(
        turn
        for row in rows
        if (turn := turn_of(row, columns)) and (turn.text or "".join(row[at : at + 1]))
    )
    return Transcript(turns, language)


def render(transcript: Transcript, title: str, material: Material) -> bytes:
    """UTF-8 with its mark, by which spreadsheets know it; lines end with CR LF."""
    language = transcript.language
    stated = [one_line(language), material.line(language)]
    source = one_line(title)
    rows = [
        [
            source,
            str(at),
            one_line(turn.speaker),
            number(turn.start),
            number(turn.end),
            one_line(turn.text),
            *stated,
        ]
        for at, turn in enumerate(transcript.turns, start=1)
    ] or [[source, "", "", "", "", "", *stated]]
    guarded = [[_guard(each) for each in row] for row in rows]
    return str(_Sheet([list(_OWN), *guarded], ",", "\r\n")).encode("utf-8-sig")


def lines(data: bytes) -> list[str]:
    """A line a row, the speaker before the text; then what else the cells say."""
    sheet = _parse(decode_as_is(data, "the csv output"))
    if not sheet.own:
        return [one_line(" ".join(map(_bare, row))) for row in sheet.rows]
    text, speaker = sheet.place("text"), sheet.place("speaker")
    spoken: list[str] = []
    others: dict[str, None] = dict.fromkeys(each for each in sheet.rows[0] if each not in _OWN)
    for row in ([_bare(each) for each in row] for row in sheet.rows[1:]):
        parts = ("".join(row[at : at + 1]) for at in (speaker, text))
        spoken.append(one_line(": ".join(parts)))
        others |= dict.fromkeys(_aside(sheet, row, (text, speaker)))
    return [*spoken, *others]


def _aside(sheet: _Sheet, row: Sequence[str], told: Sequence[int]) -> list[str]:
    """What a row says outside text and speaker, but for numbers, the language and the statement."""
    language, status = sheet.place("language"), sheet.place("status")
    return [
        one_line(each)
        for at, each in enumerate(row)
        if at not in told
        and any(map(str.isalpha, each))
        and not (at == language and _LANGUAGE.fullmatch(each))
        and not (at == status and is_line(each))
    ]


def restate(data: bytes, material: Material) -> bytes:
    """The file with another statement; ValueError when it has none."""
    found = False

    def other(text: str) -> str:
        nonlocal found
        sheet = _parse(text)
        if not sheet.own:
            raise ValueError("no statement")
        at = sheet.place("status")
        for row in sheet.rows[1:]:
            new = restated(row[at], material) if at < len(row) else None
            if new is not None:
                row[at], found = new, True
        return str(sheet)

    new = recoded(data, other)
    if not found:
        raise ValueError("no statement")
    return new


def edit(data: bytes, change: Change) -> bytes:
    """The file with a change made in every cell; as plain text when it is no table any more."""

    def changed(text: str) -> str:
        sheet = _parse(text)
        columns = columns_of(sheet.rows[0]) if sheet.rows else None
        speaker = None if columns is None else columns.speaker
        rows = [
            [_edited(each, change, at == speaker) for at, each in enumerate(row)]
            for row in sheet.rows
        ]
        return text if rows == sheet.rows else str(replace(sheet, rows=rows))

    try:
        return recoded(data, changed)
    except ValueError:
        return edit_text(data, change)


def _edited(cell: str, change: Change, speaker: bool) -> str:
    bare = _bare(cell)
    new = change.label(bare) if speaker else splice(bare, change.pieces(bare))
    return cell if new == bare else _guard(new)


FORMAT = Format("csv", (".csv",), read, render, plain, lines, restate, edit=edit)
