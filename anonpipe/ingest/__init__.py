"""Taking recordings and documents into a study encrypted, under ids instead of names.

For each file, in this order, so that a crash leaves the plain file or an encrypted one that
the key opens, and running again goes on where it was:

    ask consent; make a new file without metadata, in memory (`scrub`)
    log the intent; the key's new version holds the file's id and data key, and is durable
    write recordings/R07.age, read it back, decrypt, compare; log it
    only then delete the plain file, if it lies in the study or is to be moved

A file is known again by its keyed digest as it came, before anything was taken out of it.
Memory: twice what is kept of the file being taken (an hour of stereo at 44.1 kHz is about
500 MB as FLAC, a compressed one stays as small as it was); while a run reads it, once.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path, PurePosixPath

from anonpipe import consent, register_history
from anonpipe.errors import UsageError
from anonpipe.ingest import joining, plain_files
from anonpipe.ingest.work import PASTED, Ingesting, Taken
from anonpipe.plaintext import Plaintext
from anonpipe.session import Session
from anonpipe.study import Source

__all__ = ["Taken", "exit_code", "ingest"]


def ingest(
    session: Session,
    files: Sequence[Path] = (),
    *,
    today: date,
    participants: Sequence[str] = (),
    move: bool = False,
    drop_pictures: bool = False,
    join: bool = False,
    pasted: bytes | None = None,
    approval: str | None = None,
    report: Callable[[Taken], None] = lambda _: None,
) -> tuple[Taken, ...]:
    """Take files into the study, or without any the plain ones that lie in it already.

    `participants` says whose they are where their names do not; `move` deletes files outside
    the study, too; `drop_pictures` takes videos and documents without their pictures. With `join`
    the files are the parts of one recording, in order. `pasted` is a text that never was a file.
    `approval` is the reference of the approval to promise less than before. Raises UsageError
    before anything is done, ConsentError when the register promises less than before, and
    AuditError or VaultError, which stop everything; what concerns one file alone is in its outcome.
    """
    if participants and not files and pasted is None:
        raise UsageError("--participant goes with the files that it is said of: name them.")
    if join and (len(files) < 2 or pasted is not None):
        raise UsageError("--join makes one recording of several: name its files, in order.")
    register = consent.load(session.study.consent_file)
    held = register_history.held(session.study.read_state())
    register_history.take_in(session.log, register, held, approval=approval)
    work = Ingesting(session, register, today, tuple(participants), move, drop_pictures)
    given = [work.source(file) for file in files]
    if join and any(source.kind == "text" for source in given):
        raise UsageError("--join is for recordings: documents of one interview stay apart.")
    work.ended |= plain_files.finish_begun(session, given)
    taken = []
    if pasted is not None:
        text = Plaintext("pasted.txt", pasted)
        source = Source("text", Path(PASTED), PurePosixPath(text.name))
        taken.append(work.guarded(source, lambda: work.take_pasted(source, text)))
        report(taken[-1])
    if join:
        taken.append(work.guarded(given[0], lambda: joining.take(work, given)))
        report(taken[-1])
        return tuple(taken)
    for source in given if files or pasted is not None else work.in_study():
        taken.append(work.guarded(source, functools.partial(work.take, source)))
        report(taken[-1])
    return tuple(taken)


def exit_code(taken: Sequence[Taken]) -> int:
    """The process's exit code: a refusal (3) tells more than a failure (1); else 0."""
    return max((each.exit_code for each in taken), default=0)
