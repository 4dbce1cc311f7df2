"""Detection and linking of single text files, apart from any study."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from anonpipe import formats
from anonpipe.codes import form, link
from anonpipe.detect import Detector, DetectSettings
from anonpipe.transcript import Transcript, Turn

PLAIN = frozenset({".txt", ".md", ""})


class Scanner:
    """Scans files of one language (nb, nn or en); the models are loaded once.

    `also` names what is found only on demand (`anonpipe.transcript.ALSO`).
    """

    def __init__(self, language: str, also: Sequence[str] = ()) -> None:
        self.language = language
        self._detector = Detector(DetectSettings(also=tuple(also)))

    def scan(self, path: Path) -> dict[str, Any]:
        """{"text": ..., "entities": [{start, end, type, text, score, code, recognizer}]}.

        Offsets are characters of the file as it is, without any normalisation; of formats
        that are no plain text (docx, vtt ...) they are characters of "text". Raises
        RecordingError when the file cannot be read.
        """
        if path.suffix.lower() in PLAIN:
            text = formats.read_text(path)
        else:
            text = formats.read(path, self.language).text
        transcript = Transcript((Turn(text),), self.language)
        mentions = self._detector.detect(transcript)
        linked = link(mentions, (), source="D01", transcript=transcript)
        codes = {e.id: form(e, self.language) for e in linked.entities}
        return {
            "text": text,
            "entities": [
                {
                    "start": mention.start,
                    "end": mention.end,
                    "type": mention.type,
                    "text": mention.text,
                    "score": round(mention.score, 3),
                    "code": codes[mention.entity or ""],
                    "recognizer": mention.recognizer,
                }
                for mention in linked.mentions
            ],
        }
