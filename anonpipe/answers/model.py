"""What an answer is, and what answers are drawn from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, tzinfo
from typing import Any, Literal

from anonpipe.answers.words import COMMON
from anonpipe.audit import AuditLog, Entry
from anonpipe.consent import Register
from anonpipe.log_schema import ACTIONS
from anonpipe.receipt import Language, Receipt
from anonpipe.study import SourceState, Study

Standing = Literal["good", "attention", "note"]
"""In order; something has to be done; a fact that is neither."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """A cell that is a time, "2026-03-01T09:30:00Z"; shown in UTC and in local time."""

    time: str


@dataclass(frozen=True, slots=True)
class Mono:
    """A cell that is a digest or a key, to be compared letter by letter."""

    text: str


Cell = str | Stamp | Mono


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under a caption; every row has as many cells as there are columns."""

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """One question of the officer's, answered.

    `name` is the command's; `verdict` one sentence; `notes` what must be known beside it;
    `data` the same for programs, in plain JSON values and without a language. `exit_code` is 0,
    or that of anonpipe.errors which fits what is wrong. Nothing in it identifies anyone: codes,
    roles, digests, counts and times only.
    """

    name: str
    question: str
    standing: Standing
    verdict: str
    data: Mapping[str, Any]
    notes: tuple[str, ...] = ()
    tables: tuple[Table, ...] = ()
    exit_code: int = 0

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        return {
            "question": self.name,
            "standing": self.standing,
            "answer": self.verdict,
            "notes": list(self.notes),
            "exit_code": self.exit_code,
            "data": dict(self.data),
        }


Words = Mapping[str, Mapping[Language, str]]


class Say:
    """The sentences of one module, and those that all share, in one language."""

    def __init__(self, words: Words, language: Language) -> None:
        self._words, self.language = {**COMMON, **words}, language

    def __call__(self, key: str, **values: object) -> str:
        return self._words[key][self.language].format(**values)

    def n(self, key: str, count: int, **values: object) -> str:
        """As a call, with `key.1` for one of it, which some languages bend otherwise."""
        one = f"{key}.1"
        return self(one if count == 1 and one in self._words else key, n=count, **values)

    def code(self, prefix: str, code: str) -> str:
        """What a coded word of the log means; the code itself where it is a new one."""
        found = self._words.get(f"{prefix}:{code}")
        return found[self.language] if found else code

    def listed(self, items: Iterable[str]) -> str:
        """a, b and c."""
        *first, last = items
        return f"{', '.join(first)}{self._AND[self.language]}{last}" if first else last

    _AND: Mapping[Language, str] = {"en": " and ", "nb": " og "}


@dataclass(frozen=True, slots=True)
class Evidence:
    """What answers are drawn from; the log was verified before its entries got here.

    `vouched` are those of the entries to be signed at once that were: anybody who can write to
    the folder can add others, so what concerns the key and withdrawals goes by these alone.
    `register` is None when consent.csv cannot be read. `zone` is the local time zone in which
    times are shown beside UTC.
    """

    study: Study
    log: AuditLog
    entries: tuple[Entry, ...]
    vouched: tuple[Entry, ...]
    state: Mapping[str, SourceState]
    receipts: tuple[Receipt, ...]
    register: Register | None
    today: date
    now: datetime
    zone: tzinfo

    def of(self, *actions: str, subject: str | None = None) -> Iterator[Entry]:
        """The entries of these actions, in order; of one subject, if it is given.

        Those that were to be signed at once and were not say nothing (`doubtful`).
        """
        doubtful = {entry.hash for entry in self.doubtful()}
        for entry in self.entries:
            wanted = entry.action in actions and subject in (None, entry.subject)
            if wanted and entry.hash not in doubtful:
                yield entry

    def doubtful(self) -> tuple[Entry, ...]:
        """Entries that a holder of the key would have signed at once, and nobody did."""
        signed = {entry.hash for entry in self.vouched}
        return tuple(e for e in self.entries if ACTIONS[e.action].signed and e.hash not in signed)

    def sources_of(self, participant: str) -> tuple[str, ...]:
        """Ids of every source that ever belonged to a participant, as far as is known."""
        found = {name for name, s in self.state.items() if participant in s.participants}
        found |= {r.recording for r in self.receipts if participant in r.participants}
        found |= {
            str(entry.subject)
            for entry in self.of("deleted", "ingested")
            if participant in listed(entry, "participants")
        }
        return tuple(sorted(found))


def listed(entry: Entry, key: str) -> tuple[str, ...]:
    """A detail that is a list of words, () when the entry lacks it."""
    value = entry.details.get(key, ())
    return tuple(str(item) for item in value) if isinstance(value, list | tuple) else (str(value),)


def number(entry: Entry, key: str) -> int:
    """A detail that is a count, 0 when the entry lacks it."""
    value = entry.details.get(key, 0)
    return int(value) if isinstance(value, int | float) else 0


def moment(time: str) -> datetime:
    """A time of the log or of a receipt, aware, in UTC; ValueError if it is none."""
    parsed = datetime.fromisoformat(time)
    return parsed.replace(tzinfo=UTC) if parsed.tzinfo is None else parsed.astimezone(UTC)


def both_times(time: str, zone: tzinfo) -> tuple[str, str]:
    """A time in UTC and in local time, "2026-03-01 09:30 UTC" and "10:30 +01:00".

    The local date stands there only when it is another one; the local time is "" where it is
    that of UTC.
    """
    utc = moment(time)
    local = utc.astimezone(zone)
    if not local.utcoffset():
        return f"{utc:%Y-%m-%d %H:%M} UTC", ""
    offset = local.strftime("%z")
    day = "" if local.date() == utc.date() else f"{local:%Y-%m-%d} "
    return f"{utc:%Y-%m-%d %H:%M} UTC", f"{day}{local:%H:%M} {offset[:3]}:{offset[3:5]}"
