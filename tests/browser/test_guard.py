"""Who gets in: the one browser that has the address, and nobody else on this machine."""

from __future__ import annotations

import http.client
import http.server
import threading
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.browser.conftest import SCREEN, Serve, Watch
from tests.browser.serving import Server
from tests.browser.studies import CANARIES, Place

pytestmark = pytest.mark.long

REFUSED = "error: Failed to load resource: the server responded with a status of"
SECRET = (*CANARIES, "P01", "R01", "Everyday work")
"""What an answer to a stranger may not hold: nothing of the study, not even its ids."""


@pytest.fixture
def server(sample: Place, serve: Serve) -> Server:
    return serve(sample)


def holds_nothing(text: str) -> None:
    assert not [word for word in SECRET if word in text]


def test_the_address_opens_the_review_once(
    server: Server, context: Any, browser: Any, watch: Watch
) -> None:
    page = context.new_page()
    page.goto(server.address)
    assert "token" not in page.url and "R01" in page.inner_text("main")
    page.reload()
    assert "R01" in page.inner_text("main")
    watch.expected = (REFUSED,)
    other = browser.new_context(viewport=SCREEN)
    watch.of(other)
    late = other.new_page()
    answer = late.goto(server.address)
    assert answer.status == 401
    holds_nothing(late.content())
    other.close()


@pytest.mark.parametrize("token", ["", "?token=", "?token=wrong", "?token=x&token=y"])
def test_without_the_right_token_there_is_nothing(
    server: Server, context: Any, watch: Watch, token: str
) -> None:
    watch.expected = (REFUSED,)
    page = context.new_page()
    for path in ("/", "/interviews/R01", "/api/interviews/R01", "/words.json", "/static/common.js"):
        answer = page.goto(server.url(path) + token)
        assert answer.status == 401
        holds_nothing(page.content())
    # A wrong one does not use up the right one.
    assert page.goto(server.address).status == 200 and "R01" in page.inner_text("main")


def raw(server: Server, path: str, headers: dict[str, str], method: str = "GET") -> tuple[int, str]:
    """A request as no browser sends it."""
    connection = http.client.HTTPConnection(urlsplit(server.origin).netloc, timeout=10)
    connection.putrequest(method, path, skip_host=True)
    for name, value in headers.items():
        connection.putheader(name, value)
    connection.endheaders()
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    return answer.status, text


def test_another_host_s_name_opens_nothing(server: Server, context: Any) -> None:
    page = context.new_page()
    page.goto(server.address)
    (cookie,) = context.cookies()
    assert cookie["httpOnly"] and cookie["sameSite"] == "Strict"
    mine = {"Cookie": f"{cookie['name']}={cookie['value']}"}
    host = urlsplit(server.origin).netloc
    assert raw(server, "/", {"Host": host, **mine})[0] == 200
    for wrong in ("evil.example", f"evil.example:{urlsplit(server.origin).port}", "127.0.0.1"):
        status, text = raw(server, "/", {"Host": wrong, **mine})
        assert status == 421
        holds_nothing(text)


class Evil(http.server.BaseHTTPRequestHandler):
    """Another site that the same browser shows."""

    def do_GET(self) -> None:
        body = b"<!doctype html><html lang=en><title>x</title><h1>Another site</h1>"
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None: ...


