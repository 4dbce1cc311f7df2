"""Taking a source into a run: whose it is, what was promised for it, and how far it has come."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from pathlib import PurePosixPath

from anonpipe import register_history
from anonpipe.consent import Demand, Register
from anonpipe.decisions import is_gone
from anonpipe.errors import ConsentError, RecordingError
from anonpipe.files import sha256
from anonpipe.formats import READABLE
from anonpipe.key import KeySource
from anonpipe.merge import Deltas
from anonpipe.pipeline import Job
from anonpipe.session import Session
from anonpipe.study import Source, SourceState, Stage


class NotNow(ConsentError):
    """Refused as long as something is uncertain: nothing may be deleted for that."""


def check_file(source: Source) -> None:
    """Raise RecordingError for a file that could not be deleted as promised, or not be read."""
    if source.path.is_symlink():
        raise RecordingError(
            f"{source.path} is a link: put the file itself into the study, "
            "so that it can be deleted as promised."
        )
    if source.path.stat().st_nlink > 1:
        raise RecordingError(
            f"{source.path} has a second name (a hard link), which deleting it would empty "
            "too: replace it by a copy of its own."
        )
    try:
        str(source.relative).encode()
    except UnicodeEncodeError:
        raise RecordingError(
            f"{source.path} has a name in an unknown encoding: rename it with plain letters."
        ) from None
    if source.kind == "text" and source.path.suffix.lower() not in READABLE:
        raise RecordingError(
            f"{source.path} is no document that can be read: save it as one of "
            f"{', '.join(sorted(READABLE))}, or move it out of the study."
        )


class Admission:
    """Makes a `Job` of each source; nothing is changed in a `dry_run`.

    `table` is the key's with the sources that were taken in, `met` the names of deltas that
    stand for files of the study as they are.
    """

    def __init__(
        self,
        session: Session,
        register: Register,
        state: Mapping[str, SourceState],
        deltas: Deltas,
        *,
        today: date,
        dry_run: bool,
        approval: str | None,
        save: Callable[[str, SourceState], None],
    ) -> None:
        self.session, self.register, self.state, self.deltas = session, register, state, deltas
        self.today, self.dry_run, self.approval, self.save = today, dry_run, approval, save
        self.table = session.key.table
        self.met: set[str] = set()

    def known_anew(self) -> None:
        """Take the table of the key as it is now."""
        self.table = self.session.key.table

    def unfinished(self, source: Source | None) -> str | None:
        """The id of a file that is on its way already, by its name alone."""
        for name, item in self.table.sources.items():
            if (
                source is not None
                and (item.kind, item.path) == (source.kind, str(source.relative))
                and source.sealed == (name if item.data_key is not None else None)
                and self.state.get(name, SourceState()).stage is not Stage.FINAL
            ):
                return name
        return None

    def job(self, source: Source | None, known: tuple[str, KeySource] | None) -> Job:
        """Look the source up in the key, ask consent, and give it an id if it is new."""
        if source is None:
            assert known is not None
            name, item = known
            state = self.state[name]
            written = state.stage is Stage.WRITTEN
            demand = self.register.demand(
                PurePosixPath(item.path),
                self.today,
                written=written,
                participants=item.participants,
            )
            return Job(name, None, state.digest, demand, self.regrouped(name, state, demand))
        if source.sealed is not None:
            return self.sealed_job(source.sealed, source)
        earlier = self.state.get(self.unfinished(source) or "", SourceState())
        demand = self.register.demand(
            source.relative, self.today, written=earlier.stage is Stage.WRITTEN
        )
        check_file(source)
        plain = sha256(source.path)
        digest = self.session.key.keyed(plain)
        self.require_whole(source, digest)
        study = self.session.study
        gone = [name for name, state in self.state.items() if is_gone(study, state)]
        found = self.table.find_source(source, digest, over=gone)
        if found is not None and found not in gone:
            twin = self.session.study.source_folder(source.kind) / self.table.sources[found].path
            if self.session.study.encrypted(source.kind, found).is_file():
                raise RecordingError(
                    f"{source.path} lies encrypted in the study already, as {found}: run `anonpipe "
                    f"ingest {self.session.study.folder}` to have this copy deleted."
                )
            same = twin != source.path and twin.is_file()
            if same and self.session.key.digest_of(twin) == digest:
                raise RecordingError(
                    f"{source.path} holds the same as {twin.name}: remove one of them; if it is "
                    "two participants' recording, let the rows of both name it."
                )
        name = found or self.table.next_source_id(source.kind)
        state = self.current(name, source, digest, demand)
        self.table = self.table.with_source(name, source, digest)
        if not self.dry_run:
            # The state first: were the key to know the new file beside the old state, a crash
            # here would let the old outputs speak for a file that nobody has transcribed.
            if state != self.state.get(name, state):
                self.save(name, state)
            self.session.key.save(self.session.key.table.with_source(name, source, digest))
        delta = self.deltas.name_of(source, plain)
        self.met.add(delta)
        return Job(name, source, digest, demand, state, delta)

    def require_whole(self, source: Source, digest: str) -> None:
        """Raise RecordingError for a part of a recording that was joined (`ingest.joining`)."""
        whole = self.table.part_of(source.kind, digest)
        if whole is None:
            return
        study = self.session.study
        if study.encrypted(source.kind, whole).is_file():
            raise RecordingError(
                f"{source.path} is a part of {whole}, which lies encrypted in the study: run "
                f"`anonpipe ingest {study.folder}` to have this copy deleted."
            )
        if is_gone(study, self.state.get(whole, SourceState())):
            raise RecordingError(
                f"{source.path} is a copy of a part of {whole}, which was deleted as its consent "
                "demands: delete it."
            )
        raise RecordingError(
            f"{source.path} is a part of {whole}, which was not joined to the end: run "
            "`anonpipe ingest --join` with all its parts again."
        )

    def sealed_job(self, name: str, source: Source) -> Job:
        """The job of a file that was encrypted when it came in, and got its id then."""
        item = self.table.sources[name]
        state = self.state.get(name, SourceState(kind=item.kind))
        demand = self.register.demand(
            source.relative,
            self.today,
            written=state.stage is Stage.WRITTEN,
            participants=item.participants,
        )
        state = self.current(name, source, item.digest, demand)
        if not self.dry_run and state != self.state.get(name, state):
            self.save(name, state)
        delta = self.deltas.of_encrypted(source, item.digest)
        self.met |= {delta} - {""}
        return Job(name, source, item.digest, demand, state, delta)

    def current(self, name: str, source: Source, digest: str, demand: Demand) -> SourceState:
        """How far the file has come that is there now, under a name that may be known."""
        state = self.state.get(name, SourceState(kind=source.kind))
        if state.stage is not Stage.NEW and state.digest != digest:
            return SourceState(kind=source.kind, outputs=state.outputs)  # another version: anew
        if is_gone(self.session.study, state):
            # A copy of a deleted recording has come back: it must go again.
            return replace(state, stage=Stage.WRITTEN, deleting=None)
        return self.regrouped(name, state, demand)

    def regrouped(self, name: str, state: SourceState, demand: Demand) -> SourceState:
        """The state, set back to be coded anew if the file belongs to others than it did.

        Raises NotNow if less was promised to those, and nobody accepted it.
        """
        moved = state.participants != demand.participants
        before = self.register.demand_of(state.participants)
        if moved and before is not None and register_history.asks_less(before, demand):
            self.accept_move(name, state, demand)
        if moved and state.stage in (Stage.CODED, Stage.WRITTEN):
            if not self.session.study.working_file(name).is_file():
                return replace(state, stage=Stage.NEW, approved=None)
            return replace(state, stage=Stage.TRANSCRIBED, approved=None)
        return state

    def accept_move(self, name: str, state: SourceState, demand: Demand) -> None:
        file = self.register.path.name
        if self.approval is None:
            raise NotNow(
                f"{file}, column recording: {name} belonged to {'+'.join(state.participants)} and "
                f"would belong to {'+'.join(demand.participants)}, who were promised less: put it "
                "back, or, with an approval, run again with --accept-change --approval REFERENCE."
            )
        if not self.dry_run:
            self.session.log.append(
                "consent-change-accepted",
                subject=name,
                columns=("recording",),
                approval=self.approval,
            )
