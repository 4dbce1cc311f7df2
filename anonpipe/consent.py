"""The consent register: who allowed what, and what that demands of a recording.

`consent.csv` has one row a participant and holds codes, never names:

    participant       the code, such as P01
    recording         file patterns, several separated by " | "; relative to recordings/ or
                      documents/; empty means every file whose name begins with the code
    consented_on      the date of consent, 2025-03-14; empty means not yet
    consent_version   which information letter was agreed to
    audio             delete-after-transcription, delete-after-review, delete-on:DATE,
                      keep-bleeped or keep-until:DATE
    review            yes or no: must a person approve before anything is deleted?
    transcript_until  the last day on which the transcript may be kept, or empty
    quotes, archive   yes or no
    withdrawn_on      the date on which consent was withdrawn, or empty
    at_end            delete or anonymise: what was promised for the end of the study; empty
                      means nothing yet

The file may be edited with a spreadsheet meanwhile (`sheet`). Dates are read as spreadsheets
turn them, but never guessed: 03/04/2026 is another day in Oslo than in Boston, and is refused.

A file without a row, without consent or with consent withdrawn is refused.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath
from typing import Literal, get_args

from anonpipe import sheet
from anonpipe.days import parse_day
from anonpipe.errors import ConsentError, UsageError
from anonpipe.files import cause
from anonpipe.transcript import PARTICIPANT_CODE

RuleKind = Literal[
    "delete-after-transcription", "delete-after-review", "delete-on", "keep-bleeped", "keep-until"
]
AtEnd = Literal["delete", "anonymise"]
DATED: tuple[RuleKind, ...] = ("delete-on", "keep-until")
EXPIRY = "transcript-until"
"""What stands in the place of a rule where the last day for transcripts demands a deletion."""
COLUMNS = (
    "participant",
    "recording",
    "consented_on",
    "consent_version",
    "audio",
    "review",
    "transcript_until",
    "quotes",
    "archive",
    "withdrawn_on",
    "at_end",
)
REQUIRED = ("participant", "consented_on", "audio")
VERSION = re.compile(r"[\w.+-]{0,40}")
YES_NO = dict.fromkeys(("yes", "ja", "true", "sann"), True) | dict.fromkeys(
    ("no", "nei", "false", "usann", ""), False
)
AT_END: Mapping[str, AtEnd | None] = {
    "": None,
    "delete": "delete",
    "anonymise": "anonymise",
    "anonymize": "anonymise",
}


@dataclass(frozen=True, slots=True)
class Rule:
    """What happens to the recording; `day` belongs to the dated kinds."""

    kind: RuleKind
    day: date | None = None

    @property
    def first_day(self) -> date:
        """The first day on which the recording must be gone; date.min means at once."""
        if self.day is None:
            return date.min
        # What is kept until a day is still there on that day.
        return self.day + timedelta(days=1) if self.kind == "keep-until" else self.day

    def __str__(self) -> str:
        return f"{self.kind}:{self.day.isoformat()}" if self.day else self.kind


@dataclass(frozen=True, slots=True)
class Row:
    """One participant's consent; `line` is the row's number in the file, the header being 1."""

    line: int
    participant: str
    patterns: tuple[str, ...]
    consented_on: date | None
    consent_version: str
    audio: Rule
    review: bool
    transcript_until: date | None
    quotes: bool
    archive: bool
    withdrawn_on: date | None
    at_end: AtEnd | None = None

    def covers(self, path: PurePosixPath) -> bool:
        """Whether this row speaks of `path`, given relative to recordings/ or documents/.

        File systems differ in whether case counts; a promise should not.
        """
        name, whole = path.name.casefold(), path.as_posix().casefold()
        if not self.patterns:
            # P1 must not claim P10_interview.wav.
            code = re.escape(self.participant.casefold())
            return re.match(rf"{code}(?![0-9a-z])", name) is not None
        return any(
            fnmatchcase(name, pattern.casefold()) or fnmatchcase(whole, pattern.casefold())
            for pattern in self.patterns
        )


@dataclass(frozen=True, slots=True)
class Demand:
    """What the consent of everyone in a recording demands together: the strictest of each."""

    participants: tuple[str, ...]
    versions: tuple[str, ...]
    rule: Rule
    review: bool
    keep_bleeped: bool
    quotes: bool
    archive: bool
    delete_from: date | None
    """The first day on which the original must go; None means as soon as its outputs are safe."""
    transcript_until: date | None = None
    """The last day on which the transcript may be kept."""
    at_end: AtEnd | None = None
    """What was promised for the end of the study; None where somebody was promised nothing."""

    def waits_for(self, today: date, approved: bool) -> str | None:
        """Why the original may not go yet: "review", a date, or None when it must go now."""
        if self.review and not approved:
            return "review"
        if self.delete_from is not None and today < self.delete_from:
            return self.delete_from.isoformat()
        return None


@dataclass(frozen=True, slots=True)
class Register:
    """The whole register, validated."""

    path: Path
    rows: tuple[Row, ...]
    data: bytes = field(default=b"", repr=False)

    def is_current(self) -> bool:
        """Whether the file still holds what was read from it."""
        try:
            return self.path.read_bytes() == self.data
        except OSError:
            return False

    def demand(
        self,
        path: PurePosixPath,
        today: date,
        *,
        written: bool = False,
        participants: Sequence[str] = (),
    ) -> Demand:
        """What consent demands of the file at `path` (relative to recordings/ or documents/).

        `written` says that its transcript exists, so that only its deletion is left to do;
        `participants` whose file it is, where that does not follow from its name.
        Raises ConsentError when no row covers the file, or when any row that does lacks
        consent, has been withdrawn or, unless it is written, has run out.
        """
        rows = [row for row in self.rows if row.covers(path)]
        if participants:
            rows = [row for row in self.rows if row.participant in participants]
            missing = set(participants) - {row.participant for row in rows}
            if missing:
                raise ConsentError(
                    f"{path} is refused: {', '.join(sorted(missing))} has no row in "
                    f"{self.path.name}; add one with the rule they agreed to."
                )
        if not rows:
            raise ConsentError(
                f"{path} has no row in {self.path.name}: add one with the participant's code "
                "and the rule they agreed to, or move the file out of the study."
            )
        for row in rows:
            self._require_consent(row, path, today, written)
        return combine(rows)

    def over(self, participants: Sequence[str], today: date) -> str | None:
        """Why transcripts of these participants may not be kept any more, or None."""
        for row in self.rows:
            if row.participant not in participants:
                continue
            if row.withdrawn_on is not None and row.withdrawn_on <= today:
                return f"{row.participant} withdrew on {row.withdrawn_on}"
            if row.transcript_until is not None and row.transcript_until < today:
                return f"the transcript of {row.participant} may be kept to {row.transcript_until}"
        return None

    def participants(self, path: PurePosixPath) -> tuple[str, ...]:
        """The participants whose rows speak of `path`, in order."""
        return tuple(sorted(row.participant for row in self.rows if row.covers(path)))

    def withdrawal(self, participants: Sequence[str]) -> date | None:
        """The first day on which any of these participants withdrew, which may lie ahead."""
        days = (row.withdrawn_on for row in self.rows if row.participant in participants)
        return min((day for day in days if day), default=None)

    def withdrawn(self, participants: Sequence[str]) -> bool:
        """Whether any of these participants has withdrawn."""
        return self.withdrawal(participants) is not None

    def demand_of(self, participants: Sequence[str]) -> Demand | None:
        """What the rows of these participants demand together, or None without any row."""
        rows = [row for row in self.rows if row.participant in participants]
        return combine(rows) if rows else None

    def _require_consent(self, row: Row, path: PurePosixPath, today: date, written: bool) -> None:
        where = f"{self.path.name}, row {row.line}"
        if row.withdrawn_on is not None and row.withdrawn_on > today:
            raise ConsentError(
                f"{path} is refused: {row.participant} withdraws on {row.withdrawn_on}, which lies "
                f"ahead ({where}, column withdrawn_on); correct the date."
            )
        if row.withdrawn_on is not None:
            raise ConsentError(
                f"{path} is refused: {row.participant} withdrew on {row.withdrawn_on} ({where}); "
                "delete the file, it may not be processed."
            )
        if row.consented_on is None or row.consented_on > today:
            raise ConsentError(
                f"{path} is refused: {row.participant} has not consented yet ({where}, column "
                "consented_on); enter the date once the signed form is there."
            )
        if not written and row.transcript_until is not None and row.transcript_until < today:
            raise ConsentError(
                f"{path} is refused: the transcript of {row.participant} could be kept until "
                f"{row.transcript_until} only ({where}, column transcript_until); delete the file."
            )


def combine(rows: Sequence[Row]) -> Demand:
    """The demand of one or more rows on one file: earliest deletion, any review, bleeped if all."""
    earliest = min(row.audio.first_day for row in rows)
    strictest = min(
        rows,
        key=lambda row: (
            row.audio.first_day,
            row.audio.kind == "keep-bleeped",
            get_args(RuleKind).index(row.audio.kind),
        ),
    )
    return Demand(
        participants=tuple(sorted(row.participant for row in rows)),
        versions=tuple(sorted({row.consent_version for row in rows if row.consent_version})),
        rule=strictest.audio,
        review=any(row.review or row.audio.kind == "delete-after-review" for row in rows),
        keep_bleeped=all(row.audio.kind == "keep-bleeped" for row in rows),
        quotes=all(row.quotes for row in rows),
        archive=all(row.archive for row in rows),
        delete_from=None if earliest == date.min else earliest,
        transcript_until=min((d for row in rows if (d := row.transcript_until)), default=None),
        at_end=_at_end({row.at_end for row in rows}),
    )


def _at_end(promised: set[AtEnd | None]) -> AtEnd | None:
    """Deletion if it was promised to anybody, anonymisation only if everybody was promised it."""
    if "delete" in promised:
        return "delete"
    return "anonymise" if promised == {"anonymise"} else None


def load(path: Path) -> Register:
    """Read and validate the register; every message names row and column.

    Raises UsageError for a file that is missing, not a table, or holds a wrong value.
    """
    return parse(path, _bytes(path))


def parse(path: Path, data: bytes) -> Register:
    """The register of a file's bytes; see `load`."""
    return replace(_register(path, sheet.read(path.name, data)), data=data)


