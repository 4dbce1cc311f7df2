"""The diarizer that a study has chosen."""

from __future__ import annotations

from anonpipe.settings import DiarizerName
from anonpipe.speakers.backend import Diarizer


def make_diarizer(name: DiarizerName) -> Diarizer | None:
    """The diarizer called `name`; None for "off".

    Raises ModelError when it cannot be loaded, and UsageError when it is not installed.
    """
    if name == "voices":
        from anonpipe.speakers.voices import VoiceDiarizer

        return VoiceDiarizer()
    if name == "pyannote":
        from anonpipe.speakers.pyannote import PyannoteDiarizer

        return PyannoteDiarizer()
    return None
