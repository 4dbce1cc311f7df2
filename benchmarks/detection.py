"""How much detection leaks and how much it masks in vain, beside Presidio and spaCy as they come.

    python benchmarks/detection.py GOLD... [--systems anonpipe presidio spacy] [--by type language]

GOLD are folders of transcripts NN_LANGUAGE_STYLE.txt; every identifying span is marked
`[[TYPE#ID|surface]]`; `[[?TYPE#ID|surface]]` may be masked or not and counts for nothing.
Presidio is an AnalyzerEngine with its default recognizers over the installed model en-core-web-sm
(`anonpipe models install en-core-web-sm`), spaCy is that model's persons, places and
organisations; both read Norwegian as well, since neither has anything for it. Prints tables:

leak       share of mentions with a letter or digit left readable, with a 95 % interval from 2,000
           bootstrap samples of entities (all mentions of one stay together)
direct     the same for names, addresses and numbers of people; quasi: for places, organisations,
           dates, ages and occupations
entities   share of entities of which no mention leaked
precision  share of the masked letters and digits that identify
codes      B-cubed F1 of the codes of persons, places and organisations against the entities
words/s    speed on this machine after the first text, everything included
"""

from __future__ import annotations

import argparse
import random
import re
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from anonpipe.errors import ModelError

MARK = re.compile(r"\[\[(\??)([A-Z_]+)#(\d+)\|(.*?)\]\]", re.S)
DIRECT = frozenset("PERSON ADDRESS PHONE EMAIL NATIONAL_ID ACCOUNT URL VEHICLE OTHER".split())
STYLES = {"clean": "clean", "asr": "raw recogniser"}
LANGUAGES = {"nb": "bokmål", "nn": "nynorsk", "en": "English"}
Found = tuple[int, int, str]
"""First character, character after the last, and code of a masked span."""


@dataclass(frozen=True, slots=True)
class Mention:
    kind: str
    entity: str
    leaked: bool
    code: str | None


@dataclass(frozen=True, slots=True)
class Result:
    """One file under one system."""

    language: str
    style: str
    mentions: tuple[Mention, ...]
    masked: int
    right: int
    words: int
    seconds: float


def parse(marked: str) -> tuple[str, list[tuple[int, int, str, str]]]:
    """The plain text and its spans (start, end, type or "" where open, entity)."""
    text, spans, last = "", [], 0
    for mark in MARK.finditer(marked):
        text += marked[last : mark.start()]
        kind = "" if mark[1] else mark[2]
        spans.append((len(text), len(text) + len(mark[4]), kind, f"{mark[2]}#{mark[3]}"))
        text += mark[4]
        last = mark.end()
    return text + marked[last:], spans


def judge(path: Path, find: Callable[[Path, str, str], list[Found]], folder: Path) -> Result:
    """Run a system on one file and compare."""
    text, spans = parse(path.read_text(encoding="utf-8"))
    _number, language, style = path.stem.split("_")
    plain = folder / path.name
    plain.write_text(text, encoding="utf-8")
    start = time.perf_counter()
    found = find(plain, text, language)
    seconds = time.perf_counter() - start
    cover: list[str | None] = [None] * len(text)
    for first, end, code in found:
        cover[first:end] = [code] * (end - first)
    gold = {i for a, b, kind, _ in spans if kind for i in range(a, b)}
    either = {i for a, b, kind, _ in spans if not kind for i in range(a, b)}
    masked = [i for i, c in enumerate(text) if c.isalnum() and cover[i] and i not in either]
    mentions = []
    for a, b, kind, entity in spans:
        body = [i for i in range(a, b) if text[i].isalnum()]
        if kind:
            leaked = any(cover[i] is None for i in body)
            mentions.append(Mention(kind, entity, leaked, None if leaked else cover[body[0]]))
    return Result(
        language, style, tuple(mentions), len(masked), len(gold.intersection(masked)),
        len(text.split()), seconds,
    )  # fmt: skip


def anonpipe() -> Callable[[Path, str, str], list[Found]]:
    from anonpipe.scan import Scanner

    scanners = {language: Scanner(language) for language in LANGUAGES}
    return lambda path, text, language: [
        (e["start"], e["end"], e["code"]) for e in scanners[language].scan(path)["entities"]
    ]


def presidio() -> Callable[[Path, str, str], list[Found]]:
    from presidio_analyzer import AnalyzerEngine
    from presidio_analyzer.nlp_engine import NerModelConfiguration, SpacyNlpEngine

    from anonpipe import models

    engine = SpacyNlpEngine(
        models=[{"lang_code": "en", "model_name": str(models.resolve("en-core-web-sm"))}],
        ner_model_configuration=NerModelConfiguration(),
    )
    analyzer = AnalyzerEngine(nlp_engine=engine, supported_languages=["en"])
    return lambda path, text, language: [
        (r.start, r.end, text[r.start : r.end]) for r in analyzer.analyze(text, "en")
    ]


def spacy_alone() -> Callable[[Path, str, str], list[Found]]:
    import spacy

    from anonpipe import models

    nlp = spacy.load(models.resolve("en-core-web-sm"))
    kinds = {"PERSON", "GPE", "LOC", "FAC", "ORG"}
    return lambda path, text, language: [
        (e.start_char, e.end_char, e.text) for e in nlp(text).ents if e.label_ in kinds
    ]


