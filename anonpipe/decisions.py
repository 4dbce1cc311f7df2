"""What a written source waits for, and what can still be heard or read: pure functions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Literal

from anonpipe.consent import Demand
from anonpipe.study import SourceState, Stage, Study
from anonpipe.transcript import Flag, Mention, Transcript, Turn, Word
from anonpipe.trouble import trouble_share

Why = Literal[
    "repetition",
    "unheard",
    "other-script",
    "policy-ask",
    "name-audible",
    "voice-kept",
    "trouble",
]
"""Why a person must look before anything is deleted."""

UNREADABLE = frozenset({"speech-without-text", "repetition", "credits"})
"""Flags whose spans hold speech that nobody could check for names."""
OF_COPIES: tuple[Why, ...] = ("name-audible", "voice-kept")
"""Flags on a kept recording, which go with it."""
DECISIVE: tuple[Why, ...] = ("repetition", "other-script", "policy-ask", *OF_COPIES)
"""Flags that make any source wait for a person's eyes."""
UNHEARD_SECONDS = 10.0
"""Seconds of speech without text from which it waits too."""
UNSURE = 0.3
"""Probability below which a word beside a name may be the rest of it, heard as something else."""
PAUSE = 0.4
"""Seconds of a pause after a name that are covered too; nobody says anything there, but the last
word before a pause often lasts longer than recognisers tell (benchmarks)."""


def deletes(study: Study, state: SourceState) -> bool:
    """Whether originals of this kind are deleted at all."""
    return state.kind == "audio" or study.settings.documents_after != "keep"


def is_gone(study: Study, state: SourceState) -> bool:
    """Whether a source's original was deleted, so that its name may mean another file."""
    deleted = deletes(study, state) or state.deleting is not None
    return state.stage in (Stage.FINAL, Stage.SWEEPING) and deleted


def waits_for(study: Study, state: SourceState, demand: Demand, today: date) -> str | None:
    """Why a written source is not final: "review", a date, or None if nothing hinders."""
    approved = state.approved is not None
    if not approved and needs_eyes(study, state):
        return "review"
    waits = demand.waits_for(today, approved)
    return waits if waits == "review" or deletes(study, state) else None


def needs_eyes(study: Study, state: SourceState) -> tuple[Why, ...]:
    """Why a person must look before anything is deleted, whatever the rule; () if none must.

    So it is when the recogniser looped, when much speech gave no text, when words are in a script
    in which no names are found, when a bleeped copy may still say a name or leaves a voice as it
    was among changed ones, when the study wants to be asked about a type of mention, and when more
    of the speech is in trouble than the study's limit allows (`trouble.trouble_share`).
    """
    kinds = {flag.kind for flag in state.flags}
    found: list[Why] = [kind for kind in DECISIVE if kind in kinds]
    if _unheard(state.flags) > UNHEARD_SECONDS:
        found.append("unheard")
    if trouble_share(state.flags, state.speech) > study.settings.trouble_limit:
        found.append("trouble")
    return tuple(found)


def _unheard(flags: Iterable[Flag]) -> float:
    return sum(
        (flag.end or 0.0) - (flag.start or 0.0)
        for flag in flags
        if flag.kind == "speech-without-text"
    )


def is_bleeped(name: str) -> bool:
    """Whether an output, by its path in the study, is a bleeped recording."""
    return name.startswith("bleeped/")


def bleep_spans(transcript: Transcript, mentions: tuple[Mention, ...]) -> list[tuple[float, float]]:
    """Seconds to cover: the words of every mention, and speech that nobody could read.

    With them go words right beside a mention that the recogniser was most unsure of («Anne
    Kvarrt»), and a whole turn where no word tells when the mention was said.
    """
    spans = [
        span
        for mention in mentions
        if mention.turn >= 0
        for span in _spoken(transcript.turns[mention.turn], mention)
    ]
    spans += [
        (flag.start, flag.end)
        for flag in transcript.flags
        if flag.kind in UNREADABLE and flag.start is not None and flag.end is not None
    ]
    return sorted(spans)


def _spoken(turn: Turn, mention: Mention) -> list[tuple[float, float]]:
    said = [
        index
        for index, word in enumerate(turn.words)
        if word.offset < mention.end and word.offset + len(word.text) > mention.start
    ]
    if not said:
        whole = turn.start is not None and turn.end is not None
        return [(turn.start or 0.0, turn.end or 0.0)] if whole else []
    beside = [i for i in (said[0] - 1, said[-1] + 1) if 0 <= i < len(turn.words)]
    said += [i for i in beside if turn.words[i].probability < UNSURE]
    return [_with_pause(turn.words, index) for index in said]


def _with_pause(words: Sequence[Word], index: int) -> tuple[float, float]:
    """A word's times with up to `PAUSE` of the pause after it: ends come too early there."""
    start, end = words[index].start, max(words[index].start, words[index].end)
    following = words[index + 1].start if index + 1 < len(words) else end + PAUSE
    return start, max(end, min(following, end + PAUSE))
