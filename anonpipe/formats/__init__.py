"""Reading and writing transcripts: one module a format, found by its `FORMAT`.

`read` takes what a study's documents folder holds; `render` gives the bytes of an
output and `expected` and `reread` what it must say, so that a caller can write,
read back and compare. Adding a format is adding a module.
"""

from __future__ import annotations

import importlib
import pkgutil
from pathlib import Path, PurePath, PurePosixPath

from anonpipe.errors import RecordingError, UsageError
from anonpipe.formats._base import LANGUAGE_LINE, Format, Spoken
from anonpipe.formats._decode import decode_as_is
from anonpipe.formats._edit import EDITORS, Sparing
from anonpipe.formats._sniff import suffix_of
from anonpipe.plaintext import Plaintext, Readable
from anonpipe.splicing import Change
from anonpipe.status import PSEUDONYMISED, Material, is_line
from anonpipe.transcript import Transcript

__all__ = [
    "EDITABLE",
    "READABLE",
    "WRITABLE",
    "Format",
    "Spoken",
    "edit",
    "expected",
    "file_name",
    "form_of",
    "lines",
    "needs_times",
    "read",
    "read_text",
    "render",
    "reread",
    "restate",
    "title_of",
    "write",
]


def _formats() -> tuple[Format, ...]:
    names = sorted(
        module.name for module in pkgutil.iter_modules(__path__) if not module.name.startswith("_")
    )
    return tuple(importlib.import_module(f"{__name__}.{name}").FORMAT for name in names)


_FORMATS = _formats()
_BY_SUFFIX = {suffix: form for form in _FORMATS for suffix in form.suffixes}
_WRITERS = {form.name: form for form in _FORMATS if form.render is not None}
_BY_ENDING = sorted(_WRITERS.values(), key=lambda form: -len(form.file_ending))
_EDITORS = {
    **{f".{suffix}": edit for suffix, edit in EDITORS.items()},
    **{suffix: form.edit for form in _FORMATS if form.edit for suffix in form.suffixes},
}

READABLE: frozenset[str] = frozenset(_BY_SUFFIX)
"""Suffixes, lower case and with their dot, of the files that `read` can read."""

WRITABLE: tuple[str, ...] = tuple(_WRITERS)
"""Names of the formats that `render` can write; `file_name` says what their files are called."""


EDITABLE: frozenset[str] = frozenset(_EDITORS)
"""Suffixes, lower case and with their dot, of the files that `edit` can change."""


def read(path: Readable, language: str) -> Transcript:
    """Read a document or transcript; its content says the format, or else its suffix.

    `language` (nb, nn, en) becomes the transcript's, unless the file is JSON and
    says its own. Raises RecordingError if the file cannot be read, is empty, is not
    what its suffix says, or has a suffix that no format has.
    """
    form = _BY_SUFFIX.get(path.suffix.lower())
    if form is None:
        raise RecordingError(
            f"{path.name} is in a format that cannot be read; "
            f"save it as one of {', '.join(sorted(READABLE))}."
        )
    data = _bytes(path)
    form = _BY_SUFFIX.get(suffix_of(data), form)
    return form.read(data, path.name, language)


def read_text(path: Path) -> str:
    """A plain text file's characters as they are: line ends and composition untouched.

    Its encoding is found as `read` finds it; a byte order mark is no character of the
    text. Raises RecordingError as `read` does.
    """
    return decode_as_is(_bytes(path), path.name)


def render(
    transcript: Transcript, format: str, *, title: str, material: Material = PSEUDONYMISED
) -> bytes:
    """The bytes of a transcript in one of WRITABLE, the same for the same input.

    `title` is the code that the document shows («P01-R01»), `material` what the document says
    that it may be called. Raises UsageError if no
    format has this name, or if the format needs times and the transcript has none.
    """
    form = _writer(format)
    assert form.render is not None
    return form.render(transcript, title, material)


