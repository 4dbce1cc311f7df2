"""Changed voices: shifted as drawn, in time, only where they should be, and without seams."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from anonpipe.audio.bleep import bleep, bleep_check
from anonpipe.audio.decode import native_blocks
from anonpipe.audio.voice import DOWN, UP, Voice, VoiceChange, draw, pitches
from anonpipe.settings import Bleep
from tests.audio.sound import noise, write

RATE = 16_000
UPWARDS, DOWNWARDS = Voice(1.25, 1.1), Voice(0.8, 0.92)


def vowel(
    hertz: float, seconds: float, formant: float = 1200.0, rate: int = RATE
) -> NDArray[np.int16]:
    """Harmonics under one broad formant."""
    at = np.arange(int(seconds * rate)) / rate
    partials = np.arange(1, int(rate / 2 / hertz)) * hertz
    wave = sum(np.sin(2 * np.pi * f * at) / (1 + ((f - formant) / 250) ** 2) for f in partials)
    return (wave / np.abs(wave).max() * 12_000).astype(np.int16)


def in_blocks(samples: NDArray[np.int16], size: int = 160_000) -> Iterator[NDArray[np.int16]]:
    samples = np.atleast_2d(samples)
    for at in range(0, samples.shape[1], size):
        yield samples[:, at : at + size]


def changed(
    samples: NDArray[np.int16], change: VoiceChange, rate: int = RATE, size: int = 160_000
) -> NDArray[np.int16]:
    return np.concatenate(list(change.changed(in_blocks(samples, size), rate)), axis=1)


def formant_of(samples: NDArray[np.int16]) -> float:
    """The middle of the spectrum's energy, in Hertz."""
    power = np.abs(np.fft.rfft(samples.astype(float))) ** 2
    return float((power * np.fft.rfftfreq(samples.size, 1 / RATE)).sum() / power.sum())


@pytest.mark.parametrize("voice", [UPWARDS, DOWNWARDS, Voice(1.3, 0.95), Voice(1.0, 1.15)])
def test_pitch_and_formants_are_moved_each_by_its_own_factor(voice: Voice, tmp_path: Path) -> None:
    before = vowel(120, 4)
    after = changed(before, VoiceChange((voice,)))[0]
    source, target = write(tmp_path / "a.wav", before), write(tmp_path / "b.wav", after)
    (low,), (high,) = pitches(source, [[(0, 4)]]), pitches(target, [[(0, 4)]])
    assert low and high
    assert high / low == pytest.approx(voice.pitch, rel=0.03)
    factor = formant_of(after[RATE:-RATE]) / formant_of(before[RATE:-RATE])
    assert factor == pytest.approx(voice.formants, rel=0.06)


