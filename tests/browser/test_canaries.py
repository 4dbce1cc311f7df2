"""After a session nothing of what was said is on the disk, but in the key and the sealed files."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")

from tests.browser.conftest import ARGUMENTS, SCREEN, Serve, Watch, chromium
from tests.browser.reading import Reading
from tests.browser.serving import Server
from tests.browser.studies import CANARIES, Place

pytestmark = pytest.mark.long

PATTERNS = [
    (word, word.encode(coding)) for word in CANARIES for coding in ("utf-8", "utf-16-le", "latin-1")
]
SOUND = b"WAVEfmt "


def traces(folder: Path, but: tuple[Path, ...] = ()) -> list[str]:
    """Files that hold a name or a recording's sound, with what they hold."""
    found = []
    for path in folder.rglob("*"):
        if not path.is_file() or path.is_symlink() or any(path.is_relative_to(b) for b in but):
            continue
        data = path.read_bytes()
        held = [word for word, pattern in PATTERNS if pattern in data]
        held += [word for word in CANARIES if word in path.name]
        held += ["sound"] if SOUND in data else []
        if held:
            found.append(f"{path.relative_to(folder)}: {', '.join(sorted(set(held)))}")
    return found


def test_the_search_finds_what_it_is_for(tmp_path: Path) -> None:
    for number, data in enumerate(
        (b"x Peter Marshall y", "Ødegård".encode("utf-16-le"), b"RIFF____WAVEfmt ....", b"fine")
    ):
        (tmp_path / f"{number}").write_bytes(data)
    (tmp_path / "Solheim.txt").write_bytes(b"")
    assert len(traces(tmp_path)) == 4


@pytest.fixture
def short() -> Iterator[Path]:
    """A folder for the browser's temporary files, among them a socket, whose path must be short."""
    folder = Path(tempfile.mkdtemp(prefix="ap-"))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


def work(reading: Reading) -> None:
    """Something of everything: text, sound, forms, a correction, other pages, a signature."""
    reading.take("Peter Marshall")
    with reading.page.expect_response(lambda r: "/sound?" in r.url):
        reading.press(" ")
    reading.page.wait_for_timeout(400)
    reading.press("Escape")
    reading.take("Riverside Family Center")
    reading.press("o")
    reading.fill("Riverside Family Centre")
    reading.decide("Enter")
    reading.take("Helen Carter")
    reading.press("k")
    reading.page.wait_for_timeout(200)
    reading.press("Escape")
    reading.decide("n")
    reading.page.get_by_role("button", name="Side by side").click()
    document = Reading(reading.page, reading.server, "D01")
    document.take("Kari Nordmo")
    document.decide("n")
    page, server = reading.page, reading.server
    for path in ("/", "/risk", "/risk/P01", "/interviews/R02/sign"):
        page.goto(server.url(path))
        page.wait_for_load_state("networkidle")
    page.go_back()
    page.go_forward()


@pytest.mark.parametrize("end", ["quit", "killed"])
def test_nothing_of_a_session_is_left_on_the_disk(
    sample: Place,
    serve: Serve,
    playwright: Any,
    watch: Watch,
    tmp_path: Path,
    short: Path,
    end: str,
) -> None:
    profile = tmp_path / "profile"
    watch.expected = ("error: Failed to load resource: net::ERR", "script: Failed to fetch")
    server: Server = serve(sample)
    context = playwright.chromium.launch_persistent_context(
        str(profile),
        executable_path=chromium(),
        args=[*ARGUMENTS, "--disk-cache-size=100000000"],
        viewport=SCREEN,
        locale="en-GB",
        env={**os.environ, "TMPDIR": str(short)},
        # As people's browsers are: pages may be kept for the button «back».
        ignore_default_args=["--disable-back-forward-cache"],
    )
    watch.of(context)
    page = context.pages[0] if context.pages else context.new_page()
    page.goto(server.address)
    work(Reading(page, server))
    # While it is open, and after it was closed or killed.
    assert not traces(profile)
    if end == "killed":
        server.kill()
    else:
        server.stop()
    page.wait_for_timeout(500)
    context.close()
    assert (profile / "Default" / "History").is_file()  # it is a profile, and was in use
    assert not traces(profile)
    assert not traces(tmp_path / "home") and not traces(short)
    own = tuple(sample.folder / name for name in ("recordings", "documents", "transcripts"))
    assert not traces(sample.folder, but=own)
    assert not [word for word in CANARIES if word in "".join(server.said)]
