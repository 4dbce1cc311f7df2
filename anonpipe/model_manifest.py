"""The manifest of models: what each one consists of and where it can be had.

models/manifest.toml is data; this module reads it, checks it, and compares folders with it.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path, PurePosixPath
from typing import Any, Literal

from anonpipe import resources
from anonpipe.errors import ModelError
from anonpipe.files import cause, sha256

Task = Literal["speech", "spacy"]
RECORD = "digests.json"
"""Beside the files of a model that is not pinned: what they were when they came."""

REVISION = re.compile(r"[0-9a-f]{40}")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_NAME = re.compile(r"[a-z0-9][a-z0-9.-]*")


@dataclass(frozen=True, slots=True)
class ModelFile:
    """One file of a model: its path in the model's folder, bytes and SHA-256 (None: not known)."""

    path: str
    size: int | None = None
    sha256: str | None = None


@dataclass(frozen=True, slots=True)
class Package:
    """A wheel of the Python package registry, by exact version and digest."""

    name: str
    version: str
    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class FolderSource:
    """A folder that the user names, on the command line or in ANONPIPE_MODELS_FROM."""


@dataclass(frozen=True, slots=True)
class PackagesSource:
    """Wheels that carry the files.

    `members` maps a model's file to (package, member) pairs that make it up in that order;
    a file not in it lies in `prefix`, a (package, folder) pair.
    """

    packages: tuple[Package, ...]
    members: Mapping[str, tuple[tuple[str, str], ...]] = field(default_factory=dict)
    prefix: tuple[str, str] | None = None

    def parts(self, path: str) -> tuple[tuple[str, str], ...]:
        """The (package, member) pairs that make up one file."""
        if path in self.members:
            return self.members[path]
        if self.prefix is None:
            return ()
        return ((self.prefix[0], f"{self.prefix[1]}/{path}"),)


@dataclass(frozen=True, slots=True)
class HubSource:
    """A repository of the Hugging Face hub at one commit; `paths` maps files that lie elsewhere."""

    repository: str
    revision: str
    paths: Mapping[str, str] = field(default_factory=dict)


Source = FolderSource | PackagesSource | HubSource


@dataclass(frozen=True, slots=True)
class ModelSpec:
    """One entry of the manifest; `parameters` in millions, `about` in bytes."""

    name: str
    title: str
    task: Task
    languages: tuple[str, ...]
    licence: str
    description: str
    homepage: str
    pinned: bool
    files: tuple[ModelFile, ...]
    sources: tuple[Source, ...]
    parameters: int = 0
    about: int = 0
    figures: tuple[str, ...] = ()

    @property
    def size(self) -> int:
        """Bytes of all files, where their sizes are known, else roughly; 0 when nobody knows."""
        return sum(file.size or 0 for file in self.files) or self.about

    @property
    def is_norwegian(self) -> bool:
        """Whether it was made for Norwegian, which is then its first language."""
        return self.languages[:1] == ("nb",)

    @property
    def hub(self) -> HubSource | None:
        """Its place on the hub, if it has one."""
        return next((s for s in self.sources if isinstance(s, HubSource)), None)


def load_manifest(path: Path | None = None) -> dict[str, ModelSpec]:
    """The known models by name, in the manifest's order.

    Raises ModelError for a manifest that is missing or wrong.
    """
    return _load(path or resources.folder("models") / "manifest.toml")


@cache
def _load(path: Path) -> dict[str, ModelSpec]:
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
        return {name: _spec(name, entry) for name, entry in data["models"].items()}
    except OSError as error:
        raise ModelError(f"{path} cannot be read: {cause(error)}.") from None
    except (KeyError, TypeError, ValueError) as error:
        raise ModelError(f"{path} is wrong ({error}): install anonpipe again.") from None


