"""Properties that must hold for any text, any names and any places where they stand."""

from __future__ import annotations

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from anonpipe.codes import Entity, code_spans, find_codes, form, link, replace, restore
from anonpipe.transcript import Mention, MentionType, Transcript, Turn, Word

NAMES = [
    *("Kari", "Karis", "Karin", "Kari Nordmann", "Kari Berg", "Kari Lise Nordmann", "Nordmann"),
    *("K. Nordmann", "dr. Berg", "Berg", "Stein Ove", "Stein-Ove Brekke", "Stein", "Brekkes"),
    *("Shanthi", "Shanti Sivakumar", "sjanti", "Shanthi Berg", "Anna Bengtson", "Anna Bengtsson"),
    *("Bengtsson", "Jens", "Jens'", "Andreas", "Andrea", "Åse", "Aase Bø", "torleif stein kvam"),
    *("jan kvam", "kvam", "KN", "Rose Marie", "Rose Marie Lund", "Rose Marie Moe", "Rose", "P01"),
    *("Siv Anett Løvjomås", "Siv Løvjomås", "Siv Anett", "whitfeild", "darnell whitfield"),
]
ORGS = ["Solgløtt sykehjem", "Solgløtt", "solgløtts", "NAV Hamar", "NAV", "Kafé Hjørnet", "Hjørnet"]
VALUES = ["911 40 268", "+47 91140268", "14. mars 2023", "[Person 3]", "x"]
MENTIONS = st.one_of(
    st.tuples(st.just("PERSON"), st.sampled_from(NAMES)),
    st.tuples(st.just("ORG"), st.sampled_from(ORGS)),
    st.tuples(st.sampled_from(["PHONE", "DATE", "OTHER", "LOCATION"]), st.sampled_from(VALUES)),
)
FILLER = st.one_of(
    st.sampled_from(
        ["", " ", " og ", ", ", "s bil ", "'s ", ". ", "2", " [Person 1] ", "P01", "\n"]
    ),
    st.sampled_from(
        ["[Sted 2]", "[place 4]", "[Person ", "]", " ikke\u00a0noe 💡 ", "[[", "{label}"]
    ),
    st.text(alphabet=st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=4),
)
PIECES = st.lists(st.tuples(FILLER, MENTIONS), max_size=8)
PARTICIPANT = Entity("P01", "PERSON", None, "P01", "Synnøve Moe")


def build(turns: list[list[tuple[str, tuple[MentionType, str]]]], language: str = "nb"):
    """A transcript, with words cut at spaces, and its mentions."""
    made, mentions = [], []
    for number, pieces in enumerate(turns):
        text = ""
        for filler, (mention_type, surface) in pieces:
            text += filler
            start = len(text)
            text += surface
            mentions.append(Mention(number, start, len(text), mention_type, surface, 1.0, "test"))
        words = tuple(
            Word(m[0], m.start(), float(m.start()), float(m.end()), 1 / (1 + m.start()))
            for m in re.finditer(r"\S+", text)
        )
        made.append(Turn(text, "Informant", words=words))
    return Transcript(tuple(made), language), tuple(mentions)


TRANSCRIPTS = st.builds(
    build, st.lists(PIECES, min_size=1, max_size=3), st.sampled_from(["nb", "nn", "en"])
)


@settings(deadline=None, max_examples=60, derandomize=True)
@given(TRANSCRIPTS, TRANSCRIPTS)
def test_linking_again_changes_nothing(one, two):
    table = link(one[1], [PARTICIPANT], source="R01", transcript=one[0]).entities
    first = link(two[1], table, source="R02", transcript=two[0])
    again = link(two[1], first.entities, source="R02", transcript=two[0])
    assert again == first
    assert link(tuple(reversed(two[1])), table, source="R02", transcript=two[0]) == first


@settings(deadline=None, max_examples=60, derandomize=True)
@given(TRANSCRIPTS, TRANSCRIPTS)
def test_codes_of_a_source_stay_when_the_study_grows(one, two):
    first = link(one[1], [PARTICIPANT], source="R01", transcript=one[0])
    table = link(two[1], first.entities, source="R02", transcript=two[0]).entities
    again = link(one[1], table, source="R01", transcript=one[0])
    assert [m.entity for m in again.mentions] == [m.entity for m in first.mentions]


