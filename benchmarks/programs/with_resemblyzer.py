"""What a student would script: faster-whisper in batches, Resemblyzer and spectral clustering.

Windows of 1.6 s, four a second, are embedded as in Resemblyzer's own demo of diarization and
clustered with spectralcluster as its documentation shows for a known number of speakers; Silero,
which comes with faster-whisper, says where there is speech.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from faster_whisper import decode_audio
from faster_whisper.vad import get_speech_timestamps
from resemblyzer import VoiceEncoder, normalize_volume
from serve import Heard, batched, merged, serve, told, whisper
from spectralcluster import SpectralClusterer

RATE = 16_000


def load(model_dir: str, threads: int, _rest: list[str]) -> Callable[[str, str, int], Heard]:
    torch.set_num_threads(threads)
    model = whisper(model_dir, threads)
    encoder = VoiceEncoder("cpu", verbose=False)

    def transcribe(audio: str, language: str, speakers: int) -> Heard:
        sound = decode_audio(audio)
        words = batched(model, sound, language)
        level = normalize_volume(sound, -30, increase_only=True)
        _, embeddings, slices = encoder.embed_utterance(level, return_partials=True, rate=4)
        clusterer = SpectralClusterer(min_clusters=speakers, max_clusters=speakers)
        labels = clusterer.predict(embeddings)
        middles = [(one.start + one.stop) / 2 for one in slices]
        pieces = []
        for chunk in get_speech_timestamps(sound):
            for begin in range(chunk["start"], chunk["end"], RATE // 10):
                end = min(begin + RATE // 10, chunk["end"])
                near = min(range(len(middles)), key=lambda i: abs(middles[i] - (begin + end) / 2))
                pieces.append((str(labels[near]), begin / RATE, end / RATE))
        segments = merged(iter(pieces))
        return told(words, segments), segments

    return transcribe


if __name__ == "__main__":
    serve(load)
