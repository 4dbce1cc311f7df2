"""A study that wants every format gets every format, and can close with all of them."""

from __future__ import annotations

import docx

from anonpipe import batch, formats
from anonpipe.codes import Unlinker
from anonpipe.rewriting import count
from anonpipe.status import PSEUDONYMISED, Judge, judged
from tests.conftest import Workbench, row


def test_every_format_of_a_source_is_written_read_back_and_swept(bench: Workbench) -> None:
    settings = bench.folder / "study.toml"
    names = ", ".join(f'"{name}"' for name in formats.WRITABLE)
    text = settings.read_text()
    old = text[text.index("formats = [") : text.index("]", text.index("formats = [")) + 1]
    settings.write_text(text.replace(old, f"formats = [{names}]"))
    bench.record("P01_a.wav")
    bench.register(row(audio="delete-on:2027-01-01"))
    bench.run()
    folder = bench.folder / "transcripts"
    written = {path.name for path in folder.iterdir()}
    assert written == {formats.file_name("P01-R01", form) for form in formats.WRITABLE}
    read = {form: folder / formats.file_name("P01-R01", form) for form in formats.WRITABLE}
    said = {form: formats.reread(path.read_bytes(), form) for form, path in read.items()}
    assert len({tuple(text for _, text in turns) for turns in said.values()}) == 1
    closed = judged(Judge("student", "0" * 16), "2027-06-30", ())
    gone = Unlinker((), ("P01",), "nb")
    for form, path in read.items():
        data = path.read_bytes()
        restated = formats.restate(data, form, closed)
        assert restated is not None and formats.reread(restated, form) == said[form]
        assert formats.restate(restated, form, PSEUDONYMISED) == data
        assert count(data, path.name, gone) > 0
        assert count(formats.edit(data, form, gone), path.name, gone) == 0, form
    before = {path: path.read_bytes() for path in read.values()}
    bench.open(lambda session: batch.approve(session, "R01"))
    bench.run()
    assert {path: path.read_bytes() for path in read.values()} == before
    assert docx.Document(str(read["maxqda"])).paragraphs[0].text == "P01-R01"
