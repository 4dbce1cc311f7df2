"""Reads the corpora of training as documents."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator
from pathlib import Path

from text import NAMES, Document, Token, tokens_of

HERE = Path(__file__).parent

_NORNE = {
    "PER": "PERSON", "LOC": "LOCATION", "GPE_LOC": "LOCATION", "GPE_ORG": "LOCATION", "ORG": "ORG",
}  # fmt: skip
_WNUT = {"person": "PERSON", "location": "LOCATION", "corporation": "ORG", "group": "ORG"}
_MARK = re.compile(r"\[\[(\??)([A-Z_]+)#(\w+)\|([^\]]*)\]\]")
_LABEL = re.compile(r"^(?:[^\s:\[\]]+ ?){1,2}:\s+")


def _relabel(words: list[str], tags: list[str], names: dict[str, str]) -> list[Token]:
    line: list[Token] = []
    for word, tag in zip(words, tags, strict=True):
        part, _, kind = tag.partition("-")
        glued = bool(line) and re.fullmatch(r"[.,:;!?)»”%]|n't|'\w*", word) is not None
        if kind == "MISC":
            line += tokens_of(word, None, glued)
        elif kind in names:
            new = tokens_of(word, names[kind], glued)
            for n, token in enumerate(new):
                token.label = ("B-" if part == "B" and n == 0 else "I-") + names[kind]
            line += new
        else:
            line += tokens_of(word, "O", glued)
    return line


def norne(path: Path) -> Iterator[Document]:
    """NorNE's sentences, in the order of their texts."""
    language = "nn" if path.name.startswith("nno") else "nb"
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            record = json.loads(line)
            yield Document(
                [_relabel(record["tokens"], record["tags"], _NORNE)],
                language,
                NAMES,
                False,
                "norne",
            )


def columns(path: Path, language: str) -> Iterator[Document]:
    """CoNLL-like files: Universal NER (index, token, tag) and WNUT17 (token, tag)."""
    words: list[str] = []
    tags: list[str] = []
    for line in [*path.read_text(encoding="utf-8").splitlines(), ""]:
        fields = line.split("\t")
        if line.startswith("# "):
            continue
        if len(fields) < 2:
            if words:
                tags = ["O" if t.endswith("OTH") else t for t in tags]
                kinds = {"PER": "PERSON", "LOC": "LOCATION", "ORG": "ORG", **_WNUT}
                yield Document([_relabel(words, tags, kinds)], language, NAMES, False, path.name)
            words, tags = [], []
            continue
        at = 1 if fields[0].split("-")[0].isdigit() and len(fields) > 2 else 0
        words.append(fields[at])
        tags.append(fields[at + 1])


def marked(path: Path) -> Document:
    """An interview with inline marks `[[TYPE#ID|surface]]`, speakers taken off the lines."""
    text = path.read_text(encoding="utf-8")
    lines: list[list[Token]] = []
    speakers: list[str] = []
    for row in text.splitlines():
        if not row.strip():
            continue
        label = _LABEL.match(row)
        speakers.append(label.group() if label else "")
        row = row[label.end() :] if label else row
        line: list[Token] = []
        last = 0
        for mark in _MARK.finditer(row):
            line += tokens_of(row[last : mark.start()], "O", last > 0)
            glued = mark.start() > 0 and not row[mark.start() - 1].isspace()
            kind = None if mark.group(1) else mark.group(2)
            line += tokens_of(mark.group(4), kind, glued)
            last = mark.end()
        line += tokens_of(row[last:], "O", last > 0)
        lines.append(line)
    small = sum(line[0].text.islower() for line in lines)
    raw = small > 0.6 * sum(line[0].text.isalpha() for line in lines)
    words = re.findall(r"\w+", text.lower())
    language = _language(words)
    return Document(lines, language, source=path.name, raw=raw, speakers=speakers)


def _language(words: list[str]) -> str:
    def share(those: str) -> float:
        return sum(w in those.split() for w in words) / max(1, len(words))

    if share("the and was of you that") > share("og det jeg eg ikke ikkje som"):
        return "en"
    return "nn" if share("eg ikkje ein frå ho kva") > share("jeg ikke en fra hun hva") else "nb"


def interviews(folder: Path = HERE / "interviews") -> list[Document]:
    return [marked(path) for path in sorted(folder.glob("*.txt"))]


def corpora(data: Path) -> list[Document]:
    """All of NorNE's training part, Universal NER and WNUT17 under `data`."""
    other = data / "ner-other"
    documents = [*norne(data / "norne/nob-train.jsonl"), *norne(data / "norne/nno-train.jsonl")]
    for name, language in (
        ("uner-en_ewt-dev.iob2", "en"), ("uner-en_ewt-test.iob2", "en"),
        ("uner-sv_talbanken-train.iob2", "sv"), ("uner-da_ddt-train.iob2", "da"),
        ("wnut17-en-train.conll", "en"),
    ):  # fmt: skip
        documents += columns(other / name, language)
    return documents


def name_lists() -> dict[str, list[str]]:
    """First names (F), surnames (L) and places (P): all of the project's lists; N, M: in Norway."""
    folder = HERE.parents[1] / "anonpipe/detect/data"
    lists: dict[str, list[str]] = {"F": [], "L": [], "P": []}
    with gzip.open(folder / "names.txt.gz", "rt", encoding="utf-8") as lines:
        for line in lines:
            name, _, kinds = line.rstrip("\n").partition("\t")
            for kind in kinds:
                if kind in lists and len(name) > 1:
                    lists[kind].append(name)
    for key, file in (("N", "first-names.txt"), ("M", "surnames.txt")):
        rows = (folder / file).read_text(encoding="utf-8").splitlines()
        lists[key] = [w for row in rows if not row.startswith("#") for w in row.split()]
    return lists
