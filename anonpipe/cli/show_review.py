"""What `anonpipe review --list` prints: what waits, why, and where to look."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.markup import escape

from anonpipe.cli.console import out
from anonpipe.cli.course import clock
from anonpipe.review import Spot, Waiting
from anonpipe.times import timecode

SHOWN = 80
BEFORE = 25
"""Characters of a turn's text, in all and before the spot."""

WHY = {
    "repetition": "the recogniser repeated itself",
    "unheard": "more than 10 seconds of speech gave no text",
    "other-script": "it holds words in letters in which no names are found",
    "policy-ask": "you are to decide about what the settings say «ask» for",
    "name-audible": "the kept recording may still say a name",
}
"""`decisions.Why` in words; "trouble" comes with its figures."""


def excerpt(spot: Spot) -> str:
    """At most 80 characters of the spot's turn, from a little before the spot on."""
    begin = 0
    if len(spot.text) > SHOWN and spot.at > BEFORE:
        begin = spot.text.find(" ", min(spot.at - BEFORE, len(spot.text) - SHOWN)) + 1
    text = f"{'…' if begin else ''}{spot.text[begin:]}"
    return text if len(text) <= SHOWN else f"{text[: SHOWN - 1]}…"


def _why(item: Waiting) -> Iterator[str]:
    share = f"{item.trouble:.0%} of its speech ({clock(item.speech)}) is in trouble"
    if "trouble" in item.why:
        yield f"{share}, and the study's limit is {item.limit:.0%}"
    elif item.trouble:
        yield share
    yield from (WHY[why] for why in item.why if why in WHY)


def waiting(items: Sequence[Waiting]) -> None:
    """What waits, each with its flagged spots."""
    if not items:
        out.print("Nothing waits.")
    for item in items:
        out.print(
            f"[bold]{item.id}[/]  {'+'.join(item.participants)}  {item.rule}  "
            f"waits for [yellow]{item.waits_for}[/]"
            f"  [dim]quotes: {'yes' if item.quotes else 'no'}, "
            f"archive: {'yes' if item.archive else 'no'}[/]"
        )
        for name in item.outputs:
            out.print(f"   [dim]{escape(name)}[/]")
        for line in _why(item):
            out.print(f"   {'[yellow]must be reviewed:[/] ' if item.why else ''}{line}")
        for spot in item.spots:
            where = timecode(spot.start) if spot.start is not None else ""
            if where and spot.end is not None and spot.end - (spot.start or 0.0) >= 1:
                where += f"–{timecode(spot.end)}"
            if not where and spot.turn is not None:
                where = f"turn {spot.turn + 1}"
            text = excerpt(spot)
            what = f"{spot.kind} {spot.count} {spot.type}" if spot.type else spot.kind
            out.print(f"   [yellow]{what}[/] {where}  [dim]{escape(text)}[/]")
