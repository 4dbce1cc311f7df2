"""Transcripts as tables: a row a turn, with columns known by their headings.

Headings are known in English, Norwegian and German, as analysis programs, meeting programs and
spreadsheets write them. What stands in other columns is not left out: it may hold names.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from anonpipe.formats._base import Spoken, one_line, seconds
from anonpipe.formats._labels import Block, line_of_cells, turns_of
from anonpipe.transcript import Transcript, Turn


def _headings(text: str) -> frozenset[str]:
    """Headings; a low line in one may also be a blank."""
    return frozenset(form for word in text.split() for form in (word, word.replace("_", " ")))


_SPEAKER = _headings(
    """speaker speakers speaker_name speakername speaker_label taler talar navn namn name person
    participant deltaker deltakar rolle role hvem kven who sprecher username"""
)
_TEXT = _headings(
    """text tekst content innhold innhald transcript transkripsjon transcription utterance ytring
    sentence segment caption inhalt sagt said"""
)
_START = _headings(
    """start begin start_time starttime begin_time from fra frå tid time timespan time_span
    tidsspenn timestamp tidskode timecode tidspunkt starttid zeit start_(s)"""
)
_END = _headings("end stop end_time endtime to til slutt sluttid bis end_(s)")
_CLOCK = r"(?:(?:(\d{1,3}):)?(\d{1,3}):)?(\d{1,6}(?:[.,]\d{1,9})?)"
_SPAN = re.compile(rf"\W*{_CLOCK}(?:\s*(?:-->|[-–—/])\s*{_CLOCK})?\W*")


@dataclass(frozen=True, slots=True)
class Columns:
    """Where in a row each thing stands; None for what the table has not."""

    text: int
    speaker: int | None
    start: int | None
    end: int | None

    @property
    def known(self) -> frozenset[int | None]:
        """The places that are no further column."""
        return frozenset((self.text, self.speaker, self.start, self.end))


def columns_of(heading: Sequence[str]) -> Columns | None:
    """The columns of a table with these headings; None if they are none of a transcript."""
    names = [cell.partition(" | ")[0].strip().casefold() for cell in heading]

    def place(known: frozenset[str]) -> int | None:
        return next((at for at, name in enumerate(names) if name in known), None)

    text, speaker, start = place(_TEXT), place(_SPEAKER), place(_START)
    if text is None or (speaker is None and start is None):
        return None
    return Columns(text, speaker, start, place(_END))


def cell(row: Sequence[str], place: int | None) -> str:
    """A row's cell as one line; "" when it has none."""
    return one_line(row[place]) if place is not None and place < len(row) else ""


def turn_of(row: Sequence[str], columns: Columns) -> Turn:
    """The turn that a row tells."""
    start, end = _times(cell(row, columns.start))
    if columns.end is not None:
        end = _times(cell(row, columns.end))[0]
    return Turn(cell(row, columns.text), cell(row, columns.speaker), start, end)


def turns_of_rows(rows: Sequence[Sequence[str]]) -> tuple[Turn, ...]:
    """Turns of a table that another program wrote, its first row being the headings or not."""
    columns = columns_of(rows[0]) if rows else None
    if columns is None:
        filled = [[text for each in row if (text := one_line(each))] for row in rows]
        return turns_of([Block((line_of_cells(row),)) for row in filled if row])
    return tuple(_told(rows[0], rows[1:], columns))


def _told(
    heading: Sequence[str], rows: Sequence[Sequence[str]], columns: Columns
) -> Iterator[Turn]:
    for row in rows:
        turn = turn_of(row, columns)
        if turn.text or turn.speaker:
            yield turn
        for at in range(len(row)):
            aside = cell(row, at)
            if at not in columns.known and any(map(str.isalpha, aside)):
                name = cell(heading, at)
                yield Turn(f"{name}: {aside}" if name else aside)


def _times(text: str) -> tuple[float | None, float | None]:
    match = _SPAN.fullmatch(text) if any(map(str.isdecimal, text)) else None
    if match is None:
        return None, None
    return _seconds(match.groups()[:3]), _seconds(match.groups()[3:])


def _seconds(parts: Sequence[str | None]) -> float | None:
    if parts[2] is None:
        return None
    hours, minutes, rest = (float((part or "0").replace(",", ".")) for part in parts)
    return hours * 3600 + minutes * 60 + rest


def plain(transcript: Transcript) -> Spoken:
    """What reading a table of this transcript must give: cells hold any label, also none."""
    return tuple((one_line(turn.speaker), one_line(turn.text)) for turn in transcript.turns)


def number(value: float | None) -> str:
    """Seconds for a cell, to the thousandth; "" when unknown."""
    known = seconds(value)
    return "" if known is None else f"{known:.3f}"
