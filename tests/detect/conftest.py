"""A detector without weights: English gets an empty pipeline, so that the rules are on trial."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import spacy

from anonpipe.detect import Detector, DetectSettings
from anonpipe.transcript import KnownName, Mention, Transcript, Turn

Find = Callable[..., list[tuple[str, str]]]


@pytest.fixture(scope="session")
def detector(tmp_path_factory: pytest.TempPathFactory) -> Detector:
    folder = tmp_path_factory.mktemp("models") / "empty"
    spacy.blank("en").to_disk(folder)
    return Detector(DetectSettings(spacy={"en": str(folder)}))


@pytest.fixture
def mentions(detector: Detector) -> Callable[..., tuple[Mention, ...]]:
    def detect(text: str, language: str = "nb", known: tuple[KnownName, ...] = ()) -> object:
        return detector.detect(Transcript((Turn(text),), language), known)

    return detect  # type: ignore[return-value]


@pytest.fixture
def find(mentions: Callable[..., tuple[Mention, ...]]) -> Find:
    """The (type, text) of every mention, in order."""

    def found(text: str, language: str = "nb", known: tuple[KnownName, ...] = ()) -> object:
        return [(m.type, m.text) for m in mentions(text, language, known)]

    return found  # type: ignore[return-value]
