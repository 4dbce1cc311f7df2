"""All sources of a study, one after the other; one that fails does not stop the others."""

from __future__ import annotations

import traceback
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path, PurePosixPath
from typing import Any, Literal

from anonpipe import consent, pipeline
from anonpipe.errors import (
    AnonpipeError,
    AuditError,
    ConsentError,
    ModelError,
    RecordingError,
    UsageError,
    VaultError,
)
from anonpipe.files import sha256
from anonpipe.formats import READABLE
from anonpipe.key import KeySource
from anonpipe.pipeline import Job, Pipeline, Tools
from anonpipe.session import Session, seal_people
from anonpipe.study import AUDIO_SUFFIXES, Source, SourceState, Stage
from anonpipe.transcript import Flag

Status = Literal["final", "waiting", "failed", "refused", "planned"]
FATAL = (AuditError, VaultError, ModelError)
"""Errors that concern every source: going on would only repeat or worsen them."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one source; `id` is None when it was refused before it got one.

    `reason` says why a source waits ("review" or a date), was refused or failed.
    """

    id: str | None
    status: Status
    kind: str
    participants: tuple[str, ...] = ()
    rule: str = ""
    reason: str = ""
    outputs: tuple[str, ...] = ()
    flags: Mapping[str, int] = field(default_factory=dict)
    deleted: bool = False
    exit_code: int = 0


@dataclass(frozen=True, slots=True)
class Event:
    """Something to show while a run goes on; ids, numbers and stages only."""

    kind: Literal["names-sealed", "stage", "progress", "outcome"]
    id: str | None = None
    values: Mapping[str, Any] = field(default_factory=dict)


Report = Callable[[Event], None]


def count_flags(flags: Iterable[Flag]) -> dict[str, int]:
    """How many spots there are of each kind."""
    counts = Counter[str]()
    for flag in flags:
        counts[flag.kind] += flag.count
    return dict(sorted(counts.items()))


def exit_code(outcomes: tuple[Outcome, ...]) -> int:
    """The process's exit code: a refusal (3) tells more than a failure (1); else 0."""
    return max((outcome.exit_code for outcome in outcomes), default=0)


def run(
    session: Session,
    *,
    report: Report,
    today: date,
    dry_run: bool = False,
    again: str | None = None,
    only: str | None = None,
) -> tuple[Outcome, ...]:
    """Take every source as far as consent allows, in order of name, recordings first.

    `again` is the id of a source to be coded and written anew, `only` of one to which the run
    is confined. Raises UsageError for wrong
    settings, and AuditError, VaultError or ModelError, which stop everything; whatever
    concerns one source alone is in its outcome.
    """
    register = consent.load(session.study.consent_file)
    state = session.study.read_state()
    if not dry_run:
        count = seal_people(session)
        if count:
            report(Event("names-sealed", values={"count": count}))
        session.log.append("run-start", settings=session.study.settings_digest())
    batch = _Batch(session, register, state, report, today, dry_run)
    if again is not None:
        batch.reset(again)
    outcomes = tuple(batch.all(only))
    if not dry_run:
        counts = Counter(outcome.status for outcome in outcomes)
        session.log.append(
            "run-end",
            result="done" if exit_code(outcomes) == 0 else "incomplete",
            final=counts["final"],
            waiting=counts["waiting"],
            refused=counts["refused"],
            failed=counts["failed"],
        )
    return outcomes


def approve(session: Session, name: str) -> SourceState:
    """Sign off a written source: its outputs as they are now count as reviewed.

    Raises UsageError when there is no such source or it is not ready for review, and
    RecordingError when an output is missing.
    """
    state = session.study.read_state()
    current = state.get(name)
    if current is None or current.stage in (Stage.NEW, Stage.TRANSCRIBED, Stage.CODED):
        ready = ", ".join(sorted(k for k, v in state.items() if v.stage is Stage.WRITTEN))
        raise UsageError(
            f"{name} is not ready for review; " + (f"these are: {ready}." if ready else "none is.")
        )
    outputs = {}
    for output in current.outputs:
        path = session.study.folder / output
        if not path.is_file():
            raise RecordingError(
                f"{output} is missing: run `anonpipe run --again {name}` to write it anew first."
            )
        outputs[output] = sha256(path)
    changed = sum(outputs[output] != digest for output, digest in current.outputs.items())
    session.log.append("approved", subject=name, changed=changed)
    approved = replace(
        current, outputs=outputs, approved=datetime.now(UTC).isoformat(timespec="seconds")
    )
    session.study.write_state({**state, name: approved})
    return approved


