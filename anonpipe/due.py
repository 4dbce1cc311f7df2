"""What retention demands of a study, and when: pure but for looking at which files are there.

Everything that has to go some day is one `Due`: the original of a source, its sealed raw
transcript (as sensitive as the recording, and due with it), a bleeped copy that is no longer
allowed, and what was written from it once the last day for transcripts is over. Nothing here
needs the key; a file that was never processed is told by its participants alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from pathlib import PurePosixPath
from typing import Any, Literal

from anonpipe.consent import EXPIRY, Demand, Register
from anonpipe.decisions import deletes, is_bleeped, is_gone, waits_for
from anonpipe.study import Kind, Source, SourceState, Stage, Study

What = Literal["audio", "document", "sealed", "bleeped", "transcript"]
Status = Literal["due", "overdue", "waits-for-review", "waits-for-transcription"]
Waits = Literal["review", "transcription"]
WITHDRAWN, NO_ROW = "withdrawn-on", "no-row"
"""What stands in the place of a rule after a withdrawal, and where nothing was promised."""
Known = Mapping[tuple[Kind, str], str]
"""What the key says: the id of a file, by its kind and path."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A day by which something must be gone, None for at once, and the cell that says so."""

    day: date | None
    rule: str


@dataclass(frozen=True, slots=True)
class Due:
    """One thing that has to go.

    `source` is None for a file that has no id yet. `on` is the first day on which it must be
    gone, None for at once. `rule` is the cell that demands it, such as "delete-on:2027-01-01",
    "transcript-until:2027-12-31", "withdrawn-on:2026-05-01" or "no-row". `waits` says what
    must come first; something overdue may wait too, and then that has to be done now.
    """

    source: str | None
    participants: tuple[str, ...]
    what: What
    on: date | None
    rule: str
    status: Status
    waits: Waits | None = None

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        return asdict(self) | {"on": self.on.isoformat() if self.on else None}


def due(
    study: Study,
    register: Register,
    state: Mapping[str, SourceState],
    today: date,
    known: Known | None = None,
) -> tuple[Due, ...]:
    """All that has to go, in order of date: at once first, undated things that wait last.

    `known` is for `unprocessed`.
    """
    found: list[Due] = []
    for name, each in state.items():
        found += of_source(study, register, name, each, today)
    for source in unprocessed(study, register, state, known):
        found += _of_file(register, source, today)
    return tuple(sorted(found, key=_order))


def together(items: Iterable[Due]) -> tuple[tuple[Due, tuple[What, ...]], ...]:
    """Things of one source that go for one reason: the first of them, and what they are."""
    found: dict[tuple[object, ...], list[Due]] = {}
    for item in items:
        key = (item.source, item.participants, item.on, item.rule, item.waits)
        found.setdefault(key, []).append(item)
    return tuple(
        (each[0], tuple(dict.fromkeys(item.what for item in each))) for each in found.values()
    )


def of_source(
    study: Study, register: Register, name: str, state: SourceState, today: date
) -> tuple[Due, ...]:
    """What has to go of one source that the study knows."""
    there = present(study, name, state)
    demand = register.demand_of(state.participants)
    if demand is None:
        return tuple(_due(name, state, what, None, NO_ROW, today) for what in there)
    withdrawn = register.withdrawal(state.participants)
    if withdrawn is not None and withdrawn <= today:
        rule = f"{WITHDRAWN}:{withdrawn}"
        return tuple(_due(name, state, what, withdrawn, rule, today) for what in there)
    return tuple(_demanded(study, name, state, demand, there, today))


def present(study: Study, name: str, state: SourceState) -> tuple[What, ...]:
    """What the study still holds of a source, by state.json and by the files that are there."""
    found: list[What] = []
    if not is_gone(study, state):
        found.append(_original(state.kind))
    if study.working_file(name).exists() or study.pieces(name):
        found.append("sealed")
    left = [output for output in state.outputs if (study.folder / output).exists()]
    if any(is_bleeped(output) for output in left):
        found.append("bleeped")
    if any(not is_bleeped(output) for output in left):
        found.append("transcript")
    return tuple(found)


