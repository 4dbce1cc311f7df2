"""Who can open the key: what the log says of it, and how that changes.

age's stanzas do not say whose they are, so the set of recipients is what the last
"recipients" entry of the signed log says, nothing else. The key names them too, and a file
beside it, for `age` and for machines that only encrypt; both must agree with the log.

A change of the set is one operation (`operations`): the entry, the sealed files readable to
the old and the new set, the log's next signing key, the key, the sealed files for the new set
alone, the recipients file. Each step may be repeated.
"""

from __future__ import annotations

import base64
import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from anonpipe import delta, partial
from anonpipe.audit import AuditLog
from anonpipe.errors import UsageError, VaultError
from anonpipe.files import write_durably
from anonpipe.identity import (
    Recipient,
    check_role,
    make_identity,
    read_file,
    read_recipients,
    write_recipients,
)
from anonpipe.operations import Operation, begin, journal
from anonpipe.signing import Signer
from anonpipe.study import Study

if TYPE_CHECKING:
    from anonpipe.session import Session

KIND = "recipients"


# -- what the log says


@dataclass(frozen=True, slots=True)
class Since:
    """A recipient of the current set, and since when they are one (UTC, as in the log)."""

    recipient: Recipient
    since: str

    def to_json(self) -> dict[str, str]:
        """Plain JSON values."""
        who = self.recipient
        return {
            "role": who.label,
            "fingerprint": who.fingerprint,
            "public_key": who.public_key,
            "since": self.since,
        }


def recipients_of(log: AuditLog) -> tuple[Recipient, ...]:
    """Who the key is encrypted to, as the log says; that needs no key."""
    return tuple(item.recipient for item in with_dates(log))


def with_dates(log: AuditLog) -> tuple[Since, ...]:
    """The current set, each with the time of the entry that first named their public key."""
    found: dict[str, Since] = {}
    for entry in log.vouched_entries():
        if entry.action == KIND:
            keys, roles = entry.details["keys"], entry.details["roles"]
            assert isinstance(keys, tuple) and isinstance(roles, tuple)
            found = {
                str(key): Since(
                    Recipient(str(role), str(key)),
                    found[str(key)].since if str(key) in found else entry.time,
                )
                for key, role in zip(keys, roles, strict=True)
            }
    return tuple(found.values())


def check_key(study: Study, log: AuditLog, named: Sequence[Recipient]) -> None:
    """VaultError (exit code 4) unless the key names the recipients that the log knows."""
    if set(named) != set(recipients_of(log)):
        raise VaultError(
            f"{study.key_file} names other recipients than the log: put back the version that the "
            "log knows from a backup, and find out who changed it."
        )


def check_file(study: Study, log: AuditLog) -> tuple[Recipient, ...]:
    """The set that the log knows, if the recipients file agrees with it, as it must.

    Raises VaultError (exit code 4) when the file names somebody else, or is not there.
    """
    known = recipients_of(log)
    with contextlib.suppress(VaultError):
        if set(read_recipients(study.recipients_file)) == set(known):
            return known
    raise VaultError(
        f"{study.recipients_file} is not the list that the log knows: find out who changed it, "
        f"then write it anew with `anonpipe key recipients restore {study.folder}`."
    )


# -- another set


def find(current: Sequence[Recipient], who: str) -> Recipient:
    """The recipient with that role or public key. Raises UsageError."""
    for recipient in current:
        if who.strip() in (recipient.label, recipient.public_key):
            return recipient
    raise UsageError(
        f"Nobody of that role or public key can open the key; there are "
        f"{', '.join(recipient.label for recipient in current)}."
    )


def added(current: Sequence[Recipient], new: Sequence[Recipient]) -> tuple[Recipient, ...]:
    """The set with more recipients. Raises UsageError for a role or a key that is in it."""
    wanted = (*current, *new)
    for recipient in new:
        check_role(recipient.label)
        if sum(other.public_key == recipient.public_key for other in wanted) > 1:
            raise UsageError(f"The public key of {recipient.label} can open the key already.")
        if sum(other.label == recipient.label for other in wanted) > 1:
            raise UsageError(
                f"There is a {recipient.label} already: number the new one, such as "
                f"{recipient.label.partition('-')[0]}-{_free_number(wanted, recipient.label)}, or "
                "use `anonpipe key recipients replace`."
            )
    return wanted


def without(current: Sequence[Recipient], who: Sequence[str]) -> tuple[Recipient, ...]:
    """The set without those of the given roles or public keys. Raises UsageError."""
    gone = [find(current, one) for one in who]
    return tuple(recipient for recipient in current if recipient not in gone)


def check_set(
    wanted: Sequence[Recipient], holder: Recipient, *, single: bool, not_me: bool
) -> None:
    """UsageError when the key could be lost with these recipients, unless asked for by name.

    `holder` is who has opened the key: if they stay, it is tried that the new version opens.
    """
    if not wanted:
        raise UsageError("Somebody must be able to open the key: name who is to come instead.")
    if len(wanted) < 2 and not single:
        raise UsageError(
            "If the only identity is lost, the key is lost: add another recipient first, or say "
            "--single-recipient."
        )
    if holder.public_key not in {recipient.public_key for recipient in wanted} and not not_me:
        raise UsageError(
            f"The key would not open any more with the identity given ({holder.label}), so nothing "
            "here could try whether it opens at all: use another's identity, or say --not-me."
        )


