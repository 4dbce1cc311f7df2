"""Speaker labels: which are roles and codes, and which are names.

A label in front of a turn is not spoken text. `Interviewer`, `R2` or `P01` point
to nobody; anything else is taken for a name, because a missed name leaks and a
masked role only loses a word.
"""

from __future__ import annotations

import re

_ROLE_WORDS = (
    # nb, nn
    "intervjuer|intervjuar|informant|respondent|deltaker|deltakar|deltager|moderator|ordstyrer|"
    "ordstyrar|forsker|forskar|taler|talar|person|stemme|røyst|pasient|pårørende|pårørande|"
    "elev|lærer|lærar|student|leder|leiar|ukjent|alle|gruppe|tolk|observatør|assistent|"
    "intervjuobjekt|begge|far|mor|foresatt|veileder|rettleiar|mann|kvinne|"
    # en
    "interviewer|interviewee|participant|speaker|researcher|facilitator|voice|patient|carer|"
    "relative|pupil|teacher|unknown|all|group|interpreter|translator|observer|assistant|"
    "host|guest|subject|client|therapist|narrator|note|notes|man|woman|male|female|both|"
    "mother|father|"
    # abbreviations
    "int|inf|resp|mod|fork|iv|ip|nn"
)
_ROLE = re.compile(
    rf"(?:(?:{_ROLE_WORDS})(?:en|a|ane|ene|s)?|[a-zæøå]{{1,2}}|p\d+|spk|speaker_\d+)"
    r"(?:[ _.-]?(?:[a-z]|\d{1,3}))?(?: ?\(.{0,30}\))?",
    re.IGNORECASE,
)
_BRACKETED = re.compile(r"\[[^\[\]]*\]")
LABEL = re.compile(r"^[ \t]*([^\s:\[\]<>/@][^:\n\[\]<>/@]{0,39}?)[ \t]*:(?=[ \t]|$)", re.MULTILINE)
"""A possible speaker label at the start of a line; group 1 is the label."""


def is_role(label: str) -> bool:
    """True if a speaker label names a role or a code rather than a person."""
    label = label.strip().rstrip(":").strip()
    return not label or bool(_ROLE.fullmatch(label) or _BRACKETED.fullmatch(label))


def role_spans(text: str) -> list[tuple[int, int]]:
    """The spans (start, end) of role labels at line starts: never part of a mention."""
    return [m.span(1) for m in LABEL.finditer(text) if is_role(m.group(1))]


def name_label_spans(text: str) -> list[tuple[int, int]]:
    """The spans of labels at line starts that look like names.

    One to three words, each capitalised, at most one hyphen or initial between:
    «Kari Nordmann:» but not «Og så sa han:».
    """
    word = r"[^\W\d_][\w'’.-]*"
    found = []
    for match in LABEL.finditer(text):
        label = match.group(1)
        if (
            not is_role(label)
            and re.fullmatch(rf"{word}(?: {word}){{0,2}}", label)
            and all(w[0].isupper() for w in label.split())
        ):
            found.append(match.span(1))
    return found