@settings(deadline=None, max_examples=60, derandomize=True)
@given(TRANSCRIPTS, TRANSCRIPTS)
def test_counts_and_numbers_add_up(one, two):
    table = [PARTICIPANT]
    for source, (transcript, mentions) in (("R01", one), ("D01", two)):
        linked = link(mentions, table, source=source, transcript=transcript)
        table = list(linked.entities)
        assert sum(e.seen.get(source, 0) for e in table) == len(linked.mentions)
        assert len({e.id for e in table}) == len(table)
        assert {m.entity for m in linked.mentions} <= {e.id for e in table}
        codes = find_codes(transcript.text)
        for entity in table:
            assert entity.is_placeholder or source != "R01" or entity.id not in codes
            assert Entity.from_json(entity.to_json()) == entity


def around(text: str, mentions, written: dict[str, str]) -> re.Pattern[str]:
    """All characters outside the mentions, and in their place `written`, maybe in genitive."""
    pattern, position = "", 0
    for mention in mentions:
        pattern += re.escape(text[position : mention.start])
        pattern += rf" ?{re.escape(written[mention.entity])}(['’]?s)? ?"
        position = mention.end
    return re.compile(pattern + re.escape(text[position:]))


@settings(deadline=None, max_examples=60, derandomize=True)
@given(TRANSCRIPTS)
def test_replacing_loses_nothing_and_restores_to_canonical_forms(made):
    transcript, mentions = made
    linked = link(mentions, [PARTICIPANT], source="R01", transcript=transcript)
    coded = replace(transcript, linked.mentions, linked.entities)
    codes = {e.id: form(e, transcript.language) for e in linked.entities}
    names = {e.id: e.canonical for e in linked.entities}
    for number, (before, after) in enumerate(zip(transcript.turns, coded.turns, strict=True)):
        found = [m for m in linked.mentions if m.turn == number]
        overlapping = any(
            start < m.end and m.start < end
            for start, end, _ in code_spans(before.text)
            for m in found
        )
        if overlapping:  # such mentions keep the code that is in them
            continue
        assert around(before.text, found, codes).fullmatch(after.text)
        # What the text said of P01 itself, and what became a code only now, cannot come back.
        if "P01" not in before.text and "[Person 1" not in before.text:
            restored = restore(after.text, linked.entities)
            assert around(before.text, found, names).fullmatch(restored)


@settings(deadline=None, max_examples=60, derandomize=True)
@given(TRANSCRIPTS)
def test_replacing_twice_is_replacing_once(made):
    transcript, mentions = made
    linked = link(mentions, [PARTICIPANT], source="R01", transcript=transcript)
    coded = replace(transcript, linked.mentions, linked.entities)
    assert replace(coded, linked.mentions, linked.entities) == coded
    # A detector that takes every code for a name changes nothing either.
    inside = [
        Mention(number, match.start(), match.end(), "PERSON", match[0], 0.5, "test")
        for number, turn in enumerate(coded.turns)
        for match in re.finditer(r"\[?(Person|Sted|Stad|Place|Dato) \d+\]?|\bP01\b", turn.text)
        if match[0] == "P01" or (match[0].startswith("[") and match[0].endswith("]"))
    ]
    again = link(inside, linked.entities, source="R01", transcript=coded)
    assert {m.entity for m in again.mentions} <= {"P01"}
    assert replace(coded, again.mentions, again.entities) == coded


@settings(deadline=None, max_examples=60, derandomize=True)
@given(TRANSCRIPTS)
def test_words_fit_the_new_text(made):
    transcript, mentions = made
    linked = link(mentions, [PARTICIPANT], source="R01", transcript=transcript)
    coded = replace(transcript, linked.mentions, linked.entities)
    for before, after in zip(transcript.turns, coded.turns, strict=True):
        position = 0
        for word in after.words:
            assert after.text[word.offset : word.offset + len(word.text)] == word.text != ""
            assert not after.text[position : word.offset].strip()
            assert word.start <= word.end
            position = word.offset + len(word.text)
        assert not after.text[position:].strip()
        if before.words:
            assert (after.words[0].start, after.words[-1].end) == (
                before.words[0].start,
                before.words[-1].end,
            )


@settings(deadline=None, max_examples=60, derandomize=True)
@given(st.text(max_size=40), st.lists(st.sampled_from(["[Person 3]", "[Stad 1]", "P02", "x "])))
def test_input_that_looks_like_codes_round_trips(text, parts):
    said = text + "".join(parts)
    transcript = Transcript((Turn(said + " Kari"),), "nn")
    mention = Mention(0, len(said) + 1, len(said) + 5, "PERSON", "Kari", 1.0, "test")
    linked = link([mention], [PARTICIPANT], source="R01", transcript=transcript)
    coded = replace(transcript, linked.mentions, linked.entities)
    if "P01" not in said:
        assert coded.turns[0].text.startswith(said)
        assert restore(coded.turns[0].text, linked.entities) == said + " Kari"
