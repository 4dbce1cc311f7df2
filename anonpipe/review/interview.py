"""One source as a reviewer sees it: plain values that the pages and the terminal show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from anonpipe.review.decision import Decision
from anonpipe.transcript import Flag, Mention, MentionType, Transcript

Why = Literal[
    "unsure-name",  # a word that the recogniser was unsure of and that looks or sounds like a name
    "ambiguous-name",  # a first name that several entities could own
    "one-recognizer",  # only one recognizer saw the mention, and it was not sure
    "missed-name",  # words that look like a name and are no mention
    "indirect",  # an age, place, role, date and so on: does it point to somebody?
    "rare",  # part of a combination that only one participant has
    "policy-ask",  # the study wants to be asked
    "trouble",  # the recogniser is in trouble: loops, speech without text, other script
]
"""Why a spot needs eyes."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A mention as it is shown: `code` stands in the coded text (or `mention.generalised` does).

    `by` tells who put it there; `decided` are ids of decisions about it, the last one last.
    """

    mention: Mention
    code: str
    by: Literal["machine", "person"]
    decided: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Question:
    """A place that needs eyes: characters `start` to `end` of a turn, a mention or not.

    `why` are the reasons, the weightiest first; `weight` orders the queue, heaviest first.
    `type` and `entity` are suggestions. `also` are names of the key that it sounds or looks
    like, "" if none. `group` is the same for questions that one decision for the source settles
    (same words, same reasons); `done` once somebody decided about it.
    """

    turn: int
    start: int
    end: int
    text: str
    why: tuple[Why, ...]
    weight: float
    type: MentionType | None = None
    entity: str | None = None
    also: str = ""
    group: str = ""
    done: bool = False


@dataclass(frozen=True, slots=True)
class Interview:
    """A source on the desk.

    `transcript` is raw where `raw` (its raw transcript is still sealed), else the coded text of
    the outputs; `marks` are in order of the text. `names` maps ids of entities to their fullest
    form, for those who may be chosen, `labels` those speakers' labels that are mentions to their
    codes. `version` changes with every decision anywhere.
    """

    source: str
    participants: tuple[str, ...]
    kind: Literal["audio", "text"]
    raw: bool
    has_sound: bool
    transcript: Transcript
    marks: tuple[Mark, ...]
    flags: tuple[Flag, ...]
    questions: tuple[Question, ...]
    decisions: tuple[Decision, ...]
    names: Mapping[str, str]
    version: int
    labels: Mapping[str, str] = field(default_factory=dict)
    signed: int = 0  # signatures since it was last coded
    approved: bool = False

    @property
    def open(self) -> int:
        """Questions that nobody has decided about."""
        return sum(not question.done for question in self.questions)
