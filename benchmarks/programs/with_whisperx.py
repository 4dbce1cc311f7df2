"""WhisperX as far as it goes without a model hub: its voice activity detection and batches.

The pyannote model that detects voices comes with the package. Word times need an alignment model
and speakers a gated pyannote pipeline, both from the hub.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
import whisperx
from faster_whisper import decode_audio
from serve import Heard, Word, serve, whisper_language


def load(model_dir: str, threads: int, _rest: list[str]) -> Callable[[str, str, int], Heard]:
    torch.set_num_threads(threads)
    model = whisperx.load_model(
        model_dir, "cpu", compute_type="int8", threads=threads, local_files_only=True
    )

    def transcribe(audio: str, language: str, _speakers: int) -> Heard:
        sound = decode_audio(audio)
        result = model.transcribe(sound, batch_size=8, language=whisper_language(language))
        words: list[Word] = [
            (word, None, None, None) for one in result["segments"] for word in one["text"].split()
        ]
        return words, None

    return transcribe


if __name__ == "__main__":
    serve(load)
