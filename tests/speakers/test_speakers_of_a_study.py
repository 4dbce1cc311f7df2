"""Speakers of a study's recordings: called as the study says, listed, and put right by command."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from anonpipe import batch, relabelling, sealedrun
from anonpipe.audit import AuditLog
from anonpipe.errors import ConsentError, UsageError
from anonpipe.session import Session
from anonpipe.study import Stage
from tests.conftest import TODAY, Call, Workbench, make_workbench, row
from tests.killing import done_or_killed, killed_at_every_effect
from tests.speaking import TalkingTools
from tests.test_withdrawal import copies

REVIEWED = row(audio="delete-after-review")


@pytest.fixture
def talk(bench: Workbench, monkeypatch: pytest.MonkeyPatch) -> Workbench:
    """A study with a recording in which an interviewer and another are told apart."""
    for place in (batch, sealedrun):
        monkeypatch.setattr(place, "Tools", TalkingTools)
    monkeypatch.setattr("anonpipe.tools.Tools", TalkingTools)
    TalkingTools.only.told.clear()
    bench.record("P01_a.wav")
    bench.register(REVIEWED)
    return bench


def settings(bench: Workbench, old: str, new: str) -> None:
    file = bench.folder / "study.toml"
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))


def spoken(bench: Workbench, name: str = "P01-R01") -> list[str]:
    """The speakers of a source's turns."""
    data = json.loads((bench.folder / "transcripts" / f"{name}.json").read_text())
    return [turn["speaker"] for turn in data["turns"]]


def flags(bench: Workbench) -> list[str]:
    return [flag.kind for flag in bench.study.read_state()["R01"].flags]


def actions(bench: Workbench) -> list[str]:
    return [e.action for e in AuditLog(bench.study.log_file, bench.study.settings.id).entries()]


def labels(bench: Workbench, names: dict[str, str], **options: Any) -> None:
    def work(opened: Session) -> None:
        plan = relabelling.plan_labels(opened, "R01", names, today=TODAY, **options)
        relabelling.change(opened, plan)

    bench.open(work)


def swap(bench: Workbench) -> None:
    def work(opened: Session) -> None:
        relabelling.change(opened, relabelling.plan_swap(opened, "R01", today=TODAY))
        batch.run(opened, report=lambda _: None, today=TODAY)

    bench.open(work)


# -- what a run calls them


def test_the_participants_code_comes_from_the_register(talk: Workbench) -> None:
    talk.run()
    assert spoken(talk) == ["Interviewer", "P01", "Interviewer", "P01"]
    assert TalkingTools.only.told == [2]
    text = (talk.folder / "transcripts" / "P01-R01.txt").read_text()
    assert "Interviewer (00:00:00): Thank you for coming." in text
    assert "Kari" not in text


def test_the_studys_labels_and_its_choice_of_the_interviewer(talk: Workbench) -> None:
    settings(talk, "speakers = []", 'speakers = ["Moderator", "P01", "Nurse"]')
    settings(talk, 'interviewer = "guess"', 'interviewer = "last"')
    talk.run()
    assert spoken(talk) == ["P01", "Nurse", "P01", "Nurse", "Moderator"]
    assert TalkingTools.only.told == [3]
    assert "speaker" in flags(talk)


def test_two_participants_are_one_speaker_more(talk: Workbench) -> None:
    talk.register(REVIEWED, row("P02", "P01_*", audio="delete-after-review"))
    talk.run()
    assert TalkingTools.only.told == [3]
    name = "P01+P02-R01"
    assert spoken(talk, name) == [
        *("Interviewer", "Participant 1", "Interviewer", "Participant 1", "Participant 2")
    ]
    assert "speaker" in flags(talk)


@pytest.mark.parametrize(
    ("old", "new", "label"),
    [
        ("number_of_speakers = 2", "number_of_speakers = 1", "P01"),
        ("speakers = []", 'speakers = ["Nurse"]', "Nurse"),
        ('diarizer = "voices"', 'diarizer = "off"', ""),
    ],
)
def test_recordings_of_one_speaker_are_not_told_apart(
    talk: Workbench, old: str, new: str, label: str
) -> None:
    settings(talk, old, new)
    talk.run()
    assert set(spoken(talk)) == {label}
    assert TalkingTools.only.told == []
    assert "speaker" not in flags(talk)


