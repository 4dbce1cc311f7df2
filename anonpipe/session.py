"""One stretch of work on a study: the lock, the verified log and the opened key."""

from __future__ import annotations

import contextlib
import functools
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from anonpipe import closed, operations, recipients, vault
from anonpipe.audit import AuditLog
from anonpipe.errors import AnonpipeError, AuditError, UsageError, VaultError
from anonpipe.files import lock, remove_leftovers, write_durably
from anonpipe.identity import Identity, load_identities
from anonpipe.keyfile import StudyKey
from anonpipe.study import Study

Passphrase = Callable[[Path], str | None]
IDENTITY_PATTERN = "*.identity*"


@dataclass(slots=True)
class Session:
    """What the stages work with; `study` changes when names move from study.toml to the key."""

    study: Study
    log: AuditLog
    key: StudyKey


def open_log(study: Study, *, locked: bool = False) -> AuditLog:
    """The study's log, verified. Raises AuditError (exit code 5).

    A close that was interrupted when the key was gone already is completed if that can be done.
    `locked`: the caller has locked the study, and sees to that itself.
    """
    log = AuditLog(study.log_file, salt=study.settings.id)
    _ = study.key_file  # a study without one was never initialised, which is another mistake
    if not log.exists():
        raise AuditError(
            f"{study.log_file} is missing, so nothing may be done: put it back from a backup, "
            f"or run `anonpipe init {study.folder}` if this study is new."
        )
    log.verify()
    if not locked and closed.is_unfinished(study, log):
        with contextlib.suppress(AnonpipeError), lock(study.folder / ".anonpipe.lock"):
            closed.settle(study, log)
    return log


def open_identities(
    study: Study, log: AuditLog, given: Sequence[Path], passphrase: Passphrase
) -> tuple[Identity, ...]:
    """Open the identity files that are given, else the one beside the key.

    If several lie there, the passphrase is asked for once, and it is the first that it opens and
    that the log names as a recipient; failing that, all that it opens, since a change of the
    recipients may have been interrupted. Raises UsageError when there is none and VaultError
    when none can be opened or the key is not there either.
    """
    if given:
        return load_identities(given, passphrase)
    found = sorted(study.key_file.parent.glob(IDENTITY_PATTERN))
    if not found and not study.key_file.is_file():
        raise VaultError(f"The key {study.key_file} is not there: connect its disk.")
    if not found:
        raise UsageError(
            "Say with --identity FILE which identity opens the key: none lies beside "
            f"{study.key_file}."
        )
    if len(found) == 1:
        return load_identities(found, passphrase)
    asked = functools.cache(lambda: passphrase(Path(" or ".join(file.name for file in found))))
    known = {recipient.public_key for recipient in recipients.recipients_of(log)}
    others: list[Identity] = []
    for file in found:
        with contextlib.suppress(VaultError):
            opened = load_identities([file], lambda _: asked())
            if any(identity.public_key in known for identity in opened):
                return opened
            others += opened
    if others:
        return tuple(others)
    if asked.cache_info().currsize and asked() is None:
        raise VaultError(
            f"The identities beside {study.key_file} need a passphrase: run in a terminal, set "
            "ANONPIPE_PASSPHRASE or give --passphrase-file."
        )
    raise VaultError(
        f"None of the identities beside {study.key_file} could be opened: check the passphrase, or "
        "say with --identity FILE which one it is for."
    )


@contextmanager
def session(study: Study, identities: Sequence[Path], passphrase: Passphrase) -> Iterator[Session]:
    """Lock the study, verify its log and open its key; the lock goes when the block ends.

    An operation that a crash interrupted is carried on first. The log is signed at the end,
    also when the block fails.

    Raises UsageError when another anonpipe works on the study or the study is closed, AuditError
    (exit code 5) when the log does not verify and VaultError (exit code 4) when the key cannot be
    opened, or it or the recipients file names other recipients than the log.
    """
    with lock(study.folder / ".anonpipe.lock"):
        log = open_log(study, locked=True)
        closed.settle(study, log)
        closed.require_open(study, log)
        folders = (study.folder, study.transcripts, study.receipts, study.sealed)
        sources = (study.source_folder("audio"), study.source_folder("text"))
        for folder in (*folders, *sources, study.key_file.parent):
            if folder.is_dir():
                remove_leftovers(folder)  # of a write that a crash interrupted
        vault.check_apart(study.key_file, study.folder, [study.transcripts, study.bleeped])
        opened = open_identities(study, log, identities, passphrase)
        current = Session(study, log, StudyKey.open(study, log, opened))
        log.signer = current.key.signer
        try:
            if operations.resume(current) is not None:
                closed.require_open(study, log)
            recipients.check_key(study, log, current.key.recipients)
            recipients.check_file(study, log)
            yield current
        except Exception:
            with contextlib.suppress(AuditError):
                log.sign()
            raise
        log.sign()


def without_people(text: str) -> str:
    """study.toml without its list of people, and without the comments right above an entry,
    which may speak of them.
    """
    import tomlkit

    kept: list[str] = []
    inside = False
    for line in text.splitlines(keepends=True):
        if line.lstrip().startswith("["):
            inside = re.match(r"\s*\[\[\s*people\s*\]\]", line) is not None
            while inside and kept and kept[-1].lstrip().startswith("#"):
                kept.pop()
        if not inside:
            kept.append(line)
    document = tomlkit.parse("".join(kept))
    if "people" in document:  # written as one list
        document.remove("people")
    return tomlkit.dumps(document)


def seal_people(session: Session) -> int:
    """Move the names of study.toml into the key and take them out of the file; how many.

    The key is durable before the file is rewritten, so a crash repeats the move at worst.
    """
    people = session.study.settings.people
    if not people:
        return 0
    session.key.save(session.key.table.with_people(people))
    file = session.study.settings_file
    text = without_people(file.read_text(encoding="utf-8"))
    write_durably(file, text.encode(), mode=0o644)
    session.log.append("names-sealed", count=len(people))
    session.study = replace(session.study, settings=replace(session.study.settings, people=()))
    return len(people)