class _Batch:
    def __init__(
        self,
        session: Session,
        register: consent.Register,
        state: dict[str, SourceState],
        report: Report,
        today: date,
        dry_run: bool,
    ) -> None:
        self.session, self.register, self.state = session, register, state
        self.report, self.today, self.dry_run = report, today, dry_run
        self.pipeline = Pipeline(
            session.study,
            session.key,
            session.log,
            Tools(session.study),
            today=today,
            save_state=self.save,
        )

    def save(self, name: str, state: SourceState) -> None:
        self.state[name] = state
        self.session.study.write_state(self.state)

    def reset(self, name: str) -> None:
        """Have a source coded and written anew, from its sealed transcript if there is one."""
        if name not in self.state:
            raise UsageError(f"There is no source {name}; there are {', '.join(self.state)}.")
        sealed = (self.session.study.sealed / f"{name}.age").is_file()
        known = self.session.key.table.sources[name]
        folder = self.session.study.source_folder(known.kind)
        if not sealed and not (folder / known.path).is_file():
            raise UsageError(
                f"{name} cannot be written anew: its original and its sealed transcript are gone."
            )
        if not self.dry_run:
            stage = Stage.TRANSCRIBED if sealed else Stage.NEW
            self.session.log.append("reset", subject=name)
            self.save(name, replace(self.state[name], stage=stage, approved=None, deleting=None))

    def all(self, only: str | None) -> Iterator[Outcome]:
        """Outcomes of the files that are there, then of sources whose file is gone."""
        known = dict(self.session.key.table.sources)
        here = set()
        for source in self.session.study.sources():
            if only is None or str(source.relative) == known[only].path:
                outcome = self.guarded(source, None)
                here.add(outcome.id)
                self.report(Event("outcome", outcome.id, {"outcome": outcome}))
                yield outcome
        for name, item in known.items():
            stage = self.state.get(name, SourceState()).stage
            # A file that left before it was transcribed is nobody's business any more.
            if name in here or stage is Stage.NEW or (only is not None and name != only):
                continue
            outcome = self.done(name) if stage is Stage.FINAL else self.guarded(None, (name, item))
            self.report(Event("outcome", outcome.id, {"outcome": outcome}))
            yield outcome

    def done(self, name: str) -> Outcome:
        state = self.state[name]
        return Outcome(name, "final", state.kind, state.participants, outputs=tuple(state.outputs))

    def guarded(self, source: Source | None, known: tuple[str, KeySource] | None) -> Outcome:
        """Process one source; what concerns it alone becomes its outcome."""
        name = known[0] if known else self.unfinished(source)
        kind = source.kind if source else known[1].kind if known else "audio"
        try:
            job = self.job(source, known)
            name = job.id
            return self.outcome(job, self.advance(job))
        except FATAL:
            raise
        except ConsentError as error:
            self.log_failure("refused", name, "consent")
            return Outcome(name, "refused", kind, reason=str(error), exit_code=error.exit_code)
        except AnonpipeError as error:
            self.log_failure("failed", name, type(error).__name__)
            return Outcome(name, "failed", kind, reason=str(error), exit_code=1)
        except Exception as error:
            # The exception's own text and traceback may quote the interview.
            where = traceback.extract_tb(error.__traceback__)[-1]
            self.log_failure("failed", name, type(error).__name__)
            return Outcome(
                name,
                "failed",
                kind,
                reason=f"{name or 'A source'} failed unexpectedly ({type(error).__name__} at "
                f"{Path(where.filename).name}:{where.lineno}); nothing was deleted. "
                "Please report it with these words.",
                exit_code=1,
            )

    def unfinished(self, source: Source | None) -> str | None:
        """The id of a file that is on its way already, by its name alone."""
        for name, item in self.session.key.table.sources.items():
            if (
                source is not None
                and (item.kind, item.path) == (source.kind, str(source.relative))
                and self.state.get(name, SourceState()).stage is not Stage.FINAL
            ):
                return name
        return None

    def log_failure(self, action: str, name: str | None, why: str) -> None:
        if not self.dry_run:
            self.session.log.append(action, subject=name, result="error", why=why.casefold())

    def job(self, source: Source | None, known: tuple[str, KeySource] | None) -> Job:
        """Look the source up in the key, ask consent, and give it an id if it is new."""
        if source is None:
            assert known is not None
            name, item = known
            demand = self.register.demand(PurePosixPath(item.path), self.today)
            return Job(name, None, item.sha256, demand, self.state.get(name, SourceState()))
        demand = self.register.demand(source.relative, self.today)
        if source.path.is_symlink():
            raise RecordingError(
                f"{source.path} is a link: put the file itself into the study, "
                "so that it can be deleted as promised."
            )
        suffixes = AUDIO_SUFFIXES if source.kind == "audio" else READABLE
        if source.path.suffix.lower() not in suffixes:
            raise RecordingError(
                f"{source.path} is no format that can be read from {source.path.parent.name}/: "
                f"convert it to one of {', '.join(sorted(suffixes))}, or move it away."
            )
        digest = sha256(source.path)
        table = self.session.key.table
        done = [
            name
            for name, value in self.state.items()
            if value.stage is Stage.FINAL and pipeline.deletes(self.session.study, value)
        ]
        name = table.find_source(source, digest, over=done) or table.next_source_id(source.kind)
        if not self.dry_run:
            self.session.key.save(table.with_source(name, source, digest))
        state = self.state.get(name, SourceState(kind=source.kind))
        before = table.sources.get(name)
        if before is not None and before.sha256 != digest:
            state = SourceState(kind=source.kind)  # another version of the file: begin anew
        if state.stage is Stage.FINAL and pipeline.deletes(self.session.study, state):
            # A copy of a deleted recording has come back: it must go again.
            state = replace(state, stage=Stage.WRITTEN, deleting=None)
        return Job(name, source, digest, demand, state)

    def advance(self, job: Job) -> Job:
        if self.dry_run:
            return job

        def stage(value: Stage) -> None:
            self.report(Event("stage", job.id, {"stage": value}))

        def progress(done: float, total: float) -> None:
            self.report(Event("progress", job.id, {"done": done, "total": total}))

        return self.pipeline.process(job, stage, progress)

    def outcome(self, before: Job, job: Job) -> Outcome:
        waits = self.pipeline.waits_for(job)
        final = job.state.stage is Stage.FINAL
        status: Status = "final" if final else "planned" if self.dry_run else "waiting"
        return Outcome(
            id=job.id,
            status=status,
            kind=job.state.kind,
            participants=job.demand.participants,
            rule=str(job.demand.rule),
            reason="" if final else waits or "",
            outputs=tuple(job.state.outputs),
            flags=count_flags(job.state.flags),
            deleted=final
            and before.state.stage is not Stage.FINAL
            and job.state.deleting is not None,
        )
