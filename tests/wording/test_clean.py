"""Clean verbatim: what goes, what stays, and that nothing else changes."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anonpipe.transcript import Flag, Transcript, Turn, Word
from anonpipe.wording.clean import EMPTY, clean
from tests.examples import examples


def cleaned(text: str, language: str = "nb") -> str:
    return clean(Transcript((Turn(text),), language), language).turns[0].text


@pytest.mark.parametrize("language", ["nb", "nn"])
@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Ehm, ja, eh, jeg jeg jobber på på [Sted 1].", "Ja, jeg jobber på [Sted 1]."),
        ("ja eh [Person 1] [Person 1] heter jeg ehm", "ja [Person 1] heter jeg"),
        ("kan du kan du si litt, så så", "kan du si litt, så"),
        ("kan du eh kan du øhm si det", "kan du si det"),
        ("jeg jeg jeg, jeg vet", "jeg vet"),
        ("jeg eh jeg eh jeg vet", "jeg vet"),
        ("Øh. Ja.", "Ja."),
        ("Jeg tror, ehm. Ehm, ja.", "Jeg tror. Ja."),
        ("«Ehm, ja», sa hun.", "«Ja», sa hun."),
        ("Han (ehm, naboen) kom.", "Han (naboen) kom."),
        ("Ja ... eh ... nei", "Ja ... nei"),
        ("Ja – eh – nei, øh, nei", "Ja – nei, nei"),
        ("Ehm eh øøh ja", "Ja"),
        ("det var mm fint", "det var fint"),
        ("[Person 1]s [Person 1]s hus", "[Person 1]s hus"),
        ("den ene var en en herlig mann", "den ene var en herlig mann"),
        ("Jeg- jeg vet", "Jeg vet"),
        ("Da da da kom hun", "Da kom hun"),
        ("ehm iPhone min", "iPhone min"),
    ],
)
def test_norwegian(text: str, wanted: str, language: str) -> None:
    assert cleaned(text, language) == wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Um, so, uh, I I went to [Place 1].", "So, I went to [Place 1]."),
        ("er, erm, well, hmm", "well, hmm"),
        ("it was the er the hospital", "it was the hospital"),
        ("like a like a normal shift", "like a normal shift"),
        ("they they folded in in May", "they folded in in May"),  # as in “moved in in May”
        ("It's it’s fine", "It's fine"),
        ("Eh, no.", "No."),
        ("She had, uh, she had made tea", "She had made tea"),
        ("what she had had had an effect", "what she had had had an effect"),
    ],
)
def test_english(text: str, wanted: str) -> None:
    assert cleaned(text, "en") == wanted


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("nb", "Ja ja, nei nei, veldig veldig bra bra."),
        ("nb", "Stor, stor mann. Langt, langt borte."),
        ("nb", "Mm. Ja."),
        ("nb", "Hmm."),
        ("nb", "Er det der? Ja, der er det."),
        ("nb", "Bra. Bra."),
        ("nb", "P01 P01 og tjue tjue, 22 22, k k, en en null"),
        ("nb", "«eh» er et fyllord, og (ehm) også"),
        ("nb", "skriv til eh@ehm.no og eh/øh"),
        ("nb", "ø, e og um på dialekt; øm i foten"),
        ("nb", "ikke ikke"),
        ("nb", "[Person 1] og [Person 1]"),
        ("nb", "[Person 1] [Person 2]"),
        ("nn", "ho er her, er ho ikkje?"),
        ("en", "no no, very very good, bye bye"),
        ("en", "He had had it in the ER, eh?"),
        ("en", "an er visit"),
        ("en", "Mm. Mhm."),
        ("sv", "eh jag jag"),
        ("nb", ""),
        ("nb", "..."),
        ("nb", EMPTY),
    ],
)
def test_what_stays(language: str, text: str) -> None:
    assert cleaned(text, language) == text


def test_er_is_a_verb_in_norwegian_and_a_filler_in_english() -> None:
    assert cleaned("det er fint") == "det er fint"
    assert cleaned("it was er fine", "en") == "it was fine"


def test_a_turn_of_fillers_stays_in_its_place() -> None:
    turns = (
        Turn("Hei.", "Intervjuer", 0, 1),
        Turn("Ehm, øh.", "P01", 1, 2, (Word("Ehm,", 0, 1, 1.5, 0.9), Word("øh.", 5, 1.5, 2, 0.9))),
        Turn("Ja.", "P01", 2, 3),
    )
    before = Transcript(turns, "nb", 3.0, flags=(Flag("low-confidence", 2),))
    after = clean(before, "nb")
    assert after == replace(before, turns=(turns[0], Turn(EMPTY, "P01", 1, 2), turns[2]))


def with_words(text: str) -> Turn:
    words = tuple(
        Word(match[0], match.start(), float(i), i + 0.5, 0.9)
        for i, match in enumerate(re.finditer(r"\[[^\]]*\]\S*|\S+", text))
    )
    return Turn(text, "P01", 0.0, 100.0, words)


def test_words_keep_their_times_and_find_their_place() -> None:
    turn = with_words("Ehm, ja, eh, jeg jeg jobber på [Sted 1] [Sted 1], ikke sant.")
    after = clean(Transcript((turn,), "nb"), "nb").turns[0]
    assert after.text == "Ja, jeg jobber på [Sted 1], ikke sant."
    assert [(word.text, word.start) for word in after.words] == [
        ("Ja,", 1.0),
        ("jeg", 3.0),
        ("jobber", 5.0),
        ("på", 6.0),
        ("[Sted 1]", 7.0),
        ("ikke", 9.0),
        ("sant.", 10.0),
    ]
    for word in after.words:
        assert after.text[word.offset : word.offset + len(word.text)] == word.text


FILLERS = {
    "nb": ["eh", "ehm", "øh", "øhm", "hmm", "mm"],
    "en": ["um", "uh", "er", "erm", "hmm", "mm"],
}
TOKENS = {
    "nb": "jeg ja så kan du [Person|1] [Person|2]s P01 veldig er Oslo 22 «hei» – … ? . , (men)",
    "en": "I no so can you [Person|1] [Place|2]'s P01 very the ER went 22 “hi” – ... ? . , (but)",
}


@st.composite
def spoken(draw: st.DrawFn) -> tuple[str, str]:
    language = draw(st.sampled_from(["nb", "en"]))
    tokens = [token.replace("|", " ") for token in TOKENS[language].split()]
    fillers = [form for f in FILLERS[language] for form in (f, f.capitalize(), f + ",", f + ".")]
    words = draw(st.lists(st.sampled_from(tokens + fillers), max_size=14))
    return language, draw(st.sampled_from([" ", "  ", " "])).join(words)


def is_subsequence(short: list[str], long: list[str]) -> bool:
    rest = iter(long)
    return all(word in rest for word in short)


@settings(max_examples=examples(400), deadline=None)
@given(spoken())
def test_only_removable_words_go(case: tuple[str, str]) -> None:
    language, text = case
    turn = with_words(text)
    transcript = Transcript((turn,), language)
    result = clean(transcript, language)
    after = result.turns[0]
    assert clean(result, language) == result

    units = r"\[[^\[\]]*\](?:'?\w+)*|\w+"
    before_words = [word.casefold() for word in re.findall(units, text)]
    after_words = [word.casefold() for word in re.findall(units, after.text)]
    if after.text == EMPTY and text != EMPTY:
        assert set(before_words) <= set(FILLERS[language])
        return
    assert is_subsequence(after_words, before_words)
    # Every word that is no filler is still said, fewer times only where it was repeated.
    assert set(before_words) - set(FILLERS[language]) <= set(after_words)
    for code in re.findall(r"\[[^\]]*\]", after.text):
        assert code in text
    for word in after.words:
        assert after.text[word.offset : word.offset + len(word.text)] == word.text
        assert word.text.strip() == word.text
    assert [w.offset for w in after.words] == sorted({w.offset for w in after.words})
    assert {w.start for w in after.words} <= {w.start for w in turn.words}


@settings(max_examples=examples(300), deadline=None)
@given(st.text(max_size=60), st.sampled_from(["nb", "nn", "en"]))
def test_any_text(text: str, language: str) -> None:
    transcript = Transcript((with_words(text),), language)
    result = clean(transcript, language)
    assert clean(result, language) == result
    assert not result.turns[0].text or text


def test_an_hour_in_one_turn_takes_no_time() -> None:
    import time

    text = "ja eh jeg jeg tror at at vi [Person 1] kan du kan du ehm gå " * 700
    begin = time.process_time()
    assert "ehm" not in cleaned(text)
    assert time.process_time() - begin < 5
