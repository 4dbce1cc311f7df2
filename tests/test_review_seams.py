"""What was decided in a review stays right when something else changes the study."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from anonpipe import kept, withdrawal
from anonpipe.codes import Entity
from anonpipe.forget import forget
from anonpipe.kept import Kept
from anonpipe.key import KeyTable
from anonpipe.plaintext import Readable
from anonpipe.review.decision import NEW, Decision
from anonpipe.review.reviewed import Reviewed
from anonpipe.session import Session
from anonpipe.subject import rectifying
from anonpipe.subject.finding import find
from anonpipe.transcript import Mention, Transcript
from tests.conftest import Workbench, row, stand_in_keep
from tests.test_review_desk import TEXT, asking, at_desk, selecting, text_of

DAY = date(2026, 6, 2)


def entity(number: int, name: str, seen: str, same_as: str | None = None) -> Entity:
    return Entity(
        f"PERSON-{number}", "PERSON", number, None, name, (name,), {seen: 1}, same_as=same_as
    )


def decision(kind: str, source: str, **values: object) -> Decision:
    made = Decision("K-1", kind, "study", source, 0, 0, 4, "Kari", "2026-06-01T00:00:00+00:00")  # type: ignore[arg-type]
    return replace(made, **values)  # type: ignore[arg-type]


def table(*entities: Entity, decisions: tuple[Decision, ...] = ()) -> KeyTable:
    return KeyTable("study", entities, decisions=decisions)


def test_the_names_of_a_merged_entity_stay_under_the_code_that_stands_in_texts() -> None:
    before = table(entity(1, "Kari Berg", "R01"), entity(2, "Kaia", "R02", same_as="PERSON-1"))
    after = forget(before, {"R01"})
    assert [(e.id, e.canonical, e.same_as) for e in after.entities] == [
        ("PERSON-1", "Kaia", None),
        ("PERSON-2", "", None),
    ]
    assert forget(after, {"R01"}) == after


def test_what_was_decided_in_a_source_that_goes_is_forgotten() -> None:
    kept = decision("reject", "R02", text="Bakken")
    gone = decision("reject", "R01", text="Berg")
    merge = decision("merge", "R01", text="", entity="PERSON-2", value="PERSON-1")
    before = table(
        entity(1, "Kari Berg", "R02"),
        entity(2, "Kaia", "R02", same_as="PERSON-1"),
        decisions=(kept, gone, merge),
    )
    assert forget(before, {"R01"}).decisions == (kept, merge)


def test_what_speaks_of_somebody_who_goes_is_forgotten() -> None:
    about = decision("entity", "R02", text="Kaia", entity="PERSON-1")
    named = decision("reject", "R02", text="Kari Berg")
    before = table(entity(1, "Kari Berg", "R01"), decisions=(about, named))
    assert forget(before, (), entities={"PERSON-1"}).decisions == ()


def test_turns_rewritten_for_somebody_keep_what_was_decided_elsewhere() -> None:
    def here(turn: int, scope: str = "here", **values: object) -> Decision:
        made = decision("reject", "R01", id=f"R01-{turn}", turn=turn, text="sol")
        return replace(made, scope=scope, **values)  # type: ignore[arg-type]

    reviewed = Reviewed(
        (here(0), here(1), here(2, "source"), here(3, entity="PERSON-9"), here(4, text="Kari")),
        5,
    )
    left = reviewed.without_turns({1, 2}, {"PERSON-9"}, {"kari"})
    assert [(d.id, d.turn) for d in left.decisions] == [("R01-0", 0), ("R01-2", -1)]
    assert left.last == 5


@pytest.fixture
def study(bench: Workbench) -> Workbench:
    bench.register(
        row("P01", audio="delete-after-review", review="yes"),
        row("P02", audio="delete-after-review", review="yes"),
    )
    bench.note("P01_notes.txt", TEXT)
    bench.note("P02_notes.txt", "P02: I know P01 and Ola Hansen.\nP02: I know Kari was here.\n")
    bench.run()
    return bench


def test_rectified_words_leave_decisions_in_their_places(study: Workbench) -> None:
    with at_desk(study) as desk:
        seen = desk.interview("D01")
        desk.decide("D01", asking(seen, "Kari", 1, kind="entity", entity=NEW))
        shown = text_of(desk)
        desk.write("D01")
        assert "you ask [Person 3]" in shown

    def rectify(session: Session) -> None:
        subject = find(session, "P01")
        detail = rectifying.plan_detail(session, subject, "Mondays and Thursdays", "Fridays")
        rectifying.rectify_detail(session, detail)

    study.open(rectify)
    with at_desk(study) as desk:
        assert text_of(desk).endswith("On Fridays I meet [Person 2], will you ask [Person 3]?")
        assert not desk.is_pending("D01")


def test_other_labels_keep_what_was_decided(study: Workbench) -> None:
    study.record("P01_memo.wav")
    study.run()
    with at_desk(study) as desk:
        seen = desk.interview("R01")
        desk.decide("R01", asking(seen, "Kari", kind="entity", entity=NEW))
        before = text_of(desk, "R01")
        desk.relabel("R01", {"P01": "Interviewer"})
        after = desk.interview("R01")
        assert after.transcript.turns[0].speaker == "Interviewer"
        assert text_of(desk, "R01") == before and "[Person 3]" in before


def test_a_withdrawal_keeps_what_was_decided_in_other_sources(study: Workbench) -> None:
    with at_desk(study) as desk:
        seen = desk.interview("D02")
        desk.decide("D02", asking(seen, "Kari", kind="reject"))
        desk.decide("D02", selecting(seen, "was here", kind="seen"))
        desk.decide("D02", asking(seen, "Kari", kind="reject", scope="study"))
        assert "Kari was here" in text_of(desk, "D02")
        desk.write("D02")

    def withdraw(session: Session) -> None:
        withdrawal.withdraw(
            session, withdrawal.plan(session, "P01", on=None, today=DAY, also=["none"])
        )

    study.open(withdraw)
    with at_desk(study) as desk:
        assert "Kari was here" in text_of(desk, "D02")
        assert [d.kind for d in desk.decisions("D02")] == ["reject", "reject", "seen"]
        desk.write("D02")
    assert "Kari was here" in (study.folder / "transcripts/P02-D02.txt").read_text("utf-8")


def test_a_kept_copy_covers_what_was_decided(
    bench: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    covered: list[set[str]] = []

    def keep(
        content: Readable,
        part: Path,
        _: Transcript,
        mentions: tuple[Mention, ...],
        *rest: object,
        **options: object,
    ) -> Kept:
        covered.append({mention.text for mention in mentions})
        return stand_in_keep(content, part)

    monkeypatch.setattr(kept, "keep", keep)
    bench.register(row("P01", audio="keep-bleeped", review="yes"))
    bench.record("P01_memo.wav")
    bench.run()
    with at_desk(bench) as desk:
        seen = desk.interview("R01")
        desk.decide("R01", asking(seen, "Bergen", kind="reject", scope="source"))
        desk.decide("R01", selecting(seen, "said", kind="add", type="OTHER"))
        desk.write("R01")
    assert covered == [
        {"Kari Nordmann", "Bergen", "Kari"},
        {"Kari Nordmann", "said", "Kari"},
    ]


DELETED_ON = date(2026, 7, 1)


@pytest.fixture
def dated(bench: Workbench) -> Workbench:
    """A memo whose recording goes on its day, whether somebody signed or not."""
    bench.register(row("P01", audio=f"delete-on:{DELETED_ON}"))
    bench.record("P01_memo.wav")
    bench.run()
    return bench


def memo(bench: Workbench) -> str:
    return (bench.folder / "transcripts/P01-R01.txt").read_text("utf-8")


@pytest.mark.parametrize("scope", ["here", "source", "study"])
def test_what_was_decided_is_written_before_a_recording_goes(dated: Workbench, scope: str) -> None:
    with at_desk(dated) as desk:
        seen = desk.interview("R01")
        desk.decide("R01", selecting(seen, "said", kind="add", type="OTHER", scope=scope))
    assert "said" in memo(dated)
    dated.run(today=DELETED_ON)
    assert not (dated.folder / "recordings/P01_memo.wav").exists()
    assert "Kari" not in memo(dated) and "[Other 1] yes" in memo(dated)


def test_so_is_a_decision_that_brought_nothing_into_the_key(dated: Workbench) -> None:
    with at_desk(dated) as desk:
        seen = desk.interview("R01")
        desk.decide("R01", selecting(seen, "said", kind="add", type="PERSON", entity="PERSON-1"))
    dated.run(today=DELETED_ON)
    assert "[Person 1] [Person 1] yes" in memo(dated)


def test_what_was_taken_back_is_written_before_a_recording_goes(dated: Workbench) -> None:
    with at_desk(dated) as desk:
        seen = desk.interview("R01")
        desk.decide("R01", asking(seen, "Bergen", kind="reject", scope="source"))
        desk.write("R01")
        assert "in Bergen" in memo(dated)
        desk.undo("R01-1")
    dated.run(today=DELETED_ON)
    assert "in [Place 1]" in memo(dated)
    assert not (dated.folder / "recordings/P01_memo.wav").exists()


def test_nothing_goes_while_an_edited_output_lacks_what_was_decided(dated: Workbench) -> None:
    with at_desk(dated) as desk:
        seen = desk.interview("R01")
        desk.decide("R01", selecting(seen, "said", kind="add", type="OTHER"))
    output = dated.folder / "transcripts/P01-R01.txt"
    output.write_text(memo(dated) + "\nMy own note.\n", encoding="utf-8")
    (outcome,) = dated.run(today=DELETED_ON)
    assert outcome.status == "failed" and "P01-R01.txt was changed by hand" in outcome.reason
    assert (dated.folder / "recordings/P01_memo.wav").exists()
    output.unlink()
    dated.run(today=DELETED_ON)
    (outcome,) = dated.run(today=DELETED_ON)
    assert "[Other 1] yes" in memo(dated) and outcome.status == "final"
