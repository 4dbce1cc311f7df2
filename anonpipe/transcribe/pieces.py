"""What was heard of a recording, in pieces that can be kept and carried on from.

Each window of a recording gives a `Batch` for every batch of clips that was heard in it, channel
by channel, and then a `Stretch` that closes it. In that order the pieces are all that the
transcript is made of (`assembly.assembled`), whether they were heard in one go or not: a run
that was stopped goes on with the batch after the last piece.

Pieces hold what was said. On a disk they lie encrypted, or not at all.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from anonpipe.times import Interval
from anonpipe.transcribe.speech import RATE
from anonpipe.transcribe.turns import PlacedWord


@dataclass(frozen=True, slots=True)
class Batch:
    """What was heard in batch `number` of the clips of a channel in a window; all count from 0.

    `looped` and `doubted` are the seconds whose text the recogniser itself did not trust.
    `languages` are the probabilities of what it took the language for, {} where it was not
    asked; `detected` those by which the language was chosen, in one batch of a recording at
    most. `foreign` are the seconds in which another language than that was heard.
    `until` is the second of the window's packed speech at which the last word ended.
    """

    window: int
    channel: int
    number: int
    words: tuple[PlacedWord, ...] = ()
    looped: tuple[Interval, ...] = ()
    doubted: tuple[Interval, ...] = ()
    languages: Mapping[str, float] = field(default_factory=dict)
    detected: Mapping[str, float] = field(default_factory=dict)
    until: float = 0.0
    foreign: tuple[Interval, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values; `piece_from_json` is the inverse."""
        return {"batch": asdict(self)}


@dataclass(frozen=True, slots=True)
class Stretch:
    """What is known of a window as a whole: samples `start` to `end` of the recording at 16 kHz.

    `speech` is where the voice detector found speech, by channel. `clipped` is what was
    recorded too loud, as far as the recording had been read. `voices` is what a diarizer
    remembers of the window, b"" without one.
    """

    window: int
    start: int
    end: int
    speech: tuple[tuple[Interval, ...], ...]
    clipped: tuple[Interval, ...] = ()
    voices: bytes = b""

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values; `piece_from_json` is the inverse."""
        return {"stretch": asdict(self) | {"voices": b64encode(self.voices).decode()}}


Piece = Batch | Stretch


def piece_from_json(data: Mapping[str, Any]) -> Piece:
    """Rebuild a piece from its `to_json`; KeyError, TypeError or ValueError for other values."""
    if "batch" in data:
        values = data["batch"]
        return Batch(
            **{
                **values,
                "words": tuple(PlacedWord(**word) for word in values["words"]),
                "looped": _intervals(values["looped"]),
                "doubted": _intervals(values["doubted"]),
                "foreign": _intervals(values["foreign"]),
            }
        )
    values = data["stretch"]
    return Stretch(
        **{
            **values,
            "speech": tuple(_intervals(channel) for channel in values["speech"]),
            "clipped": _intervals(values["clipped"]),
            "voices": b64decode(values["voices"], validate=True),
        }
    )


def _intervals(data: Iterable[Any]) -> tuple[Interval, ...]:
    return tuple((begin, end) for begin, end in data)


@dataclass(frozen=True, slots=True)
class Heard:
    """The pieces of a recording put together.

    `words` and `speech` (seconds) are by channel: one, or two with a microphone each.
    `voices` is what a diarizer remembers of each window, in order, () without one.
    `languages` are the recogniser's probabilities, one mapping each time it was asked;
    `detected` those by which the language was chosen, {} if it was given. `seconds` is the
    length of the recording.
    """

    words: tuple[tuple[PlacedWord, ...], ...]
    speech: tuple[tuple[Interval, ...], ...]
    looped: tuple[Interval, ...] = ()
    doubted: tuple[Interval, ...] = ()
    foreign: tuple[Interval, ...] = ()
    clipped: tuple[Interval, ...] = ()
    voices: tuple[bytes, ...] = ()
    languages: tuple[Mapping[str, float], ...] = ()
    detected: Mapping[str, float] = field(default_factory=dict)
    seconds: float = 0.0


def gathered(pieces: Iterable[Piece], channels: int) -> Heard:
    """Put the pieces of a recording together, in order, of which `channels` were heard."""
    words: list[list[PlacedWord]] = [[] for _ in range(channels)]
    speech: list[list[Interval]] = [[] for _ in range(channels)]
    batches: list[Batch] = []
    stretches: list[Stretch] = []
    for piece in pieces:
        if isinstance(piece, Batch):
            batches.append(piece)
            words[piece.channel].extend(piece.words)
        else:
            stretches.append(piece)
            for channel, spans in enumerate(piece.speech):
                speech[channel].extend(spans)
    return Heard(
        words=tuple(map(tuple, words)),
        speech=tuple(map(tuple, speech)),
        looped=tuple(span for batch in batches for span in batch.looped),
        doubted=tuple(span for batch in batches for span in batch.doubted),
        foreign=tuple(span for batch in batches for span in batch.foreign),
        clipped=tuple(span for stretch in stretches for span in stretch.clipped),
        voices=tuple(stretch.voices for stretch in stretches if stretch.voices),
        languages=tuple(batch.languages for batch in batches if batch.languages),
        detected=next((batch.detected for batch in batches if batch.detected), {}),
        seconds=stretches[-1].end / RATE if stretches else 0.0,
    )
