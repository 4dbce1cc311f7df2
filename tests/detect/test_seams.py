"""Names that lie across the end of a turn, because a speaker was heard in the middle of one."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from anonpipe.detect import Detector
from anonpipe.detect.seams import Seam, across, seams
from anonpipe.detect.spans import Span
from anonpipe.transcript import Transcript, Turn, Word


@pytest.fixture(scope="module")
def real() -> Detector:
    return Detector()


def spoken(*texts: str) -> Transcript:
    """Turns that a recogniser heard, of two speakers by turns."""
    turns = tuple(
        Turn(text, f"P0{number % 2 + 1}", float(number), number + 1.0, (Word("", 0, 0, 1, 1),))
        for number, text in enumerate(texts)
    )
    return Transcript(turns, "nb", 100.0)


def found(detector: Detector, *texts: str) -> list[tuple[int, str]]:
    return [(mention.turn, mention.text) for mention in detector.detect(spoken(*texts))]


@pytest.mark.parametrize(
    ("before", "after"), [("Kari", "Nordmann"), ("Lonnie", "Kort"), ("Quint", "Springer")]
)
@pytest.mark.parametrize("between", [(), ("Mm.",), ("Ja, ikke sant.",)])
def test_a_surname_that_is_a_word_is_found_behind_the_first_name(
    real: Detector, before: str, after: str, between: Sequence[str]
) -> None:
    said = (f"Da traff jeg {before}", *between, f"{after} og hun bor der ennå.")
    assert found(real, *said) == [(0, before), (len(said) - 1, after)]


def test_numbers_and_addresses_that_were_cut(real: Detector) -> None:
    assert found(real, "Nummeret er 90 01", "23 45") == [(0, "90 01"), (1, "23 45")]
    assert (2, "14") in found(real, "Jeg bor i Kløverveien", "mm", "14 nå.")
    assert found(real, "Jeg jobba på Haukeland", "sykehus før.") == [(0, "Haukeland")]


def test_what_a_sentence_or_somebody_has_ended_is_no_seam(real: Detector) -> None:
    assert found(real, "Da traff jeg Lonnie.", "Kort og greit.") == [(0, "Lonnie")]
    turns = (Turn("Da traff jeg Lonnie", "A"), Turn("Kort og greit.", "B"))
    typed = real.detect(Transcript(turns, "nb"))
    assert [mention.text for mention in typed] == ["Lonnie"]


def test_seams_are_between_neighbours_and_around_what_is_put_in() -> None:
    there = seams(spoken("Det var Kari", "mm", "Moe.", "Ja.", "en to tre fire", "Nils"))
    assert [(seam.first, seam.then) for seam in there] == [(0, 2), (4, 5)]
    long = "ord " * 100
    (seam,) = seams(spoken(long.strip(), long.strip() + "."))
    assert len(seam.text) < 200 and seam.text.startswith("ord") and seam.text.endswith("ord")


def test_only_what_lies_across_counts_and_is_cut_there() -> None:
    transcript = spoken("Det var Kari", "Moe som kom")
    seam = Seam(0, 1, "Det var Kari", "Moe som kom", 0)
    spans = [
        Span(8, 12, "PERSON", 0.9, "x"),
        Span(8, 16, "PERSON", 0.9, "x"),
        Span(17, 20, "PERSON", 0.9, "x"),
    ]
    pieces = across([seam], spans, transcript.starts)
    assert [(p.start, p.end) for p in pieces] == [(8, 12), (13, 16)]
    assert [transcript.text[p.start : p.end] for p in pieces] == ["Kari", "Moe"]
