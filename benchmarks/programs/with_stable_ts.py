"""stable-ts with faster-whisper underneath: times adjusted to silence, segments regrouped."""

from __future__ import annotations

from collections.abc import Callable

import stable_whisper
from faster_whisper import decode_audio
from serve import Heard, serve, timed_words, whisper_language


def load(model_dir: str, threads: int, _rest: list[str]) -> Callable[[str, str, int], Heard]:
    model = stable_whisper.load_faster_whisper(
        model_dir, device="cpu", compute_type="int8", cpu_threads=threads, local_files_only=True
    )

    def transcribe(audio: str, language: str, _speakers: int) -> Heard:
        result = model.transcribe(
            decode_audio(audio),
            language=whisper_language(language),
            vad_filter=True,
            verbose=None,
        )
        return timed_words(result.segments), None

    return transcribe


if __name__ == "__main__":
    serve(load)
