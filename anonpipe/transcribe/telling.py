"""Turns by speaker from the words of one channel and its voices, with what is doubtful flagged."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import replace

from anonpipe.speakers.backend import Voice
from anonpipe.speakers.labels import neutral
from anonpipe.transcribe.flags import marked
from anonpipe.transcribe.said import attribute
from anonpipe.transcribe.turns import PlacedWord, placed_words, told_turns
from anonpipe.transcript import Flag, Transcript, Turn


def told(
    words: Sequence[PlacedWord], voices: Sequence[Voice], language: str
) -> tuple[list[Turn], list[Flag]]:
    """Turns with neutral labels, numbered as the speakers begin, and the flags on their words.

    The words keep their order and their text whatever the voices are. Flagged are words during
    which somebody else speaks too ("overlap"), and those of which it is not sure who says them
    ("speaker").
    """
    said = attribute(words, voices)
    order = list(dict.fromkeys(each.speaker for each in said))
    labels = [neutral(number, language) for number in range(1, len(order) + 1)]
    turns = told_turns(words, [order.index(each.speaker) for each in said], labels)
    flags = marked("overlap", turns, (each.overlapped for each in said))
    return turns, [*flags, *marked("speaker", turns, (not each.sure for each in said))]


def told_anew(transcript: Transcript, voices: Sequence[Voice]) -> Transcript:
    """A transcript of one channel with its speakers told apart in another way.

    What was flagged otherwise stays flagged, in the turns where it stands now.
    """
    words = placed_words(transcript.turns)
    turns, flags = told(words, voices, transcript.language)
    starts = [turn.start or 0.0 for turn in turns]

    def moved(flag: Flag) -> Flag:
        if flag.turn is None:
            return flag
        at = flag.start if flag.start is not None else transcript.turns[flag.turn].start or 0.0
        return replace(flag, turn=max(0, bisect_right(starts, at) - 1))

    stay = [moved(f) for f in transcript.flags if f.kind not in ("overlap", "speaker")]
    found = sorted([*stay, *flags], key=lambda f: (f.start or 0.0, f.turn or 0, f.kind))
    return replace(transcript, turns=tuple(turns), flags=tuple(found))
