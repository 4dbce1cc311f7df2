"""A copy of a recording in which stretches are replaced by a tone, and the check of it.

Within a stretch nothing of the original is left, on any channel: the samples are replaced,
not covered. Outside it the samples are the decoder's, at the recording's own sample rate
and with its own channels. Nothing else of the file is copied: no tags, no cover art, no
chapters, no pictures of a video.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Literal

from anonpipe.audio.decode import AudioInfo, blocks, is_wide, layout_of, native_blocks, probe
from anonpipe.audio.segments import pydub
from anonpipe.errors import RecordingError
from anonpipe.plaintext import Readable

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

OutFormat = Literal["flac", "opus"]
"""flac keeps every sample outside the tones; opus is some ten times smaller, at 48 kHz."""

MARGIN = 0.15
"""Seconds added on both sides: word times from attention are off by up to a tenth or two."""

TONE_HERTZ = 1000
TONE_DBFS = -20.0
FADE_SECONDS = 0.005
SHORTEST_SECONDS = 0.1
"""A shorter beep is easily missed by ear, and by the check."""

TONE_SHARE = 0.9
DURATION_TOLERANCE = 0.1

_CONTAINERS: dict[OutFormat, tuple[str, str]] = {
    "flac": ("flac", "flac"),
    "opus": ("ogg", "libopus"),
}


def merge_spans(
    spans: Iterable[tuple[float, float]], margin: float, duration: float
) -> list[tuple[float, float]]:
    """Sort, widen by `margin` seconds, clamp to 0..`duration`, and join what touches.

    Raises ValueError for a span that ends before it starts or is not finite.
    """
    merged: list[tuple[float, float]] = []
    for start, end in sorted(spans):
        if not (math.isfinite(start) and math.isfinite(end) and start <= end):
            raise ValueError(f"a span must have a start before its end: {start}, {end}")
        pad = margin + max(0.0, SHORTEST_SECONDS - (end - start + 2 * margin)) / 2
        start, end = max(0.0, start - pad), min(duration, end + pad)
        if start >= end:
            continue
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((start, end))
    return merged


def bleep(
    source: Readable,
    target: Path,
    spans: Sequence[tuple[float, float]],
    margin: float = MARGIN,
    *,
    out_format: OutFormat = "flac",
) -> AudioInfo:
    """Write to `target` the sound of `source` with every span (seconds) replaced by a tone.

    `target` must not exist; it is created readable by the user only, holds whole blocks as
    they come (memory stays flat), is synced to the medium, and is removed again if anything
    goes wrong. Returns what was written. Raises `RecordingError` if `source` cannot be
    decoded to its end or `target` cannot be written, ValueError for an impossible span.
    """
    info = probe(source)
    tone = _Tone(info.sample_rate, wide=_keeps_wide(source, out_format))
    # The stated length may be short of the sound; the last span may then not be cut at it.
    ranges = [
        (round(start * info.sample_rate), math.ceil(end * info.sample_rate))
        for start, end in merge_spans(spans, margin, math.inf)
    ]
    with _new_file(target) as file:
        return write_sound(
            source, file, out_format, alter=lambda block, at: tone.replace(block, at, ranges)
        )


def write_sound(
    source: Readable,
    file: BinaryIO,
    out_format: OutFormat = "flac",
    *,
    alter: Callable[[NDArray[Any], int], None] | None = None,
) -> AudioInfo:
    """Write the sound of `source` and nothing else to an open file that can be sought in.

    `alter` may change each block of samples in place; it is given the number of its first
    sample. Returns what was written; raises as `bleep` does.
    """
    import av

    info = probe(source)
    wide = _keeps_wide(source, out_format)
    container_name, codec = _CONTAINERS[out_format]
    rate = 48_000 if out_format == "opus" else info.sample_rate
    position = 0
    # bitexact: no encoder name, no library versions, no random serial numbers
    container = av.open(
        file, mode="w", format=container_name, container_options={"fflags": "+bitexact"}
    )
    with container:
        stream: Any = container.add_stream(codec, rate=rate)
        stream.codec_context.layout = layout_of(source)
        stream.codec_context.format = "s32" if wide else "s16"
        stream.codec_context.options = {"flags": "+bitexact"}
        for block in native_blocks(source, wide=wide):
            if alter is not None:
                alter(block, position)
            frame = av.AudioFrame.from_ndarray(
                block, format="s32p" if wide else "s16p", layout=layout_of_block(stream)
            )
            frame.sample_rate = info.sample_rate
            frame.pts = None
            position += block.shape[1]
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return AudioInfo(position / info.sample_rate, info.channels, rate, out_format)


def _keeps_wide(source: Readable, out_format: OutFormat) -> bool:
    return out_format == "flac" and is_wide(source)


def layout_of_block(stream: Any) -> str:
    """The layout name that frames for this output stream carry."""
    return str(stream.codec_context.layout.name)


def bleep_check(
    path: Path, spans: Sequence[tuple[float, float]], duration: float, margin: float = MARGIN
) -> None:
    """Raise `RecordingError` unless `path` is what `bleep` should have written.

    It must decode to its end, last `duration` seconds (±0.1), carry no tags, pictures or
    chapters, and hold the tone and little else in each of the same `spans`, on each channel.
    """
    import numpy as np

    _check_bare(path)
    rate = 16_000
    ranges = [
        (math.ceil(start * rate), int(end * rate))
        for start, end in merge_spans(spans, margin, duration)
    ]
    position = 0
    tail: NDArray[np.int16] | None = None
    for block in blocks(path):
        # Slices of a span may lie across blocks: the end of the last block is kept in front.
        joined = block if tail is None else np.concatenate([tail, block], axis=1)
        offset = position - (0 if tail is None else tail.shape[1])
        position += block.shape[1]
        for start, end in _slices(ranges, rate, offset, position):
            if _tone_share(joined[:, start - offset : end - offset], rate) < TONE_SHARE:
                raise RecordingError(
                    f"{path.name} still holds something other than the tone at "
                    f"{start / rate:.1f} s; delete it and make it again."
                )
        tail = joined[:, -rate:]
    if abs(position / rate - duration) > DURATION_TOLERANCE:
        raise RecordingError(
            f"{path.name} lasts {position / rate:.1f} instead of {duration:.1f} seconds; "
            "delete it and make it again."
        )


class _Tone:
    """One second of a sine from pydub, repeated; whole periods, so that it has no seams."""

    def __init__(self, rate: int, *, wide: bool) -> None:
        import numpy as np

        generator = pydub().generators.Sine(
            TONE_HERTZ, sample_rate=rate, bit_depth=32 if wide else 16
        )
        # pydub's volume is of the peak; a sine's RMS is 3 dB below it.
        segment = generator.to_audio_segment(duration=1000, volume=TONE_DBFS + 3.0)
        second: NDArray[Any] = np.frombuffer(segment.raw_data, dtype=np.int32 if wide else np.int16)
        self._second = np.resize(second, rate)
        self._fade = int(rate * FADE_SECONDS)

    def replace(self, block: NDArray[Any], offset: int, ranges: Sequence[tuple[int, int]]) -> None:
        """Overwrite the parts of `block` (first sample at `offset`) that lie in `ranges`."""
        import numpy as np

        for start, end in ranges:
            first, last = max(start, offset), min(end, offset + block.shape[1])
            if first >= last:
                continue
            at = np.arange(first - start, last - start)
            edge = np.minimum(at, end - start - 1 - at)
            gain = np.clip((edge + 1) / max(1, self._fade), 0.0, 1.0)
            block[:, first - offset : last - offset] = (
                self._second[at % self._second.size] * gain
            ).astype(block.dtype)


def _slices(
    ranges: Sequence[tuple[int, int]], rate: int, begin: int, end: int
) -> Iterator[tuple[int, int]]:
    """Pieces of about 0.1 s of each range, without its edges, that lie within begin..end."""
    edge, piece = rate // 100, rate // 10
    for first, last in ranges:
        at = first + edge
        while at < last - edge:
            stop = min(at + piece, last - edge)
            if last - edge - stop < piece // 2:
                stop = last - edge
            if begin <= at and stop <= end:
                yield at, stop
            at = stop


def _tone_share(samples: NDArray[Any], rate: int) -> float:
    """The lowest channel's share of energy at the tone's frequency (Goertzel), 0..1."""
    import numpy as np

    size = samples.shape[1]
    wave = samples.astype(np.float64)
    wave -= wave.mean(axis=1, keepdims=True)
    angle = 2 * np.pi * TONE_HERTZ / rate * np.arange(size)
    # A least-squares fit of sine and cosine: Goertzel for lengths that are not whole periods.
    basis = np.stack([np.sin(angle), np.cos(angle)], axis=1)
    fit, *_ = np.linalg.lstsq(basis, wave.T, rcond=None)
    total = np.square(wave).sum(axis=1)
    share = np.square(basis @ fit).sum(axis=0) / np.maximum(total, 1e-9)
    return float(share.min())


def _check_bare(path: Path) -> None:
    import av

    with path.open("rb") as file, av.open(file, mode="r", metadata_errors="ignore") as container:
        streams = list(container.streams)
        tags = {**container.metadata}
        for stream in streams:
            tags.update(stream.metadata)
        extra = len(streams) != 1 or bool(container.chapters())
    if tags or extra:
        raise RecordingError(
            f"{path.name} carries tags or pictures besides its sound; delete it and make it again."
        )


@contextmanager
def _new_file(target: Path) -> Iterator[BinaryIO]:
    """Create `target` (mode 0600), sync it at the end, remove it if writing fails."""
    try:
        descriptor = os.open(target, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise _unwritable(target, error) from None
    try:
        with os.fdopen(descriptor, "w+b") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:  # PyAV's errors are OSErrors too
        target.unlink(missing_ok=True)
        raise _unwritable(target, error) from None
    except BaseException:
        target.unlink(missing_ok=True)
        raise


def _unwritable(target: Path, error: OSError) -> RecordingError:
    return RecordingError(
        f"{target.name} cannot be written ({error.strerror or 'unknown reason'}); "
        "check the free space and the permissions of its folder."
    )
