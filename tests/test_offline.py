"""The network guard, each case in a process of its own since the guard cannot be taken off."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from anonpipe import __version__
from anonpipe.errors import UsageError
from anonpipe.offline import can_isolate, isolated


def run(code: str, *, guard: str = "block_network()") -> str:
    script = f"from anonpipe.offline import *\nfrom anonpipe import offline\n{guard}\n"
    done = subprocess.run(
        [sys.executable, "-c", script + textwrap.dedent(code)],
        capture_output=True,
        text=True,
        check=False,
    )
    return (done.stdout + done.stderr).strip().splitlines()[-1]


ATTEMPTS = {
    "connect": "socket.socket().connect(('192.0.2.1', 80))",
    "connect_ex": "socket.socket().connect_ex(('192.0.2.1', 80))",
    "connect over IPv6": "socket.socket(socket.AF_INET6).connect(('2001:db8::1', 80))",
    "connect to this machine": "socket.socket().connect(('127.0.0.1', 9))",
    "sendto": "socket.socket(type=socket.SOCK_DGRAM).sendto(b'x', ('192.0.2.1', 53))",
    "sendmsg": "socket.socket(type=socket.SOCK_DGRAM).sendmsg([b'x'], [], 0, ('192.0.2.1', 53))",
    "look up": "socket.getaddrinfo('example.invalid', 443)",
    "look up, the old way": "socket.gethostbyname('example.invalid')",
    "look up backwards": "socket.getnameinfo(('192.0.2.1', 80), 0)",
    "urllib": "__import__('urllib.request').request.urlopen('http://192.0.2.1/')",
}


@pytest.mark.parametrize("attempt", ATTEMPTS.values(), ids=ATTEMPTS.keys())
def test_every_way_out_is_refused_with_one_sentence(attempt):
    last = run(f"import socket\n{attempt}")
    assert "NetworkBlocked" in last
    assert "refused" in last
    assert "192.0.2.1" not in last


def test_the_guard_sees_what_a_thread_does():
    code = """
        import socket, threading
        seen = []
        def attempt():
            try:
                socket.create_connection(("192.0.2.1", 80))
            except NetworkBlocked:
                seen.append("refused")
        thread = threading.Thread(target=attempt); thread.start(); thread.join()
        print(*seen)
    """
    assert run(code) == "refused"


def test_without_the_guard_the_attempts_are_ordinary():
    code = "import socket\nprint(socket.socket().connect_ex(('127.0.0.1', 9)) != 0)"
    assert run(code, guard="pass") == "True"


def test_unix_sockets_stay_usable(tmp_path):
    code = f"""
        import socket
        server = socket.socket(socket.AF_UNIX); server.bind({str(tmp_path / "s")!r})
        server.listen()
        socket.socket(socket.AF_UNIX).connect({str(tmp_path / "s")!r})
        a, b = socket.socketpair(); a.send(b"x"); a.sendmsg([b"y"])
        print(b.recv(1))
    """
    assert run(code) == "b'x'"


def test_loopback_only_when_allowed_and_never_again_after_a_strict_call():
    code = """
        import socket
        server = socket.create_server(("127.0.0.1", 0))
        here = server.getsockname()
        socket.create_connection(here).close()
        socket.getaddrinfo("localhost", 80)
        block_network()
        block_network(allow_loopback=True)
        try:
            socket.create_connection(here)
        except NetworkBlocked:
            print("refused")
    """
    assert run(code, guard="block_network(allow_loopback=True)") == "refused"


def test_loopback_allows_no_other_machine():
    last = run(
        "import socket\nsocket.create_connection(('192.0.2.1', 80))",
        guard="block_network(allow_loopback=True)",
    )
    assert "NetworkBlocked" in last


def test_the_hub_library_is_told_whether_it_was_imported_before_or_after():
    assert run("import os\nprint(os.environ['HF_HUB_OFFLINE'], blocked())") == "1 True"
    before = "import huggingface_hub.constants as c; block_network()"
    assert run("print(c.HF_HUB_OFFLINE)", guard=before) == "True"


def test_an_empty_network_namespace_has_no_way_out():
    command = [
        sys.executable,
        "-c",
        "import anonpipe, socket\n"
        "print(anonpipe.__version__, [name for _, name in socket.if_nameindex()])\n"
        "print(socket.socket().connect_ex(('192.0.2.1', 80)) != 0)",
    ]
    if not can_isolate():  # a system without them has to say so
        with pytest.raises(UsageError, match="network namespace"):
            isolated(command)
        return
    done = subprocess.run(isolated(command), capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == [f"{__version__} ['lo']", "True"]


def test_onnxruntime_keeps_no_identifier_of_the_machine(tmp_path: Path) -> None:
    """It writes one, and reports to its maker, unless it was told not to before it is loaded."""
    done = subprocess.run(
        [sys.executable, "-c", "import anonpipe, onnxruntime; print('loaded')"],
        capture_output=True,
        text=True,
        env={"HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path / "cache"), "PATH": ""},
    )
    assert done.stdout.strip() == "loaded", done.stderr
    assert list(tmp_path.rglob("*")) == []
