"""Changes of many steps that happen whole or not at all: the journal of what was begun.

An operation is planned first, and nothing is touched. `begin` then writes the plan to
`sealed/operation.age`, encrypted and durable: from there on the operation happens, and if the
program is killed, the next `session` carries it on before it does anything else. Handlers
are idempotent: run again from their start, after a kill at any effect, they end in the same
state. When a handler has returned, the plan is deleted.

Anybody who knows the public keys can write a file that decrypts. A plan therefore counts
only if its SHA-256 is the one that the log's last signed "operation-begun" announced.
"""

from __future__ import annotations

import hashlib
import importlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from anonpipe.audit import AuditLog, Entry, vouched
from anonpipe.errors import VaultError
from anonpipe.files import make_folder, sync_folder, write_durably
from anonpipe.identity import Recipient

if TYPE_CHECKING:
    from anonpipe.session import Session
    from anonpipe.study import Study

HANDLERS: dict[str, str] = {
    "withdraw": "anonpipe.withdrawal.carrying:carry_out",
    "rectify": "anonpipe.subject.rectifying:carry_out",
    "speakers": "anonpipe.relabelling:carry_out",
    "close": "anonpipe.closing.carrying:carry_out",
    "recipients": "anonpipe.recipients:carry_out",
    "retention": "anonpipe.retention:carry_out",
}
"""Kind -> "module:function", which takes (session, operation) and is imported when needed."""


@dataclass(frozen=True, slots=True)
class Operation:
    """What to do; `values` are plain JSON values and may hold names, as they are encrypted."""

    kind: str
    subject: str | None = None
    values: Mapping[str, Any] = field(default_factory=dict)


def journal(study: Study) -> Path:
    """Where the plan of an operation lies while it goes on; no file means that none does."""
    return study.sealed / "operation.age"


def begin(
    session: Session, operation: Operation, *, seal_to: Sequence[Recipient] | None = None
) -> None:
    """Make an operation happen: log it, write its plan durably, carry it out, delete the plan.

    `seal_to` are who may read the plan, the key's recipients unless others are given. What
    goes wrong before the plan is written leaves everything as it was; what goes wrong
    afterwards raises, and the next session carries the operation on.
    """
    file = journal(session.study)
    make_folder(file.parent)
    sealed = session.key.seal(asdict(operation), seal_to)
    session.log.append(
        "operation-begun",
        subject=operation.subject,
        kind=operation.kind,
        plan=hashlib.sha256(sealed).hexdigest(),
    )
    write_durably(file, sealed, mode=0o600)
    _carry_out(session, operation)


def resume(session: Session) -> Operation | None:
    """Carry on an operation that a crash interrupted; returns it, or None if there is none.

    Raises VaultError (exit code 4) for a plan that cannot be opened or was not announced.
    """
    file = journal(session.study)
    if not file.exists():
        return None
    data = file.read_bytes()
    steps = [
        entry for entry in session.log.vouched_entries() if entry.action.startswith("operation-")
    ]
    begun = [entry for entry in steps if entry.action == "operation-begun"]
    if not begun or begun[-1].details["plan"] != hashlib.sha256(data).hexdigest():
        raise VaultError(
            f"{file} was not begun by this study's log: find out who put it there, and move it "
            "away."
        )
    if steps[-1] is not begun[-1]:
        _end(session)  # it was complete, or somebody has put the plan back
        return None
    operation = Operation(**session.key.open_sealed(file))
    _carry_out(session, operation)
    return operation


def since_begun(log: AuditLog, operation: Operation) -> list[Entry]:
    """The log's entries since an operation that goes on was begun, its beginning first."""
    entries = list(log.entries())
    signed = {entry.hash for entry in vouched(entries)}
    starts = [
        number
        for number, entry in enumerate(entries)
        if entry.action == "operation-begun"
        and entry.subject == operation.subject
        and entry.details["kind"] == operation.kind
        and entry.hash in signed
    ]
    return entries[starts[-1] :]


def _carry_out(session: Session, operation: Operation) -> None:
    module, _, function = HANDLERS[operation.kind].partition(":")
    getattr(importlib.import_module(module), function)(session, operation)
    session.log.append("operation-ended", subject=operation.subject, kind=operation.kind)
    _end(session)


def _end(session: Session) -> None:
    file = journal(session.study)
    file.unlink(missing_ok=True)
    sync_folder(file.parent)
