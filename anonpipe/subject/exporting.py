"""Writing down what is held about somebody, outside the study, for them alone."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from anonpipe.custody import log_opening
from anonpipe.errors import UsageError
from anonpipe.files import write_durably
from anonpipe.session import Passphrase, session
from anonpipe.study import Study
from anonpipe.subject import finding
from anonpipe.subject.gathering import gather
from anonpipe.subject.page import page


def export(
    study: Study,
    code: str,
    target: Path,
    reason: str,
    identities: Sequence[Path],
    passphrase: Passphrase,
) -> tuple[Path, ...]:
    """Write everything held about a code's person into a new folder; the files written.

    `subject-P07.html` to read, `subject-P07.json` for programs, and copies of the transcripts of
    a participant's own sources. The log says that, and why, before anything is read. Raises
    UsageError for a folder inside the study or one that is not empty, and for nobody's code.
    """
    target = target.expanduser().resolve()
    if target.is_relative_to(study.folder):
        raise UsageError(f"{target} lies inside the study, where no names may be: choose another.")
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise UsageError(f"{target} is there already and not empty: name a new folder.")
    if not target.parent.is_dir():
        raise UsageError(f"The folder {target.parent} is not there: make it, or name another.")
    wanted = finding.code_of(code, study.settings.template)
    with session(study, identities, passphrase) as opened:
        log_opening(opened, "subject-export", reason, wanted)
        subject = finding.find(opened, wanted)
        found = gather(opened, subject)
        target.mkdir(mode=0o700, exist_ok=True)
        target.chmod(0o700)
        written = []
        stem = target / f"subject-{subject.code}"
        text = json.dumps(found.values, ensure_ascii=False, indent=1) + "\n"
        for suffix, content in ((".html", page(found.values)), (".json", text)):
            file = stem.with_name(stem.name + suffix)
            write_durably(file, content.encode(), mode=0o600, overwrite=False)
            written.append(file)
        if found.transcripts:
            folder = target / "transcripts"
            folder.mkdir(mode=0o700)
            for path in found.transcripts:
                write_durably(folder / path.name, path.read_bytes(), mode=0o600)
                written.append(folder / path.name)
    return tuple(written)
