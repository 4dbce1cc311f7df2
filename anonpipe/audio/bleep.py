"""A copy of a recording in which stretches are replaced by a sound, and the check of it.

Within a stretch nothing of the original is left, on any channel: the samples are replaced,
not covered. Outside it the samples are the decoder's, at the recording's own sample rate
and with its own channels, unless voices are changed (`voice`). Nothing else of the file is
copied: no tags, no cover art, no chapters, no pictures of a video. FLAC keeps every sample, so
that the check can be exact.
"""

from __future__ import annotations

import math
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from anonpipe.audio.decode import AudioInfo, is_wide, native_blocks, probe
from anonpipe.audio.flac import write_sound
from anonpipe.audio.sounds import checker, shown, sound
from anonpipe.errors import RecordingError
from anonpipe.plaintext import Readable
from anonpipe.settings import Bleep, BleepSound
from anonpipe.times import Interval, merge

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from anonpipe.audio.voice import VoiceChange

SHORTEST_SECONDS = 0.1
"""A shorter beep is easily missed by ear, and by the check."""

DURATION_TOLERANCE = 0.1


def merge_spans(spans: Iterable[Interval], margin: float, duration: float) -> list[Interval]:
    """Sort, widen by `margin` seconds, clamp to 0..`duration`, and join what touches.

    Raises ValueError for a span that ends before it starts or is not finite.
    """
    widened: list[Interval] = []
    for start, end in spans:
        if not (math.isfinite(start) and math.isfinite(end) and start <= end):
            raise ValueError(f"a span must have a start before its end: {start}, {end}")
        pad = margin + max(0.0, SHORTEST_SECONDS - (end - start + 2 * margin)) / 2
        start, end = max(0.0, start - pad), min(duration, end + pad)
        if start < end:
            widened.append((start, end))
    return merge(widened)


def ranges_of(spans: Iterable[Interval], margin: float, rate: int) -> list[tuple[int, int]]:
    """`merge_spans` in samples; the length of the sound is not needed, as nothing lies after it."""
    return merge(
        (math.floor(start * rate), math.ceil(end * rate))
        for start, end in merge_spans(spans, margin, math.inf)
    )


def bleep(
    source: Readable,
    target: Path,
    spans: Sequence[Interval],
    settings: Bleep = Bleep(),  # noqa: B008 - frozen
    *,
    voices: VoiceChange | None = None,
) -> AudioInfo:
    """Write to `target` the sound of `source` with every span (seconds) replaced by a sound.

    `voices` changes what lies between. It is given silence where the spans are, so that it can
    carry nothing of them over their edges, and the sound comes after it.

    `target` must not exist; it is created readable by the user only, holds whole blocks as
    they come (memory stays flat), is synced to the medium, and is removed again if anything
    goes wrong. Returns what was written. Raises `RecordingError` if `source` cannot be
    decoded to its end or `target` cannot be written, ValueError for an impossible span.
    """
    rate = probe(source).sample_rate
    wide = is_wide(source)
    ranges = ranges_of(spans, settings.margin, rate)

    def laid(kind: BleepSound, blocks: Iterator[NDArray[Any]]) -> Iterator[NDArray[Any]]:
        over, position = sound(kind, rate, wide=wide), 0
        for block in blocks:
            over.lay(block, position, ranges)
            position += block.shape[1]
            yield block

    def through(blocks: Iterator[NDArray[Any]]) -> Iterator[NDArray[Any]]:
        if voices is not None:
            blocks = voices.changed(laid("silence", blocks), rate)
        return laid(settings.sound, blocks)

    with _new_file(target) as file:
        return write_sound(source, file, through)


def bleep_check(
    path: Path,
    spans: Sequence[Interval],
    duration: float,
    settings: Bleep = Bleep(),  # noqa: B008 - frozen
) -> None:
    """Raise `RecordingError` unless `path` is what `bleep` should have written.

    It must decode to its end, last `duration` seconds (±0.1), carry no tags, pictures or
    chapters, and hold the sound and nothing else in each of the same `spans`, on each channel.
    """
    _check_bare(path)
    rate = probe(path).sample_rate
    length = 0

    def counted() -> Iterator[NDArray[Any]]:
        nonlocal length
        for block in native_blocks(path, wide=is_wide(path)):
            length += block.shape[1]
            yield block

    ranges = ranges_of(spans, settings.margin, rate)
    for at in checker(settings.sound)(counted(), ranges, rate):
        raise RecordingError(
            f"{path.name} still holds something other than {shown(settings.sound)} at "
            f"{at / rate:.1f} s; delete it and make it again."
        )
    if abs(length / rate - duration) > DURATION_TOLERANCE:
        raise RecordingError(
            f"{path.name} lasts {length / rate:.1f} instead of {duration:.1f} seconds; "
            "delete it and make it again."
        )


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
