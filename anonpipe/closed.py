"""A study that is closed, or whose close a crash interrupted when the key was gone already.

Such a close cannot be carried on like other operations, since nobody can read its plan any
more; but then all that is left to do is told by the log, and needs no key.
"""

from __future__ import annotations

from typing import Literal

from anonpipe import erase
from anonpipe.audit import AuditLog
from anonpipe.errors import UsageError, VaultError
from anonpipe.files import sync_folder
from anonpipe.receipt import Erased
from anonpipe.study import Study

KEY_NAME = "KEY"
"""What a key that is being deleted is called meanwhile (`erase.begin`)."""
State = Literal["open", "going", "gone", "closed"]


class StudyClosed(UsageError):
    """The study is closed, so nothing can be done with it but reading and checking (code 2)."""


def state_of(log: AuditLog) -> State:
    """How far the close of a study has come.

    "going": the key is being destroyed, "gone": it is. Raises AuditError.
    """
    state: State = "open"
    for entry in log.credible_entries():
        if entry.action == "key-going":
            state = "going"
        elif entry.action == "key-destroyed" and state == "going":
            state = "gone"
        elif entry.action == "closed" and state == "gone":
            state = "closed"
    return state


def require_open(study: Study, log: AuditLog) -> None:
    """Raise StudyClosed if the study is closed."""
    if state_of(log) == "closed":
        raise StudyClosed(
            f"The study in {study.folder} is closed and its key is destroyed: "
            f"read {study.closing / 'report.txt'}, or check the log with `anonpipe audit verify`."
        )


def is_unfinished(study: Study, log: AuditLog) -> bool:
    """Whether a close is to be completed that can do without the key, because that is gone."""
    return state_of(log) in ("going", "gone") and not study.key_file.exists()


def settle(study: Study, log: AuditLog) -> None:
    """Complete a close whose key is gone; nothing if there is none. Needs the study's lock.

    Raises VaultError when the key's disk is not connected, so that nobody can tell.
    """
    if not is_unfinished(study, log):
        return
    key = study.key_file
    halves = erase.pending(key.parent, KEY_NAME)
    sure = state_of(log) == "gone" or halves or study.recipients_file.exists()
    if not sure:
        raise VaultError(
            f"The close of {study.folder} was interrupted, and {key.parent} does not show whether "
            "the key is gone: connect its disk and run again."
        )
    erased: Erased | None = None
    for half in halves:
        erased = erase.erase(half)
    finish(study, log, "already-gone" if erased is None else erased.result)
    log.append("operation-ended", kind="close")


def finish(study: Study, log: AuditLog, result: str) -> None:
    """The last steps, once the key file itself is gone."""
    from anonpipe.operations import journal

    if state_of(log) == "going":
        log.append("key-destroyed", result=result)
    # The recipients go after that is logged: they show that the key's disk is connected.
    beside = study.key_file
    for path in (study.recipients_file, beside.with_name(f"{beside.name}.lock")):
        path.unlink(missing_ok=True)
    if beside.parent.is_dir():
        sync_folder(beside.parent)
    plan = journal(study)
    if plan.exists():  # nobody can read it any more
        plan.unlink()
        sync_folder(plan.parent)
    log.append("closed")
