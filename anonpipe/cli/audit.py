"""`anonpipe audit`: read and check the log; needs no key and shows no names."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from anonpipe.cli import questions
from anonpipe.cli.options import DefaultGroup, json_option, study_argument

if TYPE_CHECKING:
    from anonpipe.study import Study


@click.group(cls=DefaultGroup, default=questions.DEFAULT)
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
    from anonpipe.cli import show_audit as screen
    from anonpipe.cli.console import material as show_material
    from anonpipe.session import open_log
    from anonpipe.status import material
    from anonpipe.study import load

    opened = open_log(load(study))
    entries = list(opened.entries())
    if as_json:
        for entry in entries:
            click.echo(json.dumps(asdict(entry), sort_keys=True))
    else:
        screen.log(entries)
        show_material(material(opened))


@audit.command()
@study_argument
@questions.against_option
@json_option
def verify(study: Path, against: Path | None, as_json: bool) -> None:
    """Check that no entry was changed, removed, added or moved (exit code 5 if one was).

    The first line says CONSISTENT, TRUNCATED, REWRITTEN at a line or DOES NOT VERIFY at one;
    TORN LAST LINE is what a crash leaves, and no sign of tampering.
    """
    from anonpipe import checkpoint
    from anonpipe.cli import show_audit as screen
    from anonpipe.cli.console import material as show_material
    from anonpipe.errors import AuditError
    from anonpipe.session import open_log
    from anonpipe.status import material
    from anonpipe.study import load

    opened = load(study)
    lines, torn = _log_of(opened)
    kept = questions.kept_checkpoint(against, opened)
    verdict = checkpoint.examine(lines, torn, opened.settings.id, kept)
    called = material(open_log(opened)) if verdict.sound else None
    if as_json:
        values = verdict.to_json() | {"material": called.to_json() if called else None}
        click.echo(json.dumps(values, sort_keys=True))
    else:
        screen.verdict(verdict)
        if called:
            show_material(called)
    if not verdict.sound:
        raise AuditError(
            f"{opened.log_file} is not what was written, {verdict.why}: keep it as it is and "
            "compare it with a backup."
        )


@audit.command("checkpoint")
@study_argument
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@json_option
def make_checkpoint(study: Path, file: Path, as_json: bool) -> None:
    """Write the log's last signature to FILE, to be kept where nobody can change both.

    `anonpipe audit verify --against FILE` then says what became of the log since. FILE holds
    hashes only, and is never overwritten.
    """
    from anonpipe import checkpoint
    from anonpipe.cli import show_audit as screen
    from anonpipe.study import load

    opened = load(study)
    lines, _ = _log_of(opened)
    made = checkpoint.take(lines, opened.settings.id)
    checkpoint.write(file, made)
    unsigned = len(lines) - made.entries
    if as_json:
        rest = {"file": str(file), "entries": made.entries, "unsigned": unsigned}
        facts = {"study": made.study, "time": made.time, "signer": made.signer, "head": made.head}
        click.echo(json.dumps(rest | facts, sort_keys=True))
    else:
        screen.checkpoint(file, made, unsigned)


@audit.command("schema-check")
@study_argument
@click.option("--json", "as_json", is_flag=True, help="The counts as JSON.")
def schema_check(study: Path, as_json: bool) -> None:
    """Prove, entry by entry, that the log holds declared values only: no text, no names."""
    from anonpipe.cli import show_audit as screen
    from anonpipe.schema_check import census
    from anonpipe.study import load

    found = census(*_log_of(load(study)))
    if as_json:
        click.echo(json.dumps(found.to_json(), sort_keys=True))
    else:
        screen.census(found)


def _log_of(study: Study) -> tuple[list[bytes], bytes]:
    """The lines of a study's log, unchecked; works on a copy that lies apart from any key."""
    from anonpipe.audit import AuditLog

    _ = study.key_file  # a study without one was never initialised, which is another mistake
    return AuditLog(study.log_file, salt=study.settings.id).lines()
