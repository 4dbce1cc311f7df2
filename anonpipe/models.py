"""The models that anonpipe uses: what they are, and whether what is installed is really them.

models/manifest.toml names each model's files with sizes and SHA-256 digests. Wherever the
files come from (see model_sources.py), the digests decide, at installation and again each
time a model is opened. A model whose digests nobody has vouched for (`pinned = false`) is
installed only when the user names the revision or a folder; its digests are then recorded
beside its files and hold from that day on.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from anonpipe.errors import ModelError, UsageError
from anonpipe.files import cause, lock, sync, sync_folder
from anonpipe.model_manifest import (
    RECORD,
    REVISION,
    ModelFile,
    ModelSpec,
    load_manifest,
    mismatch,
    record,
)

__all__ = [
    "DEFAULTS",
    "ModelSpec",
    "digest",
    "install",
    "installed",
    "load_manifest",
    "models_dir",
    "resolve",
]

Progress = Callable[[int, int], None]
"""Called with bytes done and bytes in all."""

DEFAULTS = ("whisper-base",)
LOCK_WAIT_SECONDS = 3600.0  # another process may be fetching gigabytes


def models_dir() -> Path:
    """Where models are installed: ANONPIPE_MODELS, or the user's data folder."""
    if own := os.environ.get("ANONPIPE_MODELS"):
        return Path(own).expanduser().resolve()
    from platformdirs import user_data_path

    return user_data_path("anonpipe", appauthor=False) / "models"


def installed(name: str) -> bool:
    """Whether a known model's files are all there with the right sizes; reads no content."""
    spec = load_manifest().get(name)
    if spec is None:
        return False
    home = models_dir() / name
    try:
        return all((home / file.path).stat().st_size == file.size for file in _expected(spec, home))
    except (OSError, ModelError):
        return False


def resolve(name_or_path: str | Path) -> Path:
    """The folder of an installed model, every file of it compared with its digest.

    Takes a name of the manifest, or the path of a folder that holds a CTranslate2 or a spaCy
    model of the user's own, which has no digests to compare with.
    Raises ModelError when the model is missing, incomplete or not what it should be.
    """
    spec = load_manifest().get(str(name_or_path))
    if spec is None:
        return _own_folder(Path(name_or_path))
    home = models_dir() / spec.name
    if not home.is_dir():
        raise ModelError(
            f"The model {spec.name} is not installed: run `anonpipe models install {spec.name}`."
        )
    if problem := mismatch(home, _expected(spec, home)):
        raise ModelError(
            f"The model {spec.name} is damaged ({problem}): "
            f"run `anonpipe models install {spec.name}` to install it anew."
        )
    return home


def digest(name_or_path: str | Path) -> str:
    """Sixteen hex digits that stand for all files of a model, for the log.

    For a known model they come from the digests that `resolve` compares with; for a folder of
    the user's own, from its files.
    """
    spec = load_manifest().get(str(name_or_path))
    if spec is None:
        return folder_digest(_own_folder(Path(name_or_path)))
    return _digest(_expected(spec, models_dir() / spec.name))


def folder_digest(folder: Path) -> str:
    """The same of the files of any folder. Raises ModelError when one cannot be read."""
    return _digest(record(folder))


def _digest(files: Iterable[ModelFile]) -> str:
    lines = sorted(f"{file.sha256}  {file.path}\n" for file in files)
    return hashlib.sha256("".join(lines).encode()).hexdigest()[:16]


def _expected(spec: ModelSpec, home: Path) -> tuple[ModelFile, ...]:
    """The files to compare with: the manifest's, or those recorded at the first installation."""
    if spec.pinned:
        return spec.files
    try:
        data = json.loads((home / RECORD).read_text(encoding="utf-8"))
        return tuple(ModelFile(**file) for file in data["files"])
    except (OSError, ValueError, KeyError, TypeError):
        raise ModelError(
            f"The model {spec.name} is not installed, or lacks the record of its digests: "
            f"run `anonpipe models install {spec.name}`."
        ) from None


