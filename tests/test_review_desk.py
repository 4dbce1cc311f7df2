"""What a person decides at the desk, what it does, and that it lasts."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from anonpipe.errors import UsageError
from anonpipe.review.decision import NEW, Request
from anonpipe.review.desk import Desk
from anonpipe.review.interview import Interview, Mark
from anonpipe.session import session
from tests.conftest import TODAY, Workbench, row

TEXT = """\
P01: I work with Kari Nordmann in Bergen.
P01: Kari says that Solveig is ill, and Solveig is never ill.
P01: On Mondays and Thursdays I meet Ola Hansen, will you ask Kari?
"""


@contextmanager
def at_desk(bench: Workbench) -> Iterator[Desk]:
    with session(bench.study, [bench.identity], lambda _: None) as opened:
        yield Desk(opened, today=TODAY)


@pytest.fixture
def study(bench: Workbench) -> Workbench:
    """A document and a memo, both written, both waiting."""
    bench.register(row("P01", audio="delete-after-review", review="yes"))
    bench.note("P01_notes.txt", TEXT)
    bench.record("P01_memo.wav")
    bench.run()
    return bench


def text_of(desk: Desk, name: str = "D01") -> str:
    return desk.coded(name)[""].text


def written(bench: Workbench, name: str = "D01") -> str:
    return (bench.folder / f"transcripts/P01-{name}.txt").read_text(encoding="utf-8")


def mark_of(interview: Interview, text: str, nth: int = 0) -> Mark:
    return [mark for mark in interview.marks if mark.mention.text == text][nth]


def asking(interview: Interview, text: str, nth: int = 0, **values: object) -> Request:
    """A request about a mention."""
    mention = mark_of(interview, text, nth).mention
    return Request(
        turn=mention.turn,
        start=mention.start,
        end=mention.end,
        **values,  # type: ignore[arg-type]
    )


def selecting(interview: Interview, text: str, **values: object) -> Request:
    """A request about words of the first turn that has them."""
    for number, turn in enumerate(interview.transcript.turns):
        if text in turn.text:
            at = turn.text.index(text)
            return Request(turn=number, start=at, end=at + len(text), **values)  # type: ignore[arg-type]
    raise AssertionError(text)


def test_the_desk_shows_what_was_written(study: Workbench) -> None:
    with at_desk(study) as desk:
        seen = desk.interview("D01")
        assert [mark.mention.text for mark in seen.marks] == [
            "Kari Nordmann",
            "Bergen",
            "Kari",
            "Ola Hansen",
            "Kari",
        ]
        assert seen.raw and not seen.has_sound
        assert seen.marks[0].code == "[Person 1]" == seen.marks[2].code
        assert text_of(desk).splitlines()[0] in written(study)
        assert not desk.is_pending("D01")
        recording = desk.interview("R01")
        assert recording.has_sound
        assert [item.id for item in desk.sources()] == ["D01", "R01"]
        assert {item.waits_for for item in desk.sources()} == {"review"}


def test_a_rejected_mention_is_readable_here_only(study: Workbench) -> None:
    with at_desk(study) as desk:
        seen = desk.interview("D01")
        effect = desk.decide("D01", asking(seen, "Kari", kind="reject"))
        assert effect.total == 1
        assert text_of(desk).splitlines()[1].startswith("Kari says")
        assert text_of(desk).endswith("will you ask [Person 1]?")
        assert desk.is_pending("D01")


def test_never_holds_in_the_whole_study_and_the_names_are_looked_for_no_more(
    study: Workbench,
) -> None:
    with at_desk(study) as desk:
        seen = desk.interview("D01")
        request = asking(seen, "Bergen", kind="reject", scope="study")
        assert desk.preview("D01", request).places == {"D01": 1, "R01": 1}
        desk.decide("D01", request)
        desk.write("D01")
        assert "in Bergen" in written(study)
        assert "in Bergen" in desk.coded("R01")[""].text
    outcomes = study.run()
    assert {outcome.status for outcome in outcomes} == {"waiting"}
    assert "in Bergen" in written(study, "R01")


def test_an_added_name_may_be_found_in_the_whole_study(study: Workbench) -> None:
    with at_desk(study) as desk:
        seen = desk.interview("D01")
        request = selecting(seen, "Solveig", kind="add", type="PERSON", scope="study")
        assert desk.preview("D01", request).total == 2
        effect = desk.decide("D01", request)
        assert effect.decision is not None and effect.decision.entity == "PERSON-3"
        assert text_of(desk).splitlines()[1] == (
            "[Person 1] says that [Person 3] is ill, and [Person 3] is never ill."
        )
        marks = desk.interview("D01").marks
        assert [m.by for m in marks if m.mention.text == "Solveig"] == ["person", "person"]
    study.note("P01_more.txt", "P01: Then Solveig came.\n")
    study.run()
    assert "Then [Person 3] came." in written(study, "D02")
    assert "[Person 3] is ill" in written(study)


def test_what_is_shown_is_what_is_written(study: Workbench) -> None:
    with at_desk(study) as desk:
        requests: list[Callable[[Interview], Request]] = [
            lambda s: selecting(s, "Solveig", kind="add", type="PERSON"),
            lambda s: asking(s, "Kari", 0, kind="entity", entity=NEW),
            lambda s: asking(s, "Bergen", kind="entity", type="ORG", entity=NEW),
            lambda s: selecting(s, "Mondays and Thursdays", kind="generalise", value="two days"),
            lambda s: asking(s, "Ola Hansen", kind="reject"),
        ]
        for request in requests:
            desk.decide("D01", request(desk.interview("D01")))
        shown = text_of(desk)
        assert desk.is_pending("D01")
        desk.write("D01")
        assert text_of(desk) == shown
        assert not desk.is_pending("D01")
        assert all(line in written(study) for line in shown.splitlines())
        assert shown.splitlines() == [
            "I work with [Person 1] in [Organisation 1].",
            "[Person 4] says that [Person 3] is ill, and Solveig is never ill.",
            "On [two days] I meet Ola Hansen, will you ask [Person 1]?",
        ]


def test_decisions_survive_a_run_that_codes_anew(study: Workbench) -> None:
    with at_desk(study) as desk:
        seen = desk.interview("D01")
        desk.decide("D01", asking(seen, "Kari", 1, kind="entity", entity=NEW, scope="here"))
        desk.decide("D01", asking(seen, "Ola Hansen", kind="generalise", value="a colleague"))
        shown = text_of(desk)
    study.run(again="D01")
    assert all(line in written(study) for line in shown.splitlines())
    assert "[a colleague], will you ask [Person 3]?" in written(study)


def test_two_codes_that_are_one_person(study: Workbench) -> None:
    with at_desk(study) as desk:
        request = Request("merge", "study", entity="PERSON-2", value="PERSON-1")
        assert desk.preview("D01", request).places == {"D01": 1}
        effect = desk.decide("D01", request)
        assert "I meet [Person 1]" in text_of(desk)
        assert "PERSON-2" not in desk.interview("D01").names
        with pytest.raises(UsageError, match="cannot become one"):
            desk.decide("D01", request)
        assert effect.decision is not None
        desk.undo(effect.decision.id)
        assert "I meet [Person 2]" in text_of(desk)
        desk.decide("D01", request)
    study.run()
    assert "I meet [Person 1]" in written(study)


def test_a_merge_reaches_transcripts_that_are_final(bench: Workbench) -> None:
    bench.register(row("P01"), row("P02", audio="delete-after-review", review="yes"))
    bench.note("P01_notes.txt", TEXT)
    bench.note("P02_notes.txt", "P02: Ola Hansen and Kari Nordmann.\n")
    bench.run()
    with at_desk(bench) as desk:
        assert not desk.interview("D01").raw
        assert [mark.code for mark in desk.interview("D01").marks][:2] == [
            "[Person 1]",
            "[Place 1]",
        ]
        request = Request("merge", "study", entity="PERSON-2", value="PERSON-1")
        effect = desk.decide("D02", request)
        assert (effect.places, effect.final) == ({"D02": 1}, 1)
    bench.run()
    assert "I meet [Person 1]" in written(bench)


def test_a_wider_or_narrower_span(study: Workbench) -> None:
    with at_desk(study) as desk:
        seen = desk.interview("D01")
        mention = mark_of(seen, "Kari Nordmann").mention
        wider = (mention.start - len("with "), mention.end)
        desk.decide("D01", asking(seen, "Kari Nordmann", kind="span", span=wider))
        assert text_of(desk).splitlines()[0] == "I work [Person 1] in [Place 1]."
        seen = desk.interview("D01")
        first = mark_of(seen, "Ola Hansen").mention.start
        desk.decide("D01", asking(seen, "Ola Hansen", kind="span", span=(first, first + 3)))
        assert "I meet [Person 2] Hansen" in text_of(desk)


def test_a_misheard_word_is_corrected_and_names_in_it_are_found(study: Workbench) -> None:
    with at_desk(study) as desk:
        seen = desk.interview("D01")
        desk.decide("D01", asking(seen, "Kari", 1, kind="confirm"))
        effect = desk.decide("D01", selecting(seen, "Mondays", kind="word", value="Bergen days"))
        assert text_of(desk).splitlines()[2] == (
            "On [Place 1] days and Thursdays I meet [Person 2], will you ask [Person 1]?"
        )
        after = desk.interview("D01")
        (confirmed,) = [d for d in after.decisions if d.kind == "confirm"]
        assert mark_of(after, "Kari", 1).decided == (confirmed.id,)
        assert effect.decision is not None
        desk.undo(effect.decision.id)
        assert desk.interview("D01").transcript == seen.transcript
        desk.decide("D01", selecting(seen, "Mondays", kind="word", value="Bergen days"))
        desk.write("D01")
        assert "On [Place 1] days and" in written(study)
    with at_desk(study) as desk:
        assert "Bergen days" in desk.interview("D01").transcript.text


def test_corrected_words_keep_their_times(study: Workbench) -> None:
    with at_desk(study) as desk:
        seen = desk.interview("R01")
        before = {word.text: word.start for word in seen.transcript.turns[0].words}
        desk.decide("R01", selecting(seen, "met", kind="word", value="have met"))
        after = desk.interview("R01").transcript.turns[0]
        assert after.text.startswith("I have met Kari")
        assert {w.text: w.start for w in after.words if w.text in before} == {
            word: start for word, start in before.items() if word != "met"
        }


def test_the_same_misheard_word_everywhere_in_the_interview(study: Workbench) -> None:
    with at_desk(study) as desk:
        seen = desk.interview("D01")
        request = selecting(seen, "ill", kind="word", value="away", scope="source")
        assert desk.preview("D01", request).total == 2
        desk.decide("D01", request)
        assert text_of(desk).splitlines()[1].endswith("is away, and Solveig is never away.")


def test_everything_can_be_undone(study: Workbench) -> None:
    with at_desk(study) as desk:
        seen, shown = desk.interview("D01"), text_of(desk)
        requests: list[Callable[[Interview], Request]] = [
            lambda s: asking(s, "Kari", kind="reject"),
            lambda s: asking(s, "Bergen", kind="reject", scope="study"),
            lambda s: selecting(s, "Solveig", kind="add", type="PERSON", scope="study"),
            lambda s: asking(s, "Kari Nordmann", kind="entity", entity=NEW, scope="source"),
            lambda s: asking(s, "Ola Hansen", kind="generalise", value="a colleague"),
            lambda s: Request("merge", "study", entity="PERSON-2", value="PERSON-1"),
            lambda s: selecting(s, "work", kind="word", value="walk"),
            lambda s: selecting(s, "you", kind="seen"),
        ]
        for request in requests:
            effect = desk.decide("D01", request(seen))
            assert effect.decision is not None
            desk.undo(effect.decision.id)
            assert text_of(desk) == shown, effect.decision.kind
        assert desk.decisions("D01") == ()
        assert not desk.is_pending("D01")
        with pytest.raises(UsageError, match="no decision"):
            desk.undo("K-1")


def test_decisions_are_there_when_the_desk_is_opened_again(study: Workbench) -> None:
    with at_desk(study) as desk:
        seen = desk.interview("D01")
        desk.decide("D01", asking(seen, "Kari", kind="confirm"))
        desk.decide("D01", asking(seen, "Bergen", kind="reject", scope="study"))
        before = desk.decisions("D01"), text_of(desk)
    with at_desk(study) as desk:
        assert (desk.decisions("D01"), text_of(desk)) == before


def test_the_log_tells_decisions_by_code_and_count(study: Workbench) -> None:
    with at_desk(study) as desk:
        seen = desk.interview("D01")
        desk.decide("D01", selecting(seen, "Solveig", kind="add", type="PERSON", scope="study"))
        desk.decide("D01", asking(seen, "Kari", kind="confirm"))
    lines = (study.folder / "audit.jsonl").read_text(encoding="utf-8").splitlines()
    decided = [json.loads(line) for line in lines if '"decided"' in line]
    assert [(d["subject"], d["details"]) for d in decided] == [
        (
            "D01",
            {
                "kind": "add",
                "scope": "study",
                "places": 2,
                "undone": False,
                "entity": "PERSON-3",
                "type": "PERSON",
            },
        ),
        (
            "D01",
            {
                "kind": "confirm",
                "scope": "here",
                "places": 1,
                "undone": False,
                "entity": "PERSON-1",
                "type": "PERSON",
            },
        ),
    ]
    assert "Solveig" not in "".join(lines)


@pytest.mark.parametrize(
    ("request_", "says"),
    [
        (Request("confirm", turn=9, start=0, end=1), "no such turn"),
        (Request("confirm", turn=0, start=0, end=999), "no such words"),
        (Request("confirm", turn=0, start=0, end=1), "no mention"),
        (Request("add", turn=0, start=1, end=2, type="PERSON"), "blanks"),
        (Request("add", turn=0, start=0, end=1), "type"),
        (Request("entity", turn=0, start=12, end=25, entity="PERSON-77"), "nobody"),
        (Request("entity", turn=0, start=12, end=25, type="ORG", entity="PERSON-2"), "no ORG"),
        (Request("generalise", turn=0, start=12, end=25, value="x kari nordmann"), "detail itself"),
        (Request("generalise", turn=0, start=12, end=25, value="Person 3"), "looks like a code"),
        (Request("word", turn=0, start=2, end=6, value="[Person 3]"), "holds a code"),
        (Request("merge", entity="PERSON-1", value="PLACE-1"), "which two"),
        (Request("merge", entity="PERSON-1", value="LOCATION-1"), "cannot become one"),
    ],
)
def test_what_cannot_be_decided_is_refused_in_one_sentence(
    study: Workbench, request_: Request, says: str
) -> None:
    with at_desk(study) as desk:
        with pytest.raises(UsageError, match=says) as caught:
            desk.decide("D01", request_)
        assert "Kari" not in str(caught.value)
        assert desk.decisions("D01") == ()


def test_a_place_decided_alone_stays_an_exception(study: Workbench) -> None:
    with at_desk(study) as desk:
        seen = desk.interview("D01")
        desk.decide("D01", asking(seen, "Kari", 0, kind="confirm"))
        desk.decide("D01", asking(seen, "Kari", 1, kind="reject", scope="source"))
        assert text_of(desk).splitlines()[1].startswith("[Person 1] says")
        assert text_of(desk).endswith("will you ask Kari?")


def test_candidates_put_the_likeliest_first(study: Workbench) -> None:
    with at_desk(study) as desk:
        seen = desk.interview("D01")
        kari = selecting(seen, "Kari says", kind="seen")
        found = desk.candidates("D01", kari.turn, kari.start, kari.start + 4, "PERSON")
        assert found[0] == "PERSON-1" and NEW in found
        solveig = selecting(seen, "Solveig", kind="seen")
        found = desk.candidates("D01", solveig.turn, solveig.start, solveig.end, "PERSON")
        assert found[0] == NEW


def test_what_was_decided_for_the_study_is_about_its_words_not_about_their_old_place(
    study: Workbench,
) -> None:
    with at_desk(study) as desk:
        mark = next(m for m in desk.interview("D01").marks if m.mention.text == "Bergen")
        desk.decide("D01", asking(desk.interview("D01"), "Bergen", kind="reject", scope="study"))
        before = text_of(desk)
        assert "Bergen" in before
        turn, start = mark.mention.turn, mark.mention.start
        first = desk.interview("D01").transcript.turns[turn].text.split()[0]
        # Longer words before it: where it stood, others stand now.
        for length in range(1, start):
            wide = Request("word", turn=turn, start=0, end=len(first), value="x" * length + first)
            word = desk.decide("D01", wide).decision
            assert word is not None
            now = text_of(desk)
            assert now.replace("x" * length + first, first) == before
            desk.undo(word.id)


def test_a_detail_may_be_generalised_wherever_its_words_stand(study: Workbench) -> None:
    with at_desk(study) as desk:
        seen = desk.interview("D01")
        request = selecting(seen, "is", kind="generalise", value="was", scope="source")
        assert desk.preview("D01", request).total == 2
        desk.decide("D01", request)
        assert text_of(desk).splitlines()[1].count("[was]") == 2


def test_a_mention_with_other_bounds_knows_by_which_decision(study: Workbench) -> None:
    with at_desk(study) as desk:
        seen = desk.interview("D01")
        first = mark_of(seen, "Ola Hansen").mention.start
        desk.decide("D01", asking(seen, "Ola Hansen", kind="span", span=(first, first + 3)))
        assert mark_of(desk.interview("D01"), "Ola").decided == ("D01-1",)


def test_a_detail_stays_vaguer_when_the_mark_under_it_is_taken_back(study: Workbench) -> None:
    with at_desk(study) as desk:
        seen = desk.interview("D01")
        marked = desk.decide("D01", selecting(seen, "ill", kind="add", type="OTHER"))
        desk.decide("D01", asking(desk.interview("D01"), "ill", kind="generalise", value="away"))
        assert marked.decision is not None
        with pytest.raises(UsageError, match="take back D01-2 first"):
            desk.undo(marked.decision.id)
        assert "[away]" in text_of(desk)
        desk.undo("D01-2")
        desk.undo("D01-1")
        assert "[away]" not in text_of(desk) and desk.interview("D01").decisions == ()


def test_words_that_are_no_mention_are_counted_when_they_are_to_stay_so(study: Workbench) -> None:
    with at_desk(study) as desk:
        seen = desk.interview("D01")
        request = selecting(seen, "Solveig", kind="reject", scope="source")
        assert desk.preview("D01", request).total == 2


def test_what_is_taken_back_after_it_was_written_has_its_old_code(study: Workbench) -> None:
    with at_desk(study) as desk:
        seen, shown = desk.interview("D01"), text_of(desk)
        effect = desk.decide("D01", asking(seen, "Ola Hansen", kind="reject", scope="source"))
        desk.write("D01")
        assert "I meet Ola Hansen" in written(study)
        assert effect.decision is not None
        desk.undo(effect.decision.id)
        assert text_of(desk) == shown
        desk.write("D01")
        assert "I meet [Person 2]" in written(study)
