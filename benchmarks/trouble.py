"""How much of a recording is in trouble, beside its word error rate, as noise makes it worse.

    pip install jiwer pyannote.metrics
    python benchmarks/trouble.py MODEL_DIR LANGUAGE:AUDIO:TEXT ...

TEXT is a file with what is said in AUDIO. White noise is added, so many decibels below the mean
level of the recording. The share in trouble is what `review.trouble_limit` is compared with
(`anonpipe.trouble`). It should rise with the errors: a recogniser's doubts are all that can be
known of them without the text.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import wave
from pathlib import Path

import numpy as np
from scoring import word_errors

from anonpipe.audio.decode import blocks
from anonpipe.decisions import needs_eyes
from anonpipe.settings import Settings
from anonpipe.study import SourceState, Study
from anonpipe.transcribe import Transcriber
from anonpipe.transcript import count_flags
from anonpipe.trouble import speech_seconds, trouble_share

RATE = 16_000
BELOW = (None, 20, 10, 5, 0)
"""Decibels between speech and noise; None: as it is."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model", type=Path)
    parser.add_argument("recordings", nargs="+", metavar="LANGUAGE:AUDIO:TEXT")
    parser.add_argument("--threads", type=int, default=1)
    arguments = parser.parse_args()
    transcriber = Transcriber(arguments.model, device="cpu", threads=arguments.threads)
    study = Study(Path(), Settings())
    random = np.random.default_rng(0)
    print("| recording | noise | WER | in trouble | needs a review for | flags |")
    print("|---|---|---|---|---|---|")
    for item in arguments.recordings:
        language, audio, text = item.split(":")
        said = Path(text).read_text(encoding="utf-8")
        sound = np.concatenate(list(blocks(Path(audio), channels=1)), axis=1)[0].astype(float)
        level = np.sqrt(np.square(sound).mean())
        for below in BELOW:
            noise = 0.0 if below is None else level / 10 ** (below / 20)
            samples = sound + random.normal(0, max(noise, 1e-9), sound.size)
            samples = samples / max(1.0, np.abs(samples).max() / 32_000)
            with tempfile.TemporaryDirectory() as folder:
                path = Path(folder) / "noisy.wav"
                with wave.open(str(path), "wb") as file:
                    file.setparams((1, 2, RATE, 0, "NONE", ""))
                    file.writeframes(samples.astype(np.int16).tobytes())
                found = transcriber.transcribe(path, language=language)
            speech = speech_seconds(found)
            state = SourceState(flags=found.flags, speech=speech)
            flags = ", ".join(f"{n} {kind}" for kind, n in count_flags(found.flags).items())
            print(
                f"| {Path(audio).name} ({language}) "
                f"| {'as it is' if below is None else f'{below} dB below'} "
                f"| {word_errors(said, found.text).share:.2f} "
                f"| {trouble_share(found.flags, speech):.3f} "
                f"| {', '.join(needs_eyes(study, state)) or '-'} | {flags} |",
                flush=True,
            )
    return 0


if __name__ == "__main__":
    sys.exit(main())