def _own_folder(path: Path) -> Path:
    folder = path.expanduser()
    if not folder.is_dir():
        raise ModelError(
            f"{path} is neither a model that anonpipe knows nor a folder: "
            "see `anonpipe models list`, or name the folder of a model."
        )
    if (folder / "config.cfg").is_file() and (folder / "meta.json").is_file():
        return folder.resolve()
    # Without tokenizer.json, faster-whisper would look for one on the network.
    for needed in ("model.bin", "config.json", "tokenizer.json"):
        if not (folder / needed).is_file():
            raise ModelError(
                f"{path} holds no CTranslate2 or spaCy model ({needed} is missing): "
                "name the folder of one, or see `anonpipe models list`."
            )
    return folder.resolve()


def install(
    name: str,
    *,
    source: Path | None = None,
    revision: str | None = None,
    progress: Progress | None = None,
) -> Path:
    """Install a model from the first of its sources that can serve it; returns its folder.

    `source` is a folder with the files, used instead of the manifest's sources. `revision` is
    the hub commit of a model that is not pinned. Files are gathered beside their destination,
    compared with their digests, and moved into place in one step, so that a model is there
    whole or not at all; what an interrupted installation left is removed by the next. A second
    installation of the same model at the same time waits for the first.
    Raises UsageError for a wrong revision, ModelError for everything else.
    """
    from anonpipe import model_sources

    spec = load_manifest().get(name)
    if spec is None:
        raise ModelError(f"There is no model called {name}: see `anonpipe models list`.")
    spec = _with_revision(spec, revision)
    given = source or revision or os.environ.get(model_sources.FOLDER_VARIABLE)
    if not spec.pinned and not given:
        assert spec.hub is not None
        raise ModelError(
            f"anonpipe knows no digests for {name}: run `anonpipe models install {name} "
            f"--revision {spec.hub.revision}` to fetch that revision and record its digests "
            "as they come, or give a folder with --from."
        )
    home = models_dir()
    try:
        home.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ModelError(f"{home} cannot be created: {cause(error)}.") from None
    with lock(home / f".{name}.lock", wait=LOCK_WAIT_SECONDS, error=ModelError):
        target = home / name
        if source is None and revision is None and spec.pinned and installed(name):
            with contextlib.suppress(ModelError):
                return resolve(name)  # another process was faster
        with _staging(home, name) as staging:
            files = staging / "files"
            files.mkdir()
            model_sources.fetch(spec, files, staging / "work", folder=source, progress=progress)
            if not spec.pinned:
                _write_record(spec, files, revision)
            _put_in_place(files, target, staging / "old")
    return target


def _with_revision(spec: ModelSpec, revision: str | None) -> ModelSpec:
    if revision is None:
        return spec
    if not REVISION.fullmatch(revision):
        raise UsageError(f"{revision} is no revision: give all 40 hex digits of a commit.")
    if spec.pinned or spec.hub is None:
        raise UsageError(f"{spec.name} is pinned to its digests: leave --revision out.")
    hub = replace(spec.hub, revision=revision)
    return replace(spec, sources=tuple(hub if s is spec.hub else s for s in spec.sources))


@contextlib.contextmanager
def _staging(home: Path, name: str) -> Iterator[Path]:
    """A fresh folder on the same disk; the lock is held, so older ones are leftovers."""
    prefix = f".{name}.staging-"
    try:
        for leftover in home.glob(f"{prefix}*"):
            shutil.rmtree(leftover)
        staging = Path(tempfile.mkdtemp(prefix=prefix, dir=home))
    except OSError as error:
        raise ModelError(f"{home} cannot be written: {cause(error)}.") from None
    try:
        yield staging
    except OSError as error:
        raise ModelError(f"{name} cannot be installed in {home}: {cause(error)}.") from None
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def _write_record(spec: ModelSpec, files: Path, revision: str | None) -> None:
    found = [
        {"path": file.path, "size": file.size, "sha256": file.sha256} for file in record(files)
    ]
    data = {"name": spec.name, "revision": revision, "files": found}
    (files / RECORD).write_text(json.dumps(data, indent=1) + "\n", encoding="utf-8")


def _put_in_place(files: Path, target: Path, old: Path) -> None:
    for path in [*files.rglob("*")]:
        if path.is_dir():
            sync_folder(path)
        else:
            path.chmod(0o644)
            fd = os.open(path, os.O_RDONLY)
            try:
                sync(fd)
            finally:
                os.close(fd)
    sync_folder(files)
    if target.exists():
        target.rename(old)
    files.rename(target)
    sync_folder(target.parent)
