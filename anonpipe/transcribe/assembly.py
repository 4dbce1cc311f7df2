"""What was heard to a `Transcript`: who spoke, in which turns, and what needs a person's eyes.

A pure function of what was heard: the recogniser and the recording are not needed any more.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from anonpipe.speakers.backend import Voice
from anonpipe.speakers.labels import neutral
from anonpipe.times import Interval, merge
from anonpipe.transcribe import flags as look
from anonpipe.transcribe.credits import credits
from anonpipe.transcribe.languages import SCANDINAVIAN, alike, mean, most_probable
from anonpipe.transcribe.loops import repetitions
from anonpipe.transcribe.pieces import Heard
from anonpipe.transcribe.telling import told
from anonpipe.transcribe.turns import build_turns
from anonpipe.transcript import Flag, Transcript, Turn

SURE = 0.8
"""Probability of a language from which it is sure."""

_STUDY_CODES = {"no": "nb"}
BOTH = 0.3
"""Seconds of speech on two microphones at once that are an overlap and not the end of a sound."""


def assembled(
    heard: Heard,
    *,
    language: str | None,
    forced: str | None,
    speakers: Sequence[str] = (),
    voices: Sequence[Voice] | None = None,
    model: str | None = None,
) -> Transcript:
    """The transcript of what was heard.

    `language` is the study's, None if it was detected; `forced` is the recogniser's code for
    it. `speakers` labels the channels, as `Transcriber.transcribe` says; `voices` are who speaks
    when on a single one, None if nobody told them apart; `model` is the recogniser's name.
    """
    code = forced or most_probable(heard.detected)
    probabilities = mean(heard.languages) or heard.detected
    study_language = language or _STUDY_CODES.get(code or "", code) or "und"
    if voices is not None:
        turns, doubts = told(heard.words[0], voices, study_language)
    else:
        turns = build_turns(heard.words, _labels(speakers, len(heard.words), study_language))
        doubts = look.in_stretches("overlap", turns, _both(heard.speech))
    return Transcript(
        tuple(turns),
        study_language,
        round(heard.seconds, 3),
        round(probabilities.get(code or "", 0.0), 4) if probabilities else None,
        model,
        _all_flags(turns, heard, _language_flag(forced, probabilities, heard.seconds), doubts),
    )


def _labels(speakers: Sequence[str], count: int, language: str) -> list[str]:
    if count == 1:
        return [speakers[0] if len(speakers) == 1 else ""]
    return [
        speakers[index] if index < len(speakers) else neutral(index + 1, language)
        for index in range(count)
    ]


def _both(channels: Sequence[Sequence[Interval]]) -> list[Interval]:
    """Seconds in which two microphones hear their speakers at the same time."""
    if len(channels) != 2:
        return []
    left, right = (merge(channel) for channel in channels)
    found = []
    at = 0
    for begin, end in left:
        while at < len(right) and right[at][1] <= begin:
            at += 1
        for first, last in right[at:]:
            if first >= end:
                break
            found.append((max(begin, first), min(end, last)))
    return [(begin, end) for begin, end in found if end - begin >= BOTH]


def _language_flag(forced: str | None, heard: Mapping[str, float], seconds: float) -> list[Flag]:
    """A flag if another language than the forced one is heard, or if it is not sure which.

    The first is about all of the recording, from its beginning to its end; the second is
    about no time, since the text may well be right.
    """
    best = most_probable(heard)
    if best is None:
        return []
    if forced is not None:
        differs = best not in alike(forced) and heard[best] >= 0.5
        return [Flag("language", None, 0.0, round(seconds, 2))] if differs else []
    return [Flag("language")] if heard[best] < SURE or best in SCANDINAVIAN else []


def _all_flags(
    turns: Sequence[Turn], heard: Heard, language: Sequence[Flag], doubts: Sequence[Flag]
) -> tuple[Flag, ...]:
    speech = [span for channel in heard.speech for span in channel]
    loops = repetitions(turns)
    known = merge((flag.start or 0.0, flag.end or 0.0) for flag in loops)
    # The recogniser's own suspicion adds only what counting phrases has not found already.
    suspected = [
        flag
        for flag in look.in_stretches("repetition", turns, heard.looped)
        if not any(a < (flag.end or 0.0) and (flag.start or 0.0) < b for a, b in known)
    ]
    found = [
        *look.low_confidence(turns),
        *loops,
        *suspected,
        *credits(turns, speech),
        *([] if language and language[0].end else look.foreign(turns, heard.foreign)),
        *look.text_without_speech(turns, speech),
        *look.in_stretches("text-without-speech", turns, heard.doubted),
        *look.speech_without_text(turns, speech),
        *look.clipping(heard.clipped),
        *doubts,
    ]
    found.sort(key=lambda flag: (flag.start or 0.0, flag.turn or 0, flag.kind))
    return (*language, *found)
