"""The record of processing that Article 30(1) of the GDPR asks for, as far as a study tells it.

Its lines follow the letters of that paragraph. What the log and the settings show is drawn
from them; what only the researcher knows comes from [record] in study.toml, in their own words,
and is marked as missing otherwise.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from anonpipe.answers.model import Evidence, Say, Words, listed, number
from anonpipe.receipt import Language
from anonpipe.transcript import MENTION_TYPES

Origin = Literal["study", "own", "missing"]
"""Drawn from log, register and settings; in the researcher's own words; to be filled in."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the record. `letter` is that of Article 30(1), `setting` what to fill in."""

    letter: str
    heading: str
    parts: tuple[tuple[Origin, str], ...]
    setting: str

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        return {
            "article": f"30(1)({self.letter})",
            "heading": self.heading,
            "setting": self.setting,
            "parts": [{"origin": origin, "text": text} for origin, text in self.parts],
        }


def record(evidence: Evidence, language: Language) -> tuple[Line, ...]:
    """The record of a study."""
    say = Say(WORDS, language)
    own: Mapping[str, str] = evidence.study.settings.record.values()

    def line(letter: str, setting: str, *drawn: str) -> Line:
        parts: list[tuple[Origin, str]] = []
        words = own.get(setting, "").strip()
        if words:
            parts.append(("own", words))
        parts += [("study", text) for text in drawn]
        if not parts:
            parts.append(("missing", say(f"missing.{setting}")))
        return Line(letter, say(f"line.{setting}"), tuple(parts), f"record.{setting}")

    return (
        line("a", "controller"),
        line("a", "contact"),
        line("a", "officer"),
        line("b", "purpose"),
        line("b", "legal_basis"),
        line("c", "subjects", _subjects(evidence, say)),
        line("c", "data", *_data(evidence, say)),
        line("d", "recipients", *_recipients(evidence, say)),
        line("e", "transfers", say("transfers")),
        line("f", "retention", *_retention(evidence, say)),
        line("g", "measures", *_measures(evidence, say)),
    )


def _subjects(evidence: Evidence, say: Say) -> str:
    rows = len(evidence.register.rows) if evidence.register else 0
    return say.n("subjects", rows)


def _data(evidence: Evidence, say: Say) -> list[str]:
    kinds = {str(e.details.get("kind", "")) for e in evidence.of("transcribed")}
    found = Counter[str]()
    latest = {e.subject: e for e in evidence.of("coded")}
    for entry in latest.values():
        for kind in MENTION_TYPES:
            found[kind] += number(entry, kind.casefold())
    parts = []
    if "audio" in kinds:
        parts.append(say("data.audio"))
    if "text" in kinds:
        parts.append(say("data.text"))
    named = [say(f"type:{kind}") for kind, count in found.most_common() if count]
    if named:
        parts.append(say("data.types", types=say.listed(named)))
    return parts


def _recipients(evidence: Evidence, say: Say) -> list[str]:
    sets = [entry for entry in evidence.vouched if entry.action == "recipients"]
    last = sets[-1] if sets else None
    roles = listed(last, "roles") if last else ()
    named = [say.code("role", role.partition("-")[0]) for role in roles]
    return [say("recipients", roles=say.listed(named))] if named else []


def _retention(evidence: Evidence, say: Say) -> list[str]:
    if evidence.register is None:
        return []
    rules = Counter(row.audio.kind for row in evidence.register.rows)
    parts = (
        [
            say(
                "retention.audio",
                rules=say.listed([f"{say(f'rule:{r}')} ({n})" for r, n in rules.items()]),
            )
        ]
        if rules
        else []
    )
    days = sorted(row.transcript_until for row in evidence.register.rows if row.transcript_until)
    if days:
        first, last = days[0].isoformat(), days[-1].isoformat()
        key = "retention.transcripts.one" if first == last else "retention.transcripts"
        parts.append(say(key, first=first, last=last))
    without = sum(row.transcript_until is None for row in evidence.register.rows)
    if without:
        parts.append(say.n("retention.open", without))
    return parts


