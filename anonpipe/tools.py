"""The heavy parts of a run, loaded when they are first needed, and what they make of a source."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from anonpipe import formats, models
from anonpipe.detect import Detector, DetectSettings
from anonpipe.errors import UsageError
from anonpipe.partial import Partial, fingerprint
from anonpipe.plaintext import Readable
from anonpipe.settings import SourceSettings
from anonpipe.speakers.backend import Diarizer
from anonpipe.speakers.choice import make_diarizer
from anonpipe.speakers.labels import neutral
from anonpipe.speakers.remembered import Remembered
from anonpipe.study import Source, Study
from anonpipe.transcribe import Transcriber
from anonpipe.transcribe.languages import SCANDINAVIAN
from anonpipe.transcribe.pieces import Piece, Stretch
from anonpipe.transcribe.transcriber import Progress
from anonpipe.transcript import LANGUAGES, Transcript

LIKE_SOUND = 4_000
"""Bytes a second of a recording that hold it rather than describe its voices: not for keeping."""


class Tools:
    """The speech recogniser and the detector, kept for all sources once they are loaded."""

    def __init__(self, study: Study) -> None:
        self._study = study
        self._transcriber: Transcriber | None = None
        self._detector: Detector | None = None

    @property
    def transcriber(self) -> Transcriber:
        """The speech recogniser. Raises ModelError when its model is missing or damaged."""
        if self._transcriber is None:
            settings = self._study.settings
            self._transcriber = Transcriber(models.resolve(settings.model), device=settings.device)
        return self._transcriber

    @functools.cached_property
    def model_digest(self) -> str:
        """Digest of the speech model's files."""
        return models.digest(self._study.settings.model)

    @functools.cached_property
    def diarizer(self) -> Diarizer | None:
        """What tells speakers apart, None if the study wants nothing to. Raises ModelError."""
        return make_diarizer(self._study.settings.diarizer)

    @property
    def detector(self) -> Detector:
        """The detector. Raises ModelError when a model is missing or damaged."""
        if self._detector is None:
            self._detector = Detector(detect_settings(self._study))
        return self._detector


def detect_settings(study: Study) -> DetectSettings:
    """The study's settings for detection."""
    chosen: dict[str, Any] = {"spacy": dict(study.settings.spacy), "also": study.settings.also}
    if study.settings.min_score is not None:
        chosen["min_score"] = study.settings.min_score
    return DetectSettings(**chosen)


@dataclass(frozen=True, slots=True)
class Recognised:
    """What is said in a source, and what is remembered of the voices, None if nothing is."""

    transcript: Transcript
    voices: Remembered | None = None


def hear(
    tools: Tools,
    study: Study,
    source: Source,
    content: Readable,
    hotwords: Sequence[str],
    participants: Sequence[str],
    progress: Progress,
    partial: Partial | None = None,
) -> Recognised:
    """What is said in a recording, or stands in a document; `content` is where to read it.

    Speakers that were told apart have neutral labels («Taler 1»): `speakers.roles` knows who
    they are. `participants` are those whose recording it is. With `partial` every piece is sealed
    as soon as it is heard, and none is heard twice.
    """
    settings = study.settings.for_file(source.relative)
    if source.kind == "text":
        return Recognised(formats.read(content, settings.language or "nb"))
    number = number_of_speakers(settings, participants)
    transcriber, diarizer = tools.transcriber, None if number == 1 else tools.diarizer
    pieces: list[Piece] = []
    if partial is not None:
        pieces += partial.start(
            fingerprint(
                source=partial.digest,
                model=tools.model_digest,
                language=settings.language,
                hotwords=hotwords,
                channels=settings.channels,
                way=transcriber.way,
                diarizer="" if diarizer is None else diarizer.name,
            )
        )

    def keep(piece: Piece) -> None:
        if partial is not None:
            partial.keep(piece)
        pieces.append(piece)

    transcript = transcriber.transcribe(
        content,
        language=settings.language,
        hotwords=hotwords,
        speakers=settings.speakers or ((neutral(1, "nb"),) if number == 1 else ()),
        channels=settings.channels,
        diarizer=diarizer,
        number_of_speakers=number,
        done=tuple(pieces),
        keep=keep,
        progress=progress,
    )
    windows = tuple(p.voices for p in pieces if isinstance(p, Stretch) and p.voices)
    transcript = replace(transcript, language=_supported(transcript.language, source))
    size = sum(map(len, windows))
    if diarizer is None or not windows or size > LIKE_SOUND * (transcript.duration or 0.0):
        return Recognised(transcript)
    return Recognised(transcript, Remembered(diarizer.name, windows))


def number_of_speakers(settings: SourceSettings, participants: Sequence[str]) -> int | None:
    """How many speakers there are in a recording; None: as many as are found.

    As many as have labels; else what is set, and at least one more than participants, unless it
    is a recording of one speaker alone.
    """
    if settings.speakers:
        return len(settings.speakers)
    number = settings.number_of_speakers
    return number if number is None or number == 1 else max(number, len(participants) + 1)


def _supported(language: str, source: Source) -> str:
    """The language to detect names in; spoken Norwegian is often taken for Danish or Swedish."""
    if language in LANGUAGES:
        return language
    if language in SCANDINAVIAN:
        return "nb"
    raise UsageError(
        f"{source.path} sounds like language {language!r}, which anonpipe cannot pseudonymise: "
        "set its language in study.toml if that is wrong."
    )
