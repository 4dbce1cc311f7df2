"""`anonpipe key`: the list of who is who, opened only for a reason that is logged."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import click

from anonpipe.cli.options import approved, asker, on_register, study_argument, with_key
from anonpipe.cli.recipients import recipients
from anonpipe.log_schema import REASONS

reason_option = click.option(
    "--reason", type=click.Choice(REASONS), required=True, help="Why; it is logged."
)


@click.group()
def key() -> None:
    """Show, copy, check and extend the key that links codes to people, and say who can open it."""


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
@click.argument("code")
@reason_option
@with_key
def reveal(
    study: Path,
    code: str,
    reason: str,
    identities: tuple[Path, ...],
    passphrase_file: Path | None,
) -> None:
    """Show who is behind one code: «[Person 3]», PERSON-3 or P01. Logged before it is shown."""
    from anonpipe.cli import show_key
    from anonpipe.custody import reveal as find
    from anonpipe.study import load

    show_key.revealed(find(load(study), code, reason, identities, asker(passphrase_file)))


@key.command()
@study_argument
@click.argument("destination", metavar="DEST", type=click.Path(path_type=Path))
@with_key
def backup(
    study: Path, destination: Path, identities: tuple[Path, ...], passphrase_file: Path | None
) -> None:
    """Copy the key to a folder or new file, and register the copy, so that it is not forgotten."""
    from anonpipe import backup as copies
    from anonpipe.cli import show_key
    from anonpipe.session import session
    from anonpipe.study import load

    with session(load(study), identities, asker(passphrase_file)) as opened:
        made = copies.make(opened, destination)
    show_key.backed_up(made)


@key.command()
@study_argument
@click.option("--json", "as_json", is_flag=True, help="The same as JSON.")
@with_key
def status(
    study: Path, as_json: bool, identities: tuple[Path, ...], passphrase_file: Path | None
) -> None:
    """Show where the key lies, who can open it, and whether it is sound; shows no names.

    Needs no identity; with --identity it also looks whether each backup is still there.
    """
    from anonpipe.cli import show as screen
    from anonpipe.cli import show_key
    from anonpipe.closed import state_of
    from anonpipe.custody import status as status_of
    from anonpipe.session import open_log
    from anonpipe.status import material
    from anonpipe.study import load

    loaded = load(study)
    log = open_log(loaded)
    called = material(log)
    if state_of(log) == "closed":
        if as_json:
            click.echo(json.dumps({"closed": True, "material": called.to_json()}, sort_keys=True))
        else:
            click.echo("The study is closed: the key is destroyed, as closing/report.txt tells.")
            screen.material(called)
        return
    found = status_of(loaded, identities, asker(passphrase_file))
    if as_json:
        values = found.to_json() | {"closed": False, "material": called.to_json()}
        click.echo(json.dumps(values, sort_keys=True))
    else:
        show_key.status(found)
        screen.material(called)
    raise click.exceptions.Exit(0 if found.sound else 4)


@key.command()
@study_argument
@click.option("--json", "as_json", is_flag=True, help="One event a line on standard output.")
@click.option("--dry-run", is_flag=True, help="Say what would be done; change nothing.")
@on_register
@with_key
def merge(
    study: Path,
    as_json: bool,
    dry_run: bool,
    accept_change: bool,
    approval: str | None,
    today: date | None,
    identities: tuple[Path, ...],
    passphrase_file: Path | None,
) -> None:
    """Finish what machines without the key have sealed (`anonpipe run --sealed`).

    Each delta is checked against the log and against its recording or document, which must be
    in the study and unchanged; then final codes are given, outputs written and verified, and
    originals deleted as consent says, as in any other run. What nobody has sealed yet waits.
    Can be stopped at any time and run again.
    """
    from anonpipe.cli.study import go_through

    go_through(
        study,
        as_json,
        dry_run,
        approval=approved(accept_change, approval),
        today=today,
        identities=identities,
        passphrase_file=passphrase_file,
        transcribe=False,
    )


key.add_command(recipients)
