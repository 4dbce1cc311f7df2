"""The officer's report: everything that a page or a program shows of a study, as one value.

It is drawn from the verified log, the register, the receipts and the settings, without the key,
and nothing in it identifies anyone but what the researcher wrote into the title and [record]
of study.toml.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import tzinfo
from pathlib import Path
from typing import Any

from anonpipe import __version__, closed
from anonpipe.answers import ask_all
from anonpipe.answers.deletions import deletions
from anonpipe.answers.model import Answer, Evidence, number
from anonpipe.answers.retention import ahead
from anonpipe.audit import Entry
from anonpipe.checkpoint import Checkpoint
from anonpipe.errors import UsageError
from anonpipe.files import cause, write_durably
from anonpipe.receipt import Language
from anonpipe.record import Line, record
from anonpipe.timeline import Ahead, Timeline, iso, timeline

FORMAT, VERSION = "anonpipe-report", 1


@dataclass(frozen=True, slots=True)
class Glance:
    """The study in figures. `seconds` is the sound that was transcribed, once per recording."""

    participants: int
    recordings: int
    documents: int
    seconds: int
    originals: int
    gone: int
    approved: int
    runs: int
    openings: int
    holders: int
    first: str
    last: str
    next_due: str | None
    overdue: int


@dataclass(frozen=True, slots=True)
class Report:
    """All of it. `made_at` is UTC as in the log, `made_local` the same moment in local time.

    `head` and `entries` are the last hash of the log and its number of entries.
    """

    study: str
    title: str
    language: Language
    made_at: str
    made_local: str
    program: str
    entries: int
    head: str
    material: Answer
    glance: Glance
    line: Timeline
    answers: tuple[Answer, ...]
    record: tuple[Line, ...]

    @property
    def exit_code(self) -> int:
        """The gravest of the answers': log (5), key (4), consent (3), else 1 or 0."""
        return max((answer.exit_code for answer in self.answers), default=0)

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values: the same content as the page."""
        return {
            "format": FORMAT,
            "version": VERSION,
            "study": self.study,
            "title": self.title,
            "language": self.language,
            "made_at": self.made_at,
            "made_local": self.made_local,
            "program": self.program,
            "material": dict(self.material.data),
            "log": {"entries": self.entries, "head": self.head},
            "exit_code": self.exit_code,
            "glance": asdict(self.glance),
            "timeline": self.line.to_json(),
            "answers": {answer.name: answer.to_json() for answer in self.answers},
            "record": [line.to_json() for line in self.record],
        }


def draw_up(evidence: Evidence, language: Language, against: Checkpoint | None = None) -> Report:
    """The report of a study. Raises AuditError when the log no longer verifies."""
    return compose(evidence, ask_all(evidence, language, against), ahead(evidence), language)


def write(path: Path, made: Report, zone: tzinfo) -> None:
    """Write the page; only an earlier report may be replaced.

    Raises UsageError when something else is there, RecordingError when it cannot be written.
    """
    from anonpipe.report_html import GENERATOR, page

    try:
        with path.open("rb") as file:
            if GENERATOR.encode() not in file.read(4096):
                raise UsageError(f"{path} is no report of anonpipe: choose another name.")
    except FileNotFoundError:
        pass
    except OSError as problem:
        raise UsageError(f"{path} cannot be read: {cause(problem)}.") from None
    write_durably(path, page(made, zone).encode(), mode=0o644)


def compose(
    evidence: Evidence, answers: Sequence[Answer], ahead: Sequence[Ahead], language: Language
) -> Report:
    """Put the parts together."""
    whose = {item.source: item.participants for item in deletions(evidence)}
    line = timeline(_counting(evidence), participants=whose, ahead=ahead, now=evidence.now)
    last = evidence.entries[-1]
    return Report(
        study=evidence.study.settings.id,
        title=evidence.study.settings.title,
        language=language,
        made_at=iso(evidence.now),
        made_local=evidence.now.astimezone(evidence.zone).isoformat(timespec="seconds"),
        program=f"anonpipe {__version__}",
        entries=last.seq,
        head=last.hash,
        material=next(answer for answer in answers if answer.name == "anonymous"),
        glance=_glance(evidence, ahead),
        line=line,
        answers=tuple(answers),
        record=record(evidence, language),
    )


def _counting(evidence: Evidence) -> list[Entry]:
    """The entries without those that a holder would have signed at once, and nobody did."""
    doubtful = {entry.hash for entry in evidence.doubtful()}
    return [entry for entry in evidence.entries if entry.hash not in doubtful]


def _glance(evidence: Evidence, ahead: Sequence[Ahead]) -> Glance:
    originals = deletions(evidence)
    seconds = {e.subject: number(e, "seconds") for e in evidence.of("transcribed")}
    holders = [entry for entry in evidence.vouched if entry.action == "recipients"]
    keys = holders[-1].details.get("keys", ()) if holders else ()
    gone = closed.state_of(evidence.log) in ("gone", "closed")
    people = {code for item in originals for code in item.participants}
    people |= {row.participant for row in evidence.register.rows} if evidence.register else set()
    coming = sorted(item.day for item in ahead if not item.overdue)
    return Glance(
        participants=len(people),
        recordings=sum(item.kind == "audio" for item in originals),
        documents=sum(item.kind == "text" for item in originals),
        seconds=sum(seconds.values()),
        originals=len(originals),
        gone=sum(item.fate in ("deleted", "already-gone") for item in originals),
        approved=len({e.subject for e in evidence.of("approved")}),
        runs=sum(1 for _ in evidence.of("run-start")),
        openings=sum(1 for _ in evidence.of("key-opened")),
        holders=0 if gone else len(keys) if isinstance(keys, tuple) else 1,
        first=evidence.entries[0].time,
        last=evidence.entries[-1].time,
        next_due=coming[0].isoformat() if coming else None,
        overdue=sum(item.overdue for item in ahead),
    )
