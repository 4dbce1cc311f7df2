"""What `anonpipe models` prints."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from rich.markup import escape
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)

from anonpipe.cli.console import err, grid, out
from anonpipe.errors import AnonpipeError
from anonpipe.models import ModelSpec


def models(specs: Iterable[ModelSpec], installed: Callable[[str], bool]) -> None:
    """The known models."""
    table = grid("model", "for", "languages", "size", "licence", "", fold=False)
    for spec in specs:
        table.add_row(
            f"[bold]{spec.name}[/]",
            spec.task,
            " ".join(spec.languages),
            f"{spec.size / 1e6:,.0f} MB" if spec.size else "",
            spec.licence,
            "[green]installed[/]" if installed(spec.name) else "",
        )
    out.print(table)


def install(name: str, *, source: Path | None = None, revision: str | None = None) -> None:
    """Install one model with a bar of bytes."""
    from anonpipe import models as rooms

    if source is None and rooms.installed(name):
        try:
            rooms.resolve(name)
        except AnonpipeError:
            err.print(f"{name} is damaged and is installed anew.", style="yellow")
        else:
            err.print(f"{name} is installed.", style="dim")
            return
    shown = Progress(
        TextColumn("{task.description}"),
        BarColumn(bar_width=24),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(compact=True),
        console=err,
        transient=True,
    )
    with shown:
        task = shown.add_task(f"installing {name}", total=None)

        def moved(done: int, total: int) -> None:
            shown.update(task, completed=done, total=total)

        options: dict[str, Any] = {} if revision is None else {"revision": revision}
        path = rooms.install(name, source=source, progress=moved, **options)
    err.print(f"{name} is installed in {escape(str(path))}.", style="dim")
