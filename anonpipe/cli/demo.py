"""`anonpipe demo`: the main job on the sample study, with what went in and what came out."""

from __future__ import annotations

import json
import shutil
import tempfile
from datetime import date
from pathlib import Path
from typing import Any

import click

PASSPHRASE = "only for the demo"  # noqa: S105 - protects invented people
RECEIPT_TITLE = "Deletion receipt"  # receipts hold two languages; the demo shows one


@click.command()
@click.option(
    "--into",
    metavar="DIR",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder to make for the demo; default: a temporary one.",
)
def demo(into: Path | None) -> None:
    """Run everything on an invented study and show what went in and what came out.

    Installs the models first if they are missing; everything after that is offline.
    """
    from rich.columns import Columns
    from rich.markup import escape
    from rich.panel import Panel
    from rich.rule import Rule
    from rich.text import Text

    from anonpipe import batch, create, models, resources
    from anonpipe.cli import console, show, show_audit, show_key, show_models
    from anonpipe.cli.show_demo import side_by_side, tree
    from anonpipe.errors import UsageError
    from anonpipe.offline import block_network
    from anonpipe.outcome import Event, exit_code
    from anonpipe.review import signing
    from anonpipe.review.desk import Desk
    from anonpipe.session import session

    for name in models.DEFAULTS:
        show_models.install(name)
    block_network()
    if into is not None and into.exists():
        raise UsageError(f"{into} exists already: name a folder that does not.")
    top = into or Path(tempfile.mkdtemp(prefix="anonpipe-demo-"))
    folder, custody = top / "study", top / "custody"
    shutil.copytree(
        resources.folder("samples"),
        folder,
        ignore=shutil.ignore_patterns("README.md", "expected.toml"),
    )

    console.out.print(Rule("1  A study, and a key that two people can open"))
    created = create.create(
        folder,
        key=custody / "demo.key.age",
        recipients=(),
        identities=[create.NewIdentity(who, PASSPHRASE) for who in ("student", "supervisor")],
    )
    show.created(created, next_steps=False)
    console.out.print(tree(folder, "what goes in"))

    console.out.print(Rule("2  The run: transcribe, find names, give codes, delete as agreed"))
    before: dict[str, tuple[list[dict[str, Any]], list[dict[str, Any]]]] = {}
    with session(created.study, created.identities[:1], lambda _: PASSPHRASE) as opened:
        display = show.TerminalRun()

        def report(event: Event) -> None:
            # The raw transcript exists only sealed, and only now: keep it for the comparison.
            if event.kind == "stage" and event.values["stage"] == "coded":
                sealed = opened.key.unseal(folder / "sealed" / f"{event.id}.age")
                before[str(event.id)] = (sealed["transcript"]["turns"], sealed["mentions"])
            display.report(event)

        with display:
            outcomes = batch.run(opened, report=report, today=date.today())
        display.summary(opened.study, outcomes)
        for name in [o.id for o in outcomes if o.reason == "review" and o.id]:
            console.out.print(f"\nSomebody has read {name} and signs it off:")
            desk = Desk(opened, today=date.today())
            display = show.TerminalRun()
            with display:
                shown = signing.prepared(desk, name).digest
                signed = signing.sign(desk, name, None, shown, display.report)
            display.summary(opened.study, signed.outcomes)
        table = opened.key.table
        log = list(opened.log.entries())

    console.out.print(Rule("3  What went in, what came out"))
    for name in ("R01", "D01"):
        output = next(
            (
                path
                for o in outcomes
                if o.id == name
                for path in o.outputs
                if path.endswith(".json")
            ),
            None,
        )
        if output is not None:
            after = json.loads((folder / output).read_text(encoding="utf-8"))["turns"]
            console.out.print(side_by_side(output, *before[name], after, table.entities))

    console.out.print(Rule("4  The key: apart, encrypted, and opened only by its holders"))
    console.out.print(f"[dim]{escape(str(created.key))} (first lines of what it holds)[/]")
    show_key.key_table(table, limit=8)

    console.out.print(Rule("5  The log: what was done, in a chain, without names"))
    ours = [number for number, entry in enumerate(log) if entry.subject == "R01"]
    console.out.print("[dim]the part about R01[/]")
    show_audit.log(log[ours[0] : ours[-1] + 1])

    console.out.print(Rule("6  What was deleted, with a receipt each"))
    receipts = sorted((folder / "receipts").glob("*.txt"))
    if receipts:
        text = receipts[0].read_text(encoding="utf-8")
        english = text[text.index(RECEIPT_TITLE) :].strip()
        console.out.print(Panel(Text(english), title=receipts[0].name, expand=False))
    console.out.print(
        Columns([tree(folder, "what is left"), tree(custody, "kept apart")], padding=4)
    )
    where = escape(str(folder))
    console.out.print(
        f"\nLook around in [bold]{where}[/] (passphrase: {PASSPHRASE}). For example:\n"
        f"  anonpipe review {where}\n"
        f"  anonpipe speakers {where}\n"
        f"  anonpipe audit {where}\n"
        f"  anonpipe audit report {where} --to {escape(str(top / 'report.html'))}\n"
        f"  anonpipe key status {where}\n"
        f"  anonpipe withdraw {where} P02 --dry-run\n"
        "Delete the folder when you have seen enough; everyone in it is invented."
    )
    raise click.exceptions.Exit(exit_code(outcomes))
