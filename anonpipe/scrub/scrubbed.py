"""What scrubbing gives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from anonpipe.plaintext import Plaintext

Method = Literal["packets-copied", "samples-recoded", "text-only"]


@dataclass(frozen=True, slots=True)
class Scrubbed:
    """A new file, and how it was made of the old one."""

    content: Plaintext
    method: Method