@dataclass(frozen=True, slots=True, repr=False)
class NewFile:
    """An identity file that comes with the change, encrypted with its passphrase if any."""

    path: Path
    data: bytes


def prepare_identity(study: Study, role: str, passphrase: str | None) -> tuple[Recipient, NewFile]:
    """A new identity beside the key, which is written only when the change is carried out."""
    check_role(role)
    path = next(path for path in _identity_names(study, role) if not path.exists())
    public_key, data = make_identity(path, passphrase, role)
    return Recipient(role, public_key), NewFile(path, data)


@dataclass(frozen=True, slots=True)
class Changed:
    """What `change` did: who `left` can still open the versions before, of which `backups`
    copies are registered."""

    left: tuple[Recipient, ...]
    came: tuple[Recipient, ...]
    now: tuple[Recipient, ...]
    backups: int
    sealed_files: int


def change(
    session: Session,
    wanted: Sequence[Recipient],
    *,
    single: bool = False,
    not_me: bool = False,
    new_files: Sequence[NewFile] = (),
) -> Changed:
    """Make `wanted` the recipients of the key and of every sealed working file.

    If somebody goes, the log gets another signing key, since they know the present one.
    Raises UsageError for a set that may not be, and VaultError when a sealed file cannot be
    opened; nothing has been changed then.
    """
    key = session.key
    old, new = key.recipients, tuple(wanted)
    check_set(new, key.holder, single=single, not_me=not_me)
    before, after = ({r.public_key for r in group} for group in (old, new))
    left = tuple(recipient for recipient in old if recipient.public_key not in after)
    came = tuple(recipient for recipient in new if recipient.public_key not in before)
    if set(old) == set(new):
        raise UsageError("Those are the recipients already: nothing was changed.")
    partial.forget_damaged(session.study, key)
    files = tuple(_sealed_files(session.study))
    for file in files:
        key.open_sealed(file)
    operation = Operation(
        KIND,
        values={
            "old": [asdict(recipient) for recipient in old],
            "new": [asdict(recipient) for recipient in new],
            "signing": Signer.generate().secret if left else key.table.secrets.signing,
            "files": [
                {"name": file.path.name, "data": base64.b64encode(file.data).decode()}
                for file in new_files
            ],
        },
    )
    # The plan holds the next signing key: those who go may not read it.
    begin(session, operation, seal_to=_both(new, [key.holder]))
    from anonpipe import backup  # it works with sessions, which work with this

    copies = sum(not copy.destroyed for copy in backup.listed(session.log))
    return Changed(left, came, new, copies, len(files))


def carry_out(session: Session, operation: Operation) -> None:
    """The steps of a change; may be run again from here after a kill at any of them."""
    values = operation.values
    old, new = _people(values["old"]), _people(values["new"])
    study, key, log = session.study, session.key, session.log
    for file in values["files"]:
        _write_identity(study.key_file.with_name(file["name"]), base64.b64decode(file["data"]))
    if recipients_of(log) != new:
        log.append(
            KIND,
            keys=[recipient.public_key for recipient in new],
            roles=[recipient.label for recipient in new],
            previous_keys=[recipient.public_key for recipient in old],
            previous_roles=[recipient.label for recipient in old],
        )
    secrets = replace(key.table.secrets, signing=values["signing"])
    if key.recipients != new or key.table.secrets != secrets:
        for path in _sealed_files(study):
            _reseal(session, path, _both(old, new))
        log.change_signer(Signer.from_secret(values["signing"]))
        key.save(replace(key.table, secrets=secrets), new)
    log.signer = key.signer
    for path in _sealed_files(study):
        _reseal(session, path, new)
    write_recipients(study.recipients_file, new)


def restore_file(study: Study, log: AuditLog) -> tuple[Recipient, ...]:
    """Write the recipients file as the log has it; returns the set."""
    known = recipients_of(log)
    write_recipients(study.recipients_file, known)
    return known


# -- helpers


def _sealed_files(study: Study) -> Iterator[Path]:
    return (path for path in sorted(study.sealed.glob("*.age")) if path != journal(study))


def _reseal(session: Session, path: Path, recipients: Sequence[Recipient]) -> None:
    def announce(old: bytes, new: bytes) -> None:
        delta.resealed(session.log, path, old, new)

    session.key.reseal(path, recipients, announce)


def _people(values: Sequence[dict[str, Any]]) -> tuple[Recipient, ...]:
    return tuple(Recipient(**value) for value in values)


def _both(one: Sequence[Recipient], other: Sequence[Recipient]) -> tuple[Recipient, ...]:
    return tuple({r.public_key: r for r in (*one, *other)}.values())


def _write_identity(path: Path, data: bytes) -> None:
    if path.exists():
        with contextlib.suppress(VaultError):
            if read_file(path, "the identity")[0] == data:
                return
        raise VaultError(f"{path} is in the way of the new identity: move it away and run again.")
    write_durably(path, data, mode=0o600, error=VaultError, overwrite=False)


def _identity_names(study: Study, role: str) -> Iterator[Path]:
    folder = study.key_file.parent
    yield folder / f"{role}.identity.age"
    for number in range(2, 1000):
        yield folder / f"{role}.{number}.identity.age"


def _free_number(recipients: Sequence[Recipient], role: str) -> int:
    base = role.partition("-")[0]
    taken = {recipient.label for recipient in recipients}
    return next(number for number in range(2, 100) if f"{base}-{number}" not in taken)
