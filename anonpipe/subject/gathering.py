"""Everything that a study holds about one person, put together for them: the right of access.

The person's own names are shown; other people's stay codes, and who spoke of the person in an
interview that is not theirs is left out.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Any

from anonpipe import consent, datakey, formats
from anonpipe.audit import Entry
from anonpipe.codes import Entity, Unlinker
from anonpipe.codes import replace as replace_mentions
from anonpipe.decisions import is_bleeped, is_gone
from anonpipe.errors import RecordingError
from anonpipe.key import KeySource
from anonpipe.session import Session
from anonpipe.splicing import Change
from anonpipe.status import material
from anonpipe.study import SourceState, Stage
from anonpipe.subject.finding import Subject
from anonpipe.transcript import Transcript, Turn, mentions_from_json
from anonpipe.wording.styles import ending_of

VERSION = 1
FORMAT = "anonpipe-subject"
_WITH_MENTIONS = frozenset({Stage.CODED, Stage.WRITTEN})
_STEPS = ("transcribed", "coded", "written", "approved", "deleted", "final")


@dataclass(frozen=True, slots=True)
class Gathered:
    """What is held: plain JSON values, and the transcripts to copy."""

    values: dict[str, Any]
    transcripts: tuple[Path, ...]


def gather(session: Session, subject: Subject) -> Gathered:
    """Put together what a study holds about somebody. Reads only."""
    study, table = session.study, session.key.table
    state = study.read_state()
    log = list(session.log.entries())
    called = material(session.log)
    own = [name for name in subject.own if name in state]
    change = Unlinker(
        [] if subject.entity is None else [subject.entity],
        [subject.participant] if subject.participant else [],
        "en",
        study.settings.template,
    )
    elsewhere = [name for name in state if name not in own]
    ids = {subject.code, *own}
    values = {
        "format": FORMAT,
        "version": VERSION,
        "study": {"id": study.settings.id, "title": study.settings.title},
        "code": subject.code,
        "participant": subject.participant,
        "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "material": {"nb": called.line("nb"), "en": called.line("en")},
        "key": None if subject.entity is None else subject.entity.to_json(),
        "register": _row(subject),
        "sources": [
            *(_source(session, name, state[name], log, own) for name in own),
            *_unprocessed(session, subject, state),
        ],
        "transcripts": {name: _turns(session, name, state[name]) for name in own},
        "raw": {n: _raw(session, n, state[n], None) for n in own if _alone(state[n], subject)},
        "mentions": dict(_mentions(session, elsewhere, state, change)),
        "raw_mentions": dict(_raw_mentions(session, elsewhere, state, subject)),
        "receipts": list(_receipts(session, own, subject)),
        "log": [_entry(entry) for entry in log if _concerns(entry, ids)],
        "key_openings": [_opening(entry) for entry in log if entry.action == "key-opened"],
        "key_backups": [{"id": b.id, "made_at": b.made_at} for b in table.backups],
    }
    copies = tuple(
        study.folder / output
        for name in own
        for output in state[name].outputs
        if not is_bleeped(output) and (study.folder / output).is_file()
    )
    return Gathered({k: v for k, v in values.items() if v not in (None, {}, [])}, copies)


def _alone(state: SourceState, subject: Subject) -> bool:
    return state.participants == (subject.participant,)


def _row(subject: Subject) -> dict[str, Any] | None:
    if subject.row is None:
        return None
    values = {name: value for name, value in asdict(subject.row).items() if name != "line"}
    values["audio"] = str(subject.row.audio)
    return {name: _plain(value) for name, value in values.items()}


def _plain(value: object) -> Any:
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return value if isinstance(value, str | bool | int) or value is None else str(value)


def _source(
    session: Session, name: str, state: SourceState, log: list[Entry], own: list[str]
) -> dict[str, Any]:
    known = session.key.table.sources[name]
    file = datakey.original(session.study, name, known)
    steps = {e.action: e.time for e in log if e.subject == name and e.action in _STEPS}
    shared = len(state.participants) > 1
    return {
        "id": name,
        "kind": known.kind,
        # The name of a file that several people are in may name the others.
        "file": None if shared else PurePosixPath(known.path).name,
        **({} if shared or not known.parts else {"parts": _names(known)}),
        "participants": list(state.participants),
        "stage": state.stage.value,
        "original_is_there": bool(known.path) and file.is_file(),
        "raw_transcript_is_there": session.study.working_file(name).is_file()
        or bool(session.study.pieces(name)),
        "bleeped_copy_is_there": any(
            is_bleeped(o) and (session.study.folder / o).is_file() for o in state.outputs
        ),
        "dates": steps,
    }


def _unprocessed(
    session: Session, subject: Subject, state: Mapping[str, SourceState]
) -> Iterator[dict[str, Any]]:
    """Files of theirs of which nothing was written yet, maybe for a transcription that stopped."""
    study, table = session.study, session.key.table
    register = consent.load(study.consent_file)
    # A recorder reuses REC001.WAV: of what is gone the name may mean another file.
    gone = {name for name, each in state.items() if is_gone(study, each)}
    ids = {(item.kind, item.path): n for n, item in table.sources.items() if n not in gone}
    for source in datakey.sources(study, table):
        name = source.sealed or ids.get((source.kind, str(source.relative)), "")
        told = table.sources[name].participants if name in table.sources else ()
        whose = told or register.participants(source.relative)
        if name in state or subject.participant not in whose:
            continue
        yield {
            "id": name,
            "kind": source.kind,
            "file": None if len(whose) > 1 else source.relative.name,
            "participants": list(whose),
            "stage": Stage.NEW.value,
            "original_is_there": True,
            "raw_transcript_is_there": bool(name and study.pieces(name)),
            "bleeped_copy_is_there": False,
            "dates": {},
        }


def _names(known: KeySource) -> list[str]:
    """The names of the files that a recording was joined of."""
    return [PurePosixPath(path).name for path in known.paths]


def _turns(session: Session, name: str, state: SourceState) -> list[dict[str, Any]]:
    """The coded transcript, from the output that says most."""
    order = dict.fromkeys(("json", "vtt", "txt", "docx", *formats.WRITABLE))
    present = {
        formats.form_of(output): session.study.folder / output
        for output in sorted(state.outputs, key=ending_of)  # of two styles the verbatim one
        if not is_bleeped(output) and (session.study.folder / output).is_file()
    }
    for form in order:
        if form in present:
            try:
                read = formats.read(present[form], state.language or "nb")
            except RecordingError:
                continue  # damaged; another one may not be
            return [_turn(number, turn) for number, turn in enumerate(read.turns, start=1)]
    return []


def _turn(number: int, turn: Turn) -> dict[str, Any]:
    return {"turn": number, "speaker": turn.speaker, "start": turn.start, "text": turn.text}


def _raw(
    session: Session, name: str, state: SourceState, of: Entity | None
) -> list[dict[str, Any]]:
    """The sealed raw transcript: all of it, or the turns that mention somebody.

    In the latter the others' names give way to their codes.
    """
    file = session.study.working_file(name)
    if not file.is_file():
        return []
    sealed = session.key.unseal(file)
    transcript = Transcript.from_json(sealed["transcript"])
    if of is None:
        return [_turn(number, turn) for number, turn in enumerate(transcript.turns, start=1)]
    if state.stage not in _WITH_MENTIONS:
        return []
    mentions = mentions_from_json(sealed["mentions"])
    told = {mention.turn for mention in mentions if mention.entity == of.id}
    rows = [Entity.from_json(item) for item in sealed["entities"]]
    others = [mention for mention in mentions if mention.entity != of.id]
    template = session.study.settings.template
    shown = replace_mentions(transcript, others, rows, template=template)
    return [
        {"turn": number + 1, "start": turn.start, "text": turn.text}
        for number, turn in enumerate(shown.turns)
        if number in told
    ]


def _mentions(
    session: Session, names: list[str], state: Mapping[str, SourceState], change: Change
) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Turns of other sources in which the code stands, without who says them."""
    for name in names:
        turns = [
            {key: value for key, value in turn.items() if key != "speaker"}
            for turn in _turns(session, name, state[name])
            if change.pieces(turn["text"]) or change.label(turn["speaker"]) != turn["speaker"]
        ]
        if turns:
            yield name, turns


