"""Transcripts from text in which the mentions are marked."""

from __future__ import annotations

import re

from anonpipe.transcript import Mention, MentionType, Transcript, Turn


def spoken(
    *turns: str, language: str = "nb", speaker: str = ""
) -> tuple[Transcript, list[Mention]]:
    """A transcript and its mentions from turns with «<Kari>» or «<ORG:NAV>» around mentions."""
    made, mentions = [], []
    for number, marked in enumerate(turns):
        text, position = "", 0
        for match in re.finditer(r"<(?:([A-Z_]+):)?(.*?)>", marked):
            text += marked[position : match.start()]
            mention_type: MentionType = match[1] or "PERSON"  # type: ignore[assignment]
            start = len(text)
            text += match[2]
            mentions.append(Mention(number, start, len(text), mention_type, match[2], 0.9, "test"))
            position = match.end()
        made.append(Turn(text + marked[position:], speaker))
    return Transcript(tuple(made), language), mentions
