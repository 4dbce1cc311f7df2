"""Any seconds of a recording quickly, at the very samples that a decoding from its start gives.

Times in transcripts count the samples that `decode` gives, in their order; what the container
says of time is another matter: it may leave gaps, begin before zero, or be guessed. So a
container's time stamps only help to find a packet again, and the samples before that packet
are counted:

* Decoding from the start, in the background or as far as somebody asks, gives an anchor for every
  half second: its time stamp, its digest, and how many samples came before it.
* A first look (a second for three hours) reads all packets without decoding them and tells how
  long those before each anchor last, until that is counted.

`decode` leaves out what it cannot decode, so the first look is made only where it sees damage
(frames of mp3 state their size, pages of Ogg their checksum), and trusted only up to the first
damaged packet; otherwise the decoding from the start is waited for. A seek counts only if the
anchor itself comes by, known by its digest; else an earlier one is tried, and at last the start.

Two kinds need no anchors, as their time stamps are numbers of samples and nothing of them is left
out: uncompressed sound, and the FLAC that anonpipe itself wrote into an encrypted recording.
"""

from __future__ import annotations

import math
import zlib
from array import array
from bisect import bisect_right
from collections.abc import Generator, Iterable, Iterator
from contextlib import ExitStack
from itertools import chain
from pathlib import Path
from threading import Event, Lock
from typing import TYPE_CHECKING, Any

from anonpipe.audio.decode import Resampler, mp3_frame_size, opened, packets_of
from anonpipe.errors import RecordingError
from anonpipe.plaintext import Recorded

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

HIGHEST_RATE = 48_000
"""Hertz at most of what is read; more cannot be heard, and not every browser plays it."""

EVERY = 0.5
"""Seconds between anchors."""
LEAD = 2
"""Anchors before the one that is counted from: decoders need some sound to settle (the bit
reservoir of mp3, 80 ms of opus, the overlaps of aac and vorbis)."""
HEAD = 6
"""Anchors up to which the first look is compared with a decoding at once."""
AGREES = 0.005
"""Seconds by which it may be off there."""
CONSTANT = 32
"""Bytes from which a packet of one single byte over and over is a hole in the file."""
TICKS = 2
"""Units of the time stamps by which neighbours may be off, as they are rounded."""

_COUNTED = ("wav", "w64", "aiff", "caf")
"""Containers whose time stamps count the samples of uncompressed sound."""
_SEES_DAMAGE = ("mp3", "ogg")
"""Containers in which a look at the packets tells which are damaged."""


