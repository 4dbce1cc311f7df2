"""Whether runs stayed offline and with which models, and whether a person was in the loop."""

from __future__ import annotations

from collections import Counter
from typing import Any

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
    number,
)
from anonpipe.audit import Entry
from anonpipe.receipt import Language
from anonpipe.review import signatures
from anonpipe.study import Stage

BLOCKED = "networkblocked"
MODELS = ("speech", "names", "pipelines")


def offline(evidence: Evidence, language: Language) -> Answer:
    """Whether runs stayed offline, how that was made sure, and with which models they worked."""
    say = Say(WORDS, language)
    starts = list(evidence.of("run-start", "sealed-run-start"))
    bars = Counter(str(entry.details.get("network", "unknown")) for entry in starts)
    attempts = [entry for entry in evidence.of("failed") if entry.details.get("why") == BLOCKED]
    models: dict[tuple[str, str], list[Entry]] = {}
    for entry in starts:
        for kind in MODELS:
            value = entry.details.get(kind, ())
            for digest in value if isinstance(value, list | tuple) else (value,):
                if digest not in ("", "none"):
                    models.setdefault((kind, str(digest)), []).append(entry)
    for entry in evidence.of("transcribed"):  # what a recording was really heard with
        digest = str(entry.details.get("model", "none"))
        if digest != "none":
            models.setdefault(("speech", digest), []).append(entry)
    open_ = bars["open"]
    unknown = bars["unknown"]
    standing: Standing
    if not starts:
        verdict, standing = say("offline.none"), "note"
    elif open_:
        verdict, standing = say("offline.open", n=open_, all=len(starts)), "attention"
    elif unknown:
        verdict, standing = say("offline.unknown", n=unknown, all=len(starts)), "note"
    else:
        verdict, standing = say.n("offline", len(starts)), "good"
    notes = [say("offline.note")]
    if attempts:
        notes.append(say.n("offline.attempts", len(attempts)))
    rows: list[tuple[Cell, ...]] = [
        (
            say(f"model:{kind}"),
            Mono(digest),
            Stamp(min(e.time for e in entries)),
            Stamp(max(e.time for e in entries)),
        )
        for (kind, digest), entries in sorted(
            models.items(), key=lambda item: MODELS.index(item[0][0])
        )
    ]
    tables = []
    if starts:
        tables.append(
            Table(
                say("offline.table"),
                (say("how"), say("runs")),
                tuple((say.code("bar", bar), str(count)) for bar, count in sorted(bars.items())),
            )
        )
    if rows:
        columns = (say("model"), say("digest"), say("first"), say("last"))
        tables.append(Table(say("models.table"), columns, tuple(rows)))
    return Answer(
        name="offline",
        question=say("offline?"),
        standing=standing,
        verdict=verdict,
        notes=tuple(notes),
        tables=tuple(tables),
        data={
            "runs": len(starts),
            "network": dict(sorted(bars.items())),
            "attempts_refused": len(attempts),
            "models": [
                {"kind": kind, "digest": digest, "uses": len(entries)}
                for (kind, digest), entries in sorted(models.items())
            ],
        },
        exit_code=1 if open_ else 0,
    )


