"""The file that a close asks to be filled: closed lists of words, and what they lead to."""

from __future__ import annotations

import json
from datetime import date

import pytest

from anonpipe import status
from anonpipe.closing.answers import read
from anonpipe.closing.questions import (
    BASES_AGAINST,
    BASES_FOR,
    PLACES,
    QUESTIONS,
    Answers,
    checklist,
    missing,
)
from anonpipe.errors import UsageError
from anonpipe.log_kinds import ROLES
from anonpipe.rarity import Findings, Link, Rare
from tests.closing import fill

RARE = Rare("P01", ("AGE-1", "LOCATION-2"), alone=False, readable=True)
FOUND = Findings(("P01", "P02"), (RARE,), (Link("PERSON-1", ("P01", "P02")),), ("OCCUPATION",))
MANY = Findings(tuple(f"P{n:02}" for n in range(1, 9)), (), (), ())
TEXT = checklist(FOUND, ["R02 is not final."], ["B01 will be destroyed."])


def test_the_checklist_tells_what_was_found_and_what_is_open() -> None:
    for part in (
        "#   - R02 is not final.",
        "#   - B01 will be destroyed.",
        "#   PERSON-1: P01, P02",
        'codes = ["AGE-1", "LOCATION-2"]  # all of them together, a reader sees something',
        'type = "OCCUPATION"',
        "# participants: 2",
        "WP216",
    ):
        assert part in TEXT
    assert "small_group" not in checklist(MANY, [], [])


def test_filled_and_read() -> None:
    answers = read(fill(TEXT), "a.toml")
    assert answers.role == "student" and set(answers.criteria) == set(QUESTIONS)
    assert answers.rare == {("P01", ("AGE-1", "LOCATION-2")): "accepted"}
    assert answers.kept == ("OCCUPATION",) and set(answers.copies.values()) == {"none"}
    assert answers.why_not() == () and missing(answers, FOUND, 0) == []
    assert Answers.from_json(json.loads(json.dumps(answers.to_json()))) == answers
    no = read(fill(TEXT, {"ruled_out": "no", "basis": ["rare-story"], "phone": "exists"}), "a")
    assert no.why_not() == (*QUESTIONS, "copy-phone")
    quoted = TEXT.replace('date = ""', "date = 2027-06-30")
    assert read(fill(quoted), "a").on == date(2027, 6, 30)


@pytest.mark.parametrize(
    ("before", "after", "hint"),
    [
        ('role = "', 'note = "Kari Nordmann"\nrole = "', "no texts of your own"),
        ("[judge]", 'remarks = "Kari Nordmann"\n[judge]', "no texts of your own"),
        ('role = "student"', 'role = "Kari Nordmann"', "never a name"),
        ('cloud = "none"', 'cloud = "Kari Nordmann has one"', r"copies\.cloud: answer one of"),
        ('verdict = "accepted"', 'verdict = "Kari said so"', r"rare\.verdict of P01"),
        ("basis = ['read", "basis = ['Kari Nordmann', 'read", "answer one of"),
        ("basis = ['read-through', 'rare-judged']", "basis = []", "name at least one"),
        ("basis = ['read", "basis = ['rare-story', 'read", "answer one of"),
        ('codes = ["AGE-1"', 'codes = ["Kari Nordmann"', "leave the codes"),
        ('participant = "P01"', 'participant = "Kari"', "leave the code"),
        ('ruled_out = "yes"', "ruled_out = true", "yes, no"),
        ("version = 1", "version = 2", "of this version"),
        ("[copies]", "[elsewhere]", "no texts of your own"),
        ('date = "', 'date = "Kari', "write a date"),
        ('role = "student"', "role = ", "not valid TOML"),
    ],
)
def test_only_words_of_the_lists_are_taken_and_none_is_repeated(
    before: str, after: str, hint: str
) -> None:
    text = fill(TEXT).replace("'student'", '"student"').replace("'accepted'", '"accepted"')
    text = text.replace("'none'", '"none"').replace("'yes'", '"yes"')
    text = text.replace(f"date = '{date.today()}'", f'date = "{date.today()}"')
    assert before in text
    with pytest.raises(UsageError, match=hint) as caught:
        read(text.replace(before, after, 1), "a.toml")
    assert "Kari" not in str(caught.value)


def test_what_is_left_out_or_contradicts_the_log() -> None:
    alone = read(fill(checklist(MANY, [], [])), "a.toml")
    assert missing(alone, FOUND, 0) == [
        "AGE-1, LOCATION-2 of P01 is rare: accept it under [[rare]], or make it less exact.",
        "OCCUPATION is kept readable: answer it under [[kept]], or change its policy.",
        "The group is small: answer [small_group].",
    ]
    answers = read(fill(TEXT), "a.toml")
    assert "2 export(s)" in missing(answers, FOUND, 2)[0]
    there = read(fill(TEXT, {"exports": "exists"}), "a.toml")
    assert missing(there, FOUND, 2) == [] and there.why_not() == ("copy-exports",)


def test_every_answer_that_is_no_has_a_reason_and_every_role_a_word() -> None:
    assert {*QUESTIONS, *(f"copy-{place}" for place in PLACES)} < set(status.JUDGED_REASONS)
    assert not set(BASES_FOR) & set(BASES_AGAINST)
    for role in ROLES:
        for language in ("nb", "nn", "en"):
            assert status.role_name(f"{role}-2", language).endswith(" 2")
