"""Decoding: every format, flat and local, and one sentence for whatever is wrong."""

from __future__ import annotations

import subprocess
import tempfile
import tracemalloc
import wave
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from anonpipe.audio import decode
from anonpipe.errors import RecordingError
from tests.audio.sound import encode, noise, silent_video, sine, write


def whole(path: Path, **settings: object) -> NDArray[np.int16]:
    return np.concatenate(list(decode.blocks(path, **settings)), axis=1)  # type: ignore[arg-type]


def loudest_hertz(samples: NDArray[np.int16], rate: int = 16_000) -> float:
    spectrum = np.abs(np.fft.rfft(samples.astype(float)))
    return float(spectrum.argmax() * rate / samples.size)


def refused(path: Path, *, says: str) -> None:
    with pytest.raises(RecordingError) as caught:
        list(decode.blocks(path))
    message = str(caught.value)
    assert says in message
    assert path.name in message
    assert message.endswith(".") and "\n" not in message
    assert caught.value.__cause__ is None


@pytest.mark.parametrize("kind", ["wav", "flac", "mp3", "m4a", "ogg", "opus", "aac", "wma"])
def test_reads_every_audio_format(tmp_path: Path, kind: str) -> None:
    path = write(tmp_path / f"a.{kind}", sine(440, 3, 44_100), 44_100)
    samples = whole(path)
    assert samples.dtype == np.int16
    assert samples.shape[0] == 1
    assert samples.shape[1] / 16_000 == pytest.approx(3, abs=0.1)
    assert loudest_hertz(samples[0]) == pytest.approx(440, abs=2)


@pytest.mark.parametrize("kind", ["mp4", "mov", "webm"])
def test_reads_the_sound_of_a_video(tmp_path: Path, kind: str) -> None:
    path = write(tmp_path / f"a.{kind}", sine(440, 2, 48_000), 48_000, picture=kind != "webm")
    assert loudest_hertz(whole(path)[0]) == pytest.approx(440, abs=2)


def test_probe_states_length_channels_rate_and_codec(tmp_path: Path) -> None:
    stereo = np.stack([sine(300, 2, 22_050), sine(600, 2, 22_050)])
    info = decode.probe(write(tmp_path / "a.mp3", stereo, 22_050))
    assert info.duration == pytest.approx(2, abs=0.1)
    assert (info.channels, info.sample_rate, info.codec) == (2, 22_050, "mp3")


def test_probe_counts_where_the_container_states_no_length(tmp_path: Path) -> None:
    info = decode.probe(write(tmp_path / "a.aac", sine(300, 5, 16_000)))
    assert info.duration == pytest.approx(5, abs=0.2)


def test_channels_are_kept_or_mixed(tmp_path: Path) -> None:
    path = write(tmp_path / "a.flac", np.stack([sine(300, 2), sine(700, 2)]))
    kept = whole(path)
    assert [loudest_hertz(row) for row in kept] == [300, 700]
    mixed = whole(path, channels=1)
    assert mixed.shape[0] == 1
    assert np.abs(mixed[0].astype(int) - kept.astype(int).sum(axis=0) // 2).max() <= 2


def test_blocks_are_bounded_and_lose_nothing(tmp_path: Path) -> None:
    samples = noise(35)
    sizes = [block.shape[1] for block in decode.blocks(write(tmp_path / "a.wav", samples))]
    assert sum(sizes) == samples.size
    assert max(sizes) <= 11 * 16_000
    assert len(sizes) >= 4


def test_memory_is_flat(tmp_path: Path) -> None:
    path = write(tmp_path / "a.flac", np.tile(noise(10), 24))
    tracemalloc.start()
    for _ in decode.blocks(path):
        pass
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 3_000_000  # four minutes are 7.7 MB


def test_native_blocks_are_the_recordings_own_samples(tmp_path: Path) -> None:
    samples = np.stack([noise(3, 44_100), noise(3, 44_100, seed=1)])
    path = write(tmp_path / "a.wav", samples, 44_100)
    assert np.array_equal(np.concatenate(list(decode.native_blocks(path)), axis=1), samples)


def test_no_program_no_temporary_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path / "a.m4a", sine(440, 1, 44_100), 44_100)

    def forbidden(*_args: object, **_kwargs: object) -> None:
        raise AssertionError("neither programs nor temporary files")

    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(subprocess, "Popen", forbidden)
    monkeypatch.setattr(tempfile, "NamedTemporaryFile", forbidden)
    monkeypatch.setattr(tempfile, "TemporaryFile", forbidden)
    assert whole(path).any()


def test_empty_file(tmp_path: Path) -> None:
    (tmp_path / "a.wav").touch()
    refused(tmp_path / "a.wav", says="is empty")


