"""Cues of WebVTT and SubRip to turns.

Consecutive cues are one turn when they are of the same speaker, at most two seconds
apart, and together shorter than a minute and a half; a sentence that ends closes
the turn if nobody is named, or after half a minute. A name that runs over from one
cue to the next is thereby found. Cues that this program wrote carry the number of
their turn («12.1», «12.2»), and that decides instead.

What a file says outside cues is kept if it may be speech (a blank line inside a
cue); NOTE, STYLE and REGION blocks are not.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from anonpipe.errors import RecordingError
from anonpipe.formats._base import one_line, speaker_of
from anonpipe.formats._labels import known_labels, split_label
from anonpipe.transcript import Turn, Word

_MAX_GAP = 2.0  # seconds
_LONG = 30.0
_TOO_LONG = 90.0


@dataclass(frozen=True, slots=True)
class Cue:
    """One cue: its identifier, times in seconds and lines as they stand in the file."""

    id: str
    start: float
    end: float
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Said:
    """What one speaker says in a cue or segment. `voice`: named by a tag; `dash`: one of several
    speakers in the cue, who has no name. `words` count their offsets from the text's start."""

    id: str
    start: float
    end: float
    speaker: str
    text: str
    voice: bool = False
    dash: bool = False
    words: tuple[Word, ...] = ()


_CLOCK = r"(?:(\d+):)?(\d{1,2}):(\d{1,2})(?:[.,](\d{1,3}))?"
TIMING = re.compile(rf"\s*{_CLOCK}\s*--?>\s*{_CLOCK}(?:\s.*)?")
_ASIDE_BLOCK = re.compile(r"(?:NOTE|STYLE|REGION|WEBVTT)(?:\s.*)?")
_VOICE = re.compile(r"<v(?:\.[^\s<>]{0,200})?[ \t\n]+([^<>]{0,1000})>")  # bounded: linear time
_VTT_TAG = re.compile(r"</?[^<>]*>")
_SRT_TAG = re.compile(r"</?(?:[biu]|font)(?:\s[^<>]*)?>|\{\\[^{}]*\}", re.IGNORECASE)
_STAMP = re.compile(r"^\[\d\d:\d\d:\d\d\]\s*")
_OWN_ID = re.compile(r"\d+\.\d+")
_SENTENCE_END = re.compile(r"[.?!…][\"'”»)\]]*$")


def cues_of(text: str, name: str) -> list[Cue]:
    """Cues in the order of the file; RecordingError if there is none."""
    cues: list[Cue] = []
    for block in _blocks(text.removeprefix("\ufeff")):
        at = next((i for i, line in enumerate(block) if TIMING.fullmatch(line)), None)
        if at is not None:
            match = TIMING.fullmatch(block[at])
            assert match is not None
            times = match.groups()
            identifier = block[at - 1].strip() if at else ""
            cues.append(
                Cue(
                    identifier, seconds_of(times[:4]), seconds_of(times[4:]), tuple(block[at + 1 :])
                )
            )
        elif cues and not _ASIDE_BLOCK.fullmatch(block[0]) and not "".join(block).isdigit():
            last = cues[-1]
            cues[-1] = Cue(last.id, last.start, last.end, (*last.lines, *block))
    if not cues:
        raise RecordingError(
            f"{name} has no subtitle cues (00:00:01.000 --> 00:00:02.000); "
            "export it again, or save it as txt."
        )
    return cues


def _blocks(text: str) -> Iterator[list[str]]:
    """Runs of lines that are not blank; a timing line begins a run (with the line before)."""
    run: list[str] = []
    for line in [*text.split("\n"), ""]:
        if not line.strip():
            if run:
                yield run
            run = []
            continue
        if TIMING.fullmatch(line) and any(TIMING.fullmatch(other) for other in run):
            # No blank line between two cues: the number before the times is the second's.
            number = run.pop() if run[-1].strip().isdigit() else None
            yield run
            run = [] if number is None else [number]
        run.append(line)


