"""The files in which decisions leave a review and come back: rows, as CSV and as JSON.

A row is a place that a person may decide about, with what was decided there if anything was.
The columns up to `decided` say which place it is and are not changed by hand; those from
`decision` to `value` are what a person or a script fills in. Rows hold no words of interviews.
Those of a table that is made to be sealed do (`TEXT`), and what was corrected stands only there.

Which words a row is about is told by `check`, a keyed digest of them, in letters alone, since a
spreadsheet takes digits for a number. docs/REVIEW.md describes the format for people.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from anonpipe import sheet
from anonpipe.codes import Place
from anonpipe.errors import UsageError
from anonpipe.review.decision import DECISION_KINDS, NEW, SCOPES, DecisionKind, Scope
from anonpipe.transcript import MENTION_TYPES, PARTICIPANT_CODE, MentionType

FORMAT, VERSION = "anonpipe-decisions", 1
PLACE = ("source", "turn", "start", "end", "seconds", "code", "type", "by", "why", "check")
DECIDED = ("id", "order", "decided")
FILL_IN = ("decision", "scope", "new_type", "new_code", "new_start", "new_end", "value")
TEXT = ("text", "before", "after")
COLUMNS = (*PLACE, *DECIDED, *FILL_IN)
NEEDED = ("source", "turn", "start", "end", "check", "decision")
SEALED_VALUE = "(sealed)"
"""Stands in `value` for words of an interview, which only a sealed table holds."""
NO_PLACE = -1
"""The turn of a row that is about no place: that of a merge."""

KIND_WORDS: Mapping[str, tuple[DecisionKind, Scope | None]] = {
    **{kind: (kind, None) for kind in DECISION_KINDS},
    "always": ("add", "study"),
    "never": ("reject", "study"),
    "bekreft": ("confirm", None),
    "sett": ("seen", None),
    "avvis": ("reject", None),
    "legg til": ("add", None),
    "kode": ("entity", None),
    "code": ("entity", None),
    "utstrekning": ("span", None),
    "generaliser": ("generalise", None),
    "generalize": ("generalise", None),
    "ord": ("word", None),
    "slå sammen": ("merge", None),
    "alltid": ("add", "study"),
    "aldri": ("reject", "study"),
}
"""What may stand in `decision`, in small letters, and the scope that some words mean as well."""
SCOPE_WORDS: Mapping[str, Scope] = {
    **{scope: scope for scope in SCOPES},
    "only here": "here",
    "everywhere": "study",
    "her": "here",
    "bare her": "here",
    "kilde": "source",
    "kilden": "source",
    "studie": "study",
    "studien": "study",
    "overalt": "study",
}
_NEW = re.compile(r"(?:new|ny|nytt)(?: (\S{1,40}))?", re.IGNORECASE)
_CODE = re.compile(rf"(?:{'|'.join(MENTION_TYPES)})-[1-9][0-9]{{0,8}}|{PARTICIPANT_CODE.pattern}")
_SOURCE = re.compile(r"[RD][0-9]{2,6}")
_NUMBER = re.compile(r"([0-9]{1,9})(?:[.,]0+)?")


@dataclass(frozen=True, slots=True)
class Row:
    """A place, and what is decided about it.

    `line` is its number in the file, as a spreadsheet counts rows; in JSON the first is 1.
    `turn`, `start` and `end` (exclusive) are the place in the transcript as it is, all counted
    from 0; `turn` is `NO_PLACE` for a merge. `seconds` is when it is said, None without times.
    `code` and `type` are what stands there now, "" for no mention; `by` who put it there.
    `id` is that of the decision which the row tells of, `order` its place among them (from 1 on,
    0 for none), `decided` are decisions that were taken elsewhere and hold here.
    `decision` is None where nothing is decided; the fields after it are those of `Request`, but
    that a new span is `new_start` to `new_end` and the other end of a merge `new_code`, and that
    None means an empty cell. A new entity may have a name by which other rows of the file mean
    the same one: "new A"; its old code ("new PERSON-9") if it was made by this very decision.
    The place of a correction that was taken (`order`) is where the words stood just before it.
    `text`, with words `before` and `after`, is None but in a table that is made to be sealed.
    """

    line: int = 0
    source: str = ""
    turn: int = NO_PLACE
    start: int = 0
    end: int = 0
    seconds: float | None = None
    code: str = ""
    type: str = ""
    by: str = ""
    why: tuple[str, ...] = ()
    check: str = ""
    id: str = ""
    order: int = 0
    decided: tuple[str, ...] = ()
    decision: DecisionKind | None = None
    scope: Scope = "here"
    new_type: MentionType | None = None
    new_code: str | None = None
    new_start: int | None = None
    new_end: int | None = None
    value: str = ""
    text: str | None = None
    before: str = ""
    after: str = ""

    @property
    def place(self) -> Place:
        """Turn, start and end."""
        return self.turn, self.start, self.end

    def without_text(self) -> Row:
        """The row without any words of an interview."""
        value = SEALED_VALUE if self.decision == "word" else self.value
        return replace(self, text=None, before="", after="", value=value)


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a row of a file, and what to do about it; holds no words of it."""

    row: int
    what: str


