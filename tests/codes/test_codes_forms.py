"""The written form of codes, and the rows of the key."""

from __future__ import annotations

import subprocess
import sys

import pytest

from anonpipe.codes import Entity, check_template, code_spans, find_codes, form, label, split_id
from anonpipe.errors import UsageError
from anonpipe.transcript import MENTION_TYPES

PLACE = Entity("LOCATION-2", "LOCATION", 2, None, "Skien")


@pytest.mark.parametrize(
    ("language", "code"),
    [("nb", "[Sted 2]"), ("no", "[Sted 2]"), ("nn", "[Stad 2]"), ("en", "[Place 2]")],
)
def test_labels_follow_the_language(language, code):
    assert form(PLACE, language) == code
    assert find_codes(f"i {code}s gater") == {"LOCATION-2"}


def test_unknown_languages_get_english():
    assert form(PLACE, "fi") == "[Place 2]"


def test_participants_are_plain():
    assert form(Entity("P01", "PERSON", None, "P01", "Kari"), "nb", "<<{label}{number}>>") == "P01"


@pytest.mark.parametrize("language", ["nb", "nn", "en"])
def test_every_type_has_its_own_label(language):
    labels = [label(mention_type, language) for mention_type in MENTION_TYPES]
    assert len(set(labels)) == len(MENTION_TYPES)
    for mention_type in MENTION_TYPES:
        code = form(Entity(f"{mention_type}-7", mention_type, 7, None, "x"), language)
        assert find_codes(code) == {f"{mention_type}-7"}


@pytest.mark.parametrize(
    "template",
    [
        *("[{label}]", "{number}", "", "{label} {number} {x}", "{label} {number} {label}", "{"),
        *("{}{}", "{label:>9} {number}", "{label!r} {number}", "{label} {number:03}", "{0} {1}"),
        *("{label} 1{number}", "{label} {number}0", "{label}\n{number}"),
    ],
)
def test_templates_that_cannot_be_read_back_are_refused(template):
    with pytest.raises(UsageError, match="template"):
        check_template(template)
    with pytest.raises(UsageError):
        form(PLACE, "nb", template)


@pytest.mark.parametrize(
    "template",
    [
        "{label} {number}",
        "<{number}:{label}>",
        "{label}{number}",
        "*{label}_{number}*",
        "{{{label}{number}}}",
    ],
)
def test_other_templates_are_read_back(template):
    code = form(PLACE, "nb", template)
    found = list(code_spans(f"ved {code}, {code}s by", template))
    assert [entity_id for _, _, entity_id in found] == ["LOCATION-2"] * 2
    assert f"ved {code}"[found[0][0] : found[0][1]] == code


@pytest.mark.parametrize(
    "text", ["[Person]", "[Person 0]", "[Person 03]", "[Kari 1]", "Person 3", ""]
)
def test_other_brackets_are_no_codes(text):
    assert find_codes(text) == frozenset()


def test_codes_of_a_plain_template_begin_at_a_word():
    assert find_codes("Superperson 3 og person 12", "{label} {number}") == {"PERSON-12"}


def test_entities_turn_into_json_and_back():
    entity = Entity(
        "PERSON-1", "PERSON", 1, None, "Kari", ("Kari",), {"R01": 2}, ("rule:spelling:R01:Kary",)
    )
    assert Entity.from_json(entity.to_json()) == entity
    assert entity.to_json()["seen"] == {"R01": 2}


@pytest.mark.parametrize("entity_id", ["P01", "PERSON", "PERSON-0", "PERSON-01", "DOG-1", ""])
def test_only_numbered_ids_can_be_split(entity_id):
    with pytest.raises(ValueError, match="TYPE-NUMBER"):
        split_id(entity_id)


def test_importing_the_room_does_not_import_presidio():
    check = "import sys, anonpipe.codes; sys.exit(any('presidio' in m for m in sys.modules))"
    assert subprocess.run([sys.executable, "-c", check], check=False).returncode == 0