@pytest.fixture(params=["127.0.0.1", "localhost"])
def evil(request: pytest.FixtureRequest, watch: Watch) -> Iterator[str]:
    """A foreign origin: another port of the same host, and another name."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Evil)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    origin = f"http://{request.param}:{server.server_port}"
    watch.origins.add(origin)
    yield origin
    server.shutdown()


READ = """async (address) => {
  const tried = [];
  for (const path of ["/", "/api/interviews/R01", "/words.json"]) {
    for (const mode of ["cors", "no-cors"]) {
      try {
        const answer = await fetch(address + path, { mode, credentials: "include" });
        tried.push(answer.type === "opaque" ? "" : await answer.text());
      } catch (error) { tried.push(""); }
    }
  }
  return tried.join("");
}"""
WRITE = """async (address) => {
  const place = { turn: 1, start: 0, end: 4 };
  const body = JSON.stringify({ version: 0, place: null,
    request: { kind: "add", scope: "here", type: "PERSON", entity: "new", ...place } });
  for (const headers of [{ "Content-Type": "application/json", "X-Anonpipe": "1" },
                         { "Content-Type": "text/plain" }]) {
    for (const mode of ["cors", "no-cors"]) {
      try {
        const options = { method: "POST", mode, credentials: "include", headers, body };
        await fetch(address + "/api/interviews/R01/decide", options);
        await fetch(address + "/quit", options);
      } catch (error) { }
    }
  }
  const form = document.createElement("form");
  form.method = "post"; form.enctype = "text/plain"; form.target = "elsewhere";
  form.action = address + "/quit";
  const field = document.createElement("input");
  field.name = body; form.append(field);
  const frame = document.createElement("iframe");
  frame.name = "elsewhere"; frame.title = "x";
  document.body.append(frame, form);
  form.submit();
  await new Promise((done) => setTimeout(done, 500));
}"""
SHOW = """async (address) => {
  const image = new Image(); image.alt = ""; image.src = address + "/static/icon.svg";
  const script = document.createElement("script"); script.src = address + "/static/common.js";
  const frame = document.createElement("iframe"); frame.title = "x"; frame.src = address + "/";
  document.body.append(image, script, frame);
  await new Promise((done) => setTimeout(done, 800));
  return [image.naturalWidth > 0, frame.contentDocument !== null];
}"""


def test_another_site_neither_reads_nor_decides(
    server: Server, context: Any, evil: str, watch: Watch, sample: Place
) -> None:
    page = context.new_page()
    page.goto(server.address)
    log = (sample.folder / "audit.jsonl").read_bytes()
    stranger = context.new_page()
    stranger.goto(evil)
    watch.expected = ("error:", "warning:")
    holds_nothing(stranger.evaluate(READ, server.origin))
    assert stranger.evaluate(SHOW, server.origin) == [False, False]
    stranger.evaluate(WRITE, server.origin)
    # Nothing was decided, and the server has not ended.
    assert (sample.folder / "audit.jsonl").read_bytes() == log
    page.reload()
    assert "R01" in page.inner_text("main") and server.process.poll() is None


def test_a_link_from_another_site_leads_to_no_page_that_acts(
    server: Server, context: Any, evil: str, watch: Watch
) -> None:
    page = context.new_page()
    page.goto(server.address)
    stranger = context.new_page()
    stranger.goto(evil)
    watch.expected = (REFUSED,)
    stranger.evaluate(f"location.href = '{server.origin}/interviews/R01'")
    stranger.wait_for_load_state()
    stranger.wait_for_url(f"{server.origin}/**")
    holds_nothing(stranger.content())


def test_no_answer_may_be_kept_by_the_browser(server: Server, context: Any) -> None:
    page = context.new_page()
    answers: list[Any] = []
    page.on("response", lambda answer: answers.append(answer))
    page.goto(server.address)
    page.wait_for_load_state("networkidle")
    shown = [answer for answer in answers if answer.status != 303]
    assert len(shown) > 3
    for answer in shown:
        headers = answer.all_headers()
        assert "no-store" in headers["cache-control"], answer.url
        assert "default-src 'none'" in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
    stored = "JSON.stringify([localStorage.length, sessionStorage.length, document.cookie])"
    assert page.evaluate(stored) == '[0,0,""]'
    assert page.evaluate("indexedDB.databases().then((found) => found.length)") == 0


def test_it_ends_when_it_is_told(server: Server, context: Any, watch: Watch) -> None:
    page = context.new_page()
    page.goto(server.address)
    watch.expected = ("error: Failed to load resource: net::ERR_CONNECTION",)
    page.wait_for_selector("html[data-ready]")
    page.get_by_role("button", name="Quit").click()
    ok = page.get_by_role("dialog").get_by_role("button").last
    ok.click()
    assert server.process.wait(15) == 0
    page.wait_for_timeout(300)
    holds_nothing(page.inner_text("body"))


def test_it_ends_by_ctrl_c_and_lets_the_study_go(
    server: Server, sample: Place, serve: Serve, context: Any, watch: Watch
) -> None:
    watch.expected = ("error: Failed to load resource: net::ERR_CONNECTION_REFUSED",)
    context.new_page().goto(server.address)
    assert server.stop() == 0
    again = serve(sample)
    assert again.address != server.address


def test_it_ends_when_nobody_is_there(sample: Place, serve: Serve) -> None:
    server = serve(sample, "--idle", "0.05")
    assert server.process.wait(30) == 0
    assert "Nobody did anything" in "".join(server.said)
