"""A recording of two people on one microphone, heard by stand-ins."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from anonpipe.plaintext import Readable
from anonpipe.speakers.backend import Voice
from anonpipe.transcribe.pieces import Stretch
from anonpipe.transcribe.telling import told
from anonpipe.transcribe.turns import PlacedWord, build_turns
from anonpipe.transcript import Transcript
from tests.conftest import StandInTools, StandInTranscriber

SAID = (
    (0, "Thank you for coming. What do you do?"),
    (1, "I work with Kari Nordmann in Bergen and have done so for many years now."),
    (0, "How did that come about?"),
    (1, "Kari said that I should try and so I did and never left again."),
    (2, "Me too."),
)


class FakeDiarizer:
    """Remembers who spoke when; with fewer speakers than there are, the last ones are one."""

    name = "fake"

    def __init__(self) -> None:
        self.told: list[int | None] = []

    def listen(self, audio: object, begin: float, speech: Sequence[tuple[float, float]]) -> bytes:
        raise AssertionError("the stand-in transcriber listens itself")

    def tell(self, windows: Sequence[bytes], speakers: int | None) -> tuple[Voice, ...]:
        self.told.append(speakers)
        most = (speakers or 3) - 1
        return tuple(
            Voice(first, last, min(who, most))
            for window in windows
            for who, first, last in json.loads(window)
        )


class TalkingTranscriber(StandInTranscriber):
    """Hears `SAID` in every recording."""

    def transcribe(self, path: Readable, **options: Any) -> Transcript:
        self.heard.append(path)
        words, voices, at = [], [], 0.0
        for who, text in SAID:
            begin = at
            for word in text.split():
                words.append(PlacedWord(word, at, at + 0.4, 0.9))
                at += 0.5
            voices.append((who, begin, at - 0.1))
            at += 0.3
        language = str(options["language"] or "en")
        diarizer = options["diarizer"]
        if diarizer is None:
            labels = options["speakers"] if len(options["speakers"]) == 1 else ("",)
            return Transcript(tuple(build_turns([words], labels)), language, at)
        window = json.dumps(voices).encode()
        options["keep"](Stretch(0, 0, int(at * 16_000), (((0.0, at),),), (), window))
        turns, flags = told(words, diarizer.tell([window], options["number_of_speakers"]), language)
        return Transcript(tuple(turns), language, at, flags=tuple(flags))


class TalkingTools(StandInTools):
    """Tools that hear several speakers; one diarizer for all of them, so that it can be asked."""

    only = FakeDiarizer()

    def __init__(self, study: Any) -> None:
        super().__init__(study)
        self.transcriber = TalkingTranscriber()
        self.diarizer = self.only if study.settings.diarizer == "voices" else None
