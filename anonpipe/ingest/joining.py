"""The parts of one interview come into a study as one recording: `anonpipe ingest --join`.

What is joined is one source from then on: one transcript whose times go on from part to part,
one consent, one deletion. The key keeps the digest of every part, so that a copy of one is
known again. Parts that were transcribed or encrypted apart stay apart.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace

from anonpipe import datakey, partial
from anonpipe.consent import Demand
from anonpipe.decisions import is_gone
from anonpipe.errors import ConsentError, RecordingError
from anonpipe.files import sha256
from anonpipe.ingest import plain_files
from anonpipe.ingest.work import Ingesting, Taken
from anonpipe.key import KeySource, Part
from anonpipe.scrub.joined import join_sound
from anonpipe.study import Source, SourceState, Stage


def take(work: Ingesting, parts: Sequence[Source]) -> Taken:
    """Take the parts of one recording, in order, and delete their files as `ingest` does."""
    key = work.session.key
    before = _joined_before(work, parts)
    here = [part for part in parts if before is None or part.path.exists()]
    for part in here:
        work.require_ordinary(part)
    plain = {part.path: sha256(part.path) for part in here}
    if len(set(plain.values())) < len(here):
        raise RecordingError("Two of the parts hold the same: name each part once.")
    told = [Part(str(part.relative), key.keyed(plain[part.path])) for part in here]
    if before is not None:
        known = {part.digest for part in key.table.sources[before].parts}
        if not {part.digest for part in told} <= known:
            raise RecordingError(
                f"{parts[0].path} and the parts after it are other files than those that became "
                f"{before}: name the files that belong together."
            )
        whose = key.table.sources[before].participants
        done = Taken(parts[0].path, "already", before, "audio", whose, left=bool(here))
    else:
        demand = _demand(work, parts)
        apart = [_known_apart(work, part, own.digest) for part, own in zip(here, told, strict=True)]
        ids = [name for name in apart if name is not None]
        name = _interrupted(work, told) or (ids[0] if ids else None)
        _forget_apart(work, ids, but=name)
        item = KeySource(
            "audio",
            told[0].path,
            key.keyed(_digest(list(plain.values()))),
            participants=demand.participants,
            parts=tuple(told),
        )
        paths = [part.path for part in parts]
        done = work.encrypt(
            parts[0],
            name,
            item,
            demand,
            lambda called: join_sound(paths, called, drop_pictures=work.drop_pictures),
            plain,
        )
    assert done.id is not None
    for part in here:
        if work.goes(part):
            plain_files.delete(work.session, part, done.id, plain[part.path])
    return replace(done, left=any(part.path.exists() for part in parts))


def _digest(digests: Sequence[str]) -> str:
    """SHA-256 that stands for several files in order."""
    return hashlib.sha256("\n".join(("anonpipe joined v1", *digests)).encode()).hexdigest()


def _joined_before(work: Ingesting, parts: Sequence[Source]) -> str | None:
    """The id of the recording that these parts became, if it lies encrypted in the study."""
    paths = tuple(str(part.relative) for part in parts)
    for name, item in work.session.key.table.sources.items():
        if item.parts and item.paths == paths and datakey.lies_encrypted(work.session, name):
            return name
    return None


def _interrupted(work: Ingesting, parts: Sequence[Part]) -> str | None:
    """The id that a joining of these parts had got when a crash interrupted it."""
    for name, item in work.session.key.table.sources.items():
        if [part.digest for part in item.parts] == [part.digest for part in parts]:
            return name
    return None


def _demand(work: Ingesting, parts: Sequence[Source]) -> Demand:
    """What consent demands of all parts, which must belong to the same people."""
    demands = [work.demand(part, work.participants) for part in parts]
    for part, demand in zip(parts, demands, strict=True):
        if set(demand.participants) != set(demands[0].participants):
            raise ConsentError(
                f"{part.path} belongs to {'+'.join(demand.participants)} and {parts[0].path} to "
                f"{'+'.join(demands[0].participants)}: parts of one recording belong to the same "
                "participants; correct the patterns in the register, or say --participant."
            )
    return demands[0]


def _known_apart(work: Ingesting, part: Source, digest: str) -> str | None:
    """The id that a file got on its own, as long as nothing came of it yet.

    Raises ConsentError for a copy of what was deleted, and RecordingError for a file that is a
    source of its own, or a part of another one.
    """
    study, table = work.session.study, work.session.key.table
    state = study.read_state()
    name = next(
        (n for n, item in table.sources.items() if (item.kind, item.digest) == ("audio", digest)),
        None,
    )
    whole = table.part_of("audio", digest)
    for found in filter(None, (name, whole)):
        if is_gone(study, state.get(found, SourceState())):
            raise ConsentError(
                f"{part.path} is a copy of what was deleted as {found}, as its consent demands: "
                "delete it."
            )
    if whole is not None and datakey.lies_encrypted(work.session, whole):
        raise RecordingError(
            f"{part.path} is a part of {whole} already: name the parts of it alone, in the order "
            "in which they were joined."
        )
    if name is None:
        return None
    if table.sources[name].data_key is not None:
        raise RecordingError(
            f"{part.path} was taken in on its own already, as {name}, and stays a recording of its "
            "own: parts are joined when they come in."
        )
    if state.get(name, SourceState()).stage is not Stage.NEW:
        raise RecordingError(
            f"{part.path} was transcribed on its own already, as {name}, and keeps its own "
            "transcript: parts are joined before they are transcribed."
        )
    twin = study.source_folder("audio") / table.sources[name].path
    if twin != part.path and twin.is_file():
        raise RecordingError(
            f"{part.path} holds the same as {twin.name} in the study: join that one."
        )
    return name


def _forget_apart(work: Ingesting, ids: Sequence[str], *, but: str | None) -> None:
    """Ids that parts got on their own, of which nothing came, stand for nothing any more."""
    study, key = work.session.study, work.session.key
    for name in ids:
        partial.forget(study, name)
    gone = [name for name in ids if name != but]
    if gone:
        rows = {name: KeySource("audio", "", "") for name in gone}
        key.save(replace(key.table, sources={**key.table.sources, **rows}))
        state = study.read_state()
        study.write_state({name: each for name, each in state.items() if name not in gone})
