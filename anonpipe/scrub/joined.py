"""The parts of one interview as one recording: their sound, one after the other.

What comes out is FLAC at the highest rate of the parts and with as many channels as the part
that has the most, and is read back and compared sample by sample. Parts that have that rate and
those channels are in it as they are; of others the sound is converted.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from anonpipe.audio.decode import AudioInfo, is_wide, native_blocks, probe
from anonpipe.audio.flac import FlacWriter
from anonpipe.errors import RecordingError
from anonpipe.plaintext import Plaintext, Readable
from anonpipe.scrub.scrubbed import Scrubbed
from anonpipe.scrub.sound import only_sound

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_LAYOUTS = {1: "mono", 2: "stereo"}


def join_sound(parts: Sequence[Readable], name: str, *, drop_pictures: bool = False) -> Scrubbed:
    """The sound of the parts in order, as one recording and nothing else; called `name`.

    Memory: the result. Raises RecordingError as `scrub_sound` does, and for what cannot be
    joined without a loss: more than two channels, or samples of more than 24 bits.
    """
    infos = []
    for part in parts:
        codec = only_sound(part, drop_pictures)
        infos.append(probe(part))
        if codec in ("pcm_f32le", "pcm_f64le", "pcm_s32le"):
            raise RecordingError(
                f"{part.name} has samples of 32 bits or more, which cannot be joined without a "
                "loss: save the parts as wav or flac of 16 or 24 bits and join those."
            )
        if infos[-1].channels not in _LAYOUTS:
            raise RecordingError(
                f"{part.name} has {infos[-1].channels} channels: save the parts in mono or stereo "
                "and join those."
            )
    rate = max(info.sample_rate for info in infos)
    channels = max(info.channels for info in infos)
    wide = any(is_wide(part) for part in parts)
    file = io.BytesIO()
    digest, count = hashlib.sha256(), 0
    with FlacWriter(file, rate, _LAYOUTS[channels], wide=wide) as writer:
        for part, info in zip(parts, infos, strict=True):
            for block in _converted(part, info, rate, channels, wide):
                digest.update(block.T.tobytes())
                count += block.shape[1]
                writer.write(block)
    joined = Plaintext(name, file.getvalue())
    heard, length = hashlib.sha256(), 0
    for block in native_blocks(joined, wide=wide):
        heard.update(block.T.tobytes())
        length += block.shape[1]
    if (heard.digest(), length) != (digest.digest(), count):
        raise RecordingError(
            f"{parts[0].name} and the other parts do not read back as they were joined: nothing "
            "was changed; check this computer's memory and run again."
        )
    return Scrubbed(joined, "samples-recoded")


def _converted(
    part: Readable, info: AudioInfo, rate: int, channels: int, wide: bool
) -> Iterator[NDArray[np.int16] | NDArray[np.int32]]:
    """The part's blocks at that rate and with so many channels."""
    import av
    import numpy as np

    form = "s32p" if wide else "s16p"
    layout = _LAYOUTS[info.channels]
    resampler = av.AudioResampler(format=form, layout=layout, rate=rate)
    same = info.sample_rate == rate

    def widened(block: NDArray[Any]) -> NDArray[Any]:
        # one microphone is heard on both sides; FFmpeg would make it 3 dB softer
        many = np.repeat(block, channels, axis=0) if len(block) == 1 else block
        return np.ascontiguousarray(many)

    for block in native_blocks(part, wide=wide):
        if same:
            yield widened(block)
            continue
        frame = av.AudioFrame.from_ndarray(block, format=form, layout=layout)
        frame.sample_rate = info.sample_rate
        for out in resampler.resample(frame):
            yield widened(out.to_ndarray())
    if not same:
        for out in resampler.resample(None):
            if out.samples:
                yield widened(out.to_ndarray())
