"""What the commands print: tables and progress for people, JSON lines for programs."""

from __future__ import annotations

import json
import shlex
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import Any

import click
from rich.console import Console
from rich.markup import escape
from rich.progress import (
    BarColumn,
    Progress,
    ProgressColumn,
    SpinnerColumn,
    Task,
    TextColumn,
)
from rich.table import Table
from rich.text import Text

from anonpipe.cli import complain
from anonpipe.cli.console import err, grid, material, out, pairs
from anonpipe.cli.course import Course, Pace, clock
from anonpipe.create import Created
from anonpipe.outcome import Event, Outcome
from anonpipe.status import PSEUDONYMISED
from anonpipe.study import Stage, Study

PROGRESS_SECONDS = 3.0
"""At least so long from one line about progress to the next."""

STAGES = {
    Stage.NEW: "reading",
    Stage.TRANSCRIBED: "finding names",
    Stage.CODED: "writing",
    Stage.WRITTEN: "finishing",
}
STATUS = {
    "final": "[green]done[/]",
    "waiting": "[yellow]waits[/]",
    "refused": "[red]refused[/]",
    "failed": "[bold red]failed[/]",
    "planned": "[cyan]planned[/]",
    "sealed": "[green]sealed[/]",
}

WAITS = {
    "review": "kept until reviewed",
    "delta": "kept until transcribed",
    "run": "kept until `anonpipe run`",
}


class AudioSpeed(ProgressColumn):
    """How many times faster than the recording plays."""

    def render(self, task: Task) -> Text:
        speed = task.fields["pace"].speed
        digits = 0 if speed and speed >= 10 else 1
        return Text("" if not speed else f"{speed:.{digits}f}× speed", style="dim")


class TimeLeft(ProgressColumn):
    """How long the rest of a recording will take."""

    def render(self, task: Task) -> Text:
        left = task.fields["pace"].left
        return Text("" if left is None else f"{clock(left)} left", style="cyan")


class AudioTime(ProgressColumn):
    """Minutes of audio done and in all."""

    def render(self, task: Task) -> Text:
        if not task.total or task.total <= 1:
            return Text("")
        return Text(f"{clock(task.completed)} / {clock(task.total)}", style="dim")


def bar(console: Console) -> Progress:
    """A progress bar of audio time, speed and time left."""
    return Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(bar_width=24),
        AudioTime(),
        AudioSpeed(),
        TimeLeft(),
        console=console,
        transient=True,
    )


@contextmanager
def progress() -> Iterator[Callable[[float, float], None]]:
    """A bar on standard error for one recording."""
    pace = Pace()
    with bar(err) as shown:
        task = shown.add_task("transcribing", total=1, pace=pace)

        def update(done: float, total: float) -> None:
            pace.update(done, total)
            shown.update(task, completed=done, total=total)

        yield update


