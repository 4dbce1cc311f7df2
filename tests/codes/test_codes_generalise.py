"""Generalisations: ages, dates, places, organisations and bare labels."""

from __future__ import annotations

import gzip
import re
from importlib.resources import files

import pytest

from anonpipe.codes.generalise import DATES, generalise, without_generalisations
from anonpipe.codes.generalise.places import PARTS
from anonpipe.transcript import MENTION_TYPES


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("45", "nb", "[45–49 år]"),
        ("45 år", "nn", "[45–49 år]"),
        ("femogtredve", "nb", "[35–39 år]"),
        ("førtini", "nb", "[45–49 år]"),
        ("femti to år", "nb", "[50–54 år]"),
        ("fifty-one years", "en", "[50–54 years]"),
        ("fifty one", "en", "[50–54 years]"),
        ("sixteen years old", "en", "[15–19 years old]"),
        ("tre", "nn", "[1–4 år]"),
        ("tre og et halvt år", "nb", "[1–4 år]"),
        ("åtte måneder", "nb", "[under 1 år]"),
        ("et halvt år", "nb", "[under 1 år]"),
        ("eight months old", "en", "[under 1 year]"),
        ("18 months", "en", "[1–4 years]"),
        ("førtifemåring", "nb", "[45–49 år]"),
        ("mellom 40 og 44", "nb", "[40–44 år]"),
        ("eighty-nine", "en", "[85–89 years]"),
        ("nitti", "nb", "[90 år eller eldre]"),
        ("hundre og tre år", "nn", "[90 år eller eldre]"),
        ("a hundred and three", "en", "[90 years or older]"),
        ("to år og tre måneder", "nb", "[1–4 år]"),
        ("40-årene", "nb", "[40–49 år]"),
        ("mellom 40 og 50", "nb", None),
        ("gammel", "nb", None),
        ("500", "nb", None),
    ],
)
def test_an_age_becomes_a_band(text: str, language: str, expected: str | None) -> None:
    assert generalise("AGE", text, language) == expected


@pytest.mark.parametrize(
    ("text", "after", "language", "expected"),
    [
        ("45", "-åring fra byen", "nb", "[45–49]"),
        ("45", " år gammel", "nb", "[45–49]"),
        ("ninety", " years old", "en", "[90 or older]"),
        ("8", " måneder gammel", "nb", "[under 1 år]"),
        ("40", "-årene", "nb", "[40–49]"),
        ("45", ", og gift", "nb", "[45–49 år]"),
    ],
)
def test_a_unit_that_follows_is_not_said_twice(
    text: str, after: str, language: str, expected: str
) -> None:
    assert generalise("AGE", text, language, after=after) == expected


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("14. mars 2019", "nb", "[mars 2019]"),
        ("mandag den 14. mars", "nn", "[mars]"),
        ("attende januar tjuetjuefire", "nb", "[januar 2024]"),
        ("tredje mars nitten åttifem", "nb", "[mars 1985]"),
        ("andre i tredje nitten åtti", "nb", "[mars 1980]"),
        ("mai åttito", "nb", "[mai 1982]"),
        ("to tusen og tjue to", "nb", "[2022]"),
        ("to tusen og fem tre uker etter", "nb", "[2005]"),
        ("nitten null fem", "nb", "[1905]"),
        ("to tusen og attan", "nn", None),
        ("den sjette juni to tusen og fem", "nb", "[juni 2005]"),
        ("the second of November", "en", "[November]"),
        ("June 3rd, 1999", "en", "[June 1999]"),
        ("the twenty fourth of May nineteen eighty two", "en", "[May 1982]"),
        ("01.02.2023", "nb", "[februar 2023]"),
        ("1.2.48", "nb", "[februar 1948]"),
        ("010223", "nb", "[februar 2023]"),
        ("1/2/2023", "en", "[2023]"),  # British or American?
        ("25/2/2023", "en", "[February 2023]"),
        ("2019-03-14", "en", "[March 2019]"),
        ("13.4.", "nb", "[april]"),
        ("våren 2018", "nn", "[våren 2018]"),
        ("the summer of 2019", "en", "[summer 2019]"),
        ("tidlig i 2019", "nb", "[tidlig i 2019]"),
        ("jula 2019", "nn", "[seint i 2019]"),
        ("2019", "nb", "[2019]"),
        ("1980-tallet", "nn", "[1980-talet]"),
        ("mandag", "nb", None),
        ("klokka tre", "nb", None),
        ("fra mars til mai 2019", "nb", None),
        ("kl. 10.10 den 3. mai", "nb", "[mai]"),
        ("01.02.2023–05.03.2023", "nb", "[2023]"),
        ("2019-14-03", "nb", "[2019]"),
        ("andre klasse i første", "nb", None),
        ("våren og høsten 2018", "nb", "[2018]"),
    ],
)
def test_a_date_loses_its_day(text: str, language: str, expected: str | None) -> None:
    assert generalise("DATE", text, language) == expected


