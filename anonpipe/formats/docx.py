"""Word documents (ECMA-376, WordprocessingML): the format and its writer.

The package is written part by part rather than from a word processor's template:
so it holds nothing but the transcript, no author, no dates, no thumbnail, and the
same input gives the same bytes. Reading is in `_docx_read`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from html import escape, unescape

from anonpipe.formats._base import Format, headed, language_line, one_line, restated, spoken
from anonpipe.formats._docx_edit import edit_runs
from anonpipe.formats._docx_read import OWN_INFO, OWN_TITLE, OWN_TURN, read
from anonpipe.splicing import Piece
from anonpipe.status import Material
from anonpipe.transcript import Transcript, Turn

_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPE = "application/vnd.openxmlformats-officedocument"
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_ENDS = re.compile(r"</(?:\w+:)?(?:p|title|subject|creator|keywords|description)>")
_BLANKS = re.compile(r"<w:(?:tab|br|cr)\b[^>]*>|\s+")
_TAG = re.compile(r"<[^>]*>")
_SPELLING = {"nb": "nb-NO", "nn": "nn-NO", "en": "en-GB"}

_CONTENT_TYPES = f"""{_HEAD}<Types xmlns="{_PACKAGE}/content-types">\
<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>\
<Default Extension="xml" ContentType="application/xml"/>\
<Override PartName="/word/document.xml" ContentType="{_TYPE}.wordprocessingml.document.main+xml"/>\
<Override PartName="/word/styles.xml" ContentType="{_TYPE}.wordprocessingml.styles+xml"/>\
<Override PartName="/word/settings.xml" ContentType="{_TYPE}.wordprocessingml.settings+xml"/>\
<Override PartName="/word/footer1.xml" ContentType="{_TYPE}.wordprocessingml.footer+xml"/>\
<Override PartName="/docProps/core.xml" \
ContentType="application/vnd.openxmlformats-package.core-properties+xml"/>\
<Override PartName="/docProps/app.xml" ContentType="{_TYPE}.extended-properties+xml"/>\
</Types>"""

_RELATIONS = f"""{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships">\
<Relationship Id="rId1" Type="{_R}/officeDocument" Target="word/document.xml"/>\
<Relationship Id="rId2" Type="{_PACKAGE}/relationships/metadata/core-properties" \
Target="docProps/core.xml"/>\
<Relationship Id="rId3" Type="{_R}/extended-properties" Target="docProps/app.xml"/>\
</Relationships>"""

_DOCUMENT_RELATIONS = f"""{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships">\
<Relationship Id="rId1" Type="{_R}/styles" Target="styles.xml"/>\
<Relationship Id="rId2" Type="{_R}/settings" Target="settings.xml"/>\
<Relationship Id="rId3" Type="{_R}/footer" Target="footer1.xml"/>\
</Relationships>"""

# Author and editor stay empty, and no creation time is stated: the time of work is
# nobody's business, and a made-up one would be a false statement.
_CORE = (
    _HEAD + f'<cp:coreProperties xmlns:cp="{_PACKAGE}/metadata/core-properties" '
    'xmlns:dc="http://purl.org/dc/elements/1.1/">'
    "<dc:title>{title}</dc:title><dc:creator></dc:creator><dc:language>{language}</dc:language>"
    "<cp:lastModifiedBy></cp:lastModifiedBy></cp:coreProperties>"
)
_APP = (
    f"{_HEAD}<Properties "
    'xmlns="http://schemas.openxmlformats.org/officeDocument/2006/extended-properties">'
    "<Application>anonpipe</Application></Properties>"
)

_SETTINGS = (
    f'{_HEAD}<w:settings xmlns:w="{_W}">'
    '<w:defaultTabStop w:val="709"/><w:compat>'
    '<w:compatSetting w:name="compatibilityMode" '
    'w:uri="http://schemas.microsoft.com/office/word" w:val="15"/></w:compat></w:settings>'
)

_STYLES = (
    _HEAD + f'<w:styles xmlns:w="{_W}"><w:docDefaults><w:rPrDefault><w:rPr>'
    '<w:rFonts w:ascii="Calibri" w:hAnsi="Calibri" w:eastAsia="Calibri" w:cs="Calibri"/>'
    '<w:sz w:val="22"/><w:szCs w:val="22"/><w:lang w:val="{spelling}"/></w:rPr></w:rPrDefault>'
    '<w:pPrDefault><w:pPr><w:spacing w:after="140" w:line="276" w:lineRule="auto"/></w:pPr>'
    "</w:pPrDefault></w:docDefaults>"
    '<w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/>'
    "<w:qFormat/></w:style>"
    '<w:style w:type="character" w:default="1" w:styleId="DefaultParagraphFont">'
    '<w:name w:val="Default Paragraph Font"/><w:uiPriority w:val="1"/><w:semiHidden/></w:style>'
    f'<w:style w:type="paragraph" w:customStyle="1" w:styleId="{OWN_TITLE}">'
    '<w:name w:val="Transcript Title"/><w:basedOn w:val="Normal"/><w:next w:val="Normal"/>'
    "<w:qFormat/><w:pPr><w:keepNext/>"
    '<w:spacing w:before="0" w:after="40" w:line="240" w:lineRule="auto"/>'
    '<w:outlineLvl w:val="0"/></w:pPr>'
    '<w:rPr><w:b/><w:bCs/><w:sz w:val="36"/><w:szCs w:val="36"/></w:rPr></w:style>'
    f'<w:style w:type="paragraph" w:customStyle="1" w:styleId="{OWN_INFO}">'
    '<w:name w:val="Transcript Info"/><w:basedOn w:val="Normal"/><w:qFormat/>'
    '<w:pPr><w:spacing w:after="320"/><w:contextualSpacing/></w:pPr>'
    '<w:rPr><w:color w:val="6B6B6B"/><w:sz w:val="20"/><w:szCs w:val="20"/></w:rPr></w:style>'
    f'<w:style w:type="paragraph" w:customStyle="1" w:styleId="{OWN_TURN}">'
    '<w:name w:val="Transcript Turn"/><w:basedOn w:val="Normal"/><w:qFormat/>'
    "<w:pPr><w:widowControl/></w:pPr></w:style>"
    '<w:style w:type="character" w:customStyle="1" w:styleId="TranscriptSpeaker">'
    '<w:name w:val="Transcript Speaker"/><w:qFormat/><w:rPr><w:b/><w:bCs/></w:rPr></w:style>'
    '<w:style w:type="character" w:customStyle="1" w:styleId="TranscriptTime">'
    '<w:name w:val="Transcript Time"/><w:qFormat/>'
    '<w:rPr><w:color w:val="6B6B6B"/><w:sz w:val="18"/><w:szCs w:val="18"/></w:rPr></w:style>'
    "</w:styles>"
)

# A4 with margins of 2.5 cm, in twentieths of a point.
_SECTION = (
    '<w:sectPr><w:footerReference w:type="default" r:id="rId3"/>'
    '<w:pgSz w:w="11906" w:h="16838"/><w:pgMar w:top="1417" w:right="1417" w:bottom="1417" '
    'w:left="1417" w:header="709" w:footer="709" w:gutter="0"/></w:sectPr>'
)


def render(transcript: Transcript, title: str, material: Material) -> bytes:
    """A docx package: title, language, statement, and a paragraph a turn, speaker bold."""
    language = transcript.language
    title = one_line(title)
    body = [
        _paragraph(OWN_TITLE, _run(title)),
        _paragraph(OWN_INFO, _run(language_line(language))),
        _paragraph(OWN_INFO, _run(material.line(language))),
        *(_turn(turn, language) for turn in transcript.turns),
    ]
    document = (
        f'{_HEAD}<w:document xmlns:w="{_W}" xmlns:r="{_R}"><w:body>'
        f"{''.join(body)}{_SECTION}</w:body></w:document>"
    )
    spelling = _SPELLING.get(language, "en-GB")
    return _package(
        {
            "[Content_Types].xml": _CONTENT_TYPES,
            "_rels/.rels": _RELATIONS,
            "docProps/core.xml": _CORE.format(title=escape(title, quote=False), language=spelling),
            "docProps/app.xml": _APP,
            "word/document.xml": document,
            "word/_rels/document.xml.rels": _DOCUMENT_RELATIONS,
            "word/styles.xml": _STYLES.format(spelling=spelling),
            "word/settings.xml": _SETTINGS,
            "word/footer1.xml": _footer(title),
        }
    )


def _turn(turn: Turn, language: str) -> str:
    label, time = headed(turn, language)
    text = one_line(turn.text)
    runs = _run(label, "TranscriptSpeaker") + (_run(time, "TranscriptTime") if time else "")
    return _paragraph(OWN_TURN, runs + _run(f": {text}" if text else ":"))


def _paragraph(style: str, runs: str) -> str:
    return f'<w:p><w:pPr><w:pStyle w:val="{style}"/></w:pPr>{runs}</w:p>'


def _run(text: str, style: str = "") -> str:
    look = f'<w:rPr><w:rStyle w:val="{style}"/></w:rPr>' if style else ""
    return f'<w:r>{look}<w:t xml:space="preserve">{escape(text, quote=False)}</w:t></w:r>'


def _footer(title: str) -> str:
    """The title and the page number, so that a printed page can be put back in its place."""
    number = '<w:fldSimple w:instr=" PAGE "><w:r><w:t>1</w:t></w:r></w:fldSimple>'
    runs = _run(f"{title} · ") + number
    return f'{_HEAD}<w:ftr xmlns:w="{_W}">{_paragraph(OWN_INFO, runs)}</w:ftr>'


def _package(parts: Mapping[str, str | bytes]) -> bytes:
    import io
    import zipfile

    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in parts.items():
            # The earliest time that zip knows, and one system's mark on all systems.
            entry = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 0
            package.writestr(entry, content.encode() if isinstance(content, str) else content)
    return buffer.getvalue()


def lines(data: bytes) -> list[str]:
    """A line a paragraph, of every part of the package: headers, comments and properties too.

    Raises ValueError if the bytes are no package.
    """
    import io
    import zipfile
    import zlib

    found: list[str] = []
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            parts = [package.read(name) for name in package.namelist() if name.endswith(".xml")]
    except (zipfile.BadZipFile, EOFError, zlib.error):
        raise ValueError("no docx package") from None
    for part in parts:
        for paragraph in _ENDS.split(part.decode("utf-8", "replace")):
            text = unescape(_TAG.sub("", _BLANKS.sub(" ", paragraph))).strip()
            found += [text] if text else []
    return found


def restate(data: bytes, material: Material) -> bytes:
    """The package with another statement, also where a word processor has split it over runs.

    Raises ValueError when it has none.
    """
    import io
    import zipfile
    import zlib

    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            parts = {name: package.read(name) for name in package.namelist()}
        body = parts["word/document.xml"].decode("utf-8")
    except (zipfile.BadZipFile, EOFError, zlib.error, KeyError, UnicodeDecodeError):
        raise ValueError("no docx package") from None
    statement = _Statement(material)
    parts["word/document.xml"] = edit_runs(body, ("t",), statement).encode()
    if not statement.found:
        raise ValueError("no statement")
    return _package(parts)


class _Statement:
    """The change that puts another statement in the place of the first."""

    def __init__(self, material: Material) -> None:
        self.material, self.found = material, False

    def pieces(self, text: str) -> Sequence[Piece]:
        """The first paragraph that is nothing but a statement."""
        start = 0
        for line in text.split("\n"):
            new = restated(line, self.material)
            if new is not None:
                self.found = True
                return (Piece(start, start + len(line), new),)
            start += len(line) + 1
        return ()

    def label(self, speaker: str) -> str:
        """Labels stay."""
        return speaker


FORMAT = Format("docx", (".docx",), read, render, spoken, lines, restate)
