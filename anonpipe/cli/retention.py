"""`anonpipe retention`: delete what is due; fit for a scheduled job."""

from __future__ import annotations

import json
from datetime import date, datetime
from pathlib import Path

import click

from anonpipe.cli.options import approved, asker, on_register, study_argument, with_key


@click.group()
def retention() -> None:
    """Delete what the participants were promised would be deleted by now."""


@retention.command()
@study_argument
@click.option("--dry-run", is_flag=True, help="Say what would be deleted; change nothing.")
@click.option("--json", "as_json", is_flag=True, help="The result as JSON.")
@on_register
@with_key
def run(
    study: Path,
    dry_run: bool,
    as_json: bool,
    accept_change: bool,
    approval: str | None,
    today: date | None,
    identities: tuple[Path, ...],
    passphrase_file: Path | None,
) -> None:
    """Delete recordings, sealed transcripts and outputs whose time is over.

    The date is this machine's. Asks nothing, prints nothing when there is nothing to do, and
    ends with exit code 3 when something should be gone and is not: standard error says why.
    Nothing is transcribed, and nothing that waits for review is deleted.
    """
    from anonpipe import clock
    from anonpipe import retention as work
    from anonpipe.cli import show_consent
    from anonpipe.session import session
    from anonpipe.study import load

    reference = approved(accept_change, approval)
    now = datetime.now().astimezone()
    with session(load(study), identities, asker(passphrase_file)) as opened:
        doubt = clock.check(opened.log, now, today, dry_run=dry_run)
        result = work.run(opened, now, dry_run=dry_run, approval=reference, doubt=doubt)
    if as_json:
        values = {
            "dry_run": dry_run,
            "done": [item.to_json() for item in result.done],
            "left": [item.to_json() for item in result.left],
            "failed": len(result.failed),
            "date_in_doubt": result.doubt is not None,
        }
        click.echo(json.dumps(values))
        show_consent.retention_left(result)
    else:
        show_consent.retention(result, dry_run=dry_run)
    raise click.exceptions.Exit(result.exit_code)
