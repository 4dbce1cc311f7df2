"""British and American identifiers; all invented."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from stdnum.gb import nhs

from anonpipe.detect.recognizers.uk import valid_nhs

Find = Callable[..., list[tuple[str, str]]]


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("PHONE", "607 555 0136"),
        ("PHONE", "(312) 555-0143"),
        ("PHONE", "+1 312-555-0143"),
        ("PHONE", "0114 496 0517"),
        ("PHONE", "07700 900143"),
        ("PHONE", "+44 7700 900143"),
        ("NATIONAL_ID", "LM 35 62 18 B"),
        ("NATIONAL_ID", "AB123456D"),
        ("NATIONAL_ID", "219-09-9999"),
        ("ADDRESS", "27 Harbour Wharf Lane, Bristol BS1 9ZQ"),
        ("ADDRESS", "1204 Oak Street"),
        ("ADDRESS", "Flat 3, 12 St. John's Road"),
        ("ADDRESS", "Gartenweg 118, 99867 Gotha"),
        ("ADDRESS", "SW1A 1AA"),
        ("VEHICLE", "YD17 MPR"),
        ("VEHICLE", "GTH-R 5183"),
    ],
)
def test_found(kind: str, text: str, find: Find) -> None:
    assert (kind, text) in find(f"I think it is {text}, if you need it.", "en")


def test_context_words_make_a_number_identify(find: Find) -> None:
    assert ("OTHER", "TB/RQ/50418") in find("under claim reference TB/RQ/50418 for years", "en")
    assert ("OTHER", "09374621") in find("The company number is 09374621, look it up.", "en")
    assert ("VEHICLE", "7ABC123") in find("A van with the plate 7ABC123 was there.", "en")
    assert ("ACCOUNT", "20-48-15") in find("The sort code is 20-48-15.", "en")


def test_nhs_numbers() -> None:
    number = next(n for i in range(10) if nhs.is_valid(n := f"943476591{i}"))
    wrong = number[:9] + str((int(number[9]) + 1) % 10)
    assert valid_nhs(f"{number[:3]} {number[3:6]} {number[6:]}")
    assert not valid_nhs(wrong)


@pytest.mark.parametrize(
    "text",
    [
        "It was 1,732 pipes and 30 people, about 4.5 percent.",
        "We made 12000 dollars in 14 months.",
        "He scored 3-1 and then 2-2.",
    ],
)
def test_amounts_are_no_identifiers(text: str, find: Find) -> None:
    assert find(text, "en") == []