def _spec(name: str, entry: dict[str, Any]) -> ModelSpec:
    _require(_NAME.fullmatch(name), f"{name}: name")
    files = tuple(ModelFile(**file) for file in entry["files"])
    for file in files:
        _require(_inside(file.path), f"{name}: path {file.path}")
        if entry["pinned"]:
            _require(file.size is not None, f"{name}: size of {file.path}")
            _require(_SHA256.fullmatch(file.sha256 or ""), f"{name}: digest of {file.path}")
    _require(len({file.path for file in files}) == len(files) > 0, f"{name}: files")
    return ModelSpec(
        name=name,
        title=entry["title"],
        task=entry["task"],
        languages=tuple(entry["languages"]),
        licence=entry["licence"],
        description=entry["description"],
        homepage=entry["homepage"],
        pinned=entry["pinned"],
        files=files,
        sources=tuple(_source(name, source, files) for source in entry["sources"]),
        parameters=int(entry.get("parameters", 0)),
        about=int(entry.get("about", 0)),
        figures=tuple(map(str, entry.get("figures", ()))),
    )


def _source(name: str, entry: dict[str, Any], files: tuple[ModelFile, ...]) -> Source:
    if entry["kind"] == "folder":
        return FolderSource()
    if entry["kind"] == "hub":
        _require(REVISION.fullmatch(entry["revision"]), f"{name}: revision")
        paths = dict(entry.get("paths", {}))
        _require(all(map(_inside, paths.values())), f"{name}: paths")
        return HubSource(entry["repository"], entry["revision"], paths)
    _require(entry["kind"] == "packages", f"{name}: kind of source")
    packages = tuple(Package(**package) for package in entry["packages"])
    names = {package.name for package in packages}
    split = {
        path: tuple(_pair(part) for part in parts)
        for path, parts in entry.get("members", {}).items()
    }
    prefix = _pair(entry["prefix"]) if "prefix" in entry else None
    source = PackagesSource(packages, split, prefix)
    for package in packages:
        _require(_SHA256.fullmatch(package.sha256), f"{name}: digest of {package.name}")
    for file in files:
        parts = source.parts(file.path)
        _require(parts and {p for p, _ in parts} <= names, f"{name}: members of {file.path}")
    return source


def _pair(text: str) -> tuple[str, str]:
    package, _, member = text.partition(":")
    return package, member


def _inside(path: str) -> bool:
    pure = PurePosixPath(path)
    return bool(pure.parts) and not pure.is_absolute() and ".." not in pure.parts


def _require(condition: object, what: str) -> None:
    if not condition:
        raise ValueError(what)


def mismatch(folder: Path, files: tuple[ModelFile, ...]) -> str | None:
    """What is wrong with the files of a folder, None when all are as they should be.

    A file that does not belong is wrong too: CTranslate2 and spaCy pick up what they find.
    """
    try:
        known = {file.path for file in files} | {RECORD}
        for path in visible_files(folder):
            if path not in known:
                return f"{path} does not belong to it"
        for file in files:
            place = folder / file.path
            if not place.is_file():
                return f"{file.path} is missing"
            if place.stat().st_size != file.size:
                return f"{file.path} has the wrong size"
            if sha256(place) != file.sha256:
                return f"{file.path} does not match its digest"
    except OSError as error:
        return f"it cannot be read: {cause(error)}"
    return None


def record(folder: Path) -> tuple[ModelFile, ...]:
    """The files of a folder as they are now. Raises ModelError when one cannot be read."""
    try:
        return tuple(
            ModelFile(path, (folder / path).stat().st_size, sha256(folder / path))
            for path in visible_files(folder)
            if path != RECORD
        )
    except OSError as error:
        raise ModelError(f"{folder} cannot be read: {cause(error)}.") from None


def visible_files(folder: Path) -> list[str]:
    """Paths of the files below a folder; not what file managers leave, such as .DS_Store."""
    paths = (path.relative_to(folder) for path in sorted(folder.rglob("*")) if not path.is_dir())
    return [p.as_posix() for p in paths if not any(part.startswith(".") for part in p.parts)]
