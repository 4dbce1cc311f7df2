"""Nicknames that somebody gives away link to the person; others do not."""

from __future__ import annotations

import pytest

from anonpipe.codes.linking import link
from anonpipe.codes.nicknames import nicknames
from anonpipe.transcript import Mention, Transcript, Turn


def mentions(text: str, *names: str) -> tuple[Mention, ...]:
    """A mention for each occurrence of the names, as persons."""
    return tuple(
        Mention(0, i, i + len(name), "PERSON", name, 0.9, "test")
        for name in names
        for i in range(len(text))
        if text.startswith(name, i)
    )


@pytest.mark.parametrize(
    ("text", "person", "nickname"),
    [
        ("Det var Stein Ove Brekke. Alle kaller ham bare Knotten.", "Stein Ove Brekke", "Knotten"),
        ("Eg heiter Synnøve Lid, men alle sier Nøvi.", "Synnøve Lid", "Nøvi"),
        ("I'm Philippa Reeve, though everyone inside calls me Pip.", "Philippa Reeve", "Pip"),
        ("ja eg heiter synnøve og folk kallar meg nøvi", "synnøve", "nøvi"),
        ("Then came Oleksandr. We called him Sasha.", "Oleksandr", "Sasha"),
        ("I'm Zsófia, but nobody can say it, so they say Sofi.", "Zsófia", "Sofi"),
        ("han heter torleif kvam vi kalte han skipper", "torleif kvam", "skipper"),
    ],
)
def test_what_somebody_is_called(text: str, person: str, nickname: str) -> None:
    transcript = Transcript((Turn(text),), "en")
    found = mentions(text, person, nickname)
    assert nicknames(found, transcript) == {nickname: person}
    linked = link(found, (), source="D01", transcript=transcript)
    assert len({m.entity for m in linked.mentions}) == 1
    # A guess, which a person should see.
    assert [flag.kind for flag in linked.flags] == ["ambiguous-name"]
    again = link(found, linked.entities, source="D01", transcript=transcript)
    assert again.mentions == linked.mentions


@pytest.mark.parametrize(
    ("text", "person", "other"),
    [
        ("Jeg snakket med Kari. Etterpå kalte hun på Ola.", "Kari", "Ola"),
        ("Kari kom hjem.\nVi kalte ham Knotten.", "Kari", "Knotten"),
        ("Kari sa at " + "det var fint vær " * 9 + "og vi kalte ham Knotten.", "Kari", "Knotten"),
        ("I called Grace and told her.", "I", "Grace"),
        ("So Harris takes over. And everyone will still call me Pete.", "Harris", "Pete"),
        ("Kari kom. Hun sa at en elev, jeg kaller ham bare K., klaget.", "Kari", "K"),
        ("Kari came. Then a new boy who we called him Ted cried.", "Kari", "Ted"),
    ],
)
def test_other_names_nearby_are_other_people(text: str, person: str, other: str) -> None:
    assert nicknames(mentions(text, person, other), Transcript((Turn(text),), "en")) == {}


def test_a_second_nickname_in_the_same_breath() -> None:
    text = "Mohammad Reza Karimi. Vi kaller ham Reza, eller Professoren."
    found = mentions(text, "Mohammad Reza Karimi", "Professoren")
    reza = Mention(0, text.index("Reza,"), text.index("Reza,") + 4, "PERSON", "Reza", 0.9, "test")
    linked = link((*found, reza), (), source="D01", transcript=Transcript((Turn(text),), "nb"))
    assert len({m.entity for m in linked.mentions}) == 1
