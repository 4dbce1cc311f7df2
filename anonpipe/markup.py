"""Building HTML and SVG from values, so that no text can ever become markup.

`tag` escapes every string that is not `Markup` already, and only this module makes `Markup`.
Characters that do not print (controls, and those that turn the direction of writing) would let
a setting of the study disguise what stands beside it: they are shown as U+FFFD.
"""

from __future__ import annotations

import html
import re
import unicodedata
from typing import Final

_VOID: Final = frozenset(("br", "hr", "meta", "link", "col", "img"))
_NAME: Final = re.compile(r"[a-zA-Z][a-zA-Z0-9:-]*")
# Cc, Cf (bidirectional controls, zero width), Cs, Co, Cn; a soft hyphen is harmless.
_HIDDEN: Final = frozenset(("Cc", "Cf", "Cs", "Co", "Cn"))
_HARMLESS: Final = frozenset("\n\t\u00ad")


class Markup(str):
    """Text that is markup already and is not escaped again."""

    __slots__ = ()


Child = str | None
Attribute = str | int | float | bool | None


def text(value: str) -> Markup:
    """A string as it may stand between tags and in attributes."""
    shown = "".join(
        c if c in _HARMLESS or unicodedata.category(c) not in _HIDDEN else "\ufffd" for c in value
    )
    return Markup(html.escape(shown, quote=True))


def tag(name: str, /, *children: Child, **attributes: Attribute) -> Markup:
    """An element; `class_` stands for class, and _ in a name for -.

    None and False leave an attribute or a child out, True gives an attribute without value.
    """
    parts = [name]
    for key, value in attributes.items():
        attribute = key.rstrip("_").replace("_", "-")
        if not _NAME.fullmatch(attribute):
            raise ValueError("no name of an attribute")
        if value is None or value is False:
            continue
        parts.append(attribute if value is True else f'{attribute}="{_value(value)}"')
    opening = f"<{' '.join(parts)}>"
    if name in _VOID:
        return Markup(opening)
    return Markup(f"{opening}{join(*children)}</{name}>")


def join(*children: Child) -> Markup:
    """Children one after the other, each escaped unless it is markup."""
    return Markup(
        "".join(c if isinstance(c, Markup) else text(c) for c in children if c is not None)
    )


def raw(trusted: str) -> Markup:
    """Markup of the program's own, such as its style sheet; never for what comes from a file."""
    return Markup(trusted)


def _value(value: str | int | float) -> str:
    if isinstance(value, str):
        return value if isinstance(value, Markup) else text(value)
    return f"{value:.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)
