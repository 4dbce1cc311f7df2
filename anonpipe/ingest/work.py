"""Taking one file into a study; the package says in which order that becomes true."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from pathlib import Path, PurePosixPath
from typing import Any, Literal

from anonpipe import consent, datakey, scrub
from anonpipe.decisions import is_gone
from anonpipe.errors import AnonpipeError, ConsentError, RecordingError, UsageError
from anonpipe.files import make_folder, sha256, write_durably
from anonpipe.formats import READABLE
from anonpipe.ingest import plain_files
from anonpipe.key import KeySource
from anonpipe.log_kinds import FAILURES
from anonpipe.outcome import FATAL, unexpected
from anonpipe.plaintext import Plaintext
from anonpipe.session import Session
from anonpipe.study import Kind, Source, SourceState, Stage

Status = Literal["taken", "already", "failed", "refused"]
PASTED = "The text from standard input"
"""What messages call it, as it has no file."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of one file. `path` is the user's own; `reason` a sentence that may name it.

    `left` tells that the plain file is still where it was.
    """

    path: Path
    status: Status
    id: str | None = None
    kind: Kind = "audio"
    participants: tuple[str, ...] = ()
    method: str = ""
    left: bool = True
    reason: str = ""
    exit_code: int = 0

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values, without what may name somebody: no path and no sentence."""
        return {k: v for k, v in asdict(self).items() if k not in ("path", "reason")}


