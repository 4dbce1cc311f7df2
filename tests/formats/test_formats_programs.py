"""What other programs write, as their sources and manuals show it, whatever the file is called."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

import docx
import pytest

from anonpipe import formats
from anonpipe.errors import RecordingError
from anonpipe.transcript import Turn, Word

Pairs = list[tuple[str, str]]


def turns(tmp_path: Path, data: bytes | str, name: str) -> tuple[Turn, ...]:
    (tmp_path / name).write_bytes(data.encode() if isinstance(data, str) else data)
    return formats.read(tmp_path / name, "nb").turns


def pairs(tmp_path: Path, data: bytes | str, name: str) -> Pairs:
    return [(turn.speaker, turn.text) for turn in turns(tmp_path, data, name)]


NOSCRIBE = """<!DOCTYPE html><html><head><meta charset="UTF-8"><meta name="audio_source" \
content="/Users/kari/Intervju Kari Dahl.m4a"><style>p { margin: 0 }</style></head>
<body><div class="WordSection1"><p style="font-weight:600">Intervju Kari Dahl</p>
<p><span style="color:#909090">Transcribed with noScribe vers. 0.6<br>Audio source: \
/Users/kari/Intervju Kari Dahl.m4a<br></span></p><p></p>
<p><a name="ts_0_1500_S00">S00: <span>[00:00:00]</span> Hei, &amp; velkommen.</a>\
<a name="ts_1500_2500_S00"> Hva heter du?</a></p>
<p><a name="ts_3000_9000_S01">S01: Kåre Dahl. (..) Og du?</a></p></div></body></html>"""


@pytest.mark.parametrize("name", ["a.html", "a.htm", "a.txt"])
def test_noscribe_html(tmp_path: Path, name: str) -> None:
    assert turns(tmp_path, NOSCRIBE, name) == (
        Turn("Hei, & velkommen. Hva heter du?", "S00", 0.0, 2.5),
        Turn("Kåre Dahl. (..) Og du?", "S01", 3.0, 9.0),
    )


def test_noscribe_vtt_and_txt(tmp_path: Path) -> None:
    vtt = (
        "WEBVTT Intervju Kari Dahl\n\nNOTE\nTranscribed with noScribe\n\nNOTE media: /a/b.m4a\n\n"
        "1\n00:00:00.000 --> 00:00:01.500\n<v S00>S00: [00:00:00] Hei.\n\n"
        "2\n00:00:01.500 --> 00:00:02.500\n<v S00>Hva heter du?\n\n"
        "3\n00:00:03.000 --> 00:00:09.000\n<v S01>S01: Kåre.\n\n"
    )
    assert pairs(tmp_path, vtt, "a.vtt") == [("S00", "Hei. Hva heter du?"), ("S01", "Kåre.")]
    txt = "Intervju\n\nTranscribed with noScribe vers. 0.6\n\nS00: [00:00:00] Hei.\n\nS01: Kåre.\n"
    assert pairs(tmp_path, txt, "a.txt")[-2:] == [("S00", "Hei."), ("S01", "Kåre.")]


def test_other_html(tmp_path: Path) -> None:
    page = (
        "<html><head><title>Kari</title></head><body><h1>Intervju</h1><!-- <p>bort</p> -->"
        "<p><b>Intervjuer:</b> Hei&nbsp;du<br>P01: Ja</p><script>var a = '<p>x</p>'</script>"
        "<table><tr><th>P01</th><td><p>Et</p><p>svar</p></td></tr></table>"
        "<p>Intervjuer: 1 &lt; 2 < 3</p></body></html>"
    )
    assert pairs(tmp_path, page, "a.html") == [
        ("", "Intervju"),
        ("Intervjuer", "Hei\u00a0du"),
        ("P01", "Ja"),
        ("P01", "Et svar"),
        ("Intervjuer", "1 < 2 < 3"),
    ]


WHISPER = {
    "text": " Hei. Jeg heter Kåre.",
    "language": "no",
    "segments": [
        {"id": 0, "seek": 0, "start": 0.0, "end": 1.0, "text": " Hei.", "tokens": [1], "words": []},
        {
            **{"id": 1, "seek": 0, "start": 1.2, "end": 3.0, "text": " Jeg heter Kåre."},
            "words": [
                {"word": " Jeg", "start": 1.2, "end": 1.4, "probability": 0.9},
                {"word": " heter", "start": 1.4, "end": 1.8, "probability": 0.8},
                {"word": " Kåre.", "start": 1.8, "end": 3.0, "probability": 0.7},
            ],
        },
    ],
}


def test_whisper_json(tmp_path: Path) -> None:
    assert turns(tmp_path, json.dumps(WHISPER), "a.json") == (
        Turn("Hei.", "", 0.0, 1.0),
        Turn(
            "Jeg heter Kåre.",
            "",
            1.2,
            3.0,
            (
                Word("Jeg", 0, 1.2, 1.4, 0.9),
                Word("heter", 4, 1.4, 1.8, 0.8),
                Word("Kåre.", 10, 1.8, 3.0, 0.7),
            ),
        ),
    )
    assert pairs(tmp_path, json.dumps(WHISPER), "b.txt") == [("", "Hei."), ("", "Jeg heter Kåre.")]
    bare = {"text": "Intervjuer: Hei.\nP01: Ja."}
    assert pairs(tmp_path, json.dumps(bare), "c.json") == [("Intervjuer", "Hei."), ("P01", "Ja.")]


def test_whisperx_and_atrain_json(tmp_path: Path) -> None:
    words = [{"word": "Hei", "start": 0.1, "end": 0.5, "score": 0.5, "speaker": "SPEAKER_01"}]
    content = {
        "segments": [
            {**{"start": 0.0, "end": 1.0, "text": " Hei", "speaker": "SPEAKER_01"}, "words": words},
            {"start": 1.1, "end": 2.0, "text": "du, 12", "speaker": "SPEAKER_01", "words": [{}]},
            {"start": 2.1, "end": 3.0, "text": "Ja", "speaker": "Kari Dahl"},
            {"start": 3.1, "end": 4.0, "text": "Hm"},
        ],
        "word_segments": words,
    }
    read = turns(tmp_path, json.dumps(content), "a.json")
    assert [(t.speaker, t.text) for t in read] == [
        ("SPEAKER_01", "Hei du, 12"),
        ("Kari Dahl", "Ja"),
        ("", "Hm"),
    ]
    assert read[0].words == (Word("Hei", 0, 0.1, 0.5, 0.5),)
    assert pairs(tmp_path, json.dumps(content["segments"]), "b.json")[1] == ("Kari Dahl", "Ja")


def test_whisper_cpp_json(tmp_path: Path) -> None:
    content = {
        "result": {"language": "no"},
        "transcription": [
            {"timestamps": {}, "offsets": {"from": 500, "to": 1500}, "text": " Hei."},
            {"timestamps": {}, "offsets": {"from": 9000, "to": 9500}, "text": " Ja."},
        ],
    }
    assert turns(tmp_path, json.dumps(content), "a.json") == (
        Turn("Hei.", "", 0.5, 1.5),
        Turn("Ja.", "", 9.0, 9.5),
    )


@pytest.mark.parametrize(
    "content",
    [
        {"segments": [{"text": 3, "start": 0}]},
        {"segments": [{"text": "Kåre Dahl", "start": "soon"}]},
        {"segments": [{"text": "Kåre Dahl", "start": 1e300}]},
        {"segments": [{"text": "Kåre Dahl", "start": [0]}]},
        {"segments": [{"start": 0}]},
        {"segments": "Kåre Dahl"},
        {"segments": []},
        [],
        "Kåre Dahl",
        7,
    ],
)
def test_damaged_segments(tmp_path: Path, content: object) -> None:
    with pytest.raises(RecordingError, match=r"a\.json") as caught:
        turns(tmp_path, json.dumps(content), "a.json")
    assert "Kåre" not in str(caught.value)


def test_atrain_txt(tmp_path: Path) -> None:
    plain = (
        "Transcription for 2026-01-01 intervju\n\nSPEAKER_00\nHei.\nHva heter du?\n"
        "\nSPEAKER_01\nKåre.\n\nSpeaker undefined\nHm.\n"
    )
    said = [("SPEAKER_00", "Hei. Hva heter du?"), ("SPEAKER_01", "Kåre."), ("", "Hm.")]
    head = ("", "2026-01-01 intervju")
    assert pairs(tmp_path, plain, "a.txt") == [head, *said]
    times = (
        "Transcription for 2026-01-01 intervju\n\nSPEAKER_00\n[00:00:01] - Hei.\n"
        "[00:00:02] - Hva heter du?\n\nSPEAKER_01\n[00:01:05] - Kåre.\n"
    )
    assert turns(tmp_path, times, "b.txt")[1:] == (
        Turn("Hei. Hva heter du?", "SPEAKER_00", 1.0),
        Turn("Kåre.", "SPEAKER_01", 65.0),
    )
    alone = "Transcription for x\n\n[00:00:01] - Hei.\n[00:00:02] - Jeg heter Kåre.\n"
    assert turns(tmp_path, alone, "c.txt")[1:] == (
        Turn("Hei.", "", 1.0),
        Turn("Jeg heter Kåre.", "", 2.0),
    )
    maxqda = (
        "Transcription for x\n\nKari\n[00:00:01] - Hei. [00:00:02] - Du. \n\nOla\n[00:00:09] - Ja. "
    )
    assert pairs(tmp_path, maxqda, "d.txt")[1:] == [("Kari", "Hei. Du."), ("Ola", "Ja.")]


def word(tmp_path: Path, *paragraphs: str) -> bytes:
    document = docx.Document()
    for paragraph in paragraphs:
        document.add_paragraph(paragraph)
    document.save(str(tmp_path / "made.docx"))
    return (tmp_path / "made.docx").read_bytes()


def test_teams(tmp_path: Path) -> None:
    now = word(
        tmp_path,
        "Intervju-20260101_100000-Meeting Recording",
        "Kari Dahl startet transkribering",
        "Kari Dahl   0:03\nHei, Ola.",
        "Ola Ås Berg (gjest)   1:00:15\nHei.\nJa.",
    )
    assert pairs(tmp_path, now, "a.docx")[-2:] == [
        ("Kari Dahl", "Hei, Ola."),
        ("Ola Ås Berg (gjest)", "Hei. Ja."),
    ]
    before = word(
        tmp_path,
        "0:0:5.100 --> 0:0:8.250\nKari Dahl\nHei, Ola.",
        "0:0:8.500 --> 0:0:9.0\nKari Dahl\nDu.",
        "0:0:9.500 --> 0:0:11.0\nOla Berg\nHei.",
    )
    assert turns(tmp_path, before, "b.docx") == (
        Turn("Hei, Ola. Du.", "Kari Dahl", 5.1, 9.0),
        Turn("Hei.", "Ola Berg", 9.5, 11.0),
    )
    vtt = (
        "WEBVTT\n\n1f-2/12-0\n00:00:03.000 --> 00:00:05.000\n<v Kari Dahl>Hei,\nOla.</v>\n\n"
        "1f-2/13-0\n00:00:05.000 --> 00:00:06.000\n<v Ola Berg>Hei.</v>\n"
    )
    assert pairs(tmp_path, vtt, "c.txt") == [("Kari Dahl", "Hei, Ola."), ("Ola Berg", "Hei.")]


def test_zoom(tmp_path: Path) -> None:
    vtt = (
        "WEBVTT\n\n1\n00:00:03.000 --> 00:00:05.000\nKari Dahl: Hei, Ola.\n\n"
        "2\n00:00:05.000 --> 00:00:06.000\nOla Berg: Hei.\n\n"
        "3\n00:00:06.000 --> 00:00:07.000\nKari Dahl: Ja.\n"
    )
    assert pairs(tmp_path, vtt, "a.vtt") == [
        ("Kari Dahl", "Hei, Ola."),
        ("Ola Berg", "Hei."),
        ("Kari Dahl", "Ja."),
    ]
    captions = (
        "[Kari Dahl] 10:00:01\nHei, Ola.\n\n[Kari Dahl] 10:00:03\nDu.\n\n[Ola] 10:00:05\nJa.\n"
    )
    assert pairs(tmp_path, captions, "b.txt") == [("Kari Dahl", "Hei, Ola. Du."), ("Ola", "Ja.")]


F4 = "I: Hei. #00:00:04-5#\n\nP01: Ja, klokka #00:00:06-0# altså. #00:01:09-3#\n\nI: Takk.\n"
F4_TURNS = (
    Turn("Hei.", "I", None, 4.5),
    Turn("Ja, klokka #00:00:06-0# altså.", "P01", 4.5, 69.3),
    Turn("Takk.", "I", 69.3),
)


def rtf(text: str) -> bytes:
    """As f4 and Word write RTF: letters above ASCII as \\'hh or \\u."""
    body = "".join(
        c if ord(c) < 128 else f"\\'{ord(c):02x}" if ord(c) < 256 else f"\\u{ord(c)}?" for c in text
    ).replace("\n\n", "\\par\n")
    return (
        "{\\rtf1\\ansi\\ansicpg1252\\deff0{\\fonttbl{\\f0\\fnil\\fcharset0 Arial;}}"
        "{\\info{\\author Kari Dahl}}{\\*\\generator Riched20;}\\viewkind4\\uc1\\pard\\f0\\fs22 "
        f"{body}}}"
    ).encode("ascii")


