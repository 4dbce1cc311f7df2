"""docs/transcript.schema.json is what our json says: nothing less, and nothing more."""

from __future__ import annotations

import json
from dataclasses import fields, replace
from pathlib import Path
from typing import Any, get_args

import click.testing
import jsonschema
import pytest

from anonpipe import formats, models
from anonpipe.cli.transcribe import transcribe
from anonpipe.status import _REASONS, PSEUDONYMISED, Judge, Material
from anonpipe.transcript import (
    MENTION_TYPES,
    Flag,
    FlagKind,
    Transcript,
    Turn,
    Word,
)
from tests.conftest import StandInTranscriber

SCHEMA = json.loads(
    (Path(__file__).parents[2] / "docs" / "transcript.schema.json").read_text(encoding="utf-8")
)
VALIDATOR = jsonschema.Draft202012Validator(
    SCHEMA, format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER
)
HEARD = Transcript(
    (
        Turn(
            "Hei, Kari.",
            "P01",
            0.0,
            2.0,
            (Word("Hei,", 0, 0.1, 0.5, 0.9), Word("Kari.", 5, 0.6, 1.2, 0.4)),
        ),
        Turn("", "", 2.0, 2.0),
    ),
    "nb",
    2.5,
    0.98,
    "whisper-base",
    tuple(
        Flag(
            kind,
            turn=0,
            start=0.5,
            end=1.0,
            count=2,
            type="PERSON" if kind == "policy-ask" else None,
        )
        for kind in get_args(FlagKind)
    ),
)
READ = Transcript((Turn("Notat.\nMer."),), "en", flags=(Flag("code-in-input"),))
STATES = (
    PSEUDONYMISED,
    Material("anonymised", Judge("student", "0123456789abcdef"), "2027-01-31"),
    Material("pseudonymised", Judge("student", "0" * 16), "2027-01-31", ("small-group",)),
)


def written(transcript: Transcript, material: Material = STATES[0]) -> dict[str, Any]:
    return dict(json.loads(formats.render(transcript, "json", title="P01-R01", material=material)))


def test_the_schema_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("material", STATES, ids=lambda material: material.word)
@pytest.mark.parametrize("transcript", [HEARD, READ, Transcript((), "nn")])
def test_what_is_written_is_valid(transcript: Transcript, material: Material) -> None:
    VALIDATOR.validate(written(transcript, material))
    VALIDATOR.evolve(schema={**SCHEMA, "oneOf": [{"$ref": "#/$defs/written"}]}).validate(
        written(transcript, material)
    )


@pytest.mark.parametrize("transcript", [HEARD, READ, replace(HEARD, duration=None)])
def test_what_transcribe_prints_is_valid(transcript: Transcript) -> None:
    VALIDATOR.validate(json.loads(json.dumps(transcript.to_json())))


def test_the_command_prints_just_that(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(models, "resolve", lambda _: tmp_path)
    monkeypatch.setattr("anonpipe.transcribe.Transcriber", lambda *_, **__: StandInTranscriber())
    (tmp_path / "a.wav").write_bytes(b"sound")
    printed = click.testing.CliRunner().invoke(
        transcribe, [str(tmp_path / "a.wav"), "--language", "en", "--json"]
    )
    assert printed.exit_code == 0
    VALIDATOR.validate(json.loads(printed.stdout))


def objects(value: Any, at: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """Where objects lie in JSON values."""
    inside = value.items() if isinstance(value, dict) else enumerate(value)
    return [at] * isinstance(value, dict) + [
        place
        for key, item in inside
        if isinstance(item, dict | list)
        for place in objects(item, (*at, key))
    ]


@pytest.mark.parametrize(
    "content", [written(HEARD, STATES[1]), HEARD.to_json()], ids=["written", "raw"]
)
def test_a_field_more_or_less_is_not_valid(content: dict[str, Any]) -> None:
    text = json.dumps(content)
    for place in objects(json.loads(text)):
        one = json.loads(text)
        part = one
        for key in place:
            part = part[key]
        names = list(part)
        part["new"] = 1
        assert not VALIDATOR.is_valid(one), place
        del part["new"]
        for name in names:
            value = part.pop(name)
            assert not VALIDATOR.is_valid(one), (*place, name)
            part[name] = value
        assert VALIDATOR.is_valid(one)


@pytest.mark.parametrize(
    ("name", "kind"), [("turn", Turn), ("word", Word), ("flag", Flag), ("raw", Transcript)]
)
def test_fields_of_the_data_are_those_of_the_schema(name: str, kind: type) -> None:
    assert {field.name for field in fields(kind)} == set(SCHEMA["$defs"][name]["properties"])  # type: ignore[arg-type]


def test_words_that_a_field_may_be_are_those_of_the_program() -> None:
    flag, status = (SCHEMA["$defs"][name]["properties"] for name in ("flag", "status"))
    assert flag["kind"]["enum"] == list(get_args(FlagKind))
    assert flag["type"]["enum"] == [*MENTION_TYPES, None]
    assert status["why_not"]["items"]["enum"] == list(_REASONS)


@pytest.mark.parametrize(
    ("where", "value"),
    [
        (("turns", 0, "words", 0, "probability"), 1.2),
        (("turns", 0, "start"), "0:01"),
        (("turns", 0, "words", 0, "offset"), 0.5),
        (("flags", 0, "kind"), "trouble"),
        (("version",), 2),
        (("status", "on"), "soon"),
        (("language_probability",), -1),
    ],
)
def test_values_of_another_kind_are_not_valid(where: tuple[Any, ...], value: object) -> None:
    content = written(HEARD, STATES[1])
    part: Any = content
    for key in where[:-1]:
        part = part[key]
    part[where[-1]] = value
    assert not VALIDATOR.is_valid(content)
