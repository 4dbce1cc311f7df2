"""Mentions that the machine itself had reason to doubt, or about which the study wants to be asked.

A mention that only one of the name model and the rules saw is false about every other time; one
that both saw hardly ever. Which of them saw it follows from its recognizer and from the network's
chance for its words.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from anonpipe.codes.naming import parse_name
from anonpipe.detect.spans import MODEL
from anonpipe.review.interview import Why
from anonpipe.review.questions.spots import Case, Spot
from anonpipe.transcript import Mention, MentionType

_BY_LISTS = frozenset({"names", "same-name"})
"""Recognizers that go by lists, capitals and what stands elsewhere."""
_ALONE: tuple[tuple[float, float], ...] = ((0.02, 0.9), (0.1, 0.75), (0.5, 0.55))
"""Share of false ones among what lists found, below chances of the network."""
_UNSEEN_BY_RULES: tuple[tuple[float, float], ...] = ((0.8, 0.7), (0.95, 0.5))
"""The same among what the network found by itself."""
_IN_VAIN = 0.06
"""Harm of a word that is masked in vain."""
_AMBIGUOUS = 0.05
_ASK = 0.1
_RARE, _RARE_READABLE = 0.05, 0.15

_MOST_OTHERS = 3
"""Names of others that are told with a question."""


def one_recognizer(case: Case) -> Iterator[Spot]:
    """Mentions that one recognizer alone saw, where it is often wrong."""
    if not case.reading.by_turn:
        return
    for mention in case.found:
        share = _false_share(case, mention)
        if share:
            yield _about(mention, "one-recognizer", _IN_VAIN * share)


def _false_share(case: Case, mention: Mention) -> float:
    if mention.turn < 0:
        return 0.0
    if mention.recognizer == MODEL:
        table = _UNSEEN_BY_RULES
    elif mention.recognizer in _BY_LISTS:
        table = _ALONE
    else:
        return 0.0
    entity = case.entities.get(mention.entity or "")
    if entity is not None and entity.is_known:
        return 0.0
    chance = case.reading.chance_in(mention.turn, mention.start, mention.end)
    return next((share for least, share in table if chance < least), 0.0)


def ambiguous(case: Case) -> Iterator[Spot]:
    """Mentions whose owner is a guess of linking: it left a note of that in the key."""
    guessed: dict[str, set[str]] = {}
    bearers: dict[tuple[MentionType, str], list[str]] = defaultdict(list)
    for entity in case.entities.values():
        for note in entity.merged_by:
            parts = note.split(":", 3)
            if len(parts) == 4 and parts[0] == "rule" and parts[2] == case.source:
                guessed.setdefault(entity.id, set()).add(parts[3])
        if entity.type == "PERSON" and not entity.is_placeholder and entity.same_as is None:
            for word in parse_name(entity.canonical, person=True).words:
                bearers[entity.type, word].append(entity.id)
    for mention in case.mentions:
        if mention.turn < 0 or mention.entity not in guessed:
            continue
        name = parse_name(mention.text, person=mention.type == "PERSON")
        if name.text not in guessed[mention.entity]:
            continue
        others = [
            case.entities[other].canonical
            for other in bearers.get((mention.type, name.words[0]), ())
            if other != mention.entity
        ]
        yield _about(mention, "ambiguous-name", _AMBIGUOUS, also=", ".join(others[:_MOST_OTHERS]))


def asked(case: Case) -> Iterator[Spot]:
    """Mentions of types about which the study wants to be asked."""
    for mention in case.mentions:
        if mention.turn < 0 or case.policies.of(mention.type) != "ask":
            continue
        entity = case.entities.get(mention.entity or "")
        if entity is None or not entity.is_known:
            yield _about(mention, "policy-ask", _ASK, must=True)


def rare(case: Case) -> Iterator[Spot]:
    """Mentions whose code is part of a combination that only one participant has."""
    for mention in case.mentions:
        if mention.turn >= 0 and mention.entity in case.rare:
            weight = _RARE if mention.generalised is None else _RARE_READABLE
            yield _about(mention, "rare", weight)


def _about(
    mention: Mention, why: Why, weight: float, *, also: str = "", must: bool = False
) -> Spot:
    return Spot(
        mention.turn, mention.start, mention.end, why, weight, mention.type, mention.entity,
        also, must,
    )  # fmt: skip
