"""Kept recordings: what a margin leaves of a word, what changed voices hide, and what is heard.

    pip install jiwer pyannote.metrics
    python benchmarks/kept.py times CONVERSATIONS MODEL_DIR [--voice joe]
    python benchmarks/kept.py voices MODEL_DIR LANGUAGE:AUDIO[:TEXT] ...
    python benchmarks/kept.py listen MODEL_DIR LANGUAGE:AUDIO:NAME,NAME ...

`times`: how far the recogniser's word times are off the exact ones, in the conversations that
conversations.py composes, for words of one voice (joe's ends are exact; those of other voices may
have silence after the last word of a sentence), and how much of a word is left outside what is
covered for it with some margins.

`voices`: the cosine of the voice encoder (the GE2E encoder that tells speakers apart here) between
the two halves of a recording: as it is, with one half changed, with both changed alike, and
between different recordings. Each recording is changed in five voices as they are drawn. Then the
word error rate of the recording as it is and changed; without TEXT against what is heard in the
unchanged recording.

`listen`: covers names with each sound, voices unchanged and changed, and transcribes the written
copy whole, as it is and turned round; prints the names that are heard, and how long it takes to
hear the surroundings of the spans again, as a share of the transcription.
"""

from __future__ import annotations

import argparse
import io
import json
import re
import sys
import time
import wave
from collections.abc import Iterator, Sequence
from dataclasses import replace
from difflib import SequenceMatcher
from itertools import combinations
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, get_args

import numpy as np
from scoring import word_errors

from anonpipe import kept
from anonpipe.audio.bleep import merge_spans
from anonpipe.audio.decode import blocks
from anonpipe.audio.voice import VoiceChange, draw, pitches
from anonpipe.decisions import bleep_spans
from anonpipe.plaintext import Plaintext
from anonpipe.settings import Bleep, BleepSound
from anonpipe.sweep import missed
from anonpipe.transcribe import Transcriber
from anonpipe.transcript import KnownName, Mention, Transcript

RATE = 16_000
MARGINS = (0.0, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4)
AUDIBLE = (0.03, 0.05, 0.1)
"""Seconds of a word outside the tone that may tell something of it; a phoneme lasts some 0.08."""


def plain(word: str) -> str:
    return re.sub(r"\W", "", word.casefold())


def sound_of(path: Path) -> Any:
    return np.concatenate(list(blocks(path, channels=1)), axis=1)


def in_memory(samples: Any) -> Plaintext:
    """Samples of shape (1, n) as a recording."""
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(RATE)
        out.writeframes(np.ascontiguousarray(samples[0]).tobytes())
    return Plaintext("heard.wav", file.getvalue())


def times(folder: Path, transcriber: Transcriber, voice: str) -> None:
    late: list[float] = []
    early: list[float] = []
    left: dict[float, list[float]] = {margin: [] for margin in MARGINS}
    for file in sorted(folder.glob("*.json")):
        told = json.loads(file.read_text(encoding="utf-8"))
        whose = {one["id"] for one in told["speakers"] if one["voice"].startswith(voice)}
        spoken = [
            word
            for turn in told["turns"]
            if turn["speaker"] in whose
            for word in turn["words"] or []
            if word["exact"]
        ]
        if not spoken or told["language"] is None:
            continue
        heard = transcriber.transcribe(file.with_suffix(".flac"), language=told["language"])
        words = [(n, word) for n, turn in enumerate(heard.turns) for word in turn.words]
        spoken.sort(key=lambda word: word["start"])
        words.sort(key=lambda item: item[1].start)
        matcher = SequenceMatcher(
            None,
            [plain(word["text"]) for word in spoken],
            [plain(word.text) for _, word in words],
            autojunk=False,
        )
        for block in matcher.get_matching_blocks():
            for offset in range(block.size):
                exact, (turn, word) = spoken[block.a + offset], words[block.b + offset]
                if abs(exact["start"] - word.start) > 1:  # another one of the same words
                    continue
                late.append(word.start - exact["start"])
                early.append(exact["end"] - word.end)
                end = word.offset + len(word.text)
                mention = Mention(turn, word.offset, end, "PERSON", word.text, 1.0, "given")
                spans = bleep_spans(replace(heard, flags=()), (mention,))
                for margin, rest in left.items():
                    covered = sum(
                        max(0.0, min(last, exact["end"]) - max(first, exact["start"]))
                        for first, last in merge_spans(spans, margin, heard.duration or 0.0)
                    )
                    rest.append(exact["end"] - exact["start"] - covered)
    print(f"{len(late)} words of {voice}")
    for name, off in (("begins late by", late), ("ends early by", early)):
        shown = " ".join(f"{p}%:{np.percentile(off, p) * 1000:+.0f}" for p in (5, 50, 90, 95, 99))
        print(f"a word {name} (ms): {shown}")
    for margin, rest in left.items():
        shares = [
            f"{100 * np.mean(np.array(rest) > least):5.2f} % {least * 1000:.0f} ms or more"
            for least in AUDIBLE
        ]
        print(f"margin {margin:.2f} s: of words leave {', '.join(shares)}")


