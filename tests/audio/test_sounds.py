"""What lies where a name was: each sound, nothing of the name in it, and a check that tells."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from anonpipe.audio.bleep import bleep, bleep_check, ranges_of
from anonpipe.audio.decode import native_blocks
from anonpipe.audio.sounds import HEARD_BEFORE, shown
from anonpipe.errors import RecordingError
from anonpipe.settings import Bleep, BleepSound
from tests.audio.sound import noise, write

SOUNDS: tuple[BleepSound, ...] = ("tone", "silence", "reversed")
SPEECH = Path(__file__).parents[2] / "samples" / "recordings" / "P03_memo.ogg"
SPEECH_RATE = 48_000


def samples_of(path: Path, *, wide: bool = False) -> NDArray[np.int16]:
    return np.concatenate(list(native_blocks(path, wide=wide)), axis=1)


def likeness(one: NDArray[np.int16], other: NDArray[np.int16]) -> float:
    """The highest correlation at any lag, 0..1, of signals made equally loud at each frequency.

    That way hum and a common pitch count for nothing, but one sound in another does, filtered too.
    """
    size = 2 * max(one.size, other.size)
    a, b = (np.fft.rfft(x.astype(float) - x.mean(), n=size) for x in (one, other))
    cross = a * b.conj()
    cross /= np.maximum(np.abs(cross), 1e-6)
    spoken = slice(0, int(size / 2 * 4_000 / (SPEECH_RATE / 2)))  # where speech is
    cross[spoken.stop :] = 0
    found = np.fft.irfft(cross, n=size)
    return float(np.abs(found).max() * size / 2 / spoken.stop)


@pytest.mark.parametrize("sound", SOUNDS)
@pytest.mark.parametrize(("rate", "channels"), [(16_000, 1), (44_100, 2)])
def test_only_the_spans_are_replaced_and_the_check_agrees(
    tmp_path: Path, sound: BleepSound, rate: int, channels: int
) -> None:
    original = np.stack([noise(12, rate, seed=n) for n in range(channels)])
    source, target = write(tmp_path / "a.wav", original, rate), tmp_path / "b.flac"
    settings = Bleep(sound, margin=0.2)
    spans = [(3.0, 4.0), (9.8, 10.5), (11.9, 13.0)]
    info = bleep(source, target, spans, settings)
    written = samples_of(target)
    inside = np.zeros(original.shape[1], bool)
    for first, last in ranges_of(spans, 0.2, rate):
        inside[first:last] = True
    assert inside.sum() / rate == pytest.approx(1.4 + 1.1 + 0.3, abs=0.01)
    assert np.array_equal(written[:, ~inside], original[:, ~inside])
    assert (written[:, inside] != original[:, inside]).mean() > 0.99
    bleep_check(target, spans, info.duration, settings)
    with pytest.raises(RecordingError, match=f"other than {shown(sound)} at"):
        bleep_check(target, spans, info.duration, Bleep(sound, margin=0.5))
    for other in set(SOUNDS) - {sound}:
        with pytest.raises(RecordingError, match=f"other than {shown(other)} at"):
            bleep_check(target, spans, info.duration, Bleep(other, margin=0.2))


@pytest.mark.parametrize("sound", SOUNDS)
@pytest.mark.parametrize("left", ["all", "one channel", "softly", "the end"])
def test_the_check_finds_what_is_left(tmp_path: Path, sound: BleepSound, left: str) -> None:
    original = np.stack([noise(8), noise(8, seed=1)])
    source, target = write(tmp_path / "a.wav", original), tmp_path / "b.flac"
    bleep(source, target, [(3.0, 4.0)], Bleep(sound))
    damaged = samples_of(target)
    name = slice(48_000, 64_000)
    if left == "all":
        damaged[:, name] = original[:, name]
    elif left == "one channel":
        damaged[1, name] = original[1, name]
    elif left == "softly":
        damaged[:, name] += original[:, name] // 2
    else:
        damaged[:, 62_000:66_000] = original[:, 62_000:66_000]
    path = write(tmp_path / "c.flac", damaged, fflags="+bitexact")
    with pytest.raises(RecordingError, match=f"other than {shown(sound)}"):
        bleep_check(path, [(3.0, 4.0)], 8.0, Bleep(sound))


def test_reversed_speech_holds_nothing_of_the_name_forward_or_backward(tmp_path: Path) -> None:
    target = tmp_path / "b.flac"
    spans = [(2.0, 2.6), (6.0, 6.7), (10.0, 11.5)]
    bleep(SPEECH, target, spans, Bleep("reversed", margin=0.0))
    original, written = samples_of(SPEECH)[0], samples_of(target)[0]
    for first, last in ranges_of(spans, 0.0, SPEECH_RATE):
        name, heard = original[first:last], written[first:last]
        assert np.abs(heard).max() > 500  # speech is heard
        assert likeness(name[::-1], name[::-1]) > 0.99 and likeness(name, name // 3) > 0.9
        unlike = max(
            likeness(name, original[at : at + name.size])
            for at in range(0, original.size - name.size, original.size // 9)
            if abs(at - first) > 2 * name.size
        )
        for turned in (heard, heard[::-1]):
            assert likeness(name, turned) < 1.5 * unlike < 0.3


def test_reversed_speech_turned_round_says_what_was_said_openly(tmp_path: Path) -> None:
    source, target = write(tmp_path / "a.wav", noise(20)), tmp_path / "b.flac"
    bleep(source, target, [(6.0, 7.0), (7.5, 14.5)], Bleep("reversed", margin=0.0))
    written = samples_of(target)[0]
    assert np.array_equal(written[96_000:112_000], written[80_000:96_000][::-1])
    # the second covers more than is remembered, and what is remembered leaps over the first
    heard = np.concatenate([written[:96_000], written[112_000:120_000]])[::-1]
    heard = heard[: int(HEARD_BEFORE * 16_000)]
    assert np.array_equal(written[120_000:232_000], np.resize(heard, 112_000))


def test_a_span_before_anything_was_said_is_silent(tmp_path: Path) -> None:
    source, target = write(tmp_path / "a.wav", noise(5)), tmp_path / "b.flac"
    bleep(source, target, [(0.3, 1.0)], Bleep("reversed", 0.15))
    written = samples_of(target)[0]
    assert not written[2_400:18_400].any() and written[:2_300].any()
    bleep_check(target, [(0.3, 1.0)], 5.0, Bleep("reversed", 0.15))


@pytest.mark.parametrize("sound", SOUNDS)
def test_24_bit_recordings_and_neighbouring_spans(tmp_path: Path, sound: BleepSound) -> None:
    import av

    wide = np.random.default_rng(0).integers(-(2**22), 2**22, (1, 480_000)).astype(np.int32) << 8
    source, target = tmp_path / "a.flac", tmp_path / "b.flac"
    with av.open(str(source), "w") as container:
        stream = container.add_stream("flac", rate=16_000)
        stream.codec_context.layout, stream.codec_context.format = "mono", "s32"
        frame = av.AudioFrame.from_ndarray(wide, format="s32", layout="mono")
        frame.sample_rate = 16_000
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    spans = [(9.5, 10.4), (10.71, 11.0), (19.99, 20.01), (29.0, 30.0)]
    bleep(source, target, spans, Bleep(sound, 0.15))
    bleep_check(target, spans, 30.0, Bleep(sound, 0.15))
    assert np.array_equal(samples_of(target, wide=True)[:, :149_000], wide[:, :149_000])


@pytest.mark.parametrize("sound", ["silence", "reversed"])
def test_memory_is_flat(tmp_path: Path, sound: BleepSound) -> None:
    peaks = []
    for seconds in (20, 40, 160):
        source = write(tmp_path / f"{seconds}.flac", np.tile(noise(10), seconds // 10))
        spans = [(float(at), at + 1.0) for at in range(5, seconds - 5, 10)]
        target = tmp_path / f"{seconds}.out"
        tracemalloc.start()
        bleep(source, target, spans, Bleep(sound))
        bleep_check(target, spans, seconds, Bleep(sound))
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[2] < 1.2 * peaks[1]
