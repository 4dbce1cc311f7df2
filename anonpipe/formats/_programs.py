"""Lines as certain programs write them, whose shape says who speaks more surely than labels do.

- aTrain's text files: «Transcription for NAME», then each speaker on a line between a blank one
  and what was said, with or without «[00:01:23] - » before it (aTrain_core, outputs.py).
- Teams' documents until 2022: «0:0:5.100 --> 0:0:8.250», the speaker, what was said.
- Zoom's saved captions: «[Kari Hansen] 10:02:03», a time of day, then what was said.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from anonpipe.formats._base import one_line
from anonpipe.formats._cues import TIMING, Said, seconds_of, turns_of_said
from anonpipe.formats._labels import Block, turns_of
from anonpipe.transcript import Turn

_ATRAIN = re.compile(r"Transcription for \S.*")
_ATRAIN_SPEAKER = re.compile(r"SPEAKER_\d+|Speaker undefined")
_ATRAIN_TIME = re.compile(r"\[?(\d\d):(\d\d):(\d\d)\]?(?: - |\s*$)")
_CAPTION = re.compile(r"\[([^\[\]]{1,60})\] \d\d:\d\d:\d\d")
_LABEL = 60  # characters that a line with a name has at most


def turns_of_program(lines: Sequence[str]) -> tuple[Turn, ...] | None:
    """Turns if the lines are of one of these programs, else None. Blank lines count."""
    lines = [one_line(line) for line in lines]
    first = next((line for line in lines if line), "")
    if _ATRAIN.fullmatch(first):
        return _of_atrain(lines[lines.index(first) + 1 :], first)
    if any(map(TIMING.fullmatch, lines)):
        return _of_timings(lines)
    if sum(1 for line in lines if _CAPTION.fullmatch(line)) > 1:
        return _of_captions(lines)
    return None


def _of_atrain(lines: Sequence[str], first: str) -> tuple[Turn, ...]:
    led = [at for at, line in enumerate(lines) if line and (at == 0 or not lines[at - 1])]
    sure = any(_ATRAIN_SPEAKER.fullmatch(lines[at]) for at in led)
    named = {
        at
        for at in led
        if _ATRAIN_SPEAKER.fullmatch(lines[at]) or ((sure or len(led) > 1) and _is_name(lines[at]))
    }
    turns = [Turn(first.removeprefix("Transcription for "))]
    speaker = ""
    for at, line in enumerate(lines):
        if at in named:
            speaker = "" if line == "Speaker undefined" else line
            turns.append(Turn("", speaker))
        elif line:
            time = _ATRAIN_TIME.match(line)
            start = None if time is None else _clock(time.groups())
            text = _ATRAIN_TIME.sub("", line).strip()
            last = turns[-1]
            if named and len(turns) > 1:
                begun = last.start if last.text else start
                turns[-1] = Turn(f"{last.text} {text}".strip(), speaker, begun)
            else:
                turns.append(Turn(text, "", start))
    return tuple(turn for turn in turns if turn.text)


def _is_name(line: str) -> bool:
    return len(line) <= _LABEL and line[-1].isalnum() and not _ATRAIN_TIME.match(line)


def _clock(parts: Sequence[str]) -> float:
    hours, minutes, seconds = map(int, parts)
    return float(hours * 3600 + minutes * 60 + seconds)


def _of_timings(lines: Sequence[str]) -> tuple[Turn, ...]:
    """Entries under lines of two times; a name stands first in all of them or in none."""
    before: list[str] = []
    entries: list[tuple[float, float, list[str]]] = []
    for line in lines:
        if match := TIMING.fullmatch(line):
            times = match.groups()
            entries.append((seconds_of(times[:4]), seconds_of(times[4:]), []))
        elif line:
            (entries[-1][2] if entries else before).append(line)
    said = [entry for entry in entries if entry[2]]
    heads = [words[0] for _, _, words in said]
    named = all(len(words) > 1 and len(words[0]) <= _LABEL for _, _, words in said) and (
        len(set(heads)) <= max(1, len(heads) // 2) or all(map(_capital, heads))
    )
    parts = [
        Said("", start, end, words[0] if named else "", " ".join(words[named:]), voice=named)
        for start, end, words in said
    ]
    return (*(Turn(line) for line in before), *turns_of_said(parts))


def _capital(name: str) -> bool:
    return all(word[0].isupper() or word[0].isdigit() for word in name.split())


def _of_captions(lines: Sequence[str]) -> tuple[Turn, ...]:
    turns: list[Turn] = []
    for line in lines:
        if match := _CAPTION.fullmatch(line):
            if not turns or turns[-1].speaker != match[1]:
                turns.append(Turn("", match[1]))
        elif line and turns:
            turns[-1] = Turn(f"{turns[-1].text} {line}".strip(), turns[-1].speaker)
        elif line:
            turns.append(Turn(line))
    return tuple(turn for turn in turns if turn.text)


def turns_of_text(blocks: Sequence[Block]) -> tuple[Turn, ...]:
    """Turns of a document: by a program's shape if it has one, else by labels."""
    if any(block.kind == "own" for block in blocks):
        return turns_of(blocks)
    lines = [line for block in blocks if block.kind == "text" for line in (*block.lines, "")]
    found = turns_of_program(lines)
    if found is None:
        return turns_of(blocks)
    return (*found, *turns_of([block for block in blocks if block.kind != "text"]))
