"""Every action of the page of one interview, in a browser."""

from __future__ import annotations

from itertools import combinations
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")

from tests.browser.axe import assert_accessible
from tests.browser.conftest import Serve
from tests.browser.reading import Reading, decided, expect, sound_requests
from tests.browser.studies import Place

pytestmark = pytest.mark.long


@pytest.fixture
def reading(sample: Place, serve: Serve, context: Any) -> Reading:
    server = serve(sample)
    page = context.new_page()
    page.goto(server.address)
    return Reading(page, server)


def last(place: Place) -> dict[str, Any]:
    return decided(place)[-1]


# -- what is there to see


def test_turns_have_speakers_and_times(reading: Reading) -> None:
    expect(reading.page.locator("#text article")).to_have_count(11)
    first, second = reading.turn(0).text_content(), reading.turn(1).inner_text()
    assert "Interviewer" in first and "00:00" in first
    assert "P01" in second and "00:09" in second and "Peter Marshall" in second


def test_mentions_are_told_apart_by_more_than_colour(reading: Reading) -> None:
    """Their code stands beside them, and the line under them is of another kind for each type."""
    kinds = {"Peter Marshall": "PERSON", "Bristol": "LOCATION", "52 years": "AGE"}
    kinds["Riverside Family"] = "ORG"
    looks = {}
    for words, kind in kinds.items():
        mention = reading.mention(words)
        assert mention.get_attribute("data-type") == kind and reading.code(words)
        shape = """(m) => {
          const s = [m, ...m.querySelectorAll("*")].map((e) => getComputedStyle(e));
          return s.map((e) => [e.textDecorationStyle, e.textDecorationThickness,
            e.borderBottomStyle, e.borderBottomWidth, e.fontStyle].join(" ")).join("; "); }"""
        looks[kind] = mention.evaluate(shape)
        after = mention.evaluate("(m) => getComputedStyle(m, '::after').content")
        before = mention.evaluate("(m) => getComputedStyle(m, '::before').content")
        assert reading.code(words) in after + before
    for one, other in combinations(looks, 2):
        assert looks[one] != looks[other], (one, other)


def test_raw_coded_and_side_by_side(reading: Reading) -> None:
    text = reading.page.locator("#text")
    assert "Peter Marshall" in text.text_content()
    reading.page.get_by_role("button", name="Coded", exact=True).click()
    assert "Peter Marshall" not in text.text_content() and "[Place 1]" in text.text_content()
    reading.page.get_by_role("button", name="Side by side").click()
    assert "Bristol" in text.text_content() and "[Place 1]" in text.text_content()
    reading.take("Bristol")
    reading.press("v")
    expect(text).to_have_attribute("data-view", "raw")


def test_pressing_a_mention_plays_its_words_with_two_seconds_around(reading: Reading) -> None:
    asked = sound_requests(reading.page)

    def hear(work: Any) -> dict[str, str]:
        asked.clear()
        with reading.page.expect_response(lambda r: "/sound?" in r.url) as waiting:
            work()
        body = waiting.value.body()
        assert body.startswith(b"RIFF") and len(body) > 20_000
        return {key: values[0] for key, values in parse_qs(urlsplit(asked[0]).query).items()}

    words = hear(lambda: reading.mention("Bristol").click())
    begin, end = float(words["from"]), float(words["to"])
    assert words["covered"] == "0" and 13 < begin < 16.5 and 4 <= end - begin < 6
    reading.press("Escape")
    reading.take("Bristol")
    assert hear(lambda: reading.press(" "))["from"] == words["from"]
    reading.press("Escape")
    assert hear(lambda: reading.press("b"))["covered"] == "1"


# -- what a person decides, with a key or two


def test_confirm(reading: Reading, sample: Place) -> None:
    reading.take("Bristol")
    effect = reading.decide("y")
    assert effect["total"] == 1
    assert (last(sample)["kind"], last(sample)["scope"]) == ("confirm", "here")


def test_reject_here(reading: Reading, sample: Place) -> None:
    reading.take("Helen", 1)
    reading.decide("n")
    assert (last(sample)["kind"], last(sample)["scope"]) == ("reject", "here")
    assert "Helen is my team leader" in reading.coded(3)
    assert "Mostly with [Person 1]" in reading.coded(3)


def test_never_in_the_whole_study(reading: Reading, sample: Place) -> None:
    reading.take("Riverside Family Center")
    reading.press("3")
    count = reading.page.locator("#card .answer .count").last
    expect(count).to_contain_text("sources")
    told = int(count.inner_text().split()[0])
    effect = reading.decide("n")
    assert effect["sources"] > 1 and effect["total"] == told
    assert (last(sample)["kind"], last(sample)["scope"]) == ("reject", "study")
    other = Reading(reading.page, reading.server, "R02")
    assert "Riverside Family Center" in other.coded(0)


