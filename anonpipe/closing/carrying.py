"""The end of a study: what was promised to be deleted goes, then the key, in all its copies.

`plan` refuses as long as anything is open. `close` is one operation (`operations`): once its plan
is durable it happens, and a kill at any effect is made good by the next session. In order:

    the answers are written and the intent is logged and signed
    transcripts, bleeped copies and originals go where deletion was promised for the end
    the other outputs say what the material may be called from now on
    registered backups of the key are destroyed
    the closing report is written, and the log is signed
    the live key is destroyed; "closed" is logged

The key is last because it holds what signs the log. If the program is killed after that,
nobody can read the plan any more, and `closed.settle` does what is left without it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from anonpipe import closed, consent, datakey, erase, formats, operations, register_history, status
from anonpipe.closing.examination import (
    Examination,
    SourcePlan,
    backup_digests,
    examine,
    is_ours,
)
from anonpipe.closing.questions import Answers, checklist, missing
from anonpipe.closing.report import Facts, write_report
from anonpipe.decisions import is_bleeped
from anonpipe.deletion import certify
from anonpipe.errors import ConsentError, RecordingError, UsageError, VaultError
from anonpipe.files import make_folder, remove_leftovers, sha256, sync_folder, write_durably
from anonpipe.key import KeyBackup
from anonpipe.log_kinds import AT_END
from anonpipe.medium import medium
from anonpipe.operations import Operation
from anonpipe.outputs import digest_of
from anonpipe.receipt import announce, announced
from anonpipe.session import Session
from anonpipe.signing import compose
from anonpipe.status import Judge, Material
from anonpipe.study import SourceState

ANSWERS = "anonpipe-closing-answers"


class NotYet(ConsentError):
    """The study cannot be closed yet; `items` are sentences, all at once (exit code 3)."""

    def __init__(self, items: Sequence[str]) -> None:
        super().__init__(f"The study cannot be closed yet: {' '.join(items)}")
        self.items = tuple(items)


@dataclass(frozen=True, slots=True)
class Plan:
    """What a close will do; codes, digests and counts only."""

    answers: Answers
    material: Material
    sources: tuple[SourcePlan, ...]
    findings: Mapping[str, Any]
    attested: tuple[str, ...]
    folders: Mapping[str, int]
    """The inode of each backup's folder, which tells it from an empty mount point."""

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values; `from_json` is the inverse."""
        return {
            "answers": self.answers.to_json(),
            "material": self.material.to_json(),
            "sources": [asdict(source) for source in self.sources],
            "findings": dict(self.findings),
            "attested": list(self.attested),
            "folders": dict(self.folders),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Plan:
        """Rebuild a plan from `to_json`'s values."""
        sources = (
            SourcePlan(
                **{
                    **source,
                    "participants": tuple(source["participants"]),
                    "outputs": tuple(source["outputs"]),
                    "versions": tuple(source["versions"]),
                }
            )
            for source in data["sources"]
        )
        return cls(
            Answers.from_json(data["answers"]),
            Material.from_json(data["material"]),
            tuple(sources),
            data["findings"],
            tuple(data["attested"]),
            data["folders"],
        )


# -- before


def write_checklist(session: Session, path: Path, today: date) -> Examination:
    """Write the file to be filled, with what is open and what was found, and log that.

    Raises UsageError if the file is there already, as it may hold answers.
    """
    found = examine(session, today)
    notes = [
        f"{source.id} and all that was written from it will be deleted, as promised."
        for source in found.sources
        if source.deletes
    ]
    notes += [
        f"{source.id} stays and may be kept to {source.until}: delete it by hand then, since "
        "anonpipe does nothing in a closed study."
        for source in found.sources
        if source.until
    ]
    notes += [
        f"{backup.id}, a backup of the key made on {backup.made_at[:10]}, will be destroyed."
        for backup in session.key.table.backups
    ]
    if found.exports:
        notes.append(f"The log knows {found.exports} export(s) of the key as plain text.")
    for code in found.why_not:
        notes.append(
            f"{status.reason_text(code, 'en').capitalize()}, so the material stays pseudonymised."
        )
    notes.append(
        "The column recording of consent.csv stays: empty it if its file patterns name anybody."
    )
    text = checklist(found.findings, [item.text for item in found.open], notes)
    write_durably(path, text.encode(), mode=0o600, error=UsageError, overwrite=False)
    session.log.append(
        "close-checklist",
        open=len(found.open),
        rare=len(found.findings.rare),
        links=len(found.findings.links),
        participants=len(found.findings.participants),
    )
    return found


