"""The guard that keeps anonpipe off the network while it handles interviews.

It is an audit hook of the interpreter (PEP 578), which cannot be taken out again while the
process lives and sees every socket that Python code opens, whichever library asks. It does
not see native code that talks to the kernel by itself, nor other processes. For a proof
that needs no trust in Python, `isolated` puts a command into an empty network namespace,
where the kernel has no network to offer.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

from anonpipe.errors import AnonpipeError, UsageError

ENVIRONMENT = {
    "HF_HUB_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "TRANSFORMERS_OFFLINE": "1",
}
"""Tells libraries not to try, so that they fail early and say so."""

_TO_ADDRESS = frozenset({"socket.connect", "socket.sendto", "socket.sendmsg"})
_LOOK_UP = frozenset(
    {
        "socket.getaddrinfo",
        "socket.gethostbyname",
        "socket.gethostbyaddr",
        "socket.getnameinfo",
    }
)
# What Linux puts into every network namespace: ends of tunnels that lead nowhere, beside lo.
_EMPTY = frozenset(
    (
        "lo",
        "sit0",
        "tunl0",
        "gre0",
        "gretap0",
        "erspan0",
        "ip_vti0",
        "ip6_vti0",
        "ip6tnl0",
        "ip6gre0",
    )
)
_state = {"on": False, "loopback": False}


class NetworkBlocked(AnonpipeError):
    """Something tried to open a network connection after `block_network`."""

    exit_code = 1

    def __init__(self) -> None:
        super().__init__(
            "A network connection was attempted and refused, because anonpipe works offline: "
            "run `anonpipe models install` if a model is missing, else report this."
        )


def block_network(*, allow_loopback: bool = False) -> None:
    """Refuse network connections and look-ups of names for the rest of the process's life.

    Unix sockets stay usable. `allow_loopback` spares addresses of this machine; once a call
    has blocked those as well, no later call opens them again.
    """
    os.environ.update(ENVIRONMENT)
    hub = sys.modules.get("huggingface_hub.constants")
    if hub is not None:  # it has read its environment already
        vars(hub)["HF_HUB_OFFLINE"] = True
    if not _state["on"]:
        _state.update(on=True, loopback=allow_loopback)
        sys.addaudithook(_guard)
    elif not allow_loopback:
        _state["loopback"] = False


def blocked() -> bool:
    """Whether `block_network` has been called in this process."""
    return _state["on"]


def how_barred(root: Path = Path("/")) -> Literal["namespace", "process", "open"]:
    """What keeps this process off the network, for the log.

    "namespace": the process is blocked, and Linux shows it no interface but the loopback;
    "process": it is blocked; "open": it is not. `root` is where /proc is looked for.
    """
    if not blocked():
        return "open"
    try:
        # proc_net(5): two lines of headings, then "name: counters", of this process's namespace.
        lines = (root / "proc/self/net/dev").read_text(encoding="ascii").splitlines()[2:]
    except (OSError, UnicodeDecodeError):
        return "process"
    names = {line.partition(":")[0].strip() for line in lines if ":" in line}
    return "namespace" if names <= _EMPTY else "process"


def _guard(event: str, arguments: tuple[Any, ...]) -> None:
    if event in _TO_ADDRESS:
        import socket  # imported already, or nobody could raise this event

        connection, address = arguments[0], arguments[1]
        # sendmsg on a connected socket has no address; connecting was the guard's business.
        if address is None or connection.family == getattr(socket, "AF_UNIX", None):
            return
        host = address[0] if isinstance(address, tuple) else address
    elif event in _LOOK_UP:
        host = arguments[0][0] if event == "socket.getnameinfo" else arguments[0]
    else:
        return
    if not (_state["loopback"] and _is_loopback(host)):
        raise NetworkBlocked


def _is_loopback(host: object) -> bool:
    import ipaddress

    if isinstance(host, bytes | bytearray):
        host = bytes(host).decode("ascii", "replace")
    if host is None or host == "localhost":
        return True
    try:
        return ipaddress.ip_address(str(host)).is_loopback
    except ValueError:
        return False


def can_isolate() -> bool:
    """Whether this system lets a user start a process in an empty network namespace (Linux)."""
    import shutil
    import subprocess

    unshare = shutil.which("unshare")
    if not sys.platform.startswith("linux") or unshare is None:
        return False
    command = [unshare, "--map-root-user", "--net", "true"]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def isolated(command: Sequence[str]) -> list[str]:
    """The command line that runs `command` where there is no network at all.

    Raises UsageError where the system has no such thing.
    """
    import shutil

    if not can_isolate():
        raise UsageError(
            "This system gives no empty network namespace to a user: "
            "pull the network cable instead, or use Linux with util-linux and user namespaces."
        )
    unshare = shutil.which("unshare")
    assert unshare is not None
    return [unshare, "--map-root-user", "--net", "--", *command]
