"""SubRip subtitles, read only: what transcription services export."""

from __future__ import annotations

from anonpipe.formats._base import Format
from anonpipe.formats._cues import cues_of, turns_of_cues
from anonpipe.formats._decode import decode
from anonpipe.transcript import Transcript


def read(data: bytes, name: str, language: str) -> Transcript:
    """Turns with times; see `_cues` for how cues become turns."""
    return Transcript(turns_of_cues(cues_of(decode(data, name), name), voices=False), language)


FORMAT = Format("srt", (".srt",), read)
