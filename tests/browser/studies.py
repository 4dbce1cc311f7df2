"""Studies to be reviewed: the sample study as it is heard, and one that is three hours long.

Nothing is recognised here: what the sample recordings say was heard once, by the real recogniser,
and is in data/sample_study/heard.json. Names are found by the real detector in the sample study,
and by a stand-in in the long one.
"""

from __future__ import annotations

import contextlib
import functools
import json
import shutil
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from anonpipe import batch, create, resources, tools
from anonpipe.plaintext import Readable
from anonpipe.session import session
from anonpipe.study import Study, load
from anonpipe.transcript import Transcript, Turn, Word
from tests.audio import sound
from tests.stand_ins import StandInDetector

HEARD = Path(__file__).parents[1] / "data" / "sample_study" / "heard.json"
CANARIES = ("Marshall", "Solheim", "Ødegård", "Nordmo", "Fjordgløtt", "Riverside", "413 08 227")
"""What only raw text holds: people, places and a number of the sample study."""
HOURS = 3
_ENDS = (
    "delete-after-transcription,no",
    "delete-on:2036-06-30,no",
    "keep-until:2036-12-31,no",
    "keep-bleeped,no",
)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a study is and what opens its key; `top` holds both, and nothing else."""

    top: Path

    @property
    def folder(self) -> Path:
        return self.top / "study"

    @property
    def identity(self) -> Path:
        return self.top / "custody" / "student.identity.age"

    @property
    def study(self) -> Study:
        return load(self.folder)

    @contextlib.contextmanager
    def opened(self):  # type: ignore[no-untyped-def]
        with session(self.study, [self.identity], lambda _: None) as current:
            yield current

    def copy(self, top: Path) -> Place:
        """The same study elsewhere; its key goes with it."""
        shutil.copytree(self.top, top)
        settings = top / "study" / "study.toml"
        text = settings.read_text(encoding="utf-8")
        settings.write_text(text.replace(str(self.top), str(top)), encoding="utf-8")
        return Place(top)


def transcript(data: dict[str, Any]) -> Transcript:
    """A transcript out of heard.json, where words are lists."""
    names = ("text", "offset", "start", "end", "probability")
    turns = [
        {**turn, "words": [dict(zip(names, word, strict=True)) for word in turn["words"]]}
        for turn in data["turns"]
    ]
    return Transcript.from_json({**data, "turns": turns})


class Hearer:
    """Gives what was heard of a sample recording, by its content."""

    way = "heard before"

    @functools.cached_property
    def heard(self) -> dict[bytes, Transcript]:
        folder = resources.folder("samples") / "recordings"
        texts = json.loads(HEARD.read_text(encoding="utf-8"))
        return {(folder / name).read_bytes(): transcript(data) for name, data in texts.items()}

    def transcribe(self, path: Readable, **_: object) -> Transcript:
        return self.heard[path.read_bytes() if isinstance(path, Path) else path.data]


class SampleTools(tools.Tools):
    """The real detector, and a recogniser that has heard the sample recordings before."""

    diarizer = None  # type: ignore[assignment]
    model_digest = "0" * 16  # type: ignore[assignment]

    @functools.cached_property
    def transcriber(self) -> Hearer:  # type: ignore[override]
        return Hearer()


class LongHearer:
    """Hears three hours of talk in any recording: about as many words as people say."""

    way = "stand-in"

    def transcribe(self, _: Readable, **__: object) -> Transcript:
        return long_transcript(HOURS)


class LongTools:
    def __init__(self, _: Study) -> None:
        self.transcriber, self.detector = LongHearer(), StandInDetector()
        self.diarizer, self.model_digest = None, "0" * 16


QUESTION = "And how was that for you, when you came to {place}?"
ANSWER = (
    "Well, it was {day} I think, and Kari Nordmann said that we should take our time with it. "
    "I had been at Solbakken skole for {count} years by then, and Ola Hansen knew everybody in "
    "Bergen. So we sat down and talked about what had been hard and what had been good, and I "
    "remember that Kari laughed. You never forget a thing like that, do you."
)
DAYS = ("a Monday", "a Tuesday", "in the spring", "after the holidays", "one evening")


def long_transcript(hours: float) -> Transcript:
    """An interview of so many hours, at two and a half words a second, a few of them doubtful."""
    turns: list[Turn] = []
    at, number = 0.0, 0
    while at < hours * 3600:
        for speaker, form in (("Interviewer", QUESTION), ("P01", ANSWER)):
            day = DAYS[number % len(DAYS)]
            text = form.format(place="Bergen", day=day, count=number % 17 + 2)
            words, offset, start = [], 0, at
            for place, word in enumerate(text.split(" ")):
                sure = 0.3 if (number * 7 + place) % 53 == 0 else 0.95
                words.append(Word(word, offset, round(at, 2), round(at + 0.36, 2), sure))
                offset += len(word) + 1
                at += 0.4
            turns.append(Turn(text, speaker, round(start, 2), round(at, 2), tuple(words)))
            at += 0.6
            number += 1
    return Transcript(tuple(turns), "en", round(at, 2), model="stand-in")


def sample(top: Path) -> Place:
    """The sample study, written, with every source waiting for a review."""
    folder = top / "study"
    ignored = shutil.ignore_patterns("README.md", "expected.toml")
    shutil.copytree(resources.folder("samples"), folder, ignore=ignored)
    register = folder / "consent.csv"
    text = register.read_text(encoding="utf-8")
    for end in _ENDS:
        text = text.replace(end, "delete-after-review,yes")
    register.write_text(text, encoding="utf-8")
    return _written(top, SampleTools)


def long(top: Path) -> Place:
    """A study with one recording, whose transcript is three hours long."""
    folder = top / "study"
    (folder / "recordings").mkdir(parents=True)
    (folder / "recordings" / "P01_long.wav").write_bytes(sound.encode(sound.sine(220, 2.0), "wav"))
    (folder / "consent.csv").write_text(
        "participant,consented_on,audio,review\nP01,2026-01-10,delete-after-review,yes\n",
        encoding="utf-8",
    )
    return _written(top, LongTools)


def _written(top: Path, kind: type) -> Place:
    create.create(
        top / "study",
        key=top / "custody" / "study.key.age",
        recipients=(),
        identities=[create.NewIdentity("student", None)],
        language=None if (top / "study" / "study.toml").exists() else "en",
        single=True,
    )
    place = Place(top)
    before, batch.Tools = batch.Tools, kind  # type: ignore[misc, assignment]
    try:
        with place.opened() as current:
            outcomes = batch.run(current, report=lambda _: None, today=date.today())
    finally:
        batch.Tools = before  # type: ignore[misc]
    assert outcomes and all(outcome.reason == "review" for outcome in outcomes), outcomes
    return place
