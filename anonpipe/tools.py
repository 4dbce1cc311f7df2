"""The heavy parts of a run, loaded when they are first needed, and what they make of a source."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from anonpipe import formats, models
from anonpipe.detect import Detector, DetectSettings
from anonpipe.errors import UsageError
from anonpipe.partial import Partial, fingerprint
from anonpipe.plaintext import Readable
from anonpipe.study import Source, Study
from anonpipe.transcribe import Transcriber
from anonpipe.transcribe.pieces import Piece
from anonpipe.transcript import LANGUAGES, Transcript

SCANDINAVIAN = frozenset({"no", "da", "sv"})
Progress = Callable[[float, float], None]


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


def hear(
    tools: Tools,
    study: Study,
    source: Source,
    content: Readable,
    hotwords: Sequence[str],
    progress: Progress,
    partial: Partial | None = None,
) -> Transcript:
    """What is said in a recording, or stands in a document; `content` is where to read it.

    With `partial` every piece is sealed as soon as it is heard, and none is heard twice.
    """
    settings = study.settings.for_file(source.relative)
    if source.kind == "text":
        return formats.read(content, settings.language or "nb")
    transcriber = tools.transcriber
    done: Sequence[Piece] = ()
    if partial is not None:
        done = partial.start(
            fingerprint(
                source=partial.digest,
                model=tools.model_digest,
                language=settings.language,
                hotwords=hotwords,
                channels=settings.channels,
                way=transcriber.way,
            )
        )
    transcript = transcriber.transcribe(
        content,
        language=settings.language,
        hotwords=hotwords,
        speakers=settings.speakers,
        channels=settings.channels,
        done=done,
        keep=partial.keep if partial is not None else None,
        progress=progress,
    )
    return replace(transcript, language=_supported(transcript.language, source))


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
