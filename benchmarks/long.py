"""Time and peak memory of a long interview, from the recorder's file to the transcript.

    python benchmarks/long.py [--hours 3] [--speech 0.1] [--words 30000] [--wav]

Two studies are made in a temporary folder. Into one comes a recording of that length, made of
the speech of samples/recordings with pauses so long that `--speech` is its share of speech (1 for
hardly a pause); it is encrypted on arrival (`anonpipe ingest`) and processed (`anonpipe run`).
Voice detection and decoding go over all of it, the recogniser over the speech alone, so a dense
recording takes about (speech seconds / these) times as long for the recognition. `--wav` records
it as a recorder without compression does, in 44.1 kHz stereo, else it is m4a in mono. Into the
other study comes a transcript of `--words` words with their times, made of benchmarks/interviews,
which goes through all that follows transcription.

Each command is a process of its own; its peak memory (resident) and time are printed.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path
from typing import Any

import av
import numpy as np

from anonpipe.audio.decode import blocks, probe

ROOT = Path(__file__).resolve().parent.parent
RATE = 16_000
PROGRAM = "from anonpipe.cli import main; main()"
MARK = re.compile(r"\[\[[^|]*\|(.*?)\]\]")


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--hours", type=float, default=3)
    arguments.add_argument("--speech", type=float, default=0.1, help="share of speech")
    arguments.add_argument("--words", type=int, default=30_000, help="0: leave that part out")
    arguments.add_argument("--wav", action="store_true")
    options = arguments.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        top = Path(folder)
        if options.hours:
            recording = record(top, options.hours * 3600, options.speech, options.wav)
            size = recording.stat().st_size / 1e6
            seconds = probe(recording).duration
            print(f"recording: {seconds / 3600:.2f} h, {options.speech:.0%} speech, {size:.0f} MB")
            study = new_study(top / "sound", "en")
            anonpipe("ingest", study, recording, "--participant", "P01", "--move")
            anonpipe("run", study)
        if options.words:
            study = new_study(top / "text", "nb")
            path = study / "documents" / "P01_transcript.json"
            path.write_text(json.dumps(transcript(options.words)), encoding="utf-8")
            print(f"transcript: {options.words} words, {path.stat().st_size / 1e6:.1f} MB")
            anonpipe("run", study)


def anonpipe(command: str, study: Path, *more: object) -> None:
    """Run a command as its own process, and print its time and peak memory."""
    words = [sys.executable, "-c", PROGRAM, command, str(study), *map(str, more)]
    begun = time.monotonic()
    if command != "init":
        words += [
            "--identity",
            str(study.parent / f"{study.name}-keys" / "researcher.identity.age"),
        ]
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"{command} ended with {os.waitstatus_to_exitcode(status)}")
    if command != "init":
        peak = used.ru_maxrss / (1 << 20 if sys.platform != "darwin" else 1 << 30)
        spent = time.monotonic() - begun
        print(f"{command}: {spent:.0f} s, {used.ru_utime:.0f} s of processor, {peak:.2f} GiB")


def new_study(folder: Path, language: str) -> Path:
    keys = folder.parent / f"{folder.name}-keys"
    keys.mkdir()
    anonpipe(
        "init", folder, "--key", keys / "study.key.age", "--language", language,
        "--new-identity", "researcher", "--no-passphrase", "--single-recipient",
    )  # fmt: skip
    head = "participant,recording,consented_on,consent_version,audio,review,quotes,archive"
    rows = f"{head}\nP01,,2026-01-10,v1,delete-after-review,yes,yes,no\n"
    (folder / "consent.csv").write_text(rows, encoding="utf-8")
    return folder


def record(top: Path, seconds: float, share: float, wav: bool) -> Path:
    """Compose the recording block by block, so that this program needs little memory itself."""
    path = top / ("P01_interview.wav" if wav else "P01_interview.m4a")
    rate, layout = (44_100, "stereo") if wav else (44_100, "mono")
    with av.open(str(path), "w") as container:
        stream = container.add_stream("pcm_s16le" if wav else "aac", rate=rate, layout=layout)
        resampler = av.AudioResampler(format=stream.format, layout=layout, rate=rate)
        for samples in sound(seconds, share):
            frame = av.AudioFrame.from_ndarray(samples, format="s16", layout="mono")
            frame.rate = RATE
            for out in resampler.resample(frame):
                container.mux(stream.encode(out))
        container.mux(stream.encode(None))
    return path


def sound(seconds: float, share: float) -> Iterator[Any]:
    """Blocks of int16, shape (1, n) at 16 kHz: the samples over and over, with pauses."""
    files = sorted((ROOT / "samples" / "recordings").glob("*.ogg"))
    noise = np.random.default_rng(0)
    done = 0.0
    for path in cycle(files):
        speech = np.concatenate(list(blocks(path, channels=1)), axis=1)
        length = int(speech.shape[1] * (1 / share - 1))
        for size in [speech.shape[1], *[60 * RATE] * (length // (60 * RATE)), length % (60 * RATE)]:
            if not size:
                continue
            part, speech = speech[:, :size], speech[:, size:]
            hiss = noise.integers(-20, 20, (1, size), dtype=np.int16)
            yield hiss + np.pad(part, ((0, 0), (0, size - part.shape[1])))
            done += size / RATE
            if done >= seconds:
                return


def transcript(count: int) -> dict[str, Any]:
    """A transcript of `count` words with times, made of the interviews over and over."""
    lines = [
        MARK.sub(r"\1", line).partition(":")
        for path in sorted((ROOT / "benchmarks" / "interviews").glob("*_nb_*.txt"))
        for line in path.read_text(encoding="utf-8").splitlines()
        if line.strip()
    ]
    turns: list[dict[str, Any]] = []
    at = total = 0
    for speaker, _, said in cycle(lines):
        text = (said or speaker).strip()
        words: list[dict[str, Any]] = []
        offset = 0
        for word in text.split():
            offset = text.index(word, offset)
            values = {"text": word, "offset": offset, "start": at / 2, "end": at / 2 + 0.4}
            words.append(values | {"probability": 0.9})
            at, offset = at + 1, offset + len(word)
        label = "Intervjuer" if len(turns) % 2 else "P01"
        span = {"start": words[0]["start"], "end": words[-1]["end"]}
        turns.append({"speaker": label, **span, "text": text, "words": words})
        total += len(words)
        if total >= count:
            break
    return {
        "format": "anonpipe-transcript", "version": 1, "title": "", "language": "nb",
        "duration": at / 2, "language_probability": 1.0, "model": "whisper-base",
        "turns": turns, "flags": [],
    }  # fmt: skip


if __name__ == "__main__":
    main()
