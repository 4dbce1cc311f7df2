"""The server of the review: who gets an answer, what every answer says, how it ends."""

from __future__ import annotations

import json
import os
import queue
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any, get_args

import httpx2 as httpx
import pexpect
import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Mount, Route
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from anonpipe.cli import show_page
from anonpipe.decisions import Why
from anonpipe.errors import AuditError, UsageError
from anonpipe.review.desk import Desk
from anonpipe.review.web import words
from anonpipe.review.web.app import WebSettings, make_app, page_modules
from anonpipe.review.web.handling import at_desk, prose
from anonpipe.review.web.pages import overview
from anonpipe.review.web.peers import user_of
from anonpipe.review.web.security import ASKED, HEADERS, POLICY, Gate
from anonpipe.review.web.server import ServerSettings, bind, serve
from anonpipe.session import open_log, session
from anonpipe.study import Stage
from tests.conftest import TODAY, Call, Workbench, row
from tests.reviewing import ORIGIN, PORT, browser, signed_in

CANARY = "Kari Nordmann"
OURS = {"Origin": ORIGIN, ASKED: "1"}


@dataclass
class Clock:
    """Seconds that pass when a test says so."""

    time: float = 1000.0

    def __call__(self) -> float:
        return self.time


@pytest.fixture
def desk() -> Any:
    """A desk that only pages without text ask."""
    return SimpleNamespace(study=SimpleNamespace(settings=SimpleNamespace(title="Study")))


def stand_in(desk: Any, route: Route | None = None, clock: Clock | None = None) -> Any:
    """The application, with a route more."""
    gate = Gate(PORT, clock=clock) if clock else None
    app = make_app(desk, WebSettings(PORT, "en"), gate)
    if route is not None:
        app.router.routes.append(route)
    return app


def paths(app: Any) -> Iterator[tuple[str, str]]:
    """Every method and path of an application, with R01 for what a path holds."""
    for route in app.routes:
        if isinstance(route, Mount):
            yield "GET", f"{route.path}/base.css"
        else:
            method = "POST" if "POST" in (route.methods or ()) else "GET"
            yield method, re.sub(r"{[^}]*}", "R01", route.path)


# -- the language


@pytest.mark.parametrize(
    ("accepted", "wished"),
    [
        ("nb-NO,nb;q=0.9,en;q=0.8", "nb"),
        ("nn", "nb"),
        ("de, no;q=0.7, en;q=0.3", "nb"),
        ("en-GB,en;q=0.9,nb;q=0.8", "en"),
        ("nb;q=0, en;q=0.1", "en"),
        ("de-DE,*;q=0.5", None),
        ("nb;q=x", None),
        ("", None),
    ],
)
def test_what_a_browser_wishes(accepted: str, wished: str | None) -> None:
    assert words.wished(accepted) == wished


@pytest.mark.parametrize(
    ("accepted", "chosen", "gets"),
    [
        ("nb-NO,nb;q=0.9,en;q=0.8", False, "nb"),
        ("nb-NO,nb;q=0.9,en;q=0.8", True, "en"),
        ("en-GB", False, "en"),
    ],
)
def test_a_norwegian_browser_gets_norwegian_pages(
    desk: Any, accepted: str, chosen: bool, gets: str
) -> None:
    app = make_app(desk, WebSettings(PORT, "en", chosen))
    client = browser(app, headers={"Accept-Language": accepted})
    assert client.get("/").status_code == 401 and app.state.screen.language == "en"
    client.get(app.state.gate.address())
    assert app.state.screen.language == gets
    # What is chosen in the header stays when another address is opened.
    client.post("/screen", json={"language": "en"}, headers=OURS)
    client.get(app.state.gate.address())
    assert app.state.screen.language == "en"


# -- the token and the cookie


def test_a_token_opens_once_and_leaves_the_address(desk: Any) -> None:
    app = stand_in(desk)
    address = app.state.gate.address()
    first = browser(app)
    answer = first.get(address)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    cookie = answer.headers["set-cookie"]
    assert {"HttpOnly", "SameSite=strict", "Path=/"} <= set(cookie.split("; "))
    assert address.partition("token=")[2] not in cookie
    assert first.get("/pulse").status_code == 200
    assert "set-cookie" not in first.get("/pulse").headers

    second = browser(app).get(address)
    assert (second.status_code, "set-cookie" in second.headers) == (401, False)
    assert "press Enter in the terminal" in second.text
    again = first.get(address)  # the same browser: a second tab, or one that loaded it ahead
    assert (again.status_code, "set-cookie" in again.headers) == (303, False)


