"""What stands around all pages: the words for scripts, how it looks, still there?, the end."""

from __future__ import annotations

from typing import get_args

from starlette.background import BackgroundTask
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from anonpipe.receipt_words import Language
from anonpipe.review.web.handling import THEMES, posted
from anonpipe.review.web.words import for_scripts


async def words(request: Request) -> Response:
    """The words in the language of the screen, for scripts."""
    return JSONResponse(for_scripts(request.app.state.screen.language))


async def screen(request: Request) -> Response:
    """Change how the pages look: any of {"language", "theme", "single_keys"}."""
    body, now = await posted(request), request.app.state.screen
    language, theme = body.get("language", now.language), body.get("theme", now.theme)
    single = body.get("single_keys", now.single_keys)
    if language not in get_args(Language) or theme not in THEMES or not isinstance(single, bool):
        raise HTTPException(400)
    now.language, now.theme, now.single_keys = language, theme, single
    now.chosen = now.chosen or "language" in body
    return Response(status_code=204)


async def pulse(request: Request) -> Response:
    """Seconds until the server ends unless somebody does something; asking does not count."""
    state = request.app.state
    return JSONResponse({"left": max(0.0, state.settings.idle - state.gate.idle())})


async def alive(request: Request) -> Response:
    """Somebody is at the page: typed, scrolled or clicked. The guard has taken note."""
    return Response(status_code=204)


async def quit_(request: Request) -> Response:
    """End the server once this is answered."""
    headers = {"Clear-Site-Data": '"cache"'}
    task = BackgroundTask(request.app.state.settings.end)
    return Response(status_code=204, headers=headers, background=task)


routes = [
    Route("/words.json", words),
    Route("/pulse", pulse),
    Route("/screen", screen, methods=["POST"]),
    Route("/alive", alive, methods=["POST"]),
    Route("/quit", quit_, methods=["POST"]),
]
