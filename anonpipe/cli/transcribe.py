"""`anonpipe transcribe`: one recording to a raw transcript on standard output."""

from __future__ import annotations

import json
from pathlib import Path

import click

from anonpipe.cli.options import to_number
from anonpipe.transcript import Channels

OFF = 0
"""The number of speakers that says that nobody shall tell them apart."""


def to_speakers(_: click.Context, __: click.Parameter, value: str) -> int | None:
    """The number of speakers, None for "auto", `OFF` for "off"."""
    return OFF if value == "off" else to_number(value, "--speakers", ", auto or off")


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--language",
    type=click.Choice(["nb", "nn", "no", "en", "auto"]),
    default="nb",
    show_default=True,
    help="Language that is spoken.",
)
@click.option("--model", default="whisper-base", show_default=True, help="Name or folder.")
@click.option(
    "--channels", type=click.Choice(["auto", "split", "mix"]), default="auto", show_default=True
)
@click.option(
    "--speakers",
    metavar="N|auto|off",
    default="auto",
    show_default=True,
    callback=to_speakers,
    help="How many people speak on one microphone; off: do not tell them apart.",
)
@click.option("--device", type=click.Choice(["auto", "cpu", "cuda"]), default="auto")
@click.option("--json", "as_json", is_flag=True, help="Words with times and probabilities.")
def transcribe(
    file: Path,
    language: str,
    model: str,
    channels: Channels,
    speakers: int | None,
    device: str,
    as_json: bool,
) -> None:
    """Print the raw transcript of a recording. It holds names: mind where it goes."""
    from anonpipe import models
    from anonpipe.cli import show
    from anonpipe.speakers.choice import make_diarizer
    from anonpipe.transcribe import Transcriber

    diarizer = make_diarizer("off" if speakers == OFF else "voices")
    with show.progress() as progress:
        transcript = Transcriber(models.resolve(model), device=device).transcribe(
            file,
            language=None if language == "auto" else {"no": "nb"}.get(language, language),
            channels=channels,
            diarizer=diarizer,
            number_of_speakers=speakers,
            progress=progress,
        )
    if as_json:
        click.echo(json.dumps(transcript.to_json(), ensure_ascii=False))
    else:
        from anonpipe import formats

        click.echo(formats.render(transcript, "txt", title=""), nl=False)