@pytest.mark.parametrize("token", ["x", "æ" * 43, "\0", "a" * 5000])
def test_a_wrong_token_opens_nothing_and_uses_nothing_up(desk: Any, token: str) -> None:
    app = stand_in(desk)
    address = app.state.gate.address()
    assert browser(app).get("/", params={"token": token}).status_code == 401
    assert browser(app).head(address).status_code == 401
    assert browser(app).get(address.replace("/?", "/pulse?")).status_code == 401
    assert browser(app).get(address).status_code == 303


def test_a_new_address_voids_the_one_before_and_ends_its_session(desk: Any) -> None:
    app = stand_in(desk)
    unused, address = app.state.gate.address(), app.state.gate.address()
    assert browser(app).get(unused).status_code == 401
    one, other = browser(app), browser(app)
    assert one.get(address).status_code == 303
    later = app.state.gate.address()
    assert one.get("/pulse").status_code == 200
    assert other.get(later).status_code == 303
    assert [one.get("/pulse").status_code, other.get("/pulse").status_code] == [401, 200]


def test_no_session_is_known_before_the_first(desk: Any) -> None:
    app = stand_in(desk)
    for value in ("", "None", "x"):
        answer = browser(app).get("/", headers={"Cookie": f"{app.state.gate.cookie}={value}"})
        assert answer.status_code == 401


def test_cookies_that_another_port_has_set_do_no_harm(desk: Any) -> None:
    client = signed_in(desk)
    name = client.app.state.gate.cookie  # type: ignore[attr-defined]
    others = f'{name}=x; strange; "; {name}={client.cookies[name]}; anonpipe-1=y'
    assert browser(client.app).get("/pulse", headers={"Cookie": others}).status_code == 200  # type: ignore[arg-type]


def test_every_route_wants_the_cookie(desk: Any) -> None:
    app = stand_in(desk)
    app.state.gate.address()
    found = list(paths(app))
    assert {("GET", "/"), ("POST", "/quit"), ("GET", "/static/base.css")} <= set(found)
    for method, path in [*found, ("GET", "/nowhere"), ("GET", "/favicon.ico")]:
        answer = browser(app).request(method, path, json={}, headers=OURS)
        assert answer.status_code == 401, path
        assert answer.json()["error"].startswith("This page opens only with the address"), path


# -- whose request it is


FOREIGN = {
    "another origin": {"Origin": "http://evil.example"},
    "another port": {"Origin": "http://127.0.0.1:9"},
    "no origin to name": {"Origin": "null"},
    "https": {"Origin": ORIGIN.replace("http", "https")},
    "the other name": {"Origin": f"http://localhost:{PORT}"},
    "another site": {"Sec-Fetch-Site": "cross-site"},
    "another port's page": {"Sec-Fetch-Site": "same-site"},
}
STRANGE_HOSTS = (
    "evil.example",
    f"evil.example:{PORT}",
    "127.0.0.1",
    "127.0.0.1:9",
    f"127.0.0.1.evil.example:{PORT}",
    f"[::1]:{PORT}",
    "",
)


@pytest.mark.parametrize("headers", FOREIGN.values(), ids=FOREIGN)
def test_what_comes_from_elsewhere_gets_nothing(desk: Any, headers: dict[str, str]) -> None:
    client = signed_in(desk)
    app: Any = client.app
    for method, path in paths(app):
        answer = client.request(method, path, json={}, headers={**OURS, **headers})
        assert answer.status_code == 403, path
    address = app.state.gate.address()
    assert browser(app).get(address, headers=headers).status_code == 403
    assert browser(app).get(address).status_code == 303  # it was not used up


@pytest.mark.parametrize("host", STRANGE_HOSTS)
def test_another_host_gets_nothing(desk: Any, host: str) -> None:
    client = signed_in(desk)
    for method, path in paths(client.app):
        answer = client.request(method, path, json={}, headers={**OURS, "Host": host})
        assert answer.status_code == 421, path


def test_this_machine_has_two_names(desk: Any) -> None:
    client = signed_in(desk)
    name = f"localhost:{PORT}"
    headers = {"Host": name, "Origin": f"http://{name}"}
    cookie = {"Cookie": "; ".join(f"{k}={v}" for k, v in client.cookies.items())}
    assert client.get("/pulse", headers={**headers, **cookie}).status_code == 200


@pytest.mark.parametrize("lacking", ["Origin", ASKED, "Content-Type", "Content-Length"])
def test_what_changes_something_says_whose_it_is(desk: Any, lacking: str) -> None:
    client = signed_in(desk)
    ended: list[int] = []
    client.app.state.settings = WebSettings(PORT, end=lambda: ended.append(1))  # type: ignore[attr-defined]
    given = {**OURS, "Content-Type": "application/json", "Content-Length": "2"}
    for method, path in paths(client.app):
        if method == "POST":
            request = client.build_request(method, path, content=b"{}", headers=given)
            del request.headers[lacking]
            assert client.send(request).status_code in (403, 413, 415), path
    assert not ended


