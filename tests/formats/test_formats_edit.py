"""Words changed in files that people have edited: those words, and nothing else."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import docx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anonpipe import formats
from anonpipe.codes import Entity, Unlinker
from anonpipe.errors import RecordingError
from anonpipe.transcript import Transcript, Turn, Word
from tests.formats.test_formats_docx import p, package

SEVEN = Entity("PERSON-7", "PERSON", 7, None, "Kari")
CHANGE = Unlinker((SEVEN,), ("P07",), "nb")


def edited(data: bytes, form: str) -> bytes:
    new = formats.edit(data, form, CHANGE)
    assert formats.edit(new, form, CHANGE) == new
    return new


def interview(timed: bool = True) -> Transcript:
    text = "Jeg møtte [Person 7] og P07s venn, [Person 71]."
    words, at = [], 0
    for second, word in enumerate(("Jeg", "møtte", "[Person 7]", "og", "P07s", "venn,")):
        at = text.index(word, at)
        words.append(Word(word, at, float(second), second + 1.0, 0.9))
    turn = Turn(text, "Person 7", 0.0, 6.0, tuple(words)) if timed else Turn(text, "Person 7")
    return Transcript((turn, Turn("Ja.", "P07", 6.0 if timed else None)), "nb", 7.0)


@pytest.mark.parametrize("form", ["txt", "vtt", "docx", "json"])
def test_what_the_program_wrote_becomes_what_it_would_write(form: str) -> None:
    before = formats.render(interview(), form, title="P01-R01")
    after = formats.render(CHANGE.transcript(interview()), form, title="P01-R01")
    assert edited(before, form) == after
    assert "P07" not in "\n".join(formats.lines(after, form))
    assert "[Person]s venn, [Person 71]." in "\n".join(formats.lines(after, form))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_text_keeps_its_encoding_and_line_ends(encoding: str) -> None:
    before = "P07: Å, «P07»!\r\n\r\nIntervjuer: Møtte du [Person 7]?\r\n"
    after = "Person: Å, «[Person]»!\r\n\r\nIntervjuer: Møtte du [Person]?\r\n"
    assert edited(before.encode(encoding), "txt") == after.encode(encoding)


def test_cues_keep_their_tags_times_and_signs() -> None:
    before = (
        "WEBVTT\n\nNOTE P07 <ny>\n\n1.1\n00:00.000 --> 00:02.000\n<v.loud P07>Hei &amp; ha, "
        "P07 > <i>P07s</i> [Person\n7]</v>\n\nP07 sier\n"
    )
    after = (
        "WEBVTT\n\nNOTE [Person] <ny>\n\n1.1\n00:00.000 --> 00:02.000\n<v.loud Person>Hei &amp; ha,"
        " [Person] > <i>[Person]s</i> [Person]</v>\n\n[Person] sier\n"
    )
    assert edited(before.encode(), "vtt").decode() == after


def test_a_template_with_angles_is_found_where_a_format_escapes_it() -> None:
    change = Unlinker((SEVEN,), (), "nb", "<{label} {number}>")
    coded = Transcript((Turn("Se <Person 7> der", "A", 0.0, 1.0),), "nb")
    for form in ("txt", "vtt", "docx", "json"):
        new = formats.edit(formats.render(coded, form, title="t"), form, change)
        assert formats.reread(new, form) == (("A", "Se [Person] der"),)


def test_json_that_people_have_changed() -> None:
    content = json.loads(formats.render(interview(), "json", title="P01-R01"))
    content["memo"] = {"P07": ["om [Person 7]", 7, None]}
    content["turns"][0]["words"][1]["text"] = "broken"
    new = json.loads(edited(json.dumps(content).encode(), "json"))
    assert new["memo"] == {"[Person]": ["om [Person]", 7, None]}
    assert new["turns"][1]["speaker"] == "Person"
    assert "P07" not in json.dumps(new) and 'Person 7"' not in json.dumps(new)
    assert edited(b'{"broken": "P07', "json") == b'{"broken": "[Person]'
    untouched = b'{"a":   "b"}'
    assert formats.edit(untouched, "json", CHANGE) is untouched


def runs(*texts: str, props: str = "<w:rPr><w:b/></w:rPr>") -> str:
    return "".join(f"<w:r>{props}<w:t>{text}</w:t></w:r>" for text in texts)


def body(data: bytes, part: str = "word/document.xml") -> str:
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        return file.read(part).decode()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (runs("P0", "7", " sa"), runs("[Person]", "", " sa")),
        (runs("[Per", "son", " 7]s ", "bil &amp; båt"), None),
        (runs("P07", ": hei P07"), runs("Person", ": hei [Person]")),
        ("<w:r><w:t>P07</w:t><w:tab/><w:t>P07</w:t></w:r>", None),
        (
            '<w:r><w:t>P0</w:t></w:r><w:del w:author="P07"><w:r><w:delText>8</w:delText></w:r>'
            "</w:del><w:ins><w:r><w:t>7</w:t></w:r></w:ins>",
            None,
        ),
        ('<w:drawing><wp:docPr descr="P07 ved sjøen" name="P07"/></w:drawing>', None),
    ],
)
def test_codes_that_are_split_over_runs(before: str, after: str | None) -> None:
    data = package(f"<w:p>{before}</w:p>{p('Ola og P08')}")
    new = body(edited(data, "docx"))
    if after is not None:
        assert after in new
    shown = "".join(docx_text(new))
    assert "P07" not in shown and "Person 7" not in shown and "Ola og P08" in shown
    assert new.count("<w:rPr><w:b/></w:rPr>") == before.count("<w:rPr><w:b/></w:rPr>")
    assert 'name="P07"' in new or 'name="P07"' not in before  # a bookmark's name is no text


def docx_text(xml: str) -> list[str]:
    found = re.findall(r"<w:(?:t|delText)[^>]*>([^<]*)<|descr=\"([^\"]*)", xml)
    return ["".join(pair) for pair in found]


def test_every_part_of_a_document_is_gone_through_and_it_still_opens(tmp_path: Path) -> None:
    document = docx.Document()
    document.core_properties.title = "P07 og P01"
    paragraph = document.add_paragraph("Jeg så ")
    paragraph.add_run("P0").bold = True
    paragraph.add_run("7")
    document.add_table(1, 2).rows[0].cells[1].text = "Hos [Person 7]"
    document.add_section().header.paragraphs[0].text = "Om P07"
    document.add_comment(paragraph.runs, text="P07 = naboen", author="P07", initials="P")
    document.part.relate_to(
        "file:///C:/P07-R03.docx",
        "http://schemas.openxmlformats.org/officeDocument/2006/relationships/hyperlink",
        is_external=True,
    )
    file = tmp_path / "a.docx"
    document.save(str(file))
    new = edited(file.read_bytes(), "docx")
    with zipfile.ZipFile(io.BytesIO(new)) as package_:
        assert package_.testzip() is None
        for entry in package_.infolist():
            assert entry.date_time == (1980, 1, 1, 0, 0, 0) and entry.create_system == 0
            assert b"P07" not in package_.read(entry), entry.filename
    again = docx.Document(io.BytesIO(new))
    assert again.paragraphs[0].text == "Jeg så [Person]" and again.paragraphs[0].runs[1].bold
    assert again.tables[0].rows[0].cells[1].text == "Hos [Person]"
    assert again.core_properties.title == "[Person] og P01"


def test_nothing_to_change_leaves_every_byte() -> None:
    data = package(p("Ola og P08"))
    assert formats.edit(data, "docx", CHANGE) is data
    for form in ("txt", "vtt", "srt", "md", "csv", "json"):
        assert formats.edit(b"Ola og P08\r\n", form, CHANGE) == b"Ola og P08\r\n"


@pytest.mark.parametrize("spoil", [lambda d: d[:100], lambda _: b"no package"])
def test_a_damaged_document_is_said_to_be(spoil: Callable[[bytes], bytes]) -> None:
    with pytest.raises(RecordingError, match="damaged"):
        formats.edit(spoil(package(p("P07"))), "docx", CHANGE)


parts = st.lists(st.sampled_from(["P0", "7", "P07", " ", "[Person", " 7]", "s", "x", "&lt;"]))


@given(parts)
def test_however_runs_are_split_the_text_is_that_of_the_whole(split: list[str]) -> None:
    data = package(f"<w:p>{runs(*split)}</w:p>")
    whole = package(f"<w:p>{runs(''.join(split))}</w:p>")
    one, other = (body(formats.edit(each, "docx", CHANGE)) for each in (data, whole))
    assert "".join(docx_text(one)) == "".join(docx_text(other))
