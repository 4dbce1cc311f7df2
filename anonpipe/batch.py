"""All sources of a study, one after the other; one that fails does not stop the others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, replace
from datetime import UTC, date, datetime
from pathlib import PurePosixPath
from typing import TypeVar

from anonpipe import consent, datakey, partial, parts, register_history
from anonpipe.admission import Admission, NotNow
from anonpipe.decisions import is_bleeped
from anonpipe.errors import (
    AnonpipeError,
    ConsentError,
    RecordingError,
    UsageError,
)
from anonpipe.files import sha256
from anonpipe.key import KeySource
from anonpipe.log_kinds import FAILURES
from anonpipe.models_used import models_used
from anonpipe.offline import how_barred
from anonpipe.outcome import FATAL, Event, Outcome, Report, Status, exit_code, unexpected
from anonpipe.outputs import Outputs
from anonpipe.pipeline import Job, Pipeline
from anonpipe.review import signatures
from anonpipe.review.signatures import Signature
from anonpipe.session import Session, seal_people
from anonpipe.study import Kind, Source, SourceState, Stage, require_known
from anonpipe.sweep import Hit
from anonpipe.tools import Tools
from anonpipe.transcript import Flag, count_flags
from anonpipe.trouble import trouble_share

T = TypeVar("T")


def run(
    session: Session,
    *,
    report: Report,
    today: date,
    dry_run: bool = False,
    again: str | None = None,
    only: str | frozenset[str] | None = None,
    approval: str | None = None,
    doubt: str | None = None,
    transcribe: bool = True,
    finish: bool = True,
    tools: Tools | None = None,
) -> tuple[Outcome, ...]:
    """Take every source as far as consent allows, in order of name, recordings first.

    First every source is written, then the names of all are looked for in each, and only
    then originals are deleted.

    `again` is the id of a source to be coded and written anew, `only` of one, or of several, to
    which the run is confined. `approval` is the reference of the approval to promise less than
    before, `doubt` says why the machine's date is not to be trusted (`clock`). Without
    `transcribe` a source that needs it waits for a delta; without `finish` sources are written, and
    nothing is deleted. `tools` are those that are loaded already.

    Raises UsageError for wrong settings, ConsentError when the register promises less than
    before, and AuditError, VaultError or ModelError, which stop everything; whatever concerns
    one source alone is in its outcome.
    """
    register = consent.load(session.study.consent_file)
    state = session.study.read_state()
    take_in = register_history.check if dry_run else register_history.take_in
    take_in(session.log, register, register_history.held(state), approval=approval)
    if again is not None:
        _require_again(session, state, again)
    if not dry_run:
        count = seal_people(session)
        if count:
            report(Event("names-sealed", values={"count": count}))
        used = asdict(models_used(session.study))
        digest = session.study.settings_digest()
        session.log.append("run-start", settings=digest, network=how_barred(), **used)
    batch = _Batch(
        session,
        register,
        state,
        report,
        today,
        dry_run,
        approval,
        doubt,
        transcribe,
        finish,
        tools,
    )
    if again is not None and not dry_run:
        batch.reset(again)
    outcomes = tuple(batch.all(frozenset((only,)) if isinstance(only, str) else only))
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


def approve(session: Session, name: str, reviewer: str | None = None) -> SourceState:
    """Sign off a written source: its outputs as they are now count as reviewed.

    What can be read in them as a name of the key counts as no name while they stay as they are.
    `reviewer` is the fingerprint of the name that a person signs with. Where two persons must sign,
    the first signature is logged, and the source goes on waiting.

    Raises UsageError when there is no such source, it is not ready for review, or this person
    has signed it already and another one must; RecordingError when an output is missing.
    """
    state = session.study.read_state()
    current = state.get(name)
    if current is None or current.stage not in (Stage.WRITTEN, Stage.FINAL):
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
    changed = [name for name, digest in current.outputs.items() if outputs[name] != digest]
    accepted: dict[str, tuple[str, ...]] = {}
    for hit in Outputs(session.study, session.key).hits(current, changed=current.outputs):
        accepted[hit.output] = (*accepted.get(hit.output, ()), hit.place)
    signed = signatures.digest(outputs, accepted)
    action, told = _signature(session, name, signed, reviewer)
    session.log.append(
        action,
        subject=name,
        changed=len(changed),
        accepted=sum(map(len, accepted.values())),
        **told,
    )
    if action != "approved":
        return current
    approved = replace(
        current,
        outputs=outputs,
        approved=datetime.now(UTC).isoformat(timespec="seconds"),
        edited=tuple(sorted({*current.edited, *changed})),
        accepted=accepted,
    )
    session.study.write_state({**state, name: approved})
    return approved


def _signature(
    session: Session, name: str, signed: str, reviewer: str | None
) -> tuple[str, dict[str, str]]:
    """The action and the details of a signature. Raises UsageError when the same person signed."""
    mine = Signature("", session.key.holder.fingerprint, reviewer or "", signed, last=False)
    told = {"holder": mine.holder, "signed": signed}
    if reviewer is not None:
        told["reviewer"] = reviewer
    needed = session.study.settings.reviewers
    entries, vouched = session.log.entries(), session.log.vouched_entries()
    found = signatures.by_source(entries, vouched).get(name, ())
    before = [each for each in found if each.signed == signed]
    if signatures.persons(before) >= needed or needed == 1:
        return "approved", told
    if reviewer is None:
        raise UsageError(
            f"Two persons must sign {name} off, so each gives a name: add --reviewer NAME, of "
            "which the log keeps a fingerprint only."
        )
    if before and not any(mine.is_other_than(each) for each in before):
        raise UsageError(
            f"You have signed {name} already, and a second person must: they open the study with "
            "an identity of their own and sign with their own name."
        )
    return ("approved" if before else "reviewed"), told


def finish_begun(session: Session, today: date) -> None:
    """Carry out the deletions and the replacing of outputs that a crash interrupted.

    Raises RecordingError with the first that fails.
    """
    register = consent.load(session.study.consent_file)
    state = session.study.read_state()
    batch = _Batch(session, register, state, lambda _: None, today, False, None, None)
    failed = [outcome for outcome in batch.end_what_was_begun().values() if outcome is not None]
    if failed:
        raise RecordingError(failed[0].reason)


def _require_again(session: Session, state: Mapping[str, SourceState], name: str) -> None:
    """Raise UsageError unless a source can be coded and written anew."""
    require_known(state, name)
    sealed = session.study.working_file(name)
    known = session.key.table.sources[name]
    original = datakey.original(session.study, name, known)
    if not sealed.is_file() and not original.is_file():
        raise UsageError(
            f"{name} cannot be written anew: its original and its sealed transcript are gone."
        )


class _Batch:
    def __init__(
        self,
        session: Session,
        register: consent.Register,
        state: dict[str, SourceState],
        report: Report,
        today: date,
        dry_run: bool,
        approval: str | None,
        doubt: str | None,
        transcribe: bool = True,
        finish: bool = True,
        tools: Tools | None = None,
    ) -> None:
        self.session, self.register, self.state = session, register, state
        self.report, self.today, self.dry_run = report, today, dry_run
        self.doubt, self.transcribe, self.finish = doubt, transcribe, finish
        self.pipeline = Pipeline(
            session.study,
            session.key,
            session.log,
            tools or Tools(session.study),
            today=today,
            save_state=self.save,
        )
        self.admission = Admission(
            session,
            register,
            state,
            self.pipeline.deltas,
            today=today,
            dry_run=dry_run,
            approval=approval,
            save=self.save,
        )

    def save(self, name: str, state: SourceState) -> None:
        self.state[name] = state
        self.session.study.write_state(self.state)

    def reset(self, name: str) -> None:
        """Have a source coded and written anew, from its sealed transcript if there is one."""
        sealed = self.session.study.working_file(name).is_file()
        stage = Stage.TRANSCRIBED if sealed else Stage.NEW
        self.session.log.append("reset", subject=name)
        self.save(name, replace(self.state[name], stage=stage, approved=None, deleting=None))

    def all(self, only: frozenset[str] | None) -> Iterator[Outcome]:
        """Outcomes of the files that are there, then of sources whose file is gone."""
        ended = {} if self.dry_run else self.end_what_was_begun()
        if only is None:
            self.tell_of_parts()
        known = dict(self.admission.table.sources)
        chosen = {(known[name].kind, known[name].path) for name in only or () if name in known}
        here: set[str | None] = set()
        found: list[Outcome | Job | str] = []  # a name is that of a final source without file
        for outcome in filter(None, ended.values()):
            here.add(outcome.id)
            found.append(self.reported(outcome))
        for source in datakey.sources(self.session.study, self.admission.table):
            if self.admission.unfinished(source) in here - {None}:
                continue
            wanted = only is None or (source.kind, str(source.relative)) in chosen
            if wanted and (only is None or source.sealed is None or source.sealed in only):
                here.add(self.added(found, self.written(source, None)))
        for name, item in known.items():
            stage = self.state.get(name, SourceState()).stage
            # A file that left before it was transcribed is nobody's business any more.
            if name in here or stage is Stage.NEW or (only is not None and name not in only):
                if name not in here and only is None and not self.dry_run:
                    partial.forget(self.session.study, name)
                continue
            if stage is Stage.FINAL:
                found.append(name)
            else:
                self.added(found, self.written(None, (name, item)))
        if only is None:
            for delta in sorted(self.pipeline.deltas.present - self.admission.met):
                if (left := self.left_delta(delta)) is not None:
                    found.append(self.reported(left))
        if not self.dry_run:
            found = self.swept(found)
        for each in found:
            if isinstance(each, Outcome):
                yield each
            elif isinstance(each, Job):
                yield self.reported(self.finished(each))
            else:
                yield self.reported(self.done(each, deleted=each in ended))

    def tell_of_parts(self) -> None:
        """Tell of files that look like the parts of one interview, before they are transcribed."""
        done = {
            item.path
            for name, item in self.admission.table.sources.items()
            if self.state.get(name, SourceState()).stage is not Stage.NEW
        }
        files = [
            source.relative
            for source in self.session.study.sources()
            if source.kind == "audio"
            and source.path.suffix != ".age"
            and str(source.relative) not in done
        ]
        for group in parts.alike(files):
            whose = {self.register.participants(file) for file in group}
            if len(whose) == 1 and whose != {()}:
                values = {"files": tuple(map(str, group)), "count": len(group)}
                self.report(Event("parts", values=values))

    def added(self, found: list[Outcome | Job | str], new: Outcome | Job) -> str | None:
        """Note what became of a source so far, and tell at once why it goes no further."""
        found.append(self.reported(new) if isinstance(new, Outcome) else new)
        return new.id

    def written(self, source: Source | None, known: tuple[str, KeySource] | None) -> Outcome | Job:
        """Take one source as far as its outputs."""
        name = known[0] if known else self.admission.unfinished(source)
        kind = source.kind if source else known[1].kind if known else "audio"
        there = source is not None
        new = self.guarded(
            name, kind, lambda: self.admission.job(source, known), file_is_there=there
        )
        if isinstance(new, Outcome):
            return new
        job = new
        if self.waits_for_delta(job):
            reason = "delta" if job.delta else "run"
            return replace(self.outcome(job, job), status="waiting", reason=reason)
        if self.dry_run:
            return job
        done = self.guarded(
            job.id,
            kind,
            lambda: self.pipeline.process(job, *self.reports(job.id)),
            file_is_there=there,
        )
        self.admission.known_anew()
        return done

    def waits_for_delta(self, job: Job) -> bool:
        """Whether a source needs transcribing, which this run leaves to another machine."""
        deltas = self.pipeline.deltas
        if self.transcribe or job.state.stage is not Stage.NEW or job.delta in deltas.present:
            return False
        if not self.dry_run and job.delta:
            deltas.want(job.delta)
        return True

    def left_delta(self, name: str) -> Outcome | None:
        """See to a delta that stands for no file as it is now; why it is refused, if it is."""
        deltas = self.pipeline.deltas

        def work() -> None:
            reason, subject = deltas.why_left(name, self.done_with, self.withdrawn)
            if reason is not None and not self.dry_run:
                deltas.remove(name, reason, subject)

        result = self.guarded(None, "delta", work, file_is_there=True)
        return None if result is None else replace(result, id=name)

    def done_with(self, kind: Kind, sha256: str) -> str | None:
        """The id of the source with that content, if it was transcribed."""
        digest = self.session.key.keyed(sha256)
        for name, item in self.admission.table.sources.items():
            if (item.kind, item.digest) == (kind, digest):
                transcribed = self.state.get(name, SourceState()).stage is not Stage.NEW
                return name if transcribed else None
        return None

    def withdrawn(self, path: PurePosixPath) -> bool:
        """Whether somebody to whom a file belongs has withdrawn."""
        days = (row.withdrawn_on for row in self.register.rows if row.covers(path))
        return any(day is not None and day <= self.today for day in days)

    def swept(self, found: list[Outcome | Job | str]) -> list[Outcome | Job | str]:
        """Look for the names of the key in all sources until no source has any more of them.

        Each source is searched when the key has changed since it was.
        """
        while True:
            version = self.pipeline.names_version
            found = [each if isinstance(each, Outcome) else self.searched(each) for each in found]
            if self.pipeline.names_version == version:
                return found

    def searched(self, each: Job | str) -> Outcome | Job | str:
        """Have a source rid of names that are in the key only since it was coded."""
        name = each if isinstance(each, str) else each.id
        version, before = self.pipeline.names_version, self.state[name]
        if before.searched == version or self.over(before) is not None:
            return each

        def work() -> Job | str:
            self.pipeline.edited.pop(name, None)
            if isinstance(each, Job) and self.pipeline.has_raw(name):
                self.pipeline.sweep_written(replace(each, state=before), *self.reports(name))
            else:
                self.pipeline.sweep_outputs(name, before)
            after = self.state[name]
            if after.outputs != before.outputs:
                self.report(Event("swept", name))
            if name not in self.pipeline.edited:
                self.save(name, replace(after, searched=version))
            return each

        result = self.guarded(name, before.kind, work, file_is_there=True)
        return self.reported(result) if isinstance(result, Outcome) else result

    def finished(self, job: Job) -> Outcome:
        """Make a written source final unless it waits, or a name can still be read in it."""

        def work() -> Outcome:
            if self.dry_run:
                return self.outcome(job, job)
            if not self.finish:
                now = replace(job, state=self.state[job.id])
                return self.outcome(now, now)
            left = self.left(job.id)
            if left is not None:
                return left
            self.require_sure_dates(job)
            now = replace(job, state=self.state[job.id])
            return self.outcome(job, self.pipeline.finish(now, self.reports(job.id)[0]))

        return self.guarded(job.id, job.state.kind, work, file_is_there=job.source is not None)

    def require_sure_dates(self, job: Job) -> None:
        """NotNow when the rule that decides on a deletion may be another one by now."""
        if self.doubt is not None and job.demand.delete_from is not None:
            raise NotNow(f"{job.id} waits for a date. {self.doubt}")
        if not self.register.is_current():
            raise NotNow(
                f"{self.register.path.name} was changed while anonpipe worked, so nothing of "
                f"{job.id} was deleted: run again."
            )

    def left(self, name: str) -> Outcome | None:
        """The failure of a source in whose outputs a name of the key can be read."""
        state = self.state[name]
        hits = self.pipeline.hits(name, state)
        flags = [flag for flag in state.flags if flag.kind != "name-left"]
        flags += _flags(hits)
        if tuple(flags) != state.flags:
            self.save(name, replace(state, flags=tuple(flags)))
        if not hits:
            return None
        codes = sorted({hit.code for hit in hits})
        self.session.log.append(
            "name-left", subject=name, result="error", hits=len(hits), codes=tuple(codes[:50])
        )
        self.report(Event("name-left", name, {"hits": [asdict(hit) for hit in hits]}))
        places = [f"{hit.code} in {hit.output} line {hit.line}" for hit in hits[:5]]
        more = f" and {len(hits) - 5} more" if len(hits) > 5 else ""
        return self.failed(
            name,
            state.kind,
            f"{name} still shows names that are in the key ({', '.join(places)}{more}), so nothing "
            f"of it was deleted: mend the outputs by hand or with `anonpipe run --again {name}`, "
            f"or accept them as no names with `anonpipe review --approve {name}`.",
            "name-left",
        )

    def reports(self, name: str) -> tuple[Callable[[Stage], None], Callable[[float, float], None]]:
        """What the pipeline calls when a source comes to a stage or gets on with it."""

        def stage(value: Stage) -> None:
            self.report(Event("stage", name, {"stage": value}))

        def progress(done: float, total: float) -> None:
            self.report(Event("progress", name, {"done": done, "total": total}))

        return stage, progress

    def reported(self, outcome: Outcome) -> Outcome:
        self.report(Event("outcome", outcome.id, {"outcome": outcome}))
        return outcome

    def end_what_was_begun(self) -> dict[str, Outcome | None]:
        """Finish what a crash interrupted, before a new file can take the name: deletions, sweeps.

        Gives each source's id, with an outcome where that failed.
        """
        ended: dict[str, Outcome | None] = {}
        for name, state in list(self.state.items()):
            try:
                if state.stage is Stage.FINAL:
                    self.pipeline.forget(name)  # a power loss may have brought it back
                elif state.stage is Stage.SWEEPING:
                    self.pipeline.end_sweep(name, state)
                elif state.deleting is not None:
                    self.pipeline.complete(name, state)
                    ended[name] = None
            except RecordingError as error:
                ended[name] = self.failed(name, state.kind, str(error), "recordingerror")
        return ended

    def over(self, state: SourceState) -> str | None:
        """Why a source's outputs may not be kept any more."""
        return self.register.over(state.participants, self.today)

    def done(self, name: str, *, deleted: bool) -> Outcome:
        """The outcome of a final source, whose outputs may have to go by now."""
        state = self.state[name]
        left = [output for output in state.outputs if (self.session.study.folder / output).exists()]
        over = self.over(state)
        demand = self.register.demand_of(state.participants)
        if over is None and demand is not None and not demand.keep_bleeped:
            over = f"{name} may not be kept bleeped any more"
            left = [output for output in left if is_bleeped(output)]
        if over is not None and left:
            how = "withdraw" if self.register.withdrawn(state.participants) else "retention run"
            return self.refused(
                name, state.kind, f"{over}: `anonpipe {how}` deletes {', '.join(left)}."
            )
        if not self.dry_run:
            left_names = self.guarded(name, state.kind, lambda: self.left(name), file_is_there=True)
            if left_names is not None:
                return left_names
        return Outcome(
            name,
            "final",
            state.kind,
            state.participants,
            outputs=tuple(state.outputs),
            flags=count_flags(self.state[name].flags),
            trouble=_trouble(self.state[name]),
            deleted=deleted,
        )

    def refused(self, name: str | None, kind: str, reason: str) -> Outcome:
        self.log_failure("refused", name, "consent")
        code = ConsentError.exit_code
        return Outcome(name, "refused", kind, reason=reason, why="consent", exit_code=code)

    def guarded(
        self, name: str | None, kind: str, work: Callable[[], T], *, file_is_there: bool
    ) -> T | Outcome:
        """Do some work on one source; what goes wrong with it alone becomes its outcome."""
        try:
            return work()
        except FATAL:
            raise
        except ConsentError as error:
            uncertain = isinstance(error, NotNow) or self.dry_run
            if not file_is_there and name is not None and not uncertain:
                # The original went as the refusal asks; what anonpipe keeps of it goes too.
                self.pipeline.close(name, self.state[name], result="refused")
            return self.refused(name, kind, str(error))
        except AnonpipeError as error:
            return self.failed(name, kind, str(error), type(error).__name__)
        except Exception as error:
            what, reason = unexpected(error, name or "A source")
            return self.failed(name, kind, reason, what)

    def failed(self, name: str | None, kind: str, reason: str, why: str) -> Outcome:
        why = why.casefold()
        self.log_failure("failed", name, why)
        return Outcome(name, "failed", kind, reason=reason, why=why, exit_code=1)

    def log_failure(self, action: str, name: str | None, why: str) -> None:
        if not self.dry_run:
            coded = why if action == "refused" or why in FAILURES else "unexpected"
            self.session.log.append(action, subject=name, result="error", why=coded)

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
            trouble=_trouble(job.state),
            deleted=final
            and before.state.stage is not Stage.FINAL
            and job.state.deleting is not None,
        )


def _trouble(state: SourceState) -> float:
    return round(trouble_share(state.flags, state.speech), 3)


def _flags(hits: Iterable[Hit]) -> list[Flag]:
    """One flag for each turn with hits, of the JSON output where there is one."""
    turns = [hit for hit in hits if hit.turn is not None]
    found = Counter(hit.turn for hit in turns or hits)
    return [Flag("name-left", turn, count=count) for turn, count in found.items()]