def test_text_called_wav(tmp_path: Path) -> None:
    (tmp_path / "a.wav").write_text("Intervju med Kari Nordmann\n" * 50)
    refused(tmp_path / "a.wav", says="cannot be read as a recording")


def test_text_of_the_file_is_not_in_the_error(tmp_path: Path) -> None:
    (tmp_path / "a.wav").write_text("Kari Nordmann")
    with pytest.raises(RecordingError) as caught:
        decode.probe(tmp_path / "a.wav")
    assert "Kari" not in str(caught.value)


def test_wav_of_no_seconds(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, 16_000, 0, "NONE", ""))
    refused(path, says="holds no sound")
    with pytest.raises(RecordingError, match="holds no sound"):
        decode.probe(path)


def test_video_without_sound(tmp_path: Path) -> None:
    refused(silent_video(tmp_path / "a.mp4"), says="has no sound track")


def test_folder_and_missing_file(tmp_path: Path) -> None:
    (tmp_path / "a.wav").mkdir()
    refused(tmp_path / "a.wav", says="is a folder")
    refused(tmp_path / "b.wav", says="There is no file")


def test_unreadable_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path / "a.wav", sine(440, 1))

    def denied(*_args: object, **_kwargs: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", denied)  # root may read anything, so chmod proves nothing
    refused(path, says="Permission denied")


@pytest.mark.parametrize("kind", ["mp3", "wav", "flac", "ogg"])
@pytest.mark.parametrize("left", [0.3, 0.8])
def test_truncated_file_is_an_error(tmp_path: Path, kind: str, left: float) -> None:
    data = encode(noise(10, 44_100), kind, 44_100)
    path = tmp_path / f"a.{kind}"
    path.write_bytes(data[: int(len(data) * left)])
    refused(path, says="is cut off")
    assert 1 < whole(path, partial=True).shape[1] / 16_000 < 9.5


@pytest.mark.parametrize("left", [0.3, 0.8])
def test_truncated_mp4_without_its_index_is_an_error(tmp_path: Path, left: float) -> None:
    data = encode(noise(10, 44_100), "mp4", 44_100)
    (tmp_path / "a.mp4").write_bytes(data[: int(len(data) * left)])
    refused(tmp_path / "a.mp4", says="cannot be read as a recording")


@pytest.mark.parametrize("left", [0.3, 0.8])
def test_truncated_mp4_with_its_index_is_an_error(tmp_path: Path, left: float) -> None:
    path = write(tmp_path / "a.mp4", noise(10, 44_100), 44_100, movflags="+faststart")
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * left)])
    refused(path, says="is cut off")


def test_mp3_without_a_frame_count_cut_within_a_frame(tmp_path: Path) -> None:
    data = encode(noise(10, 44_100), "mp3", 44_100, write_xing="0", id3v2_version="0")
    path = tmp_path / "a.mp3"
    path.write_bytes(data)
    assert whole(path).shape[1] / 16_000 == pytest.approx(10, abs=0.1)
    path.write_bytes(data[: len(data) // 2 + 7])
    refused(path, says="is cut off")


def test_wav_whose_header_was_never_finished(tmp_path: Path) -> None:
    """A recorder that lost power leaves a length of 0; the sound behind it is whole."""
    data = bytearray(encode(noise(4), "wav"))
    at = data.index(b"data") + 4
    data[at : at + 4] = b"\xff\xff\xff\xff"
    (tmp_path / "a.wav").write_bytes(data)
    assert whole(tmp_path / "a.wav").shape[1] == pytest.approx(4 * 16_000, abs=20)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.m3u8", "#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\n{0}\n#EXT-X-ENDLIST\n"),
        ("a.wav", "ffconcat version 1.0\nfile '{0}'\n"),
        ("a.mp3", "#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nfile:{0}\n#EXT-X-ENDLIST\n"),
    ],
)
def test_a_playlist_opens_no_other_file(tmp_path: Path, name: str, text: str) -> None:
    other = write(tmp_path / "other.wav", sine(440, 2))
    path = tmp_path / name
    path.write_text(text.format(other))
    refused(path, says="cannot be read as a recording")


@pytest.mark.parametrize("address", ["http://127.0.0.1:9/a.mp3", "concat:other.wav", "pipe:0"])
def test_an_address_is_only_a_file_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    write(tmp_path / "other.wav", sine(440, 2))
    monkeypatch.chdir(tmp_path)
    with pytest.raises(RecordingError, match="There is no file"):
        decode.probe(Path(address))


def test_a_file_with_an_address_for_a_name_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    path = Path("concat:a.wav")
    path.write_bytes(encode(sine(440, 1), "wav"))
    assert decode.probe(path).duration == pytest.approx(1, abs=0.01)