def test_requests_of_other_kinds_are_refused(desk: Any) -> None:
    client = signed_in(desk)
    for method in ("PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"):
        assert client.request(method, "/").status_code == 405
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    assert client.post("/quit", content=b"a=b", headers=form).status_code == 415
    assert client.post("/quit", json={"a": "x" * (1 << 20)}).status_code == 413
    assert client.post("/screen", content=b"{", headers={"Content-Type": "application/json"})
    for wrong in (b"{", b"[]", b"\xff", b"[" * 100_000):
        sent = client.post("/screen", content=wrong, headers={"Content-Type": "application/json"})
        assert (sent.status_code, sent.json()["error"][:4]) == (400, "That")


def test_websockets_are_not_spoken(desk: Any) -> None:
    with pytest.raises(WebSocketDisconnect), signed_in(desk).websocket_connect("/"):
        pass


def test_another_user_of_this_machine_gets_nothing(desk: Any) -> None:
    gate = Gate(PORT, user_of={50000: 1001}.get, mine=frozenset({0, 1000}))
    app = make_app(desk, WebSettings(PORT), gate)
    address = gate.address()
    assert browser(app).get(address).status_code == 403
    mine = TestClient(
        app, base_url=ORIGIN, client=("127.0.0.1", 50001), follow_redirects=False
    )  # of whom the system tells nothing
    assert mine.get(address).status_code == 303
    far = TestClient(app, base_url=ORIGIN, client=("10.0.0.1", 50001), cookies=mine.cookies)
    assert far.get("/pulse").status_code == 403


def test_linux_tells_whose_a_connection_is(tmp_path: Path) -> None:
    net = tmp_path / "proc/self/net"
    net.mkdir(parents=True)
    head = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid\n"
    line = "{}: {}:{:04X} {}:{:04X} 01 00000000:00000000 00:00000000 00000000 {} 0 1 1 0\n"
    here, there = "0100007F", "0000000000000000FFFF00000100007F"
    (net / "tcp").write_text(
        head
        + line.format(0, here, 4000, here, 80, 1001)
        + line.format(1, here, 80, here, 4000, 1002)
        + line.format(2, here, 4001, here, 81, 1003)
    )
    (net / "tcp6").write_text(head + line.format(0, there, 4002, there, 80, 1004))
    found = [user_of(port, 80, tmp_path) for port in (4000, 4001, 4002, 80)]
    assert found == ([1001, None, 1004, None] if sys.byteorder == "little" else found)
    assert user_of(4000, 80, tmp_path / "elsewhere") is None


@pytest.mark.skipif(not Path("/proc/self/net/tcp").exists(), reason="no /proc/self/net/tcp here")
def test_a_connection_of_this_process_is_ours() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port)) as client:
            assert user_of(client.getsockname()[1], port) == os.geteuid()


# -- what every answer says


def check_headers(answer: httpx.Response) -> None:
    for name, value in HEADERS.items():
        if name != "Content-Security-Policy":
            assert answer.headers[name] == value
    policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; ")
    assert not {"unsafe-inline", "unsafe-eval", "*", "http:", "https:"} & set(
        policy.replace("'", "").split()
    )
    assert "server" not in answer.headers


def test_every_answer_forbids_to_be_kept_or_framed(bench: Workbench) -> None:
    with reviewed(bench) as (client, _):
        app: Any = client.app
        for method, path in [*paths(app), ("GET", "/nowhere"), ("GET", "/static/nothing.js")]:
            answer = client.request(method, path, json={} if method == "POST" else None)
            assert answer.status_code in (200, 204, 303, 400, 404), (path, answer.text)
            check_headers(answer)
            assert answer.headers["Content-Security-Policy"] == POLICY
            check_headers(browser(app).request(method, path, json={}, headers=OURS))
            foreign = {**OURS, "Origin": "http://evil.example"}
            check_headers(client.request(method, path, json={}, headers=foreign))
        check_headers(browser(app).get("/"))
        check_headers(browser(app).get(app.state.gate.address()))


def test_no_page_holds_scripts_or_styles_of_its_own() -> None:
    """The policy would stop them; and what the policy lets in comes from files of the package."""
    folder = Path(words.__file__).parent
    for file in (folder / "templates").glob("*.html"):
        text = file.read_text(encoding="utf-8")
        assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:|https?://", text), file.name
        for tag in re.findall(r"<script[^>]*>", text):
            assert 'src="/static/' in tag or 'type="application/json"' in tag, file.name
    for file in (folder / "static").iterdir():
        text = file.read_text(encoding="utf-8")
        found = set(re.findall(r"https?://[^\s\"')]+", text)) - {"http://www.w3.org/2000/svg"}
        assert not found, file.name
        assert not re.search(r"localStorage\s*[.\[]|sessionStorage|indexedDB|innerHTML", text)


