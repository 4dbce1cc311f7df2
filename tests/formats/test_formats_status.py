"""Every output says what the material may be called, and can be told to say something else."""

from __future__ import annotations

import io
import json
import zipfile

import docx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anonpipe import formats
from anonpipe.formats import txt
from anonpipe.status import (
    PSEUDONYMISED,
    REASONS,
    Judge,
    Material,
    is_line,
    judged,
    language_of,
)
from anonpipe.transcript import Transcript, Turn
from tests.formats.test_formats_roundtrip import FEW, LANGUAGES, TEXT, WITH_TIMES

ROLE = st.sampled_from(["researcher", "student", "supervisor", "officer-2", "recipient"])
MATERIAL = st.one_of(
    st.just(PSEUDONYMISED),
    st.builds(
        judged,
        st.builds(Judge, ROLE, st.text("0123456789abcdef", min_size=16, max_size=16)),
        st.dates().map(str),
        st.sets(st.sampled_from([code for code in REASONS if code != "key-exists"])).map(tuple),
    ),
)


@FEW
@given(material=MATERIAL, language=LANGUAGES)
def test_a_statement_is_known_again_and_nothing_else_is(material: Material, language: str) -> None:
    line = material.line(language)
    assert language_of(line) == (language if language != "sv" else "en")
    for changed in (line[:-1], f"{line} Kari", line.replace(" ", "  ", 1), line.lower()):
        assert not is_line(changed)
    assert Material.from_json(json.loads(json.dumps(material.to_json()))) == material


TITLES = TEXT.filter(lambda text: not is_line(" ".join(text.split())))
"""Titles are codes; what states the material is none."""


@settings(FEW, max_examples=15)
@given(turns=WITH_TIMES, language=LANGUAGES, title=TITLES, one=MATERIAL, other=MATERIAL)
def test_restating_gives_what_rendering_would(
    turns: list[Turn], language: str, title: str, one: Material, other: Material
) -> None:
    transcript = Transcript(tuple(turns), language, 10.0)
    for form in formats.WRITABLE:
        data = formats.render(transcript, form, title=title, material=one)
        said = formats.render(transcript, form, title=title, material=other)
        assert formats.restate(data, form, other) == said
        assert formats.reread(said, form) == formats.expected(transcript, form)
        # What the tool says itself is not searched for names.
        assert formats.lines(data, form) == formats.lines(said, form)


@pytest.mark.parametrize("form", formats.WRITABLE)
def test_every_format_says_it_in_the_language_of_the_transcript(form: str) -> None:
    transcript = Transcript((Turn("Ja.", "P01", 0.0, 1.0),), "nb", 1.0)
    data = formats.render(transcript, form, title="P01-R01")
    if data.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            data = b"".join(map(package.read, package.namelist()))
    assert "Pseudonymisert: nøkkelen finnes, dette er personopplysninger." in data.decode()


def test_a_status_that_somebody_has_tampered_with_is_searched() -> None:
    transcript = Transcript((Turn("Ja.", "P01", 0.0, 1.0),), "nb", 1.0)
    content = json.loads(formats.render(transcript, "json", title="P01-R01"))
    content["status"]["text"] = "Kari Nordmann"
    assert "Kari Nordmann" in formats.lines(json.dumps(content).encode(), "json")
    content["status"] = {"judge": "Kari Nordmann"}
    assert "Kari Nordmann" in formats.lines(json.dumps(content).encode(), "json")


def test_what_a_person_has_edited_stays_as_it_is() -> None:
    done = judged(Judge("student", "0" * 16), "2027-06-30", ())
    transcript = Transcript((Turn("Ja.", "P01", 0.0, 1.0),), "nb", 1.0)
    text = formats.render(transcript, "txt", title="P01-R01").decode()
    edited = text.replace("Ja.", "Ja!").replace("\n", "\r\n").encode("utf-8-sig")
    new = formats.restate(edited, "txt", done)
    assert (
        new
        == (
            "P01-R01\r\nSpråk: norsk bokmål (nb)\r\n"
            "Anonymisert etter vurdering av student (0000000000000000), 2027-06-30: "
            "nøkkelen er ødelagt i alle registrerte kopier.\r\n\r\nP01 (00:00:00): Ja!\r\n"
        ).encode()
    )
    assert formats.restate(text.replace("nøkkelen", "koden").encode(), "txt", done) is None

    document = docx.Document(io.BytesIO(formats.render(transcript, "docx", title="P01-R01")))
    document.add_paragraph("P01: Lagt til.")
    out = io.BytesIO()
    document.save(out)
    again = formats.restate(out.getvalue(), "docx", done)
    assert again is not None
    texts = [paragraph.text for paragraph in docx.Document(io.BytesIO(again)).paragraphs]
    assert texts[2].startswith("Anonymisert") and texts[-1] == "P01: Lagt til."


def test_a_turn_that_says_the_sentence_is_a_turn() -> None:
    line = PSEUDONYMISED.line("nb")
    transcript = Transcript((Turn(line),), "nb")
    data = formats.render(transcript, "txt", title="")
    assert [turn.text for turn in txt.read(data, "x", "nb").turns] == [line]


@pytest.mark.parametrize(
    "data",
    [
        {"word": "anonymised", "judged_by": None, "on": None, "why_not": []},
        {"word": "pseudonymised", "judged_by": None, "on": None, "why_not": []},
        {
            "word": "anonymised",
            "judged_by": {"role": "student", "fingerprint": "0" * 16},
            "on": "2027-06-30",
            "why_not": ["linkability"],
        },
        {
            "word": "anonymised",
            "judged_by": {"role": "Kari", "fingerprint": "0" * 16},
            "on": "2027-06-30",
            "why_not": [],
        },
        {
            "word": "anonymised",
            "judged_by": {"role": "student", "fingerprint": "0" * 16},
            "on": "soon",
            "why_not": [],
        },
    ],
)
def test_nothing_is_called_anonymised_without_a_judge(data: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"pseudonymised|no status"):
        Material.from_json(data)
