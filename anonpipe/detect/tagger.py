"""The name model that comes with the program.

`models/nordic-ner` holds a network that gives each word of a text a label (BIO over the types of
mention); how it was trained, on what, and what it cannot do stands in the model card there.
"""

from __future__ import annotations

import gzip
import json
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, cast

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from tokenizers import Tokenizer

from anonpipe import resources
from anonpipe.detect.spans import MODEL, NAMED, Span
from anonpipe.errors import ModelError
from anonpipe.transcript import MentionType

_WORD = re.compile(r"[^\W\d_]+|\d+|[^\w\s]|_")
_START, _PAD, _END, _UNKNOWN = 0, 1, 2, 3
WINDOW = 248
"""Word pieces that the network sees at once; it was trained on 40 to 256."""
MARGIN = 32
"""Word pieces at a window's edge whose labels the next window decides, with context."""
BATCH = 4
"""Windows computed together; more are slower on two cores."""
MOST = {True: 0.95, False: 0.65}
"""The highest score of names, and of what rules check better: a network is never certain."""
LEAN = 2.0
"""How far the scores of names are raised: there recall comes before precision."""


@dataclass(frozen=True, slots=True)
class _Layer:
    """Where in the network's scores one of its layers of labels stands.

    `columns` are all of them, the first being that of no mention; `begin` and
    `inside` those of each of `types`, within the layer.
    """

    columns: slice
    types: tuple[MentionType, ...]
    begin: list[int]
    inside: list[int]

    @classmethod
    def of(cls, labels: list[str], offset: int) -> _Layer:
        types = tuple(cast(MentionType, t) for t in dict.fromkeys(x[2:] for x in labels[1:]))
        return cls(
            slice(offset, offset + len(labels)),
            types,
            [labels.index(f"B-{kind}") for kind in types],
            [labels.index(f"I-{kind}") for kind in types],
        )


