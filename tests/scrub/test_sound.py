"""Recordings rid of what they say besides their sound."""

from __future__ import annotations

import hashlib
from pathlib import Path

import av
import numpy as np
import pytest

from anonpipe.audio.decode import is_wide, native_blocks
from anonpipe.errors import RecordingError
from anonpipe.plaintext import Plaintext, Readable
from anonpipe.scrub import scrub_sound
from anonpipe.scrub.sound import _copy_packets
from tests.audio import sound
from tests.scrub import planted

SPEECH = np.stack([sound.sine(330, 3.3, 44_100), sound.noise(3.3, 44_100)])
TAGS = dict.fromkeys(
    (
        *("title", "artist", "album", "comment", "description", "copyright", "composer"),
        *("location", "com.apple.quicktime.location.ISO6709", "creation_time", "encoded_by"),
        "METADATA_BLOCK_PICTURE",
    ),
    planted.CANARY,
)


def heard(recording: Readable) -> str:
    wide = is_wide(recording)
    blocks = [block.T for block in native_blocks(recording, wide=wide)]
    return hashlib.sha256(np.concatenate(blocks).tobytes()).hexdigest()


def tagged(kind: str) -> bytes:
    return sound.encode(SPEECH, kind, 44_100, tags=TAGS)


PLANTED = {
    "mp3-id3v2.4": ("copied", lambda: planted.id3v2() + tagged("mp3")),
    "mp3-id3v2.3-utf16": ("copied", lambda: planted.id3v2(3, utf16=True) + tagged("mp3")),
    "mp3-id3v1": ("copied", lambda: tagged("mp3") + planted.id3v1()),
    "mp3-all": (
        "copied",
        lambda: (
            planted.id3v2() + planted.id3v2(3) + tagged("mp3") + planted.apev2() + planted.id3v1()
        ),
    ),
    "wav": ("recoded", lambda: planted.riff(tagged("wav"))),
    "m4a": ("copied", lambda: planted.mp4(tagged("m4a"))),
    "mp4": ("copied", lambda: planted.mp4(tagged("mp4"))),
    "mov": ("copied", lambda: planted.mp4(tagged("mov"))),
    "flac": ("recoded", lambda: planted.flac(tagged("flac"))),
    "ogg": ("copied", lambda: tagged("ogg")),
    "opus": ("copied", lambda: tagged("opus")),
    "webm": ("recoded", lambda: tagged("webm")),
    "aac": ("copied", lambda: planted.id3v2() + tagged("aac") + planted.id3v1() + planted.apev2()),
    "wma": ("copied", lambda: tagged("wma")),
}


@pytest.mark.parametrize("case", PLANTED)
def test_a_canary_in_every_field_is_gone_and_the_sound_is_the_same(case: str) -> None:
    how, make = PLANTED[case]
    before = Plaintext("R01", make())
    if case != "aac":  # whose own container has no fields; what is planted is outside it
        assert planted.has_canary(before.data)
    after = scrub_sound(before, "R01")
    assert not planted.has_canary(after.content.data)
    assert b"Lavf62" not in after.content.data  # nor the version of what wrote it
    assert heard(after.content) == heard(before)
    assert after.method.endswith(how)


def test_the_comments_inside_the_headers_of_vorbis_go() -> None:
    import io

    file = io.BytesIO()
    with av.open(file, "w", format="ogg") as container:
        stream = container.add_stream("vorbis", rate=44_100, layout="stereo")
        stream.codec_context.options = {"strict": "experimental"}
        stream.metadata["artist"] = planted.CANARY
        for begin in range(0, 44_100, 4_410):
            part = np.ascontiguousarray(SPEECH[:, begin : begin + 4_410])
            frame = av.AudioFrame.from_ndarray(
                part.astype(np.float32) / 32_768, format="fltp", layout="stereo"
            )
            frame.sample_rate = 44_100
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    before = Plaintext("R01", file.getvalue())
    assert planted.has_canary(before.data)
    after = scrub_sound(before, "R01")  # whose times are odd, so that samples are written anew
    assert heard(after.content) == heard(before)
    for data in (after.content.data, _copy_packets(before, "ogg")):
        assert data and not planted.has_canary(data) and b"Lavc" not in data


@pytest.mark.parametrize("kind", ["mp3", "flac", "m4a"])
def test_a_cover_picture_goes_without_asking(kind: str, tmp_path: Path) -> None:
    path = with_cover(tmp_path / f"R.{kind}")
    assert b"IHDR" in path.read_bytes()
    after = scrub_sound(path, "R01").content
    assert b"IHDR" not in after.data and heard(after) == heard(path)


def with_cover(path: Path) -> Path:
    form = {"m4a": "mp4"}.get(path.suffix[1:], path.suffix[1:])
    with av.open(str(path), "w", format=form) as container:
        audio = container.add_stream(sound.CODECS[path.suffix[1:]], rate=44_100)
        audio.codec_context.layout = "stereo"
        cover = container.add_stream("png", rate=1)
        cover.width, cover.height, cover.pix_fmt = 8, 8, "rgb24"
        cover.disposition = av.stream.Disposition.attached_pic
        image = av.VideoFrame.from_ndarray(np.zeros((8, 8, 3), np.uint8), format="rgb24")
        container.mux(cover.encode(image))
        container.mux(cover.encode(None))
        for begin in range(0, SPEECH.shape[1], 44_100):
            part = np.ascontiguousarray(SPEECH[:, begin : begin + 44_100])
            frame = av.AudioFrame.from_ndarray(part, format="s16p", layout="stereo")
            frame.sample_rate = 44_100
            container.mux(audio.encode(frame))
        container.mux(audio.encode(None))
    return path


