"""What the commands about consent and retention print for people."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

from rich.markup import escape

from anonpipe.cli import complain
from anonpipe.cli.console import out
from anonpipe.consent import EXPIRY
from anonpipe.consent_check import Finding
from anonpipe.due import NO_ROW, WITHDRAWN, Due, together

if TYPE_CHECKING:  # it brings everything that a run needs
    from anonpipe.retention import Result

NAMES = {
    "audio": "recording",
    "document": "document",
    "sealed": "sealed raw transcript",
    "bleeped": "bleeped copy",
    "transcript": "transcript",
}
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
    rows = [("from", "source", "participant", "what", "rule", "state")]
    for item in items:
        day = item.on.isoformat() if item.on else ("" if item.waits else "at once")
        state = STATUS[item.status]
        if item.status == "overdue" and item.waits:
            state += f", waits for {item.waits}"
        who = "+".join(item.participants)
        rows.append((day, item.source or "-", who, NAMES[item.what], item.rule, state))
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]) - 1)]
    for row in rows:
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=False)]
        style = "dim" if row is rows[0] else ""
        out.print("  ".join([*cells, row[-1]]), style=style, soft_wrap=True)


def findings(items: Sequence[Finding], register: str) -> None:
    """One sentence for each finding, what is wrong first."""
    for item in items:
        colour = "red" if item.is_wrong else "dim"
        out.print(f"[{colour}]{escape(sentence(item, register))}[/]", soft_wrap=True)
    if not any(item.is_wrong for item in items):
        out.print("[green]The register and the study agree.[/]")


def sentence(item: Finding, register: str) -> str:
    """What was found and what to do."""
    who = "+".join(item.participants)
    subject = f"{item.source} of {who}" if item.source else item.file or f"A file of {who}"
    if item.source and item.file:
        subject += f" ({item.file})"
    what = things(item.what)
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
        case "expired" | "not-carried-out":
            return _overdue(subject, what, item.on, item.rule, item.waits, item.source)
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


def retention(result: Result, *, dry_run: bool) -> None:
    """What was deleted, and on standard error what is left and why; nothing if there is neither."""
    for item in result.done:
        verb = "would go" if dry_run else "deleted"
        what = things(item.what)
        out.print(
            f"[bold]{item.source}[/]  {'+'.join(item.participants)}  {what} {verb}  "
            f"[dim]{item.rule}[/]",
            soft_wrap=True,
        )
    retention_left(result)


def retention_left(result: Result) -> None:
    """One sentence on standard error for each thing that should be gone and is not."""
    if result.doubt:
        complain(result.doubt)
    for sentence in result.failed:
        complain(sentence)
    for item, what in together(result.left):
        who = "+".join(item.participants)
        subject = f"{item.source} of {who}" if item.source else f"A file of {who}"
        complain(_overdue(subject, things(what), item.on, item.rule, item.waits, item.source))


def things(what: Sequence[str]) -> str:
    """What has to go, in words."""
    return " and ".join(NAMES[name] for name in what)


def _overdue(
    subject: str, what: str, on: date | None, rule: str, waits: str | None, source: str | None
) -> str:
    """Why something that should be gone is still there, and what to do."""
    since = f"had to be gone by {on}" if on else "should be gone"
    start = f"{subject}: the {what} {since} ({rule})"
    if rule.startswith(WITHDRAWN):
        return f"{start}: run `anonpipe withdraw` for who withdrew."
    if rule.startswith(NO_ROW):
        return f"{start}: its participants have no row in the register; add one, or delete it."
    if waits == "review":
        return (
            f"{start} and waits for review: read the transcript and sign it off with "
            f"`anonpipe review --approve {source}`."
        )
    if waits == "transcription" and rule.startswith(EXPIRY):
        return f"{start}, and no transcript may be made any more: delete the file."
    if waits == "transcription":
        return (
            f"{start} and was never transcribed: run `anonpipe run`, which deletes it "
            "afterwards, or delete the file."
        )
    return f"{start}: run `anonpipe retention run`."
