"""The adapter, with a pyannote that is made up: only how it is called and read is tested here."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest

from anonpipe.errors import ModelError, UsageError
from anonpipe.speakers.backend import Voice
from anonpipe.speakers.pyannote import FOLDER, PyannoteDiarizer


class Annotation:
    """Labels that say nothing of the order in which people begin."""

    def itertracks(self, yield_label: bool) -> Any:
        assert yield_label
        yield SimpleNamespace(start=3.0, end=5.5), 0, "SPEAKER_00"
        yield SimpleNamespace(start=1.0, end=3.25), 0, "SPEAKER_01"
        yield SimpleNamespace(start=5.0, end=6.0), 0, "SPEAKER_01"


class Pipeline:
    calls: list[tuple[Any, Any]]
    result: Any = Annotation()
    loads: Any = None

    @classmethod
    def from_pretrained(cls, folder: Path) -> Any:
        if cls.loads is not None:
            raise cls.loads
        cls.calls = []
        return cls()

    def __call__(self, audio: dict[str, Any], num_speakers: int | None) -> Any:
        self.calls.append((audio, num_speakers))
        return self.result


@pytest.fixture
def pipeline(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    audio = ModuleType("pyannote.audio")
    audio.Pipeline = Pipeline  # type: ignore[attr-defined]
    torch = ModuleType("torch")
    torch.from_numpy = lambda array: array  # type: ignore[attr-defined]
    for name, module in (
        ("pyannote", ModuleType("pyannote")), ("pyannote.audio", audio), ("torch", torch),
    ):  # fmt: skip
        monkeypatch.setitem(sys.modules, name, module)
    monkeypatch.setenv("HF_HUB_OFFLINE", "0")
    monkeypatch.setenv("PYANNOTE_METRICS_ENABLED", "1")
    (tmp_path / "config.yaml").write_text("pipeline: {}\n")
    return tmp_path


@pytest.mark.parametrize("version", [3, 4])
def test_windows_are_heard_as_one_recording(
    pipeline: Path, version: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    if version == 4:
        monkeypatch.setattr(Pipeline, "result", SimpleNamespace(speaker_diarization=Annotation()))
    diarizer = PyannoteDiarizer(pipeline)
    rising = np.linspace(-1, 1, 32_000, dtype=np.float32)
    windows = [
        diarizer.listen(rising, 0.0, [(0.0, 1.0)]),
        diarizer.listen(rising, 2.0, []),
        diarizer.listen(rising, 4.0, [(4.0, 5.0)]),
    ]
    assert diarizer.tell(windows, 2) == (
        Voice(1.0, 3.25, 0),
        Voice(3.0, 5.5, 1),
        Voice(5.0, 6.0, 0),
    )
    ((audio, speakers),) = Pipeline.calls
    assert (audio["sample_rate"], audio["waveform"].shape, speakers) == (16_000, (1, 96_000), 2)
    whole = np.concatenate([rising, np.zeros(32_000), rising])
    assert np.abs(audio["waveform"][0] - whole).max() < 1e-4


def test_nothing_is_asked_where_nobody_speaks(pipeline: Path) -> None:
    diarizer = PyannoteDiarizer(pipeline)
    silent = diarizer.listen(np.zeros(16_000, np.float32), 0.0, [])
    assert diarizer.tell([silent], None) == diarizer.tell([], None) == ()
    assert Pipeline.calls == []


def test_it_stays_offline(pipeline: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    monkeypatch.setenv(FOLDER, str(pipeline))
    PyannoteDiarizer()
    assert (os.environ["HF_HUB_OFFLINE"], os.environ["PYANNOTE_METRICS_ENABLED"]) == ("1", "0")


def test_what_is_missing_is_named(pipeline: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UsageError, match=r"No pyannote pipeline in .*nowhere: put a folder"):
        PyannoteDiarizer(pipeline / "nowhere")
    monkeypatch.setattr(Pipeline, "loads", OSError("offline"))
    with pytest.raises(ModelError, match="cannot be loaded offline"):
        PyannoteDiarizer(pipeline)
    monkeypatch.setitem(sys.modules, "pyannote.audio", None)
    with pytest.raises(UsageError, match=r"pip install 'anonpipe\[pyannote\]'"):
        PyannoteDiarizer(pipeline)
