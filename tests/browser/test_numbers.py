"""The pages of risk and agreement in a browser: picture, links to the places, copying, the file."""

from __future__ import annotations

import csv
import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")

from playwright.sync_api import Page, expect

from anonpipe.review.decision import Request
from anonpipe.review.desk import Desk
from tests.browser.axe import assert_accessible
from tests.browser.conftest import Serve
from tests.browser.serving import Server
from tests.browser.studies import Place

pytestmark = pytest.mark.long


@pytest.fixture
def server(sample: Place, serve: Serve) -> Server:
    return serve(sample, "--language", "en")


@pytest.fixture
def page(server: Server, context: Any) -> Page:
    opened = context.new_page()
    opened.goto(server.address)
    return opened


def test_the_picture_of_risk_has_a_table_with_the_same(page: Page, server: Server) -> None:
    page.goto(server.url("/risk?codes=1"))
    picture = page.locator("svg[role=img]")
    expect(picture).to_be_visible()
    assert picture.locator("title").text_content() and picture.locator("desc").text_content()
    page.locator("summary").click()
    rows = page.locator("details tbody tr")
    shown = sum(int(n) for n in picture.locator("text.count.middle").all_text_contents())
    assert rows.count() == shown > 0
    assert_accessible(page)


def test_a_place_of_risk_opens_in_the_interview(page: Page, server: Server) -> None:
    page.goto(server.url("/risk?codes=1"))
    page.locator("summary").click()
    link = page.locator("details .places a").first
    target = re.fullmatch(r"/interviews/(\w+)#t(\d+)", link.get_attribute("href") or "")
    assert target is not None
    link.click()
    page.wait_for_url(f"**/interviews/{target[1]}#t{target[2]}")
    page.wait_for_selector("#interview[data-ready]")
    expect(page.locator(f"#t{target[2]}")).to_be_in_viewport()


def test_the_numbers_of_agreement_can_be_taken_along(
    sample: Place, serve: Serve, context: Any, tmp_path: Path
) -> None:
    with sample.opened() as session:
        desk = Desk(session, today=date(2026, 6, 1))
        mark = desk.interview("D01").marks[0].mention
        desk.decide("D01", Request(kind="reject", turn=mark.turn, start=mark.start, end=mark.end))
    server = serve(sample, "--language", "en")
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = context.new_page()
    page.goto(server.address)
    page.goto(server.url("/agreement"))
    expect(page.locator("main")).to_contain_text("one was rejected")
    assert_accessible(page)
    page.get_by_role("button", name="Copy").first.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".toast")).to_be_visible()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert "one was rejected" in copied and "Hripcsak, G." in copied
    with page.expect_download() as download:
        page.get_by_role("link", name="Table as CSV").click()
    file = tmp_path / "agreement.csv"
    download.value.save_as(file)
    rows = list(csv.DictReader(file.read_text(encoding="utf-8").splitlines()))
    assert rows[-1]["source"] == "all" and rows[-1]["rejected"] == "1"
