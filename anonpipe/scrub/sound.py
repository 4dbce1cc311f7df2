"""A recording's sound in a bare container, proved to be the same sound.

Compressed sound and samples of 32 bits are copied packet by packet, everything else is
written anew as FLAC, which loses nothing. Whichever way, the result has to decode to the
same samples, at the same rate, on the same channels, and to carry nothing besides.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from typing import Any, BinaryIO

from anonpipe.audio.decode import (
    codec_name,
    is_wide,
    mp3_frame_size,
    native_blocks,
    opened,
    packets_of,
    probe,
)
from anonpipe.audio.flac import write_sound
from anonpipe.errors import RecordingError
from anonpipe.plaintext import Plaintext, Readable
from anonpipe.scrub.scrubbed import Scrubbed

COPIED = {
    "aac": "mp4",
    "mp3": "mp3",
    "opus": "ogg",
    "vorbis": "ogg",
    "wmav1": "asf",
    "wmav2": "asf",
    # More bits than FLAC as FFmpeg writes it; recorders use floats for their headroom.
    "pcm_f32le": "wav",
    "pcm_f64le": "wav",
    "pcm_s32le": "wav",
}
"""Codecs whose packets are copied, and FFmpeg's name of the container that they go into."""

_SET_BY_FFMPEG = {
    "major_brand": {"isom"},
    "minor_version": {"512"},
    "compatible_brands": {"isomiso2mp41"},
    "handler_name": {"SoundHandler"},
    "language": {"und"},
    "vendor_id": {"[0][0][0][0]"},
    "encoder": {"Lavf", "ffmpeg"},
}
"""Fields that FFmpeg's writers set themselves, and to what."""


_TAIL = 1 << 20


def scrub_sound(recording: Readable, name: str, *, drop_pictures: bool = False) -> Scrubbed:
    """The sound of a recording and nothing else; `name` becomes the content's.

    `drop_pictures` allows that a video's pictures are left out; cover pictures always are.
    Memory: one recording more. Raises RecordingError where the recording cannot be read to
    its end, holds moving pictures or several sound tracks, or cannot be proved unchanged.
    """
    codec = only_sound(recording, drop_pictures)
    before = _heard(recording)
    if codec in COPIED:
        copied = Plaintext(name, _copy_packets(recording, COPIED[codec]))
        if _is_bare(copied) and _same(copied, before):
            return Scrubbed(copied, "packets-copied")
    if codec in ("pcm_f32le", "pcm_f64le", "pcm_s32le"):
        raise _unproved(recording)
    file = io.BytesIO()
    write_sound(recording, file)
    recoded = Plaintext(name, file.getvalue())
    if not (_is_bare(recoded) and _same(recoded, before)):
        raise _unproved(recording)
    return Scrubbed(recoded, "samples-recoded")


def only_sound(recording: Readable, drop_pictures: bool) -> str:
    """The codec of a recording, once it is sure that nothing would be lost unnoticed."""
    import av

    with opened(recording) as (container, stream, file):
        if len(container.streams.audio) > 1:
            raise RecordingError(
                f"{recording.name} holds {len(container.streams.audio)} sound tracks, and only the "
                "first would be kept: save the one that counts as a file of its own."
            )
        moving = [
            video
            for video in container.streams.video
            if not video.disposition & av.stream.Disposition.attached_pic
        ]
        if moving and not drop_pictures:
            raise RecordingError(
                f"{recording.name} holds moving pictures, which anonpipe does not keep: take it "
                "with --drop-pictures, or save its sound as a file of its own."
            )
        if container.format.name == "wav" and _ends_in_a_chunk(file):
            raise RecordingError(
                f"{recording.name} does not say where its sound ends, and what looks like a "
                "description follows it: open it in a sound editor and save it again."
            )
        return codec_name(stream.codec_context)


