"""Occupations as a group, and as a field of work.

Groups follow the everyday division of work in Norway, not a register: what is wanted is a word
that many people share and that still tells a reader what kind of work it was.
"""

from __future__ import annotations

import re

from anonpipe.codes.generalise.words import Words

_HEALTH = Words("ansatt i helse og omsorg", "tilsett i helse og omsorg", "worker in health care")
_SCHOOL = Words("ansatt i skole og barnehage", "tilsett i skule og barnehage", "educator")
_LEARNING = Words(
    "ansatt i forskning og høyere utdanning",
    "tilsett i forsking og høgare utdanning",
    "worker in research and higher education",
)
_PUBLIC = Words("ansatt i det offentlige", "tilsett i det offentlege", "public employee")
_CULTURE = Words("ansatt i kulturlivet", "tilsett i kulturlivet", "worker in the arts and culture")
_TRADE = Words("ansatt i næringslivet", "tilsett i næringslivet", "worker in business")
_HANDS = Words("yrke med hendene", "yrke med hendene", "manual occupation")
_LAND = Words("yrke i primærnæringen", "yrke i primærnæringa", "work in farming or fishing")
_FAITH = Words("ansatt i et trossamfunn", "tilsett i eit trussamfunn", "religious worker")


def _group(
    pattern: str, nb: str, nn: str, en: str, field: Words | None
) -> tuple[re.Pattern[str], Words, Words]:
    """None as field: the group is found in all fields, and says as much as there is to say."""
    group = Words(nb, nn, en)
    return re.compile(pattern, re.IGNORECASE), group, field or group


