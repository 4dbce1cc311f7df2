"""Policies in a study: outputs, key, review and settings that change between runs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from anonpipe import batch, pipeline
from anonpipe.codes import Policies, link
from anonpipe.decisions import bleep_spans
from anonpipe.review.waiting import Spot, waiting
from anonpipe.transcript import Mention
from tests.conftest import TODAY, StandInDetector, StandInTranscriber, Workbench, row

NOTE = "Kari Nordmann works at Solbakken skole in Bergen."


def policies(bench: Workbench, **chosen: str) -> None:
    settings = bench.folder / "study.toml"
    before = settings.read_text(encoding="utf-8").partition("[policies]")
    after = before[2].partition("[generalise]")
    lines = "".join(f'{kind} = "{policy}"\n' for kind, policy in chosen.items())
    settings.write_text(f"{before[0]}[policies]\n{lines}\n[generalise]{after[2]}", encoding="utf-8")


def text_of(bench: Workbench, suffix: str = "txt") -> str:
    (path,) = (bench.folder / "transcripts").glob(f"*.{suffix}")
    return path.read_text(encoding="utf-8")


def entities(bench: Workbench) -> dict[str, str]:
    return bench.open(lambda s: {e.id: e.canonical for e in s.key.table.entities})  # type: ignore[return-value]


@pytest.fixture
def study(bench: Workbench) -> Workbench:
    bench.note("P01_notes.txt", NOTE)
    bench.register(row())
    return bench


def test_generalised_mentions_are_written_and_stay_in_the_key(study: Workbench) -> None:
    policies(study, LOCATION="generalise", ORG="generalise")
    (outcome,) = study.run()
    assert outcome.status == "final" and outcome.flags == {}
    assert "[Person 1] works at [school] in [town in Western Norway]." in text_of(study)
    for name, content in study.outputs().items():
        assert b"Bergen" not in content and b"Solbakken" not in content, name
    assert entities(study)["LOCATION-1"] == "Bergen"


def test_kept_mentions_are_readable_and_not_in_the_key(study: Workbench) -> None:
    policies(study, LOCATION="keep", ORG="keep")
    (outcome,) = study.run()
    assert outcome.status == "final" and outcome.flags == {}
    assert "[Person 1] works at Solbakken skole in Bergen." in text_of(study)
    assert set(entities(study)) == {"PERSON-1"}


def test_a_listed_name_is_coded_whatever_the_policy(study: Workbench) -> None:
    policies(study, ORG="keep")
    settings = study.folder / "study.toml"
    text = settings.read_text(encoding="utf-8")
    settings.write_text(text + '\n[[people]]\nname = "Solbakken skole"\ntype = "ORG"\n')
    study.run()
    assert "works at [Organisation 1] in" in text_of(study)


def test_asking_makes_the_source_wait_and_the_list_says_for_what(study: Workbench) -> None:
    recording = study.record("P01.wav")
    policies(study, LOCATION="ask")
    outcomes = study.run()
    assert [(o.status, o.reason, o.flags) for o in outcomes] == [
        ("waiting", "review", {"policy-ask": 1})
    ] * 2
    assert recording.exists()
    note = next(item for item in waiting(study.study, TODAY) if item.id == "D01")
    text = "[Person 1] works at [Organisation 1] in [Place 1]."
    assert note.spots == (Spot("policy-ask", 0, None, None, 1, text, "LOCATION"),)
    assert note.to_json()["spots"][0]["type"] == "LOCATION"
    assert '"type": "LOCATION"' in (study.folder / "transcripts/P01-R01.json").read_text()
    study.open(lambda opened: batch.approve(opened, "R01"))
    study.run()
    assert not recording.exists()


def test_a_changed_policy_counts_from_the_next_coding_on(study: Workbench) -> None:
    study.register(row(review="yes"))
    study.run()
    coded = text_of(study)
    policies(study, LOCATION="keep")
    study.run()
    assert text_of(study) == coded
    study.run(again="D01")
    assert "in Bergen." in text_of(study)


def test_a_run_that_was_stopped_goes_on_with_what_was_decided(
    study: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    policies(study, LOCATION="generalise")

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(pipeline.Pipeline, "_write", stop)
        with pytest.raises(KeyboardInterrupt):
            study.run()
    policies(study, LOCATION="keep")
    study.run()
    assert "in [town in Western Norway]." in text_of(study)


def test_outputs_read_back_the_same_in_every_format(study: Workbench) -> None:
    """A turn without label that begins with a bracket and a year, in every format."""
    policies(study, LOCATION="generalise")
    study.note("P01_notes.txt", "Bergen: Bergen, Kari.\n\nBergen\n\nKari: Bergen")
    study.record("P01.wav")
    assert [o.status for o in study.run()] == ["final", "final"]
    turns = json.loads((study.folder / "transcripts/P01-R01.json").read_text())["turns"]
    assert "[town in Western Norway]" in [word["text"] for word in turns[0]["words"]]


def test_kept_mentions_are_heard_and_generalised_ones_are_not() -> None:
    transcript = StandInTranscriber().transcribe(Path(__file__), language="en")
    mentions: tuple[Mention, ...] = StandInDetector().detect(transcript)

    def silenced(policy: str) -> list[tuple[float, float]]:
        chosen = Policies({"LOCATION": policy})  # type: ignore[dict-item]
        linked = link(mentions, (), source="R01", transcript=transcript, policies=chosen)
        return bleep_spans(transcript, linked.mentions)

    person = [(2.0, 3.0), (3.0, 4.0), (7.0, 8.0)]
    assert silenced("keep") == person
    assert silenced("generalise") == silenced("code") == sorted([*person, (5.0, 6.0)])
