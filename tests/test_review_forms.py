"""Suggested forms: several levels for every kind of detail, and none that still holds it."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from anonpipe.codes import without_generalisations
from anonpipe.codes.generalise import NOTHING, generalise, levels
from anonpipe.codes.generalise.details import band, detail, number, wide
from anonpipe.resources import word_set
from anonpipe.review.forms import MOST, holds, suggested
from anonpipe.transcript import MENTION_TYPES, MentionType


@pytest.mark.parametrize(
    ("kind", "text", "language", "forms"),
    [
        ("AGE", "47 år", "nb", ("[45–49 år]", "[40–49 år]", "[i førtiårene]", "[voksen]")),
        ("AGE", "førtisju", "nn", ("[45–49 år]", "[40–49 år]", "[i førtiåra]", "[vaksen]")),
        ("AGE", "sixteen", "en", ("[15–19 years]", "[10–19 years]", "[young person]")),
        ("AGE", "94", "nb", ("[90 år eller eldre]", "[eldre person]")),
        ("LOCATION", "Bergen", "nb", ("[by på Vestlandet]", "[by i Norge]", "[et sted]")),
        ("LOCATION", "Polen", "nn", ("[land i Europa]", "[eit anna land]")),
        ("LOCATION", "Leeds", "en",
         ("[town in the United Kingdom]", "[town in Europe]", "[a place]")),
        ("LOCATION", "Bærum kommune", "nb",
         ("[kommune i Akershus]", "[kommune på Østlandet]", "[kommune i Norge]", "[et sted]")),
        ("LOCATION", "Trøndelag", "nb", ("[fylke i Norge]", "[et sted]")),
        ("LOCATION", "Bortgjemtvik", "nb", ("[et sted]",)),
        ("DATE", "18. mars 2021", "nb",
         ("[mars 2021]", "[tidlig i 2021]", "[2021]", "[2020-tallet]")),
        ("DATE", "14 March 2019", "en", ("[March 2019]", "[early 2019]", "[2019]", "[2010s]")),
        ("DATE", "2006", "nb", ("[2000-tallet]",)),
        ("DATE", "hver torsdag", "nb",
         ("[én dag i uken]", "[noen dager i uken]", "[faste dager]")),
        ("ORG", "Bergen katedralskole", "nb",
         ("[skole på Vestlandet]", "[skole]", "[en organisasjon]")),
        ("ORG", "Kvass", "nb", ("[en organisasjon]",)),
        ("OCCUPATION", "avdelingsleder på kirurgisk", "nb", ("[leder]", "[yrke]")),
        ("OCCUPATION", "fyrvokter på Feistein", "nb",
         ("[yrke i transport]", "[yrke med hendene]", "[yrke]")),
        ("OCCUPATION", "midwife in Stornoway", "en",
         ("[health worker]", "[worker in health care]", "[occupation]")),
        ("OTHER", "tirsdager og torsdager", "nb",
         ("[to dager i uken]", "[noen dager i uken]", "[faste dager]", "[detalj utelatt]")),
        ("OTHER", "Tuesdays and Thursdays", "en",
         ("[two days a week]", "[some days a week]", "[on fixed days]", "[detail left out]")),
        ("OTHER", "tre barn", "nb", ("[flere barn]", "[barn]", "[detalj utelatt]")),
        ("OTHER", "tre barn", "nn", ("[fleire barn]", "[barn]", "[detalj utelaten]")),
        ("OTHER", "14 beboere", "nb",
         ("[mellom 10 og 20 beboere]", "[mellom 10 og 50 beboere]", "[flere beboere]",
          "[detalj utelatt]")),
        ("OTHER", "hundre og tolv ansatte", "nb",
         ("[mellom 100 og 200 ansatte]", "[mellom 100 og 500 ansatte]", "[flere ansatte]",
          "[detalj utelatt]")),
        ("OTHER", "450 000 kroner", "nb",
         ("[mellom 400 000 og 500 000 kroner]", "[noen hundre tusen kroner]", "[et beløp]",
          "[detalj utelatt]")),
        ("OTHER", "12 millioner kroner", "nb",
         ("[mellom 10 og 20 millioner kroner]", "[flere millioner kroner]", "[et beløp]",
          "[detalj utelatt]")),
        ("OTHER", "37,5 timer", "nb",
         ("[35–40 timer]", "[mange timer]", "[en tid]", "[detalj utelatt]")),
        ("OTHER", "klokka 16.30", "nb",
         ("[om ettermiddagen]", "[et klokkeslett]", "[detalj utelatt]")),
        ("OTHER", "at half past two", "en", ("[a time of day]", "[detail left out]")),
        ("OTHER", "fjerde etasje", "nb",
         ("[en av de øvre etasjene]", "[en etasje]", "[detalj utelatt]")),
        ("OTHER", "third floor", "en",
         ("[one of the upper floors]", "[a floor]", "[detail left out]")),
        ("OTHER", "i 17 år", "nb",
         ("[i 15–20 år]", "[i mange år]", "[i en tid]", "[detalj utelatt]")),
        ("OTHER", "60 prosent", "nb", ("[over halvparten]", "[en andel]", "[detalj utelatt]")),
        ("OTHER", "2024/3318-9", "nb", ("[referansenummer]", "[detalj utelatt]")),
        ("OTHER", "somalisk", "nb", ("[nasjonalitet]", "[detalj utelatt]")),
        ("OTHER", "Tåretrillaren", "nb", ("[detalj utelatt]",)),
        ("PHONE", "926 41 730", "nb", ("[telefonnummer]",)),
        ("PERSON", "Kari Nordmo", "nb", ()),
    ],
)  # fmt: skip
def test_forms_from_the_most_to_the_least_exact(
    kind: MentionType, text: str, language: str, forms: tuple[str, ...]
) -> None:
    assert suggested(kind, text, language) == forms


def test_a_unit_that_follows_in_the_turn_is_not_said_twice() -> None:
    turn = "Jeg er 47 år gammel."
    assert suggested("AGE", "47", "nb", context=turn) == ("[45–49]", "[40–49]")
    assert suggested("AGE", "47", "nb", context="Jeg er 47.")[0] == "[45–49 år]"


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("14 beboere på solbakken", "[mellom 10 og 20 beboere]"),
        ("tre barn i levanger", "[flere barn]"),
        ("tre ganger i uken", "[flere ganger i uken]"),
        ("U-2231", "[referansenummer]"),
        ("15208834", "[referansenummer]"),
        ("sal to", "[detalj utelatt]"),
    ],
)
def test_names_in_small_letters_do_not_stay_behind_a_number(text: str, form: str) -> None:
    assert suggested("OTHER", text, "nb")[0] == form


def test_no_form_holds_other_words_for_the_same_thing() -> None:
    assert suggested("LOCATION", "Asker", "nb")[0] == "[kommune i Akershus]"
    kept = suggested("LOCATION", "Asker", "nb", also=("Akershus",))
    assert kept[0] == "[kommune på Østlandet]"


@pytest.mark.parametrize(
    ("form", "words", "held"),
    [
        ("[45–49 år]", "45", False),
        ("[mellom 20 og 30 beboere]", "20", False),
        ("[20 beboere]", "20", True),
        ("[kommune i Akershus]", "Bærum kommune", False),
        ("[skole i Bergen]", "Bergen katedralskole", True),
        ("[to dager i uken]", "to dager", True),
        ("[by på Vestlandet]", "", False),
    ],
)
def test_what_a_form_still_says(form: str, words: str, held: bool) -> None:
    assert holds(form, words) is held


WORDS = st.sampled_from(
    sorted(
        word_set(
            "14 tre 45 000 kroner barn beboere tirsdag torsdager fjerde etasje i år uker Bergen "
            "Kari klokka halv to 60 prosent og hver three children Mondays floor kommune Rogaland"
        )
    )
)


@given(
    st.sampled_from(MENTION_TYPES),
    st.lists(WORDS, min_size=1, max_size=5).map(" ".join) | st.text(max_size=20),
    st.sampled_from(["nb", "nn", "en", "de"]),
)
@example("OTHER", "barn", "nb")
@example("OTHER", "en", "nb")
def test_forms_are_bracketed_few_different_and_never_the_detail(
    kind: MentionType, text: str, language: str
) -> None:
    forms = suggested(kind, text, language)
    assert len(forms) == len(set(forms)) <= MOST
    for form in forms:
        assert form[0] == "[" and form[-1] == "]" and len(form) > 2
        assert not set(form[1:-1]) & set("[]\n")
        assert form[1:-1].casefold() != " ".join(text.split()).casefold()
    assert forms == suggested(kind, text, language)


@given(st.integers(5, 9_999_999))
def test_a_number_lies_in_its_bands(value: int) -> None:
    for low, high in (band(value), wide(value)):
        assert low <= value < high


@pytest.mark.parametrize(
    ("text", "language", "value"),
    [("37,5", "nb", 37.5), ("1,200", "en", 1200.0), ("1.200", "nb", 1200.0),
     ("450 000", "nb", 450000.0), ("tjue to", "nb", 22.0), ("3 og 4", "nb", None),
     ("mange", "nb", None)],
)  # fmt: skip
def test_numbers_as_they_are_written(text: str, language: str, value: float | None) -> None:
    assert number(text, language) == value


@pytest.mark.parametrize("text", ["", "en halv dag", "Kari", "mellom 3 og 5 barn"])
def test_what_is_no_such_detail_has_no_form(text: str) -> None:
    assert detail(text, "nb") == ()


@pytest.mark.parametrize(
    ("kind", "text"),
    [("AGE", "47 år"), ("LOCATION", "Bergen"), ("DATE", "9. april 2020"), ("ORG", "Bergen skole")],
)
def test_what_a_policy_generalises_to_is_among_the_levels(kind: MentionType, text: str) -> None:
    assert generalise(kind, text, "nb") in levels(kind, text, "nb")


def test_a_form_without_figures_is_known_in_an_output() -> None:
    """Else a search for the names of the key would take it for one of them."""
    for kind, text in (
        ("LOCATION", "Bergen"), ("LOCATION", "Polen"), ("ORG", "Kvass"), ("OCCUPATION", "baker"),
        ("AGE", "47"), ("OTHER", "tirsdager"), ("OTHER", "Tåretrillaren"), ("OTHER", "somalisk"),
    ):  # fmt: skip
        for form in levels(kind, text, "nb"):
            hidden = without_generalisations(form)
            assert any(c.isdigit() for c in hidden), form
    assert "et sted" in NOTHING and "by på Vestlandet" not in NOTHING
