"""From spots to questions: which are one place, what one decision answers, what is answered."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence

from anonpipe.codes.spelling import folded, is_genitive
from anonpipe.review.decision import Decision
from anonpipe.review.interview import Question, Why
from anonpipe.review.questions.spots import Case, Cover, Spot
from anonpipe.transcript import Transcript

PER_THOUSAND = {True: 13, False: 2}
"""Decisions that are asked for in a thousand words, at most: about what may be readable, and about
the rest. What one does not need is the other's."""
FEWEST = {True: 4, False: 1}
"""The same in however short a text."""
PLACES = 8
"""Places of one group that are shown, the heaviest, unless the study wants to be asked."""
_MORE = 0.1
"""Share of the weight of a further reason for the same place."""
_OF_MISSED: frozenset[Why] = frozenset({"missed-name", "unsure-name", "indirect"})
_ANSWERS_TROUBLE = frozenset({"seen", "word"})


def budget(words: int, readable: bool) -> int:
    """How many decisions a transcript of so many words asks for, at most, of either kind."""
    return max(FEWEST[readable], round(PER_THOUSAND[readable] * words / 1000))


class Settled:
    """Tells which places somebody decided about.

    A decision answers whatever it overlaps, or has the words of if it is for the source or the
    study. What the transcription got wrong is only answered by looking at just that.
    """

    def __init__(self, decisions: Iterable[Decision], source: str) -> None:
        self._here: dict[int, list[Decision]] = defaultdict(list)
        self._words: set[str] = set()
        for decision in decisions:
            if decision.kind == "merge":
                continue
            own = decision.source == source or (not source and decision.scope != "study")
            if own and decision.turn >= 0:
                self._here[decision.turn].append(decision)
            if decision.scope != "here":
                self._words.add(folded(decision.text))

    def answers(self, turn: int, start: int, end: int, text: str, *, trouble: bool) -> bool:
        """Whether a question about a place is answered."""
        for decision in self._here.get(turn, ()):
            overlaps = decision.start < end and start < decision.end
            if overlaps and (not trouble or decision.kind in _ANSWERS_TROUBLE):
                return True
        if trouble or not self._words:
            return False
        words = folded(text)
        return words in self._words or (
            words[:-1] in self._words and is_genitive(words, words[:-1])
        )


def asked(spots: Iterable[Spot], case: Case, settled: Settled, now: Cover) -> list[_Asked]:
    """One for each place, with all its reasons. What is a mention by now is no question, unless
    somebody decided that it is.
    """
    by_turn: dict[tuple[int, bool], list[Spot]] = defaultdict(list)
    for spot in spots:
        by_turn[spot.turn, spot.why == "trouble"].append(spot)
    found: list[_Asked] = []
    for (turn, is_trouble), there in by_turn.items():
        text = case.text(turn)
        for together in _together(there):
            start = min(spot.start for spot in together)
            end = max(spot.end for spot in together)
            done = settled.answers(turn, start, end, text[start:end], trouble=is_trouble)
            why = {spot.why for spot in together}
            if not done and not is_trouble and why <= _OF_MISSED and now.whole(turn, start, end):
                continue
            found.append(_Asked(together, turn, start, end, text[start:end], done))
    return found


class _Asked:
    """A place with its reasons, on the way to a question."""

    def __init__(
        self, spots: Sequence[Spot], turn: int, start: int, end: int, text: str, done: bool
    ) -> None:
        ordered = sorted(spots, key=lambda spot: -spot.weight)
        heaviest: dict[Why, float] = {}
        for spot in ordered:
            heaviest.setdefault(spot.why, spot.weight)
        first, *more = heaviest.values()
        self.turn, self.start, self.end, self.text, self.done = turn, start, end, text, done
        self.why = tuple(heaviest)
        self.weight = first + _MORE * sum(more)
        self.must = any(spot.must for spot in spots)
        self.type = next((spot.type for spot in ordered if spot.type is not None), None)
        owned = next((spot for spot in ordered if spot.entity is not None), None)
        self.entity = owned.entity if owned is not None else None
        self.also = next((spot.also for spot in ordered if spot.also), "")
        self.key = f"{folded(text)}|{'+'.join(sorted(self.why))}"

    @property
    def group(self) -> str:
        """The same for the same words and reasons; tells nothing of the words."""
        return hashlib.blake2s(self.key.encode(), digest_size=6).hexdigest()


def _together(spots: Sequence[Spot]) -> list[list[Spot]]:
    """Overlapping spots, which are one place."""
    groups: list[list[Spot]] = []
    end = -1
    for spot in sorted(spots, key=lambda s: (s.start, s.end)):
        if groups and spot.start < end:
            groups[-1].append(spot)
        else:
            groups.append([spot])
        end = max(spot.end for spot in groups[-1])
    return groups


def shortened(found: Sequence[_Asked], transcript: Transcript) -> tuple[Question, ...]:
    """The questions within the budget, heaviest first, those of one group side by side."""
    weights: dict[str, float] = defaultdict(float)
    must: set[str] = set()
    readable: set[str] = set()
    for each in found:
        weights[each.key] = max(weights[each.key], each.weight)
        if each.must:
            must.add(each.key)
        if not _OF_MISSED.isdisjoint(each.why):
            readable.add(each.key)
    words = sum(len(turn.text.split()) for turn in transcript.turns)
    free = sorted((key for key in weights if key not in must), key=lambda k: (-weights[k], k))
    first = [key for key in free if key in readable]
    rest = [key for key in free if key not in readable]
    wanted, left = budget(words, True), budget(words, False)
    most = wanted + left
    taken = max(wanted, most - len(rest))
    chosen = must.union(first[:taken], rest[: max(left, most - len(first))])
    shown: dict[str, int] = defaultdict(int)
    kept = []
    for each in sorted(found, key=lambda each: (-each.weight, each.turn, each.start)):
        shown[each.key] += 1
        if each.key in chosen and (shown[each.key] <= PLACES or each.must):
            kept.append(each)
    kept.sort(key=lambda each: (-weights[each.key], each.key, each.turn, each.start))
    return tuple(
        Question(
            turn=each.turn,
            start=each.start,
            end=each.end,
            text=each.text,
            why=each.why,
            weight=round(weights[each.key], 4),
            type=each.type,
            entity=each.entity,
            also=each.also,
            group=each.group,
            done=each.done,
        )
        for each in kept
    )
