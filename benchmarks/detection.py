"""How much detection leaks and how much it masks in vain, beside Presidio as it comes.

    python benchmarks/detection.py --scorer score.py --gold DIR [--model DIR] [--skip-presidio]

DIR holds transcripts with inline gold markup, NN_LANGUAGE_STYLE.txt, that SCORER knows how to
read (its `--json` gives leak, entity and precision; it runs a command per file). The command for
anonpipe is `anonpipe scan`; the one for Presidio is this script with `--presidio FILE`, which runs
an AnalyzerEngine with its default recognizers over the spaCy model en_core_web_sm for every
language, since Presidio has nothing for Norwegian. `--model` is that model's folder; without it the
installed en-core-web-sm is used. Prints a table in Markdown.
"""

from __future__ import annotations

import argparse
import json
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

GROUPS = {
    "Norwegian, clean": ("_nb_clean", "_nn_clean"),
    "Norwegian, raw recogniser": ("_nb_asr", "_nn_asr"),
    "English, clean": ("_en_clean",),
    "English, raw recogniser": ("_en_asr",),
    "all": ("",),
}


def presidio_as_it_comes(path: Path, model: Path) -> list[dict[str, Any]]:
    """What Presidio's default recognizers find in an English reading of the file."""
    from presidio_analyzer import AnalyzerEngine
    from presidio_analyzer.nlp_engine import NerModelConfiguration, SpacyNlpEngine

    engine = SpacyNlpEngine(
        models=[{"lang_code": "en", "model_name": str(model)}],
        ner_model_configuration=NerModelConfiguration(),
    )
    analyzer = AnalyzerEngine(nlp_engine=engine, supported_languages=["en"])
    text = path.read_text(encoding="utf-8")
    return [
        {"start": r.start, "end": r.end, "type": r.entity_type, "code": text[r.start : r.end]}
        for r in analyzer.analyze(text, "en")
    ]


def score(scorer: Path, gold: Path, command: str, only: str) -> dict[str, Any]:
    """The scorer's figures for the files whose name contains `only`."""
    argv = [sys.executable, str(scorer), str(gold), "--command", command, "--json"]
    done = subprocess.run(argv + (["--only", only] if only else []), capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"The scorer failed: {done.stderr.strip()[-300:]}")
    report: dict[str, Any] = json.loads(done.stdout)
    return report


def pooled(reports: list[dict[str, Any]]) -> dict[str, float]:
    """Means of several reports, weighted by their mentions."""
    total = sum(r["mentions"] for r in reports)
    keys = ("leak", "leak_direct", "leak_quasi", "entity", "precision")
    means = {k: sum(r[k] * r["mentions"] for r in reports) / total for k in keys}
    return {"mentions": total, **means}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--scorer", type=Path)
    parser.add_argument("--gold", type=Path)
    parser.add_argument("--model", type=Path, help="folder of en_core_web_sm")
    parser.add_argument("--command", help="instead of anonpipe scan")
    parser.add_argument("--skip-presidio", action="store_true")
    parser.add_argument("--presidio", type=Path, metavar="FILE", help="print Presidio's result")
    a = parser.parse_args()
    if a.model is None:
        from anonpipe import models

        a.model = models.resolve("en-core-web-sm")
    if a.presidio is not None:
        json.dump({"entities": presidio_as_it_comes(a.presidio, a.model)}, sys.stdout)
        return
    if a.scorer is None or a.gold is None:
        parser.error("give --scorer and --gold")
    ours = a.command or "anonpipe scan {file} --language {lang} --json"
    theirs = (
        f"{shlex.quote(sys.executable)} {shlex.quote(__file__)} --presidio {{file}} "
        f"--model {shlex.quote(str(a.model))}"
    )
    systems = {"anonpipe": ours} | ({} if a.skip_presidio else {"Presidio as it comes": theirs})
    print("| files | system | mentions | leak | direct | quasi | whole entities | precision |")
    print("|---|---|---|---|---|---|---|---|")
    for name, parts in GROUPS.items():
        present = [p for p in parts if any(p in f.name for f in a.gold.glob("*.txt"))]
        for system, command in systems.items() if present else ():
            r = pooled([score(a.scorer, a.gold, command, part) for part in present])
            cells = (r["leak"], r["leak_direct"], r["leak_quasi"], r["entity"], r["precision"])
            shares = " | ".join(f"{c:.1%}" for c in cells)
            print(f"| {name} | {system} | {r['mentions']} | {shares} |", flush=True)


if __name__ == "__main__":
    main()
