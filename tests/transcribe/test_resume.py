"""A transcription that is carried on from any of its pieces is the one that was not stopped."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from anonpipe.speakers.backend import Voice
from anonpipe.transcribe.pieces import Batch, Piece, Stretch, gathered, piece_from_json
from anonpipe.transcribe.transcriber import Transcriber
from anonpipe.transcribe.windows import windows
from anonpipe.transcript import Transcript
from tests.audio.sound import sine, write
from tests.transcribe.fake import FakeBackend

RATE = 16_000


class Listener:
    """A diarizer that remembers where each window began and how loud it was."""

    name = "listener"

    def __init__(self) -> None:
        self.calls: list[float] = []

    def listen(
        self, audio: NDArray[np.float32], begin: float, speech: Sequence[tuple[float, float]]
    ) -> bytes:
        self.calls.append(begin)
        assert all(begin <= a < b <= begin + audio.size / RATE + 0.04 for a, b in speech)
        return f"{begin:.3f} {np.abs(audio).sum():.3f} {len(speech)}".encode()

    def tell(self, windows: Sequence[bytes], speakers: int | None) -> tuple[Voice, ...]:
        return ()


def speech(seconds: int, seed: int = 3) -> NDArray[np.int16]:
    """Tones of 1 to 9 s with pauses of 0.2 to 3 s, some of them too loud."""
    rng = np.random.default_rng(seed)
    parts: list[NDArray[np.int16]] = []
    while sum(part.size for part in parts) < seconds * RATE:
        loud = 0.9 if rng.random() < 0.1 else 0.4
        tone = sine(int(rng.integers(20, 60)) * 10, float(rng.uniform(1, 9)), level=loud)
        clipped = (tone.astype(int) * (3 if loud > 0.5 else 1)).clip(-32_768, 32_767)
        parts += [clipped.astype(np.int16), np.zeros(int(rng.uniform(0.2, 3) * RATE), np.int16)]
    return np.concatenate(parts)[: seconds * RATE]


def kept(path: Path, backend: FakeBackend, **options: object) -> tuple[Transcript, list[Piece]]:
    pieces: list[Piece] = []
    settings = {"language": "en", "window_seconds": 150, "keep": pieces.append, **options}
    found = Transcriber(backend=backend).transcribe(path, **settings)  # type: ignore[arg-type]
    return found, pieces


def through_json(pieces: Sequence[Piece]) -> list[Piece]:
    return [piece_from_json(json.loads(json.dumps(piece.to_json()))) for piece in pieces]


@pytest.mark.parametrize("language", ["en", None])
@pytest.mark.parametrize("microphones", [1, 2])
def test_carried_on_from_any_piece_it_is_the_same(
    tmp_path: Path, language: str | None, microphones: int
) -> None:
    sound = speech(260)
    if microphones == 2:
        sound = np.stack([sound, np.roll(speech(260, 5), RATE)])
        sound[0, 60 * RATE : 90 * RATE] = 0
        sound[1, 120 * RATE : 180 * RATE] = 0
    path = write(tmp_path / "a.flac", sound)
    heard = {"en": 0.9, "no": 0.1}
    options = {"language": language, "channels": "auto" if microphones == 1 else "split"}

    def backend() -> FakeBackend:
        return FakeBackend(languages=heard, batch_size=2)

    whole, listener = backend(), Listener()
    found, pieces = kept(path, whole, diarizer=listener, **options)
    assert len(found.flags) > 2 and found.language == "en"
    assert len({piece.window for piece in pieces}) >= 2
    assert through_json(pieces) == pieces
    assert bool(listener.calls) is (microphones == 1)
    for count in range(len(pieces) + 1):
        rest, again = backend(), Listener()
        after, more = kept(path, rest, diarizer=again, done=through_json(pieces[:count]), **options)
        assert after == found
        assert pieces[:count] + more == pieces
        batches = sum(isinstance(piece, Batch) for piece in more)
        assert len(rest.calls) == batches
        assert rest.calls == whole.calls[len(whole.calls) - batches :]
        assert again.calls == listener.calls[len(listener.calls) - len(again.calls) :]


def test_speech_is_not_looked_for_again_in_what_is_done(tmp_path: Path) -> None:
    path = write(tmp_path / "a.wav", speech(500))

    class Counting(FakeBackend):
        seconds = 0.0

        def speech(self, audio: NDArray[np.float32]) -> NDArray[np.float32]:
            self.seconds += audio.size / RATE
            return super().speech(audio)

    whole, rest = Counting(), Counting()
    found, pieces = kept(path, whole)
    done = pieces[: 1 + max(i for i, p in enumerate(pieces) if p.window == 1)]
    assert isinstance(done[-1], Stretch)
    assert kept(path, rest, done=done)[0] == found
    assert rest.seconds < whole.seconds - done[-1].end / RATE + 62


def test_pieces_hold_all_that_the_transcript_is_made_of(tmp_path: Path) -> None:
    path = write(tmp_path / "a.wav", speech(200))
    found, pieces = kept(path, FakeBackend(looped=True, doubted=True), diarizer=Listener())
    heard = gathered(pieces, 1)
    assert sum(len(turn.words) for turn in found.turns) == len(heard.words[0])
    assert heard.seconds == found.duration == 200
    assert len(heard.voices) == len({piece.window for piece in pieces})
    assert heard.looped and heard.doubted and heard.clipped and heard.speech[0]


def test_windows_are_cut_where_they_were(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    sound = (rng.standard_normal((1, 700 * RATE // 10)) * 3000).astype(np.int16)
    blocks = [sound[:, at : at + 77_777] for at in range(0, sound.shape[1], 77_777)]

    def detect(audio: NDArray[np.float32]) -> NDArray[np.float32]:
        # depends on where it starts, as a detector that warms up does
        return np.cumsum(np.abs(audio).reshape(-1, 512).mean(axis=1)).astype(np.float32) % 1

    whole = list(windows(blocks, detect, seconds=20, search=8))
    ends = [window.start + window.samples.shape[1] for window in whole]
    assert len(whole) >= 4
    for count in range(len(whole)):
        again = list(windows(blocks, detect, seconds=20, search=8, ends=ends[:count]))
        assert [w.start for w in again] == [w.start for w in whole]
        for one, other in list(zip(whole, again, strict=True))[count:]:
            assert (one.samples == other.samples).all()
            assert (one.speech == other.speech).all()


def test_progress_begins_with_what_was_done_before(tmp_path: Path) -> None:
    path = write(tmp_path / "a.wav", speech(260))
    _, pieces = kept(path, FakeBackend())
    done = [piece for piece in pieces if piece.window < 2]
    seen: list[tuple[float, float]] = []
    kept(path, FakeBackend(), done=done, progress=lambda *at: seen.append(at))
    assert isinstance(done[-1], Stretch)
    assert seen[0] == (done[-1].end / RATE, 260.0)
