"""Deltas: what a machine without identities found out about one source, sealed for the holders.

    sealed/delta-<16 hex>.age   age file to the recipients that the log says; JSON inside
    sealed/deltas.json          which delta stands for which file, as keyed digests

A delta holds the raw transcript, what detection found without knowing any name of the key
(`Detector.find`), the mentions with provisional codes, what is remembered of the voices, the file's
path and SHA-256, and digests of the settings and models. Its name is an HMAC, keyed with the
study's id, over the SHA-256 and the settings, so that the same file under the same settings has
the same delta.

Whoever knows the public keys can write a file that opens. The log therefore holds the SHA-256
of every delta ("delta-sealed"), and one that is not in it is refused; what a delta claims is
checked against the file in the study and against itself. That a transcript says what was said
cannot be checked without listening: for that the machine that made it is trusted.
"""

from __future__ import annotations

import binascii
import contextlib
import hashlib
import hmac
import json
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any, Literal, NoReturn, get_args

from anonpipe import __version__
from anonpipe.audit import AuditLog
from anonpipe.detect.spans import Span
from anonpipe.files import sync_folder, write_durably
from anonpipe.speakers.remembered import Remembered
from anonpipe.study import Kind, Source, Study
from anonpipe.transcript import (
    LANGUAGES,
    MENTION_TYPES,
    SPEAKER_TURN,
    FlagKind,
    Mention,
    Transcript,
    Turn,
    mentions_from_json,
    mentions_to_json,
)

FORMAT = "anonpipe-delta"
VERSION = 1
NO_MODEL = "none"
Removed = Literal["done", "outdated", "consent"]
_FILE = re.compile(r"delta-([0-9a-f]{16})\.age")
_MODEL = re.compile(rf"[0-9a-f]{{16}}|{NO_MODEL}")
_HEX64 = re.compile(r"[0-9a-f]{64}")
_KINDS: tuple[Kind, ...] = get_args(Kind)
_FLAGS: tuple[FlagKind, ...] = get_args(FlagKind)


@dataclass(frozen=True, slots=True)
class Delta:
    """What is sealed. `path` is relative to recordings/ or documents/."""

    study: str
    kind: Kind
    path: str
    sha256: str
    settings: str
    transcript: Transcript
    found: tuple[Span, ...]
    mentions: tuple[Mention, ...]
    models: Mapping[str, str] = field(default_factory=dict)  # speech, names -> digest
    voices: Remembered | None = None
    program: str = f"anonpipe {__version__}"

    @property
    def name(self) -> str:
        """The 16 hexadecimal digits of its file's name."""
        return name_of(self.study, self.sha256, self.settings)

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values; `from_json` is the inverse."""
        return {
            "format": FORMAT,
            "version": VERSION,
            "program": self.program,
            "study": self.study,
            "kind": self.kind,
            "path": self.path,
            "sha256": self.sha256,
            "settings": self.settings,
            "models": dict(self.models),
            "transcript": self.transcript.to_json(),
            "found": spans_to_json(self.found),
            "mentions": mentions_to_json(self.mentions),
            "voices": None if self.voices is None else self.voices.to_json(),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Delta:
        """Rebuild a delta, trusting nothing.

        Raises ValueError when a field is missing or of a wrong kind, when offsets lie outside
        the text, a piece of text is not what stands there, or a type is unknown. The message
        quotes nothing.
        """
        try:
            if (data["format"], data["version"]) != (FORMAT, VERSION):
                raise ValueError("it is of another version")
            voices = data.get("voices")
            delta = cls(
                study=data["study"],
                kind=data["kind"],
                path=data["path"],
                sha256=data["sha256"],
                settings=data["settings"],
                models=dict(data["models"]),
                program=data["program"],
                transcript=Transcript.from_json(data["transcript"]),
                found=spans_from_json(data["found"]),
                mentions=mentions_from_json(data["mentions"]),
                voices=None if voices is None else Remembered.from_json(voices),
            )
            _check(delta)
        except (KeyError, TypeError, AttributeError, binascii.Error):
            raise ValueError("it is malformed") from None
        return delta


def settings_digest(study: Study, source: Source) -> str:
    """SHA-256 of the settings that bear on what a delta of this file holds.

    Those of output and of policies do not, nor does the device; names in study.toml are left
    out, since no digest of them may stand anywhere.
    """
    settings = study.settings
    own = settings.for_file(source.relative)
    values = {
        "kind": source.kind,
        "language": own.language,
        "channels": own.channels,
        "speakers": own.speakers,
        "number_of_speakers": own.number_of_speakers,
        "diarizer": settings.diarizer,
        "model": settings.model,
        "detection": settings.detection_digest(),
    }
    return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()


def name_of(study: str, sha256: str, settings: str) -> str:
    """The 16 hexadecimal digits that stand for a file under certain settings."""
    return _keyed(study, f"delta {sha256} {settings}")


def file_of(study: Study, name: str) -> Path:
    """Where the delta of that name lies."""
    return study.sealed / f"delta-{name}.age"


def present(study: Study) -> tuple[str, ...]:
    """The names of the deltas that lie in the study, in order."""
    if not study.sealed.is_dir():
        return ()
    found = (_FILE.fullmatch(path.name) for path in study.sealed.iterdir())
    return tuple(sorted(match[1] for match in found if match))


# -- what the log says of deltas


def digest(data: bytes) -> str:
    """What the log says of a delta's file: its SHA-256, hex."""
    return hashlib.sha256(data).hexdigest()


