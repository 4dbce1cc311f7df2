"""ELAN annotation files (.eaf, EAF 3.0), for linguists: a tier a speaker, an annotation a turn.

Annotations of a tier must not overlap in ELAN, and times are whole milliseconds: a turn ends at
the latest where the speaker's next begins, and turns begin at least a millisecond after one
another, so that their order is kept. Title, language and what the material may be called are
properties of the header. No media file is linked: its name could tell who speaks.

Read: every tier of annotations with times; what stands on dependent tiers follows its parent.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape, unescape
from typing import TYPE_CHECKING

from anonpipe.errors import RecordingError
from anonpipe.formats._base import (
    Format,
    label_of,
    language_line,
    one_line,
    restated,
    speaker_of,
    spoken,
    times_of,
)
from anonpipe.formats._xml import local, parse, spliced, unsound
from anonpipe.splicing import Change
from anonpipe.status import Material
from anonpipe.transcript import Transcript, Turn

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<ANNOTATION_DOCUMENT AUTHOR="" DATE="1970-01-01T00:00:00+00:00" FORMAT="3.0" VERSION="3.0" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
    'xsi:noNamespaceSchemaLocation="http://www.mpi.nl/tools/elan/EAFv3.0.xsd">\n'
)
# A date is required; the time of work is nobody's business, so it is the earliest one.
_TAIL = (
    '<LINGUISTIC_TYPE GRAPHIC_REFERENCES="false" LINGUISTIC_TYPE_ID="turn" '
    'TIME_ALIGNABLE="true"/>\n</ANNOTATION_DOCUMENT>\n'
)
_PROPERTY = re.compile(r'(<PROPERTY NAME="anonpipe-status">)([^<]*)(</PROPERTY>)')
_OWN = "anonpipe-status"
_NAMES = re.compile(r'(\s(?:TIER_ID|PARTICIPANT|PARENT_REF|ANNOTATOR)=")([^"]*)(")')


def render(transcript: Transcript, title: str, material: Material) -> bytes:
    """UTF-8 XML; raises UsageError if a turn has no times."""
    language = transcript.language
    spans = _spans(transcript)
    tiers: dict[str, list[str]] = {}
    for at, turn in enumerate(transcript.turns, start=1):
        tiers.setdefault(label_of(turn, language), []).append(
            f'<ANNOTATION><ALIGNABLE_ANNOTATION ANNOTATION_ID="a{at}" '
            f'TIME_SLOT_REF1="ts{2 * at - 1}" TIME_SLOT_REF2="ts{2 * at}"><ANNOTATION_VALUE>'
            f"{escape(one_line(turn.text), quote=False)}</ANNOTATION_VALUE>"
            "</ALIGNABLE_ANNOTATION></ANNOTATION>\n"
        )
    said = {
        "anonpipe-title": one_line(title),
        "anonpipe-language": language_line(language),
        _OWN: material.line(language),
    }
    properties = "".join(
        f'<PROPERTY NAME="{name}">{escape(text, quote=False)}</PROPERTY>\n'
        for name, text in said.items()
    )
    times = [time for span in spans for time in span]
    slots = "".join(
        f'<TIME_SLOT TIME_SLOT_ID="ts{at}" TIME_VALUE="{time}"/>\n'
        for at, time in enumerate(times, start=1)
    )
    annotated = "".join(
        f'<TIER LINGUISTIC_TYPE_REF="turn" PARTICIPANT="{escape(label)}" '
        f'TIER_ID="{escape(label)}">\n{"".join(turns)}</TIER>\n'
        for label, turns in tiers.items()
    )
    return (
        f'{_HEAD}<HEADER MEDIA_FILE="" TIME_UNITS="milliseconds">\n{properties}</HEADER>\n'
        f"<TIME_ORDER>\n{slots}</TIME_ORDER>\n{annotated}{_TAIL}"
    ).encode()


def _spans(transcript: Transcript) -> list[tuple[int, int]]:
    """When turns begin and end, in milliseconds, as ELAN's rules want it."""
    starts: list[int] = []
    for turn in transcript.turns:
        start = round(times_of(turn, "eaf")[0] * 1000)
        starts.append(max(start, starts[-1] + 1) if starts else start)
    spans: list[tuple[int, int]] = []
    onward: dict[str, int] = {}  # where the speaker's next turn begins
    for start, turn in zip(reversed(starts), reversed(transcript.turns), strict=True):
        label = label_of(turn, transcript.language)
        end = max(round(times_of(turn, "eaf")[1] * 1000), start + 1)
        spans.append((start, min(end, onward.get(label, end))))
        onward[label] = start
    return spans[::-1]


