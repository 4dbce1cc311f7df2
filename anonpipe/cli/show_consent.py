"""What the commands about consent and retention print for people."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from anonpipe.consent_check import Finding
from anonpipe.due import Due

out = Console(highlight=False)

STATUS = {
    "due": "[dim]due[/]",
    "overdue": "[bold red]overdue[/]",
    "waits-for-review": "[yellow]waits for review[/]",
    "waits-for-transcription": "[yellow]waits for transcription[/]",
}


def due(items: Sequence[Due]) -> None:
    """One line for each thing that has to go."""
    if not items:
        out.print("Nothing has to go.")
        return
    table = Table(box=None, pad_edge=False, header_style="dim")
    for column in ("from", "source", "participant", "what", "state", "rule"):
        table.add_column(column, overflow="fold")
    for item in items:
        status = STATUS[item.status]
        if item.status == "overdue" and item.waits:
            status += f", waits for {item.waits}"
        day = item.on.isoformat() if item.on else ("" if item.waits else "at once")
        table.add_row(
            day, item.source or "-", "+".join(item.participants), item.what, status, item.rule
        )
    out.print(table)


def findings(items: Sequence[Finding], register: str) -> None:
    """One sentence for each finding, what is wrong first."""
    for item in items:
        colour = "red" if item.is_wrong else "dim"
        out.print(f"[{colour}]{escape(sentence(item, register))}[/]")
    if not any(item.is_wrong for item in items):
        out.print("[green]The register and the study agree.[/]")


def sentence(item: Finding, register: str) -> str:
    """What was found and what to do."""
    who = "+".join(item.participants)
    subject = f"{item.source} of {who}" if item.source else item.file or f"A file of {who}"
    if item.source and item.file:
        subject += f" ({item.file})"
    what = " and ".join(item.what)
    row = f"{register}, row {item.row}"
    columns = " and ".join(item.columns)
    match item.kind:
        case "no-row":
            return f"{subject} has no row in {register}: add one, or delete the {what}."
        case "no-consent":
            return (
                f"{row}, column consented_on: {who} has not consented"
                + (f" before {item.on}" if item.on else "")
                + ", and the study holds something of theirs: enter the date of the signed form, "
                "or delete what is there."
            )
        case "withdrawn":
            return (
                f"{who} withdrew on {item.on}, and the {what} of {subject} is still there: "
                "run `anonpipe withdraw`."
            )
        case "withdrawn-ahead":
            return f"{row}, column withdrawn_on: {item.on} lies ahead; correct the date."
        case "expired":
            return (
                f"{subject}: the {what} had to be gone by {item.on} ({item.rule}): "
                "run `anonpipe retention run`."
            )
        case "not-carried-out":
            since = f" since {item.on}" if item.on else ""
            return (
                f"{subject}: the {what} should be gone{since} ({item.rule}): "
                "`anonpipe consent due` says what it waits for, `anonpipe retention run` does it."
            )
        case "loosened":
            where = f"{row}, column {columns}" if item.row else register
            how = "promises less than before" if item.row else "has no row any more"
            return (
                f"{where}: {who} {how}: put it back, or accept it with an approval "
                "(--accept-change --approval REFERENCE)."
            )
        case "changed":
            how = "is new or has changed" if item.row else "has gone"
            return f"{row if item.row else register}: the row of {who} {how}; the next run logs it."
        case "no-file":
            return f"{row}: nothing of {who} is in the study."
