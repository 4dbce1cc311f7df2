"""What the words around give away: firms, streets, rare posts, nicknames. All invented."""

from __future__ import annotations

from collections.abc import Callable

import pytest

Find = Callable[..., list[tuple[str, str]]]


@pytest.mark.parametrize(
    ("language", "text", "firm"),
    [
        ("nb", "ja så jobber jeg i hegstrøm sparebank nå", "hegstrøm sparebank"),
        ("nb", "før det var jeg i firmaet kjelvik rør i to år", "kjelvik rør"),
        ("nb", "og så kjørte han for tveit og sønner ei stund", "tveit og sønner"),
        ("en", "um so she does shifts with tarrow homecare now", "tarrow homecare"),
        ("en", "my dad reads the pendle echo every day", "pendle echo"),
        ("en", "he had a job for crabtree and daughters then", "crabtree and daughters"),
        ("nb", "Vi brukte Tangen og Berge Bygg AS den gangen.", "Tangen og Berge Bygg AS"),
        ("nb", "Det var Brødrene Skaret som bygde.", "Brødrene Skaret"),
        ("en", "We stayed at the Drovers' Arms that night.", "Drovers' Arms"),
    ],
)
def test_firms(language: str, text: str, firm: str, find: Find) -> None:
    assert any(kind == "ORG" and firm in found for kind, found in find(text, language))


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("nb", "firmaet gikk konkurs og avisa skrev om god omsorg og mye kraft"),
        ("nb", "mødre og sønner og alle i selskapet var på jobb hver dag"),
        ("en", "the trust was gone and the echo of it was like mothers and daughters talking"),
        ("en", "she works at night and works for free with good people"),
    ],
)
def test_telling_words_alone_are_no_firms(language: str, text: str, find: Find) -> None:
    assert find(text, language) == []


@pytest.mark.parametrize(
    ("language", "text", "address"),
    [
        ("nb", "adressen er postboks tre hundre og tolv der", "postboks tre hundre og tolv"),
        ("nb", "Skriv til Postboks 417.", "Postboks 417"),
        ("nb", "vi bor på gården tveitli som alle vet", "tveitli"),
        ("nb", "de bor i eddas vei tjuetre ennå", "eddas vei tjuetre"),
        ("en", "Write to PO Box 93.", "PO Box 93"),
        ("en", "They met on Harrier Wynd.", "Harrier Wynd"),
        ("en", "um we live on harrier wynd near the sea", "harrier wynd"),
        ("en", "It was 4 Tolbooth Brae. The shop closed.", "4 Tolbooth Brae"),
    ],
)
def test_addresses(language: str, text: str, address: str, find: Find) -> None:
    assert ("ADDRESS", address) in find(text, language)


@pytest.mark.parametrize(
    ("language", "text", "post"),
    [
        ("nb", "Han var den siste smeden på Utnes.", "den siste smeden på Utnes"),
        ("nb", "Jeg var fyrvokter på Skarvøy.", "fyrvokter på Skarvøy"),
        ("en", "She was the only midwife on Eday.", "the only midwife on Eday"),
        ("en", "He is a verger at the cathedral.", "verger at the cathedral"),
    ],
)
def test_rare_posts(language: str, text: str, post: str, find: Find) -> None:
    assert ("OCCUPATION", post) in find(text, language)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("nb", "Det var den siste dagen på jobben og den første gangen på skolen."),
        ("nb", "Jeg er lærer på en skole, og hun er sykepleier på et sykehjem."),
        ("en", "It was the last winter in the house. He was a teacher at a school."),
    ],
)
def test_plain_occupations_stay(language: str, text: str, find: Find) -> None:
    assert find(text, language) == []


@pytest.mark.parametrize(
    ("language", "text", "names"),
    [
        ("nb", "ja vi kalte ham for proppen hele tida", ["proppen"]),
        ("nb", "og han obi eh obinna chukwu kom hit", ["obi", "obinna chukwu"]),
        ("nb", "så ringte tor eh tor lindekleiv meg", ["tor", "tor lindekleiv"]),
        ("nb", "de kalte meg kråka på jobben", ["kråka"]),
        ("nb", "jeg ringte abdirizak eh abdirizak warsame da", ["abdirizak", "abdirizak warsame"]),
        ("nb", "hun heter sivapriya mahendran og er snill", ["sivapriya mahendran"]),
        ("en", "so we call him sprocket all day long", ["sprocket"]),
        ("en", "and then a lad called specs came in", ["specs"]),
        ("nb", "Da gikk jeg til Tante Siri.", ["Tante Siri"]),
    ],
)
def test_names_by_context(language: str, text: str, names: list[str], find: Find) -> None:
    assert [found for _, found in find(text, language)] == names


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("nb", "så tok jeg headset på og gikk på kjøkenet og celle to og i boden etter nan"),
        ("nn", "ja og så kom vaktmeisteren inn på kjøkenet og dørene var opne"),
        ("en", "The Scots and the Filipinos work with Ukrainians. The ECG was fine."),
        ("en", "so I called her yesterday and they called me back when it rained"),
    ],
)
def test_common_words_stay(language: str, text: str, find: Find) -> None:
    assert find(text, language) == []
