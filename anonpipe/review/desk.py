"""One person's work on a study: what they see of each source, and what they decide.

A decision is durable when `decide` returns: those for one place or one source are sealed beside
the raw transcript, those for the study are in the key. Outputs change when a source is written
next. What is shown comes from the same functions as what will be written (`coding`).

A desk belongs to one thread at a time, and lives as long as its session holds the study's lock.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any

from anonpipe import batch, coding, consent, datakey, decisions, formats, relabelling
from anonpipe.codes import (
    LISTED,
    ONLY_HERE,
    Entity,
    Linked,
    by_id,
    code_spans,
    form,
    make_id,
    resolved,
)
from anonpipe.codes.forms import find_codes
from anonpipe.consent import Demand
from anonpipe.errors import ModelError, RecordingError, UsageError
from anonpipe.files import sha256, write_durably
from anonpipe.key import KeyTable
from anonpipe.outputs import Outputs, Versions
from anonpipe.plaintext import Plaintext, Readable
from anonpipe.review import corrections, signatures
from anonpipe.review.applying import BY_PERSON, Occurrences, same_words, touched
from anonpipe.review.decision import NEW, Decision, Effect, Request
from anonpipe.review.interview import Interview, Mark, Question
from anonpipe.review.reviewed import REVIEW, Reviewed
from anonpipe.session import Session
from anonpipe.splicing import Piece
from anonpipe.study import RAW, SourceState, Stage, require_known
from anonpipe.tools import Tools
from anonpipe.transcript import (
    SPEAKER_TURN,
    Flag,
    Mention,
    MentionType,
    Transcript,
    mentions_from_json,
    mentions_to_json,
)
from anonpipe.trouble import trouble_share
from anonpipe.wording.styles import ending_of

LONGEST = 200
"""Characters of a mention, a generalisation or a correction, at most."""
_WITH_MARK = frozenset({"confirm", "entity", "span"})
"""Kinds of decisions about a mention that is there."""


@dataclass(frozen=True, slots=True)
class SourceItem:
    """A source in the list; ids, codes and numbers only.

    `waits_for` is "review", a date, "consent", "run" when the next run makes it final, or "" when
    nothing more is to come. `why` tells why a person must look whatever the rule, `questions` how
    many places need eyes and `open` how many of them still do. `signed` persons of `needed` have
    signed what it says now.
    """

    id: str
    participants: tuple[str, ...]
    kind: str
    stage: Stage
    rule: str
    waits_for: str
    why: tuple[decisions.Why, ...]
    flags: tuple[Flag, ...]
    trouble: float
    outputs: tuple[str, ...]
    raw: bool
    has_sound: bool
    approved: bool
    questions: int
    open: int
    signed: int = 0
    needed: int = 1


@dataclass(frozen=True, slots=True)
class _Sheet:
    """A source's working file, opened. `found` are the machine's mentions, without entities."""

    sealed: Mapping[str, Any]
    transcript: Transcript
    found: tuple[Mention, ...]
    reviewed: Reviewed
    occurrences: Occurrences


@dataclass(frozen=True, slots=True)
class _Planned:
    """What a decision changes: the key's table, and the working file of its source."""

    decision: Decision
    table: KeyTable
    sheet: _Sheet | None


