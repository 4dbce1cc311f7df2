"""Web pages, read only: noScribe's transcripts, and what word processors save as HTML.

noScribe marks what is said by anchors, `<a name="ts_START_END_SPEAKER">`, in milliseconds, one
paragraph a speaker, and puts the speaker's label and times into the text as well; those are
taken off. Its head, which names the audio file and its folder, is left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import unescape

from anonpipe.errors import RecordingError
from anonpipe.formats._base import Format, one_line
from anonpipe.formats._decode import decode
from anonpipe.formats._labels import Block, line_of_cells
from anonpipe.formats._programs import turns_of_text
from anonpipe.transcript import Transcript, Turn

# Bounded, so that no input takes more than linear time; a longer tag is shown as text.
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9:]{0,30})((?:\s[^<>]{0,4000})?)/?>|<[!?][^<>]{0,4000}>")
_ANCHOR = re.compile(r"""\b(?:name|href|id)\s*=\s*["']?ts_(\d{1,12})_(\d{1,12})_([^"'<>]*)""")
_STAMP = re.compile(r"^\[\d\d:\d\d:\d\d\]\s*")
_HEADINGS = frozenset(f"h{level}" for level in range(1, 7))
_LINES = _HEADINGS | {
    *("p", "div", "li", "ul", "ol", "dl", "dt", "dd", "table", "section", "article"),
    *("blockquote", "pre", "hr", "body"),
}
_HIDDEN = frozenset(("script", "style", "head", "template"))


@dataclass(slots=True)
class _Paragraph:
    """A paragraph; `start`, `end` and `speaker` are of noScribe's anchors in it."""

    parts: list[str] = field(default_factory=list)
    heading: bool = False
    start: float | None = None
    end: float | None = None
    speaker: str = ""

    @property
    def text(self) -> str:
        lines = "".join(self.parts).split("\n")
        return "\n".join(line for line in map(one_line, lines) if line)


def read(data: bytes, name: str, language: str) -> Transcript:
    """A transcript or notes as HTML."""
    paragraphs = [each for each in _paragraphs(decode(data, name)) if each.text]
    first = next((at for at, each in enumerate(paragraphs) if each.start is not None), None)
    if first is not None:
        turns = tuple(map(_turn, paragraphs[first:]))
    else:
        turns = turns_of_text(
            [
                Block(tuple(each.text.split("\n")), "heading" if each.heading else "text")
                for each in paragraphs
            ]
        )
    if not turns:
        raise RecordingError(f"{name} holds no text; check that it was saved in full.")
    return Transcript(turns, language)


def _turn(paragraph: _Paragraph) -> Turn:
    text, speaker = one_line(paragraph.text), one_line(paragraph.speaker)
    if speaker and text.startswith(f"{speaker}:"):
        text = text[len(speaker) + 1 :].lstrip(" ")
    return Turn(_STAMP.sub("", text), speaker, paragraph.start, paragraph.end)


def _paragraphs(text: str) -> Iterator[_Paragraph]:
    text = _without_comments(text)
    current, cells, hidden, at = _Paragraph(), list[str](), "", 0
    in_cell = False
    for match in _TAG.finditer(text):
        data, at = text[at : match.start()], match.end()
        closing, tag = bool(match[1]), (match[2] or "").lower()
        if not hidden:
            current.parts.append(unescape(re.sub(r"\s+", " ", data)))
        if hidden or (tag in _HIDDEN and not closing):
            ends = (closing and tag == hidden) or (hidden == "head" and tag == "body")
            hidden = "" if ends else hidden or tag
        elif tag == "br":
            current.parts.append("\n")
        elif tag in ("td", "th"):
            in_cell = not closing
            if closing:
                cells.append(one_line(current.text))
                current = _Paragraph()
        elif tag == "tr":
            in_cell = False
            if closing and any(cells):
                yield _Paragraph([line_of_cells([cell for cell in cells if cell])])
            current, cells = _Paragraph(), []
        elif tag in _LINES:
            if in_cell:
                current.parts.append(" ")
            else:
                yield current
                current = _Paragraph(heading=tag in _HEADINGS and not closing)
        elif tag == "a" and (anchor := _ANCHOR.search(match[3] or "")):
            start, current.end = (int(anchor[group]) / 1000 for group in (1, 2))
            if current.start is None:
                current.start, current.speaker = start, unescape(anchor[3])
    if not hidden:
        current.parts.append(unescape(re.sub(r"\s+", " ", text[at:])))
    yield current


def _without_comments(text: str) -> str:
    parts: list[str] = []
    at = 0
    while (start := text.find("<!--", at)) >= 0 and (end := text.find("-->", start)) >= 0:
        parts.append(text[at:start])
        at = end + 3
    return "".join((*parts, text[at:]))


FORMAT = Format("html", (".html", ".htm"), read)
