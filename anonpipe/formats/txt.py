"""Plain text.

Written: title and language, then every turn as a paragraph,
«Intervjuer (00:01:23): tekst». Read: what people type themselves, see `_labels`.
"""

from __future__ import annotations

from anonpipe.formats._base import LANGUAGE_LINE, Format, headed, language_line, one_line, spoken
from anonpipe.formats._decode import decode
from anonpipe.formats._labels import Block, blocks_of_lines, turns_of
from anonpipe.transcript import Transcript


def read(data: bytes, name: str, language: str) -> Transcript:
    """A transcript or notes as plain text."""
    lines = decode(data, name).splitlines()
    # With a title the language stands on the second line, without one on the first.
    mark = next((at for at in (1, 0) if LANGUAGE_LINE.fullmatch("".join(lines[at : at + 1]))), None)
    if mark is not None:
        blocks = [Block((line,), "own") for line in lines[mark + 1 :] if line]
    else:
        blocks = blocks_of_lines(lines)
    return Transcript(turns_of(blocks), language)


def render(transcript: Transcript, title: str) -> bytes:
    """UTF-8 text with LF line ends, a blank line between turns."""
    title = one_line(title)
    parts = [f"{title}\n" * bool(title) + f"{language_line(transcript.language)}\n"]
    for turn in transcript.turns:
        label, time = headed(turn, transcript.language)
        parts.append(f"{label}{time}: {one_line(turn.text)}".rstrip(" ") + "\n")
    return "\n".join(parts).encode("utf-8")


def lines(data: bytes) -> list[str]:
    """The lines of the file."""
    return decode(data, "the txt output").splitlines()


FORMAT = Format("txt", (".txt",), read, render, spoken, lines)