def logged(log: AuditLog) -> dict[str, set[str]]:
    """The digests that the log knows of each delta's file, by name."""
    found: dict[str, set[str]] = {}
    for entry in log.entries():
        if entry.action in ("delta-sealed", "delta-resealed"):
            found.setdefault(str(entry.details["delta"]), set()).add(str(entry.details["file"]))
    return found


def resealed(log: AuditLog, path: Path, old: bytes, new: bytes) -> None:
    """Log that a sealed file is about to be replaced by one for other recipients, if it is a delta.

    A delta that the log does not know gains nothing by it.
    """
    match = _FILE.fullmatch(path.name)
    if match is not None and digest(old) in logged(log).get(match[1], ()):
        log.append("delta-resealed", delta=match[1], file=digest(new))


def done(log: AuditLog) -> set[str]:
    """The names of the deltas that have served, so that nobody makes them again.

    Unless one is wanted anew, as when a file was changed and changed back.
    """
    names: set[str] = set()
    for entry in log.entries():
        if entry.action == "delta-removed" and entry.details["reason"] == "done":
            names.add(str(entry.details["delta"]))
        elif entry.action == "delta-wanted":
            names.discard(str(entry.details["delta"]))
    return names


def remove(study: Study, log: AuditLog, name: str, reason: Removed, **details: Any) -> None:
    """Delete a delta: its source has it ("done"), another took its place ("outdated"), or
    consent was withdrawn and the recording is gone ("consent"). Logged first; repeatable.
    """
    log.append("delta-removed", delta=name, reason=reason, **details)
    file_of(study, name).unlink(missing_ok=True)
    sync_folder(study.sealed)


# -- which delta stands for which file, for a machine that cannot open them


def read_index(study: Study) -> dict[str, str]:
    """Keyed digests of the files' paths, by delta; what cannot be read counts as nothing.

    Then all that is lost is that an outdated delta stays until a holder of the key meets it.
    """
    with contextlib.suppress(OSError, ValueError, TypeError, KeyError, AttributeError):
        data = json.loads(_index(study).read_text(encoding="utf-8"))["deltas"]
        return {str(name): str(path) for name, path in data.items()}
    return {}


def write_index(study: Study, index: Mapping[str, str]) -> None:
    """Write what `read_index` reads, durably; an empty one is no file."""
    if index:
        text = json.dumps({"version": 1, "deltas": dict(sorted(index.items()))}, indent=1)
        write_durably(_index(study), text.encode() + b"\n", mode=0o600)
    else:
        _index(study).unlink(missing_ok=True)


def prune_index(study: Study) -> None:
    """Forget which files deltas stood for that are there no more."""
    index, there = read_index(study), present(study)
    left = {name: path for name, path in index.items() if name in there}
    if left != index:
        write_index(study, left)


def path_digest(study: Study, source: Source) -> str:
    """What stands for a file's path in the index."""
    return _keyed(study.settings.id, f"path {source.kind} {source.relative}")


def _index(study: Study) -> Path:
    return study.sealed / "deltas.json"


def _keyed(study: str, text: str) -> str:
    # A path may hold bytes that are no UTF-8.
    data = text.encode(errors="surrogateescape")
    return hmac.new(study.encode(), data, hashlib.sha256).hexdigest()[:16]


# -- values


def spans_to_json(spans: Iterable[Span]) -> list[dict[str, Any]]:
    """Plain JSON values of spans; `spans_from_json` is the inverse."""
    return [asdict(span) for span in spans]


def spans_from_json(data: Iterable[Mapping[str, Any]]) -> tuple[Span, ...]:
    """Rebuild spans from `spans_to_json`'s values."""
    return tuple(Span(**item) for item in data)


