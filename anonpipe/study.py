"""The study folder: its settings, where things lie, and how far each source has come.

    my-study/
      study.toml      settings          recordings/   what was recorded
      consent.csv     the register      documents/    notes, transcripts made elsewhere
      audit.jsonl     the log           sealed/       encrypted working files
      state.json      how far           transcripts/  the pseudonymised output
      receipts/       deletion receipts bleeped/      recordings kept with names bleeped

Nothing written here by the program holds a name: sources go by ids (R01, D01), and
which file an id stands for is in the key.
"""

from __future__ import annotations

import hashlib
import json
import re
import secrets
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum
from pathlib import Path, PurePosixPath
from typing import Literal

from anonpipe.errors import UsageError
from anonpipe.files import cause, write_durably
from anonpipe.settings import Reader, Settings
from anonpipe.transcript import Flag

Kind = Literal["audio", "text"]
_PIECE = re.compile(r"[^.]+\.[0-9]{5,}\.age")


class Stage(StrEnum):
    """How far a source has come; each stage's effects are durable before the next begins."""

    NEW = "new"
    TRANSCRIBED = "transcribed"  # raw transcript sealed
    CODED = "coded"  # mentions and codes sealed, key not necessarily updated
    WRITTEN = "written"  # outputs verified on disk; the original waits for its rule
    FINAL = "final"  # nothing more to do
    SWEEPING = "sweeping"  # outputs whose raw transcript is gone give way to sealed new ones


RAW = frozenset({Stage.TRANSCRIBED, Stage.CODED, Stage.WRITTEN})
"""Stages of a source whose raw transcript is sealed, so that its speakers can be changed."""


@dataclass(frozen=True, slots=True)
class SourceState:
    """What state.json says of one source; ids, digests, numbers and dates only."""

    stage: Stage = Stage.NEW
    kind: Kind = "audio"
    digest: str = ""  # of the file that was transcribed, keyed
    participants: tuple[str, ...] = ()
    outputs: Mapping[str, str] = field(default_factory=dict)  # path in the study -> SHA-256
    flags: tuple[Flag, ...] = ()
    approved: str | None = None
    deleting: str | None = None  # the log's hash of the intent, once deletion has begun
    rule: str = ""  # under which it was begun, and of which versions of the consent
    versions: tuple[str, ...] = ()
    language: str = ""  # of the transcript
    speech: float = 0.0  # seconds in which somebody speaks (`trouble.speech_seconds`)
    searched: str = ""  # which names were looked for (`Pipeline.names_version`)
    edited: tuple[str, ...] = ()  # outputs that hold a person's changes, which were approved
    accepted: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """By output: the places of hits (`sweep.Hit`) that a person found to be no names. It holds
    while the output is the one of `outputs`."""


@dataclass(frozen=True, slots=True)
class Source:
    """A file in recordings/ or documents/."""

    kind: Kind
    path: Path
    relative: PurePosixPath  # to recordings/ or documents/; of a sealed one, before it was sealed
    sealed: str | None = None  # the id of one that was encrypted when it came in


