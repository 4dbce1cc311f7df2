"""Markdown, read only: notes and transcripts from note-taking programs.

Emphasis and the marks of headings and quotations are taken off, since
«**Intervjuer:** tekst» must be seen as a turn and «**Kari** Hansen» as one name.
Everything else stays as it was typed, links and comments included: they may hold
names.
"""

from __future__ import annotations

import re

from anonpipe.formats._base import Format
from anonpipe.formats._decode import decode
from anonpipe.formats._labels import Block, blocks_of_lines, turns_of
from anonpipe.transcript import Transcript

_HEADING = re.compile(r"#{1,6}\s+(.*?)\s*#*\s*$")
_UNDERLINE = re.compile(r"\s*(?:=+|-{3,}|\*{3,}|_{3,})\s*$")
_QUOTE = re.compile(r"^(?:\s{0,3}>\s?)+")
_STRONG = re.compile(r"(\*\*|__)(?=\S)(.+?)(?<=\S)\1")
_EMPHASIS = re.compile(r"(?<![\w*_])([*_])(?=[^\s*_])(.+?)(?<=[^\s*_])\1(?![\w*_])")
_ESCAPE = re.compile(r"\\([\\`*_{}\[\]()#+\-.!>|~])")


def read(data: bytes, name: str, language: str) -> Transcript:
    """A transcript or notes as Markdown; front matter and headings have no speaker."""
    lines = decode(data, name).split("\n")
    blocks: list[Block] = []
    if lines[0].strip() == "---" and "---" in (rest := [line.strip() for line in lines[1:]]):
        end = rest.index("---") + 1
        blocks += [Block((line,), "note") for line in lines[1:end]]
        lines = lines[end + 1 :]
    plain: list[str] = []
    for line in lines:
        if heading := _HEADING.match(line):
            blocks += blocks_of_lines(plain)
            blocks.append(Block((_unmark(heading[1]),), "heading"))
            plain = []
        elif _UNDERLINE.match(line):
            plain.append("")  # a rule, or the line under a heading: no words
        else:
            plain.append(_unmark(_QUOTE.sub("", line)))
    return Transcript(turns_of(blocks + blocks_of_lines(plain)), language)


def _unmark(line: str) -> str:
    line = _STRONG.sub(r"\2", line)
    return _ESCAPE.sub(r"\1", _EMPHASIS.sub(r"\2", line))


FORMAT = Format("md", (".md", ".markdown"), read)
