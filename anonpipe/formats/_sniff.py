"""What a file is, by its content: people rename files, and programs name theirs as they like."""

from __future__ import annotations

import codecs
import json
import re

_ZIP = b"PK\x03\x04"
_HEAD = 4096  # bytes; what tells formats apart stands at their beginning
_SRT = re.compile(r"\s*\d{1,6}[ \t]*\r?\n\s*\d{1,3}:\d{1,2}:\d{1,2},\d{1,3}[ \t]*-->")
_HTML = re.compile(
    r"\s*(?:<\?xml[^>]*>\s*)?(?:<!--.{0,500}?-->\s*)?<(?:!doctype html|html)\b", re.I
)
_EAF = re.compile(r"\s*(?:<\?xml[^>]*>\s*)?(?:<!--.{0,500}?-->\s*)?<ANNOTATION_DOCUMENT\b")


def suffix_of(data: bytes) -> str:
    """The suffix that a file of this content should have; "" when its content does not tell."""
    if data.startswith(_ZIP):
        return _of_package(data)
    if data.lstrip()[:5] == b"{\\rtf":
        return ".rtf"
    head = _text(data[:_HEAD])
    if head.startswith("WEBVTT"):
        return ".vtt"
    for suffix, pattern in ((".srt", _SRT), (".html", _HTML), (".eaf", _EAF)):
        if pattern.match(head):
            return suffix
    return ".json" if head.lstrip()[:1] in ("{", "[") and _is_json(data) else ""


def _of_package(data: bytes) -> str:
    import io
    import zipfile

    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            names = {name.lower() for name in package.namelist()}
            if "mimetype" in names and b"opendocument.text" in package.read("mimetype")[:80]:
                return ".odt"
    except Exception:  # whatever is wrong with it, its reader says so
        return ""
    if any(name.endswith(".qde") and "/" not in name for name in names):
        return ".qdpx"
    return ".docx" if "[content_types].xml" in names else ""


def _text(head: bytes) -> str:
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return head.decode("utf-16", errors="replace")
    return head.removeprefix(codecs.BOM_UTF8).decode("utf-8", errors="replace")


def _is_json(data: bytes) -> bool:
    """Whether it is JSON of objects; text in brackets («[00:12]») is none."""
    try:
        content = json.loads(data.removeprefix(codecs.BOM_UTF8))
    except (ValueError, RecursionError):
        return False
    return isinstance(content, dict) or (
        isinstance(content, list) and bool(content) and all(isinstance(x, dict) for x in content)
    )
