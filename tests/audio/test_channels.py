"""Levels, two microphones or one, cross-talk, and pydub kept from files and programs."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

import anonpipe
from anonpipe.audio.channels import gate, plan_channels, split_channels
from anonpipe.audio.levels import clipped_samples, frame_dbfs, speech_dbfs
from anonpipe.audio.segments import to_samples, to_segment
from tests.audio.sound import noise, sine

RATE = 16_000


def voice(seconds: float, seed: int, level: float = 0.1) -> NDArray[np.float32]:
    """Noise in syllables, unlike any other voice's: enough for levels and correlation."""
    wave = noise(seconds, level=level, seed=seed).astype(np.float32)
    syllables = np.repeat(
        np.random.default_rng(seed + 100).uniform(0.3, 1, int(seconds * 5) + 1), RATE // 5
    )
    return wave * syllables[: wave.size].astype(np.float32)


def two_microphones(crosstalk_db: float = -14.0) -> NDArray[np.int16]:
    """Ten seconds of one, ten of the other, then both; each is heard softly by the other mic."""
    first, second = voice(30, 1), voice(30, 2)
    first[10 * RATE : 20 * RATE] = 0
    second[: 10 * RATE] = 0
    soft = 10 ** (crosstalk_db / 20)
    late = 40  # samples, 0.85 m
    left = first + np.roll(second, late) * soft
    right = second + np.roll(first, late) * soft
    hiss = np.stack([noise(30, level=2e-4, seed=7), noise(30, level=2e-4, seed=8)])
    return (np.stack([left, right]) + hiss).clip(-32_768, 32_767).astype(np.int16)


def test_two_microphones_are_split() -> None:
    assert plan_channels([two_microphones()], RATE).plan == "split"


def test_a_microphone_set_softer_is_still_one_of_two() -> None:
    samples = two_microphones(crosstalk_db=-12)
    samples[0] //= 3
    found = plan_channels([samples], RATE)
    assert found.plan == "split"
    assert found.balance == pytest.approx(-9.5, abs=2)
    gated = frame_dbfs(gate(samples, RATE, found.balance), RATE // 2)
    assert gated[1, 1:19].max() < -90 and gated[0, 21:39].max() < -90
    assert gated[0, 1:19].min() > -50 and gated[1, 21:39].min() > -50


def test_ordinary_stereo_is_mixed() -> None:
    both = voice(10, 1)
    left = both + voice(10, 3, level=0.01)
    right = np.roll(both, 5) * 0.8 + voice(10, 4, level=0.01)
    assert plan_channels([np.stack([left, right]).astype(np.int16)], RATE).plan == "mix"


def test_the_same_on_both_channels_is_mixed() -> None:
    one = voice(10, 1).astype(np.int16)
    assert plan_channels([np.stack([one, one])], RATE).plan == "mix"


def test_a_dead_channel_is_left_out() -> None:
    one = voice(10, 1).astype(np.int16)
    assert plan_channels([np.stack([np.zeros_like(one), one])], RATE).plan == "right"
    assert plan_channels([np.stack([one, np.zeros_like(one)])], RATE).plan == "left"


def test_channels_that_would_cancel_are_not_mixed() -> None:
    one = voice(10, 1)
    plan = plan_channels([np.stack([one, -0.9 * one]).astype(np.int16)], RATE).plan
    assert plan == "left"


def test_silence_and_nothing_are_mixed() -> None:
    assert plan_channels([np.zeros((2, RATE), np.int16)], RATE).plan == "mix"
    assert plan_channels([], RATE).plan == "mix"


def test_reading_stops_when_there_is_enough_speech() -> None:
    read = 0

    def endless() -> object:
        nonlocal read
        while True:
            read += 1
            yield two_microphones()

    assert plan_channels(endless(), RATE).plan == "split"  # type: ignore[arg-type]
    assert read < 10


def test_gate_silences_cross_talk_and_keeps_both_speakers() -> None:
    samples = two_microphones()
    gated = gate(samples, RATE)
    before, after = frame_dbfs(samples, RATE // 2), frame_dbfs(gated, RATE // 2)
    first, second, both = slice(1, 19), slice(21, 39), slice(41, 59)
    assert after[1, first].max() < -90 and after[0, second].max() < -90
    assert np.allclose(before[0, first], after[0, first], atol=0.01)
    assert np.allclose(before[1, second], after[1, second], atol=0.01)
    assert np.allclose(before[:, both], after[:, both], atol=4)


def test_gate_keeps_a_soft_word_of_the_other_person() -> None:
    loud, soft = voice(4, 1, level=0.3), voice(4, 2, level=0.02)
    samples = np.stack([loud, soft]).clip(-32_768, 32_767).astype(np.int16)
    assert np.array_equal(gate(samples, RATE), samples)


def test_split_gives_each_channel() -> None:
    samples = np.stack([sine(300, 1), sine(500, 1)])
    assert all(
        np.array_equal(part[0], row)
        for part, row in zip(split_channels(samples, RATE), samples, strict=True)
    )


def test_segments_round_trip() -> None:
    samples = np.stack([noise(1), noise(1, seed=1)])
    assert np.array_equal(to_samples(to_segment(samples, RATE)), samples)


def test_the_level_of_speech_does_not_depend_on_the_pauses() -> None:
    tone = sine(440, 2, level=0.5)
    assert speech_dbfs(tone[None], RATE) == pytest.approx(-9.0, abs=0.1)
    assert speech_dbfs(tone[None, :100], RATE) == pytest.approx(-9.0, abs=0.5)
    pause = np.zeros(6 * RATE, np.int16)
    assert speech_dbfs(np.concatenate([tone, pause])[None], RATE) == pytest.approx(-9.0, abs=0.1)
    assert speech_dbfs(pause[None], RATE) == pytest.approx(-120.0)


def test_clipping_is_seen() -> None:
    clipped = (sine(440, 2, level=0.9).astype(int) * 2).clip(-32_768, 32_767).astype(np.int16)
    assert clipped_samples(clipped[None]).mean() > 0.2
    assert not clipped_samples(sine(440, 2, level=0.5)[None]).any()


def test_one_loud_sample_is_not_clipping() -> None:
    samples = np.zeros((1, 100), np.int16)
    samples[0, 50] = 32_767
    samples[0, 70] = -32_768
    assert not clipped_samples(samples).any()
    samples[0, 50:53] = -32_768
    assert clipped_samples(samples).sum() == 1


def test_importing_pydub_says_nothing_and_hides_nothing() -> None:
    code = (
        "import warnings\n"
        "from anonpipe.audio.segments import pydub\n"
        "pydub()\n"
        "warnings.warn('mine', RuntimeWarning)\n"
    )
    done = subprocess.run(
        [sys.executable, "-W", "always", "-c", code],
        env={"PATH": "", "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert "ffmpeg" not in done.stderr and "SyntaxWarning" not in done.stderr
    assert "audioop" not in done.stderr
    assert "mine" in done.stderr


def test_nothing_in_the_package_calls_pydubs_file_functions() -> None:
    forbidden = {"from_file", "from_mp3", "from_ogg", "from_wav", "from_flv", "export"}
    for path in (Path(anonpipe.__file__).parent / "audio").rglob("*.py"):
        names = {
            node.attr
            for node in ast.walk(ast.parse(path.read_text()))
            if type(node) is ast.Attribute
        }
        assert not names & forbidden, path.name
