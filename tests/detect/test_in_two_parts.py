"""Detection in two parts gives what it gives in one: models first, known names later, elsewhere."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anonpipe.delta import spans_from_json, spans_to_json
from anonpipe.detect import Detector
from anonpipe.transcript import KnownName, Transcript, Turn

KNOWN = (
    KnownName("Zbyszek Storli", "PERSON"),
    KnownName("Kvass", "ORG"),
    KnownName("Solgløtt", "ORG", listed=False),
    KnownName("Runestad", "PERSON", listed=False, fullest=False),
    KnownName("99 03 11 22", "PHONE"),
    KnownName("Vår", "PERSON"),
)
PIECES = (
    "Så kom zbishek og Rune Stad med Kvassbilen.",
    "Ring 990 31 122 eller skriv til vaar@example.org.",
    "Vår lærer på Solgløttet heter Anne Berit Fjelldal.",
    "STORLI: ja det var vår som sa det til [Person 3] den 12.03.1984",
    "she met Storli's brother at Outlook in town\nand the Shelfer",
    "Fødselsnummeret er 010190 12345, sa Kari.",
    "",
    " \n\t",
)
LABELS = ("", "Intervjuer", "P01", "Anne Fjelldal", "Vår")


def elsewhere(detector: Detector, transcript: Transcript, known: tuple[KnownName, ...]) -> object:
    """Found by one detector, written down, and completed by one that has no models."""
    written = json.dumps(spans_to_json(detector.find(transcript)))
    other = Detector(detector.settings)
    other._analyzer = None  # type: ignore[assignment, method-assign]
    found = spans_from_json(json.loads(written))
    return other.complete(Transcript.from_json(transcript.to_json()), found, known)


turns = st.lists(st.builds(Turn, st.sampled_from(PIECES), st.sampled_from(LABELS)), max_size=4)


@pytest.mark.parametrize("language", ["nb", "nn", "en"])
@pytest.mark.parametrize("known", [(), KNOWN[:3], KNOWN])
def test_a_conversation(detector: Detector, language: str, known: tuple[KnownName, ...]) -> None:
    said = tuple(Turn(text, LABELS[i % len(LABELS)]) for i, text in enumerate(PIECES))
    transcript = Transcript(said, language)
    whole = detector.detect(transcript, known)
    assert elsewhere(detector, transcript, known) == whole
    assert len({mention.text for mention in whole}) > 5


def test_known_names_do_not_change_what_is_found(detector: Detector) -> None:
    transcript = Transcript((Turn("Så kom Zbyszek Storli med Kvassbilen."),), "nb")
    found = detector.find(transcript)
    detector.detect(transcript, KNOWN)
    assert detector.find(transcript) == found


@given(turns, st.lists(st.sampled_from(KNOWN), unique=True), st.sampled_from(["nb", "en"]))
def test_any_conversation(
    detector: Detector, said: list[Turn], known: list[KnownName], language: str
) -> None:
    transcript = Transcript(tuple(said), language)
    whole = detector.detect(transcript, known)
    assert elsewhere(detector, transcript, tuple(known)) == whole
