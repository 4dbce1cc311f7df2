"""`anonpipe review --export` and `--import`: decisions for scripts and for spreadsheets."""

from __future__ import annotations

import contextlib
import json
import shlex
from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

import click

from anonpipe import clock
from anonpipe.cli.console import amount
from anonpipe.cli.options import asker
from anonpipe.errors import UsageError
from anonpipe.review import exchange
from anonpipe.review.desk import Desk
from anonpipe.review.exchange import Exported, Imported
from anonpipe.session import IDENTITY_PATTERN, session
from anonpipe.study import load

MOST_PROBLEMS = 20
"""Rows that are wrong and told one by one; of more, only how many."""


@contextlib.contextmanager
def _desk(
    study: Path, identities: tuple[Path, ...], passphrase_file: Path | None
) -> Iterator[Desk]:
    with session(load(study), identities, asker(passphrase_file)) as opened:
        now = datetime.now().astimezone()
        yield Desk(opened, today=now.date(), doubt=clock.check(opened.log, now, None))


def export(
    study: Path,
    target: Path,
    source: str | None,
    with_text: bool,
    identities: tuple[Path, ...],
    passphrase_file: Path | None,
) -> None:
    """Write the places of the study, or of one source, that a person may decide about."""
    exchange.form_of(target)  # before anybody is asked for a passphrase
    with _desk(study, identities, passphrase_file) as desk:
        made = exchange.export(desk, target, source=source, with_text=with_text)
        beside = sorted(desk.study.key_file.parent.glob(IDENTITY_PATTERN))
        holder = desk.key.holder.label
    mine = [path for path in beside if path.name.startswith(f"{holder}.")]
    identity = next(iter((*identities, *mine)), Path("IDENTITY-FILE"))
    _exported(made, identity if with_text else None)


def _exported(made: Exported, identity: Path | None) -> None:
    """`identity` opens the file, if it is sealed."""
    of = ", ".join(made.sources) or "no source"
    told = (
        f"{made.path} holds {amount(made.rows, 'place')} of {of}, {made.decided} of them decided."
    )
    click.echo(told)
    if made.left_out:
        click.echo(
            f"{amount(made.left_out, 'decision')} for the study not among them: the places where "
            "they were taken are gone."
        )
    if identity is None:
        click.echo("It holds no words of the interviews.")
    else:
        click.echo(
            "It holds words of the interviews, encrypted to the holders of the key. To read it:\n"
            f"  age -d -i {shlex.quote(str(identity))} {shlex.quote(str(made.path))}\n"
            "What that prints is plain text: keep it off the disk, or delete it when it has "
            "served. --import takes the encrypted file too."
        )


def import_(
    study: Path,
    file: Path,
    dry_run: bool,
    as_json: bool,
    identities: tuple[Path, ...],
    passphrase_file: Path | None,
) -> None:
    """Decide what a file says; UsageError when any of its rows does not fit."""
    with _desk(study, identities, passphrase_file) as desk:
        made = exchange.import_(desk, exchange.read(file, desk.key), dry_run=dry_run)
    if as_json:
        values = {**asdict(made), "decided": made.decided, "dry_run": dry_run}
        click.echo(json.dumps(values, sort_keys=True))
    else:
        _imported(file, made, dry_run)
    if made.problems:
        raise UsageError(
            f"{amount(len(made.problems), 'row')} of {file} cannot be decided, and nothing was: "
            "correct them and import it again."
        )


def _imported(file: Path, made: Imported, dry_run: bool) -> None:
    for problem in made.problems[:MOST_PROBLEMS]:
        click.echo(f"{file}, row {problem.row}: {problem.what}")
    more = len(made.problems) - MOST_PROBLEMS
    if more > 0:
        click.echo(f"... and {amount(more, 'row')} more")
    if made.problems:
        return
    kinds = ", ".join(f"{count} {kind}" for kind, count in sorted(made.kinds.items()))
    click.echo(
        f"{amount(made.decided, 'decision')}{f' ({kinds})' if kinds else ''} "
        f"{'would be new' if dry_run else 'taken'}; {made.already} taken before, "
        f"{amount(made.empty, 'row')} without a decision."
    )
    for name, count in made.places.items():
        click.echo(f"  {name}  {amount(count, 'place')}")
    if made.final:
        click.echo(
            f"  {amount(made.final, 'place')} in finished transcripts: the next run mends them"
        )
    if made.decided and not dry_run:
        click.echo("Transcripts are written anew when a source is signed off.")
