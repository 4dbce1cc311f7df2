"""Words that several answers use, in English and Norwegian."""

from __future__ import annotations

from collections.abc import Mapping

from anonpipe.receipt_words import Language

COMMON: Mapping[str, Mapping[Language, str]] = {
    "role": {"en": "Role", "nb": "Rolle"},
    "fingerprint": {"en": "Fingerprint of public key", "nb": "Offentlig nøkkels fingeravtrykk"},
    "when": {"en": "When", "nb": "Når"},
    "reason": {"en": "Reason given", "nb": "Oppgitt grunn"},
    "account": {"en": "Account (keyed digest)", "nb": "Brukerkonto (nøklet avtrykk)"},
    "role:researcher": {"en": "researcher", "nb": "forsker"},
    "role:student": {"en": "student", "nb": "student"},
    "role:supervisor": {"en": "supervisor", "nb": "veileder"},
    "role:colleague": {"en": "colleague", "nb": "kollega"},
    "role:institution": {"en": "institution", "nb": "institusjon"},
    "role:officer": {"en": "officer", "nb": "personvernombud"},
    "role:archive": {"en": "archive", "nb": "arkiv"},
    "role:backup": {"en": "backup", "nb": "reserve"},
    "role:recipient": {"en": "recipient", "nb": "mottaker"},
    "role:unknown": {"en": "not said", "nb": "ikke oppgitt"},
    "act:show": {"en": "shown on screen", "nb": "vist på skjerm"},
    "act:export": {"en": "written to a file", "nb": "skrevet til fil"},
    "act:reveal": {"en": "one code looked up", "nb": "én kode slått opp"},
    "act:subject-export": {
        "en": "all about one person written to files",
        "nb": "alt om én person skrevet til filer",
    },
    "act:check": {
        "en": "register compared with the key",
        "nb": "registeret sammenlignet med nøkkelen",
    },
    "act:review": {"en": "review in the browser", "nb": "gjennomgang i nettleseren"},
    "act:review-export": {
        "en": "decisions with their words, written to a sealed file",
        "nb": "avgjørelser med ordene de gjelder, skrevet til en kryptert fil",
    },
    "reason:analysis": {"en": "analysis", "nb": "analyse"},
    "reason:participant-request": {"en": "a participant’s request", "nb": "ønske fra en deltaker"},
    "reason:correction": {"en": "correction", "nb": "retting"},
    "reason:authority": {"en": "an authority", "nb": "en myndighet"},
    "reason:audit": {"en": "audit", "nb": "kontroll"},
    "reason:other": {"en": "other", "nb": "annet"},
    "reason:other-coded": {"en": "other reason", "nb": "annen grunn"},
    "source": {"en": "Source", "nb": "Kilde"},
    "rule": {"en": "Rule", "nb": "Regel"},
    "rule:delete-after-transcription": {
        "en": "delete after transcription",
        "nb": "slett etter transkripsjon",
    },
    "rule:delete-after-review": {"en": "delete after review", "nb": "slett etter gjennomgang"},
    "rule:delete-on": {"en": "delete on", "nb": "slett"},
    "rule:keep-bleeped": {"en": "keep bleeped only", "nb": "behold bare pipet kopi"},
    "rule:keep-until": {"en": "keep until", "nb": "behold til"},
    "state": {"en": "State", "nb": "Tilstand"},
    "participants": {"en": "Participant", "nb": "Deltaker"},
    "rule:withdrawal": {"en": "withdrawal", "nb": "tilbaketrekking"},
    "rule:at-end": {"en": "end of the study", "nb": "studiens slutt"},
    "rule:withdrawn-on": {"en": "withdrawn", "nb": "trukket tilbake"},
    "rule:transcript-until": {"en": "transcript until", "nb": "transkripsjon til"},
    "rule:no-row": {"en": "no row in the register", "nb": "ingen rad i registeret"},
    "what:audio": {"en": "recording", "nb": "opptak"},
    "what:document": {"en": "document", "nb": "dokument"},
    "what:sealed": {"en": "sealed raw transcript", "nb": "forseglet rå transkripsjon"},
    "what:bleeped": {"en": "bleeped copy", "nb": "pipet kopi"},
    "what:transcript": {"en": "transcripts", "nb": "transkripsjoner"},
    "detail:done": {"en": "all done", "nb": "alt ferdig"},
    "detail:incomplete": {"en": "something failed", "nb": "noe feilet"},
    "detail:changed": {"en": "after changes by hand", "nb": "etter endringer for hånd"},
}
