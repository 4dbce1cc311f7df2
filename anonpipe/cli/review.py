"""`anonpipe review`: the page in the browser; what waits for eyes, and signing it off."""

from __future__ import annotations

import json
import sys
from datetime import datetime
from pathlib import Path
from typing import get_args

import click

from anonpipe.cli.options import asker, study_argument, with_key
from anonpipe.errors import RecordingError, UsageError
from anonpipe.receipt_words import Language

OF_THE_PAGE = ("port", "browser", "language", "idle")


@click.command()
@study_argument
@click.option("--list", "list_", is_flag=True, help="Show what waits, with its flagged spots.")
@click.option("--approve", metavar="ID", help="Sign off a source, such as R01.")
@click.option(
    "--reviewer",
    metavar="NAME",
    help="With --approve: who signs; the log keeps a fingerprint of the name only.",
)
@click.option(
    "--export",
    "target",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write all places and decisions to FILE.csv or FILE.json; no words of interviews.",
)
@click.option("--source", metavar="ID", help="With --export: this one alone, such as R01.")
@click.option(
    "--with-text", is_flag=True, help="With --export: the words too; FILE.age is encrypted."
)
@click.option(
    "--import",
    "file",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Decide what such a file says: all of it or nothing.",
)
@click.option("--dry-run", is_flag=True, help="With --import: say what would be; decide nothing.")
@click.option("--json", "as_json", is_flag=True, help="With --list or --import: JSON.")
@click.option(
    "--port", type=click.IntRange(1024, 65535), help="Port of the page; default: a free one."
)
@click.option("--browser/--no-browser", default=True, help="Open the page, or only say where.")
@click.option(
    "--language",
    type=click.Choice(get_args(Language)),
    help="Of the page; default: Norwegian for a Norwegian browser, else the study's.",
)
@click.option(
    "--idle",
    type=click.FloatRange(0, 24 * 60, min_open=True),
    metavar="MINUTES",
    default=30,
    show_default=True,
    help="The page ends when nobody did anything for so long.",
)
@with_key
@click.pass_context
def review(
    ctx: click.Context,
    study: Path,
    list_: bool,
    approve: str | None,
    reviewer: str | None,
    target: Path | None,
    source: str | None,
    with_text: bool,
    file: Path | None,
    dry_run: bool,
    as_json: bool,
    port: int | None,
    browser: bool,
    language: Language | None,
    idle: float,
    identities: tuple[Path, ...],
    passphrase_file: Path | None,
) -> None:
    """Review in the browser: listen, put right, sign off.

    The pages are for this machine and you alone, offline; every decision is kept at once. They
    show names, so that the key is needed, and its opening is logged.

    --list shows what waits, without the key; --approve ID signs off in the terminal. Signing off
    lets the deletion go ahead that waited for it. --export and --import are for scripts and
    spreadsheets (docs/REVIEW.md).
    """
    given = ctx.get_parameter_source
    default = click.core.ParameterSource.DEFAULT
    acts = [list_, approve is not None, target is not None, file is not None]
    if sum(acts) > 1:
        raise UsageError("Say one of --list, --approve ID, --export FILE and --import FILE.")
    if reviewer is not None and approve is None:
        raise UsageError("--reviewer goes with --approve.")
    if as_json and not (list_ or file):
        raise UsageError("--json goes with --list or --import.")
    if (source is not None or with_text) and target is None:
        raise UsageError("--source and --with-text go with --export.")
    if dry_run and file is None:
        raise UsageError("--dry-run goes with --import.")
    if any(acts) and any(given(name) is not default for name in OF_THE_PAGE):
        raise UsageError(
            "--port, --no-browser, --language and --idle are for the page: leave out the others."
        )
    if list_:
        _list(study, as_json)
    elif approve is not None:
        _approve(study, approve, reviewer, identities, passphrase_file)
    elif target is not None:
        from anonpipe.cli import review_exchange

        review_exchange.export(study, target, source, with_text, identities, passphrase_file)
    elif file is not None:
        from anonpipe.cli import review_exchange

        review_exchange.import_(study, file, dry_run, as_json, identities, passphrase_file)
    else:
        _page(study, port, browser, language, idle * 60, identities, passphrase_file)


def _list(study: Path, as_json: bool) -> None:
    from anonpipe import status
    from anonpipe.cli import console, show_review
    from anonpipe.review.waiting import waiting
    from anonpipe.session import open_log
    from anonpipe.study import load

    loaded = load(study)
    log = open_log(loaded)
    items = waiting(loaded, log=log)
    found = status.material(log)
    if as_json:
        listed = [item.to_json() | {"material": found.word} for item in items]
        click.echo(json.dumps(listed, ensure_ascii=False))
    else:
        show_review.waiting(items, study)
        console.material(found)


def _approve(
    study: Path,
    name: str,
    reviewer: str | None,
    identities: tuple[Path, ...],
    passphrase_file: Path | None,
) -> None:
    from anonpipe import clock
    from anonpipe.cli import show, show_review
    from anonpipe.outcome import exit_code
    from anonpipe.review import signing
    from anonpipe.review.desk import Desk
    from anonpipe.session import session
    from anonpipe.study import load

    with session(load(study), identities, asker(passphrase_file)) as opened:
        now = datetime.now().astimezone()
        doubt = clock.check(opened.log, now, None)
        desk = Desk(opened, today=now.date(), doubt=doubt)
        prepared = signing.prepared(desk, name)
        if prepared.hindered:
            raise RecordingError(prepared.hindered[0])
        show_review.about_to_sign(prepared)
        if reviewer is None and sys.stdin.isatty():
            words = "Your name (only a fingerprint of it is kept; Enter to give none)"
            reviewer = click.prompt(words, default="", show_default=False, err=True) or None
        display = show.TerminalRun()
        with display:
            done = signing.sign(desk, name, reviewer, prepared.digest, display.report)
    if not done.complete:
        show_review.signed(done, study)
    else:
        display.summary(opened.study, done.outcomes)
    raise click.exceptions.Exit(exit_code(done.outcomes))


def _page(
    study: Path,
    port: int | None,
    browser: bool,
    language: Language | None,
    idle: float,
    identities: tuple[Path, ...],
    passphrase_file: Path | None,
) -> None:
    from anonpipe import clock
    from anonpipe.cli.show_page import Announcer, farewell
    from anonpipe.custody import log_opening
    from anonpipe.review.desk import Desk
    from anonpipe.review.web.server import ServerSettings, bind, serve
    from anonpipe.session import session
    from anonpipe.study import load

    loaded = load(study)
    spoken: Language = language or ("en" if loaded.settings.source.language == "en" else "nb")
    listener = bind(port)  # before anybody is asked for a passphrase
    with listener, session(loaded, identities, asker(passphrase_file)) as opened:
        now = datetime.now().astimezone()
        doubt = clock.check(opened.log, now, None)
        log_opening(opened, "review", "correction")
        desk = Desk(opened, today=now.date(), doubt=doubt)
        announcer = Announcer(browser)
        why = serve(desk, listener, ServerSettings(spoken, language is not None, idle), announcer)
    farewell(why, idle)
