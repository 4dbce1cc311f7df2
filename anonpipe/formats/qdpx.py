"""REFI-QDA projects (.qdpx), which MAXQDA, NVivo, ATLAS.ti, QualCoder and others exchange.

A zip package with `project.qde` (XML after Project.xsd of REFI-QDA 1.0, 18 March 2019) and the
transcript as a text source in `sources/`: UTF-8, LF, composed letters, no byte order mark, one
turn a line, «P01 (00:01:23): tekst». What each speaker says is coded with a code of the
speaker's name; positions count characters (code points) from 0, the end exclusive. Language and
what the material may be called are the project's and the source's description. Identifiers
come from the title and the speakers' labels, so that a speaker of several interviews has one
code, and hold no time and no user.

Read: the text sources of a project of any program, its descriptions and its notes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from html import escape, unescape
from typing import TYPE_CHECKING

from anonpipe.errors import RecordingError
from anonpipe.formats._base import (
    LANGUAGE_LINE,
    Format,
    headed,
    language_line,
    one_line,
    restated,
    spoken,
)
from anonpipe.formats._labels import Block, blocks_of_lines, turns_of
from anonpipe.formats._xml import attribute, local, package_of, parse, parts_of, spliced, unsound
from anonpipe.splicing import Change, Piece, splice
from anonpipe.status import Material, is_line
from anonpipe.transcript import Transcript

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_PROJECT = "project.qde"
_SPACE = "urn:QDA-XML:project:1.0"
_ORIGIN = "anonpipe"
_DESCRIPTION = re.compile(r"(<Description>)([^<]*)(</Description>)")
_POSITIONS = re.compile(r'startPosition="(\d{1,9})" endPosition="(\d{1,9})"')
_NAME = re.compile(r'(\sname=")([^"]*)(")')


def _guid(*parts: str) -> str:
    import uuid

    space = uuid.uuid5(uuid.NAMESPACE_URL, "https://www.qdasoftware.org/anonpipe")
    return str(uuid.uuid5(space, "\0".join(parts)))


def render(transcript: Transcript, title: str, material: Material) -> bytes:
    """A project with one source; its codes are the speakers."""
    language = transcript.language
    title = one_line(title) or "transcript"
    lines: list[str] = []
    selections: list[str] = []
    speakers: dict[str, None] = {}
    position = 0
    for number, turn in enumerate(transcript.turns, start=1):
        label, time = headed(turn, language)
        text = one_line(turn.text)
        line = f"{label}{time}:{' ' if text else ''}{text}"
        end = position + len(line)
        if text:
            speakers[label] = None
            selections.append(_selection(title, number, end - len(text), end, label))
        lines.append(line)
        position = end + 1
    source = _guid("source", title)
    said = f"{language_line(language)}\n{material.line(language)}"
    description = f"<Description>{escape(said, quote=False)}</Description>"
    codes = "".join(
        f'<Code guid="{_guid("code", each)}" name="{escape(each)}" isCodable="true"/>'
        for each in speakers
    )
    book = f"<CodeBook><Codes>{codes}</Codes></CodeBook>" if codes else ""
    project = (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        f'<Project xmlns="{_SPACE}" name="{escape(title)}" origin="{_ORIGIN}">{book}\n'
        f'<Sources><TextSource guid="{source}" name="{escape(title)}" '
        f'plainTextPath="internal://{source}.txt">{description}\n'
        f"{''.join(selections)}</TextSource></Sources>\n{description}</Project>\n"
    )
    return package_of(
        {_PROJECT: project.encode(), f"sources/{source}.txt": "\n".join(lines).encode()}
    )


def _selection(title: str, number: int, start: int, end: int, label: str) -> str:
    mark = str(number)
    return (
        f'<PlainTextSelection guid="{_guid("selection", title, mark)}" name="{mark}" '
        f'startPosition="{start}" endPosition="{end}">'
        f'<Coding guid="{_guid("coding", title, mark)}">'
        f'<CodeRef targetGUID="{_guid("code", label)}"/></Coding></PlainTextSelection>\n'
    )


def read(data: bytes, name: str, language: str) -> Transcript:
    """The turns of all text sources, then what descriptions and notes say."""
    try:
        parts = parts_of(data)
        root = parse(parts[_project_of(parts)])
        blocks = list(_blocks(root, parts, attribute(root, "origin") == _ORIGIN))
    except (ValueError, KeyError, StopIteration, RuntimeError):
        raise unsound(name, "qdpx") from None
    own = attribute(root, "origin") == _ORIGIN
    turns = turns_of([block for block in blocks if own or any(map(one_line, block.lines))])
    if not turns and not own:
        raise RecordingError(
            f"{name} holds no text source; export the project again with its documents."
        )
    return Transcript(turns, language)


def _project_of(parts: dict[str, bytes]) -> str:
    found = (name for name in parts if name.lower().endswith(".qde") and "/" not in name)
    return next(found, "")


def _blocks(root: Element, parts: dict[str, bytes], own: bool) -> Iterator[Block]:
    by_name = {name.rpartition("/")[2].lower(): content for name, content in parts.items()}
    for element in root.iter():
        if local(element) in ("TextSource", "Representation", "TextDescription", "Transcript"):
            text = _text(element, by_name)
            if own:
                yield from (Block((line,), "own") for line in text.split("\n") if line)
            else:
                yield from blocks_of_lines(text.split("\n"))
        elif local(element) == "Description" and element.text:
            for line in element.text.split("\n"):
                if not (own and (LANGUAGE_LINE.fullmatch(line) or is_line(line))):
                    yield Block((line,), "note")
        elif local(element) == "Note":
            lines = _text(element, by_name).split("\n")
            yield from (Block((line,), "note") for line in lines)


def _text(source: Element, parts: dict[str, bytes]) -> str:
    """A source's text, which stands in the project or in a file of its own."""
    inline = next((e.text or "" for e in source if local(e) == "PlainTextContent"), None)
    if inline is not None:
        return inline
    path = attribute(source, "plainTextPath").removeprefix("internal://")
    content = parts.get(path.rpartition("/")[2].lower(), b"")
    return content.decode("utf-8-sig", errors="replace").replace("\r\n", "\n").replace("\r", "\n")


