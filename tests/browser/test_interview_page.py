"""What the page of one interview does besides deciding: other tabs, failures, leaving it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")

from tests.browser import studies
from tests.browser.conftest import Serve, Watch
from tests.browser.reading import Reading, decided, expect
from tests.browser.studies import Place

pytestmark = pytest.mark.long

HOSTILE = """\
<b>Boss</b>: <script>document.title = "taken"</script> says Kari Nordmann
P01: <img src=x onerror="document.title='taken'"> in Bergen &amp; "there" {{ 7 * 7 }}
P01: Kari said ]]><svg onload=alert(1)> and 😀 Ola Hansen laughed
"""


@pytest.fixture
def reading(sample: Place, serve: Serve, context: Any) -> Reading:
    server = serve(sample)
    page = context.new_page()
    page.goto(server.address)
    return Reading(page, server)


def another(reading: Reading) -> Reading:
    """The same interview in a second tab."""
    return Reading(reading.page.context.new_page(), reading.server)


def test_what_was_said_is_never_markup(tmp_path: Path, serve: Serve, context: Any) -> None:
    folder = tmp_path / "hostile" / "study"
    (folder / "documents").mkdir(parents=True)
    (folder / "documents" / "P01_notes.txt").write_text(HOSTILE, encoding="utf-8")
    register = "participant,consented_on,audio,review\nP01,2026-01-10,delete-after-review,yes\n"
    (folder / "consent.csv").write_text(register, encoding="utf-8")
    place = studies._written(tmp_path / "hostile", studies.LongTools)
    server = serve(place)
    page = context.new_page()
    page.goto(server.address)
    reading = Reading(page, server, "D01")
    expect(page.locator("#text")).to_contain_text("<script>document.title")
    reading.page.get_by_role("button", name="Side by side").click()
    expect(page.locator(".raw", has_text="onerror=")).to_have_count(1)
    expect(page.locator("#text script, #text img, #text svg, #text b")).to_have_count(0)
    assert page.title() == "D01 – anonpipe"
    # What stands behind a character that scripts count as two is marked where it stands.
    assert reading.mention("Ola Hansen").text_content() == "Ola Hansen"
    reading.take("Ola Hansen")
    expect(page.locator("#card h2")).to_have_text("Ola Hansen")


def test_another_tab_follows_without_losing_its_place(reading: Reading) -> None:
    other = another(reading)
    other.take("Riverside Family Center")
    reading.take("Bristol")
    reading.decide("n")
    expect(other.page.locator('#text .raw .m[data-type="LOCATION"]')).to_have_count(0)
    expect(other.page.locator("#card h2")).to_have_text("Riverside Family Center")
    expect(other.page.locator("#history-count")).to_have_text("1")


def test_a_place_that_changed_in_another_tab_is_shown_anew(
    reading: Reading, watch: Watch, sample: Place
) -> None:
    other = another(reading)
    other.take("Bristol")
    # This tab does not hear of it in time.
    watch.expected = ("error: Failed to load resource: net::ERR_FAILED",)
    other.page.route("**/api/interviews/R01?since=*", lambda route: route.abort())
    reading.take("Bristol")
    reading.decide("n")
    other.press("y")
    expect(other.page.locator("#toasts .alert")).to_contain_text("changed in another tab")
    expect(other.page.locator("#card")).to_contain_text("Is not coded now")
    assert [each["kind"] for each in decided(sample)] == ["reject"]


def test_a_decision_that_was_not_saved_is_told(reading: Reading, watch: Watch) -> None:
    watch.expected = ("error: Failed to load resource: net::ERR_FAILED",)
    reading.page.route("**/decide", lambda route: route.abort())
    reading.take("Bristol")
    reading.press("n")
    expect(reading.page.locator("#toasts .alert")).to_contain_text("not saved")
    expect(reading.page.locator("#card h2")).to_have_text("Bristol")
    reading.page.unroute("**/decide")
    reading.decide("n")
    expect(reading.page.locator("#history-count")).to_have_text("1")


def test_nothing_is_left_in_a_page_that_was_left(reading: Reading) -> None:
    page = reading.page
    page.evaluate("dispatchEvent(new PageTransitionEvent('pagehide'))")
    assert page.evaluate("document.body.textContent") == ""
    page.goto(reading.server.url("/"))
    page.go_back()
    page.wait_for_selector("#interview[data-ready]")
    assert page.evaluate("localStorage.length + sessionStorage.length") == 0
    assert "Bristol" not in page.url and page.title() == "R01 – anonpipe"


def test_the_word_that_is_heard_is_painted(reading: Reading) -> None:
    reading.take("Bristol")
    expect(reading.page.locator(".turn.heard")).to_have_count(1)
    assert reading.page.evaluate("CSS.highlights.has('heard')")
    expect(reading.page.locator("#play")).to_have_attribute("aria-label", "Stop")
    reading.press("Escape")
    expect(reading.page.locator(".turn.heard")).to_have_count(0)


def test_words_beside_a_mention_are_drawn_into_it(reading: Reading, sample: Place) -> None:
    """By the mouse, from within the mention, which takes the focus but must not stop this."""
    reading.take("Bristol")
    expect(reading.page.locator("#card h2")).to_have_text("Bristol")
    box = reading.mention("Bristol").locator(".w").bounding_box()
    assert box is not None
    mouse, middle = reading.page.mouse, box["y"] + box["height"] / 2
    mouse.move(box["x"] + 25, middle)
    mouse.down()
    mouse.move(box["x"] - 20, middle, steps=4)
    mouse.up()
    expect(reading.page.locator("#card .picked")).to_have_text("in Bristol")
    reading.decide("Enter")
    expect(reading.mention("in Bristol")).to_have_attribute("data-type", "LOCATION")
    assert decided(sample)[-1]["kind"] == "span"


def test_tab_does_not_walk_through_the_mentions(reading: Reading) -> None:
    page = reading.page
    expect(page.locator('#text [tabindex="0"]')).to_have_count(1)
    reading.mention("Bristol").focus()
    reading.press("ArrowRight")
    expect(page.locator("#text .m:focus")).to_have_count(1)
    expect(page.locator('#text [tabindex="0"]')).to_have_count(1)
    reading.press("ArrowDown")
    expect(page.locator("#text article:focus")).to_have_attribute("data-turn", "4")
    reading.press("Tab")
    expect(page.locator("#text :focus")).to_have_count(0)


def test_no_question_is_answered_from_another_turn(reading: Reading, sample: Place) -> None:
    reading.take("Bristol")
    reading.press("ArrowDown", "ArrowDown")
    expect(reading.page.locator("#text article:focus")).to_have_count(1)
    reading.press("n")
    expect(reading.page.locator("#card:focus")).to_have_count(1)
    assert decided(sample) == []
    reading.decide("n")
    assert decided(sample)[-1]["kind"] == "reject"


def test_single_keys_can_be_switched_off(reading: Reading, sample: Place) -> None:
    reading.take("Bristol")
    reading.press("?")
    reading.page.get_by_label("Use single-key shortcuts").uncheck()
    reading.press("Escape", "n")
    assert decided(sample) == []
    with reading.page.expect_response(lambda response: response.url.endswith("/decide")):
        reading.page.get_by_role("button", name="Should not be coded").click()
    assert decided(sample)[-1]["kind"] == "reject"


def test_a_decision_is_told_and_the_focus_stays_on_the_card(reading: Reading) -> None:
    reading.take("Bristol")
    reading.decide("y")
    told = reading.page.get_by_role("status").filter(has_text="Undo with U")
    expect(told).to_be_visible()
    expect(reading.page.locator("#card")).to_be_focused()
    expect(reading.page.locator("#card")).to_have_attribute("aria-labelledby", "card-title")


def test_how_one_listens_goes_along_to_the_next_interview(reading: Reading) -> None:
    covered = reading.page.locator("#covered")
    reading.take("Bristol")
    reading.press("b")
    expect(covered).to_have_class("quiet sounding")
    reading.press("Escape")
    expect(covered).to_have_class("quiet")
    reading.answer(covered.click, "/api/listening")
    again = Reading(reading.page, reading.server, "R02")
    expect(again.page.locator("#covered")).to_have_attribute("aria-pressed", "true")


def test_an_edge_stops_at_another_mention_and_enter_saves(reading: Reading, sample: Place) -> None:
    reading.take("Carter", 2)
    reading.press("e")
    earlier = reading.page.get_by_role("button", name="Begin a word earlier")
    for _ in range(3):
        earlier.click()
    expect(reading.page.locator("#card .picked")).to_have_text("Mrs. Carter")
    reading.decide("Enter")
    assert decided(sample)[-1]["kind"] == "span"
    expect(reading.mention("Mrs. Carter")).to_have_count(1)


def test_forms_begin_with_what_is_so_and_save_only_when_told(
    reading: Reading, sample: Place
) -> None:
    card = reading.page.locator("#card")
    for key in "tk":
        reading.take("Bristol")
        reading.press(key)
        expect(card.locator(".about")).to_contain_text("Bristol")
        expect(card.locator(".scope kbd")).to_have_count(0)
        reading.press("Enter")
        expect(card.locator("h2")).to_have_text("Bristol")
    reading.press("g")
    card.locator("[role=option]").first.click()
    expect(card.get_by_role("button", name="Save")).to_be_visible()
    assert decided(sample) == []


def test_an_undo_that_is_asked_for_while_saving_waits(reading: Reading, sample: Place) -> None:
    reading.take("Bristol")
    reading.answer(lambda: reading.press("n", "u"), "/undo")
    assert decided(sample)[-1]["undone"] is True
    assert reading.code("Bristol") == "Place 1"


def test_answers_stand_where_they_stood(reading: Reading) -> None:
    answers = reading.page.locator("#card .answers")
    tops = set()
    for words in ("Bristol", "David", "Peter Marshall"):
        reading.take(words)
        expect(reading.page.locator("#card h2")).to_have_text(words)
        box = answers.bounding_box()
        assert box is not None
        tops.add(round(box["y"]))
    assert len(tops) == 1