def test_a_machine_without_the_key_gives_the_same(talk: Workbench, tmp_path: Path) -> None:
    talk.run()
    other = make_workbench(tmp_path / "other")
    other.record("P01_a.wav")
    other.register(REVIEWED)
    sealedrun.run(other.study, report=lambda _: None, today=TODAY)
    other.run(transcribe=False)
    assert other.outputs() == talk.outputs()
    assert TalkingTools.only.told == [2, 2]
    number(other, 3)  # what is remembered of the voices came along
    assert spoken(other) == ["Interviewer", "P01", "Interviewer", "P01", "Speaker 1"]


def test_a_recording_that_turns_out_to_be_anothers(talk: Workbench) -> None:
    talk.run()
    whose = (("P01", "another.wav"), ("P02", "P01_*"))
    talk.register(*(row(who, name, audio="delete-after-review") for who, name in whose))
    talk.run()
    assert spoken(talk, "P02-R01") == ["Interviewer", "P02", "Interviewer", "P02"]


def test_voices_are_sealed_and_gone_when_the_source_is_final(talk: Workbench) -> None:
    talk.run()
    sealed = talk.study.working_file("R01")
    assert "voices" in talk.open(lambda opened: opened.key.unseal(sealed).keys())
    for path in talk.folder.rglob("*"):
        if path.is_file():
            assert b"windows" not in path.read_bytes(), path
    talk.open(lambda opened: batch.approve(opened, "R01"))
    talk.run()
    assert not sealed.exists()


