"""Deletion receipts: what was done to a file, for people and for programs.

A receipt claims no more than was done. It never says that nothing can be recovered, and
lists the copies that no program on this machine can reach.

Each has an id (X0001 ...) that its announcement in the log, "delete-intent", gives it, so that
a number is never used twice. It is signed with the study's signing key; the log's entry
"deleted" repeats what matters of it and holds the digest of the whole file.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from anonpipe import __version__
from anonpipe.audit import AuditLog, Entry
from anonpipe.errors import AuditError
from anonpipe.files import write_durably
from anonpipe.medium import Medium
from anonpipe.receipt_words import (
    DONE,
    KINDS,
    MEDIUM,
    OUT_OF_REACH,
    VERIFIED,
    WORDS,
    Language,
)
from anonpipe.signing import Signer, compose
from anonpipe.status import PSEUDONYMISED

__all__ = ["OUT_OF_REACH", "Erased", "Language", "Receipt", "announce", "issue", "read_receipts"]

VERSION = 2
PURPOSE = "receipt"
Method = Literal["unlink", "overwrite-attempted", "crypto-erase"]
Verified = Literal["overwritten", "emptied", "name-gone", "folder-synced", "key-entry-gone"]
Result = Literal["deleted", "already-gone"]


@dataclass(frozen=True, slots=True)
class Erased:
    """What was done to one file, and how it was verified.

    `size` is bytes, None when unknown. `other_names` counts hard links besides the one that
    was deleted; `other_names_emptied` says whether they are empty files now. `synced`: the
    file lay in a folder that a cloud service copies.
    """

    result: Result
    methods: tuple[Method, ...]
    medium: Medium
    size: int | None
    verified: tuple[Verified, ...] = ()
    other_names: int = 0
    other_names_emptied: bool = True
    synced: bool = False


@dataclass(frozen=True, slots=True)
class Receipt:
    """One deletion. Ids, codes, digests, numbers and times only; never a name.

    `id` is X0001 and `study` the study's id. `kind` is audio or text; `approved_at` when somebody
    reviewed the outputs, None if nobody did; `digest` is the deleted file's, keyed; `register`
    is the digest of the consent register under whose `rule` it went, None if unknown;
    `outputs` maps the names of what was written from it to their digests. `intent` is number
    and hash of the log entry in which the deletion was announced, `actor` the keyed digest of the
    account there. Of a file that was encrypted, `key_generations` are the digests of the versions
    of the key file that held its data key, and `key_backups` the ids of registered copies of
    them. `signer` is the public key that `signature` belongs to.
    """

    id: str
    study: str
    recording: str
    kind: str
    participants: tuple[str, ...]
    consent_versions: tuple[str, ...]
    rule: str
    register: str | None
    approved_at: str | None
    erased: Erased
    digest: str
    outputs: Mapping[str, str]
    deleted_at: str
    actor: str
    intent: tuple[int, str]
    program: str
    key_generations: tuple[str, ...] = ()
    key_backups: tuple[str, ...] = ()
    signer: str = ""
    signature: str = ""

    @property
    def out_of_reach(self) -> tuple[str, ...]:
        """Codes of the copies that the program cannot reach, those known of first."""
        medium = self.erased.medium
        # Old blocks of a file whose data key is gone cannot be read.
        coded = "crypto-erase" in self.erased.methods
        known = {
            "key-generations": coded,
            "before-sealing": coded,
            "other-names": self.erased.other_names > 0 and not self.erased.other_names_emptied,
            "synced-folder": self.erased.synced,
            "copy-on-write": medium.copy_on_write and not coded,
            "flash": medium.kind in ("ssd", "removable") and not coded,
            "server": medium.kind == "network",
            "swap": medium.kind == "memory",
            "disk-unknown": medium.kind == "unknown" and not coded,
            "journal": "journal" in medium.notes,
        }
        standing = ("snapshots", "cloud", "backups", "recorder", "sent")
        always = tuple(s for s in standing if not (s == "cloud" and self.erased.synced))
        return tuple(code for code, applies in known.items() if applies) + always

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values; `from_json` is the inverse."""
        reach = [{"code": code, "text": OUT_OF_REACH[code]["en"]} for code in self.out_of_reach]
        seq, digest = self.intent
        values = asdict(self) | {"intent": {"seq": seq, "hash": digest}}
        signature = values.pop("signature")
        # A receipt is written while the key exists.
        kept = PSEUDONYMISED.word
        return {"v": VERSION, **values, "material": kept, "out_of_reach": reach} | {
            "signature": signature
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Receipt:
        """Rebuild a receipt; KeyError, TypeError or ValueError if the values are none."""
        if data["v"] != VERSION:
            raise ValueError("a receipt of another version")
        own = ("v", "erased", "material", "out_of_reach")
        rest = {k: v for k, v in data.items() if k not in own}
        erased = dict(data["erased"])
        on = dict(erased.pop("medium"))
        medium = Medium(**{**on, "notes": tuple(on["notes"])})
        for name in ("participants", "consent_versions", "key_generations", "key_backups"):
            rest[name] = tuple(rest[name])
        intent = rest.pop("intent")
        for name in ("methods", "verified"):
            erased[name] = tuple(erased[name])
        made = cls(
            **rest,
            intent=(intent["seq"], intent["hash"]),
            erased=Erased(medium=medium, **erased),
        )
        words = (
            (made.erased.methods, DONE),
            (made.erased.verified, VERIFIED),
            ((medium.kind,), MEDIUM),
            ((made.kind,), KINDS),
        )
        if not all(word in known for said, known in words for word in said):
            raise ValueError("words that no receipt has")
        if json.loads(json.dumps(made.to_json())) != data:
            raise ValueError("values that no receipt has")
        return made

    @classmethod
    def of(
        cls,
        log: AuditLog,
        intent: Entry,
        *,
        study: str,
        kind: str,
        participants: tuple[str, ...],
        consent_versions: tuple[str, ...],
        approved_at: str | None,
        erased: Erased,
        outputs: Mapping[str, str],
        key_generations: tuple[str, ...] = (),
        key_backups: tuple[str, ...] = (),
    ) -> Receipt:
        """The receipt, still to be signed, of a deletion that `announce` logged as `intent`.

        The register is the one that was last taken in before that. Raises AuditError.
        """
        register: str | None = None
        for entry in log.entries():
            if entry.action == "consent-register" and entry.seq < intent.seq:
                register = str(entry.details["register"])
        return cls(
            id=str(intent.details["receipt"]),
            study=study,
            recording=str(intent.subject),
            kind=kind,
            participants=participants,
            consent_versions=consent_versions,
            rule=str(intent.details["rule"]),
            register=register,
            approved_at=approved_at,
            erased=erased,
            digest=str(intent.details["source"]),
            outputs=dict(outputs),
            deleted_at=datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            actor=intent.actor,
            intent=(intent.seq, intent.hash),
            program=f"anonpipe {__version__}",
            key_generations=key_generations,
            key_backups=key_backups,
        )

    def message(self) -> bytes:
        """The bytes that are signed: all values but the signature, as one line of JSON."""
        values = {key: value for key, value in self.to_json().items() if key != "signature"}
        return compose(PURPOSE, json.dumps(values, sort_keys=True, separators=(",", ":")))

    def signed(self, signer: Signer | None) -> Receipt:
        """The receipt with a signature; as it is without a signer."""
        if signer is None:
            return replace(self, signer="", signature="")
        unsigned = replace(self, signer=signer.public, signature="")
        return replace(unsigned, signature=signer.sign(unsigned.message()))

    def to_bytes(self) -> bytes:
        """The JSON file."""
        return json.dumps(self.to_json(), indent=1).encode() + b"\n"

    def to_both_texts(self) -> bytes:
        """The text file: Norwegian, then English."""
        return (self.to_text("nb") + "\n\n" + self.to_text("en")).encode()

    def file_digest(self) -> str:
        """SHA-256 of the JSON file, which the log holds."""
        return hashlib.sha256(self.to_bytes()).hexdigest()

    def to_text(self, language: Language) -> str:
        """The receipt for reading, with a line feed at the end."""
        say, erased = WORDS[language], self.erased
        done = [DONE[method][language] for method in erased.methods]
        if erased.result == "already-gone":
            done = [say["gone"]]
        if erased.other_names:
            key = "links_emptied" if erased.other_names_emptied else "links_left"
            done.append(say[key].format(n=erased.other_names))
        verified = [VERIFIED[code][language] for code in erased.verified] or [say["unverified"]]
        medium = MEDIUM[erased.medium.kind][language]
        size = say["unknown"] if erased.size is None else f"{erased.size} bytes"
        seq, entry = self.intent
        facts = {
            "id": self.id,
            "study": self.study,
            "what": f"{self.recording} ({KINDS.get(self.kind, {}).get(language, self.kind)})",
            "participants": ", ".join(self.participants) or "-",
            "when": self.deleted_at,
            "rule": self.rule,
            "consent": ", ".join(self.consent_versions) or "-",
            "reviewed": self.approved_at or say["not_reviewed"],
            "size": size,
            "medium": f"{medium}, {say['filesystem']} {erased.medium.filesystem}",
            "digest": self.digest,
            "register": self.register or say["unknown"],
            "log": f"{say['entry'].format(seq=seq)} {entry}",
            "actor": self.actor,
            "program": self.program,
            "material": PSEUDONYMISED.line(language),
            "signer": self.signer or say["unsigned"],
        }
        width = max(len(say[name]) for name in facts) + 2
        lines = [say["title"], "=" * len(say["title"]), ""]
        lines += [f"{say[name] + ':':<{width}}{value}" for name, value in facts.items()]
        lines += ["", say["done"], *(f"  - {item}" for item in done)]
        lines += ["", say["verified"], *(f"  - {item}" for item in verified)]
        lines += ["", say["outputs"]]
        lines += [f"  - {name}\n    {digest}" for name, digest in self.outputs.items()] or ["  -"]
        if self.key_generations or self.key_backups:
            lines += ["", say["generations"]]
            lines += [f"  - {item}" for item in (*self.key_backups, *self.key_generations)]
        lines += ["", say["reach"]]
        lines += [f"  - {OUT_OF_REACH[code][language]}" for code in self.out_of_reach]
        if self.signature:
            half = len(self.signature) // 2
            signature = f"  {self.signature[:half]}\n  {self.signature[half:]}"
            lines += ["", f"{say['signature']}:", signature]
        return "\n".join(lines) + "\n"


def announce(log: AuditLog, subject: str, *, rule: str, source: str) -> str:
    """Log that an original is about to be deleted, with the id of its receipt; the entry's hash.

    `source` is the file's keyed digest. Raises AuditError: then nothing may be deleted.
    """
    used = [str(e.details.get("receipt", "X0")) for e in log.vouched_entries()]
    number = 1 + max((int(name[1:]) for name in used), default=0)
    return log.append(
        "delete-intent",
        subject=subject,
        result="intended",
        receipt=f"X{number:04}",
        rule=rule,
        source=source,
    )


def announced(log: AuditLog, digest: str, subject: str, source: str) -> Entry:
    """The entry of a hash that `announce` gave, for that subject and source.

    Raises AuditError when the log has none that a holder of the key signed at once: whoever can
    write to the study can write an entry, and into state.json that it was a deletion's.
    """
    for entry in log.vouched_entries():
        same = (entry.hash, entry.action, entry.subject) == (digest, "delete-intent", subject)
        if same and entry.details["source"] == source:
            return entry
    raise AuditError(
        f"{log.path} lacks the entry in which a deletion of {subject} was announced: put it back "
        "from a backup, and find out who changed it or state.json."
    )


def issue(folder: Path, log: AuditLog, receipt: Receipt) -> Receipt:
    """Sign a receipt, write it as ID-SOURCE.json and .txt, and log what it says.

    Repeatable: a receipt of a deletion that stands there already (a crash came after it) is
    never replaced by one that found the file gone. Returns the one that stands. Raises
    RecordingError and AuditError.
    """
    path = folder / f"{receipt.id}-{receipt.recording}.json"
    standing = _standing(path, receipt)
    receipt = standing or receipt.signed(log.signer)
    write_durably(path, receipt.to_bytes(), mode=0o644)
    write_durably(path.with_suffix(".txt"), receipt.to_both_texts(), mode=0o644)
    erased = receipt.erased
    log.append(
        "deleted",
        subject=receipt.recording,
        result=erased.result,
        receipt=receipt.id,
        receipt_digest=receipt.file_digest(),
        participants=receipt.participants,
        rule=receipt.rule,
        medium=erased.medium.kind,
        filesystem=filesystem_class(erased.medium),
        methods=erased.methods,
        verified=erased.verified,
        out_of_reach=receipt.out_of_reach,
    )
    return receipt


def _standing(path: Path, receipt: Receipt) -> Receipt | None:
    try:
        found = Receipt.from_json(json.loads(path.read_bytes()))
    except (OSError, ValueError, KeyError, TypeError):
        return None
    same = found.id == receipt.id and found.intent == receipt.intent
    return found if same and found.erased.result == "deleted" else None


def filesystem_class(medium: Medium) -> str:
    """What matters of a file system, in a word of the log."""
    if medium.copy_on_write:
        return "copy-on-write"
    if medium.kind == "network":
        return "network"
    if "journal" in medium.notes:
        return "journaled"
    return "unknown" if medium.filesystem == "unknown" else "plain"


def read_receipts(folder: Path) -> tuple[Receipt, ...]:
    """The receipts of a study in order of id; files that are none are left out."""
    return tuple(sorted(_readable(folder), key=lambda receipt: receipt.id))


def _readable(folder: Path) -> Iterable[Receipt]:
    for path in sorted(folder.glob("*.json")):
        try:
            yield Receipt.from_json(json.loads(path.read_bytes()))
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            continue
