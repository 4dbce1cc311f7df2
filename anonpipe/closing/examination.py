"""What a study's close finds: what is still open, what would go, and what was found rare.

Nothing here changes anything. What is told holds codes and counts only, so that it may stand
in a checklist.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from anonpipe import consent, datakey, decisions, formats, rarity, register_history
from anonpipe.audit import AuditLog
from anonpipe.backup import is_destroyed
from anonpipe.decisions import is_bleeped
from anonpipe.due import WITHDRAWN, due, plain_files
from anonpipe.errors import UsageError
from anonpipe.files import sha256
from anonpipe.key import KeyBackup
from anonpipe.log_kinds import EXPORTS
from anonpipe.operations import journal
from anonpipe.outputs import Outputs
from anonpipe.review import signatures
from anonpipe.session import Session
from anonpipe.study import SourceState, Stage
from anonpipe.transcript import MENTION_TYPES

_CHANGES = frozenset({"written", "swept", "approved"})
"""Actions after which a text is another than it was, so that it has to be judged anew."""


@dataclass(frozen=True, slots=True)
class Open:
    """Something that has to be settled before the close; a sentence without names."""

    text: str


@dataclass(frozen=True, slots=True)
class SourcePlan:
    """What becomes of one source: everything of it goes, or its outputs stay and say so.

    `original` says that the file itself is still in recordings/ or documents/; `versions` are
    those of the consent; `until` is the last day (ISO 8601) on which outputs that stay may be kept.
    """

    id: str
    kind: str
    participants: tuple[str, ...]
    deletes: bool
    outputs: tuple[str, ...]
    original: bool
    versions: tuple[str, ...] = ()
    until: str | None = None


@dataclass(frozen=True, slots=True)
class Examination:
    """The state of a study that is to be closed. `exports` counts logged exports of the key."""

    open: tuple[Open, ...]
    sources: tuple[SourcePlan, ...]
    findings: rarity.Findings
    exports: int
    changed_on: date

    @property
    def why_not(self) -> tuple[str, ...]:
        """Codes of `status.REASONS` that follow from what is kept."""
        kept = [source for source in self.sources if not source.deletes]
        voices = any(is_bleeped(output) for source in kept for output in source.outputs)
        originals = any(source.original for source in kept)
        return ("voices-kept",) * voices + ("originals-kept",) * originals


def examine(session: Session, today: date, attested: Collection[str] = ()) -> Examination:
    """Look at everything that a close depends on.

    `attested` are backups that somebody says are destroyed. Raises UsageError for a wrong
    register or an unknown backup, and ConsentError when the register promises less than it did.
    """
    known = {backup.id for backup in session.key.table.backups}
    if not known.issuperset(attested):
        there = ", ".join(sorted(known)) or "none is registered"
        raise UsageError(f"There is no such backup of the key; there are: {there}.")
    register = consent.load(session.study.consent_file)
    state = session.study.read_state()
    register_history.check(session.log, register, register_history.held(state))
    plans = tuple(_plan(session, register, name, each) for name, each in sorted(state.items()))
    still_open = (
        *_open_sources(session, register, state, today),
        *_overdue(session, register, state, today),
        *_withdrawals(session, register, today),
        *_open_files(session, plans, state),
        *_open_backups(session, attested),
    )
    kept = [plan for plan in plans if not plan.deletes]
    settings = session.study.settings
    findings = rarity.find(
        session.key.table.people_and_things(),
        [_text(session, plan, state[plan.id]) for plan in kept],
        template=settings.template,
        kept=[kind for kind in MENTION_TYPES if kind in settings.policies.keeps],
    )
    entries = list(session.log.entries())
    exports = sum(
        entry.action == "key-opened" and entry.details["act"] in EXPORTS for entry in entries
    )
    changes = [entry.time[:10] for entry in entries if entry.action in _CHANGES]
    changed_on = date.fromisoformat(max(changes, default=entries[0].time[:10]))
    return Examination(tuple(map(Open, still_open)), plans, findings, exports, changed_on)


def backup_digests(log: AuditLog) -> frozenset[str]:
    """Digests of all versions that the key ever had, which its backups may have."""
    saved = ("key-intent", "key-saved", "key-backup")
    return frozenset(str(e.details["key"]) for e in log.vouched_entries() if e.action in saved)


def is_ours(backup: KeyBackup, digests: Collection[str]) -> bool | None:
    """Whether a version of the key lies where a backup was made; None if nothing lies there.

    A link does not count, since deleting it would leave what it points to.
    """
    path = Path(backup.path)
    try:
        return sha256(path) in digests and not path.is_symlink()
    except OSError:
        return None


def _plan(
    session: Session, register: consent.Register, name: str, state: SourceState
) -> SourcePlan:
    study = session.study
    demand = register.demand_of(state.participants)
    known = session.key.table.sources.get(name)
    original = known is not None and datakey.original(study, name, known).is_file()
    deletes = demand is not None and demand.at_end == "delete"
    outputs = tuple(sorted(o for o in state.outputs if (study.folder / o).is_file()))
    until = demand.transcript_until if demand and outputs and not deletes else None
    return SourcePlan(
        id=name,
        kind=state.kind,
        participants=state.participants,
        deletes=deletes,
        outputs=outputs,
        # A new file may have taken the name of one that is gone.
        original=original and not decisions.deletes(study, state),
        versions=demand.versions if demand else (),
        until=until.isoformat() if until else None,
    )


def _open_sources(
    session: Session, register: consent.Register, states: dict[str, SourceState], today: date
) -> Iterator[str]:
    study = session.study
    outputs = Outputs(study, session.key)
    promised: set[str] = set()
    signed = signatures.by_source(session.log.entries(), session.log.vouched_entries())
    for name, state in sorted(states.items()):
        state = signatures.standing(state, signed.get(name, ()), study.settings.reviewers)
        demand = register.demand_of(state.participants)
        there = [output for output in state.outputs if (study.folder / output).is_file()]
        for row in register.rows if there else ():
            mine = row.participant in state.participants and row.participant not in promised
            if mine and row.at_end is None and row.withdrawn_on is None:
                promised.add(row.participant)
                yield (
                    f"{row.participant} was promised nothing for the end of the study "
                    f"(consent.csv, row {row.line}, column at_end): write delete or anonymise."
                )
        if state.stage is not Stage.FINAL:
            waits = None
            if state.stage is Stage.WRITTEN and demand is not None:
                waits = decisions.waits_for(study, state, demand, today)
            yield f"{name} is not final: " + {
                None: "run `anonpipe run`.",
                "review": f"review it, then `anonpipe review --approve {name}`.",
            }.get(waits, f"it waits for {waits}; then run `anonpipe run`.")
            continue
        if demand is None:
            if there:
                yield f"{name} belongs to nobody in consent.csv: put the row back."
            continue
        changed = [o for o in there if sha256(study.folder / o) != state.outputs[o]]
        if changed:
            yield (
                f"{name} has outputs that were changed since they were written: accept them with "
                f"`anonpipe review --approve {name}`."
            )
        elif demand.at_end != "delete" and outputs.unaccepted(state):
            yield f"{name} still shows names of the key: run `anonpipe run` to see where."


def _overdue(
    session: Session, register: consent.Register, states: dict[str, SourceState], today: date
) -> Iterator[str]:
    sources = session.key.table.sources
    known = {(item.kind, item.path): name for name, item in sources.items()}
    for item in due(session.study, register, states, today, known):
        # What is not final yet is told as that.
        final = item.source is not None and states[item.source].stage is Stage.FINAL
        if item.status == "overdue" and final and not item.rule.startswith(WITHDRAWN):
            yield (
                f"{item.source}: the {item.what} is overdue ({item.rule}): run "
                "`anonpipe retention run`."
            )


def _withdrawals(session: Session, register: consent.Register, today: date) -> Iterator[str]:
    """Those who have withdrawn while something of theirs is left; copies of the key go anyway."""
    from anonpipe.withdrawal import status

    for row in register.rows:
        if row.withdrawn_on is not None and row.withdrawn_on <= today:
            left = status(session.study, row.participant, today).left
            if any(thing.kind != "backup" for thing in left):
                yield (
                    f"{row.participant} has withdrawn, which was not carried out, or not to the "
                    f"end: run `anonpipe withdraw STUDY {row.participant}`."
                )


def _open_files(
    session: Session, plans: tuple[SourcePlan, ...], states: dict[str, SourceState]
) -> Iterator[str]:
    """Files and working files that belong to no source that is told of already."""
    study, sources = session.study, session.key.table.sources
    unfinished = {name for name, state in states.items() if state.stage is not Stage.FINAL}
    told = unfinished | {plan.id for plan in plans if plan.original}
    known = {
        (sources[name].kind, sources[name].path)
        for name in told
        if name in sources and not study.encrypted(sources[name].kind, name).is_file()
    }
    for kind, where in (("audio", "recordings/"), ("text", "documents/")):
        new = [
            source
            for source in plain_files(study, states)
            if source.kind == kind and (kind, str(source.relative)) not in known
        ]
        if new:
            yield (
                f"{len(new)} file(s) in {where} have not been processed to the end: run "
                "`anonpipe run`, or take them out of the study."
            )
    for plan in plans:
        kind = sources[plan.id].kind if plan.id in sources else "audio"
        item = sources.get(plan.id)
        if (
            plan.original
            and plan.deletes
            and item
            and datakey.original(study, plan.id, item).is_symlink()
        ):
            yield (
                f"The file of {plan.id} is a symbolic link, and what it points to would stay: put "
                "the file itself there, or delete both by hand."
            )
        if plan.original and not plan.deletes and study.encrypted(kind, plan.id).is_file():
            yield (
                f"{plan.id} lies encrypted, and nobody could open it once the key is destroyed: "
                'set documents.after = "delete-after-coding" and run `anonpipe run`.'
            )
        if plan.original and _has_changed(session, plan.id):
            yield f"The file of {plan.id} was changed since it was processed: run `anonpipe run`."
    back = [
        name
        for name, state in sorted(states.items())
        if decisions.is_gone(study, state) and study.encrypted(state.kind, name).is_file()
    ]
    for name in back:
        yield f"The encrypted file of {name} has come back: run `anonpipe run`, which deletes it."
    if study.settings.people:
        yield "study.toml holds names: run `anonpipe run`, which moves them into the key."
    waiting = [
        path
        for path in study.sealed.glob("[!.]*")
        if path.suffix == ".age"
        and path != journal(study)
        and study.working_id(path) not in unfinished
    ]
    if waiting:
        yield f"{len(waiting)} working file(s) in sealed/ wait: run `anonpipe run`, or merge them."


def _has_changed(session: Session, name: str) -> bool:
    item = session.key.table.sources[name]
    path = session.study.source_folder(item.kind) / item.path
    plain = item.data_key is None and path.is_file()
    return plain and session.key.digest_of(path) != item.digest


def _open_backups(session: Session, attested: Collection[str]) -> Iterator[str]:
    digests = backup_digests(session.log)
    key = session.study.key_file
    if key.is_symlink():
        yield f"{key} is a symbolic link: put the key itself there, so that it can be destroyed."
    beside = [path for path in key.parent.iterdir() if path.is_file() and path.name != key.name]
    if copies := sum(sha256(path) in digests for path in beside):
        yield (
            f"{copies} copy(ies) of the key that nobody registered lie beside it: delete them, and "
            "look for others."
        )
    for backup in session.key.table.backups:
        if backup.id in attested:
            continue
        ours = is_ours(backup, digests)
        if not ours and is_destroyed(session.log, backup.id):
            continue  # somebody has attested it before
        if ours is None:
            yield (
                f"{backup.id}, a backup of the key, cannot be reached: connect its disk, or, if it "
                f"is destroyed, say so with --backup-destroyed {backup.id}."
            )
        elif not ours:
            yield (
                f"Where {backup.id}, a backup of the key, should be lies another file: put the "
                f"backup back, or, if it is destroyed, say --backup-destroyed {backup.id}."
            )


def _text(session: Session, plan: SourcePlan, state: SourceState) -> rarity.Text:
    """What a source's outputs say, all formats together, as each may have been edited."""
    language = state.language or "nb"
    read = [
        formats.read(session.study.folder / output, language).text
        for output in plan.outputs
        if not is_bleeped(output)
    ]
    return rarity.Text(plan.id, plan.participants, language, "\n".join(read))
