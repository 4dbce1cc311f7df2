"""How `anonpipe speakers` shows who speaks."""

from __future__ import annotations

from collections.abc import Sequence

from rich.markup import escape

from anonpipe.cli.console import amount, grid, out
from anonpipe.who_speaks import Speakers


def speakers(found: Sequence[Speakers]) -> None:
    """One row a speaker; what a person should look at is told, no text is shown."""
    if not found:
        out.print("No source has a transcript yet.")
        return
    table = grid("source", "speaker", "minutes", "words", "share", "asks", "turns", "look at")
    for source in found:
        for index, each in enumerate(source.speakers):
            doubts = (
                "" if source.sure or index else "who is who",
                f"{amount(each.overlaps, 'word')} with another" if each.overlaps else "",
                f"{amount(each.doubts, 'word')} in doubt" if each.doubts else "",
            )
            table.add_row(
                f"[bold]{source.id}[/]" if not index else "",
                escape(each.label) or "[dim](no label)[/]",
                "" if each.minutes is None else f"{each.minutes:.1f}",
                str(each.words),
                f"{each.share:.0%}",
                str(each.questions),
                str(each.turns),
                f"[yellow]{', '.join(filter(None, doubts))}[/]" if any(doubts) else "",
            )
    out.print(table)
    fixed = [source.id for source in found if not source.changeable]
    if fixed:
        out.print(
            f"Speakers of {', '.join(fixed)} cannot be changed here: the raw transcript is gone.",
            style="dim",
        )
