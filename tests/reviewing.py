"""A browser without a screen, signed in to the pages of a review, for tests."""

from __future__ import annotations

from typing import Any

from starlette.applications import Starlette
from starlette.testclient import TestClient

from anonpipe.review.web.app import WebSettings, make_app
from anonpipe.review.web.security import ASKED

PORT = 8765
ORIGIN = f"http://127.0.0.1:{PORT}"


def browser(app: Starlette, **options: Any) -> TestClient:
    """A client on this machine that has no cookie yet; it follows no redirects."""
    return TestClient(
        app, base_url=ORIGIN, client=("127.0.0.1", 50000), follow_redirects=False, **options
    )


def signed_in(desk: Any, language: str = "en", app: Starlette | None = None) -> TestClient:
    """A client with the cookie of a session at this desk, that asks as our scripts do."""
    app = app or make_app(desk, WebSettings(PORT, language))  # type: ignore[arg-type]
    client = browser(app)
    assert client.get(app.state.gate.address()).status_code == 303
    client.headers.update({"Origin": ORIGIN, ASKED: "1"})
    return client
