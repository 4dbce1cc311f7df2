"""A recording to a `Transcript`, whatever its length, with what went wrong marked on it.

Here is the loop: windows of some minutes, in each the clips of speech, batch by batch. What
it hears becomes pieces (`pieces`), and the transcript is made of those (`assembly`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from anonpipe.errors import UsageError
from anonpipe.plaintext import Readable
from anonpipe.times import Interval
from anonpipe.transcribe import sound
from anonpipe.transcribe.assembly import assembled
from anonpipe.transcribe.backend import Backend, HeardBatch
from anonpipe.transcribe.languages import most_probable
from anonpipe.transcribe.pieces import Batch, Piece, Stretch, gathered
from anonpipe.transcribe.speech import RATE, Packed, Span, pack, pad_spans, speech_spans
from anonpipe.transcribe.turns import PlacedWord
from anonpipe.transcribe.windows import WINDOW_SECONDS, Window, windows
from anonpipe.transcript import Channels, Transcript

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from anonpipe.speakers.backend import Diarizer

Progress = Callable[[float, float], None]
Keep = Callable[[Piece], None]


class Transcriber:
    """Speech to text with a local Whisper model, or with any `Backend` given instead.

    The model is loaded once and serves many recordings; the same recording and settings
    give the same transcript on the same machine. The arguments are `WhisperBackend`'s.
    """

    def __init__(
        self,
        model_dir: Path | None = None,
        *,
        device: str = "auto",
        compute_type: str = "default",
        threads: int = 0,
        batch_size: int | None = None,
        backend: Backend | None = None,
    ) -> None:
        if backend is None:
            from anonpipe.transcribe.whisper import WhisperBackend

            if model_dir is None:
                raise UsageError("Transcription needs the folder of a speech model; name one.")
            backend = WhisperBackend(
                model_dir,
                device=device,
                compute_type=compute_type,
                threads=threads,
                batch_size=batch_size,
            )
        self._backend = backend

    @property
    def way(self) -> str:
        """What a transcript depends on besides model, recording and arguments."""
        return self._backend.way

    def transcribe(
        self,
        path: Readable,
        *,
        language: str | None,
        hotwords: Sequence[str] = (),
        speakers: Sequence[str] = (),
        channels: Channels = "auto",
        diarizer: Diarizer | None = None,
        number_of_speakers: int | None = None,
        done: Sequence[Piece] = (),
        keep: Keep | None = None,
        progress: Progress | None = None,
        window_seconds: float = WINDOW_SECONDS,
    ) -> Transcript:
        """Transcribe the recording at `path`, or in memory.

        `language` is the study's (nb, nn, en, ...), or None to detect and report it.
        `hotwords` are names to listen for. With two microphones ("split", or "auto" and
        found so) `speakers` labels the channels in order; else a single label is given to
        every turn, and none where there are several, since nobody knows who spoke.
        Unless there are two microphones, `diarizer` listens to every window and tells
        `number_of_speakers` apart, or as many as it finds for None; they are called «Taler 1»,
        «Taler 2» in the order in which they begin.
        `keep` is called with each piece as soon as it is heard. Given as `done`, the pieces
        that an earlier call kept are not heard again; the recording, the other arguments and
        the model must be the same, and then so is the transcript.
        `progress` is called with seconds done and in all, never backwards, first with what
        was done before.

        Raises `RecordingError` if the file is not a whole, readable recording, and
        `UsageError` for a language that the model does not know.
        """
        from anonpipe.audio.decode import probe

        forced = None if language is None else self._backend.code(language)
        info = probe(path)
        chosen, blocks = sound.plan(path, info.channels, channels)
        split = chosen.plan == "split"
        hearing = _Hearing(self._backend, forced, tuple(hotwords), list(done), keep)
        report = _monotonic(progress, info.duration)
        report(hearing.seconds_done)
        clipped: list[Interval] = []
        for number, window in enumerate(
            windows(
                sound.wanted_blocks(blocks, chosen.plan, clipped),
                self._backend.speech,
                sound.gate(chosen.balance) if split else None,
                seconds=window_seconds,
                ends=hearing.ends,
            )
        ):
            if number >= len(hearing.ends):
                hearing.hear(number, window, clipped, None if split else diarizer, report)
            clipped.clear()
        report(info.duration)
        heard = gathered(hearing.pieces, 2 if split else 1)
        voices = None
        if diarizer is not None and not split:
            voices = diarizer.tell(heard.voices, number_of_speakers)
        return assembled(
            heard,
            language=language,
            forced=forced,
            speakers=speakers,
            voices=voices,
            model=self._backend.name,
        )


@dataclass(slots=True)
class _Hearing:
    """One recording on its way; `code` is the recogniser's for the language, once it is known."""

    backend: Backend
    code: str | None
    hotwords: tuple[str, ...]
    pieces: list[Piece]
    keep: Keep | None

    def __post_init__(self) -> None:
        for piece in self.pieces:
            if isinstance(piece, Batch) and piece.detected and self.code is None:
                self.code = most_probable(piece.detected)

    @property
    def ends(self) -> list[int]:
        """Where the windows end that are done, in samples."""
        return [piece.end for piece in self.pieces if isinstance(piece, Stretch)]

    @property
    def seconds_done(self) -> float:
        last = self.ends[-1] / RATE if self.ends else 0.0
        words = [piece.words for piece in self.pieces if isinstance(piece, Batch)]
        return max([last, *(part[-1].end for part in words if part)])

    def add(self, piece: Piece) -> None:
        self.pieces.append(piece)
        if self.keep is not None:
            self.keep(piece)

    def hear(
        self,
        number: int,
        window: Window,
        clipped: Sequence[Interval],
        diarizer: Diarizer | None,
        report: Callable[[float], None],
    ) -> None:
        """Hear the batches of a window that are not among the pieces yet, and close it."""
        from anonpipe.audio.channels import split_channels

        begin, length = window.start / RATE, window.samples.shape[1]
        known = {
            (piece.channel, piece.number): piece
            for piece in self.pieces
            if isinstance(piece, Batch) and piece.window == number
        }
        speech: list[tuple[Interval, ...]] = []
        voices = b""
        for channel, (samples,) in enumerate(split_channels(window.samples, RATE)):
            spans = [
                (first, min(last, length)) for first, last in speech_spans(window.speech[channel])
            ]
            speech.append(
                tuple((begin + first / RATE, begin + last / RATE) for first, last in spans)
            )
            if not spans:
                continue
            audio = _floats(samples)
            packed = pack(audio, pad_spans(spans, length))
            until = 0.0
            for index in range(-(-len(packed.clips) // self.backend.batch_size)):
                batch = known.get((channel, index))
                if batch is None:
                    batch = self.hear_batch(packed, begin, Batch(number, channel, index), until)
                    self.add(batch)
                until = batch.until
                clip = packed.clips[: (index + 1) * self.backend.batch_size][-1]
                done = packed.original(clip[1] / RATE, clip[1] / RATE)[1] + channel * length / RATE
                report(begin + done / len(window.samples))
            del packed
            if diarizer is not None:
                voices = diarizer.listen(audio, begin, speech[-1])
        end = window.start + length
        self.add(Stretch(number, window.start, end, tuple(speech), tuple(clipped), voices))
        report(end / RATE)

    def hear_batch(self, packed: Packed, begin: float, empty: Batch, until: float) -> Batch:
        """Hear one batch of a window's clips, in the language, which is detected if need be."""
        size = self.backend.batch_size
        clips = packed.clips[empty.number * size : (empty.number + 1) * size]
        detected: dict[str, float] = {}
        if self.code is None:
            detected = self.backend.detect(packed.audio, packed.clips)
            self.code = most_probable(detected)
            assert self.code is not None, "a recogniser takes speech for some language"
        heard = self.backend.hear(
            packed.audio,
            clips,
            language=self.code,
            hotwords=self.hotwords,
            listen=empty.number == 0,
            until=until,
        )
        return _placed(heard, packed, clips, begin, empty, detected)


def _placed(
    heard: HeardBatch,
    packed: Packed,
    clips: Sequence[Span],
    begin: float,
    empty: Batch,
    detected: dict[str, float],
) -> Batch:
    """What was heard in a batch, in seconds of the recording."""
    words: list[PlacedWord] = []
    looped: list[Interval] = []
    doubted: list[Interval] = []
    for segment in heard.segments:
        placed: list[PlacedWord] = []
        for word in segment.words:
            text = word.text.strip()
            if not text:
                continue
            first, last = packed.original(word.start, word.end)
            glued = bool(placed) and not word.text.startswith(" ")
            placed.append(
                PlacedWord(
                    text,
                    round(begin + first, 3),
                    round(begin + last, 3),
                    round(min(1.0, max(0.0, word.probability)), 4),
                    glued,
                )
            )
        if words and placed and _goes_on(words[-1].text, placed[0].text):
            words[-1] = replace(words[-1], text=words[-1].text[:-1])
        words.extend(placed)
        if placed and segment.looped:
            looped.append((placed[0].start, placed[-1].end))
        if placed and segment.doubted:
            doubted.append((placed[0].start, placed[-1].end))
    foreign = [
        (round(begin + first / RATE, 2), round(begin + last / RATE, 2))
        for low, high in (clips[number] for number in heard.foreign)
        for at, (first, last) in zip(packed.starts, packed.spans, strict=True)
        if low <= at < high
    ]
    return Batch(
        window=empty.window,
        channel=empty.channel,
        number=empty.number,
        words=tuple(words),
        looped=tuple(looped),
        doubted=tuple(doubted),
        languages=heard.languages,
        detected=detected,
        until=heard.until,
        foreign=tuple(foreign),
    )


def _goes_on(last: str, first: str) -> bool:
    """Whether a sentence goes on across a clip's end, where Whisper writes a full stop."""
    return last.endswith(".") and last[:-1].isalpha() and first[0].islower()


def _floats(samples: NDArray[np.int16]) -> NDArray[np.float32]:
    import numpy as np

    return samples.astype(np.float32) / np.float32(32_768)


def _monotonic(progress: Progress | None, total: float) -> Callable[[float], None]:
    """Progress that never runs backwards or past the end."""
    last = 0.0

    def report(done: float) -> None:
        nonlocal last
        last = min(max(last, done), total)
        if progress is not None:
            progress(last, total)

    return report
