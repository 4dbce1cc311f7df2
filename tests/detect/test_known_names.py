"""Names that the study knows: in every form, misheard too, and never where a word is meant."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from anonpipe.detect.propagate import propagate
from anonpipe.transcript import KnownName

RAW = (
    "ja så det var sånn at jeg gikk dit og da sa hun at {} kunne komme og så ble det til at "
    "vi satt der og snakket om alt mulig og det var jo fint det"
)


def found(text: str, language: str, *known: KnownName) -> list[str]:
    return [text[each.span.start : each.span.end] for each in propagate(text, language, (), known)]


@pytest.mark.parametrize(
    ("name", "kind", "text", "hit"),
    [
        ("Okonkwo", "PERSON", RAW.format("aconco"), "aconco"),
        ("Anne-Britt", "PERSON", RAW.format("anbritt"), "anbritt"),
        ("Anne-Britt", "PERSON", RAW.format("ann britt"), "ann britt"),
        ("Shelter", "ORG", "Then I went to Shelfer and asked for help.", "Shelfer"),
        ("Zbyszek", "PERSON", RAW.format("zbishek"), "zbishek"),
        ("Hellbillies", "ORG", RAW.format("helbilis"), "helbilis"),
        ("Åslaug", "PERSON", RAW.format("oslaug"), "oslaug"),
        ("Runestad", "PERSON", RAW.format("rune stad"), "rune stad"),
        ("Kvass", "ORG", "Vi tok Kvassbilen hjem.", "Kvass"),
        ("Posten", "ORG", "Hun jobber i Posten på Lade.", "Posten"),
        ("Outlook", "ORG", "He worked at Outlook in town.", "Outlook"),
        ("Rose", "PERSON", "Rose rose early.", "Rose"),
        ("NAV", "ORG", "Hun ringte NAV-kontoret i går.", "NAV"),
        ("Rema", "ORG", "Vi møttes ved Rema-butikken.", "Rema"),
        ("Å", "LOCATION", "Å bo i Lofoten er fint, så vi bor på Å og trives.", "Å"),
        ("Stavanger", "LOCATION", "Hun ledet Stavanger-kontoret.", "Stavanger"),
        ("Stavanger", "LOCATION", "She ran the Stavanger-based team.", "Stavanger"),
        ("Solgløtt", "ORG", "De flyttet fra Solgløttet i fjor.", "Solgløtt"),
        ("Fjelldal", "PERSON", "Det var Fjelldals bok.", "Fjelldals"),
        ("Johannes", "PERSON", "Det var Johannes' bok.", "Johannes'"),
        ("Okafor", "PERSON", "It was Okafor’s book.", "Okafor’s"),
        ("Kari Storli", "PERSON", "Så kom KARI  STORLI inn.", "KARI  STORLI"),
        ("Kari Storli", "PERSON", "Så kom kari-storlis mor.", "kari-storlis"),
        ("Storli", "PERSON", "Så kom Stor\u00adli inn.", "Stor\u00adli"),
        ("Åsli", "PERSON", "Så kom A\u030asli inn.", "A\u030asli"),
        ("99 03 11 22", "PHONE", "Ring 990 31 122 i dag.", "990 31 122"),
        ("99031122", "PHONE", "Ring +47 99 03 11 22 i dag.", "+47 99 03 11 22"),
        ("kari@example.org", "EMAIL", "Skriv til KARI@EXAMPLE.ORG nå.", "KARI@EXAMPLE.ORG"),
        ("12. mars 1984", "DATE", "Født 12. mars 1984 i nord.", "12. mars 1984"),
    ],
)
def test_a_known_name_is_found(name: str, kind: str, text: str, hit: str) -> None:
    language = "en" if {"Then", "She", "It"} & set(text.split()) else "nb"
    assert hit in found(text, language, KnownName(name, kind))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name", "kind", "text"),
    [
        ("Liv", "PERSON", "Det er et godt liv. Livet er fint, og liv er liv."),
        ("Will", "PERSON", "I will go, and they will stay. Will you?"),
        ("Mari", "PERSON", RAW.format("maria")),  # four letters: exact only
        ("Marit", "PERSON", "Marsvinet og marken var fine, sa han."),
        ("Haland", "PERSON", RAW.format("ha land")),  # never across a common word
        ("Storhaug", "LOCATION", "Det lå en stor haug der."),
        ("Å", "LOCATION", RAW.format("å hun")),
        ("Dag", "PERSON", "De hadde en dag-til-dag-ordning."),
        ("Berge", "PERSON", "Vi gikk i bergene."),
        ("Shelter", "ORG", "They had no helter skelter there."),
        ("2014", "DATE", "Det var 2014 kroner."),
        ("34 år", "AGE", "For 34 år siden."),
        ("lærer", "OCCUPATION", "Hun er lærer."),
    ],
)
def test_a_word_is_no_known_name(name: str, kind: str, text: str) -> None:
    language = "en" if "will" in text or "They" in text else "nb"
    assert found(text, language, KnownName(name, kind)) == []  # type: ignore[arg-type]


def test_what_was_found_before_needs_its_capital_where_it_is_a_word() -> None:
    text = "Hun bor i Kastanjen. Under kastanjen satt de."
    name = KnownName("Kastanjen", "LOCATION")
    assert found(text, "nb", name) == ["Kastanjen", "kastanjen"]
    assert found(text, "nb", KnownName("Kastanjen", "LOCATION", listed=False)) == ["Kastanjen"]


def test_a_name_of_common_words_needs_capitals_unless_it_is_listed() -> None:
    text = "Det handler om jobb og lek. Hun er i Jobb Og Lek."
    name = KnownName("Jobb Og Lek", "ORG", listed=False)
    assert found(text, "nb", name) == ["Jobb Og Lek"]
    assert len(found(text, "nb", KnownName("Jobb og lek", "ORG"))) == 2


@pytest.mark.parametrize(
    ("name", "kind", "text"),
    [
        ("You're", "PERSON", "you know i said you're late and he says you're right about it"),
        ("m a", "PERSON", "I told her that I'm a nurse."),
        ("ninety", "NATIONAL_ID", "there was ninety two of us and then ninety more came to us"),
        ("pillar one", "PERSON", "and then one of them came and said one more of it please"),
        ("Carers", "ORG", "The carers came. Carers do."),
    ],
)
def test_what_was_once_taken_for_a_name_wrongly_does_not_spread(
    name: str, kind: str, text: str
) -> None:
    assert found(text, "en", KnownName(name, kind, listed=False)) == []  # type: ignore[arg-type]


def test_only_the_fullest_form_is_looked_for_misheard() -> None:
    text = RAW.format("zbishek")
    assert found(text, "nb", KnownName("Zbyszek", "PERSON", listed=False)) == ["zbishek"]
    assert found(text, "nb", KnownName("Zbyszek", "PERSON", False, False)) == []


def test_a_reader_sees_what_is_spelled_out() -> None:
    text = "Så kom Zbyszek, og Zbishek gikk."
    (seen,) = propagate(text, "nb", (), [KnownName("Zbyszek", "PERSON")], misheard=False)
    assert text[seen.span.start : seen.span.end] == "Zbyszek"
    assert seen.name == KnownName("Zbyszek", "PERSON")


def test_a_misheard_name_says_which_it_was_taken_for(
    mentions: Callable[..., object],
) -> None:
    (mention,) = mentions(RAW.format("zbishek"), "nb", (KnownName("Zbyszek", "PERSON"),))  # type: ignore[misc, attr-defined]
    assert (mention.text, mention.misheard) == ("zbishek", "Zbyszek")


@pytest.mark.parametrize("kind", ["PERSON", "ORG", "LOCATION"])
def test_the_type_of_a_listed_name_is_certain(mentions: Callable[..., object], kind: str) -> None:
    known = (KnownName("Hellbillies", kind), KnownName("Kari Storli", kind))  # type: ignore[arg-type]
    text = "Vi så Hellbillies sammen på Geilo, og Kari Storli ringte."
    found = mentions(text, "nb", known)
    assert {m.type for m in found if m.text != "Geilo"} == {kind}  # type: ignore[attr-defined]