# The first that matches counts. Norwegian stems may stand at the end of a longer word.
_GROUPS = (
    _group(
        r"sykeplei|sjukeplei|helsefagarbeid|hjelpeplei|vernepleie|jordmor|jordmødre|fysioterap|"
        r"ergoterap|psykolog|tannpleie|ambulanse|paramedi|bioingeniør|radiograf|farmas|apotek|"
        r"\bnurs\w+|midwi|physiotherap|pharmac|psycholog|dentist|tannlege|carer|"
        r"care (?:worker|assistant)|mental health",
        "helsepersonell", "helsepersonell", "health worker", _HEALTH,
    ),
    _group(
        r"(?:\b|\w)leg(?:e|en|er|ar)\b|doktor\b|kirurg(?:en|er|ar)?\b|lækjar|psykiater|\bdoctor|surgeon|physician|"
        r"psychiatrist|\bGP\b|overlege|fastlege",
        "lege", "lege", "doctor", _HEALTH,
    ),
    _group(
        r"sosionom|barnevern|sosialarbeid|miljøarbeid|miljøterap|ruskonsulent|social work|"
        r"youth work|kinship|fosterforeld|foster (?:carer|parent)",
        "sosialarbeider", "sosialarbeidar", "social worker", _HEALTH,
    ),
    _group(r"veterinær|dyrlege|\bvet\b|veterinar", "veterinær", "veterinær", "vet", _HEALTH),
    _group(
        r"rektor|inspektør|lærer|lærar|\blektor|adjunkt|barnehage|førskole|assistent i skule|"
        r"assistent i skole|\bSFO\b|spesialpedagog|pedagog|teacher|head ?master|teaching assistant",
        "pedagog", "pedagog", "teacher", _SCHOOL,
    ),
    _group(
        r"professor|forsk(?:er|ar)|stipendiat|foreles|førsteamanuensis|postdok|amanuensis|"
        r"\w*olog\b|\w*ologen\b|lecturer|research|\breader in\b|scholar|doctoral|phd|agronomist",
        "forsker", "forskar", "researcher", _LEARNING,
    ),
    _group(
        r"prest\b|presten|biskop|kantor|diakon|organist|klokker\b|klokkar|kirketjener|imam|rabbi|"
        r"priest|vicar|pastor|minister of|bishop|verger|nun\b|sister ever|chaplain|menighet|"
        r"kirkegård|kyrkje|kirke",
        "ansatt i kirken", "tilsett i kyrkja", "clergy or church worker", _FAITH,
    ),
    _group(
        r"politi|lensmann|detective|constable|police|inspector|sheriff|fengsel|prison|custod|"
        r"brannmann|brannkonstabel|firefight|forsvar|soldat|offiser|soldier|"
        r"beredskap|officer of the watch",
        "ansatt i politi eller beredskap", "tilsett i politi eller beredskap",
        "emergency or law officer", _PUBLIC,
    ),
    _group(
        r"advokat|jurist|dommer|dommar|barrister|solicitor|lawyer|judge|magistrate",
        "jurist", "jurist", "lawyer", _PUBLIC,
    ),
    _group(
        r"ordfører|ordførar|politiker|politikar|stortings|statsråd|minister\b|mayor|councillor|"
        r"politician|\bMP\b",
        "politiker", "politikar", "politician", _PUBLIC,
    ),
    _group(
        r"konservator|arkiv|bibliotek|museum|kurator|librarian|archivist|curator|conservator|"
        r"restaurator|verneombud for bygg",
        "ansatt i museum eller bibliotek", "tilsett i museum eller bibliotek",
        "museum or library worker", _CULTURE,
    ),
    _group(
        r"musiker|musikar|komponist|skuespill|skodespel|kunstner|kunstnar|forfatter|forfattar|"
        r"spelemann|spillemann|danser|dansar|regissør|musician|artist|actor|actress|writer|poet|"
        r"composer|dancer|\bpiper\b|klokkespel|\bsinger\b",
        "kunstner", "kunstnar", "artist", _CULTURE,
    ),
    _group(
        r"journalist|redaktør|programleder|programleiar|fotograf|reporter|editor|presenter|podkast|"
        r"podcast",
        "mediearbeider", "mediearbeidar", "media worker", _CULTURE,
    ),
    _group(
        r"gjetar|gjeter|bonde|bønder|gårdbruk|gardbruk|fisker|fiskar|reindrift|reineig|skogsarbeid|"
        r"jeger\b|jegar|farmer|fisher|shepherd|crofter|gamekeeper|beekeeper|birøkt|oppdrett|"
        r"fangstmann",
        "bonde eller fisker", "bonde eller fiskar", "farmer or fisher", _LAND,
    ),
    _group(
        r"sjåfør|lokfører|lokførar|styrmann|skipper|matros|kaptein|pilot|flyg(?:er|ar)|\blos\b|"
        r"fyrvokter|fyrvaktar|driver|sailor|seaman|bosun|captain|lamplighter|lighthouse|rider\b",
        "yrke i transport", "yrke i transport", "transport worker", _HANDS,
    ),
    _group(
        r"kokk|kelner|servitør|bak(?:er|ar)\b|konditor|dessert|hotell|barista|chef\b|cook\b|"
        r"waiter|waitress|baker\b|bartender",
        "yrke i servering", "yrke i servering", "catering worker", _HANDS,
    ),
    _group(
        r"renhold|reinhald|reinsar|vaktmester|vaktmeister|cleaner|caretaker|janitor|lager|"
        r"warehouse|nattevakt|security guard|vekter|vektar",
        "driftsarbeider", "driftsarbeidar", "service worker", _HANDS,
    ),
    _group(
        r"snekk(?:er|ar)|snikk(?:er|ar)|tømr(?:er|ar)|rørlegg|elektrik|mur(?:er|ar)\b|mal(?:er|ar)\b|"
        r"smed\b|smeden|mekanik|sveis|tekniker|teknikar|mak(?:er|ar)\b|bygg(?:er|ar|eren|aren)\b|"
        r"støp(?:er|ar|eren|aren)\b|hoggar|hogger|smelt(?:er|ar|eren|aren)\b|"
        r"carpenter|joiner|plumber|electrician|bricklayer|painter|welder|mechanic|\w+smith\b|"
        r"\w+wright\b|mason|maker\b|tuner|builder|tester\b|lærling|apprentice",
        "håndverker", "handverkar", "craftsperson", _HANDS,
    ),
    _group(
        r"industri|operatør|fabrikk|gruve|oljearbeid|platform worker|factory|miner\b|operator|"
        r"offshore",
        "industriarbeider", "industriarbeidar", "industrial worker", _HANDS,
    ),
    _group(
        r"ingeniør|utvikler|utviklar|programmer|sivilarkitekt|arkitekt|engineer|developer|"
        r"architect|\bIT\b|data scientist",
        "ingeniør", "ingeniør", "engineer", _TRADE,
    ),
    _group(
        r"selg(?:er|ar)|seljar|butikk|kasse|frisør|kjøpmann|shop|sales|hairdress|retail|cashier",
        "yrke i butikk eller salg", "yrke i butikk eller sal", "shop or sales worker", _TRADE,
    ),
    _group(
        r"regnskap|rekneskap|revisor|økonom|bankmann|megler|meklar|accountant|auditor|banker|broker",
        "yrke i økonomi", "yrke i økonomi", "finance worker", _TRADE,
    ),
    _group(
        r"tillitsvalgt|tillitsvald|hovedverneombud|verneombud|shop steward|union rep",
        "tillitsvalgt", "tillitsvald", "employee representative", None,
    ),
    _group(
        r"leder\b|leiar|leder|sjef|direktør|styrer\b|styrar|bestyrer|forstander|forvalt|nestor|"
        r"manager|director|\bhead of|chief|\blead\b|chair|superintendent|warden",
        "leder", "leiar", "manager", None,
    ),
    _group(
        r"koordinator|rådgiver|rådgjev|rådgivar|konsulent|saksbehand|sakshand|sekretær|ansvarlig|"
        r"ansvarleg|ombud|co-?ordinator|adviser|advisor|consultant|officer|secretary|clerk|"
        r"administrator|advocate|liaison",
        "rådgiver", "rådgjevar", "adviser", None,
    ),
    _group(r"student|elev\b|pupil", "student", "student", "student", None),
)  # fmt: skip

OCCUPATIONS: frozenset[str] = frozenset(
    text for _, group, field in _GROUPS for words in (group, field) for text in words
)
"""Everything that `occupation` says."""


def occupation(text: str, language: str) -> tuple[str, ...]:
    """The group of an occupation, then its field: «helsepersonell», «ansatt i helse og omsorg».

    None for an occupation that no group knows.
    """
    for pattern, group, field in _GROUPS:
        if pattern.search(text):
            return group.of(language), field.of(language)
    return ()