# -- errors


def test_an_unexpected_error_tells_where_and_nothing_else(
    desk: Any, capfd: pytest.CaptureFixture[str]
) -> None:
    def fails(_: Request, __: Any, ___: Any) -> Response:
        raise ValueError(CANARY)

    app = stand_in(desk, Route("/fails", at_desk(fails)))
    client = signed_in(desk, app=app)
    del client.headers[ASKED]
    answer = client.get("/fails")
    assert (answer.status_code, CANARY in answer.text) == (500, False)
    assert "ValueError at test_review_server.py:" in answer.text
    check_headers(answer)
    told = capfd.readouterr()
    assert re.fullmatch(r"anonpipe: A page of the review failed [^\n]*\n", told.err)
    assert CANARY not in told.err + told.out
    assert client.get("/fails", headers=OURS).json().keys() == {"error"}
    assert client.get("/pulse").status_code == 200  # and the lock is free
    assert not app.state.lock.locked()


def test_an_error_in_the_middle_of_an_answer_is_told_too(
    desk: Any, capfd: pytest.CaptureFixture[str]
) -> None:
    def pieces() -> Iterator[bytes]:
        yield b"one"
        raise ValueError(CANARY)

    route = Route("/breaks", lambda _: StreamingResponse(pieces()))
    client = signed_in(desk, app=stand_in(desk, route))
    client.get("/breaks")
    told = capfd.readouterr().err
    assert told.count("\n") == 1 and "ValueError" in told and CANARY not in told


@pytest.mark.parametrize(
    ("error", "method", "status"),
    [
        (UsageError("No such source."), "GET", 404),
        (UsageError("Not like this."), "POST", 400),
        (AuditError("The log cannot be written."), "POST", 500),
    ],
)
def test_an_expected_error_is_its_sentence(
    desk: Any, error: Exception, method: str, status: int
) -> None:
    def fails(*_: Any) -> Response:
        raise error

    client = signed_in(
        desk, app=stand_in(desk, Route("/fails", at_desk(fails), methods=["GET", "POST"]))
    )
    answer = client.request(method, "/fails", json={} if method == "POST" else None)
    assert (answer.status_code, answer.json()) == (status, {"error": str(error)})
    if method == "GET":
        page = client.get("/fails", headers={ASKED: ""})
        assert str(error) in page.text


def test_the_desk_is_for_one_at_a_time(desk: Any) -> None:
    there, most = 0, 0

    def works(*_: Any) -> Response:
        nonlocal there, most
        there += 1
        most = max(most, there)
        time.sleep(0.01)
        there -= 1
        return PlainTextResponse("done")

    client = signed_in(desk, app=stand_in(desk, Route("/works", at_desk(works))))
    many = [threading.Thread(target=client.get, args=("/works",)) for _ in range(5)]
    for each in many:
        each.start()
    for each in many:
        each.join()
    assert most == 1


# -- still there?


def test_only_what_a_person_does_keeps_it_alive(desk: Any) -> None:
    clock = Clock()
    app = stand_in(desk, clock=clock)
    client = signed_in(desk, app=app)
    script = {"Sec-Fetch-Mode": "cors"}

    def left() -> float:
        seconds: float = client.get("/pulse", headers=script).json()["left"]
        return seconds

    assert left() == 1800
    clock.time += 100
    assert left() == 1700
    client.get("/words.json", headers=script)
    client.get("/static/base.css", headers={"Sec-Fetch-Mode": "no-cors"})
    assert left() == 1700
    client.post("/alive", json={}, headers=script)
    assert left() == 1800
    clock.time += 100
    client.get("/nowhere", headers={"Sec-Fetch-Mode": "navigate"})
    assert left() == 1800
    clock.time += 100
    browser(app).get("/pulse")  # strangers do not count
    browser(app).post("/alive", json={}, headers=OURS)
    assert left() == 1700
    clock.time += 5000
    assert left() == 0


def test_how_the_pages_look_can_be_changed(desk: Any) -> None:
    client = signed_in(desk)
    assert client.get("/words.json").json()["quit"] == "Quit"
    assert client.post("/screen", json={"language": "nb", "theme": "dark"}).status_code == 204
    assert client.get("/words.json").json()["quit"] == "Avslutt"
    page = client.get("/nowhere", headers={ASKED: ""})
    assert '<html lang="nb" data-theme="dark" data-single-keys="on">' in page.text
    for wrong in ({"language": "de"}, {"theme": "pink"}, {"single_keys": 1}, {"language": []}):
        assert client.post("/screen", json=wrong).status_code == 400
    assert client.get("/words.json").json()["quit"] == "Avslutt"


