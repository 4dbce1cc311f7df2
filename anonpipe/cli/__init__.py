"""The command line: one module a command group, imported only when its command is called."""

from __future__ import annotations

import importlib
import os
import sys
from pathlib import Path

import click

from anonpipe import __version__
from anonpipe.errors import AnonpipeError

COMMANDS = {
    "init": ("study", "init"),
    "ingest": ("ingest", "ingest"),
    "run": ("study", "run"),
    "review": ("review", "review"),
    "speakers": ("speakers", "speakers"),
    "consent": ("consent", "consent"),
    "retention": ("retention", "retention"),
    "withdraw": ("withdraw", "withdraw"),
    "subject": ("subject", "subject"),
    "key": ("key", "key"),
    "audit": ("audit", "audit"),
    "close": ("close", "close"),
    "scan": ("scan", "scan"),
    "transcribe": ("transcribe", "transcribe"),
    "models": ("models", "models"),
    "demo": ("demo", "demo"),
}
"""Command -> module of this package and the name in it, in the order of the help text."""

ONLINE = frozenset({"models", "demo"})
"""Commands that may install models; they close the network themselves when that is done."""


class LazyGroup(click.Group):
    """Imports a command's module when it is called or asked for help, not before."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, name = COMMANDS[cmd_name]
        command = getattr(importlib.import_module(f"anonpipe.cli.{module}"), name)
        assert isinstance(command, click.Command)
        return command


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="anonpipe")
@click.pass_context
def cli(ctx: click.Context) -> None:
    """Turn interview recordings and notes into pseudonymised transcripts, offline.

    Names and identifying details become codes, the list of who is who is kept apart
    and encrypted, and recordings are deleted as the participants were promised.
    """
    if ctx.invoked_subcommand not in ONLINE:
        from anonpipe.offline import block_network

        block_network()


def main() -> None:
    """Run the command line; every error is one sentence and the right exit code."""
    _open_standard_streams()
    try:
        code = cli.main(standalone_mode=False)
    except AnonpipeError as error:
        complain(str(error))
        code = error.exit_code
    except click.exceptions.Abort:
        complain("Stopped; nothing is lost, the same command goes on where it was.")
        code = 130
    except click.ClickException as error:
        error.show()
        code = error.exit_code
    except BrokenPipeError:
        sys.stderr.close()
        code = 1
    except Exception as error:
        # The exception's text and the traceback may quote an interview.
        import traceback

        where = traceback.extract_tb(error.__traceback__)[-1]
        place = f"{Path(where.filename).name}:{where.lineno}"
        complain(
            f"Unexpected {type(error).__name__} at {place}: run again to go on where it stopped, "
            "and report these words if it stays so."
        )
        code = 1
    sys.exit(code if isinstance(code, int) else 0)


def _open_standard_streams() -> None:
    """Open what of the standard streams a caller has closed («<&-»), on nothing.

    Else the next files to be opened, such as the log, would take their numbers, and libraries
    that write to standard error would write into them.
    """
    while (number := os.open(os.devnull, os.O_RDWR)) <= 2:
        pass
    os.close(number)
    sys.stdin = sys.stdin or os.fdopen(0)


def complain(sentence: str) -> None:
    """One line on standard error; a file name in it may hold anything, so only what prints."""
    printable = "".join(c if c.isprintable() else "?" for c in sentence)
    click.echo(f"anonpipe: {printable}", err=True)
