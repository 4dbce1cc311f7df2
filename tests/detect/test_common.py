"""Identifiers that look alike in every language, dates and ages."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from stdnum import luhn

Find = Callable[..., list[tuple[str, str]]]


@pytest.mark.parametrize("language", ["nb", "nn", "en"])
@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("EMAIL", "kari.nordmann+jobb@firma.example"),
        ("EMAIL", "post@sub.example.co.uk"),
        ("URL", "https://example.org/a?b=c"),
        ("URL", "www.eksempel.no"),
        ("URL", "facebook.com/kari.nordmann"),
        ("URL", "@kari.n_77"),
        ("URL", "192.168.10.14"),
        ("ACCOUNT", "NO93 8601 1117 947"),
        ("ACCOUNT", "DE89370400440532013000"),
        ("ACCOUNT", "4111 1111 1111 1111"),
        ("DATE", "14.03.2023"),
        ("DATE", "2023-03-14"),
    ],
)
def test_found(kind: str, text: str, language: str, find: Find) -> None:
    assert (kind, text) in find(f"Xx: {text} ok", language)


def test_a_card_needs_its_check_digit(find: Find) -> None:
    body = "411111111111111"
    good = body + luhn.calc_check_digit(body)
    bad = body + str((int(good[-1]) + 1) % 10)
    assert ("ACCOUNT", good) in find(f"Kortet: {good}")
    assert ("ACCOUNT", bad) not in find(f"Kortet: {bad}")


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("nb", "14. mars 2023"),
        ("nb", "2. november"),
        ("nb", "torsdag 9. oktober 2025"),
        ("nb", "tjueandre september totusenogtjuetre"),
        ("nb", "attende januar tjuetjuefire"),
        ("nb", "våren 2019"),
        ("nn", "hausten 2019"),
        ("nn", "september 2015"),
        ("en", "3 March 2021"),
        ("en", "March 3rd, 2021"),
        ("en", "the twelfth of May"),
        ("en", "june seventeenth twenty twenty five"),
        ("en", "spring 2022"),
    ],
)
def test_dates(language: str, text: str, find: Find) -> None:
    assert ("DATE", text) in find(f"og det var {text}, nemlig.", language)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("nb", "Vi feirer 17. mai hver vår, i juni og på mandager."),
        ("nb", "Han kommer på tirsdag, i april eller om høsten."),
        ("en", "We meet on Monday, in April or in the autumn."),
    ],
)
def test_general_times_are_no_mentions(language: str, text: str, find: Find) -> None:
    assert find(text, language) == []


@pytest.mark.parametrize(
    ("language", "text", "age"),
    [
        ("nb", "Jeg er 57 og lei av det.", "57"),
        ("nb", "jeg er femtifire så jeg har vært her lenge", "femtifire"),
        ("nb", "Hun er 46 år, og lærer.", "46 år"),
        ("nb", "En 12-åring ringte.", "12"),
        ("nb", "Hun fylte fjorten i fjor.", "fjorten"),
        ("nn", "Eg er 37, bur her.", "37"),
        ("nn", "Ho var 67 år gammal då.", "67 år"),
        ("en", "I'm 34, and tired.", "34"),
        ("en", "she turned eleven um last week", "eleven"),
        ("en", "He was seventeen years old.", "seventeen years old"),
        ("en", "he's nineteen now", "nineteen"),
    ],
)
def test_ages(language: str, text: str, age: str, find: Find) -> None:
    assert any(kind == "AGE" and found.startswith(age) for kind, found in find(text, language))


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("nb", "Jeg har jobbet her i 20 år."),
        ("nb", "Det er tre år siden."),
        ("nb", "Vi er 14 stykker, og det er 100 prosent."),
        ("nb", "Folk over 75 år får hjelp."),
        ("en", "I worked there for 20 years."),
        ("en", "She was 10 minutes late and I was 5 miles away."),
    ],
)
def test_durations_are_no_ages(language: str, text: str, find: Find) -> None:
    assert [f for f in find(text, language) if f[0] == "AGE"] == []