def test_f4(tmp_path: Path) -> None:
    assert turns(tmp_path, F4, "a.txt") == F4_TURNS
    assert turns(tmp_path, rtf(F4.rstrip("\n")), "a.rtf") == F4_TURNS
    assert turns(tmp_path, rtf(F4.rstrip("\n")), "old.doc") == F4_TURNS
    assert turns(tmp_path, word(tmp_path, *F4.strip().split("\n\n")), "a.docx") == F4_TURNS


def test_rtf_of_word_processors(tmp_path: Path) -> None:
    body = (
        r"{\b Intervjuer:} Hei, K\'e5re \u8211\'96 du\~der\par P01: {\field{\*\fldinst HYPERLINK "
        r'"http://kari.no"}{\fldrslt siden}} min{\footnote \chftn Kari Dahl}{\*\annotation Ola}\par'
        "\n" r"{\deleted borte }{\pict 0123abcd}\u-10179?\u-8704? her\line P01: Ja\par"
        r"\trowd\intbl Intervjuer\par\cell Et\par svar\cell\row\pard "
        r"{\*\shpinst{\sp{\sn fc}{\sv 1}}{\shptxt P01: I en boks\par}}{\header Topp}"
        r"{\*\unknown bort}\emdash\{slutt\}\\"
    )  # fmt: skip
    data = ("{\\rtf1\\ansi\\ansicpg1252 " + body + "}").encode("ascii")
    assert pairs(tmp_path, data, "a.rtf") == [
        ("Intervjuer", "Hei, Kåre – du\u00a0der"),
        ("P01", "siden min"),
        ("P01", "😀 her"),
        ("P01", "Ja"),
        ("Intervjuer", "Et svar"),
        ("P01", "I en boks"),
        ("P01", "—{slutt}\\"),
        ("", "Kari Dahl"),
        ("", "Ola"),
        ("", "Topp"),
    ]