def oversight(evidence: Evidence, language: Language) -> Answer:
    """Whether a person was in the loop: what was signed off, and what went without it."""
    say = Say(WORDS, language)
    needed = evidence.study.settings.reviewers
    approvals: dict[str, Entry] = {}
    signed: dict[str, list[Entry]] = {}
    unreviewed: list[Entry] = []
    for entry in evidence.of("reviewed", "approved", "reset", "deleted"):
        name = str(entry.subject)
        if entry.action in ("reviewed", "approved"):
            signed.setdefault(name, []).append(entry)
            if entry.action == "approved":
                approvals[name] = entry
        elif entry.action == "reset":
            approvals.pop(name, None)  # coded anew: what was approved is not what is there
            signed.pop(name, None)
        elif name not in approvals and entry.result == "deleted":
            unreviewed.append(entry)
    persons = {name: _persons(approvals[name], signed[name]) for name in approvals}
    counted = signatures.by_source(evidence.entries, evidence.vouched)
    halfway = sorted(
        name for name, each in counted.items() if each and not any(one.last for one in each)
    )
    written = {str(entry.subject) for entry in evidence.of("written")}
    waiting = sorted(
        name
        for name, state in evidence.state.items()
        if state.stage is Stage.WRITTEN and state.approved is None
    )
    left = sorted({str(entry.subject) for entry in evidence.of("name-left")})
    rows: list[tuple[Cell, ...]] = [
        (
            name,
            Stamp(entry.time),
            Mono(entry.actor),
            str(persons[name]),
            str(number(entry, "changed")),
            str(number(entry, "accepted")),
        )
        for name, entry in sorted(approvals.items())
    ]
    without: list[tuple[Cell, ...]] = [
        (str(entry.subject), Stamp(entry.time), say.code("rule", _rule(entry)) + _day(entry))
        for entry in unreviewed
    ]
    tables = []
    if rows:
        columns = ("source", "when", "account", "persons", "changes", "accepted")
        tables.append(Table(say("approved.table"), tuple(map(say, columns)), tuple(rows)))
    if without:
        heads = (say("source"), say("when"), say("rule"))
        tables.append(Table(say("without.table"), heads, tuple(without)))
    notes = [say("oversight.note")]
    if waiting:
        notes.append(say("oversight.waiting", names=", ".join(waiting)))
    alone = sorted(name for name, count in persons.items() if count < needed)
    if alone:
        notes.append(say("oversight.two", names=", ".join(alone)))
    if halfway:
        notes.append(say("oversight.halfway", names=", ".join(halfway)))
    if left:
        notes.append(say("oversight.left", names=", ".join(left)))
    data: dict[str, Any] = {
        "written": sorted(written),
        "approved": [
            {
                "source": name,
                "time": entry.time,
                "actor": entry.actor,
                "changed_outputs": number(entry, "changed"),
                "accepted_hits": number(entry, "accepted"),
                "persons": persons[name],
                "reviewer": str(entry.details.get("reviewer", "")),
                "holder": str(entry.details.get("holder", "")),
            }
            for name, entry in sorted(approvals.items())
        ],
        "persons_needed": needed,
        "signed_by_one_of_two": halfway,
        "deleted_without_review": [
            {"source": e.subject, "time": e.time, "rule": str(e.details.get("rule", ""))}
            for e in unreviewed
        ],
        "waiting": waiting,
        "names_found_after_writing": left,
    }
    full = {name for name, count in persons.items() if count >= needed}
    key = "oversight.all" if written and written <= full else "oversight"
    return Answer(
        name="oversight",
        question=say("oversight?"),
        standing="good" if key == "oversight.all" else "note",
        verdict=say("oversight.none")
        if not written
        else say(
            key,
            approved=len(written & set(approvals)),
            written=len(written),
            without=len(unreviewed),
        ),
        notes=tuple(notes),
        tables=tuple(tables),
        data=data,
    )


def _persons(approval: Entry, signed: list[Entry]) -> int:
    """How many persons signed what an approval was given for, 2 at most."""
    found = [signatures.signature(entry) for entry in signed]
    last = signatures.signature(approval)
    return signatures.persons([each for each in found if each.signed == last.signed])


def _rule(entry: Entry) -> str:
    return str(entry.details.get("rule", "")).partition(":")[0]


def _day(entry: Entry) -> str:
    day = str(entry.details.get("rule", "")).partition(":")[2] or str(entry.details.get("day", ""))
    return f" {day}" if day else ""


