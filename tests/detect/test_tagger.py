"""The name model that ships: what it needs, how it reads long texts, and what it finds."""

from __future__ import annotations

import itertools
import shutil
from pathlib import Path

import pytest
import spacy

from anonpipe import resources
from anonpipe.detect.engine import build_analyzer, load_pipeline
from anonpipe.detect.recognizers import families
from anonpipe.detect.spans import NAMED
from anonpipe.detect.tagger import WINDOW, Tagger, load_tagger
from anonpipe.errors import ModelError


def found(text: str) -> list[tuple[str, str]]:
    return [(s.type, text[s.start : s.end]) for s in load_tagger().spans(text)]


@pytest.mark.parametrize("text", ["", " ", "\n\n", "...", "\u200b", "🙂"])
def test_text_without_words_has_no_mentions(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize("lines", [1, 40])
def test_a_name_is_found_wherever_it_stands_in_a_long_text(lines: int) -> None:
    """Over every window's edge, in one long line and in many short ones."""
    name = "Torunn Fjellhus"
    filler = "og så gikk vi hjem igjen og snakket om været."
    part = " ".join([filler] * 3) + f" Etterpå ringte {name} meg og ba om hjelp. "
    text = (part * 40).strip()
    if lines > 1:
        text = text.replace("hjelp. ", "hjelp.\n")
    assert len(text.split()) > 4 * WINDOW
    places = [i for i in range(len(text)) if text.startswith(name, i)]
    spans = load_tagger().spans(text)
    assert len(places) == 40
    assert all(any(s.start <= i and i + len(name) <= s.end for s in spans) for i in places)


def test_mentions_are_sorted_and_stay_on_their_lines() -> None:
    text = "Jeg heter Kari\nNordmann kommer i morgen\n\nog Ola Hansen bor i Bergen"
    spans = load_tagger().spans(text)
    assert len(spans) > 2
    assert spans == sorted(spans, key=lambda s: s.start)
    assert all(a.end <= b.start for a, b in itertools.pairwise(spans))
    assert not any("\n" in text[s.start : s.end] for s in spans)
    assert all(0 < s.score <= 1 for s in spans)


def test_a_higher_lean_finds_no_less() -> None:
    text = "ja eg trur det var hjå bjarte eller kanskje hjå ho ågot i lia sant"
    folder = resources.folder("models") / "nordic-ner"

    def letters(lean: float) -> set[int]:
        spans = Tagger(folder, lean).spans(text)
        return {i for s in spans if s.type in NAMED for i in range(s.start, s.end)}

    assert letters(0.0) <= letters(2.0)
    assert letters(0.0) != set()
    assert letters(-50.0) == set()


def test_one_very_long_word_is_read_in_part() -> None:
    assert ("PERSON", "Kari Nordmann") in found("a" * 50_000 + " sa Kari Nordmann")


@pytest.mark.parametrize("missing", ["tagger.onnx", "tokenizer.json.gz", "config.json"])
@pytest.mark.parametrize("damage", ["gone", "broken", "changed"])
def test_a_damaged_model_is_refused_with_one_sentence(
    missing: str, damage: str, tmp_path: Path
) -> None:
    folder = tmp_path / "nordic-ner"
    shutil.copytree(
        resources.folder("models") / "nordic-ner",
        folder,
        ignore=shutil.ignore_patterns("*.py", "interviews", "__pycache__"),
    )
    if damage == "gone":
        (folder / missing).unlink()
    elif damage == "changed":
        data = bytearray((folder / missing).read_bytes())
        data[len(data) // 2] ^= 1
        (folder / missing).write_bytes(data)
    else:
        (folder / missing).write_bytes(b"broken")
    with pytest.raises(ModelError, match="install anonpipe again"):
        Tagger(folder)


def test_the_pipeline_gives_ordinary_entities() -> None:
    doc = load_pipeline("nb", None)("I går ringte Kari Nordmann fra Hamar.")
    assert [(e.label_, e.text) for e in doc.ents] == [
        ("PERSON", "Kari Nordmann"),
        ("LOCATION", "Hamar"),
    ]


def test_names_of_a_second_model_come_beside(tmp_path: Path) -> None:
    """A spaCy model that the user brings adds names; its dates and quantities do not count."""
    other = spacy.blank("en")
    ruler = other.add_pipe("entity_ruler")
    ruler.add_patterns(  # type: ignore[attr-defined]
        [{"label": "GPE", "pattern": "teapot"}, {"label": "DATE", "pattern": "yesterday"}]
    )
    other.to_disk(tmp_path / "other")
    doc = load_pipeline("en", tmp_path / "other")(
        "It was a teapot that Kari Nordmann broke yesterday."
    )
    assert [(e.label_, e.text) for e in doc.ents] == [
        ("GPE", "teapot"),
        ("PERSON", "Kari Nordmann"),
    ]


def test_what_rules_find_goes_before_the_model() -> None:
    """Presidio keeps the first of equal results, and asks its recognizers in no order."""
    analyzer = build_analyzer({"nb": spacy.blank("nb")}, also=("faith",))
    asked = analyzer.registry.get_recognizers(language="nb", entities=["PERSON"])
    by_family = [family.__name__.rpartition(".")[2] for family in families("nb")]
    assert [r.name for r in asked] == [*by_family, "background", "names", "spacy"]


def test_the_layer_of_written_text_marks_names_and_nothing_else() -> None:
    text = "Kari Nordmann flyttet til Bergen 3. mars 2019 og jobber i Equinor."
    found = [(s.type, text[s.start : s.end]) for s in load_tagger().written_names(text)]
    assert found == [("PERSON", "Kari Nordmann"), ("LOCATION", "Bergen"), ("ORG", "Equinor")]
