"""What axe-core finds on a page: nothing serious may be wrong for people who cannot see it well."""

from __future__ import annotations

from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

GRAVE = ("serious", "critical")
STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
OPTIONS = {
    "resultTypes": ["violations"],
    "runOnly": {"type": "tag", "values": STANDARDS},
}


def violations(page: Page) -> list[dict[str, Any]]:
    """What is wrong with a page as it is shown now, each with its `impact` and `nodes`."""
    page.wait_for_load_state("load")  # of its style sheets, too
    found: list[dict[str, Any]] = Axe().run(page, options=OPTIONS).response["violations"]
    return found


def assert_accessible(page: Page) -> None:
    """Fail if something serious or critical is wrong; the rest is printed."""
    grave = []
    for found in violations(page):
        nodes = "; ".join(
            f"{node['target']}: {node.get('failureSummary', '').strip()}" for node in found["nodes"]
        )
        line = f"{found['impact']} {found['id']}: {found['help']} ({nodes[:600]})"
        if found["impact"] in GRAVE:
            grave.append(line)
        else:
            print(line)
    assert not grave, "\n".join([page.url.split("?")[0], *grave])