def plan(
    session: Session,
    answers: Answers,
    today: date,
    *,
    attested: Collection[str] = (),
    pseudonymised: bool = False,
) -> Plan:
    """What a close with these answers would do; changes nothing.

    `attested` are backups of the key that the holder says are destroyed. Raises NotYet with
    everything that is open, also when the material would stay pseudonymised and the holder has
    not said with `pseudonymised` that this is wanted.
    """
    found = examine(session, today, attested)
    items = [item.text for item in found.open]
    items += missing(answers, found.findings, found.exports)
    holder = session.key.holder
    if answers.role != holder.label:
        items.append(
            f"The judge is {answers.role}, but the key is opened by {holder.label}: let the "
            "judge open it with an identity of their own."
        )
    if answers.on > today:
        items.append("The judgement has a date that lies ahead: correct judge.date.")
    elif answers.on < found.changed_on:
        items.append(
            f"The judgement is older than the transcripts, which changed on {found.changed_on}: "
            "judge them as they are now, and correct judge.date."
        )
    material = status.judged(
        Judge(answers.role, holder.fingerprint),
        answers.on.isoformat(),
        (*answers.why_not(), *found.why_not),
    )
    if material.why_not and not pseudonymised:
        reasons = ", ".join(status.reason_text(code, "en") for code in material.why_not)
        items.append(
            f"The material would not be anonymised ({reasons}): change that, or say "
            "--pseudonymised to destroy the key all the same."
        )
    if items:
        raise NotYet(items)
    return Plan(
        answers,
        material,
        found.sources,
        found.findings.to_json(),
        tuple(sorted(attested)),
        {b.id: inode for b in session.key.table.backups if (inode := _folder(b)) is not None},
    )


def _folder(backup: KeyBackup) -> int | None:
    try:
        return Path(backup.path).parent.stat().st_ino
    except OSError:
        return None


def close(session: Session, wanted: Plan) -> None:
    """Carry a plan out. Raises what its steps raise; the next session then goes on with it."""
    register = consent.load(session.study.consent_file)
    held = register_history.held(session.study.read_state())
    register_history.take_in(session.log, register, held)
    operations.begin(session, Operation("close", None, wanted.to_json()))


# -- carrying it out


def carry_out(session: Session, operation: Operation) -> None:
    """All steps of a close, each of which may have been done already."""
    wanted = Plan.from_json(operation.values)
    digest = _write_answers(session, wanted)
    if not _logged(session, "close-intent"):
        judge = wanted.material.judged_by
        assert judge is not None and wanted.material.on is not None
        session.log.append(
            "close-intent",
            result="intended",
            role=judge.role,
            by=judge.fingerprint,
            on=wanted.material.on,
            why_not=wanted.material.why_not,
            answers=digest,
        )
    for source in wanted.sources:
        if source.deletes:
            _delete(session, source)
        else:
            _restate(session, source, wanted.material)
    _forget_working_files(session)
    backups = [_destroy(session, backup, wanted) for backup in session.key.table.backups]
    report = write_report(session, _facts(wanted, digest, backups))
    if not _logged(session, "close-reported", report=report):
        session.log.append("close-reported", report=report)
    session.log.sign()
    _destroy_key(session)


def _facts(wanted: Plan, digest: str, backups: list[dict[str, Any]]) -> Facts:
    return Facts(
        answers=wanted.answers,
        answers_digest=digest,
        material=wanted.material,
        findings=wanted.findings,
        sources=wanted.sources,
        backups=tuple(backups),
    )


def _logged(session: Session, action: str, subject: str | None = None, **details: object) -> bool:
    """Whether this close has logged that already; a study is closed once.

    What has to be signed at once and was not does not count, whoever wrote it.
    """
    return any(
        entry.action == action
        and entry.subject == subject
        and details.items() <= dict(entry.details).items()
        for entry in session.log.credible_entries()
    )


def _write_answers(session: Session, wanted: Plan) -> str:
    """Write closing/answers.json, signed by the study's key; its SHA-256."""
    body = json.dumps(
        {
            "format": ANSWERS,
            "version": 1,
            "study": session.study.settings.id,
            **wanted.answers.to_json(),
            "attested": list(wanted.attested),
            "material": wanted.material.to_json(),
        },
        sort_keys=True,
    )
    signer = session.key.signer
    signed = {
        **json.loads(body),
        "signer": signer.public,
        "signature": signer.sign(compose("closing-answers", body)),
    }
    data = json.dumps(signed, indent=1, sort_keys=True).encode() + b"\n"
    make_folder(session.study.closing)
    write_durably(session.study.closing / "answers.json", data, mode=0o644)
    return hashlib.sha256(data).hexdigest()


def _delete(session: Session, source: SourcePlan) -> None:
    """Delete everything of a source: its outputs, and its original if that is still there."""
    study = session.study
    for output in source.outputs:
        erase.outright(study.folder / output, source.id)
    if source.original:
        _delete_original(session, source)
    state = study.read_state()
    study.write_state({**state, source.id: replace(state[source.id], outputs={})})
    if not _logged(session, "close-deleted", source.id):
        session.log.append(
            "close-deleted",
            subject=source.id,
            files=len(source.outputs),
            originals=int(source.original),
        )


