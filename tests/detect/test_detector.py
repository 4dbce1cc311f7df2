"""Turns, labels, codes, propagation, overlaps, settings; and that nothing goes to the network."""

from __future__ import annotations

import random
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anonpipe.detect import Detector, DetectSettings
from anonpipe.detect.alike import edits, skeleton
from anonpipe.detect.detector import _figure
from anonpipe.detect.roles import is_role
from anonpipe.detect.spans import Span, cut, resolve
from anonpipe.errors import ModelError, UsageError
from anonpipe.transcript import SPEAKER_TURN, KnownName, Mention, Transcript, Turn

Find = Callable[..., list[tuple[str, str]]]


def test_mentions_are_mapped_to_their_turns(detector: Detector) -> None:
    turns = (
        Turn("Jeg heter Kari Dahl.", "Informant"),
        Turn("", "Intervjuer"),
        Turn("Takk, Kari. Ring 938 47 216.", "Intervjuer"),
    )
    transcript = Transcript(turns, "nb")
    found = detector.detect(transcript)
    assert [(m.turn, m.text) for m in found] == [
        (0, "Kari Dahl"),
        (2, "Kari"),
        (2, "938 47 216"),
    ]
    for m in found:
        assert turns[m.turn].text[m.start : m.end] == m.text


def test_a_mention_never_crosses_turns(detector: Detector) -> None:
    transcript = Transcript(
        (Turn("Ja, det var Kari"), Turn("Dahl, ja. Storgata"), Turn("14")), "nb"
    )
    assert all("\n" not in m.text for m in detector.detect(transcript))


def test_a_multi_line_turn_keeps_its_offsets(detector: Detector) -> None:
    text = "Første linje.\r\nSå kom Kari Dahl.\r\nOg gikk."
    (mention,) = detector.detect(Transcript((Turn(text),), "nb"))
    assert text[mention.start : mention.end] == "Kari Dahl"


@pytest.mark.parametrize(
    "label",
    [
        "Intervjuer",
        "Informant",
        "Intervjuar",
        "Interviewer",
        "Participant",
        "Moderator",
        "Taler_1",
        "I",
        "R",
        "Q",
        "A",
        "P01",
        "P1",
        "R2",
        "INT",
        "Informant_2",
        "SPEAKER_00",
        "[Person_1]",
    ],
)
def test_roles_are_no_mentions(label: str, detector: Detector) -> None:
    label = label if label.startswith("SPEAKER") else label.replace("_", " ")
    assert is_role(label)
    assert detector.detect(Transcript((Turn("Ja, det er sant.", label),), "nb")) == ()
    assert detector.detect(Transcript((Turn(f"{label}: Ja, det er sant."),), "nb")) == ()


def test_a_name_as_label_is_a_mention_and_known_in_the_text(detector: Detector) -> None:
    turns = (Turn("Hei, hva heter du?", "Intervjuer"), Turn("Torleif, sa jeg.", "Torleif Moe"))
    found = detector.detect(Transcript(turns, "nb"))
    assert found[0] == Mention(SPEAKER_TURN, 0, 11, "PERSON", "Torleif Moe", 1.0, "speaker-label")
    assert [(m.turn, m.text) for m in found[1:]] == [(1, "Torleif")]


def test_a_name_as_line_label_in_a_file(find: Find) -> None:
    assert find("Intervjuer: Hei.\nTorleif Moe: Ja, hei.\n") == [("PERSON", "Torleif Moe")]


@pytest.mark.parametrize("language", ["nb", "en"])
def test_codes_are_left_alone(language: str, find: Find) -> None:
    text = "[Person 1] og [Sted 2] og [Phone 3] med P01, sa [Person 1]."
    assert find(text, language) == []


def test_detection_of_replaced_text_finds_nothing_more(detector: Detector) -> None:
    text = "Jeg heter Kari Dahl. Kari bor i Storgata 14 i Bergen, tlf. 938 47 216."
    pieces, end = [], 0
    for n, m in enumerate(detector.detect(Transcript((Turn(text),), "nb"))):
        pieces += [text[end : m.start], f"[Kode {n}]"]
        end = m.end
    assert detector.detect(Transcript((Turn("".join(pieces) + text[end:]),), "nb")) == ()


def test_known_names_are_found_in_every_form(find: Find) -> None:
    known = (KnownName("Liv Storm", "PERSON"), KnownName("Vindlaget", "ORG"))
    text = (
        "I går kom liv storm, og Livs svar var ja. LIV STORMS svar var ja. Storm sa ja. "
        "Der var vindlagets leder."
    )
    assert [t for _, t in find(text, "nb", known)] == [
        "liv storm",
        "Livs",
        "LIV STORMS",
        "Storm",
        "vindlagets",
    ]


