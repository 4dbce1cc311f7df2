"""The key and sealed working files: age files that only the study's recipients can open.

What is encrypted is padded (`agefile.pad`), so that its size tells little; decrypted with
the standard `age` program it is JSON followed by white space. age does not authenticate
the writer, and anybody who knows the public keys can make a file that opens: whoever
opens the key therefore passes the digests that the log knows, and sealed working files
bear a digest that only holders of the key can make (`StudyKey.seal_working`).
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import stat
import unicodedata
from collections.abc import Callable, Collection, Iterable, Sequence
from pathlib import Path
from typing import Any

from anonpipe.agefile import AgeFormatError, NoMatchError, decrypt, pad, unpad
from anonpipe.errors import UsageError, VaultError
from anonpipe.files import lock, remove_leftovers, write_durably
from anonpipe.identity import (
    Identity,
    Recipient,
    load_identities,
    new_identity,
    parse_recipient,
    read_file,
    read_recipients,
    write_recipients,
)
from anonpipe.medium import keeps_permissions, synced_root

__all__ = [
    "Identity",
    "KeyFile",
    "Recipient",
    "check_apart",
    "load_identities",
    "new_identity",
    "parse_recipient",
    "read_recipients",
    "seal",
    "unseal",
    "write_recipients",
]

RECIPIENTS_FIELD = "recipients"
"""Field that the key's JSON has besides the payload: who this version is encrypted to."""

_REPLACED = (
    "{path} was replaced or is older than the log says: put back the version that the log "
    "knows from a backup, and find out who changed it."
)


# -- sealing


def seal(data: bytes, recipients: Iterable[Recipient | str]) -> bytes:
    """Pad and encrypt bytes to recipients; a binary age file. Raises UsageError for bad keys."""
    import pyrage

    keys = {r if isinstance(r, str) else r.public_key: None for r in recipients}
    if not keys:
        raise UsageError("There is nobody to encrypt to: name at least one recipient.")
    wanted = [pyrage.x25519.Recipient.from_str(parse_recipient(key).public_key) for key in keys]
    sealed: bytes = pyrage.encrypt(pad(data), wanted)
    return sealed


def unseal(data: bytes, identities: Sequence[Identity], *, name: str = "The sealed file") -> bytes:
    """The inverse of `seal`. Raises VaultError (exit code 4), one sentence that says `name`."""
    try:
        return unpad(decrypt(data, [identity.secret for identity in identities]))
    except NoMatchError:
        raise VaultError(
            f"{name} is not encrypted to any of the identities given: name the right one."
        ) from None
    except AgeFormatError as problem:
        raise VaultError(
            f"{name} cannot be opened, {problem}: put it back from a backup."
        ) from None


# -- the key


class KeyFile:
    """An opened key.

    `payload` is the decrypted JSON object, `digest` the SHA-256 of the encrypted file, and
    `recipients` those that this version is encrypted to, as it says itself; the next version
    will be encrypted to the same, whatever a recipients file says by then.
    """

    def __init__(
        self,
        path: Path,
        payload: dict[str, Any],
        digest: str,
        recipients: tuple[Recipient, ...],
        identities: tuple[Identity, ...],
    ) -> None:
        self.path, self.payload, self.digest = path, payload, digest
        self.recipients = recipients
        self._identities = identities

    @classmethod
    def create(
        cls,
        path: Path,
        recipients: Sequence[Recipient],
        payload: dict[str, Any],
        *,
        before_replace: Callable[[str], None] | None = None,
    ) -> str:
        """Write a key's first version, mode 0600; returns its digest. Never overwrites."""
        data = _encrypt(payload, recipients)
        digest = hashlib.sha256(data).hexdigest()
        check_folder(path)
        write_durably(
            path,
            data,
            mode=0o600,
            error=VaultError,
            overwrite=False,
            before_replace=None if before_replace is None else lambda: before_replace(digest),
        )
        return digest

    @classmethod
    def open(
        cls,
        path: Path,
        identities: Sequence[Identity],
        *,
        expected_digests: Collection[str] | None,
    ) -> KeyFile:
        """Read and decrypt a key. Raises VaultError (exit code 4), one sentence.

        `expected_digests` are the versions that the log allows: the last one that was saved
        and any that were announced since; None only where there is no log to ask.
        """
        path = path.resolve()
        check_folder(path)
        data, mode = read_file(path, "the key")
        if mode & 0o077 and keeps_permissions(path):
            raise VaultError(f"{path} can be read by others: run `chmod 600 {path}`.")
        digest = hashlib.sha256(data).hexdigest()
        if expected_digests is not None and digest not in expected_digests:
            raise VaultError(_REPLACED.format(path=path))
        payload, recipients = _decrypt(data, identities, path)
        return cls(path, payload, digest, recipients, tuple(identities))

    def save(
        self,
        payload: dict[str, Any],
        before_replace: Callable[[str], None] | None = None,
        *,
        recipients: Sequence[Recipient] | None = None,
    ) -> None:
        """Make `payload` the key's next version: the old one stays whole until it is replaced.

        Under a lock: encrypt, decrypt and compare, write 0600 beside, sync, read back, call
        `before_replace(new_digest)`, rename, sync the folder. The caller logs the digest in
        `before_replace`, so that a crash right after is never taken for a substitution; what
        it raises leaves the old version in place. Raises VaultError, also when another
        process has saved meanwhile.
        """
        wanted = tuple(recipients or self.recipients)
        data = _encrypt(payload, wanted)
        digest = hashlib.sha256(data).hexdigest()
        if {i.public_key for i in self._identities} & {r.public_key for r in wanted}:
            again, _ = _decrypt(data, self._identities, self.path)
            if again != json.loads(json.dumps(payload)):
                raise VaultError(
                    f"{self.path} would not decrypt to what it should: nothing was saved; "
                    "check this computer's memory."
                )
        with lock(self.path.with_name(self.path.name + ".lock"), error=VaultError):
            current, _ = read_file(self.path, "the key")
            if hashlib.sha256(current).hexdigest() != self.digest:
                raise VaultError(
                    f"{self.path} was changed while it was open: run again to work on that version."
                )
            with contextlib.suppress(OSError):
                remove_leftovers(self.path.parent)
            write_durably(
                self.path,
                data,
                mode=0o600,
                error=VaultError,
                before_replace=None if before_replace is None else lambda: before_replace(digest),
            )
        self.payload, self.digest, self.recipients = payload, digest, wanted


