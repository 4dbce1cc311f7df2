"""Which indirect identifiers stand together, as a picture: inline SVG without scripts or styles.

A matrix as UpSet draws sets (Lex and others, IEEE TVCG 2014): a row for each type, and for each
participant columns of the types that together single them out, with a bar for how many such
sets there are. What a reader sees of a value differs in shape, not in colour only. Colours
come from the page's style sheet.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from anonpipe.markup import Markup, join, tag
from anonpipe.rarity import QUASI, Shows, Value
from anonpipe.transcript import MentionType

ROWS: tuple[MentionType, ...] = ("AGE", "LOCATION", "ORG", "OCCUPATION", "DATE", "OTHER")
"""The types in the order of the rows."""
MOST_COLUMNS = 40
"""Columns that are drawn at most; the table has them all."""
_OPENNESS: tuple[Shows, ...] = ("code", "coarse", "said")
_WIDTH, _LABEL, _TALLY, _ROW, _BARS, _FOOT = 1040.0, 150.0, 96.0, 34.0, 64.0, 34.0
_WIDEST, _NARROWEST = 44.0, 19.0
assert frozenset(ROWS) == QUASI


@dataclass(frozen=True, slots=True)
class Column:
    """Sets of one participant that hold values of the same types.

    `shows` is what a reader sees of each type, the most open of all the sets; `sets` are they.
    """

    participant: str
    shows: tuple[tuple[MentionType, Shows], ...]
    sets: tuple[tuple[Value, ...], ...]


def columns(people: Iterable[tuple[str, Sequence[tuple[Value, ...]]]]) -> tuple[Column, ...]:
    """The columns for participants and their sets: by participant, the smallest sets first."""
    found = []
    for participant, sets in people:
        by_types: dict[tuple[MentionType, ...], list[tuple[Value, ...]]] = {}
        for each in sets:
            kinds = tuple(kind for kind in ROWS if any(v.type == kind for v in each))
            by_types.setdefault(kinds, []).append(each)
        for kinds, alike in sorted(by_types.items(), key=lambda item: (len(item[0]), item[0])):
            shows = tuple((kind, _most_open(kind, alike)) for kind in kinds)
            found.append(Column(participant, shows, tuple(alike)))
    return tuple(found)


def _most_open(kind: MentionType, sets: Iterable[Iterable[Value]]) -> Shows:
    seen = [value.shows for each in sets for value in each if value.type == kind]
    return max(seen, key=_OPENNESS.index)


def drawn(every: Sequence[Column]) -> tuple[Column, ...]:
    """The columns that are drawn: of too many those that show the most, in their order."""
    if len(every) <= MOST_COLUMNS:
        return tuple(every)

    def telling(column: Column) -> tuple[int, int]:
        return max(_OPENNESS.index(shows) for _, shows in column.shows), -len(column.shows)

    best = sorted(range(len(every)), key=lambda n: telling(every[n]), reverse=True)
    return tuple(every[n] for n in sorted(best[:MOST_COLUMNS]))


def picture(
    shown: Sequence[Column],
    *,
    name: Callable[[MentionType], str],
    title: str,
    description: str,
    tally: str,
    sets: str,
) -> Markup:
    """The drawing of at least one column; `name` gives the words for a type.

    `tally` heads the bars at the left (participants that values of the type help to single out),
    `sets` those on top.
    """
    rows = [kind for kind in ROWS if any(kind in dict(c.shows) for c in shown)]
    left = _LABEL + _TALLY + 24
    step = max(_NARROWEST, min(_WIDEST, (_WIDTH - left - 10) / len(shown)))
    width = max(left + step * len(shown) + 10, 460.0)
    top = _BARS + 26
    bottom = top + _ROW * len(rows)
    middle = {kind: top + _ROW * (n + 0.5) for n, kind in enumerate(rows)}
    x = {column: left + step * (n + 0.5) for n, column in enumerate(shown)}
    return tag(
        "svg",
        tag("title", title, id="risk-title"),
        tag("desc", description, id="risk-desc"),
        *_bands(rows, top, width),
        *_groups(shown, x, step, top, bottom),
        tag("text", tally, x=_LABEL + _TALLY, y=top - 12, class_="axis end"),
        tag("text", sets, x=left, y=14, class_="axis"),
        *(_tally(kind, shown, middle[kind], name(kind)) for kind in rows),
        *_bars(shown, x, step),
        *(_column(column, x[column], middle) for column in shown),
        viewBox=f"0 0 {width:.0f} {bottom + _FOOT:.0f}",
        role="img",
        aria_labelledby="risk-title risk-desc",
        class_="upset",
    )


def _bands(rows: Sequence[MentionType], top: float, width: float) -> list[Markup]:
    return [
        tag("rect", x=0, y=top + _ROW * n, width=width, height=_ROW, class_="band")
        for n in range(0, len(rows), 2)
    ]


def _groups(
    shown: Sequence[Column], x: dict[Column, float], step: float, top: float, bottom: float
) -> list[Markup]:
    """A line between participants, and under each group of columns whose they are."""
    parts = []
    for number, (who, own) in enumerate(groupby(shown, key=lambda column: column.participant)):
        mine = list(own)
        begin, end = x[mine[0]] - step / 2, x[mine[-1]] + step / 2
        if number:
            parts.append(tag("line", x1=begin, x2=begin, y1=top, y2=bottom + 24, class_="between"))
        narrow = end - begin < 9.0 * len(who)
        parts.append(
            tag(
                "text",
                who,
                x=(begin + end) / 2,
                y=bottom + (20 if not narrow or number % 2 == 0 else 32),
                class_="whose middle",
            )
        )
    return parts


def _tally(kind: MentionType, shown: Sequence[Column], y: float, label: str) -> Markup:
    """The label of a row, and how many participants its values help to single out."""
    who = {column.participant for column in shown if kind in dict(column.shows)}
    most = max(1, len({column.participant for column in shown}))
    length = (_TALLY - 22) * len(who) / most
    return join(
        tag("text", label, x=10, y=y + 4.5, class_="label"),
        tag(
            "rect",
            x=_LABEL + _TALLY - length,
            y=y - 7,
            width=length,
            height=14,
            rx=2,
            class_="bar",
        ),
        tag(
            "text",
            str(len(who)),
            x=_LABEL + _TALLY - length - 6,
            y=y + 4.5,
            class_="count end",
        ),
    )


def _bars(shown: Sequence[Column], x: dict[Column, float], step: float) -> list[Markup]:
    most = max(len(column.sets) for column in shown)
    base = _BARS + 16
    parts = []
    for column in shown:
        height = 4 + (_BARS - 26) * len(column.sets) / most
        wide = min(18.0, step - 6)
        parts += [
            tag(
                "rect",
                x=x[column] - wide / 2,
                y=base - height,
                width=wide,
                height=height,
                rx=2,
                class_="bar",
            ),
            tag(
                "text",
                str(len(column.sets)),
                x=x[column],
                y=base - height - 4,
                class_="count middle",
            ),
        ]
    return parts


def _column(column: Column, x: float, middle: dict[MentionType, float]) -> Markup:
    shows = dict(column.shows)
    ends = [y for kind, y in middle.items() if kind in shows]
    tie = tag("line", x1=x, x2=x, y1=min(ends), y2=max(ends), class_="tie")
    dots = [
        symbol(shows[kind], x, y)
        if kind in shows
        else tag("circle", cx=x, cy=y, r=2, class_="none")
        for kind, y in middle.items()
    ]
    return tag("g", tie if len(ends) > 1 else None, *dots)


def symbol(shows: Shows, x: float, y: float) -> Markup:
    """The mark of a value: a full disc as it was said, a half one less exact, a ring for a code."""
    ring = tag("circle", cx=x, cy=y, r=7, class_=f"dot {shows}")
    if shows != "coarse":
        return ring
    half = tag("path", d=f"M{x:.2f} {y - 7:.2f}a7 7 0 0 0 0 14z", class_="half")
    return join(ring, half)


def legend(kinds: Iterable[Shows], words: Callable[[Shows], str]) -> Markup:
    """What the marks mean, as a list beside the picture."""
    return tag(
        "ul",
        *(
            tag(
                "li",
                tag(
                    "svg",
                    symbol(kind, 9, 9),
                    viewBox="0 0 18 18",
                    width=18,
                    height=18,
                    aria_hidden="true",
                    class_="upset",
                ),
                tag("span", words(kind)),
            )
            for kind in kinds
        ),
        class_="legend",
    )