def test_always_in_the_whole_study(reading: Reading, sample: Place) -> None:
    reading.take("Helen Carter")
    reading.press("3")
    assert reading.decide("y")["sources"] > 1
    assert (last(sample)["kind"], last(sample)["scope"]) == ("add", "study")


def test_in_this_interview(reading: Reading, sample: Place) -> None:
    reading.take("Helen", 1)
    reading.press("2")
    assert reading.decide("n")["total"] >= 3
    assert last(sample)["scope"] == "source"
    assert "Helen will retire" in reading.coded(9)


def test_another_type(reading: Reading, sample: Place) -> None:
    reading.take("Bristol")
    reading.press("t")
    reading.fill("organi")
    reading.decide("Enter")
    expect(reading.mention("Bristol")).to_have_attribute("data-type", "ORG")
    assert last(sample)["type"] == "ORG"


def test_another_code(reading: Reading, sample: Place) -> None:
    reading.take("Helen", 1)
    reading.press("k")
    reading.fill("Person 3")
    reading.decide("Enter")
    assert reading.code("Helen", 1) == "Person 3"
    assert last(sample)["entity"] == "PERSON-3"


def test_a_code_of_its_own(reading: Reading, sample: Place) -> None:
    before = {reading.code("Helen", nth) for nth in range(4)}
    reading.take("Helen", 1)
    reading.decide("s")
    assert reading.code("Helen", 1) not in before
    assert last(sample)["kind"] == "entity"


def test_two_codes_that_are_one(reading: Reading, sample: Place) -> None:
    assert reading.code("David Miller") == "Person 4"
    reading.take("David Miller")
    reading.press("m")
    reading.fill("Person 3")
    reading.decide("Enter")
    assert reading.code("David Miller") == "Person 3"
    assert last(sample)["kind"] == "merge"


def test_fewer_words_and_more(reading: Reading, sample: Place) -> None:
    reading.take("52 years old")
    reading.press("e", "ArrowLeft")
    reading.decide("Enter")
    expect(reading.mention("52 years").locator(".w")).to_have_text("52 years")
    reading.take("52 years")
    reading.press("e", "ArrowRight", "Shift+ArrowLeft")
    reading.decide("Enter")
    expect(reading.mention("52 years").locator(".w")).to_have_text("am 52 years old")
    assert last(sample)["kind"] == "span"


def test_a_misheard_word(reading: Reading, sample: Place) -> None:
    reading.take("Riverside.example")
    reading.press("o")
    reading.fill("helen.carter@riverside.example")
    reading.decide("Enter")
    assert "helen.carter@riverside.example" in reading.turn(5).text_content()
    assert last(sample)["kind"] == "word" and "[E-mail 1]" in reading.coded(5)


def test_a_detail_made_vaguer_by_a_suggestion(reading: Reading, sample: Place) -> None:
    reading.take("52 years old")
    reading.press("g")
    options = reading.page.locator("#card [role=option] .code")
    expect(options.first).to_contain_text("50")
    said = options.first.inner_text()
    reading.decide("Enter")
    assert f"I am [{said}]" in reading.coded(1) and last(sample)["kind"] == "generalise"


def test_a_detail_made_vaguer_in_own_words(reading: Reading, sample: Place) -> None:
    reading.take("12 years") if reading.mention("12 years").count() else reading.take("52 years")
    reading.press("g")
    reading.fill("in the middle of life")
    reading.decide("Enter")
    assert "[in the middle of life]" in reading.coded(1)


def test_a_missed_word_by_the_mouse(reading: Reading, sample: Place) -> None:
    reading.select(7, "electricity")
    expect(reading.page.locator("#card .picked")).to_have_text("electricity")
    # A letter that does something else by itself begins a word when others come right behind it.
    reading.page.keyboard.type("other")
    reading.decide("Enter")
    assert last(sample)["kind"] == "add" and last(sample)["type"] == "OTHER"
    assert "[Other 1]" in reading.coded(7)
    expect(reading.mention("electricity")).to_have_attribute("data-by", "person")


def test_a_misheard_word_that_is_not_coded(reading: Reading, sample: Place) -> None:
    reading.select(7, "electricity")
    reading.press("o")
    expect(reading.page.locator("#said-word")).to_have_value("electricity")
    reading.fill("velocity")
    reading.decide("Enter")
    assert last(sample)["kind"] == "word"
    assert "velocity" in reading.turn(7).text_content()


