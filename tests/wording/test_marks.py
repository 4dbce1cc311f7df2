"""Marks of pauses, laughter and unclear passages: where they stand, and that they hide nothing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anonpipe import formats
from anonpipe.settings import Wording
from anonpipe.transcript import Flag, Transcript, Turn, Word
from anonpipe.wording import worded
from anonpipe.wording.laughter import with_laughter
from anonpipe.wording.marks import taken_out, without_marks
from anonpipe.wording.pauses import silences

MARKS = Wording(pauses=True, unclear=True)


def turn(
    *words: tuple[str, float, float] | tuple[str, float, float, float], who: str = "P01"
) -> Turn:
    """A turn of words with their start, end and, if not 0.9, probability."""
    placed, text = [], ""
    for word, start, end, *rest in words:
        text += " " if text else ""
        placed.append(Word(word, len(text), start, end, rest[0] if rest else 0.9))
        text += word
    return Turn(text, who, words[0][1], words[-1][2], tuple(placed))


def fits(transcript: Transcript) -> bool:
    return all(
        each.text[word.offset : word.offset + len(word.text)] == word.text
        for each in transcript.turns
        for word in each.words
    )


def test_pauses_inside_a_turn_and_before_the_next() -> None:
    before = Transcript(
        (
            turn(("Når", 2, 2.5), ("kom", 3.5, 4), ("du", 4.9, 5), who="Intervjuer"),
            turn(("I", 8.4, 8.5), ("fjor,", 12.0, 12.5), ("ja.", 12.6, 13)),
        ),
        "nb",
    )
    after = worded(before, "verbatim", Wording(pauses=True))
    assert [t.text for t in after.turns] == ["Når (..) kom du", "(..) I (4 s) fjor, ja."]
    assert fits(after)
    assert [w.start for t in after.turns for w in t.words] == [2, 3.5, 4.9, 8.4, 12.0, 12.6]
    clean = worded(before, "clean", Wording(pauses=True))
    assert [t.text for t in clean.turns] == ["Når kom du", "I (4 s) fjor, ja."]
    assert worded(before, "verbatim", Wording()) == before


def test_nobody_is_silent_while_another_speaks() -> None:
    one = turn(("ja", 0, 1), ("nei", 6, 7))
    other = turn(("mens", 1, 3), ("vi", 3, 5.5), who="P02")
    assert silences(Transcript((one, other), "nb")) == ()
    assert len(silences(Transcript((one,), "nb"))) == 1
    heard = (Flag("speech-without-text", None, 2.0, 5.0),)
    assert silences(Transcript((one,), "nb", flags=heard)) == ()


def test_a_pause_is_longer_by_the_fillers_that_went() -> None:
    before = Transcript((turn(("ja", 0, 1), ("ehm", 4, 5), ("jo", 8, 9)),), "nb")
    assert worded(before, "verbatim", MARKS).turns[0].text == "ja (..) ehm (..) jo"
    # Clean: two pauses of three seconds with nothing left between them are one of seven.
    assert worded(before, "clean", MARKS).turns[0].text == "ja (7 s) jo"


def test_a_code_is_never_parted() -> None:
    words = (Word("[Person 1]", 0, 0, 9, 0.9), Word("kom", 11, 12, 13, 0.9))
    before = Transcript((Turn("[Person 1] kom", "P01", 0, 13, words),), "nb")
    assert worded(before, "verbatim", MARKS).turns[0].text == "[Person 1] (..) kom"


def test_unclear_words_and_speech_without_words() -> None:
    before = Transcript(
        (
            turn(
                *(("vi", 0, 1), ("bor", 761, 762, 0.3), ("kanskje,", 762, 763, 0.2)),
                *(("i", 763, 764), ("[Sted 1].", 764, 765, 0.1), ("Ja", 765, 766, 0.1)),
                *(("eh", 766, 767), ("ehm", 767, 768, 0.1), ("(ler)", 768, 769, 0.1)),
            ),
            turn(("Nei.", 780, 781), who="P02"),
        ),
        "nb",
        flags=(
            Flag("speech-without-text", None, 770.0, 775.0),
            Flag("speech-without-text", None, 7205.0, 7209.0),
        ),
    )
    after = worded(before, "verbatim", Wording(unclear=True))
    assert [t.text for t in after.turns] == [
        "vi (uklart 00:12:41: bor kanskje, i [Sted 1]). (uklart 00:12:45: Ja) eh ehm (ler)",
        "(uklart 00:12:50) Nei. (uklart 02:00:05)",
    ]
    assert fits(after)
    english = Transcript((turn(("well", 0, 1), ("perhaps", 1, 2, 0.1)),), "en")
    assert worded(english, "clean", MARKS).turns[0].text == "well (unclear 00:00:01: perhaps)"


def test_one_sure_word_between_two_unclear_ones_is_in_the_passage() -> None:
    words = [
        (w, i, i + 1.0, 0.1 if w[0] == "u" else 0.9)
        for i, w in enumerate(["a", "ub", "c", "ud", "e", "f", "ug"])
    ]
    words.append(("eh.", 7, 8, 0.1))
    before = Transcript((turn(*words),), "nb")
    wanted = "a (uklart 00:00:01: ub c ud) e f (uklart 00:00:06: ug) eh."
    assert worded(before, "verbatim", Wording(unclear=True)).turns[0].text == wanted


def test_no_mark_reaches_across_a_pause() -> None:
    before = Transcript((turn(("ja", 0, 1), ("to", 1, 2, 0.1), ("tre", 4, 5, 0.1)),), "nb")
    wanted = "ja (uklart 00:00:01: to) (..) (uklart 00:00:04: tre)"
    assert worded(before, "verbatim", MARKS).turns[0].text == wanted


def test_texts_without_times_get_no_marks() -> None:
    before = Transcript((Turn("Ja, eh, det er noe."), Turn("Nei.", "P01")), "nb")
    assert worded(before, "verbatim", MARKS) == before


@pytest.mark.parametrize(
    ("language", "text", "wanted"),
    [
        ("nb", "Haha, det var gøy, haha.", "(latter) Det var gøy (latter)."),
        ("nb", "det var, hahaha, sånn", "det var, (latter) sånn"),
        ("nb", "Ja. Haha! Nei (ler litt) da", "Ja. (latter) Nei (latter) da"),
        ("nn", "[latter] ja *ler* hehe, ha, ha, ha", "(latter) ja (latter)"),
        ("en", "[Laughter] Yes (laughs). haha haha", "(laughter) Yes (laughter). (laughter)"),
        ("nb", "Må du ha, he he, ho ho og hi hi?", "Må du ha, he he, ho ho og hi hi?"),
        (
            "nb",
            "hun ler (og smiler), [Person 1] har latter",
            "hun ler (og smiler), [Person 1] har latter",
        ),
    ],
)
def test_laughter(language: str, text: str, wanted: str) -> None:
    after = with_laughter(Transcript((Turn(text),), language))
    assert after.turns[0].text == wanted
    assert with_laughter(after) == after


def test_laughter_is_by_choice_and_stays_in_clean() -> None:
    before = Transcript((turn(("Haha,", 0, 1), ("eh", 1, 2), ("ja", 2, 3)),), "nb")
    assert worded(before, "verbatim", Wording()).turns[0].text == "Haha, eh ja"
    after = worded(before, "clean", Wording(laughter=True))
    assert after.turns[0].text == "(latter) Ja"
    assert fits(after)


def test_a_name_is_read_through_marks() -> None:
    text = "så (..) Anne (4 s) Lise (uklart 00:12:41: Berg) og (latter) (uklart 00:12:41) (a) (1)"
    shown, places = without_marks(text)
    assert shown == "så Anne Lise Berg og (a) (1)"
    assert all(text[at] == character for at, character in zip(places, shown, strict=True))
    start = text.index("Anne")
    assert taken_out(Turn(text), [(start, start + 15)]).text == text.replace(" (4 s)", "")
    end = text.index("Berg") + 4
    assert "Anne Lise Berg og (latter)" in taken_out(Turn(text), [(start, end)]).text
    assert taken_out(Turn(text), [(end - 4, end)]).text == text


SAID = """
ja Nei, eh Ehm, [Person|1] [Person|1]s [Sted|2]. det er var, jeg jeg gikk- tjuefem 3 haha (ler)
barn. P01 ikke komm- kommunen «hei» … – ok? I am was, uh twenty-five
"""
TEXT = st.sampled_from(SAID.split())
WORDS = st.lists(
    st.tuples(TEXT, st.floats(0, 6), st.floats(0, 2), st.floats(0, 1)), min_size=1, max_size=10
)


@st.composite
def spoken(draw: st.DrawFn) -> Transcript:
    turns, now = [], draw(st.floats(0, 5000))
    for who, words in zip(
        ("P01", "Intervjuer", "P01"), draw(st.lists(WORDS, max_size=3)), strict=False
    ):
        placed = []
        for word, gap, length, probability in words:
            now += gap if gap > 4 else gap / 8
            placed.append((word.replace("|", " "), now, now + length, probability))
            now += length
        turns.append(turn(*placed, who=who))
    flags = (Flag("speech-without-text", None, now / 2, now / 2 + 3),)
    return Transcript(tuple(turns), draw(st.sampled_from(["nb", "nn", "en"])), now, flags=flags)


STYLES = st.sampled_from(["verbatim", "clean"])
WORDINGS = st.builds(
    Wording,
    pauses=st.booleans(),
    laughter=st.booleans(),
    unclear=st.booleans(),
    numbers=st.sampled_from(["as-heard", "digits", "words"]),
)


@given(spoken(), STYLES, WORDINGS)
def test_nothing_is_lost_or_misplaced(before: Transcript, style, wording) -> None:  # type: ignore[no-untyped-def]
    after = worded(before, style, wording)
    assert fits(after)
    assert [(t.speaker, t.start, t.end) for t in after.turns] == [
        (t.speaker, t.start, t.end) for t in before.turns
    ]
    for one, other in zip(before.turns, after.turns, strict=True):
        for code in ("[Person 1]", "[Sted 2]", "P01"):
            assert (code in one.text) == (code in other.text)
            if style == "verbatim":
                assert one.text.count(code) == other.text.count(code)
        assert "  " not in other.text and " ," not in other.text.replace("… ,", "")
        if style == "verbatim" and wording.numbers == "as-heard" and not wording.laughter:
            assert without_marks(other.text)[0] == without_marks(one.text)[0]
            assert [w.start for w in one.words] == [w.start for w in other.words]
        assert other.text.count("?") == one.text.count("?") or style == "clean"


@given(spoken(), STYLES, WORDINGS)
def test_every_format_gives_it_back(before: Transcript, style, wording) -> None:  # type: ignore[no-untyped-def]
    after = worded(before, style, wording)
    for form in ("txt", "md", "vtt", "srt", "json", "csv", "nvivo"):
        data = formats.render(after, form, title="P01-R01")
        assert formats.reread(data, form) == formats.expected(after, form), form


@given(st.lists(TEXT, max_size=12), st.text(max_size=40), STYLES, WORDINGS)
def test_twice_is_once_without_times(said, rest, style, wording) -> None:  # type: ignore[no-untyped-def]
    for language in ("nb", "en"):
        text = " ".join([*said, rest]).replace("|", " ")
        before = Transcript((Turn(text),), language)
        after = worded(before, style, wording)
        assert worded(after, style, wording) == after
