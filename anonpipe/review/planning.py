"""From what a person wants to a decision: checked against the transcript and the key, with what it
changes of them. Touches nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from anonpipe import coding
from anonpipe.codes import LISTED, ONLY_HERE, Entity, Linked, Place, by_id, make_id, resolved
from anonpipe.codes.forms import find_codes
from anonpipe.codes.spelling import folded
from anonpipe.errors import UsageError
from anonpipe.key import KeyTable
from anonpipe.review import corrections
from anonpipe.review.applying import BY_PERSON
from anonpipe.review.decision import NEW, Decision, Request
from anonpipe.review.forms import holds
from anonpipe.review.sheet import Sheet, moved
from anonpipe.splicing import Piece
from anonpipe.transcript import Mention, MentionType, Transcript

LONGEST = 200
"""Characters of a mention, a generalisation or a correction, at most."""
_WITH_MARK = frozenset({"confirm", "entity", "span"})
"""Kinds of decisions about a mention that is there."""
_NARROW = frozenset({"confirm", "seen", "span"})
"""Kinds that are decided for one place or one source."""

Find = Callable[[Transcript], Sequence[Mention]]
"""Finds mentions in a few turns, among them the names of the key."""


@dataclass(frozen=True, slots=True)
class Planned:
    """A decision, with the key's table and its source's sheet as they are by it; the sheet is None
    when that does not change.
    """

    decision: Decision
    table: KeyTable
    sheet: Sheet | None


@dataclass(frozen=True, slots=True)
class Planner:
    """What a decision about one source depends on.

    `view` are its mentions as decided so far, `case` what it is coded with, `number` the number of
    the next decision for the study.
    """

    sheet: Sheet
    view: Linked
    case: coding.Case
    number: int
    find: Find

    @property
    def table(self) -> KeyTable:
        return self.case.table

    def plan(self, request: Request) -> Planned:
        """Raises UsageError, in one sentence without names, for what cannot be decided."""
        if request.kind == "merge":
            return self._merge(request)
        if request.scope == "study" and request.kind in _NARROW:
            raise UsageError("That is decided for one place or one interview.")
        start, end = self._place(request, request.start, request.end)
        decision = self._decision(
            request,
            turn=request.turn,
            start=start,
            end=end,
            text=self.sheet.transcript.turns[request.turn].text[start:end],
            type=request.type,
        )
        if request.kind == "word":
            return self._correction(request, decision)
        mark = next(
            (m for m in self.view.mentions if (m.turn, m.start, m.end) == decision.place), None
        )
        if request.kind in _WITH_MARK and mark is None:
            raise UsageError("There is no mention in that place any more: look at it again.")
        table = self.table
        if request.kind == "confirm" and mark is not None:
            decision = replace(decision, type=mark.type, entity=mark.entity)
        elif request.kind in ("add", "entity"):
            decision, table = self._with_entity(request, decision, mark)
        elif request.kind == "span":
            decision = self._with_span(request, decision)
        elif request.kind == "generalise":
            decision = replace(decision, value=self._generalisation(request, decision.text))
            if mark is not None and mark.recognizer == BY_PERSON:
                # It stays when the decision that marked it is taken back.
                decision = replace(decision, type=mark.type, entity=mark.entity)
            elif mark is None:
                wanted = replace(request, type=request.type or "OTHER")
                decision, table = self._with_entity(wanted, decision, None)
        table = self._with_row(table, decision.entity)
        if decision.scope == "study":
            return Planned(decision, _with_decision(table, decision), None)
        return Planned(decision, table, self._with(self.sheet, decision))

    def linked_alone(self, place: Place, kind: MentionType) -> str | None:
        """The entity that the linking rules give to words of a type, among the other mentions."""
        turn, start, end = place
        text = self.sheet.transcript.turns[turn].text[start:end]
        mention = Mention(turn, start, end, kind, text, 1.0, BY_PERSON)
        others = [m for m in self.sheet.found if m.turn != turn or m.end <= start or end <= m.start]
        undecided = replace(self.case, table=replace(self.table, decisions=()), decisions=())
        linked = coding.coded([*others, mention], self.sheet.transcript, undecided)
        for each in linked.mentions:
            if (each.turn, each.start, each.end) == place:
                return each.entity
        return None

    # -- parts of a plan

    def _decision(self, request: Request, **values: Any) -> Decision:
        study = request.scope == "study"
        name = self.case.source
        return Decision(
            id=f"K-{self.number}" if study else f"{name}-{self.sheet.reviewed.last + 1}",
            kind=request.kind,
            scope=request.scope,
            source=name,
            at=datetime.now(UTC).isoformat(timespec="microseconds"),
            **values,
        )

    def _with(self, sheet: Sheet, decision: Decision) -> Sheet:
        return replace(sheet, reviewed=sheet.reviewed.with_decision(decision))

    def _place(self, request: Request, start: int, end: int) -> tuple[int, int]:
        """Start and end of what was asked for, without blanks at its edges."""
        turns = self.sheet.transcript.turns
        if not 0 <= request.turn < len(turns):
            raise UsageError("There is no such turn any more: look at the interview again.")
        whole = turns[request.turn].text
        if not 0 <= start < end <= len(whole):
            raise UsageError("There are no such words in that turn any more: look at it again.")
        text = whole[start:end]
        start, end = start + len(text) - len(text.lstrip()), end - len(text) + len(text.rstrip())
        if start >= end:
            raise UsageError("Select words first: blanks alone say nothing.")
        if end - start > LONGEST and request.kind != "seen":
            raise UsageError(f"Select at most {LONGEST} characters.")
        return start, end

    def _with_entity(
        self, request: Request, decision: Decision, mark: Mention | None
    ) -> tuple[Decision, KeyTable]:
        """A decision with its type and entity, and the table with what that needs."""
        kind = request.type or (mark.type if mark is not None else None)
        if kind is None:
            raise UsageError("Say of what type it is.")
        if find_codes(decision.text, self.case.template):
            raise UsageError("That holds a code already: mark the words beside it.")
        rows = by_id(self.view.entities)
        chosen = request.entity or self.linked_alone(decision.place, kind)
        if chosen is None or (request.entity is None and chosen not in rows):
            chosen = NEW
        if chosen == NEW:
            return self._with_new(decision, kind)
        if chosen not in rows or rows[chosen].is_placeholder:
            raise UsageError(f"{chosen} stands for nobody in this study's key: choose another.")
        if rows[chosen].type != kind:
            if request.type is not None:
                raise UsageError(f"{chosen} is no {kind}: choose another, or a new one.")
            kind = rows[chosen].type
        decision = replace(decision, type=kind, entity=chosen)
        return self._with_form(decision, self._with_row(self.table, chosen))

    def _with_new(self, decision: Decision, kind: MentionType) -> tuple[Decision, KeyTable]:
        """A new row; what is marked in one source only is looked for nowhere else."""
        every = (*self.view.entities, *self.table.entities)
        number = max((e.number or 0 for e in every if e.type == kind), default=0) + 1
        source, text = decision.source, decision.text
        notes = () if decision.scope == "study" else (f"{ONLY_HERE}:{source}:{text}",)
        row = Entity(make_id(kind, number), kind, number, None, text, (text,), {source: 1}, notes)
        decision = replace(decision, type=kind, entity=row.id, before={"new": row.id})
        return self._with_form(decision, self.table.with_entity(row))

    def _with_form(self, decision: Decision, table: KeyTable) -> tuple[Decision, KeyTable]:
        """What holds for the study makes its words a form of the entity; of «always» a listed one,
        which is trusted in small letters.
        """
        row = table.entity(decision.entity or "")
        if decision.scope != "study" or row is None:
            return decision, table
        text = decision.text
        if decision.kind == "add" and text not in row.aliases[: row.merged_by.count(LISTED)]:
            before = {**decision.before, "listed": text}
            return replace(decision, before=before), table.with_listed(row, text)
        if folded(text) not in map(folded, row.aliases):
            before = {**decision.before, "alias": text}
            table = table.with_entity(replace(row, aliases=(*row.aliases, text)))
            return replace(decision, before=before), table
        return decision, table

    def _with_row(self, table: KeyTable, entity: str | None) -> KeyTable:
        """The table with the row of an entity that only coding this source would have brought."""
        row = by_id(self.view.entities).get(entity or "")
        return table if row is None or table.entity(row.id) is not None else table.with_entity(row)

    def _with_span(self, request: Request, decision: Decision) -> Decision:
        if request.span is None:
            raise UsageError("Say where the mention is to begin and end.")
        start, end = self._place(request, *request.span)
        if end <= decision.start or decision.end <= start:
            raise UsageError("The new words must hold some of the old: reject it and mark others.")
        value = self.sheet.transcript.turns[decision.turn].text[start:end]
        return replace(decision, offset=start - decision.start, value=value)

    def _generalisation(self, request: Request, text: str) -> str:
        """A generalisation in its brackets; "" for none. Raises UsageError where it tells."""
        words = " ".join(request.value.split()).strip("[]").strip()
        if not words:
            return ""
        whole = f"[{words}]"
        if len(words) > LONGEST or "[" in words or "]" in words or not words.isprintable():
            raise UsageError("Write a few words without brackets, such as «to dager i uken».")
        if find_codes(whole, self.case.template):
            raise UsageError("That looks like a code: write other words.")
        if holds(whole, text):
            raise UsageError("These words still hold the detail itself: write something wider.")
        return whole

    def _correction(self, request: Request, decision: Decision) -> Planned:
        if request.scope == "study":
            raise UsageError("Misheard words are corrected in one interview at a time.")
        value = " ".join(request.value.split())
        if not value or len(value) > LONGEST or not value.isprintable():
            raise UsageError(f"Write what was said, in at most {LONGEST} characters.")
        if value == decision.text:
            raise UsageError("These are the words that stand there.")
        if find_codes(value, self.case.template):
            raise UsageError("That holds a code, and codes are not written by hand.")
        pieces: Mapping[int, Sequence[Piece]]
        if request.scope == "here":
            pieces = {decision.turn: [Piece(decision.start, decision.end, value)]}
        else:
            pieces = corrections.everywhere(self.sheet.transcript, decision.text, value)
        before = corrections.remembered(
            self.sheet.transcript, pieces, self.sheet.found, self.sheet.reviewed.decisions
        )
        decision = corrections.moved_decision(replace(decision, value=value, before=before), pieces)
        after = self.sheet.spliced(pieces)
        places = {
            turn: [corrections.moved(p.start, p.end, put) for p in put]
            for turn, put in pieces.items()
        }
        stay = tuple(
            m
            for m in after.found
            if not _overlaps(m, places.get(m.turn, ())) or corrections.may_be_name(m)
        )
        after = replace(after, found=stay)
        after = replace(after, found=self._found_anew(after, places))
        table = moved(self.table, decision.source, pieces)
        return Planned(decision, table, self._with(after, decision))

    def uncorrected(self, decision: Decision) -> tuple[Sheet, corrections.Pieces]:
        """The sheet without a correction, and the pieces that took it back. Names are looked for
        anew where its words stood, and where mentions went with it. Raises UsageError as
        `Sheet.uncorrected`.
        """
        _, pieces = corrections.recalled(decision.before)
        after, undoing = self.sheet.uncorrected(decision)
        places = {turn: [(p.start, p.end) for p in put] for turn, put in pieces.items()}
        back = corrections.back(pieces, after.transcript)
        for mention in self.sheet.found:
            if mention.turn in back:
                place = corrections.moved(mention.start, mention.end, back[mention.turn])
                if any(start < place[1] and place[0] < end for start, end in places[mention.turn]):
                    places[mention.turn].append(place)
        return replace(after, found=self._found_anew(after, places)), undoing

    def _found_anew(
        self, sheet: Sheet, places: Mapping[int, Sequence[tuple[int, int]]]
    ) -> tuple[Mention, ...]:
        """The machine's mentions with those that it finds in corrected words; `places` are the
        starts and ends of these, by turn.
        """
        numbers = sorted(places)
        turns = tuple(sheet.transcript.turns[number] for number in numbers)
        new = []
        for mention in self.find(replace(sheet.transcript, turns=turns, flags=())):
            # Below 0 it is a speaker's label.
            if mention.turn >= 0 and _overlaps(mention, places[numbers[mention.turn]]):
                new.append(replace(mention, turn=numbers[mention.turn]))
        return corrections.with_those_before(new, sheet.found, sheet.transcript)

    def _merge(self, request: Request) -> Planned:
        rows = by_id(self.view.entities)
        old, new = rows.get(request.entity or ""), rows.get(request.value)
        if old is None or new is None or old.is_placeholder or new.is_placeholder:
            raise UsageError("Say which two of the study's codes are one.")
        if old.participant is not None:
            old, new = new, old
        into = rows[resolved(new.id, rows) or new.id]
        if old.participant is not None:
            raise UsageError("Two participants cannot be one: correct consent.csv instead.")
        if old.type != into.type or resolved(old.id, rows) == into.id:
            raise UsageError(f"{old.id} and {into.id} cannot become one.")
        decision = self._decision(
            replace(request, scope="study"),
            turn=-1,
            start=0,
            end=0,
            text="",
            type=into.type,
            entity=old.id,
            value=into.id,
        )
        table = self._with_row(self._with_row(self.table, old.id), into.id)
        table = table.with_entity(replace(by_id(table.entities)[old.id], same_as=into.id))
        return Planned(decision, _with_decision(table, decision), None)


def _with_decision(table: KeyTable, decision: Decision) -> KeyTable:
    return replace(table, decisions=(*table.decisions, decision))


def _overlaps(mention: Mention, ranges: Sequence[tuple[int, int]]) -> bool:
    return any(start < mention.end and mention.start < end for start, end in ranges)