def test_a_detail_that_is_not_coded_is_made_vaguer(reading: Reading, sample: Place) -> None:
    reading.page.goto(reading.server.url("/interviews/R01#t7"))
    reading.page.wait_for_selector("#interview[data-ready]")
    expect(reading.turn(7)).to_be_focused()
    expect(reading.page.locator("#card")).to_contain_text("press G")
    reading.select(7, "electricity")
    reading.press("g")
    expect(reading.page.locator("#card [role=option] .code").first).not_to_be_empty()
    reading.fill("a technical subject")
    reading.decide("Enter")
    assert last(sample)["kind"] == "generalise" and last(sample)["type"] == "OTHER"
    assert "[a technical subject]" in reading.coded(7)


def test_a_missed_word_by_the_keys(reading: Reading, sample: Place) -> None:
    reading.turn(7).focus()
    reading.press("a")
    picked = reading.page.locator("#card .picked")
    for _ in range(12):
        if picked.inner_text().strip(" ,.") == "mother":
            break
        reading.press("ArrowRight")
    expect(picked).to_have_text("mother")
    reading.press("Enter")
    reading.fill("occupation")
    reading.decide("Enter")
    assert last(sample)["type"] == "OCCUPATION"


def test_what_was_decided_is_taken_back(reading: Reading, sample: Place) -> None:
    code = reading.code("Bristol")
    reading.take("Bristol")
    reading.decide("n")
    assert "in Bristol" in reading.coded(1)
    reading.page.locator("#side").focus()
    reading.answer(lambda: reading.page.locator("#undo").click(), "/undo")
    assert reading.code("Bristol") == code and last(sample)["undone"] is True
    # Any decision, not the last alone.
    for words in ("Bristol", "Peter Marshall"):
        reading.take(words)
        reading.decide("n")
    reading.page.locator("#history summary").click()
    row = reading.page.locator("#decisions li").filter(has_text="Bristol")
    reading.answer(lambda: row.get_by_role("button").last.click(), "/undo")
    assert reading.code("Bristol") == code
    assert "Peter Marshall" in reading.coded(1)


def test_who_speaks(reading: Reading, sample: Place) -> None:
    reading.page.get_by_role("button", name="Who speaks?").click()
    swap = reading.page.locator("#card").get_by_role("button", name="Interviewer").first
    reading.answer(lambda: swap.click(), "/speakers")
    assert "P01" in reading.turn(0).text_content()
    reading.page.reload()
    expect(reading.turn(0)).to_contain_text("P01")


def test_who_speaks_is_taken_back_before_what_is_older(reading: Reading, sample: Place) -> None:
    reading.take("Bristol")
    reading.decide("y")
    reading.page.get_by_role("button", name="Who speaks?").click()
    swap = reading.page.locator("#card").get_by_role("button", name="Interviewer").first
    reading.answer(lambda: swap.click(), "/speakers")
    assert "P01" in reading.turn(0).text_content()
    expect(reading.page.locator("#history-count")).to_have_text("2")
    reading.answer(lambda: reading.press("u"), "/speakers")
    expect(reading.turn(0)).to_contain_text("Interviewer")
    assert not any(each["undone"] for each in decided(sample))
    reading.answer(lambda: reading.press("u"), "/undo")
    assert last(sample)["undone"] is True
    expect(reading.page.get_by_role("status")).to_contain_text("Bristol is Place 1 again")


# -- and that it lasts


def test_it_is_there_after_a_reload_and_in_another_session(
    reading: Reading, sample: Place, serve: Serve, context: Any
) -> None:
    reading.take("Bristol")
    reading.decide("n")
    reading.page.reload()
    reading.page.wait_for_selector("#interview[data-ready]")
    assert "in Bristol" in reading.coded(1)
    assert reading.server.stop() == 0
    server = serve(sample)
    page = context.new_page()
    page.goto(server.address)
    assert "in Bristol" in Reading(page, server).coded(1)


def test_a_document_has_no_sound(reading: Reading, sample: Place) -> None:
    document = Reading(reading.page, reading.server, "D01")
    expect(document.page.locator("#player")).to_be_hidden()
    document.take("Kari Nordmo")
    document.decide("n")
    assert last(sample)["subject"] == "D01"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_is_accessible(reading: Reading, scheme: str) -> None:
    page = reading.page
    page.emulate_media(color_scheme=scheme)
    assert_accessible(page)
    reading.take("Bristol")
    for form in "tkmegoa":
        reading.take("Bristol")
        reading.press(form)
        assert_accessible(page)
        reading.press("Escape")
    for view in ("Coded", "Side by side"):
        page.get_by_role("button", name=view, exact=True).click()
        assert_accessible(page)
    reading.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()
    assert_accessible(page)
