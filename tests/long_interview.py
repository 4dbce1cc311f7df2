"""A three-hour interview of invented words, and a study that holds it."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path

from anonpipe.detect.spans import Span
from anonpipe.plaintext import Readable
from anonpipe.study import Study
from anonpipe.transcript import KnownName, Mention, Transcript, Turn, Word
from tests.stand_ins import StandInDetector, StandInTools

TURNS = 1500
WORDS = 18
"""Words of a turn: 27,000 in all."""
SECONDS = 0.4
"""Of a word: three hours in all."""
_SYLLABLES = (
    "ba",
    "de",
    "fi",
    "go",
    "hu",
    "ja",
    "ke",
    "li",
    "mo",
    "nu",
    "pa",
    "re",
    "si",
    "to",
    "vu",
)


def _word(random_: random.Random) -> str:
    return "".join(random_.choice(_SYLLABLES) for _ in range(random_.randint(1, 4)))


def names(random_: random.Random, count: int = 300) -> tuple[str, ...]:
    """Invented first names, each of at least three syllables, so that no word is one."""
    found: dict[str, None] = {}
    while len(found) < count:
        found["Zu" + "".join(random_.choice(_SYLLABLES) for _ in range(3))] = None
    return tuple(found)


def transcript(turns: int = TURNS, seed: int = 1) -> tuple[Transcript, tuple[str, ...]]:
    """The interview, and the names in it: one a turn on average."""
    random_ = random.Random(seed)
    known = names(random_)
    made = []
    for number in range(turns):
        texts = [_word(random_) for _ in range(WORDS - 1)]
        texts.insert(random_.randrange(WORDS), random_.choice(known))
        words, offset = [], 0
        for at, text in enumerate(texts):
            start = (number * WORDS + at) * SECONDS
            probability = 0.3 if random_.random() < 0.02 else 0.95
            words.append(Word(text, offset, start, start + SECONDS, probability))
            offset += len(text) + 1
        speaker = "P01" if number % 2 else "Interviewer"
        made.append(Turn(" ".join(texts), speaker, words[0].start, words[-1].end, tuple(words)))
    return Transcript(tuple(made), "en", turns * WORDS * SECONDS), known


class LongDetector(StandInDetector):
    """Finds the names of the interview."""

    def __init__(self, known: Sequence[str]) -> None:
        self.known = frozenset(known)

    def find(self, transcript: Transcript) -> tuple[Span, ...]:
        spans, at = [], 0
        for word in transcript.text.replace("\n", " ").split(" "):
            if word in self.known:
                spans.append(Span(at, at + len(word), "PERSON", 0.5, "stand-in"))
            at += len(word) + 1
        return tuple(spans)

    def complete(
        self, transcript: Transcript, found: Sequence[Span], known: Sequence[KnownName] = ()
    ) -> tuple[Mention, ...]:
        wanted = self.known | {name.text for name in known}
        mentions = []
        for number, turn in enumerate(transcript.turns):
            at = 0
            for word in turn.text.split(" "):
                if word in wanted:
                    end = at + len(word)
                    mentions.append(Mention(number, at, end, "PERSON", word, 0.5, "stand-in"))
                at += len(word) + 1
        return tuple(mentions)


class LongTools(StandInTools):
    """Tools that hear the long interview in every recording."""

    def __init__(self, study: Study) -> None:
        super().__init__(study)
        heard, known = transcript()
        self.detector = LongDetector(known)
        self.transcriber = _Hears(heard)


class _Hears:
    way = "stand-in"

    def __init__(self, heard: Transcript) -> None:
        self.heard = heard

    def transcribe(self, path: Readable | Path, **options: object) -> Transcript:
        return self.heard
