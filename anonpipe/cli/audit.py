"""`anonpipe audit`: read and check the log; needs no key and shows no names."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import click

from anonpipe.cli.options import study_argument


@click.group()
def audit() -> None:
    """Read and verify the log of a study; needs no key and shows no names."""


@audit.command()
@study_argument
@click.option("--json", "as_json", is_flag=True, help="One entry a line, as in the file.")
def show(study: Path, as_json: bool) -> None:
    """Show what was done, when and with what result."""
    from anonpipe.cli import show as screen
    from anonpipe.session import open_log
    from anonpipe.status import material
    from anonpipe.study import load

    opened = open_log(load(study))
    entries = list(opened.entries())
    if as_json:
        for entry in entries:
            click.echo(json.dumps(asdict(entry), sort_keys=True))
    else:
        screen.log(entries)
        screen.material(material(opened))


@audit.command()
@study_argument
@click.option("--json", "as_json", is_flag=True, help="The result as JSON.")
def verify(study: Path, as_json: bool) -> None:
    """Check that no entry was changed, removed, added or moved (exit code 5 if one was)."""
    from anonpipe.cli import show as screen
    from anonpipe.session import open_log
    from anonpipe.status import material
    from anonpipe.study import load

    opened = open_log(load(study))
    summary, found = opened.verify(), material(opened)
    if as_json:
        click.echo(json.dumps(asdict(summary) | {"material": found.to_json()}, sort_keys=True))
    else:
        screen.verified(summary)
        screen.material(found)
