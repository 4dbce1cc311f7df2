"""The server of the review: on this machine alone, until it is told to end or nobody is there.

It listens on 127.0.0.1 and opens no connection, so the process stays barred from the network
(`offline`). It writes no log of requests, and nothing of what its libraries would log: addresses
and errors may quote what they are about.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import TracebackType
from typing import Literal

import uvicorn

from anonpipe.errors import UsageError
from anonpipe.receipt_words import Language
from anonpipe.review.desk import Desk
from anonpipe.review.web.app import IDLE_MINUTES, WebSettings, make_app
from anonpipe.review.web.peers import user_of
from anonpipe.review.web.security import Gate

End = Literal["quit", "idle", "signal"]
"""Why a server ended: by the button, because nobody was there, by Ctrl-C or SIGTERM."""
GRACE_SECONDS = 3
"""For answers on their way when the server ends; work at the desk is always waited for."""
LOOK_SECONDS = 5.0
"""Between two looks at whether anybody is there."""
SIGNALS = (signal.SIGINT, signal.SIGTERM)


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """How a server shall run; `idle` is in seconds. `chosen`: a person asked for the language."""

    language: Language = "nb"
    chosen: bool = False
    idle: float = IDLE_MINUTES * 60.0


def bind(port: int | None) -> socket.socket:
    """A socket on 127.0.0.1, on a free port unless one is given; it refuses until it serves.

    Raises UsageError when the port is taken.
    """
    found = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    if port is not None:  # else one that just served the same port hinders for a minute
        found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        found.bind(("127.0.0.1", port or 0))
    except OSError:
        found.close()
        raise UsageError(
            f"Port {port} cannot be used here: leave out --port, or choose another number."
        ) from None
    return found


def serve(
    desk: Desk, listener: socket.socket, settings: ServerSettings, told: Callable[[str], None]
) -> End:
    """Serve the pages of a desk until the end; gives why it came.

    `told` gets the address once the pages answer, and a new one whenever Enter is pressed in the
    terminal. When this returns, nothing works at the desk any more. The listener is closed.
    """
    port = listener.getsockname()[1]
    gate = Gate(port, user_of=lambda peer: user_of(peer, port), mine=frozenset({0, os.geteuid()}))
    running = _Running(gate, settings.idle, told)
    looks = WebSettings(port, settings.language, settings.chosen, settings.idle, running.quit)
    app = make_app(desk, looks, gate)
    running.server = uvicorn.Server(
        uvicorn.Config(
            app,
            loop="asyncio",
            http="h11",
            ws="none",
            lifespan="off",
            interface="asgi3",
            log_config=None,
            access_log=False,
            server_header=False,
            date_header=False,
            proxy_headers=False,  # else a header could say who is connected
            timeout_graceful_shutdown=GRACE_SECONDS,
        )
    )
    running.busy = app.state.lock.locked
    with _quiet(), _signals(running):
        asyncio.run(running.until_the_end(listener))
    # A decision that is being written comes first; now Ctrl-C stops at once.
    with app.state.lock:
        return running.why


class _Running:
    """A server and what goes on beside it: looking whether anybody is there, and the terminal."""

    server: uvicorn.Server
    busy: Callable[[], bool]

    def __init__(self, gate: Gate, idle: float, told: Callable[[str], None]) -> None:
        self.gate, self.idle, self.told = gate, idle, told
        self.why: End = "signal"

    def quit(self) -> None:
        self._end("quit")

    def stop(self, *_: object) -> None:
        """A signal came."""
        self._end("signal")

    def _end(self, why: End) -> None:
        if not self.server.should_exit:
            self.why = why
            self.server.should_exit = True

    async def until_the_end(self, listener: socket.socket) -> None:
        # Listening from here on, so that a browser that is quicker than the server waits.
        listener.listen()
        self.told(self.gate.address())
        beside = asyncio.create_task(self._watch())
        try:
            with self._on_enter():
                await self.server.serve(sockets=[listener])
        finally:
            beside.cancel()

    async def _watch(self) -> None:
        while True:
            if self.busy():  # long work, such as signing off, is being waited for
                self.gate.use()
            left = self.idle - self.gate.idle()
            if left <= 0:
                return self._end("idle")
            await asyncio.sleep(min(left, LOOK_SECONDS))

    @contextlib.contextmanager
    def _on_enter(self) -> Iterator[None]:
        """Have Enter in the terminal give a new address. No thread, which could not be ended."""
        loop = asyncio.get_running_loop()
        terminal = sys.stdin.fileno() if sys.stdin.isatty() else None

        def entered() -> None:
            assert terminal is not None
            if os.read(terminal, 4096):
                self.told(self.gate.address())
            else:  # Ctrl-D: there will be no more
                loop.remove_reader(terminal)

        if terminal is not None:
            loop.add_reader(terminal, entered)
        try:
            yield
        finally:
            if terminal is not None:
                loop.remove_reader(terminal)


@contextlib.contextmanager
def _signals(running: _Running) -> Iterator[None]:
    """Have signals be the wish to end, and no more, before uvicorn takes them too: it raises them
    again afterwards, for handlers that came before its own.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, running.stop) for number in SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Let no library write to standard error: errors and addresses may quote interviews."""
    loggers = [logging.getLogger(name) for name in ("uvicorn", "asyncio")]
    before = [(each.handlers, each.propagate) for each in loggers]
    hook = threading.excepthook
    for each in loggers:
        each.handlers, each.propagate = [logging.NullHandler()], False
    threading.excepthook = lambda args: _complain(args.exc_value, args.exc_traceback)
    try:
        yield
    finally:
        threading.excepthook = hook
        for each, (handlers, propagate) in zip(loggers, before, strict=True):
            each.handlers, each.propagate = handlers, propagate


def _complain(error: BaseException | None, _: TracebackType | None) -> None:
    from anonpipe.cli import complain
    from anonpipe.outcome import unexpected

    if isinstance(error, Exception):
        complain(unexpected(error, "A thread of the review")[1])
