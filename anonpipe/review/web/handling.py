"""What every page needs: its template with words, the desk for itself, answers to its scripts."""

from __future__ import annotations

import base64
import functools
import hashlib
import json
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import jinja2
from markupsafe import Markup, escape
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.types import Scope

from anonpipe.answers.model import Say
from anonpipe.errors import AnonpipeError, UsageError
from anonpipe.receipt_words import Language
from anonpipe.review.desk import Desk
from anonpipe.review.web import words
from anonpipe.review.web.refusal_words import told
from anonpipe.review.web.security import ASKED, Refusal

HERE = Path(__file__).parent
Theme = Literal["auto", "light", "dark"]
THEMES: tuple[Theme, ...] = ("auto", "light", "dark")
Work = Callable[[Request, Desk, Mapping[str, Any]], Response]
"""Gets the request, the desk, which is its own meanwhile, and the JSON of a POST, {} of a GET."""

_TEMPLATES = jinja2.Environment(
    loader=jinja2.FileSystemLoader(HERE / "templates"),
    autoescape=True,
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def prose(text: str) -> Markup:
    """A sentence as HTML: what stands between backticks is what one types."""
    return Markup(re.sub(r"`([^`]+)`", r"<code>\1</code>", str(escape(text))))  # noqa: S704


_TEMPLATES.filters["prose"] = prose


@dataclass(slots=True)
class Screen:
    """How the pages look for whoever reviews; not kept when the server ends.

    `chosen`: a person said which language, so a browser's wish counts no more.
    `single_keys`: keys without Ctrl or Alt do something.
    """

    language: Language = "nb"
    chosen: bool = False
    theme: Theme = "auto"
    single_keys: bool = True

    def meet(self, accepted: str) -> None:
        """A browser comes in with this `Accept-Language`: a Norwegian one gets Norwegian pages.

        No other is followed: many Norwegians have a browser in English, and the study's language
        tells more of who reads it.
        """
        if not self.chosen and words.wished(accepted) == "nb":
            self.language = "nb"


def say(request: Request) -> Say:
    """The words of the pages in the language of the screen."""
    return words.say(request.app.state.screen.language)


def render(request: Request, template: str, status: int = 200, **values: Any) -> Response:
    """A page. Templates have `_` (words), `n` (words with a number), `code` (what codes mean),
    `told` (a sentence of the core), `screen`, `study`, `path` and `nav` besides `values`.

    Nothing personal may stand in a page's title or address: browsers keep those.
    """
    speak = say(request)
    page = _TEMPLATES.get_template(template).render(
        _=speak,
        n=speak.n,
        code=speak.code,
        told=lambda sentence: told(sentence, speak.language),
        screen=request.app.state.screen,
        study=request.app.state.desk.study,
        path=request.url.path,
        nav=request.app.state.nav,
        **values,
    )
    return HTMLResponse(page, status)


def at_desk(work: Work) -> Callable[[Request], Awaitable[Response]]:
    """An endpoint that does `work` in a thread, alone at the desk.

    Text of the desk never gets into an error: what is expected is an AnonpipeError, which is
    answered by its sentence (404 for a UsageError of a GET, else 400; 500 for graver ones).
    """

    @functools.wraps(work)
    async def endpoint(request: Request) -> Response:
        body = await posted(request) if request.method == "POST" else {}
        return await run_in_threadpool(_alone, work, request, body)

    return endpoint


def _alone(work: Work, request: Request, body: Mapping[str, Any]) -> Response:
    with request.app.state.lock:
        return work(request, request.app.state.desk, body)


async def posted(request: Request) -> Mapping[str, Any]:
    """The JSON object that a script sent. Raises HTTPException (400) for anything else."""
    try:
        body = json.loads(await request.body() or b"{}")
    except (ValueError, RecursionError):
        body = None
    if not isinstance(body, dict):
        raise HTTPException(400)
    return body


async def failed(request: Request, error: Exception) -> Response:
    """The answer to an expected error, or to an address that leads nowhere."""
    speak = say(request)
    if isinstance(error, HTTPException):
        key = "web.nowhere" if error.status_code == 404 else "web.json"
        status, sentence = error.status_code, speak(key)
    else:
        usage, get = isinstance(error, UsageError), request.method != "POST"
        status = (404 if get else 400) if usage else 500
        sentence = told(str(error), speak.language)
    if wants_json(request.scope):
        return JSONResponse({"error": sentence}, status)
    return render(request, "message.html", status, sentence=sentence)


HANDLERS = {HTTPException: failed, AnonpipeError: failed}


def wants_json(scope: Scope) -> bool:
    """Whether a script asks, not a person who goes to a page."""
    return Headers(scope=scope).get(ASKED) == "1"


def refused(scope: Scope, refusal: Refusal) -> Response:
    """The answer to who may not come in, or not like this."""
    return _outside(scope, refusal.status, refusal.key)


def broken(scope: Scope, what: str) -> Response:
    """The answer when something failed that nobody expected; `what` is as of `unexpected`."""
    place = what.partition("(")[2].partition(")")[0]
    return _outside(scope, 500, "web.broken", place)


_STYLE = (
    ":root{color-scheme:light dark}body{max-width:34rem;margin:18vh auto;padding:0 1.5rem;"
    "font:1.125rem/1.6 system-ui,sans-serif}h1{font-size:1rem}code{font-size:.85em;opacity:.75}"
)
_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_OUTSIDE = (
    f"default-src 'none'; style-src 'sha256-{_HASH}'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)


def _outside(scope: Scope, status: int, key: str, place: str = "") -> Response:
    """A page that needs nothing else: one sentence, and where it happened."""
    language: Language = scope["app"].state.screen.language
    speak = words.say(language)
    sentence = speak(key)
    if wants_json(scope):
        return JSONResponse({"error": f"{sentence} {place}".strip()}, status)
    where = f"<p><code>{escape(place)}</code></p>" if place else ""
    page = (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        f"<title>anonpipe</title><style>{_STYLE}</style></head>"
        f"<body><main><h1>anonpipe</h1><p>{prose(sentence)}</p>{where}</main></body></html>"
    )
    return HTMLResponse(page, status, {"Content-Security-Policy": _OUTSIDE})
