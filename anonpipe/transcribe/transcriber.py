"""A recording to a `Transcript`, whatever its length, with what went wrong marked on it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from anonpipe.errors import UsageError
from anonpipe.plaintext import Readable
from anonpipe.transcribe import flags as look
from anonpipe.transcribe.backend import Backend
from anonpipe.transcribe.speech import RATE, pack, pad_spans, speech_spans
from anonpipe.transcribe.turns import PlacedWord, build_turns
from anonpipe.transcribe.windows import WINDOW_SECONDS, Window, windows
from anonpipe.transcript import Channels, Flag, Transcript, Turn

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from anonpipe.audio import channels as channel
    from anonpipe.audio.channels import ChannelPlan

Progress = Callable[[float, float], None]

CLIPPED_SHARE = 0.005
"""Of the samples of one second; a single loud syllable has fewer at full scale."""

PLAN_BLOCKS = 60
"""Blocks (10 minutes) at most that the choice between channels looks at, kept meanwhile."""

SURE = 0.8
SCANDINAVIAN = frozenset({"no", "nn", "da", "sv"})
"""Whisper mistakes these for one another, so that one says nothing against another."""

_STUDY_CODES = {"no": "nb"}
_LABELS = {"nb": "Taler", "nn": "Talar", "da": "Taler", "sv": "Talare"}


@dataclass(slots=True)
class _Heard:
    """What has been gathered of a recording so far; lists by channel."""

    words: list[list[PlacedWord]]
    speech: list[list[tuple[float, float]]]
    looped: list[tuple[float, float]] = field(default_factory=list)
    doubted: list[tuple[float, float]] = field(default_factory=list)
    clipped: list[tuple[float, float]] = field(default_factory=list)
    seconds: float = 0.0


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

    def transcribe(
        self,
        path: Readable,
        *,
        language: str | None,
        hotwords: Sequence[str] = (),
        speakers: Sequence[str] = (),
        channels: Channels = "auto",
        progress: Progress | None = None,
        window_seconds: float = WINDOW_SECONDS,
    ) -> Transcript:
        """Transcribe the recording at `path`, or in memory.

        `language` is the study's (nb, nn, en, ...), or None to detect and report it.
        `hotwords` are names to listen for. With two microphones ("split", or "auto" and
        found so) `speakers` labels the channels in order; else a single label is given to
        every turn, and none where there are several, since nobody knows who spoke.
        `progress` is called with seconds done and in all, never backwards.

        Raises `RecordingError` if the file is not a whole, readable recording, and
        `UsageError` for a language that the model does not know.
        """
        from anonpipe.audio.decode import probe

        forced = None if language is None else self._backend.code(language)
        info = probe(path)
        chosen, blocks = _plan(path, info.channels, channels)
        plan = chosen.plan
        self._backend.start()
        count = 2 if plan == "split" else 1
        heard = _Heard([[] for _ in range(count)], [[] for _ in range(count)])
        report = _monotonic(progress, info.duration)
        code = forced
        detected: dict[str, float] = {}
        for window in windows(
            _wanted(blocks, plan, heard),
            self._backend.speech,
            _gate(chosen.balance) if plan == "split" else None,
            seconds=window_seconds,
        ):
            code, detected = self._hear(window, code, detected, hotwords, heard, report)
        heard_languages = self._backend.overheard() or detected
        study_language = language or _STUDY_CODES.get(code or "", code) or "und"
        turns = build_turns(heard.words, _labels(speakers, count, study_language))
        report(info.duration)
        return Transcript(
            tuple(turns),
            study_language,
            round(heard.seconds, 3),
            round(_language_probability(heard_languages, forced or code), 4)
            if heard_languages
            else None,
            self._backend.name,
            _all_flags(turns, heard, _language_flag(forced, heard_languages)),
        )

    def _hear(
        self,
        window: Window,
        code: str | None,
        detected: dict[str, float],
        hotwords: Sequence[str],
        heard: _Heard,
        report: Callable[[float], None],
    ) -> tuple[str | None, dict[str, float]]:
        """Add a window's words to `heard`; returns the language, detected with the first speech."""
        import numpy as np

        from anonpipe.audio.channels import split_channels

        begin = window.start / RATE
        length = window.samples.shape[1]
        for channel, (samples,) in enumerate(split_channels(window.samples, RATE)):
            spans = [
                (first, min(last, length)) for first, last in speech_spans(window.speech[channel])
            ]
            heard.speech[channel].extend(
                (begin + first / RATE, begin + last / RATE) for first, last in spans
            )
            if not spans:
                continue
            audio = samples.astype(np.float32) / np.float32(32_768)
            packed = pack(audio, pad_spans(spans, length))
            if code is None:
                detected = self._backend.detect(packed.audio, packed.clips)
                code = max(detected, key=lambda one: detected[one])
            for segment in self._backend.transcribe(
                packed.audio, packed.clips, language=code, hotwords=hotwords
            ):
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
                heard.words[channel].extend(placed)
                if placed and segment.looped:
                    heard.looped.append((placed[0].start, placed[-1].end))
                if placed and segment.doubted:
                    heard.doubted.append((placed[0].start, placed[-1].end))
                done = packed.original(segment.end, segment.end)[1] + channel * length / RATE
                report(begin + done / len(window.samples))
        report(begin + length / RATE)
        return code, detected


