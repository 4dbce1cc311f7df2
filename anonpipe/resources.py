"""The data that come with the program: the folders `models` and `samples`, and lists of words.

A wheel carries the folders inside the package (see force-include in pyproject.toml); an
editable install finds them at the top of the repository.
"""

from __future__ import annotations

import gzip
import hashlib
import json
from importlib.resources import files
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


def model_file(folder: Path, name: str) -> bytes:
    """A file of a model that comes with the program, if its SHA-256 is the one in `config.json`.

    Raises ValueError if it is another, OSError or KeyError if there is none.
    """
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    data = (folder / name).read_bytes()
    if hashlib.sha256(data).hexdigest() != config["sha256"][name]:
        raise ValueError(f"{name} is not the file that came with the program.")
    return data


def word_list(name: str) -> list[str]:
    """The lines of a list in `detect/data`, packed or not, without comments."""
    data = files("anonpipe.detect").joinpath("data", name).read_bytes()
    text = (gzip.decompress(data) if name.endswith(".gz") else data).decode("utf-8")
    return [line for line in text.splitlines() if not line.startswith("#")]


def word_set(text: str) -> frozenset[str]:
    """The words of a text that lists them, set apart by white space."""
    return frozenset(text.split())
