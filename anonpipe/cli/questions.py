"""The questions of `anonpipe audit`, one command each, the report, and receipts."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from anonpipe.cli.options import json_option, study_argument

if TYPE_CHECKING:
    from anonpipe.answers import Answer, Evidence
    from anonpipe.checkpoint import Checkpoint
    from anonpipe.study import Study

DEFAULT = "overview"
LOG = 5
QUESTIONS = {
    "holders": "Who can open the key: roles, fingerprints, since when, and how that came about.",
    "openings": "Who opened the key, when and why.",
    "apart": "Is the key apart from the data: device, access, digest, backups?",
    "due": "What is overdue, and what retention will demand when?",
    "offline": "Did the runs stay offline, and with which models?",
    "oversight": "Was a person in the loop, and what was deleted without one?",
    "anonymous": "Is the material anonymous, by whose judgement, and why not if it is not?",
}
ABOUT_ONE = {
    "deletion": "Were the originals of P07 deleted: how, verified how, on what, by which rule?",
    "withdrawal": "Is the withdrawal of P07 complete, and what is left?",
}
language_option = click.option(
    "--language", type=click.Choice(("en", "nb")), default="en", show_default=True
)
against_option = click.option(
    "--against",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The checkpoint that you kept from an earlier visit; tells what became of the log since.",
)


def add_to(group: click.Group) -> None:
    """Put the commands of this module into a group."""
    for command in (overview, intact, report, receipt):
        group.add_command(command)
    for name, about in QUESTIONS.items():
        group.add_command(_question(name, about))
    for name, about in ABOUT_ONE.items():
        group.add_command(_question_about_one(name, about))


def _question(name: str, about: str) -> click.Command:
    @click.command(name, help=about, short_help=about)
    @study_argument
    @json_option
    @language_option
    def command(study: Path, as_json: bool, language: Any) -> None:
        from anonpipe import answers

        _answer(study, as_json, lambda evidence: answers.ask(name, evidence, language))

    return command


def _question_about_one(name: str, about: str) -> click.Command:
    @click.command(name, help=f"{about} Without a code: of everybody.", short_help=about)
    @study_argument
    @click.argument("participant", metavar="[P07]", required=False)
    @json_option
    @language_option
    def command(study: Path, participant: str | None, as_json: bool, language: Any) -> None:
        from anonpipe.answers.deletions import deletion
        from anonpipe.answers.withdrawals import withdrawal
        from anonpipe.errors import UsageError
        from anonpipe.transcript import PARTICIPANT_CODE

        if participant is not None and not PARTICIPANT_CODE.fullmatch(participant):
            raise UsageError("Name a participant by their code, such as P07.")
        asked = {"deletion": deletion, "withdrawal": withdrawal}[name]
        _answer(study, as_json, lambda evidence: asked(evidence, language, participant))

    return command


def _answer(folder: Path, as_json: bool, asked: Callable[[Evidence], Answer]) -> None:
    from anonpipe import answers
    from anonpipe.study import load

    evidence = answers.gather(load(folder))
    _show(evidence.study, [asked(evidence)], as_json, one=True)


def _show(study: Study, found: Sequence[Answer], as_json: bool, *, one: bool) -> None:
    """Print answers, and what the material may be called, and exit with the gravest code."""
    from anonpipe.cli import console, show_answers
    from anonpipe.session import open_log
    from anonpipe.status import material

    code = max(answer.exit_code for answer in found)
    # A log that does not verify says nothing of the material.
    called = material(open_log(study)) if code != LOG or found[0].name != "intact" else None
    facts = {"study": study.settings.id, "material": called.to_json() if called else None}
    if as_json and one:
        click.echo(json.dumps({**facts, **found[0].to_json()}))
    elif as_json:
        values = {answer.name: answer.to_json() for answer in found}
        click.echo(json.dumps({**facts, "exit_code": code, "answers": values}))
    else:
        show_answers.answers(found, whole=one)
        if called:
            console.material(called)
    raise click.exceptions.Exit(code)


def kept_checkpoint(against: Path | None, study: Study) -> Checkpoint | None:
    """The checkpoint of that study in a file, if one is named. Raises UsageError."""
    from anonpipe import checkpoint

    return checkpoint.read(against, study.settings.id) if against else None


@click.command(DEFAULT, short_help="All answers on one screen; the same as `anonpipe audit STUDY`.")
@study_argument
@against_option
@json_option
@language_option
def overview(study: Path, against: Path | None, as_json: bool, language: Any) -> None:
    """All answers on one screen; the exit code says what needs attention."""
    from anonpipe import answers
    from anonpipe.study import load

    loaded = load(study)
    kept = kept_checkpoint(against, loaded)
    first = answers.check_log(loaded, language, kept)
    if first.exit_code:  # nothing else can be told from a log that does not verify
        _show(loaded, [first], as_json, one=False)
    _show(loaded, answers.ask_all(answers.gather(loaded), language, kept), as_json, one=False)


@click.command(short_help="Is the log intact, since your last visit if you give its checkpoint?")
@study_argument
@against_option
@json_option
@language_option
def intact(study: Path, against: Path | None, as_json: bool, language: Any) -> None:
    """Is the log intact, since your last visit if you give the checkpoint of it?"""
    from anonpipe import answers
    from anonpipe.study import load

    loaded = load(study)
    found = answers.check_log(loaded, language, kept_checkpoint(against, loaded))
    _show(loaded, [found], as_json, one=True)


@click.command(short_help="Write it all as one page, for screen, paper and screen reader.")
@study_argument
@click.option(
    "--to",
    "target",
    metavar="FILE.html",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The page to write; an earlier report of that name is replaced.",
)
@against_option
@json_option
@language_option
def report(
    study: Path, target: Path | None, against: Path | None, as_json: bool, language: Any
) -> None:
    """Write everything as one page: figures, timeline, answers, and the Article 30 record.

    The page holds no names as long as the title and [record] of study.toml hold none: these are
    shown as they stand.
    """
    from anonpipe import answers
    from anonpipe.errors import UsageError
    from anonpipe.report import draw_up, write
    from anonpipe.study import load

    if target is None and not as_json:
        raise UsageError("Say with --to FILE.html where to write the page, or ask for --json.")
    loaded = load(study)
    evidence = answers.gather(loaded)
    made = draw_up(evidence, language, kept_checkpoint(against, loaded))
    if loaded.settings.title or loaded.settings.record.values():
        click.echo(
            "The title and [record] of study.toml stand in the report as you wrote them: "
            "they must hold no names.",
            err=True,
        )
    if target is not None:
        write(target, made, evidence.zone)
    if as_json:
        click.echo(json.dumps(made.to_json()))
    elif target is not None:
        click.echo(f"{target} is written.")


@click.group()
def receipt() -> None:
    """Deletion receipts."""


@receipt.command()
@study_argument
@click.argument("files", nargs=-1, metavar="[FILE...|all]")
@json_option
def verify(study: Path, files: tuple[str, ...], as_json: bool) -> None:
    """Check receipts against the log: signature, every field, and that none is missing.

    Exit code 5 if anything does not fit. Needs no key.
    """
    from anonpipe.cli import show_answers
    from anonpipe.errors import AuditError
    from anonpipe.receipt_check import check, check_all
    from anonpipe.session import open_log
    from anonpipe.study import load

    loaded = load(study)
    entries = list(open_log(loaded).entries())
    if files in ((), ("all",)):
        found = check_all(loaded.receipts, entries)
    else:
        paths = [path for file in files for path in _found(file, loaded.receipts)]
        found = tuple(check(path, entries) for path in paths)
    if as_json:
        click.echo(json.dumps({"receipts": [item.to_json() for item in found]}))
    else:
        show_answers.receipts(found)
    if not all(item.sound for item in found):
        raise click.exceptions.Exit(AuditError.exit_code)


def _found(file: str, folder: Path) -> list[Path]:
    """Receipts by a path, or by an id (X0001) or a source (R01) in the study."""
    path = Path(file)
    if path.suffix == ".txt":
        path = path.with_suffix(".json")
    if path.exists() or path.parent != Path():
        return [path]
    named = [p for p in sorted(folder.glob("X*.json")) if path.stem in (p.stem, *p.stem.split("-"))]
    return named or [path]
