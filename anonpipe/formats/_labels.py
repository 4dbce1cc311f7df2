"""From lines that people typed to turns: who speaks, when, and what belongs together.

Known forms of a labelled line, with times in mm:ss or hh:mm:ss:

    Intervjuer: tekst            [00:12:41] Intervjuer: tekst     00:12 Intervjuer: tekst
    Intervjuer (00:12): tekst    Intervjuer: [00:12] tekst        Kari Hansen 0:12

A label is at most four words. Roles («Informant 2») and codes («P01», «INT») are
labels wherever they stand. What looks like a name («Kari Hansen») is one if it has
a time, if it stands before a colon more than once, or if the document has other
labels. So «Hun sa: ja», «NB: husk», «kl. 10:30» and addresses of web pages are text.

In a document with labels a line without one continues the turn, and a paragraph
without one is a further turn of the same speaker. In a document without labels
(notes) every paragraph is a turn with speaker ""; lines that were broken to fit a
page are joined again, because a name may lie across the break.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from anonpipe.formats._base import one_line, speaker_of
from anonpipe.formats._label_words import NOT_LABELS, PARTICLES, ROLES
from anonpipe.transcript import Turn


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph of one or more lines.

    `kind`: "text" may have labels; "heading" and "note" have none and no speaker;
    "own" was written by this program.
    """

    lines: tuple[str, ...]
    kind: Literal["text", "heading", "note", "own"] = "text"


_TIME = r"(?:\d{1,2}:)?\d{1,3}:\d{2}(?:[.,]\d{1,3})?"
# [00:12], (00:12), <00:12>, #00:12:41-3# (f4, MAXQDA), and spans [00:12 - 00:15]
_BRACKETED = rf"[\[(<#]\s*({_TIME})(?:-\d)?(?:\s*[-–—>]+\s*{_TIME})?\s*[\])>#]"
_LEADING = re.compile(rf"(?:{_BRACKETED}|({_TIME}))\s*(?:[-–—]\s+)?")
_LABELLED = re.compile(
    rf"([^:]{{1,60}}?)\s*(?:{_BRACKETED}|\s({_TIME}))?\s*:(?=\s|$)\s*(?:{_BRACKETED}\s*)?(.*)",
    re.DOTALL,
)
_BEFORE_TIME = re.compile(rf"([^:]{{1,60}}?)\s+(?:{_BRACKETED}|({_TIME}))")
_OWN = re.compile(r"([^:]+?)(?: \((\d{2,}:\d\d:\d\d(?:\.\d)?)\))?:(?: (.*))?", re.DOTALL)

_CODE = re.compile(r"[^\W\d_]{1,4}[-_]?\d{0,3}")
_BRACKET_CODE = re.compile(r"\[[^\[\]]{1,40}\]")
_ASIDE = re.compile(r"\s*\([^()]*\)$")
_LIST_ITEM = re.compile(r"[-*•–—]\s|\d{1,3}[.)]\s")
_CELL_TIME = re.compile(r"\W?(\d{1,3}:\d{2}(?::\d{2})?)(?:[.,]\d+)?\W?")
_END_STAMP = re.compile(r"#(\d{1,2}:\d\d:\d\d)-(\d)#\s*$")
_WRAPPED_AT = 45  # characters; a shorter line was ended by its writer, not by the page


@dataclass(frozen=True, slots=True)
class _Label:
    """A line taken apart; `sure` when the label needs no further evidence."""

    speaker: str
    start: float | None
    text: str
    sure: bool


def blocks_of_lines(lines: Iterable[str]) -> list[Block]:
    """Paragraphs of plain text: runs of lines that are not blank."""
    blocks: list[Block] = []
    run: list[str] = []
    for line in [*lines, ""]:
        if line.strip():
            run.append(line)
        elif run:
            blocks.append(Block(tuple(run)))
            run = []
    return blocks


def line_of_cells(cells: Sequence[str]) -> str:
    """The filled cells of a table's row as a line: «Intervjuer: Hei», «[00:12] Intervjuer: Hei»."""
    time = _CELL_TIME.fullmatch(cells[0])
    if time and len(cells) > 1:
        rest = line_of_cells(cells[1:]) if len(cells) > 2 else cells[1]
        return f"[{time[1]}] {rest}"
    if len(cells) == 1:
        return cells[0]
    return f"{cells[0].rstrip(': ')}: {'; '.join(cells[1:])}"


def turns_of(blocks: Sequence[Block]) -> tuple[Turn, ...]:
    """Turns of a document, in order; no line's words are left out."""
    blocks = [Block(tuple(map(one_line, block.lines)), block.kind) for block in blocks]
    reader = _Reader(_evidence(blocks))
    for block in blocks:
        reader.block(block)
    turns = reader.turns()
    return turns if any(block.kind == "own" for block in blocks) else _ended(turns)


def _ended(turns: tuple[Turn, ...]) -> tuple[Turn, ...]:
    """Turns without the stamps at their ends by which f4 says when they end: «… #00:01:23-4#»."""
    result: list[Turn] = []
    previous: float | None = None
    for turn in turns:
        match = _END_STAMP.search(turn.text)
        end = None if match is None else _seconds(match[1]) + int(match[2]) / 10
        text = turn.text if match is None else turn.text[: match.start()].rstrip(" ")
        start = previous if turn.start is None else turn.start
        result.append(replace(turn, text=text, start=start, end=turn.end if end is None else end))
        previous = end
    return tuple(result)


