"""Codes of somebody who withdrew give way to labels that link nothing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anonpipe.codes import Entity, Unlinker, bare, code_spans, redact, replace
from anonpipe.codes.forms import BARE, form
from anonpipe.codes.generalise import without_generalisations
from anonpipe.detect.spans import code_spans as hidden
from anonpipe.splicing import splice
from anonpipe.transcript import MENTION_TYPES, SPEAKER_TURN, Mention, Transcript, Turn, Word

P07 = Entity("P07", "PERSON", None, "P07", "Kari Nordmann", ("Kari Nordmann", "Kari"))
SEVEN = Entity("PERSON-7", "PERSON", 7, None, "Kari Nordmann")
OLA = Entity("PERSON-1", "PERSON", 1, None, "Ola Hansen", ("Ola Hansen", "Ola"))


def unlinked(text: str, language: str = "nb", template: str = "[{label} {number}]") -> str:
    return splice(text, Unlinker((P07, SEVEN), ("P07",), language, template).pieces(text))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("Jeg så P07 i går.", "Jeg så [Person] i går."),
        ("P07s bil og P07's hus, p07!", "[Person]s bil og [Person]'s hus, [Person]!"),
        ("P071, XP07, P0 7 og P08", "P071, XP07, P0 7 og P08"),
        ("**P07** sa _P07_ og (P07)", "**[Person]** sa _[Person]_ og ([Person])"),
        ("[Person 7]s bil", "[Person]s bil"),
        ("[person  7] og [Person\n7] og [Person\u00a07]", "[Person] og [Person] og [Person]"),
        ("[Person 71] og [Person 17] og [Sted 7]", "[Person 71] og [Person 17] og [Sted 7]"),
        ("P07 (00:00:09): Hei P07", "Person (00:00:09): Hei [Person]"),
        ("P07: Hei", "Person: Hei"),
        ("**P07:** Hei\n[00:12] P07: ja", "**Person:** Hei\n[00:12] Person: ja"),
        ("Person 7: Hei\nmed Person 7 og person 7", "Person: Hei\nmed [Person] og person 7"),
        ("Så sa hun: P07: ja", "Så sa hun: [Person]: ja"),
        ("", ""),
    ],
)
def test_codes_become_labels_as_they_were_typed(before: str, after: str) -> None:
    assert unlinked(before) == after
    assert unlinked(after) == after


@pytest.mark.parametrize("template", ["<{label} {number}>", "{number}:{label}", "{label}_{number}"])
def test_a_code_is_found_in_the_studys_template_and_in_the_default_one(template: str) -> None:
    code = form(SEVEN, "nb", template)
    assert unlinked(f"Se {code} og [Person 7] der.", template=template) == (
        "Se [Person] og [Person] der."
    )


def test_labels_are_in_the_language_of_the_text() -> None:
    place = Entity("LOCATION-2", "LOCATION", 2, None, "Bergen")
    for language, word in (("nb", "Sted"), ("nn", "Stad"), ("en", "Place"), ("de", "Place")):
        unlinker = Unlinker((place,), (), language)
        text = "a [Sted 2] b [Stad 2] c [Place 2]"
        assert splice(text, unlinker.pieces(text)) == f"a [{word}] b [{word}] c [{word}]"
        assert unlinker.label("Place 2") == word


@pytest.mark.parametrize("mention_type", MENTION_TYPES)
@pytest.mark.parametrize("language", ["nb", "nn", "en"])
def test_a_bare_label_is_no_code_no_name_and_nothing_to_detect(
    mention_type: str, language: str
) -> None:
    text = bare(mention_type, language)  # type: ignore[arg-type]
    assert not list(code_spans(text)) and text[1:-1] in BARE
    assert hidden(text) == [(0, len(text))]
    assert "0]" in without_generalisations(text)


# -- raw transcripts

WORDS = ("jeg", "så", "huset", "og", "båten", "ved", "sjøen")
NAMES = {"Kari": "P07", "Kari Nordmann": "P07", "Karis": "P07", "Ola": "PERSON-1"}
tokens = st.lists(st.sampled_from((*WORDS, *NAMES, "P07")), min_size=1, max_size=14)


def spoken(turns: list[list[str]]) -> tuple[Transcript, list[Mention]]:
    """Turns of words a second apart, and a mention of every name."""
    made, mentions = [], []
    for number, turn in enumerate(turns):
        text = " ".join(turn)
        words, offset = [], 0
        for second, word in enumerate(text.split()):
            offset = text.index(word, offset)
            words.append(Word(word, offset, float(second), second + 1.0, 0.5 + second / 100))
            offset += len(word)
        at = 0
        for token in turn:
            if token in NAMES:
                mentions.append(
                    Mention(number, at, at + len(token), "PERSON", token, 1.0, "test", NAMES[token])
                )
            at += len(token) + 1
        made.append(Turn(text, "P07" if number % 2 else "Ola", 0.0, len(words) + 0.0, tuple(words)))
    mentions.append(Mention(SPEAKER_TURN, 0, 3, "PERSON", "Ola", 1.0, "test", "PERSON-1"))
    return Transcript(tuple(made), "nb"), mentions


@given(st.lists(tokens, min_size=1, max_size=4))
def test_coding_a_redacted_transcript_gives_what_unlinking_the_coded_one_gives(
    turns: list[list[str]],
) -> None:
    transcript, mentions = spoken(turns)
    unlinker = Unlinker((P07,), ("P07",), "nb")
    coded = replace(transcript, mentions, (P07, OLA))
    raw, left = redact(transcript, mentions, (P07, OLA), {"P07"}, (), unlinker)
    assert replace(raw, left, (OLA,)) == unlinker.transcript(coded)
    assert "Kari" not in raw.text and "Nordmann" not in raw.text and "P07" not in raw.text
    assert all(m.entity == "PERSON-1" for m in left)
    for mention in left:
        if mention.turn != SPEAKER_TURN:
            assert raw.turns[mention.turn].text[mention.start : mention.end] == mention.text
    for before, after in zip(transcript.turns, raw.turns, strict=True):
        starts = [word.start for word in after.words]
        assert starts == sorted(starts) and set(starts) <= {word.start for word in before.words}
        assert [w.offset for w in after.words] == sorted(w.offset for w in after.words)
        for word in after.words:
            assert after.text[word.offset : word.offset + len(word.text)] == word.text


def test_names_that_no_mention_covers_go_too_but_not_those_of_others() -> None:
    turn = Turn("Kari Hansen kom, og kari nordmann gikk.", "Kari")
    transcript = Transcript((turn,), "nb")
    other = Mention(0, 0, 11, "PERSON", "Kari Hansen", 1.0, "test", "PERSON-1")
    raw, left = redact(
        transcript,
        (other,),
        (P07, OLA),
        {"P07"},
        [((0, 0, 4), "PERSON"), ((0, 20, 33), "PERSON")],
        Unlinker((P07,), ("P07",), "nb"),
        speakers=("Kari",),
    )
    assert raw.turns[0].text == "Kari Hansen kom, og [Person] gikk."
    assert raw.turns[0].speaker == "Person" and left == (other,)