@pytest.mark.parametrize(
    ("text", "language", "part", "year"),
    [
        ("14. mars 2019", "nb", "[tidlig i 2019]", "[2019]"),
        ("March 2019", "en", "[early 2019]", "[2019]"),
        ("1 August 2019", "en", "[mid-2019]", "[2019]"),
        ("1. september 2019", "nn", "[seint i 2019]", "[2019]"),
        ("14. mars", "nb", "[mars]", "[mars]"),
        ("våren 2018", "nb", "[våren 2018]", "[2018]"),
    ],
)
def test_a_study_may_want_less_of_a_date(text: str, language: str, part: str, year: str) -> None:
    assert generalise("DATE", text, language, dates="part-of-year") == part
    assert generalise("DATE", text, language, dates="year") == year


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("Bergen", "nb", "[by på Vestlandet]"),
        ("bergens", "nn", "[by på Vestlandet]"),
        ("Oslo", "en", "[town in Eastern Norway]"),
        ("Hamar", "nn", "[by på Austlandet]"),
        ("Mo i Rana", "nb", "[by i Nord-Norge]"),
        ("Steinkjer", "nb", "[by i Trøndelag]"),
        ("Klepp", "nb", "[kommune i Rogaland]"),
        ("Bærum kommune", "nb", "[kommune i Akershus]"),
        ("Rosendal", "nb", "[sted i Vestland]"),
        ("Sunnmøre", "nn", "[stad i Møre og Romsdal]"),
        ("Grünerløkka", "nb", "[sted i Oslo]"),
        ("Frogner", "nb", "[sted på Østlandet]"),  # in Oslo and in Akershus
        ("Herøy", "nb", "[sted i Norge]"),  # on Sunnmøre and in Nordland
        ("Våler", "nb", "[sted på Østlandet]"),
        ("Rogaland", "nb", "[fylke på Vestlandet]"),
        ("Trøndelag", "nn", "[fylke i Noreg]"),  # a part of the country with one county
        ("Agder", "nb", "[fylke i Norge]"),
        ("Nord-Norge", "nb", "[landsdel i Norge]"),
        ("Norge", "nb", "[land i Europa]"),
        ("Kraków", "nb", "[by i Polen]"),
        ("Krakow", "nn", "[by i Polen]"),
        ("Szeged", "en", "[town in Hungary]"),
        ("Reykjavik", "nb", "[by på Island]"),
        ("København", "nb", "[by i Danmark]"),
        ("Amsterdam", "en", "[town in the Netherlands]"),
        ("Mogadishu", "nb", "[by i Somalia]"),
        ("Texas", "nb", "[sted i USA]"),
        ("Polen", "nb", "[land i Europa]"),
        ("Somalia's", "en", "[country in Africa]"),
        ("the United States", "en", "[country in North America]"),
        ("Senja", "nn", "[kommune i Troms]"),
        ("Lund", "nb", None),  # in Rogaland or in Sweden
        ("Cambridge", "en", None),  # in several countries
        ("Bortistan", "nb", None),
    ],
)
def test_a_place_becomes_its_region(text: str, language: str, expected: str | None) -> None:
    assert generalise("LOCATION", text, language) == expected


