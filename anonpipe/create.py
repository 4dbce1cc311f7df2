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
from anonpipe.key import KeyTable
from anonpipe.keyfile import StudyKey
from anonpipe.signing import Signer

TEMPLATE = """\
# Settings of this study; every line may be changed. No names in here: [[people]] entries
# are moved into the encrypted key at the next run.

[study]
title = ""
language = "nb"          # nb, nn, en or auto (auto: recordings only)

[transcription]
model = "whisper-base"   # `anonpipe models list` shows the others
channels = "auto"        # two microphones: split; one: mix
speakers = []            # labels: the interviewer's first, or in order of two microphones, such as
                         # ["Intervjuer", "P01"]; left empty, the code comes from consent.csv
diarizer = "voices"      # tells speakers apart by their voices; off; pyannote, if installed
number_of_speakers = 2   # or "auto"; 1 for memos; counts where there are no labels, and there is
                         # one more speaker than participants at least
interviewer = "guess"    # who asks; or first, last: who of them begins to speak first, last

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
style = "verbatim"       # clean: without fillers and repetitions; both: two files
pauses = false           # true: (..) and (4 s)
laughter = false         # true: (latter)
unclear = false          # true: (uklart 00:12:41) where the recogniser was unsure
numbers = "as-heard"     # or digits, words

[bleep]                  # recordings that are kept
sound = "tone"           # or silence, reversed
margin = 0.25            # seconds before and after
voices = "none"          # whose voices are changed: all; participants: you check who is who

[review]
trouble_limit = 0.1      # share of the speech in trouble above which a person must look
people = 1               # 2: two persons sign a source off, each with an identity of their own

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


def check_recipients(roles: Sequence[str], *, single: bool) -> None:
    """Raise UsageError unless these are roles of recipients, and two unless `single`."""
    for role in roles:
        identity.check_role(role)
    if len(set(roles)) != len(roles):
        raise UsageError("Two recipients have the same role: number them, such as student-2.")
    if not roles:
        raise UsageError("A key needs a recipient: give --recipient or --new-identity.")
    if len(roles) < 2 and not single:
        raise UsageError(
            "If the only identity is lost, the key is lost: name a second recipient, such as "
            "--recipient supervisor=age1..., or say --single-recipient."
        )


def create(
    folder: Path,
    *,
    key: Path,
    recipients: Sequence[identity.Recipient],
    identities: Sequence[NewIdentity],
    title: str = "",
    language: str | None = None,
    single: bool = False,
) -> Created:
    """Make a study of `folder`, which may hold recordings, a register and settings already.

    The key's table is encrypted to the given recipients and to the new identities, whose
    files are written beside the key. `single` says that one of them is enough. Raises
    UsageError when the folder is a study with a key already, the key would lie too near, or a
    file is in the way.
    """
    folder = folder.expanduser()
    require_new(folder)
    check_recipients(
        [*(r.label for r in recipients), *(item.label for item in identities)], single=single
    )
    if len({r.public_key for r in recipients}) != len(recipients):
        raise UsageError("The same public key is given twice: name each recipient once.")
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
    table = KeyTable(created.settings.id)
    log = AuditLog(created.log_file, salt=created.settings.id)
    log.create(Signer.from_secret(table.secrets.signing))
    log.append("study-created", recipients=len(everyone))
    log.append(
        "recipients",
        keys=[recipient.public_key for recipient in everyone],
        roles=[recipient.label for recipient in everyone],
        previous_keys=[],
        previous_roles=[],
    )
    StudyKey.create(created, log, everyone, table)
    log.sign()
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