def rewrite(path: Path, participant: str, changes: Mapping[str, str]) -> bytes:
    """The register's bytes with other values in one participant's row, all else as it was.

    `changes` maps columns to values as they shall stand there; "" empties a cell. To write
    the result durably is the caller's business. Raises UsageError when the file is no
    register, has no row of that participant or would be none with these values.
    """
    unknown = next((column for column in changes if column not in COLUMNS), None)
    if unknown is not None:
        raise ValueError(f"{unknown} is no column of the register")
    data = _bytes(path)
    table = sheet.read(path.name, data)
    row = next((r for r in _register(path, table).rows if r.participant == participant), None)
    if row is None:
        raise UsageError(f"{path.name} has no row of {participant}: add one first.")
    line = next(line for line in table.lines if line.number == row.line)
    new = table.changed(line, changes)
    parse(path, new)
    return new


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise UsageError(
            f"{path} is missing: write it with the columns {', '.join(COLUMNS)}."
        ) from None
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {cause(error)}.") from None


def _register(path: Path, table: sheet.Sheet) -> Register:
    names = table.columns
    where = f"{path.name}, row {table.header.number}"
    missing = [name for name in REQUIRED if name not in names]
    if missing:
        raise UsageError(f"{where}: the column {missing[0]} is missing.")
    unknown = [name for name in names if name and name not in COLUMNS]
    if unknown:
        raise UsageError(
            f"{where}: {unknown[0]!r} is no column of the register; "
            f"the columns are {', '.join(COLUMNS)}."
        )
    rows: list[Row] = []
    for line in table.lines:
        row = _row(path.name, line.number, table.values(line))
        twin = next((other for other in rows if other.participant == row.participant), None)
        if twin:
            raise UsageError(
                f"{path.name}, row {row.line}, column participant: {row.participant} stands in "
                f"row {twin.line} already; one participant has one row."
            )
        rows.append(row)
    return Register(path, tuple(rows))


