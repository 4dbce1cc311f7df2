"""anonpipe, `alone` without speakers or `speakers` with them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from serve import Heard, serve

from anonpipe.transcribe.transcriber import Transcriber


def load(model_dir: str, threads: int, rest: list[str]) -> Callable[[str, str, int], Heard]:
    transcriber = Transcriber(Path(model_dir), device="cpu", threads=threads)

    def transcribe(audio: str, language: str, _speakers: int) -> Heard:
        transcript = transcriber.transcribe(Path(audio), language=language, channels="mix")
        words = [
            (word.text, word.start, word.end, turn.speaker or None)
            for turn in transcript.turns
            for word in turn.words
        ]
        return words, None

    return transcribe


if __name__ == "__main__":
    serve(load)
