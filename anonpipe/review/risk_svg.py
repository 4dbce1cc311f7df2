"""Which indirect identifiers stand together, as a picture: inline SVG without scripts or styles.

A matrix as UpSet draws sets (Lex and others, IEEE TVCG 2014): a row for each type, and for each
participant columns of the types that together single them out, with a bar for how many such sets
there are; of many participants together, with a bar for how many they are. What a reader sees of
a value differs in shape, not in colour only. Colours come from the page's style sheet.
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
"""With more columns than that, those of all participants are drawn together."""
_OPENNESS: tuple[Shows, ...] = ("code", "coarse", "said")
_WIDTH, _LABEL, _TALLY, _ROW, _BARS, _FOOT = 1040.0, 150.0, 96.0, 34.0, 64.0, 34.0
_WIDEST, _NARROWEST = 44.0, 19.0
assert frozenset(ROWS) == QUASI


@dataclass(frozen=True, slots=True)
class Column:
    """Sets that hold values of the same types: of one participant, or of all (""), who are `whose`.

    `shows` is what a reader sees of each type, the most open of all the sets; `sets` are they.
    """

    participant: str
    shows: tuple[tuple[MentionType, Shows], ...]
    sets: tuple[tuple[Value, ...], ...]
    whose: frozenset[str]

    @property
    def bar(self) -> int:
        """What the bar on top shows: sets of one participant, or participants."""
        return len(self.sets) if self.participant else len(self.whose)


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
            found.append(Column(participant, shows, tuple(alike), frozenset({participant})))
    return tuple(found)


def _most_open(kind: MentionType, sets: Iterable[Iterable[Value]]) -> Shows:
    seen = [value.shows for each in sets for value in each if value.type == kind]
    return max(seen, key=_OPENNESS.index)


def drawn(every: Sequence[Column]) -> tuple[Column, ...]:
    """The columns that are drawn: of too many, one for all participants with the same types."""
    if len(every) <= MOST_COLUMNS:
        return tuple(every)
    by_types: dict[tuple[MentionType, ...], list[Column]] = {}
    for column in every:
        by_types.setdefault(tuple(kind for kind, _ in column.shows), []).append(column)
    found = []
    for kinds, alike in by_types.items():
        sets = tuple(each for column in alike for each in column.sets)
        whose = frozenset(column.participant for column in alike)
        found.append(
            Column("", tuple((kind, _most_open(kind, sets)) for kind in kinds), sets, whose)
        )
    return tuple(sorted(found, key=lambda c: (len(c.shows), -c.bar, [k for k, _ in c.shows])))


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

    `sets` heads the bars on top, `tally` those at the left: participants that values of the type
    help to single out; there are none if only one participant is drawn.
    """
    rows = [kind for kind in ROWS if any(kind in dict(c.shows) for c in shown)]
    several = len(frozenset().union(*(column.whose for column in shown))) > 1
    left = _LABEL + (_TALLY if several else 0) + 24
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
        tag("text", tally, x=_LABEL + _TALLY, y=top - 12, class_="axis end") if several else None,
        tag("text", sets, x=left, y=14, class_="axis"),
        *(tag("text", name(kind), x=10, y=middle[kind] + 4.5, class_="label") for kind in rows),
        *(_tally(kind, shown, middle[kind]) for kind in rows if several),
        *_bars(shown, x, step),
        *(_column(column, x[column], middle) for column in shown),
        viewBox=f"0 0 {width:.0f} {bottom + _FOOT:.0f}",
        width=round(width),
        height=round(bottom + _FOOT),
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
        if not who:
            break
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


def _tally(kind: MentionType, shown: Sequence[Column], y: float) -> Markup:
    """How many participants the values of a row help to single out."""
    who = {who for column in shown if kind in dict(column.shows) for who in column.whose}
    most = len({who for column in shown for who in column.whose})
    length = (_TALLY - 22) * len(who) / most
    return join(
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
    most = max(column.bar for column in shown)
    base = _BARS + 16
    parts = []
    for column in shown:
        height = 4 + (_BARS - 26) * column.bar / most
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
                str(column.bar),
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
    return tag(
        "g",
        *(
            tag("circle", cx=x, cy=y, r=2, class_="none")
            for kind, y in middle.items()
            if kind not in shows
        ),
        tie if len(ends) > 1 else None,
        *(symbol(shows[kind], x, y) for kind, y in middle.items() if kind in shows),
    )


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
