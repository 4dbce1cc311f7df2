"""How a program is measured: it loads its model, then answers a line of JSON with a line of JSON.

    {"audio": "a.flac", "language": "en", "speakers": 2}
    -> {"words": [[" And", 0.1, 0.3, "A"], ...], "segments": [["A", 0.1, 4.2], ...] or null,
        "seconds": 12.3, "processor": 20.1, "peak_mb": 610}

A word is text, start, end and speaker; times and speaker are null where a program has none.
Adding a program is adding a file here that calls `serve`, and a line in competitors.py. These files
run in the environment of their program, which holds nothing of this project.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

Word = tuple[str, float | None, float | None, str | None]
Segment = tuple[str, float, float]
Heard = tuple[list[Word], list[Segment] | None]


def serve(load: Callable[[str, int, list[str]], Callable[[str, str, int], Heard]]) -> None:
    """Call `load(model, threads, rest of the arguments)`, then what it gives for each line."""
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what libraries print is no answer
    transcribe = load(sys.argv[1], int(sys.argv[2]), sys.argv[3:])
    print(json.dumps({"ready": True}), file=out, flush=True)
    for line in sys.stdin:
        asked = json.loads(line)
        begun, used = time.perf_counter(), time.process_time()
        words, segments = transcribe(asked["audio"], asked["language"], asked["speakers"])
        answer = {
            "words": words,
            "segments": segments,
            "seconds": time.perf_counter() - begun,
            "processor": time.process_time() - used,
            "peak_mb": peak_mb(),
        }
        print(json.dumps(answer), file=out, flush=True)


def peak_mb() -> float:
    """The most memory that this process has held, in megabytes of 10^6 bytes."""
    status = Path("/proc/self/status")
    if status.exists():  # unlike getrusage, free of what the parent held before this began
        line = next(one for one in status.read_text().splitlines() if one.startswith("VmHWM"))
        return int(line.split()[1]) * 1024 / 1e6
    import resource

    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / 1e6 if sys.platform == "darwin" else most * 1024 / 1e6


def whisper_language(language: str) -> str:
    return {"nb": "no"}.get(language, language)


def whisper(model: str, threads: int) -> Any:
    """faster-whisper as all programs here use it: 8-bit on the processor, from a local folder."""
    from faster_whisper import WhisperModel

    return WhisperModel(
        model, device="cpu", compute_type="int8", cpu_threads=threads, local_files_only=True
    )


def batched(model: Any, audio: Any, language: str) -> list[Word]:
    """Words of faster-whisper in batches of eight, with its voice activity detection."""
    from faster_whisper import BatchedInferencePipeline

    segments, _ = BatchedInferencePipeline(model).transcribe(
        audio,
        language=whisper_language(language),
        vad_filter=True,
        word_timestamps=True,
        batch_size=8,
    )
    return timed_words(segments)


def timed_words(segments: Any) -> list[Word]:
    return [
        (word.word, float(word.start), float(word.end), None)
        for segment in segments
        for word in segment.words or ()
    ]


def told(words: list[Word], segments: list[Segment]) -> list[Word]:
    """The words, each with the speaker of the segment that covers most of it, or is nearest."""

    def distance(segment: Segment, start: float, end: float) -> float:
        return max(segment[1], start) - min(segment[2], end)  # negative: they share time

    found: list[Word] = []
    for text, start, end, _ in words:
        assert start is not None and end is not None
        near = min(segments, key=lambda one: distance(one, start, end), default=(None,))
        found.append((text, start, end, near[0]))
    return found


def merged(pieces: Iterator[Segment]) -> list[Segment]:
    """Neighbouring pieces of one speaker as one segment."""
    found: list[Segment] = []
    for speaker, start, end in pieces:
        if found and found[-1][0] == speaker and start - found[-1][2] < 0.01:
            found[-1] = (speaker, found[-1][1], end)
        else:
            found.append((speaker, start, end))
    return found
