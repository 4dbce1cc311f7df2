"""What is left that could single somebody out, and what a suggestion would change of it."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from anonpipe.codes import Entity
from anonpipe.rarity import Value, uniques
from anonpipe.review.risk import Measure, Risk, Source, Suggestion, _Study, examine, readable


def entity(code: str, canonical: str, *sources: str) -> Entity:
    kind, _, number = code.partition("-")
    return Entity(code, kind, int(number), None, canonical, (), dict.fromkeys(sources, 1))


def source(who: str, *turns: str, **more: object) -> Source:
    name = who.replace("P", "R")
    made = Source(name, (who,), "nb", turns)
    return replace(made, **more)


KEY = (
    entity("AGE-1", "47 år", "R01"),
    entity("AGE-2", "42", "R02"),
    entity("AGE-3", "44 år", "R03"),
    entity("LOCATION-1", "Bergen", "R01", "R02"),
    entity("LOCATION-2", "Levanger", "R03"),
    entity("ORG-1", "Solbakken skole", "R01"),
)
STUDY = (
    source("P01", "Jeg er [45–49 år].", "Bor i [by på Vestlandet]."),
    source("P02", "Jeg er [40–44 år].", "", "Fra [by på Vestlandet]."),
    source("P03", "[40–44 år], ja. [Sted 2]."),
)


def told(risk: Risk, who: str) -> set[tuple[str, ...]]:
    person = risk.person(who)
    assert person is not None
    return {tuple(value.words for value in each) for each in person.sets}


def test_who_stands_alone_and_with_what() -> None:
    risk = examine(KEY, STUDY)
    assert risk.alone == ("P01", "P02")
    assert risk.is_small
    assert told(risk, "P01") == {("45–49",)}
    assert told(risk, "P02") == {("40–44", "by på Vestlandet")}
    assert told(risk, "P03") == set()  # a code shows a reader nothing
    assert risk.measure == Measure(2, 2)


def test_a_code_that_only_one_has_is_told_apart() -> None:
    person = examine(KEY, STUDY).person("P03")
    assert person is not None and person.sets == ()
    assert [value.words for value in person.coded] == ["LOCATION-2"]
    assert person.fewest("AGE") == 2 and person.fewest("LOCATION") is None


def test_a_suggestion_for_all_is_worked_out() -> None:
    risk = examine(KEY, STUDY)
    first = risk.suggestions[0]
    assert (first.participant, first.type, first.form) == ("", "AGE", "[40–49 år]")
    assert first.before == Measure(2, 2)
    # P01 and P02 are then two of the same age and place, and nobody is alone.
    assert first.after == Measure(0, 0)
    followed = [replace(each, turns=_followed(each.turns)) for each in STUDY]
    assert examine(KEY, followed).measure == first.after


def _followed(turns: tuple[str, ...]) -> tuple[str, ...]:
    wide = ("[45–49 år]", "[40–44 år]")
    return tuple(
        turn.replace(wide[0], "[40–49 år]").replace(wide[1], "[40–49 år]") for turn in turns
    )


def test_a_suggestion_for_one_says_where_and_what_it_changes() -> None:
    risk = examine(KEY, STUDY)
    person = risk.person("P02")
    assert person is not None
    code = next(s for s in person.suggestions if s.now == "[by på Vestlandet]" and not s.form)
    assert [(spot.source, spot.turn) for spot in code.spots] == [("R02", 2)]
    assert code.codes == ("LOCATION-1",)
    # P02 is no longer told apart, but P01 had that place in common with P02 alone; the age is
    # what singles P01 out, so that nothing is worse.
    assert code.after == Measure(1, 2)


def test_every_suggestion_keeps_its_word() -> None:
    """What a suggestion for one participant promises is what comes when it is followed."""
    key = (
        *KEY,
        entity("DATE-1", "3. mars 2019", "R01"),
        entity("DATE-2", "2019", "R02", "R03"),
        entity("ORG-2", "Bergen katedralskole", "R02"),
    )
    study = [
        replace(STUDY[0], turns=(*STUDY[0].turns, "Det var i [mars 2019], på [skole].")),
        replace(STUDY[1], turns=(*STUDY[1].turns, "Det var i [2019], på [skole på Vestlandet].")),
        replace(STUDY[2], turns=(*STUDY[2].turns, "Det var i [2019].")),
    ]
    risk = examine(key, study)
    kept = 0
    for suggestion in (s for person in risk.people for s in person.suggestions if s.form):
        mine = f"R{suggestion.participant[1:]}"
        followed = [_with(each, suggestion) if each.id == mine else each for each in study]
        assert followed != study
        assert examine(key, followed).measure == suggestion.after
        kept += 1
    assert kept >= 3


def _with(each: Source, suggestion: Suggestion) -> Source:
    return replace(
        each, turns=tuple(turn.replace(suggestion.now, suggestion.form) for turn in each.turns)
    )


def test_a_form_that_others_have_is_offered_for_a_code() -> None:
    key = (
        *KEY[:3],
        entity("LOCATION-1", "Bergen", "R01", "R02"),
        entity("LOCATION-2", "Haugesund", "R03"),
    )
    person = examine(key, STUDY).person("P03")
    assert person is not None
    offered = [s for s in person.suggestions if s.by_code]
    # P03 would have place and age in common with P02 then, who is alone with them now.
    assert [(s.now, s.form, s.with_) for s in offered] == [("[Sted 2]", "[by på Vestlandet]", 2)]
    assert offered[0].after == Measure(1, 1)


def test_what_can_be_read_as_it_was_said() -> None:
    turns = ("Jeg er 47 år gammel.", "Født 3. mai 1941, og [45–49 år] nå.", "Kirka i dalen.")
    found = readable(turns, "nb", kept=("AGE",), rejected={"Kirka": "LOCATION"})
    assert [(s.type, s.words, s.why, s.turn) for s in found] == [
        ("AGE", "47 år", "kept", 0),
        ("DATE", "3. mai 1941", "left", 1),
        ("LOCATION", "Kirka", "rejected", 2),
    ]


def test_what_was_said_counts_with_what_is_less_exact() -> None:
    turns = ("Jeg er 47 år gammel.", "Fra [Sted 1].")
    mine = source("P01", *turns, said=readable(turns, "nb", kept=("AGE",)))
    risk = examine(KEY, [mine, *STUDY[1:]], kept=("AGE",))
    assert told(risk, "P01") == {("47 år",)}
    person = risk.person("P01")
    assert person is not None
    best = person.suggestions[0]
    # «[45–49 år]» and «[40–49 år]» leave P01 alone with it.
    assert (best.now, best.form) == ("47 år", "[voksen]") or not best.form
    assert best.after.alone < best.before.alone
    assert risk.kept == ("AGE",)


def test_what_stands_generalised_by_hand_counts_where_the_raw_text_tells() -> None:
    key = (entity("OTHER-1", "tirsdager og torsdager", "R01"),)
    mine = source("P01", "Der er jeg [litt for ofte].")
    assert examine(key, [mine]).values == ()
    by_hand = replace(mine, generalised=(("OTHER-1", "[litt for ofte]"),))
    assert [value.words for value in examine(key, [by_hand]).values] == ["litt for ofte"]
    final = source("P01", "Der er jeg [to dager i uken].")
    assert [value.words for value in examine(key, [final]).values] == ["to dager i uken"]


def test_no_study_at_all() -> None:
    risk = examine((), ())
    assert risk.people == () and risk.measure == Measure(0, 0) and not risk.is_small


KINDS = ("AGE", "LOCATION", "ORG", "DATE")


@given(
    st.dictionaries(
        st.tuples(st.sampled_from(KINDS), st.sampled_from("abc")),
        st.frozensets(st.sampled_from(["P01", "P02", "P03", "P04"]), min_size=1),
        min_size=1,
    ),
    st.data(),
)
def test_a_changed_measure_is_what_measuring_anew_gives(
    has: dict[tuple[str, str], frozenset[str]], data: st.DataObject
) -> None:
    participants = ("P01", "P02", "P03", "P04")
    found = [Value(w, k, "coarse", (), who) for (k, w), who in has.items()]
    study = _Study(found, participants)

    def anew(has: dict[tuple[str, str], frozenset[str]]) -> Measure:
        again = [Value(w, k, "coarse", (), who) for (k, w), who in has.items() if who]
        sets = {who: list(uniques(again, who)) for who in participants}
        return Measure(sum(map(bool, sets.values())), sum(map(len, sets.values())))

    value = data.draw(st.sampled_from(found))
    who = data.draw(st.sampled_from(sorted(value.holders)))
    new = data.draw(st.sampled_from([None, "a", "b", "c", "d"]).filter(lambda w: w != value.words))
    after = dict(has)
    after[value.type, value.words] = value.holders - {who}
    if new is not None:
        after[value.type, new] = after.get((value.type, new), frozenset()) | {who}
    assert study.split(value, who, new) == anew(after)

    after = dict(has)
    moved = after.pop((value.type, value.words))
    if new is not None:
        after[value.type, new] = after.get((value.type, new), frozenset()) | moved
    changed = None if new is None else replace(value, words=new)
    assert study.after({value: changed}) == anew(after)
