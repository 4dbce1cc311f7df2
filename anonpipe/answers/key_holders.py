"""Who can open the key, who opened it, and whether it is apart from the data."""

from __future__ import annotations

import hashlib
from collections import Counter
from typing import Any

from anonpipe import closed
from anonpipe.answers.model import (
    Answer,
    Cell,
    Evidence,
    Mono,
    Say,
    Stamp,
    Table,
    Words,
    listed,
    number,
)
from anonpipe.audit import Entry
from anonpipe.receipt import Language

VAULT = 4


def fingerprint(public_key: str) -> str:
    """Sixteen hex digits that stand for a public key, as the log gives them."""
    return hashlib.sha256(public_key.encode()).hexdigest()[:16]


def holders(evidence: Evidence, language: Language) -> Answer:
    """Who can open the key: roles and fingerprints of the set that the log says, and its history.

    age does not say whose a recipient's stanza is, so this is what the log says, not the file.
    """
    say = Say(WORDS, language)
    changes = [entry for entry in evidence.vouched if entry.action == "recipients"]
    doubtful = len(evidence.doubtful())
    since: dict[str, str] = {}
    history: list[dict[str, Any]] = []
    for entry in changes:
        now = dict(zip(listed(entry, "keys"), listed(entry, "roles"), strict=False))
        before = dict(
            zip(listed(entry, "previous_keys"), listed(entry, "previous_roles"), strict=False)
        )
        for key in now:
            since[key] = since.get(key, entry.time) if key in before else entry.time
        history.append(
            {
                "time": entry.time,
                "seq": entry.seq,
                "added": _named(now, before),
                "removed": _named(before, now),
                "holders": len(now),
            }
        )
    last = changes[-1] if changes else None
    current = list(zip(listed(last, "keys"), listed(last, "roles"), strict=False)) if last else []
    gone = closed.state_of(evidence.log) in ("gone", "closed")
    known = [
        {"role": role, "public_key": key, "fingerprint": fingerprint(key), "since": since[key]}
        for key, role in current
    ]
    data = {
        "holders": [] if gone else known,
        "until_destroyed": known if gone else [],
        "history": history,
        "not_signed_at_once": doubtful,
    }
    rows = tuple(
        (
            say.code("role", role.split("-")[0]) + _number(role),
            Mono(fingerprint(key)),
            Stamp(since[key]),
        )
        for key, role in current
    )
    tables = [
        Table(
            say("holders.then" if gone else "holders.table"),
            (say("role"), say("fingerprint"), say("since")),
            rows,
        )
    ]
    if len(history) > 1:
        tables.append(
            Table(
                say("history.table"),
                (say("when"), say("added"), say("removed"), say("holders.after")),
                tuple(
                    (
                        Stamp(item["time"]),
                        _roles(item["added"], say),
                        _roles(item["removed"], say),
                        str(item["holders"]),
                    )
                    for item in history
                ),
            )
        )
    few = len(current) < 2
    roles = say.listed([str(row[0]) for row in rows]) if rows else ""
    return Answer(
        name="holders",
        question=say("holders?"),
        standing="attention"
        if not current
        else "note"
        if (few and not gone) or doubtful
        else "good",
        verdict=say("holders.none")
        if not current
        else say("holders.gone", roles=roles)
        if gone
        else say.n("holders", len(current), roles=roles),
        notes=(
            say("holders.note"),
            *((say("holders.few"),) if few and current and not gone else ()),
            *((say.n("doubtful", doubtful),) if doubtful else ()),
        ),
        tables=tuple(tables) if rows else (),
        data=data,
        exit_code=0 if current else VAULT,
    )


def _named(these: dict[str, str], others: dict[str, str]) -> list[dict[str, str]]:
    return [
        {"role": role, "fingerprint": fingerprint(key)}
        for key, role in these.items()
        if others.get(key) != role
    ]


def _number(role: str) -> str:
    name, _, number_ = role.rpartition("-")
    return f" {number_}" if name and number_.isdigit() else ""


def _roles(items: list[dict[str, str]], say: Say) -> str:
    return (
        ", ".join(say.code("role", i["role"].split("-")[0]) + _number(i["role"]) for i in items)
        or "–"
    )


