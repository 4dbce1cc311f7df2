"""`anonpipe audit`: read and check the log; needs no key and shows no names."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import click

from anonpipe.cli import questions
from anonpipe.cli.options import study_argument


@click.group(cls=questions.Questions)
def audit() -> None:
    """Answer what an officer asks of a study; needs no key and shows no names.

    `anonpipe audit STUDY` gives all answers on one screen. The exit code says what needs attention:
    3 consent or retention, 4 the key, 5 the log.
    """


questions.add_to(audit)


@audit.command()
@study_argument
@click.option("--json", "as_json", is_flag=True, help="One entry a line, as in the file.")
def show(study: Path, as_json: bool) -> None:
    """Show what was done, when and with what result."""
    from anonpipe.cli import show as screen
    from anonpipe.session import open_log
    from anonpipe.study import load

    entries = list(open_log(load(study)).entries())
    if as_json:
        for entry in entries:
            click.echo(json.dumps(asdict(entry), sort_keys=True))
    else:
        screen.log(entries)


@audit.command()
@study_argument
@click.option("--json", "as_json", is_flag=True, help="The result as JSON.")
def verify(study: Path, as_json: bool) -> None:
    """Check that no entry was changed, removed, added or moved (exit code 5 if one was)."""
    from anonpipe.cli import show as screen
    from anonpipe.session import open_log
    from anonpipe.study import load

    summary = open_log(load(study)).verify()
    if as_json:
        click.echo(json.dumps(asdict(summary), sort_keys=True))
    else:
        screen.verified(summary)
