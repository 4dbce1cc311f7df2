"""What in finished transcripts may point to one participant, in texts that can be counted."""

from __future__ import annotations

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from anonpipe.codes import Entity
from anonpipe.rarity import Findings, Link, Rare, Text, find


def entity(code: str, canonical: str, *sources: str) -> Entity:
    kind, _, number = code.partition("-")
    return Entity(code, kind, int(number), None, canonical, (), dict.fromkeys(sources, 1))


def text(who: str, said: str, language: str = "nb", source: str = "") -> Text:
    return Text(source or who.replace("P", "R"), (who,), language, said)


KEY = (
    entity("OCCUPATION-1", "jordmor", "R01", "R02"),
    entity("LOCATION-1", "Bergen", "R01", "R03"),
    entity("ORG-1", "Haukeland", "R01"),
    entity("PERSON-1", "Kari Nordmann", "R01", "R02"),
    Entity("P02", "PERSON", None, "P02", "Ola Hansen", ("Ola Hansen",)),
)


def test_values_and_combinations_that_only_one_has() -> None:
    found = find(
        KEY,
        [
            text("P01", "Jeg er [Yrke 1] i [Sted 1], på [Organisasjon 1], med [Person 1]."),
            text("P02", "Jeg er [Yrke 1]. [Person 1] også."),
            text("P03", "Jeg bor i [Sted 1], og P02 er der."),
        ],
    )
    assert found == Findings(
        ("P01", "P02", "P03"),
        (
            Rare("P01", ("ORG-1",), alone=True, readable=False),
            Rare("P01", ("LOCATION-1", "OCCUPATION-1"), alone=False, readable=False),
        ),
        (
            Link("LOCATION-1", ("P01", "P03")),
            Link("OCCUPATION-1", ("P01", "P02")),
            Link("P02", ("P02", "P03")),
            Link("PERSON-1", ("P01", "P02")),
        ),
        (),
    )
    assert found.is_small


def test_generalised_values_count_by_their_words() -> None:
    """Two people of 46 and 48 years have the same value, which a third has not."""
    key = (
        entity("AGE-1", "46", "R01"),
        entity("AGE-2", "48 år", "R02"),
        entity("AGE-3", "71 år", "R03"),
        entity("OCCUPATION-1", "jordmor", "R03"),
    )
    found = find(
        key,
        [
            text("P01", "Jeg er [45–49] år."),
            text("P02", "Jeg er [45–49 år]."),
            text("P03", "Jeg er [70–74 år] og [yrke]."),
        ],
    )
    # «[yrke]» tells nothing, and so is no value.
    assert found.rare == (Rare("P03", ("AGE-3",), alone=True, readable=True),)


def test_what_stands_in_no_text_any_more_is_no_finding() -> None:
    found = find(KEY, [text("P01", "Ingenting."), text("P02", "[Yrke 1]")])
    assert found.rare == (Rare("P02", ("OCCUPATION-1",), alone=True, readable=False),)
    assert find(KEY, [text("P01", "[Yrke 9]")]).rare == ()  # no code of the key


def test_a_source_of_two_counts_for_both_and_six_are_no_small_group() -> None:
    both = find(KEY, [Text("R01", ("P01", "P02"), "nb", "[Yrke 1]")])
    assert both.rare == () and both.links == (Link("OCCUPATION-1", ("P01", "P02")),)
    assert not find(KEY, [text(f"P0{n}", "") for n in range(1, 7)], kept=("DATE",)).is_small


@given(
    st.dictionaries(
        st.sampled_from(["P01", "P02", "P03", "P04"]),
        st.sets(st.sampled_from(["AGE-1", "AGE-2", "ORG-1", "ORG-2", "LOCATION-1", "DATE-1"])),
        min_size=1,
    )
)
def test_combinations_are_minimal_and_none_is_missed(has: dict[str, set[str]]) -> None:
    labels = {"AGE": "Age", "ORG": "Organisation", "LOCATION": "Place", "DATE": "Date"}
    key = [entity(code, "x") for code in sorted(set().union(*has.values()))]
    texts = [
        text(who, " ".join(f"[{labels[c.split('-')[0]]} {c[-1]}]" for c in sorted(codes)), "en")
        for who, codes in has.items()
    ]
    found = find(key, texts)

    def holders(codes: tuple[str, ...]) -> set[str]:
        return {who for who, own in has.items() if set(codes) <= own}

    for who, own in has.items():
        mine = [each for each in found.rare if each.participant == who]
        alone = {code for each in mine if each.alone for code in each.codes}
        assert alone == {code for code in own if holders((code,)) == {who}}
        together = {each.codes for each in mine if not each.alone}
        assert together == {
            chosen
            for size in (2, 3)
            for chosen in combinations(sorted(own), size)
            if holders(chosen) == {who}
            and len({code.split("-")[0] for code in chosen}) == size
            and all(holders(p) != {who} for n in range(1, size) for p in combinations(chosen, n))
        }
