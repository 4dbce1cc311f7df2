"""What a log entry may say: every action, its subject, its results and its details, by kind.

A log that anybody may read must not be able to hold a name. So nothing in it is free text:
each value is of a declared kind (`log_kinds`), and no kind's values spell a name. What is not
declared here is refused, when it is written and when it is read.

To log something new, declare it in `ACTIONS`. Choose the narrowest kind. Never a file's name,
never text from an interview or from the register, never the digest of something that can be
guessed (a name, a file's name, a short text): a keyed digest only.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import get_args

from anonpipe.consent import COLUMNS, AtEnd
from anonpipe.log_kinds import (
    AGE_KEY,
    APPROVAL,
    BACKUP,
    COUNT,
    DATE,
    DIGEST,
    ENTITY,
    FAILURES,
    FILESYSTEM,
    FINGERPRINT,
    FLAG,
    LANGUAGE,
    MODEL,
    OPERATIONS,
    PARTICIPANT,
    REASONS,
    RECEIPT,
    ROLE,
    RULE,
    SIGNATURE,
    SIGNING_KEY,
    SOURCE,
    SOURCE_KIND,
    SUBJECT,
    Kind,
    counts,
    list_of,
    one_of,
)
from anonpipe.medium import Kind as MediumKind
from anonpipe.receipt_words import OUT_OF_REACH, VERIFIED
from anonpipe.review.decision import DECISION_KINDS, SCOPES
from anonpipe.settings import BleepSound, ChangedVoices
from anonpipe.status import JUDGED_REASONS
from anonpipe.transcript import MENTION_TYPES, FlagKind


@dataclass(frozen=True, slots=True)
class Action:
    """What an entry of one action must (`details`) and may (`optional`) hold.

    `subject` is None where there is none; `subject_optional` where there may be none.
    `signed` entries are signed at once if the key is at hand, and only then count where the
    safety of the key rests on them (`AuditLog.vouched_entries`).
    """

    says: str
    subject: Kind | None = None
    subject_optional: bool = False
    results: tuple[str, ...] = ("done",)
    details: Mapping[str, Kind] = field(default_factory=dict)
    optional: Mapping[str, Kind] = field(default_factory=dict)
    signed: bool = False


MENTION_COUNTS = counts(*(kind.casefold() for kind in MENTION_TYPES))
COMPARED = (
    *("found", "unchanged", "confirmed", "span", "retyped", "recoded", "rejected", "added"),
    *("final", "exact", "matched", "both", "machine", "person"),
)
"""The numbers of a comparison of the machine with who reviewed (`review.agreement.Counts`)."""
FLAG_COUNTS = counts(*get_args(FlagKind))
LOGGED_SOUNDS: Mapping[BleepSound, str] = {
    "tone": "beep",  # Tone is a first name
    "silence": "silence",
    "reversed": "reversed",
}
SIGNED = {"holder": FINGERPRINT, "signed": DIGEST}
RUN = {
    "network": one_of("process", "namespace", "open"),
    "speech": MODEL,
    "names": MODEL,
    "voices": MODEL,
    "pipelines": list_of(MODEL),
}

ACTIONS: Mapping[str, Action] = {
    # the log itself
    "log-created": Action(
        "the log begins: whose it is and who signs it",
        details={"study": FINGERPRINT},
        optional={"signer": SIGNING_KEY},
    ),
    "log-recovered": Action(
        "a writer was interrupted: its last line was removed (`cut_bytes`), or stands unsigned (0)",
        details={"cut_bytes": COUNT},
    ),
    "signature": Action(
        "all entries before this one are signed",
        details={"signer": SIGNING_KEY, "seq": COUNT, "head": DIGEST, "signature": SIGNATURE},
    ),
    "signer-changed": Action(
        "the signing key changes; counts when the old one has signed this",
        details={"old": SIGNING_KEY, "new": SIGNING_KEY},
        signed=True,
    ),
    # the study and its key
    "study-created": Action("the study begins", details=counts("recipients")),
    "names-sealed": Action("names went from study.toml into the key", details=counts("count")),
    "key-intent": Action(
        "a version of the key is about to take its place",
        results=("intended",),
        details={"key": DIGEST, "entities": COUNT},
        signed=True,
    ),
    "key-saved": Action(
        "a version of the key is in place; `recipients` is the digest of whom it is encrypted to",
        details={"key": DIGEST, "entities": COUNT, "recipients": DIGEST},
        signed=True,
    ),
    "key-opened": Action(
        "a person opened the key; the subject is the code that was asked for, if it was one",
        subject=ENTITY,
        subject_optional=True,
        details={
            "act": one_of(
                "show", "export", "reveal", "subject-export", "check", "review", "review-export"
            ),
            "reason": one_of(*REASONS),
            "holder": FINGERPRINT,
            "role": ROLE,
        },
    ),
    "key-backup": Action(
        "a copy of the key was registered, and is about to be made or made; `mode` as a number",
        subject=BACKUP,
        results=("intended", "done"),
        details={"key": DIGEST, "device": one_of(*get_args(MediumKind)), "filesystem": FILESYSTEM},
        optional={"mode": COUNT},
        signed=True,
    ),
    "recipients": Action(
        "to whom the key is encrypted from now on, and was before",
        details={
            "keys": list_of(AGE_KEY),
            "roles": list_of(ROLE),
            "previous_keys": list_of(AGE_KEY),
            "previous_roles": list_of(ROLE),
        },
        signed=True,
    ),
    # operations of many steps
    "operation-begun": Action(
        "a change of many steps begins; it will be completed once its plan (SHA-256 of the "
        "encrypted file) is on the disk",
        subject=SUBJECT,
        subject_optional=True,
        details={"kind": one_of(*OPERATIONS), "plan": DIGEST},
        signed=True,
    ),
    "operation-ended": Action(
        "a change of many steps is complete",
        subject=SUBJECT,
        subject_optional=True,
        details={"kind": one_of(*OPERATIONS)},
        signed=True,
    ),
    # runs and sources
    "run-start": Action(
        "a run begins: how the network is barred, and the models it will work with",
        details={"settings": DIGEST},
        optional=RUN,
    ),
    "run-end": Action(
        "a run ends",
        results=("done", "incomplete"),
        details=counts("final", "waiting", "refused", "failed"),
    ),
    "transcribed": Action(
        "the raw transcript is sealed",
        subject=SOURCE,
        details={
            "kind": SOURCE_KIND,
            "source": DIGEST,
            "turns": COUNT,
            "seconds": COUNT,
            "language": LANGUAGE,
            "model": MODEL,
        },
    ),
    "coded": Action(
        "mentions were found and given codes; how many of each type",
        subject=SOURCE,
        details={"settings": DIGEST, "mentions": COUNT},
        optional=MENTION_COUNTS,
    ),
    "written": Action(
        "outputs were written, read back and compared; how many spots are flagged, and how many "
        "per cent of the speech are in trouble",
        subject=SOURCE,
        details={"files": COUNT, "outputs": DIGEST},
        optional={**FLAG_COUNTS, "trouble": COUNT},
    ),
    "bleeped": Action(
        "a copy of a recording was written in which names are covered: by what sound, with which "
        "margin in milliseconds, over how many stretches, whose voices are changed as well, and "
        "whether it was transcribed to see that no name is left",
        subject=SOURCE,
        details={
            "sound": one_of(*LOGGED_SOUNDS.values()),
            "voices": one_of(*get_args(ChangedVoices)),
            "margin_ms": COUNT,
            "spans": COUNT,
            "listened": FLAG,
        },
    ),
    "swept": Action(
        "names found later were replaced in outputs",
        subject=SOURCE,
        details={"files": COUNT, "mentions": COUNT, "outputs": DIGEST},
    ),
    "reset": Action("a source is coded and written anew", subject=SOURCE),
    "speakers-changed": Action(
        "a person said who speaks: other labels, two of them swapped, or another number of "
        "speakers; how many there are now, and in how many turns another than before",
        subject=SOURCE,
        details={"how": one_of("labels", "swap", "number"), **counts("speakers", "turns")},
    ),
    "decided": Action(
        "a person decided something in a review, or took it back: what kind of thing, whether for "
        "one place, the source or the study, in how many places, and about which entity",
        subject=SOURCE,
        subject_optional=True,
        details={
            "kind": one_of(*DECISION_KINDS),
            "scope": one_of(*SCOPES),
            "places": COUNT,
            "undone": FLAG,
        },
        optional={"entity": ENTITY, "type": one_of(*MENTION_TYPES)},
    ),
    "compared": Action(
        "how far what the machine marked was changed in the review that was signed off, for one "
        "type of mention: how many it found; how many of them were left unchanged (confirmed "
        "expressly among them), changed in extent, type or code, or rejected; how many were added; "
        "how many there are at the end, and how many of those are the machine's, exactly or "
        "overlapping; how many characters were marked by both, the machine or the person alone",
        subject=SOURCE,
        details={"type": one_of(*MENTION_TYPES), **counts(*COMPARED)},
    ),
    "name-left": Action(
        "a name of the key can be read in an output",
        subject=SOURCE,
        results=("error",),
        details={"hits": COUNT, "codes": list_of(ENTITY)},
    ),
    "reviewed": Action(
        "a person reviewed the outputs and signed; they are signed off once another person has, "
        "too. `signed` is the digest of the outputs and of accepted hits, `reviewer` a keyed "
        "fingerprint of the name that was typed, `holder` the identity that opened the key",
        subject=SOURCE,
        details={**counts("changed", "accepted"), **SIGNED, "reviewer": FINGERPRINT},
        signed=True,
    ),
    "approved": Action(
        "a person reviewed the outputs and signed them off; the last one, where two must",
        subject=SOURCE,
        details=counts("changed", "accepted"),
        optional={**SIGNED, "reviewer": FINGERPRINT},
        signed=True,
    ),
    "failed": Action(
        "a source failed",
        subject=SOURCE,
        subject_optional=True,
        results=("error",),
        details={"why": one_of(*FAILURES)},
    ),
    "refused": Action(
        "a source was refused",
        subject=SOURCE,
        subject_optional=True,
        results=("error",),
        details={"why": one_of("consent")},
    ),
    # machines without the key; `delta` is the name of a delta, `file` the SHA-256 of its file
    "sealed-run-start": Action(
        "a run on a machine without the key begins",
        details={"settings": DIGEST},
        optional=RUN,
    ),
    "sealed-run-end": Action(
        "a run on a machine without the key ends",
        results=("done", "incomplete"),
        details=counts("sealed", "refused", "failed"),
    ),
    "delta-sealed": Action(
        "what a machine without the key found out of a source is sealed to the recipients",
        details={
            "delta": FINGERPRINT,
            "file": DIGEST,
            "kind": SOURCE_KIND,
            **counts("turns", "seconds", "mentions"),
            "model": MODEL,
        },
    ),
    "delta-resealed": Action(
        "a delta was encrypted anew, to other recipients",
        details={"delta": FINGERPRINT, "file": DIGEST},
    ),
    "delta-wanted": Action(
        "a delta that had served already is to be made anew", details={"delta": FINGERPRINT}
    ),
    "delta-removed": Action(
        "a delta is about to be deleted: its source has it, another takes its place, or consent "
        "was withdrawn and the original is gone",
        subject=SOURCE,
        subject_optional=True,
        details={"delta": FINGERPRINT, "reason": one_of("done", "outdated", "consent")},
    ),
    # encryption when a source comes in
    "ingest-intent": Action(
        "a source is about to be encrypted; from the next version of the key on, that holds its "
        "data key",
        subject=SOURCE,
        results=("intended",),
        details={"kind": SOURCE_KIND},
        signed=True,
    ),
    "ingested": Action(
        "a source lies encrypted in the study and was read back; its size before that in KiB, and "
        "how it was rid of metadata",
        subject=SOURCE,
        details={
            "kind": SOURCE_KIND,
            "participants": list_of(PARTICIPANT),
            "kib": COUNT,
            "source": DIGEST,
            "method": one_of("packets-copied", "samples-recoded", "text-only"),
        },
        signed=True,
    ),
    "plain-delete-intent": Action(
        "the unencrypted file of an encrypted source is about to be deleted, inside the study or "
        "outside",
        subject=SOURCE,
        results=("intended",),
        details={"inside": FLAG},
    ),
    "plain-deleted": Action(
        "the unencrypted file of an encrypted source is gone: how, and what it lay on",
        subject=SOURCE,
        results=("deleted", "already-gone"),
        details={
            "methods": list_of(one_of("overwrite-attempted", "unlink")),
            "medium": one_of(*get_args(MediumKind)),
            "copy_on_write": FLAG,
        },
    ),
    "data-key-destroyed": Action(
        "the data key of a source is gone from the key; how many earlier versions of the key held "
        "it, and how many registered copies of those there are",
        subject=SOURCE,
        details=counts("generations", "backups"),
        signed=True,
    ),
    # deletion
    "delete-intent": Action(
        "an original is about to be deleted",
        subject=SOURCE,
        results=("intended",),
        details={"rule": RULE, "source": DIGEST},
        optional={"receipt": RECEIPT},
        signed=True,
    ),
    "deleted": Action(
        "an original is gone; what its receipt says of it, and the digest of the receipt",
        subject=SOURCE,
        results=("deleted", "already-gone"),
        details={"rule": RULE},
        optional={
            "receipt": RECEIPT,
            "receipt_digest": DIGEST,
            "participants": list_of(PARTICIPANT),
            "medium": one_of(*get_args(MediumKind)),
            "filesystem": one_of("copy-on-write", "journaled", "network", "plain", "unknown"),
            "methods": list_of(one_of("unlink", "overwrite-attempted", "crypto-erase")),
            "verified": list_of(one_of(*VERIFIED)),
            "out_of_reach": list_of(one_of(*OUT_OF_REACH)),
        },
        signed=True,
    ),
    "bleeped-deleted": Action("a bleeped copy is gone", subject=SOURCE, details={"rule": RULE}),
    "outputs-deleted": Action(
        "the time of a source's transcripts was over, and they are gone",
        subject=SOURCE,
        details={"files": COUNT, "rule": RULE, "medium": one_of(*get_args(MediumKind))},
        signed=True,
    ),
    "source-removed": Action(
        "all that was made of a source is gone: outputs, copies, working files",
        subject=SOURCE,
        details={"rule": RULE, "files": COUNT},
    ),
    "final": Action(
        "nothing of a source is left but its outputs",
        subject=SOURCE,
        results=("done", "refused"),
    ),
    # the rights of the people that a study is about
    "unlinked": Action(
        "codes of somebody who withdrew became bare labels in what was made of other sources",
        subject=SOURCE,
        details=counts("files", "places", "raw"),
    ),
    "withdrawn": Action(
        "a withdrawal is complete: sources and files that are gone, entries of the key that are, "
        "places in other sources that link no more, and copies of the key out of reach; "
        "`record` is the digest of the withdrawal's receipt",
        subject=PARTICIPANT,
        details={
            "day": DATE,
            **counts("sources", "originals", "files", "entries", "others", "places"),
            **counts("exports", "backups"),
        },
        optional={"record": DIGEST},
        signed=True,
    ),
    "rectified": Action(
        "what the study holds about somebody was corrected: names in the key, or words in sources",
        subject=SUBJECT,
        details=counts("names", "sources", "files", "places"),
    ),
    # the end of a study
    "close-checklist": Action(
        "a checklist for the close was written: what is open, and what was found rare",
        details=counts("open", "rare", "links", "participants"),
    ),
    "close-intent": Action(
        "the close begins: who judged the material, when, and why it stays pseudonymised, if it "
        "does; `answers` is the digest of closing/answers.json",
        results=("intended",),
        details={
            "role": ROLE,
            "by": FINGERPRINT,
            "on": DATE,
            "why_not": list_of(one_of(*JUDGED_REASONS)),
            "answers": DIGEST,
        },
        signed=True,
    ),
    "close-deleted": Action(
        "outputs and originals are gone, since deletion was promised for the end of the study",
        subject=SOURCE,
        details=counts("files", "originals"),
    ),
    "restated": Action(
        "outputs say what the material may be called from now on; `left` of them could not",
        subject=SOURCE,
        details={"files": COUNT, "left": COUNT, "outputs": DIGEST},
    ),
    "backup-destroyed": Action(
        "a registered copy of the key is gone, or a person attests that it is",
        subject=BACKUP,
        results=("deleted", "already-gone", "attested"),
        optional={"role": ROLE, "by": FINGERPRINT},
        signed=True,
    ),
    "close-reported": Action(
        "the closing report is written; `report` is the digest of closing/report.json",
        details={"report": DIGEST},
        signed=True,
    ),
    "key-going": Action(
        "the key is about to be destroyed; `key` is its last version",
        results=("intended",),
        details={"key": DIGEST, "versions": COUNT},
        signed=True,
    ),
    "key-destroyed": Action("the key file is gone", results=("deleted", "already-gone")),
    "closed": Action("the study is closed"),
    # the consent register
    "consent-row": Action(
        "a row of the register is new or has changed; `row` is the digest of the rest",
        subject=PARTICIPANT,
        details={"rule": RULE, "review": FLAG, "quotes": FLAG, "archive": FLAG, "row": DIGEST},
        optional={
            "consented_on": DATE,
            "transcript_until": DATE,
            "withdrawn_on": DATE,
            "at_end": one_of(*get_args(AtEnd)),
        },
        signed=True,
    ),
    "consent-row-removed": Action(
        "a row of the register is gone", subject=PARTICIPANT, signed=True
    ),
    "consent-register": Action(
        "the register was taken in; `register` is the digest of all its rows",
        details={"register": DIGEST, "rows": COUNT},
    ),
    "consent-change-accepted": Action(
        "less was promised than before, and somebody accepted that with an approval",
        subject=SUBJECT,
        details={"columns": list_of(one_of(*COLUMNS)), "approval": APPROVAL},
        signed=True,
    ),
    # retention
    "retention-run": Action(
        "what was due was deleted",
        results=("done", "incomplete"),
        details=counts("deleted", "overdue", "failed"),
    ),
    "clock-confirmed": Action(
        "a person said that this machine's date is right, though the times before look odd",
        signed=True,
    ),
}


def check(action: object, subject: object, result: object, details: Mapping[str, object]) -> None:
    """ValueError unless an entry holds what its action declares; never shows a value."""
    declared = ACTIONS.get(action) if isinstance(action, str) else None
    if declared is None:
        raise ValueError("no such action of a log entry is declared")
    if result not in declared.results:
        raise ValueError(f"the log entry {action} has no such result")
    if subject is None:
        if declared.subject is not None and not declared.subject_optional:
            raise ValueError(f"the log entry {action} needs a subject")
    elif declared.subject is None or not declared.subject.holds(subject):
        raise ValueError(f"the subject of the log entry {action} is not of its kind")
    for name in declared.details:
        if name not in details:
            raise ValueError(f"the log entry {action} lacks its detail {name}")
    for name, value in details.items():
        kind = declared.details.get(name) or declared.optional.get(name)
        if kind is None:
            raise ValueError(f"the log entry {action} has a detail that is not declared")
        if not kind.holds(value):
            raise ValueError(f"detail {name} of the log entry {action} is not of its kind")