def test_a_name_found_once_is_found_everywhere(find: Find) -> None:
    text = "Hun heter Shireen Abbasi. Abbasi kom først. Shireens mor og Shirin kom siden."
    assert [t for _, t in find(text)] == ["Shireen Abbasi", "Abbasi", "Shireens", "Shirin"]


def test_mishearings_share_a_skeleton() -> None:
    assert skeleton("Cathrine") == skeleton("Katrine") == skeleton("Kathrine")
    assert skeleton("Bengtson") == skeleton("Bengtsson")
    assert skeleton("Kari") != skeleton("Kåre")
    assert edits("bengtson", "bengtsen") == 1
    assert edits("kari", "kåre") is None


def test_overlaps_become_unions() -> None:
    spans = [
        Span(0, 10, "PERSON", 0.5, "a"),
        Span(5, 14, "PERSON", 0.9, "b"),
        Span(20, 40, "EMAIL", 1.0, "c"),
        Span(22, 26, "PERSON", 0.9, "a"),
        Span(50, 55, "LOCATION", 0.9, "a"),
        Span(53, 60, "PHONE", 0.4, "d"),
    ]
    expected = [(0, 14, "PERSON"), (20, 40, "EMAIL"), (50, 60, "PHONE")]
    for seed in range(20):
        shuffled = random.Random(seed).sample(spans, len(spans))
        assert [(s.start, s.end, s.type) for s in resolve(shuffled)] == expected


def test_a_date_is_no_reference_and_a_surname_no_nationality() -> None:
    date, reference = Span(0, 9, "DATE", 0.8, "date"), Span(0, 9, "OTHER", 0.85, "reference")
    assert [s.type for s in resolve([date, reference])] == ["DATE"]
    person, people = Span(0, 9, "PERSON", 0.9, "spacy"), Span(5, 9, "OTHER", 0.8, "nationality")
    assert [s.type for s in resolve([person, people])] == ["PERSON"]
    assert [s.type for s in resolve([replace(person, end=4), people])] == ["PERSON", "OTHER"]


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("27 og minsten", "27"),
        ("27 år og gift", "27 år"),
        ("34 and counting", "34"),
        ("2 og et halvt år", "2 og et halvt år"),
        ("8 and a half", "8 and a half"),
        ("30 eller 31", "30 eller 31"),
        ("syv og tyve", "syv og tyve"),
    ],
)
def test_an_age_ends_before_other_words(text: str, kept: str) -> None:
    span = _figure(text, Span(0, len(text), "AGE", 0.65, "spacy"))
    assert text[span.start : span.end] == kept


def test_cut_splits_around_holes() -> None:
    span = Span(0, 20, "PERSON", 1.0, "a")
    assert [(s.start, s.end) for s in cut([span], [(5, 8), (7, 9), (18, 30)])] == [
        (0, 5),
        (9, 18),
    ]


@pytest.mark.parametrize("language", ["nb", "nn", "en"])
def test_empty_and_blank_text(language: str, detector: Detector) -> None:
    assert detector.detect(Transcript((), language)) == ()
    assert detector.detect(Transcript((Turn(""), Turn(" \n\t")), language)) == ()


def test_types_and_score_can_be_chosen(detector: Detector) -> None:
    text = Transcript((Turn("Kari Dahl har 938 47 216."),), "nb")
    only = Detector(DetectSettings(types=("PHONE",)))
    assert [m.type for m in only.detect(text)] == ["PHONE"]
    sure = Detector(DetectSettings(min_score=0.99))
    assert [m.type for m in sure.detect(text)] == []


def test_settings_are_checked() -> None:
    with pytest.raises(UsageError, match="language 'xx'"):
        Detector(DetectSettings(languages=("xx",)))
    with pytest.raises(UsageError, match="type of mention"):
        Detector(DetectSettings(types=("FACE",)))  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="language en"):
        Detector(DetectSettings(languages=("nb",))).detect(Transcript((Turn("Hello."),), "en"))


def test_a_missing_spacy_model_is_a_model_error(tmp_path: Path) -> None:
    settings = DetectSettings(spacy={"nb": str(tmp_path / "nb_core_none")})
    with pytest.raises(ModelError, match="nb_core_none"):
        Detector(settings).detect(Transcript((Turn("Hei du."),), "nb"))


