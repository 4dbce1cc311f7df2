"""What a hearing left out of a clip, and what a second one puts there."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from anonpipe.transcribe.backend import HeardBatch, HeardSegment, HeardWord
from anonpipe.transcribe.holes import HOLE, filled, holes
from anonpipe.transcribe.pieces import Batch
from anonpipe.transcribe.speech import pack
from anonpipe.transcribe.transcriber import _placed
from anonpipe.transcribe.whisper import RATE, WhisperBackend


def segment(*words: tuple[str, float, float], looped: bool = False) -> HeardSegment:
    return HeardSegment(tuple(HeardWord(text, a, b, 0.9) for text, a, b in words), looped)


def texts(segments: list[HeardSegment]) -> list[str]:
    return ["".join(word.text for word in segment.words) for segment in segments]


def test_a_clip_without_words_is_one_hole() -> None:
    assert holes([], 30.0, 55.0) == [(30.0, 55.0)]
    assert holes([HeardSegment(())], 30.0, 55.0) == [(30.0, 55.0)]


def test_holes_are_before_between_and_after_words() -> None:
    heard = [segment((" a", 5, 6), (" b", 6.5, 7)), segment((" c", 12, 13))]
    assert holes(heard, 0, 20) == [(0, 5), (7, 12), (13, 20)]


def test_short_times_between_words_are_none() -> None:
    short = HOLE - 0.1
    heard = [segment((" a", short, 3), (" b", 3 + short, 6))]
    assert holes(heard, 0, 6 + short) == []


def test_what_is_heard_in_a_hole_stands_in_its_place() -> None:
    heard = [segment((" a", 0, 1), (" b", 6, 7), looped=True)]
    found = filled(heard, (1, 6), [segment((" x", 2, 3)), segment((" y", 4, 5))])
    assert texts(found) == [" a", " x", " y", " b"]
    assert [part.looped for part in found] == [True, False, False, True]


def test_at_the_beginning_and_at_the_end() -> None:
    heard = [segment((" a", 5, 6))]
    assert texts(filled(heard, (0, 5), [segment((" x", 1, 2))])) == [" x", " a"]
    assert texts(filled(heard, (6, 9), [segment((" x", 7, 8))])) == [" a", " x"]


def test_words_that_were_heard_before_are_not_put_in_twice() -> None:
    heard = [segment((" a", 0, 1), (" b", 6, 7))]
    again = [segment((" a", 0.5, 1.1), (" x", 2, 3), (" b", 5.8, 6.4))]
    assert texts(filled(heard, (1, 6), again)) == [" a", " x", " b"]


def test_nothing_heard_changes_nothing_that_is_said() -> None:
    heard = [segment((" a", 0, 1), (" b", 6, 7))]
    assert "".join(texts(filled(heard, (1, 6), []))) == " a b"


@pytest.mark.parametrize(
    ("logprob", "silent", "text"),
    [(-0.3, 0.1, " left out"), (-1.4, 0.1, ""), (-0.3, 0.9, "")],
    ids=["sure", "improbable", "no speech"],
)
def test_only_probable_words_are_put_into_a_hole(logprob: float, silent: float, text: str) -> None:
    backend = object.__new__(WhisperBackend)
    asked: list[int] = []

    def alone(clip: Any, language: str) -> list[Any]:
        asked.append(len(clip))
        words = [
            SimpleNamespace(word=" left", start=0.5, end=0.9, probability=0.8),
            SimpleNamespace(word=" out", start=1.0, end=1.4, probability=0.8),
        ]
        return [
            SimpleNamespace(
                words=words, avg_logprob=logprob, no_speech_prob=silent, compression_ratio=1.0
            )
        ]

    backend._alone = alone  # type: ignore[method-assign]
    heard = backend._left_out(np.zeros(20 * RATE, np.float32), (4.0, 9.0), "en")
    assert asked == [5 * RATE]
    assert "".join(texts(heard)) == text
    assert all(4.4 < word.start < word.end < 5.5 for part in heard for word in part.words)


@pytest.mark.parametrize(
    ("last", "first", "wanted"),
    [
        (" us.", " because", "us because"),
        (" us.", " Because", "us. Because"),
        (" us.", " 12", "us. 12"),
        (" us?", " because", "us? because"),
        (" f.eks.", " huset", "f.eks. huset"),
        (" us...", " because", "us... because"),
    ],
)
def test_a_sentence_goes_on_across_the_end_of_a_clip(last: str, first: str, wanted: str) -> None:
    packed = pack(np.zeros(10 * RATE, np.float32), [(0, 10 * RATE)])
    heard = HeardBatch((segment((last, 1, 2)), segment((first, 2, 3))))
    batch = _placed(heard, packed, packed.clips, 0.0, Batch(0, 0, 0), {})
    assert " ".join(word.text for word in batch.words) == wanted
