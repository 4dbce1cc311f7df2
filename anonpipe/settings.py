"""study.toml: what a study may set, and what is wrong with what it sets."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath
from typing import Any, Literal, get_args

from anonpipe.codes.forms import DEFAULT_TEMPLATE, check_template
from anonpipe.codes.generalise import DATES
from anonpipe.codes.policies import CODE_ALL, POLICIES, Policies, Policy, check_policy
from anonpipe.errors import UsageError
from anonpipe.transcript import (
    ALSO,
    LABELS,
    LANGUAGES,
    MENTION_TYPES,
    PARTICIPANT_CODE,
    Channels,
    MentionType,
    is_label,
)

Style = Literal["verbatim", "clean", "both"]
Numbers = Literal["as-heard", "digits", "words"]
DiarizerName = Literal["voices", "off", "pyannote"]
Interviewer = Literal["guess", "first", "last"]
BleepSound = Literal["tone", "silence", "reversed"]
ChangedVoices = Literal["none", "participants", "all"]
AfterCoding = Literal["keep", "delete-after-coding"]
MOST_SPEAKERS = 20
FORMATS = ("txt", "docx", "vtt", "json")
"""What is written unless the study says otherwise."""
SHARED = {
    "language": "study.language",
    "channels": "transcription.channels",
    "speakers": "transcription.speakers",
    "number_of_speakers": "transcription.number_of_speakers",
    "interviewer": "transcription.interviewer",
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
    number_of_speakers: int | None = 2  # None: estimate it
    interviewer: Interviewer = "guess"  # or who speaks first, or last to begin
    style: Style = "verbatim"


@dataclass(frozen=True, slots=True)
class Wording:
    """What is written of how something was said."""

    pauses: bool = False  # (..) and (4 s)
    laughter: bool = False  # (latter)
    unclear: bool = False  # (uklart 00:12:41)
    numbers: Numbers = "as-heard"


@dataclass(frozen=True, slots=True)
class Bleep:
    """How a recording that is kept is made unrecognisable; `margin` is in seconds."""

    sound: BleepSound = "tone"
    margin: float = 0.25  # 1 of 650 words leaves 50 ms or more outside (benchmarks)
    voices: ChangedVoices = "none"


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
    diarizer: DiarizerName = "voices"
    spacy: Mapping[str, str] = field(default_factory=dict)
    min_score: float | None = None
    also: tuple[str, ...] = ()  # of what detection finds only where it is switched on
    policies: Policies = CODE_ALL
    formats: tuple[str, ...] = FORMATS
    wording: Wording = Wording()
    bleep: Bleep = Bleep()
    trouble_limit: float = 0.1  # share of the speech in trouble above which a person must look
    reviewers: int = 1  # how many persons must sign a source off
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


class Reader:
    """Turns TOML values into Settings and knows what to call a wrong one."""

    def __init__(self, file: Path, folder: Path) -> None:
        self.file, self.folder = file, folder

    def wrong(self, name: str, hint: str) -> UsageError:
        return UsageError(f"{self.file}, setting {name}: {hint}")

    def settings(self, data: dict[str, Any]) -> Settings:
        from anonpipe.formats import WRITABLE

        tables = (
            *("study", "key", "transcription", "detection", "policies", "generalise", "output"),
            *("documents", "files", "record", "bleep", "review"),
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
        own = ("channels", "speakers", "number_of_speakers", "interviewer")
        self.only(transcription, "transcription.", ("model", "device", "diarizer", *own))
        self.only(detection, "detection.", ("spacy", "min_score", "also"))
        self.only(data.get("generalise", {}), "generalise.", ("dates",))
        wording = tuple(field.name for field in fields(Wording))
        self.only(output, "output.", ("formats", "style", "template", *wording))
        self.only(data.get("documents", {}), "documents.", ("after",))
        record = data.get("record", {})
        self.only(record, "record.", tuple(field.name for field in fields(Record)))
        shared = {
            **{k: study[k] for k in ("language",) if k in study},
            **{k: transcription[k] for k in own if k in transcription},
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
            diarizer=self.choice(  # type: ignore[arg-type]
                transcription.get("diarizer", "voices"),
                "transcription.diarizer",
                get_args(DiarizerName),
            ),
            spacy={k: self.string(v, f"detection.spacy.{k}") for k, v in spacy.items()},
            min_score=min_score,
            also=also,
            policies=self.policies(data.get("policies", {}), data.get("generalise", {})),
            formats=formats,
            wording=self.wording({k: output[k] for k in wording if k in output}),
            bleep=self.bleep(data.get("bleep", {})),
            trouble_limit=self.trouble_limit(data.get("review", {})),
            reviewers=self.reviewers(data.get("review", {})),
            template=self.string(output.get("template", DEFAULT_TEMPLATE), "output.template"),
            documents_after=self.choice(  # type: ignore[arg-type]
                data.get("documents", {}).get("after", "keep"),
                "documents.after",
                get_args(AfterCoding),
            ),
            people=tuple(self.person(entry) for entry in data.get("people", ())),
            record=Record(**{k: self.string(v, f"record.{k}") for k, v in record.items()}),
        )

    def wording(self, values: Mapping[str, Any]) -> Wording:
        found: dict[str, Any] = {}
        for name, value in values.items():
            if name == "numbers":
                found[name] = self.choice(value, "output.numbers", get_args(Numbers))
            elif not isinstance(value, bool):
                raise self.wrong(f"output.{name}", "write true or false.")
            else:
                found[name] = value
        return Wording(**found)

    def bleep(self, values: Mapping[str, Any]) -> Bleep:
        self.only(values, "bleep.", tuple(field.name for field in fields(Bleep)))
        margin = values.get("margin", Bleep().margin)
        if not self.is_number(margin) or not 0 <= margin <= 2:
            raise self.wrong("bleep.margin", "write seconds from 0 to 2, such as 0.25.")
        sound: Any = self.choice(values.get("sound", "tone"), "bleep.sound", get_args(BleepSound))
        voices: Any = self.choice(
            values.get("voices", "none"), "bleep.voices", get_args(ChangedVoices)
        )
        return Bleep(sound, float(margin), voices)

    def trouble_limit(self, values: Mapping[str, Any]) -> float:
        self.only(values, "review.", ("trouble_limit", "people"))
        limit = values.get("trouble_limit", 0.1)
        if not self.is_number(limit) or not 0 <= limit <= 1:
            raise self.wrong("review.trouble_limit", "write a number from 0 to 1.")
        return float(limit)

    def reviewers(self, values: Mapping[str, Any]) -> int:
        people = values.get("people", 1)
        if type(people) is not int or people not in (1, 2):
            raise self.wrong("review.people", "write 1, or 2 if two persons must sign.")
        return people

    def is_number(self, value: Any) -> bool:
        return isinstance(value, int | float) and not isinstance(value, bool)

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
            found["speakers"] = self.labels(values["speakers"], name("speakers"))
        if "number_of_speakers" in values:
            number = values["number_of_speakers"]
            if number != "auto" and not (type(number) is int and 1 <= number <= MOST_SPEAKERS):
                raise self.wrong(
                    name("number_of_speakers"), 'write a number, such as 2, or "auto".'
                )
            found["number_of_speakers"] = None if number == "auto" else number
        if "interviewer" in values:
            found["interviewer"] = self.choice(
                values["interviewer"], name("interviewer"), get_args(Interviewer)
            )
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

    def labels(self, value: Any, name: str) -> tuple[str, ...]:
        labels = self.strings(value, name)
        if not all(map(is_label, labels)):
            raise self.wrong(name, f"each label has {LABELS}.")
        if len(set(labels)) < len(labels):
            raise self.wrong(name, "give each speaker a label of their own.")
        return labels

    def choice(self, value: Any, name: str, known: tuple[str, ...]) -> str:
        if value not in known:
            raise self.wrong(name, f"write one of {', '.join(known)}.")
        return str(value)
