"""Other labels, or other speakers, for a source in which somebody found them wrong.

A speaker is part of the transcript. So nothing is searched and replaced in outputs: the labels
of the sealed raw transcript's turns change, and the source is coded and written anew, which is
why it can be done while that is there. The new raw transcript is worked out first and put in
place as an operation, whole or not at all; the next run does the rest. As `run --again` begins
with the sealed transcript too, what was changed here stays.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from itertools import islice
from pathlib import PurePosixPath
from typing import Any, Literal

from anonpipe import consent, operations
from anonpipe.codes import replace as replace_mentions
from anonpipe.errors import UsageError
from anonpipe.files import sha256, write_durably
from anonpipe.operations import Operation
from anonpipe.review.reviewed import BASELINE, CHANCES, REVIEW, Reviewed
from anonpipe.session import Session
from anonpipe.speakers import roles
from anonpipe.speakers.backend import Diarizer
from anonpipe.speakers.remembered import Remembered
from anonpipe.study import RAW, SourceState, Stage, require_known
from anonpipe.transcribe.telling import told_anew
from anonpipe.transcript import (
    LABELS,
    PARTICIPANT_CODE,
    SPEAKER_TURN,
    Transcript,
    Turn,
    is_label,
    mentions_from_json,
)

KIND = "speakers"

_BESIDE = ("voices", "found", "found_in", "text", REVIEW, BASELINE, CHANCES)
"""What is sealed beside a raw transcript and holds whoever speaks."""

What = Literal["labels", "swap", "number"]


# -- planning


@dataclass(frozen=True, slots=True)
class Planned:
    """What a source's raw transcript becomes; `turns` is how many turns have another speaker."""

    source: str
    what: What
    transcript: Transcript
    speakers: int
    turns: int


def plan_labels(
    session: Session,
    name: str,
    names: Mapping[str, str],
    *,
    today: date,
    merge: bool = False,
) -> Planned:
    """Work out other labels: `names` maps those that the outputs show to new ones, all at once.

    Touches nothing. With `merge` several speakers may become one. Raises UsageError when the
    source has no such label, when a new one will not do, or when nothing can be changed any more,
    and ConsentError when the source may not be worked on.
    """
    state, sealed = _open(session, name, today)
    raw = Transcript.from_json(sealed["transcript"])
    shown = _shown(session, state, sealed, raw)
    for old in names:
        if old not in shown.values():
            raise UsageError(f"{name} has no speaker {old!r}; there are {_told(shown)}.")
    for new in names.values():
        _require_label(new, state, shown)
    becomes = {label: names.get(seen, label) for label, seen in shown.items()}
    if not merge and len(set(becomes.values())) < len(becomes):
        raise UsageError(
            f"Two speakers of {name} would have the same label: say --swap to exchange two, or "
            "--merge if they are one."
        )
    return _changed(name, "labels", raw, becomes)


def plan_swap(session: Session, name: str, *, today: date) -> Planned:
    """Work out the exchange of the labels of two speakers; as `plan_labels`."""
    state, sealed = _open(session, name, today)
    raw = Transcript.from_json(sealed["transcript"])
    labels = list(dict.fromkeys(turn.speaker for turn in raw.turns))
    if len(labels) != 2:
        shown = _shown(session, state, sealed, raw)
        raise UsageError(
            f"Two speakers can be swapped, and {name} has {len(labels)} ({_told(shown)}): say who "
            "becomes who with --set OLD=NEW."
        )
    first, second = labels
    return _changed(name, "swap", raw, {first: second, second: first})


def plan_number(
    session: Session, name: str, number: int | None, diarizer: Diarizer | None, *, today: date
) -> Planned:
    """Work out who speaks when there are `number` speakers, None for as many as can be told apart.

    From what was remembered of the voices; the recording is not needed. Labels are given as they
    were at first. Raises UsageError where nothing was remembered, or by another diarizer.
    """
    state, sealed = _open(session, name, today)
    if "voices" not in sealed:
        raise UsageError(
            f"The speakers of {name} cannot be told apart anew, as nothing was kept of how they "
            "sound: change labels with --set OLD=NEW."
        )
    if Reviewed.from_json(sealed.get(REVIEW)).decisions:
        raise UsageError(
            f"Somebody has begun to review {name}, and other turns would not fit what they "
            "decided: undo that first, or change labels with --set OLD=NEW."
        )
    voices = Remembered.from_json(sealed["voices"])
    if diarizer is None or diarizer.name != voices.diarizer:
        raise UsageError(
            f"The voices of {name} were listened to by {voices.diarizer}: set "
            "transcription.diarizer in study.toml back to that."
        )
    raw = Transcript.from_json(sealed["transcript"])
    told = told_anew(raw, diarizer.tell(voices.windows, number))
    path = PurePosixPath(session.key.table.sources[name].path)
    own = session.study.settings.for_file(path)
    heard = {turn.speaker for turn in told.turns}
    after = roles.named(
        told,
        labels=own.speakers if len(own.speakers) == len(heard) else (),
        how=own.interviewer,
        participants=state.participants,
    )
    # Both are made of the same words in the same order.
    before = iter([turn.speaker for turn in raw.turns for _ in turn.words])
    turns = sum(
        any(speaker != turn.speaker for speaker in list(islice(before, len(turn.words))))
        for turn in after.turns
    )
    return Planned(name, "number", after, len({turn.speaker for turn in after.turns}), turns)


