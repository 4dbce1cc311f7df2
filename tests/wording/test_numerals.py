"""Numbers in figures and words: what is a number of something, and what is left alone."""

from __future__ import annotations

from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anonpipe.transcript import Transcript, Turn, Word
from anonpipe.wording.number_words import LANGUAGES, cardinal
from anonpipe.wording.numerals import with_numbers

NB = "null en to tre fire fem seks sju åtte ni ti elleve tolv tretten fjorten femten seksten sytten"
NB += " atten nitten"
TENS = "tjue tretti førti femti seksti sytti åtti nitti"
NN = NB.replace(" en ", " ein ")
EN = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen"
EN += " sixteen seventeen eighteen nineteen"
EN_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"


def spelled(number: int, language: str) -> str:
    """A number from 0 to 9999 as it is said, by another way than the one that reads it."""
    ones, tens = {"nb": (NB, TENS), "nn": (NN, TENS), "en": (EN, EN_TENS)}[language]
    english = language == "en"
    link = "and" if english else "og"
    neuter = {"nb": "ett", "nn": "eitt", "en": "one"}[language]

    def below_hundred(n: int) -> str:
        if n < 20:
            return ones.split()[n]
        unit = ones.split()[n % 10] if n % 10 else ""
        return tens.split()[n // 10 - 2] + ("-" if english and unit else "") + unit

    def below_thousand(n: int) -> str:
        if n < 100:
            return below_hundred(n)
        head = neuter if n < 200 else ones.split()[n // 100]
        rest = f" {link} {below_hundred(n % 100)}" if n % 100 else ""
        return f"{head} {'hundred' if english else 'hundre'}{rest}"

    if number < 1000:
        return below_thousand(number)
    head = neuter if number < 2000 else ones.split()[number // 1000]
    rest = number % 1000
    tail = (f" {link} " if rest < 100 else " ") + below_thousand(rest) if rest else ""
    return f"{head} {'thousand' if english else 'tusen'}{tail}"


def written(text: str, language: str, numbers: Literal["digits", "words"] = "digits") -> str:
    before = Transcript((Turn(text),), language)
    after = with_numbers(before, numbers)
    assert with_numbers(after, numbers) == after
    return after.turns[0].text


@pytest.mark.parametrize("language", ["nb", "nn", "en"])
def test_every_number_is_read(language: str) -> None:
    rules = LANGUAGES[language]
    for number in range(10_000):
        words = spelled(number, language).split()
        assert cardinal(words, rules) == (number, len(words)), words


@given(st.integers(0, 9999), st.sampled_from(["nb", "nn", "en"]))
def test_figures_of_what_is_said(number: int, language: str) -> None:
    words = spelled(number, language)
    frame = {"nb": "vi hadde {} av dem", "nn": "vi hadde {} av dei", "en": "we saw {} of them"}
    least = 10 if language == "en" else 13
    wanted = words if number < least else str(number)
    assert written(frame[language].format(words), language) == frame[language].format(wanted)


@pytest.mark.parametrize(
    ("language", "text", "wanted"),
    [
        ("nb", "Jeg er tjuefem, han er femogtjue.", "Jeg er 25, han er 25."),
        ("nb", "hun er tjue fem år", "hun er 25 år"),
        ("nb", "Det var i to tusen og nitten.", "Det var i 2019."),
        ("nb", "det var tohundreogtolv barn", "det var 212 barn"),
        ("nb", "I nitten åttitre flyttet vi.", "I 1983 flyttet vi."),
        ("nb", "siden tjue nitten, ja", "siden 2019, ja"),
        ("nb", "ca tjuefem tusen kroner", "ca 25\u00a0000 kroner"),
        ("nn", "om lag tretten millionar", "om lag 13 millionar"),
        ("en", "I was twenty five, she is forty-one", "I was 25, she is 41"),
        ("en", "back in nineteen eighty four we moved", "back in 1984 we moved"),
        ("en", "about forty-two thousand people", "about 42,000 people"),
    ],
)
def test_digits(language: str, text: str, wanted: str) -> None:
    assert written(text, language) == wanted


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("nb", "Begge to, alle tre, en og en, tolv av dem."),
        ("nb", "Tusen takk, hundre prosent, et hundre ganger."),
        ("nb", "Tjuefem år. Femti år."),
        ("nb", "ring ni ni tjue to tretti"),
        ("nb", "de er tjue tretti stykker, fra tjue tretti stykker"),
        ("nb", "i tjue tretti år"),
        ("nb", "klokka tretten, kvart over tretten, fem over tretten, halv fjorten"),
        ("nb", "jeg har tjuefem komma to"),
        ("nb", "tjuefem og en halv, om tjue en dag"),
        ("nb", "mellom to og tjue"),
        ("nb", "den tjuende, en tjueåring, førtitallet, tretti-årene"),
        ("nb", "[Adresse 1] tretten, [Person 13] og P13"),
        ("nb", "i tretti [Dato 1]"),
        ("nn", "klokka fjorten, båe to"),
        ("en", "at half past ten, at ten twenty five, ten o'clock"),
        ("en", "a hundred and five, one of them, a thousand times"),
        ("en", "about twenty thirty people, in twenty thirty years"),
        ("en", "fifty fifty"),
        ("sv", "jag är tjugofem och tretten"),
    ],
)
def test_left_as_it_was_heard(language: str, text: str) -> None:
    assert written(text, language) == text
    assert written(text, language, "words") == text


@pytest.mark.parametrize(
    ("language", "text", "wanted"),
    [
        ("nb", "Vi har 3 barn og 14 kaniner.", "Vi har tre barn og 14 kaniner."),
        ("nb", "12 elever kom. Det var tjuefem lærere.", "Tolv elever kom. Det var 25 lærere."),
        ("nn", "om 2 år", "om to år"),
        ("en", "We had 9 kids and saw twelve of them.", "We had nine kids and saw 12 of them."),
    ],
)
def test_words(language: str, text: str, wanted: str) -> None:
    assert written(text, language, "words") == wanted


@pytest.mark.parametrize(
    "text",
    [
        "Kl. 3 kom vi, kl 3 gikk vi.",
        "det er 3,5 liter, 3 km, 3 prosent, 3. mai, 2-3 barn, 10:30 da",
        "på side 3 står det, nr. 3 kom, rom 3 er",
        "skala fra 1 til 10 om 2 av 3 barn",
        "på Rom 3 var [Adresse 1] 3 heter",
        "jeg har 1 barn og 1 hund",
        "det ble 3.",
    ],
)
def test_figures_that_count_nothing_stay(text: str) -> None:
    assert written(text, "nb", "words") == text


def test_words_of_one_number_become_one_word() -> None:
    words = (Word("er", 0, 0, 1, 0.9), Word("tjue", 3, 1, 2, 0.9), Word("fem,", 8, 2, 3, 0.5))
    before = Transcript((Turn("er tjue fem, ja", "P01", 0, 4, words),), "nb")
    turn = with_numbers(before, "digits").turns[0]
    assert turn.text == "er 25, ja"
    assert turn.words[1:] == (Word("25,", 3, 1, 3, 0.5),)
