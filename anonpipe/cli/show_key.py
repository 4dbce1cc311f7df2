"""What the commands of `anonpipe key` print for people."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rich.markup import escape
from rich.table import Table

from anonpipe.backup import Made
from anonpipe.cli.show import amount, out
from anonpipe.codes import Entity
from anonpipe.custody import Status
from anonpipe.recipients import Changed, Since


def _pairs() -> Table:
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(style="dim")
    table.add_column(overflow="fold")
    return table


def status(found: Status) -> None:
    """Where the key lies, who can open it, its copies, and whether it is sound."""
    table = _pairs()
    table.add_row("key", escape(found.path))
    if found.digest:
        table.add_row("sha-256", found.digest)
        table.add_row("permissions", found.mode)
        kind = "kind of disk unknown" if found.device == "unknown" else found.device
        where = f"{kind}, {found.filesystem}"
        if found.on_study_device is not None:
            where += ", the study's device" if found.on_study_device else ", not the study's device"
        table.add_row("lies on", where)
    table.add_row("entities", str(found.entities))
    table.add_row("last saved", f"{found.saved}, version {found.versions}")
    table.add_row("opened by people", amount(found.opened, "time"))
    for item in found.recipients:
        table.add_row("opens for", f"{item.recipient.label}  [dim]{item.recipient.public_key}[/]")
    table.add_row("identities beside it", str(found.identities_beside))
    for copy in found.backups:
        words = [f"{copy.id}, {copy.made_at}, {copy.device}, {copy.filesystem}"]
        words.append(copy.mode or "begun, and perhaps not whole")
        words.append(
            "this version" if not copy.behind else amount(copy.behind, "version") + " behind"
        )
        if copy.destroyed:
            words.append("destroyed" if copy.destroyed != "attested" else "said to be destroyed")
        words += [f"{here.presence} in {here.path}" for here in found.found if here.id == copy.id]
        table.add_row("backup", escape(", ".join(words)))
        table.add_row("", f"[dim]{copy.digest}[/]")
    out.print(table)
    for problem in found.problems:
        out.print(f"[red]{escape(problem)}[/]")
    if found.sound:
        out.print("[green]The key is the one that the log knows.[/]")
    if found.identities_bare:
        out.print(
            f"Identities beside the key that need no passphrase ({found.identities_bare}): whoever "
            "reads that folder can open the key. Take them away from it.",
            style="yellow",
        )
    if len(found.recipients) < 2:
        out.print("Only one identity opens it: if that is lost, the key is lost.", style="yellow")
    if all(copy.destroyed for copy in found.backups):
        out.print("No backup is registered: `anonpipe key backup` makes one.", style="yellow")


def recipients(known: Sequence[Since]) -> None:
    """Who can open the key."""
    table = Table(box=None, pad_edge=False, header_style="dim")
    for column in ("role", "since", "fingerprint", "public key"):
        table.add_column(column, overflow="fold")
    for item in known:
        who = item.recipient
        table.add_row(who.label, item.since, who.fingerprint, who.public_key)
    out.print(table)


def changed(done: Changed, identities: Sequence[Path]) -> None:
    """What a change of the recipients did, and what it could not do."""
    table = _pairs()
    for label, group in (("came", done.came), ("left", done.left), ("opens for", done.now)):
        for who in group:
            table.add_row(label, f"{who.label}  [dim]{who.public_key}[/]")
    for path in identities:
        table.add_row("new identity", escape(str(path)))
    out.print(table)
    out.print(
        f"The key and {done.sealed_files} sealed files are encrypted to "
        f"{', '.join(who.label for who in done.now)}."
    )
    if identities:
        out.print("Give the new identity file to its holder, and delete it here.")
    if done.left:
        names = ", ".join(f"the former {who.label}" for who in done.left)
        copies = f" and registered backups ({done.backups})" if done.backups else ""
        out.print(
            f"Earlier versions of the key{copies} still open for {names}, and what was read or "
            "copied cannot be taken back: make new backups with `anonpipe key backup` and destroy "
            f"the old ones. If an identity file of {names} lies beside the key, delete it. The log "
            "is signed by another key from now on.",
            style="yellow",
        )


def backed_up(made: Made) -> None:
    """Where a new copy lies."""
    out.print(f"{made.id} is registered and lies in {escape(str(made.path))}.")
    if made.same_device:
        out.print(
            "It lies on the same device as the key, so both can be lost at once: make another "
            "one elsewhere.",
            style="yellow",
        )


def revealed(entity: Entity) -> None:
    """One row of the key."""
    table = _pairs()
    table.add_row("code", f"[bold]{entity.id}[/]")
    table.add_row("type", entity.type)
    table.add_row("name", escape(entity.canonical))
    also = [alias for alias in entity.aliases if alias != entity.canonical]
    if also:
        table.add_row("also", escape(", ".join(also)))
    table.add_row("in", " ".join(sorted(entity.seen)))
    out.print(table)
