"""What the name model thinks of every word, also of those that it does not mark."""

from __future__ import annotations

from dataclasses import replace

from anonpipe.detect.chances import LEAST, Chance, chances, from_json, settled, to_json
from anonpipe.detect.tagger import load_tagger
from anonpipe.transcript import Transcript, Turn

TEXT = Transcript(
    (
        Turn("Jeg heter Ingrid Solvang og bor i Tromsø.", "P01"),
        Turn("Det var fint der.", "P02"),
        Turn("Så ringte Ingrid igjen.", "P01"),
    ),
    "nb",
)


def test_every_word_of_a_span_has_more_than_one_half() -> None:
    found = {(c.turn, c.start): c for c in chances(TEXT)}
    spans = load_tagger().spans(TEXT.text)
    assert {TEXT.text[s.start : s.end] for s in spans} >= {"Ingrid Solvang", "Tromsø"}
    for name, turn in (("Ingrid", 0), ("Solvang", 0), ("Tromsø", 0), ("Ingrid", 2)):
        chance = found[turn, TEXT.turns[turn].text.index(name)]
        assert (chance.text, chance.score > 0.5) == (name, True)
    assert {c.text for c in found.values() if c.score > 0.5} <= {
        word for s in spans for word in TEXT.text[s.start : s.end].split()
    }


def test_order_and_bounds() -> None:
    found = chances(TEXT)
    assert [(c.turn, c.start) for c in found] == sorted((c.turn, c.start) for c in found)
    assert all(LEAST <= c.score <= 1.0 for c in found)
    assert all(TEXT.turns[c.turn].text[c.start : c.end] == c.text for c in found)


def test_of_nothing_there_is_nothing() -> None:
    assert chances(Transcript((), "nb")) == ()
    assert chances(Transcript((Turn(""), Turn("  ")), "nb")) == ()


def test_they_go_through_json() -> None:
    found = chances(TEXT)
    assert from_json(to_json(found)) == found


def test_they_move_with_their_words_when_others_are_corrected() -> None:
    found = (
        Chance(0, 10, 16, "Ingrid", "PERSON", 0.9),
        Chance(0, 17, 24, "Solvang", "PERSON", 0.9),
        Chance(0, 34, 40, "Tromsø", "LOCATION", 0.8),
        Chance(2, 10, 16, "Ingrid", "PERSON", 0.9),
    )
    text = "Jeg heter Ingeborg Solvang og bor altså i Tromsø."
    now = replace(TEXT, turns=(replace(TEXT.turns[0], text=text), *TEXT.turns[1:]))
    moved = settled(found, now)
    assert [(c.turn, c.text) for c in moved] == [(0, "Solvang"), (0, "Tromsø"), (2, "Ingrid")]
    assert all(now.turns[c.turn].text[c.start : c.end] == c.text for c in moved)
    assert settled(found, TEXT) == found
    assert settled(found, Transcript((), "nb")) == ()
