"""What was heard of a recording whose transcription is not complete yet, sealed piece by piece.

`sealed/R07.00001.age`, `sealed/R07.00002.age` ... are working files like the raw transcript that
they become: encrypted to the key's recipients, bound to their source, and gone as soon as that
transcript is sealed. A run that was stopped, in whatever way, goes on with the batch after them.

They count only for what they were heard from: the same recording, model, language, names to
listen for, channels, way of computing, diarizer and program. For anything else the source begins
anew.
"""

from __future__ import annotations

import functools
import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

from anonpipe.errors import RecordingError
from anonpipe.files import make_folder, sync_folder, write_durably
from anonpipe.keyfile import StudyKey
from anonpipe.study import Study
from anonpipe.transcribe.pieces import Piece, piece_from_json
from anonpipe.transcript import Channels

_HEARING = ("transcribe", "audio", "speakers")
"""Packages of this program on which it depends what is heard."""


def forget(study: Study, name: str) -> None:
    """Delete the sealed pieces of a source, durably; none is no error."""
    _remove(study.pieces(name))


def fingerprint(
    *,
    source: str,
    model: str,
    language: str | None,
    hotwords: Sequence[str],
    channels: Channels,
    way: str,
    diarizer: str = "",
) -> str:
    """SHA-256 of all that it depends on what is heard of a recording.

    `source` and `model` are digests, `way` is `Transcriber.way`, `diarizer` the name of what
    listens to the voices, "" if nothing does.
    """
    values = [source, model, language, list(hotwords), channels, way, diarizer, _program()]
    return hashlib.sha256(json.dumps(values).encode()).hexdigest()


@functools.cache
def _program() -> str:
    """SHA-256 of the code that hears, as its results may be others after each change of it."""
    digest = hashlib.sha256()
    for package in _HEARING:
        for path in sorted((Path(__file__).parent / package).glob("*.py")):
            digest.update(f"{package}/{path.name}\n".encode() + path.read_bytes())
    return digest.hexdigest()


class Partial:
    """The pieces of one source, `name`; `start` comes before `keep`."""

    def __init__(self, study: Study, key: StudyKey, name: str, digest: str) -> None:
        self.name, self.digest = name, digest
        self._study, self._key = study, key
        self._of = ""
        self._count = 0

    def start(self, of: str) -> tuple[Piece, ...]:
        """The pieces that were kept of the same hearing (`fingerprint`); others are deleted."""
        self._of = of
        pieces: list[Piece] = []
        there = self._study.pieces(self.name)
        for number, path in enumerate(there, start=1):
            try:
                if path != self._study.piece(self.name, number):
                    break
                sealed = self._key.unseal(path)
                if sealed["of"] != of:
                    break
                pieces.append(piece_from_json(sealed["piece"]))
            except (RecordingError, KeyError, TypeError, ValueError):
                break  # damaged, or put there by somebody: it is heard again
        self._count = len(pieces)
        _remove(there[self._count :])
        return tuple(pieces)

    def keep(self, piece: Piece) -> None:
        """Seal one more piece, durably. Raises RecordingError."""
        make_folder(self._study.sealed)
        path = self._study.piece(self.name, self._count + 1)
        sealed = self._key.seal_working(path.stem, {"of": self._of, "piece": piece.to_json()})
        write_durably(path, sealed, mode=0o600)
        self._count += 1


def _remove(paths: Sequence[Path]) -> None:
    for path in reversed(paths):  # a crash leaves pieces from the first one on
        path.unlink(missing_ok=True)
    if paths:
        sync_folder(paths[0].parent)
