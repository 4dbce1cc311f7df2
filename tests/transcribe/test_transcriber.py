"""A recording through the transcriber: with a recogniser of tones, and with the real one."""

from __future__ import annotations

import json
import os
import socket
from pathlib import Path

import numpy as np
import pytest

from anonpipe import models
from anonpipe.errors import ModelError, RecordingError, UsageError
from anonpipe.transcribe.transcriber import Transcriber
from anonpipe.transcribe.whisper import WhisperBackend
from anonpipe.transcript import Transcript
from tests.audio.sound import encode, noise, sine, write
from tests.transcribe.fake import FakeBackend

RATE = 16_000
ROOT = Path(__file__).parents[2]


def silence(seconds: float) -> np.ndarray:
    return np.zeros(int(seconds * RATE), np.int16)


def transcribe(path: Path, backend: FakeBackend, **settings: object) -> Transcript:
    settings.setdefault("language", "en")
    return Transcriber(backend=backend).transcribe(path, **settings)  # type: ignore[arg-type]


def kinds(transcript: Transcript) -> list[str]:
    return [flag.kind for flag in transcript.flags]


def test_words_have_their_times_in_the_recording(tmp_path: Path) -> None:
    parts = [silence(3), sine(300, 2), silence(5), sine(500, 2), silence(2)]
    found = transcribe(write(tmp_path / "a.wav", np.concatenate(parts)), FakeBackend())
    assert found.duration == 14
    assert (found.model, found.language) == ("fake", "en")
    for word in (word for turn in found.turns for word in turn.words):
        low, high = {"w300": (3.0, 5.0), "w500": (10.0, 12.0)}[word.text]
        assert low - 0.01 <= word.start <= word.end <= high + 0.01
    assert [turn.start for turn in found.turns] == [
        pytest.approx(3, abs=0.02),
        pytest.approx(10, abs=0.02),
    ]
    for turn in found.turns:
        for word in turn.words:
            assert turn.text[word.offset : word.offset + len(word.text)] == word.text


def test_windows_shift_times_and_keep_every_word(tmp_path: Path) -> None:
    parts = []
    for index in range(20):
        parts += [sine(200 + 50 * index, 4), silence(2)]
    path = write(tmp_path / "a.wav", np.concatenate(parts))
    backend = FakeBackend()
    small = transcribe(path, backend, window_seconds=31)
    assert len(backend.calls) >= 4
    for index in range(20):
        name = f"w{200 + 50 * index}"
        times = [w.start for t in small.turns for w in t.words if w.text == name]
        assert len(times) >= 6
        assert 6 * index - 0.01 <= min(times) and max(times) <= 6 * index + 4
    starts = [word.start for turn in small.turns for word in turn.words]
    assert starts == sorted(starts)


def test_two_microphones_become_two_speakers(tmp_path: Path) -> None:
    left, right = silence(20), silence(20)
    left[RATE : 4 * RATE] = sine(300, 3)
    right[6 * RATE : 9 * RATE] = sine(500, 3)
    left[12 * RATE : 14 * RATE] = sine(350, 2)
    path = write(tmp_path / "a.flac", np.stack([left, right]))
    found = transcribe(path, FakeBackend(), speakers=("Interviewer", "P01"))
    assert [turn.speaker for turn in found.turns] == ["Interviewer", "P01", "Interviewer"]
    assert {word.text for word in found.turns[1].words} == {"w500"}
    named = transcribe(path, FakeBackend(), language="nb")
    assert [turn.speaker for turn in named.turns] == ["Taler 1", "Taler 2", "Taler 1"]
    mixed = transcribe(path, FakeBackend(), channels="mix", speakers=("A", "B"))
    assert {turn.speaker for turn in mixed.turns} == {""}


def test_one_label_is_for_every_turn(tmp_path: Path) -> None:
    path = write(tmp_path / "a.wav", np.concatenate([sine(300, 2), silence(5), sine(400, 2)]))
    found = transcribe(path, FakeBackend(), speakers=("P01",))
    assert [turn.speaker for turn in found.turns] == ["P01", "P01"]


