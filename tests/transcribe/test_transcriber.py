"""A recording through the transcriber: with a recogniser of tones, and with the real one."""

from __future__ import annotations

import json
import os
import shutil
import socket
from pathlib import Path

import numpy as np
import pytest

from anonpipe import models
from anonpipe.audio.decode import blocks
from anonpipe.decisions import needs_eyes
from anonpipe.errors import ModelError, RecordingError, UsageError
from anonpipe.settings import Settings
from anonpipe.study import SourceState, Study
from anonpipe.transcribe.pieces import Piece, piece_from_json
from anonpipe.transcribe.transcriber import Transcriber
from anonpipe.transcribe.whisper import WhisperBackend
from anonpipe.transcript import Transcript
from anonpipe.trouble import speech_seconds, trouble_share
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


def test_stretches_in_another_language_are_flagged_where_they_are(tmp_path: Path) -> None:
    parts = [part for n in range(9) for part in (sine(300 + 50 * n, 9), silence(3))]
    path = write(tmp_path / "a.wav", np.concatenate(parts))
    kept: list[Piece] = []
    found = transcribe(path, FakeBackend(foreign=(1,)), keep=kept.append)
    (flag,) = [flag for flag in found.flags if flag.kind == "language"]
    # three tones to a clip of 30 s; the second clip holds those from 36 s to 69 s
    assert (flag.start, flag.end) == (pytest.approx(35.6, abs=0.1), pytest.approx(69.4, abs=0.1))
    assert flag.turn is not None and found.turns[flag.turn].text.startswith("w450")
    again = [piece_from_json(json.loads(json.dumps(piece.to_json()))) for piece in kept]
    assert again == kept
    assert transcribe(path, FakeBackend(), done=again) == found
    # windows of 31 s: each batch is a clip or two, in its own place
    many = transcribe(path, FakeBackend(foreign=(0,)), window_seconds=31)
    assert [f.start for f in many.flags if f.kind == "language"] == [pytest.approx(0, abs=0.1)]


def test_a_recording_in_another_language_has_one_flag_for_all_of_it(tmp_path: Path) -> None:
    path = write(tmp_path / "a.wav", np.concatenate([sine(300, 20), sine(400, 20)]))
    found = transcribe(path, FakeBackend(languages={"nb": 0.9}, foreign=(0, 1)))
    (flag,) = [flag for flag in found.flags if flag.kind == "language"]
    assert (flag.turn, flag.start, flag.end) == (None, 0.0, 40.0)


EN, NO = {"en": 0.97}, {"no": 0.5, "nn": 0.3, "en": 0.2}
MIXED = {"no": 0.17, "en": 0.21, "tr": 0.51}


@pytest.mark.parametrize(
    ("clips", "sure", "asked", "foreign"),
    [
        ([NO, NO, EN, NO], [-0.3, -0.4, -0.3, -0.2], [[0, 1]], ()),  # nobody asked
        ([NO, NO, EN, NO], [-0.3, -0.4, -0.8, -0.2], [[0, 2], [1, 3]], (2,)),
        ([EN, NO, NO, MIXED], [-0.3, -0.4, -0.3, -0.2], [[0, 1], [2, 3]], (0, 3)),
        ([NO], [-0.3], [[0]], ()),
        ([EN], [-0.3], [[0], []], (0,)),
    ],
)
def test_a_few_clips_of_a_batch_are_asked_about(
    clips: list[dict[str, float]],
    sure: list[float],
    asked: list[list[int]],
    foreign: tuple[int, ...],
) -> None:
    backend = object.__new__(WhisperBackend)
    calls: list[list[int]] = []

    def ask(encoded: object, numbers: list[int]) -> dict[int, dict[str, float]]:
        assert encoded == "encoded"
        calls.append(list(numbers))
        return {number: clips[number] for number in numbers}

    backend._ask = ask  # type: ignore[method-assign,assignment]
    backend._encoded = "encoded"
    assert backend._listen(sure, "no") == (clips[0], foreign)
    assert calls == asked
    assert backend._listen(sure, "no") == ({}, ())  # forgotten, or a model of one language


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
    assert transcriber._backend._hotwords(["Kari"] * 3 + ["Ola Hansen"]) == "Kari. Ola Hansen."
    assert len(transcriber._backend._hotwords([f"Navn{n}" for n in range(500)]) or "") < 500
    with pytest.raises(UsageError, match="does not know the language xx"):
        transcriber.transcribe(path, language="xx")


