"""Word documents: what other programs put in them, and what this one writes."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import docx
import pytest

from anonpipe import formats
from anonpipe.errors import RecordingError
from anonpipe.transcript import Transcript, Turn

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
MC = "http://schemas.openxmlformats.org/markup-compatibility/2006"
KIND = "application/vnd.openxmlformats-officedocument.wordprocessingml"


def package(body: str, **parts: str) -> bytes:
    """A docx with this XML in its body; `parts` are further parts by their kind."""
    buffer = io.BytesIO()
    types = "".join(
        f'<Override PartName="/word/{kind}.xml" ContentType="{KIND}.{kind}+xml"/>' for kind in parts
    )
    space = f'xmlns:w="{W}" xmlns:mc="{MC}" xmlns:x="urn:x"'
    with zipfile.ZipFile(buffer, "w") as file:
        file.writestr(
            "[Content_Types].xml",
            '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
            f'<Override PartName="/word/document.xml" ContentType="{KIND}.document.main+xml"/>'
            f"{types}</Types>",
        )
        file.writestr(
            "word/document.xml", f"<w:document {space}><w:body>{body}</w:body></w:document>"
        )
        for kind, content in parts.items():
            file.writestr(f"word/{kind}.xml", f"<w:{kind} {space}>{content}</w:{kind}>")
    return buffer.getvalue()


def p(text: str) -> str:
    return f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>"


def turns(tmp_path: Path, data: bytes) -> list[tuple[str, str]]:
    (tmp_path / "a.docx").write_bytes(data)
    return [(turn.speaker, turn.text) for turn in formats.read(tmp_path / "a.docx", "nb").turns]


def test_a_document_of_a_word_processor(tmp_path: Path) -> None:
    document = docx.Document()
    document.add_heading("Intervju 3", 1)
    paragraph = document.add_paragraph()
    paragraph.add_run("Inter").bold = True
    paragraph.add_run("vjuer (00:12): ").bold = True
    paragraph.add_run("Hei, Kå")
    paragraph.add_run("re.").italic = True
    document.add_paragraph("P01: Ja.\nIntervjuer: Bra.")
    document.add_paragraph("Og ellers?")
    document.add_section().header.paragraphs[0].text = "Ola Nordmann, UiO"
    document.sections[0].footer.paragraphs[0].text = "Fortrolig"
    document.add_comment(paragraph.runs, text="Dette er Kåre Dahl", author="Veileder", initials="V")
    document.save(str(tmp_path / "b.docx"))
    read = turns(tmp_path, (tmp_path / "b.docx").read_bytes())
    assert read == [
        ("", "Intervju 3"),
        ("Intervjuer", "Hei, Kåre."),
        ("P01", "Ja."),
        ("Intervjuer", "Bra."),
        ("Intervjuer", "Og ellers?"),
        ("", "Dette er Kåre Dahl"),
        ("", "Ola Nordmann, UiO"),
        ("", "Fortrolig"),
    ]
    assert formats.read(tmp_path / "a.docx", "nb").turns[1].start == 12.0


def test_tables(tmp_path: Path) -> None:
    document = docx.Document()
    for rows in (
        [["00:00:05", "Intervjuer", "Hei du"], ["00:00:09", "P01", "Ja\nhei"]],
        [["P01", "Mer"], ["Intervjuer:", "Bra"]],
        [["Telefon", "12345678", "Kari"], ["", "alene"]],
    ):
        table = document.add_table(0, max(map(len, rows)))
        for row in rows:
            for cell, text in zip(table.add_row().cells, row, strict=False):
                cell.text = text
    document.save(str(tmp_path / "b.docx"))
    assert turns(tmp_path, (tmp_path / "b.docx").read_bytes()) == [
        ("Intervjuer", "Hei du"),
        ("P01", "Ja hei"),
        ("P01", "Mer"),
        ("Intervjuer", "Bra"),
        ("Intervjuer", "Telefon: 12345678; Kari"),
        ("Intervjuer", "alene"),
    ]


def test_tracked_changes(tmp_path: Path) -> None:
    body = (
        "<w:p><w:r><w:t>Hun heter </w:t></w:r>"
        "<w:del><w:r><w:delText>Kari</w:delText></w:r></w:del>"
        '<w:ins><w:r><w:t xml:space="preserve">Mari </w:t></w:r></w:ins>'
        "<w:moveFrom><w:r><w:t>her</w:t></w:r></w:moveFrom>"
        "<w:moveTo><w:r><w:t>der</w:t></w:r></w:moveTo></w:p>"
        "<w:p><w:pPr><w:rPr><w:del/></w:rPr></w:pPr><w:r><w:t>Mari Han</w:t></w:r></w:p>"
        f"{p('sen kom.')}"
        f"<w:tbl><w:tr><w:trPr><w:del/></w:trPr><w:tc>{p('borte')}</w:tc></w:tr></w:tbl>"
        f"<w:ins>{p('Nytt avsnitt')}</w:ins>"
    )
    assert turns(tmp_path, package(body)) == [
        ("", "Hun heter Mari der"),
        ("", "Mari Hansen kom."),
        ("", "Nytt avsnitt"),
    ]


def test_text_outside_ordinary_paragraphs(tmp_path: Path) -> None:
    box = f"<x:txbx><w:txbxContent>{p('I en boks')}</w:txbxContent></x:txbx>"
    old = f"<w:pict><w:txbxContent>{p('I en boks')}</w:txbxContent></w:pict>"
    body = (
        "<w:p><w:r><w:t>Foran</w:t><w:tab/><w:t>bak</w:t><w:noBreakHyphen/><w:t>til</w:t></w:r>"
        f"<w:r><mc:AlternateContent><mc:Choice>{box}</mc:Choice><mc:Fallback>{old}</mc:Fallback>"
        "</mc:AlternateContent></w:r></w:p>"
        f"<w:sdt><w:sdtContent>{p('I et felt')}</w:sdtContent></w:sdt>"
        "<w:p><w:hyperlink><w:r><w:t>En lenke</w:t></w:r></w:hyperlink>"
        "<w:r><w:instrText>HYPERLINK</w:instrText></w:r>"
        "<w:fldSimple><w:r><w:t> og mer</w:t></w:r></w:fldSimple></w:p>"
    )
    data = package(
        body,
        footnotes=f"<w:footnote>{p('Fotnote: Kari')}</w:footnote>",
        endnotes=f"<w:endnote>{p('Sluttnote')}</w:endnote>",
        comments=f"<w:comment>{p('Merknad')}</w:comment>",
        header=p("Topp"),
        footer=p("Bunn") + p("Topp"),
    )
    assert turns(tmp_path, data) == [
        ("", text)
        for text in (
            "Foran bak-til",
            "I en boks",
            "I et felt",
            "En lenke og mer",
            "Fotnote: Kari",
            "Sluttnote",
            "Merknad",
            "Topp",
            "Bunn",
        )
    ]


def bomb() -> bytes:
    entities = '<!DOCTYPE a [<!ENTITY b "bbbbbbbbbb">]>'
    data = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(package(p("a")))) as old,
        zipfile.ZipFile(data, "w") as new,
    ):
        for name in old.namelist():
            extra = entities if name == "word/document.xml" else ""
            new.writestr(name, extra + old.read(name).decode())
    return data.getvalue()


@pytest.mark.parametrize(
    "data",
    [
        b"just text",
        b"PK\x03\x04 broken",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 100,
        package(p("Hei, Kari"))[:-40],
        package("<w:p>"),
        package("<w:p/>"),
        package("<w:altChunk/>" + p("a")),
        bomb(),
        package("<w:sdt>" * 3000 + p("a") + "</w:sdt>" * 3000),
    ],
)
def test_documents_that_cannot_be_read_whole(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(RecordingError, match=r"a\.docx"):
        turns(tmp_path, data)


TRANSCRIPT = Transcript(
    (
        Turn("Hei, [Person 1]. <b> & «du»", "Intervjuer", 1.0, 2.0),
        Turn("[Person 1] var\nder.", "", 3.0, 4.0),
        Turn("Uten tid.", "P01"),
    ),
    "nn",
    5.0,
)


def test_a_word_processor_can_open_what_is_written(tmp_path: Path) -> None:
    formats.write(TRANSCRIPT, tmp_path / "P01-R01.docx", title="P01-R01")
    document = docx.Document(str(tmp_path / "P01-R01.docx"))
    assert [(q.style.name, q.text) for q in document.paragraphs if q.style] == [
        ("Transcript Title", "P01-R01"),
        ("Transcript Info", "Språk: norsk nynorsk (nn)"),
        (
            "Transcript Info",
            "Pseudonymisert: nøkkelen finst, dette er personopplysningar.",
        ),
        ("Transcript Turn", "Intervjuer (00:00:01): Hei, [Person 1]. <b> & «du»"),
        ("Transcript Turn", "Talar (00:00:03): [Person 1] var der."),
        ("Transcript Turn", "P01: Uten tid."),
    ]
    turn = document.paragraphs[3]
    assert [run.style.name for run in turn.runs] == [
        "Transcript Speaker",
        "Transcript Time",
        "Default Paragraph Font",
    ]
    assert document.styles["Transcript Speaker"].font.bold


def test_properties_hold_the_code_and_nothing_else(tmp_path: Path) -> None:
    formats.write(TRANSCRIPT, tmp_path / "Kari Hansen.docx", title="P01-R01")
    core = docx.Document(str(tmp_path / "Kari Hansen.docx")).core_properties
    assert core.title == "P01-R01"
    assert not any((core.author, core.last_modified_by, core.comments, core.created, core.modified))
    with zipfile.ZipFile(tmp_path / "Kari Hansen.docx") as file:
        assert {info.date_time for info in file.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        everything = b"".join(map(file.read, file.namelist()))
    for word in (b"Hansen", b"python-docx", b"Microsoft", b"rsid"):
        assert word not in everything.replace(b"schemas.microsoft.com", b"")


def test_the_writers_own_document_is_known_again_after_editing(tmp_path: Path) -> None:
    document = docx.Document(io.BytesIO(formats.render(TRANSCRIPT, "docx", title="P01-R01")))
    document.add_paragraph("P02: Lagt til: her")
    document.save(str(tmp_path / "b.docx"))
    assert turns(tmp_path, (tmp_path / "b.docx").read_bytes()) == [
        *formats.expected(TRANSCRIPT, "docx"),
        ("P02", "Lagt til: her"),
    ]
