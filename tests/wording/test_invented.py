"""Invented credits are marked in what is written, whether unclear passages are or not."""

from __future__ import annotations

import pytest

from anonpipe.settings import Wording
from anonpipe.transcribe.credits import credits
from anonpipe.transcribe.turns import PlacedWord, build_turns
from anonpipe.transcript import Transcript
from anonpipe.wording import worded
from anonpipe.wording.marks import without_marks


def transcript(text: str, language: str = "nb") -> Transcript:
    words = [
        PlacedWord(word, 60 + 0.5 * n, 60.4 + 0.5 * n, 0.9) for n, word in enumerate(text.split())
    ]
    turns = tuple(build_turns([words], ["P01"]))
    return Transcript(turns, language, 120.0, flags=tuple(credits(turns, [(0.0, 120.0)])))


@pytest.mark.parametrize("style", ["verbatim", "clean"])
@pytest.mark.parametrize("unclear", [False, True])
def test_credits_are_marked_with_their_time(style: str, unclear: bool) -> None:
    found = transcript("Og så gikk vi hjem. Undertekster av Ai-Media")
    written = worded(found, style, Wording(unclear=unclear))  # type: ignore[arg-type]
    marked = "Og så gikk vi hjem. (uklart 00:01:02: Undertekster av Ai-Media)"
    assert written.text == marked
    assert without_marks(marked)[0] == found.text


def test_in_english_too_and_the_full_stop_stays_outside() -> None:
    found = transcript("We went home. Subtitles by the Amara.org community.", "en")
    text = worded(found, "verbatim", Wording()).text
    assert text == "We went home. (unclear 00:01:01: Subtitles by the Amara.org community)."


def test_nothing_else_is_marked_unless_asked() -> None:
    found = transcript("Og så gikk vi hjem.")
    assert worded(found, "verbatim", Wording()) == found
