"""What `anonpipe review --list` prints: what waits, why, and where to look."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path

from rich.markup import escape

from anonpipe.cli.console import out
from anonpipe.cli.course import clock
from anonpipe.review.signing import Prepared, Readable, Signed
from anonpipe.review.waiting import Spot, Waiting
from anonpipe.times import timecode
from anonpipe.wording.marks import without_marks

SHOWN = 80
BEFORE = 25
"""Characters of a turn's text, in all and before the spot."""

MOST = 8
"""Spots of a kind that are shown with their text; of more, only the times of the others."""

WHY = {
    "repetition": "the recogniser repeated itself",
    "unheard": "more than 10 seconds of speech gave no text",
    "other-script": "it holds words in letters in which no names are found",
    "policy-ask": "you are to decide about what the settings say «ask» for",
    "name-audible": "the kept recording may still say a name",
    "voice-kept": "the kept recording leaves a voice as it was: is it the interviewer's?",
}
"""`decisions.Why` in words; "trouble" comes with its figures."""


def excerpt(spot: Spot) -> str:
    """At most 80 characters of the spot's turn, without marks, from a little before the spot on."""
    text, places = without_marks(spot.text)
    at = bisect_left(places, spot.at)
    begin = 0
    if len(text) > SHOWN and at > BEFORE:
        begin = text.find(" ", min(at - BEFORE, len(text) - SHOWN)) + 1
    text = f"{'…' if begin else ''}{text[begin:]}"
    return text if len(text) <= SHOWN else f"{text[: SHOWN - 1]}…"


def files(names: Sequence[str]) -> Iterator[str]:
    """The outputs of a source, one line a transcript with its formats."""
    for stem, group in groupby(names, key=lambda name: name.split(".", 1)[0]):
        endings = [name.removeprefix(stem).removeprefix(".") for name in group]
        yield f"{stem}.{endings[0]}" if len(endings) == 1 else f"{stem}: {', '.join(endings)}"


def where(spot: Spot) -> str:
    """The time of a spot, or the number of its turn where there are no times."""
    if spot.start is None:
        return "" if spot.turn is None else f"turn {spot.turn + 1}"
    longer = spot.end is not None and spot.end - spot.start >= 1
    return timecode(spot.start) + (f"–{timecode(spot.end or 0.0)}" if longer else "")


def chosen(spots: Sequence[Spot]) -> tuple[list[Spot], dict[str, list[Spot]]]:
    """The spots to show with their text, and the others by kind; those of most words are shown."""
    shown: set[int] = set()
    for kind in {spot.kind for spot in spots}:
        of_kind = [at for at, spot in enumerate(spots) if spot.kind == kind]
        shown.update(sorted(of_kind, key=lambda at: -spots[at].count)[:MOST])
    rest: dict[str, list[Spot]] = {}
    for at, spot in enumerate(spots):
        if at not in shown:
            rest.setdefault(spot.kind, []).append(spot)
    return [spots[at] for at in sorted(shown)], rest


def _why(item: Waiting) -> Iterator[str]:
    share = f"{item.trouble:.0%} of its speech ({clock(item.speech)}) is in trouble"
    if "trouble" in item.why:
        yield f"{share}, and the study's limit is {item.limit:.0%}"
    elif item.trouble:
        yield share
    yield from (WHY[why] for why in item.why if why in WHY)


def waiting(items: Sequence[Waiting], study: Path) -> None:
    """What waits, each with its flagged spots, and what to do about it."""
    if not items:
        out.print("Nothing waits.")
    for item in items:
        out.print(
            f"[bold]{item.id}[/]  {'+'.join(item.participants)}  {item.rule}  "
            f"waits for [yellow]{item.waits_for}[/]"
            f"  [dim]quotes: {'yes' if item.quotes else 'no'}, "
            f"archive: {'yes' if item.archive else 'no'}[/]"
        )
        for line in files(item.outputs):
            out.print(f"   [dim]{escape(line)}[/]")
        if item.signed < item.needed and item.signed:
            out.print(f"   [yellow]signed by {item.signed} of {item.needed} persons[/]")
        for line in _why(item):
            out.print(f"   {'[yellow]must be reviewed:[/] ' if item.why else ''}{line}")
        shown, rest = chosen(item.spots)
        for spot in shown:
            what = f"{spot.kind} {spot.count} {spot.type}" if spot.type else spot.kind
            out.print(
                f"   [yellow]{what}[/] {where(spot)}  [dim]{escape(excerpt(spot))}[/]",
                no_wrap=True,
                overflow="ellipsis",
            )
        for kind, spots in rest.items():
            places = ", ".join(filter(None, (where(spot) for spot in spots)))
            out.print(f"   [yellow]{len(spots)} more {kind}[/] [dim]{places}[/]")
    first = next((item.id for item in items if item.waits_for == "review"), None)
    if first is not None:
        out.print(
            "Listen at these times, correct the transcripts, and sign each source off: "
            f"`anonpipe review {escape(str(study))} --approve {first}`.",
            soft_wrap=True,
        )


GOES = {
    "audio": "the recording",
    "document": "the document",
    "sealed": "the sealed raw transcript",
    "bleeped": "the bleeped copy",
}
"""`signing.What` in words."""


def about_to_sign(now: Prepared) -> None:
    """What a signature does, before it is given."""
    for line in files([file.path for file in now.files if file.standing != "goes"]):
        out.print(f"   [dim]{escape(line)}[/]")
    for on in dict.fromkeys(going.on for going in now.going):
        things = [GOES[going.what] for going in now.going if going.on == on]
        when = {
            "now": "now",
            "second": "once a second person has signed",
            "clock": "once the date of this machine can be trusted",
        }.get(on, f"on {on}")
        out.print(f"   deleted {when}, by the rule {now.rule}: {' and '.join(things)}")
    if now.stays:
        out.print("   the document stays where it is")
    for each in now.left:
        out.print(f"   [yellow]counts as no name from now on:[/] {_place(each)}")
    for unseen in now.unseen:
        what = "found" if unseen.came else "not found any more"
        out.print(f"   [yellow]{what} since you looked:[/] {unseen.type} in turn {unseen.turn + 1}")
    if now.open:
        out.print(f"   [yellow]{now.open} places that need eyes were not looked at[/]")


def _place(each: Readable) -> str:
    where = f"turn {each.turn + 1}" if each.turn is not None else f"line {each.line}"
    return f"{each.code} in {escape(each.output)}, {where}"


def signed(done: Signed, study: Path) -> None:
    """That a first signature is kept, and what is missing."""
    out.print(
        f"Signed by {done.signed} of {done.needed} persons; {done.source} waits for another one: "
        f"`anonpipe review {escape(str(study))} --approve {done.source} --reviewer NAME`, with an "
        "identity of their own.",
        soft_wrap=True,
    )
