"""Speech of real people, cut at pauses, for conversations.py to compose."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from reference import Segment, read_rttm
from talkers import RATE, Spoken

from anonpipe import models
from anonpipe.audio.decode import blocks
from anonpipe.transcribe.speech import speech_spans
from anonpipe.transcribe.whisper import WhisperBackend
from anonpipe.transcribe.windows import windows

FRAME = RATE // 100
LONGEST_PAUSE = 0.3
"""Seconds; longer pauses part two segments."""
EDGE = RATE // 10
"""Samples that a voice detector may be late or early."""
LEAST = 2.0
"""Seconds of speech that a real person needs to take part."""


def speech(samples: Any) -> list[tuple[int, int]]:
    """Samples from and to which somebody speaks, by level; pauses up to `LONGEST_PAUSE` are in."""
    frames = samples[: samples.size // FRAME * FRAME].reshape(-1, FRAME)
    level = 10 * np.log10(np.square(frames).mean(axis=1) + 1e-10)
    smooth = np.convolve(level, np.ones(3) / 3, "same")
    floor, loud = np.percentile(smooth, [5, 90])
    active = smooth > max(loud - 30, min(floor + 8, loud - 12))
    edges = np.flatnonzero(np.diff(np.concatenate([[False], active, [False]]).astype(np.int8)))
    runs: list[list[int]] = []
    for begin, end in edges.reshape(-1, 2):
        if runs and begin - runs[-1][1] <= LONGEST_PAUSE * 100:
            runs[-1][1] = int(end)
        elif end - begin >= 3:
            runs.append([int(begin), int(end)])
    return [(begin * FRAME, end * FRAME) for begin, end in runs]


def real_voices(paths: Sequence[Path]) -> dict[str, list[Any]]:
    """Speech between pauses of each person, in order, of those who say enough for a turn."""
    found: dict[str, list[Any]] = {}
    for path in paths:
        sound = np.concatenate(list(blocks(path)), axis=1).astype(np.float32) / 32_768
        if sound.shape[0] == 2 and np.corrcoef(sound)[0, 1] > 0.5:
            sound = sound.mean(axis=0, keepdims=True)  # one person, recorded twice
        rttm = path.with_suffix(".rttm")
        if rttm.exists():
            stretches = alone(read_rttm(rttm)[path.stem])
        else:
            names = [f"{path.stem}-{n + 1}" if len(sound) > 1 else path.stem for n in range(2)]
            stretches = [(name, 0, row.size) for name, row in zip(names, sound, strict=False)]
        for number, (name, first, last) in enumerate(stretches):
            row = sound[number if not rttm.exists() else 0][first:last]
            pieces = [row[begin:end] for begin, end in spoken(row) if end - begin > RATE // 2]
            found.setdefault(name, []).extend(pieces)
    return {n: some for n, some in found.items() if sum(p.size for p in some) >= LEAST * RATE}


def alone(segments: Sequence[Segment]) -> list[tuple[str, int, int]]:
    """Speaker and samples where nobody else speaks, in order."""
    marks = sorted({mark for one in segments for mark in (one.start, one.end)})
    found: list[tuple[str, int, int]] = []
    for first, last in pairwise(marks):
        who = [one.speaker for one in segments if one.start < last and one.end > first]
        if len(who) == 1:
            found.append((who[0], round(first * RATE), round(last * RATE)))
    return found


def spoken(samples: Any) -> list[tuple[int, int]]:
    """`speech` that the voice detector hears as well."""
    sound = np.rint(samples * 32_767).astype(np.int16)[None]
    heard = [
        (window.start + begin - EDGE, window.start + end + EDGE)
        for window in windows(iter([sound]), detector())
        for begin, end in speech_spans(window.speech[0])
    ]
    both = [
        (max(a, begin), min(b, end))
        for a, b in speech(samples)
        for begin, end in heard
        if begin < b and end > a
    ]
    return joined(both)


def joined(spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Spans in order, those that touch or are parted by up to `LONGEST_PAUSE` made one."""
    found: list[tuple[int, int]] = []
    for begin, end in spans:
        if found and begin - found[-1][1] <= LONGEST_PAUSE * RATE:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((begin, end))
    return found


@cache
def detector() -> Any:
    return WhisperBackend(models.resolve("whisper-base")).speech


def answers(pieces: Sequence[Any], seconds: float, random: Any) -> Iterator[Spoken]:
    """Turns of 1 to 20 s made of a person's pieces, repeated when they are used up."""
    at, said = 0, 0.0
    while said < seconds:
        wanted = float(np.clip(random.lognormal(1.6, 0.8), 1, 14)) * RATE
        parts: list[Any] = []
        while not parts or (
            sum(p.size for p in parts) < wanted
            and sum(p.size for p in parts) + pieces[at % len(pieces)].size < 20 * RATE
        ):
            parts += [pieces[at % len(pieces)], np.zeros(int(random.uniform(0.25, 0.5) * RATE))]
            at += 1
        spoken = np.concatenate(parts[:-1]).astype(np.float32)
        said += spoken.size / RATE
        yield Spoken(spoken, None)
