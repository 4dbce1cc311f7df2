"""Words go to the voice that says them, sentences stay whole, and nothing is lost."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anonpipe.speakers.backend import Voice
from anonpipe.speakers.labels import neutral, number_of
from anonpipe.transcribe.said import Said, attribute
from anonpipe.transcribe.telling import told, told_anew
from anonpipe.transcribe.turns import PlacedWord, build_turns, placed_words
from anonpipe.transcript import Flag, Transcript, Turn

GAP = 0.05


def said(text: str, start: float = 0.0, length: float = 0.3) -> list[PlacedWord]:
    """Words one after the other, `length` seconds each; «|0.5» is a pause of 0.5 s."""
    words, at = [], start
    for word in text.split():
        if word.startswith("|"):
            at += float(word[1:])
            continue
        words.append(PlacedWord(word, round(at, 3), round(at + length, 3), 0.9))
        at += length + GAP
    return words


def who(words: list[PlacedWord], voices: list[Voice]) -> str:
    """Speakers as digits, a word each."""
    return "".join(str(each.speaker) for each in attribute(words, voices))


def test_a_word_belongs_to_the_voice_that_covers_most_of_it() -> None:
    words = said("What is it? |0.5 It is a house.")
    voices = [Voice(0.0, 1.2, 0), Voice(1.4, 3.0, 1)]
    assert who(words, voices) == "0001111"
    assert all(each.sure and not each.overlapped for each in attribute(words, voices))


def test_a_change_goes_to_the_end_of_the_sentence_near_it() -> None:
    words = said("Who do you work with? Mostly with Helen.")
    for edge in (1.3, 1.5, 1.75, 1.9, 2.05):  # 1.75 is right
        assert who(words, [Voice(0.0, edge, 0), Voice(edge, 3.0, 1)]) == "00000111", edge


def test_a_change_in_the_middle_of_a_sentence_stays_where_the_voices_change() -> None:
    words = said("and then we went to the no wait a moment it was not so")
    edge = words[6].start - 0.02
    assert who(words, [Voice(0.0, edge, 0), Voice(edge, 6.0, 1)]) == "000000" + "1" * 8


def test_a_lone_word_inside_a_sentence_is_not_somebody_elses() -> None:
    words = said("one two three four five six seven.")
    voices = [Voice(0.0, 1.05, 0), Voice(1.05, 1.35, 1), Voice(1.35, 3.0, 0)]
    found = attribute(words, voices)
    assert [each.speaker for each in found] == [0] * 7
    assert [each.sure for each in found] == [True] * 3 + [False] + [True] * 3


def test_a_short_reply_between_sentences_is() -> None:
    words = said("We left in May. |0.2 Ja. |0.2 And then we came back.")
    ja = words[4]
    voices = [
        Voice(0.0, ja.start - 0.1, 0),
        Voice(ja.start, ja.end, 1),
        Voice(ja.end + 0.1, 9.0, 0),
    ]
    assert who(words, voices) == "0000100000"


def test_words_in_no_voice_go_to_the_nearest_and_far_ones_are_doubtful() -> None:
    words = [*said("near"), *said("nearer", 2.5), *said("lost", 6.0)]
    voices = [Voice(0.4, 1.0, 1), Voice(3.0, 4.0, 0)]
    assert attribute(words, voices) == [Said(1), Said(0), Said(0, sure=False)]


def test_words_without_any_voice() -> None:
    assert attribute(said("a b"), []) == [Said(0, sure=False)] * 2
    assert attribute([], [Voice(0, 1, 0)]) == []


def test_words_during_which_two_speak() -> None:
    words = said("one two three four")
    found = attribute(words, [Voice(0.0, 2.0, 0), Voice(0.3, 0.7, 1)])
    assert [each.speaker for each in found] == [0, 0, 0, 0]
    assert [each.overlapped for each in found] == [False, True, False, False]


def test_half_a_word_is_nobodys_turn() -> None:
    words = [PlacedWord("e", 0, 0.3, 0.9), PlacedWord("-post.", 0.3, 2.3, 0.9, glued=True)]
    assert who(words, [Voice(0.0, 0.3, 0), Voice(0.3, 3.0, 1)]) == "11"


def test_three_speakers() -> None:
    words = said("One two? |0.4 Three four. |0.4 Five six.")
    edges = [words[2].start - 0.1, words[4].start - 0.1]
    voices = [Voice(0, edges[0], 4), Voice(edges[0], edges[1], 7), Voice(edges[1], 9, 9)]
    assert who(words, voices) == "447799"


WORDS = st.lists(
    st.tuples(
        st.sampled_from(["ja", "nei.", "hva?", "og,", "Kari"]),
        st.floats(0, 2),
        st.floats(0, 1.5),
        st.booleans(),
    ),
    max_size=25,
)
VOICES = st.lists(
    st.tuples(st.floats(0, 30), st.floats(0, 10), st.integers(0, 3)), max_size=12
).map(lambda items: [Voice(start, start + length, who) for start, length, who in items])


def placed(items: list[tuple[str, float, float, bool]]) -> list[PlacedWord]:
    words, at = [], 0.0
    for text, pause, length, glued in items:
        at += pause
        words.append(PlacedWord(text, at, at + length, 0.5, glued and bool(words)))
        at += length
    return words


@given(items=WORDS, voices=VOICES)
def test_every_word_is_in_one_turn_in_its_order_whatever_the_voices(
    items: list[tuple[str, float, float, bool]], voices: list[Voice]
) -> None:
    words = placed(items)
    turns, flags = told(words, voices, "nb")
    assert [(w.text, w.start, w.end) for t in turns for w in t.words] == [
        (w.text, w.start, w.end) for w in words
    ]
    whole = "".join(("" if word.glued else " ") + word.text for word in words)
    assert " ".join(turn.text for turn in turns) == whole.strip()
    for turn in turns:
        assert turn.words and number_of(turn.speaker)
        for word in turn.words:
            assert turn.text[word.offset :].startswith(word.text)
    assert list(dict.fromkeys(turn.speaker for turn in turns)) == [
        neutral(n, "nb") for n in range(1, len({t.speaker for t in turns}) + 1)
    ]
    for flag in flags:
        assert flag.turn is not None
        inside = [w for w in turns[flag.turn].words if flag.start <= w.start and w.end <= flag.end]
        assert len(inside) >= flag.count >= 1


@given(items=WORDS, first=VOICES, second=VOICES)
def test_telling_anew_is_telling_at_once(
    items: list[tuple[str, float, float, bool]], first: list[Voice], second: list[Voice]
) -> None:
    words = placed(items)
    turns, flags = told(words, first, "en")
    before = Transcript(tuple(turns), "en", flags=tuple(flags))
    turns, flags = told(words, second, "en")
    after = told_anew(before, second)
    assert after.turns == tuple(turns)
    assert sorted(map(repr, after.flags)) == sorted(map(repr, flags))


@given(items=WORDS, voices=VOICES)
def test_words_of_turns_are_those_they_were_made_of(
    items: list[tuple[str, float, float, bool]], voices: list[Voice]
) -> None:
    words = placed(items)
    turns, _ = told(words, voices, "nb")
    assert placed_words(turns) == words


def test_text_between_words_stays_with_the_word_before_it() -> None:
    """As it is after a person has corrected words in the raw transcript."""
    (turn,) = build_turns([said("one two three")], [""])
    turn = Turn("«one — two three!", "", turn.start, turn.end, (*turn.words,))
    words = turn.words
    offsets = [1, 7, 11]
    moved = tuple(
        type(w)(w.text, at, w.start, w.end, w.probability)
        for w, at in zip(words, offsets, strict=True)
    )
    (again,), _ = told(placed_words([Turn(turn.text, "", 0.0, 1.0, moved)]), [], "en")
    assert again.text == turn.text


def test_other_flags_move_with_their_words() -> None:
    words = said("One two. |0.5 Three four. |0.5 Five six.")
    edge = words[4].start - 0.1
    turns, _ = told(words, [Voice(0, 9, 0)], "en")
    at = words[5].start
    low = Flag("low-confidence", 0, at, words[5].end)
    before = Transcript(tuple(turns), "en", flags=(low, Flag("language"), Flag("speaker")))
    after = told_anew(before, [Voice(0, edge, 0), Voice(edge, 9, 1)])
    assert [turn.text for turn in after.turns] == ["One two. Three four.", "Five six."]
    assert set(after.flags) == {Flag("low-confidence", 1, at, words[5].end), Flag("language")}


@pytest.mark.parametrize(
    ("label", "number"),
    [("Taler 1", 1), ("Talar 12", 12), ("Speaker 3", 3), ("Taler", None), ("Taler 0", None),
     ("P01", None), ("", None), ("Speaker 1 ", None), ("Talare 2", 2)],
)  # fmt: skip
def test_neutral_labels(label: str, number: int | None) -> None:
    assert number_of(label) == number
