"""Where the data folders lie that come with the program: `models` and `samples`.

A wheel carries them inside the package (see force-include in pyproject.toml); an editable
install finds them at the top of the repository.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from anonpipe.errors import AnonpipeError

PACKAGE = Path(__file__).resolve().parent


def folder(name: Literal["models", "samples"]) -> Path:
    """The folder of that name. Raises AnonpipeError when the installation lacks it."""
    for candidate in (PACKAGE / f"_{name}", PACKAGE.parent / name):
        if candidate.is_dir():
            return candidate
    raise AnonpipeError(
        f"This installation of anonpipe lacks its folder {name}: install anonpipe again."
    )
