"""The words of the report's page, in English and Norwegian."""

from __future__ import annotations

from anonpipe.answers.model import Words

WORDS: Words = {
    "page": {"en": "Audit report", "nb": "Kontrollrapport"},
    "untitled": {"en": "Study without a title", "nb": "Studie uten tittel"},
    "skip": {"en": "Skip to the answers", "nb": "Hopp til svarene"},
    "contents": {"en": "Contents", "nb": "Innhold"},
    "study": {"en": "Study", "nb": "Studie"},
    "made": {"en": "Drawn up", "nb": "Laget"},
    "from": {
        "en": "from a log of {n} entries, last digest",
        "nb": "fra en logg med {n} linjer, siste avtrykk",
    },
    "intro": {
        "en": "This page answers what a data protection officer has to ask of the study. It was "
        "drawn from the study’s log, register and receipts, without its key: participants are "
        "codes, people are roles, and accounts are digests.",
        "nb": "Denne siden svarer på det et personvernombud må spørre studien om. Den er laget av "
        "loggen, registeret og kvitteringene, uten nøkkelen: deltakere er koder, personer er "
        "roller, og brukerkontoer er avtrykk.",
    },
    "standing:good": {"en": "In order", "nb": "I orden"},
    "standing:attention": {"en": "Needs attention", "nb": "Krever handling"},
    "standing:note": {"en": "For your judgement", "nb": "Til vurdering"},
    "overall.good": {
        "en": "Nothing needs attention.",
        "nb": "Ingenting krever handling.",
    },
    "overall.attention": {
        "en": "{n} answers need attention:",
        "nb": "{n} svar krever handling:",
    },
    "overall.attention.1": {
        "en": "One answer needs attention:",
        "nb": "Ett svar krever handling:",
    },
    "glance": {"en": "The study at a glance", "nb": "Studien i korte trekk"},
    "tile.participants": {"en": "participants", "nb": "deltakere"},
    "tile.participants.1": {"en": "participant", "nb": "deltaker"},
    "tile.recordings": {"en": "recordings", "nb": "opptak"},
    "tile.recordings.1": {"en": "recording", "nb": "opptak"},
    "tile.documents": {"en": "documents", "nb": "dokumenter"},
    "tile.documents.1": {"en": "document", "nb": "dokument"},
    "tile.gone": {"en": "originals gone", "nb": "originaler borte"},
    "tile.gone.of": {"en": "{gone} of {all}", "nb": "{gone} av {all}"},
    "tile.approved": {
        "en": "sources signed off by a person",
        "nb": "kilder godkjent av et menneske",
    },
    "tile.approved.1": {
        "en": "source signed off by a person",
        "nb": "kilde godkjent av et menneske",
    },
    "tile.holders": {"en": "holders of the key", "nb": "kan åpne nøkkelen"},
    "tile.holders.1": {"en": "holder of the key", "nb": "kan åpne nøkkelen"},
    "tile.openings": {"en": "openings of the key", "nb": "åpninger av nøkkelen"},
    "tile.openings.1": {"en": "opening of the key", "nb": "åpning av nøkkelen"},
    "tile.due": {"en": "next due", "nb": "neste frist"},
    "tile.due.none": {"en": "none", "nb": "ingen"},
    "tile.overdue": {"en": "overdue", "nb": "over fristen"},
    "sound": {"en": "{h} h {m} min of sound", "nb": "{h} t {m} min lyd"},
    "sound.minutes": {"en": "{m} min of sound", "nb": "{m} min lyd"},
    "timeline": {"en": "Timeline", "nb": "Tidslinje"},
    "timeline.title": {
        "en": "Timeline of the study from {first} to {last}",
        "nb": "Tidslinje for studien fra {first} til {last}",
    },
    "timeline.text": {
        "en": "A bar shows how long an original was in the study. {rows} sources, {gone} of "
        "their originals gone, {openings} openings of the key. Every event stands in the table "
        "“Events one by one”.",
        "nb": "En søyle viser hvor lenge en original lå i studien. {rows} kilder, {gone} av "
        "originalene borte, {openings} åpninger av nøkkelen. Alle hendelser står i tabellen "
        "«Hendelse for hendelse».",
    },
    "timeline.caption": {
        "en": "Bars show how long an original lay in the study after it was first processed; "
        "dashed lines lead to what is due. What happened has one scale, what lies ahead another. ",
        "nb": "Søylene viser hvor lenge en original lå i studien etter at den først ble behandlet; "
        "stiplede linjer fører til fristene. Det som har skjedd, har én målestokk, det som ligger "
        "foran, en annen. ",
    },
    "timeline.many": {
        "en": "A number tells how many events a mark stands for. What happened has one scale, what "
        "lies ahead another. ",
        "nb": "Et tall sier hvor mange hendelser et merke står for. Det som har skjedd, har én "
        "målestokk, det som ligger foran, en annen. ",
    },
    "timeline.table": {"en": "Every event as a table", "nb": "Alle hendelser som tabell"},
    "now": {"en": "now", "nb": "nå"},
    "ahead": {"en": "ahead", "nb": "foran"},
    "lane:work": {"en": "Runs", "nb": "Kjøringer"},
    "lane:key": {"en": "The key", "nb": "Nøkkelen"},
    "lane:consent": {"en": "Consent", "nb": "Samtykke"},
    "lane:arrived": {"en": "Processed", "nb": "Behandlet"},
    "lane:approved": {"en": "Signed off", "nb": "Godkjent"},
    "lane:deleted": {"en": "Deleted", "nb": "Slettet"},
    "lane:outputs": {"en": "Texts gone", "nb": "Tekst borte"},
    "lane:due": {"en": "Due", "nb": "Frister"},
    "mark:arrived": {"en": "transcribed", "nb": "transkribert"},
    "mark:approved": {"en": "signed off by a person", "nb": "godkjent av et menneske"},
    "mark:deleted": {"en": "original deleted", "nb": "original slettet"},
    "mark:gone": {"en": "original found gone", "nb": "original var borte"},
    "mark:run": {"en": "run ended", "nb": "kjøring ferdig"},
    "mark:opened": {"en": "key opened", "nb": "nøkkel åpnet"},
    "mark:recipients": {"en": "holders of the key set", "nb": "nøkkelholdere fastsatt"},
    "mark:backup": {"en": "backup of the key", "nb": "kopi av nøkkelen"},
    "mark:withdrawn": {"en": "consent withdrawn", "nb": "samtykke trukket"},
    "mark:outputs": {"en": "transcripts deleted", "nb": "transkripsjoner slettet"},
    "mark:loosened": {"en": "weaker promise approved", "nb": "svakere løfte godkjent"},
    "mark:destroyed": {"en": "key destroyed", "nb": "nøkkel ødelagt"},
    "mark:closed": {"en": "study closed", "nb": "studien avsluttet"},
    "mark:due": {"en": "due", "nb": "frist"},
    "mark:overdue": {"en": "overdue", "nb": "over fristen"},
    "answers": {"en": "Questions and answers", "nb": "Spørsmål og svar"},
    "record": {
        "en": "Record of processing (GDPR, Article 30)",
        "nb": "Protokoll over behandlingen (GDPR artikkel 30)",
    },
    "record.intro": {
        "en": "Drawn from the study where nothing else is said. What the researcher fills in "
        "under [record] in study.toml stands here in their own words, and must hold no names.",
        "nb": "Hentet fra studien der ikke annet er sagt. Det forskeren fyller inn under [record] "
        "i study.toml, står her med forskerens egne ord, og må ikke inneholde navn.",
    },
    "record.caption": {
        "en": "Record of processing activities",
        "nb": "Protokoll over behandlingsaktiviteter",
    },
    "record.item": {"en": "Item", "nb": "Punkt"},
    "record.content": {"en": "Content", "nb": "Innhold"},
    "origin:own": {"en": "The researcher’s words", "nb": "Forskerens ord"},
    "origin:missing": {"en": "To be filled in", "nb": "Må fylles ut"},
    "events": {"en": "Events one by one", "nb": "Hendelse for hendelse"},
    "events.caption": {
        "en": "Events of the timeline in order of time",
        "nb": "Hendelsene på tidslinjen i tidsrekkefølge",
    },
    "events.none": {"en": "Nothing has happened yet.", "nb": "Ingenting har skjedd ennå."},
    "event": {"en": "Event", "nb": "Hendelse"},
    "when": {"en": "When", "nb": "Når"},
    "subject": {"en": "Concerns", "nb": "Gjelder"},
    "detail": {"en": "Detail", "nb": "Detalj"},
    "check": {"en": "How to check this", "nb": "Slik kan dette kontrolleres"},
    "check.text": {
        "en": "None of this needs the key. Keep a checkpoint from each visit: only that shows "
        "later that the log was not cut short or written anew in between.",
        "nb": "Ingenting av dette krever nøkkelen. Ta vare på et kontrollpunkt fra hvert besøk: "
        "bare det viser senere at loggen ikke er avkortet eller skrevet på nytt i mellomtiden.",
    },
    "check.verify": {"en": "the log, against your last visit", "nb": "loggen, mot forrige besøk"},
    "check.receipts": {"en": "every deletion receipt", "nb": "hver kvittering for sletting"},
    "check.checkpoint": {"en": "a checkpoint to keep", "nb": "et kontrollpunkt å ta vare på"},
    "check.all": {"en": "all answers at once", "nb": "alle svar på én gang"},
    "promise": {
        "en": "This page holds no names and loads nothing from elsewhere.",
        "nb": "Denne siden inneholder ingen navn og henter ingenting fra andre steder.",
    },
}
