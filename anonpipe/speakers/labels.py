"""What speakers are called of whom a recording alone tells nothing more."""

from __future__ import annotations

import re

_INTERVIEWER = {"nb": "Intervjuer", "nn": "Intervjuar"}
_PARTICIPANT = {"nb": "Deltaker", "nn": "Deltakar"}
_SPEAKER = {"nb": "Taler", "nn": "Talar", "da": "Taler", "sv": "Talare"}
_NEUTRAL = re.compile(rf"(?:{'|'.join(sorted({*_SPEAKER.values()}))}|Speaker) ([1-9][0-9]*)")


def neutral(number: int, language: str) -> str:
    """The label of speaker `number`, from 1, of whom nothing else is known: «Taler 1»."""
    return f"{_SPEAKER.get(language, 'Speaker')} {number}"


def number_of(label: str) -> int | None:
    """The number in a label that `neutral` gives; None for other labels."""
    match = _NEUTRAL.fullmatch(label)
    return int(match[1]) if match else None


def interviewer_label(language: str) -> str:
    """The label of an interviewer: «Intervjuer»."""
    return _INTERVIEWER.get(language, "Interviewer")


def participant_label(number: int, language: str) -> str:
    """The label of one of several participants, from 1, when nobody knows which: «Deltaker 1»."""
    return f"{_PARTICIPANT.get(language, 'Participant')} {number}"
