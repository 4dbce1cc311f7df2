"""`anonpipe key`: the list of who is who, opened only for a reason that is logged."""

from __future__ import annotations

import json
from pathlib import Path

import click

from anonpipe.cli.options import asker, study_argument, with_key
from anonpipe.log_schema import REASONS

reason_option = click.option(
    "--reason", type=click.Choice(REASONS), required=True, help="Why; it is logged."
)


@click.group()
def key() -> None:
    """Show, export and check the key that links codes to people."""


@key.command()
@study_argument
@reason_option
@with_key
def show(
    study: Path, reason: str, identities: tuple[Path, ...], passphrase_file: Path | None
) -> None:
    """Show who is who. Logged, with the reason, before anything is shown."""
    from anonpipe.cli import show as screen
    from anonpipe.custody import open_for
    from anonpipe.study import load

    table = open_for(load(study), "show", reason, identities, asker(passphrase_file))
    screen.key_table(table)


@key.command()
@study_argument
@reason_option
@click.option(
    "--to",
    "target",
    metavar="FILE",
    required=True,
    type=click.Path(path_type=Path, dir_okay=False),
    help="CSV file to write, outside the study; it is not encrypted.",
)
@with_key
def export(
    study: Path,
    reason: str,
    target: Path,
    identities: tuple[Path, ...],
    passphrase_file: Path | None,
) -> None:
    """Write who is who to a CSV file. Logged, with the reason, before it is written."""
    from anonpipe.custody import export_csv
    from anonpipe.study import load

    export_csv(load(study), target, reason, identities, asker(passphrase_file))
    click.echo(f"{target} now holds every name in plain text: delete it when it has served.")


@key.command()
@study_argument
@click.option("--json", "as_json", is_flag=True, help="The same as JSON.")
def status(study: Path, as_json: bool) -> None:
    """Show where the key lies and whether it is sound; needs no identity, shows no names."""
    from anonpipe.cli import show as screen
    from anonpipe.custody import status as status_of
    from anonpipe.study import load

    found = status_of(load(study))
    if as_json:
        click.echo(json.dumps(found.to_json(), sort_keys=True))
    else:
        screen.key_status(found)
    raise click.exceptions.Exit(0 if found.sound else 4)