def _ends_in_a_chunk(file: BinaryIO) -> bool:
    """Whether FFmpeg takes a RIFF chunk at the end for sound, as the data chunk has no length.

    It does where that is 0, or reaches beyond the end of the file. Looked for is a chunk that
    ends with the file, in the last MiB.
    """
    position = file.tell()
    try:
        size = file.seek(0, 2)
        start = 12  # RIFF, its size, WAVE
        while True:
            file.seek(start)
            head = file.read(8)
            length = int.from_bytes(head[4:], "little")
            if len(head) < 8:
                return False
            if head[:4] == b"data":
                break
            start += 8 + length + length % 2
        if 0 < length < size - start - 8:
            return False
        at = max(start + 8, size - _TAIL)
        file.seek(at)
        tail = file.read()
    finally:
        file.seek(position)
    for begin in range((at - start) % 2, len(tail) - 8, 2):
        length = int.from_bytes(tail[begin + 4 : begin + 8], "little")
        if 0 <= len(tail) - begin - 8 - length <= 1 and tail[begin : begin + 4].isascii():
            return True
    return False


def _copy_packets(recording: Readable, form: str) -> bytes:
    import av

    file = io.BytesIO()
    with opened(recording) as (container, stream, _):
        codec = codec_name(stream.codec_context)
        try:
            bare = av.open(file, mode="w", format=form, container_options={"fflags": "+bitexact"})
            with bare:
                out = bare.add_stream_from_template(stream)
                for packet in _whole_packets(recording, container, stream, codec):
                    packet.stream = out
                    bare.mux(packet)
        except (av.FFmpegError, ValueError, OSError):
            return b""  # the container does not take them; the samples are written anew
    return file.getvalue()


def _whole_packets(recording: Readable, container: Any, stream: Any, codec: str) -> Iterator[Any]:
    """Packets as they are; of MPEG sound without what lies between frames (APE tags, lyrics)."""
    import av

    for packet in packets_of(recording, container, stream):
        if not packet.size:
            continue
        data = bytes(packet)
        size = _frame_size(data, codec)
        if size is None or size == len(data):
            yield packet
        elif 0 < size < len(data):
            short = av.Packet(data[:size])
            short.pts, short.dts, short.duration = packet.pts, packet.dts, packet.duration
            short.time_base = packet.time_base
            yield short


def _frame_size(data: bytes, codec: str) -> int | None:
    """How long a packet states to be, 0 if it is none; None where packets do not state it."""
    if codec == "mp3":
        return mp3_frame_size(data) or 0
    if codec == "aac" and data[0] == 0xFF and data[1] & 0xF6 == 0xF0:  # ADTS (ISO/IEC 13818-7)
        return (data[3] & 3) << 11 | data[4] << 3 | data[5] >> 5
    return None


def _heard(recording: Readable) -> tuple[object, ...]:
    """What a recording decodes to: rate, width, length and a digest of each channel."""
    wide = is_wide(recording)
    digests: list[Any] = []
    count = 0
    for block in native_blocks(recording, wide=wide):
        digests = digests or [hashlib.sha256() for _ in block]
        count += block.shape[1]
        for digest, samples in zip(digests, block, strict=True):
            digest.update(samples.tobytes())
    rate = probe(recording).sample_rate
    return rate, wide, count, *(digest.digest() for digest in digests)


def _same(result: Plaintext, before: tuple[object, ...]) -> bool:
    try:
        return _heard(result) == before
    except (RecordingError, ValueError):
        return False


def _is_bare(result: Plaintext) -> bool:
    """Whether a result holds one stream and no field but those that FFmpeg sets itself."""
    try:
        with opened(result) as (container, stream, _):
            fields = [*container.metadata.items(), *stream.metadata.items()]
            bare = len(container.streams) == 1 and not container.chapters()
    except RecordingError:
        return False
    return bare and all(value in _SET_BY_FFMPEG.get(key, ()) for key, value in fields)


def _unproved(recording: Readable) -> RecordingError:
    return RecordingError(
        f"{recording.name} cannot be rid of what it holds besides its sound without a change to "
        "the sound: save it as wav or flac of 16 or 24 bits and take that."
    )
