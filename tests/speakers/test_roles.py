"""Who interviews is found by what is said, and everybody gets the name that the study gives."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import permutations
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anonpipe.detect.roles import is_role
from anonpipe.settings import SourceSettings
from anonpipe.speakers.roles import candidates, interviewer, moved, named, questions
from anonpipe.tools import number_of_speakers
from anonpipe.transcript import Flag, Transcript, Turn

NB = (
    ("A", "Takk for at du ville snakke med meg. Kan du fortelle litt om jobben din"),
    (
        "B",
        "Ja, jeg heter Kari og har vært sykepleier i tolv år, mest på nattevakt, og trives godt.",
    ),
    ("A", "Hva er det beste med den?"),
    ("B", "Kollegene. Vi er en fin gjeng, ikke sant? Og så er det pasientene, som en blir glad i."),
    ("A", "Mm. Hvordan var det i fjor?"),
    (
        "B",
        "Tungt. Vi var for få, og de som var der, ble syke alle sammen, den ene etter den andre.",
    ),
    ("A", "Takk skal du ha."),
)
NN = (
    ("A", "Velkomen. Eg heiter Anne og forskar på bygdeliv. Kva driv du med"),
    (
        "B",
        "Eg har gard med sauer og nokre kyr, og så køyrer eg skulebussen om morgonen og kvelden.",
    ),
    ("A", "Korleis vart det slik"),
    (
        "B",
        "Far min hadde garden før meg, og faren hans før det att, så det vart berre slik, veit du.",
    ),
)
EN = (
    ("A", "Thank you for coming. Please tell me your name and what you do."),
    ("B", "Sure. My name is Peter Marshall and I have been a social worker for twelve years now."),
    ("A", "Who do you work with?"),
    ("B", "Mostly with Helen. What can I say? She is my team leader and she always answers."),
    ("A", "Can you give me an example?"),
    ("B", "Well, last December a mother called us because her electricity bill was too high."),
)
TALKS = {"nb": NB, "nn": NN, "en": EN}


def talk(said: tuple[tuple[str, str], ...], names: dict[str, str], language: str) -> Transcript:
    turns = tuple(Turn(text, names[who], float(n), n + 1.0) for n, (who, text) in enumerate(said))
    return Transcript(turns, language)


def labels(transcript: Transcript) -> list[str]:
    return list(dict.fromkeys(turn.speaker for turn in transcript.turns))


@pytest.mark.parametrize("language", TALKS)
@pytest.mark.parametrize("names", [("Taler 1", "Taler 2"), ("Taler 2", "Taler 1")])
def test_who_asks_little_and_introduces_is_the_interviewer(
    language: str, names: tuple[str, str]
) -> None:
    heard = talk(TALKS[language], dict(zip("AB", names, strict=True)), language)
    found = named(heard, labels=(), how="guess", participants=("P07",))
    word = {"nb": "Intervjuer", "nn": "Intervjuar", "en": "Interviewer"}[language]
    assert [turn.speaker for turn in found.turns] == [
        {"A": word, "B": "P07"}[who] for who, _ in TALKS[language]
    ]
    assert found.flags == ()
    assert [replace(turn, speaker="") for turn in found.turns] == [
        replace(turn, speaker="") for turn in heard.turns
    ]


def test_the_participant_may_begin() -> None:
    heard = talk(NB[1:], {"B": "Taler 1", "A": "Taler 2"}, "nb")
    found = named(heard, labels=(), how="guess", participants=("P01",))
    assert labels(found) == ["P01", "Intervjuer"]


def test_the_settings_decide() -> None:
    heard = talk(NB[1:], {"B": "Taler 1", "A": "Taler 2"}, "nb")
    first = named(heard, labels=(), how="first", participants=("P01",))
    assert labels(first) == ["Intervjuer", "P01"]
    last = named(heard, labels=("Kåre", "P01"), how="last", participants=("P01",))
    assert labels(last) == ["P01", "Kåre"]
    assert first.flags == last.flags == ()


def test_the_studys_labels_begin_with_the_interviewers() -> None:
    heard = talk(EN, {"A": "Speaker 1", "B": "Speaker 2"}, "en")
    found = named(heard, labels=("Moderator", "Nurse"), how="guess", participants=("P01",))
    assert labels(found) == ["Moderator", "Nurse"]


CHAT = (
    ("A", "Det regner i dag og det er kaldt ute."),
    ("B", "Ja det gjør det og det er surt ute."),
    ("A", "Jeg tok bussen hit i dag tidlig."),
    ("B", "Jeg gikk hele den lange veien hit."),
)


def test_a_close_guess_is_flagged_and_a_setting_is_not() -> None:
    heard = talk(CHAT, {"A": "Taler 1", "B": "Taler 2"}, "nb")
    assert Flag("speaker") in named(heard, labels=(), how="guess", participants=("P01",)).flags
    assert named(heard, labels=(), how="first", participants=("P01",)).flags == ()


def test_of_two_participants_nobody_knows_who_is_who() -> None:
    said = (*NB, ("C", "Jeg er enig i det hun sier, jeg var der også hele den vinteren."))
    heard = talk(said, {"A": "Taler 1", "B": "Taler 2", "C": "Taler 3"}, "nb")
    found = named(heard, labels=(), how="guess", participants=("P01", "P02"))
    assert labels(found) == ["Intervjuer", "Deltaker 1", "Deltaker 2"]
    assert found.flags == (Flag("speaker"),)


def test_of_more_speakers_than_participants_the_one_who_says_most_is_the_participant() -> None:
    said = (*NB[:2], ("C", "Jeg oversetter for henne når det trengs."), *NB[2:])
    heard = talk(said, {"A": "Taler 1", "B": "Taler 3", "C": "Taler 2"}, "nb")
    found = named(heard, labels=(), how="guess", participants=("P01",))
    assert labels(found) == ["Intervjuer", "P01", "Taler 1"]
    assert found.flags == (Flag("speaker"),)


@pytest.mark.parametrize(
    ("given", "participants", "label", "sure"),
    [
        ((), ("P03",), "P03", True),
        (("Kokk",), ("P03",), "Kokk", True),
        (("Intervjuer", "P03"), ("P03",), "P03", False),
        ((), ("P03", "P04"), "Deltaker 1", False),
    ],
)
def test_a_lone_speaker(
    given: tuple[str, ...], participants: tuple[str, ...], label: str, sure: bool
) -> None:
    heard = talk(NB[1:2], {"B": "Taler 1"}, "nb")
    found = named(heard, labels=given, how="guess", participants=participants)
    assert labels(found) == [label]
    assert (found.flags == ()) is sure


def test_other_labels_are_left_alone() -> None:
    heard = talk(NB, {"A": "Interviewer", "B": "P01"}, "nb")
    assert named(heard, labels=(), how="guess", participants=("P09",)) == heard
    unknown = talk(NB, {"A": "", "B": ""}, "nb")
    assert named(unknown, labels=("A", "B"), how="guess", participants=("P09",)) == unknown


def test_every_label_that_is_given_is_a_role() -> None:
    """Else names of nobody would be looked for in them."""
    for language in (*TALKS, "de"):
        said = (*NB, ("C", "Enig."), ("D", "Uenig."))
        heard = talk(
            said,
            dict(zip("ABCD", ("Taler 1", "Taler 2", "Taler 3", "Taler 4"), strict=False)),
            language,
        )
        for participants in (("P01",), ("P01", "P02", "P03")):
            found = named(heard, labels=(), how="guess", participants=participants)
            assert all(is_role(label) for label in labels(found))


def test_the_scores_are_shares() -> None:
    found = candidates(talk(EN, {"A": "Speaker 1", "B": "Speaker 2"}, "en").turns, "en")
    assert [each.speaker for each in found] == ["Speaker 1", "Speaker 2"]
    assert sum(each.score for each in found) == pytest.approx(1)
    assert found[0].score > found[1].score
    assert [each.questions for each in found] == [3, 1]


@given(
    said=st.lists(
        st.tuples(st.sampled_from("ABC"), st.sampled_from([text for _, text in NB])), min_size=1
    )
)
def test_the_guess_does_not_depend_on_the_numbers(said: list[tuple[str, str]]) -> None:
    here = [*dict.fromkeys(who for who, _ in said)]
    guesses = set()
    for numbers in permutations(range(1, len(here) + 1)):
        names = {who: f"Taler {n}" for who, n in zip(here, numbers, strict=True)}
        who, _ = interviewer(talk(tuple(said), names, "nb").turns, "nb", "guess")
        guesses.add({label: name for name, label in names.items()}[who])
    assert len(guesses) == 1


@pytest.mark.parametrize(
    ("text", "language", "count"),
    [
        ("Hva mener du? Og hvordan gikk det", "nb", 2),
        ("Det gikk bra, ikke sant? Ikke sant? Ja.", "nb", 1),
        ("Kan du fortelle mer", "nb", 1),
        ("Jeg vet ikke hva det er.", "nb", 0),
        ("Åssen gikk det", "nb", 1),
        ("Kvifor det? Eg veit ikkje kvifor.", "nn", 1),
        ("Could you tell me more. I know what it is.", "en", 1),
        ("So, what happened then", "en", 1),
        ("Right? You know?", "en", 0),
        ("What I miss most is the night shift.", "en", 0),
        ("Hva jeg savner, er nattevaktene. Hva du mener?", "nb", 1),
        ("Kor eg kjem frå. Kvar kjem du frå.", "nn", 1),
        ("", "en", 0),
    ],
)
def test_questions(text: str, language: str, count: int) -> None:
    assert questions(text, language) == count


def test_a_recording_that_belongs_to_somebody_else_now() -> None:
    heard = talk(NB, {"A": "Intervjuer", "B": "P01"}, "nb")
    other = moved(heard, ("P01",), ("P02",))
    assert labels(other) == ["Intervjuer", "P02"] and other.flags == ()
    assert moved(other, ("P01",), ("P02",)) == other  # again after a crash
    assert moved(heard, ("P01",), ("P01",)) == heard
    both = moved(heard, ("P01",), ("P01", "P02"))
    assert labels(both) == labels(heard)  # it was said to be P01, and still may be
    assert both.flags == (Flag("speaker"),)
    two = moved(heard, ("P01",), ("P02", "P03"))
    assert labels(two) == ["Intervjuer", "Deltaker 1"] and two.flags == (Flag("speaker"),)
    lone = moved(two, ("P02", "P03"), ("P02",))
    assert labels(lone) == ["Intervjuer", "Deltaker 1"]


def interviews() -> list[tuple[str, list[tuple[str, str]]]]:
    """The invented interviews of the benchmarks: language, and who says what."""
    found = []
    for path in sorted((Path(__file__).parents[2] / "benchmarks" / "interviews").glob("*_*_*.txt")):
        text = re.sub(r"\[\[[^|\]]*\|([^\]]*)\]\]", r"\1", path.read_text(encoding="utf-8"))
        turns = re.findall(r"^([^:\n]{1,30}): (.*)$", text, re.MULTILINE)
        found.append((path.name.split("_")[1], turns))
    return found


@pytest.mark.parametrize("heard", ["as written", "without punctuation", "the first half"])
def test_who_interviews_in_whole_interviews(heard: str) -> None:
    found = interviews()
    assert len(found) >= 15
    for language, said in found:
        asks = {who for who, _ in said if re.match("intervj|interv|forsk|resear", who.casefold())}
        if heard == "without punctuation":
            said = [(who, re.sub(r"[?.!,]", "", text).lower()) for who, text in said]
        elif heard == "the first half":
            said = said[: max(4, len(said) // 2)]
        turns = [Turn(text, who, float(n), n + 1.0) for n, (who, text) in enumerate(said)]
        who, sure = interviewer(turns, language, "guess")
        assert {who} == asks and sure


@pytest.mark.parametrize(
    ("settings", "participants", "number"),
    [
        (SourceSettings(), ("P01",), 2),
        (SourceSettings(), ("P01", "P02"), 3),
        (SourceSettings(number_of_speakers=5), ("P01", "P02"), 5),
        (SourceSettings(number_of_speakers=1), ("P01",), 1),
        (SourceSettings(number_of_speakers=None), ("P01", "P02"), None),
        (SourceSettings(speakers=("A", "B")), ("P01", "P02"), 2),
        (SourceSettings(speakers=("P01",)), ("P01",), 1),
    ],
)
def test_how_many_speakers_there_are(
    settings: SourceSettings, participants: tuple[str, ...], number: int | None
) -> None:
    assert number_of_speakers(settings, participants) == number
