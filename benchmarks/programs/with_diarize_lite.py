"""faster-whisper in batches, speakers of its words by speaker-diarize-lite."""

from __future__ import annotations

from collections.abc import Callable

from faster_whisper import decode_audio
from serve import Heard, batched, serve, told, whisper
from speaker_diarize_lite import Diarizer


def load(model_dir: str, threads: int, _rest: list[str]) -> Callable[[str, str, int], Heard]:
    model = whisper(model_dir, threads)

    def transcribe(audio: str, language: str, speakers: int) -> Heard:
        sound = decode_audio(audio)
        words = batched(model, sound, language)
        found = Diarizer(num_speakers=speakers).diarize(sound, sample_rate=16_000)
        segments = [(str(one.speaker), one.start_s, one.end_s) for one in found.segments]
        return told(words, segments), segments

    return transcribe


if __name__ == "__main__":
    serve(load)