def _demanded(
    study: Study,
    name: str,
    state: SourceState,
    demand: Demand,
    there: tuple[What, ...],
    today: date,
) -> Iterator[Due]:
    rule = str(demand.rule)
    waits: Waits | None = None
    if state.stage is Stage.WRITTEN:
        if waits_for(study, state, demand, today) == "review":
            waits = "review"
    elif state.stage not in (Stage.FINAL, Stage.SWEEPING):
        waits = "transcription"
    over = _over(demand)
    for what in there:
        if what == "transcript" or (what == "bleeped" and demand.keep_bleeped):
            wanted = over
        elif what == "bleeped":
            wanted = Wanted(None, rule)
        elif what == "sealed":
            if state.stage is Stage.SWEEPING:
                continue  # new outputs, which the next run puts in their place
            wanted = Wanted(demand.delete_from, rule)
            if wanted.day is not None or waits:
                wanted = _earlier(wanted, over)  # it is a transcript too
        elif not deletes(study, state):
            wanted = over
        else:
            wanted = Wanted(demand.delete_from, rule)
            if waits == "transcription":
                wanted = _earlier(wanted, over)  # none may be made any more
        if wanted is not None:
            # A copy that nobody wants any more waits for no review of what is written.
            free = what == "bleeped" and waits == "review" and not demand.keep_bleeped
            first = None if free else waits
            yield _due(name, state, what, wanted.day, wanted.rule, today, first)


def plain_files(study: Study, state: Mapping[str, SourceState]) -> tuple[Source, ...]:
    """The files in recordings/ and documents/ without those that were encrypted under an id."""
    return tuple(s for s in study.sources() if study.encrypted_id(s) not in state)


def unprocessed(
    study: Study,
    register: Register,
    state: Mapping[str, SourceState],
    known: Known | None = None,
) -> tuple[Source, ...]:
    """Files that no source in state.json speaks for.

    Without `known` the files of the same participants are counted, and as many as sources of
    theirs still have their original are taken off, so that which file is meant cannot be told,
    only whose it is.
    """
    plain = {
        name: each
        for name, each in state.items()
        if _has_original(study, each) and not study.encrypted(each.kind, name).exists()
    }
    files = plain_files(study, state)
    if known is not None:
        spoken = {file for file, name in known.items() if name in plain}
        return tuple(s for s in files if (s.kind, str(s.relative)) not in spoken)
    counts = Counter((each.kind, each.participants) for each in plain.values())
    found = []
    for source in files:
        key = (source.kind, register.participants(source.relative))
        if counts[key]:
            counts[key] -= 1
        else:
            found.append(source)
    return tuple(found)


def _has_original(study: Study, state: SourceState) -> bool:
    return bool(state.participants) and not is_gone(study, state)


def _of_file(register: Register, source: Source, today: date) -> Iterable[Due]:
    participants = register.participants(PurePosixPath(source.relative))
    demand = register.demand_of(participants)
    what = _original(source.kind)
    if demand is None:
        return  # nobody promised anything; `consent check` tells of it
    withdrawn = register.withdrawal(participants)
    state = SourceState(kind=source.kind, participants=participants)
    wanted = _earlier(Wanted(demand.delete_from, str(demand.rule)), _over(demand))
    if withdrawn is not None and withdrawn <= today:
        yield _due(None, state, what, withdrawn, f"{WITHDRAWN}:{withdrawn}", today)
    elif source.kind == "audio" or wanted.rule.startswith(EXPIRY):
        yield _due(None, state, what, wanted.day, wanted.rule, today, "transcription")


def _over(demand: Demand) -> Wanted | None:
    """The first day on which no transcript may be there."""
    until = demand.transcript_until
    if until is None:
        return None
    return Wanted(until + timedelta(days=1), f"{EXPIRY}:{until}")


def _earlier(one: Wanted, other: Wanted | None) -> Wanted:
    """The one that has a date, or the earlier one."""
    if other is None or (one.day is not None and other.day is not None and one.day <= other.day):
        return one
    return other


def _original(kind: Kind) -> What:
    return "audio" if kind == "audio" else "document"


def _due(
    name: str | None,
    state: SourceState,
    what: What,
    on: date | None,
    rule: str,
    today: date,
    waits: Waits | None = None,
) -> Due:
    status: Status
    if waits is None:
        status = "overdue" if on is None or on <= today else "due"
    elif on is not None and on <= today:
        status = "overdue"
    else:
        status = "waits-for-review" if waits == "review" else "waits-for-transcription"
    return Due(name, state.participants, what, on, rule, status, waits)


def _order(item: Due) -> tuple[date, str, str, str]:
    undated = date.max if item.waits else date.min
    return (item.on or undated, item.source or "~", "+".join(item.participants), item.what)
