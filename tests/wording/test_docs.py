"""What the page for people shows is what is written."""

from __future__ import annotations

import re
from pathlib import Path

from anonpipe.transcript import Transcript, Turn
from anonpipe.wording.clean import clean

PAGE = Path(__file__).parents[2] / "docs" / "WRITING.md"


def test_examples_of_clean() -> None:
    table = PAGE.read_text(encoding="utf-8").partition("| heard | clean |")[2].partition("\n\n")[0]
    rows = re.findall(r"^\| (?!-)(.+?) \| (.+?) \|$", table, re.MULTILINE)
    assert len(rows) >= 4
    for heard, wanted in rows:
        language = "en" if heard.startswith("Um") else "nb"
        assert clean(Transcript((Turn(heard),), language), language).turns[0].text == wanted


def test_words_that_stay() -> None:
    page = PAGE.read_text(encoding="utf-8")
    paragraph = page.partition("What stays, because")[2].partition("\n\n")[0].replace("\n", " ")
    nb, en = re.findall(r"«([^»…]+)»", paragraph), re.findall(r"“([^”]+)”", paragraph)
    assert len(nb) >= 6 and len(en) >= 2
    for language, texts in (("nb", nb), ("en", en)):
        for text in texts:
            assert clean(Transcript((Turn(text),), language), language).turns[0].text == text