def test_ordinary_stereo_is_heard_once(tmp_path: Path) -> None:
    one = np.concatenate([sine(300, 2), silence(1), sine(400, 2)])
    mono = transcribe(write(tmp_path / "m.wav", one), FakeBackend())
    stereo = transcribe(write(tmp_path / "s.wav", np.stack([one, one])), FakeBackend())
    assert stereo.text == mono.text


def test_splitting_needs_two_channels(tmp_path: Path) -> None:
    path = write(tmp_path / "a.wav", sine(300, 1))
    with pytest.raises(UsageError, match=r"a\.wav has 1 channel, not two microphones"):
        transcribe(path, FakeBackend(), channels="split")


def test_language_and_hotwords_reach_the_recogniser(tmp_path: Path) -> None:
    backend = FakeBackend()
    path = write(tmp_path / "a.wav", sine(300, 2))
    found = transcribe(path, backend, language="nb", hotwords=["Kari Nordmann"])
    assert backend.calls == [("no", ("Kari Nordmann",), 1)]
    assert found.language == "nb"
    with pytest.raises(UsageError, match="does not know"):
        transcribe(path, backend, language="xx")


@pytest.mark.parametrize(
    ("forced", "heard", "language", "flagged"),
    [
        ("nb", {"no": 0.6, "da": 0.4}, "nb", False),
        ("nb", {"da": 0.9, "no": 0.1}, "nb", False),  # they sound alike to Whisper
        ("nb", {"en": 0.9, "no": 0.1}, "nb", True),
        ("en", {"cy": 0.4, "en": 0.3}, "en", False),
        (None, {"en": 0.95}, "en", False),
        (None, {"en": 0.6, "de": 0.4}, "en", True),
        (None, {"no": 0.95}, "nb", True),
        (None, {"de": 0.99}, "de", False),
    ],
)
def test_language_is_flagged_when_it_differs_or_is_uncertain(
    tmp_path: Path, forced: str | None, heard: dict[str, float], language: str, flagged: bool
) -> None:
    path = write(tmp_path / "a.wav", sine(300, 2))
    found = transcribe(path, FakeBackend(languages=heard), language=forced)
    assert found.language == language
    assert ("language" in kinds(found)) is flagged
    code = {"nb": "no"}.get(language, language)
    assert found.language_probability == pytest.approx(heard.get(code, 0.0))


def test_silence_is_a_transcript_without_words(tmp_path: Path) -> None:
    found = transcribe(write(tmp_path / "a.wav", silence(5)), FakeBackend(), language=None)
    assert found.turns == () and found.duration == 5 and found.language == "und"


def test_flags(tmp_path: Path) -> None:
    path = write(tmp_path / "a.wav", np.concatenate([sine(300, 3), silence(3), sine(500, 4)]))
    assert "speech-without-text" in kinds(transcribe(path, FakeBackend(deaf=(500,))))
    assert "speech-without-text" not in kinds(transcribe(path, FakeBackend()))
    assert "low-confidence" in kinds(transcribe(path, FakeBackend(probability=0.2)))
    assert "repetition" in kinds(transcribe(path, FakeBackend()))  # w300 w300 w300 ...
    varied = np.concatenate([sine(200 + 50 * n, 0.5) for n in range(8)])
    clean = write(tmp_path / "b.wav", varied)
    assert kinds(transcribe(clean, FakeBackend())) == []
    assert kinds(transcribe(clean, FakeBackend(looped=True))) == ["repetition"]
    assert kinds(transcribe(clean, FakeBackend(doubted=True))) == ["text-without-speech"]


def test_clipping_is_flagged_where_it_is(tmp_path: Path) -> None:
    loud = (sine(300, 2, level=0.9).astype(int) * 3).clip(-32_768, 32_767).astype(np.int16)
    path = write(tmp_path / "a.wav", np.concatenate([sine(300, 4), loud, sine(300, 4)]))
    (flag,) = [flag for flag in transcribe(path, FakeBackend()).flags if flag.kind == "clipping"]
    assert (flag.start, flag.end) == (4.0, 6.0)


