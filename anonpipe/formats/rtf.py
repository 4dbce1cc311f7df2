"""Rich Text Format 1.9, read only: what f4, older word processors and WordPad write.

Read here and not by striprtf, the well-kept library for it, because that drops footnotes,
comments, headers and text boxes: what is not read is not pseudonymised, and a document would
pass for whole that is not. Control words that are not known are skipped, their text is kept.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass, field, replace

from anonpipe.errors import RecordingError
from anonpipe.formats._base import Format, one_line
from anonpipe.formats._labels import Block, line_of_cells
from anonpipe.formats._programs import turns_of_text
from anonpipe.transcript import Transcript

_TOKEN = re.compile(
    r"\\([a-z]{1,32})(-?\d{1,9})? ?|\\'([0-9a-fA-F]{2})|\\([^a-z])|([{}])|[\r\n]+"
    r"|([^\\{}\r\n]+|\\)",
    re.DOTALL,
)


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Groups that hold no text of the document.
_SKIPPED = _words(
    """fonttbl colortbl stylesheet info pict objdata fldinst listtext pntext pntxta pntxtb
    listtable listoverridetable rsidtbl generator xmlnstbl themedata colorschememapping
    latentstyles datastore revtbl bkmkstart bkmkend atnid atnauthor atndate atnref atntime
    filetbl mmathPr sn sv"""
)
_NOTES = _words("footnote annotation header headerl headerr headerf footer footerl footerr footerf")
_SIGNS = {
    **{"tab": " ", "line": "\n", "emdash": "—", "endash": "–", "bullet": "•", "lquote": "‘"},
    **{"rquote": "’", "ldblquote": "“", "rdblquote": "”", "emspace": " ", "enspace": " "},
}
_SYMBOLS = {"~": "\u00a0", "_": "-", "\\": "\\", "{": "{", "}": "}"}
_ENDS = frozenset(("par", "sect", "page", "row"))
_CHARSETS = {0: "cp1252", 77: "mac_roman", 128: "cp932", 161: "cp1253", 162: "cp1254"} | {
    **{163: "cp1258", 177: "cp1255", 178: "cp1256", 186: "cp1257", 204: "cp1251"},
    **{222: "cp874", 238: "cp1250", 254: "cp437", 255: "cp850"},
}
_LARGEST = 50_000_000  # bytes; pictures included
_DEEPEST = 5_000  # groups inside one another


@dataclass(frozen=True, slots=True)
class _State:
    """What a group inherits. `note`: which note it belongs to, 0 for the body."""

    skipped: bool = False
    deleted: bool = False
    note: int = 0
    fallback: int = 1  # how many characters follow \\u for readers that do not know it
    codec: str = "cp1252"
    fonts: bool = False
    in_table: bool = False


@dataclass(slots=True)
class _Text:
    """Paragraphs of the body or of a note."""

    paragraphs: list[str] = field(default_factory=list)
    pieces: list[str] = field(default_factory=list)
    cells: list[str] = field(default_factory=list)

    def end(self) -> None:
        self.paragraphs.append(_joined(self.pieces))
        self.pieces.clear()


def _joined(pieces: list[str]) -> str:
    """Text whose surrogates, written one by one, are characters again."""
    text = "".join(pieces)
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def read(data: bytes, name: str, language: str) -> Transcript:
    """A transcript or notes as RTF; raises RecordingError if it is none."""
    if not data:
        raise RecordingError(f"{name} is empty; check that it was copied in full.")
    if data.lstrip()[:5] != b"{\\rtf":
        raise RecordingError(f"{name} is no RTF although it is called so; save it as docx or txt.")
    if len(data) > _LARGEST:
        raise RecordingError(f"{name} is too large for a text document; save it as docx or txt.")
    reader = _Reader()
    try:
        reader.feed(data.decode("latin-1"))
    except ValueError:
        raise RecordingError(
            f"{name} is not a sound RTF file; open it in a word processor and save it as docx."
        ) from None
    blocks = [block for block in reader.blocks() if any(map(one_line, block.lines))]
    turns = turns_of_text(blocks)
    if not turns:
        raise RecordingError(f"{name} holds no text; check that it was saved in full.")
    return Transcript(turns, language)


class _Reader:
    """Goes through the tokens once; groups are kept on a list, not by recursion."""

    def __init__(self) -> None:
        self._texts: dict[int, _Text] = {0: _Text()}
        self._state = _State()
        self._groups: list[_State] = []
        self._bytes = bytearray()
        self._left = 0  # characters still to be skipped after \\u
        self._fonts: dict[int, str] = {}
        self._font = 0
        self._starred = False

    def feed(self, text: str) -> None:
        at = 0
        while match := _TOKEN.match(text, at):
            at = match.end()
            word, number, code, symbol, brace, plain = match.groups()
            if code is not None:
                self._byte(int(code, 16))
                continue
            if plain is not None:
                self._plain(plain)
                continue
            self._flush()
            if brace is not None:
                self._brace(brace)
            elif symbol is not None:
                self._symbol(symbol)
            elif word == "bin":
                at += max(0, int(number or 0))
            elif word is not None:
                self._word(word, None if number is None else int(number))
        self._flush()

    def _brace(self, brace: str) -> None:
        self._left, self._starred = 0, False
        if brace == "{":
            if len(self._groups) >= _DEEPEST:
                raise ValueError("too deep")
            self._groups.append(self._state)
        elif self._groups:
            self._state = self._groups.pop()

    def _symbol(self, symbol: str) -> None:
        if symbol == "*":
            self._starred = True
        elif symbol in "\r\n":
            self._ends("par")
        elif symbol in _SYMBOLS:
            self._say(_SYMBOLS[symbol])

    def _byte(self, byte: int) -> None:
        if self._left:
            self._left -= 1
        else:
            self._bytes.append(byte)

    def _plain(self, plain: str) -> None:
        skipped, self._left = min(self._left, len(plain)), max(0, self._left - len(plain))
        self._bytes += plain[skipped:].encode("latin-1")

    def _flush(self) -> None:
        if self._bytes:
            raw, self._bytes = bytes(self._bytes), bytearray()
            self._say(raw.decode(self._state.codec, errors="replace"))

    def _say(self, text: str) -> None:
        if not (self._state.skipped or self._state.deleted):
            self._texts.setdefault(self._state.note, _Text()).pieces.append(text)

    def _word(self, word: str, number: int | None) -> None:
        starred, self._starred = self._starred, False
        if word == "u":
            value = number or 0
            self._say(chr(value % 0x10000))
            self._left = self._state.fallback
        elif word == "uc":
            self._state = replace(self._state, fallback=max(0, number or 0))
        elif word in _SIGNS:
            self._say(_SIGNS[word])
        elif word in _ENDS or word in ("cell", "nestcell"):
            self._ends(word)
        elif word in _NOTES:
            self._state = replace(self._state, note=len(self._texts), skipped=False)
            self._texts[self._state.note] = _Text()
        elif word == "shptxt":
            self._state = replace(self._state, skipped=False)
        elif word in _SKIPPED or starred:
            self._state = replace(self._state, skipped=True, fonts=word == "fonttbl")
        elif word in ("intbl", "pard"):
            self._state = replace(self._state, in_table=word == "intbl")
        elif word in ("deleted", "plain"):
            self._state = replace(self._state, deleted=word == "deleted" and number != 0)
        else:
            self._encoding(word, number or 0)

    def _ends(self, word: str) -> None:
        if self._state.skipped:
            return
        text = self._texts.setdefault(self._state.note, _Text())
        if word in ("cell", "nestcell"):
            text.cells.append(one_line(_joined(text.pieces)))
            text.pieces.clear()
        elif word == "row":
            filled = [cell for cell in text.cells if cell]
            text.cells.clear()
            text.paragraphs += [line_of_cells(filled)] if filled else []
        elif text.cells or self._state.in_table:
            text.pieces.append(" ")  # a paragraph inside a cell
        else:
            text.end()

    def _encoding(self, word: str, number: int) -> None:
        codec = ""
        if word == "ansicpg":
            codec = f"cp{number}"
        elif word in ("mac", "pc", "pca"):
            codec = {"mac": "mac_roman", "pc": "cp437", "pca": "cp850"}[word]
        elif word == "f" and self._state.fonts:
            self._font = number
        elif word == "fcharset" and self._state.fonts:
            self._fonts[self._font] = _CHARSETS.get(number, "")
        elif word == "f":
            codec = self._fonts.get(number, "")
        if codec and _known(codec):
            self._state = replace(self._state, codec=codec)

    def blocks(self) -> list[Block]:
        """The body's paragraphs, then those of the notes."""
        blocks: list[Block] = []
        for note, text in sorted(self._texts.items()):
            text.end()
            lines = [*text.paragraphs, *text.cells]
            blocks += [Block(tuple(each.split("\n")), "note" if note else "text") for each in lines]
        return blocks


def _known(codec: str) -> bool:
    try:
        codecs.lookup(codec)
    except LookupError:
        return False
    return True


FORMAT = Format("rtf", (".rtf",), read)
