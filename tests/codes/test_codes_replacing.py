"""Replacing mentions by codes, and restoring."""

from __future__ import annotations

import pytest

from anonpipe.codes import Entity, link, replace, restore
from anonpipe.errors import RecordingError, UsageError
from anonpipe.transcript import SPEAKER_TURN, Mention, Transcript, Turn, Word

from .marked import spoken


def coded(*turns: str, language: str = "nb", entities=(), **options) -> str:
    transcript, mentions = spoken(*turns, language=language)
    result = link(mentions, entities, source="R01", transcript=transcript)
    return replace(transcript, result.mentions, result.entities, **options).text


def test_every_mention_gets_its_own_code():
    assert coded("<Kari> og <Odd> i <LOCATION:Skien>.") == "[Person 1] og [Person 2] i [Sted 1]."


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<Kari> <Odd> <Kari>", "[Person 1] [Person 2] [Person 1]"),
        ("<Kari><Odd>", "[Person 1][Person 2]"),
        ("<Kari>   <Odd>", "[Person 1]   [Person 2]"),
        ("<Kari>\n<Odd>/<Kari>", "[Person 1]\n[Person 2]/[Person 1]"),
    ],
)
def test_neighbours_of_one_type_are_not_merged(text, expected):
    assert coded(text) == expected


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("<Kari>. <Karis> bil", "nb", "[Person 1]. [Person 1]s bil"),
        ("<Karis> bil. <Kari>!", "nb", "[Person 1]s bil. [Person 1]!"),
        ("<Kari>s bil", "nb", "[Person 1]s bil"),
        ("<Jens> og <Jens'> hus", "nb", "[Person 1] og [Person 1]s hus"),
        ("<Jonas> og <Jonas> hus", "nb", "[Person 1] og [Person 1] hus"),
        ("<Kari Moe> og <Kari Moes> hus", "nn", "[Person 1] og [Person 1]s hus"),
        (
            "<ORG:Solgløtt>, <ORG:solgløtts> ansatte",
            "nb",
            "[Organisasjon 1], [Organisasjon 1]s ansatte",
        ),
        ("<Kari>, <Kari's> car", "en", "[Person 1], [Person 1]'s car"),
        ("<Kari>, <Kari’s> car", "en", "[Person 1], [Person 1]’s car"),
        ("<Kari>'s car", "en", "[Person 1]'s car"),
        ("<James>, <James'> car", "en", "[Person 1], [Person 1]'s car"),
        ("<LOCATION:Skorvik>ingar", "nn", "[Stad 1]ingar"),
    ],
)
def test_genitives_are_kept(text, language, expected):
    assert coded(text, language=language) == expected


def test_white_space_inside_a_mention_is_kept():
    transcript = Transcript((Turn("hei Kari , du"),), "nb")
    mention = Mention(0, 3, 9, "PERSON", " Kari ", 1.0, "t", "PERSON-1")
    table = [Entity("PERSON-1", "PERSON", 1, None, "Kari")]
    assert replace(transcript, [mention], table).text == "hei [Person 1] , du"


def test_the_template_is_a_setting():
    assert coded("<Kari> kom", template="<{number}-{label}>") == "<1-Person> kom"
    with pytest.raises(UsageError):
        coded("<Kari>", template="[{label}]")


def test_codes_without_brackets_stay_readable():
    people = [Entity("P01", "PERSON", None, "P01", "Kari")]
    text = coded("<Kari>2 <Odd><Kari>", entities=people)
    assert text == "P01 2 [Person 1]P01"
    assert restore(text, people) == "Kari 2 [Person 1]Kari"


def test_speaker_labels_become_codes():
    transcript, mentions = spoken("ja <Kari>", "nei", speaker="Kari Moe")
    label = Mention(SPEAKER_TURN, 0, 8, "PERSON", "Kari Moe", 1.0, "label")
    transcript = Transcript((*transcript.turns, Turn("hm", "Intervjuer")), "nb")
    result = link([label, *mentions], (), source="R01", transcript=transcript)
    turns = replace(transcript, result.mentions, result.entities).turns
    assert [turn.speaker for turn in turns] == ["Person 1", "Person 1", "Intervjuer"]
    assert turns[0].text == "ja [Person 1]"


# Words


def worded(text: str, *words: tuple[str, float, float, float]) -> Turn:
    position, made = 0, []
    for word, start, end, probability in words:
        position = text.index(word, position)
        made.append(Word(word, position, start, end, probability))
        position += len(word)
    return Turn(text, "", 0.0, 9.0, tuple(made))


def rebuilt(turn: Turn, *mentions: tuple[str, str]) -> list[tuple[str, int, float, float, float]]:
    table, found = [], []
    for number, (surface, canonical) in enumerate(mentions, 1):
        start = turn.text.index(surface)
        code = f"PERSON-{number}"
        table.append(Entity(code, "PERSON", number, None, canonical))
        found.append(Mention(0, start, start + len(surface), "PERSON", surface, 1.0, "t", code))
    new = replace(Transcript((turn,), "nb"), found, table).turns[0]
    assert all(new.text[w.offset : w.offset + len(w.text)] == w.text for w in new.words)
    return [(w.text, w.offset, w.start, w.end, w.probability) for w in new.words]


def test_the_words_of_a_mention_become_one():
    turn = worded(
        "så kom Kari Nordmann, ja",
        *(("så", 0.0, 0.2, 0.9), ("kom", 0.3, 0.5, 0.8), ("Kari", 0.6, 0.9, 0.7)),
        *(("Nordmann,", 1.0, 1.6, 0.4), ("ja", 2.0, 2.2, 0.9)),
    )
    assert rebuilt(turn, ("Kari Nordmann", "Kari Nordmann")) == [
        ("så", 0, 0.0, 0.2, 0.9),
        ("kom", 3, 0.3, 0.5, 0.8),
        ("[Person 1],", 7, 0.6, 1.6, 0.4),
        ("ja", 19, 2.0, 2.2, 0.9),
    ]


