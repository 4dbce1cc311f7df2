"""Sources and people taken out of the key's table."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from anonpipe.codes import LISTED, Entity
from anonpipe.forgetting import forget
from anonpipe.key import KeySource, KeyTable


def person(number: int, name: str, **changes: object) -> Entity:
    made = Entity(f"PERSON-{number}", "PERSON", number, None, name, (name,))
    return replace(made, **changes)  # type: ignore[arg-type]


P07 = Entity("P07", "PERSON", None, "P07", "Kari Nordmann", ("Kari Nordmann", "Kari"))
SOURCES = {
    "R01": KeySource("audio", "P01.wav", "a" * 64),
    "R02": KeySource("audio", "Kari Nordmann.wav", "b" * 64, "AGE-SECRET-KEY-1"),
}


def table(*entities: Entity) -> KeyTable:
    return KeyTable("s", entities, SOURCES)


def left(*entities: Entity, gone: tuple[str, ...] = ("P07",)) -> tuple[Entity, ...]:
    return forget(table(*entities), sources=("R02",), entities=gone).entities


def test_a_source_keeps_its_id_and_nothing_else() -> None:
    after = forget(table(), sources=("R02",), entities=())
    assert after.sources["R02"] == KeySource("audio", "", "", None)
    assert after.sources["R01"] == SOURCES["R01"]
    assert after.next_source_id("audio") == "R03"


def test_codes_are_never_given_again() -> None:
    only = person(3, "Ola Hansen", seen={"R02": 2})
    assert left(P07, only) == (Entity.placeholder("PERSON-3"),)


def test_who_is_met_elsewhere_stays_without_what_these_sources_told() -> None:
    both = person(
        1,
        "Ola Hansen",
        aliases=("Ola Hansen", "Ola", "Olli", "Sasha"),
        seen={"R01": 1, "R02": 3},
        merged_by=(
            "rule:nickname:R02:Sasha",
            "rule:spelling:R02:Olli",
            "rule:spelling:R01:Olli",
            "rule:kept-apart:R01:Kari",
        ),
    )
    (entity,) = left(P07, both)
    assert entity.seen == {"R01": 1}
    assert entity.aliases == ("Ola Hansen", "Ola", "Olli")
    assert entity.merged_by == ("rule:spelling:R01:Olli",)


def test_listed_names_and_participants_stay_unless_these_sources_alone_had_them() -> None:
    waiting = person(1, "Solbakken", merged_by=(LISTED,))
    met = person(2, "Haugen", merged_by=(LISTED,), seen={"R02": 1})
    other = Entity("P01", "PERSON", None, "P01", "Per", ("Per",), seen={"R02": 1})
    stale = person(3, "Nobody")
    assert left(P07, waiting, met, other, stale) == (
        waiting,
        Entity.placeholder("PERSON-2"),
        replace(other, seen={}),
        Entity.placeholder("PERSON-3"),
    )


def test_a_name_of_somebody_gone_that_is_anothers_own_stays() -> None:
    other = person(1, "Kari", seen={"R01": 1}, merged_by=("rule:kept-apart:R01:Kari",))
    assert left(P07, other) == (other,)


names = st.sampled_from(["Kari", "Ola", "Kari Nordmann", "Sasha"])
rules = st.builds(
    "rule:{}:{}:{}".format, st.just("spelling"), st.sampled_from(["R01", "R02"]), names
)
entities = st.builds(
    lambda number, name, also, seen, notes: person(
        number, name, aliases=(name, *also), seen=seen, merged_by=tuple(notes)
    ),
    st.integers(1, 5),
    names,
    st.lists(names, max_size=2),
    st.dictionaries(st.sampled_from(["R01", "R02"]), st.integers(1, 3)),
    st.lists(rules, max_size=3),
)


@given(st.lists(entities, max_size=4, unique_by=lambda entity: entity.id))
def test_nothing_of_the_sources_is_left_and_twice_is_once(rows: list[Entity]) -> None:
    before = table(P07, *rows)
    after = forget(before, sources=("R02",), entities=("P07",))
    assert forget(after, sources=("R02",), entities=("P07",)) == after
    assert {e.id for e in after.entities} == {e.id for e in rows}
    for entity in after.entities:
        assert "R02" not in entity.seen and not any("R02" in note for note in entity.merged_by)
        assert entity.canonical in ("", *(e.canonical for e in rows if e.id == entity.id))
        assert bool(entity.canonical) == ("R01" in entity.seen)
