"""Any recording to 16-bit samples, block by block, without an ffmpeg binary.

PyAV carries the FFmpeg libraries. Three rules hold for every file that is opened
here:

* FFmpeg is given an open file or bytes in memory, never a name, so that a path that looks like an
  address (`http:`, `concat:`, `subfile:`) is only ever a file name; container
  formats that refer to other files (playlists) are not in `FORMATS`, and every
  further opening is refused.
* Samples are joined in the order of decoding; the container's time stamps are
  ignored. Transcription and bleeping both read this way, so a word's times fit
  the samples whatever the container says.
* A file that ends before the length that it states is an error (`RecordingError`),
  raised after the last block: half an interview must not pass for a whole one, since a
  recording may be deleted once it is transcribed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from anonpipe.errors import RecordingError
from anonpipe.plaintext import Recorded

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Samples = NDArray[np.int16] | NDArray[np.int32]

SAMPLE_RATE = 16_000
"""Hertz of what the recogniser and the voice detector hear."""

FORMATS = "wav,w64,mp3,mov,mp4,m4a,matroska,webm,ogg,flac,aac,asf,aiff,caf,amr,dss,wv,avi,mpegts"
"""FFmpeg demuxers that may open a recording; none of them follows references to other files."""

BLOCK_SECONDS = 10.0
TRUNCATED_SECONDS = 0.5
"""Encoder delay and padding make a whole file up to 0.1 s shorter than stated; more is a loss."""

RIFF_SLACK = 4096
"""Bytes by which careless recorders misstate a RIFF file's length."""

MAX_BAD_PACKETS = 0.01
"""Share of undecodable packets (recorders leave one or two at the start) that still passes."""


@dataclass(frozen=True, slots=True)
class AudioInfo:
    """What a recording is: seconds of sound, channels, Hertz, and FFmpeg's name of the codec."""

    duration: float
    channels: int
    sample_rate: int
    codec: str


def probe(path: Recorded) -> AudioInfo:
    """What the recording at `path` says of itself, without decoding it.

    Where the container states no length (or only guesses it), packets are counted.
    Raises `RecordingError` for anything that is not a readable recording with sound.
    """
    with opened(path) as (container, stream, file):
        context = stream.codec_context
        duration = _stated_seconds(container, stream, file)
        if duration is None:
            duration = _count_packets(path, container, stream)
        if duration <= 0 or not context.sample_rate or not context.channels:
            raise _no_sound(path)
        return AudioInfo(duration, context.channels, context.sample_rate, codec_name(context))


def blocks(
    path: Recorded, *, channels: int | None = None, partial: bool = False
) -> Iterator[NDArray[np.int16]]:
    """Decode `path` to int16 blocks of shape (channels, n) at 16 kHz, about 10 s each.

    `channels` is 1 (mixed), 2, or None for as many as were recorded. Memory does not grow
    with the length. With `partial` a file that ends early is not an error.
    Raises `RecordingError` as the module says.
    """
    return _decode(path, rate=SAMPLE_RATE, channels=channels, dtype="s16", partial=partial)


def native_blocks(path: Recorded, *, wide: bool = False) -> Iterator[Samples]:
    """Decode `path` as `blocks` does, but at its own sample rate and with all its channels.

    `wide` gives int32 (for 24-bit recordings) instead of int16.
    """
    return _decode(path, rate=None, channels=None, dtype="s32" if wide else "s16", partial=False)


def is_wide(path: Recorded) -> bool:
    """Whether the recording stores integers of more than 16 bits."""
    with opened(path) as (_, stream, _file):
        sample_format = stream.codec_context.format
        return sample_format is not None and sample_format.name in ("s32", "s32p")


def layout_of(path: Recorded) -> str:
    """FFmpeg's name of the channel layout, such as "mono" or "stereo"."""
    with opened(path) as (_, stream, _file):
        return str(stream.codec_context.layout.name)


