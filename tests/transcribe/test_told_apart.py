"""A diarizer listens to every window of one microphone, and tells whose the words are."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from anonpipe import models
from anonpipe.speakers import roles
from anonpipe.speakers.backend import Voice
from anonpipe.speakers.choice import make_diarizer
from anonpipe.transcribe.pieces import Piece
from anonpipe.transcribe.transcriber import Transcriber
from anonpipe.transcript import Transcript, Word
from tests.audio.sound import sine, write
from tests.conftest import Call
from tests.transcribe.fake import FakeBackend

RATE = 16_000
SAMPLES = Path(__file__).parents[2] / "samples" / "recordings"


class Pitch:
    """Tells tones below 450 Hz from others, and remembers only that."""

    name = "pitch"

    def __init__(self) -> None:
        self.begins: list[float] = []
        self.wanted: list[int | None] = []

    def listen(
        self,
        audio: np.ndarray,
        begin: float,
        speech: Sequence[tuple[float, float]],
    ) -> bytes:
        assert audio.dtype == np.float32 and audio.ndim == 1 and np.abs(audio).max() <= 1
        self.begins.append(begin)
        found = []
        for first, last in speech:
            assert begin <= first < last <= begin + audio.size / RATE + 0.05
            for at in np.arange(first, last - 0.2, 0.5):
                part = audio[int((at - begin) * RATE) :][: RATE // 4]
                hertz = np.abs(np.fft.rfft(part)).argmax() * RATE / part.size
                found.append((float(at), float(min(at + 0.5, last)), int(hertz > 450)))
        return json.dumps(found).encode()

    def tell(self, windows: Sequence[bytes], speakers: int | None) -> tuple[Voice, ...]:
        self.wanted.append(speakers)
        return tuple(Voice(*voice) for window in windows for voice in json.loads(window))


def silence(seconds: float) -> np.ndarray:
    return np.zeros(int(seconds * RATE), np.int16)


def talk(turns: int) -> np.ndarray:
    parts = [silence(1)]
    for index in range(turns):
        parts += [sine(300 if index % 2 == 0 else 600, 4), silence(1)]
    return np.concatenate(parts)


def test_one_microphone_is_told_apart_over_all_windows(tmp_path: Path) -> None:
    diarizer, backend = Pitch(), FakeBackend()
    kept: list[Piece] = []
    options = {"language": "nb", "diarizer": diarizer, "number_of_speakers": 2}
    path = write(tmp_path / "a.wav", talk(14))
    found = Transcriber(backend=backend).transcribe(
        path, **options, keep=kept.append, window_seconds=31
    )
    assert len(diarizer.begins) >= 2 and diarizer.begins == sorted(diarizer.begins)
    assert diarizer.wanted == [2]
    assert [turn.speaker for turn in found.turns] == ["Taler 1", "Taler 2"] * 7
    for turn in found.turns:
        assert {word.text for word in turn.words} == {
            {"Taler 1": "w300", "Taler 2": "w600"}[turn.speaker]
        }
    again = Transcriber(backend=FakeBackend()).transcribe(
        path, **options, done=kept[:3], window_seconds=31
    )
    assert again == found  # stopped and carried on


def test_two_microphones_need_no_diarizer(tmp_path: Path) -> None:
    left, right = silence(20), silence(20)
    left[RATE : 4 * RATE] = sine(300, 3)
    right[3 * RATE : 9 * RATE] = sine(600, 6)
    diarizer = Pitch()
    path = write(tmp_path / "a.flac", np.stack([left, right]))
    found = Transcriber(backend=FakeBackend()).transcribe(
        path, language="en", channels="split", diarizer=diarizer
    )
    assert diarizer.begins == diarizer.wanted == []
    assert [turn.speaker for turn in found.turns] == ["Speaker 1", "Speaker 2"]
    overlaps = [flag for flag in found.flags if flag.kind == "overlap"]
    assert {flag.turn for flag in overlaps} == {0, 1}
    assert all(2.5 < (flag.start or 0) < (flag.end or 0) < 4.5 for flag in overlaps)


def test_silence_has_no_speakers(tmp_path: Path) -> None:
    path = write(tmp_path / "a.wav", silence(3))
    found = Transcriber(backend=FakeBackend()).transcribe(path, language="en", diarizer=Pitch())
    assert found.turns == ()


# -- with the models


def words(transcript: Transcript) -> list[tuple[Word, str]]:
    return [(word, turn.speaker) for turn in transcript.turns for word in turn.words]


@pytest.fixture(scope="module")
def transcriber() -> Transcriber:
    models.install("whisper-base")
    return Transcriber(models.resolve("whisper-base"))


@pytest.mark.long
def test_the_sample_interview_on_one_microphone_has_the_speakers_of_two(
    transcriber: Transcriber,
) -> None:
    """At least 95 % of words with the right speaker, the interviewer being guessed."""
    path = SAMPLES / "P01_interview.ogg"
    apart = transcriber.transcribe(
        path, language="en", channels="split", speakers=("Interviewer", "P01")
    )
    mixed = transcriber.transcribe(
        path,
        language="en",
        channels="mix",
        diarizer=make_diarizer("voices"),
        number_of_speakers=2,
    )
    told = roles.named(mixed, labels=(), how="guess", participants=("P01",))
    known = words(apart)
    right = 0
    for word, speaker in words(told):
        near = min(known, key=lambda each: abs(each[0].start + each[0].end - word.start - word.end))
        right += near[1] == speaker
    assert right >= 0.95 * len(words(told))
    assert len(words(told)) > 0.9 * len(known)
    assert not any(roles.is_of_labels(flag) for flag in told.flags)


@pytest.mark.long
@pytest.mark.parametrize(("given", "labels"), [("2", {"Speaker 1", "Speaker 2"}), ("off", {""})])
def test_the_command(call: Call, given: str, labels: set[str]) -> None:
    models.install("whisper-base")
    path = SAMPLES / "P01_interview.ogg"
    options = ("--language", "en", "--channels", "mix", "--json")
    code, shown, _ = call("transcribe", path, *options, "--speakers", given)
    assert code == 0
    assert {turn["speaker"] for turn in json.loads(shown)["turns"]} == labels


def test_the_number_of_speakers_must_be_one(call: Call) -> None:
    for wrong in ("0", "21", "two", "-1"):
        code, _, complaint = call("transcribe", "x.wav", "--speakers", wrong)
        assert code == 2 and "Write --speakers as a number from 1 to 20, auto or off." in complaint
