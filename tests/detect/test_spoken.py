"""What was dictated: digits, addresses, plates, as recognisers write them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

Find = Callable[..., list[tuple[str, str]]]


@pytest.mark.parametrize(
    ("language", "kind", "text"),
    [
        ("nb", "PHONE", "ni åtte syv seks fire null to en"),
        ("nb", "PHONE", "nittien, trettisju, null fem, tolv"),
        ("nn", "PHONE", "nittito femtitre null fire elleve"),
        ("nb", "EMAIL", "ola punktum hansen krøllalfa firma punktum no"),
        ("nb", "EMAIL", "o punktum dal alfakrøll laget bindestrek vest punktum no"),
        ("nb", "URL", "facebook skråstrek ola hansen sytti"),
        ("en", "PHONE", "six oh seven five five five oh one four six"),
        ("en", "PHONE", "oh double seven double oh, nine double oh, three one six"),
        ("en", "EMAIL", "k hansen eighty three at gmail dot com"),
        ("en", "EMAIL", "anna underscore smith at posteo dot de"),
        ("en", "URL", "at jo bakes bread"),
        ("en", "VEHICLE", "r d six one one five eight"),
        ("en", "ADDRESS", "twenty two eighteen oak hill court"),
    ],
)
def test_dictated(language: str, kind: str, text: str, find: Find) -> None:
    frame = "so it is {} on instagram" if text.startswith("at ") else "så det er {} eh"
    found = find(frame.format(text), language)
    assert (kind, text) in found


def test_a_dictated_identity_number(find: Find) -> None:
    text = "fødselsnummeret er en to null tre åtte fem en to tre fire fem ja"
    assert find(text)[0] == ("NATIONAL_ID", "en to null tre åtte fem en to tre fire fem")


def test_a_dictated_case_number(find: Find) -> None:
    found = find("det er sak atten skråstrek null seks to fem åtte hos dem")
    assert ("OTHER", "atten skråstrek null seks to fem åtte") in found


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("nb", "vi var to eller tre der og så fire og fem"),
        ("nb", "det kosta elleve tusen fire hundre kroner"),
        ("en", "we waited one two three hours at the station"),
        ("en", "look at this dot on the wall"),
    ],
)
def test_counting_is_no_number(language: str, text: str, find: Find) -> None:
    assert find(text, language) == []
