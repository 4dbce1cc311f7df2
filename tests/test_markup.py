"""No text becomes markup, whatever it is."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anonpipe.markup import join, raw, tag, text


class Seen(HTMLParser):
    """What a browser would see: elements, attributes and text."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.words = ""
        self.feed(source)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.words += data


printing = st.text(st.characters(exclude_categories=("Cc", "Cf", "Cs", "Co", "Cn")))


@given(printing, printing)
def test_what_goes_in_as_text_comes_out_as_text(inside: str, attribute: str) -> None:
    seen = Seen(tag("p", inside, title=attribute))
    assert [name for name, _ in seen.elements] == ["p"]
    assert seen.elements[0][1] == {"title": attribute}
    assert seen.words == inside


@pytest.mark.parametrize("hostile", ["<script>", '"><img src=x onerror=y>', "</p>", "&lt;", "'"])
def test_known_tricks(hostile: str) -> None:
    seen = Seen(tag("p", tag("b", hostile), join(hostile), data_x=hostile))
    assert [name for name, _ in seen.elements] == ["p", "b"]
    assert seen.words == hostile * 2


@pytest.mark.parametrize("hidden", ["\x00", "\x1b", "\u202e", "\u2066", "\u200b", "\ud800"])
def test_what_does_not_print_is_shown_as_such(hidden: str) -> None:
    assert text(f"a{hidden}b") == "a\ufffdb"


def test_attributes() -> None:
    assert tag("td", class_="a", data_label="b") == '<td class="a" data-label="b"></td>'
    assert tag("td", None, hidden=True, open=False, title=None) == "<td hidden></td>"
    assert tag("circle", r=2.50, cx=3.14159) == '<circle r="2.5" cx="3.14"></circle>'
    assert tag("br") == "<br>"
    assert tag("style", raw("a>b{}")) == "<style>a>b{}</style>"
    with pytest.raises(ValueError, match="attribute"):
        tag("p", **{"x onload=": "y"})