def seconds_of(parts: Sequence[str | None]) -> float:
    """Seconds of one of the two times in a match of TIMING."""
    hours, minutes, whole, fraction = (part or "0" for part in parts)
    return int(hours) * 3600 + int(minutes) * 60 + int(whole) + int(fraction.ljust(3, "0")) / 1000


def turns_of_cues(cues: Sequence[Cue], *, voices: bool) -> tuple[Turn, ...]:
    """Turns with times; `voices` says that the format has voice tags (WebVTT)."""
    parts = [part for cue in cues for part in _parts(cue, voices)]
    own = bool(cues) and all(_OWN_ID.fullmatch(cue.id) for cue in cues)
    if own:
        parts = [replace(part, speaker=speaker_of(part.speaker)) for part in parts]
    elif any(part.voice for part in parts):
        parts = [_without_label(part) for part in parts]
    else:
        parts = _labelled(parts)
    return turns_of_said(parts, own=own)


def turns_of_said(parts: Sequence[Said], *, own: bool = False) -> tuple[Turn, ...]:
    """Consecutive parts that belong together as turns; `own`: by the number of their turn."""
    turns: list[list[Said]] = []
    for part in parts:
        if turns and _same(turns[-1], part, own):
            turns[-1].append(part)
        elif part.text or own:
            turns.append([part])
    return tuple(map(_turn, turns))


def _turn(parts: Sequence[Said]) -> Turn:
    text = ""
    words: list[Word] = []
    for part in parts:
        if part.text:
            text += " " if text else ""
            words += [replace(word, offset=word.offset + len(text)) for word in part.words]
            text += part.text
    first, end = parts[0], max(part.end for part in parts)
    return Turn(text, first.speaker, first.start, end, tuple(words))


def _without_label(part: Said) -> Said:
    """Without the label that noScribe repeats in the text of a cue, and the time after it."""
    if part.voice and part.speaker and part.text.startswith(f"{part.speaker}:"):
        text = _STAMP.sub("", part.text[len(part.speaker) + 1 :].lstrip(" "))
        return replace(part, text=text)
    return part


def _same(turn: list[Said], part: Said, own: bool) -> bool:
    first, last = turn[0], turn[-1]
    if own:
        return first.id.partition(".")[0] == part.id.partition(".")[0]
    if part.speaker != first.speaker or part.dash or last.dash:
        return False
    if part.start - last.end > _MAX_GAP or part.end - first.start > _TOO_LONG:
        return False
    ended = _SENTENCE_END.search(last.text) is not None
    return not (ended and (not first.speaker or last.end - first.start > _LONG))


def _parts(cue: Cue, voices: bool) -> Iterator[Said]:
    lines = [line.strip() for line in cue.lines]
    if len(lines) > 1 and all(re.match(r"[-–—]\s*\S", line) for line in lines):
        for line in lines:
            yield Said(
                cue.id, cue.start, cue.end, "", _plain(line.lstrip("-–— "), voices), dash=True
            )
        return
    payload = "\n".join(lines)
    pieces = _VOICE.split(payload) if voices else [payload]
    if pieces[0].strip() or len(pieces) == 1:
        # A line of its own may begin with a label: «Kari: hei» above «Ola: hallo».
        for line in pieces[0].split("\n"):
            yield Said(cue.id, cue.start, cue.end, "", _plain(line, voices))
    for speaker, text in zip(pieces[1::2], pieces[2::2], strict=True):
        speaker = one_line(html.unescape(speaker))
        yield Said(cue.id, cue.start, cue.end, speaker, _plain(text, voices), voice=True)


def _plain(text: str, voices: bool) -> str:
    return one_line(html.unescape((_VTT_TAG if voices else _SRT_TAG).sub("", text)))


def _labelled(parts: Sequence[Said]) -> list[Said]:
    """«Kari: hei» inside cues; who was named last speaks on until another is named."""
    known = known_labels(part.text for part in parts)
    speaker = ""
    result = []
    for part in parts:
        if label := split_label(part.text, known):
            speaker = label[0]
            result.append(replace(part, text=label[1], speaker=speaker))
        else:
            result.append(replace(part, speaker="" if part.dash else speaker))
    return result
