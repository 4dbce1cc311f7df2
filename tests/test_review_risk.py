"""What is left that could single somebody out, and what a suggestion would change of it."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from anonpipe.codes import Entity
from anonpipe.rarity import Value, uniques
from anonpipe.review.risk import Measure, Risk, Source, Step, _Study, examine, readable


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


def test_a_step_for_all_is_worked_out() -> None:
    risk = examine(KEY, STUDY)
    first = risk.steps[0]
    (change,) = first.changes
    assert (first.participant, change.type, change.form) == ("", "AGE", "[40–49 år]")
    assert first.before == Measure(2, 2)
    # P01 and P02 are then two of the same age and place, and nobody is alone.
    assert first.after == Measure(0, 0) and len(risk.steps) == 1
    followed = [replace(each, turns=_followed(each.turns)) for each in STUDY]
    assert examine(KEY, followed).measure == first.after


def _followed(turns: tuple[str, ...]) -> tuple[str, ...]:
    wide = ("[45–49 år]", "[40–44 år]")
    return tuple(
        turn.replace(wide[0], "[40–49 år]").replace(wide[1], "[40–49 år]") for turn in turns
    )


def test_steps_of_one_say_where_and_leave_nothing_of_theirs_alone() -> None:
    (step,) = examine(KEY, STUDY).steps_of("P02")
    assert step.own == (1, 0)
    (change,) = step.changes
    # Any form of the place would leave P02 alone with it, so that nothing may be told of it.
    assert (change.now, change.form) == ("[by på Vestlandet]", "[et sted]")
    assert change.codes == ("LOCATION-1",)
    assert [(spot.source, spot.turn) for spot in change.spots] == [("R02", 2)]


def test_every_step_keeps_its_word() -> None:
    """What the steps of a participant promise is what comes when they are followed."""
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
    assert all(risk.steps_of(person.participant) for person in risk.people if person.sets)
    kept = 0
    for person in risk.people:
        now = study
        for step in risk.steps_of(person.participant):
            now = [_with(each, step) if each.id in person.sources else each for each in now]
            again = examine(key, now)
            assert again.measure == step.after
            after = again.person(person.participant)
            assert after is not None and len(after.sets) == step.own[1] < step.own[0]
            kept += 1
    assert kept >= 4

    first = risk.steps[0]
    assert first.participant == "" and first.after == Measure(2, 4)
    followed = [replace(each, turns=_followed(each.turns)) for each in study]
    assert examine(key, followed).measure == first.after
    assert risk.steps[-1].after == Measure(0, 0)


def _with(each: Source, step: Step) -> Source:
    """A source in which the changes were made; a code says nothing of the value."""
    turns = each.turns
    for change in step.changes:
        assert any(change.now in turn for turn in turns)
        turns = tuple(turn.replace(change.now, change.form or "[Sted 99]") for turn in turns)
    return replace(each, turns=turns)


def test_a_form_that_others_have_would_do_for_a_code() -> None:
    key = (
        *KEY[:3],
        entity("LOCATION-1", "Bergen", "R01", "R02"),
        entity("LOCATION-2", "Haugesund", "R03"),
    )
    person = examine(key, STUDY).person("P03")
    assert person is not None
    assert [(each.now, each.form, each.others) for each in person.enough] == [
        ("[Sted 2]", "[by på Vestlandet]", 2)
    ]
    # Nobody else is somewhere in Trøndelag, so that this would single P03 out.
    other = examine(KEY, STUDY).person("P03")
    assert other is not None and other.enough == ()


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
    # Whatever else is told of the age leaves P01 alone with it.
    (step,) = risk.steps_of("P01")
    assert [(each.now, each.form) for each in step.changes] == [("47 år", "")]
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
    assert study.with_one(value, who, new).measure == anew(after)

    after = dict(has)
    moved = after.pop((value.type, value.words))
    if new is not None:
        after[value.type, new] = after.get((value.type, new), frozenset()) | moved
    changed = study.with_all({value: new})
    assert changed.measure == anew(after)
    # And once more upon that.
    if changed.seen:
        value = data.draw(st.sampled_from(changed.seen))
        who = data.draw(st.sampled_from(sorted(value.holders)))
        after[value.type, value.words] = value.holders - {who}
        assert changed.with_one(value, who, None).measure == anew(after)
