"""Places as the region that they lie in.

In Norway a town becomes its part of the country («by på Vestlandet»), because a county has few
towns, and any other place its county («kommune i Rogaland»). Abroad a town becomes its country
(«by i Polen») and a country its continent. `anonpipe/detect/data/README.md` names the sources.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from anonpipe.codes.generalise.words import Words
from anonpipe.resources import word_list, word_set

_EAST = Words("på Østlandet", "på Austlandet", "in Eastern Norway")
_SOUTH = Words("på Sørlandet", "på Sørlandet", "in Southern Norway")
_WEST = Words("på Vestlandet", "på Vestlandet", "in Western Norway")
_MID = Words("i Trøndelag", "i Trøndelag", "in Trøndelag")
_NORTH = Words("i Nord-Norge", "i Nord-Noreg", "in Northern Norway")
_NORWAY = Words("i Norge", "i Noreg", "in Norway")
# The parts of the country as Norway's counties belong to them since 2024.
PARTS: Mapping[str, Words] = {
    **dict.fromkeys(
        ("Oslo", "Akershus", "Østfold", "Buskerud", "Vestfold", "Telemark", "Innlandet"), _EAST
    ),
    "Agder": _SOUTH,
    **dict.fromkeys(("Rogaland", "Vestland", "Møre og Romsdal"), _WEST),
    "Trøndelag": _MID,
    **dict.fromkeys(("Nordland", "Troms", "Finnmark"), _NORTH),
}
"""Each of the 15 counties with its part of the country (landsdel)."""
_LANDSDELER = word_set("østlandet austlandet sørlandet vestlandet nord-norge nord-noreg")
_CONTINENTS = {
    "AF": Words("i Afrika", "i Afrika", "in Africa"),
    "AN": Words("i Antarktis", "i Antarktis", "in Antarctica"),
    "AS": Words("i Asia", "i Asia", "in Asia"),
    "EU": Words("i Europa", "i Europa", "in Europe"),
    "NA": Words("i Nord-Amerika", "i Nord-Amerika", "in North America"),
    "OC": Words("i Oseania", "i Oseania", "in Oceania"),
    "SA": Words("i Sør-Amerika", "i Sør-Amerika", "in South America"),
}
_IN = Words("i", "i", "in")
_TOWN = Words("by", "by", "town")
_MUNICIPALITY = Words("kommune", "kommune", "municipality")
_PLACE = Words("sted", "stad", "place")
_COUNTY = Words("fylke", "fylke", "county")
_PART = Words("landsdel", "landsdel", "region")
_COUNTRY = Words("land", "land", "country")

A_PLACE = Words("et sted", "ein stad", "a place")
A_COUNTRY = Words("et annet land", "eit anna land", "another country")
"""What is left of a place, and of a country, in the end."""

# Islands of which Norwegian says «på», and countries whose English names have an article.
_ON = word_set("BB CU CY FJ FO GL HT IS JM LK MG MT MU MV NZ PH SC SJ")
_THE = word_set("AE BS CD CF DO FO GB GM KM MH MV NL PH PS SB SC US")
_NEAR = word_set("DK FI SE")  # countries whose towns are spoken of as those of Norway are

_TITLE = re.compile(r"^(?:byen|tettstedet|bygda|the(?: (?:town|city|village) of)?) ", re.IGNORECASE)
_ADDED = re.compile(
    r"(?: kommune| herad| by| sentrum| city cent(?:re|er)| city| town| fylke| county)$",
    re.IGNORECASE,
)
_GENITIVE = re.compile(r"(?:['’ʼ´`]s?|s)$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Country:
    """Its name and the code of its continent (GeoNames)."""

    name: Words
    continent: str


def region(text: str, language: str) -> str | None:
    """The region of a place, with its kind: «by på Vestlandet», “town in Hungary”.

    A genitive («Bergens») and what only says what the place is («Bærum kommune») are passed
    over. Of several places of one name the larger counts (town, then municipality and parish,
    then village); where equal ones lie apart, the region is what holds them all. A town in Norway
    goes before one abroad; of other places that does only in a Norwegian transcript, and
    not before a town in a neighbouring country. None where that leaves a doubt, and for names on
    no list.
    """
    for name in _readings(text):
        found = _places().get(name)
        if found is not None:
            if _doubtful(found, language):
                return None
            return _norwegian(found, language) or _foreign(found, language)
        if name in _LANDSDELER:
            return f"{_PART.of(language)} {_NORWAY.of(language)}"
    return None


def wider(text: str, language: str) -> tuple[str, ...]:
    """A place as `region` tells it, then as larger regions do, then as no more than a place.

    «Bergen»: «by på Vestlandet», «by i Norge», «et sted». For names on no list only the last.
    """
    exact = region(text, language)
    if exact is None:
        return (A_PLACE.of(language),)
    kind, _, within = exact.partition(" ")
    larger = _larger(within, language)
    last = A_COUNTRY if kind == _COUNTRY.of(language) else A_PLACE
    forms = (exact, *(f"{kind} {place}" for place in larger), last.of(language))
    return tuple(dict.fromkeys(forms))


def _larger(within: str, language: str) -> tuple[str, ...]:
    """The regions that hold one, each in the next: «i Rogaland» -> «på Vestlandet», «i Norge»."""
    country = _NORWAY.of(language)
    if within == country:
        return ()
    for county, part in PARTS.items():
        if within == _within({county}, language):
            return part.of(language), country
    if within in {part.of(language) for part in PARTS.values()}:
        return (country,)
    for code, land in _countries().items():
        if within == _in_country(code, land, language):
            return (_CONTINENTS[land.continent].of(language),)
    return ()


def where(text: str, language: str) -> str | None:
    """The region that a place in a longer name lies in: «på Vestlandet» for «Bergen katedralskole».

    None unless the name holds exactly one place that is known and lies in Norway or in one
    country abroad.
    """
    found = {
        region(word, language) for word in re.findall(r"[^\W\d_][\w-]+", text) if word[0].isupper()
    } - {None}
    places = {each.partition(" ")[2] for each in found if each is not None}
    return places.pop() if len(places) == 1 else None


def _readings(text: str) -> list[str]:
    """The ways to read a name, as it stands first, in lower case."""
    name = " ".join(text.split()).lower()
    bare = _ADDED.sub("", _TITLE.sub("", name))
    names = [name, bare, _GENITIVE.sub("", name), _ADDED.sub("", _GENITIVE.sub("", bare))]
    return list(dict.fromkeys(filter(None, names)))


_Places = tuple[tuple[str, str], ...]
"""Kind and region of every place of one name; `data/build.py` explains the kinds."""


def _doubtful(places: _Places, language: str) -> bool:
    """True if one of the places is in Norway and no town, and another is a town abroad."""
    kinds = {kind for kind, _ in places}
    abroad = {country for kind, country in places if kind == "t"}
    if not abroad or "T" in kinds or kinds.isdisjoint("MPp"):
        return False
    return language not in {"nb", "nn", "no"} or not abroad.isdisjoint(_NEAR)


def _norwegian(places: _Places, language: str) -> str | None:
    for kinds in ("F", "T", "MP", "p"):
        found = {(kind, county) for kind, county in places if kind in kinds}
        if not found:
            continue
        counties = {county for _, county in found}
        if kinds == "F":
            county = counties.pop()
            alone = list(PARTS.values()).count(PARTS[county]) == 1
            where = _NORWAY if alone else PARTS[county]
            return f"{_COUNTY.of(language)} {where.of(language)}"
        if kinds == "T":
            return f"{_TOWN.of(language)} {PARTS[counties.pop()].of(language)}"
        municipal = any(kind == "M" for kind, _ in found) and len(counties) == 1
        what = (_MUNICIPALITY if municipal else _PLACE).of(language)
        return f"{what} {_within(counties, language)}"
    return None


def _within(counties: set[str], language: str) -> str:
    """Where something lies that is in one of these counties."""
    if len(counties) == 1:
        return f"{_IN.of(language)} {next(iter(counties))}"
    parts = {PARTS[county] for county in counties}
    return (parts.pop() if len(parts) == 1 else _NORWAY).of(language)


def _foreign(places: _Places, language: str) -> str | None:
    kind, code = min(places, key=lambda place: "Cts".index(place[0]))
    country = _countries().get(code)
    if country is None:
        return None
    if kind == "C":
        return f"{_COUNTRY.of(language)} {_CONTINENTS[country.continent].of(language)}"
    what = _TOWN if kind == "t" else _PLACE
    return f"{what.of(language)} {_in_country(code, country, language)}"


def _in_country(code: str, country: _Country, language: str) -> str:
    on = Words("på", "på", "in") if code in _ON else _IN
    name = country.name.of(language)
    if code in _THE and language not in {"nb", "nn", "no"}:
        name = f"the {name}"
    return f"{on.of(language)} {name}"


@cache
def regions() -> frozenset[str]:
    """Everything that `region` may say."""
    kinds = (_TOWN, _MUNICIPALITY, _PLACE, _COUNTY, _PART, _COUNTRY)
    found = {*A_PLACE, *A_COUNTRY}
    for language in Words._fields:
        where = {_NORWAY, *PARTS.values(), *_CONTINENTS.values()}
        places = {words.of(language) for words in where}
        places |= {_within({county}, language) for county in PARTS}
        places |= {_in_country(code, c, language) for code, c in _countries().items()}
        found |= {f"{kind.of(language)} {place}" for kind in kinds for place in places}
    return frozenset(found)


@cache
def _places() -> Mapping[str, _Places]:
    """What is known of each name, in lower case."""
    table: dict[str, _Places] = {}
    plain: dict[str, set[str]] = {}  # towns abroad, as they are written without accents
    for line in word_list("regions.txt.gz"):
        name, kind, where = line.split("\t")
        lower = name.lower()
        table[lower] = (*table.get(lower, ()), (kind, where))
        if kind == "t" and not lower.isascii():
            plain.setdefault(_without_accents(lower), set()).add(where)
    for name, countries in plain.items():
        if len(countries) == 1:
            table.setdefault(name, (("t", countries.pop()),))
    return table


def _without_accents(text: str) -> str:
    letters = unicodedata.normalize("NFKD", text)
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


@cache
def _countries() -> Mapping[str, _Country]:
    """Countries by ISO 3166 code."""
    return {
        code: _Country(Words(*names), continent)
        for code, continent, *names in (line.split("\t") for line in word_list("countries.txt.gz"))
    }
