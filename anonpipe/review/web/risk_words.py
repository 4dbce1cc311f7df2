"""The words of the pages of what could single somebody out, in Norwegian and English."""

from __future__ import annotations

from anonpipe.answers.model import Words

WORDS: Words = {
    "nav.risk": {"en": "Risk", "nb": "Risiko"},
    "risk.title": {"en": "What could single somebody out?", "nb": "Hva kan peke ut noen?"},
    "risk.title.one": {"en": "What could single out {who}?", "nb": "Hva kan peke ut {who}?"},
    "risk.unknown": {
        "en": "There is no such participant in the texts.",
        "nb": "Den deltakeren finnes ikke i tekstene.",
    },
    "risk.nobody": {
        "en": "There are no texts of participants to look at yet.",
        "nb": "Det er ingen tekster fra deltakere å se på ennå.",
    },
    "risk.lead": {
        "en": "{n} of {all} participants have something that can be read in the texts and that "
        "nobody else in the study has.",
        "nb": "{n} av {all} deltakere har noe som kan leses i tekstene, og som ingen andre i "
        "studien har.",
    },
    "risk.lead.1": {
        "en": "One of {all} participants has something that can be read in the texts and that "
        "nobody else in the study has.",
        "nb": "Én av {all} deltakere har noe som kan leses i tekstene, og som ingen andre i "
        "studien har.",
    },
    "risk.lead.0": {
        "en": "None of the {all} participants stands alone with anything that the program can see "
        "in the texts. Read below what it does not see.",
        "nb": "Ingen av de {all} deltakerne står alene med noe som programmet kan se i tekstene. "
        "Les nedenfor hva det ikke ser.",
    },
    "risk.one.sets": {
        "en": "{n} things, or things together, can be read about {who} and about nobody else.",
        "nb": "{n} ting, eller ting til sammen, kan leses om {who} og ingen andre.",
    },
    "risk.one.sets.1": {
        "en": "One thing, or things together, can be read about {who} and about nobody else.",
        "nb": "Én ting, eller ting til sammen, kan leses om {who} og ingen andre.",
    },
    "risk.one.none": {
        "en": "{who} stands alone with nothing that the program can see in the texts.",
        "nb": "{who} står ikke alene med noe som programmet kan se i tekstene.",
    },
    "risk.small": {
        "en": "The group is small ({n}): whoever knows that somebody took part may guess who says "
        "what, whatever the texts show. Nothing here can mend that.",
        "nb": "Gruppen er liten ({n}): den som vet at noen har deltatt, kan gjette hvem som sier "
        "hva, uansett hva tekstene viser. Det kan ingenting her rette på.",
    },
    "risk.unread": {
        "en": "Not in the measure, as they are not coded, wait for consent or cannot be read: "
        "{ids}.",
        "nb": "Ikke regnet med, fordi de ikke er kodet, venter på samtykke eller ikke kan leses: "
        "{ids}.",
    },
    "risk.tile.alone": {"en": "stand alone", "nb": "står alene"},
    "risk.tile.of": {"en": "of {n} participants", "nb": "av {n} deltakere"},
    "risk.tile.sets": {"en": "rare combinations", "nb": "sjeldne kombinasjoner"},
    "risk.tile.sets.1": {"en": "rare combination", "nb": "sjelden kombinasjon"},
    "risk.tile.sets.says": {
        "en": "or single values, of one participant alone",
        "nb": "eller enkeltverdier, hos bare én deltaker",
    },
    "risk.tile.left": {"en": "readable as said", "nb": "lesbart som sagt"},
    "risk.tile.left.says": {
        "en": "places: kept, rejected or not marked",
        "nb": "steder: beholdt, avvist eller ikke merket",
    },
    "risk.tile.links": {"en": "codes of several participants", "nb": "koder hos flere deltakere"},
    "risk.tile.links.says": {
        "en": "tells that they speak of the same",
        "nb": "viser at de snakker om det samme",
    },
    "risk.picture": {"en": "What stands together", "nb": "Hva som står sammen"},
    "risk.picture.says": {
        "en": "{n} rare values and combinations, of {alone} participants. Each column is a "
        "combination of types that singles one participant out.",
        "nb": "{n} sjeldne verdier og kombinasjoner, hos {alone} deltakere. Hver kolonne er en "
        "kombinasjon av typer som peker ut én deltaker.",
    },
    "risk.picture.how": {
        "en": "Each column singles out the participant below it: one mark does so alone, marks "
        "tied together do so together. The bar on top says how many such combinations there are.",
        "nb": "Hver kolonne peker ut deltakeren under den: ett merke gjør det alene, merker som "
        "er bundet sammen, gjør det sammen. Søylen øverst viser hvor mange slike kombinasjoner "
        "det er.",
    },
    "risk.picture.tally": {"en": "participants", "nb": "deltakere"},
    "risk.picture.sets": {"en": "combinations", "nb": "kombinasjoner"},
    "risk.picture.none": {
        "en": "Nothing that can be read in the texts is one participant’s alone, so there is "
        "nothing to draw.",
        "nb": "Ingenting som kan leses i tekstene, er bare én deltakers, så det er ingenting å "
        "tegne.",
    },
    "risk.picture.table": {"en": "The same as a table", "nb": "Det samme som tabell"},
    "risk.codes.show": {"en": "Count codes too", "nb": "Ta med koder"},
    "risk.codes.hide": {"en": "Without codes", "nb": "Uten koder"},
    "risk.codes.says": {
        "en": "Codes are counted too. They matter to a reader who knows the place or the people.",
        "nb": "Koder er regnet med. De betyr noe for en leser som kjenner stedet eller menneskene.",
    },
    "risk.shows.said": {"en": "readable as it was said", "nb": "lesbart som det ble sagt"},
    "risk.shows.coarse": {"en": "readable, less exact", "nb": "lesbart, mindre nøyaktig"},
    "risk.shows.code": {"en": "a code", "nb": "en kode"},
    "risk.col.who": {"en": "Participant", "nb": "Deltaker"},
    "risk.col.what": {"en": "What only they have", "nb": "Det bare de har"},
    "risk.col.what.one": {"en": "What nobody else has", "nb": "Det ingen andre har"},
    "risk.col.where": {"en": "Where", "nb": "Hvor"},
    "risk.col.words": {"en": "Words", "nb": "Ord"},
    "risk.col.type": {"en": "Type", "nb": "Type"},
    "risk.col.why": {"en": "Why", "nb": "Hvorfor"},
    "risk.col.times": {"en": "Times", "nb": "Ganger"},
    "risk.and": {"en": "with", "nb": "sammen med"},
    "risk.advice": {"en": "What would help", "nb": "Hva som ville hjelpe"},
    "risk.advice.none": {"en": "There is nothing to suggest.", "nb": "Det er ingenting å foreslå."},
    "risk.advice.all": {
        "en": "{type}, for everybody: less exact, such as {form} rather than {now}",
        "nb": "{type}, for alle: grovere, for eksempel {form} i stedet for {now}",
    },
    "risk.advice.with": {"en": "{n} others have that too.", "nb": "Det har {n} andre også."},
    "risk.advice.with.1": {"en": "One other has that too.", "nb": "Det har én annen også."},
    "risk.advice.alone": {"en": "stand alone", "nb": "står alene"},
    "risk.advice.sets": {"en": "combinations", "nb": "kombinasjoner"},
    "risk.advice.from": {"en": "from {a} to {b}", "nb": "fra {a} til {b}"},
    "risk.advice.same": {"en": "as now: {a}", "nb": "som nå: {a}"},
    "risk.place": {"en": "turn {n}", "nb": "replikk {n}"},
    "risk.places.more": {"en": "and {n} more", "nb": "og {n} til"},
    "risk.people": {"en": "Participant by participant", "nb": "Deltaker for deltaker"},
    "risk.people.says": {
        "en": "How many participants have the rarest readable value of each type, the participant "
        "included. 1 is nobody else.",
        "nb": "Hvor mange deltakere som har den sjeldneste lesbare verdien av hver type, "
        "deltakeren selv medregnet. 1 er ingen andre.",
    },
    "risk.people.sets": {"en": "Combinations", "nb": "Kombinasjoner"},
    "risk.people.codes": {"en": "Own codes", "nb": "Egne koder"},
    "risk.nothing": {"en": "nothing readable", "nb": "ikke noe lesbart"},
    "risk.left": {"en": "Readable as it was said", "nb": "Lesbart som det ble sagt"},
    "risk.left.none": {
        "en": "Nothing that the program saw stays readable as it was said.",
        "nb": "Ingenting av det programmet så, er lesbart som det ble sagt.",
    },
    "risk.left.kept": {
        "en": "The study keeps these types readable: {types}.",
        "nb": "Studien lar disse typene stå lesbare: {types}.",
    },
    "risk.left.not": {"en": "not counted", "nb": "ikke regnet med"},
    "risk.why.kept": {
        "en": "kept by the study’s settings",
        "nb": "beholdt av studiens innstillinger",
    },
    "risk.why.rejected": {"en": "rejected by a person", "nb": "avvist av et menneske"},
    "risk.why.left": {"en": "not marked", "nb": "ikke merket"},
    "risk.links": {"en": "Codes that several share", "nb": "Koder som flere har"},
    "risk.links.says": {
        "en": "They show that these participants speak of the same person, place or thing. "
        "Somebody who finds out what one code stands for learns it of all of them.",
        "nb": "De viser at disse deltakerne snakker om samme person, sted eller ting. Den som "
        "finner ut hva én kode står for, vet det om alle.",
    },
    "risk.links.none": {
        "en": "No code stands in the texts of several participants.",
        "nb": "Ingen kode står i tekstene til flere deltakere.",
    },
    "risk.coded": {"en": "Codes that nobody else has", "nb": "Koder som ingen andre har"},
    "risk.coded.says": {
        "en": "A reader sees that there is such a thing, not what it is. They count in the "
        "checklist when the study is closed.",
        "nb": "En leser ser at det finnes noe slikt, ikke hva det er. De teller med i sjekklisten "
        "når studien avsluttes.",
    },
    "risk.coded.none": {"en": "There are none.", "nb": "Det er ingen."},
    "risk.limits": {"en": "What this does not see", "nb": "Hva dette ikke ser"},
    "risk.limits.population": {
        "en": "**The world outside.** It compares the participants with each other and with "
        "nobody else. What three in the study share may be rare in the village, and what one "
        "alone has may be common in the country.",
        "nb": "**Verden utenfor.** Deltakerne sammenlignes med hverandre og ingen andre. Det tre "
        "i studien har felles, kan være sjeldent i bygda, og det bare én har, kan være vanlig i "
        "landet.",
    },
    "risk.limits.story": {
        "en": "**The story.** An event, a conflict, an illness, a way of speaking: nobody marked "
        "it, so it is not counted. Only somebody who reads can see it.",
        "nb": "**Historien.** En hendelse, en konflikt, en sykdom, en måte å snakke på: ingen har "
        "merket det, så det er ikke regnet med. Bare den som leser, kan se det.",
    },
    "risk.limits.whose": {
        "en": "**Whose it is.** An age counts for the participant in whose text it stands, "
        "although they may speak of somebody else. So it may be too strict.",
        "nb": "**Hvem det gjelder.** En alder telles hos deltakeren som har den i sin tekst, selv "
        "om det kan være noen andre det er snakk om. Derfor kan målet være for strengt.",
    },
    "risk.limits.size": {
        "en": "**Four or more together.** Combinations of two and three types are looked for.",
        "nb": "**Fire eller flere sammen.** Det letes etter kombinasjoner av to og tre typer.",
    },
    "risk.limits.method": {
        "en": "The combinations are minimal sample uniques (Elliot, Manning and Ford 2002); how "
        "many share a value is the k of k-anonymity (Samarati and Sweeney 1998), within the study "
        "only.",
        "nb": "Kombinasjonene er minimale unike kombinasjoner i utvalget (Elliot, Manning og Ford "
        "2002); hvor mange som deler en verdi, er k i k-anonymitet (Samarati og Sweeney 1998), "
        "bare innenfor studien.",
    },
    "risk.back": {"en": "The whole study", "nb": "Hele studien"},
    "risk.advice.says": {
        "en": "In this order: each step counts upon the ones before it. A vaguer form tells less "
        "than the words did, and more than a code: a code alone tells nothing, [50–59 years old] "
        "tells something. So a code may be advised for what you have made vaguer already. You "
        "decide in the interview.",
        "nb": "I denne rekkefølgen: hvert steg regner med dem over. En vagere form sier mindre enn "
        "ordene gjorde, og mer enn en kode: en kode alene sier ingenting, [50–59 år] sier noe. "
        "Derfor kan rådet være en kode også for det du alt har skrevet vagere. Du bestemmer i "
        "intervjuet.",
    },
    "risk.advice.form": {"en": "{form} rather than {now}", "nb": "{form} i stedet for {now}"},
    "risk.advice.code": {"en": "a code rather than {now}", "nb": "en kode i stedet for {now}"},
    "risk.enough": {
        "en": "Where something less exact would do",
        "nb": "Der noe mindre nøyaktig ville holde",
    },
    "risk.enough.says": {
        "en": "Others have these already, so nobody would be alone with them. They tell a reader "
        "more than the code: a choice for the sake of the analysis.",
        "nb": "Andre har disse fra før, så ingen ville være alene med dem. De forteller en leser "
        "mer enn koden: et valg for analysens skyld.",
    },
    "risk.enough.form": {"en": "{form} would do for {now}", "nb": "{form} ville holde for {now}"},
    "risk.tile.links.1": {"en": "code of several participants", "nb": "kode hos flere deltakere"},
    "risk.picture.how.across": {
        "en": "Each column is a combination of types: one mark singles participants out alone, "
        "marks tied together do so together. The bar on top says how many participants. Whose "
        "they are is in the table and on the page of each.",
        "nb": "Hver kolonne er en kombinasjon av typer: ett merke peker ut deltakere alene, "
        "merker som er bundet sammen, gjør det sammen. Søylen øverst viser hvor mange deltakere. "
        "Hvem det er, står i tabellen og på siden til hver.",
    },
    "risk.table.more": {
        "en": "{n} more combinations are on the pages of the participants.",
        "nb": "{n} kombinasjoner til står på sidene til deltakerne.",
    },
}
