"""The bleeped copy: nothing of the original under the tone, everything else as it was."""

from __future__ import annotations

import errno
import os
import stat
import subprocess
import tempfile
import tracemalloc
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from anonpipe.audio.bleep import bleep, bleep_check, merge_spans
from anonpipe.audio.decode import blocks, native_blocks, probe
from anonpipe.errors import RecordingError
from anonpipe.settings import Bleep
from tests.audio.sound import encode, noise, sine, write

SETTINGS = Bleep(margin=0.15)
TAGS = {"title": "Interview with Kari", "artist": "Ola Hansen", "comment": "at Solbakken"}


def samples_of(path: Path) -> NDArray[np.int16]:
    return np.concatenate(list(native_blocks(path)), axis=1)


def test_spans_are_sorted_widened_clamped_and_joined() -> None:
    spans = [(5.0, 6.0), (0.1, 0.5), (6.2, 7.0), (9.9, 12.0), (20.0, 21.0)]
    merged = merge_spans(spans, 0.15, 10.0)
    assert merged == [
        (0.0, pytest.approx(0.65)),
        (pytest.approx(4.85), pytest.approx(7.15)),
        (pytest.approx(9.75), 10.0),
    ]


def test_a_point_becomes_a_beep_that_can_be_heard() -> None:
    ((start, end),) = merge_spans([(1.0, 1.0)], 0.0, 10.0)
    assert (start, end) == (pytest.approx(0.95), pytest.approx(1.05))


@pytest.mark.parametrize("span", [(2.0, 1.0), (float("nan"), 1.0), (0.0, float("inf"))])
def test_an_impossible_span_is_an_error(span: tuple[float, float]) -> None:
    with pytest.raises(ValueError, match="span"):
        merge_spans([span], 0.1, 10.0)


@pytest.mark.parametrize(("rate", "channels"), [(16_000, 1), (44_100, 2), (8_000, 1)])
def test_tone_inside_and_the_same_samples_outside(tmp_path: Path, rate: int, channels: int) -> None:
    original = np.stack([noise(12, rate, seed=n) for n in range(channels)])
    source = write(tmp_path / "a.wav", original, rate)
    target = tmp_path / "b.part"
    info = bleep(source, target, [(3.0, 4.0), (9.8, 10.5)], SETTINGS)
    bleeped = samples_of(target)
    assert bleeped.shape == original.shape
    assert (info.sample_rate, info.channels) == (rate, channels)
    inside = np.zeros(original.shape[1], bool)
    for start, end in ((2.85, 4.15), (9.65, 10.65)):
        inside[round(start * rate) - 1 : round(end * rate) + 1] = True
    assert np.array_equal(bleeped[:, ~inside], original[:, ~inside])
    for start, end in ((2.9, 4.1), (9.7, 10.6)):
        part = bleeped[:, int(start * rate) : int(end * rate)].astype(float)
        spectrum = np.abs(np.fft.rfft(part, axis=1)) ** 2
        hertz = np.fft.rfftfreq(part.shape[1], 1 / rate)
        near = spectrum[:, np.abs(hertz - 1000) < 20].sum(axis=1)
        assert (near / spectrum.sum(axis=1) > 0.999).all()
        assert 20 * np.log10(np.sqrt((part**2).mean()) / 32_768) == pytest.approx(-20, abs=0.5)
    bleep_check(target, [(3.0, 4.0), (9.8, 10.5)], 12.0, SETTINGS)


@pytest.mark.parametrize("kind", ["mp3", "m4a", "ogg", "mp4", "flac"])
def test_no_tag_picture_or_name_is_left(tmp_path: Path, kind: str) -> None:
    source = write(
        tmp_path / f"a.{kind}", noise(4, 44_100), 44_100, tags=TAGS, picture=kind == "mp4"
    )
    target = tmp_path / "b.part"
    bleep(source, target, [(1.0, 2.0)])
    with av.open(str(target)) as container:
        assert not container.metadata
        assert [stream.type for stream in container.streams] == ["audio"]
        assert not container.streams[0].metadata
    data = target.read_bytes()
    assert not any(word in data for word in (b"Kari", b"Ola", b"Solbakken", b"title", b"Lavf"))
    bleep_check(target, [(1.0, 2.0)], probe(source).duration)


def test_24_bit_recordings_keep_their_bits(tmp_path: Path) -> None:
    wide = np.random.default_rng(0).integers(-(2**22), 2**22, (1, 48_000)).astype(np.int32) << 8
    source = tmp_path / "a.flac"
    with av.open(str(source), "w") as container:
        stream = container.add_stream("flac", rate=16_000)
        stream.codec_context.layout, stream.codec_context.format = "mono", "s32"
        frame = av.AudioFrame.from_ndarray(wide, format="s32", layout="mono")
        frame.sample_rate = 16_000
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    target = tmp_path / "b.flac"
    bleep(source, target, [(2.0, 2.5)])
    kept = np.concatenate(list(native_blocks(target, wide=True)), axis=1)
    assert np.array_equal(kept[:, :28_000], wide[:, :28_000])
    bleep_check(target, [(2.0, 2.5)], 3.0)