class TerminalRun:
    """Shows a run to a person: a bar while it goes on, a table at the end."""

    def __init__(self, *, dry_run: bool = False) -> None:
        self.course = Course()
        self._bar = bar(out)
        self._task = self._bar.add_task("", total=None, visible=False, pace=Pace())
        self._dry_run = dry_run

    def __enter__(self) -> TerminalRun:
        self._bar.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Take the bar away."""
        self._bar.stop()

    def report(self, event: Event) -> None:
        self.course.follow(event)
        if event.kind == "stage":
            text = f"[bold]{event.id}[/] {STAGES[event.values['stage']]}"
            self._bar.reset(
                self._task, description=text, total=None, visible=True, pace=self.course.pace
            )
        elif event.kind == "progress":
            self._bar.update(
                self._task, completed=event.values["done"], total=event.values["total"]
            )
        elif event.kind == "outcome":
            complain_of(event.values["outcome"])
        elif event.kind == "parts":
            complain(parts_hint(event.values["files"]))
        elif event.kind == "names-sealed":
            out.print(
                f"{event.values['count']} names moved from study.toml into the key.", style="dim"
            )

    def summary(self, study: Study, outcomes: Sequence[Outcome]) -> None:
        """The table at the end, then a sentence for each source that was refused or failed."""
        if not outcomes:
            out.print(
                f"Nothing to do: put recordings into {study.source_folder('audio')} "
                f"or notes into {study.source_folder('text')}."
            )
            return
        if study.settings.title:
            out.print(f"[bold]{escape(study.settings.title)}[/]")
        out.print(outcome_table(outcomes))
        for outcome in outcomes:
            if spots := spots_of(outcome):
                out.print(f"{outcome.id or '-'}: {spots}", style="dim")
        if any(outcome.reason == "review" for outcome in outcomes):
            folder = escape(str(study.folder))
            out.print(f"`anonpipe review {folder} --list` shows where to look.", soft_wrap=True)
        material(PSEUDONYMISED)
        if self._dry_run:
            out.print("Dry run: nothing was changed.", style="cyan")


def parts_hint(files: Sequence[str]) -> str:
    """How files that look like the parts of one interview become one transcript."""
    names = " ".join(shlex.quote(f"recordings/{file}") for file in files)
    return (
        f"{' and '.join(files)} look like parts of one interview: to have one transcript of them, "
        f"stop, and join them in the study folder with `anonpipe ingest . --join {names}`."
    )


def complain_of(outcome: Outcome) -> None:
    """Why a source was refused or failed, at once, so that stopping the run loses nothing."""
    if outcome.status in ("refused", "failed"):
        complain(outcome.reason)


def outcome_table(outcomes: Iterable[Outcome]) -> Table:
    """One row a source: state, rule, and what became of the original."""
    table = grid("source", "participant", "state", "rule", "original", fold=False)
    for outcome in outcomes:
        if outcome.deleted:
            original = "gone, receipt written"
        elif outcome.status == "waiting":
            original = WAITS.get(outcome.reason, f"to be deleted {outcome.reason}")
        else:
            original = "" if outcome.status == "final" else "untouched"
        table.add_row(
            outcome.id or "-",
            "+".join(outcome.participants),
            STATUS[outcome.status],
            outcome.rule,
            original,
        )
    return table


def spots_of(outcome: Outcome) -> str:
    """How many spots of which kinds need a look, and how much of the speech is in trouble."""
    spots = ", ".join(f"{count} {kind}" for kind, count in outcome.flags.items())
    if outcome.trouble >= 0.01:
        spots += f" ({outcome.trouble:.0%} of the speech)"
    return spots.strip()


class JsonRun:
    """Shows a run to a program: one JSON object a line, ids instead of names."""

    def __init__(self) -> None:
        self.course = Course()
        self._told = -PROGRESS_SECONDS

    def __enter__(self) -> JsonRun:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def close(self) -> None:
        """Nothing is open."""

    def report(self, event: Event) -> None:
        self.course.follow(event)
        values = dict(event.values)
        if event.kind == "progress":
            now = time.monotonic()
            if now - self._told < PROGRESS_SECONDS and values["done"] < values["total"]:
                return
            self._told = now
            left = self.course.pace.left
            values["left"] = None if left is None else round(left)
        if event.kind == "parts":
            complain(parts_hint(values.pop("files")))
        if event.kind == "outcome":
            complain_of(values["outcome"])
            values = asdict(values["outcome"])
            values.pop("id")
            why = values.pop("why")
            values["reason"] = why or values["reason"]  # the sentence names files: stderr only
        click.echo(json.dumps({"event": event.kind, "source": event.id, **values}))

    def summary(self, study: Study, outcomes: Sequence[Outcome]) -> None:
        counts = {status: sum(o.status == status for o in outcomes) for status in STATUS}
        values = {"event": "summary", "material": PSEUDONYMISED.word, **counts}
        click.echo(json.dumps(values))


def created(made: Created, *, next_steps: bool = True) -> None:
    """Where things lie after `init`, and what to do next."""
    folder = made.study.folder
    table = pairs()
    table.add_row("study", escape(str(folder)))
    table.add_row("key", escape(str(made.key)))
    for recipient in made.recipients:
        table.add_row("opens for", f"{escape(recipient.label)}  [dim]{recipient.public_key}[/]")
    for identity in made.identities:
        table.add_row("identity", escape(str(identity)))
    out.print(table)
    if len(made.recipients) < 2:
        out.print(
            "Only one identity opens this key; if it is lost, so is the key. "
            "Name your supervisor with --recipient or --new-identity.",
            style="yellow",
        )
    if not next_steps:
        return
    out.print(
        f"Next: recordings into {escape(str(folder / 'recordings'))}, notes into documents/, one "
        f"row for each participant into consent.csv, then `anonpipe run {escape(str(folder))}`."
    )
    if len(made.identities) > 1:
        out.print("Give each identity file but your own to its holder, and delete it here.")


def mentions(file: Path | None, found: dict[str, Any]) -> None:
    """The mentions of one scanned file."""
    if file is not None:
        out.print(f"[bold]{escape(str(file))}[/]")
    table = grid("at", "type", "code", "text", "score", "recognizer")
    for item in found["entities"]:
        table.add_row(
            str(item["start"]),
            item["type"],
            escape(item["code"]),
            escape(item["text"]),
            f"{item['score']:.2f}",
            item["recognizer"],
        )
    out.print(table)
