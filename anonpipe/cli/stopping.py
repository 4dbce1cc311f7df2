"""Ctrl-C and SIGTERM in a long run: one sentence that says what is kept, and the end, at once.

Python looks at signals only between two of its own instructions, and a recogniser is away for
minutes. A run survives SIGKILL at any moment, so it needs no more time to stop than that: a
thread waits for signals, and ends the process where the main thread does not do so soon.
"""

from __future__ import annotations

import contextlib
import os
import signal
import threading
from collections.abc import Callable, Iterator
from types import FrameType

import click

GRACE_SECONDS = 1.0
"""For the main thread to end by itself, with its files and the terminal in order."""

SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Stopped(BaseException):
    """A signal asks the process to end; like KeyboardInterrupt, nothing takes it for an error."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.exit_code = 128 + number


@contextlib.contextmanager
def stoppable(last_words: Callable[[], None]) -> Iterator[None]:
    """Have SIGINT and SIGTERM end the block, and the process where the block is too busy for that.

    `last_words` are said in both cases; the block ends with click's Exit and 128 + the signal's
    number. Only the main thread gets signals; elsewhere this does nothing.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    over = threading.Event()

    def raise_stopped(number: int, _: FrameType | None) -> None:
        raise Stopped(number)

    def watch() -> None:
        while number := os.read(reading, 1):
            if number[0] in SIGNALS and not over.wait(GRACE_SECONDS):
                with contextlib.suppress(Exception):
                    last_words()
                os._exit(128 + number[0])

    watcher = threading.Thread(target=watch, daemon=True)
    before = {number: signal.signal(number, raise_stopped) for number in SIGNALS}
    wakeup = signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
    watcher.start()
    try:
        yield
    except Stopped as stopped:
        over.set()
        last_words()
        raise click.exceptions.Exit(stopped.exit_code) from None
    finally:
        over.set()
        signal.set_wakeup_fd(wakeup)
        for number, handler in before.items():
            signal.signal(number, handler)
        os.close(writing)  # ends the watcher's reading
        watcher.join()
        os.close(reading)
