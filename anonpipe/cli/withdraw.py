"""`anonpipe withdraw`: everything of a participant who takes back their consent goes."""

from __future__ import annotations

import json
import sys
from datetime import date
from pathlib import Path

import click

from anonpipe.cli.options import asker, study_argument, to_day, with_key
from anonpipe.errors import ConsentError, UsageError


class StudyFirst(click.Group):
    """A group whose unknown first word is the study: `withdraw STUDY P07` is `withdraw run ...`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        word = next((arg for arg in args if not arg.startswith("-")), None)
        if word is not None and word not in self.commands:
            args = ["run", *args]
        return super().parse_args(ctx, args)


@click.group(cls=StudyFirst)
def withdraw() -> None:
    """Withdraw a participant: `anonpipe withdraw STUDY P07`.

    Deletes their recordings, documents and transcripts, also those shared with others, takes them
    out of the key, and has their code in other people's interviews link to nobody.
    """


@withdraw.command(hidden=True)
@study_argument
@click.argument("participant", metavar="P07")
@click.option(
    "--on", metavar="DATE", callback=to_day, help="Day of the withdrawal; default: today."
)
@click.option(
    "--also",
    multiple=True,
    metavar="CODE",
    help="Code of the key that stands for them, too, such as PERSON-6; repeat for several, or "
    "say none.",
)
@click.option(
    "--backup-destroyed",
    "copies",
    multiple=True,
    metavar="B01",
    help="A copy of the key that is destroyed; it is logged as your word.",
)
@click.option("--dry-run", is_flag=True, help="Show what would be done; change nothing.")
@click.option("--yes", is_flag=True, help="Do it without asking.")
@click.option("--json", "as_json", is_flag=True, help="The plan and the result as JSON.")
@with_key
def run(
    study: Path,
    participant: str,
    on: date | None,
    also: tuple[str, ...],
    copies: tuple[str, ...],
    dry_run: bool,
    yes: bool,
    as_json: bool,
    identities: tuple[Path, ...],
    passphrase_file: Path | None,
) -> None:
    """Withdraw a participant from a study."""
    from anonpipe import backup, withdrawal
    from anonpipe.cli import show_subject as screen
    from anonpipe.session import session
    from anonpipe.study import load
    from anonpipe.subject import code_of

    if not (dry_run or yes or sys.stdin.isatty()):
        raise UsageError(
            "A withdrawal cannot be undone: look at it with --dry-run, then say --yes."
        )
    loaded = load(study)
    codes = tuple("none" if c == "none" else code_of(c, loaded.settings.template) for c in also)
    with session(loaded, identities, asker(passphrase_file)) as opened:
        today = date.today()
        if not dry_run:
            withdrawal.prepare(opened, today)
            for copy in copies:
                backup.attest_destroyed(opened, copy)
        plan = withdrawal.plan(opened, participant, on=on, today=today, also=codes)
        if not as_json:
            screen.withdrawal_plan(plan)
        if dry_run:
            if as_json:
                click.echo(json.dumps(plan.to_json()))
            return
        if not (plan.empty or plan.open_questions or yes):
            click.confirm(
                f"Delete all this for good and withdraw {participant}?", abort=True, err=True
            )
        withdrawal.withdraw(opened, plan)
    found = withdrawal.status(load(study), participant, date.today())
    if as_json:
        click.echo(json.dumps({"plan": plan.to_json(), "status": found.to_json()}))
    else:
        screen.standing(found)
    if not found.complete:
        raise click.exceptions.Exit(ConsentError.exit_code)


@withdraw.command()
@study_argument
@click.argument("participant", metavar="P07")
@click.option("--json", "as_json", is_flag=True, help="The same as JSON.")
def status(study: Path, participant: str, as_json: bool) -> None:
    """Say whether a withdrawal is complete (exit code 0) or what is left (3); needs no key."""
    from anonpipe import withdrawal
    from anonpipe.cli import show
    from anonpipe.cli import show_subject as screen
    from anonpipe.session import open_log
    from anonpipe.status import material
    from anonpipe.study import load

    loaded = load(study)
    found = withdrawal.status(loaded, participant, date.today())
    called = material(open_log(loaded))
    if as_json:
        click.echo(json.dumps(found.to_json() | {"material": called.word}))
    else:
        screen.standing(found)
        show.material(called)
    raise click.exceptions.Exit(0 if found.complete else ConsentError.exit_code)
