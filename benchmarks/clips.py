"""How soon a clip is heard in a long recording, and what it costs in memory.

    python benchmarks/clips.py [--folder FOLDER] [--only mp3 ...]

Recordings are composed of the speech of samples/recordings with a microphone's noise: 45 minutes
in one channel (mp3, m4a, opus), three hours in two (wav, ogg). Each is heard plain, and encrypted
as `anonpipe ingest` leaves it (wav as FLAC), decrypted piece by piece or as a whole before.

Each line is a process of its own, with files that were read lately: time from opening to the first
clip, of six seconds at four fifths of the length, asked for at once; the same asked for after five
seconds; the median and the longest of 20 more clips anywhere, every second one covered; seconds
until all samples are counted in the background; peak of the memory above what it was before
opening (Linux).
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from anonpipe import datakey
from anonpipe.audio.decode import blocks
from anonpipe.plaintext import Plaintext, Recorded

ROOT = Path(__file__).resolve().parent.parent
RECORDINGS = {
    "mp3": ("mp3", "libmp3lame", 44_100, 1, 45),
    "m4a": ("ipod", "aac", 44_100, 1, 45),
    "opus": ("ogg", "libopus", 48_000, 1, 45),
    "wav": ("wav", "pcm_s16le", 48_000, 2, 180),
    "flac": ("flac", "flac", 48_000, 2, 180),
    "ogg": ("ogg", "libopus", 48_000, 2, 180),
}
"""By name: FFmpeg's container and codec, Hertz, channels, minutes."""
CLIP = 6.0
MORE = 20
WAIT = 5.0


def speech(rate: int, channels: int, minutes: int) -> Iterator[NDArray[np.int16]]:
    """Speech over and over with noise at -60 dBFS, in blocks of shape (channels, n)."""
    files = sorted((ROOT / "samples" / "recordings").glob("*.ogg"))
    rng = np.random.default_rng(1)
    hiss = rng.normal(0, 33, (channels, rate * 11)).astype(np.int16)
    resample = av.AudioResampler(format="s16p", layout="mono", rate=rate)
    left = rate * 60 * minutes
    for file in cycle(files):
        for block in blocks(file, channels=1):
            frame = av.AudioFrame.from_ndarray(block, format="s16p", layout="mono")
            frame.sample_rate = 16_000
            for out in resample.resample(frame):
                sound = np.repeat(out.to_ndarray(), channels, axis=0)[:, :left]
                shift = int(rng.integers(0, hiss.shape[1] - 1))
                sound = np.clip(
                    sound.astype(np.int32) + np.roll(hiss, shift, 1)[:, : sound.shape[1]],
                    -32_768,
                    32_767,
                ).astype(np.int16)
                yield sound
                left -= sound.shape[1]
                if left <= 0:
                    return


def write(path: Path, name: str) -> None:
    """One of `RECORDINGS`."""
    form, codec, rate, channels, minutes = RECORDINGS[name]
    layout = {1: "mono", 2: "stereo"}[channels]
    with av.open(str(path), "w", format=form) as container:
        stream = container.add_stream(codec, rate=rate)
        stream.codec_context.layout = layout
        if codec.startswith("lib") or codec == "aac":
            stream.codec_context.bit_rate = 64_000
        for block in speech(rate, channels, minutes):
            for begin in range(0, block.shape[1], rate):
                piece = np.ascontiguousarray(block[:, begin : begin + rate])
                frame = av.AudioFrame.from_ndarray(piece, format="s16p", layout=layout)
                frame.sample_rate = rate
                container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def peak() -> float:
    """The most memory that this process had so far, in MB."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) * 1024 / 1e6


def measure(path: Path, key: str, way: str, minutes: int) -> dict[str, float]:
    """The numbers of a line; `way` is plain, pieces or whole."""
    from anonpipe.review.sound import Recording, clip

    # libraries are loaded and the pages of the file are warm before anything is measured
    samples = ROOT / "samples" / "recordings" / "P03_memo.ogg"
    clip(samples, 1, 2, covered=[(1.2, 1.5)])
    with path.open("rb") as file:
        while file.read(1 << 24):
            pass
    Path("/proc/self/clear_refs").write_text("5")  # the peak is what memory is now
    before = peak()

    def content() -> Recorded:
        if way == "plain":
            return path
        if way == "pieces":
            return datakey.sealed("R01", path, key)
        return Plaintext("R01", datakey.decrypt(path, key))

    seconds, rng = minutes * 60, random.Random(1)
    began = time.perf_counter()
    with Recording(content()) as recording:
        recording.clip(seconds * 0.8, seconds * 0.8 + CLIP)
        first = time.perf_counter() - began
        times = []
        for number in range(MORE):
            at = rng.uniform(0, seconds - CLIP)
            start = time.perf_counter()
            recording.clip(at, at + CLIP, covered=[(at + 2, at + 2.5)] if number % 2 else ())
            times.append(time.perf_counter() - start)
        recording._counting.join()
        counted = time.perf_counter() - began
    memory = peak() - before
    with Recording(content()) as recording:
        time.sleep(WAIT)
        start = time.perf_counter()
        recording.clip(seconds * 0.8, seconds * 0.8 + CLIP)
        later = time.perf_counter() - start
    return {
        "first": first,
        "later": later,
        "median": statistics.median(times),
        "longest": max(times),
        "counted": counted,
        "memory": memory,
    }


def table(folder: Path, names: list[str]) -> None:
    print(
        "| recording | MB | | first clip (s) | after 5 s | next (ms) | longest | counted (s) | MB |"
    )
    print("|---|---|---|---|---|---|---|---|---|")
    for name in names:
        *_, minutes = RECORDINGS[name]
        plain, sealed, key = folder / f"a.{name}", folder / f"{name}.age", datakey.new()
        write(plain, name)
        ways = ["plain"]
        if name != "wav":  # as FLAC
            sealed.write_bytes(datakey.encrypt(plain.read_bytes(), key))
            ways += ["pieces", "whole"]
        for way in ways:
            path = plain if way == "plain" else sealed
            done = subprocess.run(
                [sys.executable, __file__, "--one", str(path), way, str(minutes)],
                input=key,
                capture_output=True,
                text=True,
                check=True,
            )
            got = json.loads(done.stdout)
            said = {"plain": "plain", "pieces": "encrypted", "whole": "decrypted as a whole"}[way]
            print(
                f"| {name}, {minutes} min | {path.stat().st_size / 1e6:.0f} | {said} "
                f"| {got['first']:.2f} | {got['later']:.2f} | {got['median'] * 1000:.0f} "
                f"| {got['longest'] * 1000:.0f} | {got['counted']:.1f} | {got['memory']:.0f} |",
                flush=True,
            )
        plain.unlink()
        sealed.unlink(missing_ok=True)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--folder", type=Path, help="with room for 3 GB; a temporary one otherwise")
    parser.add_argument("--only", nargs="+", choices=RECORDINGS, default=list(RECORDINGS))
    parser.add_argument("--one", nargs=3, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.one:
        path, way, minutes = arguments.one
        print(json.dumps(measure(Path(path), sys.stdin.read(), way, int(minutes))))
    elif arguments.folder:
        table(arguments.folder, arguments.only)
    else:
        with tempfile.TemporaryDirectory() as folder:
            table(Path(folder), arguments.only)


if __name__ == "__main__":
    main()
