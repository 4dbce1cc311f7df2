"""The kinds of values that a log entry may hold: closed lists, numbers, codes, dates, digests.

No kind's values spell a name. A kind is a closed list of the program's words, a number of at
most seven digits, a code, a date or time, or a string of digits or key characters of a fixed
length. Which action holds what is declared in `log_schema`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import get_args

from anonpipe.consent import DATED, EXPIRY, RuleKind
from anonpipe.medium import FILESYSTEMS
from anonpipe.transcript import MENTION_TYPES, PARTICIPANT_CODE

MOST = 9_999_999
"""Numbers are smaller than anybody's telephone or identity number."""
MOST_IN_LIST = 60
ROLES = (
    "researcher",
    "student",
    "supervisor",
    "colleague",
    "institution",
    "officer",
    "archive",
    "backup",
    "recipient",
)
REASONS = ("analysis", "participant-request", "correction", "authority", "audit", "other-coded")
"""Why a person opens the key."""
REVIEWERS = ("SIKT", "NSD", "REK", "IRB", "REC", "DPO", "REF")
"""Whose approval a reference may name; REF is any other's."""
WITHDRAWAL = "withdrawal"
"""What stands in the place of a rule when somebody has withdrawn."""
AT_END = "at-end"
"""What stands there when deletion was promised for the end of the study."""
EXPORTS = ("export", "subject-export", "review-export")
"""Openings of the key after which names stand in a file that no program reaches: plain, or, after
a review's, sealed to those who held the key then."""
OPERATIONS = ("withdraw", "retention", "recipients", "rectify", "speakers", "close")
FAILURES = (
    "anonpipeerror",
    "recordingerror",
    "usageerror",
    "consenterror",
    "vaulterror",
    "auditerror",
    "modelerror",
    "memoryerror",
    "oserror",
    "name-left",
    "networkblocked",
    "unexpected",
)
"""Why a source failed: classes of errors, in small letters."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A set of values: `says` describes it for people, `holds` decides for any JSON value.

    `item` is the kind of what is in a list.
    """

    name: str
    says: str
    holds: Callable[[object], bool] = field(compare=False)
    item: Kind | None = None


def _matching(name: str, says: str, pattern: str) -> Kind:
    compiled = re.compile(pattern)
    return Kind(
        name, says, lambda value: isinstance(value, str) and bool(compiled.fullmatch(value))
    )


def one_of(*words: str) -> Kind:
    """One of the program's own words."""
    return Kind(
        " | ".join(words), "one of these words", lambda v: isinstance(v, str) and v in words
    )


def list_of(kind: Kind, most: int = MOST_IN_LIST) -> Kind:
    """A list of at most `most` values of one kind."""
    return Kind(
        f"list of {kind.name}",
        f"at most {most} of them",
        lambda value: (
            isinstance(value, list | tuple)
            and len(value) <= most
            and all(kind.holds(item) for item in value)
        ),
        kind,
    )


def _is_date(value: object) -> bool:
    if not isinstance(value, str) or not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
        return False
    try:
        date.fromisoformat(value)
    except ValueError:
        return False
    return True


def _is_time(value: object) -> bool:
    form = r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z"
    if not isinstance(value, str) or not re.fullmatch(form, value):
        return False
    try:
        datetime.fromisoformat(value)
    except ValueError:
        return False
    return True


def _is_rule(value: object) -> bool:
    if not isinstance(value, str):
        return False
    if value in (WITHDRAWAL, AT_END):
        return True
    name, colon, day = value.partition(":")
    if name not in (*get_args(RuleKind), EXPIRY):
        return False
    dated = name in (*DATED, EXPIRY)
    return (_is_date(day) if dated else not day) and bool(colon) == dated


def _is_approval(value: object) -> bool:
    form = rf"(?:(?:{'|'.join(REVIEWERS)})-)?[0-9]{{1,6}}(?:[-/.][0-9]{{1,6}}){{0,3}}"
    if not isinstance(value, str) or not re.fullmatch(form, value):
        return False
    # An identity number has eleven digits, whatever stands between them.
    return sum(char.isdigit() for char in value) <= 10


