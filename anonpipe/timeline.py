"""What happened in a study and what will have to, in order of time: data for picture and table.

Everything comes from the verified log, and what lies ahead from the consent register.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any, Literal

from anonpipe.answers.model import moment
from anonpipe.audit import Entry

MarkKind = Literal[
    "arrived",
    "approved",
    "deleted",
    "gone",
    "outputs",
    "run",
    "opened",
    "recipients",
    "backup",
    "withdrawn",
    "loosened",
    "destroyed",
    "closed",
    "due",
    "overdue",
]
Lane = Literal["work", "key", "consent"]
LANES: Mapping[MarkKind, Lane] = {
    "run": "work",
    "closed": "work",
    "destroyed": "key",
    "opened": "key",
    "recipients": "key",
    "backup": "key",
    "withdrawn": "consent",
    "loosened": "consent",
}
"""Where marks stand that belong to the study rather than to one source."""
ACTIONS: Mapping[str, MarkKind] = {
    "approved": "approved",
    "outputs-deleted": "outputs",
    "source-removed": "outputs",
    "close-deleted": "outputs",
    "run-end": "run",
    "retention-run": "run",
    "key-opened": "opened",
    "recipients": "recipients",
    "key-backup": "backup",
    "key-destroyed": "destroyed",
    "withdrawn": "withdrawn",
    "consent-change-accepted": "loosened",
    "closed": "closed",
}


@dataclass(frozen=True, slots=True)
class Mark:
    """Something that happened or is due at a moment (aware, UTC).

    `subject` is a source, a participant or None; `detail` a coded word, such as a reason; `day`
    says that only the date is known.
    """

    at: datetime
    kind: MarkKind
    subject: str | None = None
    detail: str = ""
    day: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """One source: from when to when its original was in the study; None: it still is.

    `marks` are in order of time.
    """

    name: str
    participants: tuple[str, ...]
    kind: str
    since: datetime
    until: datetime | None
    marks: tuple[Mark, ...]


@dataclass(frozen=True, slots=True)
class Ahead:
    """Something that will have to be done on a day, or had to be already.

    `what` is a coded word, such as audio or transcript; `subject` a source or a participant.
    """

    day: date
    what: str
    subject: str
    overdue: bool = False


@dataclass(frozen=True, slots=True)
class Timeline:
    """The whole of it; `marks` belong to no row. All times are aware, UTC; start <= now <= end."""

    start: datetime
    now: datetime
    end: datetime
    rows: tuple[Row, ...]
    marks: tuple[Mark, ...]

    def everything(self) -> tuple[Mark, ...]:
        """Every mark, in order of time."""
        found = [*self.marks, *(mark for row in self.rows for mark in row.marks)]
        return tuple(sorted(found, key=lambda mark: (mark.at, mark.kind, mark.subject or "")))

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values."""

        def mark(item: Mark) -> dict[str, Any]:
            at = item.at.date().isoformat() if item.day else iso(item.at)
            return {
                "at": at,
                "kind": item.kind,
                "subject": item.subject,
                "detail": item.detail,
            }

        return {
            "start": iso(self.start),
            "now": iso(self.now),
            "end": iso(self.end),
            "sources": [
                {
                    "source": row.name,
                    "participants": list(row.participants),
                    "kind": row.kind,
                    "original_since": iso(row.since),
                    "original_until": iso(row.until) if row.until else None,
                }
                for row in self.rows
            ],
            "events": [mark(item) for item in self.everything()],
        }


def timeline(
    entries: Sequence[Entry],
    *,
    participants: Mapping[str, tuple[str, ...]],
    ahead: Iterable[Ahead] = (),
    now: datetime,
) -> Timeline:
    """Draw a timeline up from a verified log.

    `participants` says whose each source is. What is `ahead` goes to the row of its source, if
    it names one.
    """
    due = [_due(item) for item in ahead]
    arrived: dict[str, Entry] = {}
    marks: dict[str | None, list[Mark]] = {}
    until: dict[str, datetime | None] = {}
    for entry in entries:
        at, name = moment(entry.time), entry.subject
        if entry.action in ("transcribed", "ingested") and name is not None:
            back = name in arrived and until.get(name) is not None
            if name not in arrived or back:
                arrived.setdefault(name, entry)
                marks.setdefault(name, []).append(Mark(at, "arrived", name))
            until[name] = None
        elif entry.action == "deleted" and name is not None:
            kind: MarkKind = "gone" if entry.result == "already-gone" else "deleted"
            rule = str(entry.details.get("rule", ""))
            marks.setdefault(name, []).append(Mark(at, kind, name, rule))
            until[name] = at
        elif entry.action in ACTIONS and entry.result != "intended":
            mark = Mark(at, ACTIONS[entry.action], name, _detail(entry))
            mine = name in arrived and mark.kind not in LANES
            marks.setdefault(name if mine else None, []).append(mark)
    for mark in due:
        marks.setdefault(mark.subject if mark.subject in arrived else None, []).append(mark)
    rows = tuple(
        Row(
            name,
            participants.get(name, ()),
            str(entry.details.get("kind", "audio")),
            moment(entry.time),
            until.get(name),
            tuple(sorted(marks.get(name, ()), key=lambda mark: mark.at)),
        )
        for name, entry in sorted(arrived.items(), key=lambda item: (item[0][0] != "R", item[0]))
    )
    loose = tuple(
        sorted(
            (mark for name, found in marks.items() if name not in arrived for mark in found),
            key=lambda mark: mark.at,
        )
    )
    times = [moment(entry.time) for entry in entries] + [mark.at for mark in due] + [now]
    return Timeline(min(times), now, max(times), rows, loose)


def iso(at: datetime) -> str:
    """A moment as the log writes it."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _due(item: Ahead) -> Mark:
    # Noon is on that day in every time zone of Europe, whichever it is shown in.
    at = datetime.combine(item.day, time(12), UTC)
    kind: MarkKind = "overdue" if item.overdue else "due"
    return Mark(at, kind, item.subject or None, item.what, day=True)


def _detail(entry: Entry) -> str:
    match entry.action:
        case "key-opened":
            return str(entry.details.get("reason", ""))
        case "run-end" | "retention-run":
            return entry.result
        case "approved":
            return "changed" if entry.details.get("changed") else ""
        case _:
            return ""
