"""Linking mentions to entities, the form of codes, and putting codes into text."""

from anonpipe.codes.entities import (
    LISTED,
    ONLY_HERE,
    UNUSED,
    Entity,
    Linked,
    by_id,
    make_id,
    resolved,
    split_id,
)
from anonpipe.codes.forms import (
    DEFAULT_TEMPLATE,
    bare,
    check_template,
    code_spans,
    find_codes,
    form,
    form_of_id,
    label,
)
from anonpipe.codes.generalise import without_generalisations
from anonpipe.codes.linking import link
from anonpipe.codes.policies import Place, Policies, Policy
from anonpipe.codes.replacing import SPEAKER_TEMPLATE, replace, restore
from anonpipe.codes.unlinking import Unlinker, redact

__all__ = [
    "DEFAULT_TEMPLATE",
    "LISTED",
    "ONLY_HERE",
    "SPEAKER_TEMPLATE",
    "UNUSED",
    "Entity",
    "Linked",
    "Place",
    "Policies",
    "Policy",
    "Unlinker",
    "bare",
    "by_id",
    "check_template",
    "code_spans",
    "find_codes",
    "form",
    "form_of_id",
    "label",
    "link",
    "make_id",
    "redact",
    "replace",
    "resolved",
    "restore",
    "split_id",
    "without_generalisations",
]
