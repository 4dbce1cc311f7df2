"""The register as spreadsheets leave it: dates, encodings, and changing one row of it."""

from __future__ import annotations

import csv
import io
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anonpipe import consent, sheet
from anonpipe.days import parse_day
from anonpipe.errors import UsageError

HEADER = "participant,recording,consented_on,audio,withdrawn_on"
ROWS = ("P01,a*,2026-01-10,keep-bleeped,", "P02,b*,2026-01-11,delete-on:2027-01-01,")


@pytest.mark.parametrize(
    "text",
    [
        "2025-03-14",
        "20250314",
        "2025-3-14",
        "2025/03/14",
        "14.03.2025",
        "14.3.2025",
        "14/03/2025",
        "14-03-2025",
        "03/14/2025",
        "2025-03-14 00:00:00",
        "2025-03-14T00:00:00.000",
        "14.03.2025 00:00",
        " 14.03.2025 00.00.00 ",
        "45730",
        "45730.0",
        "45730,0",
    ],
)
def test_a_date_that_can_be_read_in_one_way_is_read(text: str) -> None:
    assert parse_day(text) == date(2025, 3, 14)


def test_a_date_that_is_the_same_both_ways_is_read() -> None:
    assert parse_day("05/05/2025") == date(2025, 5, 5)


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("03/04/2025", "two ways"),
        ("3-4-2025", "two ways"),
        ("14.03.25", "four digits"),
        ("3/14/25", "four digits"),
        ("03.14.2025", "no date"),
        ("2025-02-30", "no date"),
        ("2025-03-14 23:00:00", "no date"),  # midnight somewhere else, perhaps of another day
        ("2025-03-14T00:00:00Z", "no date"),
        ("2025.03-14", "no date"),
        ("45730.5", "no date"),
        ("2025", "no date"),
        ("31000", "no date"),
        ("99999", "no date"),
        ("2925-03-14", "unlikely"),
        ("0205-03-14", "unlikely"),
        ("14. mars 2025", "no date"),
        ("#######", "no date"),
    ],
)
def test_a_date_that_is_none_or_two_is_refused(text: str, hint: str) -> None:
    with pytest.raises(ValueError, match=hint) as caught:
        parse_day(text)
    assert "2025-03-14" in str(caught.value)


@given(st.dates(date(1990, 1, 1), date(2099, 12, 31)))
def test_no_way_of_writing_a_date_is_read_as_another(day: date) -> None:
    serial = (day - date(1899, 12, 30)).days
    sure = (day.isoformat(), f"{day:%d.%m.%Y}", f"{day:%Y%m%d}", f"{day} 00:00:00", str(serial))
    assert all(parse_day(text) == day for text in sure)
    for text in (f"{day:%d/%m/%Y}", f"{day:%m/%d/%Y}"):
        try:
            assert parse_day(text) == day
        except ValueError:
            assert day.day <= 12 and day.day != day.month


ENCODINGS = {
    "utf-8": b"",
    "utf-8-sig": b"",
    "cp1252": b"",
    "utf-16-le": b"\xff\xfe",
    "utf-16-be": b"\xfe\xff",
}


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_one_row_changes_and_nothing_else(
    tmp_path: Path, encoding: str, separator: str, end: str
) -> None:
    def save(*rows: str) -> bytes:
        text = end.join([HEADER + ",,", ROWS[0].replace("a*", "Møte *"), *rows, ",,,,", ""])
        return ENCODINGS[encoding] + text.replace(",", separator).encode(encoding)

    path = tmp_path / "consent.csv"
    path.write_bytes(save('"P02" , "b*",  2026-01-11,delete-on:2027-01-01,,,'))
    new = consent.rewrite(path, "P02", {"recording": "", "withdrawn_on": "2026-11-01"})
    assert new == save('"P02" ,"",  2026-01-11,delete-on:2027-01-01,2026-11-01,,')
    path.write_bytes(new)
    assert consent.rewrite(path, "P02", {"recording": "", "withdrawn_on": "2026-11-01"}) == new
    first, second = consent.load(path).rows
    assert first.patterns == ("Møte *",) and second.withdrawn_on == date(2026, 11, 1)