def test_words_are_there_in_both_languages_and_have_the_same_places() -> None:
    for key, each in words.every().items():
        assert set(each) == {"en", "nb"}, key
        assert all(text.strip() for text in each.values()), key
        places = [set(re.findall(r"{(\w+)}", text)) for text in each.values()]
        assert places[0] == places[1], key
        assert each["en"].count("`") == each["nb"].count("`"), key


def test_pages_and_scripts_use_words_that_are_there() -> None:
    folder, there = Path(words.__file__).parent, words.every()
    used = set()
    for file in (folder / "templates").glob("*.html"):
        used |= set(re.findall(r"\b(?:_|n)\('([\w.:-]+)'[,)]", file.read_text(encoding="utf-8")))
    for file in (folder / "static").glob("*.js"):
        used |= set(re.findall(r'\bsay(?:Number)?\("([\w.:-]+)"[,)]', file.read_text("utf-8")))
        used |= set(re.findall(r'\bsays: "([^"]+)"', file.read_text("utf-8")))
    assert {"quit", "overview.lead", "key.help", "idle.title"} <= used
    assert used <= there.keys()


def test_every_word_is_used() -> None:
    """By its key as it stands, or by what a key begins with where the rest is put in."""
    folder = Path(words.__file__).parent
    files = [file for kind in ("py", "html", "js") for file in folder.rglob(f"*.{kind}")]
    text = "\n".join(file.read_text(encoding="utf-8") for file in files)
    text = re.sub(r'"[\w.:-]+": \{\s*"(?:en|nb)":', "", text)  # where words are given
    whole = set(re.findall(r"""["'`]([\w.:-]+)["'`]""", text))
    begun = tuple(set(re.findall(r"""["'`](\w[\w.:-]*[.:_])(?:\$?\{|["'] ?[~+])""", text)))
    begun += tuple(f"{key}:" for key in re.findall(r"\bcode\('([\w.]+)',", text))
    ended = {"gone", "elsewhere", "lost"}  # `${kind}.title` of common.js
    keys = {re.sub(r"\.\d$", "", key).removesuffix(".by") for key in words.every()}
    unused = {key for key in keys if key not in whole and not key.startswith(begun)}
    assert {key for key in unused if key.partition(".")[0] not in ended} == set()


def test_what_is_typed_is_marked_in_sentences() -> None:
    assert prose("Run `anonpipe <x>` & go.") == "Run <code>anonpipe &lt;x&gt;</code> &amp; go."


def test_pages_have_addresses_of_their_own() -> None:
    found = [path for _, path in paths(make_app(None, WebSettings(PORT)))]
    every = [
        (route.path, sorted(route.methods or ()))
        for module in page_modules()
        for route in module.routes
    ]
    assert len(found) == len(every) + 1
    assert len({(path, tuple(methods)) for path, methods in every}) == len(every)


# -- the overview


@contextmanager
def reviewed(bench: Workbench, today: date = TODAY) -> Iterator[tuple[TestClient, Desk]]:
    """A browser signed in to the review of a study."""
    with session(bench.study, [bench.identity], lambda _: None) as opened:
        desk = Desk(opened, today=today)
        yield signed_in(desk), desk


def page(client: TestClient) -> str:
    """The first page, as a browser gets it."""
    answer = client.get("/", headers={ASKED: ""})
    assert answer.status_code == 200
    return answer.text


def test_the_overview_tells_what_waits_and_what_is_due(bench: Workbench) -> None:
    bench.register(
        row(audio="delete-after-review"),
        row("P02"),
        row("P03", audio="keep-until:2026-12-31"),
        row("P04"),
    )
    for name in ("P01_Kari.wav", "P02_b.wav", "P03_c.wav", "P04_d.wav"):
        bench.record(name, name.encode())
    bench.run()
    bench.register(row(audio="delete-after-review"), row("P03", audio="keep-until:2026-12-31"))
    with reviewed(bench) as (client, _):
        text = page(client)
    assert "One source waits for you." in text
    groups = dict(re.findall(r'id="group-(\w+)">(.*?)</section>', text, re.DOTALL))
    assert {name: re.findall(r"<h3>(?:<a[^>]*>)?(\w+)", each) for name, each in groups.items()} == {
        "you": ["R01"],
        "other": ["R03"],
        "final": ["R02", "R04"],
    }
    assert "Deleted once you have signed off: the recording." in groups["you"]
    assert "Kept until 1 January 2027" in groups["other"]
    assert "The recording was deleted on" in groups["final"]
    assert "Should be gone: the transcripts." in groups["final"]
    assert "In 2 of them there is something that should be gone already." in text
    assert "Kari" not in text and ".wav" not in text  # file names may hold names


