"""A verbatim and a clean transcript from one run, through everything that handles outputs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from anonpipe import batch, formats, withdrawal
from anonpipe.files import sha256
from anonpipe.outcome import exit_code
from anonpipe.plaintext import Readable
from anonpipe.review.waiting import waiting
from anonpipe.study import Stage
from anonpipe.subject import finding, rectifying
from anonpipe.subject.gathering import Gathered, gather
from anonpipe.transcript import Flag, Transcript, Turn, Word
from tests import closing
from tests.conftest import TODAY, StandInTools, StandInTranscriber, Workbench, row
from tests.test_sweep import LateDetector

SAID = (
    # Words, and the seconds of silence before each.
    ("Um,", 0.0), ("I", 0.0), ("I", 0.0), ("met", 0.0), ("Kari", 0.0), ("Nordmann", 0.0),
    ("in", 1.5), ("Bergen", 0.0), ("and", 6.0), ("and", 0.0), ("Zbishek", 0.0),
    ("Kovalchyk", 2.0), ("said", 0.0), ("haha", 0.0), ("twenty-five", 0.0), ("times.", 0.0),
)  # fmt: skip
VERBATIM = (
    "Um, I I met [Person 1] (..) in [Place 1] (6 s) and and Zbishek (..) Kovalchyk said "
    "(laughter) 25 times."
)
CLEAN = "I met [Person 1] in [Place 1] (6 s) and Zbishek Kovalchyk said (laughter) 25 times."

FLAGS = (Flag("low-confidence", 0, 3.0, 3.5),)


class Speaker(StandInTranscriber):
    def transcribe(self, path: Readable, **options: object) -> Transcript:
        self.heard.append(path)
        words, text, now = [], "", 0.0
        for word, pause in SAID:
            text += " " if text else ""
            now += pause
            words.append(Word(word, len(text), now, now + 0.5, 0.3 if word == "met" else 0.9))
            text, now = text + word, now + 0.5
        return Transcript((Turn(text, "P01", 0.0, now, tuple(words)),), "en", now, flags=FLAGS)


class Tools(StandInTools):
    def __init__(self, opened: object) -> None:
        super().__init__(opened)  # type: ignore[arg-type]
        self.transcriber = Speaker()
        self.detector = LateDetector()


def settings(
    bench: Workbench, style: str = "both", forms: tuple[str, ...] = formats.WRITABLE
) -> None:
    (bench.folder / "study.toml").write_text(
        f'[study]\nid = "{bench.study.settings.id}"\nlanguage = "en"\n'
        f'[output]\nstyle = "{style}"\nformats = {json.dumps(forms)}\n'
        f'pauses = true\nlaughter = true\nnumbers = "digits"\n'
        f"[key]\npath = {json.dumps(str(bench.key))}\n"
    )


@pytest.fixture
def unheard(bench: Workbench, monkeypatch: pytest.MonkeyPatch) -> Workbench:
    """A study with a recording that waits for review when it is written, before any run."""
    monkeypatch.setattr(batch, "Tools", Tools)
    monkeypatch.setattr("tests.test_sweep.propagate", lambda *_: [])  # mishearings stay
    settings(bench)
    bench.register(row(audio="delete-after-review"))
    bench.record("P01.wav")
    return bench


@pytest.fixture
def both(unheard: Workbench) -> Workbench:
    """The same, written in both styles."""
    (outcome,) = unheard.run()
    assert outcome.status == "waiting"
    return unheard


def said(bench: Workbench, ending: str, forms: int = len(formats.WRITABLE)) -> str:
    """What the transcripts of a style say, the same in every format."""
    paths = sorted((bench.folder / "transcripts").glob(f"*{ending}.*"))
    assert len(paths) == forms
    texts = {formats.reread(path.read_bytes(), formats.form_of(path.name))[0][1] for path in paths}
    assert len(texts) == 1
    return texts.pop()


def finish(bench: Workbench) -> None:
    bench.open(lambda opened: batch.approve(opened, "R01"))
    (outcome,) = bench.run()
    assert outcome.status == "final"
    assert not list((bench.folder / "sealed").iterdir())


def list_name(bench: Workbench, name: str) -> None:
    file = bench.folder / "study.toml"
    file.write_text(f'{file.read_text()}\n[[people]]\nname = "{name}"\n')


def test_one_run_writes_both_in_every_format(both: Workbench) -> None:
    assert said(both, "-verbatim") == VERBATIM
    assert said(both, "-clean") == CLEAN
    assert not list((both.folder / "transcripts").glob("P01-R01.*"))
    assert list((both.folder / "sealed").iterdir())  # the raw one, until it is final
    finish(both)


def test_the_document_shows_its_style(both: Workbench) -> None:
    text = (both.folder / "transcripts" / "P01-R01-clean.txt").read_text()
    assert text.startswith("P01-R01-clean\n")


@pytest.mark.parametrize("final", [False, True])
def test_a_late_name_goes_from_both(both: Workbench, final: bool) -> None:
    if final:
        finish(both)
    list_name(both, "Zbishek Kovalchyk")
    (outcome,) = both.run()
    assert outcome.status == ("final" if final else "waiting")
    clean = CLEAN.replace("Zbishek Kovalchyk", "[Person 2]")
    assert said(both, "-clean") == clean
    # In the verbatim one the pause inside the name goes with the name.
    assert said(both, "-verbatim") == VERBATIM.replace("Zbishek (..) Kovalchyk", "[Person 2]")
    state = both.study.read_state()["R01"]
    assert state.stage is (Stage.FINAL if final else Stage.WRITTEN)
    if not final:
        finish(both)


def test_without_json_a_pause_in_a_name_hides_nothing(both: Workbench) -> None:
    settings(both, forms=("txt", "md"))
    both.run(again="R01")
    finish(both)
    list_name(both, "Zbishek Kovalchyk")
    (outcome,) = both.run()
    assert outcome.status == "final", outcome.reason
    assert said(both, "-verbatim", 2) == VERBATIM.replace("Zbishek (..) Kovalchyk", "[Person 2]")
    assert said(both, "-clean", 2) == CLEAN.replace("Zbishek Kovalchyk", "[Person 2]")


def test_an_edited_output_of_one_style_is_told_and_kept(both: Workbench) -> None:
    edited = both.folder / "transcripts" / "P01-R01-clean.txt"
    edited.write_text(edited.read_text().replace("I met", "I saw"))
    both.open(lambda opened: batch.approve(opened, "R01"))
    both.run()
    words = edited.read_bytes()
    list_name(both, "Zbishek Kovalchyk")
    (outcome,) = both.run()
    assert outcome.why == "name-left" and exit_code((outcome,)) == 1
    assert edited.read_bytes() == words
    assert "[Person 2]" in (both.folder / "transcripts" / "P01-R01-clean.json").read_text()
    assert "[Person 2]" in (both.folder / "transcripts" / "P01-R01-verbatim.txt").read_text()


@pytest.mark.parametrize("style", ["verbatim", "clean"])
def test_another_style_takes_the_place_of_both(both: Workbench, style: str) -> None:
    settings(both, style)
    both.run()
    assert said(both, "-clean") == CLEAN  # as it was decided, until it is asked for again
    both.run(again="R01")
    names = {path.name for path in (both.folder / "transcripts").iterdir()}
    assert all(name.startswith("P01-R01.") for name in names)
    assert said(both, "P01-R01") == (VERBATIM if style == "verbatim" else CLEAN)
    settings(both)
    both.run(again="R01")
    assert said(both, "-verbatim") == VERBATIM
    assert not list((both.folder / "transcripts").glob("P01-R01.*"))


@pytest.mark.parametrize("final", [False, True])
def test_words_are_corrected_in_both(both: Workbench, final: bool) -> None:
    if final:
        finish(both)
    settings(both, "verbatim")  # what is sealed says how it was written

    def work(opened):  # type: ignore[no-untyped-def]
        subject = finding.find(opened, "P01")
        detail = rectifying.plan_detail(opened, subject, "in", "near")
        rectifying.rectify_detail(opened, detail)
        subject = finding.find(opened, "P01")
        detail = rectifying.plan_detail(opened, subject, "Kovalchyk said", "told")
        rectifying.rectify_detail(opened, detail)

    both.open(work)
    change = (("in [Place", "near [Place"), ("Kovalchyk said", "told"))
    wanted = {"-verbatim": VERBATIM, "-clean": CLEAN}
    for ending, text in wanted.items():
        for old, new in change:
            text = text.replace(old, new)
        assert said(both, ending) == text
    state = both.study.read_state()["R01"]
    for output, digest in state.outputs.items():
        assert sha256(both.folder / output) == digest


@pytest.mark.parametrize("final", [False, True])
@pytest.mark.parametrize("typed", ["Zbishek Kovalchyk", "Zbishek (..) Kovalchyk"])
def test_words_with_a_pause_between_them_are_found(
    both: Workbench, typed: str, final: bool
) -> None:
    if final:
        finish(both)

    def work(opened):  # type: ignore[no-untyped-def]
        subject = finding.find(opened, "P01")
        detail = rectifying.plan_detail(opened, subject, typed, "somebody")
        assert detail.rewrites["R01"].raw == (0 if final else 1)
        rectifying.rectify_detail(opened, detail)

    both.open(work)
    assert "and and somebody said" in said(both, "-verbatim")
    assert "and somebody said" in said(both, "-clean")


@pytest.mark.parametrize("final", [False, True])
def test_somebody_elses_code_leaves_both(unheard: Workbench, final: bool) -> None:
    both = unheard
    both.register(row(audio="delete-after-review"), row("P02"))
    both.note("P02.txt", "I am Kari Nordmann.")
    list_name(both, 'Kari Nordmann"\nparticipant = "P02')
    both.run()
    assert said(both, "R01-verbatim") == VERBATIM.replace("[Person 1]", "P02")
    if final:
        both.open(lambda opened: batch.approve(opened, "R01"))
        both.run()

    def work(opened):  # type: ignore[no-untyped-def]
        withdrawal.prepare(opened, TODAY)
        plan = withdrawal.plan(opened, "P02", on=None, today=TODAY, also=())
        withdrawal.withdraw(opened, plan)

    both.open(work)
    for ending, text in (("R01-verbatim", VERBATIM), ("R01-clean", CLEAN)):
        assert said(both, ending) == text.replace("[Person 1]", "[Person]")
    assert not list((both.folder / "transcripts").glob("P02-*"))


def test_a_corrected_word_is_unclear_no_more(unheard: Workbench) -> None:
    file = unheard.folder / "study.toml"
    file.write_text(file.read_text().replace("pauses = true", "pauses = true\nunclear = true"))
    unheard.run()
    assert said(unheard, "-clean").startswith("I (unclear 00:00:01: met) [Person 1]")

    def work(opened):  # type: ignore[no-untyped-def]
        detail = rectifying.plan_detail(opened, finding.find(opened, "P01"), "met", "saw")
        rectifying.rectify_detail(opened, detail)

    unheard.open(work)
    assert said(unheard, "-clean").startswith("I saw [Person 1]")
    assert said(unheard, "-verbatim").startswith("Um, I I saw [Person 1]")


def test_review_shows_the_words_as_they_were_said(both: Workbench) -> None:
    (item,) = waiting(both.study)
    assert len(item.outputs) == 2 * len(formats.WRITABLE)
    assert [spot.text for spot in item.spots] == [VERBATIM]


def test_the_person_gets_the_words_as_they_were_said(both: Workbench) -> None:
    finish(both)
    found: list[Gathered] = []
    both.open(lambda opened: found.append(gather(opened, finding.find(opened, "P01"))))
    turns = found[0].values["transcripts"]["R01"]
    assert [turn["text"] for turn in turns] == [VERBATIM]
    assert len(found[0].transcripts) == 2 * len(formats.WRITABLE)


def test_the_end_of_the_study_is_stated_in_both(bench: Workbench, tmp_path: Path) -> None:
    file = bench.folder / "study.toml"
    file.write_text(file.read_text().replace('style = "verbatim"', 'style = "both"'))
    closing.backed_up(closing.prepare(bench), tmp_path / "stick")
    assert "transcripts/P01-R01-clean.txt" in bench.outputs()
    closing.close(bench, closing.answered(bench, tmp_path))
    for name in bench.outputs():
        assert name.startswith(("transcripts/P01-R01-clean", "transcripts/P01-R01-verbatim"))
        assert "Anonymised in the judgement of" in closing.said(bench.folder / name)
