"""Linking: one test for every rule."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from anonpipe.codes import Entity, Linked, link
from anonpipe.codes.naming import may_relate, parse_name, relate_persons
from anonpipe.decisions import needs_eyes
from anonpipe.settings import Settings
from anonpipe.study import SourceState, Study
from anonpipe.transcript import SPEAKER_TURN, Flag, Mention, MentionType, Transcript, Turn, Word

from .marked import spoken


def linked(
    *turns: str, entities=(), source: str = "R01", language: str = "nb", **options
) -> Linked:
    transcript, mentions = spoken(*turns, language=language)
    return link(mentions, entities, source=source, transcript=transcript, **options)


def codes(result: Linked) -> list[str]:
    return [mention.entity or "" for mention in result.mentions]


def ambiguous(result: Linked) -> int:
    return sum(flag.count for flag in result.flags if flag.kind == "ambiguous-name")


def known(entity_id: str, canonical: str, *aliases: str, type: MentionType = "PERSON") -> Entity:
    if entity_id.startswith("P0"):
        return Entity(entity_id, type, None, entity_id, canonical, aliases)
    return Entity(entity_id, type, int(entity_id.split("-")[1]), None, canonical, aliases)


SAME = [
    ("<Kari Nordmann> kom. <Kari> gikk.", "first name"),
    ("<Kari> kom. Hun heter <Kari Nordmann>.", "first name before the full name"),
    ("<Kari Nordmann> og <Nordmann>", "surname"),
    ("<Kari Nordmann> og <frau Nordmann>, <dr. Nordmann>, <Mrs Nordmann>", "title"),
    ("<lensmannsbetjent Ask> sa, <Ask> gjorde", "title of a bare name"),
    ("<Kari Nordmann> og <K. Nordmann> og <K.N.>", "initials"),
    ("<Kari Nordmann>, forkortet <KN>", "initials without full stops"),
    ("<K. Nordmann>, altså <Kari Nordmann>", "initials first"),
    ("<Kari M. Nordmann>, altså <Kari Nordmann>", "initial between"),
    ("<Kari Nordmann>, altså <Kari M.B. Nordmann>", "initials between, later"),
    ("<Kari>. <Karis> bil", "genitive"),
    ("<Karis> bil. <Kari> kom", "genitive first"),
    ("<Odd Storm> og <Storms> hund", "genitive of a surname"),
    ("<Jens> og <Jens'> og <Jens’> hus", "apostrophe"),
    ("<Stig Ivar Lillenes> og <Stig Ivars> kone", "genitive of two given names"),
    ("<Kari>. <KARI>! <kari>?", "case"),
    ("<Stein-Ove Brekke> og <Stein Ove> og <Stein-Ove>, <Steinove>", "hyphen and space"),
    ("<Zsófia> og <Zsofia>", "accents"),
    ("<Åse> og <Aase> og <Ase>", "å as aa or a"),
    ("<Jørgen Bø> og <Joergen> og <Jorgen>", "ø as oe or o"),
    ("<Mehmet Yıldız> og <Yildiz>", "letters that do not decompose"),
    ("<Anna Bengtson> og <Anna Bengtsson>", "double letters"),
    ("<Bengtson> og <Bengtsson>", "double letters of a bare surname"),
    ("<Shanti Sivakumar>, <Shanthi>, <sjanti>", "spellings of one sound"),
    ("<Rosa Mendoza> og <Mendosa>", "z and s"),
    ("<darnell whitfield>, <darnel>, <whitfeild>, <darnel whitfeild>", "a misheard surname"),
    ("<Ragnhild Tveiten> og <Ragnhild Tveitan>", "a full name with one part misheard"),
    ("<mark delvecchio> og <del vecio>", "a surname heard as two words"),
    ("<Siv Anett Løvjomås>, <Siv Løvjomås>, <Siv Anett>, <Siv>", "a middle name left out"),
    ("<Mohammad Reza Karimi> og <Reza> og <Rezas>", "the middle name alone"),
    ("<Torleif Stein Kvam> og <Kvam>", "surname of three names"),
]


@pytest.mark.parametrize(("text", "why"), SAME, ids=[why for _, why in SAME])
def test_one_person_gets_one_code(text, why):
    assert set(codes(linked(text))) == {"PERSON-1"}


APART = [
    ("<Marit> og <Marte>", "real names that look alike"),
    ("<Kari> og <Karin>", "a longer name"),
    ("<Hanna> og <Hannah>", "short names of one sound"),
    ("<Anne> og <Ane>", "short names of one sound"),
    ("<Kristin> og <Kristine>", "another ending"),
    ("<Susanne> og <Susanna>", "another ending"),
    ("<Sigurd> og <Sigrid>", "other vowels"),
    ("<Andrea> og <Andreas>", "a name in -s is no genitive"),
    ("<Johanne Berg> og <Johannes Berg>", "a full name in -s is no genitive"),
    ("<Marit Berg> og <Marte Berg>", "sisters"),
    ("<Kari Berg> og <Karin Berg>", "sisters"),
    ("<Kari Nordmann> og <Kari Berg>", "two Karis"),
    ("<Kari M. Nordmann> og <Kari B. Nordmann>", "other initials between"),
    ("<Hansen> og <Jansen>", "another first sound"),
    ("<Kristine> og <Anne Kristin>", "a part that only looks alike"),
    ("<Bø> og <Boe>", "two letters are too few"),
    ("<Dag> og <Dagny Fjellheim>", "a part of a word is no part of a name"),
    ("<Ola van Dijk> og <van>", "a particle is no name"),
    ("<Bakke> ved <ORG:Ny Bakke> i <LOCATION:Bakke>", "types are kept apart"),
]


@pytest.mark.parametrize(("text", "why"), APART, ids=[f"{w}: {t}" for t, w in APART])
def test_different_people_get_different_codes(text, why):
    result = codes(linked(text))
    assert len(set(result)) == len(result)


def test_english_genitives_have_an_apostrophe():
    assert codes(linked("<Grace>, <Grace's>, <Grace’s>", language="en")) == ["PERSON-1"] * 3
    assert codes(linked("<Will> and <Wills>", language="en")) == ["PERSON-1", "PERSON-2"]


def test_two_karis_in_one_recording_leave_the_first_name_on_its_own():
    result = linked("<Kari Nordmann> og <Kari Berg>.", "<Kari> og <Karis> bil.")
    assert codes(result) == ["PERSON-1", "PERSON-2", "PERSON-3", "PERSON-3"]
    assert result.flags == (Flag("ambiguous-name", turn=1, count=2),)


def test_a_surname_that_father_and_son_share_stays_its_own():
    result = linked("<torleif stein kvam>", "sønnen <jan kvam>", "<kvam> og <jan>")
    assert codes(result) == ["PERSON-1", "PERSON-2", "PERSON-3", "PERSON-2"]
    assert [(flag.kind, flag.turn) for flag in result.flags] == [("ambiguous-name", 2)]


def test_a_title_means_a_surname():
    result = linked("<Stein Moe> og <Kari Stein>. <Doktor Stein> kom.")
    assert codes(result)[2] == "PERSON-2"


def test_a_first_name_outranks_a_middle_name():
    result = linked("<Torleif Stein Kvam> og <Stein Vehus>. <Stein> kom.")
    assert codes(result) == ["PERSON-1", "PERSON-2", "PERSON-2"]
    assert ambiguous(result) == 0


def test_a_guess_at_the_spelling_is_flagged_and_noted():
    result = linked("<Ragnhild Tveiten>", "<Ragnhild Tveitan>")
    assert [(flag.kind, flag.turn) for flag in result.flags] == [("ambiguous-name", 1)]
    assert result.entities[0].merged_by == ("rule:spelling:R01:Ragnhild Tveitan",)


def test_flags_carry_the_times_of_the_words():
    transcript, mentions = spoken("<Shanti Moe> og <Shanthi>")
    words = (Word("Shanti", 0, 1.0, 1.5, 0.9), Word("Shanthi", 14, 3.0, 3.5, 0.9))
    timed = Transcript((Turn(transcript.turns[0].text, "", 1.0, 9.0, words),), "nb")
    flags = link(mentions, (), source="R01", transcript=timed).flags
    assert flags == (Flag("ambiguous-name", 0, 3.0, 3.5),)


def test_words_that_no_detector_reads_are_flagged():
    result = linked("<Kari> sier αβγ og β-blokker.", "Меня зовут Ольга.", "Zażółć gęślą, Ålesund.")
    assert [f for f in result.flags if f.kind == "other-script"] == [
        Flag("other-script", 0, count=1),
        Flag("other-script", 1, count=3),
    ]
    assert needs_eyes(Study(Path(), Settings()), SourceState(flags=result.flags))
    named = linked("<Ольга> kom.")
    assert named.flags == ()


# Across recordings


def test_a_full_name_has_one_code_in_the_whole_study():
    first = linked("<Kari Nordmann>")
    second = linked("<kari nordmann> og <Kari>", entities=first.entities, source="D01")
    assert codes(second) == ["PERSON-1", "PERSON-1"]
    assert ambiguous(second) == 0
    assert second.entities[0].seen == {"R01": 1, "D01": 2}


def test_the_only_bearer_in_the_study_is_linked_and_flagged():
    first = linked("<Kari Nordmann>")
    second = linked("<Kari> og <Karis> mor", entities=first.entities, source="D01")
    assert codes(second) == ["PERSON-1", "PERSON-1"]
    assert ambiguous(second) == 2
    assert "rule:first-name:D01:Kari" in second.entities[0].merged_by


def test_several_bearers_in_the_study_leave_the_name_on_its_own():
    table = linked("<Kari Nordmann> og <Kari Berg>").entities
    result = linked("<Kari>", entities=table, source="R02")
    assert codes(result) == ["PERSON-3"]
    assert ambiguous(result) == 1


def test_another_recordings_kari_does_not_disturb_this_ones():
    table = linked("<Kari Nordmann> og <Kari>").entities
    result = linked("<Kari Berg>. <Kari> og <Kari>", entities=table, source="R02")
    assert codes(result) == ["PERSON-2"] * 3
    assert ambiguous(result) == 0


def test_a_full_name_takes_over_the_only_first_name_and_is_flagged():
    table = linked("<Kari>").entities
    result = linked("<Kari Nordmann>", entities=table, source="R02")
    assert codes(result) == ["PERSON-1"]
    assert result.entities[0].canonical == "Kari Nordmann"
    assert ambiguous(result) == 1


def test_two_full_names_do_not_take_over_a_first_name():
    table = linked("<Kari>").entities
    result = linked("<Kari Nordmann> og <Kari Berg>", entities=table, source="R02")
    assert codes(result) == ["PERSON-2", "PERSON-3"]


def test_a_full_name_does_not_choose_between_a_first_name_and_a_surname():
    table = linked("<Kari> og <dr. Berg>").entities
    result = linked("<Kari Berg>", entities=table, source="R02")
    assert codes(result) == ["PERSON-3"]
    assert codes(linked("<Kari> og <dr. Berg>", entities=result.entities)) == [
        "PERSON-1",
        "PERSON-2",
    ]


def test_a_persons_fuller_name_does_not_swallow_namesakes():
    table = linked("<Kari Nordmann> og <Kari>").entities
    result = linked("<Kari Berg>", entities=table, source="R02")
    assert codes(result) == ["PERSON-2"]


def test_a_nickname_is_not_swallowed_by_a_namesake():
    people = [known("PERSON-1", "Zsófia Halmosi", "Sofi")]
    assert codes(linked("<Sofi Berg>", entities=people)) == ["PERSON-2"]


def test_a_first_name_learned_elsewhere_is_no_persons_own():
    table = linked("<Siv Anett Moe> og <Siv Anett>").entities
    result = linked("<Siv Anett Berg> og <Siv Anett>", entities=table, source="R02")
    assert codes(result) == ["PERSON-2", "PERSON-2"]


def test_a_later_namesake_does_not_change_earlier_codes():
    first = linked("<Kari Nordmann>")
    transcript, mentions = spoken("<Kari> kom")
    second = link(mentions, first.entities, source="R02", transcript=transcript)
    third = linked("<Kari Berg>", entities=second.entities, source="R03")
    again = link(mentions, third.entities, source="R02", transcript=transcript)
    assert codes(again) == codes(second) == ["PERSON-1"]
    assert ambiguous(again) == 1


# Known people


def test_mentions_link_to_known_people_first():
    people = [known("PERSON-4", "Stein Ove Brekke", "Steinern")]
    result = linked("<Steinern> og <Stein Ove Brekke> og <Odd>", entities=people)
    assert codes(result) == ["PERSON-4", "PERSON-4", "PERSON-5"]


def test_a_participants_first_name_in_their_own_recording_is_theirs():
    people = [known("P01", "Kari Nordmann"), known("PERSON-1", "Kari Berg")]
    own = linked("<Kari> og <Karis> mor", entities=people, participants=["P01"])
    assert codes(own) == ["P01", "P01"]
    assert ambiguous(own) == 0
    elsewhere = linked("<Kari>", entities=people, source="R02", participants=["P02"])
    assert codes(elsewhere) == ["PERSON-2"]
    assert ambiguous(elsewhere) == 1


def test_a_speaker_label_with_a_code_makes_a_participant_of_the_source():
    transcript, mentions = spoken("jeg heter <Kari>", speaker="P01")
    people = [known("P01", "Kari Nordmann"), known("P02", "Kari Berg")]
    result = link(mentions, people, source="R01", transcript=transcript)
    assert (codes(result), ambiguous(result)) == (["P01"], 0)


def test_a_participants_first_name_grows_to_the_full_name():
    people = [known("PERSON-1", "Kari"), known("P01", "Kari")]
    result = linked("<Kari Nordmann>", entities=people, participants=["P01"])
    assert codes(result) == ["P01"]
    assert result.entities[1].canonical == "Kari Nordmann"
    assert ambiguous(result) == 0


def test_a_participants_code_in_text_is_that_participant():
    result = linked("<OTHER:P01> sa", entities=[known("P01", "Kari")])
    assert codes(result) == ["P01"]
    assert result.entities[0].aliases == ()


def test_speaker_labels_come_first_and_are_counted():
    transcript, mentions = spoken("<Ola> spør", speaker="Kari Nordmann")
    label = Mention(SPEAKER_TURN, 0, 13, "PERSON", "Kari Nordmann", 1.0, "label")
    result = link([*mentions, label], (), source="R01", transcript=transcript)
    assert [(m.text, m.entity) for m in result.mentions] == [
        ("Kari Nordmann", "PERSON-1"),
        ("Ola", "PERSON-2"),
    ]


# Organisations and places

ORGANISATIONS = [
    ("<ORG:Solgløtt sykehjem>, <ORG:solgløtt>, <ORG:Solgløtts>, <ORG:SOLGLØTT SYKEHJEM>", 1),
    ("<ORG:Havørna> og <ORG:Idrettslaget Havørna>", 1),
    ("<ORG:Kafé Lysthuset> og <ORG:Lysthuset>", 1),
    ("<ORG:Tideloom Ltd> og <ORG:Tideloom>", 1),
    ("<ORG:Offene Tür Nordstadt e.V.> og <ORG:OTN>", 1),
    ("<ORG:Nord-Fisk AS> og <ORG:Nord Fisk>", 1),
    ("<ORG:Solgløtt sykehjem> og <ORG:sykehjemmet>", 2),
    ("<ORG:NAV Hamar> og <ORG:NAV>", 2),
    ("<ORG:NAV Fredrikstad> og <ORG:Fredrikstad>", 2),
    ("<ORG:Solgløtt sykehjem> og <ORG:Solgløtt barnehage>", 2),
    ("<ORG:NAV Fredrikstad> i <LOCATION:Fredrikstad>", 2),
    ("<LOCATION:Haugesund>, <LOCATION:haugesund>, <LOCATION:Haugesunds>", 1),
    ("<LOCATION:Nord-Aurdal> og <LOCATION:Nord Aurdal>", 1),
    ("<LOCATION:Toten> og <LOCATION:Vestre Toten>", 2),
    ("<LOCATION:Nes> og <LOCATION:Ness>", 2),
]


@pytest.mark.parametrize(("text", "number"), ORGANISATIONS, ids=[t for t, _ in ORGANISATIONS])
def test_organisations_and_places(text, number):
    assert len(set(codes(linked(text)))) == number


def test_a_short_form_of_two_organisations_is_flagged():
    result = linked("<ORG:Solgløtt sykehjem> og <ORG:Solgløtt barnehage>. <ORG:Solgløtt> er fint.")
    assert codes(result) == ["ORG-1", "ORG-2", "ORG-3"]
    assert ambiguous(result) == 1


def test_an_organisations_short_form_links_across_the_study():
    table = linked("<ORG:Solgløtt sykehjem>").entities
    result = linked("<ORG:Solgløtt>", entities=table, source="R02")
    assert (codes(result), ambiguous(result)) == (["ORG-1"], 0)


def test_the_capitalised_form_becomes_canonical():
    result = linked("<LOCATION:haugesund> og <LOCATION:Haugesund>")
    assert result.entities[0].canonical == "Haugesund"


# Values

VALUES = [
    ("<PHONE:911 40 268>, <PHONE:+47 91140268>, <PHONE:0047 911 40 268>", 1),
    ("<PHONE:ni en en fire null to seks åtte>, <PHONE:911 40 268>", 1),
    ("<PHONE:nittini, førtito, null tre, atten>, <PHONE:99420318>", 1),
    ("<PHONE:oh double seven double oh, nine double oh, one four three>, <PHONE:07700900143>", 1),
    ("<PHONE:+44 7700 900143>, <PHONE:07700 900143>", 1),
    ("<PHONE:37 01 67 48>, <PHONE:37 01 76 48>", 2),
    ("<NATIONAL_ID:230958 68401>, <NATIONAL_ID:23095868401>", 1),
    ("<ACCOUNT:9944.27.28247>, <ACCOUNT:99442728247>", 1),
    ("<VEHICLE:JK 30518>, <VEHICLE:jk30518>", 1),
    ("<VEHICLE:havsula>, <VEHICLE:MS Havsula>, <VEHICLE:havsulas>", 1),
    ("<EMAIL:Post@Ostdal.example>, <EMAIL:post krøllalfa ostdal punktum example>", 1),
    ("<URL:https://www.ostdal.example/>, <URL:ostdal.example>", 1),
    ("<ADDRESS:Mølleveien 27>, <ADDRESS:mølleveien tjuesju>", 1),
    ("<ADDRESS:twenty two Maple Court>, <ADDRESS:22 Maple Court>", 1),
    ("<DATE:14. mars 2023>, <DATE:14.  Mars 2023>", 1),
    ("<DATE:14. mars>, <DATE:15. mars>", 2),
    ("<AGE:34>, <AGE:34>", 1),
    ("<AGE:34>, <OTHER:34>", 2),
]


@pytest.mark.parametrize(("text", "number"), VALUES, ids=[t for t, _ in VALUES])
def test_values_are_compared_normalised(text, number):
    assert len(set(codes(linked(text)))) == number


# The table


def test_the_quick_test_never_hides_a_relation():
    surfaces = [surface for text, _ in [*SAME, *APART] for surface in re.findall("<(.*?)>", text)]
    names = [parse_name(surface, person=True) for surface in surfaces]
    for name in names:
        for form in names:
            related = relate_persons(name, form, bare_s=True) is not None
            assert may_relate(name, form) or not related


def test_numbers_follow_the_text_for_each_type():
    result = linked("<Odd> i <LOCATION:Skien>", "<Kari Moe> og <Odd> i <LOCATION:Oslo>")
    assert codes(result) == ["PERSON-1", "LOCATION-1", "PERSON-2", "PERSON-1", "LOCATION-2"]


def test_aliases_are_bare_forms_in_order_of_appearance():
    result = linked("<Karis> bil, <Nordmann> sa. <Dr. Kari Nordmann>, <KARI>, <Kari's>")
    assert result.entities[0].canonical == "Kari Nordmann"
    assert result.entities[0].aliases == ("Kari", "Nordmann", "Kari Nordmann")


def test_linking_again_replaces_the_count():
    transcript, mentions = spoken("<Kari Moe>, <Kari>, <ORG:NAV>", "<Moe>")
    first = link(mentions, (), source="R01", transcript=transcript)
    again = link(mentions, first.entities, source="R01", transcript=transcript)
    assert again == first
    assert first.entities[0].seen == {"R01": 3}
    fewer = link(mentions[:2], first.entities, source="R01", transcript=transcript)
    assert fewer.entities[0].seen == {"R01": 2}
    assert fewer.entities[1].seen == {}


def test_a_number_is_never_given_twice():
    table = linked("<Odd> og <Liv>").entities
    emptied = linked("ingen", entities=table)
    assert [e.seen for e in emptied.entities] == [{}, {}]
    gone = [Entity.placeholder(e.id) for e in emptied.entities]
    assert codes(linked("<Hege>", entities=emptied.entities, source="R02")) == ["PERSON-3"]
    assert codes(linked("<Odd>", entities=gone, source="R02")) == ["PERSON-3"]


def test_codes_in_the_input_keep_their_numbers():
    transcript, mentions = spoken("[Person 1] møtte <Kari> i [Place 1], <LOCATION:Skien>")
    result = link(mentions, (), source="R01", transcript=transcript, reserved={"PERSON-2"})
    assert codes(result) == ["PERSON-3", "LOCATION-2"]
    assert [e.id for e in result.entities if e.is_placeholder] == [
        "LOCATION-1",
        "PERSON-1",
        "PERSON-2",
    ]
    assert result.flags == (Flag("code-in-input", turn=0, count=2),)
    later = linked("<Odd>", entities=result.entities, source="R02")
    assert codes(later) == ["PERSON-4"]


def test_a_high_number_in_the_input_does_not_push_up_the_others():
    assert codes(linked("[Person 300] og <Kari>")) == ["PERSON-1"]


def test_mentions_inside_codes_are_left_out():
    result = linked("[<Person 3>] og <OTHER:[Sted 2]> og <Kari>")
    assert codes(result) == ["PERSON-1"]


def test_other_templates_are_recognised_too():
    result = linked("((Person:1)) og <Kari>", template="(({label}:{number}))")
    assert codes(result) == ["PERSON-2"]
