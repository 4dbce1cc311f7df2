"""The page of one interview, as a person handles it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Locator, Page, expect

from tests.browser.serving import Server
from tests.browser.studies import Place

__all__ = ["Reading", "decided", "expect", "sound_requests", "taken_in"]


def decided(place: Place) -> list[dict[str, Any]]:
    """What the log says was decided, oldest first."""
    lines = (place.folder / "audit.jsonl").read_text("utf-8").splitlines()
    entries = [json.loads(line) for line in lines]
    return [{"subject": e["subject"], **e["details"]} for e in entries if e["action"] == "decided"]


class Reading:
    """A tab with an interview open; `page` must have been let in before."""

    def __init__(self, page: Page, server: Server, source: str = "R01") -> None:
        self.page, self.server, self.source = page, server, source
        page.goto(server.url(f"/interviews/{source}"))
        page.wait_for_selector("#interview[data-ready]")

    def turn(self, number: int) -> Locator:
        return self.page.locator(f'article[data-turn="{number}"]')

    def mention(self, words: str, nth: int = 0) -> Locator:
        """A mention, or a place that is asked about, by its words."""
        return self.page.locator("#text .raw .m").filter(has_text=words).nth(nth)

    def code(self, words: str, nth: int = 0) -> str:
        return self.mention(words, nth).get_attribute("data-code") or ""

    def take(self, words: str, nth: int = 0) -> None:
        """Choose a mention with the keyboard: its words are played."""
        self.mention(words, nth).focus()
        self.page.keyboard.press("Enter")

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def answer(self, work: Callable[[], object], end: str = "/decide") -> dict[str, Any]:
        """What the server answers when something is done that it is asked about."""
        # To code an interview anew takes seconds, and many of them on a busy machine.
        with self.page.expect_response(lambda r: r.url.endswith(end), timeout=30_000) as waiting:
            work()
        response = waiting.value
        assert response.ok, response.json()
        response.finished()
        taken_in(self.page)
        return dict(response.json())

    def decide(self, *keys: str) -> dict[str, Any]:
        """The effect of the decision that some keys take."""
        return dict(self.answer(lambda: self.press(*keys))["effect"])

    def fill(self, words: str) -> None:
        """Type into the field that has the focus, in place of what stands there."""
        self.page.keyboard.press("ControlOrMeta+a")
        self.page.keyboard.type(words)

    def coded(self, number: int) -> str:
        """A turn in the view «Coded»."""
        self.page.get_by_role("button", name="Coded", exact=True).click()
        text = self.turn(number).locator(".coded").text_content() or ""
        self.page.get_by_role("button", name="As said").click()
        return text

    def select(self, number: int, words: str) -> None:
        """Select words of a turn with the mouse."""
        ends = (
            self.turn(number)
            .locator(".raw")
            .evaluate(
                """(line, words) => {
              line.scrollIntoView({ block: "center" });
              const walker = document.createTreeWalker(line, NodeFilter.SHOW_TEXT);
              for (let node = walker.nextNode(); node; node = walker.nextNode()) {
                const at = node.data.indexOf(words);
                if (at < 0) continue;
                const range = document.createRange();
                range.setStart(node, at); range.setEnd(node, at + words.length);
                const boxes = [...range.getClientRects()];
                const [one, other] = [boxes[0], boxes[boxes.length - 1]];
                return [one.left + 1, one.top + one.height / 2,
                        other.right - 1, other.top + other.height / 2];
              }
              throw new Error("these words do not stand together in a turn");
            }""",
                words,
            )
        )
        mouse = self.page.mouse
        mouse.move(ends[0], ends[1])
        mouse.down()
        mouse.move(ends[2], ends[3], steps=4)
        mouse.up()


def taken_in(page: Page) -> None:
    """Wait until a page has done what it does with an answer: meanwhile it takes no keys."""
    page.evaluate("() => new Promise((done) => setTimeout(() => requestAnimationFrame(done), 60))")


def sound_requests(page: Page) -> list[str]:
    """Addresses of the sound that a page asks for from now on."""
    found: list[str] = []
    page.on("request", lambda r: found.append(r.url) if "/sound?" in r.url else None)
    return found
