"""A study's setting makes its diarizer."""

from __future__ import annotations

import sys

import pytest

from anonpipe.errors import UsageError
from anonpipe.speakers.choice import make_diarizer


def test_the_setting_makes_the_diarizer(monkeypatch: pytest.MonkeyPatch) -> None:
    assert make_diarizer("off") is None
    found = make_diarizer("voices")
    assert found is not None and found.name == "voices"
    monkeypatch.setitem(sys.modules, "pyannote.audio", None)
    with pytest.raises(UsageError, match="is not installed"):
        make_diarizer("pyannote")
