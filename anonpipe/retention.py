"""Carrying out what retention demands: what `due` calls overdue, as far as nothing hinders it.

Originals and sealed raw transcripts go the way that every original goes: names searched,
outputs compared with their digests, intent logged, receipt written (`batch`). What was
written from a source whose transcripts' time is over goes as one operation: outputs, what is
left of the original, and what only that source told the key. Nothing that waits for a person
is deleted unread, and nothing that should be gone is kept without saying so: it is in
`Result.left`, and the exit code is 3.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from typing import Any

from anonpipe import batch, clock, consent, erase, operations, register_history
from anonpipe.consent import EXPIRY, Register
from anonpipe.decisions import is_bleeped, is_gone
from anonpipe.due import NO_ROW, WITHDRAWN, Due, due, of_source
from anonpipe.errors import ConsentError
from anonpipe.files import make_folder
from anonpipe.forget import forget
from anonpipe.medium import medium
from anonpipe.operations import Operation
from anonpipe.pipeline import Pipeline
from anonpipe.receipt import announce
from anonpipe.session import Session
from anonpipe.study import SourceState, Stage, Study
from anonpipe.tools import Tools


@dataclass(frozen=True, slots=True)
class Done:
    """What was deleted of one source, or would be."""

    source: str
    participants: tuple[str, ...]
    what: tuple[str, ...]
    rule: str

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Result:
    """What a retention run did. `left` is overdue still; `failed` are sentences, which may name
    files; `doubt` says why nothing was done that depends on a date.
    """

    done: tuple[Done, ...]
    left: tuple[Due, ...]
    failed: tuple[str, ...]
    doubt: str | None

    @property
    def exit_code(self) -> int:
        """0 if nothing is overdue any more, else 3."""
        clean = not self.left and not self.failed and self.doubt is None
        return 0 if clean else ConsentError.exit_code


def run(
    session: Session,
    now: datetime,
    *,
    dry_run: bool = False,
    approval: str | None = None,
    doubt: str | None = None,
) -> Result:
    """Delete what is due on the day of `now`; `doubt` says why its date is not to be trusted.

    Nothing is transcribed. Raises UsageError for a wrong register, ConsentError when it promises
    less than before without `approval` or changes while this runs, AuditError and VaultError.
    """
    today = now.date()
    register = consent.load(session.study.consent_file)
    before = session.study.read_state()
    take_in = register_history.check if dry_run else register_history.take_in
    take_in(session.log, register, register_history.held(before), approval=approval)
    items = due(session.study, register, before, today)
    dated = any(item.on is not None for item in items)
    doubt = doubt if dated else None
    overdue = [item for item in items if item.status == "overdue"]
    able = [item for item in overdue if _able(item) and not (doubt and item.on)]
    if dry_run:
        left = tuple(item for item in overdue if item not in able)
        return Result(_together(able), left, (), doubt)

    failed = _originals(session, today, before, able, approval, doubt)
    for name in dict.fromkeys(item.source for item in able if _by_operation(item, before)):
        assert name is not None
        state = session.study.read_state()[name]
        again = of_source(session.study, register, name, state, today)
        plan = _plan(session, name, state, [item for item in again if item in able])
        if plan is not None:
            if not register.is_current():
                raise ConsentError(
                    f"{register.path.name} was changed while anonpipe worked, so nothing more was "
                    "deleted: run again."
                )
            operations.begin(session, plan)
    _forget_gone(session, register, today)
    return _concluded(session, register, now, able, failed, doubt)


def _concluded(
    session: Session,
    register: Register,
    now: datetime,
    able: list[Due],
    failed: tuple[str, ...],
    doubt: str | None,
) -> Result:
    """What came of it, logged; a run that did nothing is logged once a week."""
    after = due(session.study, register, session.study.read_state(), now.date())
    left = tuple(item for item in after if item.status == "overdue")
    there = {(item.source, item.what) for item in left}
    done = _together([item for item in able if (item.source, item.what) not in there])
    result = Result(done, left, failed, doubt)
    if done or result.exit_code or clock.is_silent(session.log, now):
        session.log.append(
            "retention-run",
            result="incomplete" if result.exit_code else "done",
            deleted=len(done),
            overdue=len(left),
            failed=len(failed),
        )
    return result


def _able(item: Due) -> bool:
    """Whether a retention run may delete this: it waits for nobody, and is nobody's withdrawal."""
    by_rule = not item.rule.startswith((WITHDRAWN, NO_ROW))
    return item.source is not None and item.waits is None and by_rule


def _by_operation(item: Due, state: Mapping[str, SourceState]) -> bool:
    """Whether it goes with an operation of its own, not the way that originals go."""
    name = item.source or ""
    return item.rule.startswith(EXPIRY) or (
        item.what == "bleeped" and state[name].stage is Stage.FINAL
    )


def _together(items: list[Due]) -> tuple[Done, ...]:
    found: dict[str, list[Due]] = {}
    for item in items:
        found.setdefault(item.source or "", []).append(item)
    return tuple(
        Done(
            name,
            each[0].participants,
            tuple(dict.fromkeys(item.what for item in each)),
            each[0].rule,
        )
        for name, each in sorted(found.items())
    )


