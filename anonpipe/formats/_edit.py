"""Changing words in files that people may have edited, and nothing else in them.

What the program cannot take apart (JSON that a person has broken) is changed as plain text.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import fields
from html import escape, unescape
from typing import Any, get_args

from anonpipe.formats._base import LANGUAGE_LINE
from anonpipe.formats._decode import decode_as_is
from anonpipe.formats._docx_edit import edit_docx
from anonpipe.splicing import Change, Piece, splice, splice_words
from anonpipe.status import Material, is_line
from anonpipe.transcript import MENTION_TYPES, Flag, FlagKind, Transcript, Turn, Word

_ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "cp1252")
_VTT_TAG = re.compile(r"(<[^<>\n]*>)")
_CHARACTER = re.compile(r"&#?\w{1,31};|.", re.DOTALL)
_SURROGATE = re.compile("[\ud800-\udfff]")
_KEYS = {each.name for kind in (Transcript, Turn, Word, Flag, Material) for each in fields(kind)}
_KEYS |= {"format", "version", "title", "status", "role", "fingerprint"}
_CODED = {*MENTION_TYPES, *get_args(FlagKind), "anonpipe-transcript", "nb", "nn", "en"}
"""What the program itself writes in a JSON transcript: names of fields, and values of some."""
_VOICE = re.compile(r"(<v(?:\.[^\s>]*)?\s+)([^>]*)(>)")


class Sparing:
    """A change that leaves alone the lines of the language and of what the material is called."""

    def __init__(self, change: Change) -> None:
        self._change = change

    def pieces(self, text: str) -> Sequence[Piece]:
        """The pieces of the change that touch no such line."""
        found = self._change.pieces(text)
        if not found:
            return found
        spared, start = [], 0
        for line in text.split("\n"):
            bare = line.strip()
            if is_line(bare) or LANGUAGE_LINE.fullmatch(bare):
                spared.append((start, start + len(line)))
            start += len(line) + 1
        return [p for p in found if all(p.end <= a or b <= p.start for a, b in spared)]

    def label(self, speaker: str) -> str:
        """Labels are no such lines."""
        return self._change.label(speaker)


def edit_text(data: bytes, change: Change) -> bytes:
    """Plain text and Markdown, in the encoding that the file had."""
    return recoded(data, lambda text: splice(text, change.pieces(text)))


def edit_lines(data: bytes, changed: Callable[[str], str]) -> bytes:
    """Each line, with its line break, as `changed` makes it."""
    return recoded(data, lambda text: "".join(map(changed, text.splitlines(keepends=True))))


def edit_cues(data: bytes, change: Change) -> bytes:
    """WebVTT and SubRip: the words between tags, and the names in voice tags."""
    return recoded(data, lambda text: "".join(_tagged(part, change) for part in _parts(text)))


def _parts(text: str) -> list[str]:
    return [part for part in _VTT_TAG.split(text) if part]


def _tagged(part: str, change: Change) -> str:
    voice = _VOICE.fullmatch(part)
    if voice is not None:
        name = unescape(voice[2])
        new = change.label(name)
        return part if new == name else f"{voice[1]}{escape(new, quote=False)}{voice[3]}"
    # Only what gives way is written anew: elsewhere a «>» stays as it was typed.
    plain, places = _unescaped(part)
    pieces = [
        Piece(places[p.start], places[p.end], escape(p.text, quote=False))
        for p in change.pieces(plain)
    ]
    return splice(part, pieces)


def _unescaped(text: str) -> tuple[str, list[int]]:
    """`text` without references («&amp;»), and where each of its characters and its end was."""
    shown: list[str] = []
    places: list[int] = []
    for match in _CHARACTER.finditer(text):
        letters = unescape(match[0])
        shown.append(letters)
        places += [match.start()] * len(letters)
    return "".join(shown), [*places, len(text)]


def edit_json(data: bytes, change: Change) -> bytes:
    """JSON transcripts: turns with their words, labels, and every other text in the file."""

    def edited(text: str) -> str:
        try:
            content = json.loads(text.removeprefix("\ufeff"))
        except (ValueError, RecursionError):
            return splice(text, change.pieces(text))
        new = _value(content, change)
        if new == content:
            return text
        written = json.dumps(new, ensure_ascii=False, indent=1) + "\n"
        return _SURROGATE.sub(lambda match: f"\\u{ord(match[0]):04x}", written)

    return recoded(data, edited)


def _value(value: Any, change: Change) -> Any:
    if isinstance(value, str):
        return splice(value, change.pieces(value))
    if isinstance(value, list):
        return [_value(item, change) for item in value]
    if not isinstance(value, dict):
        return value
    rest = {
        key if key in _KEYS else splice(key, change.pieces(key)): item
        if _is_coded(key, item)
        else _value(item, change)
        for key, item in value.items()
    }
    if isinstance(value.get("speaker"), str):
        rest["speaker"] = change.label(value["speaker"])
    if isinstance(value.get("text"), str) and isinstance(value.get("words"), list):
        rest["words"] = _words(value["text"], value["words"], change)
    return rest


def _is_coded(key: str, value: Any) -> bool:
    """Whether a field holds a word of the program's, which is not for people."""
    if key == "status" and isinstance(value, dict):
        return is_line(str(value.get("text")))
    coded = isinstance(value, str) and value in _CODED
    return coded and key in ("format", "language", "kind", "type")


def _words(text: str, words: list[Any], change: Change) -> list[Any]:
    """The words of a turn over its new text; as plain values if a person has broken them."""
    try:
        known = [Word(**word) for word in words]
        if any(text[w.offset : w.offset + len(w.text)] != w.text for w in known):
            raise ValueError
    except (TypeError, ValueError):
        return [_value(word, change) for word in words]
    pieces = change.pieces(text)
    new = splice_words(known, pieces, splice(text, pieces))
    # In the order in which the program writes them.
    names = ("start", "end", "text", "probability", "offset")
    return [{name: getattr(word, name) for name in names} for word in new]


def recoded(data: bytes, edited: Callable[[str], str]) -> bytes:
    """Bytes with their text changed, in the encoding that gives the old text back, else UTF-8."""
    text = decode_as_is(data, "the file")
    new = edited(text)
    if new == text:
        return data
    encoding = next((e for e in _ENCODINGS if _encodes(text, e, data)), "utf-8")
    try:
        return new.encode(encoding)
    except UnicodeEncodeError:
        return new.encode("utf-8")


def _encodes(text: str, encoding: str, data: bytes) -> bool:
    try:
        return text.encode(encoding) == data
    except UnicodeEncodeError:
        return False


EDITORS: dict[str, Callable[[bytes, Change], bytes]] = {
    "txt": edit_text,
    "vtt": edit_cues,
    "srt": edit_cues,
    "json": edit_json,
    "docx": edit_docx,
}
"""By suffix without its dot."""
