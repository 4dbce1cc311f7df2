"""WebVTT (https://www.w3.org/TR/webvtt1/), for players and analysis programs.

Written: one cue a turn, or several of about seven seconds where the words' times
allow, each with a voice tag; a cue's identifier is the number of its turn and of
its piece («12.2»), so that the turns can be put together again.
"""

from __future__ import annotations

import re
from html import unescape

from anonpipe.formats._base import (
    LANGUAGE_LINE,
    Format,
    label_of,
    language_line,
    one_line,
    restated,
    spoken,
)
from anonpipe.formats._cues import cues_of, turns_of_cues
from anonpipe.formats._decode import decode, decode_as_is
from anonpipe.formats._pieces import pieces, stamp
from anonpipe.status import PSEUDONYMISED, Material, is_line
from anonpipe.transcript import Transcript

_HEAD = re.compile(rf"WEBVTT\n\nNOTE\n.*\n{LANGUAGE_LINE.pattern}\n(?:(.*)\n)?")


def read(data: bytes, name: str, language: str) -> Transcript:
    """Turns with times; see `_cues` for how cues become turns."""
    text = decode(data, name)
    head = _HEAD.fullmatch(text) if "-->" not in text else None
    if head is not None and is_line(head[1] or PSEUDONYMISED.line(language)):
        return Transcript((), language)  # written from a recording in which nobody speaks
    return Transcript(turns_of_cues(cues_of(text, name), voices=True), language)


def render(transcript: Transcript, title: str, material: Material) -> bytes:
    """UTF-8 WebVTT; raises UsageError if a turn has no times."""
    language = transcript.language
    head = [_escape(text) for text in (title, language_line(language), material.line(language))]
    blocks = ["WEBVTT\n\nNOTE\n" + "\n".join(head) + "\n"]
    earliest = 0.0
    for number, turn in enumerate(transcript.turns, start=1):
        label = _escape(label_of(turn, language))
        for piece, (start, end, text) in enumerate(pieces(turn, "vtt"), start=1):
            # The specification wants starts in order and ends after starts.
            earliest = max(start, earliest)
            last = max(end, earliest + 0.001)
            blocks.append(
                f"{number}.{piece}\n{stamp(earliest)} --> {stamp(last)}\n"
                f"<v {label}>{_escape(text)}</v>\n"
            )
    return "\n".join(blocks).encode("utf-8")


def _escape(text: str) -> str:
    return one_line(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def lines(data: bytes) -> list[str]:
    """The lines of the file, with voices as labels and without other tags."""
    text = re.sub(r"<v\s([^<>]*)>", r"\1: ", decode(data, "the vtt output"))
    return unescape(re.sub(r"<[^>\n]*>", "", text)).splitlines()


def restate(data: bytes, material: Material) -> bytes:
    """The file with another statement; ValueError when it has none."""
    text = decode_as_is(data, "the vtt output")
    head, first, rest = text.partition("-->")
    kept = head.splitlines(keepends=True)
    for at, line in enumerate(kept):
        bare = line.rstrip("\r\n")
        new = restated(bare, material)
        if new is not None:
            kept[at] = new + line[len(bare) :]
            return ("".join(kept) + first + rest).encode("utf-8")
    raise ValueError("no statement")


FORMAT = Format("vtt", (".vtt",), read, render, spoken, lines, restate, needs_times=True)
