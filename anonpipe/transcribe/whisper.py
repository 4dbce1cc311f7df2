"""faster-whisper as a backend: local files only, batched, with a second hearing of bad clips."""

from __future__ import annotations

import functools
import os
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from anonpipe.errors import ModelError, UsageError
from anonpipe.memory import give_back
from anonpipe.processors import processors
from anonpipe.transcribe.backend import HeardBatch, HeardSegment
from anonpipe.transcribe.halves import by_halves, one_by_one
from anonpipe.transcribe.hearings import (
    NO_SPEECH,
    count_words,
    heard_segment,
    is_bad,
    is_better,
)
from anonpipe.transcribe.holes import Hole, filled, holes
from anonpipe.transcribe.languages import is_other, mean
from anonpipe.transcribe.speech import RATE

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

SEED = 1
"""Of CTranslate2's sampling, which hearing again at a temperature above 0 uses.

Its generator belongs to a model's worker and takes the seed once, when it first samples. What
was drawn before would bear on what is heard next, so a model that has sampled is loaded anew.
"""

SPARSE = 1.0
"""Words a second of speech, below which something was not heard; people say two to four."""

HOTWORD_TOKENS = 100
"""Of the decoder's 448 positions; fast Norwegian speech needs about 250 for 30 s."""

_CODES = {"nb": "no"}
"""Whisper's "no" is bokmål. Nynorsk has its own code, which hears no worse (benchmarks)."""


