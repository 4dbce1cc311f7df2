"""The format of deltas: whatever a file holds, it is a delta that fits together or a ValueError."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anonpipe.delta import Delta
from anonpipe.detect.spans import Span
from anonpipe.speakers.remembered import Remembered
from anonpipe.transcript import SPEAKER_TURN, Flag, Mention, Transcript, Turn, Word

TEXT = "I met Kari Nordmann"
DELTA = Delta(
    study="0123456789abcdef",
    kind="audio",
    path="day 1/P01.wav",
    sha256="a" * 64,
    settings="b" * 64,
    models={"speech": "c" * 16, "names": "none"},
    transcript=Transcript(
        (
            Turn(TEXT, "Kari", 0.0, 4.0, tuple(
                Word(word, TEXT.index(word), i, i + 1.0, 0.9) for i, word in enumerate(TEXT.split())
            )),
            Turn("", "P01", 4.0, 4.0),
        ),
        "en",
        4.0,
        0.9,
        "whisper",
        (Flag("low-confidence", 0, 0.0, 1.0),),
    ),
    found=(Span(6, 10, "PERSON", 0.9, "spacy"), Span(11, 19, "PERSON", 0.8, "rule")),
    mentions=(
        Mention(SPEAKER_TURN, 0, 4, "PERSON", "Kari", 1.0, "speaker-label", "PERSON-1"),
        Mention(0, 6, 19, "PERSON", "Kari Nordmann", 0.9, "spacy", "PERSON-1"),
    ),
    voices=Remembered("voices", (b"one", b"\x00\xff")),
)  # fmt: skip
VALUES = json.loads(json.dumps(DELTA.to_json()))


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of every value inside a JSON value."""
    if path:
        yield path
    if isinstance(value, dict | list):
        keys = value if isinstance(value, dict) else range(len(value))
        for key in keys:
            yield from places(value[key], (*path, key))


scalars = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8),
    st.sampled_from(["PERSON", "audio", "text", "nb", "a" * 64, "../x", TEXT]),
)  # fmt: skip
anything = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=6), inner, max_size=3)
    ),
    max_leaves=4,
)


def test_a_delta_comes_back_as_it_was() -> None:
    assert Delta.from_json(VALUES) == DELTA


@given(st.sampled_from(list(places(VALUES))), anything)
def test_a_changed_value_gives_a_delta_or_a_value_error(path: tuple[Any, ...], new: Any) -> None:
    values = copy.deepcopy(VALUES)
    inner = values
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = new
    try:
        delta = Delta.from_json(values)
    except ValueError as error:
        assert not [name for name in ("Kari", "Nordmann") if name in str(error)]
        return
    text = delta.transcript.text
    assert all(0 <= span.start < span.end <= len(text) for span in delta.found)
    assert Delta.from_json(json.loads(json.dumps(delta.to_json()))) == delta


@given(anything)
def test_anything_else_is_a_value_error(values: Any) -> None:
    with pytest.raises(ValueError, match="it is"):
        Delta.from_json(values)


@pytest.mark.parametrize("path", list(places(VALUES)), ids=str)
def test_a_missing_value_is_a_value_error_or_a_default(path: tuple[Any, ...]) -> None:
    values = copy.deepcopy(VALUES)
    inner = values
    for key in path[:-1]:
        inner = inner[key]
    del inner[path[-1]]
    try:
        delta = Delta.from_json(values)
    except ValueError:
        return
    assert delta.transcript.text.startswith(TEXT) or not delta.found
