"""WebVTT and SubRip: cues to turns, and turns to cues."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from anonpipe import formats
from anonpipe.errors import RecordingError, UsageError
from anonpipe.transcript import Transcript, Turn, Word


def turns(tmp_path: Path, text: str, name: str = "a.vtt") -> tuple[Turn, ...]:
    (tmp_path / name).write_text(text, encoding="utf-8")
    return formats.read(tmp_path / name, "en").turns


def test_what_webvtt_may_hold(tmp_path: Path) -> None:
    text = """\ufeffWEBVTT - a title
Kind: captions

STYLE
::cue { color: red }

REGION
id:fred

NOTE a comment about
Kari

intro-1
00:01.000 --> 00:02.500 align:start position:0%
<v Kari Hansen>Hello &amp; <b>welcome</b>,
to <c.loud>Bergen</c></v>

00:00:02.600 --> 00:00:04.000
<v.first Kari Hansen>my <00:00:03.000>friend</v>

00:00:04.000 --> 00:00:05.000
<v Ola &amp; Per>Hi</v> <v Kari Hansen>Yes &lt;3</v>

00:00:09.000 --> 00:00:10.000
No tag here.
"""
    assert turns(tmp_path, text) == (
        Turn("Hello & welcome, to Bergen my friend", "Kari Hansen", 1.0, 4.0),
        Turn("Hi", "Ola & Per", 4.0, 5.0),
        Turn("Yes <3", "Kari Hansen", 4.0, 5.0),
        Turn("No tag here.", "", 9.0, 10.0),
    )


def test_subrip(tmp_path: Path) -> None:
    text = """1
00:00:01,000 --> 00:00:02,500
{\\an8}<i>Kari: I live in</i>

2
00:00:02,600 --> 00:00:04,000
Bergen & 3 < 4

and more

3
00:00:05,000 --> 00:00:06,000
Ola: Oh,
4
00:00:06,000 --> 00:00:07,000
really?

5
00:00:08,000 --> 00:00:09,000
- Yes.
- No.

6
00:01:00,000 --> 00:01:09,000
Kari: Well.
"""
    assert turns(tmp_path, text, "a.srt") == (
        Turn("I live in Bergen & 3 < 4 and more", "Kari", 1.0, 4.0),
        Turn("Oh, really?", "Ola", 5.0, 7.0),
        Turn("Yes.", "", 8.0, 9.0),
        Turn("No.", "", 8.0, 9.0),
        Turn("Well.", "Kari", 60.0, 69.0),
    )


def test_a_name_across_cues_is_in_one_turn(tmp_path: Path) -> None:
    text = (
        "WEBVTT\n\n00:01.000 --> 00:02.000\nI met Kari\n\n00:02.100 --> 00:03.000\nHansen. \n\n"
        "00:03.100 --> 00:04.000\nThen I left\n\n00:09.000 --> 00:10.000\nlater\n"
    )
    assert [turn.text for turn in turns(tmp_path, text)] == [
        "I met Kari Hansen.",
        "Then I left",
        "later",
    ]


def test_captions_without_sentences_do_not_become_one_turn(tmp_path: Path) -> None:
    cues = [
        f"{i // 60:02}:{i % 60:02}.000 --> {i // 60:02}:{i % 60:02}.900\nword" for i in range(300)
    ]
    lengths = [
        turn.end - turn.start
        for turn in turns(tmp_path, "WEBVTT\n\n" + "\n\n".join(cues))
        if turn.start is not None and turn.end is not None
    ]
    assert 4 <= len(lengths) <= 6
    assert max(lengths) <= 90


def test_no_cues(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match=r"a\.vtt"):
        turns(tmp_path, "WEBVTT\n\nNOTE nothing\n")


def spoken(text: str, start: float, pace: float = 0.5) -> Turn:
    words = tuple(
        Word(match[0], match.start(), start + i * pace, start + (i + 0.9) * pace, 0.9)
        for i, match in enumerate(re.finditer(r"\[.*?\]\S*|\S+", text))
    )
    return Turn(text, "P01", start, words[-1].end, words)


def test_long_turns_are_split_at_words(tmp_path: Path) -> None:
    text = "Så dro vi til [Sted 1], og der var det fint. " * 6
    turn = spoken(text.strip(), 10.0)
    data = formats.render(Transcript((turn,), "nb", 100.0), "vtt", title="P01-R01").decode()
    times = re.findall(r"(\d\d):(\d\d):(\d\d\.\d{3}) --> (\d\d):(\d\d):(\d\d\.\d{3})", data)
    assert len(times) > 3
    last = 10.0
    for h1, m1, s1, h2, m2, s2 in times:
        start = int(h1) * 3600 + int(m1) * 60 + float(s1)
        end = int(h2) * 3600 + int(m2) * 60 + float(s2)
        assert last <= start < end <= start + 7.0
        last = end
    assert data.count("[Sted 1]") == 6
    assert formats.reread(data.encode(), "vtt") == (("P01", turn.text),)


def test_words_with_odd_offsets_lose_no_text() -> None:
    text = "en to tre fire"
    words = tuple(
        Word("x", offset, 10.0 * i, 10.0 * i + 9, 0.5) for i, offset in enumerate([6, 3, 99, 3, 10])
    )
    data = formats.render(Transcript((Turn(text, "A", 0, 50, words),), "nb", 60), "vtt", title="x")
    assert formats.reread(data, "vtt") == (("A", text),)


def test_times_are_valid_even_when_the_turns_are_not() -> None:
    turns = (
        Turn("a", "A", 5.0, 4.0),
        Turn("b", "B", 1.0, None),
        Turn("c", "A", -3.0, 2.0),
        Turn("d", "A", 7.9996, 3600.0),
    )
    data = formats.render(Transcript(turns, "nb", 9.0), "vtt", title="x").decode()
    stamps = re.findall(r"(\S+) --> (\S+)", data)
    starts = [start for start, _ in stamps]
    assert starts == sorted(starts)
    assert all(start < end for start, end in stamps)
    assert stamps[-1] == ("00:00:08.000", "01:00:00.000")


def test_vtt_needs_times() -> None:
    assert formats.needs_times("vtt")
    assert not any(formats.needs_times(name) for name in ("txt", "docx", "json"))
    with pytest.raises(UsageError, match="vtt"):
        formats.render(Transcript((Turn("a"),), "nb"), "vtt", title="x")


def test_vtt_as_written() -> None:
    transcript = Transcript(
        (Turn("Er 1 < 2 & 3 --> 4?", "Per & Kari", 0.25, 2), Turn("Ja", "", 2, 3)), "nb", 4
    )
    assert formats.render(transcript, "vtt", title="P01-R01").decode() == (
        "WEBVTT\n\nNOTE\nP01-R01\nSpråk: norsk bokmål (nb)\n"
        "Pseudonymisert: nøkkelen finnes, dette er personopplysninger.\n\n"
        "1.1\n00:00:00.250 --> 00:00:02.000\n"
        "<v Per &amp; Kari>Er 1 &lt; 2 &amp; 3 --&gt; 4?</v>\n\n"
        "2.1\n00:00:02.000 --> 00:00:03.000\n<v Taler>Ja</v>\n"
    )