def _decode(
    path: Recorded, *, rate: int | None, channels: int | None, dtype: str, partial: bool
) -> Iterator[Any]:
    import av

    with opened(path) as (container, stream, file):
        context = stream.codec_context
        stated = _stated_seconds(container, stream, file)
        out_rate = rate or context.sample_rate
        if not out_rate or not context.channels:
            raise _no_sound(path)
        layout = {None: context.layout.name, 1: "mono", 2: "stereo"}[channels]
        resample = Resampler(dtype + "p", layout, out_rate)
        own_rate = context.sample_rate or out_rate
        samples = packets = bad = 0
        bad_last = False
        last: Any = None
        for packet in packets_of(path, container, stream):
            packets += 1
            if packet.size:
                last = packet
            try:
                frames = packet.decode()
            except av.FFmpegError:
                bad += 1
                bad_last = True
                continue
            for frame in frames:
                bad_last = False
                samples += frame.samples
                yield from resample(frame)
        yield from resample(None)
        decoded = samples / own_rate
        if decoded == 0:
            raise _no_sound(path)
        if bad > max(2, packets * MAX_BAD_PACKETS):
            raise RecordingError(
                f"{path.name} is damaged: {bad} of its {packets} pieces cannot be decoded; "
                "copy it from the recorder again."
            )
        short = stated is not None and decoded < stated - TRUNCATED_SECONDS
        cut_off = (
            bad_last
            or _incomplete_mp3(context, last)
            or _incomplete_ogg(container, file)
            or _incomplete_wav(container, file)
        )
        if (short or cut_off) and not partial:
            of = f" of {stated:.1f}" if stated is not None and short else ""
            raise RecordingError(
                f"{path.name} is cut off: its sound ends after {decoded:.1f}{of} seconds; "
                "copy it from the recorder again."
            )


class Resampler:
    """PyAV's resampler, fed with long frames, since each call has a cost.

    Made anew where a recording changes its rate or channels midway.
    """

    def __init__(self, sample_format: str, layout: str, rate: int) -> None:
        import av

        self._new_fifo = av.AudioFifo
        self._new: Callable[[], Any] = lambda: av.AudioResampler(
            format=sample_format, layout=layout, rate=rate
        )
        self._fifo: Any = self._new_fifo()
        self._inner: Any = self._new()

    def __call__(self, frame: Any) -> Iterator[Any]:
        if frame is None:
            yield from self._flush()
            return
        frame.pts = None  # else time stamps with gaps are an error
        try:
            self._fifo.write(frame)
        except ValueError:  # not like the frames before
            yield from self._flush()
            self._fifo, self._inner = self._new_fifo(), self._new()
            self._fifo.write(frame)
        if self._fifo.samples >= BLOCK_SECONDS * frame.sample_rate:
            yield from self._arrays(self._fifo.read())

    def _flush(self) -> Iterator[Any]:
        if self._fifo.samples:
            yield from self._arrays(self._fifo.read())
        yield from self._arrays(None)

    def _arrays(self, frame: Any) -> Iterator[Any]:
        for out in self._inner.resample(frame):
            if out.samples:
                yield out.to_ndarray()


@contextmanager
def opened(path: Recorded) -> Iterator[tuple[Any, Any, BinaryIO]]:
    """(container, audio stream, file) of a recording, or one clear `RecordingError`."""
    import av

    with _open_file(path) as file:
        try:
            container = av.open(
                file,
                mode="r",
                metadata_errors="ignore",
                container_options={"format_whitelist": FORMATS, "protocol_whitelist": "none"},
                io_open=_refuse,
            )
        except (av.FFmpegError, ValueError, OSError):
            raise RecordingError(
                f"{path.name} cannot be read as a recording; check that it is sound or video "
                "(wav, mp3, m4a, mp4, flac, ogg, opus) and that it was copied completely."
            ) from None
        with container:
            if not container.streams.audio:
                raise RecordingError(
                    f"{path.name} has no sound track; choose the file that holds the sound."
                )
            stream = container.streams.audio[0]
            yield container, stream, file


def _open_file(path: Recorded) -> BinaryIO:
    if not isinstance(path, Path):
        return path.open()
    try:
        # is_file() first: opening a named pipe would wait for ever.
        if path.is_dir():
            raise RecordingError(f"{path.name} is a folder; name a recording inside it.")
        if not path.exists():
            raise RecordingError(f"There is no file {path.name}; check the name and the folder.")
        if not path.is_file():
            raise RecordingError(f"{path.name} is not an ordinary file; copy the recording first.")
        if path.stat().st_size == 0:
            raise RecordingError(f"{path.name} is empty; copy it from the recorder again.")
        return path.open("rb")
    except OSError as error:
        raise RecordingError(
            f"{path.name} cannot be opened ({error.strerror or 'unknown reason'}); "
            "check its permissions."
        ) from None


def _refuse(url: str, flags: int, options: dict[str, str]) -> Any:
    raise PermissionError("a recording may not refer to other files")


def packets_of(path: Recorded, container: Any, stream: Any) -> Iterator[Any]:
    """The audio stream's packets; a container that breaks off just ends."""
    import av

    packets = container.demux(stream)
    while True:
        try:
            yield next(packets)
        except StopIteration:
            return
        except av.FFmpegError:
            # Flush what the decoder holds; the length check says whether something is missing.
            return
        except OSError as error:
            raise RecordingError(
                f"{path.name} cannot be read to its end ({error.strerror or 'unknown reason'}); "
                "check the medium that it lies on."
            ) from None