class WhisperBackend:
    """A Whisper model in CTranslate2 form, from the folder `model_dir`; never from a hub.

    `device` is "cpu", "cuda" or "auto"; `compute_type` "default" is int8 on the CPU and
    float16 on CUDA. `threads` 0 takes the processors that this process may use, at most 8.
    Raises `ModelError` if the folder is not a whole model, `UsageError` if the device or
    compute type cannot be had.
    """

    def __init__(
        self,
        model_dir: Path,
        *,
        device: str = "auto",
        compute_type: str = "default",
        threads: int = 0,
        batch_size: int | None = None,
    ) -> None:
        _require_files(model_dir)
        # Belt and braces: every file is local, and huggingface_hub could not ask if one were not.
        os.environ["HF_HUB_OFFLINE"] = "1"
        os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"
        import ctranslate2

        if device == "auto":
            device = "cuda" if ctranslate2.get_cuda_device_count() else "cpu"
            if device == "cuda" and not _cuda_works(model_dir):
                device = "cpu"  # a graphics card without CUDA's libraries
        if compute_type == "default":
            compute_type = "float16" if device == "cuda" else "int8"
        self.name = model_dir.name
        self.device = device
        self.batch_size = batch_size or (16 if device == "cuda" else 8)
        self._load = functools.partial(
            _load, model_dir, device, compute_type, threads or processors()
        )
        self._keeping = False
        self._encoded: Any = None
        self._model = self._fresh()
        self.way = " ".join(
            (
                *(f"{name} {version(name)}" for name in ("faster-whisper", "ctranslate2")),
                f"{device} {compute_type} {self.batch_size}",
            )
        )

    def _fresh(self) -> Any:
        """The model, which has drawn nothing at random yet."""
        import ctranslate2

        ctranslate2.set_random_seed(SEED)
        model = self._load()
        self._sampled = False
        encode, generate = model.encode, model.generate_with_fallback
        if self.device == "cpu":
            encode, model.find_alignment = one_by_one(encode), by_halves(model.find_alignment)

        def encode_and_keep(features: Any) -> Any:
            """What a batch is heard from also tells its language, without encoding it again."""
            encoded = encode(features)
            if self._keeping and model.model.is_multilingual:
                self._keeping, self._encoded = False, encoded
            return encoded

        def generate_and_note(*arguments: Any) -> Any:
            """Above temperature 0, on which the ladder begins, hearing again samples."""
            result, probability, temperature, compression = generate(*arguments)
            self._sampled = self._sampled or temperature > 0
            return result, probability, temperature, compression

        model.encode = encode_and_keep
        model.generate_with_fallback = generate_and_note
        return model

    def code(self, language: str) -> str:
        """Whisper's code for a study's language; raises `UsageError` if the model lacks it."""
        code = _CODES.get(language, language)
        if code not in self._model.supported_languages:
            raise UsageError(
                f"The speech model {self.name} does not know the language {language}; "
                "choose another language or a multilingual model."
            )
        return code

    def speech(self, audio: NDArray[np.float32]) -> NDArray[np.float32]:
        """Silero's probability of speech for each 512 samples."""
        from faster_whisper.vad import get_vad_model

        found: NDArray[np.float32] = get_vad_model()(audio).reshape(-1)
        return found

    def detect(
        self, audio: NDArray[np.float32], clips: Sequence[tuple[int, int]]
    ) -> dict[str, float]:
        """Mean probability of each language over the first three clips."""
        from faster_whisper.audio import pad_or_trim

        if not self._model.model.is_multilingual:
            return {"en": 1.0}
        found: list[dict[str, float]] = []
        for begin, end in clips[:3]:
            features = self._model.feature_extractor(audio[begin:end])
            encoded = self._model.encode(pad_or_trim(features[..., :-1]))
            found.extend(_languages(self._model.model.detect_language(encoded)))
        return mean(found)

    def hear(
        self,
        audio: NDArray[np.float32],
        clips: Sequence[tuple[int, int]],
        *,
        language: str,
        hotwords: Sequence[str],
        listen: bool = False,
        until: float = 0.0,
    ) -> HeardBatch:
        """Hear clips as one batch; one that loops or is improbable is heard again, alone.

        Batches decode without Whisper's fallback to higher temperatures, so that is made
        up for here, and the better of the two hearings is kept. The second is without
        hotwords: where speech is hard to hear, Whisper may repeat those instead of listening,
        which also shows in too few words for the time. What gave no words at all is heard
        again by itself, and put in where it belongs. `until` is the end of the last word,
        by which faster-whisper tells whether the next one follows a pause.
        """
        from faster_whisper import BatchedInferencePipeline

        if self._sampled:
            del self._model  # before the other one takes as much memory
            self._model = self._fresh()
        prompt = self._hotwords(hotwords)
        self._keeping = True
        pipeline = BatchedInferencePipeline(self._model)
        pipeline.last_speech_timestamp = until
        segments, _ = pipeline.transcribe(
            audio,
            language=language,
            # half a sample more, since seconds are cut back to samples
            clip_timestamps=[
                {"start": (begin + 0.5) / RATE, "end": (end + 0.5) / RATE} for begin, end in clips
            ],
            batch_size=self.batch_size,
            word_timestamps=True,
            hotwords=prompt,
        )
        found: list[HeardSegment] = []
        sure = [0.0] * len(clips)
        for segment in segments:
            until = pipeline.last_speech_timestamp  # it forgets it after the last one
            heard = [segment]
            offset = 0.0
            # A batch's segment is a whole clip: the one that holds its middle.
            middle = (segment.start + segment.end) / 2 * RATE
            clip = next((n for n, c in enumerate(clips) if c[0] <= middle < c[1]), len(clips) - 1)
            begin, end = clips[clip]
            sure[clip] = segment.avg_logprob
            sparse = prompt is not None and count_words([segment]) < SPARSE * (end - begin) / RATE
            if sparse or is_bad(segment):
                again = self._alone(audio[begin:end], language)
                fuller = sparse and count_words(again) > 1.5 * count_words([segment])
                if fuller or is_better(again, segment):
                    heard, offset = again, begin / RATE
            words = [heard_segment(part, offset) for part in heard]
            for hole in holes(words, begin / RATE, end / RATE):
                words = filled(words, hole, self._left_out(audio, hole, language))
            found.extend(words)
        languages, foreign = self._listen(sure, language)
        give_back()
        return HeardBatch(tuple(found), languages if listen else {}, until, foreign)

    def _listen(
        self, sure: Sequence[float], language: str
    ) -> tuple[dict[str, float], tuple[int, ...]]:
        """The languages of the batch's first clip, and the clips in another one.

        Asking about every clip would cost 3 per cent, so only the first one and the least
        probable one are asked about, and the others if one of these is in another language.
        """
        encoded, self._encoded = self._encoded, None
        if encoded is None:
            return {}, ()
        asked = self._ask(encoded, sorted({0, min(range(len(sure)), key=lambda n: sure[n])}))
        first = asked[0]
        if any(is_other(one, language) for one in asked.values()):
            asked |= self._ask(encoded, [n for n in range(len(sure)) if n not in asked])
        return first, tuple(clip for clip in sorted(asked) if is_other(asked[clip], language))

    def _ask(self, encoded: Any, clips: Sequence[int]) -> dict[int, dict[str, float]]:
        """Probabilities of the languages of some of the encoded clips."""
        import ctranslate2
        import numpy as np

        if not clips:
            return {}
        if self.device == "cpu":
            encoded = ctranslate2.StorageView.from_array(np.asarray(encoded)[[*clips]].copy())
            return dict(zip(clips, self._languages(encoded), strict=True))
        everyone = self._languages(encoded)
        return {clip: everyone[clip] for clip in clips}

    def _languages(self, encoded: Any) -> list[dict[str, float]]:
        return _languages(self._model.model.detect_language(encoded))

    def _alone(self, clip: NDArray[np.float32], language: str) -> list[Any]:
        segments, _ = self._model.transcribe(
            clip,
            language=language,
            word_timestamps=True,
            condition_on_previous_text=False,
            # None: a clip in which the detector found speech is never skipped in silence
            no_speech_threshold=None,
        )
        return list(segments)

    def _left_out(
        self, audio: NDArray[np.float32], hole: Hole, language: str
    ) -> list[HeardSegment]:
        """What is said in a part of a clip that gave no words; less likely things are not added."""
        begin, end = (round(seconds * RATE) for seconds in hole)
        return [
            heard_segment(segment, begin / RATE)
            for segment in self._alone(audio[begin:end], language)
            if not is_bad(segment) and segment.no_speech_prob <= NO_SPEECH
        ]

    def _hotwords(self, words: Sequence[str]) -> str | None:
        """As many of the words, in order, as the decoder has room for, a sentence each.

        Whisper takes them for what was said before, and goes on as they are written: after names
        between commas it leaves out points and capitals (measured: half of them).
        """
        text = ""
        for word in dict.fromkeys(word.strip() for word in words):
            longer = f"{text} {word}." if text else f"{word}."
            if len(self._model.hf_tokenizer.encode(longer).ids) > HOTWORD_TOKENS:
                break
            text = longer
        return text or None


