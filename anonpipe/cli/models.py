"""`anonpipe models`: list, install and verify models; the only command that goes online."""

from __future__ import annotations

from pathlib import Path

import click


@click.group()
def models() -> None:
    """List, install and verify the models for speech and names."""


@models.command("list")
def list_models() -> None:
    """Show the known models, their licences and whether they are installed."""
    from anonpipe import models as rooms
    from anonpipe.cli import show_models

    show_models.models(rooms.load_manifest().values(), rooms.installed)


@models.command("show")
@click.argument("name")
def show_model(name: str) -> None:
    """What a model is for, what is known of its errors, and how to install it, also offline."""
    from anonpipe import models as rooms
    from anonpipe.cli import show_models
    from anonpipe.errors import UsageError

    spec = rooms.load_manifest().get(name)
    if spec is None:
        raise UsageError(f"There is no model called {name}: see `anonpipe models list`.")
    show_models.model(spec, rooms.installed(name))


@models.command()
@click.argument("names", nargs=-1)
@click.option(
    "--from",
    "source",
    metavar="DIR",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    help="A folder that holds the model's files.",
)
@click.option("--revision", help="Revision to fetch, for models that are not pinned.")
def install(names: tuple[str, ...], source: Path | None, revision: str | None) -> None:
    """Install models by name; without a name, those that anonpipe needs."""
    from anonpipe import models as rooms
    from anonpipe.cli import show_models

    for name in names or rooms.DEFAULTS:
        show_models.install(name, source=source, revision=revision)


@models.command()
@click.argument("names", nargs=-1)
def verify(names: tuple[str, ...]) -> None:
    """Compare installed models with their digests (exit code 6 if one differs)."""
    from anonpipe import models as rooms

    for name in names or [name for name in rooms.load_manifest() if rooms.installed(name)]:
        rooms.resolve(name)
        click.echo(f"{name}: every file matches its digest.")


@models.command()
@click.argument("name")
def path(name: str) -> None:
    """Print the folder of an installed model."""
    from anonpipe import models as rooms

    click.echo(rooms.resolve(name))
