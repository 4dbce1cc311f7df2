"""The register against the study: what is there without leave, too long, or not yet done."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any, Literal

from anonpipe.audit import AuditLog
from anonpipe.consent import EXPIRY, Register
from anonpipe.due import NO_ROW, WITHDRAWN, Due, Known, due, plain_files, together
from anonpipe.register_history import Change, compare, held, promised
from anonpipe.study import SourceState, Study

Kind = Literal[
    "no-row",  # something is there, and no row speaks of it
    "no-consent",  # something is there, and the date of consent is empty or lies ahead
    "withdrawn",  # something is there still
    "withdrawn-ahead",  # a withdrawal in the future
    "expired",  # the last day for the transcript is over
    "not-carried-out",  # the rule for the recording says that it should be gone
    "loosened",  # the row promises less than before
    "changed",  # the row is new or changed, and the next run takes it in
    "no-file",  # a row without anything in the study
]
NOTES: frozenset[Kind] = frozenset({"changed", "no-file"})
"""What is told and is not wrong."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was found; `file` may name somebody, so it is never in JSON.

    `row` is the number of the row in the register and `columns` are those that it is about;
    `what` is what is there (`due.What`), `on` since when it should be gone, and `waits` what it
    waits for (`due.Waits`).
    """

    kind: Kind
    participants: tuple[str, ...] = ()
    source: str | None = None
    row: int | None = None
    columns: tuple[str, ...] = ()
    what: tuple[str, ...] = ()
    on: date | None = None
    rule: str = ""
    waits: str | None = None
    file: str = ""

    @property
    def is_wrong(self) -> bool:
        return self.kind not in NOTES

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values: ids, codes, dates and words of the program."""
        values = asdict(self) | {"on": self.on.isoformat() if self.on else None}
        del values["file"]
        return values | {"wrong": self.is_wrong}


def check(
    study: Study,
    register: Register,
    state: Mapping[str, SourceState],
    log: AuditLog,
    today: date,
    known: Known | None = None,
) -> tuple[Finding, ...]:
    """Everything that the register and the study say differently, what is wrong first.

    `known` is what the key says of files; without it, sources that were never processed are
    told by participant. Raises AuditError.
    """
    found = [
        *_of_files(study, register, state),
        *_of_rows(study, register, state, today),
        *_of_due(due(study, register, state, today, known)),
        *_of_changes(compare(promised(log), register, held(state))),
    ]
    if known is not None:
        names = {name: path for (_, path), name in known.items()}
        found = [_with_file(finding, names) for finding in found]
    return tuple(sorted(found, key=lambda finding: not finding.is_wrong))


def _with_file(finding: Finding, names: Mapping[str, str]) -> Finding:
    return replace(finding, file=finding.file or names.get(finding.source or "", ""))


def _of_files(
    study: Study, register: Register, state: Mapping[str, SourceState]
) -> Iterator[Finding]:
    for source in plain_files(study, state):
        if not register.participants(source.relative):
            what = "audio" if source.kind == "audio" else "document"
            yield Finding("no-row", what=(what,), file=str(source.relative))


def _of_rows(
    study: Study, register: Register, state: Mapping[str, SourceState], today: date
) -> Iterator[Finding]:
    files = [register.participants(source.relative) for source in plain_files(study, state)]
    there = held(state).union(*files)
    for row in register.rows:
        who = (row.participant,)
        if row.withdrawn_on is not None and row.withdrawn_on > today:
            yield Finding(
                "withdrawn-ahead", who, row=row.line, columns=("withdrawn_on",), on=row.withdrawn_on
            )
        if row.participant not in there:
            if row.withdrawn_on is None:
                yield Finding("no-file", who, row=row.line)
        elif row.consented_on is None or row.consented_on > today:
            yield Finding(
                "no-consent", who, row=row.line, columns=("consented_on",), on=row.consented_on
            )


def _of_due(items: Iterable[Due]) -> Iterator[Finding]:
    kinds: dict[str, Kind] = {
        NO_ROW: "no-row",
        WITHDRAWN: "withdrawn",
        EXPIRY: "expired",
    }
    for item, what in together(item for item in items if item.status == "overdue"):
        yield Finding(
            kinds.get(item.rule.split(":", 1)[0], "not-carried-out"),
            item.participants,
            item.source,
            what=what,
            on=item.on,
            rule=item.rule,
            waits=item.waits,
        )


def _of_changes(changes: Iterable[Change]) -> Iterator[Finding]:
    for change in changes:
        kind: Kind = "loosened" if change.loosened else "changed"
        yield Finding(kind, (change.participant,), row=change.line, columns=change.loosened)
