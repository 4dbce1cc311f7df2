"""What `anonpipe demo` prints: the files of a folder, and what went in beside what came out."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.markup import escape
from rich.table import Table
from rich.text import Text
from rich.tree import Tree

from anonpipe.codes import code_spans

TURNS_SHOWN = 7
CODE_STYLE = "bold green"
NAME_STYLE = "bold red"


def tree(folder: Path, title: str) -> Tree:
    """The files of a folder, hidden ones left out."""
    root = Tree(f"[bold]{escape(folder.name)}/[/]  [dim]{title}[/]", guide_style="dim")

    def grow(branch: Tree, path: Path) -> None:
        for child in sorted(path.iterdir(), key=lambda item: (item.is_dir(), item.name)):
            if child.name.startswith("."):
                continue
            if child.is_dir():
                grow(branch.add(f"{escape(child.name)}/"), child)
            else:
                branch.add(escape(child.name))

    grow(root, folder)
    return root


def side_by_side(
    title: str,
    before: Sequence[dict[str, Any]],
    mentions: Sequence[dict[str, Any]],
    after: Sequence[dict[str, Any]],
    entities: Sequence[Any],
) -> Table:
    """The first turns of a source, names marked on the left and codes on the right."""
    table = Table(title=escape(title), title_style="bold", expand=True, pad_edge=False, box=None)
    table.add_column("went in", ratio=1, header_style="dim")
    table.add_column("came out", ratio=1, header_style="dim")
    participants = {entity.participant for entity in entities if entity.participant}
    for index, (raw, coded) in enumerate(list(zip(before, after, strict=False))[:TURNS_SHOWN]):
        left = Text(raw["text"])
        for mention in mentions:
            if mention["turn"] == index:
                left.stylize(NAME_STYLE, mention["start"], mention["end"])
        right = Text(coded["text"])
        for start, end, _ in code_spans(coded["text"]):
            right.stylize(CODE_STYLE, start, end)
        for participant in participants:
            right.highlight_words([participant], CODE_STYLE)
        table.add_row(_labelled(raw["speaker"], left), _labelled(coded["speaker"], right))
        table.add_row("", "")
    return table


def _labelled(speaker: str, text: Text) -> Text:
    return Text.assemble((f"{speaker}: ", "dim"), text) if speaker else text
