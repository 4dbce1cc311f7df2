"""The rows of a source: its places that a person may decide about, and what was decided there."""

from __future__ import annotations

import hashlib
from dataclasses import replace

from anonpipe.codes import Place
from anonpipe.keyfile import StudyKey
from anonpipe.review import corrections
from anonpipe.review.applying import stands
from anonpipe.review.decision import NEW, Decision
from anonpipe.review.desk import Desk
from anonpipe.review.interview import Interview, Mark
from anonpipe.review.table import Row
from anonpipe.transcript import Mention, Turn, seconds

CONTEXT = 60
"""Characters of a turn before and after the words, at most, in a table that is sealed."""
LETTERS = str.maketrans("0123456789abcdef", "bcdfghjklmnpqrst")
CHECK_LETTERS = 12
_NO_PLACE = frozenset({"merge", "word"})
"""Kinds whose rows do not depend on what stands in the place of the decision now."""


def rows_of(desk: Desk, name: str) -> tuple[Row, ...]:
    """The places of a source that a person may decide about, in order of the text, then merges."""
    interview = desk.interview(name)
    shown = _Shown(interview, desk.key)
    own = sorted((d for d in interview.decisions if d.source == name), key=lambda d: d.at)
    rows = [
        _decided(shown, decision, number)
        for number, decision in enumerate(own, start=1)
        if decision.kind in _NO_PLACE or stands(decision, interview.transcript)
    ]
    taken = {row.place for row in rows if row.decision != "word"}
    places = dict.fromkeys(
        (m.mention.turn, m.mention.start, m.mention.end) for m in interview.marks
    )
    places |= dict.fromkeys(shown.asked)
    rows += [shown.place(place) for place in places if place not in taken]
    last = len(interview.transcript.turns)
    return tuple(
        sorted(rows, key=lambda r: (last if r.turn < 0 else r.turn, r.start, r.end, r.order))
    )


class _Shown:
    """A source as it is shown, by place."""

    def __init__(self, interview: Interview, key: StudyKey) -> None:
        self.source, self.transcript, self.key = interview.source, interview.transcript, key
        self.asked = {(q.turn, q.start, q.end): q for q in interview.questions}
        self._marks: dict[int, list[Mark]] = {}
        for mark in interview.marks:
            self._marks.setdefault(mark.mention.turn, []).append(mark)

    def place(self, place: Place) -> Row:
        """What is to be said of a place, decided or not."""
        turn, start, end = place
        over = (
            mark
            for mark in self._marks.get(turn, ())
            if mark.mention.start < end and start < mark.mention.end
        )
        mark, asked = next(over, None), self.asked.get(place)
        code, kind = (mark.mention.entity, mark.mention.type) if mark else (None, None)
        if mark is None and asked is not None:
            code, kind = asked.entity, asked.type
        return replace(
            self.words(self.transcript.turns[turn], place),
            code=code or "",
            type=kind or "",
            by=mark.by if mark else "",
            why=asked.why if asked else (),
            decided=mark.decided if mark else (),
        )

    def words(self, turn: Turn, place: Place) -> Row:
        """Where and when words are said, and what stands for them."""
        number, start, end = place
        said, _ = seconds(turn, Mention(number, start, end, "OTHER", "", 1.0, ""))
        text = turn.text[start:end]
        return Row(
            source=self.source,
            turn=number,
            start=start,
            end=end,
            seconds=None if said is None else round(said, 2),
            check=check(self.key, self.source, place, text),
            text=text,
            before=turn.text[max(0, start - CONTEXT) : start].lstrip(),
            after=turn.text[end : end + CONTEXT].rstrip(),
        )


def _decided(shown: _Shown, decision: Decision, number: int) -> Row:
    """What was decided, and about which place; `number` is its place among the decisions."""
    kind = decision.kind
    if kind == "word":
        # Where the words stood, since there they are put right again.
        turns, pieces = corrections.recalled(decision.before)
        turn, piece = next((n, found[0]) for n, found in sorted(pieces.items()) if found)
        row = shown.words(turns[turn], (turn, piece.start, piece.end))
    elif kind == "merge":
        row = Row(source=shown.source, code=decision.entity or "", type=decision.type or "")
    else:
        row = shown.place(decision.place)
    row = replace(
        row,
        id=decision.id,
        order=number,
        decided=tuple(other for other in row.decided if other != decision.id),
        decision=kind,
        scope=decision.scope,
        value=decision.value,
    )
    if kind == "merge":
        return replace(row, new_code=decision.value, value="")
    if kind == "span":
        start = decision.start + decision.offset
        return replace(row, new_start=start, new_end=start + len(decision.value), value="")
    if kind in ("add", "entity", "generalise") and decision.entity is not None:
        made = decision.before.get("new") == decision.entity
        code = f"{NEW} {decision.entity}" if made else decision.entity
        return replace(row, new_type=decision.type, new_code=code)
    return row


def check(key: StudyKey, source: str, place: Place, text: str) -> str:
    """What stands for words in a place: a keyed digest, which tells nothing without the key.

    Letters alone: a spreadsheet would take digits for a number.
    """
    words = "\n".join(("anonpipe decision v1", source, *map(str, place[:2]), text))
    keyed = key.keyed(hashlib.sha256(words.encode()).hexdigest())
    return keyed[:CHECK_LETTERS].translate(LETTERS)
