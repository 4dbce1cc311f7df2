"""Who gets an answer from the review, and with which headers: one gate before every route.

The pages hold names, and anything on this machine can send requests to a port: other users,
other programs, and every website that is open in the browser. So a request must pass, in order:

- `Host` is 127.0.0.1 or localhost with our port: else a website whose name resolves to 127.0.0.1
  could read the pages as its own (DNS rebinding);
- where Linux tells who opened the connection, it is the user that runs the program, or root;
- `Origin` and `Sec-Fetch-Site`, where they are sent, say that one of our pages asks, or nobody's
  (an address that was typed or opened from outside);
- what changes something is a POST with our `Origin`, the header `X-Anonpipe` and JSON, which no
  page of somebody else can send without being asked first, and here nobody says yes;
- the cookie of the session, which is given once for the token in the address. The token is used
  up by that, whoever comes first: an address in the history of the browser or in the list of
  processes opens nothing any more.

There is one session at a time: a new address ends the one before. What this does not keep out:
programs of the same user, the administrator, extensions of the browser, and who looks at the
screen. Cookies are shared by all ports of a host, so where the system does not tell who connects
(all but Linux), another user who gets the browser to open a page of theirs on this machine's
127.0.0.1 can see the cookie.
"""

from __future__ import annotations

import hmac
import secrets
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from urllib.parse import parse_qs

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from anonpipe.outcome import unexpected

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; media-src 'self' blob:; font-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Permissions-Policy": "camera=(), display-capture=(), geolocation=(), microphone=(), usb=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "X-Robots-Tag": "noindex",
}
"""Every answer has these; only the policy may be set by the answer itself."""

ASKED = "X-Anonpipe"
"""The header that a page's own requests have."""
OURS = frozenset({"same-origin", "none"})
LONGEST_BODY = 1 << 20
"""Bytes of a request; decisions are a few hundred."""


def now() -> float:
    """Seconds that pass while the machine sleeps, too."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


@dataclass(slots=True)
class Gate:
    """The token and the session of one server, and when somebody last did something.

    `user_of` gives the user who opened a connection from a port of this machine, None where that
    cannot be told; `mine` are those who may.
    """

    port: int
    user_of: Callable[[int], int | None] = lambda _: None
    mine: frozenset[int] = frozenset({0})
    clock: Callable[[], float] = now
    used_at: float = field(default=0.0, init=False)
    _token: str | None = field(default=None, init=False)
    _session: str | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        self.used_at = self.clock()

    @property
    def hosts(self) -> tuple[str, str]:
        """What `Host` may be."""
        return f"127.0.0.1:{self.port}", f"localhost:{self.port}"

    @property
    def cookie(self) -> str:
        """The cookie's name: ports share cookies, and two studies may be open at once."""
        return f"anonpipe-{self.port}"

    def address(self) -> str:
        """An address that opens the review once; earlier ones that nobody used are void."""
        self._token = secrets.token_urlsafe()
        return f"http://127.0.0.1:{self.port}/?token={self._token}"

    def admit(self, token: str) -> str | None:
        """The new session's secret for a good token, which is used up; None for others."""
        if self._token is None or not _same(token, self._token):
            return None
        self._token, self._session = None, secrets.token_urlsafe()
        return self._session

    def knows(self, secret: str) -> bool:
        """Whether this is the secret of the session."""
        return self._session is not None and _same(secret, self._session)

    def lets(self, scope: Scope) -> bool:
        """Whether the user at the other end of a connection may be there."""
        host, port = scope.get("client") or ("", 0)
        return host == "127.0.0.1" and self.user_of(port) in {None, *self.mine}

    def use(self) -> None:
        """Somebody does something."""
        self.used_at = self.clock()

    def idle(self) -> float:
        """Seconds since somebody did something."""
        return max(0.0, self.clock() - self.used_at)


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode("utf-8", "replace"), other.encode())


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a request gets nothing: a status and the key of a sentence."""

    status: int
    key: str


class Guard:
    """Middleware: lets through what may pass `Gate`, and puts `HEADERS` on every answer.

    An error that nobody expected ends here, as a page without its text: the server would write
    its traceback, which may quote an interview, to standard error.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
        if scope["type"] != "http":
            return  # no other protocol is spoken here
        started = False

        async def guarded(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                headers = MutableHeaders(scope=message)
                policy = headers.get("Content-Security-Policy", POLICY)
                headers.update({**HEADERS, "Content-Security-Policy": policy})
            await send(message)

        answer = self._answer(scope)
        try:
            await (answer or self.app)(scope, receive, guarded)
        except Exception as error:
            from anonpipe.cli import complain
            from anonpipe.review.web.handling import broken

            what = unexpected(error, "A page of the review")[1]
            complain(what)
            if not started:
                await broken(scope, what)(scope, receive, guarded)

    def _answer(self, scope: Scope) -> Response | None:
        """What is answered here: a refusal, or the way in; None for what the pages answer."""
        from anonpipe.review.web.handling import refused

        gate: Gate = scope["app"].state.gate
        headers = Headers(scope=scope)
        known = any(gate.knows(secret) for secret in _cookies(headers, gate.cookie))
        refusal = _foreign(scope, headers, gate)
        token = parse_qs(scope["query_string"].decode("latin-1")).get("token", [""])[0]
        if refusal is None and token and scope["path"] == "/" and scope["method"] == "GET":
            secret = None if known else gate.admit(token)
            if known or secret:
                gate.use()
                scope["app"].state.screen.meet(headers.get("accept-language", ""))
                return _way_in(gate, secret)
            refusal = Refusal(401, "web.used")
        if refusal is None and not known:
            refusal = Refusal(401, "web.stranger")
        if refusal is not None:
            return refused(scope, refusal)
        if scope["method"] == "POST" or headers.get("sec-fetch-mode", "navigate") == "navigate":
            # Pages that stand open ask by themselves, too; that is nobody's doing.
            gate.use()
        return None


def _way_in(gate: Gate, secret: str | None) -> Response:
    """To the first page, without the token in the address."""
    answer = RedirectResponse("/", 303)
    if secret is not None:
        answer.set_cookie(gate.cookie, secret, httponly=True, samesite="strict", path="/")
    return answer


def _foreign(scope: Scope, headers: Headers, gate: Gate) -> Refusal | None:
    """Why a request is none of our own pages', or None."""
    host = headers.get("host", "")
    if host not in gate.hosts or len(headers.getlist("host")) != 1:
        return Refusal(421, "web.host")
    if not gate.lets(scope):
        return Refusal(403, "web.user")
    origin = headers.get("origin")
    if origin not in (None, f"http://{host}"):
        return Refusal(403, "web.origin")
    if headers.get("sec-fetch-site", "none") not in OURS:
        return Refusal(403, "web.origin")
    if scope["method"] == "POST":
        if origin is None or headers.get(ASKED) != "1":
            return Refusal(403, "web.origin")
        if headers.get("content-type", "").partition(";")[0].strip() != "application/json":
            return Refusal(415, "web.json")
        length = headers.get("content-length", "")
        if not length.isdecimal() or int(length) > LONGEST_BODY:
            return Refusal(413, "web.json")
    elif scope["method"] not in ("GET", "HEAD"):
        return Refusal(405, "web.method")
    return None


def _cookies(headers: Headers, name: str) -> Iterator[str]:
    """The values of cookies of a name: another port may have set one, too."""
    for line in headers.getlist("cookie"):
        for part in line.split(";"):
            key, _, value = part.strip().partition("=")
            if key == name:
                yield value
