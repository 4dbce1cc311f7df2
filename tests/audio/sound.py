"""Synthetic recordings for the tests, encoded in memory by PyAV."""

from __future__ import annotations

import io
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

CODECS = {
    "wav": "pcm_s16le",
    "flac": "flac",
    "mp3": "libmp3lame",
    "m4a": "aac",
    "mp4": "aac",
    "mov": "aac",
    "ogg": "libopus",
    "opus": "libopus",
    "webm": "libopus",
    "aac": "aac",
    "wma": "wmav2",
}
FORMATS = {"m4a": "ipod", "opus": "ogg", "aac": "adts", "wma": "asf"}


def sine(hertz: float, seconds: float, rate: int = 16_000, level: float = 0.3) -> NDArray[np.int16]:
    """A tone, shape (n,)."""
    at = np.arange(int(seconds * rate)) / rate
    return (np.sin(2 * np.pi * hertz * at) * level * 32_767).astype(np.int16)


def noise(
    seconds: float, rate: int = 16_000, level: float = 0.1, seed: int = 0
) -> NDArray[np.int16]:
    """White noise, shape (n,)."""
    values = np.random.default_rng(seed).normal(0, level, int(seconds * rate))
    return (np.clip(values, -1, 1) * 32_767).astype(np.int16)


def encode(
    samples: NDArray[np.int16],
    kind: str,
    rate: int = 16_000,
    tags: dict[str, str] | None = None,
    picture: bool = False,
    **options: str,
) -> bytes:
    """A file of `kind` (the suffix) that holds samples of shape (channels, n) or (n,)."""
    buffer = io.BytesIO()
    _encode(buffer, samples, kind, rate, tags, picture, options)
    return buffer.getvalue()


def _encode(
    target: io.BytesIO | str,
    samples: NDArray[np.int16],
    kind: str,
    rate: int,
    tags: dict[str, str] | None,
    picture: bool,
    options: dict[str, str],
) -> None:
    samples = np.atleast_2d(samples)
    layout = {1: "mono", 2: "stereo"}[samples.shape[0]]
    with av.open(
        target, "w", format=FORMATS.get(kind, kind), container_options=options
    ) as container:
        container.metadata.update(tags or {})
        video = container.add_stream("mpeg4", rate=5) if picture else None
        if video is not None:
            video.width, video.height, video.pix_fmt = 32, 32, "yuv420p"
        stream = container.add_stream(CODECS[kind], rate=48_000 if "opus" in CODECS[kind] else rate)
        stream.codec_context.layout = layout
        stream.codec_context.bit_rate = 64_000
        if video is not None:
            for index in range(10):
                image = av.VideoFrame.from_ndarray(np.zeros((32, 32, 3), np.uint8), format="rgb24")
                image.pts = index
                container.mux(video.encode(image))
            container.mux(video.encode(None))
        # in pieces: some encoders mishandle one frame of minutes
        for begin in range(0, samples.shape[1], rate):
            part = np.ascontiguousarray(samples[:, begin : begin + rate])
            frame = av.AudioFrame.from_ndarray(part, format="s16p", layout=layout)
            frame.sample_rate = rate
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def write(
    path: Path,
    samples: NDArray[np.int16],
    rate: int = 16_000,
    tags: dict[str, str] | None = None,
    picture: bool = False,
    **options: str,
) -> Path:
    """`encode` to a file whose suffix says what it is."""
    _encode(str(path), samples, path.suffix[1:], rate, tags, picture, options)
    return path


def silent_video(path: Path) -> Path:
    """An mp4 with pictures and no sound."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=5)
        stream.width, stream.height, stream.pix_fmt = 32, 32, "yuv420p"
        for index in range(10):
            image = av.VideoFrame.from_ndarray(np.zeros((32, 32, 3), np.uint8), format="rgb24")
            image.pts = index
            container.mux(stream.encode(image))
        container.mux(stream.encode(None))
    return path
