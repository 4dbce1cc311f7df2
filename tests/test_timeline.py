"""The timeline: what happened and what is due, as data and as a picture."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anonpipe.answers.model import Say
from anonpipe.report_words import WORDS
from anonpipe.timeline import Ahead, Mark, Row, Timeline, timeline
from anonpipe.timeline_svg import NARROW, WIDE, Scale, picture
from tests.a_year import NOW, Year
from tests.test_markup import Seen

AHEAD = (
    Ahead(date(2026, 8, 1), "transcript", "R08", overdue=True),
    Ahead(date(2027, 1, 1), "audio", "R03"),
    Ahead(date(2027, 2, 1), "audio", "P09"),
)


def drawn(year: Year) -> Timeline:
    whose = {name: state.participants for name, state in year.state.items()}
    return timeline(tuple(year.log.entries()), participants=whose, ahead=AHEAD, now=NOW)


def svg(line: Timeline, **options: Any) -> str:
    say = Say(WORDS, "en")
    words = {"title": "Title", "description": "Words", "language": "en"}
    return picture(line, say=say, **{**words, **options})


def test_rows_say_how_long_originals_lay_there(year: Year) -> None:
    rows = {row.name: row for row in drawn(year).rows}
    assert list(rows) == ["R01", "R02", "R03", "R04", "R05", "R06", "R07", "R08", "D01"]
    assert rows["R02"].since.date() == date(2025, 9, 24)
    assert rows["R02"].until is not None and rows["R02"].until.date() == date(2025, 10, 3)
    assert [mark.kind for mark in rows["R02"].marks] == ["arrived", "approved", "deleted"]
    assert rows["R03"].until is None
    assert [mark.kind for mark in rows["R06"].marks] == ["arrived", "approved", "gone"]
    assert rows["D01"].kind == "text" and rows["R07"].participants == ()


def test_what_lies_ahead_goes_to_its_source(year: Year) -> None:
    line = drawn(year)
    rows = {row.name: row for row in line.rows}
    assert [m.kind for m in rows["R08"].marks] == ["arrived", "overdue"]
    assert [(m.kind, m.at.date()) for m in rows["R03"].marks][-1] == ("due", date(2027, 1, 1))
    assert [m.subject for m in line.marks if m.kind == "due"] == ["P09"]
    assert line.start <= line.now <= line.end
    assert sum(m.kind == "opened" for m in line.marks) == 5


def test_a_recording_that_came_back_is_there_again(year: Year) -> None:
    year.at(6, 1).written("R01", ("P01",))
    (row,) = [row for row in drawn(year).rows if row.name == "R01"]
    assert row.until is None
    assert [mark.kind for mark in row.marks] == ["arrived", "deleted", "arrived"]


def test_everything_is_in_order_and_plain_json(year: Year) -> None:
    line = drawn(year)
    marks = line.everything()
    assert [m.at for m in marks] == sorted(m.at for m in marks)
    data = json.loads(json.dumps(line.to_json()))
    assert len(data["events"]) == len(marks) and len(data["sources"]) == 9
    assert {"at": "2027-01-01", "kind": "due", "subject": "R03", "detail": "audio"} in data[
        "events"
    ]


@given(
    st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1)),
    st.timedeltas(timedelta(seconds=1), timedelta(days=4000)),
    st.timedeltas(timedelta(seconds=1), timedelta(days=9000)),
    st.lists(st.floats(0, 1), min_size=2, max_size=9),
)
def test_the_scale_keeps_the_order_of_time_and_stays_inside(
    start: datetime, past: timedelta, future: timedelta, shares: list[float]
) -> None:
    begin = start.replace(tzinfo=UTC)
    scale = Scale(begin, begin + past, begin + past + future, 100, 700, 1000)
    moments = sorted(begin + share * (past + future) for share in shares)
    places = [scale.x(at) for at in moments]
    assert places == sorted(places)
    assert all(100 <= x <= 1000 for x in places)
    ticks = list(scale.ticks(50, "nb"))
    assert all(100 <= x <= 1000 for x, _, _ in ticks)
    assert len(ticks) < 60


@pytest.mark.parametrize("look", [WIDE, NARROW])
def test_the_picture_has_a_title_a_description_and_stays_inside(year: Year, look: Any) -> None:
    source = svg(drawn(year), look=look, prefix="x")
    seen = Seen(source)
    root = seen.elements[0]
    assert root[1]["role"] == "img" and root[1]["aria-labelledby"] == "x-title x-desc"
    assert "Title" in seen.words and "Words" in seen.words and "R08" in seen.words
    for name, attributes in seen.elements:
        for key in ("x", "x1", "x2", "cx"):
            if key in attributes:
                assert 0 <= float(str(attributes[key])) <= look.width, (name, attributes)
    assert "script" not in {name for name, _ in seen.elements}


def test_a_date_above_the_first_tick_is_not_cut_off() -> None:
    start = NOW.replace(hour=9, minute=59, second=0)
    line = Timeline(start, start + timedelta(minutes=25), start + timedelta(minutes=25), (), ())
    dates = re.findall(r'<text x="([\d.]+)"[^>]*strong middle">([^<]+)<', svg(line, look=NARROW))
    assert dates
    for x, words in dates:
        assert 3 * len(words) <= float(x) <= NARROW.width - 3 * len(words)


def test_marks_that_would_overlap_are_counted(year: Year) -> None:
    year.at(4, 23)
    for _ in range(7):
        year.opened("show", "analysis")
    counts = re.findall(r'class="count middle">(\d+)<', svg(drawn(year)))
    assert "8" in counts


def many(count: int) -> Timeline:
    rows = []
    for i in range(count):
        at = NOW - timedelta(days=count - i)
        marks = (Mark(at, "arrived", f"R{i:02}"), Mark(at + timedelta(hours=5), "gone", f"R{i:02}"))
        rows.append(Row(f"R{i:02}", ("P01",), "audio", at, at + timedelta(hours=5), marks))
    return Timeline(rows[0].since, NOW, NOW, tuple(rows), ())


def test_very_many_sources_share_lanes() -> None:
    few, lots = svg(many(48)), svg(many(400))
    assert "R07" in few and "Processed" not in few
    assert "R07" not in lots and "Processed" in lots and "Deleted" in lots
    assert len(lots) < 40_000


def test_a_study_that_has_only_begun_and_one_without_a_future(year: Year) -> None:
    first = tuple(year.log.entries())[:1]
    line = timeline(first, participants={}, now=datetime(2025, 9, 1, 8, 0, 41, tzinfo=UTC))
    assert line.rows == () and svg(line)
    old = replace(drawn(year), rows=(), marks=())
    assert "ahead" not in svg(replace(old, end=old.now))
