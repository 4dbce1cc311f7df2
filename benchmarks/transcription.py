"""Word error rate and speed of transcription, and what anonpipe adds to faster-whisper.

    python benchmarks/transcription.py MODEL_DIR LANGUAGE:AUDIO:TEXT ... [--runs 5] [--vary]

TEXT is a file with what is said in AUDIO. For each recording it prints the word error rate
(lower case, without punctuation) and time as a share of the audio's, of faster-whisper alone
(sequential and batched, voice activity detection and word times on, 8-bit on the CPU) and of
anonpipe; then anonpipe's time over that of faster-whisper alone in batches. Runs of the three
alternate, and the ratio is the median of the pairs, so that other load on the machine touches
all alike; processor time feels other load least. `--vary` transcribes eight variants of each
recording (faster, slower, softer, noisier, shifted), since one recording's error rate moves by
several points with its first second of silence; the variants are written to a temporary folder,
so give it public recordings.
"""

from __future__ import annotations

import argparse
import re
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import av
import numpy as np
from faster_whisper import BatchedInferencePipeline, WhisperModel

from anonpipe.audio.decode import blocks
from anonpipe.transcribe.transcriber import Transcriber

RATE = 16_000


def words(text: str) -> list[str]:
    return re.sub(r"[^\w\s]", " ", text.lower()).split()


def word_error_rate(reference: str, heard: str) -> float:
    """Levenshtein distance in words over the reference's length."""
    wanted, got = words(reference), words(heard)
    row = list(range(len(got) + 1))
    for i, word in enumerate(wanted, 1):
        diagonal, row[0] = row[0], i
        for j, other in enumerate(got, 1):
            diagonal, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, diagonal + (word != other))
    return row[-1] / len(wanted)


def variants(path: Path, folder: Path) -> Iterator[Path]:
    """The recording as 16 kHz flac in eight variants that change no word of it."""
    sound = np.concatenate(list(blocks(path, channels=1)), axis=1)[0].astype(np.float32)
    noise = np.random.default_rng(0)

    def speed(factor: float) -> Any:
        at = np.arange(int(sound.size / factor)) * factor
        return np.interp(at, np.arange(sound.size), sound)

    def later(seconds: float, samples: Any) -> Any:
        return np.concatenate([np.zeros(int(seconds * RATE)), samples])

    slow = speed(0.98)
    made = [
        sound,
        later(3.3, sound),
        later(1.0, speed(1.05)),
        speed(0.95),
        sound + noise.normal(0, 100, sound.size),
        sound * 0.3,
        later(0.2, speed(1.02) * 0.5),
        slow + noise.normal(0, 70, slow.size),
    ]
    for number, samples in enumerate(made):
        target = folder / f"{number}.flac"
        with av.open(str(target), "w") as container:
            stream: Any = container.add_stream("flac", rate=RATE)
            stream.codec_context.layout, stream.codec_context.format = "mono", "s16"
            whole = np.clip(samples, -32_768, 32_767).astype(np.int16)[None]
            frame = av.AudioFrame.from_ndarray(whole, format="s16", layout="mono")
            frame.sample_rate = RATE
            container.mux(stream.encode(frame))
            container.mux(stream.encode(None))
        yield target


def pairwise_ratio(measured: dict[str, list[float]]) -> float:
    """Median of anonpipe's figure over that of the batched run beside it."""
    pairs = zip(measured["anonpipe"], measured["batched"], strict=True)
    return statistics.median(own / bare for own, bare in pairs)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model", type=Path)
    parser.add_argument("recordings", nargs="+", metavar="LANGUAGE:AUDIO:TEXT")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--vary", action="store_true")
    arguments = parser.parse_args()

    transcriber = Transcriber(arguments.model, device="cpu", threads=arguments.threads)
    model = WhisperModel(
        str(arguments.model),
        device="cpu",
        compute_type="int8",
        cpu_threads=arguments.threads,
        local_files_only=True,
    )
    batched = BatchedInferencePipeline(model)

    def alone(run: Callable[..., Any], **settings: Any) -> Callable[[Path, str], str]:
        def transcribe(path: Path, language: str) -> str:
            segments, _ = run(
                str(path),
                language={"nb": "no"}.get(language, language),
                vad_filter=True,
                word_timestamps=True,
                condition_on_previous_text=False,
                **settings,
            )
            return " ".join(segment.text for segment in segments)

        return transcribe

    ways: dict[str, Callable[[Path, str], str]] = {
        "sequential": alone(model.transcribe),
        "batched": alone(batched.transcribe, batch_size=8),
        "anonpipe": lambda path, language: (
            transcriber.transcribe(path, language=language, channels="mix").text
        ),
    }
    print("| recording | seconds | way | WER | time / audio | processor time / audio |")
    print("|---|---|---|---|---|---|")
    ratios = []
    for item in arguments.recordings:
        language, audio, text = item.split(":")
        reference = Path(text).read_text(encoding="utf-8")
        with TemporaryDirectory() as folder:
            paths = [Path(audio)]
            if arguments.vary:
                paths = list(variants(Path(audio), Path(folder)))
            rates: dict[str, list[float]] = {way: [] for way in ways}
            shares: dict[str, list[float]] = {way: [] for way in ways}
            processor: dict[str, list[float]] = {way: [] for way in ways}
            for path in paths:
                for way, transcribe in ways.items():  # warm up, and the error rate
                    heard = transcribe(path, language)
                    rates[way].append(word_error_rate(reference, heard))
                seconds = sum(block.shape[1] for block in blocks(path, channels=1)) / RATE
                for run in range(arguments.runs):
                    order = list(ways.items())
                    for way, transcribe in order[:: -1 if run % 2 else 1]:
                        begun, used = time.perf_counter(), time.process_time()
                        transcribe(path, language)
                        shares[way].append((time.perf_counter() - begun) / seconds)
                        processor[way].append((time.process_time() - used) / seconds)
        for way in ways:
            print(
                f"| {Path(audio).name} ({language}) | {seconds:.0f} | {way} "
                f"| {statistics.mean(rates[way]):.3f} | {statistics.median(shares[way]):.3f} "
                f"| {statistics.median(processor[way]):.3f} |"
            )
        ratios.append(
            f"{Path(audio).name} ({language}): {pairwise_ratio(shares):.3f} of the time, "
            f"{pairwise_ratio(processor):.3f} of the processor time"
        )
        sys.stdout.flush()
    print("\nanonpipe over faster-whisper alone in batches: " + "; ".join(ratios))
    return 0


if __name__ == "__main__":
    sys.exit(main())
