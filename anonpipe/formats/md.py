"""Markdown (CommonMark): for note-taking programs, wikis and repositories.

Written: the title as a heading, language and what the material may be called, then every turn
as a paragraph, «**Intervjuer** (00:01:23): tekst», with a backslash before what would be markup.

Read: notes and transcripts from note-taking programs. Emphasis and the marks of headings and
quotations are taken off, since «**Intervjuer:** tekst» must be seen as a turn and
«**Kari** Hansen» as one name. Everything else stays as it was typed, links and comments
included: they may hold names.
"""

from __future__ import annotations

import re

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
from anonpipe.formats._edit import edit_lines, edit_text, recoded
from anonpipe.formats._labels import Block, blocks_of_lines, turns_of
from anonpipe.splicing import Change, splice
from anonpipe.status import Material, is_line
from anonpipe.transcript import Transcript

_HEADING = re.compile(r"#{1,6}\s+(.*?)\s*#*\s*$")
_UNDERLINE = re.compile(r"\s*(?:=+|-{3,}|\*{3,}|_{3,})\s*$")
_QUOTE = re.compile(r"^(?:\s{0,3}>\s?)+")
_STRONG = re.compile(r"(\*\*|__)(?=\S)(.+?)(?<=\S)\1")
_EMPHASIS = re.compile(r"(?<![\w*_])([*_])(?=[^\s*_])(.+?)(?<=[^\s*_])\1(?![\w*_])")
_ESCAPE = re.compile(r"\\([!-/:-@\[-`{-~])")
# What means something inside a paragraph; codes in brackets stay as they are.
_MARKUP = re.compile(r"[\\`*_<>&~|]|(?<=\])[(\[]")
_TURN = re.compile(r"\*\*((?:[^\\*]|\\.)+)\*\*( \(\d{2,}:\d\d:\d\d\))?:(?: (.*))?")
_HEAD = 5  # lines in which the language stands, if this program wrote the file


def read(data: bytes, name: str, language: str) -> Transcript:
    """A transcript or notes as Markdown; front matter and headings have no speaker."""
    lines = decode(data, name).split("\n")
    if (at := _language_at(lines)) is not None:
        kept = [line for line in lines[at + 1 :] if line and not _is_statement(line)]
        return Transcript(turns_of([_block(line) for line in kept]), language)
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


def _language_at(lines: list[str]) -> int | None:
    """Where the language stands in a file of this program."""
    shown = enumerate(map(_plain, lines[:_HEAD]))
    return next((at for at, line in shown if LANGUAGE_LINE.fullmatch(line)), None)


def _is_statement(line: str) -> bool:
    return is_line(_plain(line))


def _block(line: str) -> Block:
    if match := _TURN.fullmatch(line):
        label, time, text = _plain(match[1]), match[2] or "", _plain(match[3] or "")
        return Block((f"{label}{time}: {text}",), "own")
    return Block((_unmark(line),))


def _marked(text: str) -> str:
    return _MARKUP.sub(r"\\\g<0>", text)


def _plain(text: str) -> str:
    return _ESCAPE.sub(r"\1", text)


def render(transcript: Transcript, title: str, material: Material) -> bytes:
    """UTF-8 text with LF line ends, a blank line between paragraphs."""
    language = transcript.language
    title = one_line(title)
    parts = [f"# {_marked(title)}"] if title else []
    parts += [_marked(language_line(language)), _marked(material.line(language))]
    for turn in transcript.turns:
        label, time = headed(turn, language)
        parts.append(f"**{_marked(label)}**{time}: {_marked(one_line(turn.text))}".rstrip(" "))
    return "".join(f"{part}\n\n" for part in parts)[:-1].encode("utf-8")


def lines(data: bytes) -> list[str]:
    """The lines of the file, without the marks of headings and emphasis."""
    found = []
    for line in decode(data, "the md output").split("\n"):
        heading = _HEADING.match(line)
        turn = _TURN.fullmatch(line)
        if turn:
            found.append(_plain(f"{turn[1]}{turn[2] or ''}: {turn[3] or ''}"))
        else:
            found.append(_unmark(heading[1] if heading else _QUOTE.sub("", line)))
    return found


def restate(data: bytes, material: Material) -> bytes:
    """The file with another statement; ValueError when it has none."""
    found = False

    def other(text: str) -> str:
        nonlocal found
        kept = text.splitlines(keepends=True)
        mark = _language_at([line.rstrip("\r\n") for line in kept])
        first = len(kept) if mark is None else mark + 1
        for at, line in enumerate(kept[first : first + 2], start=first):
            bare = line.rstrip("\r\n")
            new = None if found else restated(_plain(bare), material)
            if new is not None:
                found = True
                kept[at] = _marked(new) + line[len(bare) :]
        return "".join(kept)

    new = recoded(data, other)
    if not found:
        raise ValueError("no statement")
    return new


def edit(data: bytes, change: Change) -> bytes:
    """The file with a change made in its words; those with a backslash are read without it."""
    text = decode_as_is(data, "the md output")
    if _language_at(text.splitlines()) is None:
        return edit_text(data, change)
    return edit_lines(data, lambda line: _changed(line, change))


def _changed(line: str, change: Change) -> str:
    bare = line.rstrip("\r\n")
    match = _TURN.fullmatch(bare)
    if match is None:
        return splice(line, change.pieces(line))
    label, text = _plain(match[1]), _plain(match[3] or "")
    new = splice(text, change.pieces(text))
    parts = (
        match[1] if change.label(label) == label else _marked(change.label(label)),
        (match[3] or "") if new == text else _marked(new),
    )
    said = f": {parts[1]}" if match[3] is not None else ":"
    return f"**{parts[0]}**{match[2] or ''}{said}" + line[len(bare) :]


def _unmark(line: str) -> str:
    line = _STRONG.sub(r"\2", line)
    return _ESCAPE.sub(r"\1", _EMPHASIS.sub(r"\2", line))


FORMAT = Format("md", (".md", ".markdown"), read, render, spoken, lines, restate, edit=edit)
