"""Bad input for every reader: no crash, no hang, one sentence that tells no text."""

from __future__ import annotations

import io
import time
import zipfile
from datetime import timedelta
from pathlib import PurePosixPath

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from anonpipe import formats
from anonpipe.errors import RecordingError
from anonpipe.plaintext import Plaintext
from anonpipe.transcript import Transcript
from tests.examples import examples
from tests.formats.test_formats_edit import interview
from tests.formats.test_formats_programs import F4, NOSCRIBE, WHISPER, odt, rtf

SUFFIXES = sorted(formats.READABLE)
BOUNDED = settings(
    max_examples=examples(120),
    deadline=timedelta(seconds=5),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
SEEDS = [
    *((f".{name}", formats.render(interview(), name, title="P01")) for name in formats.WRITABLE),
    (".html", NOSCRIBE.encode()),
    (".rtf", rtf(F4)),
    (".txt", F4.encode()),
    (".json", str(WHISPER).replace("'", '"').encode()),
    (".odt", odt("<text:p>Kari: Hei</text:p><table:table><table:table-row/></table:table>")),
    (".txt", b"Transcription for x\n\nSPEAKER_00\n[00:00:01] - Hei\n\nOla\n0:0:1.0 --> 0:0:2.0\n"),
]
PIECES = st.one_of(
    st.binary(max_size=6),
    st.sampled_from(
        [
            *(
                b"<",
                b">",
                b"<!--",
                b"]]>",
                b"&#xD800;",
                b"&#99999999;",
                b"{",
                b"}",
                b"\\",
                b"\\u-1?",
            ),
            *(
                b"\\bin9",
                b'"',
                b"\t",
                b"\r",
                b"\n\n",
                b"-->",
                b"00:00:00",
                b":",
                b"[",
                b"]",
                b"\x00",
            ),
            *(b"\xff\xfe", b"\xef\xbb\xbf", b"1e999", b"null", b"-1", b"NaN", b"TIME_VALUE", b"/"),
        ]
    ),
)
EDITS = st.lists(
    st.tuples(st.integers(0, 100_000), st.integers(0, 40), PIECES), min_size=1, max_size=5
)


def read(data: bytes, suffix: str) -> None:
    """Either a transcript comes out, or one sentence that names the file."""
    try:
        transcript = formats.read(Plaintext(f"D01{suffix}", data), "nb")
    except RecordingError as error:
        message = str(error)
        assert message.startswith("D01") and message.endswith(".") and "\n" not in message
        assert "Kåre" not in message and "Person" not in message
        assert error.__cause__ is None and (error.__suppress_context__ or not error.__context__)
    else:
        assert isinstance(transcript, Transcript)
        for turn in transcript.turns:
            for value in (turn.start, turn.end):
                assert value is None or value == value


def damaged(data: bytes, edits: list[tuple[int, int, bytes]]) -> bytes:
    for at, gone, new in edits:
        at %= len(data) + 1
        data = data[:at] + new + data[at + gone :]
    return data


@BOUNDED
@given(data=st.binary(max_size=400), suffix=st.sampled_from(SUFFIXES))
def test_any_bytes(data: bytes, suffix: str) -> None:
    read(data, suffix)


@BOUNDED
@given(data=st.text(max_size=400), suffix=st.sampled_from(SUFFIXES))
def test_any_text(data: str, suffix: str) -> None:
    read(data.encode("utf-8", "replace"), suffix)


@settings(BOUNDED, max_examples=examples(600))
@given(seed=st.sampled_from(SEEDS), edits=EDITS)
def test_damaged_files(seed: tuple[str, bytes], edits: list[tuple[int, int, bytes]]) -> None:
    suffix, data = seed
    read(damaged(data, edits), suffix if suffix in SUFFIXES else ".txt")


@settings(BOUNDED, max_examples=examples(300))
@given(
    seed=st.sampled_from([seed for seed in SEEDS if seed[1].startswith(b"PK")]),
    part=st.integers(0, 20),
    edits=EDITS,
)
def test_sound_packages_with_damaged_parts(
    seed: tuple[str, bytes], part: int, edits: list[tuple[int, int, bytes]]
) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(seed[1])) as old, zipfile.ZipFile(buffer, "w") as new:
        names = old.namelist()
        for name in names:
            content = old.read(name)
            new.writestr(
                name, damaged(content, edits) if name == names[part % len(names)] else content
            )
    for form in formats.WRITABLE:
        try:
            formats.lines(buffer.getvalue(), form)
            formats.reread(buffer.getvalue(), form)
        except RecordingError:
            pass
    read(buffer.getvalue(), PurePosixPath(f"a{seed[0]}").suffix.replace("-table", ""))


@pytest.mark.long
@pytest.mark.parametrize("suffix", SUFFIXES)
def test_nothing_takes_more_than_linear_time(suffix: str) -> None:
    for unit, before in (
        *(("<", ""), ("<a ", ""), ("<!--", "<html>"), ("<p>", "<html>"), ("<a x='", "<html>")),
        *(("[", ""), ("{", ""), ('{"a":', ""), ("{\\a", "{\\rtf1 "), ("\\u1 ", "{\\rtf1 ")),
        *(('"', "text,speaker\n"), (",", "text,speaker\n"), ("a:", ""), ("A B C: \n", "")),
        *(("00:00:00 --> ", ""), ("(", ""), ("*", ""), ("**a", ""), ("[00:00:00] ", "A: ")),
        *(("\\", ""), ("&", "<html>"), ("#", ""), (" ", "x"), ("- ", "A: "), ("\t", "a")),
        *(("1\n00:00:00,0 --> 00:00:01,0\n", ""), ("<v ", "WEBVTT\n\n00:00.0 --> 00:01.0\n")),
        *(("#00:00:00-0#", "A: "), ("x\n\n", "Transcription for x\n\n"), ("<b>", "")),
    ):
        started = time.monotonic()
        read((before + unit * 40_000).encode(), suffix)
        assert time.monotonic() - started < 5, (suffix, unit)


def test_a_package_that_unfolds_without_end_is_refused() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("mimetype", "application/vnd.oasis.opendocument.text")
        package.writestr("content.xml", b" " * 150_000_000)
    with pytest.raises(RecordingError, match="D01"):
        formats.read(Plaintext("D01.odt", buffer.getvalue()), "nb")


@pytest.mark.parametrize("suffix", [".eaf", ".odt", ".qdpx"])
def test_document_types_are_refused(suffix: str) -> None:
    bomb = '<!DOCTYPE a [<!ENTITY b "bbbb">]><ANNOTATION_DOCUMENT>&b;</ANNOTATION_DOCUMENT>'
    data = bomb.encode()
    if suffix != ".eaf":
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as package:
            package.writestr("project.qde" if suffix == ".qdpx" else "content.xml", bomb)
        data = buffer.getvalue()
    with pytest.raises(RecordingError, match=f"D01{suffix}"):
        formats.read(Plaintext(f"D01{suffix}", data), "nb")
