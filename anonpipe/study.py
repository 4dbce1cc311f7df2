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
import secrets
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from enum import StrEnum
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath
from typing import Any, Literal, get_args

from anonpipe.codes.forms import DEFAULT_TEMPLATE, check_template
from anonpipe.codes.generalise import DATES
from anonpipe.codes.policies import CODE_ALL, POLICIES, Policies, Policy, check_policy
from anonpipe.detect.detector import ALSO
from anonpipe.errors import UsageError
from anonpipe.files import cause, write_durably
from anonpipe.transcript import MENTION_TYPES, PARTICIPANT_CODE, Flag, MentionType

LANGUAGES = ("nb", "nn", "en")
Kind = Literal["audio", "text"]
Channels = Literal["auto", "split", "mix"]
Style = Literal["verbatim", "clean"]
AfterCoding = Literal["keep", "delete-after-coding"]
FORMATS = ("txt", "docx", "vtt", "json")
"""What is written unless the study says otherwise."""
SHARED = {
    "language": "study.language",
    "channels": "transcription.channels",
    "speakers": "transcription.speakers",
    "style": "output.style",
}
"""Settings that may differ from file to file, and where the study's own stand."""


@dataclass(frozen=True, slots=True)
class Person:
    """A name that the study knows beforehand; it is moved from study.toml into the key."""

    name: str
    type: MentionType = "PERSON"
    participant: str | None = None


@dataclass(frozen=True, slots=True)
class SourceSettings:
    """What may differ from file to file."""

    language: str | None = "nb"  # None: detect it
    channels: Channels = "auto"
    speakers: tuple[str, ...] = ()
    style: Style = "verbatim"


@dataclass(frozen=True, slots=True)
class Record:
    """What only the researcher knows of the record of processing (GDPR, Article 30), in their
    own words, which must hold no names: it is shown in reports.
    """

    controller: str = ""
    contact: str = ""
    officer: str = ""
    purpose: str = ""
    legal_basis: str = ""
    subjects: str = ""
    data: str = ""
    recipients: str = ""
    transfers: str = ""
    retention: str = ""
    measures: str = ""

    def values(self) -> dict[str, str]:
        """What was filled in, by setting."""
        return {name: text for name, text in asdict(self).items() if text}


@dataclass(frozen=True, slots=True)
class Settings:
    """study.toml, validated."""

    id: str = ""
    title: str = ""
    key: Path | None = None
    source: SourceSettings = SourceSettings()
    overrides: tuple[tuple[str, Mapping[str, Any]], ...] = ()
    model: str = "whisper-base"
    device: str = "auto"
    spacy: Mapping[str, str] = field(default_factory=dict)
    min_score: float | None = None
    also: tuple[str, ...] = ()  # of what detection finds only where it is switched on
    policies: Policies = CODE_ALL
    formats: tuple[str, ...] = FORMATS
    template: str = DEFAULT_TEMPLATE
    documents_after: AfterCoding = "keep"
    people: tuple[Person, ...] = ()
    record: Record = Record()

    def for_file(self, path: PurePosixPath) -> SourceSettings:
        """The settings of one file, with the overrides whose pattern matches it, in order."""
        found = self.source
        for pattern, values in self.overrides:
            if fnmatchcase(path.name.casefold(), pattern.casefold()):
                found = replace(found, **values)
        return found

    def detection_digest(self) -> str:
        """SHA-256 of the settings that decide what is found in a text without known names."""
        values = {"spacy": dict(self.spacy), "min_score": self.min_score, "also": self.also}
        return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()


class Stage(StrEnum):
    """How far a source has come; each stage's effects are durable before the next begins."""

    NEW = "new"
    TRANSCRIBED = "transcribed"  # raw transcript sealed
    CODED = "coded"  # mentions and codes sealed, key not necessarily updated
    WRITTEN = "written"  # outputs verified on disk; the original waits for its rule
    FINAL = "final"  # nothing more to do
    SWEEPING = "sweeping"  # outputs whose raw transcript is gone give way to sealed new ones


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
    return Study(folder.resolve(), _Reader(file, folder.resolve()).settings(data))


