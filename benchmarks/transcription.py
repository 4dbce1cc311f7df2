"""Word error rate, time and memory of anonpipe beside faster-whisper alone, without speakers.

    pip install jiwer pyannote.metrics
    python benchmarks/transcription.py MODEL_DIR LANGUAGE:AUDIO:TEXT ... [--vary]
    python benchmarks/transcription.py MODEL_DIR --conversations FOLDER --set heldout

TEXT is a file with what is said in AUDIO; FOLDER is made by conversations.py. The same model, 8-bit
on the processor, with the same number of threads, voice activity detection and word times. Each
way has a process of its own and they hear the files in turn, so that other load on the machine
touches all alike; processor time feels it least. competitors.py tells what the columns mean.
`--vary` transcribes eight variants of each recording (faster, slower, softer, noisier, shifted),
since one recording's error rate moves by several points with its first second of silence; the
variants are written to a temporary folder, so give it public recordings.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from competitors import PROGRAMS, Running, measure, ratios, table
from reference import load
from talkers import RATE, write_flac

from anonpipe.audio.decode import blocks

WAYS = ("sequential", "batched", "anonpipe-alone")


def variants(path: Path, folder: Path) -> Iterator[Path]:
    """The recording as 16 kHz flac in eight variants that change no word of it."""
    whole = np.concatenate(list(blocks(path, channels=1)), axis=1)[0]
    sound = whole.astype(np.float32) / 32_768
    noise = np.random.default_rng(0)

    def speed(factor: float) -> Any:
        at = np.arange(int(sound.size / factor)) * factor
        return np.interp(at, np.arange(sound.size), sound)

    def later(seconds: float, samples: Any) -> Any:
        return np.concatenate([np.zeros(int(seconds * RATE)), samples])

    slow = speed(0.98)
    made = [
        sound,
        later(3.3, sound),
        later(1.0, speed(1.05)),
        speed(0.95),
        sound + noise.normal(0, 0.003, sound.size),
        sound * 0.3,
        later(0.2, speed(1.02) * 0.5),
        slow + noise.normal(0, 0.002, slow.size),
    ]
    for number, samples in enumerate(made):
        target = folder / str(number) / f"{path.stem}.flac"
        target.parent.mkdir(exist_ok=True)
        write_flac(target, samples)
        yield target


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model", type=Path)
    parser.add_argument("recordings", nargs="*", metavar="LANGUAGE:AUDIO:TEXT")
    parser.add_argument("--conversations", type=Path)
    parser.add_argument("--set", default="heldout")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--vary", action="store_true")
    arguments = parser.parse_args()
    if not (arguments.recordings or arguments.conversations):
        parser.error("Give recordings with their texts, or --conversations.")
    conversations = []
    if arguments.conversations:
        found = load(arguments.conversations, arguments.set)
        conversations = [one for one in found if one.language]
    running = {
        way: Running(PROGRAMS[way], sys.executable, arguments.model, arguments.threads)
        for way in WAYS
    }
    with TemporaryDirectory() as folder:
        texts = []
        for item in arguments.recordings:
            language, audio, text = item.split(":")
            told = Path(text).read_text(encoding="utf-8")
            paths = variants(Path(audio), Path(folder)) if arguments.vary else [Path(audio)]
            texts += [(language, path, told) for path in paths]
        results = measure(running, conversations, texts, arguments.runs)
    for process in running.values():
        process.close()
    print(table(results))
    print("\n" + ratios(results))
    return 0


if __name__ == "__main__":
    sys.exit(main())
