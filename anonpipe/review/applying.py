"""What decisions make of the mentions that were found: a pure function.

The machine's mentions come linked; decisions for the study are applied first, then those for
the source, then those for one place, each in the order in which they were taken. So an
exception stays an exception, whatever is decided for the whole afterwards; only where the wider
decision was taken itself does it take the place of what had been decided there before.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from anonpipe.codes import UNUSED, Entity, Place
from anonpipe.codes.spelling import folded, is_genitive
from anonpipe.detect.propagate import propagate
from anonpipe.review.decision import SCOPES, Decision
from anonpipe.transcript import SPEAKER_TURN, KnownName, Mention, MentionType, Transcript

BY_PERSON = "review"
"""The recognizer of mentions that a person marked."""
_MARKS = frozenset({"confirm", "reject", "add", "entity", "span"})
"""Kinds of which a wider one takes the place of an earlier one for the same words in place."""


def same_words(a: str, b: str) -> bool:
    """Whether two pieces of text are the same words, but for capitals, blanks and a genitive."""
    one, other = sorted((folded(a), folded(b)), key=len)
    return one == other or is_genitive(other, one)


@dataclass(frozen=True, slots=True)
class Occurrences:
    """Where words stand in a transcript as a name; remembered, as looking takes a while."""

    transcript: Transcript
    found: dict[tuple[str, MentionType], tuple[Place, ...]]

    @classmethod
    def of(cls, transcript: Transcript) -> Occurrences:
        return cls(transcript, {})

    def places(self, text: str, kind: MentionType) -> tuple[Place, ...]:
        """Turn, start and end of each, in order; also in the genitive, and misheard."""
        self.look_for([(text, kind)])
        return self.found[text, kind]

    def look_for(self, wanted: Iterable[tuple[str, MentionType]]) -> None:
        """Look for many words at once, since reading the text is what takes long."""
        new = [each for each in dict.fromkeys(wanted) if each not in self.found]
        if not new:
            return
        starts, whole = self.transcript.starts, self.transcript.text
        known = {KnownName(text, kind, listed=True): (text, kind) for text, kind in new}
        found: dict[tuple[str, MentionType], list[Place]] = {each: [] for each in new}
        for each in propagate(whole, self.transcript.language, (), known):
            turn = bisect_right(starts, each.span.start) - 1
            if each.name in known and each.span.end < starts[turn + 1]:
                start, end = each.span.start - starts[turn], each.span.end - starts[turn]
                found[known[each.name]].append((turn, start, end))
        self.found.update({each: tuple(sorted(places)) for each, places in found.items()})

    def exact(self, text: str) -> tuple[Place, ...]:
        """Turn, start and end of each place where these very words stand."""
        pattern = re.compile(rf"(?<!\w){re.escape(text)}(?!\w)", re.IGNORECASE)
        return tuple(
            (number, match.start(), match.end())
            for number, turn in enumerate(self.transcript.turns)
            for match in pattern.finditer(turn.text)
        )


class _Marks:
    """The mentions of a transcript while decisions are applied; none overlaps another."""

    def __init__(self, mentions: Iterable[Mention]) -> None:
        self.by_turn: dict[int, list[Mention]] = {}
        for mention in mentions:
            self.by_turn.setdefault(mention.turn, []).append(mention)

    def all(self) -> list[Mention]:
        return [mention for found in self.by_turn.values() for mention in found]

    def over(self, place: Place) -> list[Mention]:
        turn, start, end = place
        return [m for m in self.by_turn.get(turn, ()) if m.start < end and start < m.end]

    def change(self, old: Iterable[Mention], new: Callable[[Mention], Mention | None]) -> None:
        for mention in old:
            found = self.by_turn[mention.turn]
            at = found.index(mention)
            becomes = new(mention)
            found[at : at + 1] = [] if becomes is None else [becomes]

    def put(self, mention: Mention) -> None:
        """A mention takes the place of all that it overlaps."""
        found = self.by_turn.setdefault(mention.turn, [])
        found[:] = [m for m in found if m.end <= mention.start or mention.end <= m.start]
        found.append(mention)


def apart(mentions: Iterable[Mention], others: Iterable[Mention]) -> list[Mention]:
    """The mentions that overlap none of the others."""
    marks = _Marks(others)
    return [m for m in mentions if not marks.over((m.turn, m.start, m.end))]


def applied(
    mentions: Iterable[Mention],
    decisions: Iterable[Decision],
    occurrences: Occurrences,
    source: str,
) -> tuple[Mention, ...]:
    """The mentions of a source as a person decided, in order of the text.

    `decisions` are those for the study and those of this source; `mentions` are linked. A
    decision that fits no place of the transcript does nothing.
    """
    marks = _Marks(mentions)
    ordered = _in_order(decisions, source)
    added = (d for d in ordered if d.kind == "add" and d.scope != "here")
    occurrences.look_for((d.text, d.type) for d in added if d.type is not None)
    for decision in ordered:
        _APPLY[decision.kind](marks, decision, occurrences, source)
    return tuple(sorted(marks.all(), key=lambda m: (m.turn, m.start, m.end)))


def _in_order(decisions: Iterable[Decision], source: str) -> list[Decision]:
    """Wider ones first; without those that a wider one has overtaken in their own place."""
    every = sorted(decisions, key=lambda d: d.at)
    mine = [d for d in every if d.kind in _MARKS and d.source == source]
    last = {(d.place, d.scope): d.at for d in mine}

    def held(d: Decision) -> bool:
        wider = SCOPES[SCOPES.index(d.scope) + 1 :]
        return d.kind not in _MARKS or all(d.at >= last.get((d.place, w), "") for w in wider)

    return sorted(filter(held, every), key=lambda d: -SCOPES.index(d.scope))


def fits(place: Place, transcript: Transcript) -> bool:
    """Whether there is such a place in the transcript, with something in it."""
    turn, start, end = place
    turns = transcript.turns
    return 0 <= turn < len(turns) and 0 <= start < end <= len(turns[turn].text)


def stands(decision: Decision, transcript: Transcript) -> bool:
    """Whether the place of a decision is still there, in the source in which it was taken.

    A decision for the study outlives a transcript: other words may stand in its place by now, which
    it is not about. Where words were corrected that were no name, the new ones may be one.
    """
    if not fits(decision.place, transcript):
        return False
    text = transcript.turns[decision.turn].text[decision.start : decision.end]
    stays = decision.scope != "study" and decision.kind != "reject"
    return stays or same_words(text, decision.text)


def _own_place(decision: Decision, occurrences: Occurrences, source: str) -> bool:
    """Whether it was taken in this source, at a place that is still there."""
    return decision.source == source and stands(decision, occurrences.transcript)


def _targets(
    marks: _Marks, decision: Decision, occurrences: Occurrences, source: str
) -> list[Mention]:
    """The mentions that a decision is about."""
    own = marks.over(decision.place) if _own_place(decision, occurrences, source) else []
    if decision.scope == "here":
        return own
    return [
        m
        for m in marks.all()
        if m in own or (m.turn != SPEAKER_TURN and same_words(m.text, decision.text))
    ]


def _reject(marks: _Marks, decision: Decision, occurrences: Occurrences, source: str) -> None:
    marks.change(_targets(marks, decision, occurrences, source), lambda m: None)


def _add(marks: _Marks, decision: Decision, occurrences: Occurrences, source: str) -> None:
    assert decision.type is not None
    if decision.scope != "here":
        for place in occurrences.places(decision.text, decision.type):
            if not _within(marks, place):
                marks.put(_mention(decision, place, occurrences.transcript))
    if _own_place(decision, occurrences, source):
        marks.put(_mention(decision, decision.place, occurrences.transcript))


def _confirm(marks: _Marks, decision: Decision, occurrences: Occurrences, source: str) -> None:
    """It stays a mention here, though the words were rejected elsewhere."""
    if decision.type is None or not _own_place(decision, occurrences, source):
        return
    if not marks.over(decision.place):
        marks.put(_mention(decision, decision.place, occurrences.transcript))


def _entity(marks: _Marks, decision: Decision, occurrences: Occurrences, source: str) -> None:
    """Who it is; so it stays a mention where that was said, though nobody may find it any more."""
    own = _own_place(decision, occurrences, source)
    if own and decision.entity is not None and not marks.over(decision.place):
        marks.put(_mention(decision, decision.place, occurrences.transcript))

    def becomes(mention: Mention) -> Mention:
        assert decision.type is not None
        same = mention.type == decision.type
        generalised = mention.generalised if same else None
        return replace(mention, type=decision.type, entity=decision.entity, generalised=generalised)

    marks.change(_targets(marks, decision, occurrences, source), becomes)


def _span(marks: _Marks, decision: Decision, occurrences: Occurrences, source: str) -> None:
    turns = occurrences.transcript.turns
    for mention in _targets(marks, decision, occurrences, source):
        start = mention.start + decision.offset
        end = start + len(decision.value)
        if start >= 0 and turns[mention.turn].text[start:end] == decision.value:
            marks.change([mention], lambda m: None)
            marks.put(replace(mention, start=start, end=end, text=decision.value))


def _generalise(marks: _Marks, decision: Decision, occurrences: Occurrences, source: str) -> None:
    """Details that nobody had marked become mentions, wherever these very words stand."""
    for place in _unmarked(decision, occurrences, source):
        if not marks.over(place):
            marks.put(_mention(decision, place, occurrences.transcript))
    marks.change(
        _targets(marks, decision, occurrences, source),
        lambda m: replace(m, generalised=decision.value or None),
    )


def _unmarked(decision: Decision, occurrences: Occurrences, source: str) -> set[Place]:
    """Where details stand that are generalised though the machine had not marked them; those
    decisions have an entity.
    """
    if decision.kind != "generalise" or decision.entity is None:
        return set()
    own = {decision.place} if _own_place(decision, occurrences, source) else set[Place]()
    return own if decision.scope == "here" else own | set(occurrences.exact(decision.text))


def _nothing(marks: _Marks, decision: Decision, occurrences: Occurrences, source: str) -> None:
    """What it does is in the transcript, in the key, or nothing."""


_APPLY: Mapping[str, Callable[[_Marks, Decision, Occurrences, str], None]] = {
    "confirm": _confirm,
    "seen": _nothing,
    "reject": _reject,
    "add": _add,
    "entity": _entity,
    "span": _span,
    "generalise": _generalise,
    "word": _nothing,
    "merge": _nothing,
}


def _mention(decision: Decision, place: Place, transcript: Transcript) -> Mention:
    turn, start, end = place
    assert decision.type is not None
    return Mention(
        turn,
        start,
        end,
        decision.type,
        transcript.turns[turn].text[start:end],
        1.0,
        BY_PERSON,
        entity=decision.entity,
    )


def rejects(decisions: Iterable[Decision], source: str) -> Callable[[Place, str], bool]:
    """Tells of a place and its words whether somebody decided that they are no mention.

    What was decided for the place alone goes before what holds for the words.
    """
    ordered = _in_order(decisions, source)
    here: dict[Place, tuple[bool, str]] = {}
    words: dict[str, bool] = {}
    for decision in ordered:
        if decision.kind not in _MARKS:
            continue
        if decision.source == source and decision.scope != "study":  # which is about words
            here[decision.place] = decision.kind == "reject", decision.text
        if decision.scope != "here":
            words[folded(decision.text)] = decision.kind == "reject"

    def rejected(place: Place, text: str) -> bool:
        no, said = here.get(place, (False, ""))
        if place in here and (not no or same_words(text, said)):  # else it was corrected since
            return no
        turn, start, end = place
        wanted = folded(text)
        if any(
            no and t == turn and a <= start and end <= b and wanted in folded(said)
            for (t, a, b), (no, said) in here.items()
        ):
            return True
        known = words.get(wanted)
        if known is not None:
            return known
        return any(no and is_genitive(wanted, word) for word, no in words.items())

    return rejected


def touched(
    decision: Decision, mentions: Sequence[Mention], occurrences: Occurrences, source: str
) -> int:
    """How many places of a source a decision concerns, itself among them."""
    if decision.kind == "merge":
        return sum(m.entity == decision.entity for m in mentions)
    if decision.scope == "here" or decision.kind in ("word", "seen"):
        return 1 if decision.source == source else 0
    marks = _Marks(mentions)
    places = {(m.turn, m.start, m.end) for m in _targets(marks, decision, occurrences, source)}
    if decision.kind == "reject":  # also of words that are no mention, which then stay none
        places |= {p for p in occurrences.exact(decision.text) if not marks.over(p)}
    elif decision.kind == "add" and decision.type is not None:
        found = occurrences.places(decision.text, decision.type)
        places |= {place for place in found if not _within(marks, place)}
        places |= {decision.place} if decision.source == source else set[Place]()
    return len(places | _unmarked(decision, occurrences, source))


def _within(marks: _Marks, place: Place) -> bool:
    """Whether a mention holds a place and more."""
    _, start, end = place
    return any(m.start < start or end < m.end for m in marks.over(place))


def recounted(
    entities: Iterable[Entity],
    known: Collection[str],
    mentions: Iterable[Mention],
    source: str,
    needed: Collection[str],
) -> tuple[Entity, ...]:
    """The table with the mentions of a source counted after decisions were applied.

    `known` are ids that the key has already, `needed` those that decisions speak of. An entity that
    was found here alone and has no mention left is looked for no more, and keeps its code for when
    that is taken back; a new one leaves nothing.
    """
    counts = Counter(mention.entity for mention in mentions)
    result = []
    for entity in entities:
        if not counts[entity.id] and entity.id not in known:
            continue
        seen = {**entity.seen, source: counts[entity.id]}
        if not counts[entity.id]:
            del seen[source]
        gone = source in entity.seen and not seen
        if gone and entity.number is not None and not entity.is_known and entity.id not in needed:
            note = f"{UNUSED}:{source}:{entity.canonical}"
            notes = tuple(dict.fromkeys((*entity.merged_by, note)))
            result.append(replace(entity, seen=seen, merged_by=notes))
        else:
            result.append(replace(entity, seen=seen))
    return tuple(result)
