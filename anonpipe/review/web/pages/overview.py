"""The first page: every source, what waits, what is due, and how far one is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from anonpipe.review.web.handling import at_desk, render


def overview(request: Request, desk: Any, _: Mapping[str, Any]) -> Response:
    return render(request, "overview.html", items=desk.sources())


NAV = ("/", "nav.overview")
routes = [Route("/", at_desk(overview))]
