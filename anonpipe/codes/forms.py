"""The written form of codes: localised labels, templates, and finding codes in text."""

from __future__ import annotations

import re
import string
from collections.abc import Iterator
from functools import lru_cache

from anonpipe.codes.entities import Entity, make_id
from anonpipe.errors import UsageError
from anonpipe.transcript import MentionType

DEFAULT_TEMPLATE = "[{label} {number}]"

# nn «Ymse», not «Anna»: the neuter of «annan» is also a first name.
_LABELS: dict[str, dict[MentionType, str]] = {
    "nb": {
        "PERSON": "Person",
        "LOCATION": "Sted",
        "ORG": "Organisasjon",
        "ADDRESS": "Adresse",
        "PHONE": "Telefon",
        "EMAIL": "E-post",
        "NATIONAL_ID": "ID-nummer",
        "ACCOUNT": "Konto",
        "DATE": "Dato",
        "AGE": "Alder",
        "URL": "Nettadresse",
        "VEHICLE": "Kjøretøy",
        "OCCUPATION": "Yrke",
        "OTHER": "Annet",
    },
    "nn": {
        "PERSON": "Person",
        "LOCATION": "Stad",
        "ORG": "Organisasjon",
        "ADDRESS": "Adresse",
        "PHONE": "Telefon",
        "EMAIL": "E-post",
        "NATIONAL_ID": "ID-nummer",
        "ACCOUNT": "Konto",
        "DATE": "Dato",
        "AGE": "Alder",
        "URL": "Nettadresse",
        "VEHICLE": "Køyretøy",
        "OCCUPATION": "Yrke",
        "OTHER": "Ymse",
    },
    "en": {
        "PERSON": "Person",
        "LOCATION": "Place",
        "ORG": "Organisation",
        "ADDRESS": "Address",
        "PHONE": "Phone",
        "EMAIL": "E-mail",
        "NATIONAL_ID": "ID number",
        "ACCOUNT": "Account",
        "DATE": "Date",
        "AGE": "Age",
        "URL": "Web address",
        "VEHICLE": "Vehicle",
        "OCCUPATION": "Occupation",
        "OTHER": "Other",
    },
}
_TYPE_OF_LABEL: dict[str, MentionType] = {
    label.casefold(): mention_type
    for labels in _LABELS.values()
    for mention_type, label in labels.items()
}


def label(mention_type: MentionType, language: str) -> str:
    """The word for a type in nb, nn or en; other languages get English."""
    return _LABELS.get("nb" if language == "no" else language, _LABELS["en"])[mention_type]


def labels_of(mention_type: MentionType) -> frozenset[str]:
    """The words for a type in all languages."""
    return frozenset(labels[mention_type] for labels in _LABELS.values())


def bare(mention_type: MentionType, language: str) -> str:
    """What stands for somebody or something without saying who or which: «[Person]»."""
    return f"[{label(mention_type, language)}]"


BARE: frozenset[str] = frozenset(text for labels in _LABELS.values() for text in labels.values())
"""Every word that stands in a `bare` label."""


def form(entity: Entity, language: str, template: str = DEFAULT_TEMPLATE) -> str:
    """The code that stands in text for an entity: «[Sted 2]», «P01».

    `language` is the transcript's (ISO 639-1; English labels where there are no others).
    Raises UsageError for a template that `check_template` refuses.
    """
    if entity.participant is not None:
        return entity.participant
    check_template(template)
    return template.format(label=label(entity.type, language), number=entity.number)


def form_of_id(entity_id: str, language: str, template: str = DEFAULT_TEMPLATE) -> str:
    """The same by an entity's id alone; a participant's is their code itself."""
    try:
        entity = Entity.placeholder(entity_id)
    except ValueError:
        return entity_id
    return form(entity, language, template)


@lru_cache(maxsize=16)
def check_template(template: str) -> None:
    """Raise UsageError unless `template` gives codes that can be found again in text."""
    try:
        parts = list(string.Formatter().parse(template))
    except ValueError:
        parts = []
    fields = [name for _, name, _, _ in parts if name is not None]
    plain = all(not spec and conversion is None for _, _, spec, conversion in parts)
    if sorted(fields) != ["label", "number"] or not plain:
        raise UsageError(
            "The code template must contain {label} and {number} once each and no other field; "
            "set it to something like [{label} {number}]."
        )
    literals = [text for text, *_ in parts]
    literals += [""] * (3 - len(literals))
    before, after = (0, 1) if fields[0] == "number" else (1, 2)
    touching = literals[before][-1:] + literals[after][:1]
    if any(character.isdigit() for character in touching) or not template.isprintable():
        raise UsageError(
            "The code template may hold no digit beside {number} and no line break; "
            "set it to something like [{label} {number}]."
        )


@lru_cache(maxsize=16)
def code_pattern(template: str = DEFAULT_TEMPLATE) -> re.Pattern[str]:
    """A pattern for the template's codes in any language, with groups `label` and `number`.

    Letter case is ignored, so that a code that a person has retyped still counts as one.
    """
    check_template(template)
    # The longest label first, so that «ID number» is not read as a shorter one.
    labels = "|".join(re.escape(text) for text in sorted(_TYPE_OF_LABEL, key=len, reverse=True))
    # A code that begins with a letter or digit must not begin inside a word.
    pattern = r"(?<!\w)" if template[0].isalnum() or template[0] in "{_" else ""
    for text, name, _, _ in string.Formatter().parse(template):
        pattern += re.escape(text)
        if name == "label":
            pattern += f"(?P<label>{labels})"
        elif name == "number":
            pattern += "(?P<number>[1-9][0-9]{0,8})(?![0-9])"
    return re.compile(pattern, re.IGNORECASE)


def code_spans(text: str, template: str = DEFAULT_TEMPLATE) -> Iterator[tuple[int, int, str]]:
    """Start, end and entity id of every piece of `text` that has the form of a numbered code."""
    for match in code_pattern(template).finditer(text):
        mention_type = _TYPE_OF_LABEL[match["label"].casefold()]
        yield match.start(), match.end(), make_id(mention_type, int(match["number"]))


def find_codes(text: str, template: str = DEFAULT_TEMPLATE) -> frozenset[str]:
    """The ids ("PERSON-3") of the codes that `text` seems to contain, in any language's labels.

    Give the union over all of a study's inputs to `link` as `reserved`, so that the code of
    a new entity never looks like something that one of the inputs said.
    """
    return frozenset(entity_id for _, _, entity_id in code_spans(text, template))
