"""Sound written as FLAC, which keeps every sample, and nothing beside it in the file."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, BinaryIO

from anonpipe.audio.decode import AudioInfo, is_wide, layout_of, native_blocks, probe
from anonpipe.plaintext import Readable

if TYPE_CHECKING:
    from numpy.typing import NDArray


class FlacWriter:
    """FLAC into an open file that can be sought in, block by block of shape (channels, n).

    `rate` is in Hertz, `layout` FFmpeg's name of the channel layout; samples are int32 where
    `wide`, else int16.
    """

    def __init__(self, file: BinaryIO, rate: int, layout: str, *, wide: bool) -> None:
        import av

        self._rate, self._format = rate, "s32p" if wide else "s16p"
        # bitexact: no encoder name, no library versions, no random serial numbers
        self._container: Any = av.open(
            file, mode="w", format="flac", container_options={"fflags": "+bitexact"}
        )
        self._stream: Any = self._container.add_stream("flac", rate=rate)
        self._stream.codec_context.layout = layout
        self._stream.codec_context.format = "s32" if wide else "s16"
        self._stream.codec_context.options = {"flags": "+bitexact"}

    def __enter__(self) -> FlacWriter:
        return self

    def write(self, block: NDArray[Any]) -> None:
        """Write samples after those before."""
        import av

        layout = str(self._stream.codec_context.layout.name)
        frame = av.AudioFrame.from_ndarray(block, format=self._format, layout=layout)
        frame.sample_rate = self._rate
        frame.pts = None
        self._container.mux(self._stream.encode(frame))

    def __exit__(self, kind: object, *_: object) -> None:
        try:
            if kind is None:
                self._container.mux(self._stream.encode(None))
        finally:
            self._container.close()


def write_sound(
    source: Readable,
    file: BinaryIO,
    through: Callable[[Iterator[NDArray[Any]]], Iterator[NDArray[Any]]] = iter,
) -> AudioInfo:
    """Write the sound of `source` and nothing else to an open file that can be sought in.

    The blocks of samples that are written are those that come out of `through`, which may
    change those it is given. Returns what was written. Raises `RecordingError` if `source`
    cannot be decoded to its end, OSError if `file` cannot be written.
    """
    info = probe(source)
    wide = is_wide(source)
    count = 0
    with FlacWriter(file, info.sample_rate, layout_of(source), wide=wide) as writer:
        for block in through(native_blocks(source, wide=wide)):
            writer.write(block)
            count += block.shape[1]
    return AudioInfo(count / info.sample_rate, info.channels, info.sample_rate, "flac")