def _check(delta: Delta) -> None:
    """ValueError (or KeyError, TypeError, AttributeError) unless everything fits together."""
    if not all(isinstance(text, str) for text in (delta.study, delta.path, delta.program)):
        _malformed()
    if set(delta.models) != {"speech", "names"}:
        _malformed()
    if not all(_MODEL.fullmatch(text) for text in delta.models.values()):
        _malformed()
    if not (_HEX64.fullmatch(delta.sha256) and _HEX64.fullmatch(delta.settings)):
        _malformed()
    if delta.kind not in _KINDS:
        _malformed()
    path = PurePosixPath(delta.path)
    if path.is_absolute() or ".." in path.parts or not path.name or not delta.path.isprintable():
        raise ValueError("its path leads out of the study")
    _check_transcript(delta.transcript, spoken=delta.kind == "audio")
    _check_spans(delta.found, delta.transcript.text)
    _check_mentions(delta.mentions, delta.transcript)


def _check_transcript(transcript: Transcript, *, spoken: bool) -> None:
    if transcript.language not in LANGUAGES:
        raise ValueError("its language is unknown")
    numbers = [transcript.duration, transcript.language_probability]
    for turn in transcript.turns:
        if not (isinstance(turn.text, str) and isinstance(turn.speaker, str)):
            _malformed()
        if spoken and (turn.start is None or turn.end is None):
            raise ValueError("a turn of its recording has no time")
        numbers += [turn.start, turn.end]
        _check_words(turn, spoken=spoken)
        for word in turn.words:
            numbers += [word.start, word.end, word.probability]
    for flag in transcript.flags:
        known_turn = flag.turn is None or _is_index(flag.turn, len(transcript.turns))
        known_type = flag.type is None or flag.type in MENTION_TYPES
        if flag.kind not in _FLAGS or not known_turn or not known_type:
            raise ValueError("it has a flag that there is not")
        numbers += [flag.start, flag.end, flag.count]
    if not all(number is None or _is_number(number) for number in numbers):
        _malformed()
    if not (transcript.model is None or isinstance(transcript.model, str)):
        _malformed()


def _check_words(turn: Turn, *, spoken: bool) -> None:
    """Of a recording every character has a time: what has none could not be bleeped."""
    left = list(turn.text)
    for word in turn.words:
        if not _is_index(word.offset, len(turn.text)):
            raise ValueError("a word lies outside its turn")
        if not turn.text.startswith(word.text, word.offset):
            raise ValueError("a word is not what stands in its turn")
        left[word.offset : word.offset + len(word.text)] = " " * len(word.text)
        if not (_is_number(word.start) and _is_number(word.end)):
            raise ValueError("a word has no time")
    if spoken and "".join(left).strip():
        raise ValueError("a word has no time")


def _check_spans(spans: Sequence[Span], text: str) -> None:
    last = 0
    for span in spans:
        if not _is_place(span.start, span.end, len(text)) or span.start < last:
            raise ValueError("what was found lies outside the text or overlaps")
        last = span.end
        _check_kind(span)


def _check_mentions(mentions: Sequence[Mention], transcript: Transcript) -> None:
    for mention in mentions:
        if mention.turn == SPEAKER_TURN:
            text = mention.text
            if text not in {turn.speaker for turn in transcript.turns}:
                raise ValueError("a mention is no label of a speaker")
        elif _is_index(mention.turn, len(transcript.turns)):
            text = transcript.turns[mention.turn].text
        else:
            raise ValueError("a mention lies outside the transcript")
        if not _is_place(mention.start, mention.end, len(text)):
            raise ValueError("a mention lies outside its turn")
        if text[mention.start : mention.end] != mention.text:
            raise ValueError("a mention is not what stands in its turn")
        told = (mention.entity, mention.generalised)
        if not all(item is None or isinstance(item, str) for item in told):
            _malformed()
        _check_kind(mention)


def _check_kind(item: Span | Mention) -> None:
    if item.type not in MENTION_TYPES:
        raise ValueError("a type of mention is unknown")
    if not (isinstance(item.recognizer, str) and isinstance(item.misheard, str)):
        _malformed()
    if not _is_number(item.score):
        _malformed()


def _is_place(start: object, end: object, size: int) -> bool:
    return _is_index(start, size) and _is_index(end, size + 1) and start < end  # type: ignore[operator]


def _is_index(value: object, size: int) -> bool:
    return type(value) is int and 0 <= value < size


def _is_number(value: object) -> bool:
    return type(value) in (int, float) and math.isfinite(value)  # type: ignore[arg-type]


def _malformed() -> NoReturn:
    raise ValueError("it is malformed")
