"""Invented credits are flagged; what a person says is not."""

from __future__ import annotations

import pytest

from anonpipe.transcribe.credits import credits, known
from anonpipe.transcribe.turns import PlacedWord, build_turns
from anonpipe.transcript import Flag, Turn

VOICED = [(0.0, 1000.0)]


def turn(text: str, start: float = 0.0, p: float = 0.9) -> Turn:
    words = [
        PlacedWord(word, start + index * 0.5, start + index * 0.5 + 0.4, p)
        for index, word in enumerate(text.split())
    ]
    return build_turns([words], [""])[0]


@pytest.mark.parametrize(
    "text",
    [
        "Undertekster av Ai-Media",
        "Undertekster av Nicolai Winther",
        "Teksting av Nicolai Winther.",
        "teksting av nicolai winther",
        "Tekstet av Kari Nordmann",
        "Teksta av Kari Nordmann, NRK",
        "Norsk tekst: Ola Nordmann",
        "Tekst: Ola Nordmann og Kari Nordmann",
        "Undertekst: Nordmann Media 2018",
        "Danske tekster af Jesper Nordmann Scandinavian Text Service 2018",
        "Svensktextning.nu",
        "Undertexter från Amara.org-gemenskapen",
        "Subtitles by the Amara.org community",
        "Subtitles by the amara.org community",
        "Transcribed by https://otter.ai",
        "♪",
        "♪ ♪",
        "Untertitel der Amara.org-Community",
    ],
)
@pytest.mark.parametrize("around", ["{}", "Og så gikk vi hjem. {}", "Og så gikk vi hjem {}"])
def test_credits_are_flagged_though_a_voice_is_there(text: str, around: str) -> None:
    one = turn(around.format(text))
    if text[0].islower() and "hjem {" in around:
        assert credits([one], VOICED) == []  # in the midst of a sentence somebody says it
        return
    (flag,) = credits([one], VOICED)
    assert (flag.kind, flag.turn) == ("credits", 0)
    said = len(one.words) - len(text.split())
    assert (flag.start, flag.count) == (one.words[said].start, len(text.split()))


@pytest.mark.parametrize(
    "text",
    [
        "Teksting av film er jobben min.",
        "Jeg driver med teksting av Kardemomme by.",
        "Undertekster av høy kvalitet er viktig for døve.",
        "Boka er oversatt av Kari Nordmann.",
        "Takk for at du så på det.",
        "Og takk for at du så på papirene mine.",
        "Jeg sa takk for at dere så på.",
        "Thanks for watching the kids while I was away.",
        "We always had subtitles by the way.",
        "Den ligger på www.eksempel.no i dag.",
        "Takk for meg.",
        "Jeg snakket med Nicolai Winther.",
        "Tekst er vanskelig.",
    ],
)
@pytest.mark.parametrize("p", [0.9, 0.2])
def test_what_a_person_says_is_not(text: str, p: float) -> None:
    assert credits([turn(text, 10.0, p)], [(9.0, 30.0)]) == []
    assert credits([turn(text, 10.0, p)], []) == []


SIGN_OFFS = [
    "Takk for at du så på!",
    "Takk for at dere så på.",
    "Thanks for watching!",
    "www.mooji.org",
]


@pytest.mark.parametrize("text", SIGN_OFFS)
def test_the_end_of_a_video_counts_where_it_is_doubtful(text: str) -> None:
    before, after = turn("Vi bodde der.", 0.0), turn("Og så flyttet vi.", 6.0)
    sure, count = turn(text, 2.0), len(text.split())
    assert credits([before, sure, after], VOICED) == []
    flag = Flag("credits", 1, sure.words[0].start, sure.words[-1].end, count)
    assert credits([before, sure, after], [(0.0, 1.6), (6.0, 8.0)]) == [flag]  # no voice
    assert credits([before, turn(text, 2.0, p=0.3), after], VOICED) == [flag]  # improbable
    alone = [turn("Vi bodde der.", -5.0), sure, turn("Og så flyttet vi.", 12.0)]
    assert credits(alone, VOICED) == [flag]
    assert credits([sure], VOICED) == [Flag("credits", 0, flag.start, flag.end, count)]


def test_words_that_belong_together_are_read_as_one() -> None:
    words = [
        PlacedWord("Subtitles", 0, 0.4, 0.9),
        PlacedWord("by", 0.5, 0.6, 0.9),
        PlacedWord("the", 0.6, 0.7, 0.9),
        PlacedWord("Amara", 0.7, 0.8, 0.9),
        PlacedWord(".org", 0.8, 0.9, 0.9, glued=True),
        PlacedWord("community", 0.9, 1.2, 0.9),
    ]
    assert credits(build_turns([words], [""]), VOICED) == [Flag("credits", 0, 0, 1.2, 6)]


def test_both_suspicions_are_shown() -> None:
    from anonpipe.transcribe.flags import text_without_speech

    one = turn("Undertekster av Ai-Media", 30.0)
    spans = [(flag.start, flag.end) for flag in credits([one], [])]
    assert spans == [(flag.start, flag.end) for flag in text_without_speech([one], [])]


def test_the_lists_are_in_lower_case_and_hold_names_only_at_the_end() -> None:
    phrases = known()
    assert len(phrases.credits) > 40 and len(phrases.sign_offs) > 20
    for phrase in (*phrases.credits, *phrases.sign_offs):
        assert phrase and "…" not in phrase[:-1]
        assert phrase == tuple(word.casefold() for word in phrase)
    for phrase in phrases.sign_offs:
        assert len(phrase) > 1 or phrase[0] in {"abonner", "www.*"}
