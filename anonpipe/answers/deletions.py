"""Whether originals were deleted: how, verified how, on what, by which rule, and what is left."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Literal

from anonpipe import decisions
from anonpipe.answers.model import (
    Answer,
    Cell,
    Evidence,
    Mono,
    Say,
    Stamp,
    Standing,
    Table,
    Words,
    listed,
)
from anonpipe.audit import Entry
from anonpipe.receipt import Language, Receipt
from anonpipe.receipt_check import check_all
from anonpipe.receipt_words import DONE, MEDIUM, OUT_OF_REACH, VERIFIED
from anonpipe.study import Stage

CONSENT = 3
LOG = 5
Fate = Literal["deleted", "already-gone", "kept", "waiting", "in-work"]


@dataclass(frozen=True, slots=True)
class Deletion:
    """What became of one original; times, codes and digests only.

    `waits_for` is "review", a date, "run" or ""; `sound` is False when its receipt is missing or
    does not fit the log. `encrypted` is when it was encrypted on arrival, "" if it was not; then
    `key_generations` counts the versions of the key file that held its data key, and
    `key_backups` are the registered copies among them.
    """

    source: str
    kind: str
    participants: tuple[str, ...]
    fate: Fate
    waits_for: str = ""
    time: str = ""
    rule: str = ""
    consent_versions: tuple[str, ...] = ()
    reviewed: str = ""
    receipt: str = ""
    sound: bool = True
    methods: tuple[str, ...] = ()
    verified: tuple[str, ...] = ()
    medium: str = ""
    filesystem: str = ""
    out_of_reach: tuple[str, ...] = ()
    size: int | None = None
    digest: str = ""
    encrypted: str = ""
    key_generations: int = 0
    key_backups: tuple[str, ...] = ()


def deletions(evidence: Evidence) -> tuple[Deletion, ...]:
    """What became of every original that the study knows or knew."""
    unsound = {
        item.id for item in check_all(evidence.study.receipts, evidence.entries) if item.problems
    }
    receipts = {receipt.id: receipt for receipt in evidence.receipts}
    names = {str(e.subject) for e in evidence.of("transcribed", "ingested", "deleted")}
    names |= set(evidence.state)
    return tuple(_one(evidence, name, receipts, unsound) for name in sorted(names, key=_order))


def _order(name: str) -> tuple[bool, int, str]:
    return (not name.startswith("R"), len(name), name)


def _one(
    evidence: Evidence, name: str, receipts: Mapping[str, Receipt], unsound: set[str | None]
) -> Deletion:
    state = evidence.state.get(name)
    last: Entry | None = None
    kind = state.kind if state else "text" if name.startswith("D") else "audio"
    participants: tuple[str, ...] = state.participants if state else ()
    encrypted = next((e.time for e in evidence.of("ingested", subject=name)), "")
    for entry in evidence.of("deleted", "transcribed", "ingested", subject=name):
        if entry.action == "deleted":
            last = entry
            participants = participants or listed(entry, "participants")
        elif last is not None and last.result != "deleted":
            last = None  # it was gone and has come back
    back = state is not None and state.stage is not Stage.FINAL
    if last is not None and not back:
        number = str(last.details.get("receipt", ""))
        receipt = receipts.get(number)
        return Deletion(
            name,
            kind,
            participants,
            "already-gone" if last.result == "already-gone" else "deleted",
            time=last.time,
            rule=str(last.details.get("rule", "")),
            consent_versions=receipt.consent_versions if receipt else (),
            reviewed=(receipt.approved_at or "") if receipt else "",
            receipt=number,
            sound=receipt is not None and number not in unsound,
            methods=listed(last, "methods"),
            verified=listed(last, "verified"),
            medium=str(last.details.get("medium", "unknown")),
            filesystem=str(last.details.get("filesystem", "unknown")),
            out_of_reach=listed(last, "out_of_reach"),
            size=receipt.erased.size if receipt else None,
            digest=receipt.digest if receipt else "",
            encrypted=encrypted,
            key_generations=len(receipt.key_generations) if receipt else 0,
            key_backups=receipt.key_backups if receipt else (),
        )
    if state is None or state.stage in (Stage.NEW, Stage.TRANSCRIBED, Stage.CODED):
        return Deletion(name, kind, participants, "in-work", encrypted=encrypted)
    if state.stage is Stage.FINAL or not decisions.deletes(evidence.study, state):
        fate: Fate = "kept"
        return Deletion(name, kind, participants, fate, rule=state.rule, encrypted=encrypted)
    demand = evidence.register.demand_of(participants) if evidence.register else None
    waits = "run"
    if demand is not None:
        waits = decisions.waits_for(evidence.study, state, demand, evidence.today) or "run"
    rule = str(demand.rule) if demand else state.rule
    return Deletion(
        name, kind, participants, "waiting", waits_for=waits, rule=rule, encrypted=encrypted
    )


def deletion(evidence: Evidence, language: Language, participant: str | None = None) -> Answer:
    """Whether the originals of a participant, or of everybody, were deleted."""
    say = Say(WORDS, language)
    found = deletions(evidence)
    if participant is not None:
        mine = set(evidence.sources_of(participant))
        found = tuple(d for d in found if d.source in mine)
    gone = [d for d in found if d.fate in ("deleted", "already-gone")]
    there = [d for d in found if d not in gone]
    unsound = [d.source for d in gone if not d.sound]
    who = participant or say("study")
    if not found:
        verdict = say("deletion.unknown", who=who)
    elif not there:
        verdict = say.n("deletion.all", len(gone), who=who)
    elif not gone:
        verdict = say.n("deletion.none", len(there), who=who)
    else:
        verdict = say("deletion.some", gone=len(gone), all=len(found), who=who)
    notes = []
    if any(d.fate == "already-gone" for d in gone):
        names = ", ".join(d.source for d in gone if d.fate == "already-gone")
        notes.append(say("deletion.already", names=names))
    if unsound:
        notes.append(say("deletion.unsound", names=", ".join(unsound)))
    if gone:
        notes.append(say("deletion.note"))
    standing: Standing = "attention" if unsound else "note" if there or not found else "good"
    tables = (
        tuple(_facts(d, say) for d in found)
        if participant is not None
        else tuple(_overview(found, say))
    )
    return Answer(
        name="deletion",
        question=say("deletion?" if participant is None else "deletion?1", who=who),
        standing=standing,
        verdict=verdict,
        notes=tuple(notes),
        tables=tables,
        data={"participant": participant, "originals": [asdict(d) for d in found]},
        exit_code=LOG if unsound else 0,
    )


def _fate(item: Deletion, say: Say) -> str:
    if item.fate == "waiting":
        waits = say.code("waits", item.waits_for)
        return say("fate.waiting", waits=waits)
    return say(f"fate.{item.fate}")


def _facts(item: Deletion, say: Say) -> Table:
    """All that is known of one original, a fact a row."""
    lang = say.language
    rows: list[tuple[Cell, ...]] = [(say("state"), _fate(item, say))]
    if item.encrypted:
        rows.append((say("encrypted"), Stamp(item.encrypted)))
    if item.fate in ("deleted", "already-gone"):
        rows += [
            (say("when"), Stamp(item.time)),
            (say("how"), " ".join(DONE[m][lang] for m in item.methods) or say("how.none")),
            (say("verified"), " ".join(VERIFIED[v][lang] for v in item.verified) or "–"),
            (say("medium"), f"{MEDIUM[item.medium][lang]}, {say.code('fs', item.filesystem)}"),
            *(((say("held"), _held(item, say)),) if item.key_generations else ()),
            (say("reach"), " ".join(OUT_OF_REACH[c][lang] for c in item.out_of_reach)),
            (say("rule"), _rule(item.rule, say)),
            (say("versions"), ", ".join(item.consent_versions) or "–"),
            (say("reviewed"), Stamp(item.reviewed) if item.reviewed else say("no")),
            (
                say("size"),
                "–" if item.size is None else f"{item.size:,}".replace(",", "\u202f") + " B",
            ),
            (
                say("receipt"),
                item.receipt if item.sound else say("receipt.unsound", id=item.receipt),
            ),
            (say("digest"), Mono(item.digest or "–")),
        ]
    elif item.rule:
        rows.append((say("rule"), _rule(item.rule, say)))
    return Table(f"{item.source} ({say(item.kind)})", (say("fact"), say("value")), tuple(rows))


def _held(item: Deletion, say: Say) -> str:
    copies = ", ".join(item.key_backups) or say("none")
    return say.n("generations", item.key_generations, copies=copies)


def _overview(found: tuple[Deletion, ...], say: Say) -> Iterator[Table]:
    lang = say.language
    gone = [d for d in found if d.fate in ("deleted", "already-gone")]
    if gone:
        columns = ("source", "participants", "when", "how", "medium", "rule", "receipt")
        yield Table(
            say("gone.table"),
            tuple(map(say, columns)),
            tuple(
                (
                    d.source,
                    ", ".join(d.participants),
                    Stamp(d.time),
                    ", ".join(say.code("method", m) for m in d.methods) or say("fate.already-gone"),
                    f"{MEDIUM[d.medium][lang]}, {say.code('fs', d.filesystem)}",
                    _rule(d.rule, say),
                    d.receipt if d.sound else say("receipt.unsound", id=d.receipt),
                )
                for d in gone
            ),
        )
    there = [d for d in found if d not in gone]
    if there:
        yield Table(
            say("there.table"),
            (say("source"), say("participants"), say("state"), say("rule")),
            tuple(
                (d.source, ", ".join(d.participants), _fate(d, say), _rule(d.rule, say))
                for d in there
            ),
        )
    reach = dict.fromkeys(code for d in gone for code in d.out_of_reach)
    if reach:
        yield Table(
            say("reach.table"),
            (say("reach"), say("source")),
            tuple(
                (
                    OUT_OF_REACH[code][lang],
                    _few([d.source for d in gone if code in d.out_of_reach], len(gone), say),
                )
                for code in reach
            ),
        )


def _few(names: list[str], all_: int, say: Say) -> str:
    return say("all") if len(names) == all_ and all_ > 1 else ", ".join(names)


def _rule(rule: str, say: Say) -> str:
    name, _, day = rule.partition(":")
    return f"{say.code('rule', name)} {day}".strip() or "–"


WORDS: Words = {
    "deletion?": {
        "en": "Were the originals deleted, how, and by which rule?",
        "nb": "Er originalene slettet, hvordan, og etter hvilken regel?",
    },
    "deletion?1": {
        "en": "Were the originals of {who} deleted, how, and by which rule?",
        "nb": "Er originalene til {who} slettet, hvordan, og etter hvilken regel?",
    },
    "study": {"en": "the study", "nb": "studien"},
    "deletion.unknown": {
        "en": "The study knows of no recording or document of {who}.",
        "nb": "Studien kjenner ikke til noe opptak eller dokument fra {who}.",
    },
    "deletion.all": {
        "en": "Yes: all {n} originals of {who} are gone.",
        "nb": "Ja: alle {n} originaler fra {who} er borte.",
    },
    "deletion.all.1": {
        "en": "Yes: the one original of {who} is gone.",
        "nb": "Ja: den ene originalen fra {who} er borte.",
    },
    "deletion.none": {
        "en": "Not yet: all {n} originals of {who} are still there.",
        "nb": "Ikke ennå: alle {n} originaler fra {who} er der fortsatt.",
    },
    "deletion.none.1": {
        "en": "Not yet: the one original of {who} is still there.",
        "nb": "Ikke ennå: den ene originalen fra {who} er der fortsatt.",
    },
    "deletion.some": {
        "en": "In part: {gone} of {all} originals of {who} are gone.",
        "nb": "Delvis: {gone} av {all} originaler fra {who} er borte.",
    },
    "deletion.already": {
        "en": "{names}: gone before the program came to delete it, so it cannot say how.",
        "nb": "{names}: borte før programmet kom for å slette, så det kan ikke si hvordan.",
    },
    "deletion.unsound": {
        "en": "{names}: the receipt is missing or does not fit the log; "
        "see `anonpipe audit receipt verify`.",
        "nb": "{names}: kvitteringen mangler eller stemmer ikke med loggen; "
        "se `anonpipe audit receipt verify`.",
    },
    "deletion.note": {
        "en": "The program can only speak of the files that it deleted itself, not of copies "
        "elsewhere.",
        "nb": "Programmet kan bare svare for filene det selv slettet, ikke for kopier andre "
        "steder.",
    },
    "gone.table": {"en": "Originals that are gone", "nb": "Originaler som er borte"},
    "there.table": {"en": "Originals that are there", "nb": "Originaler som er der"},
    "reach.table": {
        "en": "Copies that the program cannot reach",
        "nb": "Kopier som programmet ikke kan nå",
    },
    "fate.deleted": {"en": "deleted", "nb": "slettet"},
    "fate.already-gone": {"en": "gone already", "nb": "allerede borte"},
    "fate.kept": {"en": "kept, as the settings say", "nb": "beholdt, slik innstillingene sier"},
    "fate.in-work": {"en": "there, not yet written out", "nb": "der, ikke skrevet ut ennå"},
    "fate.waiting": {"en": "there, waits for {waits}", "nb": "der, venter på {waits}"},
    "waits:review": {"en": "review", "nb": "gjennomgang"},
    "waits:run": {"en": "the next run", "nb": "neste kjøring"},
    "how.none": {"en": "nothing; it was gone", "nb": "ingenting; den var borte"},
    "method:unlink": {"en": "removed", "nb": "fjernet"},
    "method:overwrite-attempted": {"en": "overwriting attempted", "nb": "forsøkt overskrevet"},
    "method:crypto-erase": {"en": "its data key destroyed", "nb": "datanøkkelen ødelagt"},
    "fs:copy-on-write": {"en": "copy-on-write file system", "nb": "copy-on-write-filsystem"},
    "fs:network": {"en": "network file system", "nb": "nettverksfilsystem"},
    "fs:journaled": {"en": "journaling file system", "nb": "filsystem med journal"},
    "fs:plain": {"en": "file system without a journal", "nb": "filsystem uten journal"},
    "fs:unknown": {"en": "file system unknown", "nb": "ukjent filsystem"},
    "encrypted": {"en": "Encrypted on arrival", "nb": "Kryptert ved ankomst"},
    "held": {"en": "Held its data key", "nb": "Hadde datanøkkelen"},
    "generations": {
        "en": "{n} versions of the key file; registered copies: {copies}",
        "nb": "{n} utgaver av nøkkelfilen; registrerte kopier: {copies}",
    },
    "generations.1": {
        "en": "one version of the key file; registered copies: {copies}",
        "nb": "én utgave av nøkkelfilen; registrerte kopier: {copies}",
    },
    "none": {"en": "none", "nb": "ingen"},
    "how": {"en": "How", "nb": "Hvordan"},
    "verified": {"en": "Verified how", "nb": "Kontrollert hvordan"},
    "medium": {"en": "It lay on", "nb": "Lå på"},
    "reach": {"en": "Out of reach", "nb": "Utenfor rekkevidde"},
    "versions": {"en": "Version of the consent", "nb": "Versjon av samtykket"},
    "reviewed": {"en": "Outputs reviewed", "nb": "Resultatet gjennomgått"},
    "no": {"en": "no", "nb": "nei"},
    "all": {"en": "all of them", "nb": "alle"},
    "size": {"en": "Size", "nb": "Størrelse"},
    "receipt": {"en": "Receipt", "nb": "Kvittering"},
    "receipt.unsound": {"en": "{id}: does not fit", "nb": "{id}: stemmer ikke"},
    "digest": {"en": "Keyed digest", "nb": "Nøklet avtrykk"},
    "fact": {"en": "What", "nb": "Hva"},
    "value": {"en": "Answer", "nb": "Svar"},
    "audio": {"en": "recording", "nb": "opptak"},
    "text": {"en": "document", "nb": "dokument"},
}
