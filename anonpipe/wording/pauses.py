"""Pauses from the times of words.

After the extended rules of Dresing and Pehl (Manual (on) Transcription, 3rd English edition,
2015), which write a pause of up to three seconds with points and a longer one with its
seconds: «(..)» from one second on, «(4 s)» where it is nearer to four than to three. The
clean style follows their simple rules, in which only pauses of more than three seconds are
told. A pause is a stretch in which nobody speaks: one between two turns stands at the
beginning of the second, and what is before the first word is none. Recognisers place words
to about half a second, so a length is no measurement.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from anonpipe.transcript import Transcript
from anonpipe.wording.marks import SHORT_PAUSE, Insertion, long_pause
from anonpipe.wording.styles import Written

SHORTEST = 1.0
"""Seconds of silence from which a pause is told."""

LONG = 3.5
"""Seconds from which its length is told: what is rounded to four and more."""


@dataclass(frozen=True, slots=True)
class Silence:
    """A stretch (seconds) in which nobody speaks, before a word of turn number `turn`."""

    turn: int
    start: float
    end: float


def silences(transcript: Transcript) -> tuple[Silence, ...]:
    """The silences of at least a second between words, whoever says them.

    None where the voice detector heard speech without words, since nobody was silent there.
    """
    unheard = [
        (flag.start, flag.end)
        for flag in transcript.flags
        if flag.kind == "speech-without-text" and flag.start is not None and flag.end is not None
    ]
    spoken = sorted(
        (word.start, word.end, number)
        for number, turn in enumerate(transcript.turns)
        for word in turn.words
    )
    found = []
    until = spoken[0][1] if spoken else 0.0
    for start, end, number in spoken:
        if start - until >= SHORTEST and not any(a < start and until < b for a, b in unheard):
            found.append(Silence(number, until, start))
        until = max(until, end)
    return tuple(found)


def pause_marks(
    transcript: Transcript, quiet: Sequence[Silence], style: Written
) -> Iterator[Insertion]:
    """What is to be put in for silences: marks before the first word that is left after each.

    `quiet` are the silences of the transcript before words were taken out. Those between
    which no word is left are one pause.
    """
    places: dict[tuple[int, int], Silence] = {}
    for silence in quiet:
        for word in transcript.turns[silence.turn].words:
            if word.start >= silence.end:
                first = places.get((silence.turn, word.offset), silence)
                whole = Silence(silence.turn, first.start, silence.end)
                places[silence.turn, word.offset] = whole
                break
    for (turn, offset), silence in places.items():
        length = silence.end - silence.start
        if length >= LONG:
            yield Insertion(turn, offset, f"{long_pause(length)} ")
        elif style == "verbatim":
            yield Insertion(turn, offset, f"{SHORT_PAUSE} ")