def _open(session: Session, name: str, today: date) -> tuple[SourceState, dict[str, Any]]:
    """A source's state and what is sealed of it, if its speakers can be changed."""
    states = session.study.read_state()
    require_known(states, name)
    state = states[name]
    file = session.study.working_file(name)
    if state.stage not in RAW or not file.is_file():
        raise UsageError(
            f"The raw transcript of {name} is gone, and the program changes no labels without it: "
            f"change them in its outputs by hand and say `anonpipe review --approve {name}`."
        )
    if state.deleting is not None:
        raise UsageError(
            f"The deletion of {name} was begun and interrupted, and comes first: run "
            f"`anonpipe run {session.study.folder}`."
        )
    item = session.key.table.sources[name]
    consent.load(session.study.consent_file).demand(
        PurePosixPath(item.path), today, participants=state.participants
    )
    for output, digest in state.outputs.items():
        path = session.study.folder / output
        if output in state.edited or (path.is_file() and sha256(path) != digest):
            raise UsageError(
                f"{output} was changed by hand, which would be lost: move it out of "
                f"{path.parent}, or change the labels in it by hand as well."
            )
    return state, session.key.unseal(file)


def _shown(
    session: Session, state: SourceState, sealed: Mapping[str, Any], raw: Transcript
) -> dict[str, str]:
    """The labels of a raw transcript, with what the outputs show in place of each."""
    labels = list(dict.fromkeys(turn.speaker for turn in raw.turns))
    if state.stage is not Stage.WRITTEN:
        return {label: label for label in labels}
    mentions = [m for m in mentions_from_json(sealed["mentions"]) if m.turn == SPEAKER_TURN]
    bare = replace(raw, turns=tuple(Turn("", label) for label in labels))
    coded = replace_mentions(bare, mentions, session.key.table.entities)
    return {labels[number]: turn.speaker for number, turn in enumerate(coded.turns)}


def _require_label(new: str, state: SourceState, shown: Mapping[str, str]) -> None:
    if not is_label(new):
        raise UsageError(f"A label has {LABELS}.")
    stranger = PARTICIPANT_CODE.fullmatch(new) and new not in (*state.participants, *shown.values())
    if stranger:
        raise UsageError(
            f"{new} takes no part in this source, which belongs to {'+'.join(state.participants)}: "
            "give one of these codes, or correct the consent register."
        )


def _told(shown: Mapping[str, str]) -> str:
    return ", ".join(label or "(no label)" for label in shown.values())


def _changed(name: str, what: What, raw: Transcript, becomes: Mapping[str, str]) -> Planned:
    after = roles.renamed(raw, becomes, sure=True)
    turns = sum(a.speaker != b.speaker for a, b in zip(raw.turns, after.turns, strict=True))
    return Planned(name, what, after, len({turn.speaker for turn in after.turns}), turns)


# -- carrying out


def change(session: Session, planned: Planned) -> None:
    """Put a change in place; the source is to be coded and written anew, and its approval lapses.

    Raises UsageError when it changes nothing.
    """
    before = session.key.unseal(session.study.working_file(planned.source))
    if Transcript.from_json(before["transcript"]) == planned.transcript:
        raise UsageError(f"The speakers of {planned.source} are so already: nothing was changed.")
    values: dict[str, Any] = {
        "what": planned.what,
        "transcript": planned.transcript.to_json(),
        "speakers": planned.speakers,
        "turns": planned.turns,
        **{key: before[key] for key in _BESIDE if key in before},
    }
    operations.begin(session, Operation(KIND, planned.source, values))


def carry_out(session: Session, operation: Operation) -> None:
    """The handler of the operation. Idempotent."""
    name, values = operation.subject, operation.values
    assert name is not None
    states = session.study.read_state()
    # The state first: beside the old one, a transcript without mentions would be none's.
    lapsed = replace(states[name], stage=Stage.TRANSCRIBED, approved=None)
    if lapsed != states[name]:
        session.study.write_state({**states, name: lapsed})
    sealed = {key: values[key] for key in ("transcript", *_BESIDE) if key in values}
    file = session.study.working_file(name)
    write_durably(file, session.key.seal_working(name, sealed), mode=0o600)
    since = operations.since_begun(session.log, operation)
    done = {entry.action for entry in since if entry.subject == name}
    if "speakers-changed" not in done:
        session.log.append(
            "speakers-changed",
            subject=name,
            how=values["what"],
            speakers=values["speakers"],
            turns=values["turns"],
        )
    if "reset" not in done:
        session.log.append("reset", subject=name)