def _count_packets(path: Recorded, container: Any, stream: Any) -> float:
    total = 0
    for packet in packets_of(path, container, stream):
        total += packet.duration or 0
    return float(total * stream.time_base)


def _stated_seconds(container: Any, stream: Any, file: BinaryIO) -> float | None:
    """The length that the container states, None where it states none or FFmpeg guesses it."""
    import av

    name = container.format.name
    if name in ("aac", "amr", "dss", "asf", "mpegts", "avi"):
        return None
    if name == "mp3" and not _has_mp3_header(file):
        return None
    if stream.duration:
        return float(stream.duration * stream.time_base)
    if container.duration and len(container.streams) == 1:
        return float(container.duration) / float(av.time_base)
    return None


def _peek(file: BinaryIO, offset: int, size: int, whence: int = 0) -> bytes:
    """Bytes of the open file; the position that FFmpeg relies on is left as it was."""
    position = file.tell()
    try:
        file.seek(offset, whence)
        return file.read(size)
    finally:
        file.seek(position)


def _has_mp3_header(file: BinaryIO) -> bool:
    """Whether the first frame counts the frames (a Xing, Info or VBRI header)."""
    head = _peek(file, 0, 10)
    start = 0
    if head[:3] == b"ID3":  # ID3v2: the size is four 7-bit bytes, without the 10-byte header
        size = 0
        for byte in head[6:10]:
            size = size << 7 | byte & 0x7F
        start = size + 10
    first = _peek(file, start, 4096)
    return any(mark in first for mark in (b"Xing", b"Info", b"VBRI"))


# Kilobit/s of MPEG-1 and MPEG-2/2.5 layer III by the header's index (ISO/IEC 11172-3, 13818-3).
_MP3_KBPS = (
    (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
)
_MP3_RATES = {3: (44100, 48000, 32000), 2: (22050, 24000, 16000), 0: (11025, 12000, 8000)}


def mp3_frame_size(data: bytes) -> int | None:
    """Bytes of the MPEG layer III frame that begins with `data`, by its header; else None.

    None also for free format, whose frames do not state their size.
    """
    if len(data) < 4 or data[0] != 0xFF or data[1] & 0xE6 != 0xE2:
        return None
    version, rate, kbps = data[1] >> 3 & 3, data[2] >> 2 & 3, data[2] >> 4
    if version == 1 or rate == 3 or kbps in (0, 15):
        return None
    slots = 144 if version == 3 else 72
    bits = _MP3_KBPS[version != 3][kbps] * 1000
    return slots * bits // _MP3_RATES[version][rate] + (data[2] >> 1 & 1)


def _incomplete_mp3(context: Any, packet: Any) -> bool:
    """Whether an MPEG layer III frame is shorter than its header says."""
    if packet is None or context.name not in ("mp3", "mp3float"):
        return False
    data = bytes(packet)
    size = mp3_frame_size(data)
    return size is not None and len(data) < size


def _incomplete_ogg(container: Any, file: BinaryIO) -> bool:
    """Whether the last Ogg page is shorter than its segment table says (RFC 3533, section 6)."""
    if container.format.name != "ogg":
        return False
    size = _peek_size(file)
    tail = _peek(file, max(0, size - 70_000), 70_000)
    page = tail.rfind(b"OggS\x00")
    if page < 0:
        return True
    table = tail[page + 27 : page + 27 + tail[page + 26]] if page + 26 < len(tail) else b""
    return page + 27 + len(table) + sum(table) > len(tail) or not table


def _incomplete_wav(container: Any, file: BinaryIO) -> bool:
    """Whether a RIFF file is shorter than its header says; FFmpeg believes the file instead.

    0 and 4 GiB stand for a length that was not known when the header was written.
    """
    if container.format.name != "wav":
        return False
    head = _peek(file, 0, 8)
    stated = int.from_bytes(head[4:8], "little")
    known = head[:4] == b"RIFF" and 0 < stated < 0xFFFF_FF00
    return known and stated + 8 > _peek_size(file) + RIFF_SLACK


def _peek_size(file: BinaryIO) -> int:
    position = file.tell()
    try:
        return file.seek(0, 2)
    finally:
        file.seek(position)


def codec_name(context: Any) -> str:
    name = str(context.name)
    return {"mp3float": "mp3", "libopus": "opus"}.get(name, name)


def _no_sound(path: Recorded) -> RecordingError:
    return RecordingError(
        f"{path.name} holds no sound (0 seconds); copy it from the recorder again."
    )
