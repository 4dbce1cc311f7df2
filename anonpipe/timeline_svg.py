"""The timeline as a picture: inline SVG without scripts, for screen, paper and screen readers.

Time has two scales, each linear: what happened takes the left part, what lies ahead the right,
and a line between them is now. Otherwise a year of work would vanish beside a date ten years
ahead. Kinds of marks differ in shape, not in colour only. Colours come from the page's style.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from anonpipe.markup import Markup, join, tag
from anonpipe.timeline import LANES, Lane, Mark, MarkKind, Row, Timeline

MANY_ROWS = 48
"""With more sources than that, they share lanes, in which marks that lie close become one."""
PAST_SHARE = 0.7
TICKS = (
    (timedelta(seconds=15), "%H:%M:%S"),
    (timedelta(minutes=1), "%H:%M"),
    (timedelta(minutes=5), "%H:%M"),
    (timedelta(minutes=15), "%H:%M"),
    (timedelta(hours=1), "%H:%M"),
    (timedelta(hours=6), "%d %b %H:%M"),
    (timedelta(days=1), "%d %b"),
    (timedelta(days=7), "%d %b"),
    (timedelta(days=30.4), "month"),
    (timedelta(days=91.3), "quarter"),
    (timedelta(days=365.25), "year"),
    (timedelta(days=730.5), "2years"),
    (timedelta(days=1826.25), "5years"),
    (timedelta(days=3652.5), "10years"),
)
MONTHS_OF = {"month": 1, "quarter": 3, "year": 12, "2years": 24, "5years": 60, "10years": 120}
MONTHS = {
    "en": ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"],
    "nb": ["jan", "feb", "mar", "apr", "mai", "jun", "jul", "aug", "sep", "okt", "nov", "des"],
}


@dataclass(frozen=True, slots=True)
class Look:
    """Sizes in units of the drawing: its width, the width of labels, the height of a row."""

    width: float = 1040.0
    label: float = 118.0
    row: float = 26.0
    right: float = 16.0
    tick_gap: float = 52.0
    labels_above: bool = False


WIDE = Look()
NARROW = Look(width=340.0, label=4.0, row=40.0, right=8.0, tick_gap=44.0, labels_above=True)


@dataclass(frozen=True, slots=True)
class Scale:
    """Two joined linear scales; `x` is strictly inside left and right for all of the timeline."""

    start: datetime
    now: datetime
    end: datetime
    left: float
    middle: float
    right: float

    def x(self, at: datetime) -> float:
        if at <= self.now:
            share = (at - self.start) / (self.now - self.start)
            return self.left + max(0.0, share) * (self.middle - self.left)
        share = (at - self.now) / (self.end - self.now)
        return self.middle + min(1.0, share) * (self.right - self.middle)

    def ticks(self, gap: float, language: str) -> Iterator[tuple[float, str, str]]:
        """Where lines stand: x, label, and a second label where the year or the day changes."""
        parts = [(self.start, self.now, self.left, self.middle)]
        if self.right > self.middle:
            parts.append((self.now, self.end, self.middle, self.right))
        for begin, end, left, right in parts:
            step, form = next(
                (s for s in TICKS if (right - left) * (s[0] / (end - begin)) >= gap), TICKS[-1]
            )
            before = ""
            for at in _rounds(begin, end, step, form):
                x = left + (at - begin) / (end - begin) * (right - left)
                label, above = _labels(at, form, language)
                if left + 10 <= x <= right - 6:
                    yield x, label, above if above != before else ""
                    before = above


def _rounds(begin: datetime, end: datetime, step: timedelta, form: str) -> Iterator[datetime]:
    if "%" in form:
        seconds = step.total_seconds()
        midnight = begin.replace(hour=0, minute=0, second=0, microsecond=0)
        if seconds >= 604800:
            midnight -= timedelta(days=midnight.weekday())
        count = int((begin - midnight).total_seconds() // seconds) + 1
        while (at := midnight + count * step) <= end:
            yield at
            count += 1
        return
    months = MONTHS_OF[form]
    index = (begin.year * 12 + begin.month - 1) // months + 1
    while True:
        year, month = divmod(index * months, 12)
        if year > 9998 or (at := datetime(year, month + 1, 1, tzinfo=UTC)) > end:
            return
        yield at
        index += 1


def _labels(at: datetime, form: str, language: str) -> tuple[str, str]:
    months = MONTHS[language]
    month = months[at.month - 1]
    day = f"{at.day}. {month}" if language == "nb" else f"{at.day} {month}"
    match form:
        case "month" | "quarter":
            return month, str(at.year)
        case "%H:%M" | "%H:%M:%S":
            return at.strftime(form), f"{day} {at.year}"
        case "%d %b %H:%M":
            return at.strftime("%H:%M"), day
        case "%d %b":
            return day, str(at.year)
        case _:
            return str(at.year), ""


def picture(
    line: Timeline,
    *,
    say: Callable[..., str],
    language: str,
    look: Look = WIDE,
    prefix: str = "t",
    title: str,
    description: str,
) -> Markup:
    """The drawing; `say` gives words for lanes ("lane:key") and marks ("mark:opened").

    `prefix` keeps the ids of several drawings on one page apart.
    """
    ahead = any(mark.at > line.now for mark in line.everything())
    left, right = look.label + 10, look.width - look.right
    span = max(line.now - line.start, timedelta(minutes=2))
    start = line.now - span * 1.02
    scale = Scale(
        start,
        line.now,
        line.now + max(line.end - line.now, timedelta(days=1)) * 1.04,
        left,
        left + (right - left) * PAST_SHARE if ahead else right,
        right,
    )
    lanes = list(_lanes(line, say))
    top = 46.0
    body: list[Markup] = []
    y = top
    previous = ""
    for lane in lanes:
        if previous and lane.group != previous:
            y += 10
        previous = lane.group
        body.append(_lane(lane, y, scale, look, line.now))
        y += look.row
    height = y + 30
    grid = [
        tag("line", x1=x, x2=x, y1=top - 6, y2=y + 2, class_="grid")
        + _text(x, top - 14, label, "tick middle")
        + (_text(_inside(x, above, look), top - 29, above, "tick strong middle") if above else "")
        for x, label, above in scale.ticks(look.tick_gap, language)
    ]
    now = scale.x(line.now)
    today = [
        tag("line", x1=now, x2=now, y1=top - 10, y2=y + 6, class_="now"),
        _text(now, y + 20, say("now"), "nowlabel " + ("middle" if ahead else "end")),
    ]
    if ahead:
        shade = tag(
            "rect",
            x=now,
            y=top - 6,
            width=right - now,
            height=y - top + 8,
            class_="ahead",
        )
        today.insert(0, shade)
        today.append(_text(right, y + 20, say("ahead"), "tick end"))
    return tag(
        "svg",
        tag("title", title, id=f"{prefix}-title"),
        tag("desc", description, id=f"{prefix}-desc"),
        today[0] if ahead else None,
        *(Markup(line) for line in grid),
        *(today[1:] if ahead else today),
        *body,
        viewBox=f"0 0 {look.width:.0f} {height:.0f}",
        role="img",
        aria_labelledby=f"{prefix}-title {prefix}-desc",
        class_="timeline",
    )


@dataclass(frozen=True, slots=True)
class _Drawn:
    label: str
    note: str
    group: str
    row: Row | None
    marks: tuple[Mark, ...]


def _lanes(line: Timeline, say: Callable[..., str]) -> Iterator[_Drawn]:
    if len(line.rows) <= MANY_ROWS:
        for row in line.rows:
            yield _Drawn(row.name, " ".join(row.participants), "sources", row, row.marks)
    else:
        shared: dict[str, list[Mark]] = {}
        for row in line.rows:
            for mark in row.marks:
                kind = {"gone": "deleted", "overdue": "due"}.get(mark.kind, mark.kind)
                shared.setdefault(kind, []).append(mark)
        for kind in ("arrived", "approved", "deleted", "outputs", "due"):
            if kind in shared:
                marks = tuple(sorted(shared[kind], key=lambda mark: mark.at))
                yield _Drawn(say(f"lane:{kind}"), "", "sources", None, marks)
    loose: dict[Lane, list[Mark]] = {"work": [], "key": [], "consent": []}
    for mark in line.marks:
        loose[LANES.get(mark.kind, "consent")].append(mark)
    for lane, found in loose.items():
        if found:
            yield _Drawn(say(f"lane:{lane}"), "", "study", None, tuple(found))


def _lane(lane: _Drawn, y: float, scale: Scale, look: Look, now: datetime) -> Markup:
    middle = y + (25 if look.labels_above else look.row / 2)
    parts: list[Markup] = []
    if look.labels_above:
        parts.append(_text(look.label, y + 13, lane.label, "label"))
        if lane.note:
            offset = 8 + 8.6 * len(lane.label)
            parts.append(_text(look.label + offset, y + 13, lane.note, "who"))
    else:
        parts.append(_text(4, middle + 4, lane.label, "label"))
        if lane.note:
            short = lane.note if len(lane.note) <= 10 else f"{lane.note[:9]}…"
            parts.append(_text(look.label, middle + 4, short, "who end"))
    parts.append(tag("line", x1=scale.left, x2=scale.right, y1=middle, y2=middle, class_="rail"))
    if lane.row is not None:
        begin = scale.x(lane.row.since)
        end = scale.x(lane.row.until or now)
        parts.append(
            tag(
                "rect",
                x=begin,
                y=middle - 4,
                width=max(2.0, end - begin),
                height=8,
                rx=4,
                class_=f"original {'text' if lane.row.kind == 'text' else 'audio'}",
            )
        )
        dues = [scale.x(mark.at) for mark in lane.marks if mark.at > now]
        if dues:
            parts.append(tag("line", x1=end, x2=max(dues), y1=middle, y2=middle, class_="until"))
    for x, marks in _merged(lane.marks, scale):
        parts.append(_symbol(marks[-1].kind, x, middle))
        if len(marks) > 1:
            above = middle + 15 if look.labels_above else middle - 8
            parts.append(_text(x, above, str(len(marks)), "count middle"))
    return tag("g", *parts)


def _merged(marks: Iterable[Mark], scale: Scale) -> list[tuple[float, list[Mark]]]:
    """Marks of one kind that would overlap, taken together at the place of the first."""
    found: list[tuple[float, list[Mark]]] = []
    open_: dict[MarkKind, int] = {}
    for mark in marks:
        x = scale.x(mark.at)
        index = open_.get(mark.kind)
        if index is not None and x - found[index][0] < 11:
            found[index][1].append(mark)
        else:
            open_[mark.kind] = len(found)
            found.append((x, [mark]))
    return found


_SHAPES: Mapping[MarkKind, Callable[[float, float], Markup]] = {
    "arrived": lambda x, y: tag("circle", cx=x, cy=y, r=5, class_="m arrived"),
    "approved": lambda x, y: tag(
        "path", d=f"M{x - 4.5:.2f} {y - 9:.2f}l3 3l5.5 -6.5", class_="m stroke approved"
    ),
    "deleted": lambda x, y: join(
        tag("circle", cx=x, cy=y, r=6.5, class_="m deleted"),
        tag(
            "path",
            d=f"M{x - 2.6:.2f} {y - 2.6:.2f}l5.2 5.2m0 -5.2l-5.2 5.2",
            class_="m cross",
        ),
    ),
    "gone": lambda x, y: join(
        tag("circle", cx=x, cy=y, r=6, class_="m gone"),
        tag("path", d=f"M{x - 3:.2f} {y:.2f}h6", class_="m stroke gone"),
    ),
    "run": lambda x, y: tag("rect", x=x - 1.5, y=y - 6, width=3, height=12, class_="m run"),
    "opened": lambda x, y: tag("path", d=f"M{x:.2f} {y - 7:.2f}l6.5 12h-13z", class_="m opened"),
    "recipients": lambda x, y: join(
        tag("circle", cx=x - 2.6, cy=y, r=4.4, class_="m recipients"),
        tag("circle", cx=x + 2.6, cy=y, r=4.4, class_="m recipients"),
    ),
    "backup": lambda x, y: tag("rect", x=x - 5, y=y - 5, width=10, height=10, class_="m backup"),
    "withdrawn": lambda x, y: tag(
        "path", d=f"M{x:.2f} {y + 7:.2f}l6.5 -12h-13z", class_="m withdrawn"
    ),
    "outputs": lambda x, y: tag(
        "path",
        d=f"M{x - 4.5:.2f} {y - 4.5:.2f}l9 9m0 -9l-9 9",
        class_="m stroke outputs",
    ),
    "loosened": lambda x, y: tag(
        "path",
        d=f"M{x - 4:.2f} {y + 6:.2f}v-12h9l-3 3.5l3 3.5h-9",
        class_="m stroke loosened",
    ),
    "destroyed": lambda x, y: join(
        tag("rect", x=x - 6, y=y - 6, width=12, height=12, class_="m closed"),
        tag(
            "path",
            d=f"M{x - 2.6:.2f} {y - 2.6:.2f}l5.2 5.2m0 -5.2l-5.2 5.2",
            class_="m cross",
        ),
    ),
    "closed": lambda x, y: tag("rect", x=x - 6, y=y - 6, width=12, height=12, class_="m closed"),
    "due": lambda x, y: tag("path", d=f"M{x:.2f} {y - 6:.2f}l6 6l-6 6l-6 -6z", class_="m due"),
    "overdue": lambda x, y: join(
        tag("path", d=f"M{x:.2f} {y - 8:.2f}l8 8l-8 8l-8 -8z", class_="m overdue"),
        tag("path", d=f"M{x:.2f} {y - 4:.2f}v4.6m0 1.6v1.8", class_="m cross"),
    ),
}


def _symbol(kind: MarkKind, x: float, y: float) -> Markup:
    return _SHAPES[kind](x, y)


def legend(kinds: Iterable[MarkKind], say: Callable[..., str]) -> Markup:
    """What the shapes mean, as a list beside the picture."""
    items = [
        tag(
            "li",
            tag(
                "svg",
                _symbol(kind, 10, 18 if kind == "approved" else 10),
                viewBox="0 0 20 20",
                width=18,
                height=18,
                aria_hidden="true",
            ),
            tag("span", say(f"mark:{kind}")),
        )
        for kind in kinds
    ]
    return tag("ul", *items, class_="legend")


def _inside(x: float, words: str, look: Look) -> float:
    """Where the middle of some words must stand so that the drawing does not cut them off."""
    half = 3.6 * len(words)
    return min(max(x, half), look.width - half)


def _text(x: float, y: float, words: str, classes: str) -> Markup:
    return tag("text", words, x=x, y=y, class_=classes)
