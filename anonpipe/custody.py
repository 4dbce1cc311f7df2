"""Opening the key for people, and what can be said of it without opening it."""

from __future__ import annotations

import contextlib
import csv
import io
import stat
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from anonpipe import backup, vault
from anonpipe.backup import Backup, Found
from anonpipe.codes import Entity, make_id
from anonpipe.codes.entities import split_id
from anonpipe.codes.forms import DEFAULT_TEMPLATE, code_spans
from anonpipe.errors import UsageError, VaultError
from anonpipe.files import sha256, write_durably
from anonpipe.key import KeyTable
from anonpipe.keyfile import expected_digests
from anonpipe.medium import keeps_permissions, medium
from anonpipe.recipients import Since, check_file, recipients_of, with_dates
from anonpipe.session import IDENTITY_PATTERN, Passphrase, Session, open_log, session
from anonpipe.sheet import harmless
from anonpipe.study import Study
from anonpipe.transcript import PARTICIPANT_CODE

__all__ = ["open_for", "recipients_of", "reveal", "status", "table_csv"]


def open_for(
    study: Study, act: str, reason: str, identities: Sequence[Path], passphrase: Passphrase
) -> KeyTable:
    """The key's table for a person to see; what for is in the log before this returns.

    Raises VaultError when the key cannot be opened and AuditError when it cannot be logged.
    """
    with session(study, identities, passphrase) as opened:
        log_opening(opened, act, reason)
        return opened.key.table


def log_opening(opened: Session, act: str, reason: str, code: str | None = None) -> None:
    """Log that somebody is about to see what the key holds; must come before anything is shown.

    `reason` is one of `log_kinds.REASONS`, `code` the one that was asked for, if only one was.
    Raises AuditError when it cannot be logged.
    """
    holder = opened.key.holder
    opened.log.append(
        "key-opened",
        subject=code,
        act=act,
        reason=reason,
        holder=holder.fingerprint,
        role=holder.label,
    )


def reveal(
    study: Study, code: str, reason: str, identities: Sequence[Path], passphrase: Passphrase
) -> Entity:
    """Who is behind one code, as it stands in text («[Person 3]»), PERSON-3 or P01.

    Logged, with the code, before anything is looked up. Raises UsageError for what is no
    code, and for one that stands for nobody.
    """
    wanted = entity_id(code, study.settings.template)
    if wanted is None:
        raise UsageError(
            "That is no code: give it as it stands in a transcript, such as '[Person 3]' or P01."
        )
    with session(study, identities, passphrase) as opened:
        log_opening(opened, "reveal", reason, wanted)
        for entity in opened.key.table.people_and_things():
            if wanted in (entity.id, entity.participant):
                return entity
    raise UsageError(f"{wanted} stands for nobody in this study's key: check the code.")


def entity_id(code: str, template: str = DEFAULT_TEMPLATE) -> str | None:
    """The id that a code stands for, in any language and with or without brackets, or None."""
    code = " ".join(code.split())
    if PARTICIPANT_CODE.fullmatch(code.upper()):
        return code.upper()
    with contextlib.suppress(ValueError):
        return make_id(*split_id(code.upper()))
    for text, form in ((code, template), (code, DEFAULT_TEMPLATE), (f"[{code}]", DEFAULT_TEMPLATE)):
        for start, end, found in code_spans(text, form):
            if (start, end) == (0, len(text)):
                return found
    return None


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
        writer.writerow([harmless(cell) for cell in cells])
    return out.getvalue()


@dataclass(frozen=True, slots=True)
class Status:
    """What can be said of a key from outside. `problems` are sentences; none means sound.

    `recipients` and `backups` are what the log says. `on_study_device` is None where that
    cannot be told. `found` needs the key, and is empty without an identity. Of the identity
    files beside the key, `identities_bare` need no passphrase.
    """

    path: str
    digest: str
    mode: str
    size: int
    device: str
    filesystem: str
    on_study_device: bool | None
    entities: int
    saved: str
    versions: int
    opened: int
    recipients: tuple[Since, ...]
    backups: tuple[Backup, ...]
    found: tuple[Found, ...]
    identities_beside: int
    identities_bare: int
    problems: tuple[str, ...]

    @property
    def sound(self) -> bool:
        return not self.problems

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        return asdict(self) | {
            "recipients": [item.to_json() for item in self.recipients],
            "sound": self.sound,
        }


def beside(study: Study) -> list[Path]:
    """The identity files that lie beside the key."""
    return sorted(study.key_file.parent.glob(IDENTITY_PATTERN))


def is_protected(identity: Path) -> bool:
    """Whether an identity file is encrypted, as far as its first line tells; else anybody uses it.

    What cannot be read is of no use to whoever asks, and counts as protected.
    """
    try:
        with identity.open("rb") as file:
            start = file.read(64).lstrip()
    except OSError:
        return True
    return start.startswith((b"age-encryption.org/", b"-----BEGIN AGE ENCRYPTED FILE-----"))


def status(
    study: Study, identities: Sequence[Path] = (), passphrase: Passphrase = lambda _: None
) -> Status:
    """Compare the key file with the log; with an identity, look for its backups, too.

    Raises AuditError when the log does not verify, and VaultError when an identity is given
    and does not open the key.
    """
    log = open_log(study)
    path = study.key_file
    saved = [entry for entry in log.vouched_entries() if entry.action == "key-saved"]
    opened = sum(entry.action == "key-opened" for entry in log.entries())
    problems: list[str] = []
    digest, mode, size = "", "", 0
    try:
        digest = sha256(path)
        info = path.stat()
        mode, size = stat.filemode(info.st_mode), info.st_size
        if info.st_mode & 0o077 and keeps_permissions(path):
            problems.append(f"Others can read the key: run chmod 600 {path}.")
        if digest not in expected_digests(log):
            problems.append("The key file is not the version that the log knows.")
    except OSError:
        problems.append("The key file is not there or cannot be read: connect its disk.")
    try:
        vault.check_apart(path, study.folder, [study.transcripts, study.bleeped])
    except UsageError as error:
        problems.append(str(error))
    if path.parent.is_dir():  # else its disk is not connected, which is told above
        try:
            check_file(study, log)
        except VaultError as error:
            problems.append(str(error))
    found: tuple[Found, ...] = ()
    if identities:
        with session(study, identities, passphrase) as at_work:
            found = backup.look(at_work)
    where = medium(path)
    return Status(
        path=str(path),
        digest=digest,
        mode=mode,
        size=size,
        device=where.kind,
        filesystem=where.filesystem,
        on_study_device=backup.same_device(path, study.folder),
        entities=int(str(saved[-1].details["entities"])) if saved else 0,
        saved=saved[-1].time if saved else "",
        versions=len(saved),
        opened=opened,
        recipients=with_dates(log),
        backups=backup.listed(log),
        found=found,
        identities_beside=len(beside(study)),
        identities_bare=sum(not is_protected(identity) for identity in beside(study)),
        problems=tuple(problems),
    )