def _languages(results: Any) -> list[dict[str, float]]:
    """CTranslate2's [[("<|en|>", 0.9), ...], ...] as dictionaries."""
    return [{token[2:-2]: float(value) for token, value in result} for result in results]


def _require_files(model_dir: Path) -> None:
    # Without a tokenizer.json faster-whisper would ask a hub for one.
    for name in ("model.bin", "config.json", "tokenizer.json"):
        if not (model_dir / name).is_file():
            raise ModelError(
                f"The speech model in {model_dir.name} lacks {name}; "
                "install it with `anonpipe models install`."
            )


def _load(model_dir: Path, device: str, compute_type: str, threads: int) -> Any:
    from faster_whisper import WhisperModel

    try:
        return WhisperModel(
            str(model_dir),
            device=device,
            compute_type=compute_type,
            cpu_threads=threads,
            local_files_only=True,
        )
    except ValueError as error:  # an unknown device or compute type; says which
        raise UsageError(
            f"The speech model {model_dir.name} cannot run as set ({error}); "
            "choose another device or compute type."
        ) from None
    except Exception as error:
        raise ModelError(
            f"The speech model in {model_dir.name} cannot be loaded ({type(error).__name__}); "
            "check it with `anonpipe models verify`."
        ) from None


def _cuda_works(model_dir: Path) -> bool:
    """Whether a forward pass succeeds: the libraries are only looked for when they are used."""
    import numpy as np

    try:
        model = _load(model_dir, "cuda", "float16", 1)
        model.encode(np.zeros((model.feature_extractor.mel_filters.shape[0], 3000), np.float32))
    except (ModelError, UsageError, RuntimeError, ValueError):
        return False
    return True
