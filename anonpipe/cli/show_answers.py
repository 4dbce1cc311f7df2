"""Answers to the officer's questions and checked receipts, on a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from rich.markup import escape
from rich.table import Table as Grid

from anonpipe.answers.model import Answer, Cell, Mono, Stamp, Table, both_times
from anonpipe.cli.console import grid, out
from anonpipe.receipt_check import PROBLEMS, Checked

MARKS = {"good": "[green]✓[/]", "attention": "[bold red]![/]", "note": "[cyan]·[/]"}


def answers(found: Sequence[Answer], *, whole: bool) -> None:
    """Answers with notes and tables if they are to be shown `whole`, else two lines each.

    The first column of the short form is the command that gives the whole answer.
    """
    if whole:
        for answer in found:
            out.print(f"[dim]{escape(answer.question)}[/]")
            out.print(f"{MARKS[answer.standing]} {escape(_plain(answer.verdict))}")
            for note in answer.notes:
                out.print(f"[dim]{escape(_plain(note))}[/]")
            for table in answer.tables:
                _table(table)
        return
    short = Grid.grid(padding=(0, 1))
    for answer in found:
        said = f"[dim]{escape(answer.question)}[/]\n{escape(_plain(answer.verdict))}"
        short.add_row(MARKS[answer.standing], f"[bold]{answer.name}[/]", said)
    out.print(short)


def _plain(words: str) -> str:
    return words.replace("`", "")


def _table(table: Table) -> None:
    out.print(f"\n[bold]{escape(table.caption)}[/]")
    shown = grid(*table.columns)
    for row in table.rows:
        shown.add_row(*map(_cell, row))
    out.print(shown)


def _cell(cell: Cell) -> str:
    if isinstance(cell, Stamp):
        utc, local = both_times(cell.time, datetime.now().astimezone().tzinfo or UTC)
        return f"{utc} [dim]({local})[/]" if local else utc
    return escape(cell.text if isinstance(cell, Mono) else cell)


def receipts(found: Iterable[Checked]) -> None:
    """The result for each receipt, and for all."""
    items = tuple(found)
    for item in items:
        if item.sound:
            out.print(f"[green]✓[/] {item.name}")
            continue
        said = "; ".join(PROBLEMS[problem] for problem in item.problems)
        where = f" ({', '.join(item.fields)})" if item.fields else ""
        out.print(f"[bold red]![/] {escape(item.name)}: {escape(said + where)}.")
    wrong = sum(not item.sound for item in items)
    if not items:
        out.print("There are no receipts, and the log knows of none.")
    elif wrong:
        out.print(f"[bold red]{wrong} of {len(items)} receipts do not fit the log.[/]")
    else:
        out.print(f"[green]All {len(items)} receipts are signed and fit the log.[/]")
