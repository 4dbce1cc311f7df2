"""WebVTT (https://www.w3.org/TR/webvtt1/), for players and analysis programs.

Written: one cue a turn, or several of about seven seconds where the words' times
allow, each with a voice tag; a cue's identifier is the number of its turn and of
its piece («12.2»), so that the turns can be put together again.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape

from anonpipe.errors import UsageError
from anonpipe.formats._base import (
    LANGUAGE_LINE,
    Format,
    label_of,
    language_line,
    one_line,
    restated,
    seconds,
    spoken,
)
from anonpipe.formats._cues import cues_of, turns_of_cues
from anonpipe.formats._decode import decode, decode_as_is
from anonpipe.status import PSEUDONYMISED, Material, is_line
from anonpipe.transcript import Transcript, Turn, Word

_LONGEST = 7.0  # seconds that a cue should stay at most
_SHORTEST = 2.0  # seconds that a cue should last before it is broken at a comma
_HEAD = re.compile(rf"WEBVTT\n\nNOTE\n.*\n{LANGUAGE_LINE.pattern}\n(?:(.*)\n)?")
_PAUSE = re.compile(r"[.?!…,;:][\"'”»)]*\s*$")


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
        for piece, (start, end, text) in enumerate(_pieces(turn), start=1):
            # The specification wants starts in order and ends after starts.
            earliest = max(start, earliest)
            last = max(end, earliest + 0.001)
            blocks.append(
                f"{number}.{piece}\n{_stamp(earliest)} --> {_stamp(last)}\n"
                f"<v {label}>{_escape(text)}</v>\n"
            )
    return "\n".join(blocks).encode("utf-8")


def _escape(text: str) -> str:
    return one_line(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _stamp(value: float) -> str:
    thousandths = round(value * 1000)
    whole, fraction = divmod(thousandths, 1000)
    return f"{whole // 3600:02}:{whole // 60 % 60:02}:{whole % 60:02}.{fraction:03}"


def _pieces(turn: Turn) -> Iterator[tuple[float, float, str]]:
    """(start, end, text) of a turn's cues; the texts make up the whole turn."""
    start = seconds(turn.start)
    if start is None:
        raise UsageError(
            "vtt needs times, and this transcript has none; choose txt, docx or json for it."
        )
    finish = seconds(turn.end)
    end = start + 0.001 if finish is None else max(finish, start + 0.001)
    at, begin = 0, start
    last: Word | None = None
    pause: tuple[int, float, float] | None = None  # where the cue could be broken instead
    for word in turn.words:
        if not _may_begin(turn.text, word) or (last is not None and word.offset <= last.offset):
            continue
        if last is not None and word.end - begin > _LONGEST:
            cut, until, onward = pause or (word.offset, last.end, word.start)
            yield begin, until, turn.text[at:cut]
            at, begin, pause = cut, onward, None
        elif (
            last is not None
            and last.end - begin >= _SHORTEST
            and _PAUSE.search(turn.text[at : word.offset])
        ):
            pause = (word.offset, last.end, word.start)
        last = word
    yield begin, end, turn.text[at:]


def _may_begin(text: str, word: Word) -> bool:
    """Whether a cue may begin with the word: after a blank, and not inside a code's brackets."""
    before = text[: word.offset]
    return (
        0 < word.offset < len(text)
        and before[-1] == " "
        and bool(before.strip())
        and before.count("[") <= before.count("]")
        and seconds(word.start) is not None
        and seconds(word.end) is not None
    )


def lines(data: bytes) -> list[str]:
    """The lines of the file, with voices as labels and without other tags."""
    text = re.sub(r"<v\s+([^>]*)>", r"\1: ", decode(data, "the vtt output"))
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
