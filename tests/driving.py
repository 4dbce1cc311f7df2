"""`anonpipe` as a process of its own, without models: `python -m tests.driving ARGUMENTS`.

With HEAR=tones recordings go through the real transcriber, which hears tones (`tests.tones`).
With KILL_AT=n in the environment the process kills itself (SIGKILL) when it is about to change
the file system for the n-th time: to open a file for writing, to rename, link, cut or remove
one, or to make a folder. With COUNT_TO=FILE it writes there how often it did.
"""

from __future__ import annotations

import os
import signal
import sys

from anonpipe import batch, cli, pipeline, retention, sealedrun
from tests.stand_ins import StandInTools

_CHANGES = {"os.rename", "os.remove", "os.link", "os.truncate", "os.mkdir", "os.rmdir", "os.chmod"}
_WRITING = os.O_WRONLY | os.O_RDWR


def _watch(deadly: int) -> list[int]:
    seen = [0]

    def effect(event: str, arguments: tuple[object, ...]) -> None:
        changes = event in _CHANGES
        if event == "open":
            path, _, flags = arguments
            own = isinstance(path, (str, os.PathLike)) and not str(path).startswith(("/dev", "/pr"))
            changes = own and isinstance(flags, int) and bool(flags & _WRITING)
        if changes:
            seen[0] += 1
            if seen[0] == deadly:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(effect)
    return seen


def main() -> None:
    tools: type = StandInTools
    if os.environ.get("HEAR") == "tones":
        from tests.tones import TonesTools

        tools = TonesTools
    for module in (batch, pipeline, retention, sealedrun):
        module.Tools = tools  # type: ignore[attr-defined, misc, assignment]
    sys.dont_write_bytecode = True
    count_to = os.environ.get("COUNT_TO")
    if "READY" in os.environ:
        os.write(int(os.environ["READY"]), b"r")
    seen = _watch(int(os.environ.get("KILL_AT", "0")))
    try:
        cli.main()
    finally:
        if count_to:
            number = seen[0]
            with open(count_to, "w") as file:  # noqa: PTH123
                file.write(str(number))


if __name__ == "__main__":
    main()
