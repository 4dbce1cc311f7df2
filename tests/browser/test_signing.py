"""From the first key to the signature, and what is left afterwards."""

from __future__ import annotations

from typing import Any

import pytest

pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")

from playwright.sync_api import Page

from tests.browser.axe import assert_accessible
from tests.browser.conftest import Serve, Watch
from tests.browser.reading import Reading, decided, expect, taken_in
from tests.browser.serving import Server
from tests.browser.studies import CANARIES, Place

pytestmark = pytest.mark.long

REVIEWER = "Guro Testrud Lindås"


@pytest.fixture
def server(sample: Place, serve: Serve) -> Server:
    return serve(sample)


@pytest.fixture
def page(server: Server, context: Any) -> Page:
    opened = context.new_page()
    opened.goto(server.address)
    return opened


def tab_to(page: Page, selector: str, most: int = 120) -> None:
    """Press Tab until an element has the focus, as somebody without a mouse does."""
    for _ in range(most):
        if page.evaluate("(s) => document.activeElement?.matches(s) ?? false", selector):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab does not lead to {selector}")


def focus_is_seen(page: Page) -> bool:
    """Whether the element with the focus is shown as such."""
    return bool(
        page.evaluate(
            """() => { const s = getComputedStyle(document.activeElement);
              return s.outlineStyle !== "none" || s.boxShadow !== "none"; }"""
        )
    )


def follow(page: Page, selector: str) -> None:
    """Go to a link with Tab, see that it has the focus, and follow it."""
    tab_to(page, selector)
    assert focus_is_seen(page)
    with page.expect_navigation():
        page.keyboard.press("Enter")


def sign(page: Page, server: Server, source: str) -> None:
    page.goto(server.url(f"/interviews/{source}/sign"))
    page.wait_for_selector("#reviewer", timeout=60_000)
    page.locator("#reviewer").fill(REVIEWER)
    box = page.locator("input[name=accept]")
    if box.count():
        box.check()
    page.locator("#do").click()
    page.wait_for_url(f"**/{source}/signed", timeout=60_000)


def test_the_keyboard_alone_leads_from_start_to_signature(
    sample: Place, server: Server, page: Page
) -> None:
    follow(page, 'a[href="/interviews/R01"]')
    page.wait_for_selector("#interview[data-ready]")
    # Every question is answered by a key; then a mention in the text, chosen with the arrow keys.
    for _ in range(30):
        if page.locator("#queue .item:not(.done)").count() == 0:
            break
        before = len(decided(sample))
        with page.expect_response("**/decide") as waiting:
            page.keyboard.press("y")
        waiting.value.finished()
        taken_in(page)
        assert len(decided(sample)) == before + 1
    tab_to(page, "#text [tabindex='0']")
    for _ in range(40):
        if page.evaluate("document.activeElement.textContent") == "Bristol":
            break
        page.keyboard.press("ArrowRight")
    assert page.evaluate("document.activeElement.textContent") == "Bristol"
    assert focus_is_seen(page)
    with page.expect_response("**/decide") as waiting:
        page.keyboard.press("n")
    waiting.value.finished()
    taken_in(page)
    with page.expect_response("**/undo"):
        page.keyboard.press("u")
    # Where every question is answered a link leads on; another one stands on the overview.
    onward = 'a[href="/interviews/R01/sign"]'
    if not page.locator(onward).count():
        follow(page, 'nav a[href="/"]')
    follow(page, onward)
    page.wait_for_selector("#reviewer", timeout=60_000)
    assert_accessible(page)
    if page.locator("input[name=accept]").count():
        tab_to(page, "input[name=accept]")
        page.keyboard.press(" ")
    tab_to(page, "#reviewer")
    page.keyboard.type(REVIEWER)
    page.keyboard.press("Enter")
    page.wait_for_url("**/R01/signed", timeout=60_000)
    assert_accessible(page)
    # The focus stands on what leads on.
    onward = page.get_by_role("link", name="Next: ")
    expect(onward).to_be_focused()
    following = onward.get_attribute("href")
    recording = sample.folder / "recordings" / "P01_interview.ogg"
    assert not recording.exists() and list((sample.folder / "receipts").glob("*"))
    log = (sample.folder / "audit.jsonl").read_text("utf-8")
    assert '"approved"' in log and not [w for w in REVIEWER.split() if w in log]
    page.goto(server.url(f"{following}/sign"))
    expect(page.locator("#reviewer")).to_have_value(REVIEWER, timeout=60_000)


def test_before_the_signature_it_says_what_will_happen(
    sample: Place, server: Server, page: Page
) -> None:
    recording = sample.folder / "recordings" / "P01_interview.ogg"
    page.goto(server.url("/interviews/R01/sign"))
    page.wait_for_selector("#reviewer", timeout=60_000)
    told = page.locator("main").inner_text()
    assert "delete-after-review" in told and "P01" in told
    page.locator("main summary").first.click()
    for output in sorted((sample.folder / "transcripts").glob("P01-R01*")):
        assert output.name in page.locator("main").inner_text()
    assert recording.exists()
    page.reload()
    page.wait_for_selector("#reviewer", timeout=60_000)
    assert recording.exists()
    # A signature without a name is none.
    page.locator("#do").click()
    assert page.url.endswith("/sign") and recording.exists()


def test_a_decision_after_the_page_was_shown_is_not_signed(
    sample: Place, server: Server, page: Page, context: Any, watch: Watch
) -> None:
    watch.expected = ("error: Failed to load resource: the server responded with a status of 400",)
    page.goto(server.url("/interviews/R01/sign"))
    page.wait_for_selector("#reviewer", timeout=60_000)
    other = Reading(context.new_page(), server)
    other.take("Bristol")
    other.decide("n")
    page.locator("#reviewer").fill(REVIEWER)
    with page.expect_response("**/sign") as waiting:
        page.locator("#do").click()
    if waiting.value.ok:  # what is signed must be what was shown
        raise AssertionError("something was signed that had not been shown")
    expect(page.locator("#refused")).to_be_visible()
    assert (sample.folder / "recordings" / "P01_interview.ogg").exists()


def test_after_the_signature_no_page_holds_anything_personal(
    sample: Place, server: Server, page: Page, watch: Watch
) -> None:
    watch.expected = ("error: Failed to load resource: the server responded with a status of 4",)
    for source in ("R01", "D01"):
        sign(page, server, source)
        personal = ("Bristol", "Helen", "Levanger", *CANARIES)
        paths = ("", "/sign", "/signed", "/sound?from=0&to=9")
        for path in (
            *(f"/interviews/{source}{each}" for each in paths),
            f"/api/interviews/{source}",
        ):
            answer = page.request.get(server.url(path))
            held = [word for word in personal if word in answer.text()]
            # The key still knows names; what was said of this source is gone.
            assert not held or path.startswith("/api"), (path, held)
        state = page.request.get(server.url(f"/api/interviews/{source}")).json()
        assert not [w for w in personal if w in str(state["turns"])]
        page.goto(server.url(f"/interviews/{source}"))
        page.wait_for_selector("#interview[data-ready]")
        shown = page.locator("#text").inner_text()
        assert "[" in shown and not [word for word in personal if word in shown]
    page.goto(server.url("/"))
    assert not [word for word in CANARIES if word in page.content()]


def test_a_link_from_the_signature_leads_to_the_turn(server: Server, page: Page) -> None:
    page.goto(server.url("/interviews/R01#t5"))
    page.wait_for_selector("#interview[data-ready]")
    expect(page.locator("article[data-turn='5']")).to_be_in_viewport()
