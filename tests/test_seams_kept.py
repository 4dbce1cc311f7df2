"""Kept recordings where speakers are put right, names come late, rules change and people leave."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from datetime import UTC, date, datetime

import numpy as np
import pytest

from anonpipe import batch, formats, relabelling, retention
from anonpipe.audio.bleep import bleep_check
from anonpipe.audio.decode import native_blocks
from anonpipe.codes.forms import DEFAULT_TEMPLATE
from anonpipe.errors import RecordingError, UsageError
from anonpipe.files import sha256
from anonpipe.pipeline import Pipeline
from anonpipe.plaintext import Plaintext, Readable
from anonpipe.session import Session
from anonpipe.study import Stage
from anonpipe.subject.rectifying import Correction
from anonpipe.transcript import Flag, Transcript
from tests.audio.sound import encode, noise
from tests.conftest import TODAY, StandInTranscriber, Workbench, row
from tests.killing import killed_at_every_effect
from tests.speaking import SAID, TalkingTools, TalkingTranscriber
from tests.test_kept import DeafToCopies, bleeped, ears, setting
from tests.test_seams import entries, leave, retain, stands
from tests.test_seams import settings as study_settings

LATE = "I met Kari Nordmann in Bergen and Zbyszek said yes"
LATE_SPAN = (7.0, 8.0)
KEPT = "keep-bleeped"


@pytest.fixture
def bench_with_sound(bench: Workbench, monkeypatch: pytest.MonkeyPatch) -> Workbench:
    """A recording that is kept without its names, one of which nobody knows yet."""
    monkeypatch.setattr("tests.stand_ins.SPOKEN", LATE)
    bench.record("P01.wav", encode(noise(len(LATE.split()) + 1), "wav"))
    bench.register(row(audio=KEPT, review="yes"))
    ears(monkeypatch, DeafToCopies)
    return bench


def covers(bench: Workbench, *spans: tuple[float, float]) -> bool:
    """Whether the kept copy of the first recording is covered there."""
    (copy,) = (bench.folder / "bleeped").glob("*.flac")
    try:
        bleep_check(copy, list(spans), float(len(LATE.split()) + 1))
    except RecordingError:
        return False
    return True


def name_comes_late(bench: Workbench) -> None:
    file = bench.folder / "study.toml"
    file.write_text(file.read_text() + '\n[[people]]\nname = "Zbyszek"\n')


def approve(bench: Workbench, name: str = "R01") -> None:
    bench.open(lambda opened: batch.approve(opened, name))


# -- names that come late


@pytest.mark.long
def test_a_name_known_late_is_covered_before_the_recording_goes(
    bench_with_sound: Workbench,
) -> None:
    bench = bench_with_sound
    bench.run()
    assert not covers(bench, LATE_SPAN)
    approve(bench)
    name_comes_late(bench)
    (outcome,) = bench.run()
    assert (outcome.status, outcome.reason) == ("waiting", "review")
    assert covers(bench, LATE_SPAN)
    approve(bench)
    assert bench.run()[0].deleted


def edited_by_hand(bench: Workbench, old: str, new: str) -> None:
    text = bench.folder / "transcripts" / "P01-R01.txt"
    text.write_text(text.read_text().replace(old, new))


def test_a_name_known_late_is_covered_though_somebody_edited_the_text(
    bench_with_sound: Workbench,
) -> None:
    """Their text is never overwritten, and they see to the name in it; the copy is ours."""
    bench = bench_with_sound
    bench.run()
    edited_by_hand(bench, "said yes", "said: yes")
    approve(bench)
    name_comes_late(bench)
    assert bench.run()[0].why == "name-left"
    assert covers(bench, LATE_SPAN)
    made = len(bleeped(bench))
    bench.run()
    assert len(bleeped(bench)) == made  # once is enough
    for output in (bench.folder / "transcripts").glob("P01-R01.*"):
        if output.suffix != ".docx":
            output.write_text(output.read_text().replace("Zbyszek", "[Person 2]"))
    study = bench.folder / "transcripts" / "P01-R01.docx"
    study.write_bytes(_docx_without(study.read_bytes()))
    approve(bench)
    (outcome,) = bench.run()
    assert outcome.deleted
    assert covers(bench, LATE_SPAN)


def _docx_without(data: bytes) -> bytes:
    return formats.edit(data, "docx", Correction("Zbyszek", "[Person 2]", DEFAULT_TEMPLATE))


def test_a_copy_that_somebody_changed_is_not_overwritten(bench_with_sound: Workbench) -> None:
    """They may have covered more than the program knows of; so they hear of the name."""
    bench = bench_with_sound
    bench.run()
    copy = bench.folder / "bleeped" / "P01-R01.flac"
    copy.write_bytes(copy.read_bytes() + b"more")
    changed = copy.read_bytes()
    approve(bench)
    name_comes_late(bench)
    assert bench.run()[0].why == "name-left"
    assert copy.read_bytes() == changed
    state = bench.study.read_state()["R01"]
    assert "name-audible" in [flag.kind for flag in state.flags] and state.approved is None
    assert (bench.folder / "recordings" / "P01.wav").exists()
    bench.run(again="R01")
    assert covers(bench, LATE_SPAN)
    approve(bench)
    assert bench.run()[0].deleted


def test_a_copy_that_is_made_late_covers_names_that_came_late(
    bench_with_sound: Workbench,
) -> None:
    """The rule changes to a kept copy when somebody has edited the text already."""
    bench = bench_with_sound
    bench.register(row(audio="keep-until:2030-01-01", review="yes"))
    bench.run()
    edited_by_hand(bench, "said yes", "said: yes")
    approve(bench)
    name_comes_late(bench)
    bench.run()
    approve(bench)  # what they see there is no name, they say
    bench.register(row(audio=KEPT, review="yes"))
    (outcome,) = bench.run(approval="SIKT-1")
    assert outcome.deleted, outcome
    assert covers(bench, LATE_SPAN)


def test_a_name_known_after_the_recording_is_gone_is_told(bench_with_sound: Workbench) -> None:
    bench = bench_with_sound
    bench.run()
    approve(bench)
    assert bench.run()[0].deleted
    name_comes_late(bench)
    (outcome,) = bench.run()
    assert outcome.status == "final" and outcome.flags["name-audible"] == 1
    assert not covers(bench, LATE_SPAN)


@pytest.mark.long
def test_killed_while_a_copy_is_made_anew_beside_an_edited_text(
    bench_with_sound: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench = bench_with_sound
    bench.run()
    edited_by_hand(bench, "said yes", "said: yes")
    approve(bench)
    name_comes_late(bench)
    base = bench.folder.parent.with_name("base")
    shutil.copytree(bench.folder.parent, base)

    def prepare() -> object:
        shutil.rmtree(bench.folder.parent)
        shutil.copytree(base, bench.folder.parent)
        return bench.run

    def check() -> None:
        assert bench.run()[0].why == "name-left"
        assert covers(bench, LATE_SPAN)
        state = bench.study.read_state()["R01"]
        (copy,) = (bench.folder / "bleeped").iterdir()
        assert state.outputs["bleeped/" + copy.name] == sha256(copy)

    assert killed_at_every_effect(prepare, check, monkeypatch) > 5


# -- rules that change


def test_a_copy_that_is_wanted_no_more_makes_nobody_listen(
    bench_with_sound: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench = bench_with_sound
    bench.register(row(audio=KEPT))
    ears(monkeypatch, StandInTranscriber)
    monkeypatch.setattr("tests.stand_ins.SPOKEN", LATE)
    (outcome,) = bench.run()
    assert (outcome.status, outcome.reason) == ("waiting", "review")
    bench.register(row(audio="delete-after-transcription"))
    (outcome,) = bench.run()
    assert outcome.status == "final" and outcome.deleted, outcome
    assert not list((bench.folder / "bleeped").iterdir())
    assert "name-audible" not in outcome.flags


@pytest.mark.long
def test_there_and_back_again(bench_with_sound: Workbench, monkeypatch: pytest.MonkeyPatch) -> None:
    bench = bench_with_sound
    bench.register(row(audio=KEPT))
    ears(monkeypatch, StandInTranscriber)
    (outcome,) = bench.run()
    first = bench.outputs()
    assert outcome.flags["name-audible"]
    bench.register(row(audio="delete-on:2026-12-01"))
    (outcome,) = bench.run(approval="SIKT-1")
    assert not list((bench.folder / "bleeped").iterdir())
    assert (outcome.status, outcome.reason) == ("waiting", "2026-12-01"), outcome
    bench.register(row(audio=KEPT))
    (outcome,) = bench.run(approval="SIKT-1")
    assert (outcome.status, outcome.reason) == ("waiting", "review")
    assert outcome.flags["name-audible"] == len(
        [f for f in bench.study.read_state()["R01"].flags if f.kind == "name-audible"]
    )
    assert bench.outputs() == first
    before = bleeped(bench)
    assert bench.run()[0].reason == "review"
    assert bleeped(bench) == before  # not made again and again
    approve(bench)
    assert bench.run()[0].deleted


@pytest.mark.parametrize("rule", ["delete-after-review", "keep-until:2030-01-01"])
def test_retention_deletes_a_copy_that_is_wanted_no_more(
    bench_with_sound: Workbench, rule: str
) -> None:
    """At once, though the recording waits for its review or its date."""
    bench = bench_with_sound
    bench.run()
    bench.register(row(audio=rule, review="yes"))

    def work(opened: Session) -> retention.Result:
        return retention.run(opened, datetime(2026, 6, 1, tzinfo=UTC), approval="SIKT-1")

    result = bench.open(work)
    assert isinstance(result, retention.Result) and result.exit_code == 0, result
    assert [(d.source, d.what) for d in result.done] == [("R01", ("bleeped",))]
    assert not list((bench.folder / "bleeped").iterdir())
    assert (bench.folder / "recordings" / "P01.wav").exists()
    assert bench.study.read_state()["R01"].stage is Stage.WRITTEN


# -- people who leave, and time


def test_a_withdrawal_takes_the_copy_along(bench_with_sound: Workbench) -> None:
    bench = bench_with_sound
    setting(bench, voices="all")
    bench.run()
    assert list((bench.folder / "bleeped").iterdir())
    leave(bench, "P01")
    assert not list((bench.folder / "bleeped").iterdir())
    assert not list(bench.study.sealed.glob("*.age")) and stands(bench, "P01").complete


def test_transcripts_whose_time_is_over_take_the_copy_along(bench_with_sound: Workbench) -> None:
    bench = bench_with_sound
    bench.register(f"P01,,2026-01-10,v1,{KEPT},no,2026-09-01,yes,no,")
    (outcome,) = bench.run()
    assert outcome.deleted
    assert retain(bench, date(2026, 9, 2)).exit_code == 0
    assert bench.outputs() == {}


# -- speakers


class Talking(TalkingTranscriber):
    """Hears two people, and nothing in copies."""

    def transcribe(self, path: Readable, **options: object) -> Transcript:
        if isinstance(path, Plaintext):
            return Transcript((), str(options["language"]), 1.0)
        return super().transcribe(path, **options)


class Tools(TalkingTools):
    def __init__(self, study: object) -> None:
        super().__init__(study)
        self.transcriber = Talking()


@pytest.fixture
def talk(bench: Workbench, monkeypatch: pytest.MonkeyPatch) -> Workbench:
    """Two people, of whom the participant's voice is changed in the copy that is kept."""
    monkeypatch.setattr(batch, "Tools", Tools)
    monkeypatch.setattr("anonpipe.tools.Tools", Tools)
    said = [(who, text.replace("try and", "try, as did Zbyszek, and")) for who, text in SAID]
    monkeypatch.setattr("tests.speaking.SAID", said)
    bench.record("P01_a.wav", encode(noise(25), "wav"))
    bench.register(row(audio=KEPT, review="yes"))
    setting(bench, voices="participants")
    return bench


