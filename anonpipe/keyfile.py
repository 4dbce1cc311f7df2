"""The key file of a study, opened: its custody within one run.

Every version is announced in the log: the digest of a new version is logged before it
replaces the old one and again afterwards, so that a crash between the two is never
taken for a substitution, and a substitution never for a crash.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from anonpipe import vault
from anonpipe.audit import AuditLog
from anonpipe.errors import RecordingError, VaultError
from anonpipe.files import sha256, write_durably
from anonpipe.identity import Identity, Recipient, read_file
from anonpipe.key import KeyTable
from anonpipe.signing import Signer
from anonpipe.study import Study


class StudyKey:
    """The opened key of a study."""

    def __init__(
        self, log: AuditLog, identities: Sequence[Identity], file: vault.KeyFile, table: KeyTable
    ) -> None:
        self.table = table
        self._log, self._identities, self._file = log, identities, file

    @staticmethod
    def fingerprint(recipients: Iterable[Recipient]) -> str:
        """SHA-256 of who a key is encrypted to, which the age format itself does not tell."""
        keys = "\n".join(sorted(recipient.public_key for recipient in recipients))
        return hashlib.sha256(keys.encode()).hexdigest()

    @classmethod
    def create(
        cls, study: Study, log: AuditLog, recipients: Sequence[Recipient], table: KeyTable
    ) -> None:
        """Write the first version of a study's key and log it."""

        def announce(digest: str) -> None:
            log.append("key-intent", result="intended", key=digest, entities=0)

        digest = vault.KeyFile.create(
            study.key_file,
            recipients,
            table.to_payload(),
            before_replace=announce,
        )
        log.append("key-saved", key=digest, entities=0, recipients=cls.fingerprint(recipients))

    @classmethod
    def open(cls, study: Study, log: AuditLog, identities: Sequence[Any]) -> StudyKey:
        """Open the key and compare it with the version that the log knows.

        Raises VaultError (exit code 4) when it cannot be opened, is another version, another
        study's, or does not hold the key that signs the log. Who it is encrypted to stands in
        the key itself, so that a stranger who adds to the recipients file gains nothing.
        """
        file = vault.KeyFile.open(
            study.key_file, identities, expected_digests=expected_digests(log)
        )
        table = KeyTable.from_payload(file.payload, study.key_file)
        if table.study != study.settings.id:
            raise VaultError(
                f"{study.key_file} is the key of another study: "
                f"correct key.path in {study.settings_file}."
            )
        if Signer.from_secret(table.secrets.signing).public not in signers(log):
            raise VaultError(
                f"{study.key_file} does not hold the key that signs {study.log_file}: put back the "
                "version that the log knows from a backup, and find out who changed it."
            )
        return cls(log, identities, file, table)

    def save(self, table: KeyTable, recipients: Sequence[Recipient] | None = None) -> None:
        """Make `table` the key's new version, durable and logged; nothing if it is unchanged.

        `recipients` are who it is encrypted to from now on, None for the same as before.
        """
        if table == self.table and recipients is None:
            return
        entities = len(table.entities)

        def announce(digest: str) -> None:
            self._log.append("key-intent", result="intended", key=digest, entities=entities)

        self._file.save(table.to_payload(), before_replace=announce, recipients=recipients)
        self._log.append(
            "key-saved",
            key=self._file.digest,
            entities=entities,
            recipients=self.fingerprint(self._file.recipients),
        )
        self.table = table

    @property
    def version(self) -> str:
        """The digest of the key file as it is now; it tells nothing of what the file holds."""
        return self._file.digest

    @property
    def recipients(self) -> tuple[Recipient, ...]:
        """Who the key is encrypted to."""
        return self._file.recipients

    @property
    def signer(self) -> Signer:
        """What signs the log and receipts."""
        return Signer.from_secret(self.table.secrets.signing)

    @property
    def holder(self) -> Recipient:
        """Whose identity opened the key."""
        opened = {identity.public_key for identity in self._identities}
        mine = [who for who in self.recipients if who.public_key in opened]
        return mine[0] if mine else Recipient("recipient", min(opened))

    def keyed(self, sha256: str) -> str:
        """HMAC-SHA256 of a file's SHA-256, hex: a digest that tells nothing without the key."""
        secret = bytes.fromhex(self.table.secrets.digest)
        return hmac.new(secret, bytes.fromhex(sha256), hashlib.sha256).hexdigest()

    def voice_secret(self, name: str) -> bytes:
        """What decides the new voices of a source's recording; gone with the key."""
        secret = bytes.fromhex(self.table.secrets.digest)
        return hmac.new(secret, f"anonpipe voices v1\n{name}\n".encode(), hashlib.sha256).digest()

    def reviewer(self, name: str) -> str:
        """What the log knows a reviewer by, 16 hex digits: as names can be guessed, it is keyed.

        Capitals and blanks make no other person.
        """
        folded = " ".join(unicodedata.normalize("NFKC", name).split()).casefold()
        secret = bytes.fromhex(self.table.secrets.digest)
        message = f"anonpipe reviewer v1\n{folded}\n".encode()
        return hmac.new(secret, message, hashlib.sha256).hexdigest()[:16]

    def digest_of(self, path: Path) -> str:
        """The keyed digest of a file. Raises OSError."""
        return self.keyed(sha256(path))

    def seal(self, data: Mapping[str, Any], recipients: Sequence[Recipient] | None = None) -> bytes:
        """Encrypt JSON values, to the key's recipients unless others are given."""
        return vault.seal(json.dumps(data).encode(), recipients or self.recipients)

    def seal_working(self, name: str, data: Mapping[str, Any]) -> bytes:
        """Encrypt the working file of a source, for `unseal`.

        Whoever knows the public keys can write a file that decrypts, or put another source's in
        its place. So it says whose it is, under a digest that only holders of the key can make.
        """
        return self.seal({**data, "source": name, "mac": self._mac(name, data)})

    def _mac(self, name: str, data: Mapping[str, Any]) -> str:
        values = json.dumps(data, sort_keys=True, separators=(",", ":"))
        message = f"anonpipe working file v1\n{name}\n{values}\n"
        secret = bytes.fromhex(self.table.secrets.digest)
        return hmac.new(secret, message.encode(), hashlib.sha256).hexdigest()

    def open_sealed(self, path: Path) -> dict[str, Any]:
        """The JSON values of a sealed file. Raises VaultError when it is damaged or gone."""
        try:
            data = vault.unseal(path.read_bytes(), self._identities, name=str(path))
            return dict(json.loads(data))
        except (OSError, ValueError):
            raise VaultError(f"{path} is damaged or gone: put it back from a backup.") from None

    def decrypt(self, data: bytes, name: str) -> bytes:
        """Decrypt what anybody may have sealed to the key's recipients. Raises VaultError."""
        return vault.unseal(data, self._identities, name=name)

    def reseal(
        self,
        path: Path,
        recipients: Sequence[Recipient],
        announce: Callable[[bytes, bytes], None] = lambda old, new: None,
    ) -> None:
        """Encrypt a sealed file anew, to other recipients. Raises VaultError.

        `announce` is called with the old and the new file's bytes before that takes its place.
        """
        data, _ = read_file(path, "a sealed file")
        new = vault.seal(self.decrypt(data, str(path)), recipients)
        write_durably(
            path, new, mode=0o600, error=VaultError, before_replace=lambda: announce(data, new)
        )

    def unseal(self, path: Path) -> dict[str, Any]:
        """Decrypt a source's working file.

        Raises RecordingError when it is damaged, gone, another source's or no holder's of the key.
        """
        try:
            data = self.open_sealed(path)
            name, mac = data.pop("source", ""), data.pop("mac", "")
            if name != path.stem or not hmac.compare_digest(str(mac), self._mac(name, data)):
                raise VaultError(f"{path} is not what was put there.")
            return data
        except VaultError:
            raise RecordingError(
                f"{path} is damaged or gone: delete it if it is there, and begin that source anew "
                f"with `anonpipe run --again {path.stem}` while its recording is there."
            ) from None


def signers(log: AuditLog) -> set[str]:
    """Public keys that may sign the log now: the current one, and one that is to follow it."""
    found: set[str] = set()
    for entry in log.entries():
        if entry.action == "log-created":
            found = {str(entry.details["signer"])}
        elif entry.action == "signer-changed":
            found = {str(entry.details["old"]), str(entry.details["new"])}
    return found


def expected_digests(log: AuditLog) -> set[str]:
    """Digests that the key may have: the last saved version's and any intended since.

    Only vouched entries count, or whoever can write the log could bring back an older key.
    """
    digests: set[str] = set()
    for entry in log.vouched_entries():
        if entry.action == "key-saved":
            digests = {str(entry.details["key"])}
        elif entry.action == "key-intent":
            digests.add(str(entry.details["key"]))
    return digests
