"""The kept recording: written so that it says no name, checked, and listened to.

    spans of names -> bleep, voices changed -> checked sample by sample -> heard again
                                                  |  a name of the key can be heard
                                                  <- its span is one more ----/

What the recogniser overheard the first time (a name that it heard as another word, a word whose
time it got wrong) it may well hear in what is left. So it hears the surroundings of each span in
the written file, and the names of the study are looked for in that as in any transcript.
"""

from __future__ import annotations

import io
import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from anonpipe.audio.bleep import bleep, bleep_check, merge_spans
from anonpipe.audio.decode import SAMPLE_RATE, blocks
from anonpipe.audio.voice import VoiceChange, draw, pitches
from anonpipe.decisions import bleep_spans
from anonpipe.log_schema import LOGGED_SOUNDS
from anonpipe.plaintext import Plaintext, Readable
from anonpipe.settings import Bleep
from anonpipe.sweep import missed
from anonpipe.times import Interval
from anonpipe.transcript import (
    PARTICIPANT_CODE,
    Flag,
    KnownName,
    Mention,
    Transcript,
    Turn,
    Word,
)

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

AROUND = 3.0
"""Seconds before and after a span that are heard again: a name seldom is whole further away."""
PAUSE = 1.0
"""Seconds of silence between what is heard again, so that nothing is heard across."""
AT_ONCE = 600.0
"""Seconds heard again at a time, so that memory stays flat."""
ROUNDS = 3
"""How often a copy is made before a person must listen."""
WIDER = 0.25
"""Seconds by which a name that is heard again is covered on both sides, besides the margin: its
time comes from a recogniser that hears it beside a gap."""

_NO_PARTICIPANT = re.compile(
    r"(?:intervju[ea]r(?:en)?|interviewer|int|i|forsk[ea]r(?:en)?|researcher|moderator(?:en)?|"
    r"tolk(?:en)?|interpreter|assistent(?:en)?|assistant|observatør(?:en)?|observer)(?: ?\d+)?",
    re.IGNORECASE,
)
"""Roles whose voices need not be changed; whoever is called anything else may be a participant."""

Listen = Callable[[Readable], Transcript]
"""Hears a recording in the language of the study, without being told any names."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What was made of a recording: how many stretches are covered, whether somebody listened,
    and what a person must listen to: where a name may still be heard, whether a voice stays.
    """

    spans: int
    listened: bool
    flags: tuple[Flag, ...] = ()


def keep(
    content: Readable,
    part: Path,
    transcript: Transcript,
    mentions: tuple[Mention, ...],
    settings: Bleep,
    *,
    secret: bytes,
    known: Sequence[KnownName],
    listen: Listen | None,
) -> Kept:
    """Write to `part` the recording `content` without its names.

    `secret` decides the new voices; `known` are the names that may not be heard; `listen` is
    None where there is no recogniser, and then nobody listens. Raises RecordingError, and
    leaves nothing behind then.
    """
    spans = bleep_spans(transcript, mentions)
    voices = voice_change(content, transcript, settings, secret)
    flags: tuple[Flag, ...] = ()
    if voices is not None and any(voice is None for _, _, voice in voices.stretches):
        flags = (Flag("voice-kept"),)  # who is the interviewer may have been a guess
    part.unlink(missing_ok=True)  # what a crash left
    try:
        for _ in range(ROUNDS):
            part.unlink(missing_ok=True)
            written = bleep(content, part, spans, settings, voices=voices)
            bleep_check(part, spans, written.duration, settings)
            if listen is None:
                return Kept(len(spans), False, flags)
            heard = audible(part, spans, written.duration, settings, known, listen)
            if not heard:
                return Kept(len(spans), True, flags)
            covered = len(spans)
            spans = sorted((*spans, *((start - WIDER, end + WIDER) for start, end in heard)))
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    still = tuple(Flag("name-audible", start=start, end=end) for start, end in heard)
    return Kept(covered, True, (*flags, *still))


def voice_change(
    content: Readable, transcript: Transcript, settings: Bleep, secret: bytes
) -> VoiceChange | None:
    """The new voices of a recording, None if they stay.

    One for each speaker whose voice is changed, and a first one for whoever speaks where no turn
    is. With `participants` only the turns of those who are surely none stay as they are.
    """
    if settings.voices == "none":
        return None
    # No label stands for whoever speaks where there is no turn.
    turns: dict[str, list[Interval]] = {"": []}
    for turn in transcript.turns:
        if turn.start is not None and turn.end is not None:
            turns.setdefault(turn.speaker, []).append((turn.start, turn.end))
    labels = tuple(turns)
    doubted = any(flag.kind == "speaker" and flag.start is None for flag in transcript.flags)
    sure = settings.voices == "participants" and not doubted
    kept = outsiders(labels) if sure else frozenset()
    changed = [label for label in labels if label not in kept]
    # Whoever is unknown is listened to wherever nobody else is known.
    everything = [(0.0, transcript.duration or 0.0)]
    hertz = pitches(content, [turns[label] or everything for label in changed])
    voices = tuple(draw(secret, label, heard) for label, heard in zip(changed, hertz, strict=True))
    # What stays comes first and without its edges, so that all others count where both speak.
    stretches: list[tuple[float, float, int | None]] = [
        (start + settings.margin, end - settings.margin, None)
        for label in kept
        for start, end in turns[label]
        if end - start > 2 * settings.margin
    ]
    stretches += [
        (start, end, index) for index, label in enumerate(changed) for start, end in turns[label]
    ]
    stretches += [
        (flag.start, flag.end, 0)
        for flag in transcript.flags
        if kept and flag.kind in ("overlap", "speaker")
        if flag.start is not None and flag.end is not None
    ]
    return VoiceChange(voices, tuple(stretches))


