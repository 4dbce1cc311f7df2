"""The closing report: what was done at the end of a study, for people and for programs.

It is written before the live key is destroyed, since the log must be signed for it; that the
key went is told by the log's entry "closed". Ids, codes, digests, numbers and dates only.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from anonpipe import __version__, status
from anonpipe.closing.examination import SourcePlan
from anonpipe.closing.questions import BASES_AGAINST, BASES_FOR, Answers
from anonpipe.files import write_durably
from anonpipe.medium import medium, synced_root
from anonpipe.receipt import OUT_OF_REACH
from anonpipe.receipt_words import MEDIUM
from anonpipe.session import Session
from anonpipe.status import Material

FORMAT = "anonpipe-closing-report"
VERSION = 1
Language = Literal["en", "nb"]


@dataclass(frozen=True, slots=True)
class Facts:
    """What the report tells besides what the log and the key know."""

    answers: Answers
    answers_digest: str
    material: Material
    findings: Mapping[str, Any]
    sources: tuple[SourcePlan, ...]
    backups: tuple[Mapping[str, Any], ...]


def write_report(session: Session, facts: Facts) -> str:
    """Write closing/report.json and report.txt (Norwegian and English); the JSON's SHA-256."""
    values = report(session, facts)
    data = json.dumps(values, indent=1).encode() + b"\n"
    text = "\n\n".join(to_text(values, facts.material, language) for language in ("nb", "en"))
    folder = session.study.closing
    write_durably(folder / "report.json", data, mode=0o644)
    write_durably(folder / "report.txt", text.encode(), mode=0o644)
    return hashlib.sha256(data).hexdigest()


def report(session: Session, facts: Facts) -> dict[str, Any]:
    """The report as plain JSON values; the same each time it is made for one close."""
    key = session.study.key_file
    vouched = session.log.vouched_entries()
    saved = [entry for entry in vouched if entry.action == "key-saved"]
    intent = next(entry for entry in vouched if entry.action == "close-intent")
    left = {e.subject: e.details["left"] for e in session.log.entries() if e.action == "restated"}
    return {
        "format": FORMAT,
        "version": VERSION,
        "study": session.study.settings.id,
        "program": f"anonpipe {__version__}",
        "begun": intent.time,
        "log": intent.hash,
        "material": facts.material.to_json(),
        "answers": {**facts.answers.to_json(), "sha256": facts.answers_digest},
        "findings": facts.findings,
        "sources": [
            {
                "id": source.id,
                "kind": source.kind,
                "participants": list(source.participants),
                "outputs": len(source.outputs),
                "result": "deleted" if source.deletes else "kept",
                "original": ("deleted" if source.deletes else "kept")
                if source.original
                else "gone",
                "not_restated": left.get(source.id, 0),
                "until": source.until,
            }
            for source in facts.sources
        ],
        "key": {
            "versions": len(saved),
            "last": saved[-1].details["key"],
            "medium": asdict(medium(key)),
            "out_of_reach": list(_out_of_reach(session)),
            "recipients": [
                {"role": who.label, "fingerprint": who.fingerprint}
                for who in session.key.recipients
            ],
        },
        "backups": [dict(backup) for backup in facts.backups],
        "copies": dict(facts.answers.copies),
    }


def _out_of_reach(session: Session) -> Iterator[str]:
    """What may be left of the key where no program reaches, as receipts say it of files."""
    key = session.study.key_file
    lies_on = medium(key)
    known = {
        "synced-folder": synced_root(key) is not None,
        "copy-on-write": lies_on.copy_on_write,
        "flash": lies_on.kind in ("ssd", "removable"),
        "server": lies_on.kind == "network",
        "disk-unknown": lies_on.kind == "unknown",
        "journal": "journal" in lies_on.notes,
    }
    yield "earlier-versions"
    yield from (code for code, applies in known.items() if applies)
    yield from ("snapshots", "backups", "identities")