def lines(data: bytes) -> list[str]:
    """The lines of the sources, then every other text of the project."""
    parts = parts_of(data)
    root = parse(parts[_project_of(parts)])
    texts = [content for name, content in parts.items() if name.lower().endswith(".txt")]
    found = [line for each in texts for line in each.decode("utf-8", "replace").split("\n")]
    others: dict[str, None] = {}
    for element in root.iter():
        for said in (element.text or "", element.tail or "", attribute(element, "name")):
            others |= dict.fromkeys(line for line in said.split("\n") if line.strip())
    return [*found, *others]


def restate(data: bytes, material: Material) -> bytes:
    """The project with another statement; ValueError when it has none."""
    found = False

    def other(match: re.Match[str]) -> str:
        nonlocal found
        said = unescape(match[2]).split("\n")
        for at, line in enumerate(said):
            new = restated(line, material)
            if new is not None:
                said[at], found = new, True
        return match[1] + escape("\n".join(said), quote=False) + match[3]

    parts = parts_of(data)
    name = _project_of(parts)
    if not name:
        raise ValueError("no project")
    text = _DESCRIPTION.sub(other, parts[name].decode("utf-8"))
    if not found:
        raise ValueError("no statement")
    return package_of({**parts, name: text.encode()})


def edit(data: bytes, change: Change) -> bytes:
    """The package with a change made in its texts, names and descriptions.

    What is coded stays coded: positions move with the text, if the project has one source.
    Raises RecordingError if it is no project.
    """
    try:
        parts = parts_of(data)
        name = _project_of(parts)
        project = parts[name].decode("utf-8")
        texts = {
            each: content.decode("utf-8")
            for each, content in parts.items()
            if each.lower().endswith(".txt")
        }
    except (ValueError, KeyError):
        raise RecordingError(
            "A qdpx output is damaged: put it back, or delete it and write it anew with `--again`."
        ) from None
    new = dict(parts)
    pieces: Sequence[Piece] = ()
    for each, text in texts.items():
        pieces = change.pieces(text)
        new[each] = splice(text, pieces).encode() if pieces else parts[each]
    if len(texts) == 1 and pieces:
        project = _POSITIONS.sub(lambda match: _moved(match, pieces), project)
    project = _NAME.sub(lambda match: _named(match, change), spliced(project, change))
    new[name] = project.encode()
    return data if new == parts else package_of(new)


def _moved(match: re.Match[str], pieces: Sequence[Piece]) -> str:
    start, end = (_place(int(match[at]), pieces) for at in (1, 2))
    return f'startPosition="{start}" endPosition="{end}"'


def _place(position: int, pieces: Sequence[Piece]) -> int:
    """Where a position comes to lie; one inside a piece goes to that piece's start."""
    moved = position
    for piece in pieces:
        if piece.end <= position:
            moved += len(piece.text) - (piece.end - piece.start)
        elif piece.start < position:
            moved -= position - piece.start
    return moved


def _named(match: re.Match[str], change: Change) -> str:
    name = unescape(match[2])
    new = change.label(name)
    return match[0] if new == name else match[1] + escape(new) + match[3]


FORMAT = Format("qdpx", (".qdpx",), read, render, spoken, lines, restate, edit=edit)