def unchanged(bench: Workbench) -> list[bool]:
    """For each tenth of a second whether the kept copy says what the recording says."""
    (copy,) = (bench.folder / "bleeped").glob("*.flac")
    paths = (bench.folder / "recordings" / "P01_a.wav", copy)
    before, after = (np.concatenate(list(native_blocks(path)), axis=1)[0] for path in paths)
    return [
        bool((before[at : at + 1600] == after[at : at + 1600]).all())
        for at in range(0, min(before.size, after.size) - 1600, 1600)
    ]


def swap(bench: Workbench) -> None:
    def work(opened: Session) -> None:
        relabelling.change(opened, relabelling.plan_swap(opened, "R01", today=TODAY))

    bench.open(work)


def test_after_a_swap_the_other_voice_is_changed_before_anything_is_deleted(
    talk: Workbench,
) -> None:
    talk.run()
    asked = slice(4, 30)  # «Thank you for coming. What do you do?» lasts four seconds
    told = slice(50, 100)  # the answer lasts seven, and there are no names in the last of them
    after_names = slice(84, 100)
    assert all(unchanged(talk)[asked]) and not any(unchanged(talk)[told])
    approve(talk)
    swap(talk)
    state = talk.study.read_state()["R01"]
    assert (state.stage, state.approved) == (Stage.TRANSCRIBED, None)
    (outcome,) = talk.run()
    assert (outcome.status, outcome.reason) == ("waiting", "review")
    assert not any(unchanged(talk)[asked])
    assert all(unchanged(talk)[after_names])
    approve(talk)
    assert talk.run()[0].deleted


