"""The diarizer that a study has chosen."""

from __future__ import annotations

from anonpipe.settings import Diarizer as Choice
from anonpipe.speakers.backend import Diarizer


def make_diarizer(choice: Choice) -> Diarizer | None:
    """What tells speakers apart as `choice` says; None for "off".

    Raises ModelError when it cannot be loaded, and UsageError when it is not installed.
    """
    if choice == "voices":
        from anonpipe.speakers.voices import VoiceDiarizer

        return VoiceDiarizer()
    if choice == "pyannote":
        from anonpipe.speakers.pyannote import PyannoteDiarizer

        return PyannoteDiarizer()
    return None
