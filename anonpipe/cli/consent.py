"""`anonpipe consent`: the register against the study, and what retention will demand."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import click

from anonpipe.cli.options import asker, study_argument, to_day, with_key
from anonpipe.errors import ConsentError


@click.group()
def consent() -> None:
    """Check the consent register, and see what has to be deleted when."""


@consent.command()
@study_argument
@click.option("--files", is_flag=True, help="Open the key, to tell which files are meant.")
@click.option("--json", "as_json", is_flag=True, help="The same as JSON; codes only.")
@with_key
def check(
    study: Path,
    files: bool,
    as_json: bool,
    identities: tuple[Path, ...],
    passphrase_file: Path | None,
) -> None:
    """Compare the register with what is there: exit code 3 when something is wrong.

    Needs no key and changes nothing. With --files (or --identity) the key is opened, which is
    logged, and tells which file a source is.
    """
    from anonpipe import consent as register_of
    from anonpipe import consent_check, custody
    from anonpipe.cli import show_consent
    from anonpipe.session import open_log
    from anonpipe.study import load

    loaded = load(study)
    known = None
    if files or identities:
        table = custody.open_for(loaded, "check", "audit", identities, asker(passphrase_file))
        known = {(item.kind, item.path): name for name, item in table.sources.items()}
    register = register_of.load(loaded.consent_file)
    found = consent_check.check(
        loaded, register, loaded.read_state(), open_log(loaded), date.today(), known
    )
    wrong = any(item.is_wrong for item in found)
    if as_json:
        values = {"sound": not wrong, "findings": [item.to_json() for item in found]}
        click.echo(json.dumps(values))
    else:
        show_consent.findings(found, register.path.name)
    raise click.exceptions.Exit(ConsentError.exit_code if wrong else 0)


@consent.command()
@study_argument
@click.option(
    "--as-of",
    metavar="DATE",
    callback=to_day,
    help="As if it were that day; default: today.",
)
@click.option("--json", "as_json", is_flag=True, help="The same as JSON.")
def due(study: Path, as_of: date | None, as_json: bool) -> None:
    """Show what has to be deleted and when: exit code 3 when something is overdue.

    Needs no key and changes nothing. A date is the first day on which a thing must be gone.
    """
    from anonpipe import consent as register_of
    from anonpipe import due as dates
    from anonpipe import register_history
    from anonpipe.cli import show_consent
    from anonpipe.session import open_log
    from anonpipe.study import load

    loaded = load(study)
    day = as_of or date.today()
    register, state = register_of.load(loaded.consent_file), loaded.read_state()
    # Dates that nobody approved are no answer to what was promised.
    register_history.check(open_log(loaded), register, register_history.held(state))
    items = dates.due(loaded, register, state, day)
    overdue = any(item.status == "overdue" for item in items)
    if as_json:
        values = {
            "as_of": day.isoformat(),
            "overdue": overdue,
            "items": [item.to_json() for item in items],
        }
        click.echo(json.dumps(values))
    else:
        show_consent.due(items)
    raise click.exceptions.Exit(ConsentError.exit_code if overdue else 0)
