"""What `anonpipe review` says in the terminal while its page is served."""

from __future__ import annotations

import getpass
import os
import shlex
import socket
import sys
import threading
import webbrowser
from collections.abc import Mapping
from urllib.parse import urlsplit

import click

from anonpipe.cli.console import amount
from anonpipe.review.web.server import End


def is_remote(environment: Mapping[str, str]) -> bool:
    """Whether whoever started the command sits at another machine."""
    return "SSH_CONNECTION" in environment


def has_screen(environment: Mapping[str, str], platform: str = sys.platform) -> bool:
    """Whether a browser that is opened here would be seen."""
    if is_remote(environment):
        return False
    shown = bool(environment.get("DISPLAY") or environment.get("WAYLAND_DISPLAY"))
    return platform == "darwin" or shown


def forwarding(environment: Mapping[str, str], port: int) -> str:
    """The command that brings the page to another machine, to be run there."""
    # sshd(8): the addresses and ports of both ends; where it answered before it will again.
    ends = environment.get("SSH_CONNECTION", "").split()
    host, ssh = (ends[2], ends[3]) if len(ends) == 4 else (socket.gethostname(), "22")
    other = "" if ssh == "22" else f" -p {ssh}"
    where = shlex.quote(f"{getpass.getuser()}@{host}")
    return f"ssh -N -L {port}:127.0.0.1:{port}{other} {where}"


class Announcer:
    """Tells the address, and opens it in the browser the first time.

    The browser gets the address on its command line, which other users of the machine can see in
    the list of processes. On Linux that helps nobody, as the guard knows whose a connection is.
    Elsewhere somebody who is quicker than the browser could come in with it; then the browser
    shows that the address was used, and a new one shuts them out. A file that only the user can
    read and that leads on, as other programs write it, would hide the address; but browsers that
    the system locks up (snap, flatpak) cannot read it, all take what a file leads to for another
    site's doing, and then neither send a strict same-site cookie nor pass the guard.
    """

    def __init__(self, browser: bool) -> None:
        self.opens = browser and has_screen(os.environ)
        self.first = True

    def __call__(self, address: str) -> None:
        if self.first:
            self._first(address)
        else:
            click.echo(
                f"\nA new address; the one before, and pages opened by it, end when it is "
                f"used:\n\n  {address}\n"
            )
        self.first = False

    def _first(self, address: str) -> None:
        port = urlsplit(address).port
        assert port is not None
        if self.opens:
            # Some ways of opening wait for the browser, which waits for the server.
            threading.Thread(target=webbrowser.open, args=(address,), daemon=True).start()
            click.echo("The review opens in your browser. If it does not, open this address:")
        else:
            click.echo("Open the review in a browser:")
        click.echo(f"\n  {address}\n")
        if not has_screen(os.environ):
            click.echo(
                "If your browser is on another machine, run this there first, and leave it "
                f"running (with this port, and no other):\n\n  {forwarding(os.environ, port)}\n"
            )
        enter = "Enter gives a new address, " if sys.stdin.isatty() else ""
        click.echo(
            f"It works once, for you alone. {enter}Ctrl-C ends the review; what you decide is "
            "kept at once."
        )


def farewell(why: End, idle: float) -> None:
    """The last words; `idle` is in seconds."""
    before = ""
    if why == "idle":
        before = f"Nobody did anything for {amount(max(1, round(idle / 60)), 'minute')}. "
    click.echo(f"{before}The review has ended; everything that was decided is kept.")