def test_a_recording_that_is_regrouped_after_a_swap_changes_all_who_may_be_participants(
    talk: Workbench,
) -> None:
    talk.run()
    swap(talk)
    talk.run()
    both = (row(code, recording="P01*", audio=KEPT, review="yes") for code in ("P02", "P03"))
    talk.register(row(recording="x", audio=KEPT), *both)
    (outcome,) = talk.run(approval="SIKT-1")
    assert outcome.participants == ("P02", "P03"), outcome
    assert not (talk.folder / "bleeped" / "P01-R01.flac").exists()
    assert (talk.folder / "bleeped" / "P02+P03-R01.flac").exists()
    same = unchanged(talk)
    # Nobody knows which of the two is whom, so that no voice may stay as it is.
    assert not any(same[0:200])


def test_a_deletion_that_was_begun_is_ended_before_speakers_are_changed(
    talk: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    talk.run()
    approve(talk)
    with monkeypatch.context() as patch:
        patch.setattr(Pipeline, "complete", lambda *_: 1 / 0)
        talk.run()
    assert talk.study.read_state()["R01"].deleting is not None
    with pytest.raises(UsageError, match=r"anonpipe run"):
        swap(talk)
    assert not entries(talk, "speakers-changed")
    (outcome,) = talk.run()
    assert outcome.status == "final"


def test_a_swap_of_both_styles_is_in_all_outputs_and_edits_hinder_it(talk: Workbench) -> None:
    setting(talk, style="both")
    talk.run()
    names = {path.name for path in (talk.folder / "transcripts").iterdir()}
    assert len([name for name in names if name.endswith(".txt")]) == 2
    before = talk.outputs()
    swap(talk)
    talk.run()
    after = talk.outputs()
    assert set(after) == set(before)
    assert all(after[path] != before[path] for path in after)
    text = next(path for path in (talk.folder / "transcripts").glob("*-clean.txt"))
    text.write_text(text.read_text() + "By hand.\n")
    with pytest.raises(UsageError, match="changed by hand"):
        swap(talk)
    approve(talk)
    with pytest.raises(UsageError, match="changed by hand"):
        swap(talk)
    assert talk.run()[0].deleted


def test_somebody_elses_withdrawal_keeps_what_is_remembered_of_the_voices(
    talk: Workbench,
) -> None:
    """Kari, of whom the recording speaks, withdraws; who speaks can be told apart all the same."""
    study_settings(talk, '\n[[people]]\nname = "Kari Nordmann"\nparticipant = "P07"\n')
    talk.register(row(audio=KEPT, review="yes"), row("P07"))
    talk.run()
    leave(talk, "P07")
    talk.run()

    def work(opened: Session) -> None:
        plan = relabelling.plan_number(opened, "R01", 3, Tools.only, today=TODAY)
        relabelling.change(opened, plan)

    talk.open(work)
    talk.run()
    shown = (talk.folder / "transcripts" / "P01-R01.txt").read_text()
    assert "Speaker 1" in shown and "Kari" not in shown


# -- what an older version left


def test_trouble_of_a_source_that_an_older_version_wrote_counts(
    bench: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its state does not say how much is spoken; its sealed transcript does."""
    trouble = Flag("low-confidence", 0, start=0.0, end=8.0)
    heard = StandInTranscriber.transcribe

    def flagged(self: StandInTranscriber, path: Readable, **options: object) -> Transcript:
        return replace(heard(self, path, **options), flags=(trouble,))

    monkeypatch.setattr(StandInTranscriber, "transcribe", flagged)
    bench.record("P01.wav")
    bench.register(row(audio="delete-on:2026-07-01"))
    bench.run()
    state = bench.study.read_state()
    assert state["R01"].speech > 0
    bench.study.write_state({"R01": replace(state["R01"], speech=0.0)})
    (outcome,) = bench.run(date(2026, 7, 2))
    assert (outcome.status, outcome.reason) == ("waiting", "review"), outcome
    assert (bench.folder / "recordings" / "P01.wav").exists()
    approve(bench)
    assert bench.run(date(2026, 7, 2))[0].deleted


def older(bench: Workbench) -> None:
    """Have state.json and sealed files say what the version before speakers and styles said."""
    state = bench.study.read_state()
    bench.study.write_state({name: replace(each, speech=0.0) for name, each in state.items()})
    text = bench.study.state_file.read_text()
    data = json.loads(text)
    for each in data["sources"].values():
        del each["speech"]
    bench.study.state_file.write_text(json.dumps(data))

    def work(opened: Session) -> None:
        for path in bench.study.sealed.glob("*.age"):
            sealed = opened.key.unseal(path)
            for name in ("writing", "voices"):
                sealed.pop(name, None)
            path.write_bytes(opened.key.seal_working(path.stem, sealed))

    bench.open(work)


def test_what_an_older_version_left_is_carried_on(talk: Workbench) -> None:
    """Swapped, told a late name, approved and made final; only the voices it cannot ask again."""
    talk.run()
    before = talk.outputs()
    older(talk)
    assert talk.run()[0].reason == "review"
    assert talk.outputs() == before
    with pytest.raises(UsageError, match="cannot be told apart anew"):
        talk.open(lambda s: relabelling.plan_number(s, "R01", 3, Tools.only, today=TODAY))
    swap(talk)
    talk.run()
    assert set(talk.outputs()) == set(before) and talk.outputs() != before
    file = talk.folder / "study.toml"
    file.write_text(file.read_text() + '\n[[people]]\nname = "Zbyszek"\n')
    talk.run()
    assert "Zbyszek" not in (talk.folder / "transcripts" / "P01-R01.txt").read_text()
    approve(talk)
    assert talk.run()[0].deleted


@pytest.mark.long
def test_again_and_names_that_come_late_leave_speakers_as_they_were_put(talk: Workbench) -> None:
    talk.run()
    swap(talk)
    talk.run()

    def spoken() -> list[str]:
        text = (talk.folder / "transcripts" / "P01-R01.json").read_text()
        return [turn["speaker"] for turn in json.loads(text)["turns"]]

    swapped = spoken()
    assert swapped[0] == "P01"
    name = '\n[[people]]\nname = "{}"\n'
    file = talk.folder / "study.toml"
    file.write_text(file.read_text() + name.format("Zbyszek"))
    talk.run()
    assert spoken() == swapped
    talk.run(again="R01")
    assert spoken() == swapped
    made = len(bleeped(talk))
    approve(talk)
    assert talk.run()[0].deleted
    assert len(bleeped(talk)) == made
    file.write_text(file.read_text() + name.format("Coming"))
    with pytest.raises(UsageError, match="by hand"):
        swap(talk)
    (outcome,) = talk.run()
    assert outcome.status == "final" and spoken() == swapped


def test_a_participant_who_withdraws_from_a_swapped_recording(talk: Workbench) -> None:
    talk.run()
    swap(talk)
    leave(talk, "P01")  # between the change and the run that writes it
    assert stands(talk, "P01").complete
    assert talk.outputs() == {} and not list(talk.study.sealed.glob("*.age"))
    assert talk.run() == ()