@dataclass(frozen=True, slots=True)
class Study:
    """A study folder with its settings."""

    folder: Path
    settings: Settings

    @property
    def settings_file(self) -> Path:
        return self.folder / "study.toml"

    @property
    def consent_file(self) -> Path:
        return self.folder / "consent.csv"

    @property
    def log_file(self) -> Path:
        return self.folder / "audit.jsonl"

    @property
    def state_file(self) -> Path:
        return self.folder / "state.json"

    @property
    def sealed(self) -> Path:
        return self.folder / "sealed"

    @property
    def transcripts(self) -> Path:
        return self.folder / "transcripts"

    @property
    def receipts(self) -> Path:
        return self.folder / "receipts"

    @property
    def closing(self) -> Path:
        return self.folder / "closing"

    @property
    def bleeped(self) -> Path:
        return self.folder / "bleeped"

    @property
    def key_file(self) -> Path:
        if self.settings.key is None:
            raise UsageError(
                f"{self.folder} has no key yet: run `anonpipe init {self.folder}` first."
            )
        return self.settings.key

    @property
    def recipients_file(self) -> Path:
        name = self.key_file.name.removesuffix(".age").removesuffix(".key")
        return self.key_file.with_name(f"{name}.recipients")

    def working_file(self, name: str) -> Path:
        """Where the raw transcript of a source is sealed until the source is final."""
        return self.sealed / f"{name}.age"

    def piece(self, name: str, number: int) -> Path:
        """Where a piece of an incomplete transcription is sealed (`partial`), from 1 on."""
        return self.sealed / f"{name}.{number:05}.age"

    def pieces(self, name: str) -> list[Path]:
        """The sealed pieces of a source that are there, in the order in which they were heard."""
        there = (path for path in self.sealed.glob(f"{name}.*.age") if _PIECE.fullmatch(path.name))
        return sorted(there, key=lambda path: int(path.name.split(".")[1]))

    def working_id(self, path: Path) -> str:
        """The id in the name of a working file or of a piece."""
        return path.name.split(".")[0]

    def source_folder(self, kind: Kind) -> Path:
        return self.folder / ("recordings" if kind == "audio" else "documents")

    def encrypted(self, kind: Kind, name: str) -> Path:
        """Where the file of a source lies if it was encrypted when it came in (`datakey`)."""
        return self.source_folder(kind) / f"{name}.age"

    def encrypted_id(self, source: Source) -> str | None:
        """The id in the name of a file that may be an encrypted one of this study's."""
        name = source.path.stem
        return name if source.path == self.encrypted(source.kind, name) else None

    def settings_digest(self) -> str:
        """SHA-256 of the settings without the list of people, which must leave no trace, and
        without what is for reports only.
        """
        values = asdict(replace(self.settings, people=(), key=None))
        del values["record"]
        return hashlib.sha256(json.dumps(values, sort_keys=True, default=str).encode()).hexdigest()

    def sources(self) -> Iterator[Source]:
        """Every file in recordings/ and documents/, in order of name; hidden ones left out."""
        kinds: tuple[Kind, Kind] = ("audio", "text")
        for kind in kinds:
            top = self.source_folder(kind)
            for path in sorted(top.rglob("*")):
                relative = path.relative_to(top)
                hidden = any(part.startswith((".", "~$")) for part in relative.parts)
                if hidden or path.name in {"Thumbs.db", "desktop.ini"}:
                    continue
                if path.is_file() or path.is_symlink():
                    yield Source(kind, path, PurePosixPath(relative.as_posix()))

    def read_state(self) -> dict[str, SourceState]:
        """How far each source has come, by id. Raises UsageError if the file is damaged."""
        try:
            data = json.loads(self.state_file.read_text(encoding="utf-8"))
            return {
                name: SourceState(
                    **{
                        **value,
                        "stage": Stage(value["stage"]),
                        "participants": tuple(value["participants"]),
                        "versions": tuple(value["versions"]),
                        "flags": tuple(Flag(**flag) for flag in value["flags"]),
                        "edited": tuple(value.get("edited", ())),
                        "accepted": {
                            output: tuple(places)
                            for output, places in value.get("accepted", {}).items()
                        },
                    }
                )
                for name, value in data["sources"].items()
            }
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            raise UsageError(
                f"{self.state_file} is damaged: put it back from a backup; nothing was touched."
            ) from None

    def write_state(self, state: Mapping[str, SourceState]) -> None:
        """Write state.json durably."""
        data = {"version": 1, "sources": {name: asdict(value) for name, value in state.items()}}
        write_durably(self.state_file, json.dumps(data, indent=1).encode() + b"\n", mode=0o644)


def load(folder: Path) -> Study:
    """Read a study's settings; every message names the file and the setting.

    Raises UsageError when the folder or study.toml is missing, not TOML, or holds an
    unknown or wrong setting.
    """
    folder = folder.expanduser()
    file = folder / "study.toml"
    try:
        data = tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise UsageError(
            f"{folder} is no study (study.toml is missing): run `anonpipe init {folder}` first."
        ) from None
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {cause(error)}.") from None
    except UnicodeDecodeError:
        raise UsageError(f"{file} is not UTF-8: save it again with that encoding.") from None
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{file} is not valid TOML: {error}.") from None
    return Study(folder.resolve(), Reader(file, folder.resolve()).settings(data))


def new_id() -> str:
    """A fresh study id; it also salts what the log says of users."""
    return secrets.token_hex(8)


def require_known(state: Mapping[str, SourceState], name: str) -> None:
    """Raise UsageError unless there is such a source."""
    if name not in state:
        there = f"there are {', '.join(sorted(state))}" if state else "none was processed yet"
        raise UsageError(f"There is no source {name}; {there}.")
