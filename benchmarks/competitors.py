"""Programs that transcribe offline, side by side: time, memory, wrong words, wrong speakers.

    pip install jiwer pyannote.metrics
    python benchmarks/competitors.py --list
    python benchmarks/competitors.py --environments DIR --install
    python benchmarks/competitors.py --environments DIR --model MODEL_DIR \\
        --conversations FOLDER --set heldout --texts nb:king.mp3:king.txt en:jfk.flac:jfk.txt

Every program runs in a process and an environment of its own (DIR/NAME, made by `--install`;
anonpipe in the one that runs this), with the same model and the same number of threads, and hears
the same files in turn. What FOLDER holds, conversations.py has made. The table that is printed
tells

* time: wall time over the length of the audio, once the model is loaded, median of the runs;
* memory: the most that the process held, with everything;
* WER: words wrong, missing and too many over those of the reference, all conversations together
  and each of `--texts`;
* wrong speaker: share of the rightly placed words that the wrong one says (scoring.py);
* DER: missed, invented and confused speech over all speech, overlaps included, collar 0.25 s, on
  conversations of synthetic voices and on those with real ones.

The number of speakers, two, is told to all who ask for it. What could not be had is told by
`--list`.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import venv
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

from reference import Conversation, load
from scoring import Count, diarization_errors, speaker_errors, total, word_errors

from anonpipe.audio.decode import probe

HERE = Path(__file__).resolve().parent
SPEAKERS = 2


@dataclass(frozen=True, slots=True)
class Program:
    """`environment` is the folder of its packages, "" for the one that runs this."""

    title: str
    script: str
    arguments: tuple[str, ...] = ()
    environment: str = ""
    packages: tuple[str, ...] = ()


PROGRAMS = {
    "anonpipe": Program("anonpipe", "with_anonpipe.py", ("speakers",)),
    "anonpipe-alone": Program("anonpipe, without speakers", "with_anonpipe.py"),
    "batched": Program("faster-whisper, batched", "with_faster_whisper.py", ("batched",)),
    "sequential": Program("faster-whisper, sequential", "with_faster_whisper.py"),
    "whisperx": Program(
        "WhisperX, without alignment and speakers",
        "with_whisperx.py",
        environment="whisperx",
        packages=("whisperx",),
    ),
    "stable-ts": Program(
        "stable-ts on faster-whisper",
        "with_stable_ts.py",
        environment="stable",
        packages=("stable-ts-whisperless", "faster-whisper"),
    ),
    "diarize-lite": Program(
        "faster-whisper + speaker-diarize-lite",
        "with_diarize_lite.py",
        environment="lite",
        packages=("speaker-diarize-lite", "faster-whisper"),
    ),
    "resemblyzer": Program(
        "faster-whisper + Resemblyzer + spectralcluster",
        "with_resemblyzer.py",
        environment="student",
        packages=("Resemblyzer", "spectralcluster", "faster-whisper", "setuptools<81"),
    ),
}

NOT_TO_BE_HAD = {
    "noScribe": "no package; an installer from its own pages, models from a hub",
    "aTrain": "no package for Linux; an app from its own pages, models from a hub",
    "WhisperX's alignment and speakers": "models from hubs, the one for speakers behind a form",
    "whisper-timestamped, openai-whisper": "installs; weights are downloaded from OpenAI",
    "pywhispercpp": "installs; weights in ggml form come from a hub",
    "vosk": "installs; no package holds a model of English or Norwegian",
    "sherpa-onnx": "installs; no package holds a model",
    "diarize": "installs, 7 GB with PyTorch for CUDA; its WeSpeaker model is downloaded",
    "speakrs": "installs; models from a hub",
    "polyvoice": "no wheel for Linux and Python 3.11; building needs a registry of Rust crates",
    "pyannote.audio": "its pipelines lie on a hub, behind a form",
}


class Running:
    """A program that has loaded its model and waits for files."""

    def __init__(self, program: Program, python: str, model: Path, threads: int) -> None:
        # No program may try a hub and wait for it.
        offline = {"HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1"}
        limits = {"OMP_NUM_THREADS": str(threads), "OMP_WAIT_POLICY": "PASSIVE"}
        paths = {"PYTHONPATH": str(HERE.parent)} if not program.environment else {}
        self._told: Any = TemporaryFile()  # noqa: SIM115 - as long as the program runs
        command = [python, HERE / "programs" / program.script, model, threads, *program.arguments]
        self._process = subprocess.Popen(
            [str(part) for part in command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._told,
            text=True,
            env={**os.environ, **offline, **limits, **paths},
        )
        self._answer()

    def _answer(self) -> Any:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            self._told.seek(0)
            told = self._told.read().decode(errors="replace").strip().splitlines()
            raise RuntimeError((told or ["ended without an answer"])[-1])
        return json.loads(line)

    def hear(self, audio: Path, language: str) -> Any:
        assert self._process.stdin is not None
        asked = {"audio": str(audio), "language": language, "speakers": SPEAKERS}
        print(json.dumps(asked), file=self._process.stdin, flush=True)
        return self._answer()

    def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()


@dataclass
class Result:
    """What one program did; `shares` has a figure a run."""

    shares: list[float] = field(default_factory=list)
    processor: list[float] = field(default_factory=list)
    peak_mb: float = 0.0
    words: dict[str, list[Count]] = field(default_factory=lambda: defaultdict(list))
    speakers: list[Count] = field(default_factory=list)
    synthetic: list[Count] = field(default_factory=list)
    real: list[Count] = field(default_factory=list)


def python_of(program: Program, environments: Path | None) -> str | None:
    """The interpreter that has its packages; None: not installed."""
    if not program.environment:
        return sys.executable
    if environments is None:
        return None
    for place in ("bin/python", "Scripts/python.exe"):
        if (found := environments / program.environment / place).exists():
            return str(found)
    return None


def install(programs: Sequence[Program], environments: Path) -> None:
    """An environment for each that lacks one; what fails is told and left."""
    for program in programs:
        if python_of(program, environments) is None:
            folder = environments / program.environment
            venv.create(folder, with_pip=True)
            python = python_of(program, environments)
            done = subprocess.run([str(python), "-m", "pip", "install", "-q", *program.packages])
            print(f"{program.title}: {'failed' if done.returncode else 'installed'}", flush=True)


def score(result: Result, conversation: Conversation, answer: Any) -> None:
    words = [(text, speaker) for text, _, _, speaker in answer["words"]]
    if conversation.language:
        reference = " ".join(word for word, _ in conversation.words)
        heard = " ".join(word for word, _ in words)
        result.words["conversations"].append(word_errors(reference, heard))
        if any(speaker for _, speaker in words):
            result.speakers.append(speaker_errors(conversation.words, words))
    if answer["segments"] is not None:
        kind = result.synthetic if conversation.language else result.real
        kind.append(diarization_errors(conversation, answer["segments"]))


def measure(
    running: dict[str, Running],
    conversations: Sequence[Conversation],
    texts: Sequence[tuple[str, Path, str]],
    runs: int,
) -> dict[str, Result]:
    """Every file by every program in turn, `runs` times; the first run is scored."""
    results = {name: Result() for name in running}
    heard = [(c, c.audio, c.language or "en", c.seconds) for c in conversations]
    heard += [(text, path, language, probe(path).duration) for language, path, text in texts]
    for run in range(runs):
        spent: dict[str, list[tuple[float, float, float]]] = {name: [] for name in running}
        for what, audio, language, seconds in heard:
            untold = isinstance(what, Conversation) and not what.language
            if untold and run:
                continue  # heard for its speakers alone
            for name, process in list(running.items())[:: -1 if run % 2 else 1]:
                try:
                    answer = process.hear(audio, language)
                except RuntimeError as error:
                    print(f"{name}: stopped at {audio.name}: {error}", file=sys.stderr)
                    del running[name], spent[name], results[name]
                    continue
                if not untold:
                    spent[name].append((seconds, answer["seconds"], answer["processor"]))
                result = results[name]
                result.peak_mb = max(result.peak_mb, answer["peak_mb"])
                if run:
                    continue
                if isinstance(what, Conversation):
                    score(result, what, answer)
                else:
                    text = " ".join(word[0] for word in answer["words"])
                    result.words[audio.name].append(word_errors(what, text))
            print(f"{run + 1}: {audio.name}", file=sys.stderr, flush=True)
        for name, figures in spent.items():
            length, wall, processor = (sum(column) for column in zip(*figures, strict=True))
            results[name].shares.append(wall / length)
            results[name].processor.append(processor / length)
    return results


def table(results: dict[str, Result]) -> str:
    """Markdown, a row a program."""
    columns = list(next(iter(results.values())).words)
    head = ["program", "time", "processor time", "memory", *(f"WER {one}" for one in columns)]
    head += ["wrong speaker", "DER synthetic", "DER real"]
    rows = [head, ["---"] * len(head)]

    def share(counts: Sequence[Count]) -> str:
        return f"{total(counts).share:.1%}" if counts else "–"

    for name, result in results.items():
        row = [PROGRAMS[name].title]
        row += [f"{statistics.median(result.shares):.3f}"]
        row += [f"{statistics.median(result.processor):.3f}", f"{result.peak_mb:,.0f} MB"]
        row += [share(result.words[one]) for one in columns]
        row += [share(result.speakers), share(result.synthetic), share(result.real)]
        rows.append(row)
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def ratios(results: dict[str, Result]) -> str:
    """Time of each over that of faster-whisper in batches, run by run, the median."""
    told = []
    for name, result in results.items():
        if name != "batched" and "batched" in results:
            pairs = zip(result.shares, results["batched"].shares, strict=True)
            used = zip(result.processor, results["batched"].processor, strict=True)
            wall, processor = (statistics.median(a / b for a, b in two) for two in (pairs, used))
            told.append(f"{PROGRAMS[name].title} {wall:.3f} ({processor:.3f})")
    return "Time (processor time) over that of faster-whisper, batched: " + "; ".join(told)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--list", action="store_true", help="the programs, and what is missing")
    parser.add_argument("--install", action="store_true", help="make the environments")
    parser.add_argument("--environments", type=Path, help="folder with an environment a program")
    parser.add_argument("--model", type=Path, help="folder of the Whisper model (CTranslate2)")
    parser.add_argument("--conversations", type=Path, help="folder made by conversations.py")
    parser.add_argument("--set", default="heldout")
    parser.add_argument("--texts", nargs="*", default=[], metavar="LANGUAGE:AUDIO:TEXT")
    parser.add_argument("--only", nargs="+", choices=PROGRAMS, default=list(PROGRAMS))
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()
    chosen = {name: PROGRAMS[name] for name in arguments.only}
    if arguments.list:
        for name, program in chosen.items():
            there = python_of(program, arguments.environments) is not None
            packages = " ".join(program.packages) or "this environment"
            print(f"{name}: {program.title} ({packages}){'' if there else ': not installed'}")
        for name, why in NOT_TO_BE_HAD.items():
            print(f"not measured: {name}: {why}")
        return 0
    if arguments.install:
        if arguments.environments is None:
            parser.error("--install needs --environments, a folder outside the repository.")
        install(list(chosen.values()), arguments.environments)
        return 0
    if arguments.model is None or not (arguments.conversations or arguments.texts):
        parser.error("Give --model, and --conversations or --texts.")
    running = {}
    for name, program in chosen.items():
        python = python_of(program, arguments.environments)
        if python is None:
            print(f"{name}: not installed; see --install", file=sys.stderr)
            continue
        try:
            running[name] = Running(program, python, arguments.model, arguments.threads)
        except RuntimeError as error:
            print(f"{name}: does not start: {error}", file=sys.stderr)
    conversations = load(arguments.conversations, arguments.set) if arguments.conversations else []
    texts = []
    for item in arguments.texts:
        language, audio, text = item.split(":")
        texts.append((language, Path(audio), Path(text).read_text(encoding="utf-8")))
    results = measure(running, conversations, texts, arguments.runs)
    for process in running.values():
        process.close()
    print(table(results))
    print("\n" + ratios(results))
    return 0


if __name__ == "__main__":
    sys.exit(main())
