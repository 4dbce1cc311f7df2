"""Changing words in a Word document run by run: its looks, and all else, stay as they are.

A word processor splits a paragraph's text over runs as it likes («P0» + «7»), so the words
are looked for in the text as a whole; what takes their place goes into the run in which they
begin. Every part of the package is gone through: body, notes, comments, headers, text
that is deleted but tracked, properties, descriptions of pictures, targets of links.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape, unescape

from anonpipe.errors import RecordingError
from anonpipe.formats._xml import package_of, parts_of
from anonpipe.splicing import Change, Piece, splice

# Text of a run, or of a run that was deleted while changes were tracked; what parts text.
_NODE = re.compile(
    r"(?P<open><(?:\w+:)?(?P<kind>t|delText)(?:\s[^<>]*)?(?<!/)>)(?P<text>[^<]*)"
    r"(?P<close></(?:\w+:)?(?:t|delText)>)"
    r"|<(?:\w+:)?(?:tab|ptab|br|cr)\b[^<>]*/>|(?P<end></(?:\w+:)?p>)"
)
_ANY_TEXT = re.compile(r"(<(?:\w+:)?(/?[\w.-]+)[^<>]*>)([^<>]+)(?=<)")
_COUNT = re.compile(r"\s*[\d.]*(?:-\d\d-\d\dT[\d:.]+Z?)?\s*")  # pages, revisions, times of saving
_SAID = re.compile(r'(?<=\s)((?:\w+:)?(?:descr|title|tooltip|alias|tag|author|initials)=")([^"<]*)')
_VALUE = re.compile(r'(<(?:\w+:)?(?:alias|tag|docVar)\s[^<>]*?val=")([^"<]*)')
_LINK = re.compile(r"<(?:\w+:)?Relationship\b[^<>]*>")
_TARGET = re.compile(r'(Target=")([^"<]*)')


def edit_docx(data: bytes, change: Change) -> bytes:
    """A package with a change made in all its text; the same bytes when there is none to make.

    The package is written anew without times and without marks of a system. Raises
    RecordingError if it is none.
    """
    try:
        parts = parts_of(data)
    except ValueError:
        raise RecordingError(
            "A docx output is damaged or too large: put it back, or delete it and write it anew "
            "with `--again`."
        ) from None
    new = {name: _part(name, content, change) for name, content in parts.items()}
    if new == parts:
        return data
    return package_of(new)


def _part(name: str, content: bytes, change: Change) -> bytes:
    if not name.endswith((".xml", ".rels")):
        return content
    encoding = "utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8"
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError:
        raise RecordingError(
            "A docx output is damaged: put it back, or delete it and write it anew with `--again`."
        ) from None
    new = _links(text, change) if name.endswith(".rels") else _xml(text, change)
    return content if new == text else new.encode(encoding)


def _xml(text: str, change: Change) -> str:
    """The text of the runs, then whatever else the part says."""
    for kinds in (("t",), ("t", "delText"), ("delText",)):
        # A tracked change may split a word: it is looked for as it reads before and after.
        text = edit_runs(text, kinds, change)
    text = _ANY_TEXT.sub(lambda match: _other(match, change), text)
    for pattern in (_SAID, _VALUE):
        text = pattern.sub(lambda match: match[1] + _changed(match[2], change, quote=True), text)
    return text


def _other(match: re.Match[str], change: Change) -> str:
    """What stands outside of runs."""
    if match[2] in ("t", "delText") or _COUNT.fullmatch(match[3]):
        return match[0]
    return match[1] + _changed(match[3], change)


def edit_runs(xml: str, kinds: Sequence[str], change: Change) -> str:
    """A part with a change made in the text of its runs of certain kinds, taken together."""
    nodes = [node for node in _NODE.finditer(xml) if node["kind"] is None or node["kind"] in kinds]
    said = [unescape(n["text"]) if n["kind"] else "\n" if n["end"] else " " for n in nodes]
    whole = "".join(said)
    pieces = change.pieces(whole)
    if not pieces:
        return xml
    result, position, at = [], 0, 0
    for node, text in zip(nodes, said, strict=True):
        start, end = at, at + len(text)
        at = end
        new = _share(whole, start, end, pieces)
        if node["kind"] is None or new == text:
            continue
        opening = node["open"]
        if new != new.strip() and "xml:space" not in opening:
            opening = f'{opening[:-1]} xml:space="preserve">'
        result += [xml[position : node.start()], opening, escape(new, quote=False), node["close"]]
        position = node.end()
    return "".join((*result, xml[position:]))


def _share(whole: str, start: int, end: int, pieces: Sequence[Piece]) -> str:
    """What a run that holds `start` to `end` of the text says after the change."""
    mine = []
    for piece in pieces:
        if piece.start < end and start < piece.end:
            text = piece.text if start <= piece.start else ""
            mine.append(Piece(max(piece.start, start) - start, min(piece.end, end) - start, text))
    return splice(whole[start:end], mine)


def _changed(text: str, change: Change, *, quote: bool = False) -> str:
    plain = unescape(text)
    new = splice(plain, change.pieces(plain))
    return text if new == plain else escape(new, quote=quote)


def _links(text: str, change: Change) -> str:
    """Targets outside the package; those inside are names of its parts."""

    def element(match: re.Match[str]) -> str:
        if "External" not in match[0]:
            return match[0]
        return _TARGET.sub(lambda m: m[1] + _changed(m[2], change, quote=True), match[0])

    return _LINK.sub(element, text)
