"""What is left that could single somebody out, and what a suggestion would change of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
import tomlkit
from hypothesis import given
from hypothesis import strategies as st

from anonpipe.codes import Entity
from anonpipe.rarity import Value, uniques
from anonpipe.review import risk as risk_module
from anonpipe.review import risk_svg
from anonpipe.review.advice import Measure, Measured, Step
from anonpipe.review.decision import Request
from anonpipe.review.desk import Desk
from anonpipe.review.readable import Source, own_roles, readable
from anonpipe.review.readable import source as coded_source
from anonpipe.review.risk import Risk, examine
from anonpipe.session import session
from tests.conftest import TODAY, Workbench, row
from tests.reviewing import signed_in


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


@pytest.mark.parametrize(
    ("speaker", "text", "language", "roles"),
    [
        ("P01", "æ e [Alder 1] og sykepleier på [Organisasjon 1]", "nb", ["sykepleier"]),
        ("P01", "Eg heiter [Person 1] og er kontaktlærar på sjette trinn", "nn", ["kontaktlærar"]),
        ("P01", "I'm a nurse, and she is a teacher.", "en", ["nurse"]),
        ("P01", "I was a youth worker then.", "en", ["youth worker"]),
        ("P01", "Hun er lærer. Jeg kjenner en prest.", "nb", []),
        ("P01", "jeg var på vakt da", "nb", []),
        ("P01", "jeg er [lærer]", "nb", []),
        ("Intervjuer", "Jeg er lærer selv.", "nb", []),
    ],
)
def test_a_role_that_somebody_says_they_have(
    speaker: str, text: str, language: str, roles: list[str]
) -> None:
    found = own_roles([("P02", "Nei."), (speaker, text)], language)
    assert [(role.words, role.turn) for role in found] == [(role, 1) for role in roles]


def test_what_stands_generalised_by_hand_counts_where_the_raw_text_tells() -> None:
    key = (entity("OTHER-1", "tirsdager og torsdager", "R01"),)
    mine = source("P01", "Der er jeg [litt for ofte].")
    assert examine(key, [mine]).values == ()
    by_hand = replace(mine, generalised=(("OTHER-1", "[litt for ofte]"),))
    assert [value.words for value in examine(key, [by_hand]).values] == ["litt for ofte"]
    key = (entity("OTHER-1", "14 beboere", "R01"),)
    final = source("P01", "Vi har [mellom 10 og 20 beboere].")
    assert [v.words for v in examine(key, [final]).values] == ["mellom 10 og 20 beboere"]
    # Of what holds for so many it says nothing.
    key = (entity("OTHER-1", "tirsdager og torsdager", "R01"),)
    assert examine(key, [source("P01", "Der er jeg [to dager i uken].")]).values == ()


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
    study = Measured(found, participants)

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


# -- the picture


def test_the_picture_shows_what_stands_together() -> None:
    risk = examine(KEY, STUDY)
    every = risk_svg.columns((person.participant, person.every) for person in risk.people)
    told = [(c.participant, [kind for kind, _ in c.shows], len(c.sets)) for c in every]
    assert told == [
        ("P01", ["AGE"], 1),
        ("P02", ["AGE", "LOCATION"], 1),
        ("P03", ["LOCATION"], 1),
    ]
    image = drawing(risk_svg.drawn(every))
    assert image.startswith("<svg") and 'role="img"' in image and "<title" in image
    assert "style=" not in image and "<script" not in image
    assert image.count('class="tie"') == 1
    # A code has another mark than what is less exact.
    assert image.count('class="dot code"') == 1 and image.count('class="half"') == 3


def test_many_participants_are_drawn_together() -> None:
    values = [Value(f"v{n}", "AGE", "coarse", (), frozenset({f"P{n:02}"})) for n in range(1, 60)]
    every = risk_svg.columns((f"P{n:02}", [(value,)]) for n, value in enumerate(values, 1))
    (column,) = risk_svg.drawn(every)
    assert (column.participant, column.bar, len(column.sets)) == ("", 59, 59)
    image = drawing((column,))
    assert ">59<" in image and "P01" not in image


def drawing(columns: tuple[risk_svg.Column, ...]) -> str:
    return risk_svg.picture(
        columns, name=str, title="t", description="d", tally="participants", sets="sets"
    )


# -- at a desk

TEXTS = {
    "P01": "P01: I am 47 years old and live in Bergen.\nP01: Ola Hansen lives in Bergen, too.\n",
    "P02": "P02: I am 31 years old. Ola Hansen knows me.\nP02: I'm a nurse.\n",
}


@contextmanager
def at_desk(bench: Workbench) -> Iterator[Desk]:
    with session(bench.study, [bench.identity], lambda _: None) as opened:
        yield Desk(opened, today=TODAY)


@pytest.fixture
def bench_with_policies(bench: Workbench) -> Workbench:
    """Places are generalised, workplaces kept."""
    file = bench.folder / "study.toml"
    settings = tomlkit.parse(file.read_text(encoding="utf-8"))
    settings["policies"].update({"LOCATION": "generalise", "ORG": "keep"})  # type: ignore[union-attr]
    file.write_text(tomlkit.dumps(settings), encoding="utf-8")
    bench.register(*(row(who, audio="delete-after-review", review="yes") for who in TEXTS))
    return bench


@pytest.fixture
def study(bench_with_policies: Workbench) -> Workbench:
    for who, said in TEXTS.items():
        bench_with_policies.note(f"{who}_a.txt", said)
    bench_with_policies.note("P01_b.txt", "P01: I worked at Solbakken skole.\n")
    bench_with_policies.run()
    return bench_with_policies


def test_the_risk_of_what_would_be_written(study: Workbench) -> None:
    with at_desk(study) as desk:
        risk = risk_module.of_desk(desk)
        assert [(p.participant, len(p.sources)) for p in risk.people] == [("P01", 2), ("P02", 1)]
        # Both live in the text of one only; the stand-in finds no ages.
        assert told(risk, "P01") == {("town in Western Norway",), ("solbakken skole",)}
        assert told(risk, "P02") == {("nurse",)}
        assert [(link.participants) for link in risk.links] == [("P01", "P02")]
        said = [(source, s.words, s.why, s.counts) for source, s in risk.said]
        assert said == [
            ("D02", "Solbakken skole", "kept", True),
            ("D03", "nurse", "left", True),
        ]
        place = next(v for v in risk.values if v.type == "LOCATION")
        assert [(spot.source, spot.turn) for spot in risk.spots[place.key]] == [
            ("D01", 0), ("D01", 1),
        ]  # fmt: skip
        assert risk.stands[place.key] == "[town in Western Norway]"
        # The text is what will be written.
        for name in ("D01", "D02", "D03"):
            written = desk.coded(name)[""].text
            assert written == "\n".join(coded_source(desk, name).turns)


def test_a_decision_changes_the_risk(study: Workbench) -> None:
    with at_desk(study) as desk:
        mark = next(m.mention for m in desk.interview("D01").marks if m.mention.text == "Bergen")
        at = {"turn": mark.turn, "start": mark.start, "end": mark.end}
        desk.decide("D01", Request(kind="generalise", scope="source", value="", **at))
        risk = risk_module.of_desk(desk)
        assert told(risk, "P01") == {("solbakken skole",)}
        person = risk.person("P01")
        assert person is not None and [v.type for v in person.coded] == ["LOCATION"]

        desk.decide("D01", Request(kind="reject", scope="source", **at))
        risk = risk_module.of_desk(desk)
        rejected = [(s.words, s.why, s.counts) for source, s in risk.said if source == "D01"]
        # It is told, and most often no place: so it singles nobody out.
        assert set(rejected) == {("Bergen", "rejected", False)} and len(rejected) == 2
        assert told(risk, "P01") == {("solbakken skole",)}


def test_a_final_source_is_measured_by_its_outputs(bench_with_policies: Workbench) -> None:
    bench = bench_with_policies
    bench.register(*(row(who) for who in TEXTS))
    for who, said in TEXTS.items():
        bench.note(f"{who}_a.txt", said)
    bench.run()
    with at_desk(bench) as desk:
        assert not desk.interview("D01").raw
        risk = risk_module.of_desk(desk)
    assert ("town in Western Norway",) in told(risk, "P01")
    # No detector saw the ages, but the rules do.
    assert told(risk, "P02") == {("31 years old",), ("nurse",)}
    assert {(s.words, s.why) for _, s in risk.said} == {
        ("47 years old", "left"), ("31 years old", "left"), ("nurse", "left"),
    }  # fmt: skip


@pytest.mark.parametrize("language", ["nb", "en"])
def test_the_pages(study: Workbench, language: str) -> None:
    with at_desk(study) as desk:
        client = signed_in(desk, language)
        page, one = client.get("/risk"), client.get("/risk/P01")
        codes, nobody = client.get("/risk?codes=1"), client.get("/risk/P77")
        by_source = client.get("/risk/D03")
    assert page.status_code == one.status_code == codes.status_code == 200
    assert nobody.status_code == 404
    assert (by_source.status_code, by_source.headers["location"]) == (303, "/risk/P02")
    for text in (page.text, one.text, codes.text):
        assert "style=" not in text and "<svg" in text
        assert 'href="/interviews/D01#t0"' in text
        assert "Kari" not in text and "Ola" not in text
    assert "Samarati" in page.text and "Elliot" in page.text
    assert 'class="dot code"' not in page.text


def test_a_page_without_any_texts(bench: Workbench) -> None:
    with at_desk(bench) as desk:
        assert signed_in(desk).get("/risk").status_code == 200