class Desk:
    """A study on a reviewer's desk; `version` changes with every decision."""

    def __init__(
        self,
        session: Session,
        *,
        today: date,
        doubt: str | None = None,
        tools: Tools | None = None,
    ) -> None:
        self.session, self.today, self.doubt = session, today, doubt
        self.tools = tools or Tools(session.study)
        self.version = 0
        self._sheets: dict[str, _Sheet] = {}
        self._linked: dict[str, tuple[int, Linked]] = {}

    @property
    def study(self) -> Any:
        return self.session.study

    @property
    def key(self) -> Any:
        return self.session.key

    @property
    def log(self) -> Any:
        return self.session.log

    @property
    def table(self) -> KeyTable:
        """The key's table."""
        table: KeyTable = self.session.key.table
        return table

    # -- what there is

    def sources(self) -> tuple[SourceItem, ...]:
        """Every source that was worked on, by id. Raises UsageError for a wrong register."""
        register = consent.load(self.study.consent_file)
        found = []
        signed, needed = self._signatures(), self.study.settings.reviewers
        for name, state in sorted(self.study.read_state().items()):
            if state.stage is Stage.NEW or name not in self.table.sources:
                continue
            mine = signed.get(name, ())
            state = signatures.standing(state, mine, needed)
            demand = register.demand_of(state.participants)
            gone = demand is None or register.withdrawn(state.participants)
            raw = not gone and self.is_raw(name, state)
            asked = self._questions(name) if raw else ()
            found.append(
                SourceItem(
                    id=name,
                    participants=state.participants,
                    kind=state.kind,
                    stage=state.stage,
                    rule=str(demand.rule) if demand else "",
                    waits_for=self._waits_for(state, None if gone else demand),
                    why=decisions.needs_eyes(self.study, state)
                    if state.approved is None and state.stage is not Stage.FINAL
                    else (),
                    flags=state.flags,
                    trouble=round(trouble_share(state.flags, state.speech), 3),
                    outputs=tuple(state.outputs),
                    raw=raw,
                    has_sound=not gone and self._has_sound(name, state),
                    approved=state.approved is not None,
                    questions=len(asked),
                    open=sum(not question.done for question in asked),
                    signed=min(signatures.persons(mine), needed),
                    needed=needed,
                )
            )
        return tuple(found)

    def _signatures(self) -> Mapping[str, tuple[signatures.Signature, ...]]:
        return signatures.by_source(self.log.entries(), self.log.vouched_entries())

    def _waits_for(self, state: SourceState, demand: Demand | None) -> str:
        if demand is None:
            return "consent"
        if state.stage is Stage.FINAL:
            return ""
        return decisions.waits_for(self.study, state, demand, self.today) or "run"

    def is_raw(self, name: str, state: SourceState) -> bool:
        """Whether a source's raw transcript is still sealed."""
        return state.stage in RAW and self.study.working_file(name).is_file()

    def _has_sound(self, name: str, state: SourceState) -> bool:
        item = self.table.sources[name]
        there = state.kind == "audio" and state.deleting is None and bool(item.path)
        return there and datakey.original(self.study, name, item).is_file()

    def state(self, name: str) -> SourceState:
        """How far a source has come. Raises UsageError for one that may not be seen."""
        states = self.study.read_state()
        require_known(states, name)
        state: SourceState = states[name]
        register = consent.load(self.study.consent_file)
        if register.withdrawn(state.participants):
            raise UsageError(
                f"Consent to {name} was withdrawn, so nothing of it is shown: run "
                f"`anonpipe withdraw {self.study.folder} {state.participants[0]}`."
            )
        if register.demand_of(state.participants) is None or name not in self.table.sources:
            raise UsageError(f"{name} has no consent in consent.csv, so nothing of it is shown.")
        return state

    def content(self, name: str) -> Readable | None:
        """A source's recording, in memory where it lies encrypted; None when it is gone."""
        if not self._has_sound(name, self.state(name)):
            return None
        item = self.table.sources[name]
        path = datakey.original(self.study, name, item)
        if path != self.study.encrypted(item.kind, name):
            return path
        return Plaintext(name, datakey.decrypt(path, item.data_key))

    # -- one source

    def interview(self, name: str) -> Interview:
        """A source as it would be written now.

        Raises UsageError for one that is unknown, not transcribed yet or may not be seen.
        """
        state = self.state(name)
        if state.stage is Stage.NEW:
            raise UsageError(f"{name} is not transcribed yet: run `anonpipe run` first.")
        if not self.is_raw(name, state):
            return self._finished(name, state)
        sheet, linked = self._sheet(name), self._view(name)
        table = by_id(linked.entities)
        every = (*self.table.decisions, *sheet.reviewed.decisions)
        return Interview(
            source=name,
            participants=state.participants,
            kind=state.kind,
            raw=True,
            has_sound=self._has_sound(name, state),
            transcript=sheet.transcript,
            marks=tuple(
                self._mark(mention, table, sheet.transcript.language, every, name)
                for mention in linked.mentions
                if mention.turn != SPEAKER_TURN
            ),
            flags=state.flags,
            questions=self._questions(name),
            decisions=every,
            names=self._names(linked.entities),
            version=self.version,
            signed=signatures.persons(self._signatures().get(name, ())),
            approved=state.approved is not None,
        )

    def _finished(self, name: str, state: SourceState) -> Interview:
        """A source whose raw transcript is gone: what its outputs say."""
        transcript = self._written(name, state)
        table = by_id(self.table.entities)
        marks = []
        for number, turn in enumerate(transcript.turns):
            for start, end, code in code_spans(turn.text, self.study.settings.template):
                if code in table:
                    text = turn.text[start:end]
                    mention = Mention(
                        number,
                        start,
                        end,
                        table[code].type,
                        text,
                        1.0,
                        "coded",
                        resolved(code, table),
                    )
                    marks.append(Mark(mention, text, "machine"))
        return Interview(
            source=name,
            participants=state.participants,
            kind=state.kind,
            raw=False,
            has_sound=False,
            transcript=transcript,
            marks=tuple(marks),
            flags=state.flags,
            questions=(),
            decisions=self.table.decisions,
            names=self._names(self.table.entities),
            version=self.version,
            approved=state.approved is not None,
        )

    def _written(self, name: str, state: SourceState) -> Transcript:
        """The coded transcript in a source's outputs: of two styles the verbatim one's."""
        readable = sorted(
            (output for output in state.outputs if not decisions.is_bleeped(output)),
            key=lambda output: (formats.form_of(output) == "json", ending_of(output)),
        )
        for output in reversed(readable):
            with contextlib.suppress(OSError, RecordingError, UsageError):
                return formats.read(self.study.folder / output, state.language or "nb")
        raise UsageError(f"The outputs of {name} are gone or cannot be read: nothing can be shown.")

    def _names(self, entities: Sequence[Entity]) -> dict[str, str]:
        return {
            entity.id: entity.canonical or entity.id
            for entity in entities
            if not entity.is_placeholder and entity.same_as is None
        }

    def _mark(
        self,
        mention: Mention,
        table: Mapping[str, Entity],
        language: str,
        every: Sequence[Decision],
        source: str,
    ) -> Mark:
        place = (mention.turn, mention.start, mention.end)
        decided = tuple(
            decision.id
            for decision in every
            if (decision.source == source and decision.place == place)
            or (decision.scope != "here" and same_words(decision.text, mention.text))
        )
        entity = table.get(mention.entity or "")
        code = form(entity, language, self.study.settings.template) if entity else ""
        return Mark(
            mention, code, "person" if mention.recognizer == "review" else "machine", decided
        )

    def _questions(self, name: str) -> tuple[Question, ...]:
        return ()

    def coded(self, name: str) -> Versions:
        """The coded transcripts of a source as they would be written now, by ending of their names.

        Of one whose raw transcript is gone what was written.
        """
        state = self.state(name)
        if not self.is_raw(name, state):
            transcript = self._written(name, state)
            return {"": transcript}
        sheet, linked = self._sheet(name), self._view(name)
        sealed = {
            **sheet.sealed,
            "transcript": sheet.transcript.to_json(),
            "mentions": mentions_to_json(linked.mentions),
        }
        table = replace(self.table, entities=linked.entities)
        return Outputs(self.study, self.key).coded(name, sealed, table)

    def is_pending(self, name: str) -> bool:
        """Whether a source was written before something was decided that changes it."""
        state = self.state(name)
        if not self.is_raw(name, state):
            return False
        if state.stage is not Stage.WRITTEN:
            return True
        sheet = self._sheet(name)
        digest = sheet.transcript.digest
        if sheet.sealed.get("text", digest) != digest:
            return True
        return mentions_from_json(sheet.sealed["mentions"]) != self._view(name).mentions

    # -- deciding

    def decisions(self, name: str | None = None) -> tuple[Decision, ...]:
        """Decisions for the study, and with a name those about that source too."""
        own = self._sheet(name).reviewed.decisions if name is not None else ()
        return (*self.table.decisions, *own)

    def preview(self, name: str, request: Request) -> Effect:
        """What a decision would do; touches nothing. Raises UsageError where it cannot be taken."""
        return replace(self._effect(self._plan(name, request)), decision=None)

    def decide(self, name: str, request: Request) -> Effect:
        """Take a decision; it is logged and durable when this returns. Raises as `preview`."""
        planned = self._plan(name, request)
        effect = self._effect(planned)
        self._log(planned.decision, effect.total + effect.final, undone=False)
        self._keep(name, planned)
        return effect

    def undo(self, decision_id: str) -> None:
        """Take a decision back. Raises UsageError when there is none of that id, or when words were
        corrected again since.
        """
        prefix = decision_id.rpartition("-")[0]
        if prefix == "K":
            found = next((d for d in self.table.decisions if d.id == decision_id), None)
        elif prefix in self.study.read_state():
            self.state(prefix)
            own = self._sheet(prefix).reviewed.decisions
            found = next((d for d in own if d.id == decision_id), None)
        else:
            found = None
        if found is None:
            raise UsageError(f"There is no decision {decision_id}: it may be taken back already.")
        self._log(found, 0, undone=True)
        table = replace(
            self.table, decisions=tuple(d for d in self.table.decisions if d.id != decision_id)
        )
        table = _without_entity(table, found)
        sheet = None
        if prefix != "K":
            sheet = self._sheet(prefix)
            sheet = _uncorrected(sheet, found) if found.kind == "word" else sheet
            sheet = replace(sheet, reviewed=sheet.reviewed.without(decision_id))
        self._keep(prefix, _Planned(found, table, sheet))

    def candidates(
        self, name: str, turn: int, start: int, end: int, kind: MentionType
    ) -> tuple[str, ...]:
        """Ids of entities that words may mean, likeliest first; `NEW` where linking finds none."""
        from rapidfuzz import fuzz

        sheet, linked = self._sheet(name), self._view(name)
        text = sheet.transcript.turns[turn].text[start:end]
        chosen = self._linked_alone(name, sheet, turn, start, end, kind)
        rows = [
            entity
            for entity in linked.entities
            if entity.type == kind and not entity.is_placeholder and entity.same_as is None
        ]

        def alike(entity: Entity) -> float:
            names = [form for form in (entity.canonical, *entity.aliases) if form]
            score = max((fuzz.WRatio(text, each) for each in names), default=0.0)
            return score + (10 if entity.seen.get(name) else 0)

        ordered = [entity.id for entity in sorted(rows, key=alike, reverse=True)]
        known = chosen is not None and any(entity.id == chosen for entity in rows)
        first = [chosen] if known and chosen is not None else [NEW]
        return tuple(dict.fromkeys((*first, *ordered, NEW)))

    def swap(self, name: str) -> None:
        """Exchange the labels of two speakers, and write the source anew. Raises UsageError."""
        self._relabelled(name, relabelling.plan_swap(self.session, name, today=self.today))

    def relabel(self, name: str, labels: Mapping[str, str]) -> None:
        """Give speakers other labels, and write the source anew. Raises UsageError."""
        planned = relabelling.plan_labels(self.session, name, labels, today=self.today)
        self._relabelled(name, planned)

    def _relabelled(self, name: str, planned: relabelling.Planned) -> None:
        relabelling.change(self.session, planned)
        self.write(name)

    def write(self, name: str, report: Callable[[Any], None] = lambda _: None) -> None:
        """Code and write a source with everything that was decided; nothing is deleted.

        Raises RecordingError when that fails, or when a person has changed an output, which is
        never overwritten.
        """
        state = self.state(name)
        states = self.study.read_state()
        if state.stage is Stage.WRITTEN:
            edited = self.edited(name)
            if edited:
                raise RecordingError(
                    f"{', '.join(edited)} of {name} was changed by hand, and is not overwritten, "
                    "so what was decided is not in it: move it out of the study, and all is "
                    "written anew; then decide here what you had changed there."
                )
            self.log.append("reset", subject=name)
            again = replace(states[name], stage=Stage.TRANSCRIBED, approved=None)
            self.study.write_state({**states, name: again})
        outcomes = batch.run(
            self.session,
            report=report,
            today=self.today,
            only=name,
            doubt=self.doubt,
            finish=False,
            tools=self.tools,
        )
        self.forget()
        failed = [o.reason for o in outcomes if o.id == name and o.status in ("failed", "refused")]
        if failed:
            raise RecordingError(failed[0])

    def reviewed(self, name: str) -> Reviewed:
        """What the review keeps of a source whose raw transcript is sealed. Raises UsageError."""
        return self._sheet(name).reviewed

    def edited(self, name: str) -> tuple[str, ...]:
        """The outputs of a source that a person has changed, by path in the study."""
        state, outputs = self.state(name), Outputs(self.study, self.key)
        if self.is_raw(name, state) and state.stage is Stage.WRITTEN:
            written = outputs.coded(name, self.key.unseal(self.study.working_file(name)))
            return (*outputs.changed(state, written), *outputs.changed_copies(state))
        return tuple(
            output
            for output, digest in state.outputs.items()
            if (path := self.study.folder / output).is_file()
            and (output in state.edited or sha256(path) != digest)
        )

    def forget(self) -> None:
        """Read everything anew: something else has changed the study."""
        self._sheets.clear()
        self._linked.clear()
        self.version += 1

    # -- helpers

    def _sheet(self, name: str) -> _Sheet:
        if name not in self._sheets:
            state = self.state(name)
            if not self.is_raw(name, state):
                raise UsageError(
                    f"The raw transcript of {name} is gone, so nothing can be decided about places "
                    "in it; what is decided for the study still counts there."
                )
            if state.stage is not Stage.WRITTEN:
                self.write(name)
            sealed = self.key.unseal(self.study.working_file(name))
            transcript = Transcript.from_json(sealed["transcript"])
            self._sheets[name] = _Sheet(
                sealed,
                transcript,
                mentions_from_json(sealed.get("machine", sealed["mentions"])),
                Reviewed.from_json(sealed.get(REVIEW)),
                Occurrences.of(transcript),
            )
        return self._sheets[name]

    def _case(self, name: str, table: KeyTable, own: tuple[Decision, ...]) -> coding.Case:
        return coding.Case(
            name,
            self.state(name).participants,
            table,
            self.study.settings.policies,
            self.study.settings.template,
            own,
        )

    def _view(self, name: str) -> Linked:
        """A source's mentions as they are decided, and the key's table with them."""
        known = self._linked.get(name)
        if known is None or known[0] != self.version:
            sheet = self._sheet(name)
            case = self._case(name, self.table, sheet.reviewed.decisions)
            linked = coding.coded(sheet.found, sheet.transcript, case, sheet.occurrences)
            self._linked[name] = known = (self.version, linked)
        return known[1]

    def _linked_alone(
        self, name: str, sheet: _Sheet, turn: int, start: int, end: int, kind: MentionType
    ) -> str | None:
        """The entity that the linking rules give to words of a type, among the other mentions."""
        text = sheet.transcript.turns[turn].text[start:end]
        mention = Mention(turn, start, end, kind, text, 1.0, BY_PERSON)
        others = [m for m in sheet.found if m.turn != turn or m.end <= start or end <= m.start]
        table = replace(self.table, decisions=())
        linked = coding.coded([*others, mention], sheet.transcript, self._case(name, table, ()))
        for each in linked.mentions:
            if (each.turn, each.start, each.end) == (turn, start, end):
                return each.entity
        return None

    def _plan(self, name: str, request: Request) -> _Planned:
        sheet = self._sheet(name)
        if request.kind == "merge":
            return self._merge(name, request)
        start, end = self._place(sheet, request)
        turn = request.turn
        text = sheet.transcript.turns[turn].text[start:end]
        if request.kind in ("seen", "span", "confirm") and request.scope == "study":
            raise UsageError("That is decided for one place or one interview.")
        if request.kind == "word" and request.scope == "study":
            raise UsageError("Misheard words are corrected in one interview at a time.")
        decision = Decision(
            id=self._next_id(name, sheet, request),
            kind=request.kind,
            scope=request.scope,
            source=name,
            turn=turn,
            start=start,
            end=end,
            text=text,
            at=datetime.now(UTC).isoformat(timespec="microseconds"),
            type=request.type,
        )
        mark = next(
            (
                m
                for m in self._view(name).mentions
                if (m.turn, m.start, m.end) == (turn, start, end)
            ),
            None,
        )
        if request.kind in _WITH_MARK and mark is None:
            raise UsageError("There is no mention in that place any more: look at it again.")
        table = self.table
        if request.kind == "confirm":
            assert mark is not None
            decision = replace(decision, type=mark.type, entity=mark.entity)
        elif request.kind in ("add", "entity"):
            decision, table = self._with_entity(sheet, request, decision, mark)
        elif request.kind == "span":
            decision = self._with_span(sheet, request, decision)
        elif request.kind == "generalise":
            decision = replace(decision, value=self._generalisation(request.value, text))
            if mark is None:
                wanted = replace(request, type=request.type or "OTHER")
                decision, table = self._with_entity(sheet, wanted, decision, None)
        elif request.kind == "word":
            return self._correction(sheet, request, decision)
        return self._planned(decision, self._with_rows(name, table, decision), sheet)

    def _planned(self, decision: Decision, table: KeyTable, sheet: _Sheet) -> _Planned:
        if decision.scope == "study":
            table = replace(table, decisions=(*table.decisions, decision))
            return _Planned(decision, table, None)
        return _Planned(
            decision, table, replace(sheet, reviewed=sheet.reviewed.with_decision(decision))
        )

    def _next_id(self, name: str, sheet: _Sheet, request: Request) -> str:
        if request.scope != "study":
            return f"{name}-{sheet.reviewed.last + 1}"
        given = [entry.details for entry in self.log.entries() if entry.action == "decided"]
        taken = [decision.number for decision in self.table.decisions]
        return f"K-{max([*taken, len(given)], default=0) + 1}"

    def _place(self, sheet: _Sheet, request: Request) -> tuple[int, int]:
        """Start and end of what was asked for, without blanks at its edges."""
        turns = sheet.transcript.turns
        if not 0 <= request.turn < len(turns):
            raise UsageError("There is no such turn any more: look at the interview again.")
        whole = turns[request.turn].text
        start, end = request.start, request.end
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
        self, sheet: _Sheet, request: Request, decision: Decision, mark: Mention | None
    ) -> tuple[Decision, KeyTable]:
        """A decision with its type and entity, and the table with a new row if it needs one."""
        kind = request.type or (mark.type if mark is not None else None)
        if kind is None:
            raise UsageError("Say of what type it is.")
        entity = request.entity
        rows = by_id(self._view(decision.source).entities)
        if entity is None:
            entity = self._linked_alone(decision.source, sheet, *decision.place, kind)
            if entity is None or entity not in rows:
                entity = NEW
        table = self.table
        before: dict[str, Any] = {}
        if entity == NEW:
            numbers = [e.number or 0 for e in (*rows.values(), *table.entities) if e.type == kind]
            number = max(numbers, default=0) + 1
            entity = make_id(kind, number)
            source, text = decision.source, decision.text
            notes = () if decision.scope == "study" else (f"{ONLY_HERE}:{source}:{text}",)
            row = Entity(entity, kind, number, None, text, (text,), {source: 1}, notes)
            table, before = table.with_entity(row), {"new": entity}
        elif entity not in rows or rows[entity].is_placeholder:
            raise UsageError(f"{entity} stands for nobody in this study's key: choose another.")
        elif rows[entity].type != kind:
            if request.type is not None:
                raise UsageError(f"{entity} is no {kind}: choose another, or a new one.")
            kind = rows[entity].type
        if decision.scope == "study":
            row = table.entity(entity) or rows[entity]
            if row not in table.entities:
                table = table.with_entity(row)
            forms = {" ".join(name.split()).casefold() for name in row.aliases}
            listed = row.aliases[: row.merged_by.count(LISTED)]
            if decision.kind == "add" and decision.text not in listed:
                table = table.with_listed(row, decision.text)
                before["listed"] = decision.text
            elif " ".join(decision.text.split()).casefold() not in forms:
                table = table.with_entity(replace(row, aliases=(*row.aliases, decision.text)))
                before["alias"] = decision.text
        return replace(decision, type=kind, entity=entity, before=before), table

    def _with_rows(self, name: str, table: KeyTable, decision: Decision) -> KeyTable:
        """The table with the row of the entity that a decision speaks of, if only this source's
        coding would have brought it.
        """
        if decision.entity is None or table.entity(decision.entity) is not None:
            return table
        row = by_id(self._view(name).entities).get(decision.entity)
        return table if row is None else table.with_entity(row)

    def _with_span(self, sheet: _Sheet, request: Request, decision: Decision) -> Decision:
        if request.span is None:
            raise UsageError("Say where the mention is to begin and end.")
        start, end = self._place(
            sheet, replace(request, start=request.span[0], end=request.span[1])
        )
        if end <= decision.start or decision.end <= start:
            raise UsageError("The new words must hold some of the old: reject it and mark others.")
        value = sheet.transcript.turns[decision.turn].text[start:end]
        return replace(decision, offset=start - decision.start, value=value)

    def _generalisation(self, value: str, text: str) -> str:
        """A generalisation in its brackets; "" for none. Raises UsageError where it tells."""
        words = " ".join(value.split()).strip("[]").strip()
        if not words:
            return ""
        whole = f"[{words}]"
        if len(words) > LONGEST or "[" in words or "]" in words or not words.isprintable():
            raise UsageError("Write a few words without brackets, such as «to dager i uken».")
        if find_codes(whole, self.study.settings.template):
            raise UsageError("That looks like a code: write other words.")
        if text.casefold() in words.casefold():
            raise UsageError("These words still hold the detail itself: write something wider.")
        return whole

    def _correction(self, sheet: _Sheet, request: Request, decision: Decision) -> _Planned:
        value = " ".join(request.value.split())
        if not value or len(value) > LONGEST or not value.isprintable():
            raise UsageError(f"Write what was said, in at most {LONGEST} characters.")
        if value == decision.text:
            raise UsageError("These are the words that stand there.")
        template = self.study.settings.template
        if find_codes(value, template) and not find_codes(decision.text, template):
            raise UsageError("That holds a code, and codes are not written by hand.")
        pieces: Mapping[int, Sequence[Piece]]
        if request.scope == "here":
            pieces = {decision.turn: [Piece(decision.start, decision.end, value)]}
        else:
            pieces = corrections.everywhere(sheet.transcript, decision.text, value)
        decision = replace(
            decision, value=value, before=corrections.remembered(sheet.transcript, pieces)
        )
        after = _spliced(sheet, pieces)
        after = replace(after, found=self._found_anew(after, pieces))
        decision = corrections.moved_decision(decision, pieces)
        return _Planned(
            decision, self.table, replace(after, reviewed=after.reviewed.with_decision(decision))
        )

    def _found_anew(self, sheet: _Sheet, pieces: corrections.Pieces) -> tuple[Mention, ...]:
        """The machine's mentions with those that it finds in corrected words."""
        numbers = sorted(pieces)
        some = replace(
            sheet.transcript, turns=tuple(sheet.transcript.turns[n] for n in numbers), flags=()
        )
        known = self.table.known_names(self.study.settings.policies)
        try:
            detector = self.tools.detector
            found = detector.complete(some, detector.find(some), known)
        except ModelError:
            return sheet.found
        new = []
        for mention in found:
            if mention.turn == SPEAKER_TURN:
                continue
            turn = numbers[mention.turn]
            mention = replace(mention, turn=turn)
            placed = [corrections.moved(p.start, p.end, pieces[turn]) for p in pieces[turn]]
            over = any(a < mention.end and mention.start < b for a, b in placed)
            held = any(
                m.turn == turn and m.start < mention.end and mention.start < m.end
                for m in sheet.found
            )
            if over and not held:
                new.append(mention)
        return tuple(sorted((*sheet.found, *new), key=lambda m: (m.turn, m.start, m.end)))

    def _merge(self, name: str, request: Request) -> _Planned:
        rows = by_id(self._view(name).entities)
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
        sheet = self._sheet(name)
        request = replace(request, scope="study")
        decision = Decision(
            id=self._next_id(name, sheet, request),
            kind="merge",
            scope="study",
            source=name,
            turn=-1,
            start=0,
            end=0,
            text="",
            at=datetime.now(UTC).isoformat(timespec="microseconds"),
            type=into.type,
            entity=old.id,
            value=into.id,
        )
        table = self.table
        for row in (old, into):
            if table.entity(row.id) is None:
                table = table.with_entity(row)
        table = table.with_entity(replace(by_id(table.entities)[old.id], same_as=into.id))
        return _Planned(decision, replace(table, decisions=(*table.decisions, decision)), None)

    def _effect(self, planned: _Planned) -> Effect:
        """How many places a decision touches, in every source that is here."""
        decision = planned.decision
        if decision.kind == "word":
            return Effect(
                {decision.source: sum(map(len, decision.before["pieces"].values()))}, 0, decision
            )
        places: dict[str, int] = {}
        final = 0
        names = [decision.source]
        if decision.scope == "study":
            names = [n for n in sorted(self.study.read_state()) if n in self.table.sources]
        for name in names:
            try:
                state = self.state(name)
            except UsageError:
                continue
            if self.is_raw(name, state):
                sheet = self._sheet(name)
                count = touched(decision, self._view(name).mentions, sheet.occurrences, name)
                if count:
                    places[name] = count
            elif state.stage is Stage.FINAL and decision.kind in ("add", "merge"):
                final += self._in_outputs(name, state, decision)
        return Effect(places, final, decision)

    def _in_outputs(self, name: str, state: SourceState, decision: Decision) -> int:
        try:
            written = self._written(name, state)
        except UsageError:
            return 0
        if decision.kind == "merge":
            template = self.study.settings.template
            found = [code for _, _, code in code_spans(written.text, template)]
            return found.count(decision.entity or "")
        assert decision.type is not None
        return len(Occurrences.of(written).places(decision.text, decision.type))

    def _log(self, decision: Decision, places: int, *, undone: bool) -> None:
        details: dict[str, Any] = {}
        if decision.entity is not None:
            details["entity"] = decision.entity
        if decision.type is not None:
            details["type"] = decision.type
        self.log.append(
            "decided",
            subject=decision.source,
            kind=decision.kind,
            scope=decision.scope,
            places=places,
            undone=undone,
            **details,
        )

    def _keep(self, name: str, planned: _Planned) -> None:
        """Make a plan durable: the key first, as a source's decision may speak of a row of it."""
        self.key.save(planned.table)
        if planned.sheet is not None:
            sheet = planned.sheet
            sealed = {
                **sheet.sealed,
                "transcript": sheet.transcript.to_json(),
                "machine": mentions_to_json(sheet.found),
                REVIEW: sheet.reviewed.to_json(),
            }
            file = self.study.working_file(name)
            write_durably(file, self.key.seal_working(name, sealed), mode=0o600)
            self._sheets[name] = replace(sheet, sealed=sealed)
        self.version += 1