def check_apart(key: Path, study: Path, outputs: Iterable[Path] = (), *, what: str = "key") -> None:
    """UsageError when the key would lie where a copy of the data takes it along.

    Refused: inside the study folder; in or below a folder of outputs; directly beside the
    study folder, since whoever copies the folder above takes both; in the same folder that a
    cloud service synchronises. Symbolic links are followed, folders are told apart by their
    inodes where they exist (so a case-insensitive file system cannot deceive), else by name.
    """
    home, study = key.expanduser().resolve().parent, study.expanduser().resolve()
    advice = "choose a place of its own, best on another disk"
    if any(_same_folder(folder, study) for folder in (home, *home.parents)):
        raise UsageError(f"The {what} may not lie inside the study folder {study}: {advice}.")
    for output in outputs:
        resolved = output.expanduser().resolve()
        if any(_same_folder(folder, resolved) for folder in (home, *home.parents)):
            raise UsageError(f"The {what} may not lie with the outputs in {resolved}: {advice}.")
    if _same_folder(home, study.parent):
        raise UsageError(f"The {what} may not lie right beside the study folder {study}: {advice}.")
    key_root, study_root = synced_root(home), synced_root(study)
    if key_root is not None and study_root is not None and _same_folder(key_root, study_root):
        raise UsageError(
            f"The {what} and the study would be synchronised together in {key_root}: {advice}."
        )


def _same_folder(one: Path, other: Path) -> bool:
    with contextlib.suppress(OSError):
        return one.samefile(other)
    # What does not exist yet is compared by name, as a case-insensitive file system would.
    return _folded(one) == _folded(other)


def _folded(path: Path) -> str:
    return unicodedata.normalize("NFC", str(path)).casefold()


def check_folder(path: Path) -> None:
    try:
        mode = path.parent.stat().st_mode
    except OSError:
        raise VaultError(
            f"The folder {path.parent} of the key is not there: connect its disk, or correct "
            "key.path in study.toml."
        ) from None
    if mode & stat.S_IWOTH and keeps_permissions(path):
        raise VaultError(
            f"Anybody may write to the key's folder {path.parent}: run `chmod 700 {path.parent}`."
        )


def _encrypt(payload: dict[str, Any], recipients: Sequence[Recipient]) -> bytes:
    if RECIPIENTS_FIELD in payload:
        raise ValueError(f"the payload of a key may not have a field {RECIPIENTS_FIELD!r}")
    names = [{"label": r.label, "public_key": r.public_key} for r in recipients]
    text = json.dumps({**payload, RECIPIENTS_FIELD: names}, ensure_ascii=False, indent=1)
    return seal(text.encode(), recipients)


def _decrypt(
    data: bytes, identities: Sequence[Identity], path: Path
) -> tuple[dict[str, Any], tuple[Recipient, ...]]:
    text = unseal(data, identities, name=str(path))
    try:
        payload = dict(json.loads(text))
        named = [Recipient(r["label"], r["public_key"]) for r in payload.pop(RECIPIENTS_FIELD)]
    except (ValueError, TypeError, KeyError):
        raise VaultError(
            f"{path} decrypts to something that is no key: put it back from a backup."
        ) from None
    return payload, tuple(named)