def test_rtf_in_other_scripts(tmp_path: Path) -> None:
    data = (
        rb"{\rtf1\ansi\ansicpg1252{\fonttbl{\f0\fcharset0 A;}{\f1\fcharset238 B;}}"
        rb"\f0 \'e6 {\f1 \'b3\'f3d\'9f} \uc0\u321 \'d3d\'9f \f9 \ansicpg99999 x}"
    )
    assert pairs(tmp_path, data, "a.rtf") == [("", "æ łódź ŁÓdŸ x")]


OFFICE = "urn:oasis:names:tc:opendocument:xmlns:office:1.0"


def odt(body: str, styles: str = "") -> bytes:
    buffer = io.BytesIO()
    space = (
        f'xmlns:office="{OFFICE}" xmlns:text="urn:t" xmlns:table="urn:b" xmlns:draw="urn:d" '
        'xmlns:style="urn:s" xmlns:dc="urn:c"'
    )
    with zipfile.ZipFile(buffer, "w") as package:
        package.writestr("mimetype", "application/vnd.oasis.opendocument.text")
        package.writestr(
            "content.xml",
            f"<office:document-content {space}><office:body><office:text>{body}</office:text>"
            "</office:body></office:document-content>",
        )
        if styles:
            package.writestr("styles.xml", f"<office:styles {space}>{styles}</office:styles>")
    return buffer.getvalue()