def test_what_would_be_the_recording_itself_is_not_kept(
    talk: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("anonpipe.tools.LIKE_SOUND", 0.1)
    talk.run()
    assert spoken(talk) == ["Interviewer", "P01", "Interviewer", "P01"]
    with pytest.raises(UsageError, match="nothing was kept of how they sound"):
        number(talk, 3)


# -- the list


def test_the_list_tells_counts_and_no_text(talk: Workbench, call: Call) -> None:
    code, shown, _ = call("speakers", talk.folder)
    assert code == 0 and "No source has a transcript yet.\nPseudonymised" in shown
    code, _, complaint = call("speakers", talk.folder, "R01")
    assert code == 2 and "none was processed yet" in complaint
    talk.run()
    code, shown, _ = call("speakers", talk.folder, "--json")
    (source,) = json.loads(shown)
    assert code == 0 and source["id"] == "R01" and source["sure"] and source["changeable"]
    asks, tells = source["speakers"]
    assert (asks["label"], asks["turns"], asks["questions"], asks["words"]) == (
        *("Interviewer", 2, 2, 13),
    )
    assert (tells["label"], tells["turns"], tells["questions"]) == ("P01", 2, 0)
    assert asks["share"] + tells["share"] == pytest.approx(1, abs=0.002)
    assert tells["minutes"] == pytest.approx((14 * 0.5 + 15 * 0.5) / 60, abs=0.05)
    code, shown, _ = call("speakers", talk.folder, "R01")
    assert code == 0 and "Interviewer" in shown and "P01" in shown
    for word in ("coming", "work", "Person", "Bergen"):
        assert word not in shown


def test_the_list_of_documents_has_no_minutes(talk: Workbench, call: Call) -> None:
    talk.note("P01_old.txt", "Interviewer: Where was that?\nP01: In Bergen.\n")
    talk.run()
    code, shown, _ = call("speakers", talk.folder, "D01", "--json")
    (source,) = json.loads(shown)
    assert code == 0
    assert [(s["label"], s["minutes"], s["questions"]) for s in source["speakers"]] == [
        ("Interviewer", None, 1),
        ("P01", None, 0),
    ]


# -- changes


def test_swapping_writes_the_source_anew_and_lets_the_approval_lapse(talk: Workbench) -> None:
    talk.register(row(audio="delete-on:2030-01-01", review="yes"))
    talk.run()
    talk.open(lambda opened: batch.approve(opened, "R01"))
    (outcome,) = talk.run()
    assert outcome.reason == "2030-01-01"
    swap(talk)
    assert spoken(talk) == ["P01", "Interviewer", "P01", "Interviewer"]
    state = talk.study.read_state()["R01"]
    assert (state.stage, state.approved) == (Stage.WRITTEN, None)
    (outcome,) = talk.run()
    assert outcome.reason == "review"
    assert "speakers-changed" in actions(talk)
    swap(talk)
    assert spoken(talk) == ["Interviewer", "P01", "Interviewer", "P01"]


def test_the_command(talk: Workbench, call: Call) -> None:
    talk.run()
    with_key = ("--identity", talk.identity)
    code, shown, _ = call(
        *("speakers", talk.folder, "R01", "--set", "Interviewer=Moderator", *with_key)
    )
    assert code == 0 and "Moderator" in shown and "waits" in shown
    assert spoken(talk) == ["Moderator", "P01", "Moderator", "P01"]
    assert call("speakers", talk.folder, "R01", "--number", "3", *with_key)[0] == 0
    assert spoken(talk) == ["Interviewer", "P01", "Interviewer", "P01", "Speaker 1"]
    assert "speaker" in flags(talk)  # which of them is P01?
    names = ("--set", "Speaker 1=P01", "--set", "P01=Interpreter")
    assert call("speakers", talk.folder, "R01", *names, *with_key)[0] == 0
    assert spoken(talk) == ["Interviewer", "Interpreter", "Interviewer", "Interpreter", "P01"]
    assert "speaker" not in flags(talk)
    assert call("run", talk.folder, "--again", "R01", *with_key)[0] == 0
    assert spoken(talk)[-1] == "P01"
    for wrong in (
        ("R01", "--swap", "--number", "2"),
        ("R01", "--merge"),
        ("--swap",),
        ("R01", "--set", "P01"),
        ("R01", "--number", "many"),
        ("R01", "--number", "0"),
        ("R07", "--swap"),
    ):
        assert call("speakers", talk.folder, *wrong, *with_key)[0] == 2, wrong


@pytest.mark.parametrize(
    ("names", "complaint"),
    [
        ({"Nobody": "P01"}, "no speaker 'Nobody'; there are Interviewer, P01"),
        ({"Interviewer": "P01"}, "say --swap"),
        ({"Interviewer": "P02"}, "P02 takes no part in this source"),
        ({"Interviewer": "a: b"}, "A label has 1 to 40 characters"),
        ({"Interviewer": "x" * 41}, "A label has 1 to 40 characters"),
        ({"Interviewer": "Interviewer"}, "so already"),
    ],
)
def test_labels_that_will_not_do(talk: Workbench, names: dict[str, str], complaint: str) -> None:
    talk.run()
    before, log = talk.outputs(), len(actions(talk))
    with pytest.raises(UsageError, match=complaint):
        labels(talk, names)
    assert talk.outputs() == before and set(actions(talk)[log:]) <= {"signature"}


def test_two_speakers_who_are_one(talk: Workbench) -> None:
    talk.run()
    labels(talk, {"Interviewer": "P01"}, merge=True)
    talk.run()
    assert set(spoken(talk)) == {"P01"}


def test_a_label_that_is_a_name_becomes_a_code(talk: Workbench, monkeypatch) -> None:
    """And can be changed by the label that the outputs show."""
    from anonpipe.transcript import SPEAKER_TURN, Mention
    from tests.conftest import StandInDetector

    complete = StandInDetector.complete

    def with_labels(self: StandInDetector, transcript: Any, *given: Any) -> Any:
        here = dict.fromkeys(t.speaker for t in transcript.turns if t.speaker == "Ola Hansen")
        found = [
            Mention(SPEAKER_TURN, 0, len(label), "PERSON", label, 1.0, "label") for label in here
        ]
        return (*found, *complete(self, transcript, *given))

    monkeypatch.setattr(StandInDetector, "complete", with_labels)
    talk.run()
    labels(talk, {"Interviewer": "Ola Hansen"})
    talk.run()
    (code,) = set(spoken(talk)) - {"P01"}
    assert code.startswith("Person ") and "Ola" not in str(talk.outputs())
    labels(talk, {code: "Interviewer"})
    talk.run()
    assert spoken(talk)[0] == "Interviewer"


def test_what_a_person_has_edited_is_not_lost(talk: Workbench) -> None:
    talk.run()
    output = talk.folder / "transcripts" / "P01-R01.txt"
    output.write_text(output.read_text() + "\n(she laughs)\n")
    with pytest.raises(UsageError, match="was changed by hand, which would be lost"):
        swap(talk)
    talk.open(lambda opened: batch.approve(opened, "R01"))
    with pytest.raises(UsageError, match="was changed by hand, which would be lost"):
        swap(talk)


def test_a_final_source_stays_as_it_is(talk: Workbench, call: Call) -> None:
    talk.register(row())
    talk.run()
    code, _, complaint = call(
        *("speakers", talk.folder, "R01", "--swap", "--identity", talk.identity)
    )
    assert code == 2 and "review --approve R01" in complaint and complaint.count("\n") == 1
    code, shown, _ = call("speakers", talk.folder)
    assert code == 0 and "cannot be changed here" in shown


def test_after_a_withdrawal_nothing_is_changed(talk: Workbench) -> None:
    talk.run()
    talk.register(row(audio="delete-after-review", withdrawn="2026-05-01"))
    with pytest.raises(ConsentError):
        swap(talk)


def test_speakers_that_no_voice_told_apart(talk: Workbench) -> None:
    settings(talk, 'diarizer = "voices"', 'diarizer = "off"')
    talk.run()
    with pytest.raises(UsageError, match="nothing was kept of how they sound"):
        number(talk, 2)
    with pytest.raises(UsageError, match=r"R01 has 1 \(\(no label\)\)"):
        swap(talk)
    labels(talk, {"": "P01"})
    talk.run()
    assert set(spoken(talk)) == {"P01"}


def test_another_diarizer_does_not_read_what_one_remembered(talk: Workbench) -> None:
    talk.run()
    settings(talk, 'diarizer = "voices"', 'diarizer = "off"')
    with pytest.raises(UsageError, match="were listened to by fake"):
        number(talk, 3)


def test_codes_of_the_text_stay_the_same(talk: Workbench) -> None:
    talk.run()
    before = talk.outputs()["transcripts/P01-R01.json"]
    number(talk, 3)
    after = talk.outputs()["transcripts/P01-R01.json"]
    texts = [" ".join(t["text"] for t in json.loads(d)["turns"]) for d in (before, after)]
    assert texts[0] == texts[1] and "[Person 1]" in texts[0]
    swapped = copies_of_labels(json.loads(after))
    assert swapped["Speaker 1"] == ["Me too."]


def copies_of_labels(data: dict[str, Any]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for turn in data["turns"]:
        found.setdefault(turn["speaker"], []).append(turn["text"])
    return found


def number(bench: Workbench, count: int | None) -> None:
    def work(opened: Session) -> None:
        diarizer = TalkingTools(opened.study).diarizer
        plan = relabelling.plan_number(opened, "R01", count, diarizer, today=TODAY)
        relabelling.change(opened, plan)
        batch.run(opened, report=lambda _: None, today=TODAY)

    bench.open(work)


# -- killed


def checked(bench: Workbench, before: dict[str, bytes], after: dict[str, bytes]) -> None:
    """Carried on by the next run, and if it had not happened yet, done again."""
    bench.run()
    if bench.outputs() == before:
        swap(bench)
    assert bench.outputs() == after
    assert actions(bench).count("speakers-changed") == 1
    assert bench.study.read_state()["R01"].stage is Stage.WRITTEN
    assert not (bench.folder / "sealed" / "operation.age").exists()


@pytest.mark.parametrize("step", [2, 5, 8, 11, 14, 18, 23])
def test_killed_anywhere_a_swap_is_whole_or_not_at_all(
    talk: Workbench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    talk.run()
    copy = copies(talk, tmp_path)
    done, killed = copy(), copy()
    swap(done)
    assert not done_or_killed(lambda: swap(killed), step, monkeypatch)
    checked(killed, talk.outputs(), done.outputs())


@pytest.mark.long
def test_killed_at_every_effect_a_swap_is_whole_or_not_at_all(
    talk: Workbench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    talk.run()
    copy = copies(talk, tmp_path)
    done = copy()
    swap(done)
    current: list[Workbench] = []

    def prepare() -> Callable[[], object]:
        current.append(copy())
        return lambda: swap(current[-1])

    def after_kill() -> None:
        checked(current[-1], talk.outputs(), done.outputs())
        shutil.rmtree(current[-1].folder.parent)

    assert killed_at_every_effect(prepare, after_kill, monkeypatch) > 20
