"""Who may open the key: recipients (public keys) and identities (the secrets to them).

Both are those of the standard `age` program: its recipients files, its identity files, and
identity files that a passphrase protects, which are age files themselves.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from anonpipe.agefile import (
    AgeFormatError,
    NoMatchError,
    Stanza,
    dearmor,
    decrypt_with_passphrase,
    is_passphrase_file,
    parse_header,
)
from anonpipe.errors import UsageError, VaultError
from anonpipe.files import cause, write_durably
from anonpipe.log_schema import ROLE, ROLES
from anonpipe.medium import keeps_permissions

SECRET_PREFIX = "AGE-SECRET-KEY-1"  # noqa: S105 - the prefix, no secret
MAX_IDENTITY_FILE = 64 * 1024
_LABEL = "# label:"


@dataclass(frozen=True, slots=True)
class Recipient:
    """Somebody the key is encrypted to: a label such as "student" and an age public key."""

    label: str
    public_key: str

    @property
    def fingerprint(self) -> str:
        """The first 16 hexadecimal digits of the public key's SHA-256, for the log."""
        return hashlib.sha256(self.public_key.encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True, repr=False)
class Identity:
    """An opened identity; neither its repr nor its str shows the secret."""

    public_key: str
    file: Path
    secret: Any


# -- recipients


def check_role(label: str) -> str:
    """The label, if it is a role that the log may hold, which has no room for a name.

    Raises UsageError, which never repeats the label.
    """
    if not ROLE.holds(label):
        raise UsageError(
            f"A recipient is called by a role, never by a name: one of {', '.join(ROLES)}, "
            "with a number if there are several, such as student-2."
        )
    return label


def parse_recipient(text: str, label: str = "") -> Recipient:
    """Check an age public key ("age1..."). Raises UsageError, which never repeats the text."""
    from pyrage import RecipientError, x25519

    text = text.strip()
    if text.upper().startswith(SECRET_PREFIX):
        raise UsageError(
            "That is a secret key, not a public one: give the line that starts with age1, "
            "and make a new identity if others may have seen the secret."
        )
    if any(ord(char) < 32 for char in label):
        raise UsageError("A recipient's label must be one line: choose another.")
    try:
        return Recipient(label, str(x25519.Recipient.from_str(text)))
    except RecipientError:
        who = f"The recipient {label}" if label else "A recipient"
        raise UsageError(
            f"{who} is not given by an age public key: copy the whole line that starts with age1."
        ) from None