_BECH32 = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"


def _is_age_key(value: object) -> bool:
    """Whether it is an age recipient (X25519), by form and by Bech32's checksum (BIP 173)."""
    if not isinstance(value, str) or not re.fullmatch(rf"age1[{_BECH32}]{{58}}", value):
        return False
    prefix = [ord(char) >> 5 for char in "age"] + [0] + [ord(char) & 31 for char in "age"]
    check = 1
    for number in (*prefix, *(_BECH32.index(char) for char in value[4:])):
        top, check = check >> 25, (check & 0x1FFFFFF) << 5 ^ number
        for bit, term in enumerate((0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)):
            check ^= term if top >> bit & 1 else 0
    return check == 1


def _is_count(value: object) -> bool:
    return type(value) is int and 0 <= value <= MOST


COUNT = Kind("count", f"a whole number from 0 to {MOST}", _is_count)
FLAG = Kind("flag", "true or false", lambda value: isinstance(value, bool))
DIGEST = _matching("digest", "a SHA-256 or HMAC-SHA-256: 64 of 0-9a-f", r"[0-9a-f]{64}")
FINGERPRINT = _matching("fingerprint", "16 of 0-9a-f", r"[0-9a-f]{16}")
SIGNING_KEY = _matching("signing key", "an Ed25519 public key: 64 of 0-9a-f", r"[0-9a-f]{64}")
SIGNATURE = _matching("signature", "an Ed25519 signature: 128 of 0-9a-f", r"[0-9a-f]{128}")
AGE_KEY = Kind("age public key", "an age recipient with a right checksum", _is_age_key)
SOURCE = _matching("source", "R01 (a recording) or D01 (a document)", r"[RD][0-9]{2,6}")
PARTICIPANT = _matching("participant", "a participant's code: P01", PARTICIPANT_CODE.pattern)
ENTITY = _matching(
    "entity",
    "a code of the key: PERSON-1, or a participant's",
    rf"(?:{'|'.join(MENTION_TYPES)})-[1-9][0-9]{{0,5}}|{PARTICIPANT_CODE.pattern}",
)
BACKUP = _matching("backup", "a registered copy of the key: B01", r"B[0-9]{2,4}")
RECEIPT = _matching("receipt", "a deletion receipt: X0001", r"X[0-9]{4,6}")
ROLE = _matching(
    "role",
    "one of the roles, with -2 to -99 if it is taken",
    rf"(?:{'|'.join(ROLES)})(?:-(?:[2-9]|[1-9][0-9]))?",
)
DATE = Kind("date", "a day: 2026-03-01", _is_date)
TIME = Kind("time", "a moment in UTC: 2026-03-01T09:30:00Z", _is_time)
RULE = Kind("rule", "a rule of the register, with its date if it has one", _is_rule)
APPROVAL = Kind(
    "approval",
    f"{', '.join(REVIEWERS)} or nothing, and up to 10 digits in groups: SIKT-123456",
    _is_approval,
)
LANGUAGE = one_of("nb", "nn", "en")
SOURCE_KIND = one_of("audio", "text")
SUBJECT = Kind(
    "source, entity or participant",
    "any of these codes",
    lambda value: any(kind.holds(value) for kind in (SOURCE, ENTITY, PARTICIPANT)),
)
FILESYSTEM = Kind(
    "file system",
    "a name out of medium.FILESYSTEMS",
    lambda value: isinstance(value, str) and value in FILESYSTEMS,
)
MODEL = Kind(
    "model",
    "the digest of a model's files (16 or 64 digits), or none",
    lambda value: value == "none" or FINGERPRINT.holds(value) or DIGEST.holds(value),
)


def counts(*names: str) -> dict[str, Kind]:
    """Details that are counts, by name."""
    return dict.fromkeys(names, COUNT)
