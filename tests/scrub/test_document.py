"""Documents rid of what they say besides their text."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anonpipe import formats
from anonpipe.errors import RecordingError
from anonpipe.plaintext import Plaintext
from anonpipe.scrub import scrub_document
from anonpipe.transcript import Transcript, Turn
from tests.scrub import planted


def test_a_canary_in_every_field_of_a_word_document_is_gone() -> None:
    before = Plaintext(f"{planted.CANARY}.docx", planted.docx())
    assert planted.has_canary(before.data)
    after = scrub_document(before, "D01").content
    assert not planted.has_canary(after.data) and after.name == "D01.json"
    for said in (planted.TEXT, "Inserted.", "In a control.", "Check the year."):
        assert said.encode() in after.data
    assert formats.read(after, "nn") == formats.read(before, "nn")


def test_pictures_in_a_document_are_never_lost_unasked() -> None:
    before = Plaintext("notes.docx", planted.docx(picture=True))
    with pytest.raises(RecordingError, match="1 pictures or embedded files"):
        scrub_document(before, "D01")
    assert not planted.has_canary(scrub_document(before, "D01", drop_pictures=True).content.data)


def test_headers_and_notes_of_subtitles_go() -> None:
    before = Plaintext("talk.vtt", planted.vtt())
    after = scrub_document(before, "D01").content
    assert not planted.has_canary(after.data) and planted.TEXT.encode() in after.data
    assert formats.read(after, "en") == formats.read(before, "en")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_text_keeps_every_character_in_whatever_encoding(encoding: str) -> None:
    text = "Mari: Først «én» gang.\r\nKåre: Ja – to.\n\nÆrlig talt."
    before = Plaintext("notat.txt", text.encode(encoding))
    after = scrub_document(before, "D01").content
    assert formats.read(after, "nb") == formats.read(before, "nb")
    assert not after.data.startswith(b"\xef\xbb\xbf")


@given(
    st.lists(st.tuples(st.text(min_size=1), st.text(), st.none() | st.floats(0, 9e4)), min_size=1)
)
def test_any_transcript_reads_the_same(turns: list[tuple[str, str, float | None]]) -> None:
    transcript = Transcript(
        tuple(Turn(text, speaker, start, start) for text, speaker, start in turns), "nb"
    )
    for form in ("txt", "docx", "json"):
        before = Plaintext(f"x.{form}", formats.render(transcript, form, title="Hansen"))
        try:
            read = formats.read(before, "nb")
        except RecordingError:  # nothing that can be read
            continue
        after = scrub_document(before, "D01").content
        assert formats.read(after, "nb") == replace(read)
        assert b"Hansen" not in after.data