def read_recipients(path: Path) -> tuple[Recipient, ...]:
    """Read a recipients file: public keys, one a line, each after its "# label:" line if any.

    The file is also what `age --recipients-file` reads. Raises VaultError.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        raise VaultError(
            f"{path} cannot be read, so nobody is known to encrypt to: put it back from a backup."
        ) from None
    found: list[Recipient] = []
    label = ""
    for number, line in enumerate(lines, start=1):
        line = line.strip()
        if line.startswith(_LABEL):
            label = line.removeprefix(_LABEL).strip()
        elif line and not line.startswith("#"):
            try:
                found.append(parse_recipient(line, label))
            except UsageError:
                raise VaultError(
                    f"{path}, line {number} is no age public key: put it back from a backup."
                ) from None
            label = ""
    if not found:
        raise VaultError(f"{path} names nobody to encrypt to: put it back from a backup.")
    return tuple(found)


def write_recipients(path: Path, recipients: Iterable[Recipient]) -> None:
    """Write a recipients file, durably. Raises VaultError."""
    lines = ["# Who the key and the working files of this study are encrypted to (age)."]
    for recipient in recipients:
        lines += [f"{_LABEL} {recipient.label}"] if recipient.label else []
        lines.append(recipient.public_key)
    write_durably(path, ("\n".join(lines) + "\n").encode(), mode=0o644, error=VaultError)


# -- identities


def new_identity(path: Path, passphrase: str | None, label: str = "") -> str:
    """Make an identity file, mode 0600, that `age -d -i FILE` accepts; returns its public key.

    Never overwrites. Raises UsageError for an empty passphrase and VaultError when the file is
    there already or cannot be written.
    """
    if path.exists():  # before the seconds that the passphrase takes
        raise VaultError(f"{path} exists already: choose another name or move it away.")
    public_key, data = make_identity(path, passphrase, label)
    write_durably(path, data, mode=0o600, error=VaultError, overwrite=False)
    return public_key


def make_identity(path: Path, passphrase: str | None, label: str = "") -> tuple[str, bytes]:
    """A fresh public key, and what its identity file `path` is to hold; writes nothing.

    With a passphrase that is an age file (scrypt) around the identity; making it takes a few
    seconds, as opening it does. Raises UsageError for an empty passphrase.
    """
    import pyrage

    if passphrase is not None and not passphrase.strip():
        raise UsageError(f"The passphrase for {path} is empty: choose a longer one.")
    identity = pyrage.x25519.Identity.generate()
    public_key = str(identity.to_public())
    lines = [f"# created: {datetime.now(UTC).strftime('%Y-%m-%dT%H:%M:%SZ')}"]
    lines += [f"{_LABEL} {' '.join(label.split())}"] if label else []
    lines += [f"# public key: {public_key}", str(identity), ""]
    data = "\n".join(lines).encode()
    if passphrase is not None:
        data = pyrage.passphrase.encrypt(data, passphrase)
        # pyrage chooses the work factor; never keep what could not be opened again.
        _stanzas(data, path)
    return public_key, data


def load_identities(
    paths: Iterable[Path], passphrase: Callable[[Path], str | None]
) -> tuple[Identity, ...]:
    """Open identity files, asking for a passphrase where one is needed.

    Files are plain ones, as of age-keygen, or passphrase-protected, as of `age -p`, armoured
    or not. Raises VaultError (exit code 4) for the first that cannot be used.
    """
    found = tuple(
        identity for path in paths for identity in _load_identity_file(Path(path), passphrase)
    )
    if not found:
        raise VaultError("No identity was given to open the key with: name one with --identity.")
    return found


def _load_identity_file(
    path: Path, passphrase: Callable[[Path], str | None]
) -> tuple[Identity, ...]:
    data, mode = read_file(path, "the identity", limit=MAX_IDENTITY_FILE)
    try:
        data = dearmor(data)
    except AgeFormatError as problem:
        raise VaultError(f"{path} is no usable identity, {problem}: use a backup of it.") from None
    if data.startswith(b"age-encryption.org/"):
        if not is_passphrase_file(_stanzas(data, path)):
            raise VaultError(
                f"{path} is encrypted to a recipient, not with a passphrase, "
                "so it is no identity: name the identity file."
            )
        phrase = passphrase(path)
        if phrase is None:
            raise VaultError(
                f"{path} needs its passphrase: run in a terminal, set ANONPIPE_PASSPHRASE or give "
                "--passphrase-file."
            )
        try:
            data = decrypt_with_passphrase(data, phrase)
        except NoMatchError:
            raise VaultError(
                f"The passphrase does not open {path}: check it and try again."
            ) from None
        except AgeFormatError as problem:
            raise VaultError(f"{path} is no usable identity, {problem}: use a backup.") from None
    elif mode & 0o077 and keeps_permissions(path):
        raise VaultError(
            f"{path} holds an unprotected identity that others may read: run `chmod 600 {path}`."
        )
    return _parse_identities(data, path)


def _parse_identities(data: bytes, path: Path) -> tuple[Identity, ...]:
    from pyrage import IdentityError, x25519

    found = []
    # Not decoded as a whole: comments may be in any encoding.
    for line in data.splitlines():
        line = line.strip()
        if not line or line.startswith(b"#"):
            continue
        try:
            secret = x25519.Identity.from_str(line.decode("ascii"))
        except (IdentityError, UnicodeDecodeError):
            raise VaultError(
                f"{path} is no age identity: name the file that `anonpipe init` or age-keygen made."
            ) from None
        found.append(Identity(str(secret.to_public()), path, secret))
    if not found:
        raise VaultError(f"{path} holds no identity: use a backup of it.")
    return tuple(found)


def read_file(path: Path, what: str, limit: int | None = None) -> tuple[bytes, int]:
    """Bytes and mode of a regular file; VaultError otherwise."""
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            status = os.fstat(fd)
            if not stat.S_ISREG(status.st_mode):
                raise VaultError(f"{path} is no file, so it cannot be {what}: correct the path.")
            if limit is not None and status.st_size > limit:
                raise VaultError(f"{path} is too large to be {what}: correct the path.")
            with os.fdopen(fd, "rb", closefd=False) as file:
                return file.read(), stat.S_IMODE(status.st_mode)
        finally:
            os.close(fd)
    except FileNotFoundError:
        raise VaultError(
            f"{path} is missing, so {what} cannot be opened: connect its disk, correct the "
            "path, or put it back from a backup."
        ) from None
    except OSError as problem:
        raise VaultError(f"{path} cannot be read: {cause(problem)}.") from None


def _stanzas(data: bytes, path: Path) -> tuple[Stanza, ...]:
    try:
        return parse_header(data)
    except AgeFormatError as problem:
        raise VaultError(
            f"{path} cannot be opened, {problem}: put it back from a backup."
        ) from None
