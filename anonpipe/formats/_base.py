"""What every format shares: its description, and how text looks when it is written.

The formats that people read (txt, docx, vtt) write one turn as one line of text,
so `one_line` and `label_of` decide what a turn and its speaker look like in all
of them, and `spoken` says what must come back when such a file is read again.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from anonpipe.errors import UsageError
from anonpipe.splicing import Change
from anonpipe.status import Material, language_of
from anonpipe.times import timecode
from anonpipe.transcript import Transcript, Turn

Spoken = tuple[tuple[str, str], ...]
"""(speaker, text) of every turn, in order: what two versions of a transcript are compared by."""

# language -> (label of a speaker unknown in a recording, in a text; "Language"; its name)
_WORDS = {
    "nb": ("Taler", "Notat", "Språk", "norsk bokmål"),
    "nn": ("Talar", "Notat", "Språk", "norsk nynorsk"),
    "en": ("Speaker", "Note", "Language", "English"),
}
UNKNOWN_LABELS = frozenset(word for words in _WORDS.values() for word in words[:2])
"""Labels that the writers put before a turn whose speaker is unknown; read back as ""."""

# Soft hyphen, zero width space, word joiner, byte order mark: invisible, and a
# name with one of them inside would not be recognised.
_INVISIBLE = re.compile("[\u00ad\u200b\u2060\ufeff]")
_BREAKS = re.compile("[\x00-\x20\x7f-\x9f\u2028\u2029]+")
# Lone surrogates cannot be encoded; U+FFFE and U+FFFF are forbidden in XML.
_FORBIDDEN = re.compile("[\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class Format:
    """One transcript format: a module of this package with a `FORMAT` of this type.

    `read(data, name, language)` gives a Transcript or raises RecordingError; `name`
    is the file's name, for messages only. `render(transcript, title, material)` gives the
    file's bytes, which say what the material may be called. `expected` gives what reading the
    rendered bytes must give, `lines` whatever text a file holds, also where no turn stands.
    `restate(data, material)` gives a written file's bytes with another such statement, and
    changes nothing else; ValueError when the file has none. `edit(data, change)` changes words
    in a file that people may have edited; without it the editor of the ending's suffix does.

    `suffixes` are those of files that are read; `ending` is what a written file's name ends
    with («.nvivo.txt»), so that two formats in one container have distinct names; by default
    the name after a dot.
    """

    name: str
    suffixes: tuple[str, ...]
    read: Callable[[bytes, str, str], Transcript]
    render: Callable[[Transcript, str, Material], bytes] | None = None
    expected: Callable[[Transcript], Spoken] | None = None
    lines: Callable[[bytes], Iterable[str]] | None = None
    restate: Callable[[bytes, Material], bytes] | None = None
    needs_times: bool = False
    ending: str = ""
    edit: Callable[[bytes, Change], bytes] | None = None

    @property
    def file_ending(self) -> str:
        """What the name of a written file ends with, in lower case and with its dot."""
        return self.ending or f".{self.name}"


def one_line(text: str) -> str:
    """Text as one line: NFC, no invisible or control characters, runs of blanks made one.

    Line breaks and control characters become a blank, characters that UTF-8 or XML
    cannot carry become U+FFFD. No-break spaces are kept. Applying it twice changes
    nothing more.
    """
    text = _FORBIDDEN.sub("\ufffd", _INVISIBLE.sub("", text))
    return _BREAKS.sub(" ", unicodedata.normalize("NFC", text)).strip(" ")


def label_of(turn: Turn, language: str) -> str:
    """The label that stands before a turn: its speaker, or a localised word when unknown.

    One line; a colon in it becomes a hyphen, because a colon ends the label.
    """
    label = one_line(turn.speaker.replace(":", "-"))
    if label.strip():
        return label
    words = _WORDS.get(language, _WORDS["en"])
    return words[1] if seconds(turn.start) is None else words[0]


def spoken(transcript: Transcript) -> Spoken:
    """What reading a txt, docx or vtt file of this transcript must give."""
    return tuple(
        (speaker_of(label_of(turn, transcript.language)), one_line(turn.text))
        for turn in transcript.turns
    )


def speaker_of(label: str) -> str:
    """The inverse of `label_of`."""
    return "" if label in UNKNOWN_LABELS else label


def language_line(language: str) -> str:
    """The line under the title, such as «Språk: norsk bokmål (nb)»."""
    words = _WORDS.get(language)
    code = one_line(language)
    return f"{words[2]}: {words[3]} ({code})" if words else f"Language: {code} ({code})"


LANGUAGE_LINE = re.compile(r"(?:Språk|Language): \S.* \(\S+\)")
"""Matches what `language_line` gives; the mark by which a written file is known again."""


def restated(line: str, material: Material) -> str | None:
    """A written file's statement in its language, for other material; None for other lines."""
    language = language_of(line)
    return None if language is None else material.line(language)


def seconds(value: float | None) -> float | None:
    """A time that can be written: finite and not negative, or None."""
    if value is None or not math.isfinite(value):
        return None
    return max(0.0, value)


def times_of(turn: Turn, format: str) -> tuple[float, float]:
    """Seconds at which a turn begins and ends, the end later; UsageError if it has no times."""
    start = seconds(turn.start)
    if start is None:
        raise UsageError(
            f"{format} needs times, and this transcript has none; choose txt, docx or json for it."
        )
    finish = seconds(turn.end)
    return start, start + 0.001 if finish is None else max(finish, start + 0.001)


def headed(turn: Turn, language: str) -> tuple[str, str]:
    """A turn's label and its time in parentheses: («Intervjuer», « (00:01:23)» or «»)."""
    start = seconds(turn.start)
    return label_of(turn, language), "" if start is None else f" ({timecode(start)})"
