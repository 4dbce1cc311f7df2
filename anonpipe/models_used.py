"""Which models a study's runs work with, as digests for the log."""

from __future__ import annotations

import functools
import importlib.util
from dataclasses import dataclass
from pathlib import Path

from anonpipe import models, resources
from anonpipe.errors import ModelError
from anonpipe.settings import DiarizerName
from anonpipe.speakers.pyannote import pipeline_folder
from anonpipe.study import Study

NAME_MODEL = "nordic-ner"
VOICE_MODEL = "voices"
NONE = "none"


@dataclass(frozen=True, slots=True)
class ModelsUsed:
    """Sixteen hex digits for each model's files, "none" for one that is not there.

    `speech` recognises speech, `names` finds names and comes with the program, `voices` tells
    speakers apart, `pipelines` are spaCy's that the settings add. A speech model and those that
    come with the program are compared with their digests when they are opened.
    """

    speech: str
    names: str
    voices: str
    pipelines: tuple[str, ...]


def models_used(study: Study) -> ModelsUsed:
    """The models that the settings name. Reads the name model's files, and a spaCy model's."""
    chosen = study.settings.spacy
    return ModelsUsed(
        speech=_digest(study.settings.model),
        names=_digest(resources.folder("models") / NAME_MODEL),
        voices=_voices(study.settings.diarizer),
        pipelines=tuple(_spacy(chosen[language]) for language in sorted(chosen)),
    )


def _voices(diarizer: DiarizerName) -> str:
    if diarizer == "voices":
        return _digest(resources.folder("models") / VOICE_MODEL)
    if diarizer == "pyannote":
        return _digest(pipeline_folder())
    return NONE


def _spacy(name: str) -> str:
    if not Path(name).exists() and name.isidentifier():
        try:
            found = importlib.util.find_spec(name)
        except (ImportError, ValueError):
            found = None
        if found is not None and found.submodule_search_locations:
            return _digest(Path(found.submodule_search_locations[0]))
    return _digest(name)


@functools.cache
def _digest(name: str | Path) -> str:
    try:
        return models.digest(name) if isinstance(name, str) else models.folder_digest(name)
    except ModelError:
        return NONE  # whoever needs it says so, in its own words
