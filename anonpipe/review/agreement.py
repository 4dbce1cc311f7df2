"""How far the machine and the person who reviewed agree about what is a mention, in numbers.

The machine's mentions, as they were coded before anybody decided anything, are compared with
those after the review. Every mention is compared with one of the other side at most, the one with
which it shares the most characters; speaker labels are left out. Precision, recall and F1 are
given for equal spans of equal type, and for spans that overlap, whatever their type.

Cohen's kappa is not given. It needs the number of things on which both agree that they are no
mention, and in free text that is not defined: any stretch of words might be one. When it is large,
as it is here, kappa comes close to F1 (Hripcsak and Rothschild, JAMIA 12(3), 2005).

The reviewer saw the machine's marks. So this is no independent standard: what both overlooked
counts for neither, and a mark that is there is easily left as it is.

Nothing here holds text or names: numbers by type and source.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from typing import cast

from anonpipe.codes import Place
from anonpipe.errors import UsageError
from anonpipe.review.applying import apart
from anonpipe.review.desk import Desk
from anonpipe.study import Stage
from anonpipe.transcript import MENTION_TYPES, SPEAKER_TURN, Mention, MentionType

ACTION = "compared"
"""The action of the log's entries that keep the numbers of a source, one for each type."""


@dataclass(frozen=True, slots=True)
class Counts:
    """Numbers about mentions of one type or of all.

    Of `found`, the machine's, each is one of: `unchanged`, of which `confirmed` were confirmed
    expressly; changed in its `span`, its type (`retyped`) or its code (`recoded`), the first of
    these that holds; or `rejected`. They count under the machine's type. `final` are all that there
    are after the review, under their type then: `added` are those that only the person marked,
    `matched` those that overlap one of the machine's. `exact` have equal spans and types.
    Characters that were marked as the type: by `both`, by the `machine` or the `person` alone.
    """

    found: int = 0
    unchanged: int = 0
    confirmed: int = 0
    span: int = 0
    retyped: int = 0
    recoded: int = 0
    rejected: int = 0
    added: int = 0
    final: int = 0
    exact: int = 0
    matched: int = 0
    both: int = 0
    machine: int = 0
    person: int = 0

    def __add__(self, other: Counts) -> Counts:
        """The sum of two, as if they were one."""
        mine, theirs = asdict(self), asdict(other)
        return Counts(**{name: mine[name] + theirs[name] for name in mine})

    @property
    def precision(self) -> float | None:
        """Share of the machine's mentions that stand with equal span and type; None of none."""
        return part_of(self.exact, self.found)

    @property
    def recall(self) -> float | None:
        """Share of the final mentions that the machine had with equal span and type."""
        return part_of(self.exact, self.final)

    @property
    def f1(self) -> float | None:
        """The harmonic mean of both, for equal spans and types."""
        return part_of(2 * self.exact, self.found + self.final)

    @property
    def precision_overlap(self) -> float | None:
        """Share of the machine's mentions that overlap a final one."""
        return part_of(self.found - self.rejected, self.found)

    @property
    def recall_overlap(self) -> float | None:
        """Share of the final mentions that overlap one of the machine's."""
        return part_of(self.matched, self.final)

    @property
    def f1_overlap(self) -> float | None:
        """The harmonic mean of both, for spans that overlap."""
        one, other = self.precision_overlap, self.recall_overlap
        if one is None or other is None or one + other == 0:
            return None if one is None and other is None else 0.0
        return 2 * one * other / (one + other)

    @property
    def characters(self) -> float | None:
        """Share of the characters that either marked which both did (Jaccard)."""
        return part_of(self.both, self.both + self.machine + self.person)


def part_of(part: int, whole: int) -> float | None:
    """A share, None of nothing."""
    return part / whole if whole else None


