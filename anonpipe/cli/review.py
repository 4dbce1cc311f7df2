"""`anonpipe review`: what waits for a person's eyes, and signing it off."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import click

from anonpipe.cli.options import asker, study_argument, with_key
from anonpipe.errors import UsageError


@click.command()
@study_argument
@click.option("--list", "list_", is_flag=True, help="Show what waits, with its flagged spots.")
@click.option("--approve", metavar="ID", help="Sign off a source, such as R01.")
@click.option("--json", "as_json", is_flag=True, help="With --list: JSON.")
@with_key
def review(
    study: Path,
    list_: bool,
    approve: str | None,
    as_json: bool,
    identities: tuple[Path, ...],
    passphrase_file: Path | None,
) -> None:
    """Show what waits for review (--list) or sign it off (--approve ID).

    The list needs no key. Approving does, and lets the deletion go ahead that waited for it.
    """
    if list_ == (approve is not None):
        raise UsageError("Say either --list or --approve ID.")
    from anonpipe import batch, clock, status
    from anonpipe.cli import console, show, show_review
    from anonpipe.outcome import exit_code
    from anonpipe.review.waiting import waiting
    from anonpipe.session import open_log, session
    from anonpipe.study import load

    loaded = load(study)
    if list_:
        items = waiting(loaded)
        found = status.material(open_log(loaded))
        if as_json:
            listed = [item.to_json() | {"material": found.word} for item in items]
            click.echo(json.dumps(listed, ensure_ascii=False))
        else:
            show_review.waiting(items, study)
            console.material(found)
        return
    assert approve is not None
    with session(loaded, identities, asker(passphrase_file)) as opened:
        now = datetime.now().astimezone()
        doubt = clock.check(opened.log, now, None)
        batch.approve(opened, approve)
        display = show.TerminalRun()
        with display:
            outcomes = batch.run(
                opened, report=display.report, today=now.date(), only=approve, doubt=doubt
            )
    display.summary(opened.study, outcomes)
    raise click.exceptions.Exit(exit_code(outcomes))
