"""How far the machine and the reviewer agree, in numbers that can be counted by hand."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anonpipe import log_schema
from anonpipe.review import agreement, thesis
from anonpipe.review.agreement import COUNTS, Agreement, Counts, Report, compare
from anonpipe.review.decision import NEW, Request
from anonpipe.review.desk import Desk
from anonpipe.session import session
from anonpipe.transcript import SPEAKER_TURN, Mention, MentionType
from tests.conftest import TODAY, Workbench, row
from tests.reviewing import signed_in


def mention(
    start: int, end: int, kind: MentionType = "PERSON", entity: str = "PERSON-1", turn: int = 0
) -> Mention:
    return Mention(turn, start, end, kind, "x" * (end - start), 1.0, "test", entity)


def test_what_became_of_each_mention() -> None:
    machine = [
        mention(0, 4),  # stays
        mention(10, 14),  # becomes longer
        mention(20, 24),  # gets another code
        mention(30, 34, "ORG", "ORG-1"),  # is a place
        mention(40, 44),  # is nothing
        mention(0, 9, turn=SPEAKER_TURN),  # not counted
    ]
    person = [
        mention(0, 4),
        mention(10, 20),
        mention(20, 24, entity="PERSON-2"),
        mention(30, 34, "LOCATION", "LOCATION-1"),
        mention(50, 55),  # was missed
    ]
    found = compare(machine, person, confirmed=[(0, 0, 4), (0, 20, 24)])
    assert found.by_type["PERSON"] == Counts(
        found=4,
        unchanged=1,
        confirmed=1,
        span=1,
        recoded=1,
        rejected=1,
        added=1,
        final=4,
        exact=2,
        matched=3,
        both=12,
        machine=4,
        person=11,
    )
    assert found.by_type["ORG"] == Counts(found=1, retyped=1, machine=4)
    assert found.by_type["LOCATION"] == Counts(final=1, matched=1, person=4)
    total = found.total
    assert (total.found, total.final, total.exact, total.matched) == (5, 5, 2, 4)
    assert total.precision == total.recall == total.f1 == pytest.approx(0.4)
    assert total.precision_overlap == total.recall_overlap == pytest.approx(0.8)
    assert total.f1_overlap == pytest.approx(0.8)
    assert total.characters == pytest.approx(12 / 35)


def test_each_is_compared_with_one_of_the_other_side() -> None:
    """«Kari Nordmann» that becomes two: one has another extent, the other was added."""
    split = compare([mention(0, 13)], [mention(0, 4), mention(5, 13)])
    assert split.total == Counts(found=1, span=1, added=1, final=2, matched=1, both=12, machine=1)
    joined = compare([mention(0, 4), mention(5, 13)], [mention(0, 13)])
    assert joined.total == Counts(
        found=2, span=1, rejected=1, final=1, matched=1, both=12, person=1
    )


def test_no_mentions_at_all_have_no_rates() -> None:
    total = compare([], []).total
    assert total == Counts()
    assert all(getattr(total, rate) is None for rate in agreement.RATES)
    assert compare([mention(0, 4)], []).total.f1_overlap == 0.0
    assert compare([], [mention(0, 4)]).total.precision is None


SPANS = st.lists(
    st.tuples(
        st.integers(0, 2),
        st.integers(0, 8),
        st.sampled_from(["PERSON", "LOCATION"]),
        st.sampled_from(["A", "B"]),
    ),
    unique_by=lambda span: span[:2],
)


def laid_out(spans: list[tuple[int, int, MentionType, str]], width: int) -> list[Mention]:
    """Mentions that do not overlap each other."""
    return [mention(at * 5, at * 5 + width, kind, e, turn) for turn, at, kind, e in spans]


@given(SPANS, st.integers(1, 5), SPANS, st.integers(1, 5))
def test_the_numbers_add_up(
    first: list[tuple[int, int, MentionType, str]],
    wide: int,
    second: list[tuple[int, int, MentionType, str]],
    long: int,
) -> None:
    machine, person = laid_out(first, wide), laid_out(second, long)
    total = compare(machine, person).total
    assert total.found == len(machine) and total.final == len(person)
    kept = total.unchanged + total.span + total.retyped + total.recoded
    assert kept + total.rejected == total.found
    assert total.matched + total.added == total.final
    assert kept == total.matched
    assert total.exact == total.unchanged + total.recoded <= kept
    for rate in agreement.RATES:
        value = getattr(total, rate)
        assert value is None or 0 <= value <= 1
    # F1 does not ask who is measured against whom.
    back = compare(person, machine).total
    assert back.f1 == total.f1 and back.characters == total.characters
    assert (back.precision, back.recall) == (total.recall, total.precision)
    assert compare(machine, machine).total.unchanged == len(machine)


REPORT = Report(
    {
        "R01": Agreement(
            {"PERSON": Counts(found=200, unchanged=199, rejected=1, final=201, exact=199,
                              matched=199, added=2, both=999, machine=1, person=1)}
        ),
        "R02": Agreement(
            {"AGE": Counts(found=1, unchanged=1, final=1, exact=1, matched=1, both=2)}
        ),
    },
    open=("R02",),
)  # fmt: skip


def test_the_table_has_every_source_and_type_and_all() -> None:
    rows = list(csv.DictReader(io.StringIO(thesis.table(REPORT))))
    named = [(each["source"], each["type"]) for each in rows]
    assert named == [
        ("R01", "PERSON"), ("R01", "all"), ("R02", "AGE"), ("R02", "all"),
        ("all", "PERSON"), ("all", "AGE"), ("all", "all"),
    ]  # fmt: skip
    assert [rows[-1][name] for name in ("found", "added", "precision", "recall")] == [
        "201", "2", "0.995", "0.990"
    ]  # fmt: skip


def test_the_paragraph_is_modest_and_true() -> None:
    english = thesis.paragraph(REPORT, "en", version="1.2")
    assert "anonpipe (1.2)" in english and "in 2 transcripts" in english
    assert "201 details; of these 200 (99%) were left unchanged and one was rejected." in english
    assert "added 2 details" in english and "of the type person" in english
    # 0.995 of nearly all is not all of it.
    assert "precision was 0.99, recall 0.99 and F1 0.99" in english
    assert "no independent measure" in english and "saw the program’s marks" in english
    assert "not completed for one transcript" in english
    norwegian = thesis.paragraph(replace(REPORT, persons=2), "nb", version="1.2")
    assert "av 2 personer" in norwegian and "99 %" in norwegian
    assert "presisjonen 0,99" in norwegian and "uavhengig" in norwegian
    assert "{" not in english + norwegian
    assert "no numbers" in thesis.paragraph(Report({}), "en", version="1.2")


@pytest.mark.parametrize(
    ("rate", "decimal", "percent"),
    [(1.0, "1.00", "100%"), (0.9996, "0.99", "99%"), (0.0004, "0.01", "1%"), (0.0, "0.00", "0%"),
     (None, "–", "–"), (0.8549, "0.85", "85%")],
)  # fmt: skip
def test_no_rate_is_rounded_to_all_or_nothing(
    rate: float | None, decimal: str, percent: str
) -> None:
    assert thesis.decimal(rate, "en") == decimal
    assert thesis.percent(rate, "en") == percent


# -- at a desk

TEXT = """\
P01: I work with Kari Nordmann in Bergen.
P01: Kari says that Solveig is ill.
"""


@contextmanager
def at_desk(bench: Workbench) -> Iterator[Desk]:
    with session(bench.study, [bench.identity], lambda _: None) as opened:
        yield Desk(opened, today=TODAY)


@pytest.fixture
def study(bench: Workbench) -> Workbench:
    bench.register(row("P01", audio="delete-after-review", review="yes"))
    bench.note("P01_a.txt", TEXT)
    bench.note("P01_b.txt", "P01: Kari said so.\n")
    bench.run()
    return bench


def request(desk: Desk, source: str, words: str, **values: object) -> Request:
    for number, turn in enumerate(desk.interview(source).transcript.turns):
        if words in turn.text:
            at = turn.text.index(words)
            return Request(turn=number, start=at, end=at + len(words), **values)  # type: ignore[arg-type]
    raise AssertionError(words)


def review(desk: Desk) -> None:
    """Reject one, add one for the study, confirm one."""
    desk.decide("D01", request(desk, "D01", "Bergen", kind="reject"))
    always = {"kind": "add", "scope": "study", "type": "PERSON", "entity": NEW}
    desk.decide("D01", request(desk, "D01", "Solveig", **always))
    desk.decide("D01", request(desk, "D01", "Kari Nordmann", kind="confirm"))


def test_a_source_is_compared_with_what_the_machine_alone_found(study: Workbench) -> None:
    with at_desk(study) as desk:
        assert agreement.of_study(desk).untouched == ("D01", "D02")
        review(desk)
        report = agreement.of_study(desk)
    assert tuple(report.sources) == ("D01",) and report.open == ("D01",)
    found = report.sources["D01"].by_type
    assert (found["LOCATION"].found, found["LOCATION"].rejected) == (1, 1)
    person = found["PERSON"]
    assert (person.found, person.unchanged, person.confirmed, person.added) == (2, 2, 1, 1)


def test_a_source_coded_after_decisions_is_compared_all_the_same(study: Workbench) -> None:
    with at_desk(study) as desk:
        review(desk)
    study.note("P01_c.txt", "P01: Kari is in Bergen again.\n")
    study.run()
    with at_desk(study) as desk:
        desk.decide("D03", request(desk, "D03", "Bergen", kind="reject"))
        found = agreement.of_study(desk).sources["D03"].total
    assert (found.found, found.unchanged, found.rejected, found.added) == (2, 1, 1, 0)


def test_numbers_outlast_the_raw_transcript_in_the_log(study: Workbench) -> None:
    with at_desk(study) as desk:
        review(desk)
        before = agreement.of_source(desk, "D01")
        agreement.keep(desk, "D01")
        agreement.keep(desk, "D01")
        assert agreement.remembered(desk) == {"D01": before}
        entries = [e for e in desk.log.entries() if e.action == agreement.ACTION]
    assert {str(e.details["type"]) for e in entries} == {"PERSON", "LOCATION"}
    written = (study.folder / "audit.jsonl").read_text(encoding="utf-8")
    assert not any(name in written for name in ("Solveig", "Bergen", "Kari"))


def test_the_log_declares_the_numbers_that_there_are() -> None:
    assert log_schema.COMPARED == COUNTS == tuple(asdict(Counts()))


@pytest.mark.parametrize("language", ["nb", "en"])
def test_the_page_and_its_file_hold_numbers_and_no_names(study: Workbench, language: str) -> None:
    with at_desk(study) as desk:
        client = signed_in(desk, language)
        assert client.get("/agreement").status_code == 200  # nothing reviewed yet
        review(desk)
        page, file = client.get("/agreement"), client.get("/agreement.csv")
    assert page.status_code == file.status_code == 200
    assert file.headers["content-type"].startswith("text/csv")
    assert "attachment" in file.headers["content-disposition"]
    assert file.text.startswith("source,type,found,")
    for text in (page.text, file.text):
        assert not any(name in text for name in ("Solveig", "Bergen", "Kari", "P01"))
    assert "style=" not in page.text and "Hripcsak" in page.text