def test_a_users_spacy_model_is_used(tmp_path: Path) -> None:
    import spacy

    nlp = spacy.blank("nb")
    ruler = nlp.add_pipe("entity_ruler")
    ruler.add_patterns([{"label": "PER", "pattern": "zappa"}])  # type: ignore[attr-defined]
    nlp.to_disk(tmp_path / "mine")
    found = Detector(DetectSettings(spacy={"nb": str(tmp_path / "mine")})).detect(
        Transcript((Turn("Det var zappa, og så kom Kari Dahl."),), "nb")
    )
    assert [(m.text, m.recognizer) for m in found] == [("zappa", "spacy"), ("Kari Dahl", "spacy")]


def test_neighbouring_languages_and_others(detector: Detector) -> None:
    for language in ("da", "sv", "de"):
        text = Transcript((Turn("Ring 938 47 216 eller ola@example.org"),), language)
        assert "EMAIL" in {m.type for m in detector.detect(text)}


def test_the_network_is_not_used(tmp_path: Path) -> None:
    """From nothing loaded to mentions, e-mail addresses and links included, without the network."""
    import spacy

    spacy.blank("en").to_disk(tmp_path / "en")
    script = f"""
import socket, sys
def refuse(*a, **k): raise SystemExit("the network was used")
class Deaf(socket.socket):
    # urllib3 makes a socket on import to see whether the machine knows IPv6; it sends nothing.
    connect = connect_ex = send = sendall = sendto = sendmsg = refuse
socket.socket = Deaf
socket.create_connection = socket.getaddrinfo = socket.gethostbyname = refuse
from anonpipe.detect import Detector, DetectSettings
from anonpipe.transcript import Transcript, Turn
d = Detector(DetectSettings(spacy={{"en": {str(tmp_path / "en")!r}}}))
for language in ("nb", "en"):
    text = "ola@firma.example, www.firma.example, facebook.com/ola, 10.0.0.1."
    found = d.detect(Transcript((Turn(text),), language))
    assert {{m.type for m in found}} == {{"EMAIL", "URL"}}, found
print("done")
"""
    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        env={"HOME": str(tmp_path), "PATH": "", "XDG_CACHE_HOME": str(tmp_path / "cache")},
    )
    assert done.stdout.strip() == "done", done.stderr[-500:]
    assert not (tmp_path / "cache").exists()  # no list of suffixes was cached either


def test_importing_the_package_is_light() -> None:
    script = (
        "import sys, anonpipe.detect; "
        "print([m for m in ('spacy', 'presidio_analyzer', 'numpy') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.stdout.strip() == "[]"


PIECES = st.sampled_from(
    [
        "Kari", "Dahl", "kari", "Storgata 14", "938 47 216", "@kari", "a@b.no", "[Person 1]",
        "Intervjuer:", "Kari Dahl:", "jeg heter", "i", "Bergen", "\n", "\r\n", ".", ",", "«", "'s",
        "12. mai 2020", "er 57 og", "null tre fire fem seks syv", "krøllalfa firma punktum no",
        "Ǆ", "ß", "İ", "\u2028", "\x00", "😀", "sak 1-1-1-1-1-1-1-1", "mark", "the",
    ]
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(
    turns=st.lists(
        st.one_of(st.text(max_size=80), st.lists(PIECES, max_size=14).map(" ".join)), max_size=4
    ),
    speaker=st.sampled_from(["", "Intervjuer", "Kari Dahl"]),
    language=st.sampled_from(["nb", "nn", "en"]),
)
def test_mentions_are_sorted_apart_and_in_range(
    turns: list[str], speaker: str, language: str, detector: Detector
) -> None:
    transcript = Transcript(tuple(Turn(t, speaker) for t in turns), language)
    found = detector.detect(transcript)
    last = (-2, 0)
    for m in found:
        assert (m.turn, m.start) >= last
        assert 0 <= m.start < m.end
        if m.turn == SPEAKER_TURN:
            assert m.text == speaker
        else:
            assert m.text == turns[m.turn][m.start : m.end]
            assert "\n" not in m.text
            assert "[Person 1]" not in m.text
        last = (m.turn, m.end)
    assert detector.detect(transcript) == found


@pytest.mark.parametrize("language", ["nb", "en"])
@pytest.mark.parametrize(
    "unit", ["1-", "a.", "Aa ", "sak 1 ", "ni ", "x@", "a ", "1 ", "at a dot "]
)
def test_long_odd_text_takes_no_time(unit: str, language: str, detector: Detector) -> None:
    import time

    start = time.process_time()
    detector.spans(unit * (6000 // len(unit)), language)
    assert time.process_time() - start < 10
