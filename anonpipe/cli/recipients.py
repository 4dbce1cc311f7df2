"""`anonpipe key recipients`: who can open the key, and changing that."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from anonpipe.cli.options import asker, study_argument, with_key
from anonpipe.errors import UsageError

if TYPE_CHECKING:
    from anonpipe.identity import Recipient
    from anonpipe.recipients import Changed, NewFile
    from anonpipe.session import Session

Choose = Callable[[tuple["Recipient", ...], list["Recipient"]], tuple["Recipient", ...]]


def _options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Options of every change of the set."""
    for option in (
        click.option(
            "--not-me",
            is_flag=True,
            help="Go ahead though the identity given here will not open the key any more.",
        ),
        click.option(
            "--single-recipient", "single", is_flag=True, help="Let one identity alone open it."
        ),
        with_key,
    ):
        command = option(command)
    return command


def _new_identity_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Options of the changes that may bring a new identity."""
    for option in (
        click.option("--no-passphrase", is_flag=True, help="Leave the new identity unprotected."),
        click.option(
            "--new-passphrase-file",
            metavar="FILE",
            type=click.Path(path_type=Path, dir_okay=False),
            help="File whose first line is the new identity's passphrase; default: as for the "
            "identity that opens the key.",
        ),
        click.option(
            "--new-identity",
            "role",
            metavar="ROLE",
            help="Make an identity with a passphrase beside the key, such as supervisor.",
        ),
    ):
        command = option(command)
    return command


@click.group()
def recipients() -> None:
    """Show and change who can open the key."""


@recipients.command("list")
@study_argument
@click.option("--json", "as_json", is_flag=True, help="The same as JSON.")
def list_(study: Path, as_json: bool) -> None:
    """Show who can open the key, as the signed log says; needs no identity."""
    from anonpipe import closed
    from anonpipe.cli import show_key
    from anonpipe.recipients import check_file, with_dates
    from anonpipe.session import open_log
    from anonpipe.study import load

    loaded = load(study)
    log = open_log(loaded)
    closed.require_open(loaded, log)
    known = with_dates(log)
    if as_json:
        rows = [item.to_json() for item in known]
        click.echo(json.dumps({"recipients": rows}, sort_keys=True))
    else:
        show_key.recipients(known)
    check_file(loaded, log)


@recipients.command()
@study_argument
@click.option(
    "--recipient",
    "public_keys",
    multiple=True,
    metavar="ROLE=age1...",
    help="Role and public key of somebody who shall be able to open the key; may be repeated.",
)
@_new_identity_options
@_options
def add(study: Path, public_keys: tuple[str, ...], role: str | None, **options: Any) -> None:
    """Let somebody else open the key, too."""
    from anonpipe.recipients import added

    new = [_parse(text) for text in public_keys]
    if not new and role is None:
        raise UsageError("Say who is to be added: --recipient ROLE=age1... or --new-identity ROLE.")
    _change(study, lambda old, made: added(old, [*new, *made]), role, options)


@recipients.command()
@study_argument
@click.argument("who", nargs=-1, required=True, metavar="ROLE-OR-PUBLIC-KEY...")
@_options
def remove(study: Path, who: tuple[str, ...], **options: Any) -> None:
    """Let somebody no longer open the key. What they read or copied stays with them."""
    from anonpipe.recipients import without

    _change(study, lambda old, _: without(old, who), None, options)


@recipients.command()
@study_argument
@click.argument("old", metavar="OLD")
@click.argument("new", metavar="NEW", required=False)
@_new_identity_options
@_options
def replace(study: Path, old: str, new: str | None, role: str | None, **options: Any) -> None:
    """Put a recipient in another's place, such as after an identity was lost.

    OLD is a role or public key. NEW is ROLE=age1..., or a public key alone, which takes over
    the role; instead of it, --new-identity makes one.
    """
    from anonpipe.recipients import added, find, without

    if (new is None) == (role is None):
        raise UsageError("Say who comes instead: either ROLE=age1... or --new-identity ROLE.")

    def choose(current: tuple[Recipient, ...], made: list[Recipient]) -> tuple[Recipient, ...]:
        gone = find(current, old)
        comes = made or [_parse(str(new), gone.label)]
        return added(without(current, [gone.public_key]), comes)

    _change(study, choose, role, options)


@recipients.command()
@study_argument
def restore(study: Path) -> None:
    """Write the recipients file beside the key anew, as the signed log has it."""
    from anonpipe.recipients import restore_file
    from anonpipe.session import open_log
    from anonpipe.study import load

    loaded = load(study)
    known = restore_file(loaded, open_log(loaded))
    names = ", ".join(recipient.label for recipient in known)
    click.echo(f"{loaded.recipients_file} names {names}, as the log does.")


def _parse(text: str, role: str | None = None) -> Recipient:
    """ROLE=age1..., or a public key alone where its role is known. Raises UsageError."""
    from anonpipe.identity import check_role, parse_recipient

    label, found, public_key = text.rpartition("=")
    if not found and role is None:
        raise UsageError("Say whose public key it is, such as supervisor=age1...")
    return parse_recipient(public_key, check_role(label) if found else str(role))


def _change(study: Path, choose: Choose, role: str | None, options: dict[str, Any]) -> None:
    """Open the study, make the new identity if one is wanted, and carry the change out."""
    from anonpipe.cli import show_key
    from anonpipe.recipients import change
    from anonpipe.session import session
    from anonpipe.study import load

    loaded = load(study)
    ask = asker(options["passphrase_file"])
    with session(loaded, options["identities"], ask) as opened:
        current = opened.key.recipients
        made, files = _new_identity(opened, role, options)
        done: Changed = change(
            opened,
            choose(current, made),
            single=options["single"],
            not_me=options["not_me"],
            new_files=files,
        )
    show_key.changed(done, [file.path for file in files])


def _new_identity(
    opened: Session, role: str | None, options: dict[str, Any]
) -> tuple[list[Recipient], list[NewFile]]:
    from anonpipe.identity import check_role
    from anonpipe.recipients import prepare_identity

    if role is None:
        return [], []
    check_role(role)
    passphrase = None
    if not options["no_passphrase"]:
        given = options["new_passphrase_file"] or options["passphrase_file"]
        passphrase = asker(given, confirm=True)(Path(f"{role}.identity.age"))
        if not passphrase:
            raise UsageError(
                f"The identity {role} needs a passphrase: set ANONPIPE_PASSPHRASE, give "
                "--new-passphrase-file, or say --no-passphrase."
            )
    recipient, file = prepare_identity(opened.study, role, passphrase)
    return [recipient], [file]
