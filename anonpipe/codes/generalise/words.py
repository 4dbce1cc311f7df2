"""Words in the three languages of transcripts."""

from __future__ import annotations

from typing import NamedTuple


class Words(NamedTuple):
    """One thing said in bokmål, nynorsk and English."""

    nb: str
    nn: str
    en: str

    def of(self, language: str) -> str:
        """The words in a transcript's language; English where there are no others."""
        if language in {"nb", "no"}:
            return self.nb
        return self.nn if language == "nn" else self.en
