"""`anonpipe review` as a process of its own, without a speech model, and what a test does to it.

As a program (`python -m tests.browser.serving ARGUMENTS`) it is `anonpipe ARGUMENTS`.
"""

from __future__ import annotations

import os
import queue
import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).parents[2]
ADDRESS = re.compile(r"http://127\.0\.0\.1:[0-9]+/\S*")
STARTS_WITHIN = 60.0
"""Seconds; a machine that runs other tests beside this one is slow."""


class Server:
    """A server process, `address` being what it told a person to open."""

    def __init__(self, study: Path, home: Path, *options: str) -> None:
        home.mkdir(exist_ok=True)
        (home / "tmp").mkdir(exist_ok=True)
        command = [sys.executable, "-m", "tests.browser.serving", "review", str(study), *options]
        self.said: list[str] = []
        self.process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=_environment(home),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._lines: queue.Queue[str | None] = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()
        self.address = self._wait_for_address()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.said.append(line)
            self._lines.put(line)
        self._lines.put(None)

    def _wait_for_address(self) -> str:
        end = time.monotonic() + STARTS_WITHIN
        while (left := end - time.monotonic()) > 0:
            try:
                line = self._lines.get(timeout=left)
            except queue.Empty:
                break
            found = ADDRESS.search(line or "")
            if found:
                return found[0]
            if line is None:
                break
        self.kill()
        raise AssertionError(f"no address within {STARTS_WITHIN} s:\n{''.join(self.said)}")

    @property
    def origin(self) -> str:
        parts = urlsplit(self.address)
        return f"{parts.scheme}://{parts.netloc}"

    def url(self, path: str) -> str:
        """The address of a page, without the token."""
        return self.origin + path

    def kill(self) -> None:
        """End it as a power cut would."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(30)

    def stop(self) -> int:
        """End it as Ctrl-C would, and give the exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        return self.process.wait(30)


def _environment(home: Path) -> dict[str, str]:
    """No screen, no browser of its own, and temporary files where a test can look at them."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if name not in {"DISPLAY", "WAYLAND_DISPLAY", "BROWSER", "SSH_CONNECTION"}
    }
    return {**kept, "HOME": str(home), "TMPDIR": str(home / "tmp"), "PYTHONUNBUFFERED": "1"}


def main() -> None:
    from anonpipe import tools
    from tests.browser.studies import SampleTools

    tools.Tools = SampleTools  # type: ignore[misc]
    from anonpipe import cli

    cli.main()


if __name__ == "__main__":
    main()
