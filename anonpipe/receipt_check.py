"""Checking deletion receipts against the log; needs no key.

The log's entry "deleted" holds the digest of the receipt's file, so that no field can be changed
unseen, not even by somebody who could sign it anew. The fields are compared one by one as
well, to say which of them does not fit.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from anonpipe import signing
from anonpipe.audit import Entry, vouched
from anonpipe.receipt import Receipt, filesystem_class

Problem = Literal[
    "unreadable",
    "no-receipt",
    "not-signed",
    "signature",
    "signer",
    "intent",
    "not-deleted",
    "fields",
    "digest",
    "text-missing",
    "text",
    "missing",
]
PROBLEMS: dict[Problem, str] = {
    "unreadable": "it cannot be read",
    "no-receipt": "it is no receipt of this version, or a field of it was changed",
    "not-signed": "it is not signed",
    "signature": "its signature does not fit what it says",
    "signer": "it was signed with a key that the log does not know",
    "intent": "the log announced no such deletion under its number",
    "not-deleted": "the log does not say that the deletion was carried out",
    "fields": "the log says otherwise of it",
    "digest": "its file is not the one whose digest the log holds",
    "text-missing": "its text file is missing",
    "text": "its text file does not say what the receipt says",
    "missing": "the log says that there is one, but it is not there",
}
_NAME = re.compile(r"X\d{4,6}-[RD]\d{2,6}")


@dataclass(frozen=True, slots=True)
class Checked:
    """The result for one receipt. `name` is the program's name of it, or "another file".

    `fields` are those of which the log says otherwise.
    """

    name: str
    id: str | None
    problems: tuple[Problem, ...]
    fields: tuple[str, ...] = ()

    @property
    def sound(self) -> bool:
        return not self.problems

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        return {
            "receipt": self.id,
            "file": self.name,
            "sound": self.sound,
            "problems": list(self.problems),
            "fields": list(self.fields),
        }


def check_all(folder: Path, entries: Sequence[Entry]) -> tuple[Checked, ...]:
    """Check every receipt in a folder, and that none is missing of those that the log names.

    Files that are not named like one are none: a receipt under another name is a missing one.
    """
    paths = sorted(path for path in folder.glob("*.json") if _NAME.fullmatch(path.stem))
    found = [check(path, entries) for path in paths]
    there = {item.id for item in found}
    for entry in _deleted(counting(entries)):
        name = str(entry.details["receipt"])
        if name not in there:
            there.add(name)
            found.append(Checked(f"{name}-{entry.subject}", name, ("missing",)))
    return tuple(sorted(found, key=lambda item: item.name))


def check(path: Path, entries: Sequence[Entry]) -> Checked:
    """Check one receipt, wherever it lies, against a verified log."""
    name = path.stem if _NAME.fullmatch(path.stem) else "another file"
    try:
        data = path.read_bytes()
    except OSError:
        return Checked(name, None, ("unreadable",))
    try:
        receipt = Receipt.from_json(json.loads(data))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return Checked(name, _id_of(name), ("no-receipt",))
    problems = list(_signature(receipt, entries))
    counted = counting(entries)
    intent = next((e for e in counted if (e.seq, e.hash) == receipt.intent), None)
    if intent is None or not _announces(intent, receipt):
        problems.append("intent")
    deleted = next((e for e in _deleted(counted) if e.details["receipt"] == receipt.id), None)
    fields: tuple[str, ...] = ()
    if deleted is None:
        problems.append("not-deleted")
    else:
        fields = tuple(_differing(deleted, receipt))
        if fields:
            problems.append("fields")
        if receipt.to_bytes() != data or receipt.file_digest() != deleted.details["receipt_digest"]:
            problems.append("digest")
    try:
        if path.with_suffix(".txt").read_bytes() != receipt.to_both_texts():
            problems.append("text")
    except OSError:
        problems.append("text-missing")
    return Checked(name, receipt.id, tuple(problems), fields)


def counting(entries: Sequence[Entry]) -> Sequence[Entry]:
    """The entries on which the check of a receipt rests: those that a holder of the key signed
    at once, or all of a log that nobody can sign."""
    return vouched(entries) if entries and "signer" in entries[0].details else entries


def _id_of(name: str) -> str | None:
    return name.partition("-")[0] if _NAME.fullmatch(name) else None


def _deleted(entries: Iterable[Entry]) -> Iterator[Entry]:
    return (e for e in entries if e.action == "deleted" and "receipt" in e.details)


def _signature(receipt: Receipt, entries: Iterable[Entry]) -> Iterator[Problem]:
    if not receipt.signature:
        yield "not-signed"
        return
    if not signing.verify(receipt.signer, receipt.message(), receipt.signature):
        yield "signature"
    # A key that the log only announces signed nothing in it: it may be anybody's.
    known = {e.details.get("signer") for e in entries if e.action in ("log-created", "signature")}
    if receipt.signer not in known:
        yield "signer"


def _announces(intent: Entry, receipt: Receipt) -> bool:
    details = intent.details
    return (intent.action, intent.subject) == ("delete-intent", receipt.recording) and (
        details.get("receipt"),
        details.get("rule"),
        details.get("source"),
        intent.actor,
    ) == (receipt.id, receipt.rule, receipt.digest, receipt.actor)


def _differing(deleted: Entry, receipt: Receipt) -> Iterator[str]:
    """Names of the receipt's fields of which the log's entry says otherwise."""
    erased, details = receipt.erased, deleted.details
    pairs = {
        "recording": (deleted.subject, receipt.recording),
        "result": (deleted.result, erased.result),
        "participants": (details.get("participants"), receipt.participants),
        "rule": (details.get("rule"), receipt.rule),
        "medium": (details.get("medium"), erased.medium.kind),
        "filesystem": (details.get("filesystem"), filesystem_class(erased.medium)),
        "methods": (details.get("methods"), erased.methods),
        "verified": (details.get("verified"), erased.verified),
        "out_of_reach": (details.get("out_of_reach"), receipt.out_of_reach),
    }
    return (name for name, (logged, said) in pairs.items() if logged != said)
