"""Options that several commands share."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import click

from anonpipe.errors import UsageError

study_argument = click.argument("study", type=click.Path(path_type=Path, file_okay=False))
json_option = click.option("--json", "as_json", is_flag=True, help="The same as JSON.")
identity_option = click.option(
    "--identity",
    "identities",
    multiple=True,
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Identity that opens the key; default: the one beside the key.",
)
passphrase_option = click.option(
    "--passphrase-file",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="File whose first line is the identity's passphrase; default: "
    "the variable ANONPIPE_PASSPHRASE, or a prompt.",
)


def to_day(_: click.Context, __: click.Parameter, value: str | None) -> date | None:
    """The date of an option, in any form that the register may have and that reads in one way."""
    from anonpipe.days import parse_day

    try:
        return None if value is None else parse_day(value)
    except ValueError as hint:
        raise click.BadParameter(str(hint)) from None


def to_number(text: str, option: str, others: str = " or auto") -> int | None:
    """A number of speakers, None for "auto"; `others` is what an option takes besides.

    Raises UsageError.
    """
    from anonpipe.settings import MOST_SPEAKERS

    if text == "auto":
        return None
    if not text.isdecimal() or not 1 <= int(text) <= MOST_SPEAKERS:
        raise UsageError(f"Write {option} as a number from 1 to {MOST_SPEAKERS}{others}.")
    return int(text)


class DefaultGroup(click.Group):
    """A group of commands of which one needs no name: `withdraw STUDY P07`, `withdraw status ...`.

    A first word that is no command of the group, and no option, belongs to `default`.
    """

    def __init__(self, *args: Any, default: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.default = default

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        word = next((arg for arg in args if not arg.startswith("-")), None)
        if word is not None and word not in self.commands:
            args = [self.default, *args]
        return super().parse_args(ctx, args)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The options of the command that needs no name stand with the group's own."""
        command = self.commands[self.default]
        options = (param for param in command.params if isinstance(param, click.Option))
        records = (option.get_help_record(ctx) for option in options)
        with formatter.section("Options without a command"):
            formatter.write_dl([record for record in records if record is not None])
        super().format_options(ctx, formatter)


def with_key(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options of every command that opens the key."""
    return identity_option(passphrase_option(command))


def asker(passphrase_file: Path | None, *, confirm: bool = False) -> Callable[[Path], str | None]:
    """A function that gives the passphrase of an identity file, or None if none is to be had.

    Never prompts when standard input is no terminal.
    """

    def ask(identity: Path) -> str | None:
        if passphrase_file is not None:
            try:
                lines = passphrase_file.read_text(encoding="utf-8-sig").splitlines()
            except (OSError, UnicodeDecodeError):
                raise UsageError(f"{passphrase_file} cannot be read as text.") from None
            return lines[0] if lines else None
        if "ANONPIPE_PASSPHRASE" in os.environ:
            return os.environ["ANONPIPE_PASSPHRASE"]
        if not sys.stdin.isatty():
            return None
        answer: str = click.prompt(
            f"Passphrase of {identity.name}", hide_input=True, confirmation_prompt=confirm, err=True
        )
        return answer

    return ask


def new_passphrase(role: str, source: Path | None, option: str) -> str:
    """A passphrase for a new identity, given as `asker` says, twice at a prompt.

    `option` is the one that names a file with it. Raises UsageError when none is given.
    """
    passphrase = asker(source, confirm=True)(Path(f"{role}.identity.age"))
    if not passphrase:
        raise UsageError(
            f"The identity {role} needs a passphrase: set ANONPIPE_PASSPHRASE, give {option}, or "
            "say --no-passphrase."
        )
    return passphrase


today_option = click.option(
    "--today",
    metavar="DATE",
    callback=to_day,
    help="Confirm that this is today's date, where the clock may have jumped; it is logged.",
)
accept_option = click.option(
    "--accept-change",
    is_flag=True,
    help="Take in a register that promises less than before; needs --approval.",
)
approval_option = click.option(
    "--approval",
    metavar="REFERENCE",
    help="Whose approval you have for that, such as SIKT-123456; it is logged.",
)


def on_register(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options of every command that acts on the consent register."""
    return accept_option(approval_option(today_option(command)))


def approved(accept_change: bool, approval: str | None) -> str | None:
    """The approval to promise less than before, if there is one. Raises UsageError."""
    from anonpipe.log_kinds import APPROVAL

    if accept_change != (approval is not None):
        raise UsageError("Say both --accept-change and --approval REFERENCE, or neither.")
    if approval is not None and not APPROVAL.holds(approval):
        raise UsageError(f"The reference of an approval is {APPROVAL.says}.")
    return approval
