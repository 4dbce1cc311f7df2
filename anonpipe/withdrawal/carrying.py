"""Carrying a withdrawal out: one operation, each step of which can be repeated.

    the register says so, and no pattern of it spells a name any more
    -> originals are deleted, each with a receipt, whether or not they were ever processed
    -> what was made of them is deleted: outputs, bleeped copies, working files
    -> other people's interviews lose the codes and names
    -> state.json, the key and study.toml know nothing of it any more
    -> copies of the key that can be reached are replaced, the withdrawal's receipt is written,
       and the log says what was done

What was done before a crash is known from the log and from the files themselves.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from anonpipe import backup, batch, consent, datakey, delta, erase, operations
from anonpipe.audit import Entry, vouched
from anonpipe.deletion import certify, erase_if_same
from anonpipe.errors import ConsentError, UsageError
from anonpipe.files import sha256, write_durably
from anonpipe.forget import forget
from anonpipe.key import KeySource
from anonpipe.log_kinds import WITHDRAWAL
from anonpipe.log_schema import ACTIONS
from anonpipe.operations import Operation
from anonpipe.receipt import Erased, announce, announced
from anonpipe.register_history import held, take_in
from anonpipe.rewriting import Rewrite, put, settled
from anonpipe.session import Session, seal_people
from anonpipe.splicing import Change
from anonpipe.study import SourceState, load
from anonpipe.withdrawal import others, paper
from anonpipe.withdrawal.belonging import Original, half_deleted
from anonpipe.withdrawal.plan import Plan

KIND = "withdraw"


def prepare(session: Session, today: date) -> None:
    """End what a crash interrupted and seal names of study.toml, so that a plan sees it all."""
    batch.finish_begun(session, today)
    seal_people(session)


def withdraw(session: Session, planned: Plan) -> None:
    """Carry a plan out; nothing happens if nothing is left to do.

    Raises UsageError, before anything is touched, while the key does not tell who the
    participant is.
    """
    if planned.open_questions:
        raise UsageError(
            f"The key does not say who {planned.participant} is, but these people occur in their "
            f"sources and in others': {', '.join(planned.open_questions)}; look with `anonpipe key "
            "show` and say --also CODE for each that is them, or --also none."
        )
    if planned.empty:
        backup.renew(session)  # of which one may not have been in reach
    else:
        operations.begin(session, Operation(KIND, planned.participant, planned.values()))


def carry_out(session: Session, operation: Operation) -> None:
    """The handler of the operation. Idempotent."""
    values = operation.values
    since = operations.since_begun(session.log, operation)
    gone = [source["id"] for source in values["sources"]]
    _enter(session, values)
    for name in dict.fromkeys(original["id"] for original in values["originals"]):
        mine = [Original.from_json(o) for o in values["originals"] if o["id"] == name]
        for number, original in enumerate(mine):
            _delete_original(session, original, number, since)
    for name in gone:  # of encrypted files that are not there
        if name in session.key.table.sources:
            datakey.destroy(session.key, session.log, name)
    files = _delete_made(session, values, gone, since)
    _unlink(session, values, since)
    _forget(session, values, gone)
    _finish(session, values, since, files)


def _logged(since: list[Entry], action: str, subject: str) -> list[Entry]:
    known = vouched(since) if ACTIONS[action].signed else since
    return [entry for entry in known if entry.action == action and entry.subject == subject]


def _enter(session: Session, values: Mapping[str, Any]) -> None:
    """Have the register say that consent was withdrawn, with what may spell names taken out."""
    file = session.study.consent_file
    rows = {
        values["participant"]: {"withdrawn_on": values["on"], "recording": ""},
        **{code: {"recording": cell} for code, cell in values["cells"].items()},
    }
    before = file.read_bytes()
    for participant, changes in rows.items():
        data = consent.rewrite(file, participant, changes)
        if data != before:
            write_durably(file, data, mode=file.stat().st_mode & 0o777)
            before = data
    state = session.study.read_state()
    with contextlib.suppress(ConsentError):  # weaker promises of others are the next run's matter
        take_in(session.log, consent.load(file), held(state))


# -- originals


def _delete_original(session: Session, original: Original, number: int, since: list[Entry]) -> None:
    """Delete one file, with a receipt; `number` counts the files of its id from 0."""
    path = original.place(session.study)
    # Whoever can write to the study can add to the log, but not have a file taken for deleted.
    if len(_logged(since, "deleted", original.id)) > number and not path.exists():
        return
    log = session.log
    begun = _logged(since, "delete-intent", original.id)
    if len(begun) > number:
        intent = begun[number]
    else:
        digest = announce(log, original.id, rule=WITHDRAWAL, source=original.digest)
        intent = announced(log, digest, original.id, original.digest)
    encrypted = original.encrypted and original.id in session.key.table.sources
    custody = datakey.destroy(session.key, log, original.id) if encrypted else None
    erased = _erase_original(session, original)
    if custody is not None:
        erased = erase.with_data_key_destroyed(erased)
    certify(
        session.study,
        log,
        intent,
        erased,
        custody,
        kind=original.kind,
        participants=original.participants,
        versions=original.versions,
        approved=original.approved,
        outputs={},
    )


def _erase_original(session: Session, original: Original) -> Erased:
    """Erase what a crash left half done, then the file itself if it is still the same one."""
    path = original.place(session.study)
    erased = erase.already_gone(session.study.source_folder(original.kind))
    for half in erase.pending(path.parent, original.id):
        erased = erase.erase(half)
    if original.encrypted and path.is_file():
        return erase.erase(erase.begin(path, original.id))
    return erase_if_same(session.key, path, original.id, original.digest) or erased


# -- what was made of them


def _delete_made(
    session: Session, values: Mapping[str, Any], gone: list[str], since: list[Entry]
) -> int:
    """Delete outputs, copies and working files; how many there were when this was planned."""
    study, participant = session.study, values["participant"]
    for half in half_deleted(study, [*gone, participant]):
        erase.erase(half)
    for name in values["made"]:
        erase.outright(study.folder / name, participant)
    delta.prune_index(study)
    state = study.read_state()
    for name in gone:
        if name in state and not _logged(since, "source-removed", name):
            files = sum(output in values["made"] for output in state[name].outputs)
            session.log.append("source-removed", subject=name, rule=WITHDRAWAL, files=files)
    return len(values["made"])


# -- other people's sources


def _unlink(session: Session, values: Mapping[str, Any], since: list[Entry]) -> None:
    study = session.study
    rewrites = {name: Rewrite.from_json(data) for name, data in values["rewrites"].items()}

    def change_of(language: str) -> Change:
        return others.unlinker(values["participant"], values["entities"], study, language)

    put(session, rewrites, change_of)
    for name, rewrite in rewrites.items():
        named = name and (rewrite.places or rewrite.raw)
        if named and not _logged(since, "unlinked", name):
            session.log.append(
                "unlinked",
                subject=name,
                files=len(rewrite.outputs),
                places=rewrite.places,
                raw=rewrite.raw,
            )
    state = study.read_state()
    after = {
        name: _without_places(settled(item, rewrites.get(name, Rewrite())), values["entities"])
        for name, item in state.items()
        if name not in values["kinds"]
    }
    if after != state:
        study.write_state(after)


def _without_places(state: SourceState, entities: list[str]) -> SourceState:
    """Without the places at which somebody accepted a name that is in the key no more."""
    accepted = {
        output: tuple(p for p in places if p.rpartition(":")[0] not in entities)
        for output, places in state.accepted.items()
    }
    return replace(state, accepted={output: p for output, p in accepted.items() if p})


# -- the key and the settings


def _forget(session: Session, values: Mapping[str, Any], gone: list[str]) -> None:
    key = session.key
    new = {
        n: KeySource(k, "", "") for n, k in values["kinds"].items() if n not in key.table.sources
    }
    table = replace(key.table, sources={**key.table.sources, **new})
    key.save(forget(table, gone, entities=values["entities"], rows=gone))
    if values["patterns"]:
        _clear_settings(session, values["patterns"])


def _clear_settings(session: Session, patterns: list[str]) -> None:
    """Take patterns of files that are gone out of study.toml; they may spell a name."""
    import tomlkit

    file = session.study.settings_file
    text = file.read_text(encoding="utf-8")
    document = tomlkit.parse(text)
    table = document.get("files", {})
    for pattern in patterns:
        if pattern in table:
            del table[pattern]
    if "files" in document and not table:
        del document["files"]
    new = tomlkit.dumps(document)
    if new != text:
        write_durably(file, new.encode(), mode=0o644)
        session.study = load(session.study.folder)


# -- the end


def _finish(session: Session, values: Mapping[str, Any], since: list[Entry], files: int) -> None:
    participant, log = values["participant"], session.log
    behind = backup.renew(session)
    if _logged(since, "withdrawn", participant):
        return
    left = [dict(item) for item in values["left"] if item["code"] != "key-backups"]
    if behind:
        left.insert(0, {"code": "key-backups", "count": len(behind), "ids": list(behind)})
    record = paper.record({**values, "left": left}, begun=since[0].hash)
    file = paper.write(session.study.receipts, record)
    log.append(
        "withdrawn",
        subject=participant,
        day=values["on"],
        record=sha256(file),
        sources=len(values["sources"]),
        originals=len(values["originals"]),
        files=files,
        entries=len(values["entries"]),
        others=len(record["others"]),
        places=sum(rewrite["places"] for rewrite in values["rewrites"].values()),
        exports=next((item["count"] for item in left if item["code"] == "exports"), 0),
        backups=len(behind),
    )
