"""The terminal that all commands print to, and the forms that their tables have."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table

from anonpipe.status import Material

out = Console(highlight=False)
err = Console(stderr=True, highlight=False)


def grid(*columns: str, fold: bool = True) -> Table:
    """A table with a head; with `fold` long cells go on in the next line, else they are cut."""
    table = Table(box=None, pad_edge=False, header_style="dim")
    for column in columns:
        table.add_column(column, overflow="fold" if fold else "ellipsis")
    return table


def pairs() -> Table:
    """A table of names and values, without a head."""
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(style="dim")
    table.add_column(overflow="fold")
    return table


def material(found: Material) -> None:
    """What the material of the study may be called."""
    out.print(found.line("en"), style="dim", soft_wrap=True)


def amount(count: int, noun: str) -> str:
    """A number with its noun: 1 file, 2 files."""
    return f"{count} {noun}{'' if count == 1 else 's'}"