def _measures(evidence: Evidence, say: Say) -> list[str]:
    parts = [say("measures.codes"), say("measures.key"), say("measures.sealed")]
    bars = {str(e.details.get("network", "")) for e in evidence.of("run-start")}
    if bars == {"namespace"}:
        parts.append(say("measures.namespace"))
    elif bars and bars <= {"process", "namespace"}:
        parts.append(say("measures.offline"))
    parts.append(say("measures.log"))
    if any(True for _ in evidence.of("deleted")):
        parts.append(say("measures.deletion"))
    return parts


WORDS: Words = {
    "line.controller": {"en": "Controller", "nb": "Behandlingsansvarlig"},
    "line.contact": {"en": "Contact (role, not a name)", "nb": "Kontakt (rolle, ikke navn)"},
    "line.officer": {"en": "Data protection officer", "nb": "Personvernombud"},
    "line.purpose": {"en": "Purposes", "nb": "Formål"},
    "line.legal_basis": {"en": "Legal basis", "nb": "Rettslig grunnlag"},
    "line.subjects": {"en": "Categories of data subjects", "nb": "Kategorier av registrerte"},
    "line.data": {"en": "Categories of personal data", "nb": "Kategorier av personopplysninger"},
    "line.recipients": {"en": "Recipients", "nb": "Mottakere"},
    "line.transfers": {"en": "Transfers to third countries", "nb": "Overføring til tredjeland"},
    "line.retention": {"en": "Time limits for erasure", "nb": "Frister for sletting"},
    "line.measures": {"en": "Security measures", "nb": "Sikkerhetstiltak"},
    "missing.controller": {
        "en": "the institution that answers for the study",
        "nb": "institusjonen som svarer for studien",
    },
    "missing.contact": {
        "en": "whom to ask, by role, such as the department’s office",
        "nb": "hvem en kan spørre, etter rolle, for eksempel instituttets kontor",
    },
    "missing.officer": {
        "en": "how to reach the data protection officer",
        "nb": "hvordan en når personvernombudet",
    },
    "missing.purpose": {
        "en": "what the study is to find out",
        "nb": "hva studien skal finne ut",
    },
    "missing.legal_basis": {
        "en": "such as consent, Article 6(1)(a), and Article 9(2)(a) for special categories",
        "nb": "for eksempel samtykke, artikkel 6 nr. 1 a, og artikkel 9 nr. 2 a for særlige "
        "kategorier",
    },
    "missing.data": {
        "en": "what the interviews are about, special categories included",
        "nb": "hva intervjuene handler om, også særlige kategorier",
    },
    "missing.recipients": {
        "en": "who is given transcripts or the key",
        "nb": "hvem som får transkripsjoner eller nøkkelen",
    },
    "missing.retention": {
        "en": "when recordings, transcripts and the key have to be gone",
        "nb": "når opptak, transkripsjoner og nøkkel skal være borte",
    },
    "subjects": {
        "en": "{n} participants, and people whom they mention.",
        "nb": "{n} deltakere, og mennesker de nevner.",
    },
    "subjects.1": {
        "en": "One participant, and people whom they mention.",
        "nb": "Én deltaker, og mennesker som nevnes.",
    },
    "data.audio": {
        "en": "Voice recordings of interviews, and what is said in them.",
        "nb": "Lydopptak av intervjuer, og det som blir sagt i dem.",
    },
    "data.text": {
        "en": "Notes and transcripts made elsewhere.",
        "nb": "Notater og transkripsjoner laget andre steder.",
    },
    "data.types": {
        "en": "Identifying details that were found and coded: {types}.",
        "nb": "Identifiserende opplysninger som er funnet og kodet: {types}.",
    },
    "recipients": {
        "en": "Those who can open the key: {roles}.",
        "nb": "De som kan åpne koblingsnøkkelen: {roles}.",
    },
    "transfers": {
        "en": "None by the program, which works without a network.",
        "nb": "Ingen fra programmets side; det arbeider uten nett.",
    },
    "retention.audio": {
        "en": "Recordings, by participant: {rules}.",
        "nb": "Opptak, etter deltaker: {rules}.",
    },
    "retention.transcripts": {
        "en": "Transcripts: last days from {first} to {last}, by participant.",
        "nb": "Transkripsjoner: siste dag fra {first} til {last}, etter deltaker.",
    },
    "retention.transcripts.one": {
        "en": "Transcripts: until {last}.",
        "nb": "Transkripsjoner: til og med {last}.",
    },
    "retention.open": {
        "en": "For {n} participants the register sets no last day for transcripts.",
        "nb": "For {n} deltakere har registeret ingen siste dag for transkripsjoner.",
    },
    "retention.open.1": {
        "en": "For one participant the register sets no last day for transcripts.",
        "nb": "For én deltaker har registeret ingen siste dag for transkripsjoner.",
    },
    "measures.codes": {
        "en": "Names and identifying details are replaced by codes.",
        "nb": "Navn og identifiserende opplysninger er erstattet med koder.",
    },
    "measures.key": {
        "en": "The list that links codes to people is kept apart, encrypted (age, X25519); "
        "each opening is logged with a reason.",
        "nb": "Listen som kobler koder til personer, er lagret atskilt og kryptert (age, X25519); "
        "hver åpning logges med grunn.",
    },
    "measures.sealed": {
        "en": "Raw transcripts exist only encrypted, and only until a source is done.",
        "nb": "Rå transkripsjoner finnes bare kryptert, og bare til kilden er ferdig.",
    },
    "measures.offline": {
        "en": "The program refuses network connections while it works.",
        "nb": "Programmet avviser nettforbindelser mens det arbeider.",
    },
    "measures.namespace": {
        "en": "Runs take place where the operating system offers no network.",
        "nb": "Kjøringene skjer der operativsystemet ikke har noe nett å tilby.",
    },
    "measures.log": {
        "en": "Every step is in a chained, signed log that holds no names.",
        "nb": "Hvert steg står i en lenket, signert logg uten navn.",
    },
    "measures.deletion": {
        "en": "Recordings are deleted by the consent’s rule, each with a signed receipt.",
        "nb": "Opptak slettes etter regelen i samtykket, hvert med en signert kvittering.",
    },
    "rule:delete-after-transcription": {
        "en": "deleted after transcription",
        "nb": "slettes etter transkripsjon",
    },
    "rule:delete-after-review": {
        "en": "deleted after review",
        "nb": "slettes etter gjennomgang",
    },
    "rule:delete-on": {"en": "deleted on a given day", "nb": "slettes på en gitt dag"},
    "rule:keep-bleeped": {
        "en": "deleted, a copy kept with names bleeped",
        "nb": "slettes, en kopi med pipede navn beholdes",
    },
    "rule:keep-until": {"en": "kept until a given day", "nb": "beholdes til en gitt dag"},
    "rule:at-end": {"en": "deleted when the study ends", "nb": "slettes når studien avsluttes"},
    "type:PERSON": {"en": "names of people", "nb": "personnavn"},
    "type:LOCATION": {"en": "places", "nb": "steder"},
    "type:ORG": {"en": "workplaces and organisations", "nb": "arbeidssteder og organisasjoner"},
    "type:ADDRESS": {"en": "addresses", "nb": "adresser"},
    "type:PHONE": {"en": "telephone numbers", "nb": "telefonnumre"},
    "type:EMAIL": {"en": "e-mail addresses", "nb": "e-postadresser"},
    "type:NATIONAL_ID": {"en": "national identity numbers", "nb": "fødselsnumre"},
    "type:ACCOUNT": {"en": "account numbers", "nb": "kontonumre"},
    "type:DATE": {"en": "dates", "nb": "datoer"},
    "type:AGE": {"en": "ages", "nb": "aldre"},
    "type:URL": {"en": "web addresses", "nb": "nettadresser"},
    "type:VEHICLE": {"en": "vehicles", "nb": "kjøretøy"},
    "type:OCCUPATION": {"en": "occupations", "nb": "yrker"},
    "type:OTHER": {"en": "other details", "nb": "andre opplysninger"},
}
