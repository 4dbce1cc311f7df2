"""`anonpipe subject`: the rights of the people that a study is about."""

from __future__ import annotations

import json
import sys
from datetime import date
from pathlib import Path

import click

from anonpipe.cli.options import asker, study_argument, with_key
from anonpipe.errors import UsageError
from anonpipe.log_schema import REASONS

code_argument = click.argument("code", metavar="CODE")


@click.group()
def subject() -> None:
    """Show or correct what a study holds about one person: P07, or «[Person 3]»."""


@subject.command()
@study_argument
@code_argument
@click.option(
    "--to",
    "target",
    metavar="DIR",
    required=True,
    type=click.Path(path_type=Path, file_okay=False),
    help="New folder outside the study; what is written there is not encrypted.",
)
@click.option(
    "--reason",
    type=click.Choice(REASONS),
    default="participant-request",
    show_default=True,
    help="Why; it is logged.",
)
@with_key
def export(
    study: Path,
    code: str,
    target: Path,
    reason: str,
    identities: tuple[Path, ...],
    passphrase_file: Path | None,
) -> None:
    """Write everything held about a person, to read and as JSON. Logged before it is read."""
    from anonpipe.study import load
    from anonpipe.subject.exporting import export as write

    written = write(load(study), code, target, reason, identities, asker(passphrase_file))
    click.echo(
        f"{written[0].parent} holds all there is, in plain text; start with {written[0].name}. "
        "Give it to the person in a safe way, and delete it here."
    )


@subject.command()
@study_argument
@code_argument
@click.option("--name", "of_name", is_flag=True, help="Correct a name in the key, not words.")
@click.option(
    "--drop-old", is_flag=True, help="With --name: the wrong form is not kept as another form."
)
@click.option(
    "--source", "sources", multiple=True, metavar="ID", help="Only in this source, such as R01."
)
@click.option("--dry-run", is_flag=True, help="Show what would change; change nothing.")
@click.option("--yes", is_flag=True, help="Do it without asking.")
@click.option("--json", "as_json", is_flag=True, help="The result in codes and counts, as JSON.")
@with_key
def rectify(
    study: Path,
    code: str,
    of_name: bool,
    drop_old: bool,
    sources: tuple[str, ...],
    dry_run: bool,
    yes: bool,
    as_json: bool,
    identities: tuple[Path, ...],
    passphrase_file: Path | None,
) -> None:
    """Correct a wrong name (--name) or a wrong detail, everywhere.

    What is wrong and what is right is asked for, or read as two lines from standard input; it
    is never given on the command line, which other programs and the shell's history see.
    """
    from anonpipe import batch
    from anonpipe.session import session
    from anonpipe.study import load
    from anonpipe.subject import code_of, find, rectifying

    if of_name and (sources or dry_run):
        raise UsageError("--name concerns the key alone: leave out --source and --dry-run.")
    if drop_old and not of_name:
        raise UsageError("--drop-old belongs to --name.")
    asked = sys.stdin.isatty()
    if not (asked or yes or dry_run):
        raise UsageError("Say --yes, as nobody can be asked: look at it with --dry-run first.")
    loaded = load(study)
    wanted = code_of(code, loaded.settings.template)
    old, new = _two_lines(asked, of_name)
    with session(loaded, identities, asker(passphrase_file)) as opened:
        if not dry_run:
            batch.finish_begun(opened, date.today())
        found = find(opened, wanted)
        if of_name:
            if not yes:
                click.confirm(f"Correct the name of {wanted} in the key?", abort=True, err=True)
            entity = rectifying.rectify_name(opened, found, old, new, drop_old=drop_old)
            if as_json:
                click.echo(json.dumps({"code": wanted, "forms": len(entity.aliases)}))
            else:
                click.echo(f"The key has the right name of {wanted}; the next run looks for it.")
            return
        plan = rectifying.plan_detail(opened, found, old, new, sources)
        _show(plan, as_json=as_json)
        if dry_run:
            return
        if not yes and plan.rewrites:
            click.confirm("Change all these places?", abort=True, err=True)
        rectifying.rectify_detail(opened, plan)
    if not as_json:
        click.echo("Done.")


def _two_lines(asked: bool, of_name: bool) -> tuple[str, str]:
    """What is wrong and what is right."""
    if asked:
        what = "name" if of_name else "text"
        empty = "" if of_name else None
        old = click.prompt(f"Wrong {what}", default=empty, show_default=False, err=True)
        return old, click.prompt(f"Right {what}", err=True)
    lines = [line.rstrip("\r\n") for line in sys.stdin]
    if len(lines) != 2:
        raise UsageError("Give two lines on standard input: what is wrong, then what is right.")
    return lines[0], lines[1]


def _show(plan: object, *, as_json: bool) -> None:
    from anonpipe.cli import show_subject as screen
    from anonpipe.subject.rectifying import Detail

    assert isinstance(plan, Detail)
    if as_json:
        click.echo(json.dumps(plan.to_json()))
    else:
        screen.correction(plan)