@pytest.mark.parametrize(
    ("header", "line", "new_header", "new_line"),
    [
        # the row is shorter than the header
        (
            HEADER,
            "P02,b*,2026-01-11,keep-bleeped",
            HEADER,
            "P02,,2026-01-11,keep-bleeped,2026-05-01",
        ),
        # the column is not there yet
        (
            "participant,consented_on,audio",
            "P02,2026-01-11,keep-bleeped",
            "participant,consented_on,audio,withdrawn_on",
            "P02,2026-01-11,keep-bleeped,2026-05-01",
        ),
        # nor is it, but there are columns without a name
        (
            "participant,consented_on,audio,,",
            "P02,2026-01-11,keep-bleeped,,",
            "participant,consented_on,audio,withdrawn_on,",
            "P02,2026-01-11,keep-bleeped,2026-05-01,",
        ),
    ],
)
def test_a_column_that_is_missing_is_added(
    tmp_path: Path, header: str, line: str, new_header: str, new_line: str
) -> None:
    path = tmp_path / "consent.csv"
    path.write_text(f"{header}\n{line}\n", encoding="utf-8")
    changes = {"withdrawn_on": "2026-05-01"} | ({"recording": ""} if "recording" in header else {})
    assert consent.rewrite(path, "P02", changes).decode() == f"{new_header}\n{new_line}\n"


def test_bytes_that_mean_nothing_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "consent.csv"
    path.write_bytes(f"{HEADER}\n".encode() + b"P01,\x81\xf8*,2026-01-10,keep-bleeped,")
    new = consent.rewrite(path, "P01", {"withdrawn_on": "2026-05-01"})
    assert new == path.read_bytes() + b"2026-05-01"


@pytest.mark.parametrize(
    ("participant", "changes", "hint"),
    [("P09", {"recording": ""}, "no row of P09"), ("P01", {"audio": "burn"}, "row 2")],
)
def test_what_would_be_no_register_is_not_written(
    tmp_path: Path, participant: str, changes: dict[str, str], hint: str
) -> None:
    path = tmp_path / "consent.csv"
    path.write_text("\n".join([HEADER, *ROWS]), encoding="utf-8")
    with pytest.raises(UsageError, match=hint):
        consent.rewrite(path, participant, changes)


def test_a_line_that_names_the_separator_is_understood(tmp_path: Path) -> None:
    path = tmp_path / "consent.csv"
    path.write_text("sep=;\r\n" + "\r\n".join([HEADER, *ROWS]).replace(",", ";"), newline="")
    assert [row.line for row in consent.load(path).rows] == [2, 3]


@pytest.mark.parametrize(
    ("data", "hint"),
    [
        (b'participant,consented_on,audio\n"P01,2026-01-10,keep-bleeped\n', "row 2.*never closed"),
        (b'participant,consented_on,audio\n"P01"x,2026-01-10,keep-bleeped', "row 2.*behind"),
        (b'participant,consented_on,audio\nP01,"2026-01-10\n",x"y"\n\n', "row 2"),
        (b'participant,consented_on,audio\nP01,2026-01-10,"keep\nbleeped"\n', "line break"),
        (b"participant,consented_on,audio,audio\n", "audio stands there twice"),
        (b"PK\x03\x04\x00\x00", "not a table"),
        (b"\xff\xfep\x00a", "damaged"),
        (b"\xef\xbb\xbfparticipant\xff", "damaged"),
        (b"", "participant is missing"),
        (b"\xef\xbb\xbf\r\n\r\n", "participant is missing"),
    ],
)
def test_what_is_no_table_is_refused(tmp_path: Path, data: bytes, hint: str) -> None:
    path = tmp_path / "consent.csv"
    path.write_bytes(data)
    with pytest.raises(UsageError, match=hint):
        consent.load(path)


cells = st.text(st.sampled_from("aå1 ,;\t\"'*|=-"), max_size=6)


@given(
    st.lists(st.lists(cells, min_size=3, max_size=3), min_size=1, max_size=5),
    st.sampled_from([",", ";", "\t"]),
    st.sampled_from(["\n", "\r\n"]),
    st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    st.data(),
)
def test_every_table_that_csv_writes_is_read_and_changed_alike(
    rows: list[list[str]], separator: str, end: str, quoting: int, data: st.DataObject
) -> None:
    header = ["one", "two", "three"]
    rows = [["x" + row[0], *row[1:]] for row in rows]

    def written(table: list[list[str]]) -> bytes:
        out = io.StringIO()
        csv.writer(out, delimiter=separator, lineterminator=end, quoting=quoting).writerows(
            [header, *table]
        )
        return out.getvalue().encode()

    def values(raw: bytes) -> list[list[str]]:
        read = sheet.read("t.csv", raw)
        return [[line.value(i) for i in range(3)] for line in read.lines]

    raw = written(rows)
    assert values(raw) == [[cell.strip() for cell in row] for row in rows]
    which = data.draw(st.integers(0, len(rows) - 1))
    read = sheet.read("t.csv", raw)
    new = read.changed(read.lines[which], {"two": 'new, "value";'})
    expected = [[cell.strip() for cell in row] for row in rows]
    expected[which][1] = 'new, "value";'
    assert values(new) == expected
    others = raw.splitlines(keepends=True)
    changed = new.splitlines(keepends=True)
    assert [o for i, o in enumerate(others) if i != which + 1] == [
        c for i, c in enumerate(changed) if i != which + 1
    ]