@dataclass(frozen=True, slots=True)
class Table:
    """What a file holds: its rows that decide something, and those in which something is wrong.

    `empty` rows decide nothing.
    """

    name: str
    rows: tuple[Row, ...]
    problems: tuple[Problem, ...] = ()
    empty: int = 0


# -- writing


def to_csv(rows: Iterable[Row], *, separator: str, with_text: bool = False) -> bytes:
    """Rows as a table that a spreadsheet opens; nothing in it runs as a formula."""
    columns = (*COLUMNS, *TEXT) if with_text else COLUMNS
    out = io.StringIO()
    writer = csv.writer(out, delimiter=separator, lineterminator="\r\n")
    writer.writerow(columns)
    for row in rows:
        values = _values(row, with_text=with_text)
        writer.writerow([sheet.harmless(_cell(values[column])) for column in columns])
    return out.getvalue().encode("utf-8-sig")


def to_json(rows: Iterable[Row], *, with_text: bool = False) -> bytes:
    """Rows as JSON, a row a line."""
    lines = (json.dumps(_values(row, with_text=with_text), ensure_ascii=False) for row in rows)
    head = f'{{"format": "{FORMAT}", "version": {VERSION}, "rows": [\n'
    return (head + ",\n".join(lines) + "\n]}\n").encode()


def _values(row: Row, *, with_text: bool) -> dict[str, Any]:
    """JSON values by column; None for what does not apply."""
    row = row if with_text else row.without_text()
    nowhere = row.turn == NO_PLACE
    values: dict[str, Any] = {column: getattr(row, column) for column in (*COLUMNS, *TEXT)}
    values |= {"why": list(row.why), "decided": list(row.decided), "order": row.order or None}
    if nowhere:
        values |= {"turn": None, "start": None, "end": None}
    if row.decision is None:
        values |= {"scope": None, "value": None}
    return values if with_text else {column: values[column] for column in COLUMNS}


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, list):
        return " ".join(map(str, value))
    # A spreadsheet in Norwegian takes 12.5 for a day of May.
    return str(round(value)) if isinstance(value, float) else str(value).strip()


# -- reading


def read(name: str, data: bytes) -> Table:
    """What a file holds, as it was written or as a spreadsheet or script saved it.

    Raises UsageError for what is neither such a table nor such JSON; what is wrong with single
    rows is in the result.
    """
    if data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"{", b"[")):
        return _table(name, _json_rows(name, data))
    table = sheet.read(name, data)
    _check_columns(name, table.columns)
    rows = [
        (line.number, {k: sheet.as_meant(v) for k, v in table.values(line).items()})
        for line in table.lines
    ]
    return _table(name, rows)


def _json_rows(name: str, data: bytes) -> list[tuple[int, dict[str, str]]]:
    try:
        values = json.loads(data.decode("utf-8-sig"))
        if values["format"] != FORMAT or values["version"] != VERSION:
            raise UsageError(
                f"{name} is of another version or another program: export it with this anonpipe."
            )
        rows = [{key: _as_cell(row[key]) for key in row} for row in values["rows"]]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, OverflowError):
        raise UsageError(
            f"{name} is no JSON file of decisions: make one with `anonpipe review STUDY --export`."
        ) from None
    for row in rows:
        _check_columns(name, tuple(row))
    return list(enumerate(rows, start=1))


def _as_cell(value: object) -> str:
    if not isinstance(value, str | int | float | list | None):
        raise TypeError
    return value if isinstance(value, str) else _cell(value)


def _check_columns(name: str, columns: tuple[str, ...]) -> None:
    missing = [column for column in NEEDED if column not in columns]
    if missing:
        raise UsageError(
            f"{name} lacks the column {missing[0]}: keep the columns of the export, in any order."
        )


def _table(name: str, rows: Iterable[tuple[int, Mapping[str, str]]]) -> Table:
    good: list[Row] = []
    problems: list[Problem] = []
    empty = 0
    for number, cells in rows:
        try:
            row = _row(number, cells)
        except ValueError as problem:
            problems.append(Problem(number, str(problem)))
            continue
        if row is None:
            empty += 1
        else:
            good.append(row)
    return Table(name, tuple(good), tuple(problems), empty)


