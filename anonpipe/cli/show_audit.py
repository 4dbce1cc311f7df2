"""What `anonpipe audit` prints for people."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from rich.markup import escape

from anonpipe.audit import Entry
from anonpipe.checkpoint import Checkpoint, Verdict
from anonpipe.cli.console import grid, out
from anonpipe.schema_check import Census


def say(sentence: str) -> None:
    """A sentence in one line, however narrow the terminal, for programs that search."""
    out.print(sentence, soft_wrap=True)


def log(entries: Iterable[Entry]) -> None:
    """The log as a table, without the signatures, which `verify` checks."""
    table = grid("no.", "time (UTC)", "actor", "action", "source", "result", "details")
    signatures = 0
    for entry in entries:
        if entry.action == "signature":
            signatures += 1
            continue
        table.add_row(
            str(entry.seq),
            entry.time.removesuffix("Z").replace("T", " "),
            entry.actor[:8],
            entry.action,
            entry.subject or "",
            entry.result,
            "  ".join(f"[dim]{k}[/]={brief(v)}" for k, v in entry.details.items()),
        )
    out.print(table)
    if signatures:
        out.print(f"[dim]{signatures} signatures between them are not shown.[/]")


def brief(value: object) -> str:
    """Digests, keys and signatures shortened to what the eye compares; lists to their parts."""
    if isinstance(value, tuple):
        return "+".join(brief(item) for item in value) or "-"
    text = str(value)
    return f"{text[:8]}…" if len(text) >= 62 else text


def verdict(found: Verdict) -> None:
    """The verdict in its fixed words, then what it means."""
    for line in found.lines:
        out.print(line, style="bold green" if found.sound else "bold red", markup=False)
    if found.torn_bytes and found.sound:
        say("The last line was cut off by a crash; the next run clears it away.")
    summary = found.summary
    if summary is None:
        return
    say(f"{summary.count} entries from {summary.first} to {summary.last}.")
    if summary.signed_to:
        say(f"Signed up to entry {summary.signed_to} by {summary.signer}.")
    if summary.unsigned:
        say(
            f"[yellow]{_entries(summary.unsigned)} not signed yet[/]: whoever can write the log "
            "could have changed them. The next command that opens the key signs them."
        )
    for note in summary.notes:
        if "cut off" not in note:
            say(f"[yellow]{note}[/]")
    if found.before is None:
        say(
            "Only a checkpoint shows that nothing was cut off the end, or all of it written "
            "anew: `anonpipe audit checkpoint`."
        )


def checkpoint(file: Path, made: Checkpoint, unsigned: int) -> None:
    """Where a checkpoint went and what it covers."""
    say(
        f"[green]Checkpoint[/] of {made.entries} entries, signed on {made.time}, in "
        f"{escape(str(file))}."
    )
    if unsigned:
        say(
            f"[yellow]{_entries(unsigned)} not signed yet[/] and not covered: "
            "make another checkpoint when somebody has opened the key."
        )
    say(
        "Keep it where nobody can change it and the log; "
        f"later: anonpipe audit verify STUDY --against {escape(file.name)}"
    )


def census(found: Census) -> None:
    """What stands in a log that holds declared values only."""
    say(f"[green]Nothing but declared values[/] in {found.entries} entries: no text, no names.")
    for title, counts in (("entries", found.actions), ("values", found.values)):
        table = grid("", title)
        table.columns[0].justify = "right"
        for name, count in counts.items():
            table.add_row(str(count), name)
        out.print(table)
    if found.torn_bytes:
        say(
            f"[yellow]A crash left {found.torn_bytes} bytes of a last line[/], which are no "
            "entry and were not checked; the next run clears them away."
        )


def _entries(count: int) -> str:
    return "1 entry is" if count == 1 else f"{count} entries are"
