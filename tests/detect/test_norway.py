"""Norwegian identifiers. All numbers are invented; check digits are computed here."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from stdnum import luhn
from stdnum.no import kontonr, orgnr

from anonpipe.detect.recognizers.norway import valid_kid, valid_national_id

FIRST = (3, 7, 6, 1, 8, 9, 4, 5, 2)
SECOND = (5, 4, 3, 2, 7, 6, 5, 4, 3, 2)


def weighted(weights: tuple[int, ...], number: str) -> int:
    return sum(w * int(c) for w, c in zip(weights, number, strict=True))


def national_id(nine: str, remainder: int = 0) -> str | None:
    """Eleven digits whose first control leaves `remainder`; None if there is no such number."""
    for k1 in range(10):
        if (weighted(FIRST, nine) + k1) % 11 == remainder:
            k2 = -weighted(SECOND, nine + str(k1)) % 11
            if k2 < 10:
                return f"{nine}{k1}{k2}"
    return None


def some_id(date: str, remainder: int = 0) -> str:
    return next(n for i in range(100, 999) if (n := national_id(f"{date}{i}", remainder)))


FNR = some_id("120385")
D_NUMBER = some_id("520385")
TEST_NUMBER = some_id("128385")


@pytest.mark.parametrize("number", [FNR, D_NUMBER, TEST_NUMBER])
def test_a_valid_number_is_found_in_every_notation(
    number: str, find: Callable[..., list[tuple[str, str]]]
) -> None:
    for text in (number, f"{number[:6]} {number[6:]}", f"{number[:6]} {number[6:9]} {number[9:]}"):
        assert ("NATIONAL_ID", text) in find(f"Det sto {text} på kortet.")


@pytest.mark.parametrize("remainder", [0, 1, 2, 3])
def test_the_relaxed_control_of_2032_allows_four_remainders(remainder: int) -> None:
    assert valid_national_id(some_id("120335", remainder))


@pytest.mark.parametrize("remainder", [4, 5, 6, 7, 8, 9, 10])
def test_other_remainders_fail(remainder: int) -> None:
    assert not valid_national_id(some_id("120335", remainder))


def test_every_wrong_second_check_digit_fails() -> None:
    for digit in "0123456789":
        assert valid_national_id(FNR[:10] + digit) == (digit == FNR[10])


def test_impossible_dates_fail() -> None:
    for date in ("000185", "320185", "011385", "720185"):
        assert not valid_national_id(some_id(date))


def test_a_misheard_number_still_identifies(find: Callable[..., list[tuple[str, str]]]) -> None:
    wrong = FNR[:10] + str((int(FNR[10]) + 1) % 10)
    assert find(f"Fødselsnummeret er {wrong}.") == [("NATIONAL_ID", wrong)]
    assert find("Personnummeret mitt er 99123 tror jeg.") == [("NATIONAL_ID", "99123")]


def account() -> str:
    return next(n for i in range(10) if kontonr.is_valid(n := f"8601117294{i}"))


def test_accounts(find: Callable[..., list[tuple[str, str]]]) -> None:
    number = account()
    for text in (
        number,
        f"{number[:4]}.{number[4:6]}.{number[6:]}",
        f"{number[:4]} 11 {number[6:]}",
    ):
        assert ("ACCOUNT", text) in find(f"Kontoen er {text}.")
    assert ("ACCOUNT", number) in find(f"Der sto det {number}, sa hun.")


def test_organisation_numbers(find: Callable[..., list[tuple[str, str]]]) -> None:
    number = next(n for i in range(100) if orgnr.is_valid(n := f"9123456{i:02}"))
    spaced = f"{number[:3]} {number[3:6]} {number[6:]}"
    assert ("OTHER", spaced) in find(f"Firmaet står som {spaced} i registeret.")
    wrong = number[:8] + str((int(number[8]) + 1) % 10)
    assert ("OTHER", wrong) not in find(f"Det kosta {wrong} kroner.")
    assert ("OTHER", wrong) in find(f"Organisasjonsnummer {wrong}.")


@pytest.mark.parametrize(
    "number",
    ["938 47 216", "63 71 04 28", "+47 936 72 415", "0047 936 72 415", "93672415", "+4793672415"],
)
def test_phones(number: str, find: Callable[..., list[tuple[str, str]]]) -> None:
    assert ("PHONE", number) in find(f"Ring meg på {number}.")
    assert ("PHONE", number) in find(f"Det er {number}, altså.")


@pytest.mark.parametrize("text", ["Det kosta 45 000 kroner.", "Vi var 16 av 20.", "1 900 kroner"])
def test_amounts_are_no_identifiers(text: str, find: Callable[..., list[tuple[str, str]]]) -> None:
    assert find(text) == []


@pytest.mark.parametrize(
    "address",
    [
        "Storgata 14",
        "Nedre Elvegata 3B",
        "Lykkeveien 9 B",
        "Karl Johans gate 1",
        "Granittbakken 22",
        "Parkvegen 3, 2899 Nordbygda",
        "Solstien 7A, 0123 Oslo",
    ],
)
def test_addresses(address: str, find: Callable[..., list[tuple[str, str]]]) -> None:
    assert ("ADDRESS", address) in find(f"Hun bor i {address}.")


def test_a_surname_before_a_date_is_no_street(find: Callable[..., list[tuple[str, str]]]) -> None:
    found = find("Samtale med Turid Myrhagen 14. mai 2024, og hun bor i Myrhagen 14.")
    assert ("PERSON", "Turid Myrhagen") in found and ("DATE", "14. mai 2024") in found
    assert ("ADDRESS", "Myrhagen 14") in found


def test_spoken_address(find: Callable[..., list[tuple[str, str]]]) -> None:
    raw = "Informant: vi flytta til kirkeveien tjuesju i fjor og der bor vi ennå"
    assert ("ADDRESS", "kirkeveien tjuesju") in find(raw)


def test_postcode_with_place(find: Callable[..., list[tuple[str, str]]]) -> None:
    assert find("Adressen er 7030 Trondheim.") == [("ADDRESS", "7030 Trondheim")]


def test_plates(find: Callable[..., list[tuple[str, str]]]) -> None:
    assert ("VEHICLE", "RV 71462") in find("Bilen hans er rød, RV 71462.")
    assert ("VEHICLE", "AB12345") in find("Skiltet var AB12345.")
    assert ("VEHICLE", "HY 9037") in find("Hengeren med skilt HY 9037.")


def test_kid() -> None:
    body = "20230514"
    assert valid_kid(body + luhn.calc_check_digit(body))
    assert sum(valid_kid(body + d) for d in "0123456789") in {1, 2}  # modulo 10 and modulo 11
    assert not valid_kid("1" * 26)


def test_kid_in_text(find: Callable[..., list[tuple[str, str]]]) -> None:
    assert ("ACCOUNT", "202305142") in find("Bruk KID 202305142 når du betaler.")


def test_case_numbers_vipps_and_property(find: Callable[..., list[tuple[str, str]]]) -> None:
    assert ("OTHER", "2017/20561") in find("Se sak 2017/20561.")
    assert ("OTHER", "16/08253-4") in find("Brevet, 16/08253-4, kom i går.")
    assert ("OTHER", "T-2016-4183") in find("Saksnummer T-2016-4183, sa de.")
    assert ("OTHER", "730915") in find("Du kan vippse til 730915.")
    assert ("OTHER", "41/7") in find("Det er gårdsnummer 41/7.")


def test_an_organisation_with_its_place_is_no_person(
    find: Callable[..., list[tuple[str, str]]],
) -> None:
    assert ("ORG", "Furutun sykehjem i Tinn") in find("Han bor på Furutun sykehjem i Tinn nå.")
