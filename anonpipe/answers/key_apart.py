"""Whether the key is apart from the data: where it lies, how it is kept, and its copies.

Paths stay out of it: they may name people.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Literal

from anonpipe import closed, vault
from anonpipe.answers.model import Answer, Cell, Evidence, Mono, Say, Stamp, Table, Words
from anonpipe.custody import Status
from anonpipe.errors import UsageError, VaultError
from anonpipe.keyfile import expected_digests
from anonpipe.receipt import Language
from anonpipe.receipt_words import MEDIUM
from anonpipe.recipients import check_file

VAULT = 4
Problem = Literal["not-there", "readable", "other-version", "not-apart", "list", "bare", "other"]


def apart(evidence: Evidence, status: Status, language: Language) -> Answer:
    """Whether the key is apart from the data; `status` is that of `custody`."""
    say = Say(WORDS, language)
    gone = not status.digest and closed.state_of(evidence.log) in ("gone", "closed")
    destroyed = next(evidence.of("key-destroyed"), None) if gone else None
    problems = () if destroyed else tuple(_problems(evidence, status))
    same = status.on_study_device
    if destroyed:
        verdict = say("destroyed")
    elif problems:
        verdict = say("no", problems=say.listed([say(f"problem:{code}") for code in problems]))
    else:
        verdict = say("yes.same" if same else "yes")
    notes = []
    if not destroyed:
        if same:
            notes.append(say("same"))
        if status.identities_beside and not status.identities_bare:
            notes.append(say.n("beside", status.identities_beside))
        if not any(not item.destroyed for item in status.backups):
            notes.append(say("no-backups"))
        if any(item.behind and not item.destroyed for item in status.backups):
            notes.append(say("behind"))
    rows: list[tuple[Cell, ...]] = []
    if status.digest:
        rows = [
            (say("device"), f"{MEDIUM[status.device][language]}, {status.filesystem}"),
            (say("shared"), say("unknown") if same is None else say("is") if same else say("isnt")),
            (say("mode"), Mono(status.mode)),
            (say("digest"), Mono(status.digest[:16])),
            (say("fits"), say("isnt" if "other-version" in problems else "is")),
            (say("saved"), Stamp(status.saved) if status.saved else "–"),
            (say("versions"), str(status.versions)),
        ]
    tables = []
    if rows and not destroyed:
        tables.append(Table(say("table"), (say("fact"), say("value")), tuple(rows)))
    copies: list[tuple[Cell, ...]] = [
        (
            item.id,
            Stamp(item.made_at),
            f"{MEDIUM[item.device][language]}, {item.filesystem}",
            item.mode or "–",
            Mono(item.digest[:16]),
            str(item.behind),
            say(f"copy:{item.destroyed}"),
        )
        for item in status.backups
    ]
    if copies:
        columns = ("copy", "made", "device", "mode", "digest", "older", "state")
        tables.append(Table(say("copies"), tuple(map(say, columns)), tuple(copies)))
    return Answer(
        name="apart",
        question=say("apart?"),
        standing="attention"
        if problems
        else "note"
        if same or status.identities_beside
        else "good",
        verdict=verdict,
        notes=tuple(notes),
        tables=tuple(tables),
        data={
            "destroyed": destroyed.time if destroyed else None,
            "problems": list(problems),
            "device": status.device,
            "filesystem": status.filesystem,
            "on_study_device": same,
            "mode": status.mode,
            "digest": status.digest,
            "saved": status.saved,
            "versions": status.versions,
            "identities_beside": status.identities_beside,
            "backups": [asdict(item) for item in status.backups],
        },
        exit_code=VAULT if problems else 0,
    )


def _problems(evidence: Evidence, status: Status) -> Iterator[Problem]:
    """What is wrong, in codes: the sentences of `Status.problems` hold paths."""
    count = 0
    for code in _known(evidence, status):
        count += 1
        yield code
    if len(status.problems) > count:
        yield "other"
    if status.identities_bare:
        yield "bare"


def _known(evidence: Evidence, status: Status) -> Iterator[Problem]:
    study = evidence.study
    if not status.digest:
        yield "not-there"
    elif status.digest not in expected_digests(evidence.log):
        yield "other-version"
    if any("chmod" in sentence for sentence in status.problems):
        yield "readable"
    try:
        vault.check_apart(study.key_file, study.folder, [study.transcripts, study.bleeped])
    except UsageError:
        yield "not-apart"
    if study.key_file.parent.is_dir():
        try:
            check_file(study, evidence.log)
        except VaultError:
            yield "list"


WORDS: Words = {
    "apart?": {
        "en": "Is the key kept apart from the data?",
        "nb": "Er nøkkelen holdt atskilt fra dataene?",
    },
    "yes": {
        "en": "Yes: on another device than the study, and it is the version that the log knows.",
        "nb": "Ja: på en annen enhet enn studien, og det er versjonen som loggen kjenner.",
    },
    "yes.same": {
        "en": "Yes, in a folder of its own, but on the same device as the study.",
        "nb": "Ja, i en egen mappe, men på samme enhet som studien.",
    },
    "no": {"en": "Not as it should be: {problems}.", "nb": "Ikke som det skal være: {problems}."},
    "destroyed": {
        "en": "The key was destroyed when the study was closed.",
        "nb": "Nøkkelen ble ødelagt da studien ble avsluttet.",
    },
    "problem:not-there": {
        "en": "the key file is not there, or its device is not connected",
        "nb": "nøkkelfilen er ikke der, eller enheten er ikke koblet til",
    },
    "problem:readable": {
        "en": "other accounts of the machine can read the key file",
        "nb": "andre brukerkontoer på maskinen kan lese nøkkelfilen",
    },
    "problem:other-version": {
        "en": "the key file is not the version that the log knows",
        "nb": "nøkkelfilen er ikke versjonen som loggen kjenner",
    },
    "problem:not-apart": {
        "en": "it lies with the data or in the same synchronised folder",
        "nb": "den ligger sammen med dataene eller i samme synkroniserte mappe",
    },
    "problem:list": {
        "en": "the list of recipients beside it is not the one that the log knows",
        "nb": "listen over mottakere ved siden av den er ikke den som loggen kjenner",
    },
    "problem:bare": {
        "en": "an identity file that needs no passphrase lies beside it",
        "nb": "ved siden av den ligger en identitetsfil som ikke krever passordfrase",
    },
    "problem:other": {
        "en": "`anonpipe key status` says what else",
        "nb": "`anonpipe key status` sier hva mer",
    },
    "same": {
        "en": "Whoever takes that device has both; the key is encrypted, its holders’ identity "
        "files are what counts then.",
        "nb": "Den som tar enheten, har begge; nøkkelen er kryptert, så da er det identitetsfilene "
        "til dem som kan åpne den, det kommer an på.",
    },
    "beside": {
        "en": "{n} identity files lie beside the key; each is protected by its passphrase only.",
        "nb": "{n} identitetsfiler ligger ved siden av nøkkelen; bare passordfrasen beskytter dem.",
    },
    "beside.1": {
        "en": "One identity file lies beside the key; it is protected by its passphrase only.",
        "nb": "Én identitetsfil ligger ved siden av nøkkelen; bare passordfrasen beskytter den.",
    },
    "no-backups": {
        "en": "No backup of the key is registered.",
        "nb": "Ingen kopi av nøkkelen er registrert.",
    },
    "behind": {
        "en": "An older backup still opens for those who could open the key then.",
        "nb": "En eldre kopi kan fortsatt åpnes av dem som kunne åpne nøkkelen den gang.",
    },
    "table": {"en": "The key file", "nb": "Nøkkelfilen"},
    "fact": {"en": "What", "nb": "Hva"},
    "value": {"en": "Answer", "nb": "Svar"},
    "device": {"en": "Lies on", "nb": "Ligger på"},
    "shared": {"en": "On the study’s device", "nb": "På samme enhet som studien"},
    "unknown": {"en": "cannot be told", "nb": "kan ikke avgjøres"},
    "is": {"en": "yes", "nb": "ja"},
    "isnt": {"en": "no", "nb": "nei"},
    "mode": {"en": "Access", "nb": "Tilgang"},
    "digest": {"en": "Digest", "nb": "Avtrykk"},
    "fits": {"en": "The version in the log", "nb": "Versjonen i loggen"},
    "saved": {"en": "Last saved", "nb": "Sist lagret"},
    "versions": {"en": "Versions so far", "nb": "Versjoner så langt"},
    "copies": {"en": "Registered backups of the key", "nb": "Registrerte kopier av nøkkelen"},
    "copy:": {"en": "registered", "nb": "registrert"},
    "copy:deleted": {"en": "destroyed", "nb": "ødelagt"},
    "copy:already-gone": {"en": "gone", "nb": "borte"},
    "copy:attested": {"en": "destroyed, on a person’s word", "nb": "ødelagt, etter noens utsagn"},
    "copy": {"en": "Copy", "nb": "Kopi"},
    "made": {"en": "Made", "nb": "Laget"},
    "older": {"en": "Versions since", "nb": "Versjoner siden"},
}