def _forget_gone(session: Session, register: Register, today: date) -> None:
    """Take out of the key what it still says of files that outlived their transcripts."""
    state = session.study.read_state()
    gone = {
        name
        for name, each in state.items()
        if is_gone(session.study, each)
        and not each.outputs
        and register.over(each.participants, today) is not None
    }
    nobody = _left_with_nothing(session.study, gone)
    session.key.save(forget(session.key.table, gone, nobody, files=gone))


# -- originals, as every run deletes them


def _originals(
    session: Session,
    today: date,
    state: Mapping[str, SourceState],
    able: list[Due],
    approval: str | None,
    doubt: str | None,
) -> tuple[str, ...]:
    """Have originals deleted whose date has come; the sentences of what failed."""
    begun = {n for n, s in state.items() if s.stage is Stage.SWEEPING or _is_begun(s)}
    names = begun | {i.source for i in able if i.source and not _by_operation(i, state)}
    changed = {name for name in names - begun if _has_changed(session, name, state[name])}
    failed = [
        f"The file of {name} is another one than was transcribed, so nothing was deleted: run "
        "`anonpipe run`."
        for name in sorted(changed)
    ]
    chosen = frozenset(names - changed)
    if chosen:
        outcomes = batch.run(
            session,
            report=lambda _: None,
            today=today,
            only=chosen,
            approval=approval,
            doubt=doubt,
        )
        failed += [o.reason for o in outcomes if o.status in ("failed", "refused")]
    return tuple(failed)


def _is_begun(state: SourceState) -> bool:
    return state.deleting is not None and state.stage is not Stage.FINAL


def _has_changed(session: Session, name: str, state: SourceState) -> bool:
    """Whether another file lies where the original was, which `batch` would begin to transcribe."""
    item = session.key.table.sources[name]
    if item.data_key is not None:
        return False  # what its data key opens is what was encrypted under its id
    path = session.study.source_folder(state.kind) / item.path
    return path.is_file() and session.key.digest_of(path) != state.digest


# -- transcripts whose time is over


def _plan(session: Session, name: str, state: SourceState, items: list[Due]) -> Operation | None:
    """The operation that deletes these things of one source; nothing is touched."""
    outputs = [o for o in state.outputs if (session.study.folder / o).exists()]
    expired = [item for item in items if item.rule.startswith(EXPIRY)]
    original = any(item.what == "document" for item in expired)
    if not items:
        return None
    if not expired:
        bleeped = [output for output in outputs if is_bleeped(output)]
        values = {"outputs": bleeped, "rule": items[0].rule, "expired": False}
        return Operation("retention", name, values)
    return Operation(
        "retention",
        name,
        {
            "outputs": outputs,
            "rule": expired[0].rule,
            "expired": True,
            "original": original,
            "participants": _left_with_nothing(session.study, {name})
            if original or is_gone(session.study, state)
            else [],
        },
    )


def _left_with_nothing(study: Study, sources: Collection[str]) -> list[str]:
    """The participants of whom the study holds nothing once these sources are gone."""
    state = study.read_state()
    others = {name: each for name, each in state.items() if name not in sources}
    gone = {code for name in sources for code in state[name].participants}
    return sorted(gone - register_history.held(others))


def carry_out(session: Session, operation: Operation) -> None:
    """Delete what an operation names; the same again if it is run again from its start."""
    name, values = operation.subject, operation.values
    assert name is not None
    study = session.study
    state = study.read_state()

    def save(_: str, new: SourceState) -> None:
        state[name] = new
        study.write_state(state)

    gone = set(values["outputs"])
    if gone & set(state[name].outputs):
        for output in sorted(gone):
            erase.outright(study.folder / output, name)
        _log(session, name, values)
        outputs = {o: digest for o, digest in state[name].outputs.items() if o not in gone}
        save(name, replace(state[name], outputs=outputs))
    if not values["expired"]:
        return
    save(name, replace(state[name], outputs={}, accepted={}, edited=(), flags=()))
    pipeline = Pipeline(
        study, session.key, session.log, Tools(study), today=date.min, save_state=save
    )
    if values["original"]:
        _delete_document(session, pipeline, name, state[name], str(values["rule"]), save)
    pipeline.forget(name)
    files = {name} if is_gone(study, state[name]) else set()
    session.key.save(forget(session.key.table, {name}, values["participants"], files=files))


def _log(session: Session, name: str, values: Mapping[str, Any]) -> None:
    rule = str(values["rule"])
    if not values["expired"]:
        session.log.append("bleeped-deleted", subject=name, rule=rule)
        return
    session.log.append(
        "outputs-deleted",
        subject=name,
        files=len(values["outputs"]),
        rule=rule,
        medium=medium(session.study.folder).kind,
    )


def _delete_document(
    session: Session,
    pipeline: Pipeline,
    name: str,
    state: SourceState,
    rule: str,
    save: Callable[[str, SourceState], None],
) -> None:
    """Delete a document that was kept so far, with a receipt, as any original."""
    if state.deleting is None:
        make_folder(session.study.receipts)
        intent = announce(session.log, name, rule=rule, source=state.digest)
        state = replace(state, stage=Stage.WRITTEN, deleting=intent, rule=rule)
        save(name, state)
    if state.stage is not Stage.FINAL:
        pipeline.complete(name, state)