def _row(file: str, line: int, values: dict[str, str]) -> Row:
    def wrong(column: str, hint: str) -> UsageError:
        return UsageError(f"{file}, row {line}, column {column}: {hint}")

    def day(column: str) -> date | None:
        text = values.get(column, "")
        if not text:
            return None
        try:
            return parse_day(text)
        except ValueError as error:
            raise wrong(column, str(error)) from None

    def yes(column: str) -> bool:
        answer = YES_NO.get(values.get(column, "").casefold())
        if answer is None:
            raise wrong(column, "write yes or no.")
        return answer

    participant = values.get("participant", "")
    if not PARTICIPANT_CODE.fullmatch(participant):
        raise wrong(
            "participant", "write a code of capitals and digits, such as P01, never a name."
        )
    version = values.get("consent_version", "")
    if not VERSION.fullmatch(version):
        raise wrong("consent_version", "write letters, digits, dots and hyphens only, at most 40.")
    try:
        rule = parse_rule(values.get("audio", ""))
    except ValueError as error:
        raise wrong("audio", str(error)) from None
    promise = values.get("at_end", "").casefold()
    if promise not in AT_END:
        raise wrong("at_end", "write delete or anonymise, or leave it empty.")
    return Row(
        line=line,
        participant=participant,
        patterns=tuple(
            part.strip() for part in values.get("recording", "").split("|") if part.strip()
        ),
        consented_on=day("consented_on"),
        consent_version=version,
        audio=rule,
        review=yes("review"),
        transcript_until=day("transcript_until"),
        quotes=yes("quotes"),
        archive=yes("archive"),
        withdrawn_on=day("withdrawn_on"),
        at_end=AT_END[promise],
    )


def parse_rule(text: str) -> Rule:
    """The rule that `str` makes, or somebody wrote; ValueError carries the hint for the message."""
    name, _, argument = text.partition(":")
    kind = next((known for known in get_args(RuleKind) if known == name.strip().casefold()), None)
    if kind is None:
        raise ValueError(
            "write delete-after-transcription, delete-after-review, delete-on:DATE, "
            "keep-bleeped or keep-until:DATE."
        )
    if kind not in DATED:
        if argument.strip():
            raise ValueError(f"{kind} takes no date.")
        return Rule(kind)
    if not argument.strip():
        raise ValueError(f"{kind} needs a date, such as {kind}:2027-06-30.")
    try:
        return Rule(kind, parse_day(argument.strip()))
    except ValueError as error:
        raise ValueError(f"{kind} needs a date, such as {kind}:2027-06-30: {error}") from None
