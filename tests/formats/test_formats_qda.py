"""What analysis programs document about the files that they take."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
import zipfile

import docx
import pytest
from hypothesis import given
from lxml import etree

from anonpipe import formats
from anonpipe.errors import UsageError
from anonpipe.transcript import Transcript, Turn
from tests.formats.test_formats_roundtrip import ANY, FEW, WITH_TIMES

TALK = Transcript(
    (
        Turn("Hei, [Person 1].", "Intervjuer", 0.94, 2.04),
        Turn("=1+1 er\t«to» 😀 e\u0301", "P01", 3725.0, 3726.5),
        Turn("", "P01", 3727.0, 3728.0),
        Turn('Og, "ja": nei', "", 3727.5, 3729.0),
    ),
    "nb",
    4000.0,
)

# The part of Project.xsd (REFI-QDA 1.0, MIT licence, www.qdasoftware.org) that is written here.
PROJECT = """<xsd:schema xmlns="urn:QDA-XML:project:1.0"
 xmlns:xsd="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:QDA-XML:project:1.0"
 elementFormDefault="qualified">
<xsd:element name="Project"><xsd:complexType><xsd:sequence>
 <xsd:element name="CodeBook" minOccurs="0"><xsd:complexType><xsd:sequence>
  <xsd:element name="Codes"><xsd:complexType><xsd:sequence>
   <xsd:element name="Code" maxOccurs="unbounded"><xsd:complexType>
    <xsd:attribute name="guid" type="GUID" use="required"/>
    <xsd:attribute name="name" type="xsd:string" use="required"/>
    <xsd:attribute name="isCodable" type="xsd:boolean" use="required"/>
   </xsd:complexType></xsd:element></xsd:sequence></xsd:complexType></xsd:element>
 </xsd:sequence></xsd:complexType></xsd:element>
 <xsd:element name="Sources"><xsd:complexType><xsd:choice maxOccurs="unbounded">
  <xsd:element name="TextSource"><xsd:complexType><xsd:sequence>
   <xsd:element name="Description" type="xsd:string" minOccurs="0"/>
   <xsd:element name="PlainTextSelection" minOccurs="0" maxOccurs="unbounded"><xsd:complexType>
    <xsd:sequence><xsd:element name="Coding" minOccurs="0" maxOccurs="unbounded">
     <xsd:complexType><xsd:sequence><xsd:element name="CodeRef"><xsd:complexType>
      <xsd:attribute name="targetGUID" type="GUID" use="required"/></xsd:complexType></xsd:element>
      </xsd:sequence><xsd:attribute name="guid" type="GUID" use="required"/></xsd:complexType>
    </xsd:element></xsd:sequence>
    <xsd:attribute name="guid" type="GUID" use="required"/>
    <xsd:attribute name="name" type="xsd:string"/>
    <xsd:attribute name="startPosition" type="xsd:integer" use="required"/>
    <xsd:attribute name="endPosition" type="xsd:integer" use="required"/>
   </xsd:complexType></xsd:element></xsd:sequence>
   <xsd:attribute name="guid" type="GUID" use="required"/>
   <xsd:attribute name="name" type="xsd:string"/>
   <xsd:attribute name="plainTextPath" type="xsd:string"/>
  </xsd:complexType></xsd:element></xsd:choice></xsd:complexType></xsd:element>
 <xsd:element name="Description" type="xsd:string" minOccurs="0"/>
</xsd:sequence>
<xsd:attribute name="name" type="xsd:string" use="required"/>
<xsd:attribute name="origin" type="xsd:string"/></xsd:complexType></xsd:element>
<xsd:simpleType name="GUID"><xsd:restriction base="xsd:token"><xsd:pattern
 value="[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}"/>
