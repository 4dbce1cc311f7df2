"""What `anonpipe models` prints."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from rich.markup import escape
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)

from anonpipe.cli.console import err, grid, out, pairs
from anonpipe.errors import AnonpipeError
from anonpipe.models import ModelSpec, load_manifest
from anonpipe.study import Study

FOR_NORWEGIAN = "nb-whisper-small"
"""The one that a laptop without a graphics card can carry."""

BASE_PARAMETERS = 74
"""Millions, of whisper-base, whose speed benchmarks/transcription.md tells."""

CT2_CONFIG = "ct2/config.json"
NORWEGIAN = frozenset({"nb", "nn"})


def models(specs: Iterable[ModelSpec], installed: Callable[[str], bool]) -> None:
    """The known models, and which one to choose."""
    table = grid("model", "languages", "size", "what for", "", fold=False)
    for spec in specs:
        table.add_row(
            f"[bold]{spec.name}[/]",
            " ".join(spec.languages),
            amount_of_bytes(spec.size),
            spec.description,
            "[green]installed[/]" if installed(spec.name) else "",
        )
    out.print(table)
    out.print(
        f"For Norwegian: `anonpipe models show {FOR_NORWEGIAN}` tells what it gains, what it costs "
        "and how to install it, with and without a network.",
        style="dim",
    )


def model(spec: ModelSpec, installed: bool) -> None:
    """What one model is, what is known of how well it hears, and how it is installed."""
    table = pairs()
    table.add_row("model", f"[bold]{spec.title}[/]  {'[green]installed[/]' if installed else ''}")
    table.add_row("what for", spec.description)
    table.add_row("languages", " ".join(spec.languages))
    about = "about " if spec.about else ""
    table.add_row("size", f"{about}{amount_of_bytes(spec.size)}")
    if spec.parameters:
        times = spec.parameters / BASE_PARAMETERS
        cost = "" if times <= 1 else f", so about {times:.0f} times the work of whisper-base"
        table.add_row("parameters", f"{spec.parameters} million{cost}")
    for number, figure in enumerate(spec.figures):
        table.add_row("" if number else "known", escape(figure))
    table.add_row("licence", spec.licence)
    table.add_row("homepage", spec.homepage)
    out.print(table)
    out.print()
    for line in how_to_install(spec):
        out.print(line, soft_wrap=True, markup=False)


def how_to_install(spec: ModelSpec) -> Iterator[str]:
    """Lines: with a network, without one, and how a study is told of it."""
    hub = spec.hub
    revision = f" --revision {hub.revision}" if hub is not None and not spec.pinned else ""
    yield "With a network:"
    yield f"  anonpipe models install {spec.name}{revision}"
    yield ""
    yield "For a machine that never sees one, on any other machine:"
    if hub is not None:
        where = f"https://huggingface.co/{hub.repository}/tree/{hub.revision}"
        yield f"  1. Open {where} and download into one folder:"
        for file in spec.files:
            path = hub.paths.get(file.path, file.path)
            mind = "  (this one, not the config.json beside ct2/)" if path == CT2_CONFIG else ""
            yield f"       {path}{mind}"
    else:
        yield f"  1. Install it there as above; `anonpipe models path {spec.name}` tells where."
    yield "  2. Bring the folder over on a stick, and there:"
    yield f"       anonpipe models install {spec.name} --from FOLDER"
    if not spec.pinned:
        yield "     Nobody has published digests of these files; those of what came are recorded,"
        yield "     and hold from then on (models/README.md)."
    if spec.task == "speech":
        yield ""
        yield "Then in study.toml:"
        yield "  [transcription]"
        yield f'  model = "{spec.name}"'


def better_for_norwegian(model: str) -> str | None:
    """A sentence for who hears Norwegian with a model that was not made for it, None for others.

    A model of the user's own is their choice.
    """
    spec = load_manifest().get(model)
    if spec is None or spec.task != "speech" or spec.is_norwegian:
        return None
    return (
        f"{model} is rough at Norwegian; NB-Whisper of the National Library of Norway hears it "
        f"far better: `anonpipe models show {FOR_NORWEGIAN}`."
    )


def advise(study: Study) -> None:
    """Say that there is a better model, if the study's language is Norwegian."""
    sentence = better_for_norwegian(study.settings.model)
    if sentence and study.settings.source.language in NORWEGIAN:
        out.print(sentence, style="yellow")


def advise_once(study: Study) -> None:
    """Say so if a Norwegian recording is to be the first one that the study hears."""
    if any(state.kind == "audio" for state in study.read_state().values()):
        return
    languages = {
        study.settings.for_file(source.relative).language
        for source in study.sources()
        if source.kind == "audio"
    }
    sentence = better_for_norwegian(study.settings.model)
    if sentence and languages & NORWEGIAN:
        out.print(sentence, style="yellow")


def amount_of_bytes(size: int) -> str:
    """1.5 GB, 148 MB, or nothing when nobody knows."""
    if not size:
        return ""
    return f"{size / 1e9:,.1f} GB" if size >= 1e9 else f"{size / 1e6:,.0f} MB"


def install(name: str, *, source: Path | None = None, revision: str | None = None) -> None:
    """Install one model with a bar of bytes."""
    from anonpipe import models as rooms

    if source is None and rooms.installed(name):
        try:
            rooms.resolve(name)
        except AnonpipeError:
            err.print(f"{name} is damaged and is installed anew.", style="yellow")
        else:
            err.print(f"{name} is installed.", style="dim")
            return
    shown = Progress(
        TextColumn("{task.description}"),
        BarColumn(bar_width=24),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(compact=True),
        console=err,
        transient=True,
    )
    with shown:
        task = shown.add_task(f"installing {name}", total=None)

        def moved(done: int, total: int) -> None:
            shown.update(task, completed=done, total=total)

        options: dict[str, Any] = {} if revision is None else {"revision": revision}
        path = rooms.install(name, source=source, progress=moved, **options)
    err.print(f"{name} is installed in {escape(str(path))}.", style="dim")
