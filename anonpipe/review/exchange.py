"""Decisions out of a review and back into one, for scripts and spreadsheets.

What goes out is every place of the sources that a person may decide about (`table.Row`), and what
was decided. What comes back is tried as a whole on a desk that keeps nothing (`Rehearsal`); only if
every row fits is any of it decided, on the real one. What is decided already is left alone, so the
same file may come back twice.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePath
from typing import Literal

from anonpipe import vault
from anonpipe.custody import log_opening
from anonpipe.errors import UsageError
from anonpipe.files import cause, write_durably
from anonpipe.keyfile import StudyKey
from anonpipe.review import corrections, table
from anonpipe.review.applying import fits
from anonpipe.review.decision import NEW, Decision, Effect, Request
from anonpipe.review.desk import Desk
from anonpipe.review.rehearsal import Rehearsal
from anonpipe.review.rows import check, rows_of
from anonpipe.review.table import SEALED_VALUE, Problem, Row, Table
from anonpipe.transcript import Transcript

Form = Literal["csv", "json"]
SEALED = ".age"


@dataclass(frozen=True, slots=True)
class Exported:
    """What went out: the file, and how many rows of which sources.

    `left_out` are decisions for the study that were taken in places that are gone, as the raw
    transcript of a source is gone, or its words are others.
    """

    path: Path
    rows: int
    decided: int
    sources: tuple[str, ...]
    left_out: int


@dataclass(frozen=True, slots=True)
class Imported:
    """What came of a file: what is wrong with its rows, or what was decided.

    `kinds` says how many decisions of each kind were new, `places` how many places each source has
    that they touch, `final` how many there are in outputs whose raw transcript is gone. `already`
    rows were decided before, `empty` ones decide nothing.
    """

    problems: tuple[Problem, ...] = ()
    kinds: Mapping[str, int] = field(default_factory=dict)
    places: Mapping[str, int] = field(default_factory=dict)
    final: int = 0
    already: int = 0
    empty: int = 0

    @property
    def decided(self) -> int:
        """How many rows were decided now."""
        return sum(self.kinds.values())


def form_of(path: PurePath) -> Form:
    """csv or json, by a file's name; of a sealed one by what stands before .age.

    Raises UsageError for another.
    """
    name = path.name.casefold().removesuffix(SEALED)
    if name.endswith(".csv"):
        return "csv"
    if name.endswith(".json"):
        return "json"
    raise UsageError(f"{path} is to be a table or JSON: let its name end in .csv or .json.")


# -- out


def export(
    desk: Desk, target: Path, *, source: str | None = None, with_text: bool = False
) -> Exported:
    """Write the places and decisions of every source with a raw transcript, or of one of them.

    With text, the file is sealed to the key's recipients and its name ends in .age; that is
    logged before anything is read. Raises UsageError for a file that is there already or lies in
    the study, and for a source without a raw transcript.
    """
    form = form_of(target)
    target = target.expanduser()
    if with_text and target.suffix.casefold() != SEALED:
        target = target.with_name(target.name + SEALED)
    if not with_text and target.suffix.casefold() == SEALED:
        raise UsageError(f"{target} would not be sealed: leave out .age, or say --with-text.")
    if target.resolve().is_relative_to(desk.study.folder):
        raise UsageError(
            f"{target} lies inside the study, whose files are the program's: choose another folder."
        )
    if target.exists():
        raise UsageError(f"{target} exists already: choose another name.")
    if with_text:
        log_opening(desk.session, "review-export", "correction")
    there = tuple(item.id for item in desk.sources(read=False) if item.raw)
    if source is not None and source not in there:
        desk.state(source)
        raise UsageError(
            f"The raw transcript of {source} is gone, so nothing of it can be decided."
        )
    names = there if source is None else (source,)
    rows = [row for name in names for row in rows_of(desk, name)]
    if form == "json":
        data = table.to_json(rows, with_text=with_text)
    else:
        separator = "," if desk.study.settings.source.language == "en" else ";"
        data = table.to_csv(rows, separator=separator, with_text=with_text)
    if with_text:
        data = vault.seal(data, desk.key.recipients)
    write_durably(target, data, mode=0o600, error=UsageError, overwrite=False)
    written = {row.id for row in rows}
    lost = [d for d in desk.decisions() if d.id not in written and source in (None, d.source)]
    decided = sum(row.decision is not None for row in rows)
    return Exported(target, len(rows), decided, names, len(lost))


# -- in


def read(path: Path, key: StudyKey) -> Table:
    """What a file holds; a sealed one is decrypted in memory.

    Raises UsageError for what cannot be read and VaultError for what the key does not open.
    """
    try:
        data = path.expanduser().read_bytes()
    except OSError as problem:
        raise UsageError(f"{path} cannot be read: {cause(problem)}.") from None
    if path.suffix.casefold() == SEALED:
        data = key.decrypt(data, str(path))
    return table.read(path.name, data)


def import_(desk: Desk, given: Table, *, dry_run: bool = False) -> Imported:
    """Decide what a file says: all of it, or nothing if anything in it does not fit."""
    tried = _Import(Rehearsal(desk), given)
    tried.run()
    problems = sorted((*given.problems, *tried.problems), key=lambda problem: problem.row)
    if problems:
        return Imported(problems=tuple(problems), empty=given.empty)
    if dry_run:
        return tried.result()
    real = _Import(desk, given)
    try:
        real.run()
        if real.problems:
            raise UsageError(
                f"Row {real.problems[0].row} did not fit after all, and everything was taken back: "
                "export anew."
            )
    except BaseException:
        real.take_back()
        raise
    return real.result()


class _Import:
    """The rows of a file, on their way to a desk.

    First the corrections that the file tells of, in the order in which they were made, so that the
    text is what it was when the file was written; then the rest, which speaks of that text; then
    corrections that a person has filled in, which change it.
    """

    def __init__(self, desk: Desk, given: Table) -> None:
        self.desk, self.given = desk, given
        self.problems: list[Problem] = []
        self._effects: list[Effect] = []
        self._already = 0
        self._transcripts: dict[tuple[str, int], Transcript] = {}  # the one that was asked for last
        self._new: dict[str, str] = {}  # codes of new entities, by what the file calls them

    def run(self) -> None:
        """Decide row by row; what cannot be is among the problems."""
        rows = sorted(self.given.rows, key=lambda row: (not row.order, row.order))
        first = [row for row in rows if row.decision == "word" and row.order]
        last = [row for row in rows if row.decision == "word" and not row.order]
        for row in first:
            self._take(row)
        rest = [row for row in rows if row.decision != "word"]
        fit = {row.line: self._misfit(row) for row in (*rest, *last)}
        for row in rest:
            self._take(row, misfit=fit[row.line])
        moving = list(last)
        while moving:
            row = moving.pop(0)
            effect = self._take(row, misfit=fit[row.line])
            if effect is not None and effect.decision is not None:
                _, pieces = corrections.recalled(effect.decision.before)
                moving = [_moved(other, row.source, pieces) for other in moving]

    def _take(self, row: Row, misfit: str | None = None) -> Effect | None:
        """Decide a row unless that is done; None unless it was decided now."""
        try:
            if misfit is not None:
                raise UsageError(misfit)
            known = self._decided(row)
            if known is not None:
                self._remember(row, known)
                self._already += 1
                return None
            if row.decision == "word" and row.value == SEALED_VALUE:
                raise UsageError(
                    "what was corrected stands in the sealed table alone: import that, made with "
                    "--with-text"
                )
            if row.decision == "word" and row.order and (misfit := self._misfit(row)) is not None:
                raise UsageError(misfit)
            effect = self.desk.decide(row.source, self._request(row))
        except UsageError as problem:
            self.problems.append(Problem(row.line, str(problem)))
            return None
        self._effects.append(effect)
        if effect.decision is not None:
            self._remember(row, effect.decision)
        return effect

    def _misfit(self, row: Row) -> str | None:
        """Why a row's place is not that of the words it was exported for, None if it is."""
        if row.decision == "merge":
            return None
        try:
            transcript = self._transcript(row.source)
        except UsageError as problem:
            return str(problem)
        if not fits(row.place, transcript):
            return "there is no such place in the transcript any more: export anew"
        text = transcript.turns[row.turn].text[row.start : row.end]
        if row.check:
            same = row.check == check(self.desk.key, row.source, row.place, text)
        else:
            same = row.text == text.strip()
        return None if same else "other words stand there by now: export anew"

    def _transcript(self, name: str) -> Transcript:
        if (name, self.desk.version) not in self._transcripts:
            self._transcripts = {(name, self.desk.version): self.desk.interview(name).transcript}
        return self._transcripts[name, self.desk.version]

    def _decided(self, row: Row) -> Decision | None:
        """The decision that says already what a row says."""
        every = (d for d in reversed(self.desk.decisions(row.source)) if d.source == row.source)
        return next((d for d in every if self._same(row, d)), None)

    def _same(self, row: Row, decision: Decision) -> bool:
        if (row.decision, row.scope) != (decision.kind, decision.scope):
            return False
        if decision.kind == "merge":
            ends = {decision.entity, decision.value}
            return ends == {self._known(row.code), self._known(row.new_code)}
        if decision.kind == "word":
            return self._same_word(row, decision)
        if decision.place != row.place or (row.new_type not in (None, decision.type)):
            return False
        if decision.kind == "span":
            start = decision.start + decision.offset
            return (row.new_start, row.new_end) == (start, start + len(decision.value))
        if decision.kind == "generalise" and _bare(row.value) != _bare(decision.value):
            return False
        if row.new_code is None:
            return True
        known = self._known(row.new_code)
        if table.is_new(row.new_code) and known not in self._new.values():
            return decision.entity in (known, decision.before.get("new"))
        return known == decision.entity

    def _same_word(self, row: Row, decision: Decision) -> bool:
        """Of a correction, a table that is not sealed tells no more than where it was made."""
        _, pieces = corrections.recalled(decision.before)
        places = {(n, p.start, p.end) for n, found in pieces.items() for p in found}
        if row.place not in places:
            return False
        if row.check and row.check != check(self.desk.key, row.source, row.place, decision.text):
            return False
        return row.value == SEALED_VALUE or " ".join(row.value.split()) == decision.value

    def _known(self, code: str | None) -> str | None:
        """The code by which the key knows an entity that a row speaks of."""
        name = (code or "").removeprefix(f"{NEW} ")
        return self._new.get(name, name) or None

    def _remember(self, row: Row, decision: Decision) -> None:
        """What a new entity is called in the file, and what it is in the key."""
        if table.is_new(row.new_code) and row.new_code != NEW and decision.entity is not None:
            self._new.setdefault((row.new_code or "").removeprefix(f"{NEW} "), decision.entity)

    def _request(self, row: Row) -> Request:
        assert row.decision is not None
        if row.decision == "merge":
            return Request(
                "merge",
                "study",
                entity=self._known(row.code),
                value=self._known(row.new_code) or "",
            )
        entity = self._known(row.new_code)
        if table.is_new(row.new_code):
            known = entity in self._new.values() or (
                entity in self.desk.interview(row.source).names
            )
            entity = entity if known else NEW
        return Request(
            row.decision,
            row.scope,
            row.turn,
            row.start,
            row.end,
            type=row.new_type,
            entity=entity,
            value=row.value,
            span=None
            if row.new_start is None or row.new_end is None
            else (row.new_start, row.new_end),
        )

    def take_back(self) -> None:
        """Undo what was decided, the last first."""
        while self._effects:
            decision = self._effects.pop().decision
            if decision is not None:
                self.desk.undo(decision.id)

    def result(self) -> Imported:
        """What was decided."""
        places: Counter[str] = Counter()
        kinds: Counter[str] = Counter()
        for effect in self._effects:
            places.update(effect.places)
            if effect.decision is not None:
                kinds[effect.decision.kind] += 1
        return Imported(
            kinds=dict(kinds),
            places=dict(sorted(places.items())),
            final=sum(effect.final for effect in self._effects),
            already=self._already,
            empty=self.given.empty,
        )


def _moved(row: Row, source: str, pieces: corrections.Pieces) -> Row:
    """A row whose place is one of the text after a correction."""
    changes = pieces.get(row.turn)
    if row.source != source or not changes:
        return row
    start, end = corrections.moved(row.start, row.end, changes)
    return replace(row, start=start, end=end)


def _bare(value: str) -> str:
    return " ".join(value.split()).strip("[]").strip()