def _row(number: int, cells: Mapping[str, str]) -> Row | None:
    """A row that decides something, None for one that does not; ValueError says what is wrong."""

    def cell(column: str) -> str:
        return " ".join(cells.get(column, "").split())

    told = cell("decision").casefold()
    if not told:
        filled = [column for column in FILL_IN[1:] if cell(column)]
        if filled:
            raise ValueError(f"{filled[0]} is filled in, but not decision: fill that in, too")
        return None
    if told not in KIND_WORDS:
        raise ValueError(f"decision is none of {', '.join(DECISION_KINDS)}, always, never")
    kind, meant = KIND_WORDS[told]
    row = Row(
        line=number,
        source=cell("source").upper(),
        check=cell("check").casefold(),
        id=cell("id"),
        order=_number("order", cell("order")) or 0,
        decision=kind,
        scope=_scope(kind, cell("scope").casefold(), meant),
        new_type=_type(cell("new_type").upper()),
        new_code=_code("new_code", cell("new_code")),
        new_start=_number("new_start", cell("new_start")),
        new_end=_number("new_end", cell("new_end")),
        value=cells.get("value", "").strip(),
        text=cells["text"].strip() if cells.get("text", "").strip() else None,
    )
    if not _SOURCE.fullmatch(row.source):
        raise ValueError("source is no source's id, such as R01: put back what was exported")
    if kind == "merge":
        code = _code("code", cell("code"))
        if code is None or row.new_code is None or is_new(code) or is_new(row.new_code):
            raise ValueError("a merge needs code, who gives way, and new_code, who stays")
        return replace(row, code=code or "")
    places = [_number(column, cell(column)) for column in ("turn", "start", "end")]
    if None in places:
        raise ValueError("turn, start or end is empty: put back what was exported")
    turn, start, end = (place or 0 for place in places)
    if end < start or (end == start and kind != "seen"):
        raise ValueError("end is not behind start: put back what was exported")
    row = replace(row, turn=turn, start=start, end=end)
    if kind in _NEEDS:
        _NEEDS[kind](row)
    if not (row.check or row.text):
        raise ValueError(
            "neither check nor text says which words are meant: put back check as it was exported"
        )
    return row


def _needs_type(row: Row) -> None:
    if row.new_type is None and (row.new_code is None or is_new(row.new_code)):
        raise ValueError(f"{row.decision} needs new_type, or new_code with a code of the key")


def _needs_code(row: Row) -> None:
    if row.new_code is None and row.new_type is None:
        raise ValueError("entity needs new_code (a code, or new), or new_type")


def _needs_span(row: Row) -> None:
    if row.new_start is None or row.new_end is None or row.new_end <= row.new_start:
        raise ValueError("span needs new_start and new_end, characters of the turn from 0 on")
    if row.new_end <= row.start or row.end <= row.new_start:
        raise ValueError("the new span does not touch the old one: reject that, and add another")


def _needs_words(row: Row) -> None:
    if not row.value:
        raise ValueError("word needs value, what was said")


_NEEDS: Mapping[str, Callable[[Row], None]] = {
    "add": _needs_type,
    "entity": _needs_code,
    "span": _needs_span,
    "word": _needs_words,
}


def is_new(code: str | None) -> bool:
    """Whether a cell speaks of an entity that is not in the key yet, or was not."""
    return code is not None and code.split(" ")[0] == NEW


def _scope(kind: DecisionKind, told: str, meant: Scope | None) -> Scope:
    if told and told not in SCOPE_WORDS:
        raise ValueError(f"scope is none of {', '.join(SCOPES)}")
    scope = SCOPE_WORDS[told] if told else None
    meant = "study" if kind == "merge" else meant
    if meant is not None and scope not in (None, meant):
        raise ValueError(f"what is decided counts for the {meant}: empty scope, or write {meant}")
    return meant or scope or "here"


def _type(told: str) -> MentionType | None:
    if told and told not in MENTION_TYPES:
        raise ValueError(f"new_type is none of {', '.join(MENTION_TYPES)}")
    return told or None


def _code(column: str, told: str) -> str | None:
    if not told:
        return None
    new = _NEW.fullmatch(told)
    if new is not None:
        return f"{NEW} {new[1].upper()}" if new[1] else NEW
    if not _CODE.fullmatch(told.upper()):
        raise ValueError(f"{column} is no code such as PERSON-3 or P01, and not {NEW}")
    return told.upper()


def _number(column: str, told: str) -> int | None:
    if not told:
        return None
    found = _NUMBER.fullmatch(told)
    if found is None:
        raise ValueError(f"{column} is no whole number: put back what was exported")
    return int(found[1])
