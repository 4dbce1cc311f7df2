"""`anonpipe speakers`: who speaks in a source, and putting that right."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import NoReturn

import click

from anonpipe.cli.options import asker, study_argument, to_number, with_key
from anonpipe.errors import UsageError


@click.command()
@study_argument
@click.argument("source", metavar="[ID]", required=False)
@click.option(
    "--set",
    "labels",
    multiple=True,
    metavar="OLD=NEW",
    help="Give a speaker another label, such as 'Taler 1=P01'; repeat for several.",
)
@click.option("--merge", is_flag=True, help="With --set: several speakers may become one.")
@click.option("--swap", is_flag=True, help="Exchange the labels of two speakers.")
@click.option(
    "--number",
    metavar="N",
    help="Tell speakers apart anew: there are N of them, or auto.",
)
@click.option("--json", "as_json", is_flag=True, help="The list as JSON.")
@with_key
def speakers(
    study: Path,
    source: str | None,
    labels: tuple[str, ...],
    merge: bool,
    swap: bool,
    number: str | None,
    as_json: bool,
    identities: tuple[Path, ...],
    passphrase_file: Path | None,
) -> None:
    """List who speaks in the sources of a study, or put right who is who in one of them.

    The list needs no key and shows no text. A change needs it: the source is coded and written
    anew, and if somebody had approved it, it waits for a review again. That can be done until the
    source is final, and lasts: `anonpipe run --again` keeps it.
    """
    wanted = (bool(labels), swap, number is not None)
    if sum(wanted) > 1 or (merge and not labels):
        raise UsageError("Say one of --set, --swap and --number; --merge goes with --set.")
    if not any(wanted):
        _list(study, source, as_json)
        return
    if source is None or as_json:
        raise UsageError("Say which source to change, such as R01, and leave --json out.")
    _change(study, source, labels, merge, swap, number, identities, passphrase_file)


def _list(study: Path, source: str | None, as_json: bool) -> None:
    from anonpipe import relabelling, status
    from anonpipe.cli import console, show_speakers
    from anonpipe.session import open_log
    from anonpipe.study import load

    loaded = load(study)
    found = relabelling.listed(loaded, source)
    material = status.material(open_log(loaded))
    if as_json:
        listed = [each.to_json() | {"material": material.word} for each in found]
        click.echo(json.dumps(listed, ensure_ascii=False))
        return
    show_speakers.speakers(found)
    console.material(material)


def _change(
    study: Path,
    source: str,
    labels: tuple[str, ...],
    merge: bool,
    swap: bool,
    number: str | None,
    identities: tuple[Path, ...],
    passphrase_file: Path | None,
) -> NoReturn:
    from anonpipe import batch, clock, relabelling, tools
    from anonpipe.cli import show, show_speakers
    from anonpipe.outcome import exit_code
    from anonpipe.session import session
    from anonpipe.study import load

    names = _names(labels)
    count = None if number is None else to_number(number, "--number")
    with session(load(study), identities, asker(passphrase_file)) as opened:
        now = datetime.now().astimezone()
        today = now.date()
        doubt = clock.check(opened.log, now, None)
        if swap:
            plan = relabelling.plan_swap(opened, source, today=today)
        elif labels:
            plan = relabelling.plan_labels(opened, source, names, today=today, merge=merge)
        else:
            diarizer = tools.Tools(opened.study).diarizer
            plan = relabelling.plan_number(opened, source, count, diarizer, today=today)
        relabelling.change(opened, plan)
        display = show.TerminalRun()
        with display:
            outcomes = batch.run(
                opened, report=display.report, today=today, only=source, doubt=doubt
            )
    show_speakers.speakers(relabelling.listed(opened.study, source))
    display.summary(opened.study, outcomes)
    raise click.exceptions.Exit(exit_code(outcomes))


def _names(labels: tuple[str, ...]) -> dict[str, str]:
    names: dict[str, str] = {}
    for text in labels:
        old, equals, new = (part.strip() for part in text.partition("="))
        if not equals or not new or old in names:
            raise UsageError("Write --set OLD=NEW, once for each speaker, such as 'Taler 1=P01'.")
        names[old] = new
    return names
