"""What `withdraw` and `subject` print: codes, ids and counts."""

from __future__ import annotations

from rich.markup import escape
from rich.table import Table

from anonpipe.cli.show import amount, out
from anonpipe.subject.rectifying import Detail
from anonpipe.withdrawal.paper import reach
from anonpipe.withdrawal.plan import Plan
from anonpipe.withdrawal.standing import ADVICE, Standing

KINDS = {"audio": "recording", "text": "document"}


def withdrawal_plan(plan: Plan) -> None:
    """What a withdrawal will do, before it is agreed to."""
    if plan.empty:
        out.print(f"Nothing is left to do for {plan.participant}.")
        return
    out.print(
        f"[bold]Withdrawal of {plan.participant}[/], on {plan.on}. All of this goes for good:"
    )
    if plan.sources:
        table = Table(box=None, pad_edge=False, header_style="dim")
        for column in ("source", "", "originals", "with"):
            table.add_column(column)
        for source in plan.sources:
            table.add_row(
                f"[bold]{source.id}[/]",
                KINDS[source.kind] + (", never processed" if source.new else ""),
                str(source.files) if source.files else "gone before",
                "+".join(source.with_others),
            )
        out.print(table)
    shared = [source.id for source in plan.sources if source.with_others]
    if shared:
        out.print(
            f"[yellow]{', '.join(shared)} also hold other participants. What several people said "
            "together cannot be separated: all of it goes.[/]"
        )
    out.print(
        f"{len(plan.made)} files made of them (transcripts, bleeped copies, sealed working files)"
        f" and {len(plan.entries)} entries of the key."
    )
    for name, rewrite in plan.rewrites.items():
        raw = f", {rewrite.raw} turns of the sealed raw transcript" if rewrite.raw else ""
        where = name or "copies beside the transcripts"
        if rewrite.places or rewrite.raw:
            out.print(
                f"In {where}, {amount(rewrite.places, 'code')} will link to nobody{raw}.",
                highlight=False,
            )
    for participant in plan.cells:
        out.print(f"The patterns of {participant} in the register lose what matched only these.")
    if plan.open_questions:
        out.print(
            f"[yellow]The key does not say who {plan.participant} is. These people occur in their "
            f"sources and in others': {', '.join(plan.open_questions)}.[/]"
        )
    if plan.left:
        out.print("The program cannot reach:")
        for left in plan.left:
            values = {"code": left.code, "count": left.count, "ids": left.ids}
            out.print(f"  - {escape(reach(values, 'en'))}")


def standing(found: Standing) -> None:
    """Whether a withdrawal is complete, or what is left."""
    if found.complete:
        out.print(
            f"[green]The withdrawal of {found.participant} is complete[/] "
            f"(withdrawn {found.withdrawn_on}, carried out {found.completed_at})."
        )
        return
    out.print(f"[red]The withdrawal of {found.participant} is not complete:[/]")
    for thing in found.left:
        which = f" ({', '.join(thing.ids)})" if thing.ids else ""
        count = f" {thing.count}" if thing.count > 1 and not thing.ids else ""
        out.print(f"  - {ADVICE[thing.kind]}{which}{count}")


def correction(plan: Detail) -> None:
    """The lines that a correction of words changes, as they are now."""
    for line in plan.lines:
        out.print(f"[bold]{line.source}[/] line {line.line}  [dim]{escape(line.text)}[/]")
    for name, rewrite in plan.rewrites.items():
        raw = f", {rewrite.raw} in the sealed raw transcript" if rewrite.raw else ""
        files = amount(len(rewrite.outputs), "file")
        out.print(f"{name}: {amount(rewrite.places, 'place')} in {files}{raw}.")
    if plan.damaged:
        out.print(f"[yellow]{plan.damaged} outputs are damaged and stay as they are.[/]")
