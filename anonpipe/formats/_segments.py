"""Transcripts in the JSON of speech recognisers: segments with times, text, perhaps speakers.

- Whisper, faster-whisper and services that pass their output on: `{"text", "segments":
  [{"start", "end", "text", "words": [{"word", "start", "end", "probability"}]}], "language"}`.
- WhisperX: the same, with `score` for `probability`, and `speaker` in segments and words.
- aTrain: `{"segments": [{"start", "end", "text", "speaker", "words"}]}`.
- whisper.cpp: `{"transcription": [{"offsets": {"from", "to"}, "text"}]}`, in milliseconds.
- A list of such segments.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from anonpipe.formats._base import one_line
from anonpipe.formats._cues import Said, turns_of_said
from anonpipe.formats._labels import blocks_of_lines, turns_of
from anonpipe.transcript import Turn, Word

_SPEAKER = ("speaker", "speaker_name", "speaker_label", "speaker_id")


def turns_of_json(content: Any) -> tuple[Turn, ...] | None:
    """Turns of a recogniser's output; None if the content is none.

    Raises TypeError or ValueError if its segments are damaged.
    """
    segments = content
    if isinstance(content, Mapping):
        segments = content.get("segments", content.get("transcription"))
        if segments is None and isinstance(content.get("text"), str):
            return turns_of(blocks_of_lines(content["text"].split("\n")))
    if not isinstance(segments, Sequence) or isinstance(segments, str):
        return None
    if not all(isinstance(each, Mapping) and "text" in each for each in segments):
        return None
    said = list(map(_said, segments))
    if all(part.start == part.end == -1 for part in said):
        return tuple(Turn(part.text, part.speaker) for part in said if part.text)
    return turns_of_said(said)


def _said(segment: Mapping[str, Any]) -> Said:
    if not isinstance(segment["text"], str):
        raise TypeError("not a text")
    text = one_line(segment["text"])
    start, end = _times(segment)
    words = tuple(_words(segment.get("words"), text))
    return Said("", start, end, _speaker(segment), text, voice=True, words=words)


def _times(segment: Mapping[str, Any]) -> tuple[float, float]:
    offsets = segment.get("offsets")
    if isinstance(offsets, Mapping):
        return _number(offsets.get("from")) / 1000, _number(offsets.get("to")) / 1000
    if segment.get("start") is None:
        return -1, -1
    start = _number(segment["start"])
    return start, start if segment.get("end") is None else _number(segment["end"])


def _speaker(segment: Mapping[str, Any]) -> str:
    value = next((segment[key] for key in _SPEAKER if segment.get(key) is not None), "")
    return one_line(str(value)) if isinstance(value, str | int) else ""


def _words(words: Any, text: str) -> Iterator[Word]:
    """Words that have times and stand in the text, in order."""
    at = 0
    for word in words if isinstance(words, list) else ():
        if not isinstance(word, Mapping) or word.get("start") is None or word.get("end") is None:
            continue
        shown = one_line(str(word.get("word", word.get("text", ""))))
        place = text.find(shown, at) if shown else -1
        if place >= 0:
            at = place + len(shown)
            sure = word.get("probability", word.get("score"))
            likely = 1.0 if sure is None else min(1.0, max(0.0, _number(sure)))
            yield Word(shown, place, _number(word["start"]), _number(word["end"]), likely)


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise TypeError("not a number")
    number = float(value)
    if not math.isfinite(number) or abs(number) > 1e9:
        raise ValueError("not a time")
    return number
