"""Policies together with the names of the whole study: what is kept is nowhere looked for."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

import pytest

from anonpipe import batch
from anonpipe.detect.propagate import propagate
from anonpipe.detect.spans import Span
from anonpipe.study import Study
from anonpipe.transcript import KnownName, Mention, MentionType, Transcript
from tests.conftest import StandInDetector, StandInTools, Workbench, row
from tests.test_policies import entities, policies

FIRST = (
    "I: Hvor bor du?\n\n"
    "P: Ved Wrzeszcz, i Bergen. Jeg er 47 år, født 12.03.1979, og er tannlege. "
    "Vi heier på Vestlandet."
)
SECOND = "I: Hvem da?\n\nP: Da kom Zbyszek Wrzeszcz fra Bergen. Sønnen er 16 år og tannlege."
CHOSEN = {"LOCATION": "keep", "AGE": "generalise", "DATE": "generalise", "OCCUPATION": "ask"}
FOUND: dict[str, MentionType] = {
    r"Bergen|Vestlandet|Haugesund|Rogaland|Klepp": "LOCATION",
    r"Zbyszek Wrzeszcz|Ola Hauge": "PERSON",
    r"\d\d(?= år)": "AGE",
    r"\d\d\.\d\d\.\d{4}": "DATE",
    r"tannlege": "OCCUPATION",
}


class Finder(StandInDetector):
    """Finds what is listed above, and the study's names as detection does."""

    def complete(
        self, transcript: Transcript, found: Sequence[Span], known: Sequence[KnownName] = ()
    ) -> tuple[Mention, ...]:
        mentions = []
        for i, turn in enumerate(transcript.turns):
            found = [
                (m.start(), m.end(), kind)
                for pattern, kind in FOUND.items()
                for m in re.finditer(pattern, turn.text)
            ]
            taken = {at for start, end, _ in found for at in range(start, end)}
            for each in propagate(turn.text, transcript.language, (), known):
                if taken.isdisjoint(range(each.span.start, each.span.end)):
                    found.append((each.span.start, each.span.end, each.span.type))
            mentions += [
                Mention(i, start, end, kind, turn.text[start:end], 1.0, "stand-in")
                for start, end, kind in sorted(found)
            ]
        return tuple(mentions)


class Tools(StandInTools):
    def __init__(self, opened: Study) -> None:
        super().__init__(opened)
        self.detector = Finder()


@pytest.fixture
def study(bench: Workbench, monkeypatch: pytest.MonkeyPatch) -> Workbench:
    """Two documents of two participants, in Norwegian."""
    monkeypatch.setattr(batch, "Tools", Tools)
    settings = bench.folder / "study.toml"
    settings.write_text(settings.read_text().replace('language = "en"', 'language = "nb"'))
    bench.note("P01.txt", FIRST)
    bench.note("P02.txt", SECOND)
    bench.register(row(), row("P02"))
    return bench


def text_of(bench: Workbench, name: str) -> str:
    return (bench.folder / "transcripts" / f"{name}.txt").read_text(encoding="utf-8")


def test_kept_generalised_asked_and_swept_in_one_study(study: Workbench) -> None:
    policies(study, **CHOSEN)
    outcomes = {outcome.id: outcome for outcome in study.run()}
    assert {o.id: (o.status, o.reason) for o in outcomes.values()} == {
        "D01": ("waiting", "review"),
        "D02": ("waiting", "review"),
    }
    assert (
        "P: Ved [Person 1], i Bergen. Jeg er [45–49] år, født [mars 1979], og er [Yrke 1]. "
        "Vi heier på Vestlandet." in text_of(study, "P01-D01")
    )
    assert "P: Da kom [Person 1] fra Bergen. Sønnen er [15–19] år og [Yrke 1]." in text_of(
        study, "P02-D02"
    )
    for name, content in study.outputs().items():
        if name.endswith((".txt", ".json")):
            assert b"Bergen" in content and b"Wrzeszcz" not in content, name
            assert b"12.03.1979" not in content, name
    assert {e.partition("-")[0] for e in entities(study)} == {"PERSON", "AGE", "DATE", "OCCUPATION"}
    for name in ("D01", "D02"):
        study.open(lambda opened, name=name: batch.approve(opened, name))
    assert [(o.status, o.why) for o in study.run()] == [("final", "")] * 2


def test_a_place_that_an_earlier_run_coded_is_kept_from_now_on(study: Workbench) -> None:
    study.register(row(review="yes"), row("P02", review="yes"))
    study.run()
    assert "i [Sted 1]." in text_of(study, "P01-D01")
    assert "fra [Sted 1]." in text_of(study, "P02-D02")
    policies(study, LOCATION="keep")
    outcomes = study.run(again="D01")
    assert [(o.status, o.why) for o in outcomes] == [("waiting", "")] * 2
    assert "i Bergen." in text_of(study, "P01-D01")
    assert "fra [Sted 1]." in text_of(study, "P02-D02")  # nobody asked for it anew
    assert "name-left" not in {flag for o in outcomes for flag in o.flags}
    assert "Bergen" in entities(study).values()
    study.run(again="D02")
    assert "fra Bergen." in text_of(study, "P02-D02")


