"""Make the pictures of REVIEW.md anew: the review of the sample study in this machine's chromium.

    pip install -e '.[test,browser]' && python docs/pictures/make.py

No speech model is needed: what the recordings say was heard once (tests/data/sample_study).
"""

from __future__ import annotations

import io
import sys
import tempfile
from fractions import Fraction
from pathlib import Path

import av

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parents[1]))

from playwright.sync_api import Page, sync_playwright  # noqa: E402

from tests.browser import studies  # noqa: E402
from tests.browser.conftest import ARGUMENTS, chromium  # noqa: E402
from tests.browser.reading import Reading  # noqa: E402
from tests.browser.serving import Server  # noqa: E402

SCREEN = {"width": 1280, "height": 760}
LARGEST = 150_000
COLOURS = 160


def smaller(png: bytes) -> bytes:
    """The same picture with a palette, a third of the size. Raises ValueError if it stays large."""
    with av.open(io.BytesIO(png)) as container:
        frame = next(container.decode(video=0)).reformat(format="rgba")
    graph = av.filter.Graph()
    source = graph.add_buffer(
        width=frame.width, height=frame.height, format="rgba", time_base=Fraction(1, 25)
    )
    split, palette = graph.add("split"), graph.add("palettegen", f"max_colors={COLOURS}")
    use, sink = graph.add("paletteuse", "dither=none"), graph.add("buffersink")
    source.link_to(split)
    split.link_to(palette, 0, 0)
    split.link_to(use, 1, 0)
    palette.link_to(use, 0, 1)
    use.link_to(sink)
    graph.configure()
    graph.push(frame)
    graph.push(None)
    drawn = graph.pull()
    encoder = av.CodecContext.create("png", "w")
    encoder.width, encoder.height, encoder.pix_fmt = frame.width, frame.height, "pal8"
    encoder.time_base = Fraction(1, 25)
    encoder.options = {"pred": "none", "compression_level": "9"}
    drawn.pts = None
    data = b"".join(bytes(packet) for packet in (*encoder.encode(drawn), *encoder.encode(None)))
    if len(data) > LARGEST:
        raise ValueError(f"{len(data)} bytes are too many for a picture: show less")
    return data


def keep(page: Page, name: str) -> None:
    """Write what a page shows now as a picture."""
    page.mouse.move(0, 0)
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(300)
    data = smaller(page.screenshot(animations="disabled", caret="hide"))
    (HERE / f"{name}.png").write_bytes(data)
    print(f"{name}.png {len(data) // 1000} kB")


def overview(page: Page, server: Server) -> None:
    page.goto(server.url("/"))
    keep(page, "overview")


def interview(page: Page, server: Server) -> None:
    reading = Reading(page, server)
    page.locator("#queue .item").filter(has_text="David").click()
    keep(page, "interview")
    reading.mention("52 years old").focus()
    reading.press("g")
    page.wait_for_selector("#card [role=option]")
    keep(page, "form")
    reading.press("Escape")


def risk(page: Page, server: Server) -> None:
    page.goto(server.url("/risk"))
    page.get_by_text("Count codes too").click()  # else the sample study has nothing to show
    keep(page, "risk")


def signing(page: Page, server: Server) -> None:
    page.goto(server.url("/interviews/R01/sign"))
    page.wait_for_selector("#reviewer", timeout=60_000)
    keep(page, "signing")


def main() -> None:
    path = chromium()
    if path is None:
        sys.exit("There is no chromium on the PATH: install one first.")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        top = Path(folder)
        study = studies.sample(top / "study")
        server = Server(study.folder, top / "home", "--language", "en")
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        page = browser.new_context(viewport=SCREEN, locale="en-GB", color_scheme="light").new_page()
        page.goto(server.address)
        for picture in (overview, interview, risk, signing):
            picture(page, server)
        browser.close()
        server.stop()


if __name__ == "__main__":
    main()
