"""Policies: what is coded, generalised, kept and asked about."""

from __future__ import annotations

import pytest

from anonpipe.codes import (
    LISTED,
    Entity,
    Linked,
    Policies,
    link,
    replace,
)
from anonpipe.codes.policies import check_policy
from anonpipe.errors import UsageError
from anonpipe.transcript import Flag, Transcript, mentions_from_json, mentions_to_json

from .marked import spoken

GENERALISE = Policies({"AGE": "generalise", "LOCATION": "generalise", "DATE": "generalise"})
KEEP = Policies({"LOCATION": "keep", "ORG": "keep"})


def coded(
    *turns: str, policies: Policies, language: str = "nb", entities: tuple[Entity, ...] = ()
) -> tuple[Transcript, Linked]:
    transcript, mentions = spoken(*turns, language=language)
    linked = link(mentions, entities, source="R01", transcript=transcript, policies=policies)
    return replace(transcript, linked.mentions, linked.entities), linked


def known(name: str, kind: str = "PERSON") -> Entity:
    return Entity(f"{kind}-1", kind, 1, None, name, (name,), merged_by=(LISTED,))  # type: ignore[arg-type]


def test_generalised_mentions_stand_in_the_key_with_their_code() -> None:
    text, linked = coded(
        "<Kari> på <AGE:45> år bor i <LOCATION:Bergen> fra <DATE:14. mars 2019>.",
        policies=GENERALISE,
    )
    assert text.text == ("[Person 1] på [45–49] år bor i [by på Vestlandet] fra [mars 2019].")
    assert [(e.id, e.canonical) for e in linked.entities] == [
        ("PERSON-1", "Kari"),
        ("AGE-1", "45"),
        ("LOCATION-1", "Bergen"),
        ("DATE-1", "14. mars 2019"),
    ]


def test_what_cannot_be_generalised_is_coded() -> None:
    text, _ = coded("<LOCATION:Bortistan> en <DATE:mandag>", policies=GENERALISE)
    assert text.text == "[Sted 1] en [Dato 1]"


def test_a_genitive_stays_behind_a_generalisation() -> None:
    text, _ = coded("<LOCATION:Bergen>, <LOCATION:Bergens> havn", policies=GENERALISE)
    assert text.text == "[by på Vestlandet], [by på Vestlandet]s havn"


def test_a_generalisation_survives_sealing() -> None:
    _, linked = coded("i <LOCATION:Bergen>", policies=GENERALISE)
    assert mentions_from_json(mentions_to_json(linked.mentions)) == linked.mentions


def test_a_kept_mention_is_readable_and_not_in_the_key() -> None:
    text, linked = coded("<Kari> fra <LOCATION:Bergen> og <ORG:NAV>", policies=KEEP)
    assert text.text == "[Person 1] fra Bergen og NAV"
    assert [e.id for e in linked.entities] == ["PERSON-1"]
    assert [m.text for m in linked.mentions] == ["Kari"]


def test_known_names_are_coded_whatever_the_policy() -> None:
    place = known("Bergen", "LOCATION")
    text, linked = coded(
        "<LOCATION:Bergens> havn, <LOCATION:Voss>", policies=KEEP, entities=(place,)
    )
    assert text.text == "[Sted 1]s havn, Voss"
    text, _ = coded("i <LOCATION:Bergen>", policies=GENERALISE, entities=(place,))
    assert text.text == "i [Sted 1]"
    text, linked = coded(
        "i <LOCATION:Bergen>", policies=Policies({"LOCATION": "ask"}), entities=(place,)
    )
    assert linked.flags == ()


@pytest.mark.parametrize(
    "kept",
    ["Kari Moe AS", "Moes bakeri", "moe", "Skole for Kari"],
)
def test_what_holds_a_known_person_is_not_kept(kept: str) -> None:
    people = (known("Kari Moe"),)
    text, _ = coded(f"hos <ORG:{kept}> i <LOCATION:Voss>", policies=KEEP, entities=people)
    assert text.text == "hos [Organisasjon 1] i Voss"


def test_what_holds_a_word_of_a_persons_name_is_not_kept() -> None:
    text, linked = coded("<Kari Solbakken>", "på <ORG:Solbakken> skole", policies=KEEP)
    assert text.text == "[Person 1]\npå [Organisasjon 1] skole"
    transcript, mentions = spoken("på <ORG:Solbakken> skole og <ORG:NAV>")
    later = link(mentions, linked.entities, source="R02", transcript=transcript, policies=KEEP)
    assert [mention.text for mention in later.mentions] == ["Solbakken"]


def test_what_reads_like_a_replaced_name_is_not_kept() -> None:
    text, _ = coded("<Florø>, <LOCATION:Florø> og <ORG:Florø Bygg>", policies=KEEP)
    assert text.text == "[Person 1], [Sted 1] og [Organisasjon 1]"


def test_keeping_takes_nothing_from_what_earlier_runs_put_into_the_key() -> None:
    _, before = coded("<LOCATION:Bergen>", policies=Policies())
    transcript, mentions = spoken("<LOCATION:Bergen> og <LOCATION:Voss>")
    after = link(mentions, before.entities, source="R02", transcript=transcript, policies=KEEP)
    assert after.entities == before.entities and after.mentions == ()


def test_asking_codes_and_flags_every_turn_and_type() -> None:
    text, linked = coded(
        "<LOCATION:Voss>, <LOCATION:Bergen>, <DATE:2019>",
        "<Kari>",
        "<LOCATION:Voss>",
        policies=Policies({"LOCATION": "ask", "DATE": "ask"}),
    )
    assert text.text == "[Sted 1], [Sted 2], [Dato 1]\n[Person 1]\n[Sted 1]"
    assert linked.flags == (
        Flag("policy-ask", 0, count=2, type="LOCATION"),
        Flag("policy-ask", 0, count=1, type="DATE"),
        Flag("policy-ask", 2, count=1, type="LOCATION"),
    )


def test_a_mention_over_a_telling_place_is_not_kept() -> None:
    transcript, mentions = spoken("i <LOCATION:Haugesund>, <LOCATION:Voss>")
    linked = link(
        mentions, (), source="R01", transcript=transcript, policies=KEEP, telling=[(0, 2, 7)]
    )
    assert [mention.text for mention in linked.mentions] == ["Haugesund"]


def test_replacing_twice_is_replacing_once() -> None:
    transcript, mentions = spoken("<Kari> i <LOCATION:Bergen>, <AGE:45>")
    linked = link(mentions, (), source="R01", transcript=transcript, policies=GENERALISE)
    once = replace(transcript, linked.mentions, linked.entities)
    assert replace(once, linked.mentions, linked.entities) == once


@pytest.mark.parametrize("kind", ["PERSON", "PHONE", "EMAIL", "NATIONAL_ID", "ACCOUNT", "ADDRESS"])
def test_direct_identifiers_cannot_be_kept(kind: str) -> None:
    with pytest.raises(UsageError):
        check_policy(kind, "keep")  # type: ignore[arg-type]


def test_persons_cannot_be_generalised() -> None:
    with pytest.raises(UsageError):
        check_policy("PERSON", "generalise")