def test_a_place_that_is_kept_no_longer_is_swept(study: Workbench) -> None:
    policies(study, LOCATION="keep")
    assert [o.status for o in study.run()] == ["final", "final"]
    assert "i Bergen." in text_of(study, "P01-D01")
    policies(study)
    study.run(again="D02")
    assert "i [Sted 1]." in text_of(study, "P01-D01")
    policies(study, LOCATION="keep")
    study.run(again="D02")
    policies(study, LOCATION="generalise")
    assert [(o.status, o.why) for o in study.run()] == [("final", "")] * 2
    assert "fra [by på Vestlandet]." in text_of(study, "P02-D02")


def test_a_listed_place_is_coded_and_searched_though_places_are_kept(study: Workbench) -> None:
    policies(study, LOCATION="keep")
    settings = study.folder / "study.toml"
    listed = '\n[[people]]\nname = "Bergen"\ntype = "LOCATION"\n'
    settings.write_text(settings.read_text() + listed)
    assert [o.status for o in study.run()] == ["final", "final"]
    assert "i [Sted 1]." in text_of(study, "P01-D01") and "Vestlandet" in text_of(study, "P01-D01")
    output = study.folder / "transcripts" / "P02-D02.txt"
    output.write_text(output.read_text() + "\nI: Bergen?\n")
    assert {o.id: o.why for o in study.run()} == {"D01": "", "D02": "name-left"}


def test_generalisations_are_no_hits_and_what_they_stand_for_is_one(study: Workbench) -> None:
    """«Vestlandet» is a place of the key, and a word of what stands for Bergen."""
    policies(study, LOCATION="generalise", DATE="generalise")
    study.note("P02.txt", "P: Klepp i Rogaland, 12.03.1979.")
    assert [(o.status, o.why) for o in study.run()] == [("final", "")] * 2
    assert "i [by på Vestlandet]." in text_of(study, "P01-D01")
    assert "[kommune i Rogaland] i [fylke på Vestlandet], [mars 1979]." in text_of(study, "P02-D02")
    for planted in ("Rogaland", "Bergen", "12.03.1979", "[by i Rogaland, Bergen]"):
        output = study.folder / "transcripts" / "P02-D02.txt"
        before = output.read_text()
        output.write_text(f"{before}\nI: Ja, {planted}.\n")
        assert {o.id: o.why for o in study.run()} == {"D01": "", "D02": "name-left"}, planted
        output.write_text(before)
    assert [(o.status, o.why) for o in study.run()] == [("final", "")] * 2


def test_a_place_found_late_is_swept_as_its_generalisation(study: Workbench) -> None:
    policies(study, LOCATION="generalise")
    study.note("P01.txt", "P: Ved Wrzeszcz, i Nordsjøbyen.")
    (study.folder / "documents" / "P02.txt").unlink()
    assert [o.status for o in study.run()] == ["final"]
    FOUND["Nordsjøbyen|Flekkefjord"] = "LOCATION"
    try:
        study.note("P02.txt", "P: Zbyszek Wrzeszcz bor i Nordsjøbyen, i Flekkefjord.")
        assert [o.status for o in study.run()] == ["final", "final"]
    finally:
        del FOUND["Nordsjøbyen|Flekkefjord"]
    assert "P: Ved [Person 1], i [Sted 1]." in text_of(study, "P01-D01")
    assert "[Person 1] bor i [Sted 1], i [by på Sørlandet]." in text_of(study, "P02-D02")


def test_what_holds_a_name_of_the_key_is_not_kept(study: Workbench) -> None:
    """Neither where the person comes first nor where the place does."""
    policies(study, LOCATION="keep")
    study.register(row(review="yes"), row("P02"))
    study.note("P01.txt", "P: Fra Haugesund til Bergen.")
    study.note("P02.txt", "P: Ola Hauge er fra Haugesund.")
    outcomes = study.run()
    assert [(o.status, o.why) for o in outcomes] == [("waiting", ""), ("final", "")]
    assert "P: Fra [Sted 1] til Bergen." in text_of(study, "P01-D01")
    assert "P: [Person 1] er fra [Sted 1]." in text_of(study, "P02-D02")


def test_flags_of_a_source_that_is_asked_about_outlast_the_search(study: Workbench) -> None:
    policies(study, OCCUPATION="ask")
    study.run()
    state = json.loads(study.study.state_file.read_text())["sources"]
    assert [flag["kind"] for flag in state["D02"]["flags"]] == ["policy-ask"]
    output = study.folder / "transcripts" / "P01-D01.txt"
    output.write_text(output.read_text() + "\nI: Wrzeszcz?\n")
    assert {o.id: o.why for o in study.run()} == {"D01": "name-left", "D02": ""}
    output.write_text(output.read_text().replace("\nI: Wrzeszcz?\n", ""))
    assert [(o.status, o.reason) for o in study.run()] == [("waiting", "review")] * 2
