"""anonpipe: with `speakers` it tells them apart, else it transcribes alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from serve import Heard, serve

from anonpipe.transcribe.transcriber import Transcriber


def load(model_dir: str, threads: int, rest: list[str]) -> Callable[[str, str, int], Heard]:
    transcriber = Transcriber(Path(model_dir), device="cpu", threads=threads)
    diarizer = Overheard() if rest == ["speakers"] else None

    def transcribe(audio: str, language: str, speakers: int) -> Heard:
        told: dict[str, Any] = {}
        if diarizer is not None:
            told = {"diarizer": diarizer, "number_of_speakers": speakers}
        transcript = transcriber.transcribe(Path(audio), language=language, channels="mix", **told)
        words = [
            (word.text, word.start, word.end, turn.speaker or None)
            for turn in transcript.turns
            for word in turn.words
        ]
        if diarizer is None:
            return words, None
        return words, [(str(one.speaker), one.start, one.end) for one in diarizer.voices]

    return transcribe


class Overheard:
    """anonpipe's own diarizer, and what it told last."""

    def __init__(self) -> None:
        from anonpipe.speakers.voices import VoiceDiarizer

        self._diarizer = VoiceDiarizer()
        self.name = self._diarizer.name
        self.voices: Sequence[Any] = ()

    def listen(self, audio: Any, begin: float, speech: Any) -> bytes:
        return self._diarizer.listen(audio, begin, speech)

    def tell(self, windows: Sequence[bytes], speakers: int | None) -> Any:
        self.voices = self._diarizer.tell(windows, speakers)
        return self.voices


if __name__ == "__main__":
    serve(load)