def write(transcript: Transcript, path: Path, *, title: str) -> None:
    """Render by the path's name and write, not atomically; raises UsageError and OSError."""
    path.write_bytes(render(transcript, form_of(path), title=title))


def file_name(title: str, format: str) -> str:
    """What a transcript's file in a format is called: no two formats give the same name.

    Raises UsageError if no format has this name.
    """
    return title + _writer(format).file_ending


def form_of(path: str | PurePath) -> str:
    """The format of an output, by its name as `file_name` gives it; "" if no format has it."""
    name = PurePosixPath(path).name.lower()
    return next((form.name for form in _BY_ENDING if name.endswith(form.file_ending)), "")


def title_of(path: str | PurePath) -> str:
    """The title in the name of an output: `file_name` without what the format adds."""
    name = PurePosixPath(path).name
    form = form_of(path)
    return name[: -len(_WRITERS[form].file_ending)] if form else PurePosixPath(path).stem


def reread(data: bytes, format: str) -> Spoken:
    """(speaker, text) of every turn in bytes that `render` gave or that were read from disk.

    Raises RecordingError if the bytes are not the format's.
    """
    transcript = _writer(format).read(data, f"the {format} output", "")
    return tuple((turn.speaker, turn.text) for turn in transcript.turns)


def restate(data: bytes, format: str, material: Material) -> bytes | None:
    """A written file's bytes with another statement of what the material may be called.

    Nothing else changes, so that what a person has edited stays. None when the file has no
    such statement (any more), or is damaged.
    """
    form = _writer(format)
    assert form.restate is not None
    try:
        return form.restate(data, material)
    except (ValueError, RecordingError):
        return None


def expected(transcript: Transcript, format: str) -> Spoken:
    """What `reread` must give for this transcript.

    JSON gives every character back. The others write a turn as one line: line breaks,
    control and invisible characters go, and a colon in a speaker's label becomes a hyphen.
    """
    form = _writer(format)
    assert form.expected is not None
    return form.expected(transcript)


def lines(data: bytes, format: str) -> tuple[str, ...]:
    """Every line of text that somebody can read in a file of this format, wherever it stands.

    The lines that name the language and the status are empty here. Of JSON the turns come
    first, one a line. Raises RecordingError if the bytes are not the format's.
    """
    form = _writer(format)
    assert form.lines is not None
    try:
        found = tuple(form.lines(data))
    except (ValueError, KeyError, TypeError, AttributeError):
        raise RecordingError(
            f"A {format} output is damaged: put it back, or write it anew with `--again`."
        ) from None
    return tuple("" if LANGUAGE_LINE.fullmatch(line) or is_line(line) else line for line in found)


def edit(data: bytes, format: str, change: Change) -> bytes:
    """A file with a change made wherever its text stands, and everything else as it was.

    The lines that say the language and what the material may be called stay, too.

    It need not be what `render` gave: people edit their outputs. `format` is one of WRITABLE, or
    of EDITABLE without its dot. Gives the same bytes when there is nothing to change. Raises
    RecordingError if the bytes are not the format's.
    """
    form = _WRITERS.get(format)
    suffix = f".{format if form is None else form.file_ending.rpartition('.')[2]}"
    edit_one = (form and form.edit) or _EDITORS[suffix]
    return edit_one(data, Sparing(change))


def needs_times(format: str) -> bool:
    """Whether the format cannot be written from a transcript whose turns have no start."""
    return _writer(format).needs_times


def _bytes(path: Readable) -> bytes:
    if isinstance(path, Plaintext):
        return path.data
    try:
        return path.read_bytes()
    except OSError as error:
        raise RecordingError(
            f"{path.name} cannot be read ({error.strerror}); check that it is there and readable."
        ) from None


def _writer(format: str) -> Format:
    form = _WRITERS.get(format)
    if form is None:
        raise UsageError(
            f"There is no output format of the name {format!r}; choose among {', '.join(WRITABLE)}."
        )
    return form
