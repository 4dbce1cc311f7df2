"""Which speaker labels are names, and one type for one name."""

from __future__ import annotations

import pytest

from anonpipe.detect import Detector
from anonpipe.detect.agree import agree
from anonpipe.detect.doubts import with_heads
from anonpipe.detect.roles import is_role, name_label_spans
from anonpipe.detect.spans import Span
from anonpipe.transcript import MentionType, Transcript, Turn


@pytest.mark.parametrize(
    "label",
    [
        "Intervjuer",
        "R2",
        "P01",
        "I",
        "KN",
        "A1",
        "Deltaker A",
        "SPEAKER_00",
        "Resp.",
        "Informant (mann 40)",
        "Intervjuer (00:12:41)",
        "P01 (kvinne, 1980)",
        "R2 (sykepleier)",
        "Graveren",
        "Felemakar",
        "Helsesjukepleiar",
        "Librarian",
        "Dispatcher",
        "Night nurse",
        "Sykepleier 1",
        "Farmer",
    ],
)
def test_roles_trades_and_codes_name_nobody(label: str) -> None:
    assert is_role(label)
    assert name_label_spans(f"{label}: Ja, det stemmer.") == []


@pytest.mark.parametrize(
    "label",
    [
        "Ola",
        "Liv",
        "Dag",
        "Kai",
        "Bo",
        "Li",
        "Stein",
        "Vår",
        "Storm",
        "Rose",
        "Baker",
        "Tove-Lise",
        "Hansen",
        "Grace_Young",
        "Eva_2",
        "Intervjuer_(Kari Nordmann)",
        "Intervjuer_(Kari)",
        "P01_(Ola H.)",
        "A(Bo)",
        "speaker_1_(Rose)",
    ],
)
def test_names_stay_names_though_they_are_short_or_words(label: str) -> None:
    assert not is_role(label.replace("_", " "))


def test_a_name_in_brackets_behind_a_role_is_found(detector: Detector) -> None:
    text = "Intervjuer (Kari Nordmann): Ja, det stemmer."
    assert "Kari" in "".join(text[s.start : s.end] for s in detector.spans(text, "nb"))
    labelled = Transcript((Turn("Ja.", "Intervjuer (Kari Nordmann)"),), "nb")
    assert [m.text for m in detector.detect(labelled)] == ["Intervjuer (Kari Nordmann)"]


def spans_of(text: str, *types: tuple[str, MentionType]) -> list[Span]:
    """A span for each word of `types`, in order of the text."""
    at, found = 0, []
    for word, kind in types:
        at = text.index(word, at)
        found.append(Span(at, at + len(word), kind, 0.9, "test"))
        at += len(word)
    return found


def test_the_type_that_most_mentions_have_goes_for_all() -> None:
    text = "Havna er her. Jeg liker Havna. Havnas folk. Kari bor i Bø."
    spans = spans_of(
        text, ("Havna", "ORG"), ("Havna", "ORG"), ("Havnas", "PERSON"), ("Kari", "PERSON"),
        ("Bø", "LOCATION"),
    )  # fmt: skip
    assert [s.type for s in agree(text, spans)] == ["ORG", "ORG", "ORG", "PERSON", "LOCATION"]


def test_a_short_form_is_what_its_long_form_is() -> None:
    text = "Solgløtt sykehjem og Solgløtt. Rune Vatshaug og Vatshaug."
    spans = spans_of(
        text, ("Solgløtt sykehjem", "ORG"), ("Solgløtt", "PERSON"), ("Rune Vatshaug", "PERSON"),
        ("Vatshaug", "LOCATION"),
    )  # fmt: skip
    spans[0] = Span(spans[0].start, spans[0].end, "ORG", 0.95, "test")
    spans[2] = Span(spans[2].start, spans[2].end, "PERSON", 0.95, "test")
    assert [s.type for s in agree(text, spans)] == ["ORG", "ORG", "PERSON", "PERSON"]


def test_numbers_do_not_vote() -> None:
    text = "rom 12 og alder 12"
    spans = spans_of(text, ("12", "OTHER"), ("12", "AGE"))
    assert agree(text, spans) == spans


@pytest.mark.parametrize(
    ("language", "text", "name"),
    [
        ("nb", "Etterpå ringte Finn meg, og så kom Tine på besøk.", "Finn"),
        ("nb", "Etterpå ringte Finn meg, og så kom Tine på besøk.", "Tine"),
        ("en", "My colleague June said that she would call him back.", "June"),
        ("en", "Philippa Reeve, though everyone inside calls me Pip.", "Pip"),
    ],
)
def test_a_name_that_is_a_firm_a_month_or_an_acronym_elsewhere(
    language: str, text: str, name: str, detector: Detector
) -> None:
    found = [text[s.start : s.end] for s in detector.spans(text, language)]
    assert name in found


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("nb", "Jeg kjøpte melk på Kiwi i juni, og vi veier 94 kilo til sammen."),
        ("nn", "Eg veg 94 kilo og har aldri vore sjuk."),
        ("nb", "Saksnr. mangler. Journalnr. er borte."),
        ("nb", "Feltnotat, besøk 3\nTema: Fravær\nRolle: Lærer\nHan har Parkinsons sykdom."),
        ("en", "Field note, Thursday\nRole: Nurse\nShe has Parkinson's. It was Christmas Eve."),
        ("en", "He has been on NHS waiting lists since last June, and in May it was worse."),
    ],
)
def test_shops_months_fields_and_diseases_name_nobody(
    language: str, text: str, detector: Detector
) -> None:
    assert [text[s.start : s.end] for s in detector.spans(text, language)] == []


def test_fields_of_a_form_are_read(detector: Detector) -> None:
    text = "Navn: Kari Nordmann\nSted: Hamar\nDato: 3. mars 2024"
    found = [text[s.start : s.end] for s in detector.spans(text, "nb")]
    assert found == ["Kari Nordmann", "Hamar", "3. mars 2024"]


def test_an_organisation_takes_the_nouns_that_say_what_it_is() -> None:
    text = "Amalie videregående skole, Varden skule og Varden kom. Berg skole"
    spans = spans_of(
        text, ("Amalie", "ORG"), ("Varden", "ORG"), ("Varden", "ORG"), ("Berg", "LOCATION")
    )
    found = [text[s.start : s.end] for s in with_heads(text, spans, "nb")]
    assert found == ["Amalie videregående skole", "Varden skule", "Varden", "Berg"]