def _plan(
    path: Readable, recorded: int, wanted: Channels
) -> tuple[channel.Channels, Iterable[NDArray[np.int16]]]:
    """What to transcribe, and the recording's blocks, which are decoded only once."""
    from anonpipe.audio import channels as channel
    from anonpipe.audio.decode import blocks

    if wanted == "split" and recorded != 2:
        raise UsageError(
            f"{path.name} has {recorded} channel{'s' * (recorded != 1)}, not two microphones; "
            'set channels to "auto" or "mix".'
        )
    if recorded != 2 or wanted == "mix":
        return channel.Channels("mix"), blocks(path, channels=1)
    rest = blocks(path, channels=2)
    read: list[NDArray[np.int16]] = []

    def remembered() -> Iterator[NDArray[np.int16]]:
        for block in islice(rest, PLAN_BLOCKS):
            read.append(block)
            yield block

    chosen = channel.plan_channels(remembered(), RATE)
    if wanted == "split" and chosen.plan != "split":
        chosen = channel.Channels("split")
    return chosen, _emptying(read, rest)


def _emptying(
    read: list[NDArray[np.int16]], rest: Iterator[NDArray[np.int16]]
) -> Iterator[NDArray[np.int16]]:
    """First what was read, letting go of it, then the rest."""
    while read:
        yield read.pop(0)
    yield from rest


def _wanted(
    blocks: Iterable[NDArray[np.int16]], plan: ChannelPlan, heard: _Heard
) -> Iterator[NDArray[np.int16]]:
    """The channels to transcribe, noting length and clipping on the way."""
    position = 0
    for block in blocks:
        heard.clipped.extend(_clipped(block, position / RATE))
        position += block.shape[1]
        heard.seconds = position / RATE
        if plan == "left":
            yield block[:1]
        elif plan == "right":
            yield block[1:]
        elif plan == "mix" and len(block) == 2:
            # halved before the sum, which would not fit 16 bits
            yield (block[:1] >> 1) + (block[1:] >> 1)
        else:
            yield block


def _clipped(block: NDArray[np.int16], begin: float) -> Iterator[tuple[float, float]]:
    """The seconds of a block that were recorded too loud."""
    from anonpipe.audio.levels import CLIPPED_FROM, clipped_samples

    if block.max() < CLIPPED_FROM and block.min() > -CLIPPED_FROM:
        return
    runs = clipped_samples(block)
    for first in range(0, block.shape[1], RATE):
        part = runs[:, first : first + RATE]
        if part.mean(axis=1).max() > CLIPPED_SHARE:
            start = begin + first / RATE
            yield round(start, 2), round(start + part.shape[1] / RATE, 2)


def _gate(balance: float) -> Callable[[NDArray[np.int16]], NDArray[np.int16]]:
    from anonpipe.audio.channels import gate

    return lambda piece: gate(piece, RATE, balance)


def _monotonic(progress: Progress | None, total: float) -> Callable[[float], None]:
    """Progress that never runs backwards or past the end."""
    last = 0.0

    def report(done: float) -> None:
        nonlocal last
        last = min(max(last, done), total)
        if progress is not None:
            progress(last, total)

    return report


def _labels(speakers: Sequence[str], count: int, language: str) -> list[str]:
    if count == 1:
        return [speakers[0] if len(speakers) == 1 else ""]
    label = _LABELS.get(language, "Speaker")
    return [
        speakers[index] if index < len(speakers) else f"{label} {index + 1}"
        for index in range(count)
    ]


def _alike(language: str) -> frozenset[str]:
    return SCANDINAVIAN if language in SCANDINAVIAN else frozenset({language})


def _language_probability(heard: dict[str, float], language: str | None) -> float:
    return heard.get(language or "", 0.0)


def _language_flag(forced: str | None, heard: dict[str, float]) -> list[Flag]:
    """A flag if another language than the forced one is heard, or if it is not sure which."""
    if not heard:
        return []
    if forced is not None:
        best = max(heard, key=lambda one: heard[one])
        differs = best not in _alike(forced) and heard[best] >= 0.5
        return [Flag("language")] if differs else []
    best = max(heard, key=lambda one: heard[one])
    return [Flag("language")] if heard[best] < SURE or best in SCANDINAVIAN else []


def _all_flags(turns: Sequence[Turn], heard: _Heard, language: list[Flag]) -> tuple[Flag, ...]:
    speech = [span for channel in heard.speech for span in channel]
    loops = look.repetitions(turns)
    known = look.merge((flag.start or 0.0, flag.end or 0.0) for flag in loops)
    # The recogniser's own suspicion adds only what counting phrases has not found already.
    suspected = [
        flag
        for flag in look.in_stretches("repetition", turns, heard.looped)
        if not any(a < (flag.end or 0.0) and (flag.start or 0.0) < b for a, b in known)
    ]
    found = [
        *look.low_confidence(turns),
        *loops,
        *suspected,
        *look.text_without_speech(turns, speech),
        *look.in_stretches("text-without-speech", turns, heard.doubted),
        *look.speech_without_text(turns, speech),
        *look.clipping(heard.clipped),
    ]
    found.sort(key=lambda flag: (flag.start or 0.0, flag.turn or 0, flag.kind))
    return (*language, *found)
