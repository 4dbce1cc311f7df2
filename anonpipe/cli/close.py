"""`anonpipe close`: the guided end of a study."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from anonpipe.cli import complain
from anonpipe.cli.options import asker, study_argument, today_option, with_key
from anonpipe.errors import ConsentError, UsageError

if TYPE_CHECKING:
    from anonpipe.closing import Plan
    from anonpipe.closing.questions import Answers
    from anonpipe.rarity import Findings
    from anonpipe.session import Session

file_type = click.Path(path_type=Path, dir_okay=False)


@click.command()
@study_argument
@click.option(
    "--checklist",
    metavar="FILE",
    type=file_type,
    help="Write the questions, what is open and what was found to FILE (TOML), and do no more.",
)
@click.option(
    "--answers",
    "answers_file",
    metavar="FILE",
    type=file_type,
    help="The filled FILE; without it the questions are asked on the terminal.",
)
@click.option("--dry-run", is_flag=True, help="Say what would be done; change nothing.")
@click.option(
    "--pseudonymised",
    is_flag=True,
    help="Destroy the key although the material stays pseudonymised.",
)
@click.option(
    "--backup-destroyed",
    "attested",
    multiple=True,
    metavar="B01",
    help="Attest that a registered backup of the key is destroyed; it is logged.",
)
@today_option
@with_key
def close(
    study: Path,
    checklist: Path | None,
    answers_file: Path | None,
    dry_run: bool,
    pseudonymised: bool,
    attested: tuple[str, ...],
    today: date | None,
    identities: tuple[Path, ...],
    passphrase_file: Path | None,
) -> None:
    """End a study: delete what was promised to be deleted, then the key, in all its copies.

    First --checklist FILE, then --answers FILE --dry-run, then --answers FILE. Refused, with
    exit code 3 and a list of everything, as long as anything is open. There is no way back.
    """
    if checklist is not None and answers_file is not None:
        raise UsageError("Say either --checklist FILE or --answers FILE.")
    ask = checklist is None and answers_file is None
    if ask and not sys.stdin.isatty():
        raise UsageError(
            "There is no terminal to ask on: write the questions with --checklist FILE and give "
            "them back, filled, with --answers FILE."
        )
    from anonpipe import clock, closing
    from anonpipe.closing.answers import read
    from anonpipe.session import session
    from anonpipe.study import load

    # Read before the key is opened: a mistake in it should cost no passphrase.
    answers = None if answers_file is None else read(*_read(answers_file))
    loaded = load(study)
    with session(loaded, identities, asker(passphrase_file)) as opened:
        day = date.today()
        now = datetime.now().astimezone()
        doubt = clock.check(opened.log, now, today, dry_run=dry_run)
        if doubt is not None:
            raise UsageError(doubt)
        if checklist is not None:
            found = closing.write_checklist(opened, checklist, day)
            click.echo(
                f"{checklist} has the questions; {len(found.open)} thing(s) are open, "
                f"{len(found.findings.rare)} rare combination(s) were found."
            )
            return
        try:
            answers = answers or _ask(opened, day, attested)
            wanted = closing.plan(
                opened, answers, day, attested=attested, pseudonymised=pseudonymised
            )
        except closing.NotYet as refusal:
            for item in refusal.items:
                complain(item)
            complain(f"Nothing was changed: {len(refusal.items)} thing(s) stand in the way.")
            raise click.exceptions.Exit(ConsentError.exit_code) from None
        _show(opened, wanted)
        if dry_run:
            click.echo("Dry run: nothing was changed.")
            return
        if ask:
            click.confirm("Destroy the key now? There is no way back.", abort=True)
        closing.close(opened, wanted)
    click.echo(f"The study is closed. {wanted.material.line('en')}")
    click.echo(f"Read {loaded.closing / 'report.txt'}, and file it with the project.")
    click.echo(
        "Identities belong to their holders: ask each of them to delete theirs, as what may be "
        "left of a key on a disk can be read with them alone."
    )


def _read(path: Path) -> tuple[str, str]:
    try:
        return path.read_text(encoding="utf-8-sig"), path.name
    except (OSError, UnicodeDecodeError):
        raise UsageError(f"{path} cannot be read as text.") from None


def _show(opened: Session, wanted: Plan) -> None:
    """What a close will do, in a few lines."""
    gone = [source.id for source in wanted.sources if source.deletes]
    kept = [source.id for source in wanted.sources if not source.deletes and source.outputs]
    click.echo(f"Will be deleted with all outputs: {', '.join(gone) or 'nothing'}.")
    click.echo(f"Will be kept: {', '.join(kept) or 'nothing'}.")
    for backup in opened.key.table.backups:
        how = "attested to be destroyed" if backup.id in wanted.attested else "will be destroyed"
        click.echo(f"Backup {backup.id} of the key, made {backup.made_at[:10]}: {how}.")
    click.echo(f"The key itself, {opened.study.key_file}, goes last.")
    click.echo(f"The material will be called: {wanted.material.line('en')}")


# -- asking on the terminal


def _ask(opened: Session, today: date, attested: tuple[str, ...]) -> Answers:
    """The answers, asked one by one; raises NotYet first if anything is open."""
    from anonpipe.closing import NotYet
    from anonpipe.closing.answers import from_values
    from anonpipe.closing.examination import examine
    from anonpipe.closing.questions import COPY_STATES, FORMAT, PLACES, VERSION

    found = examine(opened, today, attested)
    if found.open:
        raise NotYet([item.text for item in found.open])
    return from_values(
        {
            "format": FORMAT,
            "version": VERSION,
            "judge": {"role": opened.key.holder.label, "date": today},
            **_criteria(found.findings),
            **_rare(found.findings),
            "copies": {place: _choose(f"Copies: {place}", COPY_STATES) for place in PLACES},
        },
        "answers",
    )


def _criteria(findings: Findings) -> dict[str, Any]:
    from anonpipe.closing.questions import BASES_AGAINST, BASES_FOR, QUESTIONS, table_of

    for link in findings.links:
        click.echo(f"{link.code} stands in the transcripts of {', '.join(link.participants)}.")
    answers = {}
    for code, question in QUESTIONS.items():
        if code == "small-group" and not findings.is_small:
            continue
        ruled_out = _choose(question, ("yes", "no"))
        bases = BASES_FOR if ruled_out == "yes" else BASES_AGAINST
        answers[table_of(code)] = {"ruled_out": ruled_out, "basis": _several(bases)}
    return answers


def _rare(findings: Findings) -> dict[str, Any]:
    rare = [
        {
            "participant": each.participant,
            "codes": list(each.codes),
            "verdict": _accepted(f"{each.participant} alone has {', '.join(each.codes)}"),
        }
        for each in findings.rare
    ]
    kept = [
        {"type": kind, "verdict": _accepted(f"{kind} is left readable")} for kind in findings.kept
    ]
    return {"rare": rare, "kept": kept}


def _accepted(finding: str) -> str:
    """The verdict on something that was found; NotYet when it may not stay as it is."""
    from anonpipe.closing import NotYet

    if _choose(f"{finding}: is that acceptable?", ("yes", "no")) == "no":
        raise NotYet([f"{finding}: make it less exact in the transcripts, and approve them anew."])
    return "accepted"


def _choose(question: str, words: tuple[str, ...]) -> str:
    answer: str = click.prompt(question, type=click.Choice(words), err=True)
    return answer


def _several(words: Mapping[str, str]) -> list[str]:
    for code, text in words.items():
        click.echo(f"  {code:18} {text}", err=True)
    answer: str = click.prompt("It rests on (codes, with blanks between)", err=True)
    return answer.replace(",", " ").split()
