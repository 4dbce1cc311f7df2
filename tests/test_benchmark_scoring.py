"""The yardstick itself: what counts as a wrong word, and as one of the wrong speaker."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

pytest.importorskip("jiwer")
pytest.importorskip("pyannote.metrics")
sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "benchmarks"))

from reference import Conversation, Segment, SpokenWord, Turn
from scoring import (
    Count,
    diarization_errors,
    normalized,
    speaker_errors,
    time_errors,
    word_errors,
)


def said(speaker: str, start: float, text: str) -> Turn:
    """A word a second."""
    words = tuple(
        SpokenWord(word, start + i, start + i + 0.8) for i, word in enumerate(text.split())
    )
    return Turn(speaker, start, start + len(words), text, words)


def conversation(*turns: Turn) -> Conversation:
    segments = tuple(Segment(turn.speaker, turn.start, turn.end) for turn in turns)
    seconds = max(turn.end for turn in turns)
    return Conversation("c", Path("c.flac"), "en", seconds, 20.0, 0.0, (), turns, segments)


def test_spelling_of_the_same_is_no_error() -> None:
    plain = ["mister", "okafors", "center", "at", "six"]
    assert normalized("Mr. Okafor's centre, um, at 6!") == plain
    assert word_errors("It's OK.", "its okay") == Count(0, 2)


def test_wrong_missing_and_added_words_count() -> None:
    assert word_errors("one two three four", "one too four five") == Count(3, 4)


def test_speakers_are_paired_so_that_most_words_are_right() -> None:
    wanted = [("hello there you", "I"), ("good morning to you", "P")]
    heard = [("hello there", "B"), ("you", "A"), ("good morning to", "A"), ("you", None)]
    assert speaker_errors(wanted, heard) == Count(2, 7)


def test_one_label_for_both_speakers_is_wrong_for_one_of_them() -> None:
    wanted = [("a b c", "I"), ("d e f g", "P")]
    assert speaker_errors(wanted, [("a b c d e f g", "X")]) == Count(3, 7)


def test_what_is_said_while_the_other_speaks_stands_within_it() -> None:
    told = conversation(said("P", 0, "a b c d"), said("I", 1.5, "mm"))
    assert [word for word, _ in told.words] == ["a", "b", "mm", "c", "d"]


def test_time_of_the_wrong_speaker_counts() -> None:
    told = conversation(said("P", 0, "a b c d"), said("I", 5, "e f g h"))
    right = [("x", 0.0, 4.0), ("y", 5.0, 9.0)]
    assert diarization_errors(told, right).share == 0
    assert diarization_errors(told, [("x", 0.0, 9.0)]).share == pytest.approx(0.5, abs=0.1)


def test_late_words_are_told_in_seconds() -> None:
    told = conversation(said("P", 0, "a b c"))
    starts, ends = time_errors(told, [("a", 0.1, 0.7), ("x", 1, 2), ("c", 2.1, 2.9)])
    assert starts == pytest.approx([0.1, 0.1])
    assert ends == pytest.approx([-0.1, 0.1])
