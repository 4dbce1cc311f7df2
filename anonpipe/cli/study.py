"""`anonpipe init` and `anonpipe run`."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import NoReturn

import click

from anonpipe.cli.options import (
    approved,
    asker,
    new_passphrase,
    on_register,
    passphrase_option,
    study_argument,
    with_key,
)
from anonpipe.errors import UsageError


@click.command()
@study_argument
@click.option("--title", default="", help="Title of the study; no names.")
@click.option("--language", type=click.Choice(["nb", "nn", "en", "auto"]), help="Main language.")
@click.option(
    "--key",
    "key_file",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Where the key shall lie, outside the study; "
    "default: ~/anonpipe-keys/STUDY/STUDY.key.age.",
)
@click.option(
    "--recipient",
    "recipients",
    multiple=True,
    metavar="[ROLE=]age1...",
    help="Public key of somebody who shall be able to open the key; repeat for several.",
)
@click.option(
    "--new-identity",
    "labels",
    multiple=True,
    metavar="ROLE",
    help="Make an identity with a passphrase beside the key, such as student; "
    "repeat for several. Default when no recipient is given: student and supervisor.",
)
@click.option(
    "--single-recipient", "single", is_flag=True, help="Let one identity alone open the key."
)
@click.option("--no-passphrase", is_flag=True, help="Leave new identities unprotected.")
@passphrase_option
def init(
    study: Path,
    title: str,
    language: str | None,
    key_file: Path | None,
    recipients: tuple[str, ...],
    labels: tuple[str, ...],
    single: bool,
    no_passphrase: bool,
    passphrase_file: Path | None,
) -> None:
    """Make a study of a folder and create its encrypted key."""
    from anonpipe import create
    from anonpipe.cli import show, show_models
    from anonpipe.identity import parse_recipient

    create.require_new(study)
    parsed = []
    for position, text in enumerate(recipients, start=1):
        label, found, public_key = text.rpartition("=")
        role = label if found else "recipient" if position == 1 else f"recipient-{position}"
        parsed.append(parse_recipient(public_key, role))
    chosen = labels or (() if parsed else ("student",) if single else ("student", "supervisor"))
    create.check_recipients([r.label for r in parsed] + list(chosen), single=single)
    key_file = key_file or create.default_key(study)
    identities = []
    for label in chosen:
        passphrase = None
        if not no_passphrase:
            passphrase = new_passphrase(label, passphrase_file, "--passphrase-file")
        identities.append(create.NewIdentity(label, passphrase))
    created = create.create(
        study,
        key=key_file,
        recipients=parsed,
        identities=identities,
        title=title,
        language=language,
        single=single,
    )
    show.created(created)
    show_models.advise(created.study)


@click.command()
@study_argument
@click.option("--json", "as_json", is_flag=True, help="One event a line on standard output.")
@click.option("--dry-run", is_flag=True, help="Say what would be done; change nothing.")
@click.option("--again", metavar="ID", help="Code and write one source anew, such as R01.")
@click.option(
    "--sealed",
    is_flag=True,
    help="For a machine without the key: transcribe and find names, seal the result to the "
    "recipients, write and delete nothing else.",
)
@on_register
@with_key
def run(
    study: Path,
    as_json: bool,
    dry_run: bool,
    again: str | None,
    sealed: bool,
    accept_change: bool,
    approval: str | None,
    today: date | None,
    identities: tuple[Path, ...],
    passphrase_file: Path | None,
) -> None:
    """Transcribe, pseudonymise and delete, as far as each participant's consent says.

    Can be stopped at any time and run again: done work is not done twice.

    With --sealed the machine needs no key and no identity, only the study folder. It sees
    the recordings and documents while it processes them, and the names that study.toml lists
    until they have moved into the key. It cannot see who is who in the key, the raw text of
    what was processed before, or what it has sealed itself. `anonpipe key merge` finishes the
    work where the key is.
    """
    if sealed:
        if again or accept_change or approval or today or identities:
            raise UsageError(
                "--sealed works without the key and decides nothing: use it with --json and "
                "--dry-run only."
            )
        _run_sealed(study, as_json, dry_run)
    go_through(
        study,
        as_json,
        dry_run,
        again=again,
        approval=approved(accept_change, approval),
        today=today,
        identities=identities,
        passphrase_file=passphrase_file,
    )


def go_through(
    study: Path,
    as_json: bool,
    dry_run: bool,
    *,
    again: str | None = None,
    approval: str | None,
    today: date | None,
    identities: tuple[Path, ...],
    passphrase_file: Path | None,
    transcribe: bool = True,
) -> NoReturn:
    """Run the study and exit."""
    from anonpipe import batch, clock
    from anonpipe.cli import course, show, show_models
    from anonpipe.cli.stopping import stoppable
    from anonpipe.outcome import exit_code
    from anonpipe.session import session
    from anonpipe.study import load

    now = datetime.now().astimezone()
    display = show.JsonRun() if as_json else show.TerminalRun(dry_run=dry_run)
    with (
        stoppable(course.last_words(display.course, display.close, f"anonpipe run {study}")),
        session(load(study), identities, asker(passphrase_file)) as opened,
    ):
        doubt = clock.check(opened.log, now, today, dry_run=dry_run)
        if not as_json and transcribe:
            show_models.advise_once(opened.study)
        with display:
            outcomes = batch.run(
                opened,
                report=display.report,
                today=now.date(),
                dry_run=dry_run,
                again=again,
                only=again,
                approval=approval,
                doubt=doubt,
                transcribe=transcribe,
            )
    display.summary(opened.study, outcomes)
    raise click.exceptions.Exit(exit_code(outcomes))


def _run_sealed(study: Path, as_json: bool, dry_run: bool) -> NoReturn:
    from anonpipe import sealedrun
    from anonpipe.cli import course, show, show_models
    from anonpipe.cli.stopping import stoppable
    from anonpipe.outcome import exit_code
    from anonpipe.study import load

    loaded = load(study)
    today = datetime.now().astimezone().date()
    display = show.JsonRun() if as_json else show.TerminalRun(dry_run=dry_run)
    if not as_json:
        show_models.advise_once(loaded)
    words = course.last_words(
        display.course, display.close, f"anonpipe run {study} --sealed", sealed=True
    )
    with stoppable(words), display:
        outcomes = sealedrun.run(loaded, report=display.report, today=today, dry_run=dry_run)
    display.summary(loaded, outcomes)
    if not as_json and not dry_run and any(each.status == "sealed" for each in outcomes):
        click.echo("Next, where the key is: `anonpipe key merge` on this study folder.")
    raise click.exceptions.Exit(exit_code(outcomes))
