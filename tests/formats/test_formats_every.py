"""What the sweep, the leak check, withdrawal and close ask of every format that is written."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anonpipe import formats
from anonpipe.codes import Entity, Unlinker
from anonpipe.errors import RecordingError
from anonpipe.status import PSEUDONYMISED, Judge, judged
from anonpipe.transcript import Transcript, Turn
from tests.formats.test_formats_edit import CHANGE, interview
from tests.formats.test_formats_roundtrip import FEW, LANGUAGES, WITH_TIMES

every = pytest.mark.parametrize("form", formats.WRITABLE)
CLOSED = judged(Judge("student", "0" * 16), "2027-06-30", ())


@every
def test_an_output_is_known_by_its_name(form: str) -> None:
    name = formats.file_name("P01+P02-R01", form)
    assert formats.form_of(f"transcripts/{name}") == form
    assert formats.form_of(Path("transcripts") / name.upper()) == form
    assert formats.title_of(f"transcripts/{name}") == "P01+P02-R01"


def test_no_two_formats_give_a_source_the_same_file() -> None:
    names = {formats.file_name("P01-R01", form) for form in formats.WRITABLE}
    assert len(names) == len(formats.WRITABLE)
    assert formats.form_of("P01-R01.wav") == "" and formats.title_of("P01-R01.wav") == "P01-R01"


@every
def test_an_output_is_read_like_any_document(form: str, tmp_path: Path) -> None:
    path = tmp_path / formats.file_name("P01-R01", form)
    formats.write(interview(), path, title="P01-R01")
    read = formats.read(path, "nb")
    assert tuple((turn.speaker, turn.text) for turn in read.turns) == formats.expected(
        interview(), form
    )


@every
@FEW
@given(turns=WITH_TIMES, language=LANGUAGES)
def test_times_come_back_to_the_second(form: str, turns: list[Turn], language: str) -> None:
    turns = sorted(turns, key=lambda turn: turn.start or 0.0)
    data = formats.render(Transcript(tuple(turns), language, 9.0), form, title="P01-R01")
    for format_ in formats._FORMATS:
        if format_.name == form:
            back = format_.read(data, "x", language).turns
    for old, new in zip(turns, back, strict=True):
        assert old.start is not None
        assert (form == "docx-plain") == (new.start is None)
        assert new.start is None or abs(new.start - old.start) <= 1.0


@every
def test_what_is_edited_out_is_gone_and_nothing_else(form: str) -> None:
    before = formats.render(interview(), form, title="P01-R01")
    new = formats.edit(before, form, CHANGE)
    assert formats.edit(new, form, CHANGE) == new
    shown = "\n".join(formats.lines(new, form))
    assert "P07" not in shown and "Person 7]" not in shown and "[Person 71]" in shown
    after = CHANGE.transcript(interview())
    assert formats.reread(new, form) == formats.expected(after, form)
    kept = Unlinker((Entity("PERSON-9", "PERSON", 9, None, "Ola"),), ("P09",), "nb")
    assert formats.edit(before, form, kept) is before


@every
def test_a_template_with_angles_is_found(form: str) -> None:
    seven = Entity("PERSON-7", "PERSON", 7, None, "Kari")
    change = Unlinker((seven,), (), "nb", "<{label} {number}>")
    coded = Transcript((Turn("Se <Person 7> der", "A", 0.0, 1.0),), "nb")
    new = formats.edit(formats.render(coded, form, title="t"), form, change)
    assert formats.reread(new, form) == (("A", "Se [Person] der"),)


@every
def test_every_word_can_be_read_in_the_lines(form: str) -> None:
    transcript = Transcript(
        (Turn('Kåre "Kåsi" Dahl & <co> * _x_ =1', "Øyvind", 0.0, 1.0), Turn("=2+2", "B", 1.0, 2.0)),
        "nb",
    )
    shown = "\n".join(formats.lines(formats.render(transcript, form, title="P01-R01"), form))
    for words in ('Kåre "Kåsi" Dahl & <co> * _x_ =1', "Øyvind", "=2+2", "P01-R01"):
        assert words in shown
    assert "Pseudonymisert" not in shown


@every
def test_a_statement_that_somebody_took_out_is_missed(form: str) -> None:
    data = formats.render(interview(), form, title="P01-R01")
    closed = formats.restate(data, form, CLOSED)
    assert closed is not None and formats.restate(closed, form, PSEUDONYMISED) == data
    assert formats.restate(b"Intervjuer: Hei", form, CLOSED) is None


@every
@pytest.mark.parametrize("data", [b"", b"\x00\x01", b"PK\x03\x04", b"{\\rtf1", b"<a", b"\xff" * 99])
def test_damage_is_said_in_a_sentence(form: str, data: bytes) -> None:
    for act in (formats.reread, formats.lines):
        try:
            act(data, form)
        except RecordingError as error:
            assert str(error).endswith(".") and "\n" not in str(error)
    try:
        formats.edit(data, form, CHANGE)
    except RecordingError as error:
        assert "damaged" in str(error) or str(error).endswith(".")


@FEW
@given(title=st.from_regex(r"[A-Z]\d\d-[RD]\d\d", fullmatch=True))
def test_no_paragraph_begins_with_a_code_in_brackets(title: str) -> None:
    transcript = Transcript((Turn("[Person 1] kom.", "", 0.0, 1.0),), "nb")
    for form in ("txt", "md", "docx", "maxqda", "atlasti", "docx-numbered", "docx-plain"):
        lines = formats.lines(formats.render(transcript, form, title=title), form)
        assert not any(line.lstrip(" *").startswith("[") for line in lines)
