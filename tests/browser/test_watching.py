"""The watch itself: what a page must not do makes a test fail."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from tests.browser.conftest import Watch

pytestmark = pytest.mark.long

PAGES = {
    "/fine": "<main><h1>Fine</h1></main>",
    "/inline": "<main><h1>Inline</h1></main><script>document.title = 'ran'</script>",
    "/stranger": "<main><h1>Stranger</h1><img alt='' src='http://127.0.0.2:9/x.png'></main>",
    "/wrong": "<main><h1>Wrong</h1><img src='data:,'></main>",
}


class Pages(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        body = f"<!doctype html><html lang=en><title>x</title>{PAGES.get(self.path, '')}".encode()
        self.send_response(200 if self.path in PAGES else 204)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Security-Policy", "default-src 'none'; img-src *")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None: ...


@pytest.fixture
def site(watch: Watch) -> Iterator[str]:
    server = http.server.HTTPServer(("127.0.0.1", 0), Pages)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    origin = f"http://127.0.0.1:{server.server_port}"
    watch.origins.add(origin)
    yield origin
    server.shutdown()


def complaints(site: str, path: str, context: Any, watch: Watch) -> list[str]:
    page = context.new_page()
    page.goto(site + path, wait_until="load")
    found, watch.complaints = watch.complaints, []
    return found


def test_a_page_that_does_nothing_wrong_is_left_alone(site, context, watch) -> None:
    assert complaints(site, "/fine", context, watch) == []


def test_an_inline_script_is_seen(site, context, watch) -> None:
    assert any("Content Security Policy" in c for c in complaints(site, "/inline", context, watch))


def test_a_request_to_another_host_is_seen(site, context, watch) -> None:
    found = complaints(site, "/stranger", context, watch)
    assert "request to another host: http://127.0.0.2:9" in found


def test_what_is_inaccessible_is_seen(site, context, watch) -> None:
    from tests.browser.axe import assert_accessible

    page = context.new_page()
    page.goto(site + "/fine")
    assert_accessible(page)
    page.goto(site + "/wrong")
    watch.complaints = []
    with pytest.raises(AssertionError, match="critical image-alt"):
        assert_accessible(page)
