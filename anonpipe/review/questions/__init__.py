"""What needs a person's eyes in an interview, the weightiest first. Pure functions.

    reading = read(transcript, chances)        # once a transcript: a second or so
    questions(transcript, mentions, ..., reading=reading)    # after every decision

One file a reason: `missed` (and ages, dates and roles that were), `unsure`, `machine` (what
detection, linking or the study's policies doubt), `trouble`. `weights` says what comes first,
`settling` which questions one decision answers and which are answered.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from anonpipe.codes import Entity, Policies, by_id
from anonpipe.codes.policies import CODE_ALL
from anonpipe.detect.chances import Chance
from anonpipe.review.decision import Decision
from anonpipe.review.interview import Question
from anonpipe.review.questions import machine
from anonpipe.review.questions.missed import missed
from anonpipe.review.questions.reading import Reading, read
from anonpipe.review.questions.settling import Settled, asked, shortened
from anonpipe.review.questions.spots import Case, Cover, Spot
from anonpipe.review.questions.trouble import trouble
from anonpipe.review.questions.unsure import unsure
from anonpipe.transcript import Flag, Mention, Transcript

__all__ = ["Reading", "questions", "read"]


def questions(
    transcript: Transcript,
    mentions: Sequence[Mention],
    *,
    flags: Iterable[Flag] = (),
    entities: Iterable[Entity] = (),
    decisions: Iterable[Decision] = (),
    rare: Collection[str] = frozenset(),
    policies: Policies = CODE_ALL,
    source: str = "",
    found: Sequence[Mention] | None = None,
    chances: Sequence[Chance] = (),
    reading: Reading | None = None,
) -> tuple[Question, ...]:
    """The places of a source that need eyes, heaviest first.

    `mentions` are those that stand now, with entities, `found` those that the machine found
    (the same unless somebody decided). `entities` are the key's rows, `decisions` those for the
    study and for this `source`, `rare` the codes that belong to rare combinations.
    `reading` is what `read` made of this very transcript; without it `chances` are read here.

    At most as many decisions are asked for as `settling.budget` says, besides those that the
    study wants to be asked about and where much may be hidden. Decisions answer questions and
    leave them where they are.
    """
    if reading is None:
        reading = read(transcript, chances)
    machine_found = mentions if found is None else found
    table = by_id(entities)
    case = Case(
        reading=reading,
        source=source,
        found=machine_found,
        cover=Cover(transcript, machine_found),
        mentions=mentions,
        entities=table,
        flags=tuple(flags),
        policies=policies,
        rare=rare,
    )
    settled = Settled(decisions, source)
    now = case.cover if found is None else Cover(transcript, mentions)
    return shortened(asked(_spots(case), case, settled, now), transcript)


def _spots(case: Case) -> Iterable[Spot]:
    yield from missed(case)
    yield from unsure(case)
    yield from machine.asked(case)
    yield from machine.rare(case)
    yield from machine.ambiguous(case)
    yield from machine.one_recognizer(case)
    yield from trouble(case)