_MORE: dict[str, dict[Language, str]] = {
    "earlier-versions": {
        "en": "Earlier versions of the key, which newer ones replaced without overwriting them.",
        "nb": "Tidligere versjoner av nøkkelen, som nyere har erstattet uten å overskrive dem.",
    },
    "identities": {
        "en": "The identities of the holders, which are theirs: what is left of a key can be read "
        "with them alone, so the holders should delete them too.",
        "nb": "Identitetene til nøkkelholderne, som er deres egne: det som er igjen av en nøkkel, "
        "kan bare leses med dem, så holderne bør slette dem også.",
    },
}
_RESULTS: dict[str, dict[Language, str]] = {
    "deleted": {"en": "destroyed by the program", "nb": "ødelagt av programmet"},
    "already-gone": {
        "en": "gone when the program came (back) to destroy it",
        "nb": "borte da programmet kom (tilbake) for å ødelegge den",
    },
    "attested": {
        "en": "not seen by the program; the judge attests that it is destroyed",
        "nb": "ikke sett av programmet; den som vurderte, bekrefter at den er ødelagt",
    },
}
_BECAME: dict[str, dict[Language, str]] = {
    "deleted": {"en": "deleted", "nb": "slettet"},
    "kept": {"en": "kept", "nb": "beholdt"},
    "gone": {"en": "gone before", "nb": "borte fra før"},
}
_COPIES: dict[str, dict[Language, str]] = {
    "recorder": {"en": "on the recorder", "nb": "på opptakeren"},
    "phone": {"en": "on telephones", "nb": "på telefoner"},
    "cloud": {"en": "in cloud services", "nb": "i skytjenester"},
    "email": {"en": "in e-mail and messages", "nb": "i e-post og meldinger"},
    "exports": {"en": "exports of the key", "nb": "eksporter av nøkkelen"},
    "backups": {"en": "backups of computers", "nb": "sikkerhetskopier av maskiner"},
}
_STATES: dict[str, dict[Language, str]] = {
    "destroyed": {"en": "destroyed", "nb": "ødelagt"},
    "none": {"en": "there never was one", "nb": "det har aldri vært noen"},
    "exists": {"en": "EXISTS", "nb": "FINNES"},
}
_CRITERIA: dict[str, dict[Language, str]] = {
    "singling-out": {"en": "singling out", "nb": "å skille ut enkeltpersoner"},
    "linkability": {"en": "linking records", "nb": "å koble opplysninger"},
    "inference": {"en": "inference", "nb": "å slutte seg til opplysninger"},
    "small-group": {
        "en": "recognition in the small group",
        "nb": "gjenkjenning i den lille gruppen",
    },
}
_BASES: dict[Language, dict[str, str]] = {
    "en": BASES_FOR | BASES_AGAINST,
    "nb": {
        "read-through": "hver transkripsjon er lest i sin helhet med dette spørsmålet for øye",
        "second-reader": "en til har lest dem",
        "generalised": "aldre, steder, yrker og datoer er gjort mindre nøyaktige",
        "rare-judged": "hver sjelden kombinasjon er vurdert",
        "links-judged": "hver kobling mellom deltakere er vurdert",
        "large-group": "gruppen som deltakerne kommer fra, er stor",
        "recognition-tried": "noen har forsøkt å kjenne igjen deltakerne og klarte det ikke",
        "rare-values": "en kombinasjon av opplysninger peker på noen",
        "rare-story": "en historie eller hendelse røper hvem det var",
        "own-words": "dialekt eller måte å snakke på røper hvem det var",
        "small-community": "deltakerne kommer fra et lite miljø",
        "known-participation": "andre vet hvem som deltok",
        "links": "det flere deltakere forteller, hører sammen",
        "not-examined": "ingen har undersøkt det",
    },
}
_WORDS: dict[Language, dict[str, str]] = {
    "en": {
        "title": "Closing report",
        "study": "Study",
        "begun": "Close begun (UTC)",
        "judge": "Judged by",
        "log": "Intent in the log",
        "answers": "Answers (SHA-256)",
        "program": "Program",
        "ruled_out": "Ruled out, in the judgement of the one named above (WP216):",
        "yes": "yes",
        "no": "NO",
        "basis": "rests on",
        "participants": "Participants whose material is kept: {n}",
        "rare": "Rare combinations found, by code: {n}; codes that link participants: {m}",
        "sources": "What became of each source:",
        "until": "may be kept to {day}: delete it by hand then, nothing else will",
        "original": "original",
        "outputs": "{n} file(s) written from it",
        "left": "{n} of them carry no statement, as somebody took it out",
        "key": "The key, {n} versions, the last on: {medium}, file system {filesystem}",
        "last": "It is destroyed last, after this report is written; the entry “closed” at the end "
        "of the log says that it was done.",
        "holders": "It could be opened by:",
        "backups": "Registered backups of the key:",
        "none": "none",
        "made": "made {on}",
        "copies": "Copies that the program cannot reach, as answered:",
        "reach": "What may be left of the key where no program reaches:",
    },
    "nb": {
        "title": "Sluttrapport",
        "study": "Studie",
        "begun": "Avslutning begynt (UTC)",
        "judge": "Vurdert av",
        "log": "Varslet i loggen som",
        "answers": "Svarene (SHA-256)",
        "program": "Program",
        "ruled_out": "Utelukket, etter vurdering av den som er nevnt over (WP216):",
        "yes": "ja",
        "no": "NEI",
        "basis": "bygger på",
        "participants": "Deltakere som det er beholdt materiale fra: {n}",
        "rare": "Sjeldne kombinasjoner, etter kode: {n}; koder som knytter deltakere sammen: {m}",
        "sources": "Hva som skjedde med hver kilde:",
        "until": "kan beholdes til {day}: slett det da for hånd, ingenting annet gjør det",
        "original": "original",
        "outputs": "{n} fil(er) laget av den",
        "left": "{n} av dem sier ikke hva materialet er, fordi noen har tatt det ut",
        "key": "Nøkkelen, {n} versjoner, den siste på: {medium}, filsystem {filesystem}",
        "last": "Den ødelegges til slutt, etter at denne rapporten er skrevet; linjen «closed» til "
        "slutt i loggen sier at det ble gjort.",
        "holders": "Den kunne åpnes av:",
        "backups": "Registrerte sikkerhetskopier av nøkkelen:",
        "none": "ingen",
        "made": "laget {on}",
        "copies": "Kopier som programmet ikke kan nå, slik det er svart:",
        "reach": "Det som kan være igjen av nøkkelen der ingen programmer når:",
    },
}


