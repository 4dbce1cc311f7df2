"""What is written is read again with the same speakers and text, whatever the characters."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from anonpipe import formats
from anonpipe.errors import RecordingError, UsageError
from anonpipe.transcript import Flag, Transcript, Turn, Word
from tests.examples import examples

ODD = st.sampled_from(
    [
        *" :;,.-–<>&[]()#*_'\"«»/\\\t\n\r\x00\x0b\x1b\x7f\x85\u00a0\u00ad\u2028\u200b\ufeff\ufffe",
        *(
            "\ud800",
            "\u0301",
            "a\u030a",
            "\U0001f600",
            "å",
            "-->",
            "&amp;",
            "&copy",
            "]]>",
            "<v A>",
        ),
        *("Kari: ", "[00:12] ", "00:12 ", "(00:01:02): ", "WEBVTT", "NOTE ", "NB: ", "1.1", "{}"),
        *("Pseudonymisert: nøkkelen finnes, dette er personopplysninger.", "\n"),
        *(
            "=1+1",
            "'",
            "@SUM(A1)",
            "\u202e",
            "שלום",
            "مرحبا",
            "\u00a0=",
            '"',
            "|",
            "<b>",
            "<b>A:</b>",
        ),
        *("#00:00:12-3#", "Content | ", "\\", "**", "Timespan\tContent", "00:01 --> 00:02", "~~"),
        *("Språk: norsk (nb)", "\r\n\r\n", "Notat: ", "Taler", "</v>", "P01", "[Person 1]"),
    ]
)
TEXT = st.lists(st.one_of(ODD, st.text(max_size=8)), max_size=8).map("".join)
TIME = st.one_of(st.none(), st.floats(0, 1e5))


def timed(turn: tuple[str, str, float, float]) -> Turn:
    text, speaker, start, length = turn
    return Turn(text, speaker, start, start + length)


WITH_TIMES = st.lists(
    st.tuples(TEXT, TEXT, st.floats(0, 1e5), st.floats(0, 100)).map(timed), max_size=5
)
ANY = st.lists(st.builds(Turn, TEXT, TEXT, TIME, TIME), max_size=5)
LANGUAGES = st.sampled_from(["nb", "nn", "en", "sv"])
FEW = settings(
    max_examples=examples(150), deadline=None, suppress_health_check=[HealthCheck.too_slow]
)


UNTIMED = [name for name in formats.WRITABLE if not formats.needs_times(name)]


@pytest.mark.parametrize("format", UNTIMED)
@FEW
@given(turns=ANY, language=LANGUAGES, title=TEXT)
@example(
    turns=[Turn("[Person 1] kom"), Turn("", "P01"), Turn("a: b", "c: d")], language="nb", title=""
)
@example(turns=[], language="nn", title="P01")
def test_written_and_read(format: str, turns: list[Turn], language: str, title: str) -> None:
    transcript = Transcript(tuple(turns), language)
    data = formats.render(transcript, format, title=title)
    assert formats.reread(data, format) == formats.expected(transcript, format)
    assert formats.render(transcript, format, title=title) == data


@FEW
@given(turns=WITH_TIMES, language=LANGUAGES, title=TEXT)
@example(turns=[], language="nn", title="P01")
@example(turns=[Turn("\u00a0", "\u00a0A\u00a0", 0, 1)], language="nn", title="\u00a0")
def test_written_and_read_with_times(turns: list[Turn], language: str, title: str) -> None:
    transcript = Transcript(tuple(turns), language, 10.0)
    for format in formats.WRITABLE:
        data = formats.render(transcript, format, title=title)
        assert formats.reread(data, format) == formats.expected(transcript, format)


@FEW
@given(turns=ANY)
def test_expected_is_the_text_itself_but_for_blanks(turns: list[Turn]) -> None:
    """The comparison would be worth nothing if `expected` could forget words."""
    import unicodedata

    def letters(text: str) -> str:
        return "".join(c for c in unicodedata.normalize("NFD", text) if c.isalnum())

    transcript = Transcript(tuple(turns), "nb")
    for turn, (speaker, text) in zip(turns, formats.expected(transcript, "txt"), strict=True):
        assert letters(text) == letters(turn.text)
        assert letters(speaker) in (letters(turn.speaker), "")


@FEW
@given(turns=ANY, title=TEXT)
def test_text_lines_never_begin_with_a_codes_bracket(turns: list[Turn], title: str) -> None:
    turns = [Turn(f"[Person 1] {turn.text}", "", turn.start) for turn in turns]
    text = formats.render(Transcript(tuple(turns), "nb"), "txt", title="P01").decode()
    assert not any(line.startswith("[") for line in text.splitlines())


def test_json_gives_back_everything(tmp_path: Path) -> None:
    transcript = Transcript(
        (
            Turn("Hei\n[Person 1]\ud800", "P:01", 0.5, 1.5, (Word("Hei", 0, 0.5, 1.0, 0.75),)),
            Turn("notat"),
        ),
        "nb",
        2.5,
        0.99,
        "whisper-base",
        (Flag("low-confidence", 0, 0.5, 1.0, 3), Flag("language")),
    )
    path = tmp_path / "P01-R01.json"
    formats.write(transcript, path, title="P01-R01")
    assert formats.read(path, "en") == transcript
    content = json.loads(path.read_bytes())
    assert (content["format"], content["version"]) == ("anonpipe-transcript", 1)
    assert content["title"] == "P01-R01"
    assert content["turns"][0]["words"][0]["probability"] == 0.75


@pytest.mark.parametrize(
    "text",
    [
        "[1, 2]",
        '{"format": "other"}',
        '{"format": "anonpipe-transcript", "version": 2}',
        '{"format": "anonpipe-transcript", "version": 1}',
        '{"format": "anonpipe-transcript", "version": 1, "turns": [{"text": 3}]}',
        '{"format": "anonpipe-transcript", "version": 1, "turns": 3}',
        "[" * 100_000,
    ],
)
def test_other_json_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.json").write_text(text)
    with pytest.raises(RecordingError, match=r"a\.json"):
        formats.read(tmp_path / "a.json", "nb")


def test_json_with_times_that_are_no_numbers() -> None:
    word = Word("a", 0, float("nan"), float("inf"), float("nan"))
    transcript = Transcript((Turn("a", "", float("nan"), float("inf"), (word,)),), "nb")
    content = json.loads(formats.render(transcript, "json", title=""))
    assert content["turns"][0]["start"] is None


def test_text_as_written() -> None:
    transcript = Transcript(
        (
            Turn("Hei, [Person 1].", "Intervjuer", 0.9, 2),
            Turn("[Person 1] er\nher.", "", 3725.0, 3726.0),
            Turn("", "P01", 3727.0),
        ),
        "en",
        4000.0,
    )
    assert formats.render(transcript, "txt", title="P01-R01").decode() == (
        "P01-R01\nLanguage: English (en)\nPseudonymised: the key exists, this is personal data.\n\n"
        "Intervjuer (00:00:00): Hei, [Person 1].\n\n"
        "Speaker (01:02:05): [Person 1] er her.\n\n"
        "P01 (01:02:07):\n"
    )
    untitled = formats.render(transcript, "txt", title="")
    assert untitled.startswith(b"Language: English (en)\nPseudonymised: the key exists")
    notes = Transcript((Turn("[Person 1] kom inn."), Turn("Hun satt.")), "nn")
    assert formats.render(notes, "txt", title="D01").decode() == (
        "D01\nSpråk: norsk nynorsk (nn)\n"
        "Pseudonymisert: nøkkelen finst, dette er personopplysningar.\n\n"
        "Notat: [Person 1] kom inn.\n\nNotat: Hun satt.\n"
    )


def test_a_format_that_is_not_there() -> None:
    with pytest.raises(UsageError, match="odt"):
        formats.render(Transcript((), "nb"), "odt", title="x")
    with pytest.raises(UsageError, match="odt"):
        formats.needs_times("odt")


def test_registry() -> None:
    assert {"txt", "md", "docx", "vtt", "srt", "json", "csv", "nvivo"} <= set(formats.WRITABLE)
    assert {".txt", ".md", ".docx", ".vtt", ".srt", ".json"} <= formats.READABLE


def test_importing_is_light() -> None:
    program = (
        "import sys, anonpipe.formats, anonpipe.wording;"
        "heavy = {'docx', 'lxml', 'zipfile', 'xml.etree.ElementTree', 'charset_normalizer',"
        " 'numpy', 'ssl', 'urllib.request'};"
        "sys.exit(', '.join(heavy & set(sys.modules)) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
