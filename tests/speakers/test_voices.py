"""The networks, their features, and the diarizer on real sound."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from anonpipe import resources
from anonpipe.errors import ModelError
from anonpipe.speakers.chunks import Chunks
from anonpipe.speakers.features import BANDS, RATE, levels, mel_bands
from anonpipe.speakers.networks import CHUNK, FRAMES, LOCAL, PARTIAL, Networks, load_networks
from anonpipe.speakers.voices import VoiceDiarizer

REFERENCE = Path(__file__).parent / "reference.npz"
"""Made with librosa 0.11.0 and Resemblyzer 0.1.4 of the sound that `sound` makes."""


def sound(seconds: float = 2.0) -> np.ndarray:
    """A buzz whose pitch and loudness move, as a voice's do."""
    times = np.arange(int(seconds * RATE)) / RATE
    phase = 2 * np.pi * (120 * times + 8 * np.sin(2 * np.pi * 0.7 * times))
    buzz = sum(np.sin(k * phase) / k for k in range(1, 20))
    return np.asarray(0.05 * buzz * (1 + 0.5 * np.sin(2 * np.pi * 3 * times)), np.float32)


def test_mel_bands_are_those_of_the_training() -> None:
    wanted = np.load(REFERENCE)["mel"]
    found = mel_bands(sound())
    assert found.shape == wanted.shape == (201, BANDS)
    assert np.abs(found - wanted).max() < 1e-4 * wanted.max()


def test_embeddings_are_those_of_the_encoder_as_published() -> None:
    wanted = np.load(REFERENCE)["embedding"]
    (found,) = load_networks().embed(mel_bands(sound())[None, :PARTIAL])
    assert found @ wanted == pytest.approx(1, abs=1e-5)


def test_segmentation_gives_chances() -> None:
    chances = load_networks().segment(np.zeros((2, CHUNK), np.float32))
    assert chances.shape == (2, FRAMES, LOCAL)
    assert chances.min() >= 0
    assert chances.max() < 0.5  # nobody speaks


def test_level_of_a_tone() -> None:
    tone = np.full(RATE, 0.5, np.float32)
    assert levels(tone)[1:-1] == pytest.approx(0.25)


def test_where_nobody_speaks_nothing_is_heard() -> None:
    diarizer = VoiceDiarizer()
    silence = np.zeros(RATE * 30, np.float32)
    window = diarizer.listen(silence, 0.0, [])
    assert len(window) < 5000
    assert diarizer.tell([window], 2) == diarizer.tell([], 2) == ()
    assert diarizer.tell([diarizer.listen(silence, 0.0, [(1.0, 2.0)])], 2) == ()
    assert diarizer.tell([diarizer.listen(silence[:0], 0.0, [])], None) == ()


def test_a_window_has_its_place_in_the_recording_and_is_the_same_each_time() -> None:
    diarizer = VoiceDiarizer()
    audio = np.concatenate([sound(3), np.zeros(RATE, np.float32), sound(9)])
    first = diarizer.listen(audio, 0.0, [(0.0, 3.0), (4.0, 13.0)])
    later = diarizer.listen(audio, 600.0, [(600.0, 603.0), (604.0, 613.0)])
    again = diarizer.listen(audio, 600.0, [(600.0, 603.0), (604.0, 613.0)])
    assert later == again
    assert (Chunks.unpack(later).starts - Chunks.unpack(first).starts == 600).all()
    assert (Chunks.unpack(later).parts == Chunks.unpack(first).parts).all()


@pytest.mark.parametrize("name", ["encoder.onnx", "segmentation.onnx", "config.json"])
@pytest.mark.parametrize("damage", ["gone", "broken", "other"])
def test_a_damaged_model_is_refused_with_one_sentence(
    name: str, damage: str, tmp_path: Path
) -> None:
    folder = tmp_path / "voices"
    shutil.copytree(
        resources.folder("models") / "voices", folder, ignore=shutil.ignore_patterns("*.py")
    )
    path = folder / name
    if damage == "gone":
        path.unlink()
    elif damage == "broken":
        path.write_bytes(b"\x08\x07")
    else:  # one bit
        data = bytearray(path.read_bytes())
        data[len(data) // 2] ^= 1
        path.write_bytes(bytes(data))
    with pytest.raises(ModelError, match=r"voices cannot be loaded; install anonpipe again\.$"):
        Networks(folder)


@pytest.mark.long
def test_two_people_on_one_microphone_are_told_apart() -> None:
    """The sample interview has a microphone a speaker: mixed, it is known who speaks when."""
    from anonpipe.audio.decode import blocks

    path = resources.folder("samples") / "recordings" / "P01_interview.ogg"
    both = np.concatenate(list(blocks(path)), axis=1).astype(np.float32) / 32_768
    own = both**2
    width = RATE // 4
    power = own[:, : own.shape[1] // width * width].reshape(2, -1, width).mean(axis=2)
    floor = 0.02 * power.max(axis=1, keepdims=True)
    speaking = power > floor
    speech = [(i / 4, (i + 1) / 4) for i in np.flatnonzero(speaking.any(axis=0)).tolist()]
    diarizer = VoiceDiarizer()
    mono = both.mean(axis=0)
    voices = diarizer.tell([diarizer.listen(mono, 0.0, speech)], 2)
    assert diarizer.tell([diarizer.listen(mono, 0.0, speech)], None) == voices
    right = wrong = 0
    first = int(speaking.any(axis=0).argmax())
    opener = int(power[:, first].argmax())
    for place in np.flatnonzero(speaking.sum(axis=0) == 1).tolist():
        middle = (place + 0.5) / 4
        who = int(speaking[:, place].argmax())
        heard = {v.speaker for v in voices if v.start <= middle < v.end}
        right += heard == {who if opener == 0 else 1 - who}
        wrong += heard == {1 - who if opener == 0 else who}
    assert right > 100
    assert wrong < 0.03 * right