@pytest.mark.long
def test_whisper_base_in_noise_and_silence_between_speech(tmp_path: Path) -> None:
    """20 s of silence and of two kinds of noise in speech: no text comes out unmarked."""
    folder = ROOT / "samples" / "recordings"
    spoken = [
        np.concatenate(list(blocks(folder / f"{name}.ogg", channels=1)), axis=1)[0]
        for name in ("P03_memo", "P05_memo", "P06_memo", "P01_interview")
    ]
    hiss = noise(20, level=0.02)
    hum = (sine(100, 20, level=0.05) + noise(20, level=0.005)).astype(np.int16)
    parts = [spoken[0], silence(20), spoken[1], hiss, spoken[2], hum, spoken[3]]
    path = write(tmp_path / "a.wav", np.concatenate(parts))
    found = Transcriber(models.resolve("whisper-base"), device="cpu").transcribe(
        path, language="en"
    )
    for said in ("Susan Walker", "Rachel Cooper", "Thomas Reed", "social worker"):
        assert said in found.text
    flagged = [(f.start or 0.0, f.end or 0.0) for f in found.flags if f.start is not None]
    begin = 0.0
    for number in range(3):
        begin += spoken[number].size / RATE
        for word in (word for turn in found.turns for word in turn.words):
            if begin + 1 < word.start and word.end < begin + 19:
                assert any(a <= word.start and word.end <= b for a, b in flagged), word
        begin += 20
    state = SourceState(flags=found.flags, speech=speech_seconds(found))
    assert needs_eyes(Study(Path(), Settings()), state) == ()


@pytest.mark.long
def test_the_layout_of_nb_whisper_is_installed_and_loaded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whisper base dressed up as a download of NB-Whisper: ct2/ beside files of other formats."""
    base = models.resolve("whisper-base")
    folder = tmp_path / "stick"
    (folder / "ct2").mkdir(parents=True)
    shutil.copy(base / "model.bin", folder / "ct2" / "model.bin")
    shutil.copy(base / "config.json", folder / "ct2" / "config.json")
    vocabulary = (base / "vocabulary.txt").read_text(encoding="utf-8").split("\n")
    (folder / "ct2" / "vocabulary.json").write_text(json.dumps(vocabulary[:51_865]))
    shutil.copy(base / "tokenizer.json", folder / "tokenizer.json")
    (folder / "config.json").write_text('{"model_type": "whisper"}')
    features = {"feature_size": 80, "sampling_rate": 16_000, "hop_length": 160, "n_fft": 400}
    (folder / "preprocessor_config.json").write_text(json.dumps(features))
    monkeypatch.setenv("ANONPIPE_MODELS", str(tmp_path / "models"))
    models.install("nb-whisper-base", source=folder)
    backend = WhisperBackend(models.resolve("nb-whisper-base"), device="cpu")
    assert (backend.code("nb"), backend.code("nn")) == ("no", "nn")
    path = ROOT / "samples" / "recordings" / "P06_memo.ogg"
    found = Transcriber(backend=backend).transcribe(path, language="en")
    assert "Thomas Reed" in found.text and found.model == "nb-whisper-base"
    for language in ("nb", "nn"):
        assert Transcriber(backend=backend).transcribe(path, language=language).turns


@pytest.mark.long
def test_whisper_base_hears_another_language_between(tmp_path: Path) -> None:
    """The English sample as the longest part of a study in English, and as one in Norwegian."""
    path = ROOT / "samples" / "recordings" / "P01_interview.ogg"
    transcriber = Transcriber(models.resolve("whisper-base"), device="cpu")
    wrong = transcriber.transcribe(path, language="nb", channels="mix")
    (flag,) = [flag for flag in wrong.flags if flag.kind == "language"]
    assert (flag.start, flag.end) == (0.0, pytest.approx(wrong.duration, abs=0.01))
    assert trouble_share(wrong.flags, speech_seconds(wrong)) == 1.0
    right = transcriber.transcribe(path, language="en", channels="mix")
    assert "language" not in kinds(right)
    assert trouble_share(right.flags, speech_seconds(right)) < 0.05
