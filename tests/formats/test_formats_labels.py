"""Who speaks and when, in text that people typed."""

from __future__ import annotations

from pathlib import Path

import pytest

from anonpipe import formats
from anonpipe.transcript import Turn


def turns(tmp_path: Path, text: str, name: str = "a.txt") -> tuple[Turn, ...]:
    (tmp_path / name).write_text(text, encoding="utf-8")
    return formats.read(tmp_path / name, "nb").turns


@pytest.mark.parametrize(
    ("line", "speaker", "start", "text"),
    [
        ("Intervjuer: Hei du.", "Intervjuer", None, "Hei du."),
        ("Interviewer: Hello: you.", "Interviewer", None, "Hello: you."),
        ("intervjuar: hei", "intervjuar", None, "hei"),
        ("P01: Ja.", "P01", None, "Ja."),
        ("P01:Ja, hei.", "", None, "P01:Ja, hei."),
        ("I: Hei", "I", None, "Hei"),
        ("Informant 2: Ja.", "Informant 2", None, "Ja."),
        ("SPEAKER_00: Ja.", "SPEAKER_00", None, "Ja."),
        ("[Person 1]: Ja.", "[Person 1]", None, "Ja."),
        ("[00:12:41] Intervjuer: Hei", "Intervjuer", 761.0, "Hei"),
        ("(12:41) Kari Hansen: Hei", "Kari Hansen", 761.0, "Hei"),
        ("00:12 Intervjuer: Hei", "Intervjuer", 12.0, "Hei"),
        ("#00:01:02-5# Intervjuer: Hei", "Intervjuer", 62.0, "Hei"),
        ("[00:12 - 00:15] Intervjuer: Hei", "Intervjuer", 12.0, "Hei"),
        ("Intervjuer (00:12): Hei", "Intervjuer", 12.0, "Hei"),
        ("Kari Hansen [1:00:12]: Hei", "Kari Hansen", 3612.0, "Hei"),
        ("Intervjuer: [00:12] Hei", "Intervjuer", 12.0, "Hei"),
        ("Kari (sykepleier): Hei", "", None, "Kari (sykepleier): Hei"),
        ("[00:12] Bare tekst.", "", 12.0, "Bare tekst."),
    ],
)
def test_one_line(tmp_path: Path, line: str, speaker: str, start: float, text: str) -> None:
    assert turns(tmp_path, line) == (Turn(text, speaker, start),)


@pytest.mark.parametrize(
    "line",
    [
        "Hun sa: ja.",
        "NB: husk nøkkelen",
        "Note: she left early",
        "Notat: hun gikk",
        "kl. 10:30 kom hun",
        "Kl. 10:30: møte",
        "https://example.org/a: se der",
        "Telefon: 12345678",
        "Tlf.: 12345678",
        "Adresse: Storgata 5",
        "Jeg tenkte at nå, Kari: nå",
        "10:30 møtte vi Kari: hun var trist",
        "Hun var trist, og hun spurte: Hvorfor?",
        "12:41",
        "Mandag: fri",
    ],
)
def test_sentences_with_a_colon_are_text(tmp_path: Path, line: str) -> None:
    both = turns(tmp_path, f"{line}\n\nEn linje til.")
    assert all(turn.speaker == "" for turn in both)
    if line != "12:41":
        assert both[0].text == line
    labelled = turns(tmp_path, f"Intervjuer: Hei\n{line} her\nIntervjuer: Ja")
    assert [turn.speaker for turn in labelled] == ["Intervjuer", "Intervjuer"]
    assert labelled[0].text == f"Hei {line} her"


def test_names_are_labels_when_the_document_shows_it(tmp_path: Path) -> None:
    assert [t.speaker for t in turns(tmp_path, "Kari: Hei\nOla: Hei\nKari: Ja")] == [
        "Kari",
        "Ola",
        "Kari",
    ]
    assert [t.speaker for t in turns(tmp_path, "I: Hei\nKari von Hansen: Ja")] == [
        "I",
        "Kari von Hansen",
    ]
    assert turns(tmp_path, "Resultatet er klart.\n\nKonklusjonen: bra") == (
        Turn("Resultatet er klart."),
        Turn("Konklusjonen: bra"),
    )


def test_continuations(tmp_path: Path) -> None:
    text = "Intervju 3\n\nIntervjuer:\nHei du,\nhvordan går det?\n\nOg ellers?\n\nP01: Bra.\n"
    assert turns(tmp_path, text) == (
        Turn("Intervju 3"),
        Turn("Hei du, hvordan går det?", "Intervjuer"),
        Turn("Og ellers?", "Intervjuer"),
        Turn("Bra.", "P01"),
    )


def test_conference_programs_put_the_name_and_time_on_a_line(tmp_path: Path) -> None:
    text = "Kari Hansen   0:12\nHei du.\n\nOla Nordmann  1:00:15\nHei.\n"
    assert turns(tmp_path, text) == (
        Turn("Hei du.", "Kari Hansen", 12.0),
        Turn("Hei.", "Ola Nordmann", 3615.0),
    )


def test_time_on_a_line_of_its_own(tmp_path: Path) -> None:
    text = "Intervjuer: Hei\n[00:10]\nP01: Ja\n00:00:20\nOg så gikk vi"
    assert turns(tmp_path, text) == (
        Turn("Hei", "Intervjuer"),
        Turn("Ja", "P01", 10.0),
        Turn("Og så gikk vi", "P01", 20.0),
    )


def test_notes_keep_paragraphs_and_join_wrapped_lines(tmp_path: Path) -> None:
    text = (
        "Vi møttes på kafeen ved torget i byen, der Kari\n"
        "Hansen satt alene.\n"
        "Kort linje\n"
        "- ett punkt\n"
        "- to punkter\n\n"
        "Nytt avsnitt."
    )
    assert [turn.text for turn in turns(tmp_path, text)] == [
        "Vi møttes på kafeen ved torget i byen, der Kari Hansen satt alene.",
        "Kort linje",
        "- ett punkt",
        "- to punkter",
        "Nytt avsnitt.",
    ]


def test_markdown(tmp_path: Path) -> None:
    text = (
        "---\nauthor: Kari Hansen\n---\n# Intervju med *Ola*\n\n"
        "**Intervjuer:** Hei, **Kari** Hansen!\n\n"
        "__P01__ (00:12): Ja, _veldig_ snake_case_navn 2 * 3 * 4\n\n"
        "> **P01:** sitert\n\n## Slutt\n\nEtterord [lenke](https://example.org)\n"
    )
    assert turns(tmp_path, text, "a.md") == (
        Turn("author: Kari Hansen"),
        Turn("Intervju med Ola"),
        Turn("Hei, Kari Hansen!", "Intervjuer"),
        Turn("Ja, veldig snake_case_navn 2 * 3 * 4", "P01", 12.0),
        Turn("sitert", "P01"),
        Turn("Slutt"),
        Turn("Etterord [lenke](https://example.org)"),
    )
