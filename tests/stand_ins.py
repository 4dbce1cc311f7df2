"""Quick stand-ins for the models, which a process of its own can have without pytest."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from anonpipe.detect.chances import Chance
from anonpipe.detect.spans import Span
from anonpipe.errors import RecordingError
from anonpipe.plaintext import Readable
from anonpipe.study import Study
from anonpipe.transcript import KnownName, Mention, MentionType, Transcript, Turn, Word

NAMES = ("Kari Nordmann", "Kari", "Ola Hansen", "Bergen", "Solbakken skole", "ola@example.org")
TYPES: dict[str, MentionType] = {
    "Bergen": "LOCATION",
    "Solbakken skole": "ORG",
    "ola@example.org": "EMAIL",
}
SPOKEN = "I met Kari Nordmann in Bergen and Kari said yes"


class StandInDetector:
    """Finds the names above, and those that are known, as a real detector would."""

    def detect(
        self, transcript: Transcript, known: Sequence[KnownName] = ()
    ) -> tuple[Mention, ...]:
        return self.complete(transcript, self.find(transcript), known)

    def find(self, transcript: Transcript) -> tuple[Span, ...]:
        pattern = re.compile("|".join(sorted(map(re.escape, NAMES), key=len, reverse=True)))
        return tuple(
            Span(m.start(), m.end(), TYPES.get(m[0], "PERSON"), 1.0, "stand-in")
            for m in pattern.finditer(transcript.text)
        )

    def chances(self, transcript: Transcript) -> tuple[Chance, ...]:
        return ()

    def complete(
        self, transcript: Transcript, found: Sequence[Span], known: Sequence[KnownName] = ()
    ) -> tuple[Mention, ...]:
        text = transcript.text
        names: dict[str, MentionType] = {text[s.start : s.end]: s.type for s in found}
        names |= {name.text: name.type for name in known}
        names |= {name: kind for name, kind in TYPES.items() if name in names}
        if not names:
            return ()
        pattern = re.compile("|".join(sorted(map(re.escape, names), key=len, reverse=True)))
        return tuple(
            Mention(i, m.start(), m.end(), names[m[0]], m[0], 1.0, "stand-in")
            for i, turn in enumerate(transcript.turns)
            for m in pattern.finditer(turn.text)
        )


class StandInTranscriber:
    """Hears the same sentence in every recording, word by word, a second each."""

    heard: list[Readable]
    way = "stand-in"

    def __init__(self) -> None:
        self.heard = []

    def transcribe(self, path: Readable, **options: object) -> Transcript:
        if isinstance(path, Path) and path.stat().st_size == 0:
            raise RecordingError(f"{path.name} is empty: copy it from the recorder again.")
        self.heard.append(path)
        words, offset = [], 0
        for second, text in enumerate(SPOKEN.split()):
            words.append(Word(text, offset, float(second), second + 1.0, 0.9))
            offset += len(text) + 1
        turn = Turn(SPOKEN, "P01", 0.0, float(len(words)), tuple(words))
        return Transcript((turn,), str(options["language"] or "en"), float(len(words)))


class StandInTools:
    def __init__(self, _: Study) -> None:
        self.transcriber = StandInTranscriber()
        self.detector = StandInDetector()
        self.diarizer = None
        self.model_digest = "0" * 16
