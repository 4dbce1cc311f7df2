"""The sample study holds what it says it holds, and promises what the register says."""

from __future__ import annotations

import tomllib
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, get_args

import pytest
from stdnum.no import fodselsnummer

from anonpipe import consent, resources, study

SAMPLES = resources.folder("samples")
DATA = Path(__file__).parent / "data" / "sample_study"
EXPECTED = tomllib.loads((DATA / "expected.toml").read_text("utf-8"))
SCRIPTS = tomllib.loads((DATA / "scripts.toml").read_text("utf-8"))["recordings"]
TODAY = date(2026, 1, 1)


def recording(name: str) -> Path:
    return SAMPLES / "recordings" / name


def tags(path: Path) -> str:
    import av

    with av.open(str(path)) as container:
        return " | ".join([*container.metadata.values(), *container.streams[0].metadata.values()])


@cache
def text_of(source: str) -> str:
    """What a source of expected.toml holds: what is spoken or written, or its metadata."""
    import docx

    if source.endswith(" tags"):
        return tags(recording(source.removesuffix(" tags")))
    if source.endswith(" file name"):
        return source.removesuffix(" file name")
    if source.endswith(" properties"):
        document = docx.Document(str(SAMPLES / "documents" / source.removesuffix(" properties")))
        return f"{document.core_properties.author} | {document.core_properties.title}"
    if source.endswith(".docx"):
        document = docx.Document(str(SAMPLES / "documents" / source))
        return "\n".join(paragraph.text for paragraph in document.paragraphs)
    if source.endswith(".txt"):
        return (SAMPLES / "documents" / source).read_text("utf-8")
    (script,) = (script for script in SCRIPTS if script["file"] == source)
    return "\n".join(turn["text"] for turn in script["turns"])


DETAILS = [(d["entity"], d, source) for d in EXPECTED["details"] for source in d["sources"]]


@pytest.mark.parametrize(
    ("detail", "source"),
    [(detail, source) for _, detail, source in DETAILS],
    ids=[f"{entity} in {source}" for entity, _, source in DETAILS],
)
def test_every_planted_detail_is_where_it_should_be(detail: dict[str, Any], source: str):
    for form in detail["forms"]:
        assert form in text_of(source)


def test_what_should_be_kept_is_there_and_is_no_detail():
    forms = {
        form.casefold() for d in EXPECTED["details"] for form in [*d["forms"], *d.get("heard", [])]
    }
    for kept in EXPECTED["keep"]:
        for text in kept["texts"]:
            assert text in text_of(kept["source"])
            assert not any(form in text.casefold() for form in forms), text


def test_every_source_is_covered_by_the_register_and_every_audio_rule_occurs():
    register = consent.load(SAMPLES / "consent.csv")
    kinds = set()
    for source in study.load(SAMPLES).sources():
        demand = register.demand(source.relative, TODAY)
        assert len(demand.participants) == 1
        if source.kind == "audio":
            kinds.add(demand.rule.kind)
            # What the demo shows must not change from one day to the next.
            assert demand.delete_from is None or demand.delete_from.year > 2035
    assert kinds == set(get_args(consent.RuleKind))


def test_the_register_holds_codes_only():
    text = (SAMPLES / "consent.csv").read_text("utf-8").casefold()
    for detail in EXPECTED["details"]:
        if detail["type"] == "PERSON":
            assert not any(form.casefold() in text for form in detail["forms"])


def test_settings_name_the_languages_and_the_known_people():
    settings = study.load(SAMPLES).settings
    languages = {
        source.relative.name: settings.for_file(source.relative).language
        for source in study.load(SAMPLES).sources()
    }
    assert {name for name, language in languages.items() if language == "nb"} == {
        "P02_intervju.txt",
        "P02_notater.docx",
    }
    assert set(languages.values()) == {"nb", "en"}
    names = {form for detail in EXPECTED["details"] for form in detail["forms"]}
    assert {person.name for person in settings.people} < names
    assert all(person.participant for person in settings.people)


def test_recordings_are_small_and_as_long_as_they_should_be():
    import av

    assert {script["file"] for script in SCRIPTS} == {
        path.name for path in (SAMPLES / "recordings").iterdir()
    }
    for script in SCRIPTS:
        path = recording(script["file"])
        with av.open(str(path)) as container:
            stream = container.streams.audio[0]
            assert stream.codec_context.name.endswith("opus")
            assert stream.channels == script["channels"]
            seconds = container.duration / 1e6
        low, high, size = (60, 120, 400_000) if script["channels"] == 2 else (8, 15, 45_000)
        assert low < seconds < high
        assert path.stat().st_size < size
    assert sum(p.stat().st_size for p in SAMPLES.rglob("*") if p.is_file()) < 1_000_000


def test_the_two_microphones_hear_one_speaker_each():
    import av
    import numpy as np

    with av.open(str(recording("P01_interview.ogg"))) as container:
        sound = np.concatenate([f.to_ndarray() for f in container.decode(audio=0)], axis=1)
    frames = sound[:, : sound.shape[1] // 4800 * 4800].reshape(2, -1, 4800)
    level = np.sqrt(np.mean(np.square(frames), axis=2))
    loud = level > 0.02  # of full scale; the room lies far below
    assert loud[0].sum() > 100  # tenths of a second
    assert loud[1].sum() > 300
    assert (loud[0] & loud[1]).sum() == 0


def test_the_norwegian_interview_is_long_enough_and_its_identity_number_is_valid():
    text = text_of("P02_intervju.txt")
    assert len(text.splitlines()) >= 25
    assert {line.split(":")[0] for line in text.splitlines()} == {"Intervjuer", "Ingrid"}
    assert fodselsnummer.is_valid("120431 00368")


def letters(text: str) -> str:
    """The letters and digits of a text, in lower case."""
    return "".join(c for c in text.casefold() if c.isalnum())


@pytest.mark.long
@pytest.mark.parametrize("script", SCRIPTS, ids=[script["file"] for script in SCRIPTS])
def test_the_default_recogniser_hears_every_detail(script: dict[str, Any]):
    """Needs whisper-base, which is installed if it is missing."""
    from faster_whisper import WhisperModel, decode_audio

    from anonpipe import models

    model = WhisperModel(str(models.install("whisper-base")), device="cpu", compute_type="int8")
    path = str(recording(script["file"]))
    stereo = script["channels"] == 2
    channels = decode_audio(path, split_stereo=True) if stereo else [decode_audio(path)]
    heard = ""
    for channel in channels:
        segments, _ = model.transcribe(
            channel, language="en", vad_filter=True, condition_on_previous_text=False
        )
        heard += " ".join(segment.text for segment in segments)
    for detail in EXPECTED["details"]:
        if script["file"] in detail["sources"]:
            forms = [*detail["forms"], *detail.get("heard", [])]
            # Where a recogniser breaks a number up differs between processors: «07-7-7-0-0».
            assert any(letters(form) in letters(heard) for form in forms), detail["entity"]