@pytest.mark.parametrize("voice", [UPWARDS, DOWNWARDS])
@pytest.mark.parametrize("rate", [8_000, 44_100])
def test_the_length_stays_and_times_stay_within_50_ms(voice: Voice, rate: int) -> None:
    minutes, random = 2, np.random.default_rng(3)
    samples = np.zeros(minutes * 60 * rate, np.int16)
    begins = (np.arange(2, minutes * 60 - 2, 2) + random.uniform(0, 1, minutes * 30 - 2)) * rate
    sound = vowel(140, 0.4, rate=rate)
    for begin in begins.astype(int):
        samples[begin : begin + sound.size] = sound
    after = changed(samples, VoiceChange((voice,)), rate)
    assert after.shape == (1, samples.size)
    for begin in begins.astype(int):
        near = np.abs(after[0, begin - rate // 2 : begin + rate].astype(int)) > 1_200
        first, last = np.flatnonzero(near)[[0, -1]] - rate // 2
        assert abs(first) < 0.05 * rate and abs(last - sound.size) < 0.05 * rate


def test_blocks_of_any_size_give_the_same_sound() -> None:
    samples = np.stack([vowel(110, 7), noise(7)])
    whole = changed(samples, VoiceChange((UPWARDS,)))
    pieces = changed(samples, VoiceChange((UPWARDS,)), size=5_003)
    assert whole.shape == pieces.shape == samples.shape
    assert np.abs(whole.astype(int) - pieces).max() <= 1


def test_who_is_not_changed_stays_exactly_and_others_get_their_own_voices() -> None:
    samples = vowel(120, 12)
    change = VoiceChange(
        (UPWARDS, DOWNWARDS), ((2.0, 4.0, None), (6.0, 8.0, 1), (7.0, 9.0, 0), (9.5, 10.0, None))
    )
    after = changed(samples, change)[0]
    for start, end in ((2.02, 3.98), (9.52, 9.98)):
        part = slice(int(start * RATE), int(end * RATE))
        assert np.array_equal(after[part], samples[part])
    for voice, (start, end) in (
        (UPWARDS, (0.1, 1.9)),
        (UPWARDS, (4.1, 5.9)),
        (DOWNWARDS, (6.1, 6.9)),
        (UPWARDS, (7.1, 9.4)),
    ):
        alone = changed(samples, VoiceChange((voice,)))[0]
        part = slice(int(start * RATE), int(end * RATE))
        assert np.abs(alone[part].astype(int) - after[part]).max() <= 1


def test_where_voices_meet_nothing_clicks() -> None:
    samples = vowel(120, 8)
    stretches = tuple((at, at + 0.5, None) for at in np.arange(0.5, 7.5, 1.0))
    after = changed(samples, VoiceChange((UPWARDS,), stretches))[0]
    steps = np.abs(np.diff(after.astype(int)))
    alone = np.abs(np.diff(changed(samples, VoiceChange((UPWARDS,)))[0].astype(int)))
    assert steps.max() <= 1.1 * max(alone.max(), np.abs(np.diff(samples.astype(int))).max())


@pytest.mark.parametrize("sound", ["tone", "silence", "reversed"])
def test_a_span_stays_covered_when_voices_are_changed(tmp_path: Path, sound: str) -> None:
    source = write(tmp_path / "a.wav", np.stack([noise(20), vowel(120, 20)]))
    settings, spans = Bleep(sound), [(5.0, 6.0), (9.9, 10.2)]  # type: ignore[arg-type]
    target = tmp_path / "b.flac"
    info = bleep(source, target, spans, settings, voices=VoiceChange((UPWARDS,)))
    bleep_check(target, spans, info.duration, settings)
    assert info.duration == 20.0


def test_nothing_of_a_span_is_carried_over_its_edges(tmp_path: Path) -> None:
    """A shift smears over some hundredths of a second: the name must not be in it."""
    samples = np.zeros(RATE * 6, np.int16)
    samples[2 * RATE : 3 * RATE] = vowel(150, 1)
    target = tmp_path / "b.flac"
    source = write(tmp_path / "a.wav", samples)
    bleep(source, target, [(2.0, 3.0)], Bleep("silence", 0.0), voices=VoiceChange((UPWARDS,)))
    assert not any(block.any() for block in native_blocks(target))


def test_a_voice_follows_from_the_secret_and_lies_within_bounds() -> None:
    drawn = [draw(bytes([n]) * 32, label, 110.0) for n in range(40) for label in ("P01", "P02")]
    assert draw(b"\0" * 32, "P01", 110.0) == drawn[0]
    assert len({voice.pitch for voice in drawn}) == len({v.formants for v in drawn}) == 80
    for low, bounds in ((110.0, UP), (220.0, DOWN)):
        for n in range(40):
            voice = draw(bytes([n]) * 32, "P01", low)
            assert bounds[0][0] <= voice.pitch <= bounds[0][1]
            assert bounds[1][0] <= voice.formants <= bounds[1][1]
    assert {draw(bytes([n]) * 32, "P01", None).pitch > 1 for n in range(20)} == {True, False}


def test_pitches_of_speakers_are_told_apart(tmp_path: Path) -> None:
    samples = np.concatenate([vowel(110, 3), vowel(220, 3), noise(3), vowel(110, 1)])
    source = write(tmp_path / "a.wav", samples)
    low, high, hiss, nobody = pitches(
        source, [[(0.1, 2.9), (9.1, 10)], [(3.1, 5.9)], [(6.1, 8.9)], []]
    )
    assert low == pytest.approx(110, rel=0.03) and high == pytest.approx(220, rel=0.03)
    assert hiss is None and nobody is None


def test_memory_is_flat(tmp_path: Path) -> None:
    peaks = []
    for seconds in (20, 40, 120):
        source = write(tmp_path / f"{seconds}.wav", np.tile(noise(10), seconds // 10))
        tracemalloc.start()
        bleep(source, tmp_path / f"{seconds}.flac", [(1.0, 2.0)], voices=VoiceChange((UPWARDS,)))
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[2] < 1.2 * peaks[1]
