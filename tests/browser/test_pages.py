"""All pages: in both languages, light and dark, for people who see badly, on a small laptop."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest

pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")

from playwright.sync_api import Page, expect

from tests.browser.axe import assert_accessible
from tests.browser.conftest import Serve
from tests.browser.serving import Server
from tests.browser.studies import Place

pytestmark = pytest.mark.long

PATHS = (
    "/",
    "/interviews/R01",
    "/interviews/D01",
    "/interviews/R01/sign",
    "/risk",
    "/risk/P01",
    "/agreement",
)
SIZES = ((1280, 720), (1100, 700), (480, 900))
READY = dict.fromkeys(("/interviews/R01", "/interviews/D01"), "#interview[data-ready]")
READY["/interviews/R01/sign"] = "#reviewer"


@pytest.fixture
def server(sample: Place, serve: Serve) -> Server:
    return serve(sample)


@pytest.fixture
def page(server: Server, context: Any) -> Page:
    opened = context.new_page()
    opened.goto(server.address)
    return opened


def show(page: Page, server: Server, path: str) -> None:
    page.goto(server.url(path))
    page.wait_for_selector(READY.get(path, "main h1"), timeout=60_000)
    page.wait_for_load_state("networkidle")


def set_screen(page: Page, **values: object) -> None:
    """Choose language and colours, as the lists in the header do."""
    page.evaluate(
        """(body) => fetch("/screen", { method: "POST", body: JSON.stringify(body),
           headers: { "Content-Type": "application/json", "X-Anonpipe": "1" } })""",
        values,
    )


def test_every_page_is_accessible(page: Page, server: Server) -> None:
    for language, theme in product(("nb", "en"), ("light", "dark")):
        set_screen(page, language=language, theme=theme)
        for path in PATHS:
            show(page, server, path)
            assert page.locator("html").get_attribute("lang") == language
            assert_accessible(page)
            # Nothing personal in what the browser keeps in its history.
            held = page.title() + page.url
            assert not [word for word in ("Marshall", "Solheim", "Kari") if word in held]


def test_the_language_is_chosen_in_the_header(page: Page) -> None:
    expect(page.get_by_role("link", name="Overview")).to_be_visible()
    page.wait_for_selector("html[data-ready]")
    with page.expect_navigation():
        page.get_by_label("Language").select_option(label="Norsk")
    expect(page.get_by_role("link", name="Oversikt", exact=True)).to_be_visible()
    assert page.locator("html").get_attribute("lang") == "nb"


def test_the_overview_leads_to_an_interview(page: Page, server: Server) -> None:
    text = page.locator("main").inner_text()
    for name in ("R01", "R05", "D01"):
        assert name in text
    page.locator('main a[href="/interviews/R01"]').first.click()
    page.wait_for_selector("#interview[data-ready]")


def test_nothing_is_cut_off(page: Page, server: Server) -> None:
    """No sideways scrolling on a small laptop, zoomed, or in a narrow window."""
    for path in PATHS:
        show(page, server, path)
        for width, height in SIZES:
            page.set_viewport_size({"width": width, "height": height})
            over = page.evaluate(
                "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            )
            assert over <= 1, (path, width)


def test_the_keys_are_shown_and_closed_by_a_key(page: Page, server: Server) -> None:
    for path in PATHS:
        show(page, server, path)
        page.locator("body").press("?")
        dialog = page.get_by_role("dialog")
        expect(dialog).to_be_visible()
        assert dialog.evaluate("(each) => each.scrollTop") == 0
        page.keyboard.press("Escape")
        expect(dialog).to_have_count(0)


def test_a_session_that_ended_is_told_in_the_middle_of_the_page(page: Page, server: Server) -> None:
    show(page, server, "/interviews/R01")
    page.wait_for_selector("html[data-ready]")
    page.locator("[data-do=quit]").click()
    page.get_by_role("dialog").get_by_role("button", name="Quit").click()
    box = page.get_by_role("heading", name="The review has ended").bounding_box()
    assert box is not None and box["x"] > 200 and box["y"] > 50


def test_a_norwegian_browser_gets_norwegian_pages(server: Server, browser: Any) -> None:
    context = browser.new_context(locale="nb-NO")
    page = context.new_page()
    page.goto(server.address)
    expect(page.get_by_role("link", name="Tall til metode")).to_be_visible()
    page.wait_for_selector("html[data-ready]")
    with page.expect_navigation():
        page.get_by_label("Språk").select_option(label="English")
    page.goto(server.url("/risk"))
    expect(page.get_by_role("link", name="Numbers for methods")).to_be_visible()
    context.close()
