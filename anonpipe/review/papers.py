"""The papers of a study on a desk: what its working files and outputs say, opened and remembered.

Everything here is read. What a person decides goes through `desk`, which puts the new papers here.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import replace

from anonpipe import coding, consent, datakey, decisions, formats, rarity
from anonpipe.codes import Linked
from anonpipe.detect import chances
from anonpipe.errors import ModelError, RecordingError, UsageError
from anonpipe.key import KeyTable
from anonpipe.keyfile import StudyKey
from anonpipe.review.applying import Occurrences
from anonpipe.review.questions import Reading, read
from anonpipe.review.reviewed import CHANCES, Reviewed
from anonpipe.review.sheet import Sheet
from anonpipe.session import Session
from anonpipe.study import RAW, SourceState, Stage, Study, require_known
from anonpipe.tools import Tools
from anonpipe.transcript import Transcript
from anonpipe.wording.styles import ending_of


class Papers:
    """Sources as they are, and as they are decided; `version` changes with every change.

    `write` codes and writes a source that was interrupted on its way.
    """

    def __init__(self, session: Session, tools: Tools, write: Callable[[str], None]) -> None:
        self.session, self.tools, self._write = session, tools, write
        self.version = 0
        self.trial: KeyTable | None = None
        self._sheets: dict[str, Sheet] = {}
        self._linked: dict[str, tuple[int, Linked]] = {}
        self._links: dict[str, tuple[object, object, Linked]] = {}
        self._readings: dict[str, Reading] = {}
        self._rare_codes: frozenset[str] | None = None

    @property
    def study(self) -> Study:
        return self.session.study

    @property
    def key(self) -> StudyKey:
        return self.session.key

    @property
    def table(self) -> KeyTable:
        """The key's table, or one that is tried in its place."""
        return self.trial or self.session.key.table

    def put(self, name: str, sheet: Sheet | None) -> None:
        """A source's sheet is another now, or the key is."""
        if sheet is not None:
            self._sheets[name] = sheet
        self.version += 1

    def forget(self) -> None:
        """Read everything anew: something else has changed the study."""
        self._sheets.clear()
        self._linked.clear()
        self._links.clear()
        self._readings.clear()
        self.version += 1

    def was_read(self, name: str) -> bool:
        """Whether a source was read for its questions, which takes a while the first time."""
        return name in self._readings

    def is_raw(self, name: str, state: SourceState) -> bool:
        """Whether a source's raw transcript is still sealed."""
        return state.stage in RAW and self.study.working_file(name).is_file()

    def has_sound(self, name: str, state: SourceState) -> bool:
        item = self.table.sources[name]
        there = state.kind == "audio" and state.deleting is None and bool(item.path)
        return there and datakey.original(self.study, name, item).is_file()

    def state(self, name: str) -> SourceState:
        """How far a source has come. Raises UsageError for one that may not be seen."""
        states = self.study.read_state()
        require_known(states, name)
        state = states[name]
        register = consent.load(self.study.consent_file)
        if register.withdrawn(state.participants):
            raise UsageError(
                f"Consent to {name} was withdrawn, so nothing of it is shown: run "
                f"`anonpipe withdraw {self.study.folder} {state.participants[0]}`."
            )
        if register.demand_of(state.participants) is None or name not in self.table.sources:
            raise UsageError(f"{name} has no consent in consent.csv, so nothing of it is shown.")
        return state

    def written(self, name: str, state: SourceState) -> Transcript:
        """The coded transcript in a source's outputs: of two styles the verbatim one's."""
        readable = sorted(
            (output for output in state.outputs if not decisions.is_bleeped(output)),
            key=lambda output: (formats.form_of(output) == "json", ending_of(output)),
        )
        for output in reversed(readable):
            with contextlib.suppress(OSError, RecordingError, UsageError):
                return formats.read(self.study.folder / output, state.language or "nb")
        raise UsageError(f"The outputs of {name} are gone or cannot be read: nothing can be shown.")

    def reading(self, name: str) -> Reading:
        """A transcript as the questions read it, which depends on its words alone."""
        sheet = self.sheet(name)
        known = self._readings.get(name)
        if known is None or known.transcript is not sheet.transcript:
            found = chances.from_json(sheet.sealed.get(CHANCES, ()))
            if CHANCES not in sheet.sealed:
                with contextlib.suppress(ModelError):
                    found = self.tools.detector.chances(sheet.transcript)
                values = {**sheet.sealed, CHANCES: chances.to_json(found)}
                self._sheets[name] = replace(sheet, sealed=values)
            known = self._readings[name] = read(sheet.transcript, found)
        return known

    def rare(self) -> frozenset[str]:
        """The codes of rare combinations in what was written when the review began: who has settled
        all questions shall not meet others that follow from the answers.
        """
        if self._rare_codes is None:
            register, template = consent.load(self.study.consent_file), self.study.settings.template
            texts = []
            for name, state in sorted(self.study.read_state().items()):
                gone = register.withdrawn(state.participants)
                if state.outputs and not gone and name in self.table.sources:
                    with contextlib.suppress(UsageError):
                        language = state.language or "nb"
                        said = self.written(name, state).text
                        texts.append(rarity.Text(name, state.participants, language, said))
            found = rarity.find(self.table.entities, texts, template=template)
            self._rare_codes = frozenset(
                code for each in found.rare if each.readable for code in each.codes
            )
        return self._rare_codes

    def sheet(self, name: str) -> Sheet:
        """A source's working file; of one whose raw transcript is gone, what its outputs say."""
        if name not in self._sheets:
            state = self.state(name)
            if not self.is_raw(name, state):
                written = self.written(name, state)
                sheet = Sheet({}, written, (), Reviewed(), Occurrences.of(written))
            else:
                if state.stage is not Stage.WRITTEN:
                    self._write(name)
                sheet = Sheet.from_sealed(self.key.unseal(self.study.working_file(name)))
            self._sheets[name] = sheet
        return self._sheets[name]

    def case(self, name: str) -> coding.Case:
        settings = self.study.settings
        return coding.Case(
            name,
            self.state(name).participants,
            self.table,
            settings.policies,
            settings.template,
            self.sheet(name).reviewed.decisions,
        )

    def view(self, name: str) -> Linked:
        """A source's mentions as they are decided, and the key's table with them."""
        known = self._linked.get(name)
        if known is None or known[0] != self.version:
            sheet = self.sheet(name)
            linked = Linked((), self.table.entities)
            if sheet.sealed:
                case, machine = self.case(name), self.machine(name)
                linked = coding.decided(machine, sheet.transcript, case, sheet.occurrences)
            self._linked[name] = known = (self.version, linked)
        return known[1]

    def machine(self, name: str) -> Linked:
        """A source's mentions as linking and policies have it; that takes longer than the rest."""
        found, entities = self.sheet(name).found, self.table.entities
        known = self._links.get(name)
        keeps = bool(self.study.settings.policies.keeps)  # decisions tell what may be kept
        if keeps or known is None or known[0] is not found or known[1] is not entities:
            linked = coding.linked(found, self.sheet(name).transcript, self.case(name))
            self._links[name] = known = (found, entities, linked)
        return known[2]