def openings(evidence: Evidence, language: Language) -> Answer:
    """Who opened the key, when and why; the program's own work with it is not an opening."""
    say = Say(WORDS, language)
    found = list(evidence.of("key-opened"))
    reasons = Counter(str(entry.details.get("reason", "")) for entry in found)
    rows: list[tuple[Cell, ...]] = [
        (
            Stamp(entry.time),
            say.code("role", _role(entry).split("-")[0]) + _number(_role(entry)),
            Mono(str(entry.details.get("holder", ""))[:16] or "–"),
            say.code("act", str(entry.details.get("act", ""))),
            say.code("reason", str(entry.details.get("reason", ""))),
            Mono(entry.actor),
        )
        for entry in found
    ]
    columns = ("when", "role", "fingerprint", "act", "reason", "account")
    why = say.listed(
        [f"{say.code('reason', reason)} ({n})" for reason, n in reasons.most_common()] or ["–"]
    )
    return Answer(
        name="openings",
        question=say("openings?"),
        standing="note",
        verdict=say.n("openings", len(found), why=why) if found else say("openings.none"),
        notes=(say("openings.note"),),
        tables=(
            (Table(say("openings.table"), tuple(map(say, columns)), tuple(rows)),) if rows else ()
        ),
        data={
            "openings": [
                {
                    "time": entry.time,
                    "seq": entry.seq,
                    "role": _role(entry),
                    "holder": str(entry.details.get("holder", "")),
                    "act": str(entry.details.get("act", "")),
                    "reason": str(entry.details.get("reason", "")),
                    "entities": number(entry, "entities"),
                    "actor": entry.actor,
                }
                for entry in found
            ]
        },
    )


def _role(entry: Entry) -> str:
    return str(entry.details.get("role", "")) or "unknown"


WORDS: Words = {
    "holders?": {
        "en": "Who can open the key?",
        "nb": "Hvem kan åpne koblingsnøkkelen?",
    },
    "holders": {
        "en": "{n} holders can open the key: {roles}.",
        "nb": "{n} personer eller instanser kan åpne nøkkelen: {roles}.",
    },
    "holders.1": {
        "en": "One holder can open the key: {roles}.",
        "nb": "Én person eller instans kan åpne nøkkelen: {roles}.",
    },
    "holders.gone": {
        "en": "Nobody any more: the key was destroyed when the study was closed. Until then: "
        "{roles}.",
        "nb": "Ingen lenger: nøkkelen ble ødelagt da studien ble avsluttet. Til da: {roles}.",
    },
    "holders.note": {
        "en": "This is what the signed log says: an age file does not tell who its recipients are.",
        "nb": "Dette er hva den signerte loggen sier: en age-fil sier ikke hvem mottakerne er.",
    },
    "holders.few": {
        "en": "If that one identity is lost, the key is lost.",
        "nb": "Går den ene identiteten tapt, er nøkkelen tapt.",
    },
    "doubtful": {
        "en": "{n} entries of a kind that holders sign at once bear no such signature and do not "
        "count: a crash left them, or somebody without the key wrote them.",
        "nb": "{n} linjer av et slag som nøkkelholdere signerer straks, mangler den signaturen og "
        "teller ikke: et avbrudd etterlot dem, eller noen uten nøkkelen skrev dem.",
    },
    "doubtful.1": {
        "en": "One entry of a kind that holders sign at once bears no such signature and does not "
        "count: a crash left it, or somebody without the key wrote it.",
        "nb": "Én linje av et slag som nøkkelholdere signerer straks, mangler den signaturen og "
        "teller ikke: et avbrudd etterlot den, eller noen uten nøkkelen skrev den.",
    },
    "holders.table": {"en": "Holders of the key now", "nb": "De som kan åpne nøkkelen nå"},
    "holders.then": {"en": "Holders until then", "nb": "De som kunne åpne nøkkelen til da"},
    "history.table": {"en": "How that came about", "nb": "Hvordan det ble slik"},
    "holders.after": {"en": "Holders after it", "nb": "Antall etterpå"},
    "since": {"en": "Since", "nb": "Siden"},
    "added": {"en": "Added", "nb": "Lagt til"},
    "removed": {"en": "Removed", "nb": "Fjernet"},
    "act": {"en": "What for", "nb": "Hva"},
    "openings?": {
        "en": "Who opened the key, when and why?",
        "nb": "Hvem har åpnet nøkkelen, når og hvorfor?",
    },
    "openings": {
        "en": "The key was opened for a person {n} times: {why}.",
        "nb": "Nøkkelen er åpnet for en person {n} ganger: {why}.",
    },
    "openings.1": {
        "en": "The key was opened for a person once: {why}.",
        "nb": "Nøkkelen er åpnet for en person én gang: {why}.",
    },
    "openings.none": {
        "en": "Nobody has had the key opened to look into it.",
        "nb": "Ingen har fått nøkkelen åpnet for å se i den.",
    },
    "openings.note": {
        "en": "Each opening is logged before anything is shown. Whoever holds an identity can "
        "also open a copy of the key with the age program, which no log of this study sees.",
        "nb": "Hver åpning logges før noe vises. Den som har en identitet, kan også åpne en kopi "
        "av nøkkelen med programmet age, og det ser ikke loggen til denne studien.",
    },
    "openings.table": {"en": "Openings of the key", "nb": "Åpninger av nøkkelen"},
}