def test_two_mentions_in_one_word_stay_one_word():
    turn = worded("Kari/Odds bil", ("Kari/Odds", 0.0, 1.0, 0.5), ("bil", 1.0, 2.0, 0.6))
    assert rebuilt(turn, ("Kari", "Kari"), ("Odds", "Odd")) == [
        ("[Person 1]/[Person 2]s", 0, 0.0, 1.0, 0.5),
        ("bil", 23, 1.0, 2.0, 0.6),
    ]


def test_neighbouring_mentions_keep_their_own_words():
    turn = worded("Kari Odd", ("Kari", 0.0, 1.0, 0.5), ("Odd", 1.0, 2.0, 0.6))
    assert rebuilt(turn, ("Kari", "Kari"), ("Odd", "Odd")) == [
        ("[Person 1]", 0, 0.0, 1.0, 0.5),
        ("[Person 2]", 11, 1.0, 2.0, 0.6),
    ]


def test_a_mention_inside_a_word_keeps_the_rest_of_it():
    turn = worded("(Skorvikingar)", ("(Skorvikingar)", 0.0, 1.0, 0.5))
    assert rebuilt(turn, ("Skorvik", "Skorvik")) == [("([Person 1]ingar)", 0, 0.0, 1.0, 0.5)]


# Text that is coded already


def test_codes_in_the_input_survive_and_round_trip():
    transcript, mentions = spoken("[Person 1] møtte <Kari> ved [Stad 4]")
    result = link(mentions, (), source="R01", transcript=transcript)
    new = replace(transcript, result.mentions, result.entities).text
    assert new == "[Person 1] møtte [Person 2] ved [Stad 4]"
    assert restore(new, result.entities) == transcript.text


@pytest.mark.parametrize(
    ("surface", "expected"),
    [
        ("[Person 1]", "så [Person 1] sa han"),
        ("Person 1", "så [Person 1] sa han"),
        ("1", "så [Person 1] sa han"),
        ("[Person 1] ", "så [Person 1] sa han"),
        ("[Person 1] sa", "så [Person 1] [Annet 1] han"),
        ("så [Person 1] sa", "[Annet 1] [Person 1] [Annet 1] han"),
        ("så [", "[Annet 1] [Person 1] sa han"),
    ],
)
def test_codes_never_nest(surface, expected):
    transcript = Transcript((Turn("så [Person 1] sa han"),), "nb")
    start = transcript.text.index(surface)
    mention = Mention(0, start, start + len(surface), "OTHER", surface, 1.0, "t", "OTHER-1")
    table = [Entity("OTHER-1", "OTHER", 1, None, surface)]
    assert replace(transcript, [mention], table).text == expected


def test_replacing_with_the_old_mentions_again_changes_nothing():
    transcript, mentions = spoken("<Kari> og <Odd>", "hm", "<Karis> bil")
    result = link(mentions, (), source="R01", transcript=transcript)
    once = replace(transcript, result.mentions, result.entities)
    assert replace(once, result.mentions, result.entities) == once


def test_restore_reads_every_language_and_genitives():
    table = [
        Entity("PERSON-1", "PERSON", 1, None, "Kari Moe"),
        Entity("LOCATION-1", "LOCATION", 1, None, "Skien"),
        Entity("P01", "PERSON", None, "P01", "Odd"),
        Entity("P02", "PERSON", None, "P02", ""),
        Entity.placeholder("PERSON-2"),
    ]
    text = (
        "[Person 1]s hus i [Stad 1]/[Place 1]. P01s, P01 og P011, XP01, P02, [Person 2], [Dato 9]"
    )
    assert restore(text, table) == (
        "Kari Moes hus i Skien/Skien. Odds, Odd og P011, XP01, P02, [Person 2], [Dato 9]"
    )
    assert restore("ingen koder", ()) == "ingen koder"


# What does not fit


def one(text: str, start: int, surface: str, entity: str | None = "PERSON-1", turn: int = 0):
    table = [Entity("PERSON-1", "PERSON", 1, None, "Kari")]
    mention = Mention(turn, start, start + len(surface), "PERSON", surface, 1.0, "t", entity)
    return replace(Transcript((Turn(text),), "nb"), [mention], table)


@pytest.mark.parametrize(
    "arguments",
    [
        ("hei Kari", 3, "Kari"),
        ("hei", 4, "Kari"),
        ("hei Kari", 4, ""),
        ("hei Kari", 4, "Kari", "PERSON-1", 1),
        ("hei Kari", 4, "Kari", "PERSON-2"),
        ("hei Kari", 4, "Kari", None),
    ],
)
def test_mentions_that_do_not_fit_are_refused_without_naming_them(arguments):
    with pytest.raises(RecordingError) as caught:
        one(*arguments)
    assert "Kari" not in str(caught.value)


def test_overlapping_mentions_are_refused():
    table = [Entity("PERSON-1", "PERSON", 1, None, "Kari Moe")]
    found = [
        Mention(0, 0, 8, "PERSON", "Kari Moe", 1.0, "t", "PERSON-1"),
        Mention(0, 5, 8, "PERSON", "Moe", 1.0, "t", "PERSON-1"),
    ]
    with pytest.raises(RecordingError):
        replace(Transcript((Turn("Kari Moe"),), "nb"), found, table)
