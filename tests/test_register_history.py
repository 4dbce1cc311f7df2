"""A promise that gets weaker is refused until somebody accepts it with an approval."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anonpipe import consent, pipeline
from anonpipe.audit import AuditLog
from anonpipe.chain import Entry
from anonpipe.consent import Rule
from anonpipe.errors import ConsentError
from anonpipe.register_history import (
    Promise,
    asks_less,
    check,
    compare,
    loosened,
    promised,
    take_in,
)
from anonpipe.signing import Signer
from tests.conftest import Workbench, make_workbench, row
from tests.killing import killed_at_every_effect

HEADER = ",".join(consent.COLUMNS)
APPROVAL = "SIKT-123456"


def line(participant: str = "P01", /, **cells: str) -> str:
    values = {
        "participant": participant,
        "consented_on": "2026-01-10",
        "consent_version": "v1",
        "audio": "delete-after-transcription",
        "review": "no",
        **cells,
    }
    return ",".join(values.get(column, "") for column in consent.COLUMNS)


def register(*lines: str) -> consent.Register:
    data = "\n".join([HEADER, *lines]).encode()
    return consent.parse(Path("consent.csv"), data)


def promise(**cells: str) -> Promise:
    return Promise.of(register(line(**cells)).rows[0])


@pytest.fixture
def log(tmp_path: Path) -> AuditLog:
    made = AuditLog(tmp_path / "audit.jsonl", salt="0" * 16)
    made.create(Signer.generate())
    return made


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("delete-after-transcription", "delete-after-review"),
        ("delete-after-transcription", "delete-on:2027-01-01"),
        ("delete-after-review", "keep-bleeped"),
        ("delete-on:2027-01-01", "delete-on:2027-01-02"),
        ("delete-on:2027-01-01", "keep-until:2027-01-01"),
        ("keep-until:2026-12-31", "delete-on:2027-01-02"),
        ("keep-until:2027-01-01", "keep-bleeped"),
        ("keep-bleeped", "keep-until:2026-07-01"),
    ],
)
def test_a_weaker_rule_is_seen(old: str, new: str) -> None:
    assert "audio" in loosened(promise(audio=old), promise(audio=new))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("keep-bleeped", "delete-after-transcription"),
        ("keep-until:2027-01-01", "delete-on:2027-01-02"),
        ("keep-until:2027-01-01", "keep-until:2026-12-31"),
        ("delete-on:2027-01-02", "delete-on:2027-01-01"),
        ("delete-on:2027-01-02", "delete-after-transcription"),
        ("delete-on:2027-01-02", "delete-after-review"),
    ],
)
def test_a_stricter_rule_is_taken_as_it_is(old: str, new: str) -> None:
    assert loosened(promise(audio=old), promise(audio=new)) == ()


@pytest.mark.parametrize(
    ("column", "old", "new"),
    [
        ("review", "yes", "no"),
        ("transcript_until", "2030-01-01", ""),
        ("transcript_until", "2030-01-01", "2030-01-02"),
        ("at_end", "delete", "anonymise"),
        ("at_end", "delete", ""),
        ("at_end", "anonymise", ""),
        ("quotes", "no", "yes"),
        ("archive", "", "yes"),
        ("withdrawn_on", "2026-05-01", ""),
        ("withdrawn_on", "2026-05-01", "2026-05-02"),
    ],
)
def test_each_column_has_a_weaker_side_and_a_stricter_one(column: str, old: str, new: str) -> None:
    before, after = promise(**{column: old}), promise(**{column: new})
    assert loosened(before, after) == (column,)
    if (column, new) != ("at_end", "anonymise") or old != "delete":
        assert loosened(after, before) == ()


def test_what_is_looked_at_by_one_column_may_move_to_the_other() -> None:
    by_rule = promise(audio="delete-after-review")
    by_column = promise(audio="delete-after-transcription", review="yes")
    assert loosened(by_rule, by_column) == loosened(by_column, by_rule) == ()
    assert loosened(by_rule, promise()) == ("audio",)
    assert loosened(by_column, promise()) == ("review",)


@pytest.mark.parametrize("day", ["2025-12-01", "2026-02-01", ""])
def test_another_day_of_consent_or_another_letter_is_not_weaker(day: str) -> None:
    assert loosened(promise(), promise(consented_on=day, consent_version="v2")) == ()


rules = st.sampled_from(["delete-after-transcription", "delete-after-review", "keep-bleeped"]).map(
    lambda kind: Rule(kind)  # type: ignore[arg-type]
)
days = st.none() | st.dates(date(2026, 1, 1), date(2026, 1, 4))
promises = st.builds(
    Promise,
    st.just("P01"),
    rules | days.filter(bool).map(lambda d: Rule("delete-on", d)),
    st.booleans(),
    days,
    days,
    st.sampled_from([None, "delete", "anonymise"]),
    st.booleans(),
    st.booleans(),
    days,
)


@given(promises)
def test_every_promise_comes_back_from_the_log_as_it_was(promised: Promise) -> None:
    from anonpipe import log_schema
    from anonpipe.chain import compose

    details = {**promised.details(), "row": promised.digest()}
    log_schema.check("consent-row", "P01", "done", details)
    _, entry = compose(
        None, "2026-01-01T00:00:00Z", "0" * 16, "consent-row", "P01", "done", details
    )
    assert Promise.from_entry(entry) == promised


@given(promises, promises, promises)
def test_no_way_round_makes_a_promise_weaker_unseen(a: Promise, b: Promise, c: Promise) -> None:
    """Two steps that are both stricter are no weaker step together.

    But for a review that was added: it is a safeguard, though the recording waits for it.
    """
    if b.reviewed and not a.reviewed:
        return
    if not loosened(a, b) and not loosened(b, c):
        assert not loosened(a, c)


def entries(log: AuditLog) -> list[Entry]:
    return [entry for entry in log.entries() if entry.action != "signature"]


def test_the_first_register_is_the_baseline_and_changes_are_logged_once(log: AuditLog) -> None:
    reg = register(line("P01"), line("P02", recording="Kari Nordmann*", audio="keep-bleeped"))
    take_in(log, reg, held=())
    take_in(log, reg, held=("P01", "P02"))
    actions = [(entry.action, entry.subject) for entry in entries(log)][1:]
    assert actions == [("consent-row", "P01"), ("consent-row", "P02"), ("consent-register", None)]
    assert "Kari" not in log.path.read_text() and "v1" not in log.path.read_text()
    stricter = register(line("P01"), line("P02"))
    take_in(log, stricter, held=("P02",))
    assert [(e.action, e.subject) for e in entries(log)][4:] == [
        ("consent-row", "P02"),
        ("consent-register", None),
    ]
    assert str(promised(log)["P02"].audio) == "delete-after-transcription"


def test_a_weaker_promise_is_refused_by_row_and_column_and_nothing_is_logged(
    log: AuditLog,
) -> None:
    take_in(log, register(line(audio="delete-on:2027-01-01", review="yes")), held=())
    before = log.path.read_bytes()
    weaker = register(line("P09"), line(audio="delete-on:2028-01-01"))
    for work in (check, take_in):
        with pytest.raises(ConsentError, match=r"row 3, columns audio and review: P01") as caught:
            work(log, weaker, ())
        assert caught.value.exit_code == 3 and "--accept-change" in str(caught.value)
    assert log.path.read_bytes() == before


def test_an_accepted_change_is_logged_with_its_approval_and_then_counts(log: AuditLog) -> None:
    take_in(log, register(line(quotes="no")), held=())
    weaker = register(line(quotes="yes"))
    take_in(log, weaker, (), approval=APPROVAL)
    accepted, row = entries(log)[-3:-1]
    assert (accepted.action, accepted.subject) == ("consent-change-accepted", "P01")
    assert (accepted.details["columns"], accepted.details["approval"]) == (("quotes",), APPROVAL)
    assert row.action == "consent-row" and row.details["quotes"] is True
    assert take_in(log, weaker, ()) == ()


def test_a_row_may_go_only_when_nothing_is_held(log: AuditLog) -> None:
    take_in(log, register(line("P01"), line("P02")), held=())
    rest = register(line("P01"))
    with pytest.raises(ConsentError, match="row of P02 is gone"):
        take_in(log, rest, held=("P01", "P02"))
    take_in(log, rest, held=("P01",))
    assert list(promised(log)) == ["P01"]
    # It may come back as what it likes: there is nobody's promise to break.
    take_in(log, register(line("P01"), line("P02", audio="keep-bleeped")), held=("P01",))


def test_many_weaker_rows_are_told_in_short(log: AuditLog) -> None:
    codes = [f"P0{i}" for i in range(1, 8)]
    take_in(log, register(*(line(code) for code in codes)), held=())
    with pytest.raises(ConsentError, match=r"row 4, column quotes: P03.*and 4 more rows"):
        take_in(log, register(*(line(code, quotes="yes") for code in codes)), held=())


def test_changes_are_told_in_the_order_of_the_register() -> None:
    before = {p.participant: p for p in (promise(), replace(promise(), participant="P05"))}
    changes = compare(before, register(line("P02"), line("P01", quotes="yes")), held=())
    assert [(c.participant, c.line, c.loosened) for c in changes] == [
        ("P02", 2, ()),
        ("P01", 3, ("quotes",)),
        ("P05", None, ()),
    ]


def test_a_source_that_loses_the_stricter_participant_asks_less() -> None:
    reg = register(line("P01", audio="keep-until:2030-01-01"), line("P02"))
    both, one = reg.demand_of(("P01", "P02")), reg.demand_of(("P01",))
    assert both and one and asks_less(both, one) and not asks_less(one, both)


# -- what a run does with it


def actions(bench: Workbench) -> list[str]:
    log = AuditLog(bench.study.log_file, bench.study.settings.id)
    return [entry.action for entry in log.entries()]


def test_a_run_takes_no_weaker_register_and_touches_nothing(bench: Workbench) -> None:
    original = bench.record("P01.wav")
    bench.register(row(audio="delete-on:2026-07-01"))
    bench.run()
    bench.register(row(audio="keep-until:2036-07-01"))
    before = actions(bench)
    for options in ({}, {"dry_run": True}):
        with pytest.raises(ConsentError, match="row 2, column audio"):
            bench.run(today=date(2026, 8, 1), **options)
    assert actions(bench) == before and original.exists()
    (outcome,) = bench.run(today=date(2026, 8, 1), approval=APPROVAL)
    assert outcome.status == "waiting" and outcome.reason == "2036-07-02"
    (outcome,) = bench.run(today=date(2026, 8, 1))  # from now on this is what was promised
    assert outcome.status == "waiting"
    assert "consent-change-accepted" in actions(bench)


def test_a_register_that_changes_during_a_run_deletes_nothing(
    bench: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = bench.record("P01.wav")
    bench.register(row())
    write = pipeline.Pipeline._write

    def and_somebody_saves(self: pipeline.Pipeline, job: pipeline.Job) -> pipeline.Job:
        bench.register(row(audio="delete-on:2030-01-01"))
        return write(self, job)

    monkeypatch.setattr(pipeline.Pipeline, "_write", and_somebody_saves)
    (outcome,) = bench.run()
    assert outcome.exit_code == 3 and "changed while anonpipe worked" in outcome.reason
    assert original.exists()


def test_taking_the_stricter_participant_off_a_recording_needs_an_approval(
    bench: Workbench,
) -> None:
    bench.record("group.wav")
    lenient = row("P01", "group*", audio="keep-until:2036-01-01")
    bench.register(lenient, row("P02", "group*", audio="delete-on:2027-01-01"))
    bench.run()
    bench.register(lenient, row("P02", "other*", audio="delete-on:2027-01-01"))
    (outcome,) = bench.run()
    assert outcome.exit_code == 3 and "R01 belonged to P01+P02" in outcome.reason
    (outcome,) = bench.run(approval=APPROVAL)
    assert outcome.participants == ("P01",) and outcome.reason == "2036-01-02"
    (outcome,) = bench.run()
    assert outcome.status == "waiting"


def test_a_change_killed_while_it_is_taken_in_is_taken_in_by_the_next_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, every: bool
) -> None:
    benches: list[Workbench] = []
    new = (row("P01", review="yes"), row("P02", audio="keep-bleeped"), row("P03"))

    def run() -> None:
        benches[-1].run(approval=APPROVAL)

    def prepare() -> Callable[[], None]:
        benches.append(make_workbench(tmp_path / str(len(benches))))
        benches[-1].register(row("P01"), row("P02"))
        benches[-1].run()
        benches[-1].register(*new)
        return run

    def complete() -> None:
        bench = benches[-1]
        run()
        log = AuditLog(bench.study.log_file, bench.study.settings.id)
        assert compare(promised(log), consent.load(bench.study.consent_file), held=()) == ()
        *_, last = (e for e in entries(log) if e.action == "consent-register")
        assert last.details["rows"] == 3

    assert killed_at_every_effect(prepare, complete, monkeypatch, every=every) >= 7


# -- who may say what was promised


def test_a_row_that_somebody_else_added_to_the_log_does_not_count(bench: Workbench) -> None:
    bench.record("P01.wav")
    bench.register(row(audio="delete-on:2026-07-01"))
    bench.run()
    weaker = row(audio="keep-until:2036-07-01")
    bench.register(weaker)
    forged = Promise.of(consent.load(bench.study.consent_file).rows[0])
    log = AuditLog(bench.study.log_file, bench.study.settings.id)
    log.append("consent-row", subject="P01", **forged.details(), row=forged.digest())
    with pytest.raises(ConsentError, match="row 2, column audio"):
        bench.run()
    with pytest.raises(ConsentError):  # nor once it was signed together with the rest
        bench.run()


def test_a_host_without_the_key_compares_and_logs_nothing(bench: Workbench) -> None:
    bench.register(row("P01"), row("P02"))
    bench.run()
    log = AuditLog(bench.study.log_file, bench.study.settings.id)
    before = log.path.read_bytes()
    bench.register(row("P01", review="yes"), row("P02"))
    changes = take_in(log, consent.load(bench.study.consent_file), ())
    assert [change.participant for change in changes] == ["P01"]
    bench.register(row("P01", audio="keep-bleeped"), row("P02"))
    with pytest.raises(ConsentError):
        take_in(log, consent.load(bench.study.consent_file), (), approval=APPROVAL)
    assert log.path.read_bytes() == before
