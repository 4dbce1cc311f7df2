"""What kind of thing a mention is, where that says enough: organisations, numbers, addresses."""

from __future__ import annotations

import re
from collections.abc import Mapping

from anonpipe.codes.generalise.words import Words
from anonpipe.transcript import MentionType

_LABELS: dict[MentionType, Words] = {
    "PHONE": Words("telefonnummer", "telefonnummer", "phone number"),
    "EMAIL": Words("e-postadresse", "e-postadresse", "e-mail address"),
    "URL": Words("nettadresse", "nettadresse", "web address"),
    "NATIONAL_ID": Words("ID-nummer", "ID-nummer", "ID number"),
    "ACCOUNT": Words("kontonummer", "kontonummer", "account number"),
    "VEHICLE": Words("kjøretøy", "køyretøy", "vehicle"),
    "ADDRESS": Words("adresse", "adresse", "address"),
    "OCCUPATION": Words("yrke", "yrke", "occupation"),
}

LABELS: frozenset[str] = frozenset(text for words in _LABELS.values() for text in words)
"""Everything that `bare_label` says."""


def bare_label(mention_type: MentionType, language: str) -> str | None:
    """The name of a type of which nothing more can be said; None for the other types."""
    words = _LABELS.get(mention_type)
    return None if words is None else words.of(language)


def _kind(pattern: str, nb: str, nn: str, en: str) -> tuple[re.Pattern[str], Words]:
    return re.compile(pattern, re.IGNORECASE), Words(nb, nn, en)


# The first that matches counts: a university hospital is a hospital, a school's choir a school.
_ORGANISATIONS = (
    _kind(r"\bNAV\b", "NAV-kontor", "NAV-kontor", "NAV office"),
    _kind(
        r"sykehuse?t?\b|sjukehuse?t?\b|\bhospital\b|\binfirmary\b|helseforetak\b|helseføretak\b",
        "sykehus", "sjukehus", "hospital",
    ),
    _kind(
        r"sykehjem\w*|sjukeheim\w*|bo- og \w+senter\b|omsorgssenter\b|aldershjem\w*|"
        r"\b(?:nursing|care) home\b",
        "sykehjem", "sjukeheim", "nursing home",
    ),
    _kind(
        r"legesenter\w*|legekontor\w*|lækjarsenter|legevakt\w*|"
        r"\b(?:medical|health) cent(?:re|er)\b|\bsurgery\b|\bclinic\b|klinikk\w*",
        "legekontor", "legekontor", "medical practice",
    ),
    _kind(r"\buniversit\w+|\buniversity\b", "universitet", "universitet", "university"),
    _kind(r"høgskole\w*|høyskole\w*|høgskule\w*|\bcollege\b", "høyskole", "høgskule", "college"),
    _kind(
        r"barnehage\w*|\bkindergarten\b|\bnursery\b|\bpre-?school\b",
        "barnehage", "barnehage", "kindergarten",
    ),
    _kind(
        r"skole[nr]?s?\b|skul[ea]n?s?\b|\bvgs\b|\bvidereg\w+|\bvidareg\w+|\bschool\b|\bacademy\b",
        "skole", "skule", "school",
    ),
    _kind(r"\bpoliti\w*|\bpolice\b|\bconstabulary\b", "politi", "politi", "police"),
    _kind(
        r"\bkommune\b|\bbydel\b|\bfylkeskommune\b|\bherad\b|\bcouncil\b|\bmunicipality\b",
        "kommune", "kommune", "municipality",
    ),
    _kind(
        r"kirke[nr]?\b|kyrkj[ea]\b|menighet\w*|kyrkjelyd\w*|\bchurch\b|\bparish\b|bedehus\w*|"
        r"mosk[eé]\w*|\bmosque\b|synagog\w*|\btemple\b|tempel\w*",
        "trossamfunn", "trussamfunn", "religious community",
    ),
    _kind(r"barnevern\w*|\bchild(?:ren's)? services\b", "barnevern", "barnevern", "child welfare"),
    _kind(r"\w*museum\w*|\bmuseet\b", "museum", "museum", "museum"),
    _kind(r"bibliotek\w*|\blibrary\b", "bibliotek", "bibliotek", "library"),
    _kind(
        r"\b(?:FK|IL|SK|IF|FC|TIL|BK)\b|idrettslag\w*|fotballklubb\w*|\b(?:football|sports) club\b|"
        r"\bunited\b",
        "idrettslag", "idrettslag", "sports club",
    ),
    _kind(
        r"\b(?:\w*spare)?bank(?:en)?\b|\bcredit union\b|\bbuilding society\b",
        "bank", "bank", "bank",
    ),
    _kind(
        r"fagforbund\w*|\bunion\b|\bforbundet\b|fagforening\w*",
        "fagforening", "fagforeining", "union",
    ),
    _kind(r"forening\w*|foreining\w*|\bassociation\b|\bsociety\b|\blag\b", "forening",
          "foreining", "association"),
    _kind(r"\bhotell?\w*", "hotell", "hotell", "hotel"),
    _kind(
        r"\b(?:AS|ASA|DA|ANS|ENK|Ltd|Limited|Inc|LLC|plc|GmbH|AB|Corp)\b\.?|\bcompany\b|\b& co\b",
        "bedrift", "bedrift", "company",
    ),
)  # fmt: skip


AN_ORGANISATION = Words("en organisasjon", "ein organisasjon", "an organisation")
"""What is left of an organisation in the end."""
LEFT_OUT = Words("detalj utelatt", "detalj utelaten", "detail left out")
"""What stands for a detail of which nothing may be said."""
BACKGROUND: Mapping[str, Words] = {
    "nationality": Words("nasjonalitet", "nasjonalitet", "nationality"),
    "language": Words("språk", "språk", "language"),
    "faith": Words("tro", "tru", "faith"),
}
"""What is left of a person's background, by the name that detection has for it."""

KINDS: frozenset[str] = frozenset(
    text
    for words in (
        *_LABELS.values(),
        *BACKGROUND.values(),
        *(words for _, words in _ORGANISATIONS),
        AN_ORGANISATION,
        LEFT_OUT,
    )
    for text in words
)
"""Everything that `bare_label` and `organisation` say, and what is left in the end."""


def organisation(text: str, language: str) -> str | None:
    """The kind of organisation that a name tells: «skole», «NAV-kontor»; None if it tells none."""
    for pattern, words in _ORGANISATIONS:
        if pattern.search(text):
            return words.of(language)
    return None
