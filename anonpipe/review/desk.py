"""One person's work on a study: what they see of each source, and what they decide.

A decision is durable when `decide` returns: those for one place or one source are sealed beside
the raw transcript, those for the study are in the key. Outputs change when a source is written
next. What is shown comes from the same functions as what will be written (`coding`).

A desk belongs to one thread at a time, and lives as long as its session holds the study's lock.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from anonpipe import batch, datakey, relabelling
from anonpipe.audit import AuditLog
from anonpipe.codes import (
    SPEAKER_TEMPLATE,
    Entity,
    by_id,
    code_spans,
    form,
    resolved,
)
from anonpipe.errors import ModelError, RecordingError, UsageError
from anonpipe.files import sha256, write_durably
from anonpipe.key import KeyTable
from anonpipe.keyfile import StudyKey
from anonpipe.outcome import Report
from anonpipe.outputs import Outputs, Versions
from anonpipe.plaintext import Recorded
from anonpipe.review import signatures, unseen
from anonpipe.review.applying import BY_PERSON, Occurrences, rejects, same_words, touched
from anonpipe.review.decision import NEW, Decision, Effect, Request
from anonpipe.review.interview import Interview, Mark, Question
from anonpipe.review.listing import SourceItem, listed
from anonpipe.review.papers import Papers
from anonpipe.review.planning import Planned, Planner
from anonpipe.review.questions import questions
from anonpipe.review.sheet import moved, not_overwritten, without
from anonpipe.session import Session
from anonpipe.study import SourceState, Stage, Study
from anonpipe.tools import Tools
from anonpipe.transcript import (
    SPEAKER_TURN,
    Mention,
    MentionType,
    Transcript,
    mentions_from_json,
    mentions_to_json,
)


class Desk:
    """A study on a reviewer's desk."""

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
        self._papers = Papers(session, self.tools, self.write)
        self._asked: dict[str, tuple[int, tuple[Question, ...]]] = {}

    @property
    def version(self) -> int:
        """Changes with every decision."""
        return self._papers.version

    @property
    def study(self) -> Study:
        return self.session.study

    @property
    def key(self) -> StudyKey:
        return self.session.key

    @property
    def log(self) -> AuditLog:
        return self.session.log

    @property
    def table(self) -> KeyTable:
        """The key's table."""
        return self._papers.table

    # -- what there is

    def sources(self, *, read: bool = True) -> tuple[SourceItem, ...]:
        """Every source that was worked on, by id. Raises UsageError for a wrong register.

        All are read for their questions, which takes seconds for each interview the first time;
        without `read`, only those tell questions that were read already.
        """
        return listed(self._papers, self._signatures(), self._questions, self.today, read=read)

    def _signatures(self) -> Mapping[str, tuple[signatures.Signature, ...]]:
        return signatures.by_source(self.log.entries(), self.log.vouched_entries())

    def state(self, name: str) -> SourceState:
        """How far a source has come. Raises UsageError for one that may not be seen."""
        return self._papers.state(name)

    def is_raw(self, name: str, state: SourceState) -> bool:
        """Whether a source's raw transcript is still sealed."""
        return self._papers.is_raw(name, state)

    def content(self, name: str) -> Recorded | None:
        """A source's recording, decrypted as it is read if it lies encrypted; None: it is gone."""
        if not self._papers.has_sound(name, self._papers.state(name)):
            return None
        item = self.table.sources[name]
        path = datakey.original(self.study, name, item)
        if path != self.study.encrypted(item.kind, name):
            return path
        return datakey.sealed(name, path, item.data_key)

    # -- one source

    def interview(self, name: str, *, ask: bool = True) -> Interview:
        """A source as it would be written now; without its questions unless `ask`, as they take
        a while where a long one is read for the first time.

        Raises UsageError for one that is unknown, not transcribed yet or may not be seen.
        """
        state = self._papers.state(name)
        if state.stage is Stage.NEW:
            raise UsageError(f"{name} is not transcribed yet: run `anonpipe run` first.")
        if not self._papers.is_raw(name, state):
            return self._finished(name, state)
        sheet, linked = self._papers.sheet(name), self._papers.view(name)
        table, language = by_id(linked.entities), sheet.transcript.language
        every = (*self.table.decisions, *sheet.reviewed.decisions)
        return Interview(
            source=name,
            participants=state.participants,
            kind=state.kind,
            raw=True,
            has_sound=self._papers.has_sound(name, state),
            transcript=sheet.transcript,
            marks=tuple(
                self._mark(mention, table, language, every, name)
                for mention in linked.mentions
                if mention.turn != SPEAKER_TURN
            ),
            flags=state.flags,
            questions=self._questions(name) if ask else (),
            decisions=every,
            names=self._names(linked.entities),
            version=self.version,
            labels={
                mention.text.strip(): form(table[mention.entity], language, SPEAKER_TEMPLATE)
                for mention in linked.mentions
                if mention.turn == SPEAKER_TURN and mention.entity in table
            },
            signed=signatures.persons(self._signatures().get(name, ())),
            approved=state.approved is not None,
        )

    def _finished(self, name: str, state: SourceState) -> Interview:
        """A source whose raw transcript is gone: what its outputs say."""
        transcript = self._papers.written(name, state)
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

    def _names(self, entities: Sequence[Entity]) -> dict[str, str]:
        return {
            entity.id: entity.canonical or entity.id
            for entity in entities
            if not entity.is_placeholder and entity.same_as is None and not entity.is_unused
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
            if (decision.source == source and place in (decision.place, decision.new_place))
            or (decision.scope != "here" and same_words(decision.text, mention.text))
        )
        entity = table.get(mention.entity or "")
        code = form(entity, language, self.study.settings.template) if entity else ""
        by_person = mention.recognizer == BY_PERSON
        return Mark(mention, code, "person" if by_person else "machine", decided)

    def _questions(self, name: str) -> tuple[Question, ...]:
        known = self._asked.get(name)
        if known is None or known[0] != self.version:
            sheet, linked = self._papers.sheet(name), self._papers.view(name)
            asked = questions(
                sheet.transcript,
                linked.mentions,
                flags=self._papers.state(name).flags,
                entities=linked.entities,
                decisions=(*self.table.decisions, *sheet.reviewed.decisions),
                rare=self._papers.rare(),
                policies=self.study.settings.policies,
                source=name,
                found=self._papers.machine(name).mentions,
                reading=self._papers.reading(name),
            )
            self._asked[name] = known = (self.version, asked)
        return known[1]

    def coded(self, name: str) -> Versions:
        """The coded transcripts of a source as they would be written now, by ending of their names.

        Of one whose raw transcript is gone what was written.
        """
        state = self._papers.state(name)
        if not self._papers.is_raw(name, state):
            return {"": self._papers.written(name, state)}
        sheet, linked = self._papers.sheet(name), self._papers.view(name)
        sealed = {
            **sheet.sealed,
            "transcript": sheet.transcript.to_json(),
            "mentions": mentions_to_json(linked.mentions),
        }
        table = replace(self.table, entities=linked.entities)
        return Outputs(self.study, self.key).coded(name, sealed, table)

    def found(self, name: str) -> tuple[Mention, ...]:
        """All that the machine finds in a source's raw transcript now, without entities."""
        return self._papers.sheet(name).found

    def entities(self, name: str) -> tuple[Entity, ...]:
        """The key's table as a source would leave it if it were written now."""
        if not self._papers.is_raw(name, self._papers.state(name)):
            return self.table.entities
        return self._papers.view(name).entities

    def alone(self, name: str) -> tuple[Mention, ...]:
        """The mentions that the machine alone coded, shifted by corrections of words.

        They are kept from the first coding; of a source that was first coded after something had
        been decided for the study, they are what the machine finds, linked without decisions.
        """
        return self._papers.sheet(name).baseline or self._papers.machine(name).mentions

    def is_pending(self, name: str) -> bool:
        """Whether a source was written before something was decided that changes it."""
        state = self._papers.state(name)
        if not self._papers.is_raw(name, state):
            return False
        if state.stage is not Stage.WRITTEN:
            return True
        sheet = self._papers.sheet(name)
        written = mentions_from_json(sheet.sealed["mentions"])
        return sheet.is_corrected or written != self._papers.view(name).mentions

    # -- deciding

    def decisions(self, name: str | None = None) -> tuple[Decision, ...]:
        """Decisions for the study, and with a name those about that source too."""
        own = self._papers.sheet(name).reviewed.decisions if name is not None else ()
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
        """Take a decision back. Raises UsageError when there is none of that id, when words were
        corrected again since, or when a code that it brought stands elsewhere.
        """
        prefix = decision_id.rpartition("-")[0]
        if prefix == "K":
            there = self.table.decisions
        elif prefix in self.study.read_state() and self._papers.is_raw(
            prefix, self._papers.state(prefix)
        ):
            there = self._papers.sheet(prefix).reviewed.decisions
        else:
            there = ()
        found = next((each for each in there if each.id == decision_id), None)
        if found is None:
            raise UsageError("There is no decision of that id: it may be taken back already.")
        if found.before.get("new"):
            self._require_unused(found)
        sheet, table = None, self.table
        if prefix != "K":
            sheet = self._papers.sheet(prefix)
            if found.kind == "word":
                sheet, pieces = self._planner(prefix).uncorrected(found)
                table = moved(table, prefix, pieces)
            sheet = replace(sheet, reviewed=sheet.reviewed.without(decision_id))
        self._log(found, 0, undone=True)
        self._keep(prefix, Planned(found, without(table, found), sheet))

    def _require_unused(self, decision: Decision) -> None:
        """Raises UsageError when a code that a decision brought would stand for nobody without it,
        since other decisions speak of it or finished outputs hold it.
        """
        code = decision.before["new"]
        states = self.study.read_state()
        told = {
            str(entry.subject)
            for entry in self.log.entries()
            if entry.action == "decided" and entry.details.get("entity") == code
        }
        raw = [n for n in sorted(told & states.keys()) if self._papers.is_raw(n, states[n])]
        every = [*self.table.decisions]
        for name in raw:
            with contextlib.suppress(UsageError):  # one that was withdrawn is shown to nobody
                every += self._papers.sheet(name).reviewed.decisions
        others = [
            each.id
            for each in every
            if each.id != decision.id and code in (each.entity, each.kind == "merge" and each.value)
        ]
        if others:
            raise UsageError(
                f"{code} came with this, and other decisions are about it: take back "
                f"{', '.join(others)} first."
            )
        row = self.table.entity(code)
        final = [
            name
            for name in sorted(row.seen if row else ())
            if name in states and states[name].stage in (Stage.FINAL, Stage.SWEEPING)
        ]
        if final:
            raise UsageError(
                f"{code} came with this and stands in finished transcripts "
                f"({', '.join(final)}): reject the words where they are no name instead."
            )

    def candidates(
        self, name: str, turn: int, start: int, end: int, kind: MentionType
    ) -> tuple[str, ...]:
        """Ids of entities that words may mean, likeliest first; `NEW` where linking finds none."""
        from rapidfuzz import fuzz

        planner = self._planner(name)
        text = planner.sheet.transcript.turns[turn].text[start:end]
        chosen = planner.linked_alone((turn, start, end), kind)
        rows = [
            entity
            for entity in planner.view.entities
            if entity.type == kind
            and not entity.is_placeholder
            and entity.same_as is None
            and not entity.is_unused
        ]

        def alike(entity: Entity) -> float:
            names = [form for form in (entity.canonical, *entity.aliases) if form]
            score = max((fuzz.token_set_ratio(text, each) for each in names), default=0.0)
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

    def write(self, name: str, report: Report = lambda _: None) -> None:
        """Code and write a source with everything that was decided; nothing is deleted.

        Raises RecordingError when that fails, or when a person has changed an output: that is never
        overwritten.
        """
        state = self._papers.state(name)
        states = self.study.read_state()
        if state.stage is Stage.WRITTEN:
            edited = self.edited(name)
            if edited:
                raise not_overwritten(name, edited)
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

    def edited(self, name: str) -> tuple[str, ...]:
        """The outputs of a source that a person has changed, by path in the study."""
        state, outputs = self._papers.state(name), Outputs(self.study, self.key)
        if self._papers.is_raw(name, state) and state.stage is Stage.WRITTEN:
            written = outputs.coded(name, self.key.unseal(self.study.working_file(name)))
            return (*outputs.changed(state, written), *outputs.changed_copies(state))
        return tuple(
            output
            for output, digest in state.outputs.items()
            if (path := self.study.folder / output).is_file()
            and (output in state.edited or sha256(path) != digest)
        )

    def unseen(self, name: str) -> tuple[unseen.Unseen, ...]:
        """Mentions that came or went since a person looked, and about which nobody has decided."""
        state = self._papers.state(name)
        if not self._papers.is_raw(name, state) or state.approved is not None:
            return ()
        now = {
            (m.turn, m.start, m.end, m.type): m.recognizer for m in self._papers.view(name).mentions
        }
        sheet = self._papers.sheet(name)
        turns = sheet.transcript.turns
        no_name = rejects(self.decisions(name), name)

        def is_open(each: unseen.Unseen) -> bool:
            place = (each.turn, each.start, each.end)
            if any(
                d.turn == each.turn and d.start < each.end and each.start < d.end
                for d in sheet.reviewed.decisions
            ):
                return False
            if each.came:
                return now.get((*place, each.type), BY_PERSON) != BY_PERSON
            text = turns[each.turn].text[each.start : each.end]
            return (*place, each.type) not in now and not no_name(place, text)

        return tuple(filter(is_open, unseen.from_json(sheet.sealed.get(unseen.UNSEEN, ()))))

    def forget(self) -> None:
        """Read everything anew: something else has changed the study."""
        self._papers.forget()
        self._asked.clear()

    # -- from a wish to what is kept

    def _planner(self, name: str) -> Planner:
        taken = [decision.number for decision in self.table.decisions]
        given = sum(entry.action == "decided" for entry in self.log.entries())
        return Planner(
            self._papers.sheet(name),
            self._papers.view(name),
            self._papers.case(name),
            max([*taken, given], default=0) + 1,
            self._find,
        )

    def _plan(self, name: str, request: Request) -> Planned:
        planner = self._planner(name)
        everywhere = request.kind == "merge" or (request.kind == "add" and request.scope == "study")
        if not planner.sheet.sealed and not everywhere:
            raise UsageError(
                f"The raw transcript of {name} is gone: what is wrong in it can only be decided "
                "for the whole study."
            )
        return planner.plan(request)

    def _find(self, transcript: Transcript) -> Sequence[Mention]:
        """Mentions in a few turns; none where no model is installed."""
        known = self.table.known_names(self.study.settings.policies)
        try:
            detector = self.tools.detector
            return detector.complete(transcript, detector.find(transcript), known)
        except ModelError:
            return ()

    def _effect(self, planned: Planned) -> Effect:
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
                state = self._papers.state(name)
            except UsageError:
                continue
            if self._papers.is_raw(name, state):
                sheet = self._papers.sheet(name)
                count = touched(decision, self._papers.view(name).mentions, sheet.occurrences, name)
                if count:
                    places[name] = count
            elif state.stage is Stage.FINAL and decision.kind in ("add", "merge"):
                final += self._in_outputs(name, state, decision)
        return Effect(places, final, decision)

    def _in_outputs(self, name: str, state: SourceState, decision: Decision) -> int:
        try:
            written = self._papers.written(name, state)
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

    def _keep(self, name: str, planned: Planned) -> None:
        """Make a plan durable: the key first, as a source's decision may speak of a row of it."""
        self.key.save(planned.table)
        if planned.sheet is not None:
            sealed = planned.sheet.to_sealed(self._papers.sheet(name))
            file = self.study.working_file(name)
            # First, so that no run takes the outputs for those of this decision.
            states = self.study.read_state()
            if states[name].searched:
                looked = replace(states[name], searched="")
                self.study.write_state({**states, name: looked})
            write_durably(file, self.key.seal_working(name, sealed), mode=0o600)
            self._papers.put(name, replace(planned.sheet, sealed=sealed))
        else:
            self._papers.put(name, None)
