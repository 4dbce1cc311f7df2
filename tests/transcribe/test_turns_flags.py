"""Turns are readable and exact; flags point at the right words."""

from __future__ import annotations

import pytest

from anonpipe.transcribe import flags
from anonpipe.transcribe.turns import PlacedWord, build_turns
from anonpipe.transcript import Flag, Turn, Word


def said(text: str, start: float = 0.0, step: float = 0.5, p: float = 0.9) -> list[PlacedWord]:
    return [
        PlacedWord(word, start + index * step, start + index * step + 0.4, p)
        for index, word in enumerate(text.split())
    ]


def turn(text: str, start: float = 0.0, p: float = 0.9) -> Turn:
    return build_turns([said(text, start, p=p)], [""])[0]


def assert_offsets(turns: list[Turn]) -> None:
    for one in turns:
        for word in one.words:
            assert one.text[word.offset : word.offset + len(word.text)] == word.text
            assert word.text == word.text.strip() != ""


def test_offsets_fit_the_text() -> None:
    words = [*said("I met «Kari»,"), PlacedWord("-ish", 2, 2.2, 0.5, glued=True)]
    (one,) = build_turns([words], ["P01"])
    assert one.text == "I met «Kari»,-ish"
    assert (one.speaker, one.start, one.end) == ("P01", 0.0, 2.2)
    assert_offsets([one])


def test_a_turn_ends_at_a_pause_after_a_sentence() -> None:
    words = [*said("One two."), *said("Three four", 2.4), *said("five.", 5.0)]
    turns = build_turns([words], [""])
    assert [one.text for one in turns] == ["One two.", "Three four five."]
    assert_offsets(turns)


def test_a_pause_in_a_name_does_not_break_it_but_a_long_one_does() -> None:
    assert len(build_turns([[*said("Kari"), *said("Nordmann", 2.4)]], [""])) == 1
    assert len(build_turns([[*said("Kari"), *said("Nordmann", 3.5)]], [""])) == 2


def test_paragraphs_stay_short() -> None:
    endless = said("word " * 600)
    turns = build_turns([endless], [""])
    assert all((one.end or 0) - (one.start or 0) < 115 for one in turns)
    assert sum(len(one.words) for one in turns) == 600
    sentences = said("and then. " * 300)
    assert all((t.end or 0) - (t.start or 0) < 50 for t in build_turns([sentences], [""]))


def test_two_microphones_take_turns() -> None:
    asks = [*said("What is it?"), *said("And then?", 10.0)]
    answers = [*said("It is a house.", 3.0), *said("We left.", 14.0)]
    turns = build_turns([asks, answers], ["Interviewer", "P01"])
    assert [(one.speaker, one.text) for one in turns] == [
        ("Interviewer", "What is it?"),
        ("P01", "It is a house."),
        ("Interviewer", "And then?"),
        ("P01", "We left."),
    ]
    assert_offsets(turns)


def test_a_short_reply_comes_in_between() -> None:
    tells = [*said("First part"), *said("second part", 4.0)]
    turns = build_turns([tells, said("mm", 2.0)], ["A", "B"])
    assert [one.text for one in turns] == ["First part", "mm", "second part"]


def test_no_words_no_turns() -> None:
    assert build_turns([[]], [""]) == []
    assert build_turns([[], []], ["A", "B"]) == []


def test_low_confidence_is_flagged_by_run() -> None:
    words = (
        *said("a b", p=0.9),
        *said("c d", 1.0, p=0.2),
        *said("e", 2.0),
        *said("f", 2.5, p=0.39),
    )
    (one,) = build_turns([words], [""])
    assert flags.low_confidence([turn("x"), one]) == [
        Flag("low-confidence", 1, 1.0, 1.9, 2),
        Flag("low-confidence", 1, 2.5, 2.9, 1),
    ]


def test_speech_without_text() -> None:
    turns = [turn("one two three", 0.0), turn("four", 20.0)]
    found = flags.speech_without_text(turns, [(0.0, 1.5), (4.0, 5.5), (5.6, 8.0), (19.5, 21.0)])
    assert [(flag.kind, flag.start, flag.end) for flag in found] == [
        ("speech-without-text", 4.0, 8.0)
    ]
    assert flags.speech_without_text([], [(0.0, 1.9)]) == []
    assert flags.speech_without_text([], [(0.0, 2.1)])[0].end == 2.1


def test_speech_after_the_last_word_of_a_stretch() -> None:
    (flag,) = flags.speech_without_text([turn("one two", 0.0)], [(0.0, 9.0)])
    assert (flag.start, flag.end) == (pytest.approx(1.4), 9.0)


def test_text_without_speech() -> None:
    turns = [turn("real words", 0.0), turn("invented words here", 30.0)]
    assert flags.text_without_speech(turns, [(0.1, 0.9)]) == [
        Flag("text-without-speech", 1, 30.0, 31.4, 3)
    ]
    assert flags.text_without_speech(turns, [(0.0, 0.5), (29.8, 31.0)]) == []


def test_stretches_in_another_language() -> None:
    turns = [turn("ja det er slik", 0.0), turn("and then he said to me", 20.0)]
    found = flags.foreign(turns, [(20.0, 26.0), (28.0, 33.0), (60.0, 66.0)])
    assert found == [Flag("language", 1, 20.0, 33.0)]
    assert flags.foreign(turns, [(20.0, 29.9)]) == []
    assert flags.foreign(turns, [(80.0, 95.0)]) == [Flag("language", None, 80.0, 95.0)]


def test_stretches_and_clipping() -> None:
    one = Turn("a b", "", 0.0, 2.0, (Word("a", 0, 0.0, 0.5, 1.0), Word("b", 2, 1.0, 1.5, 1.0)))
    assert flags.in_stretches("repetition", [one], [(0.9, 1.6)]) == [
        Flag("repetition", 0, 1.0, 1.5, 1)
    ]
    assert flags.clipping([(5.0, 6.0), (6.0, 7.0), (9.0, 10.0)]) == [
        Flag("clipping", None, 5.0, 7.0, 2),
        Flag("clipping", None, 9.0, 10.0, 1),
    ]
