"""A document's text, turns and times as anonpipe reads them, and nothing else of it."""

from __future__ import annotations

import io
import zipfile

from anonpipe import formats
from anonpipe.errors import RecordingError
from anonpipe.plaintext import Plaintext, Readable
from anonpipe.scrub.scrubbed import Scrubbed

FORM = "json"


def scrub_document(document: Readable, name: str, *, drop_pictures: bool = False) -> Scrubbed:
    """The text of a document as a transcript in JSON, which reads as the document did.

    The content is called `name` with the suffix of that format. Its language is whichever is
    asked for when it is read, unless the document itself says one. `drop_pictures` allows that
    pictures and embedded files are left out. Raises RecordingError where the document cannot
    be read, or holds such and may not lose them.
    """
    if document.suffix.lower() == ".docx" and not drop_pictures:
        _require_text_only(document)
    # The language only labels what is read; left out, the study's settings go on to say it.
    read = formats.read(document, "")
    content = Plaintext(f"{name}.{FORM}", formats.render(read, FORM, title=name))
    if formats.read(content, "") != read:
        raise RecordingError(
            f"{document.name} does not read the same without what it holds besides its text: "
            "save it as txt and take that."
        )
    return Scrubbed(content, "text-only")


def _require_text_only(document: Readable) -> None:
    data = document.data if isinstance(document, Plaintext) else document.read_bytes()
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            parts = package.namelist()
    except (zipfile.BadZipFile, ValueError, OSError):
        return  # formats.read says what is wrong with it
    others = [part for part in parts if "/media/" in part or "/embeddings/" in part]
    if others:
        raise RecordingError(
            f"{document.name} holds {len(others)} pictures or embedded files, and only text is "
            "kept: take it with --drop-pictures, or take them out first."
        )
