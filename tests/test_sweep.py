"""Names found late are looked for in what was coded early, and none may be left."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from anonpipe import audit, batch, files, pipeline, study
from anonpipe.detect.propagate import propagate
from anonpipe.detect.spans import Span
from anonpipe.outcome import exit_code
from anonpipe.study import Stage
from anonpipe.transcript import KnownName, Mention, Transcript
from tests.conftest import StandInDetector, StandInTools, Workbench, make_workbench, row
from tests.killing import run_killed
from tests.test_changes import bleeps  # noqa: F401 - a fixture

LATE = "Then Zbyszek Kowalczyk came to Bergen."


class LateDetector(StandInDetector):
    """Knows «Zbyszek Kowalczyk» by itself, but not the ways in which others heard the name."""

    def complete(
        self, transcript: Transcript, found: Sequence[Span], known: Sequence[KnownName] = ()
    ) -> tuple[Mention, ...]:
        whole = KnownName("Zbyszek Kowalczyk", "PERSON")
        names = [each for each in known if "Zb" in each.text]
        return (
            *super().complete(transcript, found, (*known, whole)),
            *(
                Mention(i, s.start, s.end, s.type, turn.text[s.start : s.end], 1.0, "stand-in")
                for i, turn in enumerate(transcript.turns)
                for s in (each.span for each in propagate(turn.text, "en", (), names))
                if "Kowalczyk" not in turn.text
            ),
        )


class LateTools(StandInTools):
    def __init__(self, opened: study.Study) -> None:
        super().__init__(opened)
        self.detector = LateDetector()


@pytest.fixture
def late(bench: Workbench, monkeypatch: pytest.MonkeyPatch) -> Workbench:
    """A study in which the first document was final before anybody knew whose name it holds."""
    monkeypatch.setattr(batch, "Tools", LateTools)
    first_run(bench)
    return bench


def first_run(bench: Workbench) -> None:
    bench.register(row(), row("P02"))
    bench.note("P01.txt", "I: Who was there?\n\nP: Kari and Zbishek. Kovalchyk came later.")
    (outcome,) = bench.run()
    assert outcome.status == "final"
    bench.note("P02.txt", LATE)


def text_of(bench: Workbench, name: str) -> str:
    return (bench.folder / "transcripts" / name).read_text(encoding="utf-8")


def actions(bench: Workbench) -> list[str]:
    log = audit.AuditLog(bench.study.log_file, bench.study.settings.id)
    return [entry.action for entry in log.entries()]


def table_of(bench: Workbench) -> dict[str, object]:
    return {e.id: e for e in bench.open(lambda opened: opened.key.table.entities)}  # type: ignore


def test_a_name_found_late_is_swept_from_final_outputs(late: Workbench) -> None:
    assert "Zbishek" in text_of(late, "P01-D01.txt")
    assert [o.status for o in late.run()] == ["final", "final"]
    assert "[Person 1] and [Person 2]. [Person 2] came later." in text_of(late, "P01-D01.txt")
    for name, content in late.outputs().items():
        assert b"Zbishek" not in content and b"Kovalchyk" not in content, name
    assert "swept" in actions(late)
    state = late.study.read_state()["D01"]
    assert state.stage is Stage.FINAL and not list((late.folder / "sealed").iterdir())
    for name, digest in state.outputs.items():
        assert files.sha256(late.folder / name) == digest
    person = table_of(late)["PERSON-2"]
    assert person.aliases == ("Zbyszek Kowalczyk", "Zbishek", "Kovalchyk")  # type: ignore
    assert person.seen == {"D02": 1, "D01": 2}  # type: ignore


def test_a_sweep_is_done_once(late: Workbench) -> None:
    late.run()
    before = {p: p.read_bytes() for p in late.folder.rglob("*") if p.is_file()}
    late.run()
    after = {p: p.read_bytes() for p in late.folder.rglob("*") if p.is_file()}
    changed = {p.name for p in before | after if before.get(p) != after.get(p)}
    assert changed == {"audit.jsonl"}


def test_a_source_that_waits_is_coded_anew(
    bench: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batch, "Tools", LateTools)
    monkeypatch.setattr("tests.stand_ins.SPOKEN", "and then Zbishek met Kari in Bergen")
    bench.register(row(audio="delete-after-review"), row("P02"))
    bench.record("P01.wav")
    bench.run()
    bench.open(lambda opened: batch.approve(opened, "R01"))
    settings = bench.folder / "study.toml"
    settings.write_text(settings.read_text() + '\n[[people]]\nname = "Zbyszek"\n')
    (outcome,) = bench.run()
    assert (outcome.status, outcome.reason) == ("waiting", "review")  # not approved any more
    assert "and then [Person 2] met [Person 1]" in text_of(bench, "P01-R01.txt")
    assert "Zbyszek" not in settings.read_text()
    words = json.loads(text_of(bench, "P01-R01.json"))["turns"][0]["words"]
    assert [word["text"] for word in words][2] == "[Person 2]"


def test_an_edited_output_that_waits_is_reported(
    bench: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batch, "Tools", LateTools)
    monkeypatch.setattr("tests.stand_ins.SPOKEN", "and then Zbishek met Kari in Bergen")
    bench.register(row(audio="delete-after-review"))
    bench.record("P01.wav")
    bench.run()
    edited = bench.folder / "transcripts" / "P01-R01.txt"
    edited.write_text(edited.read_text().replace("and then", "And then"))
    words = edited.read_bytes()
    settings = bench.folder / "study.toml"
    settings.write_text(settings.read_text() + '\n[[people]]\nname = "Zbyszek"\n')
    for _ in range(2):
        (outcome,) = bench.run()
        assert (outcome.status, outcome.why) == ("failed", "name-left")
        assert edited.read_bytes() == words


def test_an_edited_output_is_reported_and_never_overwritten(late: Workbench) -> None:
    edited = late.folder / "transcripts" / "P01-D01.txt"
    edited.write_text(edited.read_text() + "\nNote: my own words on Zbishek.\n")
    words = edited.read_bytes()
    outcomes = {outcome.id: outcome for outcome in late.run()}
    assert outcomes["D01"].why == "name-left" and exit_code(tuple(outcomes.values())) == 1
    assert edited.read_bytes() == words
    assert "[Person 2]" in text_of(late, "P01-D01.json")  # the others are mended
    assert {o.id: o.why for o in late.run()} == {"D01": "name-left", "D02": ""}
    late.open(lambda opened: batch.approve(opened, "D01"))
    assert [o.status for o in late.run()] == ["final", "final"]
    assert edited.read_bytes() == words
    edited.write_text(edited.read_text() + "\nNote: and Zbyszek Kowalczyk.\n")
    assert {o.id: o.why for o in late.run()} == {"D01": "name-left", "D02": ""}


@pytest.mark.usefixtures("bleeps")
def test_a_bleeped_recording_that_says_a_late_name_is_told(late: Workbench) -> None:
    late.register(row(audio="keep-bleeped"), row("P02"))
    (late.folder / "documents" / "P02.txt").unlink()
    late.record("P01.wav")
    late.run(approval="REF-1")
    bleeped = (late.folder / "bleeped" / "P01-R01.flac").read_bytes()
    settings = late.folder / "study.toml"
    settings.write_text(settings.read_text() + '\n[[people]]\nname = "yes"\n')
    settings.write_text(settings.read_text() + '\n[[people]]\nname = "said yes"\n')
    outcomes = {outcome.id: outcome for outcome in late.run()}
    assert outcomes["R01"].flags["name-audible"] == 1
    assert "said yes" not in text_of(late, "P01-R01.txt")
    assert (late.folder / "bleeped" / "P01-R01.flac").read_bytes() == bleeped


def test_common_words_are_swept_only_where_they_are_names(bench: Workbench) -> None:
    bench.register(row(), row("P02"))
    bench.note("P01.txt", "I will ask. Then I saw Will there. Will you come?")
    bench.run()
    settings = bench.folder / "study.toml"
    settings.write_text(settings.read_text() + '\n[[people]]\nname = "Will"\n')
    assert [o.status for o in bench.run()] == ["final"]
    assert "I will ask. Then I saw [Person 1] there. Will you come?" in text_of(
        bench, "P01-D01.txt"
    )


class Leaky(StandInDetector):
    """Finds a name once and overlooks it afterwards."""

    def complete(
        self, transcript: Transcript, found: Sequence[Span], known: Sequence[KnownName] = ()
    ) -> tuple[Mention, ...]:
        return super().complete(transcript, found, known)[:1]


@pytest.fixture
def leaky(bench: Workbench, monkeypatch: pytest.MonkeyPatch) -> Workbench:
    monkeypatch.setattr(
        batch, "Tools", type("Tools", (StandInTools,), {"detector": Leaky(), "__init__": _init})
    )
    bench.register(row())
    bench.record("P01.wav")
    return bench


def _init(self: object, _: object) -> None:
    self.transcriber = StandInTools(None).transcriber  # type: ignore
    self.diarizer = None  # type: ignore
    self.model_digest = "0" * 16  # type: ignore


def test_a_planted_leak_is_exit_code_1_and_told_without_names(leaky: Workbench) -> None:
    events = leaky.events()
    (leak,) = [event for event in events if event.kind == "name-left"]
    assert leak.id == "R01" and {hit["code"] for hit in leak.values["hits"]} == {"PERSON-1"}
    assert {hit["output"].rpartition(".")[2] for hit in leak.values["hits"]} == {
        "txt",
        "docx",
        "vtt",
        "json",
    }
    outcome = events[-1].values["outcome"]
    assert (outcome.status, outcome.why, outcome.exit_code) == ("failed", "name-left", 1)
    told = json.dumps([str(event) for event in events])
    assert "Kari" not in told
    assert (leaky.folder / "recordings" / "P01.wav").exists()
    assert "Kari" not in leaky.study.state_file.read_text()
    assert "Kari" not in leaky.study.log_file.read_text()


def test_a_reviewer_may_accept_a_hit_until_the_text_changes(leaky: Workbench) -> None:
    leaky.run()
    leaky.open(lambda opened: batch.approve(opened, "R01"))
    (outcome,) = leaky.run()
    assert outcome.deleted and "name-left" not in outcome.flags
    output = leaky.folder / "transcripts" / "P01-R01.txt"
    output.write_text(output.read_text() + "Note: Kari Nordmann.\n")
    (outcome,) = leaky.run()
    assert outcome.why == "name-left"


@pytest.mark.parametrize("form", ["txt", "docx", "vtt", "json"])
@pytest.mark.parametrize(
    "planted",
    [
        "KARI NORDMANN",
        "kari\u00a0nordmanns",
        "Ka\u00adri",
        "\uff2b\uff41\uff52\uff49",
        "OLA@EXAMPLE.ORG",
    ],
)
def test_every_format_is_searched_in_every_spelling(
    bench: Workbench, monkeypatch: pytest.MonkeyPatch, form: str, planted: str
) -> None:
    bench.register(row(), row("P02"))
    bench.record("P01.wav")
    bench.note("P02.txt", "Kari Nordmann has ola@example.org.")
    render = pipeline.formats.render

    def leaking(transcript: Transcript, name: str, *, title: str) -> bytes:
        data = render(transcript, name, title=title)
        if name == form and title == "P01-R01":
            return render(transcript, name, title=f"{title} {planted}")
        return data

    monkeypatch.setattr(pipeline.formats, "render", leaking)
    outcomes = {outcome.id: outcome for outcome in bench.run()}
    assert outcomes["R01"].why == "name-left" and f".{form} line" in outcomes["R01"].reason
    assert outcomes["D01"].status == "final"


def killed_and_resumed(bench: Workbench, step: int, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Run until effect `step` is (odd) or was (even) at hand, then again; was it the end?"""
    first_run(bench)
    finished = run_killed(bench, step, monkeypatch)
    assert [o.status for o in bench.run()] == ["final", "final"]
    return finished


@pytest.mark.parametrize("step", [20, 23, 26, 29, 32, 35, 38, 41])
def test_killed_in_a_sweep_and_run_again_nothing_differs(
    late: Workbench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    late.run()
    again = make_workbench(tmp_path / "killed")
    assert not killed_and_resumed(again, step, monkeypatch)
    assert again.outputs() == late.outputs()


@pytest.mark.long
def test_killed_at_every_effect_of_a_sweep_nothing_differs(
    late: Workbench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    late.run()
    table = table_of(late)
    step, finished = 0, False
    while not finished:
        step += 1
        again = make_workbench(tmp_path / f"killed-{step}")
        finished = killed_and_resumed(again, step, monkeypatch)
        assert again.outputs() == late.outputs(), f"killed at effect {step}"
        assert table_of(again) == table, f"killed at effect {step}"
        assert not list((again.folder / "sealed").iterdir())
    assert step > 40