class Seeker:
    """An open recording of which any samples can be read; mono, int16, at `rate` Hertz.

    May be used from several threads. Memory: some 40 bytes for each half second. Raises
    `RecordingError`, here and later, for what is no readable recording.
    """

    def __init__(self, content: Recorded) -> None:
        self._content = content
        self._reading, self._counting, self._closing = Lock(), Lock(), Event()
        self._files = ExitStack()
        self._container, self._stream, _ = self._files.enter_context(opened(content))
        own = self._stream.codec_context.sample_rate
        if not own or not self._stream.codec_context.channels:
            self._files.close()
            raise RecordingError(
                f"{content.name} holds no sound (0 seconds); copy it from the recorder again."
            )
        self.rate: int = min(own, HIGHEST_RATE)
        codec, form = self._stream.codec_context.name, self._container.format.name
        self._is_counted = (codec.startswith("pcm_") and form in _COUNTED) or (
            form == "flac" and not isinstance(content, Path)
        )
        # Of each anchor: its packet's number, time stamp and CRC-32, and the samples before it by
        # the packets' durations; of the first ones also the samples that really came before.
        self._numbers, self._stamps, self._digests = array("q"), array("q"), array("L")
        self._lasting, self._counted = array("d"), array("d")
        # The number of the first packet from which on only counting tells places.
        self._doubtful = math.inf if form in _SEES_DAMAGE else 0
        self._looked = not self._doubtful
        self._counter = self._count()

    def __enter__(self) -> Seeker:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def read(self, first: int, last: int) -> NDArray[np.int16]:
        """Samples `first` up to but without `last`, shape (1, n); n is less where it ends before.

        Raises ValueError for what is no stretch, or once it was closed.
        """
        if not 0 <= first <= last:
            raise ValueError(f"a stretch must have a start before its end: {first}, {last}")
        with self._reading:
            self._require_open()
            if self._is_counted:
                return self._read_counted(first, last)
            self._look()
            self._require_open()
            return self._read_anchored(first, last)

    def count(self) -> None:
        """Decode from the start to the end to know every anchor's place; for a background thread.

        Ends early when the recording is closed meanwhile. Does nothing where places are known.
        """
        with self._reading:
            if self._is_counted or self._closing.is_set():
                return
            self._look()
        while not self._closing.is_set() and self._count_on():
            pass

    def close(self) -> None:
        """Let go of the file, of its content and of all that was remembered."""
        self._closing.set()
        with self._reading, self._counting:
            self._counter.close()
            self._files.close()
            self._container = self._stream = None
            for held in (self._numbers, self._stamps, self._digests, self._lasting, self._counted):
                del held[:]
            self.__dict__.pop("_content", None)

    def _require_open(self) -> None:
        if self._closing.is_set():
            raise ValueError("the recording was closed")

    # -- where packets are

    def _look(self) -> None:
        """Read all packets once, without decoding; then compare with a decoding of the head."""
        if self._looked:
            return
        with opened(self._content) as (container, stream, _):
            unit = float(stream.time_base) * self.rate
            is_mpeg = stream.codec_context.name.startswith("mp3")
            lasting = 0.0
            before = long = 0  # time stamp and duration of the packet before
            for number, packet in enumerate(packets_of(self._content, container, stream)):
                if self._closing.is_set():
                    return
                if not packet.size:
                    continue
                data, stamp = bytes(packet), packet.pts
                step = long if stamp is None else stamp - before
                if long and abs(step - long) > TICKS:
                    step = long  # `decode` knows no gaps; else the stamps, as durations are rounded
                if number:
                    lasting += step * unit
                lasts = 0 < step * unit < EVERY * self.rate or not number
                if not lasts or _looks_damaged(packet, data, is_mpeg=is_mpeg):
                    self._doubtful = min(self._doubtful, number)
                before, long = before + step if stamp is None else stamp, packet.duration or 0
                self._anchor(number, packet, lasting)
        self._looked = True
        while len(self._counted) < HEAD and self._count_on():
            pass
        for index in range(1, len(self._counted)):
            told = self._lasting[index] - self._lasting[1]
            if abs(self._counted[index] - self._counted[1] - told) > AGREES * self.rate:
                self._doubtful = 0

    def _anchor(self, number: int, packet: Any, lasting: float) -> None:
        """Make a packet an anchor if the last one is far enough away."""
        stamp = packet.pts
        if stamp is None or (
            self._numbers
            and (stamp <= self._stamps[-1] or lasting - self._lasting[-1] < EVERY * self.rate)
        ):
            return
        self._stamps.append(stamp)
        self._digests.append(zlib.crc32(bytes(packet)))
        self._lasting.append(lasting)
        self._numbers.append(number)

    def _count_on(self) -> bool:
        """Decode on from the start to the next anchor; False at the end."""
        with self._counting:
            return not self._closing.is_set() and next(self._counter, None) is not None

    def _count(self) -> Generator[bool, None, None]:
        with opened(self._content) as (container, stream, _):
            samples, anchors = 0.0, not self._doubtful and not self._numbers
            for number, packet in enumerate(packets_of(self._content, container, stream)):
                known = len(self._counted)
                if anchors and packet.size:
                    self._anchor(number, packet, samples)
                if known < len(self._numbers) and self._numbers[known] == number:
                    self._counted.append(samples)
                    yield True
                samples += sum(
                    frame.samples * self.rate / frame.sample_rate for frame in _frames(packet)
                )

    def _place(self, index: int) -> float:
        """The samples before an anchor."""
        known = len(self._counted) - 1
        if index <= known:
            return self._counted[index]
        return self._counted[known] + self._lasting[index] - self._lasting[known]

    def _anchor_before(self, sample: float) -> int:
        """The last anchor that lies before a sample, -1 if none does."""
        while True:
            index = bisect_right(range(len(self._numbers)), sample, key=self._place) - 1
            known = len(self._counted)
            if index + 1 < known or (index >= 0 and self._numbers[index] < self._doubtful):
                return index
            if not self._count_on():  # the end, or what follows cannot be decoded
                return min(index, len(self._counted) - 1)

    # -- reading

    def _read_anchored(self, first: int, last: int) -> NDArray[np.int16]:
        index, back = self._anchor_before(first), LEAD
        while index > back:
            at = self._place(index)
            if at > first:  # counted meanwhile, and later than was told
                index -= 1
                continue
            packets = self._packets_from(self._stamps[index - back])
            while (packet := next(packets, None)) is not None:
                if packet.pts is not None and packet.pts >= self._stamps[index]:
                    break
                _frames(packet)
            if packet is not None and self._is_anchor(packet, index):
                return self._cut(chain([packet], packets), at, first, last)
            back *= 4
        return self._from_start(first, last)

    def _from_start(self, first: int, last: int) -> NDArray[np.int16]:
        with opened(self._content) as (container, stream, _):
            return self._cut(packets_of(self._content, container, stream), 0.0, first, last)

    def _is_anchor(self, packet: Any, index: int) -> bool:
        same_time = packet.pts == self._stamps[index]
        return same_time and zlib.crc32(bytes(packet)) == self._digests[index]

    def _read_counted(self, first: int, last: int) -> NDArray[np.int16]:
        unit = self._stream.time_base * self.rate
        packets = self._packets_from(int(first / unit))
        packet = next(packets, None)
        if packet is not None and packet.pts is not None and packet.pts * unit <= first:
            return self._cut(chain([packet], packets), float(packet.pts * unit), first, last)
        return self._from_start(first, last)

    def _packets_from(self, stamp: int) -> Iterator[Any]:
        """Packets from a time stamp or a little before it; none where that cannot be sought."""
        import av

        try:
            self._container.seek(stamp, stream=self._stream)
        except (av.FFmpegError, OSError):
            return
        yield from packets_of(self._content, self._container, self._stream)

    def _cut(self, packets: Iterable[Any], at: float, first: int, last: int) -> NDArray[np.int16]:
        """Samples `first` to `last` of packets before which there are `at` samples."""
        import numpy as np

        position = round(at)
        pieces = [np.zeros((1, 0), np.int16)]
        for block in self._mixed(packets, last - at):
            # copied, or else a piece would keep its block in memory
            pieces.append(block[:, max(0, first - position) : max(0, last - position)].copy())
            position += block.shape[1]
        return np.concatenate(pieces, axis=1)

    def _mixed(self, packets: Iterable[Any], enough: float) -> Iterator[NDArray[np.int16]]:
        """Packets as samples of one channel, until there are `enough`."""
        resample = Resampler("s16p", "mono", self.rate)
        given = 0.0
        for packet in packets:
            if given > enough:
                break
            for frame in _frames(packet):
                given += frame.samples * self.rate / frame.sample_rate
                yield from resample(frame)
        yield from resample(None)


def _frames(packet: Any) -> list[Any]:
    """What a packet decodes to: nothing where it is damaged, as in `decode`."""
    import av

    try:
        return list(packet.decode())
    except av.FFmpegError:
        return []


def _looks_damaged(packet: Any, data: bytes, *, is_mpeg: bool) -> bool:
    """Whether a packet of compressed sound can hardly be what an encoder wrote."""
    if is_mpeg and (not data.startswith(b"\xff") or mp3_frame_size(data) not in (None, len(data))):
        return True
    is_constant = len(data) >= CONSTANT and data.count(data[:1]) == len(data)
    return bool(packet.is_corrupt) or is_constant
