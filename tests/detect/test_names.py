"""Names of people, places and organisations by rule, in written and in raw text."""

from __future__ import annotations

from collections.abc import Callable

import pytest

Find = Callable[..., list[tuple[str, str]]]


@pytest.mark.parametrize(
    ("language", "text", "names"),
    [
        ("nb", "Jeg snakket med Torunn Fjellhus om det.", ["Torunn Fjellhus"]),
        ("nb", "Det var Ahmed al-Rashid som kom.", ["Ahmed al-Rashid"]),
        ("nb", "Vi bor i Tromsø, og mora mi er fra Gambia.", ["Tromsø", "Gambia"]),
        ("nb", "Hun er på Nordby sykehjem nå.", ["Nordby sykehjem"]),
        ("nb", "Jeg ringte NAV Larvik i går.", ["NAV Larvik"]),
        ("nb", "Da tok Siv-Anett Dahl over.", ["Siv-Anett Dahl"]),
        ("nb", "Jeg studerte ved Høgskolen i Molde.", ["Høgskolen i Molde"]),
        ("nb", "På Hamar-kontoret sa de nei.", ["Hamar"]),
        ("nn", "Eg heiter Oddbjørg Vikane.", ["Oddbjørg Vikane"]),
        ("nn", "Ho bur på Hitra no.", ["Hitra"]),
        ("en", "I spoke to Thandiwe Okonkwo about it.", ["Thandiwe Okonkwo"]),
        ("en", "We live near Sheffield now.", ["Sheffield"]),
        ("nb", "Hun som heter Kim Soo-ji og bor der.", ["Kim Soo-ji"]),
        ("nb", "Han kaller seg Ravn77 på nettet.", ["Ravn77"]),
        ("en", "Then Dr Abernathy called.", ["Abernathy"]),
    ],
)
def test_written(language: str, text: str, names: list[str], find: Find) -> None:
    assert [found for _, found in find(text, language)] == names


@pytest.mark.parametrize(
    ("language", "text", "names"),
    [
        ("nb", "ja jeg heter torunn fjellhus og jobber natt", ["torunn fjellhus"]),
        ("nb", "vi bor i tromsø og har det fint her", ["tromsø"]),
        ("nb", "sjefen heter tor berg og er streng", ["tor berg"]),
        ("nb", "ho jobber på solhaug sykehjem om natta", ["solhaug sykehjem"]),
        ("en", "yeah my name is thandiwe okonkwo um and I work nights", ["thandiwe okonkwo"]),
        ("en", "he came from asmara when he was small", ["asmara"]),
    ],
)
def test_raw(language: str, text: str, names: list[str], find: Find) -> None:
    assert [found for _, found in find(text, language)] == names


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("nb", "Det var en stein i skoen hver eneste dag, og livet gikk videre."),
        ("nb", "Vår jobb er å holde kontakten. Det er odd. Folk er norske og snakker norsk."),
        ("nb", "NAV har nett. Jeg brukte BankID, Facebook og Teams på PC."),
        ("nb", "ja det var en fin dag og sola sto opp i vår"),
        ("nn", "Det er ikkje lett. Elevane treng hjelp, og lærarane òg."),
        ("en", "Right, well. We will mark it with grace and hope. I am English."),
        ("en", "yeah so you gotta hit the mark and I will tell you by the grace of god"),
    ],
)
def test_plain_words_stay(language: str, text: str, find: Find) -> None:
    assert find(text, language) == []


def test_a_word_and_a_name_alike(find: Find) -> None:
    text = "Alle kjenner Stein Dahl. Stein kom i går. Det var som en stein i skoen."
    assert [t for _, t in find(text)] == ["Stein Dahl", "Stein"]


def test_types(find: Find) -> None:
    found = find("Jeg traff Kari Dahl i Bergen, hun er på Nordby sykehjem.")
    assert found == [
        ("PERSON", "Kari Dahl"),
        ("LOCATION", "Bergen"),
        ("ORG", "Nordby sykehjem"),
    ]