def test_the_overview_of_a_study_without_anything(bench: Workbench) -> None:
    bench.register(row())
    with reviewed(bench) as (client, _):
        assert "There is nothing here yet." in page(client)
        bench.record("P01_a.wav")
        text = page(client)
        assert "One file is not taken in yet" in text
        client.post("/screen", json={"language": "nb"})
        assert "Én fil er ikke tatt inn ennå" in page(client)


def test_the_overview_when_nothing_waits(bench: Workbench) -> None:
    bench.register(row())
    bench.record("P01_a.wav")
    bench.run()
    with reviewed(bench) as (client, _):
        text = page(client)
    assert "Nothing waits for you." in text and "Numbers for methods" in text
    assert "Only coded text is left." in text


def test_the_overview_waits_for_no_source_to_be_read(written: Workbench) -> None:
    with reviewed(written) as (client, desk):
        text = page(client)
        assert "Looking for places to check" in text
        assert re.findall(r'data-read="([^"]+)"', text) == ["/sources/R01/read"]
        assert client.get("/sources/R01/read").status_code == 204
        (item,) = desk.sources(read=False)
        assert item.read and item == desk.sources()[0]
        text = page(client)
        assert "data-read" not in text and "Looking for places to check" not in text
        assert f"0 of {item.questions} questions answered" in text or not item.questions
        assert client.get("/sources/R99/read").status_code == 404


def test_the_overview_leads_to_pages(written: Workbench) -> None:
    with reviewed(written) as (client, _):
        leads = set(re.findall(r'href="(/[^"]*)"', page(client)))
        assert {"/interviews/R01", "/interviews/R01/sign", "/risk/R01"} <= leads
        for address in leads:
            assert client.get(address, headers={ASKED: ""}).status_code in (200, 303), address


def test_every_state_has_words(bench: Workbench) -> None:
    """Also those that a study is in for a moment only."""
    seen = set()
    waits = ("review", "run", "consent", "2027-01-01")
    for language in ("en", "nb"):
        speak = words.say(language)  # type: ignore[arg-type]
        for stage in Stage:
            for waits_for in waits:
                for kind in ("audio", "text"):
                    item = SimpleNamespace(
                        id="R01",
                        kind=kind,
                        stage=stage,
                        waits_for=waits_for,
                        approved=True,
                        questions=2,
                        open=0,
                        signed=1,
                        needed=2,
                        trouble=0.2,
                        why=get_args(Why),
                    )
                    seen.add(overview._state(item, speak))
                    assert list(overview._says(item, speak, {})) or waits_for == "2027-01-01"
                    assert len(list(overview._why(item, speak))) == 7
    assert {group for group, _, _ in seen} == {"you", "other", "final"}


# -- the command


@pytest.mark.parametrize(
    "options",
    [
        ("--list", "--port", "8000"),
        ("--list", "--no-browser"),
        ("--approve", "R01", "--language", "nb"),
        ("--approve", "R01", "--idle", "5"),
        ("--list", "--approve", "R01"),
        ("--json",),
    ],
)
def test_options_of_different_things_do_not_go_together(
    bench: Workbench, call: Call, options: tuple[str, ...]
) -> None:
    code, _, err = call("review", bench.folder, *options)
    assert (code, err.count("\n")) == (2, 1)


def test_a_port_in_use_is_told_before_anything_else(bench: Workbench, call: Call) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        code, _, err = call("review", bench.folder, "--port", port, "--identity", "nowhere")
    assert (code, f"Port {port} cannot be used" in err) == (2, True)


def test_nobody_can_connect_before_it_serves() -> None:
    with bind(None) as listener:
        assert listener.getsockname()[0] == "127.0.0.1"
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(listener.getsockname(), timeout=1)


def test_nothing_is_shown_when_the_opening_cannot_be_logged(
    bench: Workbench, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object, **__: object) -> None:
        raise AuditError("The log cannot be written.")

    served: list[object] = []
    monkeypatch.setattr("anonpipe.custody.log_opening", fails)
    monkeypatch.setattr("anonpipe.review.web.server.serve", lambda *a: served.append(a))
    code, _, err = call("review", bench.folder, "--no-browser", "--identity", bench.identity)
    assert (code, served) == (5, [])
    assert "The log cannot be written." in err


@pytest.mark.parametrize(
    ("environment", "platform", "shown"),
    [
        ({}, "linux", False),
        ({"DISPLAY": ":0"}, "linux", True),
        ({"DISPLAY": ""}, "linux", False),
        ({"WAYLAND_DISPLAY": "wayland-0"}, "linux", True),
        ({"DISPLAY": ":10", "SSH_CONNECTION": "1.2.3.4 5 6.7.8.9 22"}, "linux", False),
        ({}, "darwin", True),
        ({"SSH_CONNECTION": "1.2.3.4 5 6.7.8.9 22"}, "darwin", False),
    ],
)
def test_a_browser_is_opened_only_where_it_is_seen(
    environment: dict[str, str], platform: str, shown: bool
) -> None:
    assert show_page.has_screen(environment, platform) is shown