def _spliced(sheet: _Sheet, pieces: corrections.Pieces) -> _Sheet:
    """A sheet with other words in its transcript, and everything in its place."""
    after = corrections.corrected(sheet.transcript, pieces)

    def mentions(found: Sequence[Mention]) -> tuple[Mention, ...]:
        return tuple(corrections.moved_mention(m, after, pieces) for m in found)

    reviewed = replace(
        sheet.reviewed,
        decisions=tuple(corrections.moved_decision(d, pieces) for d in sheet.reviewed.decisions),
        baseline=mentions(sheet.reviewed.baseline),
        came=mentions(sheet.reviewed.came),
        went=mentions(sheet.reviewed.went),
    )
    coded = mentions(mentions_from_json(sheet.sealed["mentions"]))
    return _Sheet(
        {**sheet.sealed, "mentions": mentions_to_json(coded)},
        after,
        mentions(sheet.found),
        reviewed,
        Occurrences.of(after),
    )


def _uncorrected(sheet: _Sheet, decision: Decision) -> _Sheet:
    """A sheet without a correction. Raises UsageError when its turns were corrected again since."""
    turns, pieces = corrections.recalled(decision.before)
    before = replace(
        sheet.transcript,
        turns=tuple(turns.get(n, turn) for n, turn in enumerate(sheet.transcript.turns)),
    )
    if corrections.corrected(before, pieces) != sheet.transcript:
        raise UsageError("These words were corrected again since: take that back first.")
    after = _spliced(sheet, corrections.back(pieces, before))
    # The times of the single words come back too.
    whole = replace(
        after.transcript,
        turns=tuple(turns.get(n, turn) for n, turn in enumerate(after.transcript.turns)),
    )
    return replace(after, transcript=whole, occurrences=Occurrences.of(whole))


def _without_entity(table: KeyTable, decision: Decision) -> KeyTable:
    """The table without what a decision brought into it."""
    if decision.kind == "merge":
        row = table.entity(decision.entity or "")
        return table if row is None else table.with_entity(replace(row, same_as=None))
    row = table.entity(decision.entity or "")
    if row is None:
        return table
    if "listed" in decision.before:
        table = table.without_listed(row, decision.before["listed"])
    elif "alias" in decision.before:
        aliases = tuple(a for a in row.aliases if a != decision.before["alias"])
        table = table.with_entity(replace(row, aliases=aliases))
    if decision.before.get("new") == row.id:
        table = table.with_entity(Entity.placeholder(row.id))
    return table
