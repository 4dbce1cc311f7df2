"""What a reader of the coded texts can read as it was said, or less exact.

A policy keeps it, a person rejected the mention, or nobody marked it. Of a source whose raw
transcript is gone only what has a form is seen.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from anonpipe.codes import Place
from anonpipe.detect.recognizers import families
from anonpipe.detect.recognizers.occupation import EN_PERSON, NO_PERSON
from anonpipe.detect.recognizers.rule import find_all
from anonpipe.detect.spans import resolve
from anonpipe.rarity import QUASI, Text, said_as
from anonpipe.review.applying import apart, rejects
from anonpipe.review.desk import Desk
from anonpipe.splicing import Piece, splice
from anonpipe.transcript import SPEAKER_TURN, Mention, MentionType

Why = Literal["kept", "rejected", "left"]
"""Why something can be read as it was said: a policy, a person's decision, or nobody saw it."""
TELLING: frozenset[MentionType] = frozenset({"AGE", "DATE", "OCCUPATION"})
"""Types of which rejected words count all the same: their form says what they are, while what was
rejected as a place or a firm most often is none."""
_ASKS = re.compile(r"(?:interv|forsker|forskar|research)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Said:
    """Something in a turn that can be read as it was said; `words` are personal data."""

    type: MentionType
    words: str
    why: Why
    turn: int

    @property
    def counts(self) -> bool:
        """Whether the measure counts it."""
        return self.why != "rejected" or self.type in TELLING


@dataclass(frozen=True, slots=True)
class Source:
    """A source as it would be written: the coded text of each turn, and what is readable in it.

    `generalised` are entity and bracketed words of what stands generalised, None if only the
    key can tell (the raw transcript is gone).
    """

    id: str
    participants: tuple[str, ...]
    language: str
    turns: tuple[str, ...]
    said: tuple[Said, ...] = ()
    generalised: tuple[tuple[str, str], ...] | None = None

    @property
    def text(self) -> Text:
        """What `rarity` measures."""
        counted = (each for each in self.said if each.counts)
        said = tuple(dict.fromkeys((each.type, each.words) for each in counted))
        lines = "\n".join(self.turns)
        return Text(self.id, self.participants, self.language, lines, self.generalised, said)


def readable(
    turns: Sequence[str],
    language: str,
    *,
    kept: Collection[MentionType] = (),
    rejected: Mapping[str, MentionType] | None = None,
) -> tuple[Said, ...]:
    """What a reader of coded turns can still read as it was said, as far as rules see it.

    Ages, dates, occupations and what else has a form are found by the rules of detection; names
    of places and firms have none, and are not looked for. `kept` are the types that the policies
    leave; `rejected` are words that a person said are nothing, with the type that they had.
    """
    nothing = {said_as(words): (kind, words) for words, kind in (rejected or {}).items()}
    found: list[Said] = []
    for number, turn in enumerate(turns):
        seen = _rules_see(turn, language)
        there = {said_as(words) for _, words in seen}
        lower = f" {said_as(turn)} "
        more = [told for w, told in nothing.items() if w not in there and _stands(w, lower)]
        for kind, words in (*seen, *more):
            why: Why = (
                "rejected" if said_as(words) in nothing else "kept" if kind in kept else "left"
            )
            found.append(Said(kind, words, why, number))
    return tuple(dict.fromkeys(found))


def uncovered(
    found: Iterable[Mention],
    marks: Iterable[Mention],
    rejected: Callable[[Place, str], bool],
) -> tuple[Said, ...]:
    """What the machine found in a raw transcript and what no mark covers a part of: it stays
    readable, by policy or because a person rejected it.
    """
    said = []
    for mention in apart(found, marks):
        if mention.turn != SPEAKER_TURN:
            place = mention.turn, mention.start, mention.end
            why: Why = "rejected" if rejected(place, mention.text) else "kept"
            said.append(Said(mention.type, mention.text, why, mention.turn))
    return tuple(dict.fromkeys(said))


def _stands(words: str, text: str) -> bool:
    at = text.find(words)
    while at >= 0:
        if not text[at - 1].isalnum() and not text[at + len(words)].isalnum():
            return True
        at = text.find(words, at + 1)
    return False


@lru_cache(maxsize=50_000)
def _rules_see(turn: str, language: str) -> tuple[tuple[MentionType, str], ...]:
    """Types and words of what the rules of detection see outside brackets."""
    spans = [s for f in families(language) for s in find_all(f.RULES, turn, language)]
    free = [s for s in resolve(spans) if s.type in QUASI and not _bracketed(turn, s.start, s.end)]
    return tuple((span.type, turn[span.start : span.end]) for span in free)


def _bracketed(text: str, start: int, end: int) -> bool:
    """Whether something holds a bracket or stands in one."""
    inside = text.rfind("[", 0, start) > text.rfind("]", 0, start)
    return inside or any(c in text[start:end] for c in "[]")


_NO_OWN = re.compile(
    r"(?i:\b(?:jeg|eg|æ|ek|e)\b(?! at\b)[^.!?]{0,30}?"
    r"\b(?:er|e|æ|var|va|ble|blei|vart|jobber|jobbar|jobba|jobbet|arbeider|arbeidde|arbeidet|"
    r"utdannet|utdanna|begynte som|starta som)\b[^.!?,]{0,40}?)"
    rf"(?<![\w-])(?<!på )(?P<x>{NO_PERSON})(?![\w-])"
)
_EN_OWN = re.compile(
    r"\bI(?:'m|’m| am| was| became| work(?:ed)? as| train(?:ed)? as|['’]ve been| have been)\b"
    r"[^.!?,]{0,40}?(?<![\w-])"
    r"(?P<x>(?:(?!(?:a|an|the|as|my|just|now|still|only|and|or|is|was|been)\b)[a-z]+[ -])?"
    rf"(?i:{EN_PERSON}))(?![\w-])"
)


def own_roles(turns: Sequence[tuple[str, str]], language: str) -> tuple[Said, ...]:
    """What people say that they are or work as («jeg er sykepleier»), outside brackets.

    Detection leaves a plain occupation, as it points to thousands; beside an age and a place it
    may point to one. `turns` are speakers and texts; what an interviewer says is left out.
    """
    pattern = _NO_OWN if language in {"nb", "nn"} else _EN_OWN
    return tuple(
        Said("OCCUPATION", match["x"], "left", number)
        for number, (speaker, text) in enumerate(turns)
        if not _ASKS.match(speaker)
        for match in pattern.finditer(text)
        if not _bracketed(text, match.start("x"), match.end("x"))
    )


def source(desk: Desk, name: str) -> Source:
    """A source at a desk as it would be written with all decisions; of one whose raw transcript is
    gone, what its outputs say. Raises UsageError for one that may not be seen.
    """
    seen = desk.interview(name)
    settings = desk.study.settings
    language = seen.transcript.language
    turns = [turn.text for turn in seen.transcript.turns]
    speakers = [turn.speaker for turn in seen.transcript.turns]
    if not seen.raw:
        rejects_all = {d.text: d.type or "OTHER" for d in seen.decisions if d.kind == "reject"}
        said = readable(turns, language, kept=settings.policies.keeps, rejected=rejects_all)
        said = _together(said, own_roles(tuple(zip(speakers, turns, strict=True)), language))
        return Source(name, seen.participants, language, tuple(turns), said)
    pieces: dict[int, list[Piece]] = {}
    for mark in seen.marks:
        m = mark.mention
        pieces.setdefault(m.turn, []).append(Piece(m.start, m.end, m.generalised or mark.code))
    mentions = [mark.mention for mark in seen.marks]
    coded = tuple(splice(text, pieces.get(number, ())) for number, text in enumerate(turns))
    said = _together(
        uncovered(desk.found(name), mentions, rejects(seen.decisions, name)),
        own_roles(tuple(zip(speakers, coded, strict=True)), language),
    )
    generalised = {(m.entity, m.generalised) for m in mentions if m.entity and m.generalised}
    return Source(
        name,
        seen.participants,
        language,
        coded,
        said,
        tuple(sorted((entity, words) for entity, words in generalised if entity and words)),
    )


def _together(said: Sequence[Said], roles: Iterable[Said]) -> tuple[Said, ...]:
    """What is readable, with roles that are no part of it."""
    own = (
        role
        for role in roles
        if not any(role.turn == each.turn and role.words in each.words for each in said)
    )
    return tuple(dict.fromkeys((*said, *own)))