def _delete_original(session: Session, source: SourcePlan) -> None:
    """Delete an original that was kept so far, and its data key, with a receipt."""
    study, log, key = session.study, session.log, session.key
    known = key.table.sources[source.id]
    since = {"delete-intent": "", "deleted": ""}
    for entry in log.vouched_entries():
        if entry.action == "close-intent":
            since = dict.fromkeys(since, "")
        elif entry.action in since and entry.subject == source.id:
            since[entry.action] = entry.hash
    encrypted = study.encrypted(known.kind, source.id)
    custody = datakey.custody(log, source.id)
    is_encrypted = custody is not None and (custody.sealed or encrypted.is_file())
    path = encrypted if is_encrypted else study.source_folder(known.kind) / known.path
    if since["deleted"] and not path.exists():
        return
    digest = since["delete-intent"] or announce(log, source.id, rule=AT_END, source=known.digest)
    intent = announced(log, digest, source.id, known.digest)
    custody = datakey.destroy(key, log, source.id)
    erased = erase.outright(path, source.id)
    if is_encrypted:
        erased = erase.with_data_key_destroyed(erased)
    state = study.read_state()[source.id]
    certify(
        study,
        log,
        intent,
        erased,
        custody,
        kind=known.kind,
        participants=source.participants,
        versions=state.versions or source.versions,
        approved=state.approved,
        outputs={},
    )


def _restate(session: Session, source: SourcePlan, material: Material) -> None:
    """Have a source's outputs say what the material is from now on; the digests follow."""
    if not source.outputs:
        return
    study = session.study
    state = study.read_state()
    current: SourceState = state[source.id]
    digests = dict(current.outputs)
    left = 0
    for output in source.outputs:
        path = study.folder / output
        if is_bleeped(output) or not path.is_file():
            continue
        form = formats.form_of(path)
        before = path.read_bytes()
        after = formats.restate(before, form, material)
        if after is None:  # a person has taken the statement out
            left += 1
            continue
        if after != before:
            write_durably(path, after, mode=0o600)
            if formats.reread(path.read_bytes(), form) != formats.reread(before, form):
                raise RecordingError(
                    f"{output} does not say what it should after writing: run again, and report "
                    "it if it stays so."
                )
        digests[output] = hashlib.sha256(after).hexdigest()
    study.write_state({**state, source.id: replace(current, outputs=digests)})
    if not _logged(session, "restated", source.id):
        session.log.append(
            "restated",
            subject=source.id,
            files=len(source.outputs),
            left=left,
            outputs=digest_of(digests),
        )


def _forget_working_files(session: Session) -> None:
    """Sealed raw transcripts that a power loss may have brought back."""
    sealed = session.study.sealed
    for path in sealed.glob("[!.]*"):
        if path != operations.journal(session.study):
            path.unlink()
    sync_folder(sealed)


def _destroy(session: Session, backup: KeyBackup, wanted: Plan) -> dict[str, Any]:
    """Destroy a registered backup of the key, unless it is attested to be destroyed.

    Raises VaultError when its disk has been disconnected since the close began.
    """
    path = Path(backup.path)
    lies_on = medium(path)
    if path.parent.is_dir():
        remove_leftovers(path.parent)  # a copy that was never whole may be among them
    ours = is_ours(backup, backup_digests(session.log))
    halves = erase.pending(path.parent, backup.id)
    result = next(
        (
            entry.result
            for entry in session.log.credible_entries()
            if entry.action == "backup-destroyed" and entry.subject == backup.id
        ),
        None,
    )
    if ours or halves:
        erase.outright(path, backup.id)
        result = result or _log_destroyed(session, backup, "deleted")
    elif result is None and backup.id in wanted.attested:
        result = _log_destroyed(session, backup, "attested", wanted.material)
    elif result is None and ours is None and _folder(backup) == wanted.folders[backup.id]:
        # It was there when the close began: a kill came between its deletion and the log.
        result = _log_destroyed(session, backup, "already-gone")
    elif result is None:
        raise VaultError(
            f"{backup.id}, a backup of the key, cannot be reached any more: connect its disk and "
            "run again to complete the close."
        )
    return {
        "id": backup.id,
        "made_at": backup.made_at,
        "result": result,
        "medium": asdict(lies_on),
    }


def _log_destroyed(
    session: Session, backup: KeyBackup, result: str, material: Material | None = None
) -> str:
    judge = material.judged_by if material else None
    who = {"role": judge.role, "by": judge.fingerprint} if judge else {}
    session.log.append("backup-destroyed", subject=backup.id, result=result, **who)
    return result


def _destroy_key(session: Session) -> None:
    """The live key, last of all, with what lies beside it."""
    study = session.study
    key = study.key_file
    saved = [entry for entry in session.log.vouched_entries() if entry.action == "key-saved"]
    if closed.state_of(session.log) == "open":
        session.log.append("key-going", result="intended", key=sha256(key), versions=len(saved))
    remove_leftovers(key.parent)  # a whole version of the key may be among them
    erased = erase.outright(key, closed.KEY_NAME)
    closed.finish(study, session.log, erased.result)
