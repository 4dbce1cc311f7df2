"""The end of an original's deletion: the file goes if it is the one that was meant, and a
receipt says what was done.

Before it, the deletion is announced in the log (`receipt.announce`), and the data key of an
encrypted file is destroyed (`datakey`).
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from anonpipe import erase
from anonpipe.audit import AuditLog, Entry
from anonpipe.datakey import Custody
from anonpipe.files import make_folder, sha256
from anonpipe.keyfile import StudyKey
from anonpipe.receipt import Erased, Receipt, issue
from anonpipe.study import Kind, Study


def erase_if_same(key: StudyKey, path: Path, name: str, digest: str) -> Erased | None:
    """Erase a source's file if it has that keyed digest; None if another or none lies there.

    Raises RecordingError when it changes at this moment or cannot be deleted.
    """
    if path.is_symlink() or not path.is_file():
        return None
    plain = sha256(path)
    if key.keyed(plain) != digest:
        return None
    return erase.erase(erase.begin(path, name, expected_sha256=plain))


def certify(
    study: Study,
    log: AuditLog,
    intent: Entry,
    erased: Erased,
    custody: Custody | None,
    *,
    kind: Kind,
    participants: tuple[str, ...],
    versions: tuple[str, ...],
    approved: str | None,
    outputs: Mapping[str, str],
) -> None:
    """Write the receipt of a deletion, and log that. Repeatable.

    `intent` is the entry that announced it, `custody` what became of the data key if
    the file had one. Raises RecordingError and AuditError.
    """
    receipt = Receipt.of(
        log,
        intent,
        study=study.settings.id,
        kind=kind,
        participants=participants,
        consent_versions=versions,
        approved_at=approved,
        erased=erased,
        outputs=outputs,
        key_generations=custody.generations if custody else (),
        key_backups=custody.backups if custody else (),
    )
    issue(make_folder(study.receipts), log, receipt)
