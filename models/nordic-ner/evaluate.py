"""Scores the exported model on the development parts of NorNE, over the lean of the decision.

    python models/nordic-ner/evaluate.py DATA [--model models/nordic-ner] [--lean 0 1 2]
        [--interviews FOLDER...]

Persons, places (with GPE_LOC and GPE_ORG) and organisations, exact spans and types; in written
text and in text lower-cased and without punctuation. «Covered» is the share of persons of which
no letter is left outside the spans, whatever their type. With `--interviews` also what the model
alone leaks and masks in vain in marked interviews.
"""

from __future__ import annotations

import argparse
import json
import re
import time
from pathlib import Path

from anonpipe.detect.tagger import LEAN, Tagger

KINDS = {
    "PER": "PERSON", "LOC": "LOCATION", "GPE_LOC": "LOCATION", "GPE_ORG": "LOCATION", "ORG": "ORG",
}  # fmt: skip
INDIRECT = frozenset({"LOCATION", "ORG", "DATE", "AGE", "OCCUPATION"})
Gold = set[tuple[int, int, str]]


def load(path: Path, raw: bool) -> tuple[str, Gold]:
    """A development part as one text, a sentence a line, and its spans."""
    text, gold = "", set()
    for row in path.read_text(encoding="utf-8").splitlines():
        record = json.loads(row)
        line_start, spans, open_kind = len(text), [], ""
        for n, (word, tag) in enumerate(zip(record["tokens"], record["tags"], strict=True)):
            part, _, label = tag.partition("-")
            kind = KINDS.get(label, "")
            if raw and not any(c.isalnum() for c in word):
                open_kind = open_kind if part == "I" else ""
                continue
            if len(text) > line_start and (raw or record["space_after"][n - 1]):
                text += " "
            start = len(text)
            text += word.lower() if raw else word
            if kind and part == "I" and open_kind == kind:
                spans[-1] = (spans[-1][0], len(text), kind)
            elif kind:
                spans.append((start, len(text), kind))
            open_kind = kind
        gold.update(spans)
        text += "\n"
    return text, gold


def scores(found: Gold, gold: Gold) -> tuple[float, float, float]:
    """F1, recall and precision of exact spans with their types."""
    hits = len(found & gold)
    return 2 * hits / max(1, len(found) + len(gold)), hits / len(gold), hits / max(1, len(found))


def leak(tagger: Tagger, folder: Path, style: str) -> tuple[float, float, float]:
    """Marked interviews: share of mentions that leak, direct and indirect, and the precision.

    As `benchmarks/detection.py` has them: a mention leaks if a letter or digit of it lies outside
    all spans, precision is the share of masked letters and digits that are marked.
    """
    seen, leaked, masked, right = [0, 0], [0, 0], 0, 0
    for path in sorted(folder.glob(f"*{style}*.txt")):
        text, gold = unmarked(path.read_text(encoding="utf-8"))
        cover = {i for s in tagger.spans(text) for i in range(s.start, s.end) if text[i].isalnum()}
        wanted: set[int] = set()
        optional: set[int] = set()
        for start, end, kind in gold:
            letters = {i for i in range(start, end) if text[i].isalnum()}
            if not kind:
                optional |= letters
                continue
            wanted |= letters
            seen[kind in INDIRECT] += 1
            leaked[kind in INDIRECT] += not letters <= cover
        masked += len(cover - optional)
        right += len(cover & wanted)
    return leaked[0] / max(1, seen[0]), leaked[1] / max(1, seen[1]), right / max(1, masked)


def unmarked(marked: str) -> tuple[str, list[tuple[int, int, str]]]:
    """The plain text and its marked spans; "" is the type of what may be masked or not."""
    text, spans, last = "", [], 0
    for mark in re.finditer(r"\[\[(\??)([A-Z_]+)#\w+\|(.*?)\]\]", marked, re.S):
        text += marked[last : mark.start()]
        spans.append((len(text), len(text) + len(mark[3]), "" if mark[1] else mark[2]))
        text += mark[3]
        last = mark.end()
    return text + marked[last:], spans


def evaluate(data: Path, tagger: Tagger, leans: list[float]) -> None:
    columns = "text lean F1 recall precision PER_F1 PER_recall PER_covered LOC_F1 ORG_F1".split()
    print("| " + " | ".join(columns).replace("_", " ") + " |\n" + "|---" * len(columns) + "|")
    words, spent = 0, 0.0
    for part, name in (("nob", "bokmål"), ("nno", "nynorsk")):
        for raw in (False, True):
            text, gold = load(data / f"norne/{part}-dev.jsonl", raw)
            for lean in leans:
                tagger.lean = lean
                start = time.perf_counter()
                spans = tagger.written_names(text)
                spent, words = spent + time.perf_counter() - start, words + len(text.split())
                found = {(s.start, s.end, str(s.type)) for s in spans if s.type in KINDS.values()}
                open_ = set(range(len(text)))
                for span in spans:
                    open_.difference_update(range(span.start, span.end))
                people = [g for g in gold if g[2] == "PERSON"]
                covered = sum(
                    not any(i in open_ and text[i].isalnum() for i in range(a, b))
                    for a, b, _ in people
                )
                kinds = {
                    k: scores({s for s in found if s[2] == k}, {g for g in gold if g[2] == k})
                    for k in ("PERSON", "LOCATION", "ORG")
                }
                row = [*scores(found, gold), *kinds["PERSON"][:2], covered / len(people)]
                row += [kinds["LOCATION"][0], kinds["ORG"][0]]
                style = "raw" if raw else "written"
                print(
                    f"| {name}, {style} | {lean:g} | " + " | ".join(f"{v:.3f}" for v in row) + " |"
                )
    print(f"\n{words / spent:.0f} words a second")


def interviews(folders: list[Path], tagger: Tagger, leans: list[float]) -> None:
    print(
        "| interviews | style | lean | direct leak | indirect leak | precision |\n"
        + "|---" * 6
        + "|"
    )
    for folder in folders:
        for style in ("clean", "asr"):
            for lean in leans:
                tagger.lean = lean
                row = leak(tagger, folder, style)
                shown = " | ".join(f"{v:.1%}" for v in row)
                print(f"| {folder.name} | {style} | {lean:g} | {shown} |")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--model", type=Path, default=Path(__file__).parent)
    parser.add_argument("--lean", type=float, nargs="+", default=[0.0, LEAN, 2 * LEAN])
    parser.add_argument("--interviews", type=Path, nargs="*", default=[])
    chosen = parser.parse_args()
    loaded = Tagger(chosen.model)
    interviews(chosen.interviews, loaded, chosen.lean)
    evaluate(chosen.data, loaded, chosen.lean)