def test_every_municipality_has_a_region() -> None:
    listed = files("anonpipe.detect").joinpath("data", "norway.txt").read_text(encoding="utf-8")
    counties: dict[str, list[str]] = {}
    for line in listed.splitlines():
        county, kind, *names = line.split()
        if kind == "M":
            counties[county.replace("_", " ")] = [name.replace("_", " ") for name in names]
    assert set(counties) == set(PARTS)
    assert sum(map(len, counties.values())) == 357
    for county, names in counties.items():
        for name in names:
            found = generalise("LOCATION", name, "nb")
            if name in ("Lund", "Rauma"):  # towns in Sweden and Finland too
                assert found is None
                continue
            assert found is not None, name
            towns = f"[by {PARTS[county].nb}]"
            assert found in {f"[kommune i {county}]", towns} or found.startswith("[sted "), name


def test_the_lists_are_the_ones_that_build_writes() -> None:
    for name in ("regions.txt.gz", "countries.txt.gz", "first-languages.txt.gz"):
        data = files("anonpipe.detect").joinpath("data", name).read_bytes()
        lines = gzip.decompress(data).decode("utf-8").splitlines()
        assert lines == sorted(set(lines))


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("Solbakken skole", "nb", "[skole]"),
        ("Solbakken skules", "nn", "[skule]"),
        ("St Mary's Primary School", "en", "[school]"),
        ("NAV Grünerløkka", "nb", "[NAV-kontor]"),
        ("Haukeland universitetssjukehus", "nn", "[sjukehus]"),
        ("Universitetet i Oslo", "nb", "[universitet]"),
        ("Høgskulen på Vestlandet", "nn", "[høgskule]"),
        ("Lia barnehage", "nb", "[barnehage]"),
        ("Hansens Bakeri AS", "nb", "[bedrift]"),
        ("Jæren Sparebank", "nb", "[bank]"),
        ("Larne Credit Union", "en", "[bank]"),
        ("Springbank", "en", None),
        ("Equinor", "nb", None),
        ("Navarsete", "nb", None),
    ],
)
def test_an_organisation_becomes_its_kind(text: str, language: str, expected: str | None) -> None:
    assert generalise("ORG", text, language) == expected


def test_numbers_and_addresses_become_bare_labels() -> None:
    bare = {kind: generalise(kind, "x", "nb") for kind in MENTION_TYPES}
    assert bare["PHONE"] == "[telefonnummer]" and bare["OCCUPATION"] == "[yrke]"
    assert generalise("PHONE", "90 12 34 56", "en") == "[phone number]"
    without = {kind for kind, text in bare.items() if text is None}
    assert without == {"PERSON", "LOCATION", "ORG", "DATE", "AGE", "OTHER"}


@pytest.mark.parametrize("language", ["nb", "nn", "en"])
def test_every_generalisation_of_a_place_is_known_as_one(language: str) -> None:
    data = files("anonpipe.detect").joinpath("data", "regions.txt.gz").read_bytes()
    names = [line.split("\t")[0] for line in gzip.decompress(data).decode().splitlines()]
    said = {generalise("LOCATION", name, language) for name in [*names[::7], "Vestlandet"]} - {None}
    assert len(said) > 100
    left = [text for text in said if without_generalisations(text) == text]
    assert left == []


@pytest.mark.parametrize("language", ["nb", "nn", "en"])
def test_every_other_generalisation_is_known_as_one(language: str) -> None:
    dates = [
        generalise("DATE", text, language, dates=form)
        for text in (
            "14. mars 2019",
            "14 March",
            "i mars",
            "våren",
            "summer of 2001",
            "1970-tallet",
        )
        for form in DATES
    ]
    organisations = [
        generalise("ORG", text, language) for text in ("Voss skole", "NAV", "Kvass AS")
    ]
    ages = [
        generalise("AGE", text, language) for text in ("45", "et halvt år", "nitti", "40-årene")
    ]
    bare = [generalise(kind, "x", language) for kind in MENTION_TYPES]
    said = {*dates, *organisations, *ages, *bare} - {None}
    assert len(said) > 15
    looks_like_code = re.compile(r"\[[^\[\]]*\d[^\[\]]{0,10}\]")
    assert [
        text for text in said if not looks_like_code.fullmatch(without_generalisations(text))
    ] == []


@pytest.mark.parametrize("text", ["[Bergen]", "[by i Rogaland, Bergen]", "[ler]", "by i Rogaland"])
def test_other_text_in_brackets_stays(text: str) -> None:
    assert without_generalisations(text) == text