def to_text(values: Mapping[str, Any], material: Material, language: Language) -> str:
    """The report for reading, with a line feed at the end."""
    return "\n".join(_lines(values, material, language)) + "\n"


def _lines(values: Mapping[str, Any], material: Material, language: Language) -> Iterator[str]:
    say = _WORDS[language]
    yield say["title"]
    yield "=" * len(say["title"])
    yield ""
    yield material.line(language)
    yield ""
    judge = values["material"]["judged_by"]
    facts = {
        "study": values["study"],
        "judge": f"{status.role_name(judge['role'], language)} ({judge['fingerprint']}), "
        f"{values['material']['on']}",
        "begun": values["begun"],
        "log": values["log"],
        "answers": values["answers"]["sha256"],
        "program": values["program"],
    }
    width = max(len(say[name]) for name in facts) + 2
    yield from (f"{say[name] + ':':<{width}}{value}" for name, value in facts.items())
    yield ""
    yield say["ruled_out"]
    for code, answer in values["answers"]["criteria"].items():
        said = say["yes"] if answer["ruled_out"] else say["no"]
        rests = f"{say['basis']}: {'; '.join(_BASES[language][basis] for basis in answer['basis'])}"
        yield f"  - {_CRITERIA[code][language]}: {said} ({rests})"
    yield ""
    found = values["findings"]
    yield say["participants"].format(n=len(found["participants"]))
    yield say["rare"].format(n=len(found["rare"]), m=len(found["links"]))
    yield ""
    yield say["sources"]
    for source in values["sources"] or ():
        yield f"  - {_source(source, language)}"
    yield ""
    lies_on = values["key"]["medium"]
    yield say["key"].format(
        n=values["key"]["versions"],
        medium=MEDIUM[lies_on["kind"]][language],
        filesystem=lies_on["filesystem"],
    )
    yield say["last"]
    yield say["holders"]
    for who in values["key"]["recipients"]:
        yield f"  - {status.role_name(who['role'], language)} ({who['fingerprint']})"
    yield ""
    yield say["backups"]
    for backup in values["backups"]:
        made = say["made"].format(on=backup["made_at"][:10])
        kind = MEDIUM[backup["medium"]["kind"]][language]
        yield f"  - {backup['id']}, {made}, {kind}: {_RESULTS[backup['result']][language]}"
    if not values["backups"]:
        yield f"  - {say['none']}"
    yield ""
    yield say["copies"]
    for place, state in values["copies"].items():
        yield f"  - {_COPIES[place][language]}: {_STATES[state][language]}"
    yield ""
    yield say["reach"]
    for code in values["key"]["out_of_reach"]:
        yield f"  - {(_MORE.get(code) or OUT_OF_REACH[code])[language]}"


def _source(source: Mapping[str, Any], language: Language) -> str:
    say = _WORDS[language]
    text = (
        f"{source['id']} ({'+'.join(source['participants'])}): "
        f"{say['outputs'].format(n=source['outputs'])} {_BECAME[source['result']][language]}; "
        f"{say['original']} {_BECAME[source['original']][language]}"
    )
    if source["not_restated"]:
        text += f"; {say['left'].format(n=source['not_restated'])}"
    if source["until"]:
        text += f"; {say['until'].format(day=source['until'])}"
    return text
