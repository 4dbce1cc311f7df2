"""What the material of a study may be called, and the sentence that every output carries.

As long as a key exists, what is written is pseudonymised, and so personal data (GDPR, art. 4(5)
and recital 26). Only a completed close may call it anonymised, and then says by whose
judgement; where an answer of the close says no, it stays pseudonymised for the reasons given.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from anonpipe.audit import AuditLog

Word = Literal["pseudonymised", "anonymised"]
Language = Literal["nb", "nn", "en"]
_LANGUAGES: tuple[Language, ...] = ("nb", "nn", "en")

# code of a reason -> what it says in nb, nn and en
_REASONS: dict[str, tuple[str, str, str]] = {
    "key-exists": ("nøkkelen finnes", "nøkkelen finst", "the key exists"),
    "singling-out": (
        "enkeltpersoner kan skilles ut",
        "enkeltpersonar kan skiljast ut",
        "persons can be singled out",
    ),
    "linkability": (
        "opplysninger om samme person kan kobles",
        "opplysningar om same person kan koplast",
        "records of one person can be linked",
    ),
    "inference": (
        "opplysninger om enkeltpersoner kan sluttes",
        "opplysningar om enkeltpersonar kan sluttast",
        "facts about persons can be inferred",
    ),
    "small-group": (
        "gruppen av deltakere er liten",
        "gruppa av deltakarar er lita",
        "the group of participants is small",
    ),
    "voices-kept": (
        "opptak med stemmer er beholdt",
        "opptak med stemmer er tekne vare på",
        "recordings with voices are kept",
    ),
    "originals-kept": (
        "originaler med navn er beholdt",
        "originalar med namn er tekne vare på",
        "originals with names are kept",
    ),
    "copy-recorder": (
        "en kopi finnes på opptakeren",
        "ein kopi finst på opptakaren",
        "a copy exists on the recorder",
    ),
    "copy-phone": (
        "en kopi finnes på en telefon",
        "ein kopi finst på ein telefon",
        "a copy exists on a phone",
    ),
    "copy-cloud": (
        "en kopi finnes i en skytjeneste",
        "ein kopi finst i ei skyteneste",
        "a copy exists in a cloud service",
    ),
    "copy-email": (
        "en kopi finnes i e-post",
        "ein kopi finst i e-post",
        "a copy exists in e-mail",
    ),
    "copy-exports": (
        "en utskrift av nøkkelen finnes",
        "ei utskrift av nøkkelen finst",
        "an export of the key exists",
    ),
    "copy-backups": (
        "en sikkerhetskopi finnes",
        "ein tryggingskopi finst",
        "a backup exists",
    ),
}
REASONS: tuple[str, ...] = tuple(_REASONS)
"""Codes that say why material is not called anonymised, in the order in which they are told."""

JUDGED_REASONS: tuple[str, ...] = tuple(code for code in REASONS if code != "key-exists")
"""Those that a close may give."""

# role of identity.ROLES -> nb, nn, en
_ROLES: dict[str, tuple[str, str, str]] = {
    "researcher": ("forsker", "forskar", "researcher"),
    "student": ("student", "student", "student"),
    "supervisor": ("veileder", "rettleiar", "supervisor"),
    "colleague": ("kollega", "kollega", "colleague"),
    "institution": ("institusjon", "institusjon", "institution"),
    "officer": ("personvernombud", "personvernombod", "data protection officer"),
    "archive": ("arkiv", "arkiv", "archive"),
    "backup": ("reserve", "reserve", "backup"),
    "recipient": ("nøkkelholder", "nøkkelhaldar", "key holder"),
}
_OPEN = {
    "nb": "Pseudonymisert: nøkkelen finnes, dette er personopplysninger.",
    "nn": "Pseudonymisert: nøkkelen finst, dette er personopplysningar.",
    "en": "Pseudonymised: the key exists, this is personal data.",
}
_STILL = {
    "nb": "Pseudonymisert: nøkkelen er ødelagt ({on}), men dette er fortsatt personopplysninger, "
    "etter vurdering av {role} ({fingerprint}), fordi {reasons}.",
    "nn": "Pseudonymisert: nøkkelen er øydelagd ({on}), men dette er framleis personopplysningar, "
    "etter vurdering av {role} ({fingerprint}), fordi {reasons}.",
    "en": "Pseudonymised: the key is destroyed ({on}), but this is still personal data, "
    "in the judgement of the {role} ({fingerprint}), because {reasons}.",
}
_DONE = {
    "nb": "Anonymisert etter vurdering av {role} ({fingerprint}), {on}: "
    "nøkkelen er ødelagt i alle registrerte kopier.",
    "nn": "Anonymisert etter vurdering av {role} ({fingerprint}), {on}: "
    "nøkkelen er øydelagd i alle registrerte kopiar.",
    "en": "Anonymised in the judgement of the {role} ({fingerprint}), {on}: "
    "the key is destroyed in all registered copies.",
}


@dataclass(frozen=True, slots=True)
class Judge:
    """Who judged: a role of `identity.ROLES` and the fingerprint of the holder's public key."""

    role: str
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Material:
    """What the material may be called.

    `judged_by` and `on` (an ISO date) are None until a close has judged; `why_not` says in
    codes of `REASONS` why the material is not called anonymised, and is empty only when it is.
    """

    word: Word
    judged_by: Judge | None = None
    on: str | None = None
    why_not: tuple[str, ...] = ()

    def line(self, language: str) -> str:
        """The sentence for an output in nb, nn or en (English for other languages)."""
        spoken = _spoken(language)
        if self.judged_by is None:
            return _OPEN[spoken]
        place = _LANGUAGES.index(spoken)
        text = (_DONE if self.word == "anonymised" else _STILL)[spoken]
        reasons = [_REASONS[code][place] for code in self.why_not]
        return text.format(
            role=role_name(self.judged_by.role, spoken),
            fingerprint=self.judged_by.fingerprint,
            on=self.on,
            reasons=", ".join(reasons),
        )

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values; `from_json` is the inverse."""
        judge = self.judged_by
        return {
            "word": self.word,
            "judged_by": judge and {"role": judge.role, "fingerprint": judge.fingerprint},
            "on": self.on,
            "why_not": list(self.why_not),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Material:
        """Rebuild from `to_json`'s values; KeyError, TypeError or ValueError for others."""
        judge = data["judged_by"]
        if set(data) != {"word", "judged_by", "on", "why_not"}:
            raise ValueError("no status of material")
        return _checked(
            data["word"],
            None if judge is None else Judge(judge["role"], judge["fingerprint"]),
            data["on"],
            tuple(data["why_not"]),
        )