def _raw_mentions(
    session: Session, names: list[str], state: Mapping[str, SourceState], subject: Subject
) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    for name in names:
        if subject.entity is not None:
            turns = _raw(session, name, state[name], subject.entity)
            if turns:
                yield name, turns


def _receipts(session: Session, own: list[str], subject: Subject) -> Iterator[dict[str, Any]]:
    for path in sorted(session.study.receipts.glob("*.json")):
        try:
            data = json.loads(path.read_bytes())
        except (OSError, ValueError):
            continue
        if not isinstance(data, dict):
            continue
        people = data.get("participants") or [data.get("participant")]
        if data.get("recording") in own or (subject.participant and subject.participant in people):
            yield {"file": path.name, **data}


def _concerns(entry: Entry, ids: set[str]) -> bool:
    if entry.subject in ids:
        return True
    values = [
        v
        for value in entry.details.values()
        for v in (value if isinstance(value, tuple) else (value,))
    ]
    return any(isinstance(value, str) and value in ids for value in values)


def _opening(entry: Entry) -> dict[str, Any]:
    """Not whose code was looked up: that is another person's business."""
    return {"time": entry.time, **{k: entry.details[k] for k in ("act", "reason", "role")}}


def _entry(entry: Entry) -> dict[str, Any]:
    return {
        "number": entry.seq,
        "time": entry.time,
        "action": entry.action,
        "subject": entry.subject,
        "result": entry.result,
        "details": {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in entry.details.items()
        },
    }
