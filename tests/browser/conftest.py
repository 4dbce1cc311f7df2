"""A browser, the pages that it shows, and studies to review in them.

Where there is no chromium on the PATH, or no Playwright, these tests are skipped and say so.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.browser import studies
from tests.browser.serving import Server
from tests.browser.studies import Place

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ARGUMENTS = ["--no-sandbox", "--autoplay-policy=no-user-gesture-required"]
SCREEN = {"width": 1280, "height": 800}
"""A 13-inch laptop."""


def chromium() -> str | None:
    """The browser of this machine."""
    return next(filter(None, map(shutil.which, NAMES)), None)


@dataclass
class Watch:
    """What a browser complained of: errors of scripts, violations of the policy, strangers asked.

    `expected` are beginnings of complaints that a test provokes.
    """

    origins: set[str] = field(default_factory=set)
    complaints: list[str] = field(default_factory=list)
    expected: tuple[str, ...] = ()

    def of(self, context: Any) -> None:
        context.on("console", self._console)
        context.on("weberror", lambda error: self.complaints.append(f"script: {error.error}"))
        context.on("request", lambda request: self._request(request.url))
        context.on("page", lambda page: page.on("websocket", lambda s: self._request(s.url)))

    def _console(self, message: Any) -> None:
        if message.type in {"error", "warning"}:
            where = urlsplit(message.location.get("url", "")).path
            self.complaints.append(f"{message.type}: {message.text} ({where})")

    def _request(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme in {"blob", "data", "about"}:
            return
        if f"{parts.scheme}://{parts.netloc}" not in self.origins:
            self.complaints.append(f"request to another host: {parts.scheme}://{parts.netloc}")

    @property
    def left(self) -> list[str]:
        return [said for said in self.complaints if not said.startswith(self.expected or ("\0",))]


@pytest.fixture(scope="session")
def playwright() -> Iterator[Any]:
    """Playwright, and a chromium for it, or a reason to skip."""
    api = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
    pytest.importorskip("axe_playwright_python", reason="axe-playwright-python is not installed")
    if chromium() is None:
        pytest.skip(f"no chromium on the PATH ({', '.join(NAMES)})")
    with api.sync_playwright() as running:
        yield running


@pytest.fixture(scope="session")
def browser(playwright: Any) -> Iterator[Any]:
    """The machine's chromium."""
    started = playwright.chromium.launch(executable_path=chromium(), args=ARGUMENTS)
    yield started
    started.close()


@pytest.fixture
def watch() -> Iterator[Watch]:
    """What the browser complained of; anything that a test did not expect fails it."""
    found = Watch()
    yield found
    assert not found.left, "\n".join(found.left)


@pytest.fixture
def context(browser: Any, watch: Watch) -> Iterator[Any]:
    """A browser without history, as of somebody who starts it for the first time."""
    made = browser.new_context(viewport=SCREEN, locale="en-GB")
    made.set_default_timeout(10_000)
    watch.of(made)
    yield made
    made.close()


@pytest.fixture(scope="session")
def written(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Place]:
    """Studies as they are after a run, by name, each made once: "sample" and "long"."""
    made: dict[str, Place] = {}

    def get(name: str) -> Place:
        if name not in made:
            top = tmp_path_factory.mktemp(name) / "made"
            made[name] = {"sample": studies.sample, "long": studies.long}[name](top)
        return made[name]

    return get


@pytest.fixture
def sample(written: Callable[[str], Place], tmp_path: Path) -> Place:
    """The sample study, every source of which waits for a review."""
    return written("sample").copy(tmp_path / "place")


@pytest.fixture
def long(written: Callable[[str], Place], tmp_path: Path) -> Place:
    """A study with one recording of three hours."""
    return written("long").copy(tmp_path / "place")


Serve = Callable[..., Server]


@pytest.fixture
def serve(watch: Watch, tmp_path: Path) -> Iterator[Serve]:
    """Start `anonpipe review` on a study; it ends with the test, if the test has not ended it."""
    started: list[Server] = []

    def start(place: Place, *options: str) -> Server:
        server = Server(place.folder, tmp_path / "home", *options)
        started.append(server)
        watch.origins.add(server.origin)
        return server

    yield start
    for server in started:
        if server.process.poll() is None:
            server.kill()


@pytest.fixture
def page(sample: Place, serve: Serve, context: Any) -> Any:
    """The first page of the sample study's review."""
    server = serve(sample)
    opened = context.new_page()
    opened.goto(server.address)
    return opened
