"""What lies encrypted on the disk, decrypted in memory, and how anything is opened for reading.

A recording that is encrypted at rest is never written to a temporary file: it is decrypted
into memory as a whole, and what reads recordings and documents takes either a path or that.
"""

from __future__ import annotations

import io
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


Readable = Path | Plaintext
"""What a recording or document can be read from."""
