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
        ("DATE", "19.03.2018"),
        ("DATE", "2018-03-19"),
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
        ("nb", "19. mars 2018"),
        ("nb", "8. november"),
        ("nb", "onsdag 3. oktober 2018"),
        ("nb", "tjuesjette september totusenogatten"),
        ("nb", "trettende januar tjuetjueto"),
        ("nb", "våren 2014"),
        ("nn", "hausten 2014"),
        ("nn", "september 2015"),
        ("en", "6 March 2014"),
        ("en", "March 3rd, 2021"),
        ("en", "the ninth of May"),
        ("en", "june twelfth twenty twenty one"),
        ("en", "spring 2013"),
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
        ("nb", "jeg er førtito så jeg har vært her lenge", "førtito"),
        ("nb", "Hun er 49 år, og lærer.", "49 år"),
        ("nb", "En 12-åring ringte.", "12"),
        ("nb", "Hun fylte femten i fjor.", "femten"),
        ("nn", "Eg er 37, bur her.", "37"),
        ("nn", "Ho var 72 år gammal då.", "72 år"),
        ("en", "I'm 34, and tired.", "34"),
        ("en", "she turned twelve um last week", "twelve"),
        ("en", "He was sixteen years old.", "sixteen years old"),
        ("en", "he's fifteen now", "fifteen"),
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
        ("nb", "Odd er annethvert år hos faren, Bjørn Are."),
        ("en", "I worked there for 20 years."),
        ("en", "She was 10 minutes late and I was 5 miles away."),
    ],
)
def test_durations_are_no_ages(language: str, text: str, find: Find) -> None:
    assert [f for f in find(text, language) if f[0] == "AGE"] == []
