"""What lies encrypted on the disk, decrypted in memory, and how anything is opened for reading.

A recording that is encrypted at rest is never written to a temporary file: it is decrypted
into memory, as a whole or piece by piece as it is read, and what reads recordings and documents
takes a path or that.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import BinaryIO


@dataclass(frozen=True, slots=True)
class Plaintext:
    """The content of a sealed recording or document. `name` is for messages: its id, such as
    R07, and for a document the suffix that says how to read it, such as D02.json.
    """

    name: str
    data: bytes = field(repr=False)

    @property
    def suffix(self) -> str:
        """The suffix of `name`, as of a path."""
        return PurePosixPath(self.name).suffix

    def open(self) -> BinaryIO:
        """The content as an open file; no second copy of it is made."""
        return io.BytesIO(self.data)


@dataclass(frozen=True, slots=True)
class Sealed:
    """A sealed recording that is decrypted piece by piece as it is read; `name` is its id.

    `opener` gives it as an open file that can be sought in, and raises RecordingError.
    """

    name: str
    opener: Callable[[], BinaryIO] = field(repr=False)

    def open(self) -> BinaryIO:
        """The content as an open file, of which memory holds a piece."""
        return self.opener()


Readable = Path | Plaintext
"""What a recording or document can be read from."""
Recorded = Readable | Sealed
"""What a recording can be read from."""