SYSTEMS = {
    "anonpipe": ("anonpipe", anonpipe),
    "presidio": ("Presidio as it comes", presidio),
    "spacy": ("spaCy alone", spacy_alone),
}


def leak(mentions: Iterable[Mention]) -> float:
    those = list(mentions)
    return sum(m.leaked for m in those) / len(those) if those else float("nan")


def interval(results: list[Result]) -> tuple[float, float]:
    """The middle 95 % of the leak over bootstrap samples of entities."""
    entities: dict[tuple[int, str], list[bool]] = defaultdict(list)
    for n, result in enumerate(results):
        for m in result.mentions:
            entities[n, m.entity].append(m.leaked)
    pairs = [(sum(leaks), len(leaks)) for leaks in entities.values()]
    rng = random.Random(1)
    shares = []
    for _ in range(2000):
        sample = rng.choices(pairs, k=len(pairs))
        shares.append(sum(bad for bad, _ in sample) / sum(n for _, n in sample))
    shares.sort()
    return shares[50], shares[1949]


def whole(results: list[Result]) -> float:
    entities: dict[tuple[int, str], bool] = {}
    for n, result in enumerate(results):
        for m in result.mentions:
            entities[n, m.entity] = entities.get((n, m.entity), True) and not m.leaked
    return sum(entities.values()) / len(entities)


def b_cubed(results: list[Result]) -> float:
    """F1 of the codes per file, weighted by mentions that were masked."""
    total, weight = 0.0, 0
    for result in results:
        pairs = [
            (m.entity, m.code) for m in result.mentions
            if m.code is not None and m.kind in {"PERSON", "ORG", "LOCATION"}
        ]  # fmt: skip
        if not pairs:
            continue
        gold = Counter(entity for entity, _ in pairs)
        code = Counter(c for _, c in pairs)
        both = Counter(pairs)
        precision = sum(both[p] / code[p[1]] for p in pairs) / len(pairs)
        recall = sum(both[p] / gold[p[0]] for p in pairs) / len(pairs)
        total += 2 * precision * recall / (precision + recall) * len(pairs)
        weight += len(pairs)
    return total / weight if weight else float("nan")


def row(name: str, system: str, results: list[Result]) -> str:
    mentions = [m for r in results for m in r.mentions]
    low, high = interval(results)
    precision = sum(r.right for r in results) / max(1, sum(r.masked for r in results))
    speed = sum(r.words for r in results) / sum(r.seconds for r in results)
    return (
        f"| {name} | {system} | {len(mentions)} | {leak(mentions):.1%} ({low:.1%}–{high:.1%}) | "
        f"{leak(m for m in mentions if m.kind in DIRECT):.1%} | "
        f"{leak(m for m in mentions if m.kind not in DIRECT):.1%} | {whole(results):.1%} | "
        f"{precision:.1%} | {b_cubed(results):.2f} | {speed:,.0f} |"
    )


def main() -> None:
    import tempfile

    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("gold", type=Path, nargs="+")
    parser.add_argument("--systems", nargs="+", choices=SYSTEMS, default=list(SYSTEMS))
    parser.add_argument(
        "--by", nargs="*", choices=("language", "type"), default=["language", "type"]
    )
    a = parser.parse_args()
    files = sorted(f for folder in a.gold for f in folder.glob("*_*_*.txt"))
    if not files:
        parser.error("no file NN_LANGUAGE_STYLE.txt in " + " ".join(map(str, a.gold)))
    results: dict[str, list[Result]] = {}
    with tempfile.TemporaryDirectory() as folder:
        for key in a.systems:
            name, load = SYSTEMS[key]
            find = load()
            for language in LANGUAGES:  # the first text pays for loading
                (Path(folder) / "warm.txt").write_text("Hei Kari.", encoding="utf-8")
                find(Path(folder) / "warm.txt", "Hei Kari.", language)
            results[name] = [judge(f, find, Path(folder)) for f in files]
    groups: dict[str, Callable[[Result], bool]] = {}
    for style, title in STYLES.items():
        groups[title] = lambda r, s=style: r.style == s  # type: ignore[misc]
        for code, language in LANGUAGES.items() if "language" in a.by else ():
            groups[f"{language}, {title}"] = (  # type: ignore[misc]
                lambda r, s=style, c=code: r.style == s and r.language == c
            )
    groups["all"] = lambda r: True
    columns = "files system mentions leak direct quasi entities precision codes words/s".split()
    print("| " + " | ".join(columns) + " |\n" + "|---" * len(columns) + "|")
    for title, belongs in groups.items():
        for system, all_results in results.items():
            some = [r for r in all_results if belongs(r)]
            if some:
                print(row(title, system, some))
    if "type" in a.by:
        print(
            "\n| type | " + " | ".join(f"{s}: {t}" for s in results for t in STYLES.values()) + " |"
        )
        print("|---|" + "---|" * (len(results) * len(STYLES)))
        kinds = Counter(m.kind for r in next(iter(results.values())) for m in r.mentions)
        for kind, _ in kinds.most_common():
            cells = []
            for some in results.values():
                for style in STYLES:
                    those = [
                        m.leaked for r in some if r.style == style
                        for m in r.mentions if m.kind == kind
                    ]  # fmt: skip
                    cells.append(f"{sum(those)} of {len(those)}" if those else "–")
            print(f"| {kind} | " + " | ".join(cells) + " |")


if __name__ == "__main__":
    try:
        main()
    except ModelError as missing:
        raise SystemExit(str(missing)) from None
