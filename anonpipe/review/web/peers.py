"""Who is at the other end of a connection on this machine, as Linux tells everybody."""

from __future__ import annotations

import socket
import sys
from pathlib import Path

LOOPBACK = int.from_bytes(socket.inet_aton("127.0.0.1"), sys.byteorder)


def user_of(port: int, server: int, root: Path = Path("/")) -> int | None:
    """The user id behind a connection from `port` to `server`, both on 127.0.0.1.

    None where that cannot be told: on other systems than Linux, and for connections that come
    from outside this system, as from Windows into its Linux. `root` is where /proc is looked for.
    """
    here = f"{LOOPBACK:08X}:{port:04X}", f"{LOOPBACK:08X}:{server:04X}"
    # A socket for IPv6 speaks IPv4 under such an address; three words of it, then ours.
    words = (0, 0, int.from_bytes(b"\0\0\xff\xff", sys.byteorder))
    mapped = "".join(f"{word:08X}" for word in words)
    for name, pair in (("tcp", here), ("tcp6", (mapped + here[0], mapped + here[1]))):
        try:
            lines = (root / "proc/self/net" / name).read_text(encoding="ascii").splitlines()[1:]
        except (OSError, UnicodeDecodeError):
            continue
        for line in lines:  # proc_net(5): number, local, remote, state, queues, timers, -, uid
            fields = line.split()
            if len(fields) > 7 and (fields[1], fields[2]) == pair and fields[7].isdecimal():
                return int(fields[7])
    return None
