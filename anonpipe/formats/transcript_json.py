"""JSON: everything the program knows of a transcript, for other programs.

`{"format": "anonpipe-transcript", "version": 1, "title", "status", "language", "duration",
"language_probability", "model", "turns": [{"speaker", "start", "end", "text",
"words": [{"start", "end", "text", "probability", "offset"}]}], "flags": [...]}`;
times are seconds. Reading gives back the same transcript. `status` says what the material may
be called: `{"word", "judged_by", "on", "why_not", "text"}`. The JSON of speech recognisers is
read as well, see `_segments`.
"""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Iterator
from typing import Any

from anonpipe.errors import RecordingError
from anonpipe.formats._base import Format, Spoken, seconds
from anonpipe.formats._decode import decode
from anonpipe.formats._segments import turns_of_json
from anonpipe.status import Material
from anonpipe.transcript import Flag, Transcript, Turn, Word

_NAME = "anonpipe-transcript"
_VERSION = 1
_SURROGATE = re.compile("[\ud800-\udfff]")


def read(data: bytes, name: str, language: str) -> Transcript:
    """A transcript that this program wrote; the language in the file goes before `language`."""
    text = decode(data, name)
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        raise RecordingError(f"{name} is not valid JSON; write the transcript again.") from None
    if not isinstance(content, dict) or content.get("format") != _NAME:
        try:
            turns = turns_of_json(content)
        except (TypeError, ValueError):
            raise RecordingError(
                f"{name} is a damaged transcript: its segments have no sound text and times; "
                "export it again, or save it as txt or vtt."
            ) from None
        if turns:
            return Transcript(turns, language)
        raise RecordingError(
            f"{name} is JSON but not a transcript that is known; "
            "take it out of the folder or save it as txt, docx or vtt."
        )
    if content.get("version") != _VERSION:
        raise RecordingError(
            f"{name} is a transcript of another version of this program; update the program."
        )
    try:
        return _transcript(content, language)
    except (KeyError, TypeError, ValueError, AttributeError):
        raise RecordingError(
            f"{name} is a damaged transcript: fields are missing or of the wrong kind; "
            "write the transcript again."
        ) from None


def _transcript(content: dict[str, Any], language: str) -> Transcript:
    turns = tuple(
        Turn(
            text=_text(turn["text"]),
            speaker=_text(turn["speaker"]),
            start=_number(turn["start"]),
            end=_number(turn["end"]),
            words=tuple(
                Word(
                    text=_text(word["text"]),
                    offset=int(word["offset"]),
                    start=float(word["start"]),
                    end=float(word["end"]),
                    probability=float(word["probability"]),
                )
                for word in turn["words"]
            ),
        )
        for turn in content["turns"]
    )
    return Transcript(
        turns=turns,
        language=_text(content.get("language") or language),
        duration=_number(content.get("duration")),
        language_probability=_number(content.get("language_probability")),
        model=None if content.get("model") is None else _text(content["model"]),
        flags=tuple(Flag(**flag) for flag in content.get("flags", ())),
    )


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("not a text")
    return value


def _number(value: object) -> float | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError("not a number")
    return float(value)


def render(transcript: Transcript, title: str, material: Material) -> bytes:
    """UTF-8 JSON, indented; times that are not finite become null (0 in words)."""
    content = {
        "format": _NAME,
        "version": _VERSION,
        "title": title,
        "status": _status(material, transcript.language),
        "language": transcript.language,
        "language_probability": seconds(transcript.language_probability),
        "duration": seconds(transcript.duration),
        "model": transcript.model,
        "turns": [
            {
                "speaker": turn.speaker,
                "start": seconds(turn.start),
                "end": seconds(turn.end),
                "text": turn.text,
                "words": [
                    {
                        "start": seconds(word.start) or 0.0,
                        "end": seconds(word.end) or 0.0,
                        "text": word.text,
                        "probability": seconds(word.probability) or 0.0,
                        "offset": word.offset,
                    }
                    for word in turn.words
                ],
            }
            for turn in transcript.turns
        ],
        "flags": [
            {
                "kind": flag.kind,
                "turn": flag.turn,
                "start": seconds(flag.start),
                "end": seconds(flag.end),
                "count": flag.count,
                "type": flag.type,
            }
            for flag in transcript.flags
        ],
    }
    return _dumped(content)


def _status(material: Material, language: str) -> dict[str, Any]:
    return {**material.to_json(), "text": material.line(language)}


def _dumped(content: dict[str, Any]) -> bytes:
    text = json.dumps(content, ensure_ascii=False, allow_nan=False, indent=1)
    # A lone surrogate has no UTF-8; JSON can escape it, and so nothing is lost.
    text = _SURROGATE.sub(lambda match: f"\\u{ord(match[0]):04x}", text)
    return (text + "\n").encode("utf-8")


def _expected(transcript: Transcript) -> Spoken:
    return tuple((turn.speaker, turn.text) for turn in transcript.turns)


def lines(data: bytes) -> list[str]:
    """One line a turn, the speaker before the text; then every other text in the file."""
    content = json.loads(decode(data, "the json output"))
    turns = content.pop("turns", [])
    with contextlib.suppress(KeyError, TypeError, ValueError, AttributeError):
        _stated(content)
        del content["status"]
    spoken = [f"{turn.pop('speaker')}: {turn['text']}" for turn in turns]
    astray = [
        word["text"]
        for turn in turns
        for word in turn["words"]
        if turn["text"][word["offset"] : word["offset"] + len(word["text"])] != word["text"]
    ]
    return [line.replace("\n", " ") for line in (*spoken, *astray, *_texts(content))]


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _texts(item)


def _stated(content: dict[str, Any]) -> None:
    """Raise an error of `Material.from_json` unless the status is one that is written here."""
    status = dict(content["status"])
    text = status.pop("text")
    if Material.from_json(status).line(content["language"]) != text:
        raise ValueError("no statement")


def restate(data: bytes, material: Material) -> bytes:
    """The file with another statement; ValueError when it has none."""
    content = json.loads(decode(data, "the json output"))
    try:
        _stated(content)
    except (KeyError, TypeError, AttributeError):
        raise ValueError("no statement") from None
    content["status"] = _status(material, content["language"])
    return _dumped(content)


FORMAT = Format("json", (".json",), read, render, _expected, lines, restate)