def test_odt(tmp_path: Path) -> None:
    data = odt(
        "<text:tracked-changes><text:deletion><text:p>borte</text:p></text:deletion>"
        "</text:tracked-changes><text:h>Intervju</text:h>"
        '<text:p><text:span>Intervjuer:</text:span><text:s text:c="2"/>Hei<text:line-break/>'
        "P01: Ja<text:note><text:note-citation>1</text:note-citation><text:note-body>"
        "<text:p>Fotnote</text:p></text:note-body></text:note>, <office:annotation>"
        "<dc:creator>Veileder</dc:creator><text:p>Merknad</text:p></office:annotation>du</text:p>"
        "<text:list><text:list-item><text:p>P01: punkt</text:p></text:list-item></text:list>"
        "<table:table><table:table-row><table:table-cell><text:p>Intervjuer</text:p>"
        "</table:table-cell><table:table-cell><text:p>Et</text:p><text:p>svar</text:p>"
        "</table:table-cell></table:table-row></table:table>"
        "<text:p><draw:frame><draw:text-box><text:p>P01: I en boks</text:p></draw:text-box>"
        "</draw:frame></text:p>",
        "<style:master-page><style:header><text:p>Topp</text:p></style:header></style:master-page>",
    )
    for name in ("a.odt", "a.docx"):
        assert pairs(tmp_path, data, name) == [
            ("", "Intervju"),
            ("Intervjuer", "Hei"),
            ("P01", "Ja, du"),
            ("", "Fotnote"),
            ("", "Merknad"),
            ("P01", "punkt"),
            ("Intervjuer", "Et svar"),
            ("P01", "I en boks"),
            ("", "Topp"),
        ]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Speaker;Start;Text\nKari;0:05;Hei\nOla;0:09;Ja; du\n", "a.csv"),
        ("start,end,speaker,text\n5.0,6.5,Kari,Hei\n9,10,Ola,Ja\n", "b.csv"),
        ("Timespan\tContent\tSpeaker\n0:05.0-0:06.5\tHei\tKari\n0:09.0-0:10.0\tJa\tOla\n", "c.txt"),
        ("Tid\tTaler\tTekst\n0:05\tKari\tHei\n0:09\tOla\tJa\n", "d.tsv"),
    ],
)
def test_tables_of_other_programs(tmp_path: Path, text: str, name: str) -> None:
    read = turns(tmp_path, text, name)
    assert [(t.speaker, t.text, t.start) for t in read[:2]] == [
        ("Kari", "Hei", 5.0),
        ("Ola", "Ja", 9.0),
    ]


