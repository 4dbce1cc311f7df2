"""Speech spans, packing and windows: arithmetic that must not lose or shift a sample."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from anonpipe.transcribe.backend import FRAME
from anonpipe.transcribe.speech import CLIP, GRID, PAD, RATE, pack, pad_spans, speech_spans
from anonpipe.transcribe.windows import Window, windows


def probabilities(*runs: tuple[float, int]) -> NDArray[np.float32]:
    return np.concatenate([np.full(count, value, np.float32) for value, count in runs])


def test_speech_begins_above_one_threshold_and_ends_below_another() -> None:
    found = speech_spans(probabilities((0.4, 10), (0.6, 10), (0.4, 10), (0.1, 20), (0.4, 5)))
    assert found == [(10 * FRAME, 30 * FRAME)]


def test_a_short_dip_does_not_end_speech() -> None:
    found = speech_spans(probabilities((0.9, 10), (0.1, 3), (0.9, 10), (0.0, 10)))
    assert found == [(0, 23 * FRAME)]


def test_speech_to_the_very_end() -> None:
    assert speech_spans(probabilities((0.0, 5), (0.9, 5))) == [(5 * FRAME, 10 * FRAME)]
    assert speech_spans(probabilities((0.0, 5))) == []
    assert speech_spans(np.zeros(0, np.float32)) == []


def test_long_speech_is_cut_where_speech_is_least_likely() -> None:
    values = probabilities((0.9, 2000))
    values[800] = 0.6
    spans = speech_spans(values)
    assert spans[0] == (0, 800 * FRAME)
    assert spans[-1][1] == 2000 * FRAME
    assert all(end - begin <= CLIP - 2 * PAD for begin, end in spans)
    assert all(a[1] == b[0] for a, b in pairwise(spans))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.sampled_from([0.0, 0.4, 0.9]), st.integers(1, 400)), max_size=30))
def test_padding_and_packing_keep_order_bounds_and_audio(runs: list[tuple[float, int]]) -> None:
    values = probabilities((0.0, 1), *runs)
    length = len(values) * FRAME - 100
    spans = [(a, min(b, length)) for a, b in speech_spans(values)]
    padded = pad_spans(spans, length)
    edges = [edge for span in padded for edge in span]
    assert edges == sorted(edges)
    assert all(0 <= a < b <= length for a, b in padded)
    assert all(p[0] <= s[0] + GRID and p[1] >= s[1] for p, s in zip(padded, spans, strict=True))
    audio = np.arange(length, dtype=np.float32)
    packed = pack(audio, padded)
    assert all(end - begin <= CLIP for begin, end in packed.clips)
    assert all(begin % GRID == 0 for begin, _ in packed.clips)
    assert [edge for clip in packed.clips for edge in clip][1:-1:2] == [
        clip[0] for clip in packed.clips[1:]
    ]
    assert (packed.clips[-1][1] if packed.clips else 0) == packed.audio.size
    for at in range(0, packed.audio.size, 4_001):
        start, _ = packed.original(at / RATE, at / RATE)
        assert start * RATE == pytest.approx(packed.audio[at], abs=17)  # rounded to 1 ms


def test_a_word_does_not_stretch_over_a_pause_that_was_taken_out() -> None:
    packed = pack(np.zeros(10 * RATE, np.float32), [(0, RATE), (5 * RATE, 6 * RATE)])
    assert packed.original(0.8, 1.1) == (0.8, 1.0)
    assert packed.original(0.9, 1.4) == (5.0, 5.4)


def blocks_of(samples: NDArray[np.int16], size: int) -> Iterator[NDArray[np.int16]]:
    for begin in range(0, samples.shape[1], size):
        yield samples[:, begin : begin + size]


def energy(audio: NDArray[np.float32]) -> NDArray[np.float32]:
    return (np.square(audio.reshape(-1, FRAME)).mean(axis=1) > 1e-5).astype(np.float32)


def cut(samples: NDArray[np.int16], size: int = 7_777, seconds: float = 20) -> list[Window]:
    return list(windows(blocks_of(samples, size), energy, seconds=seconds, search=5))


@pytest.mark.parametrize("size", [1_000, 160_000, 1_600_000])
@pytest.mark.parametrize("seconds", [0.01, 19.99, 20.0, 61.3, 150.0])
def test_windows_hold_every_sample_once(size: int, seconds: float) -> None:
    count = int(seconds * RATE)
    samples = np.random.default_rng(0).integers(-9_000, 9_000, (2, count)).astype(np.int16)
    found = cut(samples, size)
    assert np.array_equal(np.concatenate([window.samples for window in found], axis=1), samples)
    at = 0
    for window in found:
        assert window.start == at
        assert window.samples.shape[1] <= 20 * RATE
        assert window.speech.shape == (2, -(-window.samples.shape[1] // FRAME))
        at += window.samples.shape[1]


def test_a_window_is_cut_in_the_longest_pause_near_its_end() -> None:
    samples = np.full((1, 40 * RATE), 5_000, np.int16)
    samples[0, 2 * RATE : 6 * RATE] = 0  # long, but too early
    samples[0, 16 * RATE : 17 * RATE] = 0
    samples[0, 18 * RATE : int(18.4 * RATE)] = 0
    first = cut(samples)[0]
    assert first.samples.shape[1] == pytest.approx(16.5 * RATE, abs=FRAME)


def test_without_a_pause_it_is_cut_where_it_is_softest() -> None:
    samples = np.full((1, 40 * RATE), 9_000, np.int16)
    samples[0, 17 * RATE : int(17.1 * RATE)] = 4_000
    assert cut(samples)[0].samples.shape[1] == pytest.approx(17.05 * RATE, abs=4_000)


def test_both_channels_must_pause() -> None:
    samples = np.full((2, 40 * RATE), 5_000, np.int16)
    samples[0, 16 * RATE : 17 * RATE] = 0
    samples[:, int(18.5 * RATE) : 19 * RATE] = 0
    assert cut(samples)[0].samples.shape[1] == pytest.approx(18.75 * RATE, abs=FRAME)


def test_soft_recordings_are_lifted_for_the_detector() -> None:
    heard: list[float] = []

    def detect(audio: NDArray[np.float32]) -> NDArray[np.float32]:
        heard.append(float(np.sqrt(np.square(audio).mean())))
        return energy(audio)

    soft = np.random.default_rng(0).normal(0, 60, (1, 5 * RATE)).astype(np.int16)  # -55 dBFS
    found = list(windows([soft], detect))
    assert heard[0] == pytest.approx(10 ** (-29 / 20), rel=0.1)  # 26 dB more, no further
    assert np.array_equal(found[0].samples, soft)


def test_a_digitally_silent_channel_is_not_given_to_the_detector() -> None:
    def detect(_audio: NDArray[np.float32]) -> NDArray[np.float32]:
        raise AssertionError

    (window,) = windows([np.zeros((1, RATE), np.int16)], detect)
    assert not window.speech.any()