class _Reader:
    """Turns TOML values into Settings and knows what to call a wrong one."""

    def __init__(self, file: Path, folder: Path) -> None:
        self.file, self.folder = file, folder

    def wrong(self, name: str, hint: str) -> UsageError:
        return UsageError(f"{self.file}, setting {name}: {hint}")

    def settings(self, data: dict[str, Any]) -> Settings:
        from anonpipe.formats import WRITABLE

        tables = (
            *("study", "key", "transcription", "detection", "policies", "generalise", "output"),
            *("documents", "files", "record"),
        )
        self.only(data, "", (*tables, "people"))
        for name in tables:
            if not isinstance(data.get(name, {}), dict):
                raise self.wrong(name, f"this is a table; write [{name}] above its settings.")
        study = data.get("study", {})
        transcription = data.get("transcription", {})
        detection = data.get("detection", {})
        output = data.get("output", {})
        self.only(study, "study.", ("id", "title", "language"))
        self.only(data.get("key", {}), "key.", ("path",))
        self.only(transcription, "transcription.", ("model", "device", "channels", "speakers"))
        self.only(detection, "detection.", ("spacy", "min_score", "also"))
        self.only(data.get("generalise", {}), "generalise.", ("dates",))
        self.only(output, "output.", ("formats", "style", "template"))
        self.only(data.get("documents", {}), "documents.", ("after",))
        record = data.get("record", {})
        self.only(record, "record.", tuple(field.name for field in fields(Record)))
        shared = {
            **{k: study[k] for k in ("language",) if k in study},
            **{k: transcription[k] for k in ("channels", "speakers") if k in transcription},
            **{k: output[k] for k in ("style",) if k in output},
        }
        formats = self.strings(output.get("formats", list(FORMATS)), "output.formats")
        if not formats:
            raise self.wrong("output.formats", "name at least one, such as txt.")
        for name in formats:
            self.choice(name, "output.formats", tuple(dict.fromkeys((*FORMATS, *WRITABLE))))
        try:
            check_template(output.get("template", DEFAULT_TEMPLATE))
        except (UsageError, TypeError, AttributeError) as error:
            raise self.wrong("output.template", str(error)) from None
        key = data.get("key", {}).get("path")
        min_score = detection.get("min_score")
        if min_score is not None and not (
            isinstance(min_score, int | float) and 0 <= min_score <= 1
        ):
            raise self.wrong("detection.min_score", "write a number from 0 to 1.")
        spacy = detection.get("spacy", {})
        if not isinstance(spacy, dict):
            raise self.wrong("detection.spacy", 'write it as { nb = "nb_core_news_lg" }.')
        also = self.strings(detection.get("also", []), "detection.also")
        for name in also:
            self.choice(name, "detection.also", ALSO)
        return Settings(
            id=self.string(study.get("id", ""), "study.id"),
            title=self.string(study.get("title", ""), "study.title"),
            key=self.path(key) if key is not None else None,
            source=SourceSettings(**self.source(shared, SHARED.__getitem__)),
            overrides=tuple(
                (pattern, self.override(pattern, values))
                for pattern, values in data.get("files", {}).items()
            ),
            model=self.string(transcription.get("model", "whisper-base"), "transcription.model"),
            device=self.choice(
                transcription.get("device", "auto"),
                "transcription.device",
                ("auto", "cpu", "cuda"),
            ),
            spacy={k: self.string(v, f"detection.spacy.{k}") for k, v in spacy.items()},
            min_score=min_score,
            also=also,
            policies=self.policies(data.get("policies", {}), data.get("generalise", {})),
            formats=formats,
            template=self.string(output.get("template", DEFAULT_TEMPLATE), "output.template"),
            documents_after=self.choice(  # type: ignore[arg-type]
                data.get("documents", {}).get("after", "keep"),
                "documents.after",
                get_args(AfterCoding),
            ),
            people=tuple(self.person(entry) for entry in data.get("people", ())),
            record=Record(**{k: self.string(v, f"record.{k}") for k, v in record.items()}),
        )

    def policies(self, table: Mapping[str, Any], generalise: Mapping[str, Any]) -> Policies:
        """What becomes of each type of mention; types may be written in small letters."""
        chosen: dict[MentionType, Policy] = {}
        for name, value in table.items():
            kind: Any = name.upper()
            if kind not in MENTION_TYPES:
                raise self.wrong(
                    f"policies.{name}",
                    f"there is no such type; there are {', '.join(MENTION_TYPES)}.",
                )
            policy: Any = self.choice(value, f"policies.{name}", POLICIES)
            try:
                check_policy(kind, policy)
            except UsageError as error:
                raise self.wrong(f"policies.{name}", str(error)) from None
            chosen[kind] = policy
        dates: Any = self.choice(generalise.get("dates", "month"), "generalise.dates", DATES)
        return Policies(chosen, dates)

    def override(self, pattern: str, values: Any) -> dict[str, Any]:
        """What a line of [files] changes."""
        name = f"files.{pattern!r}"
        if not isinstance(values, dict):
            raise self.wrong(name, 'write it as { language = "nb" }.')
        self.only(values, f"{name}.", tuple(SHARED))
        return self.source(values, lambda key: f"{name}.{key}")

    def source(self, values: dict[str, Any], name: Callable[[str], str]) -> dict[str, Any]:
        """Validated keyword arguments for SourceSettings; `name` tells what to call each."""
        found: dict[str, Any] = {}
        if "language" in values:
            given = self.choice(values["language"], name("language"), (*LANGUAGES, "no", "auto"))
            found["language"] = {"auto": None, "no": "nb"}.get(given, given)
        if "channels" in values:
            found["channels"] = self.choice(
                values["channels"], name("channels"), get_args(Channels)
            )
        if "speakers" in values:
            found["speakers"] = self.strings(values["speakers"], name("speakers"))
        if "style" in values:
            found["style"] = self.choice(values["style"], name("style"), get_args(Style))
        return found

    def person(self, entry: Any) -> Person:
        if isinstance(entry, str):
            entry = {"name": entry}
        if not isinstance(entry, dict):
            raise self.wrong("people", 'write each as [[people]] with name = "...".')
        self.only(entry, "people.", ("name", "type", "participant"))
        name = self.string(entry.get("name", ""), "people.name").strip()
        if not name:
            raise self.wrong("people.name", "every entry needs a name.")
        participant = entry.get("participant")
        if participant is not None and not PARTICIPANT_CODE.fullmatch(str(participant)):
            raise self.wrong("people.participant", "write the participant's code, such as P01.")
        return Person(
            name=name,
            type=self.choice(entry.get("type", "PERSON"), "people.type", MENTION_TYPES),  # type: ignore[arg-type]
            participant=participant,
        )

    def path(self, value: Any) -> Path:
        path = Path(self.string(value, "key.path")).expanduser()
        return path if path.is_absolute() else (self.folder / path).resolve()

    def only(self, table: Mapping[str, Any], prefix: str, known: tuple[str, ...]) -> None:
        for name in table:
            if name not in known:
                raise self.wrong(
                    f"{prefix}{name}", f"there is no such setting; there are {', '.join(known)}."
                )

    def string(self, value: Any, name: str) -> str:
        if not isinstance(value, str):
            raise self.wrong(name, "write text in quotes.")
        return value

    def strings(self, value: Any, name: str) -> tuple[str, ...]:
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise self.wrong(name, 'write a list such as ["one", "two"].')
        return tuple(value)

    def choice(self, value: Any, name: str, known: tuple[str, ...]) -> str:
        if value not in known:
            raise self.wrong(name, f"write one of {', '.join(known)}.")
        return str(value)


def new_id() -> str:
    """A fresh study id; it also salts what the log says of users."""
    return secrets.token_hex(8)
