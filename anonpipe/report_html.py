"""The report as one HTML page: no scripts, nothing from elsewhere, for screen, paper and speech.

Every string becomes text through `markup`; the page's own policy (CSP) forbids everything but its
style sheet, so that even a mistake here could load or run nothing.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable
from datetime import tzinfo
from importlib.resources import files
from typing import get_args

from anonpipe.answers.model import Answer, Cell, Mono, Say, Stamp, Standing, Table, both_times
from anonpipe.markup import Markup, join, raw, tag
from anonpipe.record import Line
from anonpipe.report import Report
from anonpipe.report_words import WORDS
from anonpipe.timeline import Mark, MarkKind, iso
from anonpipe.timeline_svg import MANY_ROWS, NARROW, WIDE, legend, picture

GENERATOR = "anonpipe audit report"
"""By which a page is known as one that may be replaced by a newer one."""
_DAY = re.compile(r"(\d{4}-\d\d-\d\d)")
_ICONS: dict[Standing, str] = {
    "good": "M3.5 8.6l3 3l6.2-7",
    "attention": "M8 2.6v6.6M8 11.8v1.6",
    "note": "M8 7v6M8 2.8v1.4",
}


def page(report: Report, zone: tzinfo) -> str:
    """The whole page; `zone` is the local time zone, shown beside UTC."""
    say = Say(WORDS, report.language)
    style = files("anonpipe").joinpath("report.css").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    title = report.title or say("untitled")
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", http_equiv="Content-Security-Policy", content=policy),
        tag("meta", name="generator", content=GENERATOR),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="color-scheme", content="light dark"),
        tag("meta", name="referrer", content="no-referrer"),
        tag("meta", name="robots", content="noindex"),
        tag("title", f"{say('page')} – {title}"),
        tag("style", raw(style)),
    )
    body = tag(
        "body",
        tag("a", say("skip"), href="#answers", class_="skip"),
        _header(report, say, title, zone),
        tag(
            "main",
            _glance(report, say),
            _timeline(report, say),
            _answers(report, say, zone),
            _record(report, say),
            _check(say),
            _events(report, say, zone),
        ),
        tag("footer", tag("p", f"{say('promise')} {report.program}")),
    )
    return f"<!doctype html>\n{tag('html', head, body, lang=report.language)}\n"


# -- parts of the page


def _header(report: Report, say: Say, title: str, zone: tzinfo) -> Markup:
    facts = (
        (say("study"), tag("code", report.study)),
        (say("made"), _time(report.made_at, zone)),
        (
            say("from", n=report.entries),
            tag("code", report.head[:16], title=report.head),
        ),
    )
    return tag(
        "header",
        tag("p", say("page"), class_="kicker"),
        tag("h1", title),
        tag("p", report.material.notes[0], class_="material"),
        tag("p", say("intro"), class_="intro"),
        tag("p", *(tag("span", name, " ", value) for name, value in facts), class_="facts"),
        _contents(say),
    )


def _contents(say: Say) -> Markup:
    names = ("glance", "timeline", "answers", "record", "check", "events")
    return tag(
        "nav",
        tag("ul", *(tag("li", tag("a", say(name), href=f"#{name}")) for name in names)),
        aria_label=say("contents"),
    )


def _glance(report: Report, say: Say) -> Markup:
    glance = report.glance
    hours, minutes = divmod(round(glance.seconds / 60), 60)
    sound = say("sound" if hours else "sound.minutes", h=hours, m=minutes)
    gone = say("tile.gone.of", gone=glance.gone, all=glance.originals)
    due = glance.next_due or say("tile.due.none")
    tiles = [
        _tile(str(glance.participants), say.n("tile.participants", glance.participants)),
        _tile(
            str(glance.recordings),
            say.n("tile.recordings", glance.recordings),
            sound if glance.seconds else None,
        ),
        _tile(str(glance.documents), say.n("tile.documents", glance.documents)),
        _tile(gone, say("tile.gone")),
        _tile(str(glance.approved), say.n("tile.approved", glance.approved)),
        _tile(str(glance.holders), say.n("tile.holders", glance.holders)),
        _tile(str(glance.openings), say.n("tile.openings", glance.openings)),
        _tile(str(glance.overdue), say("tile.overdue"))
        if glance.overdue
        else _tile(due, say("tile.due")),
    ]
    return _section(
        "glance", say("glance"), _overall(report, say), tag("ul", *tiles, class_="tiles")
    )


def _tile(value: str, label: str, more: str | None = None) -> Markup:
    return tag(
        "li",
        tag("span", value, class_="value"),
        tag("span", label, class_="what"),
        tag("span", more, class_="more") if more else None,
    )


def _overall(report: Report, say: Say) -> Markup:
    wrong = [answer for answer in report.answers if answer.standing == "attention"]
    if not wrong:
        return tag("p", _badge("good", say), " ", say("overall.good"), class_="overall good")
    links = [
        tag("li", tag("a", answer.question, href=f"#{answer.name}"), " ", _prose(answer.verdict))
        for answer in wrong
    ]
    return tag(
        "div",
        tag("p", _badge("attention", say), " ", say.n("overall.attention", len(wrong))),
        tag("ul", *links),
        class_="overall attention",
    )


def _timeline(report: Report, say: Say) -> Markup:
    line, lang = report.line, report.language
    marks = line.everything()
    title = say(
        "timeline.title",
        first=f"{line.start:%Y-%m-%d}",
        last=f"{line.end:%Y-%m-%d}",
    )
    text = say(
        "timeline.text",
        rows=len(line.rows),
        gone=sum(row.until is not None for row in line.rows),
        openings=sum(mark.kind == "opened" for mark in marks),
    )
    present = {mark.kind for mark in marks}
    kinds: Iterable[MarkKind] = (kind for kind in get_args(MarkKind) if kind in present)
    drawings = [
        tag(
            "div",
            picture(
                line,
                say=say,
                language=lang,
                look=look,
                prefix=name,
                title=title,
                description=text,
            ),
            class_=name,
        )
        for name, look in (("wide", WIDE), ("narrow", NARROW))
    ]
    return _section(
        "timeline",
        say("timeline"),
        tag(
            "figure",
            *drawings,
            tag(
                "figcaption",
                legend(kinds, say),
                tag(
                    "p",
                    say("timeline.caption" if len(line.rows) <= MANY_ROWS else "timeline.many"),
                    tag("a", say("timeline.table"), href="#events"),
                ),
            ),
        ),
    )


def _answers(report: Report, say: Say, zone: tzinfo) -> Markup:
    return _section(
        "answers", say("answers"), *(_answer(answer, say, zone) for answer in report.answers)
    )


def _answer(answer: Answer, say: Say, zone: tzinfo) -> Markup:
    return tag(
        "article",
        tag("h3", answer.question, id=f"{answer.name}-q"),
        tag(
            "p",
            _badge(answer.standing, say),
            " ",
            tag("strong", _prose(answer.verdict)),
            class_="verdict",
        ),
        *(tag("p", _prose(note), class_="aside") for note in answer.notes),
        *(_table(table, zone) for table in answer.tables),
        id=answer.name,
        aria_labelledby=f"{answer.name}-q",
    )


def _record(report: Report, say: Say) -> Markup:
    rows = [
        tag(
            "tr",
            tag(
                "th",
                line.heading,
                tag("span", f"30(1)({line.letter})", class_="article"),
                scope="row",
            ),
            tag("td", *(_part(line, origin, text, say) for origin, text in line.parts)),
        )
        for line in report.record
    ]
    table = tag(
        "table",
        tag("caption", say("record.caption")),
        tag(
            "thead",
            tag(
                "tr",
                tag("th", say("record.item"), scope="col"),
                tag("th", say("record.content"), scope="col"),
            ),
        ),
        tag("tbody", *rows),
        class_="record",
    )
    return _section("record", say("record"), tag("p", say("record.intro")), table)


def _part(line: Line, origin: str, text: str, say: Say) -> Markup:
    if origin == "study":
        return tag("p", text)
    label = tag("span", say(f"origin:{origin}"), class_="origin")
    if origin == "missing":
        setting = tag("code", line.setting)
        return tag("p", label, " ", text, " (", setting, ")", class_="missing")
    return tag("p", label, " ", tag("span", text, class_="words"), class_="own")


def _events(report: Report, say: Say, zone: tzinfo) -> Markup:
    marks = report.line.everything()
    if not marks:
        return _section("events", say("events"), tag("p", say("events.none")))
    rows: list[tuple[Cell, ...]] = [
        (
            mark.at.date().isoformat() if mark.day else Stamp(iso(mark.at)),
            say(f"mark:{mark.kind}"),
            mark.subject or "–",
            _detail(mark, say),
        )
        for mark in marks
    ]
    columns = tuple(map(say, ("when", "event", "subject", "detail")))
    return _section(
        "events", say("events"), _table(Table(say("events.caption"), columns, tuple(rows)), zone)
    )


def _detail(mark: Mark, say: Say) -> str:
    if mark.kind in ("deleted", "gone"):
        name, _, day = mark.detail.partition(":")
        return f"{say.code('rule', name)} {day}".strip()
    prefix = {"opened": "reason", "due": "what", "overdue": "what"}.get(mark.kind, "detail")
    return say.code(prefix, mark.detail)


def _check(say: Say) -> Markup:
    commands = (
        ("anonpipe audit verify STUDY --against CHECKPOINT", "check.verify"),
        ("anonpipe audit receipt verify STUDY all", "check.receipts"),
        ("anonpipe audit STUDY", "check.all"),
        ("anonpipe audit checkpoint STUDY CHECKPOINT", "check.checkpoint"),
    )
    rows = [join(tag("dt", tag("code", c)), tag("dd", say(what))) for c, what in commands]
    return _section("check", say("check"), tag("p", say("check.text")), tag("dl", *rows))


# -- small things


def _section(name: str, heading: str, *children: Markup) -> Markup:
    return tag(
        "section",
        tag("h2", heading, id=f"{name}-h"),
        *children,
        id=name,
        aria_labelledby=f"{name}-h",
    )


def _badge(standing: Standing, say: Say) -> Markup:
    icon = tag(
        "svg",
        tag("path", d=_ICONS[standing]),
        viewBox="0 0 16 16",
        width=14,
        height=14,
        aria_hidden="true",
    )
    return tag("span", icon, say(f"standing:{standing}"), class_=f"badge {standing}")


def _table(table: Table, zone: tzinfo) -> Markup:
    # Laid out in blocks on a small screen, a table keeps what it is by its roles only.
    head = [tag("th", column, scope="col", role="columnheader") for column in table.columns]
    rows = []
    for first, *rest in table.rows:
        long = not isinstance(first, str) or len(first) > 20
        cells = [
            tag(
                "th",
                _cell(first, zone),
                scope="row",
                role="rowheader",
                class_="long" if long else None,
            )
        ]
        for column, cell in zip(table.columns[1:], rest, strict=True):
            cells.append(tag("td", tag("span", _cell(cell, zone)), data_label=column, role="cell"))
        rows.append(tag("tr", *cells, role="row"))
    return tag(
        "div",
        tag(
            "table",
            tag("caption", table.caption),
            tag("thead", tag("tr", *head, role="row"), role="rowgroup"),
            tag("tbody", *rows, role="rowgroup"),
            role="table",
            class_="pairs" if len(table.columns) == 2 else None,
        ),
        class_="table",
    )


def _cell(cell: Cell, zone: tzinfo) -> Markup:
    if isinstance(cell, Stamp):
        return _time(cell.time, zone)
    if isinstance(cell, Mono):
        return tag("code", cell.text if len(cell.text) < 33 else cell.text[:16], class_="mono")
    parts = _DAY.split(cell)  # a day does not break at the end of a line
    return join(
        *(tag("span", part, class_="day") if i % 2 else part for i, part in enumerate(parts))
    )


def _prose(words: str) -> Markup:
    """Words of the program, in which commands stand between backticks."""
    parts = words.split("`")
    return join(*(tag("code", part) if i % 2 else part for i, part in enumerate(parts)))


def _time(time: str, zone: tzinfo) -> Markup:
    utc, local = both_times(time, zone)
    shown = tag("span", f"({local})", class_="local") if local else None
    return tag("time", utc, " " if local else None, shown, datetime=time)
