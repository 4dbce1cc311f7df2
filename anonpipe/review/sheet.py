"""A source's working file as it lies on the desk, and the table of the key beside it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from anonpipe.codes import Entity
from anonpipe.errors import RecordingError, UsageError
from anonpipe.key import KeyTable
from anonpipe.review import corrections
from anonpipe.review.applying import Occurrences
from anonpipe.review.decision import Decision
from anonpipe.review.reviewed import BASELINE, REVIEW, Reviewed
from anonpipe.transcript import Mention, Transcript, Turn, mentions_from_json, mentions_to_json


@dataclass(frozen=True, slots=True)
class Sheet:
    """A source's working file, opened.

    `found` are the machine's mentions, without entities; `baseline` are those that it had found
    before anybody decided anything, with the entities they had, to measure agreement against.
    """

    sealed: Mapping[str, Any]
    transcript: Transcript
    found: tuple[Mention, ...]
    reviewed: Reviewed
    occurrences: Occurrences
    baseline: tuple[Mention, ...] = ()

    @classmethod
    def from_sealed(cls, sealed: Mapping[str, Any]) -> Sheet:
        """Read the values of a working file of a source that was coded."""
        transcript = Transcript.from_json(sealed["transcript"])
        return cls(
            sealed,
            transcript,
            mentions_from_json(sealed.get("machine", sealed["mentions"])),
            Reviewed.from_json(sealed.get(REVIEW)),
            Occurrences.of(transcript),
            mentions_from_json(sealed.get(BASELINE, ())),
        )

    def to_sealed(self, before: Sheet) -> dict[str, Any]:
        """The values of the working file; `before` is what lies there, of which most stays."""
        values = {**self.sealed, REVIEW: self.reviewed.to_json()}
        if self.transcript is not before.transcript:
            values |= {
                "transcript": self.transcript.to_json(),
                "machine": mentions_to_json(self.found),
                BASELINE: mentions_to_json(self.baseline),
            }
        return values

    @property
    def is_corrected(self) -> bool:
        """Whether words were corrected since it was coded."""
        digest = self.transcript.digest
        return bool(self.sealed.get("text", digest) != digest)

    def spliced(self, pieces: corrections.Pieces) -> Sheet:
        """With other words in its transcript, and everything in its place."""
        after = corrections.corrected(self.transcript, pieces)

        def moved(found: Sequence[Mention]) -> tuple[Mention, ...]:
            return corrections.apart(
                (corrections.moved_mention(m, after, pieces) for m in found), after
            )

        decisions = (corrections.moved_decision(d, pieces) for d in self.reviewed.decisions)
        coded = moved(mentions_from_json(self.sealed["mentions"]))
        return Sheet(
            {**self.sealed, "mentions": mentions_to_json(coded)},
            after,
            moved(self.found),
            replace(self.reviewed, decisions=tuple(decisions)),
            Occurrences.of(after),
            moved(self.baseline),
        )

    def uncorrected(self, decision: Decision) -> tuple[Sheet, corrections.Pieces]:
        """Without a correction, and the pieces that took it back; mentions that came with it are
        gone, and those are back that were there before it.

        Raises UsageError when its turns were corrected again since.
        """
        turns, pieces = corrections.recalled(decision.before)
        before = replace(self.transcript, turns=_with(self.transcript, turns))
        if corrections.corrected(before, pieces) != self.transcript:
            raise UsageError("These words were corrected again since: take that back first.")
        undoing = corrections.back(pieces, before)
        after = self.spliced(undoing)
        # The times of the single words come back too, and what had been where they stand.
        whole = replace(after.transcript, turns=_with(after.transcript, turns))
        there = mentions_from_json(decision.before.get("found", ()))
        stay = [m for m in after.found if not corrections.touches(m, pieces)]
        places = decision.before.get("places", {})
        decisions = (
            replace(d, start=places[d.id][0], end=places[d.id][1]) if d.id in places else d
            for d in after.reviewed.decisions
        )
        sheet = replace(
            after,
            transcript=whole,
            occurrences=Occurrences.of(whole),
            found=corrections.apart((*stay, *there), whole),
            reviewed=replace(after.reviewed, decisions=tuple(decisions)),
        )
        return sheet, undoing


def _with(transcript: Transcript, turns: Mapping[int, Turn]) -> tuple[Turn, ...]:
    return tuple(turns.get(number, turn) for number, turn in enumerate(transcript.turns))


def moved(table: KeyTable, source: str, pieces: corrections.Pieces) -> KeyTable:
    """The key's table with decisions for the study where they were taken, when words of the source
    are corrected.
    """
    return replace(
        table,
        decisions=tuple(
            corrections.moved_decision(each, pieces) if each.source == source else each
            for each in table.decisions
        ),
    )


def without(table: KeyTable, decision: Decision) -> KeyTable:
    """The key's table without what a decision brought into it, when that is taken back."""
    table = replace(
        table, decisions=tuple(each for each in table.decisions if each.id != decision.id)
    )
    row = table.entity(decision.entity or "")
    if row is None:
        return table
    if decision.kind == "merge":
        return table.with_entity(replace(row, same_as=None))
    if decision.before.get("new") == row.id:
        return table.with_entity(Entity.placeholder(row.id))
    if "listed" in decision.before:
        return table.without_listed(row, decision.before["listed"])
    if "alias" in decision.before:
        aliases = tuple(alias for alias in row.aliases if alias != decision.before["alias"])
        return table.with_entity(replace(row, aliases=aliases))
    return table


def not_overwritten(name: str, edited: Iterable[str]) -> RecordingError:
    """What is wrong when outputs of a source lack what was decided, and a person changed them."""
    return RecordingError(
        f"{', '.join(edited)} was changed by hand and is not overwritten, so what was decided "
        f"about {name} is not in it: move it out of the study and come back, and it is written "
        "anew; then decide here what you had changed there."
    )
