"""Setting up a study: folder, settings, identities, recipients, log and the first key."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import tomlkit

from anonpipe import identity, study, vault
from anonpipe.audit import AuditLog
from anonpipe.consent import COLUMNS
from anonpipe.errors import UsageError
from anonpipe.files import write_durably
from anonpipe.key import StudyKey

TEMPLATE = """\
# Settings of this study; every line may be changed. No names in here: [[people]] entries
# are moved into the encrypted key at the next run.

[study]
title = ""
language = "nb"          # nb, nn, en or auto (auto: recordings only)

[transcription]
model = "whisper-base"   # `anonpipe models list` shows the others
channels = "auto"        # two microphones: split; one: mix
speakers = []            # labels of the channels, such as ["Intervjuer", "P01"]

[detection]
also = []                # nationality, language, faith: found only if named here

[policies]               # what becomes of mentions, by type; a type not named here is coded:
# LOCATION = "generalise"  # code: [Sted 1]; generalise: [by på Vestlandet]; keep: stays as it is;
# AGE = "generalise"       # ask: coded, and the source waits until somebody has reviewed it
# ORG = "keep"             # not PERSON, PHONE, EMAIL, NATIONAL_ID, ACCOUNT or ADDRESS
# Other types: DATE, URL, VEHICLE, OCCUPATION, OTHER. Names you list below are always coded.
# A change counts for sources coded from then on, and for `anonpipe run --again ID`.

[generalise]
dates = "month"          # [mars 2019]; part-of-year: [tidlig i 2019]; year: [2019]

[output]
formats = ["txt", "docx", "vtt", "json"]
style = "verbatim"       # or clean: without fillers and repetitions

[documents]
after = "keep"           # or delete-after-coding: notes go as the recordings' rules say

# [files]                # what differs from file to file
# "P02_*" = { language = "en" }

# [[people]]             # names you know: heard better, found everywhere, then sealed
# name = "..."
# participant = "P01"    # leave out for others; type = "ORG" or "LOCATION" for other names
"""


@dataclass(frozen=True, slots=True)
class NewIdentity:
    """An identity to make: `label` says whose, None as passphrase leaves it unprotected."""

    label: str
    passphrase: str | None


@dataclass(frozen=True, slots=True)
class Created:
    """Where things lie after `create`."""

    study: study.Study
    key: Path
    identities: tuple[Path, ...]
    recipients: tuple[identity.Recipient, ...]


def default_key(folder: Path) -> Path:
    """Where a study's key goes unless told otherwise: in the home folder, apart from the study."""
    name = folder.resolve().name
    return Path.home() / "anonpipe-keys" / name / f"{name}.key.age"


def require_new(folder: Path) -> None:
    """Raise UsageError if the folder is a study with a log, and so a key, already."""
    if (folder / "audit.jsonl").exists():
        raise UsageError(f"{folder} is a study already: `anonpipe run {folder}` goes on with it.")


def create(
    folder: Path,
    *,
    key: Path,
    recipients: Sequence[identity.Recipient],
    identities: Sequence[NewIdentity],
    title: str = "",
    language: str | None = None,
) -> Created:
    """Make a study of `folder`, which may hold recordings, a register and settings already.

    The key's table is encrypted to the given recipients and to the new identities, whose
    files are written beside the key. Raises UsageError when the folder is a study with a key
    already, the key would lie too near, or a file is in the way.
    """
    folder = folder.expanduser()
    require_new(folder)
    if not recipients and not identities:
        raise UsageError("A key needs at least one recipient: give --recipient or --new-identity.")
    if (folder / "study.toml").exists():
        study.load(folder)  # everything that can be wrong is found before anything is written
    folder.mkdir(parents=True, exist_ok=True)
    folder = folder.resolve()
    key = key.expanduser().resolve()
    vault.check_apart(key, folder, [folder / "transcripts", folder / "bleeped"])
    if key.exists():
        raise UsageError(f"{key} exists already: name another place with --key.")
    files = [key.parent / f"{item.label}.identity.age" for item in identities]
    for file in files:
        if file.exists():
            raise UsageError(f"{file} exists already: choose another label or --key.")
    key.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    vault.check_folder(key)
    for name in ("recordings", "documents"):
        (folder / name).mkdir(exist_ok=True)
    made = [
        identity.Recipient(item.label, identity.new_identity(file, item.passphrase, item.label))
        for item, file in zip(identities, files, strict=True)
    ]
    everyone = (*recipients, *made)
    _write_settings(folder, key, title, language)
    register = folder / "consent.csv"
    if not register.exists():
        write_durably(register, (",".join(COLUMNS) + "\n").encode(), mode=0o644)
    created = study.load(folder)
    identity.write_recipients(created.recipients_file, everyone)
    log = AuditLog(created.log_file, salt=created.settings.id)
    log.create()
    log.append("study-created", recipients=len(everyone))
    StudyKey.create(created, log, everyone)
    return Created(created, key, tuple(files), everyone)


def _write_settings(folder: Path, key: Path, title: str, language: str | None) -> None:
    """Add id and key to study.toml, keeping what is there; write it from the template if new."""
    file = folder / "study.toml"
    text = file.read_text(encoding="utf-8") if file.exists() else TEMPLATE
    document = tomlkit.parse(text)
    table = document.setdefault("study", tomlkit.table())
    if title:
        table["title"] = title
    if language:
        table["language"] = language
    table["id"] = study.new_id()
    table["id"].comment("never change this: the log and the key refer to it")
    document.setdefault("key", tomlkit.table())["path"] = str(key)
    write_durably(file, tomlkit.dumps(document).encode(), mode=0o644)
