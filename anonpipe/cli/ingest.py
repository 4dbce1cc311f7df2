"""`anonpipe ingest`: recordings and documents come into the study encrypted."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import click

from anonpipe.cli.options import (
    accept_option,
    approval_option,
    approved,
    asker,
    study_argument,
    with_key,
)


@click.command()
@study_argument
@click.argument("files", nargs=-1, type=click.Path(path_type=Path))
@click.option(
    "--participant",
    "participants",
    multiple=True,
    metavar="CODE",
    help="Whose the files are, where the register cannot tell by their names; may be repeated.",
)
@click.option("--move", is_flag=True, help="Delete files outside the study once they are in it.")
@click.option(
    "--drop-pictures",
    is_flag=True,
    help="Take videos without their pictures and documents without what is embedded in them.",
)
@click.option("--json", "as_json", is_flag=True, help="One file a line on standard output.")
@accept_option
@approval_option
@with_key
def ingest(
    study: Path,
    files: tuple[Path, ...],
    participants: tuple[str, ...],
    move: bool,
    drop_pictures: bool,
    as_json: bool,
    accept_change: bool,
    approval: str | None,
    identities: tuple[Path, ...],
    passphrase_file: Path | None,
) -> None:
    """Encrypt recordings and documents under ids, without metadata, as they come in.

    FILES are taken from anywhere, such as the recorder's card; without any, the files that lie
    unencrypted in the study are. Of a recording its sound is kept, of a document its text; each
    is encrypted under a key of its own, so that destroying that key is its deletion. Can be
    stopped at any time and run again. `anonpipe run` reads the encrypted files.
    """
    from anonpipe import ingest as work
    from anonpipe.session import session
    from anonpipe.study import load

    def show(taken: work.Taken) -> None:
        if as_json:
            click.echo(json.dumps(taken.to_json(), sort_keys=True))
        elif taken.id is not None:
            whose = ", ".join(taken.participants)
            click.echo(f"{taken.id}  {taken.status:<8} {whose or '-':<10} {taken.method}".rstrip())

    reference = approved(accept_change, approval)
    with session(load(study), identities, asker(passphrase_file)) as opened:
        taken = work.ingest(
            opened,
            files,
            today=date.today(),
            participants=participants,
            move=move,
            drop_pictures=drop_pictures,
            approval=reference,
            report=show,
        )
    from anonpipe.cli import complain

    for each in taken:
        if each.reason:
            complain(each.reason)
    left = sum(each.left and each.id is not None for each in taken)
    if left and not as_json:
        click.echo(
            f"The unencrypted files outside the study were left there ({left}): delete them, or "
            "run this again with --move."
        )
    raise click.exceptions.Exit(work.exit_code(taken))
