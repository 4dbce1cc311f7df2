"""How a withdrawal stands: complete, or what is left. Needs no key and shows no names."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

from anonpipe import backup, consent, formats, operations
from anonpipe.audit import AuditLog, Entry
from anonpipe.consent import Row
from anonpipe.errors import RecordingError
from anonpipe.register_history import promised
from anonpipe.session import open_log
from anonpipe.splicing import Change
from anonpipe.study import SourceState, Stage, Study
from anonpipe.withdrawal import belonging, others

ADVICE = {
    "not-withdrawn": "the register does not say that they have withdrawn",
    "lies-ahead": "the register says that they withdraw on a day that lies ahead",
    "pending": "the withdrawal was begun and stopped: any command that opens the key goes on",
    "not-carried-out": "nobody has carried the withdrawal out",
    "source": "what was made of a source of theirs is still there",
    "file": "files of theirs are in recordings/ or documents/",
    "output": "files in transcripts/, bleeped/ or sealed/ bear their code",
    "mention": "their code stands in what was made of another source",
    "backup": "copies of the key from before still hold their entries: connect the disk and run "
    "`anonpipe withdraw` again, or say --backup-destroyed B01 of one that is destroyed",
}
"""What each kind of thing left means."""


@dataclass(frozen=True, slots=True)
class Thing:
    """Something left: a kind of `ADVICE`, ids if there are any, and how many."""

    kind: str
    ids: tuple[str, ...] = ()
    count: int = 1


@dataclass(frozen=True, slots=True)
class Standing:
    """How a participant's withdrawal stands; complete if nothing is left."""

    participant: str
    withdrawn_on: str | None
    completed_at: str | None
    left: tuple[Thing, ...]

    @property
    def complete(self) -> bool:
        """Whether nothing is left that can be known from here."""
        return not self.left

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        left = [{**asdict(thing), "text": ADVICE[thing.kind]} for thing in self.left]
        return {**asdict(self), "left": left, "complete": self.complete}


def status(study: Study, participant: str, today: date) -> Standing:
    """How the withdrawal of a participant stands.

    Raises UsageError for a participant without a row in the register, and AuditError when the
    log does not verify.
    """
    row = belonging.row_of(consent.load(study.consent_file), participant)
    return standing(study, open_log(study), participant, row, today)


def told_days(log: AuditLog) -> dict[str, date]:
    """The days on which participants withdrew, by the signed log: what was carried out, and what
    the register said when it was last taken in. Raises AuditError."""
    found = {
        code: promise.withdrawn_on
        for code, promise in promised(log).items()
        if promise.withdrawn_on is not None
    }
    done = [entry for entry in log.vouched_entries() if entry.action == "withdrawn"]
    return found | {str(e.subject): date.fromisoformat(str(e.details["day"])) for e in done}


def standing(
    study: Study, log: AuditLog, participant: str, row: Row | None, today: date
) -> Standing:
    """`status` for a verified log and the participant's row, None where the register has none.

    Without a row it cannot be told which files that were never processed are theirs.
    """
    signed = log.vouched_entries()
    done = [e for e in signed if e.action == "withdrawn" and e.subject == participant]
    state = study.read_state()
    left = (
        *(() if row is None else _register(row, today)),
        *_operation(study, signed, participant, bool(done)),
        *_files(study, signed, participant, row, state),
        *_mentions(study, participant, state),
        *_backups(log, signed, participant),
    )
    day = told_days(log).get(participant) if row is None else row.withdrawn_on
    return Standing(
        participant,
        None if day is None else day.isoformat(),
        done[-1].time if done else None,
        left,
    )


def _register(row: Row, today: date) -> Iterator[Thing]:
    if row.withdrawn_on is None:
        yield Thing("not-withdrawn")
    elif row.withdrawn_on > today:
        yield Thing("lies-ahead")


def _operation(study: Study, signed: list[Entry], participant: str, done: bool) -> Iterator[Thing]:
    begun = [entry for entry in signed if entry.action == "operation-begun"]
    mine = begun and begun[-1].details["kind"] == "withdraw" and begun[-1].subject == participant
    if mine and operations.journal(study).exists():
        yield Thing("pending")
    elif not done:
        yield Thing("not-carried-out")


def _files(
    study: Study,
    signed: list[Entry],
    participant: str,
    row: Row | None,
    state: dict[str, SourceState],
) -> Iterator[Thing]:
    ids = {
        name
        for name, item in state.items()
        if participant in item.participants and item.stage is not Stage.NEW
    }
    if ids:
        yield Thing("source", tuple(sorted(ids)), len(ids))
    # Whose an encrypted file is: its name does not say.
    whose = {str(e.subject): _participants(e) for e in signed if e.action == "ingested"}
    whose |= {name: item.participants for name, item in state.items() if item.participants}
    files = sum(
        participant in whose[name]
        if (name := study.encrypted_id(source)) in whose
        else row is not None and row.covers(source.relative)
        for source in study.sources()
    )
    files += len(belonging.half_deleted(study, [*ids, participant]))
    if files:
        yield Thing("file", count=files)
    made = belonging.made_of(study, participant, ids, state)
    if made:
        yield Thing("output", count=len(made))


def _participants(entry: Entry) -> tuple[str, ...]:
    codes = entry.details["participants"]
    return tuple(map(str, codes)) if isinstance(codes, tuple) else (str(codes),)


def _mentions(study: Study, participant: str, state: dict[str, SourceState]) -> Iterator[Thing]:
    """The code, where it can be read; names cannot be known without the key."""
    ids = set()
    for name, item in state.items():
        change = others.unlinker(participant, (), study, item.language or "nb")
        for output in item.outputs:
            path = study.folder / output
            if participant not in item.participants and _holds(path, change):
                ids.add(name)
    if ids:
        yield Thing("mention", tuple(sorted(ids)), len(ids))


def _holds(path: Path, change: Change) -> bool:
    form = formats.form_of(path)
    if not form or not path.is_file():
        return False
    try:
        lines = formats.lines(path.read_bytes(), form)
    except RecordingError:
        return False
    return bool(change.pieces("\n".join(lines)))


def _backups(log: AuditLog, signed: list[Entry], participant: str) -> Iterator[Thing]:
    """Copies of the key that hold, as far as the log knows, a version from before."""
    versions: dict[str, int] = {}
    mine, changed = False, 0
    for entry in signed:
        if entry.action == "operation-begun":
            mine = entry.subject == participant and entry.details["kind"] == "withdraw"
        elif entry.action == "withdrawn":
            mine = False
        elif entry.action == "key-saved":
            versions[str(entry.details["key"])] = entry.seq
            changed = entry.seq if mine else changed
    old = tuple(
        copy.id
        for copy in backup.listed(log)
        if not backup.is_destroyed(log, copy.id)
        and (versions.get(copy.digest, 0) < changed or (not copy.whole and changed))
    )
    if old:
        yield Thing("backup", old, len(old))
