"""NVivo transcripts: text with tabs, three columns a line: timespan, content, speaker.

NVivo imports them as the rows of a transcript beside a recording; every line has the same
number of tabs, and the first holds the headings. There alone is room for the title, the
language and what the material may be called: behind the heading «Content». Times are
hh:mm:ss.t, to the tenth of a second that NVivo knows, in order of their starts.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from anonpipe.errors import RecordingError
from anonpipe.formats._base import Format, language_line, one_line, restated, times_of
from anonpipe.formats._decode import decode, decode_as_is
from anonpipe.formats._edit import edit_text, recoded
from anonpipe.formats._table import cell, columns_of, plain, turn_of, turns_of_rows
from anonpipe.splicing import Change, splice
from anonpipe.status import Material
from anonpipe.times import timecode
from anonpipe.transcript import Transcript

_BAR = " | "


def is_table(text: str) -> bool:
    """Whether plain text is such a table, of whatever program."""
    first = text[: text.find("\n")] if "\n" in text else text
    return "\t" in first and columns_of(first.split("\t")) is not None


def read(data: bytes, name: str, language: str) -> Transcript:
    """A table with tabs: this program's, NVivo's, or another's with headings that are known."""
    text = decode(data, name)
    rows = [line.split("\t") for line in text.split("\n") if line]
    columns = columns_of(rows[0])
    if columns is None:
        raise RecordingError(f"{name} has no columns of a transcript; save it as txt or docx.")
    if _is_own(rows[0]):
        return Transcript(tuple(turn_of(row, columns) for row in rows[1:]), language)
    return Transcript(turns_of_rows(rows), language)


def _is_own(heading: Sequence[str]) -> bool:
    return [each.partition(_BAR)[0] for each in heading] == ["Timespan", "Content", "Speaker"]


def render(transcript: Transcript, title: str, material: Material) -> bytes:
    """UTF-8 with its mark and lines that end as on Windows; UsageError without times."""
    language = transcript.language
    head = (title, language_line(language), material.line(language))
    rows = [["Timespan", _BAR.join(("Content", *map(one_line, head))), "Speaker"]]
    earliest = 0
    for turn in transcript.turns:
        start, end = (round(value * 10) for value in times_of(turn, "nvivo"))
        earliest = max(start, earliest)
        span = f"{_stamp(earliest)}-{_stamp(max(end, earliest + 1))}"
        rows.append([span, one_line(turn.text), one_line(turn.speaker)])
    return "".join("\t".join(row) + "\r\n" for row in rows).encode("utf-8-sig")


def _stamp(tenths: int) -> str:
    whole, tenth = divmod(tenths, 10)
    return f"{timecode(whole)}.{tenth}"


def lines(data: bytes) -> list[str]:
    """A line a row, the speaker first; then what stands in the headings."""
    rows = [line.split("\t") for line in decode(data, "the nvivo output").split("\n") if line]
    columns = columns_of(rows[0])
    if columns is None:
        return [one_line(" ".join(row)) for row in rows]
    spoken = [
        " ".join((f"{cell(row, columns.speaker)}: {cell(row, columns.text)}", *_others(row)))
        for row in rows[1:]
    ]
    return [*spoken, *(part for each in rows[0] for part in _parts(each))]


def _others(row: Sequence[str]) -> list[str]:
    """What people have put into further columns."""
    return [one_line(each) for each in (*row[:1], *row[3:]) if any(map(str.isalpha, each))]


def _parts(heading: str) -> list[str]:
    """A heading in its parts; the title may hold bars, the language and the statement do not."""
    first, *parts = heading.split(_BAR, 1)
    return [first, *(parts[0].rsplit(_BAR, 2) if parts else ())]


def restate(data: bytes, material: Material) -> bytes:
    """The file with another statement; ValueError when it has none."""
    found = False

    def other(text: str) -> str:
        nonlocal found
        first, end, rest = text.partition("\n")
        heading = first.split("\t")
        for at, each in enumerate(heading):
            before, bar, said = each.rstrip("\r").rpartition(_BAR)
            new = restated(said, material)
            if new is not None and bar:
                found = True
                heading[at] = before + bar + new + each[len(each.rstrip("\r")) :]
        return "\t".join(heading) + end + rest

    new = recoded(data, other)
    if not found:
        raise ValueError("no statement")
    return new


def edit(data: bytes, change: Change) -> bytes:
    """The file with a change made in every cell; as plain text when it is no table any more."""
    text = decode_as_is(data, "the nvivo output")
    heading = text[: text.find("\n")].rstrip("\r").split("\t") if "\n" in text else []
    columns = columns_of(heading)
    if columns is None:
        return edit_text(data, change)

    def changed(text: str) -> str:
        head, *rows = text.splitlines(True)
        parts = re.split(r"(\t| \| |[\r\n]+)", head)  # a statement is left alone when whole
        told = "".join(splice(part, change.pieces(part)) for part in parts)
        return told + "".join(_changed(line, change, columns.speaker) for line in rows)

    return recoded(data, changed)


def _changed(line: str, change: Change, speaker: int | None) -> str:
    bare = line.rstrip("\r\n")
    cells = [
        change.label(each) if at == speaker else splice(each, change.pieces(each))
        for at, each in enumerate(bare.split("\t"))
    ]
    return "\t".join(cells) + line[len(bare) :]


FORMAT = Format(
    "nvivo",
    (".tsv", ".tab"),
    read,
    render,
    plain,
    lines,
    restate,
    needs_times=True,
    ending=".nvivo.txt",
    edit=edit,
)
