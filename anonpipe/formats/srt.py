"""SubRip subtitles (.srt), for players and for analysis programs that take subtitles.

Written: one cue a turn, or several of about seven seconds; who speaks stands in bold at the
turn's first cue, «<b>P01:</b> tekst», by which the turns are put together again. The format has
no room for notes: title, language and what the material may be called are the first cue.

Read: what transcription services and meeting programs export.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from anonpipe.formats._base import (
    LANGUAGE_LINE,
    Format,
    label_of,
    language_line,
    one_line,
    restated,
    speaker_of,
    spoken,
)
from anonpipe.formats._cues import Cue, cues_of, turns_of_cues
from anonpipe.formats._decode import decode, decode_as_is
from anonpipe.formats._edit import edit_cues, edit_lines, recoded
from anonpipe.formats._pieces import pieces, stamp
from anonpipe.splicing import Change, splice
from anonpipe.status import Material, is_line
from anonpipe.transcript import Transcript, Turn

_HEAD_SECONDS = 1.0
_FIRST = re.compile(r"<b>([^:]+):</b>(?: (.*))?")
_ON = "<b></b>"  # before a piece that would else be taken for something else


def read(data: bytes, name: str, language: str) -> Transcript:
    """Turns with times; see `_cues` for how the cues of other programs become turns."""
    cues = cues_of(decode(data, name), name)
    if _is_head(cues[0]):
        return Transcript(_turns(cues[1:]), language)
    return Transcript(turns_of_cues(cues, voices=False), language)


def _is_head(cue: Cue) -> bool:
    said = cue.lines[-2:]
    return len(said) == 2 and bool(LANGUAGE_LINE.fullmatch(said[0])) and is_line(said[1])


def _turns(cues: Sequence[Cue]) -> tuple[Turn, ...]:
    """Turns of a file of this program; a cue without a label goes on with the turn before."""
    turns: list[tuple[str, float, float, list[str]]] = []
    for cue in cues:
        said = " ".join(cue.lines)
        match = _FIRST.fullmatch(said)
        if match or not turns:
            speaker, text = (speaker_of(match[1]), match[2] or "") if match else ("", said)
            turns.append((speaker, cue.start, cue.end, [text]))
        else:
            speaker, start, end, parts = turns[-1]
            turns[-1] = (speaker, start, max(end, cue.end), [*parts, said.removeprefix(_ON)])
    return tuple(
        Turn(one_line(" ".join(parts)), speaker, start, end) for speaker, start, end, parts in turns
    )


def render(transcript: Transcript, title: str, material: Material) -> bytes:
    """UTF-8 with LF line ends; raises UsageError if a turn has no times."""
    language = transcript.language
    shown = one_line(title)
    head = [
        _ON + shown if "-->" in shown else shown,
        language_line(language),
        material.line(language),
    ]
    cues = [(0.0, _HEAD_SECONDS, "\n".join(line for line in head if line.strip()))]
    earliest = 0.0
    for turn in transcript.turns:
        lead = f"<b>{label_of(turn, language)}:</b> "
        for start, end, text in pieces(turn, "srt"):
            earliest = max(start, earliest)
            text = one_line(text)
            if not lead and (text != text.strip() or "-->" in text or text.startswith("<b>")):
                text = _ON + text
            cues.append((earliest, max(end, earliest + 0.001), (lead + text).rstrip(" ")))
            lead = ""
    return "\n".join(
        f"{at}\n{stamp(start, ',')} --> {stamp(end, ',')}\n{text}\n"
        for at, (start, end, text) in enumerate(cues, start=1)
    ).encode("utf-8")


def lines(data: bytes) -> list[str]:
    """The lines of the file, without the tags of this program's labels."""
    return [_shown(line) for line in decode(data, "the srt output").split("\n")]


def _shown(line: str) -> str:
    match = _FIRST.fullmatch(line)
    return f"{match[1]}: {match[2] or ''}" if match else line.removeprefix(_ON)


def restate(data: bytes, material: Material) -> bytes:
    """The file with another statement; ValueError when it has none."""
    found = False

    def other(text: str) -> str:
        nonlocal found
        kept = text.splitlines(keepends=True)
        for at, line in enumerate(kept[:6]):
            bare = line.rstrip("\r\n")
            new = None if found else restated(bare, material)
            if new is not None:
                found = True
                kept[at] = new + line[len(bare) :]
        return "".join(kept)

    new = recoded(data, other)
    if not found:
        raise ValueError("no statement")
    return new


def edit(data: bytes, change: Change) -> bytes:
    """The file with a change made in its words and labels."""
    text = decode_as_is(data, "the srt output")
    if not any(map(LANGUAGE_LINE.fullmatch, text.splitlines()[:6])):
        return edit_cues(data, change)
    return edit_lines(data, lambda line: _changed(line, change))


def _changed(line: str, change: Change) -> str:
    bare = line.rstrip("\r\n")
    match = _FIRST.fullmatch(bare)
    if match is None:
        return splice(line, change.pieces(line))
    text = match[2] or ""
    said = f" {splice(text, change.pieces(text))}" if match[2] is not None else ""
    return f"<b>{change.label(match[1])}:</b>{said}" + line[len(bare) :]


FORMAT = Format("srt", (".srt",), read, render, spoken, lines, restate, needs_times=True, edit=edit)