@dataclass(slots=True)
class Ingesting:
    """The taking in of files, one after the other, as they were given to `ingest`."""

    session: Session
    register: consent.Register
    today: date
    participants: tuple[str, ...]
    move: bool
    drop_pictures: bool
    ended: dict[Path, str] = field(default_factory=dict)
    """Plain files whose deletion had been begun and is complete now, each with its id."""

    # -- which files

    def in_study(self) -> Iterator[Source]:
        """The plain files in recordings/ and documents/."""
        for source in list(datakey.sources(self.session.study, self.session.key.table)):
            if source.sealed is None:
                yield source

    def source(self, file: Path) -> Source:
        """A file that was named; one in the study keeps its place there as its name."""
        study = self.session.study
        path = file.expanduser().absolute()
        if path.is_dir():
            raise UsageError(f"{file} is a folder: name the files in it.")
        home = path.parent.resolve() / path.name
        kinds: tuple[Kind, Kind] = ("audio", "text")
        for kind in kinds:
            if home.is_relative_to(study.source_folder(kind)):
                inside = home.relative_to(study.source_folder(kind))
                return Source(kind, home, PurePosixPath(inside.as_posix()))
        if home.is_relative_to(study.folder):
            raise UsageError(
                f"{file} lies in the study, but not in recordings/ or documents/: put it there."
            )
        kind = "text" if path.suffix.lower() in READABLE else "audio"
        return Source(kind, path, PurePosixPath(path.name))

    def goes(self, source: Source) -> bool:
        """Whether the plain file is deleted once it lies encrypted."""
        return self.move or plain_files.is_inside(self.session.study, source)

    # -- one file

    def guarded(self, source: Source, take: Callable[[], Taken]) -> Taken:
        """Take one file; what goes wrong with it alone becomes its outcome."""
        failed = Taken(source.path, "failed", kind=source.kind, exit_code=1)
        try:
            return take()
        except FATAL:
            raise
        except ConsentError as error:
            self.session.log.append("refused", result="error", why="consent")
            return replace(failed, status="refused", reason=str(error), exit_code=error.exit_code)
        except AnonpipeError as error:
            why, reason = type(error).__name__, str(error)
        except Exception as error:
            why, reason = unexpected(error, str(source.path))
        coded = why.casefold() if why.casefold() in FAILURES else "unexpected"
        self.session.log.append("failed", result="error", why=coded)
        return replace(failed, reason=reason)

    def take(self, source: Source) -> Taken:
        if source.path in self.ended and not source.path.exists():
            return Taken(source.path, "already", self.ended[source.path], source.kind, left=False)
        self.require_ordinary(source)
        plain = sha256(source.path)
        name, whose = self.known(source, self.session.key.keyed(plain))
        demand = self.demand(source, self.participants or whose)
        done = Taken(source.path, "already", name, source.kind, demand.participants)
        if name is None or not datakey.lies_encrypted(self.session, name):
            if name is not None and self.session.key.table.sources[name].parts:
                raise RecordingError(
                    f"{source.path} is a part of {name}, which was not joined to the end: join it "
                    "again with the other parts."
                )
            item = KeySource(source.kind, str(source.relative), self.session.key.keyed(plain))
            make = scrub.scrub_sound if source.kind == "audio" else scrub.scrub_document
            done = self.encrypt(
                source,
                name,
                item,
                demand,
                lambda called: make(source.path, called, drop_pictures=self.drop_pictures),
                {source.path: plain},
            )
        if self.goes(source):
            assert done.id is not None
            plain_files.delete(self.session, source, done.id, plain)
            done = replace(done, left=False)
        return done

    def take_pasted(self, source: Source, text: Plaintext) -> Taken:
        """Take a text that never was a file; `source` stands for it."""
        plain = hashlib.sha256(text.data).hexdigest()
        if not text.data.strip():
            raise RecordingError(f"{PASTED} is empty: paste it, or pipe it into this command.")
        name, whose = self.known(source, self.session.key.keyed(plain))
        demand = self.demand(source, self.participants or whose)
        if name is not None and datakey.lies_encrypted(self.session, name):
            return Taken(source.path, "already", name, "text", demand.participants, left=False)
        item = KeySource("text", str(source.relative), self.session.key.keyed(plain))
        done = self.encrypt(
            source, name, item, demand, functools.partial(_scrub_pasted, text), {}, len(text.data)
        )
        return replace(done, left=False)

    def require_ordinary(self, source: Source) -> None:
        """RecordingError for what cannot be taken, or not be deleted as promised."""
        path = source.path
        if path.is_symlink():
            raise RecordingError(f"{path} is a link: name the file itself, so that it can go.")
        if not path.is_file():
            earlier = [
                name
                for name, item in self.session.key.table.sources.items()
                if item.data_key is not None and item.path == str(source.relative)
            ]
            was = f" ({', '.join(earlier)} came in under that name)" if earlier else ""
            raise RecordingError(f"There is no file {path}{was}: check the name and the folder.")
        if path.stat().st_nlink > 1 and self.goes(source):
            raise RecordingError(
                f"{path} has a second name (a hard link), which deleting it would empty too: "
                "replace it by a copy of its own."
            )
        if path.suffix.lower() == ".age":
            raise RecordingError(
                f"{path} is encrypted already, but not by this study: decrypt it first."
            )
        try:
            str(source.relative).encode()
        except UnicodeEncodeError:
            raise RecordingError(
                f"{path} has a name in an unknown encoding: rename it with plain letters."
            ) from None

    def demand(self, source: Source, participants: tuple[str, ...]) -> consent.Demand:
        """What consent demands of a file; ConsentError where it may not be taken."""
        told = set(self.register.participants(source.relative))
        if participants and told - set(participants):
            raise ConsentError(
                f"{source.path} is {' and '.join(sorted(told))}'s by the register: leave out "
                "--participant, or correct the patterns there."
            )
        if not (participants or told):
            raise ConsentError(
                f"{source.relative} has no row in {self.register.path.name}: say whose it is with "
                "--participant CODE, or add a row with the rule they agreed to."
            )
        return self.register.demand(source.relative, self.today, participants=participants)

    def known(self, source: Source, digest: str) -> tuple[str | None, tuple[str, ...]]:
        """The id of a file that the study knows, and whose it was said to be when it came in.

        Refuses copies of what was deleted.
        """
        study, table = self.session.study, self.session.key.table
        state = study.read_state()
        gone = [name for name, each in state.items() if is_gone(study, each)]
        name = next(
            (n for n, i in table.sources.items() if (i.kind, i.digest) == (source.kind, digest)),
            table.part_of(source.kind, digest),
        )
        if name in gone:
            raise ConsentError(
                f"{source.path} is a copy of {name}, which was deleted as its consent demands: "
                "delete it, as `anonpipe run` does with a copy in the study."
            )
        if name is None and plain_files.is_inside(self.session.study, source):
            # Another version of a file that is on its way, as `anonpipe run` sees it.
            return table.find_source(source, digest, over=gone), ()
        if name is None:
            return None, ()
        if table.sources[name].data_key is None:
            twin = study.source_folder(source.kind) / table.sources[name].path
            if twin != source.path and twin.is_file():
                raise RecordingError(
                    f"{source.path} holds the same as {twin.name} in the study: encrypt that one "
                    f"with `anonpipe ingest {study.folder}`."
                )
        return name, table.sources[name].participants

    def encrypt(
        self,
        source: Source,
        name: str | None,
        item: KeySource,
        demand: consent.Demand,
        make: Callable[[str], scrub.Scrubbed],
        plain: Mapping[Path, str],
        size: int | None = None,
    ) -> Taken:
        """Write the encrypted file and read it back; the plain ones are not touched.

        `item` is what the key shall say of it, without its data key; `make` makes what is kept,
        called by the id; `plain` has the SHA-256 of each file that it is made of.
        """
        key, log, study = self.session.key, self.session.log, self.session.study
        if size is None:
            size = sum(path.stat().st_size for path in plain)
        name = name or key.table.next_source_id(source.kind)
        made = make(name)
        for path, digest in plain.items():
            if sha256(path) != digest:
                raise RecordingError(
                    f"{path} changed while it was read: run again when it is complete."
                )
        self.note(name, source, item.digest, demand)
        old = key.table.sources.get(name)
        told = self.participants or item.participants or (old.participants if old else ())
        data_key = (old.data_key if old else None) or datakey.new()
        log.append("ingest-intent", subject=name, result="intended", kind=source.kind)
        item = replace(item, data_key=data_key, participants=told)
        key.save(replace(key.table, sources={**key.table.sources, name: item}))
        path = study.encrypted(source.kind, name)
        make_folder(path.parent)
        write_durably(path, datakey.encrypt(made.content.data, data_key), mode=0o600)
        if datakey.digest(path, data_key) != hashlib.sha256(made.content.data).hexdigest():
            raise RecordingError(
                f"{path} does not decrypt to what it should after writing: nothing was deleted; "
                "check this computer's memory and run again."
            )
        log.append(
            "ingested",
            subject=name,
            kind=source.kind,
            participants=demand.participants,
            kib=-(-size // 1024),
            source=item.digest,
            method=made.method,
        )
        return Taken(
            source.path, "taken", name, source.kind, demand.participants, method=made.method
        )

    def note(self, name: str, source: Source, digest: str, demand: consent.Demand) -> None:
        """Have state.json say whose the source is, or begin anew with another version of it."""
        state = self.session.study.read_state()
        old = state.get(name)
        if old is not None and (old.stage is Stage.NEW or old.digest == digest):
            return
        new = SourceState(
            kind=source.kind,
            participants=demand.participants,
            outputs=old.outputs if old else {},
        )
        self.session.study.write_state({**state, name: new})


def _scrub_pasted(text: Plaintext, name: str) -> scrub.Scrubbed:
    try:
        return scrub.scrub_document(text, name)
    except RecordingError:
        raise RecordingError(
            f"{PASTED} is no text that can be read: pipe plain text, or name the file."
        ) from None
