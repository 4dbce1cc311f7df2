"""What is known of composed conversations; conversations.py writes it and tells what it means."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class SpokenWord:
    """A word as written, and seconds from the start of what it is part of."""

    text: str
    start: float
    end: float
    exact: bool = True


@dataclass(frozen=True, slots=True)
class Turn:
    """What one says; `text` and `words` are None where unknown, `words` without times too."""

    speaker: str
    start: float
    end: float
    text: str | None
    words: tuple[SpokenWord, ...] | None


@dataclass(frozen=True, slots=True)
class Segment:
    speaker: str
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Conversation:
    """The reference of a composed recording; `audio` is its file."""

    name: str
    audio: Path
    language: str | None
    seconds: float
    snr_db: float
    overlap: float
    speakers: tuple[dict[str, Any], ...]
    turns: tuple[Turn, ...]
    segments: tuple[Segment, ...]

    @property
    def words(self) -> list[tuple[str, str]]:
        """(word, speaker) of conversations with texts, by turns.

        What is said wholly while the other speaks stands at its time within the other's words,
        as far as those have times, else behind them.
        """
        found: list[tuple[str, str]] = []
        inside: list[tuple[int, int, Turn]] = []
        host: Turn | None = None
        for turn in self.turns:
            if host is not None and turn.end <= host.end:
                later = sum(word.start >= turn.start for word in host.words or ())
                inside.append((len(found) - later, len(inside), turn))
                continue
            host = turn
            found += [(word, turn.speaker) for word in (turn.text or "").split()]
        for at, _, turn in sorted(inside, key=lambda one: one[:2], reverse=True):
            found[at:at] = [(word, turn.speaker) for word in (turn.text or "").split()]
        return found


def read_rttm(path: Path) -> dict[str, list[Segment]]:
    """Who speaks when in each recording that a file of NIST's format tells of."""
    found: dict[str, list[Segment]] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        kind, name, _, start, seconds, _, _, speaker, *_ = line.split()
        if kind == "SPEAKER":
            segment = Segment(speaker, float(start), float(start) + float(seconds))
            found.setdefault(name, []).append(segment)
    return found


def load(folder: Path, which: str = "") -> list[Conversation]:
    """The references in `folder` whose names begin with `which`."""
    found = []
    for path in sorted(folder.glob(f"{which}*.json")):
        told = json.loads(path.read_text(encoding="utf-8"))
        turns = []
        for turn in told.pop("turns"):
            words = turn.pop("words")
            timed = None if words is None else tuple(SpokenWord(**word) for word in words)
            turns.append(Turn(**turn, words=timed))
        segments = tuple(Segment(**segment) for segment in told.pop("segments"))
        audio = path.with_name(told.pop("audio"))
        speakers = tuple(told.pop("speakers"))
        rest = {"audio": audio, "speakers": speakers, "turns": tuple(turns), "segments": segments}
        found.append(Conversation(**{**told, **rest}))
    if not found:
        raise SystemExit(f"{folder} holds no conversations; make them with conversations.py.")
    return found
