"""Loops of a looping recogniser, as opposed to what people repeat."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from anonpipe.transcript import Flag, Turn, Word

MAX_PHRASE = 12
"""Words of the longest phrase that is looked for."""

TIMES = {1: 5, 2: 4}
OTHERWISE = 3
"""Repetitions, by words of the phrase, from which nobody says it: people do say «ja, ja, ja»."""

RESPONSES = frozenset(
    (
        *("ja", "jo", "nei", "nja", "mm", "mhm", "hm", "hmm", "eh", "ehm", "ha", "he", "hei"),
        *("jaha", "neida", "joda", "akkurat", "nettopp", "riktig", "veldig", "så", "bla", "blah"),
        *("yes", "yeah", "yep", "no", "nope", "okay", "ok", "oh", "ah", "uh", "um", "right"),
        *("sure", "very", "so"),
    )
)
"""Words that people say in a row: «nei, nei, nei, nei, nei»."""

IN_A_ROW = 8
"""How many of those in a row are a loop."""

BREATH = 3.0
"""Seconds between single words or responses from which each answers something else."""

ASKED = 2
"""How many times more it takes if others speak in between: «Hvorfor det?» is asked again."""


@dataclass(frozen=True, slots=True)
class _Said:
    turn: int
    word: Word
    plain: str


def repetitions(turns: Sequence[Turn]) -> list[Flag]:
    """Phrases of 1 to 12 words said over and over, whatever borders of turns lie between.

    Looked for in the words as they follow each other and, since a loop on one of two
    microphones is broken up by the other, in those of each speaker. One flag for each turn
    that holds a part.
    """
    said = [
        _Said(index, word, word.text.strip(".,!?…-–:;\"'«»").casefold())
        for index, turn in enumerate(turns)
        for word in turn.words
    ]
    sequences = [(said, 0)]
    speakers = {turn.speaker for turn in turns}
    if len(speakers) > 1:
        sequences += [
            ([one for one in said if turns[one.turn].speaker == speaker], ASKED)
            for speaker in sorted(speakers)
        ]
    looped = {id(one) for sequence, more in sequences for one in _loops(sequence, more)}
    flags = []
    for (index, looping), run in groupby(said, lambda one: (one.turn, id(one) in looped)):
        words = [one.word for one in run]
        if looping:
            end = max(word.end for word in words)
            flags.append(Flag("repetition", index, words[0].start, end, len(words)))
    return flags


def _loops(said: Sequence[_Said], more: int) -> Iterator[_Said]:
    at = 0
    while at < len(said):
        end = _repeated(said, at, more)
        yield from said[at:end]
        at = max(end, at + 1)


def _repeated(said: Sequence[_Said], at: int, more: int) -> int:
    """The end of the longest loop that begins at `at`, or `at`; `more` times than usual."""
    best = at
    for size in range(1, min(MAX_PHRASE, (len(said) - at) // OTHERWISE) + 1):
        phrase = [one.plain for one in said[at : at + size]]
        if not any(phrase) or (size > 1 and len(set(phrase)) == 1):
            continue
        times = 1
        while _again(said, at, size, times, phrase):
            times += 1
        needed = TIMES.get(size, OTHERWISE) + more
        if RESPONSES.issuperset(phrase):
            needed = max(needed, -(-IN_A_ROW // size))
        if times >= needed:
            best = max(best, at + times * size)
    return best


def _again(said: Sequence[_Said], at: int, size: int, times: int, phrase: list[str]) -> bool:
    """Whether the phrase stands there once more after `times` times."""
    begin = at + times * size
    following = said[begin : begin + size]
    if [one.plain for one in following] != phrase:
        return False
    if size > 1 and not RESPONSES.issuperset(phrase):
        return True
    return following[0].word.start - said[begin - 1].word.end < BREATH
