"""The register: validation with row and column, and what its rules demand."""

from __future__ import annotations

from datetime import date
from pathlib import Path, PurePosixPath

import pytest

from anonpipe import consent
from anonpipe.errors import ConsentError, UsageError

HEADER = ",".join(consent.COLUMNS)
TODAY = date(2026, 6, 1)


def register(tmp_path: Path, *rows: str, header: str = HEADER) -> consent.Register:
    path = tmp_path / "consent.csv"
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return consent.load(path)


def row(
    participant: str = "P01",
    recording: str = "",
    on: str = "2026-01-10",
    audio: str = "delete-after-transcription",
    review: str = "no",
    until: str = "",
    withdrawn: str = "",
) -> str:
    return f"{participant},{recording},{on},v1,{audio},{review},{until},yes,no,{withdrawn}"


def demand(reg: consent.Register, name: str, today: date = TODAY) -> consent.Demand:
    return reg.demand(PurePosixPath(name), today)


def test_every_rule_is_read(tmp_path: Path) -> None:
    rules = [
        "delete-after-transcription",
        "delete-after-review",
        "delete-on:2027-01-31",
        "keep-bleeped",
        "keep-until:2028-12-31",
    ]
    reg = register(tmp_path, *(row(f"P0{i}", audio=rule) for i, rule in enumerate(rules)))
    assert [str(item.audio) for item in reg.rows] == rules


@pytest.mark.parametrize(
    ("line", "column", "hint"),
    [
        (row(participant="Kari"), "participant", "never a name"),
        (row(on="10/01/2026"), "consented_on", "2025-03-14"),
        (row(on="2026-02-30"), "consented_on", "no date"),
        (row(audio="delete"), "audio", "keep-bleeped"),
        (row(audio=""), "audio", "keep-bleeped"),
        (row(audio="delete-on:soon"), "audio", "delete-on:2027-06-30"),
        (row(audio="keep-bleeped:2027-01-01"), "audio", "takes no date"),
        (row(review="perhaps"), "review", "yes or no"),
        (row(until="never"), "transcript_until", "no date"),
        (row(withdrawn="03/04/2026"), "withdrawn_on", "two ways"),
        (row() + ",burn", "at_end", "delete or anonymise"),
        (row() + ",,,kept", "", "more cells"),
        (row(audio="delete-on:03/04/2026"), "audio", "two ways"),
    ],
)
def test_a_wrong_cell_is_named_by_row_and_column(
    tmp_path: Path, line: str, column: str, hint: str
) -> None:
    with pytest.raises(UsageError) as caught:
        register(tmp_path, row("P09"), line)
    assert f"consent.csv, row 3{', column ' * bool(column)}{column}:" in str(caught.value)
    assert hint in str(caught.value)


@pytest.mark.parametrize(
    ("header", "hint"),
    [
        ("recording,consented_on,audio", "participant is missing"),
        (HEADER + ",name", "'name' is no column"),
        ("", "participant is missing"),
    ],
)
def test_a_wrong_header_is_named(tmp_path: Path, header: str, hint: str) -> None:
    with pytest.raises(UsageError, match="row 1") as caught:
        register(tmp_path, header=header)
    assert hint in str(caught.value)


def test_a_missing_register_says_how_to_write_one(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="withdrawn_on"):
        consent.load(tmp_path / "consent.csv")


def test_a_participant_has_one_row(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"row 3.*row 2 already"):
        register(tmp_path, row(), row())


