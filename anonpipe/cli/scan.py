"""`anonpipe scan`: the mentions of text files as JSON; touches no study, writes nothing."""

from __future__ import annotations

import json
from pathlib import Path

import click

from anonpipe.cli import complain
from anonpipe.errors import RecordingError
from anonpipe.transcript import ALSO


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--language",
    type=click.Choice(["nb", "nn", "no", "en"]),
    default="nb",
    show_default=True,
    help="Language of the text.",
)
@click.option(
    "--also",
    multiple=True,
    type=click.Choice(ALSO),
    help="Find this too; repeat for several.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a file.")
def scan(files: tuple[Path, ...], language: str, also: tuple[str, ...], as_json: bool) -> None:
    """Print the mentions in text files with type, code and place."""
    from anonpipe.scan import Scanner

    scanner = Scanner("nb" if language == "no" else language, also)
    failed = 0
    for file in files:
        try:
            found = scanner.scan(file)
        except RecordingError as error:
            complain(str(error))
            failed = error.exit_code
            continue
        if as_json:
            values = found if len(files) == 1 else {"file": str(file), **found}
            click.echo(json.dumps(values, ensure_ascii=False))
        else:
            from anonpipe.cli import show

            show.mentions(file if len(files) > 1 else None, found)
    raise click.exceptions.Exit(failed)
