"""What leaves the key with a source, and what does not."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from anonpipe.codes import LISTED, Entity
from anonpipe.forget import forget
from anonpipe.key import KeySource, KeyTable


def entity(number: int, name: str, seen: dict[str, int], *notes: str, aliases: str = "") -> Entity:
    forms = (name, *aliases.split())
    return Entity(f"PERSON-{number}", "PERSON", number, None, name, forms, seen, notes)


def table(*entities: Entity) -> KeyTable:
    files = {n: KeySource("audio", f"{n} Kari.wav", "0" * 64) for n in ("R01", "R02")}
    return KeyTable("study", entities, files)


def test_a_name_seen_only_there_leaves_nothing_but_its_number() -> None:
    before = table(entity(1, "Kari", {"R01": 2}, "rule:misheard:R01:Kori", aliases="Kori"))
    (left,) = forget(before, {"R01"}).entities
    assert left == Entity.placeholder("PERSON-1")


def test_a_name_seen_elsewhere_loses_what_only_that_source_told() -> None:
    before = table(
        entity(
            1,
            "Kari",
            {"R01": 2, "R02": 1},
            "rule:misheard:R01:Kori",
            "rule:misheard:R02:Kary",
            LISTED,
            aliases="Kori Kary Karis",
        )
    )
    (left,) = forget(before, {"R01"}).entities
    assert dict(left.seen) == {"R02": 1} and left.aliases == ("Kari", "Kary", "Karis")
    assert left.merged_by == ("rule:misheard:R02:Kary", LISTED)


def test_a_listed_name_that_nobody_said_stays() -> None:
    before = table(entity(1, "Kari", {}, LISTED))
    assert forget(before, {"R01"}) == before


def test_a_participant_stays_as_long_as_anything_of_theirs() -> None:
    person = Entity("P01", "PERSON", None, "P01", "Ola Hansen", ("Ola Hansen",), {"R01": 1})
    (stays,) = forget(table(person), {"R01"}).entities
    assert stays.canonical == "Ola Hansen" and not stays.seen
    assert forget(table(person), {"R01"}, {"P01"}).entities == ()


def test_file_names_go_with_their_files_and_digests_stay() -> None:
    after = forget(table(), {"R01"}, files={"R01"}).sources
    assert (after["R01"].path, after["R02"].path) == ("R01", "R02 Kari.wav")
    assert after["R01"].digest == "0" * 64


sources = st.sampled_from(["R01", "R02", "D01"])
notes = st.builds("rule:misheard:{}:{}".format, sources, st.sampled_from(["Kori", "Kary"]))
entities = st.builds(
    lambda number, seen, told: entity(number, "Kari", seen, *told, aliases="Kori Kary"),
    st.integers(1, 9),
    st.dictionaries(sources, st.integers(1, 3)),
    st.lists(notes, unique=True, max_size=3),
)


@given(st.lists(entities, unique_by=lambda e: e.id), st.sets(sources))
def test_forgetting_is_final_complete_and_keeps_every_number(
    found: list[Entity], gone: set[str]
) -> None:
    before = table(*found)
    after = forget(before, gone)
    assert forget(after, gone) == after
    assert [e.id for e in after.entities] == [e.id for e in before.entities]
    assert not any(name in str(e.to_json()) for e in after.entities for name in gone)
    for old, new in zip(before.entities, after.entities, strict=True):
        assert (
            new == old
            or set(old.seen) & gone
            or any(n.split(":")[2] in gone for n in old.merged_by)
        )


# -- people who leave

P07 = Entity("P07", "PERSON", None, "P07", "Kari Nordmann", ("Kari Nordmann", "Kari"))


def test_of_a_row_nothing_stays_but_the_id() -> None:
    after = forget(table(), {"R01"}, rows={"R01"})
    assert after.sources["R01"] == KeySource("audio", "", "")
    assert after.sources["R02"] == table().sources["R02"]
    assert after.next_source_id("audio") == "R03"


def test_whoever_goes_is_quoted_by_nobody() -> None:
    other = entity(1, "Ola Hansen", {"R02": 1}, "rule:kept-apart:R02:Kari", aliases="Ola")
    namesake = entity(2, "Kari", {"R02": 1}, "rule:kept-apart:R02:Kari")
    after = forget(table(P07, other, namesake), {"R01"}, entities={"P07"})
    assert [e.id for e in after.entities] == ["PERSON-1", "PERSON-2"]
    assert after.entities[0].merged_by == () and after.entities[1] == namesake
    assert forget(table(P07, other), (), {"P07"}).entities[0].merged_by == ()


def test_a_numbered_entity_that_goes_keeps_its_number() -> None:
    after = forget(table(entity(3, "Kari", {"R02": 1})), (), entities={"PERSON-3"})
    assert after.entities == (Entity.placeholder("PERSON-3"),)


def test_with_a_row_goes_what_nobody_says_any_more() -> None:
    stale = entity(3, "Nobody", {})
    listed = entity(4, "Haugen", {"R01": 1}, LISTED)
    assert forget(table(stale, listed), {"R01"}, rows={"R01"}).entities == (
        Entity.placeholder("PERSON-3"),
        Entity.placeholder("PERSON-4"),
    )