def test_moving_pictures_are_never_lost_unasked() -> None:
    video = Plaintext("talk.mp4", sound.encode(SPEECH, "mp4", 44_100, picture=True))
    with pytest.raises(RecordingError, match="--drop-pictures"):
        scrub_sound(video, "R01")
    after = scrub_sound(video, "R01", drop_pictures=True).content
    assert heard(after) == heard(video) and len(after.data) < len(video.data)


def test_several_sound_tracks_are_refused() -> None:
    import io

    file = io.BytesIO()
    with av.open(file, "w", format="mp4") as container:
        tracks = [container.add_stream("aac", rate=44_100, layout="mono") for _ in range(2)]
        for track in tracks:
            frame = av.AudioFrame.from_ndarray(SPEECH[:1, :4096], format="s16p", layout="mono")
            frame.sample_rate = 44_100
            container.mux(track.encode(frame))
            container.mux(track.encode(None))
    with pytest.raises(RecordingError, match="2 sound tracks"):
        scrub_sound(Plaintext("R", file.getvalue()), "R01")


@pytest.mark.parametrize(
    ("codec", "dtype", "how"),
    [
        ("pcm_u8", "u8", "samples-recoded"),
        ("pcm_s24le", "s32", "samples-recoded"),
        ("pcm_s32le", "s32", "packets-copied"),
        ("pcm_f32le", "flt", "packets-copied"),
        ("pcm_mulaw", "s16", "samples-recoded"),
        ("adpcm_ima_wav", "s16p", "samples-recoded"),
    ],
)
def test_every_width_of_samples_is_kept(codec: str, dtype: str, how: str) -> None:
    import io

    file = io.BytesIO()
    with av.open(file, "w", format="wav") as container:
        container.metadata["title"] = planted.CANARY
        stream = container.add_stream(codec, rate=44_100, layout="mono")
        rng = np.random.default_rng(3)
        values = {
            "u8": rng.integers(0, 255, (1, 8192)).astype(np.uint8),
            "s16": rng.integers(-9000, 9000, (1, 8192)).astype(np.int16),
            "s16p": rng.integers(-9000, 9000, (1, 8192)).astype(np.int16),
            "s32": rng.integers(-(2**30), 2**30, (1, 8192)).astype(np.int32),
            "flt": rng.normal(0, 2, (1, 8192)).astype(np.float32),  # louder than full scale
        }[dtype]
        frame = av.AudioFrame.from_ndarray(values, format=dtype, layout="mono")
        frame.sample_rate = 44_100
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    before = Plaintext("R01", planted.riff(file.getvalue()))
    after = scrub_sound(before, "R01")
    assert after.method == how and heard(after.content) == heard(before)
    assert not planted.has_canary(after.content.data)
    if codec == "pcm_f32le":
        assert values.tobytes() in after.content.data  # above full scale too


@pytest.mark.parametrize("length", [0, 0xFFFF_FFFF])
def test_a_description_that_would_be_taken_for_sound_is_refused(length: int) -> None:
    whole = tagged("wav")
    at = whole.index(b"data") + 4
    endless = whole[:4] + b"\xff" * 4 + whole[8:at] + length.to_bytes(4, "little") + whole[at + 4 :]
    assert heard(Plaintext("R", endless)) == heard(
        scrub_sound(Plaintext("R", endless), "R").content
    )
    note = planted.chunk(b"iXML", planted.CANARY.encode())
    with pytest.raises(RecordingError, match="does not say where its sound ends"):
        scrub_sound(Plaintext("R", endless + note), "R01")


@pytest.mark.parametrize(
    ("form", "codec", "dtype", "rate"),
    [
        ("aiff", "pcm_s16be", "s16", 44_100),
        ("caf", "pcm_s16le", "s16", 44_100),
        ("w64", "pcm_s16le", "s16", 44_100),
        ("matroska", "aac", "fltp", 44_100),
        ("avi", "pcm_s16le", "s16", 44_100),
        ("mp4", "alac", "s16p", 44_100),
        ("mp4", "ac3", "fltp", 44_100),
        ("mpegts", "mp2", "s16", 44_100),
        ("wv", "wavpack", "s16p", 44_100),
        ("amr", "libopencore_amrnb", "s16", 8_000),
    ],
)
def test_every_container_gives_way_to_a_bare_one(
    form: str, codec: str, dtype: str, rate: int
) -> None:
    import io

    file = io.BytesIO()
    samples = sound.sine(330, 2.0, rate)[None, :]
    values = samples if dtype.startswith("s16") else samples.astype(np.float32) / 32_768
    with av.open(file, "w", format=form) as container:
        container.metadata.update(TAGS)
        stream = container.add_stream(codec, rate=rate, layout="mono")
        stream.metadata.update({"title": planted.CANARY, "handler_name": planted.CANARY})
        for begin in range(0, values.shape[1], 1600):
            part = np.ascontiguousarray(values[:, begin : begin + 1600])
            frame = av.AudioFrame.from_ndarray(part, format=dtype, layout="mono")
            frame.sample_rate = rate
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    before = Plaintext("R01", file.getvalue())
    after = scrub_sound(before, "R01").content
    assert heard(after) == heard(before) and not planted.has_canary(after.data)


def test_what_cannot_be_read_to_its_end_is_refused() -> None:
    whole = tagged("wav")
    with pytest.raises(RecordingError, match="cut off"):
        scrub_sound(Plaintext("REC.wav", whole[: len(whole) // 2]), "R01")
    with pytest.raises(RecordingError, match="cut off"):
        scrub_sound(Plaintext("REC.mp3", tagged("mp3") + planted.lyrics3()), "R01")
    with pytest.raises(RecordingError, match="cannot be read as a recording"):
        scrub_sound(Plaintext("REC.wav", b"no sound at all"), "R01")
