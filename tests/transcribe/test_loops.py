"""Loops are found whatever borders lie between, and what people repeat is none."""

from __future__ import annotations

import pytest

from anonpipe.transcribe.loops import repetitions
from anonpipe.transcribe.turns import PlacedWord, build_turns
from anonpipe.transcript import Flag, Turn


def turn(text: str, start: float = 0.0, speaker: str = "", step: float = 0.5) -> Turn:
    words = [
        PlacedWord(word, start + index * step, start + index * step + 0.4, 0.9)
        for index, word in enumerate(text.split())
    ]
    return build_turns([words], [speaker])[0]


@pytest.mark.parametrize(
    ("text", "loops"),
    [
        ("ja, ja, ja", False),
        ("ja ja ja ja", False),
        ("Ja, ja, ja, ja, ja. Det er greit.", False),
        ("nei nei nei nei nei nei nei", False),
        ("nei nei nei nei nei nei nei nei", True),
        ("ja nei ja nei ja nei", False),
        ("ja nei ja nei ja nei ja nei", True),
        ("mm mm mm mm mm", False),
        ("veldig veldig veldig veldig veldig stort", False),
        ("og og og og jeg", False),
        ("hus hus hus hus hus", True),
        ("Takk for at. takk for at, takk for at så meget", True),
        ("det er det er det er bra", False),
        ("det er det er det er det er bra", True),
        ("a b c d a b c d", False),
        ("one two three four five six", False),
        ("... ... ... ... ... ...", False),
    ],
)
def test_repetition(text: str, loops: bool) -> None:
    assert bool(repetitions([turn(text)])) is loops


@pytest.mark.parametrize("size", range(3, 13))
def test_phrases_of_up_to_twelve_words(size: int) -> None:
    phrase = " ".join(f"ord{n}" for n in range(size))
    (flag,) = repetitions([turn(f"så kom {phrase} {phrase} {phrase} og slutt")])
    assert (flag.start, flag.count) == (1.0, 3 * size)
    assert repetitions([turn(f"så kom {phrase} {phrase} og slutt")]) == []


def test_no_turns_no_loops() -> None:
    assert repetitions([]) == []


def test_it_points_at_the_loop() -> None:
    one = turn("so we went there we went there we went there today")
    assert repetitions([one]) == [Flag("repetition", 0, one.words[1].start, one.words[9].end, 9)]


def test_a_loop_over_borders_of_turns_has_a_flag_in_each() -> None:
    turns = [
        turn("Vi bodde der. Det var en fin", 0.0),
        turn("tid. Det var en fin tid.", 20.0),
        turn("Det var en fin tid. Og så", 40.0),
    ]
    found = repetitions(turns)
    assert [(flag.turn, flag.count) for flag in found] == [(0, 4), (1, 6), (2, 5)]
    assert found[0].start == turns[0].words[3].start
    assert found[2].end == turns[2].words[4].end


def test_a_loop_on_one_microphone_while_the_other_one_speaks() -> None:
    turns = [
        part
        for n in range(5)
        for part in (
            turn("Så flyttet vi dit.", 5.0 * n, "P01"),
            turn(f"Hva med år {n}?", 5.0 * n + 3, "Taler 1"),
        )
    ]
    assert [flag.turn for flag in repetitions(turns)] == [0, 2, 4, 6, 8]
    assert repetitions(turns[:8]) == []  # a question may be asked four times


def test_answers_with_other_words_or_pauses_between_are_no_loop() -> None:
    asked = [
        part
        for n in range(12)
        for part in (
            turn(f"Spørsmål nummer {n}?", 10.0 * n, "Taler 1"),
            turn("Ja.", 10.0 * n + 5, "P01"),
        )
    ]
    assert repetitions(asked) == []
    apart = [turn("Nja.", 5.0 * n) for n in range(12)]
    assert repetitions(apart) == []
    assert [flag.turn for flag in repetitions([turn("Nja.", 1.0 * n) for n in range(9)])] == [
        *range(9)
    ]