WORDS: Words = {
    "offline?": {
        "en": "Did the runs stay offline, and with which models?",
        "nb": "Var kjøringene frakoblet nettet, og hvilke modeller ble brukt?",
    },
    "offline": {
        "en": "Yes: network access was refused in every run ({n}).",
        "nb": "Ja: nettilgang ble nektet i hver kjøring ({n}).",
    },
    "offline.1": {
        "en": "Yes: network access was refused in the one run.",
        "nb": "Ja: nettilgang ble nektet i den ene kjøringen.",
    },
    "offline.none": {"en": "Nothing has been run yet.", "nb": "Ingenting er kjørt ennå."},
    "offline.open": {
        "en": "No: in {n} of {all} runs the network was not refused.",
        "nb": "Nei: i {n} av {all} kjøringer ble nettilgang ikke nektet.",
    },
    "offline.unknown": {
        "en": "The log does not say it of {n} of {all} runs.",
        "nb": "Loggen sier det ikke om {n} av {all} kjøringer.",
    },
    "offline.note": {
        "en": "Refused by the program means that its own process refuses every connection; without "
        "an interface (an empty network namespace) the operating system has no network to offer.",
        "nb": "Nektet av programmet betyr at prosessen selv avviser enhver forbindelse; uten noe "
        "grensesnitt (tomt nettverksnavnerom) har operativsystemet ikke noe nett å tilby.",
    },
    "offline.attempts": {
        "en": "{n} attempts to connect were refused.",
        "nb": "{n} forsøk på å koble til ble avvist.",
    },
    "offline.attempts.1": {
        "en": "One attempt to connect was refused.",
        "nb": "Ett forsøk på å koble til ble avvist.",
    },
    "offline.table": {"en": "How the network was barred", "nb": "Hvordan nettet ble stengt ute"},
    "how": {"en": "How", "nb": "Hvordan"},
    "runs": {"en": "Runs", "nb": "Kjøringer"},
    "bar:process": {"en": "refused by the program", "nb": "nektet av programmet"},
    "bar:namespace": {
        "en": "no network interface at all, and refused by the program",
        "nb": "ikke noe nettverksgrensesnitt, og nektet av programmet",
    },
    "bar:open": {"en": "not barred", "nb": "ikke stengt"},
    "bar:unknown": {"en": "not logged", "nb": "ikke logget"},
    "models.table": {"en": "Models that were used", "nb": "Modeller som ble brukt"},
    "model": {"en": "Model", "nb": "Modell"},
    "digest": {"en": "Digest", "nb": "Avtrykk"},
    "first": {"en": "First used", "nb": "Først brukt"},
    "last": {"en": "Last used", "nb": "Sist brukt"},
    "model:speech": {"en": "speech", "nb": "tale"},
    "model:names": {"en": "names", "nb": "navn"},
    "model:pipelines": {"en": "names (spaCy)", "nb": "navn (spaCy)"},
    "oversight?": {
        "en": "Was a person in the loop?",
        "nb": "Har et menneske kontrollert resultatet?",
    },
    "oversight.all": {
        "en": "Yes: all {written} sources were signed off by a person.",
        "nb": "Ja: alle {written} kilder er godkjent av et menneske.",
    },
    "oversight": {
        "en": "In part: {approved} of {written} sources signed off by a person, and {without} of "
        "their originals deleted without that, as their rule allows.",
        "nb": "Delvis: {approved} av {written} kilder godkjent av et menneske, og {without} av "
        "originalene slettet uten det, slik regelen deres tillater.",
    },
    "oversight.none": {
        "en": "No source has been written yet.",
        "nb": "Ingen kilde er skrevet ut ennå.",
    },
    "oversight.note": {
        "en": "Signing off means that somebody ran the review; the log cannot show how closely "
        "they read.",
        "nb": "Godkjent betyr at noen kjørte gjennomgangen; loggen viser ikke hvor nøye de leste.",
    },
    "oversight.waiting": {"en": "Not signed off: {names}.", "nb": "Ikke godkjent: {names}."},
    "oversight.left": {
        "en": "In {names} the program found names after writing, and held deletion back.",
        "nb": "I {names} fant programmet navn etter utskriften, og holdt slettingen tilbake.",
    },
    "approved.table": {"en": "Signed off by a person", "nb": "Godkjent av et menneske"},
    "without.table": {
        "en": "Originals deleted without a review",
        "nb": "Originaler slettet uten gjennomgang",
    },
    "oversight.two": {
        "en": "The study wants two persons to sign each source; by one alone were signed: {names}.",
        "nb": "Studien vil at to personer signerer hver kilde; bare én har signert: {names}.",
    },
    "oversight.halfway": {
        "en": "One of two persons has signed: {names}.",
        "nb": "Én av to personer har signert: {names}.",
    },
    "persons": {"en": "Persons", "nb": "Personer"},
    "changes": {"en": "Files changed", "nb": "Filer endret"},
    "accepted": {"en": "Hits accepted", "nb": "Treff godtatt"},
}