PSEUDONYMISED = Material("pseudonymised", why_not=("key-exists",))
"""What all material is until a close has been completed."""


def judged(judge: Judge, on: str, why_not: tuple[str, ...]) -> Material:
    """The material as a completed close leaves it: anonymised only if no reason speaks against.

    `on` is the ISO date of the judgement. Raises ValueError for what no judgement may say.
    """
    ordered = tuple(code for code in REASONS if code in why_not)
    if len(ordered) != len(set(why_not)):
        raise ValueError("an unknown reason")
    return _checked("pseudonymised" if ordered else "anonymised", judge, on, ordered)


def material(log: AuditLog) -> Material:
    """What the log allows the material of a study to be called.

    The judgement stands in "close-intent" and counts only if a holder of the key signed it at
    once; "closed" says that the close was completed, and may be unsigned, as the key is gone
    by then. Raises AuditError when the log does not verify.
    """
    found = PSEUDONYMISED
    intended: Material | None = None
    going: Material | None = None
    for entry in log.credible_entries():
        if entry.action == "close-intent":
            details = entry.details
            reasons = details.get("why_not", ())
            intended = judged(
                Judge(str(details["role"]), str(details["by"])),
                str(details["on"]),
                tuple(map(str, reasons)) if isinstance(reasons, tuple) else (str(reasons),),
            )
        elif entry.action == "key-going":
            going = intended
        elif entry.action == "closed" and going is not None:
            found = going
    return found


def role_name(role: str, language: str) -> str:
    """The word for a role: «veileder», “supervisor”, «veileder 2» for supervisor-2."""
    name, _, number = role.partition("-")
    words = _ROLES[name][_LANGUAGES.index(_spoken(language))]
    return f"{words} {number}" if number else words


def reason_text(code: str, language: str) -> str:
    """What a code of `REASONS` says."""
    return _REASONS[code][_LANGUAGES.index(_spoken(language))]


def is_line(text: str) -> bool:
    """Whether `text` is a sentence that `Material.line` gives, and nothing else."""
    return language_of(text) is not None


def language_of(line: str) -> Language | None:
    """The language of a sentence of `Material.line`, None for any other text."""
    return next((each for each in _LANGUAGES if _LINES[each].fullmatch(line)), None)


def _spoken(language: str) -> Language:
    return next((each for each in _LANGUAGES if each == language), "en")


def _checked(word: Any, judge: Judge | None, on: Any, why_not: tuple[Any, ...]) -> Material:
    """ValueError unless the values are those of a Material that may exist."""
    if judge is None:
        if (word, on, why_not) != ("pseudonymised", None, ("key-exists",)):
            raise ValueError("nobody judged, so it is pseudonymised")
        return PSEUDONYMISED
    sound = (
        word == ("pseudonymised" if why_not else "anonymised")
        and why_not == tuple(code for code in REASONS if code in why_not)
        and "key-exists" not in why_not
        and isinstance(judge.role, str)
        and re.fullmatch(_ROLE, judge.role) is not None
        and isinstance(judge.fingerprint, str)
        and re.fullmatch(_FINGERPRINT, judge.fingerprint) is not None
        and isinstance(on, str)
        and re.fullmatch(_DAY, on) is not None
    )
    if not sound:
        raise ValueError("no status of material")
    return Material(word, judge, on, why_not)


_FINGERPRINT = r"[0-9a-f]{16}"
_DAY = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
_ROLE = rf"(?:{'|'.join(_ROLES)})(?:-(?:[2-9]|[1-9][0-9]))?"


def _line_pattern(language: Language) -> re.Pattern[str]:
    place = _LANGUAGES.index(language)
    roles = "|".join(re.escape(words[place]) for words in _ROLES.values())
    reason = "|".join(re.escape(words[place]) for words in _REASONS.values())
    parts = {
        "role": rf"(?:{roles})(?: (?:[2-9]|[1-9][0-9]))?",
        "fingerprint": _FINGERPRINT,
        "on": _DAY,
        "reasons": rf"(?:{reason})(?:, (?:{reason}))*",
    }
    patterns = [re.escape(_OPEN[language])]
    for text in (_STILL[language], _DONE[language]):
        pieces = re.split(r"\{(\w+)\}", text)
        patterns.append(
            "".join(re.escape(p) if i % 2 == 0 else parts[p] for i, p in enumerate(pieces))
        )
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns))


_LINES = {language: _line_pattern(language) for language in _LANGUAGES}
