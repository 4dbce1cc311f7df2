"""What the rules of wording do to text that nobody stuttered, and to text that somebody did.

    python benchmarks/wording.py FILE... [--numbers digits|words] [--show]

Written sentences hold no fillers and false starts, so whatever the clean style takes out of them
is a mistake of the rules (or of the writer): the share of sentences that change is how often the
rules may go wrong. Transcripts of raw speech show what they are for. FILE is one of

*.jsonl   {"tokens": [...]} a line, as NorNE has it
*.iob2    the second column holds the tokens, as Universal NER has it
*.txt     transcripts NN_LANGUAGE_STYLE.txt, «Speaker: text» a line, with mentions marked as
          `[[TYPE#ID|surface]]`; these become codes first

The language is nn, en or nb: that of a name that starts with nno, or holds "en", or else nb; a
.txt tells it. Prints a line a file: sentences, how many change, words taken out, seconds.
`--show` prints each change with its neighbours.
"""

from __future__ import annotations

import argparse
import json
import re
import time
from collections.abc import Iterator
from difflib import SequenceMatcher
from pathlib import Path

from anonpipe.settings import Wording
from anonpipe.transcript import Transcript, Turn
from anonpipe.wording import worded

_MENTION = re.compile(r"\[\[\??([A-Z_]+)#(\d+)\|(.*?)\]\]")
_LABELS = {"PERSON": "Person", "LOCATION": "Sted", "DATE": "Dato", "ORG": "Organisasjon"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--numbers", choices=("digits", "words"))
    parser.add_argument("--show", action="store_true")
    args = parser.parse_args()
    wording = Wording(numbers=args.numbers or "as-heard")
    style = "verbatim" if args.numbers else "clean"
    print("file                           sentences   changed     gone   seconds")
    for path in args.files:
        language = language_of(path)
        sentences = list(sentences_of(path))
        begun = time.perf_counter()
        written = [
            worded(Transcript((Turn(text),), language), style, wording).turns[0].text
            for text in sentences
        ]
        taken = time.perf_counter() - begun
        pairs = [(a, b) for a, b in zip(sentences, written, strict=True) if a != b]
        gone = sum(len(a.split()) - len(b.split()) for a, b in pairs)
        print(f"{path.name:30} {len(sentences):9} {len(pairs):9} {gone:8} {taken:9.1f}")
        for pair in pairs if args.show else ():
            print("\n".join(changes(*pair)))


def language_of(path: Path) -> str:
    if path.suffix == ".txt":
        return path.name.split("_")[1]
    if path.name.startswith("nno"):
        return "nn"
    return "en" if "en" in re.split(r"[-_.]", path.name) else "nb"


def sentences_of(path: Path) -> Iterator[str]:
    lines = path.read_text(encoding="utf-8").splitlines()
    if path.suffix == ".jsonl":
        yield from (joined(json.loads(line)["tokens"]) for line in lines)
    elif path.suffix == ".iob2":
        tokens: list[str] = []
        for line in [*lines, ""]:
            if line.strip() and not line.startswith("#"):
                tokens.append(line.split("\t")[1])
            elif tokens and not line.strip():
                yield joined(tokens)
                tokens = []
    else:
        for line in lines:
            yield _MENTION.sub(_code, line.partition(": ")[2] or line)


def joined(tokens: list[str]) -> str:
    """Tokens as text, without the blanks before signs that tokenisers leave."""
    return re.sub(r"(?<=\() | (?=[.,;:?!)])", "", " ".join(tokens))


def changes(before: str, after: str) -> Iterator[str]:
    old, new = before.split(), after.split()
    for what, i, j, k, m in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if what != "equal":
            words = " ".join(old[i:j]), " ".join(new[k:m])
            around = " ".join(old[max(0, i - 5) : i]), " ".join(old[j : j + 5])
            yield f"    {around[0]} {{{words[0]} => {words[1]}}} {around[1]}"


def _code(match: re.Match[str]) -> str:
    return f"[{_LABELS.get(match[1], 'Annet')} {match[2]}]"


if __name__ == "__main__":
    main()