def test_a_span_over_the_joint_of_blocks(tmp_path: Path) -> None:
    source = write(tmp_path / "a.wav", noise(25))
    target = tmp_path / "b.flac"
    bleep(source, target, [(9.0, 11.0), (19.95, 20.05)])
    bleep_check(target, [(9.0, 11.0), (19.95, 20.05)], 25.0)


def test_the_end_of_the_recording_can_be_bleeped(tmp_path: Path) -> None:
    source = write(tmp_path / "a.wav", noise(5))
    target = tmp_path / "b.flac"
    bleep(source, target, [(4.5, 9.0)])
    bleep_check(target, [(4.5, 9.0)], 5.0)


def test_check_finds_speech_left_under_a_span(tmp_path: Path) -> None:
    source = write(tmp_path / "a.wav", np.stack([noise(5), noise(5, seed=1)]))
    target = tmp_path / "b.flac"
    bleep(source, target, [(1.0, 2.0)], SETTINGS)
    with pytest.raises(RecordingError, match=r"other than the tone at 2\.9 s"):
        bleep_check(target, [(1.0, 2.0), (3.0, 3.2)], 5.0, SETTINGS)


def test_check_finds_one_channel_left(tmp_path: Path) -> None:
    tone = sine(1000, 3, level=0.15)
    path = write(tmp_path / "a.flac", np.stack([tone, noise(3)]), fflags="+bitexact")
    with pytest.raises(RecordingError, match="other than the tone"):
        bleep_check(path, [(1.0, 2.0)], 3.0)


def test_check_finds_speech_softly_under_the_tone(tmp_path: Path) -> None:
    mixed = sine(1000, 3, level=0.14) + noise(3, level=0.05)
    path = write(tmp_path / "a.flac", mixed, fflags="+bitexact")
    with pytest.raises(RecordingError, match="other than the tone"):
        bleep_check(path, [(1.0, 2.0)], 3.0)


def test_check_finds_a_wrong_length_tags_and_damage(tmp_path: Path) -> None:
    path = write(tmp_path / "a.flac", sine(1000, 3, level=0.15))
    with pytest.raises(RecordingError, match=r"carries tags|lasts"):
        bleep_check(path, [], 3.0)  # the encoder's tag
    target = tmp_path / "b.flac"
    bleep(path, target, [])
    with pytest.raises(RecordingError, match=r"lasts 3\.0 instead of 4\.0"):
        bleep_check(target, [], 4.0)
    target.write_bytes(target.read_bytes()[:-5_000])
    with pytest.raises(RecordingError, match=r"cut off|cannot be read"):
        bleep_check(target, [], 3.0)


def test_only_the_user_may_read_it_and_nothing_is_overwritten(tmp_path: Path) -> None:
    source = write(tmp_path / "a.wav", noise(1))
    target = tmp_path / "b.flac"
    bleep(source, target, [])
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    before = target.read_bytes()
    with pytest.raises(RecordingError, match=r"b\.flac cannot be written"):
        bleep(source, target, [(0.1, 0.2)])
    assert target.read_bytes() == before


def test_a_cut_off_source_leaves_nothing_behind(tmp_path: Path) -> None:
    source = tmp_path / "a.mp3"
    data = encode(noise(10, 44_100), "mp3", 44_100)
    source.write_bytes(data[: len(data) // 2])
    with pytest.raises(RecordingError, match="cut off"):
        bleep(source, tmp_path / "b.flac", [(1.0, 2.0)])
    assert [path.name for path in tmp_path.iterdir()] == ["a.mp3"]


def test_a_full_disk_is_one_sentence_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = write(tmp_path / "a.wav", noise(2))

    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(RecordingError, match=r"b\.flac cannot be written \(No space left"):
        bleep(source, tmp_path / "b.flac", [(0.5, 1.0)])
    assert not (tmp_path / "b.flac").exists()


def test_no_program_and_no_temporary_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = write(tmp_path / "a.m4a", noise(2, 44_100), 44_100)

    def forbidden(*_args: object, **_kwargs: object) -> None:
        raise AssertionError("neither programs nor temporary files")

    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(subprocess, "Popen", forbidden)
    monkeypatch.setattr(tempfile, "NamedTemporaryFile", forbidden)
    monkeypatch.setattr(tempfile, "TemporaryFile", forbidden)
    bleep(source, tmp_path / "b.flac", [(0.5, 1.0)])
    assert next(blocks(tmp_path / "b.flac")).any()


def test_memory_is_flat(tmp_path: Path) -> None:
    bleep(write(tmp_path / "w.wav", noise(1)), tmp_path / "w.flac", [(0.2, 0.4)])  # imports
    peaks = []
    for seconds in (40, 160):
        source = write(tmp_path / f"{seconds}.flac", np.tile(noise(10), seconds // 10))
        spans = [(float(at), at + 1.0) for at in range(5, seconds - 5, 10)]
        target = tmp_path / f"{seconds}.out"
        tracemalloc.start()
        bleep(source, target, spans)
        bleep_check(target, spans, seconds)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 1.2 * peaks[0]