def known_labels(lines: Iterable[str]) -> frozenset[str]:
    """The labels (casefolded) that these lines together show to be labels."""
    return _evidence([Block((line,)) for line in lines])


def split_label(line: str, known: frozenset[str]) -> tuple[str, str] | None:
    """A line's (speaker, text) if it begins with a known label."""
    label = _parse(line)
    return None if label is None or not _accepted(label, known) else (label.speaker, label.text)


def _evidence(blocks: Iterable[Block]) -> frozenset[str]:
    found = [
        label
        for block in blocks
        if block.kind == "text"
        for line in block.lines
        if (label := _parse(line)) is not None
    ]
    counts = Counter(label.speaker.casefold() for label in found)
    repeated = {speaker for speaker, count in counts.items() if count > 1}
    if any(label.sure for label in found) or repeated:
        return frozenset(counts)
    return frozenset()


def _accepted(label: _Label, known: frozenset[str]) -> bool:
    return label.sure or label.speaker.casefold() in known


def _parse(line: str) -> _Label | None:
    """The label that a line may begin with."""
    start: float | None = None
    rest = line
    if leading := _LEADING.match(line):
        start = _seconds(leading[1] or leading[2])
        rest = line[leading.end() :]
    if match := _LABELLED.fullmatch(rest):
        speaker, *times, text = match.groups()
        start = next((_seconds(time) for time in times if time), start)
    elif (match := _BEFORE_TIME.fullmatch(rest)) and start is None:
        # «Kari Hansen   0:12» on a line of its own, as conference programs export.
        speaker, *times = match.groups()
        start, text = next(_seconds(time) for time in times if time), ""
    else:
        return None
    speaker = speaker.strip()
    shape = _shape(speaker)
    if shape is None:
        return None
    return _Label(speaker, start, text.strip(), shape == "sure" or start is not None)


def _shape(speaker: str) -> Literal["sure", "name"] | None:
    if _BRACKET_CODE.fullmatch(speaker):
        return "sure"
    words = [word for word in re.split(r"[\s_]+", _ASIDE.sub("", speaker)) if word]
    if not 1 <= len(words) <= 4:
        return None
    first = words[0].casefold().rstrip(".")
    capital = all(word[0].isupper() or word[0].isdigit() for word in words[1:])
    if first in ROLES and capital and (len(first) > 1 or words[0].isupper()):
        return "sure"
    if first in NOT_LABELS or speaker.casefold() in NOT_LABELS:
        return None
    if len(words) == 1 and _CODE.fullmatch(words[0]) and words[0].isupper():
        return "sure"
    if words[0][0].isupper() and all(map(_name_word, words)):
        return "name"
    return None


def _name_word(word: str) -> bool:
    if word in PARTICLES or word.isdigit():
        return True
    return word[0].isupper() and re.fullmatch(r"[\w'’.\-/&]+", word) is not None


def _seconds(time: str) -> float:
    total = 0.0
    for part in time.replace(",", ".").split(":"):
        total = total * 60 + float(part)
    return total


@dataclass(slots=True)
class _Open:
    speaker: str
    start: float | None
    parts: list[str] = field(default_factory=list)


class _Reader:
    """Collects turns line by line; `known` are the document's labels."""

    def __init__(self, known: frozenset[str]) -> None:
        self._known = known
        self._turns: list[_Open] = []
        self._speaker = ""
        self._time: float | None = None  # from a line that holds nothing but a time

    def block(self, block: Block) -> None:
        if block.kind == "own" and (match := _OWN.fullmatch(" ".join(block.lines))):
            speaker = speaker_of(match[1])
            self._open(speaker, None if match[2] is None else _seconds(match[2]), match[3] or "")
        elif block.kind in ("heading", "note"):
            self._open("", None, " ".join(block.lines))
        else:
            previous = ""
            for line in block.lines:
                self._line(line, previous)
                previous = line

    def _open(self, speaker: str, start: float | None, text: str) -> None:
        self._turns.append(_Open(speaker, self._time if start is None else start, [text]))
        self._speaker, self._time = speaker, None

    def _line(self, line: str, previous: str) -> None:
        if not line:
            return
        label = _parse(line)
        if label is not None and _accepted(label, self._known):
            self._open(label.speaker, label.start, label.text)
            return
        time = _LEADING.match(line)
        if time and time.end() == len(line):
            self._time = _seconds(time[1] or time[2])
        elif time and time[1]:
            self._open(self._speaker, _seconds(time[1]), line[time.end() :])
        elif self._time is None and self._continues(line, previous):
            self._turns[-1].parts.append(line)
        else:
            self._open(self._speaker, None, line)

    def _continues(self, line: str, previous: str) -> bool:
        if not self._turns:
            return False
        if self._speaker:
            return bool(previous) or not self._turns[-1].parts[-1]
        return len(previous) >= _WRAPPED_AT and not _LIST_ITEM.match(line)

    def turns(self) -> tuple[Turn, ...]:
        return tuple(
            Turn(text=_join(turn.parts), speaker=turn.speaker, start=turn.start)
            for turn in self._turns
        )


def _join(parts: Sequence[str]) -> str:
    """Lines put together by a blank; a word divided at a hyphen keeps the hyphen."""
    text = parts[0]
    for part in parts[1:]:
        divided = text.endswith("-") and text[-2:-1].isalpha() and part[:1].islower()
        text = text + part if divided or not text else f"{text} {part}"
    return text