def test_progress_runs_forward_to_the_end(tmp_path: Path) -> None:
    path = write(tmp_path / "a.wav", np.tile(np.concatenate([sine(300, 4), silence(2)]), 12))
    seen: list[tuple[float, float]] = []
    transcribe(path, FakeBackend(), progress=lambda *at: seen.append(at), window_seconds=31)
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)
    assert {total for _, total in seen} == {72.0}
    assert seen[-1][0] == 72.0 and len(seen) > 4


def test_a_cut_off_recording_gives_no_transcript(tmp_path: Path) -> None:
    data = encode(noise(10, 44_100), "mp3", 44_100)
    (tmp_path / "a.mp3").write_bytes(data[: len(data) // 2])
    with pytest.raises(RecordingError, match="cut off"):
        transcribe(tmp_path / "a.mp3", FakeBackend())


def test_the_same_input_gives_the_same_json(tmp_path: Path) -> None:
    path = write(tmp_path / "a.wav", np.concatenate([sine(300, 3), silence(2), sine(450, 3)]))
    found = [transcribe(path, FakeBackend()) for _ in range(2)]
    assert found[0] == found[1]
    assert Transcript.from_json(json.loads(json.dumps(found[0].to_json()))) == found[0]


def test_detector_gets_bounded_audio(tmp_path: Path) -> None:
    backend = FakeBackend()
    transcribe(write(tmp_path / "a.wav", np.tile(noise(10), 20)), backend)
    assert backend.longest < 62 * RATE


@pytest.mark.parametrize("missing", ["model.bin", "config.json", "tokenizer.json"])
def test_a_folder_that_is_no_model(tmp_path: Path, missing: str) -> None:
    for name in {"model.bin", "config.json", "tokenizer.json"} - {missing}:
        (tmp_path / name).touch()
    with pytest.raises(ModelError, match=missing) as caught:
        Transcriber(tmp_path)
    assert "anonpipe models install" in str(caught.value)


def test_a_damaged_model_is_a_model_error(tmp_path: Path) -> None:
    for name in ("model.bin", "config.json", "tokenizer.json"):
        (tmp_path / name).write_bytes(b"{}")
    with pytest.raises(ModelError, match="models verify"):
        Transcriber(tmp_path, device="cpu")


def test_a_model_is_needed() -> None:
    with pytest.raises(UsageError, match="name one"):
        Transcriber()


@pytest.mark.long
def test_whisper_base_hears_the_sample_interview(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_network(*_args: object, **_kwargs: object) -> None:
        raise AssertionError("no connection is to be opened")

    monkeypatch.setattr(socket.socket, "connect", no_network)
    (path,) = sorted((ROOT / "samples" / "recordings").glob("P01_interview.*"))
    model = models.resolve("whisper-base")
    transcriber = Transcriber(model, device="cpu")
    assert os.environ["HF_HUB_OFFLINE"] == "1"
    found = transcriber.transcribe(path, language="en", speakers=("Interviewer", "P01"))
    assert [turn.speaker for turn in found.turns[:3]] == ["Interviewer", "Interviewer", "P01"] or [
        turn.speaker for turn in found.turns[:2]
    ] == ["Interviewer", "P01"]
    assert "social worker" in found.text and "Bristol" in found.text
    assert "language" not in kinds(found)
    words = [word for turn in found.turns for word in turn.words]
    assert all(0 <= word.start <= word.end <= (found.duration or 0) for word in words)
    for turn in found.turns:
        for word in turn.words:
            assert turn.text[word.offset : word.offset + len(word.text)] == word.text
    assert transcriber.transcribe(path, language="en", speakers=("Interviewer", "P01")) == found
    wrong = transcriber.transcribe(path, language="nb", channels="mix")
    assert "language" in kinds(wrong)
    detected = transcriber.transcribe(path, language=None, channels="mix")
    assert detected.language == "en" and (detected.language_probability or 0) > 0.8
    assert isinstance(transcriber._backend, WhisperBackend)
    assert transcriber._backend._hotwords(["Kari"] * 3 + ["Ola Hansen"]) == "Kari, Ola Hansen"
    assert len(transcriber._backend._hotwords([f"Navn{n}" for n in range(500)]) or "") < 500
    with pytest.raises(UsageError, match="does not know the language xx"):
        transcriber.transcribe(path, language="xx")
