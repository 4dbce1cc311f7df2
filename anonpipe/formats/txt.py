"""Plain text.

Written: title, language and what the material may be called, then every turn as a paragraph,
«Intervjuer (00:01:23): tekst». Read: what people type themselves, see `_labels`.
"""

from __future__ import annotations

from anonpipe.formats import nvivo
from anonpipe.formats._base import (
    LANGUAGE_LINE,
    Format,
    headed,
    language_line,
    one_line,
    restated,
    spoken,
)
from anonpipe.formats._decode import decode, decode_as_is
from anonpipe.formats._labels import Block, blocks_of_lines, turns_of
from anonpipe.formats._programs import turns_of_program
from anonpipe.status import Material, is_line
from anonpipe.transcript import Transcript


def read(data: bytes, name: str, language: str) -> Transcript:
    """A transcript or notes as plain text."""
    text = decode(data, name)
    lines = text.splitlines()
    mark = _language_at(lines)
    if mark is None and nvivo.is_table(text):
        return nvivo.read(data, name, language)
    if mark is not None:
        rest = lines[mark + 1 :]
        blocks = [Block((line,), "own") for line in rest[_is_stated(rest) :] if line]
    else:
        found = turns_of_program(lines)
        if found:
            return Transcript(found, language)
        blocks = blocks_of_lines(lines)
    return Transcript(turns_of(blocks), language)


def _language_at(lines: list[str]) -> int | None:
    """Where the language stands: with a title on the second line, without one on the first."""
    return next((at for at in (1, 0) if LANGUAGE_LINE.fullmatch("".join(lines[at : at + 1]))), None)


def _is_stated(rest: list[str]) -> bool:
    """Whether the line under the language says what the material may be called."""
    return bool(rest) and is_line(rest[0])


def render(transcript: Transcript, title: str, material: Material) -> bytes:
    """UTF-8 text with LF line ends, a blank line between turns."""
    title = one_line(title)
    language = transcript.language
    parts = [f"{title}\n" * bool(title) + f"{language_line(language)}\n{material.line(language)}\n"]
    for turn in transcript.turns:
        label, time = headed(turn, language)
        parts.append(f"{label}{time}: {one_line(turn.text)}".rstrip(" ") + "\n")
    return "\n".join(parts).encode("utf-8")


def lines(data: bytes) -> list[str]:
    """The lines of the file."""
    return decode(data, "the txt output").splitlines()


def restate(data: bytes, material: Material) -> bytes:
    """The file with another statement; ValueError when it has none."""
    kept = decode_as_is(data, "the txt output").splitlines(keepends=True)
    mark = _language_at([line.rstrip("\r\n") for line in kept])
    if mark is not None and len(kept) > mark + 1:
        line = kept[mark + 1]
        bare = line.rstrip("\r\n")
        new = restated(bare, material)
        if new is not None:
            kept[mark + 1] = new + line[len(bare) :]
            return "".join(kept).encode("utf-8")
    raise ValueError("no statement")


FORMAT = Format("txt", (".txt",), read, render, spoken, lines, restate)