@pytest.mark.parametrize("encoding", ["utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_what_spreadsheets_save_is_read(tmp_path: Path, encoding: str, separator: str) -> None:
    path = tmp_path / "consent.csv"
    text = "\r\n".join([HEADER, row(recording="Møte*"), ",,,,,,,,,", ""])
    path.write_bytes(text.replace(",", separator).encode(encoding))
    (only,) = consent.load(path).rows
    assert only.participant == "P01" and only.quotes and not only.archive
    assert only.covers(PurePosixPath("møte1.wav"))


def test_dates_as_norwegian_spreadsheets_turn_them(tmp_path: Path) -> None:
    only = register(tmp_path, row(on="10.01.2026", audio="delete-on:1.6.2027")).rows[0]
    assert (only.consented_on, only.audio.day) == (date(2026, 1, 10), date(2027, 6, 1))


@pytest.mark.parametrize(
    ("first", "second", "together"),
    [
        ("delete", "delete", "delete"),
        ("delete", "anonymise", "delete"),
        ("delete", "", "delete"),
        ("anonymise", "anonymize", "anonymise"),
        ("anonymise", "", None),
        ("", "", None),
    ],
)
def test_what_is_promised_for_the_end(
    tmp_path: Path, first: str, second: str, together: str | None
) -> None:
    reg = register(tmp_path, row("P01", "g*") + f",{first}", row("P02", "g*") + f",{second}")
    assert demand(reg, "g.wav").at_end == together


def test_a_register_without_the_newest_columns_is_read(tmp_path: Path) -> None:
    (only,) = register(
        tmp_path, "P01,2026-01-10,keep-bleeped", header="participant,consented_on,audio"
    ).rows
    assert (only.at_end, only.review, only.withdrawn_on) == (None, False, None)


def test_without_pattern_the_code_begins_the_name(tmp_path: Path) -> None:
    reg = register(tmp_path, row("P1"), row("P10"))
    assert demand(reg, "P1_first.wav").participants == ("P1",)
    assert demand(reg, "p10.m4a").participants == ("P10",)
    with pytest.raises(ConsentError, match="no row"):
        demand(reg, "P100.wav")


def test_patterns_match_name_or_path_whatever_the_case(tmp_path: Path) -> None:
    reg = register(tmp_path, row(recording="week1/*.WAV | memo*"))
    assert demand(reg, "week1/a.wav").participants == ("P01",)
    assert demand(reg, "sub/Memo 3.m4a").participants == ("P01",)
    with pytest.raises(ConsentError):
        demand(reg, "week2/a.wav")


@pytest.mark.parametrize(
    ("line", "hint"),
    [
        (row(withdrawn="2026-05-01"), "withdrew on 2026-05-01"),
        (row(withdrawn="2026-07-01"), "lies ahead"),
        (row(on=""), "has not consented yet"),
        (row(on="2026-06-02"), "has not consented yet"),
        (row(until="2026-05-31"), "kept until 2026-05-31"),
    ],
)
def test_without_valid_consent_a_file_is_refused(tmp_path: Path, line: str, hint: str) -> None:
    with pytest.raises(ConsentError, match=hint):
        demand(register(tmp_path, line), "P01.wav")


def test_one_withdrawal_refuses_a_shared_recording(tmp_path: Path) -> None:
    reg = register(
        tmp_path,
        row("P01", "group.wav"),
        row("P02", "group.wav", withdrawn="2026-05-01"),
    )
    with pytest.raises(ConsentError, match="P02"):
        demand(reg, "group.wav")


def test_the_strictest_of_several_consents_holds(tmp_path: Path) -> None:
    reg = register(
        tmp_path,
        row("P01", "group.wav", audio="keep-until:2030-01-01", review="yes"),
        row("P02", "group.wav", audio="delete-on:2027-01-01"),
        row("P03", "other.wav | group.wav", audio="keep-until:2029-01-01"),
    )
    found = demand(reg, "group.wav")
    assert found.participants == ("P01", "P02", "P03")
    assert str(found.rule) == "delete-on:2027-01-01"
    assert found.review and found.delete_from == date(2027, 1, 1)


def test_bleeped_copies_need_everybodys_leave(tmp_path: Path) -> None:
    reg = register(
        tmp_path,
        row("P01", "a.wav | b.wav", audio="keep-bleeped"),
        row("P02", "a.wav", audio="delete-after-transcription"),
    )
    assert not demand(reg, "a.wav").keep_bleeped
    assert demand(reg, "b.wav").keep_bleeped
    assert str(demand(reg, "a.wav").rule) == "delete-after-transcription"


@pytest.mark.parametrize(
    ("line", "approved", "today", "waits"),
    [
        (row(), False, TODAY, None),
        (row(review="yes"), False, TODAY, "review"),
        (row(review="yes"), True, TODAY, None),
        (row(audio="delete-after-review"), False, TODAY, "review"),
        (row(audio="delete-after-review"), True, TODAY, None),
        (row(audio="delete-on:2026-06-02"), False, TODAY, "2026-06-02"),
        (row(audio="delete-on:2026-06-01"), False, TODAY, None),
        (row(audio="keep-until:2026-06-01"), True, TODAY, "2026-06-02"),
        (row(audio="keep-until:2026-05-31"), True, TODAY, None),
        (row(audio="keep-bleeped"), False, TODAY, None),
    ],
)
def test_what_a_demand_waits_for(
    tmp_path: Path, line: str, approved: bool, today: date, waits: str | None
) -> None:
    assert demand(register(tmp_path, line), "P01.wav").waits_for(today, approved) == waits