def embedded(samples: Any) -> Any:
    """The embedding of a voice: the mean over windows of 1.6 s, every 0.8 s."""
    from anonpipe.speakers.features import mel_bands
    from anonpipe.speakers.networks import PARTIAL, load_networks

    audio = samples[0].astype(np.float32) / 32_768
    audio *= 10 ** (-30 / 20) / max(1e-6, float(np.sqrt((audio**2).mean())))
    mels = mel_bands(audio)
    parts = [mels[at : at + PARTIAL] for at in range(0, len(mels) - PARTIAL + 1, PARTIAL // 2)]
    mean = load_networks().embed(np.stack(parts)).mean(axis=0)
    return mean / np.linalg.norm(mean)


def changed(samples: Any, voice: Any) -> Any:
    pieces = iter([samples[:, at : at + 160_000] for at in range(0, samples.shape[1], 160_000)])
    return np.concatenate(list(VoiceChange((voice,)).changed(pieces, RATE)), axis=1)


def voices(recordings: Sequence[tuple[str, Path, str]], transcriber: Transcriber) -> None:
    same, one, both, halves = [], [], [], []
    errors: list[tuple[float, float]] = []
    for language, path, rest in recordings:
        samples = sound_of(path)
        middle = samples.shape[1] // 2
        first, second = embedded(samples[:, :middle]), embedded(samples[:, middle:])
        halves.append(first)
        same.append(float(first @ second))
        (hertz,) = pitches(path, [[(0.0, samples.shape[1] / RATE)]])
        as_it_is = transcriber.transcribe(path, language=language).text
        wanted = Path(rest).read_text(encoding="utf-8") if rest else as_it_is
        before = word_errors(wanted, as_it_is).share
        after, alike = [], []
        for number in range(5):
            voice = draw(bytes([number]) * 32, "P01", hertz)
            sound = changed(samples, voice)
            again = embedded(sound[:, middle:])
            alike.append(float(first @ again))
            both.append(float(embedded(sound[:, :middle]) @ again))
            heard = transcriber.transcribe(in_memory(sound), language=language).text
            after.append(word_errors(wanted, heard).share)
        one += alike
        errors.append((before, float(np.mean(after))))
        print(
            f"{path.name}: pitch {hertz or 0:.0f} Hz, cosine {same[-1]:.2f}, changed "
            f"{np.mean(alike):.2f} ({min(alike):.2f} to {max(alike):.2f}); word error rate "
            f"{before:.3f}, changed {np.mean(after):.3f} ({min(after):.3f} to {max(after):.3f})"
        )
    other = [float(a @ b) for a, b in combinations(halves, 2)]
    for name, values in (
        ("same recording", same),
        ("one half changed", one),
        ("both changed alike", both),
        ("different recordings", other),
    ):
        print(f"cosine, {name}: mean {np.mean(values):.2f}, {min(values):.2f} to {max(values):.2f}")
    before, later = np.mean(errors, axis=0)
    print(f"word error rate: {before:.3f}, changed {later:.3f}")


def mentions_of(transcript: Transcript, names: Sequence[str]) -> Iterator[Mention]:
    for index, turn in enumerate(transcript.turns):
        for name in names:
            for match in re.finditer(rf"\b{re.escape(name)}\b", turn.text):
                yield Mention(index, match.start(), match.end(), "PERSON", name, 1.0, "given")


def listen(
    recordings: Sequence[tuple[str, Path, str]], transcriber: Transcriber, margin: float
) -> None:
    for language, path, rest in recordings:
        names = rest.split(",")
        known = [KnownName(name, "PERSON") for name in names]
        begun = time.process_time()
        transcript = transcriber.transcribe(path, language=language)
        whole = time.process_time() - begun
        mentions = tuple(mentions_of(transcript, names))
        print(f"{path.name}: {transcript.duration:.0f} s, {len(mentions)} names covered")
        for sound in get_args(BleepSound):
            for changing in ("none", "all"):
                settings = replace(Bleep(sound, margin), voices=changing)
                spent: list[float] = []

                def hear(content: Any, spent: list[float] = spent, code: str = language) -> Any:
                    begun = time.process_time()
                    heard = transcriber.transcribe(content, language=code)
                    spent.append(time.process_time() - begun)
                    return heard

                with TemporaryDirectory() as folder:
                    part = Path(folder) / "kept.flac"
                    made = kept.keep(
                        path,
                        part,
                        transcript,
                        mentions,
                        settings,
                        secret=b"1" * 32,
                        known=known,
                        listen=hear,
                    )
                    samples = sound_of(part)
                found = []
                for turned in (samples, samples[:, ::-1]):
                    heard = transcriber.transcribe(in_memory(turned), language=language)
                    found.append(
                        [
                            heard.turns[turn].text[start:end]
                            for turn, start, end in missed(heard, (), known)
                        ]
                    )
                print(
                    f"  {sound}, voices {changing}: heard {found[0]}, turned round {found[1]}; "
                    f"{made.spans} spans, {len(spent)} times heard again, {len(made.flags)} left; "
                    f"{sum(spent) / whole:.0%} of the transcription"
                )


def recording(text: str) -> tuple[str, Path, str]:
    language, path, rest = (*text.split(":", 2), "")[:3]
    return language, Path(path), rest


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("what", choices=("times", "voices", "listen"))
    parser.add_argument("arguments", nargs="+")
    parser.add_argument("--margin", type=float, default=Bleep().margin)
    parser.add_argument("--voice", default="joe")
    parser.add_argument("--threads", type=int, default=0)
    chosen = parser.parse_args()
    if chosen.what == "times":
        folder, model = map(Path, chosen.arguments)
        times(folder, Transcriber(model, threads=chosen.threads), chosen.voice)
        return
    transcriber = Transcriber(Path(chosen.arguments[0]), threads=chosen.threads)
    recordings = [recording(text) for text in chosen.arguments[1:]]
    if chosen.what == "voices":
        voices(recordings, transcriber)
    else:
        listen(recordings, transcriber, chosen.margin)


if __name__ == "__main__":
    sys.exit(main())
