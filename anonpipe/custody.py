"""Opening the key for people, and what can be said of it without opening it."""

from __future__ import annotations

import csv
import io
import stat
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from anonpipe import vault
from anonpipe.audit import AuditLog
from anonpipe.errors import UsageError
from anonpipe.files import sha256, write_durably
from anonpipe.identity import Recipient, read_recipients
from anonpipe.key import KeyTable, StudyKey, expected_digests
from anonpipe.session import IDENTITY_PATTERN, Passphrase, Session, open_log, session
from anonpipe.study import Study


def open_for(
    study: Study, act: str, reason: str, identities: Sequence[Path], passphrase: Passphrase
) -> KeyTable:
    """The key's table for a person to see; what for is in the log before this returns.

    Raises VaultError when the key cannot be opened and AuditError when it cannot be logged.
    """
    with session(study, identities, passphrase) as opened:
        log_opening(opened, act, reason)
        return opened.key.table


def log_opening(opened: Session, act: str, reason: str) -> None:
    """Log that somebody is about to see what the key holds; must come before anything is shown.

    `reason` is one of `log_schema.REASONS`. Raises AuditError when it cannot be logged.
    """
    holder = opened.key.holder
    opened.log.append(
        "key-opened", act=act, reason=reason, holder=holder.fingerprint, role=holder.label
    )


def recipients_of(log: AuditLog) -> tuple[Recipient, ...]:
    """Who the key is encrypted to, as the log says; that needs no key.

    The age format itself does not tell whose its stanzas are.
    """
    found: tuple[Recipient, ...] = ()
    for entry in log.entries():
        if entry.action == "recipients":
            roles, keys = entry.details["roles"], entry.details["keys"]
            assert isinstance(roles, tuple) and isinstance(keys, tuple)
            found = tuple(
                Recipient(str(role), str(key)) for role, key in zip(roles, keys, strict=True)
            )
    return found


def export_csv(
    study: Study,
    target: Path,
    reason: str,
    identities: Sequence[Path],
    passphrase: Passphrase,
) -> None:
    """Write the table as CSV, one entity a row, readable by the owner only.

    Raises UsageError when the file exists or would lie inside the study.
    """
    target = target.expanduser().resolve()
    if target.is_relative_to(study.folder):
        raise UsageError(f"{target} lies inside the study, where no names may be: choose another.")
    if target.exists():
        raise UsageError(f"{target} exists already: choose another name.")
    table = open_for(study, "export", reason, identities, passphrase)
    write_durably(target, table_csv(table).encode("utf-8-sig"), mode=0o600)


def table_csv(table: KeyTable) -> str:
    """Entities as CSV: id, type, canonical form, other forms, and the sources they occur in.

    A cell that a spreadsheet would run as a formula is preceded by an apostrophe.
    """
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["id", "type", "name", "also", "seen_in"])
    for entity in table.people_and_things():
        also = [alias for alias in entity.aliases if alias != entity.canonical]
        seen = " ".join(f"{source}:{count}" for source, count in sorted(entity.seen.items()))
        cells = [entity.id, entity.type, entity.canonical, " | ".join(also), seen]
        writer.writerow([f"'{c}" if c.startswith(("=", "+", "-", "@", "\t")) else c for c in cells])
    return out.getvalue()


@dataclass(frozen=True, slots=True)
class Status:
    """What can be said of a key from outside. `problems` are sentences; none means sound."""

    path: str
    digest: str
    mode: str
    size: int
    entities: int
    saved: str
    versions: int
    opened: int
    recipients: tuple[tuple[str, str], ...]  # (label, public key)
    identities_beside: int
    problems: tuple[str, ...]

    @property
    def sound(self) -> bool:
        return not self.problems

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        return asdict(self) | {"sound": self.sound}


def status(study: Study) -> Status:
    """Compare the key file with the log. Raises AuditError when the log does not verify."""
    log = open_log(study)
    path = study.key_file
    saved = [entry for entry in log.entries() if entry.action == "key-saved"]
    opened = sum(entry.action == "key-opened" for entry in log.entries())
    problems: list[str] = []
    digest, mode, size = "", "", 0
    try:
        digest = sha256(path)
        info = path.stat()
        mode, size = stat.filemode(info.st_mode), info.st_size
        if info.st_mode & 0o077:
            problems.append(f"Others can read the key: run chmod 600 {path}.")
        if digest not in expected_digests(log):
            problems.append("The key file is not the version that the log knows.")
    except OSError:
        problems.append("The key file is not there or cannot be read.")
    try:
        vault.check_apart(path, study.folder, [study.transcripts, study.bleeped])
    except UsageError as error:
        problems.append(str(error))
    recipients = read_recipients(study.recipients_file)
    if saved and StudyKey.fingerprint(recipients) != saved[-1].details["recipients"]:
        problems.append("The list of recipients is not the one that the log knows.")
    return Status(
        path=str(path),
        digest=digest,
        mode=mode,
        size=size,
        entities=int(str(saved[-1].details["entities"])) if saved else 0,
        saved=saved[-1].time if saved else "",
        versions=len(saved),
        opened=opened,
        recipients=tuple((item.label, item.public_key) for item in recipients),
        identities_beside=len(list(path.parent.glob(IDENTITY_PATTERN))),
        problems=tuple(problems),
    )