def read(data: bytes, name: str, language: str) -> Transcript:
    """Turns in the order of their times; a tier's participant, or else its name, speaks."""
    try:
        root = parse(data)
        turns = sorted(_turns(root), key=lambda turn: turn.start or 0.0)
    except (ValueError, RuntimeError, OverflowError):
        raise unsound(name, "eaf") from None
    own = any(each.get("NAME") == _OWN for each in root.iter("PROPERTY"))
    if not turns and not own:
        raise RecordingError(f"{name} holds no annotations; check that it was saved in full.")
    return Transcript(tuple(turns), language)


def _turns(root: Element) -> Iterator[Turn]:
    if local(root) != "ANNOTATION_DOCUMENT":
        raise ValueError("no annotations")
    slots = {e.get("TIME_SLOT_ID"): e.get("TIME_VALUE") for e in root.iter("TIME_SLOT")}
    spans: dict[str | None, tuple[float | None, float | None]] = {}
    parents: dict[str | None, str | None] = {}
    for each in root.iter("ALIGNABLE_ANNOTATION"):
        ends = (slots.get(each.get(f"TIME_SLOT_REF{at}")) for at in (1, 2))
        start, end = (None if time is None else int(time) / 1000 for time in ends)
        spans[each.get("ANNOTATION_ID")] = (start, end)
    for each in root.iter("REF_ANNOTATION"):
        parents[each.get("ANNOTATION_ID")] = each.get("ANNOTATION_REF")
    for tier in root.iter("TIER"):
        speaker = speaker_of(one_line(tier.get("PARTICIPANT") or tier.get("TIER_ID") or ""))
        for each in tier.iter():
            if local(each) in ("ALIGNABLE_ANNOTATION", "REF_ANNOTATION"):
                mark, seen = each.get("ANNOTATION_ID"), set[str | None]()
                while mark in parents and mark not in seen:
                    seen.add(mark)
                    mark = parents[mark]
                text = "".join(value.text or "" for value in each.iter("ANNOTATION_VALUE"))
                yield Turn(one_line(text), speaker, *spans.get(mark, (None, None)))


def lines(data: bytes) -> list[str]:
    """A line a turn, the speaker first; then every other text of the file."""
    root = parse(data)
    found = [f"{turn.speaker}: {turn.text}" for turn in _turns(root)]
    others: dict[str, None] = {}
    for element in root.iter():
        if local(element) != "ANNOTATION_VALUE":
            others |= dict.fromkeys(filter(None, map(one_line, (element.text or "",))))
        others |= dict.fromkeys(
            value
            for key, value in element.items()
            if key in ("TIER_ID", "PARTICIPANT", "ANNOTATOR", "AUTHOR", "MEDIA_FILE", "MEDIA_URL")
            and value
        )
    return [*found, *others]


def restate(data: bytes, material: Material) -> bytes:
    """The file with another statement; ValueError when it has none."""
    text = data.decode("utf-8")
    match = _PROPERTY.search(text)
    new = None if match is None else restated(unescape(match[2]), material)
    if match is None or new is None:
        raise ValueError("no statement")
    return (text[: match.start(2)] + escape(new, quote=False) + text[match.end(2) :]).encode()


def edit(data: bytes, change: Change) -> bytes:
    """The file with a change made in its annotations, tiers and participants.

    Raises RecordingError if it is no text.
    """
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        raise RecordingError(
            "An eaf output is damaged: put it back, or delete it and write it anew with `--again`."
        ) from None

    def named(match: re.Match[str]) -> str:
        name = unescape(match[2])
        new = change.label(name)
        return match[0] if new == name else match[1] + escape(new) + match[3]

    new = _NAMES.sub(named, spliced(text, change))
    return data if new == text else new.encode()


FORMAT = Format("eaf", (".eaf",), read, render, spoken, lines, restate, needs_times=True, edit=edit)
