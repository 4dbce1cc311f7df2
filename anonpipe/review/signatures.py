"""Signatures under what a source's outputs say: which of the log count, and whether they suffice.

Pure functions of the log. A signature is an entry that a holder of the key signed at once
(`AuditLog.vouched_entries`): state.json alone proves nothing. It lapses when the source is coded
anew; that of the first of two persons also when anybody decides something about the source.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

from anonpipe.chain import Entry
from anonpipe.study import SourceState


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature. `holder` is the fingerprint of the identity that opened the key, `reviewer`
    that of the name that was typed, `signed` the digest of what was signed (`digest`); each "" in
    logs that do not tell. `last`: with it the source counts as signed off.
    """

    time: str
    holder: str
    reviewer: str
    signed: str
    last: bool

    def is_other_than(self, other: Signature) -> bool:
        """Whether another person signed: by another identity and under another name."""
        told = all((self.holder, self.reviewer, other.holder, other.reviewer))
        return told and self.holder != other.holder and self.reviewer != other.reviewer


def signature(entry: Entry) -> Signature:
    """What an entry `reviewed` or `approved` says."""
    told = {key: str(entry.details.get(key, "")) for key in ("holder", "reviewer", "signed")}
    return Signature(entry.time, **told, last=entry.action == "approved")


def digest(outputs: Mapping[str, str], accepted: Mapping[str, Sequence[str]]) -> str:
    """What is signed: outputs with their digests, and the hits in them that are no names."""
    values = json.dumps([dict(outputs), {name: list(each) for name, each in accepted.items()}])
    return hashlib.sha256(values.encode()).hexdigest()


def by_source(
    entries: Iterable[Entry], vouched: Iterable[Entry]
) -> Mapping[str, tuple[Signature, ...]]:
    """The signatures that count, oldest first, by source; both arguments are from one log."""
    signed = {entry.hash for entry in vouched}
    found: dict[str, list[Signature]] = {}
    for entry in entries:
        mine = found.setdefault(entry.subject, []) if entry.subject else []
        undecided = entry.action == "decided" and not any(each.last for each in mine)
        if entry.action == "coded" or undecided:
            mine.clear()
        elif entry.action in ("reviewed", "approved") and entry.hash in signed:
            mine.append(signature(entry))
    return {name: tuple(each) for name, each in found.items()}


def persons(found: Sequence[Signature]) -> int:
    """How many persons signed, as far as it matters: 0, 1 or 2."""
    if any(one.is_other_than(other) for one, other in combinations(found, 2)):
        return 2
    return min(len(found), 1)


def enough(found: Sequence[Signature], needed: int) -> bool:
    """Whether a source counts as signed off by as many persons as the study wants."""
    last = next((each for each in reversed(found) if each.last), None)
    if last is None:
        return False
    return needed <= persons([each for each in found if each.signed == last.signed])


def standing(state: SourceState, found: Sequence[Signature], needed: int) -> SourceState:
    """A source's state, approved only if that is signed for as the study wants now."""
    if state.approved is None or enough(found, needed):
        return state
    return replace(state, approved=None)