def test_a_table_without_headings_and_one_with_further_columns(tmp_path: Path) -> None:
    assert pairs(tmp_path, "Intervjuer,Hei\nP01,Ja\n", "a.csv") == [
        ("Intervjuer", "Hei"),
        ("P01", "Ja"),
    ]
    noted = "speaker,text,notat,nr\nP01,Ja,om Kari Dahl,7\n"
    assert pairs(tmp_path, noted, "b.csv") == [("P01", "Ja"), ("", "notat: om Kari Dahl")]


def test_a_project_of_another_program(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as package:
        package.writestr(
            "project.qde",
            '<Project xmlns="urn:QDA-XML:project:1.0" name="x" origin="QualCoder"><Sources>'
            '<TextSource guid="a" name="Kari" plainTextPath="internal://A.txt"/>'
            '<TextSource guid="b"><PlainTextContent>P02: Hei\nI: Ja</PlainTextContent></TextSource>'
            '</Sources><Notes><Note guid="n"><PlainTextContent>Husk Ola</PlainTextContent></Note>'
            "</Notes></Project>",
        )
        package.writestr("Sources/A.txt", "\ufeffI: Hei\r\n\r\nP01: Ja\r\n")
    assert pairs(tmp_path, buffer.getvalue(), "a.qdpx") == [
        ("I", "Hei"),
        ("P01", "Ja"),
        ("P02", "Hei"),
        ("I", "Ja"),
        ("", "Husk Ola"),
    ]


def test_elan(tmp_path: Path) -> None:
    text = """<?xml version="1.0" encoding="UTF-8"?>
<ANNOTATION_DOCUMENT AUTHOR="" DATE="2026-01-01T00:00:00Z" FORMAT="3.0" VERSION="3.0"><HEADER/>
<TIME_ORDER><TIME_SLOT TIME_SLOT_ID="ts1" TIME_VALUE="0"/><TIME_SLOT TIME_SLOT_ID="ts2"
TIME_VALUE="1500"/><TIME_SLOT TIME_SLOT_ID="ts3" TIME_VALUE="2000"/><TIME_SLOT
TIME_SLOT_ID="ts4"/></TIME_ORDER>
<TIER TIER_ID="K" PARTICIPANT="Kari Dahl"><ANNOTATION><ALIGNABLE_ANNOTATION ANNOTATION_ID="a2"
TIME_SLOT_REF1="ts3" TIME_SLOT_REF2="ts4"><ANNOTATION_VALUE>Ja</ANNOTATION_VALUE>
</ALIGNABLE_ANNOTATION></ANNOTATION></TIER>
<TIER TIER_ID="Int"><ANNOTATION><ALIGNABLE_ANNOTATION ANNOTATION_ID="a1" TIME_SLOT_REF1="ts1"
TIME_SLOT_REF2="ts2"><ANNOTATION_VALUE>Hei</ANNOTATION_VALUE></ALIGNABLE_ANNOTATION></ANNOTATION>
</TIER></ANNOTATION_DOCUMENT>"""
    for name in ("a.eaf", "a.txt"):
        assert turns(tmp_path, text, name) == (
            Turn("Hei", "Int", 0.0, 1.5),
            Turn("Ja", "Kari Dahl", 2.0, None),
        )


@pytest.mark.parametrize("form", ["docx", "qdpx", "json", "vtt", "srt", "eaf"])
def test_a_wrong_suffix_does_no_harm(tmp_path: Path, form: str) -> None:
    from tests.formats.test_formats_edit import interview

    data = formats.render(interview(), form, title="P01-R01")
    for suffix in (".txt", ".docx", ".vtt", ".json", ".rtf", ".csv", ".html"):
        assert pairs(tmp_path, data, f"a{suffix}") == list(formats.expected(interview(), form))
