"""Speaker labels: which are roles and codes, and which are names.

A label in front of a turn is not spoken text. `Interviewer`, `R2` or `P01` point
to nobody, nor do words of a dictionary that nobody is called (`Gravedigger`);
anything else is taken for a name, because a missed name leaks and a masked role
only loses a word.
"""

from __future__ import annotations

import re
from functools import lru_cache

from anonpipe.detect.contexts import contexts
from anonpipe.detect.lexicon import load_lexicon

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
    # trades that are surnames as well
    "kokk|fisker|fiskar|bonde|officer|farmer|porter|"
    # short words; longer ones are looked up
    "los|vakt|eier|eigar|chef|vet|cook|nurse|svar|prest|"
    # what stands before a field of a form
    "navn|namn|sted|stad|dato|tid|tema|emne|alder|kjønn|yrke|rolle|tittel|kode|kilde|sak|"
    "name|role|date|time|place|topic|theme|age|sex|job|title|code|source|case|"
    # abbreviations
    "int|inf|resp|mod|fork|iv|ip|nn"
)
_NUMBER = r"(?:[ _.-][a-z]|[ _.-]?\d{1,3})?"
_ASIDE = re.compile(r" ?\(([^()]{0,30})\)$")
_ROLE = re.compile(
    rf"(?:(?:{_ROLE_WORDS})(?:en|a|ane|ene|s)?|p\d+|spk|speaker_\d+){_NUMBER}", re.IGNORECASE
)
# One letter or two: not «Bo», not «Ola».
_INITIALS = re.compile(rf"(?:[^\W\d_]|[A-ZÆØÅ]{{2}}|[a-zæøå]{{2}})(?i:{_NUMBER})")
# Nynorsk and indefinite or definite forms of who does things.
_MAKERS = frozenset(
    stem + ending
    for stem in ("makar", "meister", "pleiar", "arbeidar", "lærar", "førar", "leiar", "køyrar",
                 "røktar", "vaktar", "hjelpar", "målar", "bakar", "smed", "konsulent")
    for ending in ("", "en", "e", "an")
)  # fmt: skip
_BRACKETED = re.compile(r"\[[^\[\]]*\]")
LABEL = re.compile(r"^[ \t]*([^\s:\[\]<>/@][^:\n\[\]<>/@]{0,39}?)[ \t]*:(?=[ \t]|$)", re.MULTILINE)
"""A possible speaker label at the start of a line; group 1 is the label."""


@lru_cache(maxsize=1024)
def is_role(label: str) -> bool:
    """True if a speaker label names a role or a code rather than a person."""
    label = label.strip().rstrip(":.").strip()
    if (aside := _ASIDE.search(label)) and _says_no_name(aside[1]):
        label = label[: aside.start()]
    if not label or any(form.fullmatch(label) for form in (_ROLE, _INITIALS, _BRACKETED)):
        return True
    words = re.sub(rf"{_NUMBER}$", "", label, flags=re.IGNORECASE).split()
    return bool(words) and all(map(_is_plain, words))


def _says_no_name(aside: str) -> bool:
    """True for what stands behind a role in brackets, «(mann 40)», as long as it names nobody."""
    return all(is_role(word) or word.isdigit() for word in re.findall(r"\w+", aside))


def _is_plain(word: str) -> bool:
    """True for a word of a dictionary, also as a compound, that is on no list of names.

    «Felemakar» is nynorsk: its first part is looked up, its last is told by its ending.
    """
    word = word.lower()
    function = any(word in contexts(code).function for code in ("nb", "en"))
    if len(word) < 5 or not word.isalpha() or function or load_lexicon("nb").kinds(word):
        return False
    if any(load_lexicon(code).is_word(word) for code in ("nb", "en")):
        return True
    known = load_lexicon("nb").known
    return any(
        word[:i] in known and (word[i:] in known or word[i:] in _MAKERS)
        for i in range(3, len(word) - 2)
    )


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
