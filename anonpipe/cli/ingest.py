"""`anonpipe ingest`: recordings and documents come into the study encrypted."""

from __future__ import annotations

import json
import sys
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
@click.option(
    "--join",
    is_flag=True,
    help="Make one recording of FILES, the parts of one interview, in the order given.",
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
    join: bool,
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

    With - for a file the text is read from standard input, such as a note that is pasted; it is
    encrypted at once, and never lies on the disk as it is.
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

    pasted = None
    if Path("-") in files:
        pasted = pasted_text()
        files = tuple(file for file in files if file != Path("-"))
    if join:
        confirm_order(files, quiet=as_json)
    reference = approved(accept_change, approval)
    with session(load(study), identities, asker(passphrase_file)) as opened:
        taken = work.ingest(
            opened,
            files,
            today=date.today(),
            participants=participants,
            move=move,
            drop_pictures=drop_pictures,
            join=join,
            pasted=pasted,
            approval=reference,
            report=show,
        )
    from anonpipe.cli import complain

    for each in taken:
        if each.reason:
            complain(each.reason)
    left = sum(each.left and each.id is not None for each in taken)
    if join and left:
        left = sum(file.exists() for file in files)
    if left and not as_json:
        click.echo(
            f"The unencrypted files outside the study were left there ({left}): delete them, or "
            "run this again with --move."
        )
    raise click.exceptions.Exit(work.exit_code(taken))


def pasted_text() -> bytes:
    """All of standard input."""
    if sys.stdin.isatty():
        click.echo("Paste the text and end it with Ctrl-D on a line of its own.", err=True)
    return sys.stdin.buffer.read()


def confirm_order(files: tuple[Path, ...], *, quiet: bool) -> None:
    """Show the order in which parts are joined, and ask where it is not that of their numbers.

    Raises UsageError where nobody can be asked.
    """
    from anonpipe import parts
    from anonpipe.errors import UsageError

    names = [file.name for file in files]
    if not quiet:
        for number, name in enumerate(names, start=1):
            click.echo(f"part {number}  {name}", err=True)
    expected = parts.in_order(names)
    if expected == names:
        return
    if expected is None:
        if sys.stdin.isatty():
            click.confirm("Is this their order?", abort=True, err=True)
        return
    warning = f"The numbers in their names say another order: {', '.join(expected)}"
    if not sys.stdin.isatty():
        raise UsageError(f"{warning}; give the files in that order, or rename them.")
    click.echo(f"{warning}.", err=True)
    click.confirm("Join them in the order given all the same?", abort=True, err=True)
