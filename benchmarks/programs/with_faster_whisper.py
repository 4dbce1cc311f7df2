"""faster-whisper alone, `sequential` or `batched`."""

from __future__ import annotations

from collections.abc import Callable

from serve import Heard, batched, serve, timed_words, whisper, whisper_language


def load(model_dir: str, threads: int, rest: list[str]) -> Callable[[str, str, int], Heard]:
    model = whisper(model_dir, threads)

    def transcribe(audio: str, language: str, _speakers: int) -> Heard:
        if rest == ["batched"]:
            return batched(model, audio, language), None
        segments, _ = model.transcribe(
            audio,
            language=whisper_language(language),
            vad_filter=True,
            word_timestamps=True,
            condition_on_previous_text=False,
        )
        return timed_words(segments), None

    return transcribe


if __name__ == "__main__":
    serve(load)