class Tagger:
    """Labels the words of a text. Load it once with `load_tagger`."""

    def __init__(self, folder: Path, lean: float = LEAN) -> None:
        """Raises ModelError if the files are missing or damaged."""
        self.lean = lean
        try:
            packed = resources.model_file(folder, "tokenizer.json.gz")
            self._tokenizer = Tokenizer.from_str(gzip.decompress(packed).decode("utf-8"))
            config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
            labels, written = config["labels"], config["written"]
            self._session = self._open(resources.model_file(folder, "tagger.onnx"))
        except Exception as error:  # each library has its own; none of them names the remedy
            raise ModelError(
                f"The name model in {folder.name} cannot be loaded; install anonpipe again."
            ) from error
        self._mentions = _Layer.of(labels, 0)
        self._written = _Layer.of(written, len(labels))
        self._width = len(labels) + len(written)
        self._pieces: dict[tuple[str, bool], list[int]] = {}

    @staticmethod
    def _open(data: bytes) -> Any:
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 4
        return onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])

    def spans(self, text: str) -> list[Span]:
        """The mentions of a text: sorted, without overlaps, none over a line break."""
        return self._spans(text, self._mentions)

    def written_names(self, text: str) -> list[Span]:
        """Persons, places and organisations as corpora of written text mark them (NorNE)."""
        return self._spans(text, self._written)

    def chances(self, text: str, least: float) -> list[Span]:
        """The words that may be part of a mention, however little: one span a word, in order.

        `score` is the chance, from `least` on, that the word is part of a mention of any type, as
        `spans` sees it (more than one half makes a mention there); `type` is the likeliest. The
        network is not calibrated: the chances put words in order and are no frequencies.
        """
        words, begin, inside = self._scored(text, self._mentions)
        both = begin + inside
        total = np.minimum(both.sum(axis=1), 1.0)
        kinds = both.argmax(axis=1) if len(words) else both
        types = self._mentions.types
        return [
            Span(words[i][0], words[i][1], types[int(kinds[i])], float(total[i]), MODEL)
            for i in np.flatnonzero(total >= least)
        ]

    def _scored(
        self, text: str, layer: _Layer
    ) -> tuple[list[tuple[int, int, int]], NDArray[np.float32], NDArray[np.float32]]:
        """Words (start, end, line), and for each type the chances to begin and go on with it."""
        words, stream, owners = self._stream(text)
        if not words:
            empty: NDArray[np.float32] = np.zeros((0, len(layer.types)), np.float32)
            return words, empty, empty
        logits = self._logits(stream, owners, len(words))[:, layer.columns]
        for kind, begin_, inside_ in zip(layer.types, layer.begin, layer.inside, strict=True):
            if kind in NAMED:
                logits[:, [begin_, inside_]] += self.lean
        chances = _softmax(logits)
        return words, chances[:, layer.begin], chances[:, layer.inside]

    def _spans(self, text: str, layer: _Layer) -> list[Span]:
        words, begin, inside = self._scored(text, layer)
        if not words:
            return []
        both = begin + inside
        kinds = both.argmax(axis=1)
        found = both.sum(axis=1) > 0.5
        spans: list[Span] = []
        goes_on = inside.sum(axis=1) >= begin.sum(axis=1)
        last = -1  # the line of the mention that is open
        for i, (start, end, line) in enumerate(words):
            if not found[i]:
                last = -1
                continue
            kind = layer.types[int(kinds[i])]
            score = min(MOST[kind in NAMED], float(both[i].sum()))
            if last == line and goes_on[i]:
                old = spans[-1]
                spans[-1] = Span(old.start, end, old.type, max(old.score, score), old.recognizer)
            else:
                spans.append(Span(start, end, kind, score, MODEL))
            last = line
        return spans

    def _stream(self, text: str) -> tuple[list[tuple[int, int, int]], list[int], list[int]]:
        """Words (start, end, line), all pieces, and the word whose first piece each is (or -1)."""
        words: list[tuple[int, int, int]] = []
        stream: list[int] = []
        owners: list[int] = []
        at = 0
        for number, line in enumerate(text.split("\n")):
            last = -1
            for match in _WORD.finditer(line):
                pieces = self._lookup(match.group(), match.start() == last)
                stream += pieces
                owners += [len(words)] + [-1] * (len(pieces) - 1)
                words.append((at + match.start(), at + match.end(), number))
                last = match.end()
            at += len(line) + 1
            if last >= 0:
                stream.append(_END)
                owners.append(-1)
        return words, stream, owners

    def _lookup(self, word: str, glued: bool) -> list[int]:
        key = word, glued
        if key not in self._pieces:
            clean = self._tokenizer.normalizer.normalize_str(word)
            tokens = self._tokenizer.model.tokenize(clean if glued else "▁" + clean)
            self._pieces[key] = [t.id for t in tokens][: WINDOW // 4] or [_UNKNOWN]
        return self._pieces[key]

    def _logits(self, stream: list[int], owners: list[int], count: int) -> NDArray[np.float32]:
        """Scores (words, labels); a word near a window's edge takes those of the other window."""
        step = WINDOW - 2 * MARGIN
        starts = list(range(0, max(1, len(stream) - 2 * MARGIN), step))
        logits: NDArray[np.float32] = np.zeros((count, self._width), np.float32)
        for some in _chunks(starts, BATCH):
            parts = [stream[s : s + WINDOW] for s in some]
            width = 1 + max(map(len, parts))
            ids = np.full((len(parts), width), _PAD, np.int64)
            mask = np.zeros((len(parts), width), np.int64)
            for row, part in enumerate(parts):
                ids[row, : 1 + len(part)] = [_START, *part]
                mask[row, : 1 + len(part)] = 1
            (scores,) = self._session.run(None, {"ids": ids, "mask": mask})
            for row, start in enumerate(some):
                first = start + (MARGIN if start else 0)
                for place in range(first, start + len(parts[row])):
                    if owners[place] >= 0:
                        logits[owners[place]] = scores[row, 1 + place - start]
        return logits


def _chunks(starts: list[int], size: int) -> list[list[int]]:
    return [starts[i : i + size] for i in range(0, len(starts), size)]


def _softmax(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True), np.float32)


@cache
def load_tagger() -> Tagger:
    """The tagger that comes with the program. Raises ModelError if it is missing or damaged."""
    return Tagger(resources.folder("models") / "nordic-ner")
