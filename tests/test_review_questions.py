"""The queue of a review: what comes up, in which order, and what a decision answers."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace

import pytest

from anonpipe.codes import Entity, Policies, link
from anonpipe.detect.chances import Chance
from anonpipe.review.decision import Decision, Request
from anonpipe.review.desk import Desk
from anonpipe.review.interview import Question
from anonpipe.review.questions import questions, read, settling
from anonpipe.session import session
from anonpipe.transcript import Flag, Mention, MentionType, Transcript, Turn, Word
from tests.conftest import TODAY, Workbench, row
from tests.stand_ins import StandInDetector


def transcript(*texts: str, language: str = "nb") -> Transcript:
    return Transcript(tuple(Turn(text, "P01") for text in texts), language)


def spoken(*texts: str, unsure: Sequence[str] = (), language: str = "nb") -> Transcript:
    """Turns of words of half a second; the recogniser is unsure of some."""
    turns, at = [], 0.0
    for text in texts:
        words, offset = [], 0
        for word in text.split():
            offset = text.index(word, offset)
            probability = 0.2 if word.strip(".,") in unsure else 0.95
            words.append(Word(word, offset, at, at + 0.5, probability))
            offset, at = offset + len(word), at + 0.5
        start, end = (words[0].start, words[-1].end) if words else (at, at)
        turns.append(Turn(text, "P01", start, end, tuple(words)))
    return Transcript(tuple(turns), language, duration=at)


def mention(
    text: Transcript,
    words: str,
    kind: MentionType = "PERSON",
    *,
    turn: int = 0,
    recognizer: str = "spacy",
    nth: int = 0,
) -> Mention:
    start = -1
    for _ in range(nth + 1):
        start = text.turns[turn].text.index(words, start + 1)
    return Mention(turn, start, start + len(words), kind, words, 0.9, recognizer)


def likely(
    text: Transcript, words: str, score: float, kind: MentionType = "PERSON", *, turn: int = 0
) -> Chance:
    start = text.turns[turn].text.index(words)
    return Chance(turn, start, start + len(words), words, kind, score)


def decided(
    question: Question, kind: str = "seen", scope: str = "here", source: str = "R01"
) -> Decision:
    return Decision(
        f"{source}-1", kind, scope, source,  # type: ignore[arg-type]
        question.turn, question.start, question.end, question.text, "2026-01-01T00:00:00Z",
    )  # fmt: skip


def shown(asked: Sequence[Question]) -> list[str]:
    return [question.text for question in asked]


def about(asked: Sequence[Question], words: str) -> Question:
    found = [question for question in asked if question.text == words]
    assert found, f"nothing about {words!r} among {shown(asked)}"
    return found[0]


# -- what comes up


@pytest.mark.parametrize("language", ["nb", "nn", "en"])
def test_nothing_is_asked_of_an_empty_transcript(language: str) -> None:
    assert questions(Transcript((), language), ()) == ()
    assert questions(transcript("", "   ", language=language), ()) == ()


@pytest.mark.parametrize(
    ("language", "text", "name"),
    [
        ("nb", "så ringte jeg til medvind om kvelden", "medvind"),
        ("nn", "så ringde eg til medvind om kvelden", "medvind"),
        ("en", "and then i called june about the flat", "june"),
    ],
)
def test_what_the_network_nearly_found_comes_up(language: str, text: str, name: str) -> None:
    spoken_of = transcript(text, language=language)
    asked = questions(spoken_of, (), chances=[likely(spoken_of, name, 0.3)])
    assert about(asked, name).why[0] == "missed-name"
    assert about(asked, name).type == "PERSON"


def test_a_mention_is_no_missed_name() -> None:
    text = transcript("så ringte jeg til medvind om kvelden")
    found = link([mention(text, "medvind")], (), source="R01", transcript=text).mentions
    asked = questions(text, found, chances=[likely(text, "medvind", 0.99)])
    assert asked == ()


def test_words_side_by_side_are_one_place() -> None:
    text = transcript("han var foreleser i vannbygging den gangen")
    chances = [likely(text, word, 0.3, "OCCUPATION") for word in ("foreleser", "vannbygging")]
    chances.insert(1, likely(text, "i v", 0.3, "OCCUPATION"))
    asked = questions(text, (), chances=chances)
    assert shown(asked) == ["foreleser i vannbygging"]
    assert asked[0].why == ("indirect",)


def test_a_place_lies_in_one_turn() -> None:
    text = transcript("på rom 114", "brattli sto på gløtt")
    chances = [likely(text, "114", 0.3, "OTHER"), likely(text, "brattli", 0.3, turn=1)]
    asked = questions(text, (), chances=chances)
    assert sorted((q.turn, q.text) for q in asked) == [(0, "114"), (1, "brattli")]


def test_a_word_that_names_somebody_elsewhere_comes_up_with_their_entity() -> None:
    text = transcript("Odd ringte meg.", "han ble sint odds måte å være sint på er stille")
    linked = link([mention(text, "Odd")], (), source="R01", transcript=text)
    asked = questions(text, linked.mentions, entities=linked.entities, source="R01")
    question = about(asked, "odds")
    assert (question.entity, question.also) == ("PERSON-1", "Odd")


def test_words_that_name_nobody_are_left_alone() -> None:
    text = transcript("Vi bor i Norge og går på NAV en mandag.")
    chances = [likely(text, "Norge", 0.99, "LOCATION"), likely(text, "NAV", 0.9, "ORG")]
    name = transcript("Vi bor hos Torvund og går på jobb en mandag.")
    assert not questions(text, (), chances=[likely(text, "mandag", 0.1)])
    asked = questions(text, (), chances=chances)
    worst = max((question.weight for question in asked), default=0.0)
    known = questions(name, (), chances=[likely(name, "Torvund", 0.5)])
    assert worst < known[0].weight


@pytest.mark.parametrize(
    ("text", "remain"),
    [
        ("ring meg på 41 33 72 og spør", "41 33 72"),
        ("nummeret er fire en tre tre sju to nitti", "fire en tre tre sju to nitti"),
        ("skriv til ola krøllalfa", "krøllalfa"),
        ("siden heter kvassbua.no for dem som vil", "kvassbua.no"),
    ],
)
def test_remains_of_numbers_and_addresses_come_up(text: str, remain: str) -> None:
    assert remain in " ".join(shown(questions(transcript(text), ())))


@pytest.mark.parametrize("text", ["vi var to eller tre der", "det tok 15 år og 4 måneder"])
def test_small_numbers_do_not(text: str) -> None:
    assert questions(transcript(text), ()) == ()


@pytest.mark.parametrize(
    ("language", "text", "detail"),
    [
        ("nb", "jeg var ordfører den gangen", "ordfører"),
        ("nb", "hun fikk trillinger det året", "trillinger"),
        ("nb", "hun er digitaliseringsrådgiver i kommunen", "digitaliseringsrådgiver i kommunen"),
        ("nn", "han er banemeister og dagleg leiar i laget", "banemeister og dagleg leiar i laget"),
        ("en", "we were eight children at home", "eight children"),
    ],
)
def test_details_that_single_out_come_up(language: str, text: str, detail: str) -> None:
    asked = questions(transcript(text, language=language), ())
    assert about(asked, detail).why == ("indirect",)


def test_of_a_detail_what_no_mention_covers_comes_up() -> None:
    text = transcript("Han er klokkespelar ved Molde domkyrkje.", language="nn")
    place = mention(text, "Molde domkyrkje", "ORG")
    assert shown(questions(text, [place])) == ["klokkespelar ved"]


# -- what was misheard


def person(entity_id: str, name: str, *notes: str) -> Entity:
    number = int(entity_id.partition("-")[2])
    return Entity(entity_id, "PERSON", number, None, name, (name,), {"R01": 1}, notes)


def test_an_unsure_word_that_sounds_like_the_studys_people_comes_first() -> None:
    text = spoken(
        "da kom treiten innom med kake", "og noen andre også en dag", unsure=["treiten", "andre"]
    )
    asked = questions(text, (), entities=[person("PERSON-1", "Ragnhild Tveiten")], source="R01")
    first = asked[0]
    assert (first.text, first.why[0]) == ("treiten", "unsure-name")
    assert (first.entity, first.also) == ("PERSON-1", "Ragnhild Tveiten")
    assert "andre" not in shown(asked)


def test_a_name_heard_as_two_words() -> None:
    text = spoken("så kom fjell være og hentet meg", unsure=["fjell", "være"])
    asked = questions(text, (), entities=[person("PERSON-1", "Fjellvær")], source="R01")
    assert about(asked, "fjell være").also == "Fjellvær"


def test_a_sure_dictionary_word_is_not_taken_for_a_name() -> None:
    text = spoken("vi satt på stranden og spiste")
    asked = questions(text, (), entities=[person("PERSON-1", "Strandem")], source="R01")
    assert asked == ()


def test_without_probabilities_only_strange_words_are_compared() -> None:
    text = transcript("da kom trveiten innom med kake", "vi satt på stranden")
    rows = [person("PERSON-1", "Ragnhild Tveiten"), person("PERSON-2", "Strandem")]
    asked = questions(text, (), entities=rows, source="R01")
    assert about(asked, "trveiten").also == "Ragnhild Tveiten"
    assert "stranden" not in shown(asked)


# -- what the machine doubts


def test_what_one_recognizer_saw_comes_up_and_what_both_saw_does_not() -> None:
    text = transcript("Hytta ved Vassbotn og Lillevann er solgt.")
    found = [
        mention(text, "Vassbotn", "LOCATION", recognizer="names"),
        mention(text, "Lillevann", "LOCATION", recognizer="names"),
    ]
    linked = link(found, (), source="R01", transcript=text)
    chances = [likely(text, "Lillevann", 0.98, "LOCATION")]
    asked = questions(text, linked.mentions, entities=linked.entities, chances=chances)
    assert [q.text for q in asked if "one-recognizer" in q.why] == ["Vassbotn"]


def test_a_listed_name_is_never_doubted() -> None:
    text = transcript("Hytta ved Vassbotn er solgt, og båten.")
    found = replace(mention(text, "Vassbotn", "LOCATION", recognizer="names"), entity="LOCATION-1")
    row = Entity("LOCATION-1", "LOCATION", 1, None, "Vassbotn", merged_by=("study:listed",))
    chances = [likely(text, "båten", 0.01)]
    assert "Vassbotn" not in shown(questions(text, [found], entities=[row], chances=chances))


def test_a_first_name_that_two_could_own() -> None:
    rows = [
        replace(person("PERSON-1", "Kari Moe"), seen={"R02": 1}),
        replace(person("PERSON-2", "Kari Lund"), seen={"R03": 1}),
    ]
    text = transcript("Jeg traff Kari der, og Kari lo.")
    found = [mention(text, "Kari"), mention(text, "Kari", nth=1)]
    linked = link(found, rows, source="R01", transcript=text)
    asked = questions(
        text, linked.mentions, entities=linked.entities, flags=linked.flags, source="R01"
    )
    kari = [q for q in asked if q.why[0] == "ambiguous-name"]
    assert [q.text for q in kari] == ["Kari", "Kari"]
    assert len({q.group for q in kari}) == 1
    assert set(kari[0].also.split(", ")) == {"Kari Moe", "Kari Lund"}
    elsewhere = questions(text, linked.mentions, entities=linked.entities, source="R09")
    assert not [q for q in elsewhere if "ambiguous-name" in q.why]


def test_the_study_is_asked_about_each_of_a_type_but_not_about_what_it_listed() -> None:
    text = transcript("Jeg er 57 og bor i Volda, han er 58.")
    found = [
        mention(text, "57", "AGE", recognizer="age"),
        mention(text, "Volda", "LOCATION"),
        mention(text, "58", "AGE", recognizer="age"),
    ]
    policies = Policies({"AGE": "ask", "LOCATION": "ask"})
    listed = Entity("LOCATION-1", "LOCATION", 1, None, "Volda", merged_by=("study:listed",))
    linked = link(found, [listed], source="R01", transcript=text, policies=policies)
    asked = questions(text, linked.mentions, entities=linked.entities, policies=policies)
    assert sorted(q.text for q in asked if "policy-ask" in q.why) == ["57", "58"]


def test_the_study_is_asked_however_much_there_is_to_do() -> None:
    texts = [f"han var {n} den gangen" for n in range(10, 90)]
    text = transcript(*texts)
    found = [
        mention(text, str(n), "AGE", turn=i, recognizer="age") for i, n in enumerate(range(10, 90))
    ]
    policies = Policies({"AGE": "ask"})
    linked = link(found, (), source="R01", transcript=text, policies=policies)
    asked = questions(text, linked.mentions, entities=linked.entities, policies=policies)
    assert len(asked) == 80 > settling.budget(4 * 80, True) + settling.budget(4 * 80, False)


def test_a_kept_type_weighs_less() -> None:
    text = transcript("hun er kommunegeolog der ute")
    chances = [likely(text, "kommunegeolog", 0.4, "OCCUPATION")]
    coded = questions(text, (), chances=chances)
    kept = questions(text, (), chances=chances, policies=Policies({"OCCUPATION": "keep"}))
    assert 0 < kept[0].weight < coded[0].weight


def test_part_of_a_rare_combination() -> None:
    text = transcript("Jeg er 57 og bor i Volda.")
    found = [mention(text, "57", "AGE", recognizer="age"), mention(text, "Volda", "LOCATION")]
    linked = link(found, (), source="R01", transcript=text)
    asked = questions(text, linked.mentions, entities=linked.entities, rare=frozenset({"AGE-1"}))
    assert [(q.text, q.why) for q in asked] == [("57", ("rare",))]


# -- trouble


def test_other_script_comes_up_as_one_stretch() -> None:
    text = transcript("hun heter Ольга Иванова sa hun", "og det var alt")
    asked = questions(text, ())
    assert [(q.text, q.why) for q in asked] == [("Ольга Иванова", ("trouble",))]


def test_stretches_in_trouble_come_up_and_single_unsure_words_do_not() -> None:
    text = spoken("vi satt og snakket lenge", "så gikk vi hjem igjen til slutt", unsure=["lenge"])
    flags = [
        Flag("low-confidence", 0, 2.0, 2.5, 1),
        Flag("repetition", 1, 3.0, 4.0, 3),
        Flag("speech-without-text", None, 5.5, 9.0),
        Flag("clipping", None, 0.0, 1.0),
    ]
    asked = questions(text, (), flags=flags)
    assert all(q.why == ("trouble",) and q.start < q.end for q in asked)
    assert {q.turn for q in asked} == {1}
    assert shown(asked) == ["gikk vi", "slutt"]


def test_many_unsure_words_of_a_turn_are_one_question() -> None:
    text = spoken("og så var det noe med de som kom og gikk der nede ved sjøen")
    flags = [Flag("low-confidence", 0, 0.5, 2.0, 3), Flag("low-confidence", 0, 4.0, 5.5, 3)]
    asked = questions(text, (), flags=flags)
    assert len(asked) == 1
    assert asked[0].text.startswith("så var")
    assert asked[0].text.endswith("gikk")


def test_trouble_of_a_text_without_times_and_of_turns_without_words() -> None:
    text = transcript("en linje", "")
    flags = [
        Flag("language", 0, None, None), Flag("language", 1, None, None),
        Flag("speech-without-text", None, 1.0, 9.0), Flag("language", 7, None, None),
    ]  # fmt: skip
    assert shown(questions(text, (), flags=flags)) == ["en linje"]


# -- order


def test_a_readable_name_goes_before_everything_else() -> None:
    text = spoken(
        "Kari kom med medvind til Vassbotn ved sjøen", "hun var 57 da", "og så og så og så"
    )
    found = [
        mention(text, "Kari"),
        mention(text, "Vassbotn", "LOCATION", recognizer="names"),
        mention(text, "57", "AGE", turn=1, recognizer="age"),
    ]
    policies = Policies({"AGE": "ask"})
    linked = link(found, (), source="R01", transcript=text, policies=policies)
    asked = questions(
        text, linked.mentions, entities=linked.entities, policies=policies,
        flags=[Flag("repetition", 2, None, None, 3)], rare={"AGE-1"},
        chances=[likely(text, "medvind", 0.5)],
    )  # fmt: skip
    assert asked[0].text == "medvind"
    assert {"one-recognizer", "policy-ask", "trouble"} <= {w for q in asked for w in q.why}
    assert [q.weight for q in asked] == sorted((q.weight for q in asked), reverse=True)


def test_one_place_has_all_its_reasons() -> None:
    text = transcript("hun var 57 da")
    found = [mention(text, "57", "AGE", recognizer="age")]
    policies = Policies({"AGE": "ask"})
    linked = link(found, (), source="R01", transcript=text, policies=policies)
    asked = questions(
        text, linked.mentions, entities=linked.entities, policies=policies, rare={"AGE-1"}
    )
    assert [q.why for q in asked] == [("policy-ask", "rare")]


def test_no_more_is_asked_than_a_person_has_time_for() -> None:
    names = [f"zorvak{chr(97 + n % 26)}{chr(97 + n // 26)}" for n in range(300)]
    text = transcript(*(f"så kom {name} hit igjen" for name in names))
    chances = [likely(text, name, 0.2, turn=n) for n, name in enumerate(names)]
    asked = questions(text, (), chances=chances)
    most = settling.budget(5 * 300, True) + settling.budget(5 * 300, False)
    assert len({q.group for q in asked}) == most
    assert settling.budget(6500, True) + settling.budget(6500, False) <= 100


# -- what is answered

SEA = "så ringte jeg til medvind om kvelden og så kom medvind"


def twice() -> tuple[Transcript, list[Chance]]:
    text = transcript(SEA, "medvind igjen")
    second = SEA.rindex("medvind")
    return text, [
        likely(text, "medvind", 0.3),
        Chance(0, second, second + 7, "medvind", "PERSON", 0.3),
        likely(text, "medvind", 0.3, turn=1),
    ]


def test_the_same_words_are_one_group_whatever_the_case() -> None:
    text = transcript("så ringte jeg til medvind", "Medvind kom")
    chances = [likely(text, "medvind", 0.3), likely(text, "Medvind", 0.3, turn=1)]
    asked = questions(text, (), chances=chances)
    assert len(asked) == 2
    assert len({q.group for q in asked}) == 1
    assert "medvind" not in asked[0].group


@pytest.mark.parametrize(("scope", "done"), [("here", 1), ("source", 3), ("study", 3)])
def test_a_decision_answers_its_place_or_its_words(scope: str, done: int) -> None:
    text, chances = twice()
    before = questions(text, (), source="R01", chances=chances)
    assert len(before) == 3
    assert not any(q.done for q in before)
    after = questions(
        text, (), source="R01", chances=chances, decisions=[decided(before[0], "reject", scope)]
    )
    assert sum(q.done for q in after) == done
    assert [replace(q, done=False) for q in after] == list(before)


def test_a_decision_for_the_words_answers_their_genitive() -> None:
    text = transcript("så ringte jeg til vassbotn", "vassbotns kontor var stengt")
    chances = [likely(text, "vassbotn", 0.3), likely(text, "vassbotns", 0.3, turn=1)]
    before = questions(text, (), source="R01", chances=chances)
    after = questions(
        text, (), source="R01", chances=chances,
        decisions=[decided(about(before, "vassbotn"), "reject", "source")],
    )  # fmt: skip
    assert [q.done for q in after] == [True, True]


def test_a_decision_taken_elsewhere_answers_words_alone() -> None:
    text, chances = twice()
    first = questions(text, (), source="R01", chances=chances)[0]
    there = [decided(first, "reject", scope, source="R07") for scope in ("here", "study")]
    here_only = questions(text, (), source="R01", chances=chances, decisions=there[:1])
    assert not any(q.done for q in here_only)
    everywhere = questions(text, (), source="R01", chances=chances, decisions=there)
    assert all(q.done for q in everywhere)


def test_what_was_added_stays_as_answered() -> None:
    text, chances = twice()
    first = questions(text, (), source="R01", chances=chances)[0]
    added = Mention(first.turn, first.start, first.end, "PERSON", first.text, 1.0, "review")
    after = questions(
        text, [added], found=(), source="R01", chances=chances, decisions=[decided(first, "add")]
    )
    assert [q.done for q in after if (q.turn, q.start) == (first.turn, first.start)] == [True]
    assert len(after) == 3


def test_what_is_a_mention_by_now_without_a_decision_is_no_question() -> None:
    text, chances = twice()
    everywhere = [
        Mention(q.turn, q.start, q.end, "PERSON", q.text, 1.0, "known-name")
        for q in questions(text, (), chances=chances)
    ]
    assert questions(text, everywhere, found=(), chances=chances) == ()


def test_a_rejected_mention_stays_as_answered() -> None:
    text = transcript("Hytta ved Vassbotn er solgt, og båten.")
    found = link(
        [mention(text, "Vassbotn", "LOCATION", recognizer="names")],
        (), source="R01", transcript=text,
    ).mentions  # fmt: skip
    chances = [likely(text, "båten", 0.01)]
    before = questions(text, found, source="R01", chances=chances)
    question = about(before, "Vassbotn")
    after = questions(
        text, (), found=found, source="R01", chances=chances,
        decisions=[decided(question, "reject")],
    )  # fmt: skip
    assert about(after, "Vassbotn").done


def test_trouble_is_answered_by_looking_not_by_a_name_inside_it() -> None:
    text = spoken("så gikk vi hjem igjen til slutt")
    flags = [Flag("repetition", 0, 0.0, 3.0, 3)]
    question = questions(text, (), source="R01", flags=flags)[0]
    for kind, done in (("add", False), ("seen", True), ("word", True)):
        after = questions(text, (), source="R01", flags=flags, decisions=[decided(question, kind)])
        assert after[0].done is done, kind


# -- at the desk


def test_the_desk_asks_and_remembers_what_was_answered(
    bench: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nearly(_: object, text: Transcript) -> tuple[Chance, ...]:
        return tuple(
            likely(text, "Gunnbakken", 0.3, turn=n)
            for n, turn in enumerate(text.turns)
            if "Gunnbakken" in turn.text
        )

    monkeypatch.setattr(StandInDetector, "chances", nearly)
    bench.register(row("P01", audio="delete-after-review", review="yes"))
    bench.note("P01_notes.txt", "P01: I met Kari Nordmann up at Gunnbakken.\n")
    bench.run()

    def about_it() -> Question:
        with session(bench.study, [bench.identity], lambda _: None) as opened:
            asked = Desk(opened, today=TODAY).interview("D01").questions
        return about(asked, "Gunnbakken")

    question = about_it()
    assert (question.why[0], question.done) == ("missed-name", False)
    with session(bench.study, [bench.identity], lambda _: None) as opened:
        Desk(opened, today=TODAY).decide(
            "D01",
            Request("add", "here", question.turn, question.start, question.end, type="LOCATION"),
        )
    assert about_it() == replace(question, done=True)


# -- how long it takes


def long_interview(words: int) -> tuple[Transcript, list[Mention], list[Chance]]:
    """Turns of which one in five has a name; the network nearly finds something in one of four."""
    texts, found, chances = [], [], []
    for n in range(words // 12):
        name = f"Kar{'aeiou'[n % 5]}{'lmnrst'[n % 6]}"
        end = (
            "omtrent slik det pleide å være"
            if n % 4
            else f"ved torv{'abcdef'[n % 6]}stad en dag til"
        )
        texts.append(f"og så kom {name if n % 5 == 0 else 'noen'} inn {end}")
    text = spoken(*texts)
    for n, turn in enumerate(text.turns):
        if n % 5 == 0:
            found.append(mention(text, turn.text.split()[3], turn=n))
        if n % 4 == 0:
            chances.append(likely(text, turn.text.split()[6], 0.2, turn=n))
    return text, found, chances


def test_after_a_decision_the_queue_is_quick_even_for_three_hours() -> None:
    text, found, chances = long_interview(27_000)
    linked = link(found, (), source="R01", transcript=text)

    def seconds(work: object) -> float:
        begun = time.process_time()
        work()  # type: ignore[operator]
        return time.process_time() - begun

    reading = read(text, chances)
    made = questions(text, linked.mentions, entities=linked.entities, reading=reading)
    assert made
    slow = min(seconds(lambda: read(text, chances)) for _ in range(2))
    quick = min(
        seconds(lambda: questions(text, linked.mentions, entities=linked.entities, reading=reading))
        for _ in range(3)
    )
    assert quick < slow / 3


def test_with_and_without_a_reading_the_queue_is_the_same() -> None:
    text, found, chances = long_interview(600)
    linked = link(found, (), source="R01", transcript=text)
    at_once = questions(text, linked.mentions, entities=linked.entities, chances=chances)
    reading = read(text, chances)
    for _ in range(2):
        assert at_once == questions(
            text, linked.mentions, entities=linked.entities, reading=reading
        )