</xsd:restriction></xsd:simpleType></xsd:schema>"""
SCHEMA = etree.XMLSchema(etree.fromstring(PROJECT))
Q = "{urn:QDA-XML:project:1.0}"


@FEW
@given(turns=ANY)
def test_refi_qda(turns: list[Turn]) -> None:
    data = formats.render(Transcript(tuple(turns), "nb"), "qdpx", title="P01-R01")
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    root = etree.fromstring(parts.pop("project.qde"))
    SCHEMA.assertValid(root)
    ((name, content),) = parts.items()
    source = next(root.iter(f"{Q}TextSource"))
    assert name.startswith("sources/")
    assert source.get("plainTextPath") == "internal://" + name.removeprefix("sources/")
    text = content.decode("utf-8")
    assert "\r" not in text and not text.startswith("\ufeff")
    assert unicodedata.is_normalized("NFC", text)
    said = [line for _, line in formats.expected(Transcript(tuple(turns), "nb"), "qdpx") if line]
    selections = list(root.iter(f"{Q}PlainTextSelection"))
    assert [
        text[int(s.get("startPosition", "")) : int(s.get("endPosition", ""))] for s in selections
    ] == said
    codes = {code.get("guid") for code in root.iter(f"{Q}Code")}
    assert {ref.get("targetGUID") for ref in root.iter(f"{Q}CodeRef")} == codes
    guids = [e.get("guid") for e in root.iter() if e.get("guid")]
    assert len(set(guids)) == len(guids)


def test_what_is_coded_stays_coded_when_words_change() -> None:
    from tests.formats.test_formats_edit import CHANGE, interview

    data = formats.edit(formats.render(interview(), "qdpx", title="P01-R01"), "qdpx", CHANGE)
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        root = etree.fromstring(package.read("project.qde"))
        text = package.read(package.namelist()[1]).decode()
    assert [
        text[int(s.get("startPosition", "")) : int(s.get("endPosition", ""))]
        for s in root.iter(f"{Q}PlainTextSelection")
    ] == ["Jeg møtte [Person] og [Person]s venn, [Person 71].", "Ja."]
    assert {code.get("name") for code in root.iter(f"{Q}Code")} == {"Person"}


def test_a_speaker_has_the_same_code_in_all_interviews() -> None:
    def codes(title: str) -> set[tuple[str | None, str | None]]:
        data = formats.render(TALK, "qdpx", title=title)
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            root = etree.fromstring(package.read("project.qde"))
        return {(code.get("guid"), code.get("name")) for code in root.iter(f"{Q}Code")}

    assert codes("P01-R01") == codes("P01-R02")
    assert {name for _, name in codes("P01-R01")} == {"Intervjuer", "P01", "Taler"}


@pytest.mark.parametrize("form", ["maxqda", "atlasti"])
def test_paragraphs_begin_with_the_speaker(form: str) -> None:
    document = docx.Document(io.BytesIO(formats.render(TALK, form, title="P01-R01")))
    assert [paragraph.text for paragraph in document.paragraphs] == [
        "P01-R01",
        "Intervjuer: #00:00:00-9# Hei, [Person 1].",
        "P01: #01:02:05-0# =1+1 er «to» 😀 é",
        "P01: #01:02:07-0#",
        'Taler: #01:02:07-5# Og, "ja": nei',
    ]
    footer = [paragraph.text for paragraph in document.sections[0].footer.paragraphs]
    assert footer[1].startswith("Pseudonymisert:")


@FEW
@given(turns=ANY)
def test_maxqda_labels_are_short_and_before_every_colon(turns: list[Turn]) -> None:
    long = [Turn(turn.text, turn.speaker * 20, turn.start) for turn in turns]
    data = formats.render(Transcript(tuple(long), "nb"), "maxqda", title="P01-R01")
    first, *rest = docx.Document(io.BytesIO(data)).paragraphs
    assert ":" not in first.text and len(rest) == len(long)
    for paragraph in rest:
        label = paragraph.text.partition(":")[0]
        assert 0 < len(label) <= 63 and label.strip()


@FEW
@given(turns=WITH_TIMES)
def test_nvivo_lines_have_the_same_number_of_tabs(turns: list[Turn]) -> None:
    data = formats.render(Transcript(tuple(turns), "nb"), "nvivo", title="P\t01")
    lines = data.decode("utf-8-sig").split("\r\n")[:-1]
    assert len(lines) == len(turns) + 1
    previous = ""
    for line in lines:
        assert line.count("\t") == 2
    for line in lines[1:]:
        start, _, end = line.partition("\t")[0].partition("-")
        assert re.fullmatch(r"\d\d+:\d\d:\d\d\.\d", start)
        assert len(previous) < len(start) or previous <= start
        assert len(start) < len(end) or start < end
        previous = start


def test_nvivo_as_written() -> None:
    assert formats.render(TALK, "nvivo", title="P01-R01").decode("utf-8-sig").split("\r\n") == [
        "Timespan\tContent | P01-R01 | Språk: norsk bokmål (nb) | "
        "Pseudonymisert: nøkkelen finnes, dette er personopplysninger.\tSpeaker",
        "00:00:00.9-00:00:02.0\tHei, [Person 1].\tIntervjuer",
        "01:02:05.0-01:02:06.5\t=1+1 er «to» 😀 é\tP01",
        "01:02:07.0-01:02:08.0\t\tP01",
        '01:02:07.5-01:02:09.0\tOg, "ja": nei\t',
        "",
    ]


FORMULA = re.compile(r"[\s\u00a0]*[=+\-@\t\r]")


@FEW
@given(turns=ANY)
def test_no_cell_is_a_formula(turns: list[Turn]) -> None:
    data = formats.render(Transcript(tuple(turns), "nb"), "csv", title="=P01")
    rows = list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))
    assert not any(FORMULA.match(cell) for row in rows for cell in row.values())
    assert len(rows) == max(1, len(turns))


def test_csv_as_written_and_as_a_norwegian_spreadsheet_saves_it() -> None:
    data = formats.render(TALK, "csv", title="P01-R01")
    rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))
    assert rows[0] == ["source", "turn", "speaker", "start", "end", "text", "language", "status"]
    assert rows[2][:7] == [
        "P01-R01",
        "2",
        "P01",
        "3725.000",
        "3726.500",
        "'=1+1 er «to» 😀 é",
        "nb",
    ]
    buffer = io.StringIO(newline="")
    csv.writer(buffer, delimiter=";").writerows(
        [[cell.replace(".000", ",000") for cell in row] for row in rows]
    )
    saved = buffer.getvalue().replace("😀", "")
    assert formats.reread(saved.encode("cp1252"), "csv") == tuple(
        (speaker, text.replace("😀 ", "")) for speaker, text in formats.expected(TALK, "csv")
    )


def test_subrip_as_written() -> None:
    text = formats.render(TALK, "srt", title="P01-R01").decode()
    assert text.split("\n\n")[:2] == [
        "1\n00:00:00,000 --> 00:00:01,000\nP01-R01\nSpråk: norsk bokmål (nb)\n"
        "Pseudonymisert: nøkkelen finnes, dette er personopplysninger.",
        "2\n00:00:00,940 --> 00:00:02,040\n<b>Intervjuer:</b> Hei, [Person 1].",
    ]


def test_markdown_as_written() -> None:
    turn = Turn("*Hei*, [Person 1](x) <b> snake_case", "P01", 1.0, 2.0)
    assert formats.render(Transcript((turn,), "en"), "md", title="P01-R01").decode() == (
        "# P01-R01\n\nLanguage: English (en)\n\n"
        "Pseudonymised: the key exists, this is personal data.\n\n"
        "**P01** (00:00:01): \\*Hei\\*, [Person 1]\\(x) \\<b\\> snake\\_case\n"
    )


@FEW
@given(turns=WITH_TIMES)
def test_annotations_of_an_elan_tier_do_not_overlap(turns: list[Turn]) -> None:
    data = formats.render(Transcript(tuple(turns), "nb"), "eaf", title="P01-R01")
    root = etree.fromstring(data)
    order = ["HEADER", "TIME_ORDER", *["TIER"] * len(root.findall("TIER")), "LINGUISTIC_TYPE"]
    assert [element.tag for element in root] == order
    slots = {s.get("TIME_SLOT_ID"): int(s.get("TIME_VALUE", "")) for s in root.iter("TIME_SLOT")}
    assert len({tier.get("TIER_ID") for tier in root.findall("TIER")}) == len(order) - 3
    for tier in root.findall("TIER"):
        until = 0
        for each in tier.iter("ALIGNABLE_ANNOTATION"):
            start, end = (slots[each.get(f"TIME_SLOT_REF{at}")] for at in (1, 2))
            assert until <= start < end
            until = end


def test_word_layouts() -> None:
    table = docx.Document(io.BytesIO(formats.render(TALK, "docx-table", title="P01-R01")))
    rows = [[cell.text for cell in row.cells] for row in table.tables[0].rows]
    assert rows[:2] == [
        ["Tid", "Taler", "Tekst"],
        ["00:00:00", "Intervjuer:", "Hei, [Person 1]."],
    ]
    assert table.paragraphs[0].text == "P01-R01"
    plain = docx.Document(io.BytesIO(formats.render(TALK, "docx-plain", title="P01-R01")))
    assert plain.paragraphs[3].text == "Intervjuer: Hei, [Person 1]."
    data = formats.render(TALK, "docx-numbered", title="P01-R01")
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        body = package.read("word/document.xml").decode()
    assert body.count("<w:lnNumType") == 1 and body.count("<w:suppressLineNumbers/>") == 3


@pytest.mark.parametrize("form", [f for f in formats.WRITABLE if formats.needs_times(f)])
def test_what_needs_times_says_so(form: str) -> None:
    with pytest.raises(UsageError, match=form):
        formats.render(Transcript((Turn("a"),), "nb"), form, title="x")
