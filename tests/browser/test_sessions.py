"""What becomes of decisions when tabs, servers and machines do not behave."""

from __future__ import annotations

import socket
import threading
from typing import Any

import pytest

pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")

from tests.browser.conftest import Serve, Watch
from tests.browser.reading import Reading, decided, expect
from tests.browser.serving import Server
from tests.browser.studies import Place

pytestmark = pytest.mark.long

LOST = ("error: Failed to load resource: net::ERR_CONNECTION", "script: Failed to fetch")


def opened(server: Server, context: Any, source: str = "R01") -> Reading:
    page = context.new_page()
    page.goto(server.address)
    return Reading(page, server, source)


def undecided(place: Place) -> list[str]:
    """Kinds of what the log says was decided but the study does not have."""
    from datetime import date

    from anonpipe.review.desk import Desk

    with place.opened() as session:
        desk = Desk(session, today=date.today())
        there = [d.kind for name in ("R01", "D01") for d in desk.decisions(name)]
    return [entry["kind"] for entry in decided(place) if entry["kind"] not in there]


def test_a_second_tab_sees_what_the_first_decides(
    sample: Place, serve: Serve, context: Any
) -> None:
    server = serve(sample)
    one = opened(server, context)
    other = Reading(context.new_page(), server)
    other.page.bring_to_front()
    one.take("Bristol")
    one.decide("n")
    expect(other.turn(1).locator(".raw .m").filter(has_text="Bristol")).to_have_count(0)
    # And the other way round, about another place.
    other.take("Peter Marshall")
    other.decide("n")
    one.page.bring_to_front()
    expect(one.turn(1).locator(".raw .m").filter(has_text="Peter")).to_have_count(0)
    assert len(decided(sample)) == 2


def test_two_tabs_that_decide_about_one_place(
    sample: Place, serve: Serve, context: Any, browser: Any
) -> None:
    """Whoever is late is told, and nothing is decided about other words than they saw."""
    server = serve(sample)
    one = opened(server, context)
    other = Reading(context.new_page(), server)
    # The second tab does not hear of the first, as on a machine that is busy.
    other.page.evaluate("window.BroadcastChannel.prototype.postMessage = () => {}")
    one.page.evaluate("window.BroadcastChannel.prototype.postMessage = () => {}")
    one.take("Bristol")
    one.press("o")
    one.fill("Bristol and Bath")
    one.decide("Enter")
    other.take("Bristol")
    late = other.answer(lambda: other.press("n"))
    assert late.get("refused") is True and len(decided(sample)) == 1
    expect(other.page.locator("#toasts .alert")).to_be_visible()
    expect(other.turn(1)).to_contain_text("Bristol and Bath")


def test_both_tabs_decide_at_once(sample: Place, serve: Serve, context: Any) -> None:
    server = serve(sample)
    tabs = [opened(server, context), Reading(context.new_page(), server)]
    words = (("Bristol", "Helen Carter"), ("Peter Marshall", "David Harris"))
    send = """async ([place, text, entity, start]) => {
      const { version } = await (await fetch("/api/interviews/R01")).json();
      const body = { version, place: { ...place, text, entity },
                     request: { kind: "reject", scope: "here", ...place } };
      const answer = await fetch("/api/interviews/R01/decide", { method: "POST",
        headers: { "Content-Type": "application/json", "X-Anonpipe": "1" },
        body: JSON.stringify(body) });
      return (await answer.json()).effect ?? null; }"""
    asked = []
    for tab, mine in zip(tabs, words, strict=True):
        for word in mine:
            mention = tab.mention(word)
            turn, start, end = map(int, (mention.get_attribute("data-place") or "").split(":"))
            state = tab.page.evaluate("fetch('/api/interviews/R01').then((a) => a.json())")
            marks = state["turns"][turn]["marks"]
            entity = next(m["entity"] for m in marks if m["start"] == start)
            place = {"turn": turn, "start": start, "end": end}
            asked.append((tab.page, [place, word, entity, start]))
    # Playwright's own calls wait for each other; the pages' do not.
    together = "(all) => Promise.all(all.map((each) => (%s)(each)))" % send  # noqa: UP031
    effects = tabs[0].page.evaluate(together, [each for _, each in asked])
    assert len(effects) == 4 and all(effects) and len(decided(sample)) == 4


@pytest.mark.parametrize("moment", ["after", "while"])
def test_nothing_is_lost_when_the_machine_dies(
    sample: Place, serve: Serve, context: Any, watch: Watch, moment: str
) -> None:
    watch.expected = LOST
    server = serve(sample)
    reading = opened(server, context)
    reading.take("Bristol")
    reading.decide("n")
    reading.take("Peter Marshall")
    reading.decide("y")
    if moment == "while":
        # Killed somewhere between the request and its answer.
        reading.take("Riverside Family Center")
        killer = threading.Timer(0.01, server.kill)
        killer.start()
        reading.press("3", "n")
        killer.join()
    else:
        server.kill()
    page = reading.page
    expect(page.locator("body")).to_contain_text("anonpipe review")  # what to do now
    assert "Bristol" not in page.locator("body").inner_text()
    again = opened(serve(sample), context)
    assert "in Bristol" in again.coded(1)
    again.page.locator("#history summary").click()
    assert again.page.locator("#decisions li").count() >= 2
    again.take("Helen Carter")
    again.decide("n")
    again.server.stop()
    assert not undecided(sample)
    kinds = [entry["kind"] for entry in decided(sample)]
    assert kinds[:2] == ["reject", "confirm"] and kinds[-1] == "reject"


def test_a_page_that_has_ended_is_silent_too(
    sample: Place, serve: Serve, context: Any, watch: Watch
) -> None:
    watch.expected = LOST
    context.add_init_script(
        """window.sounds = []; window.AudioContext = class extends AudioContext {
          constructor(...given) { super(...given); window.sounds.push(this); } };"""
    )
    server = serve(sample)
    reading = opened(server, context)
    with reading.page.expect_response(lambda r: "/sound?" in r.url):
        reading.page.locator("#play").click()
    reading.page.wait_for_timeout(500)
    assert reading.page.evaluate("window.sounds.map((each) => each.state)") == ["running"]
    server.kill()
    expect(reading.page.locator("#text")).to_have_count(0, timeout=30_000)
    assert reading.page.evaluate("window.sounds.map((each) => each.state)") == ["closed"]


def test_a_page_of_a_server_that_is_gone_decides_nothing_by_another(
    sample: Place, serve: Serve, context: Any, watch: Watch
) -> None:
    """An old tab, after a crash: its cookie opens nothing of the next session."""
    watch.expected = (*LOST, "error: Failed to load resource: the server responded")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    server = serve(sample, "--port", port)
    reading = opened(server, context)
    server.kill()
    serve(sample, "--port", port)
    answer = reading.page.evaluate(
        """() => fetch("/api/interviews/R01").then((answer) => answer.status)"""
    )
    assert answer == 401
