"""Diarization error rate of anonpipe's own diarizer on composed conversations.

    pip install pyannote.metrics
    python benchmarks/diarization.py FOLDER [--set heldout] [--speakers auto] [--recognise]

FOLDER comes from conversations.py. The rate is that of pyannote.metrics with overlap counted and a
collar of 0.25 s around each border of the reference; `wide` is with twice that, a quarter of a
second on either side, as evaluations of NIST have it. `auto` does not say how many speak.
`--recognise` also transcribes the same speech with whisper-base, each recording right after it was
diarized, and tells what share of that diarization takes: of processor time, which other programs
on the machine disturb less than the clock. `--lite` adds the diarizer of the
package speaker-diarize-lite (0.1.0), which is given the number of speakers too.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
from pyannote.core import Annotation, Segment, Timeline
from pyannote.metrics.diarization import DiarizationErrorRate
from reference import Conversation, load

from anonpipe import models
from anonpipe.audio.decode import blocks
from anonpipe.speakers.voices import VoiceDiarizer
from anonpipe.transcribe.speech import RATE, pack, pad_spans, speech_spans
from anonpipe.transcribe.whisper import WhisperBackend
from anonpipe.transcribe.windows import windows

COLLARS = (0.25, 0.5)
PARTS = ("missed detection", "false alarm", "confusion")
Stretch = tuple[float, float, Any]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--set", default="", choices=("", "dev", "heldout"))
    parser.add_argument("--only", default="", help="only conversations with this in the name")
    parser.add_argument("--speakers", choices=("given", "auto"), default="given")
    parser.add_argument("--recognise", action="store_true")
    parser.add_argument("--lite", action="store_true")
    arguments = parser.parse_args()
    backend, diarizer = WhisperBackend(models.resolve("whisper-base")), VoiceDiarizer()
    found = [one for one in load(arguments.folder, arguments.set) if arguments.only in one.name]
    print(f"{'conversation':34} seconds  found  rate missed false mixed  wide  s/min  of whisper")
    rows, lite = [], []
    for one in found:
        given = len(one.speakers) if arguments.speakers == "given" else None
        voices, spent, whole = diarize(one, diarizer, backend, given, arguments.recognise)
        row = [*errors(one, voices), 60 * spent / one.seconds]
        rows.append([*row, 100 * spent / whole if whole else np.nan])
        count = len({speaker for *_, speaker in voices})
        print(f"{one.name:34} {one.seconds:7.0f} {count:6} " + numbers(rows[-1]), flush=True)
        if arguments.lite:
            lite.append([*errors(one, diarize_lite(one.audio, len(one.speakers))), np.nan, np.nan])
            print(f"{'  speaker-diarize-lite':34} {'':14} " + numbers(lite[-1]), flush=True)
    print(f"{'mean':34} {'':14} " + numbers(np.mean(rows, axis=0)))
    if lite:
        print(f"{'mean of speaker-diarize-lite':34} {'':14} " + numbers(np.mean(lite, axis=0)))
    return 0


def numbers(row: Iterable[float]) -> str:
    return " ".join(f"{value:5.1f}" for value in row)


def diarize(
    one: Conversation,
    diarizer: VoiceDiarizer,
    backend: WhisperBackend,
    speakers: int | None,
    recognise: bool,
) -> tuple[list[Stretch], float, float]:
    """Who speaks when, the processor seconds of that, and those of whisper (0: not asked)."""
    remembered, spent, whole = [], 0.0, 0.0
    sound = (block.mean(axis=0, keepdims=True).astype(np.int16) for block in blocks(one.audio))
    for window in windows(sound, backend.speech):
        audio = window.samples[0].astype(np.float32) / 32_768
        begin = window.start / RATE
        spans = [(a, min(b, audio.size)) for a, b in speech_spans(window.speech[0])]
        speech = [(begin + a / RATE, begin + b / RATE) for a, b in spans]
        used, data = timed(lambda: diarizer.listen(audio, begin, speech))  # noqa: B023
        remembered.append(data)
        spent += used
        if recognise:
            packed = pack(audio, pad_spans(spans, audio.size))
            for begun in range(0, len(packed.clips), backend.batch_size):
                clips = packed.clips[begun : begun + backend.batch_size]
                whole += timed(
                    lambda: backend.hear(packed.audio, clips, language="en", hotwords=())  # noqa: B023
                )[0]
    used, voices = timed(lambda: diarizer.tell(remembered, speakers))
    return [(v.start, v.end, v.speaker) for v in voices], spent + used, whole


def diarize_lite(audio: Path, speakers: int) -> list[Stretch]:
    from speaker_diarize_lite import diarize

    sound = np.concatenate(list(blocks(audio)), axis=1).mean(axis=0) / 32_768
    told = diarize(sound, sample_rate=RATE, num_speakers=speakers)
    return [(s.start_s, s.end_s, s.speaker) for s in told.segments]


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    """Processor seconds, of all threads, and the result."""
    begun = time.process_time()
    result = work()
    return time.process_time() - begun, result


def errors(one: Conversation, voices: Iterable[Stretch]) -> list[float]:
    """Percent: the error rate, its three parts, and the rate with the wide collar."""
    wanted = annotation((s.start, s.end, s.speaker) for s in one.segments)
    found = annotation(voices)
    whole = Timeline([Segment(0, one.seconds)])
    rates = []
    for collar in COLLARS:
        told = DiarizationErrorRate(collar=collar)(wanted, found, uem=whole, detailed=True)
        parts = [100 * told[part] / told["total"] for part in PARTS]
        rates.append([sum(parts), *parts])
    return [*rates[0], rates[1][0]]


def annotation(stretches: Iterable[Stretch]) -> Annotation:
    result = Annotation()
    for number, (start, end, speaker) in enumerate(stretches):
        result[Segment(start, end), number] = speaker
    return result


if __name__ == "__main__":
    sys.exit(main())