RATES = (
    "precision",
    "recall",
    "f1",
    "precision_overlap",
    "recall_overlap",
    "f1_overlap",
    "characters",
)
"""The rates of `Counts`, by name."""
COUNTS = tuple(each.name for each in fields(Counts))
"""The numbers of `Counts`, by name."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """The numbers of a source, or of all, by type; only types that somebody marked."""

    by_type: Mapping[MentionType, Counts] = field(default_factory=dict)

    @property
    def total(self) -> Counts:
        """All types together; characters that changed their type count for each."""
        return sum(self.by_type.values(), Counts())

    def __add__(self, other: Agreement) -> Agreement:
        kinds = [kind for kind in MENTION_TYPES if kind in self.by_type or kind in other.by_type]
        return Agreement(
            {k: self.by_type.get(k, Counts()) + other.by_type.get(k, Counts()) for k in kinds}
        )


@dataclass(frozen=True, slots=True)
class Report:
    """The agreement of a study: by source, for those that were reviewed and for none other.

    `reviewed` are sources that count: signed off, or with decisions; `open` those of them that
    are not signed off. `untouched` are sources of which nothing was reviewed yet; `unknown` those
    whose numbers were not kept, as their raw transcript is gone. `persons` is how many signed for
    any of them, as the log tells them apart; at least one reviewed.
    """

    sources: Mapping[str, Agreement]
    open: tuple[str, ...] = ()
    untouched: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    persons: int = 1

    @property
    def all(self) -> Agreement:
        """All sources together."""
        return sum(self.sources.values(), Agreement())


# -- comparing


def compare(
    machine: Iterable[Mention],
    person: Iterable[Mention],
    confirmed: Iterable[Place] = (),
) -> Agreement:
    """Compare two sets of mentions of one transcript; those of each do not overlap. Pure.

    `confirmed` are places that the person confirmed expressly. For two persons, `machine` are the
    first one's.
    """
    first = [m for m in machine if m.turn != SPEAKER_TURN]
    second = [m for m in person if m.turn != SPEAKER_TURN]
    pairs = _paired(first, second)
    places = set(confirmed)
    found: dict[MentionType, Counter[str]] = {}

    def count(kind: MentionType, *names: str) -> None:
        found.setdefault(kind, Counter()).update(names)

    for mine in first:
        theirs = pairs.get(mine)
        if theirs is None:
            count(mine.type, "found", "rejected")
        elif (mine.start, mine.end) != (theirs.start, theirs.end):
            count(mine.type, "found", "span")
        elif mine.type != theirs.type:
            count(mine.type, "found", "retyped")
        elif mine.entity != theirs.entity:
            count(mine.type, "found", "recoded", "exact")
        else:
            count(mine.type, "found", "unchanged", "exact")
            if (mine.turn, mine.start, mine.end) in places:
                count(mine.type, "confirmed")
    matched = set(pairs.values())
    for theirs in second:
        count(theirs.type, "final", "matched" if theirs in matched else "added")
    for kind, name, number in _characters(first, second):
        found.setdefault(kind, Counter())[name] += number
    return Agreement({k: Counts(**found[k]) for k in MENTION_TYPES if k in found})


def _paired(first: Sequence[Mention], second: Sequence[Mention]) -> dict[Mention, Mention]:
    """Each mention with one of the other side at most: the pairs that share the most go first."""
    by_turn: dict[int, list[Mention]] = {}
    for theirs in second:
        by_turn.setdefault(theirs.turn, []).append(theirs)
    shared = []
    for a, mine in enumerate(first):
        for b, theirs in enumerate(by_turn.get(mine.turn, ())):
            common = min(mine.end, theirs.end) - max(mine.start, theirs.start)
            if common > 0:
                apart = mine.type != theirs.type
                shared.append((-common, apart, a, b, mine, theirs))
    pairs: dict[Mention, Mention] = {}
    taken: set[Mention] = set()
    for *_, mine, theirs in sorted(shared, key=lambda pair: pair[:4]):
        if mine not in pairs and theirs not in taken:
            pairs[mine] = theirs
            taken.add(theirs)
    return pairs


def _characters(
    first: Iterable[Mention], second: Iterable[Mention]
) -> Iterable[tuple[MentionType, str, int]]:
    """Characters that both marked as a type, or one alone."""
    marked = [
        Counter((m.turn, n, m.type) for m in mentions for n in range(m.start, m.end))
        for mentions in (first, second)
    ]
    mine, theirs = (set(each) for each in marked)
    for name, these in (
        ("both", mine & theirs),
        ("machine", mine - theirs),
        ("person", theirs - mine),
    ):
        for kind, number in Counter(kind for _, _, kind in these).items():
            yield kind, name, number


# -- a study


def of_source(desk: Desk, name: str) -> Agreement:
    """The agreement of a source whose raw transcript is there. Raises UsageError for others."""
    seen = desk.interview(name)
    confirmed = [d.place for d in seen.decisions if d.kind == "confirm" and d.source == name]
    alone = desk.alone(name)
    # What the machine found and a policy left readable says nothing about either.
    keeps = desk.study.settings.policies.keeps
    left = apart((m for m in desk.found(name) if m.type in keeps), alone)
    return compare(alone, apart((mark.mention for mark in seen.marks), left), confirmed)


def of_study(desk: Desk) -> Report:
    """The agreement of all sources that were reviewed, from raw transcripts or from the log."""
    kept = remembered(desk)
    sources: dict[str, Agreement] = {}
    still_open: list[str] = []
    untouched: list[str] = []
    unknown: list[str] = []
    for item in desk.sources(read=False):
        if item.raw and item.stage is Stage.WRITTEN:
            own = [d for d in desk.decisions(item.id) if d.source == item.id]
            if not (item.approved or own):
                untouched.append(item.id)
                continue
            try:
                sources[item.id] = of_source(desk, item.id)
            except UsageError:
                untouched.append(item.id)
                continue
            if not item.approved:
                still_open.append(item.id)
        elif item.id in kept:
            sources[item.id] = kept[item.id]
        elif item.stage in (Stage.FINAL, Stage.SWEEPING):
            unknown.append(item.id)
        else:
            untouched.append(item.id)
    signed = {
        entry.details["reviewer"]
        for entry in desk.log.entries()
        if entry.subject in sources and "reviewer" in entry.details
    }
    return Report(sources, tuple(still_open), tuple(untouched), tuple(unknown), max(1, len(signed)))


def keep(desk: Desk, name: str) -> None:
    """Log a source's numbers at sign-off, so that they outlast its raw transcript.

    One entry a type, also for types that have none any more but had when it was last signed off.
    """
    now = of_source(desk, name)
    before = remembered(desk).get(name, Agreement())
    for kind in MENTION_TYPES:
        if kind in now.by_type or kind in before.by_type:
            counts = now.by_type.get(kind, Counts())
            desk.log.append(ACTION, subject=name, type=kind, **asdict(counts))


def remembered(desk: Desk) -> dict[str, Agreement]:
    """What `keep` logged last, by source."""
    found: dict[str, dict[MentionType, Counts]] = {}
    for entry in desk.log.entries():
        if entry.action == ACTION:
            counts = Counts(**{name: int(str(entry.details[name])) for name in COUNTS})
            kind = cast(MentionType, entry.details["type"])
            found.setdefault(str(entry.subject), {})[kind] = counts
    return {
        name: Agreement({k: by[k] for k in MENTION_TYPES if k in by and by[k] != Counts()})
        for name, by in found.items()
    }
