"""Writing Word documents (ECMA-376, WordprocessingML), in several layouts.

The package is written part by part rather than from a word processor's template:
so it holds nothing but the transcript, no author, no dates, no thumbnail, and the
same input gives the same bytes. Reading is in `_docx_read`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from html import escape, unescape
from typing import Literal

from anonpipe.formats._base import (
    Format,
    Spoken,
    label_of,
    language_line,
    one_line,
    restated,
    seconds,
    speaker_of,
)
from anonpipe.formats._docx_edit import edit_runs
from anonpipe.formats._docx_read import (
    OWN_CELL,
    OWN_INFO,
    OWN_STAMPED,
    OWN_TITLE,
    OWN_TURN,
    read,
)
from anonpipe.formats._xml import package_of, parts_of
from anonpipe.splicing import Piece
from anonpipe.status import Material
from anonpipe.times import timecode
from anonpipe.transcript import Transcript, Turn

_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPE = "application/vnd.openxmlformats-officedocument"
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_ENDS = re.compile(r"</(?:\w+:)?(?:p|title|subject|creator|keywords|description)>")
_BLANKS = re.compile(r"<w:(?:tab|br|cr)\b[^>]*>|\s+")
_TAG = re.compile(r"<[^>]*>")
_SHOWN = re.compile(r"word/(?:footer|header)\d*\.xml")
_SPELLING = {"nb": "nb-NO", "nn": "nn-NO", "en": "en-GB"}

_HEADINGS = {"nb": ("Tid", "Taler", "Tekst"), "nn": ("Tid", "Talar", "Tekst")}
_WIDTHS = (1134, 1701, 6237)  # of a table's columns, in twentieths of a point


@dataclass(frozen=True, slots=True)
class Layout:
    """How turns are shown.

    `times`: «(00:01:23)» behind the label, «#00:01:23-4#» before the text as f4, MAXQDA and
    ATLAS.ti write it, or none. `head_aside` puts language and statement into the footer, for
    programs that take any «word:» at the start of a paragraph for a speaker. `longest` is how
    many characters a label may have.
    """

    times: Literal["clock", "stamp", "none"] = "clock"
    numbered: bool = False
    table: bool = False
    head_aside: bool = False
    longest: int | None = None

    def label(self, turn: Turn, language: str) -> str:
        """The label before a turn."""
        return one_line(label_of(turn, language)[: self.longest])

    def spoken(self, transcript: Transcript) -> Spoken:
        """What reading such a document must give."""
        return tuple(
            (speaker_of(self.label(turn, transcript.language)), one_line(turn.text))
            for turn in transcript.turns
        )


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
    "{more}</w:styles>"
)
_MORE_STYLES = {
    OWN_STAMPED: (
        f'<w:style w:type="paragraph" w:customStyle="1" w:styleId="{OWN_STAMPED}">'
        f'<w:name w:val="Transcript Stamped Turn"/><w:basedOn w:val="{OWN_TURN}"/><w:qFormat/>'
        "</w:style>"
    ),
    OWN_CELL: (
        f'<w:style w:type="paragraph" w:customStyle="1" w:styleId="{OWN_CELL}">'
        '<w:name w:val="Transcript Cell"/><w:basedOn w:val="Normal"/><w:qFormat/>'
        '<w:pPr><w:spacing w:before="40" w:after="40"/></w:pPr></w:style>'
    ),
}

# A4 with margins of 2.5 cm, in twentieths of a point.
_SECTION = (
    '<w:sectPr><w:footerReference w:type="default" r:id="rId3"/>'
    '<w:pgSz w:w="11906" w:h="16838"/><w:pgMar w:top="1417" w:right="1417" w:bottom="1417" '
    'w:left="1417" w:header="709" w:footer="709" w:gutter="0"/>{numbers}</w:sectPr>'
)
_NUMBERS = '<w:lnNumType w:countBy="1" w:restart="continuous"/>'


def render(transcript: Transcript, title: str, material: Material, *, layout: Layout) -> bytes:
    """A docx package: title, language, statement, and a paragraph or row a turn, speaker bold."""
    language = transcript.language
    title = one_line(title)
    head = [language_line(language), material.line(language)]
    turns = [_turn(turn, language, layout) for turn in transcript.turns]
    body = [
        _paragraph(OWN_TITLE, _run(title), counted=not layout.numbered),
        *(
            _paragraph(OWN_INFO, _run(line), counted=not layout.numbered)
            for line in head
            if not layout.head_aside
        ),
        *([_table(turns, language)] if layout.table else turns),
    ]
    more = (OWN_STAMPED if layout.times == "stamp" else "", OWN_CELL if layout.table else "")
    document = (
        f'{_HEAD}<w:document xmlns:w="{_W}" xmlns:r="{_R}"><w:body>'
        f"{''.join(body)}{_SECTION.format(numbers=_NUMBERS if layout.numbered else '')}"
        "</w:body></w:document>"
    )
    spelling = _SPELLING.get(language, "en-GB")
    texts = {
        "[Content_Types].xml": _CONTENT_TYPES,
        "_rels/.rels": _RELATIONS,
        "docProps/core.xml": _CORE.format(title=escape(title, quote=False), language=spelling),
        "docProps/app.xml": _APP,
        "word/document.xml": document,
        "word/_rels/document.xml.rels": _DOCUMENT_RELATIONS,
        "word/styles.xml": _STYLES.format(
            spelling=spelling, more="".join(_MORE_STYLES[style] for style in more if style)
        ),
        "word/settings.xml": _SETTINGS,
        "word/footer1.xml": _footer(title, head if layout.head_aside else []),
    }
    return package_of({name: text.encode() for name, text in texts.items()})


def _turn(turn: Turn, language: str, layout: Layout) -> str:
    label = layout.label(turn, language)
    start = None if layout.times == "none" else seconds(turn.start)
    text = one_line(turn.text)
    if layout.table:
        return _row("" if start is None else timecode(start), f"{label}:", text)
    runs = _run(label, "TranscriptSpeaker")
    said = f" {text}" if text else ""
    if start is None:
        return _paragraph(OWN_TURN, runs + _run(f":{said}"))
    if layout.times == "stamp":
        runs += _run(": ") + _run(_stamp(start), "TranscriptTime") + (_run(said) if said else "")
        return _paragraph(OWN_STAMPED, runs)
    return _paragraph(
        OWN_TURN, runs + _run(f" ({timecode(start)})", "TranscriptTime") + _run(f":{said}")
    )


def _stamp(value: float) -> str:
    whole, tenth = divmod(round(value * 10), 10)
    return f"#{timecode(whole)}-{tenth}#"


def _table(rows: list[str], language: str) -> str:
    """The rows under headings that are repeated on every page; Word wants a paragraph after it."""
    heads = _HEADINGS.get(language, ("Time", "Speaker", "Text"))
    head = "".join(_cell(OWN_INFO, _run(text), at) for at, text in enumerate(heads))
    sides = ("top", "left", "bottom", "right", "insideH", "insideV")
    lines = "".join(f'<w:{s} w:val="single" w:sz="4" w:space="0" w:color="BFBFBF"/>' for s in sides)
    grid = "".join(f'<w:gridCol w:w="{width}"/>' for width in _WIDTHS)
    return (
        f'<w:tbl><w:tblPr><w:tblW w:w="{sum(_WIDTHS)}" w:type="dxa"/>'
        f'<w:tblBorders>{lines}</w:tblBorders><w:tblLayout w:type="fixed"/></w:tblPr>'
        f"<w:tblGrid>{grid}</w:tblGrid><w:tr><w:trPr><w:tblHeader/></w:trPr>{head}</w:tr>"
        f"{''.join(rows)}</w:tbl><w:p/>"
    )


def _row(time: str, label: str, text: str) -> str:
    runs = (_run(time, "TranscriptTime"), _run(label, "TranscriptSpeaker"), _run(text))
    return f"<w:tr>{''.join(_cell(OWN_CELL, run, at) for at, run in enumerate(runs))}</w:tr>"


def _cell(style: str, runs: str, at: int) -> str:
    width = f'<w:tcPr><w:tcW w:w="{_WIDTHS[at]}" w:type="dxa"/></w:tcPr>'
    return f"<w:tc>{width}{_paragraph(style, runs)}</w:tc>"


def _paragraph(style: str, runs: str, *, counted: bool = True) -> str:
    """`counted`: whether its lines get numbers, where lines have numbers."""
    more = "" if counted else "<w:suppressLineNumbers/>"
    return f'<w:p><w:pPr><w:pStyle w:val="{style}"/>{more}</w:pPr>{runs}</w:p>'


def _run(text: str, style: str = "") -> str:
    look = f'<w:rPr><w:rStyle w:val="{style}"/></w:rPr>' if style else ""
    return f'<w:r>{look}<w:t xml:space="preserve">{escape(text, quote=False)}</w:t></w:r>'


def _footer(title: str, head: list[str]) -> str:
    """The title and the page number, so that a printed page can be put back in its place.

    `head` is what else is said there, a paragraph each.
    """
    number = '<w:fldSimple w:instr=" PAGE "><w:r><w:t>1</w:t></w:r></w:fldSimple>'
    runs = _run(f"{title} · ") + number
    said = "".join(_paragraph(OWN_INFO, _run(line)) for line in head)
    return f'{_HEAD}<w:ftr xmlns:w="{_W}">{said}{_paragraph(OWN_INFO, runs)}</w:ftr>'


def lines(data: bytes) -> list[str]:
    """A line a paragraph, of every part of the package: headers, comments and properties too.

    Raises ValueError if the bytes are no package.
    """
    found: list[str] = []
    parts = [content for name, content in parts_of(data).items() if name.endswith(".xml")]
    for part in parts:
        for paragraph in _ENDS.split(part.decode("utf-8", "replace")):
            text = unescape(_TAG.sub("", _BLANKS.sub(" ", paragraph))).strip()
            found += [text] if text else []
    return found


def restate(data: bytes, material: Material) -> bytes:
    """The package with another statement, also where a word processor has split it over runs.

    Raises ValueError when it has none.
    """
    parts = parts_of(data)
    shown = [name for name in parts if _SHOWN.fullmatch(name)]
    statement = _Statement(material)
    for name in ("word/document.xml", *shown):
        if name not in parts:
            raise ValueError("no docx package")
        if not statement.found:
            parts[name] = edit_runs(parts[name].decode("utf-8"), ("t",), statement).encode()
    if not statement.found:
        raise ValueError("no statement")
    return package_of(parts)


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


def docx_format(
    name: str, layout: Layout, *, suffixes: tuple[str, ...] = (), ending: str = ""
) -> Format:
    """A format that writes this layout and reads any document."""
    return Format(
        name=name,
        suffixes=suffixes,
        read=read,
        render=partial(render, layout=layout),
        expected=layout.spoken,
        lines=lines,
        restate=restate,
        ending=ending,
    )