def outsiders(labels: Sequence[str]) -> frozenset[str]:
    """Those of a recording's speakers who are surely no participants: roles such as «Intervjuer».

    Nobody is as long as no speaker has a participant's code; «Taler 2» may be anybody.
    """
    if not any(PARTICIPANT_CODE.fullmatch(label) for label in labels):
        return frozenset()
    return frozenset(label for label in labels if _NO_PARTICIPANT.fullmatch(label))


def audible(
    path: Path,
    spans: Sequence[Interval],
    duration: float,
    settings: Bleep,
    known: Sequence[KnownName],
    listen: Listen,
) -> list[Interval]:
    """Where names of `known` are heard within some seconds of the covered spans of a file."""
    covered = merge_spans(spans, settings.margin, duration)
    around = merge_spans(covered, AROUND, duration)
    found: list[Interval] = []
    for sound, places in _excerpts(path, _portions(around)):
        heard = listen(Plaintext(path.name, _wav(sound)))
        placed = _placed(heard, places)
        for turn, start, end in missed(placed, (), known):
            words = [
                word
                for word in placed.turns[turn].words
                if word.offset < end and start < word.offset + len(word.text)
            ]
            if words:
                found.append((round(words[0].start, 3), round(words[-1].end, 3)))
    return sorted(found)


def _portions(around: Sequence[Interval]) -> Iterator[list[Interval]]:
    """Stretches in portions of `AT_ONCE` seconds; a longer one is cut, with an overlap."""
    portion: list[Interval] = []
    filled = 0.0
    for start, end in around:
        while start < end:
            stop = min(end, start + AT_ONCE)
            if portion and filled + stop - start > AT_ONCE:
                yield portion
                portion, filled = [], 0.0
            portion.append((start, stop))
            filled += stop - start
            start = stop if stop == end else stop - AROUND
    if portion:
        yield portion


Placed = tuple[float, float, float]
"""Seconds: where an excerpt begins among the excerpts, and where it begins and ends in the file."""


def _excerpts(
    path: Path, portions: Iterator[list[Interval]]
) -> Iterator[tuple[NDArray[np.int16], list[Placed]]]:
    """Each portion's sound with pauses between its stretches, mixed, at 16 kHz, and its places."""
    import numpy as np

    silence = np.zeros(int(PAUSE * SAMPLE_RATE), dtype=np.int16)
    for portion in portions:
        pieces: list[NDArray[np.int16]] = [silence]
        places: list[Placed] = []
        at = silence.size
        for (start, end), sound in zip(portion, _cut(path, portion), strict=True):
            places.append((at / SAMPLE_RATE, start, end))
            pieces += [sound, silence]
            at += sound.size + silence.size
        yield np.concatenate(pieces), places


def _cut(path: Path, stretches: Sequence[Interval]) -> list[NDArray[np.int16]]:
    """The sound of stretches that are in order; they may overlap."""
    import numpy as np

    ranges = [(int(start * SAMPLE_RATE), int(end * SAMPLE_RATE)) for start, end in stretches]
    pieces: list[list[NDArray[np.int16]]] = [[] for _ in ranges]
    position = 0
    for block in blocks(path, channels=1):
        for index, (first, last) in enumerate(ranges):
            # copied, or else each piece would keep its block in memory
            pieces[index].append(
                block[0, max(0, first - position) : max(0, last - position)].copy()
            )
        position += block.shape[1]
        if position >= ranges[-1][1]:
            break
    return [np.concatenate(each) for each in pieces]


def _wav(samples: NDArray[np.int16]) -> bytes:
    import wave

    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(SAMPLE_RATE)
        out.writeframes(samples.tobytes())
    return file.getvalue()


def _placed(heard: Transcript, places: Sequence[Placed]) -> Transcript:
    """One turn for each excerpt, its words with their times in the file."""
    texts = ["" for _ in places]
    words: list[list[Word]] = [[] for _ in places]
    begins = [at - PAUSE / 2 for at, _, _ in places]
    for turn in heard.turns:
        after = 0
        for word in turn.words:
            glued, after = 0 < after == word.offset, word.offset + len(word.text)
            index = max(0, bisect_right(begins, (word.start + word.end) / 2) - 1)
            at, start, end = places[index]
            if texts[index] and not glued:
                texts[index] += " "
            first, last = (
                min(max(time - at + start, start), end) for time in (word.start, word.end)
            )
            words[index].append(Word(word.text, len(texts[index]), first, last, word.probability))
            texts[index] += word.text
    turns = tuple(
        Turn(text, "", start, end, tuple(said))
        for text, said, (_, start, end) in zip(texts, words, places, strict=True)
    )
    return Transcript(turns, heard.language)


def details(settings: Bleep, kept: Kept) -> dict[str, Any]:
    """What the log says of a kept recording."""
    return {
        "sound": LOGGED_SOUNDS[settings.sound],
        "voices": settings.voices,
        "margin_ms": round(settings.margin * 1000),
        "spans": kept.spans,
        "listened": kept.listened,
    }