def test_the_way_from_another_machine_can_be_copied(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("getpass.getuser", lambda: "kari")
    command = show_page.forwarding({"SSH_CONNECTION": "10.0.0.2 50000 10.0.0.1 22"}, 4000)
    assert command == "ssh -N -L 4000:127.0.0.1:4000 kari@10.0.0.1"
    command = show_page.forwarding({"SSH_CONNECTION": "10.0.0.2 50000 10.0.0.1 2222"}, 4000)
    assert command == "ssh -N -L 4000:127.0.0.1:4000 -p 2222 kari@10.0.0.1"
    assert show_page.forwarding({}, 4000).endswith(f"kari@{socket.gethostname()}")


def test_the_browser_is_opened_once(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    opened: list[str] = []
    there = threading.Event()
    monkeypatch.setattr("webbrowser.open", lambda url: (opened.append(url), there.set()))
    monkeypatch.setattr(show_page, "has_screen", lambda _: True)
    tell = show_page.Announcer(True)
    tell("http://127.0.0.1:4000/?token=one")
    assert there.wait(10)
    tell("http://127.0.0.1:4000/?token=two")
    assert opened == ["http://127.0.0.1:4000/?token=one"]
    told = capsys.readouterr().out
    assert "token=one" in told and "token=two" in told and "ssh" not in told


def test_what_is_being_decided_is_finished_first() -> None:
    """The server ends by the button while a page works at the desk."""
    begun, done = threading.Event(), threading.Event()

    class Slow:
        def read_state(self) -> None:
            begun.set()
            time.sleep(0.5)
            done.set()
            raise UsageError("Slow, and no state.")

    address: queue.Queue[str] = queue.Queue()
    why: list[str] = []

    def work() -> None:
        desk = SimpleNamespace(study=Slow())
        why.append(serve(desk, bind(None), ServerSettings("en"), address.put))
        why.append(f"work done: {done.is_set()}")

    serving = threading.Thread(target=work, daemon=True)
    serving.start()
    where = address.get(timeout=60)
    origin = where.partition("/?")[0]
    with httpx.Client() as client, httpx.Client() as other:
        client.get(where)
        other.cookies = client.cookies
        ours = {"Origin": origin, ASKED: "1"}
        slow = threading.Thread(target=lambda: client.get(origin, headers=ours))
        slow.start()
        assert begun.wait(60)
        assert other.post(f"{origin}/quit", json={}, headers=ours).status_code == 204
        serving.join(60)
        slow.join(60)
    assert why == ["quit", "work done: True"]


# -- the process


class Running:
    """`anonpipe review` on a study, as a process that nobody has to look at."""

    def __init__(self, bench: Workbench, *options: str, home: Path) -> None:
        self.bench = bench
        kept = {k: v for k, v in os.environ.items() if k not in ("DISPLAY", "WAYLAND_DISPLAY")}
        self.process = subprocess.Popen(
            [
                *(sys.executable, "-c", "from anonpipe.cli import main; main()"),
                *("review", str(bench.folder), "--identity", str(bench.identity), *options),
            ],
            env={**kept, "HOME": str(home), "PYTHONUNBUFFERED": "1"},
            cwd=Path(__file__).parents[1],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=(home / "stderr").open("w"),
            text=True,
        )
        assert self.process.stdout is not None
        self.errors = home / "stderr"
        self.told = ""
        while not (found := re.search(r"http://\S+token=\S+", self.told)):
            line = self.process.stdout.readline()
            assert line, self.errors.read_text()
            self.told += line
        self.address = found[0]
        self.origin = self.address.partition("/?")[0]

    def end(self) -> tuple[int, str, str]:
        """Exit code, and what it said on both streams."""
        assert self.process.stdout is not None
        out = self.told + self.process.stdout.read()
        return self.process.wait(60), out, self.errors.read_text()

    def closed_well(self) -> bool:
        """Whether the log is signed to its end, and another command may work."""
        entries = list(open_log(self.bench.study).entries())
        self.bench.open(lambda _: None)
        return entries[-1].action == "signature"


@pytest.fixture
def written(bench: Workbench) -> Workbench:
    """A study with a recording that waits for a review."""
    bench.register(row(audio="delete-after-review"))
    bench.record("P01_a.wav")
    bench.run()
    return bench


def test_from_the_address_to_the_end(written: Workbench, tmp_path: Path, call: Call) -> None:
    running = Running(written, "--no-browser", home=tmp_path)
    opened = [e for e in open_log(written.study).entries() if e.action == "key-opened"]
    assert [(e.details["act"], e.details["reason"]) for e in opened] == [("review", "correction")]
    code, _, err = call("run", written.folder, "--identity", written.identity)
    assert (code, "anonpipe" in err) == (2, True)  # another one works on the study

    with httpx.Client() as client:
        spoofed = {"X-Forwarded-For": "10.0.0.1"}  # no proxy is believed
        answer = client.get(running.address, headers=spoofed)
        assert answer.status_code == 303
        first = client.get(running.origin)
        assert first.status_code == 200 and "R01" in first.text
        check_headers(answer)
        check_headers(first)
        assert "date" not in first.headers
        assert httpx.get(running.address).status_code == 401
        ours = {"Origin": running.origin, ASKED: "1"}
        assert client.post(f"{running.origin}/quit", json={}, headers=ours).status_code == 204
    code, out, err = running.end()
    assert (code, err) == (0, "")
    assert "ssh -N -L" in out and "The review has ended" in out
    assert running.closed_well()


@pytest.mark.long
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_in_order(written: Workbench, tmp_path: Path, number: int) -> None:
    running = Running(written, "--no-browser", "--port", str(free_port()), home=tmp_path)
    with httpx.Client() as client:
        assert client.get(running.address).status_code == 303
        running.process.send_signal(number)
        assert running.end()[::2] == (0, "")
    assert running.closed_well()


@pytest.mark.long
def test_it_ends_when_nobody_is_there(written: Workbench, tmp_path: Path) -> None:
    running = Running(written, "--no-browser", "--idle", "0.03", home=tmp_path)
    with httpx.Client() as client:
        client.get(running.address)
        script = {"Sec-Fetch-Mode": "cors"}
        begun = time.monotonic()
        with pytest.raises(httpx.TransportError):  # a page that asks does not keep it alive
            while time.monotonic() - begun < 60:
                client.get(f"{running.origin}/pulse", headers=script)
                time.sleep(0.1)
    code, out, err = running.end()
    assert (code, err) == (0, "")
    assert "Nobody did anything for 1 minute." in out
    assert running.closed_well()


@pytest.mark.long
def test_enter_gives_a_new_address(written: Workbench, tmp_path: Path) -> None:
    arguments = ["review", str(written.folder), "--identity", str(written.identity)]
    child = pexpect.spawn(
        sys.executable,
        ["-c", "from anonpipe.cli import main; main()", *arguments, "--no-browser"],
        env={**os.environ, "HOME": str(tmp_path), "DISPLAY": ""},
        cwd=str(Path(__file__).parents[1]),
        encoding="utf-8",
        timeout=60,
    )
    where = r"(http://127\.0\.0\.1:\d+)/\?token=(\S+)"
    child.expect(where)
    first = child.match.group(0)
    child.expect("Enter gives a new address")
    child.sendline("")
    child.expect(where)
    second = child.match.group(0)
    assert first != second
    with httpx.Client() as client:
        assert client.get(first).status_code == 401
        assert client.get(second).status_code == 303
    child.sendcontrol("c")
    child.expect("The review has ended")
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 0


@pytest.mark.long
@pytest.mark.skipif(
    os.geteuid() != 0 or not Path("/proc/self/net/tcp").exists(),
    reason="only the administrator can become another user, and only Linux tells who connects",
)
def test_another_user_cannot_come_first(written: Workbench, tmp_path: Path) -> None:
    running = Running(written, "--no-browser", home=tmp_path)
    ask = (
        "import os, sys, urllib.request, urllib.error\n"
        "sys.argv[1].encode('idna')  # loaded while it may be read\n"
        "os.setgid(65534)\n"
        "os.setuid(65534)\n"
        "try: urllib.request.urlopen(sys.argv[1])\n"
        "except urllib.error.HTTPError as error: print(error.code)\n"
    )
    command = [sys.executable, "-S", "-c", ask, running.address]
    other = subprocess.run(command, capture_output=True, text=True)
    assert other.stdout.strip() == "403", other.stderr
    assert httpx.get(running.address).status_code == 303
    running.process.send_signal(signal.SIGINT)
    assert running.end()[0] == 0


def free_port() -> int:
    """A port that nobody uses just now."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


def test_the_log_knows_reviews(written: Workbench) -> None:
    """What counts openings of the key tells of them in words, too."""
    from anonpipe.answers.words import COMMON
    from anonpipe.custody import log_opening, status

    with session(written.study, [written.identity], lambda _: None) as opened:
        log_opening(opened, "review", "correction")
    assert status(written.study).opened == 1
    assert set(COMMON["act:review"]) == {"en", "nb"}
    assert json.dumps(COMMON["act:review"])
