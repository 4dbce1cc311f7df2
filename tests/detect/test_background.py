"""Nationality, first language and faith, which are found only on demand."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from anonpipe.cli.scan import scan
from anonpipe.detect import Detector, DetectSettings
from anonpipe.detect.recognizers.background import finder
from anonpipe.errors import UsageError


def found(text: str, language: str, *also: str) -> list[str]:
    return [text[span.start : span.end] for span in finder(also)(text, language)]


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("Jeg er polsk, mannen er somalier.", "nb", ["polsk", "somalier"]),
        ("Pakistanske foreldre, norsk-pakistanerne.", "nb", ["Pakistanske", "norsk-pakistanerne"]),
        ("Ein kurdar og to syrarar, kurdarane.", "nn", ["kurdar", "syrarar", "kurdarane"]),
        ("Franskmennene og en brite", "nb", ["Franskmennene", "brite"]),
        ("Hun er norsk og lette etter rom å finne ire.", "nb", ["ire"]),
        ("She is Polish and polishes shoes with polish.", "en", ["Polish"]),
        ("Two Somalis, a Swede and swedes", "en", ["Somalis", "Swede"]),
        ("Kven er du? Eg veit kven. Kvenane, ein kven.", "nn", ["Kvenane", "kven"]),
        ("My son, Finn, is half Dane, so a Finn among Poles.", "en", ["Dane", "Finn", "Poles"]),
    ],
)
def test_nationality(text: str, language: str, expected: list[str]) -> None:
    assert found(text, language, "nationality") == expected


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("Vi snakker polsk og tyrkisk hjemme.", "nb", ["polsk", "tyrkisk"]),
        ("Morsmålet er dari. Polsk pølse er godt.", "nb", ["dari"]),
        ("Arabisktalende, og samisk som morsmål", "nb", ["Arabisk", "samisk"]),
        ("Eg snakkar norsk og engelsk, og kan litt russisk.", "nn", ["russisk"]),
        ("My mother tongue is Dari. Polish food.", "en", ["Dari"]),
        ("a Tamil-speaking nurse who speaks English", "en", ["Tamil"]),
    ],
)
def test_first_language(text: str, language: str, expected: list[str]) -> None:
    assert found(text, language, "language") == expected


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("Hun er muslim, han katolikk.", "nb", ["muslim", "katolikk"]),
        ("Læstadianar og kristne. Kristen kom.", "nn", ["Læstadianar", "kristne"]),
        (
            "a Muslim, a Sikh and Jehovah's Witnesses",
            "en",
            ["Muslim", "Sikh", "Jehovah's Witnesses"],
        ),
    ],
)
def test_faith(text: str, language: str, expected: list[str]) -> None:
    assert found(text, language, "faith") == expected


def test_nothing_is_found_unasked(detector: Detector) -> None:
    text = "Jeg er polsk og muslim og snakker dari hjemme."
    assert detector.spans(text, "nb") == []
    with_all = Detector(
        DetectSettings(languages=("nb",), also=("nationality", "language", "faith"))
    )
    spans = with_all.spans(text, "nb")
    assert [(s.type, text[s.start : s.end]) for s in spans] == [
        ("OTHER", "polsk"),
        ("OTHER", "muslim"),
        ("OTHER", "dari"),
    ]


def test_an_unknown_wish_is_refused() -> None:
    with pytest.raises(UsageError, match="nationality, language, faith"):
        Detector(DetectSettings(also=("politics",)))


def test_scan_finds_what_it_is_told_to(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_text("Han er somalier.", encoding="utf-8")

    def entities(*options: str) -> list[dict[str, str]]:
        result = CliRunner().invoke(scan, [str(file), "--json", *options])
        return json.loads(result.stdout)["entities"]

    assert entities() == []
    assert [(e["type"], e["text"], e["recognizer"]) for e in entities("--also", "nationality")] == [
        ("OTHER", "somalier", "nationality")
    ]
