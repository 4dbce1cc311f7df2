"""A batch in parts: every clip gets its own result, in order."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from anonpipe.memory import give_back
from anonpipe.transcribe.halves import by_halves, one_by_one

ctranslate2 = pytest.importorskip("ctranslate2")


@pytest.mark.parametrize("count", [1, 6, 7, 8])
def test_halves_align_every_clip_once_and_all_with_the_longest(count: int) -> None:
    calls: list[int] = []

    def find_alignment(_: Any, tokens: Any, encoded: Any, frames: Any) -> list[Any]:
        calls.append(max(map(len, tokens)))
        values = np.asarray(encoded)[:, 0]
        return [(len(t), int(v), f) for t, v, f in zip(tokens, values, frames, strict=True)]

    tokens = [[0] * (9 if clip == 4 else clip % 3 + 1) for clip in range(count)]
    encoded = ctranslate2.StorageView.from_array(np.arange(count, dtype=np.float32)[:, None])
    found = by_halves(find_alignment)(None, tokens, encoded, [10 * clip for clip in range(count)])
    assert found == [(len(tokens[clip]), clip, 10 * clip) for clip in range(count)]
    assert calls == ([9, 9] if count > 6 else [max(map(len, tokens))])


def test_clips_are_encoded_one_at_a_time() -> None:
    seen: list[Any] = []

    def encode(features: Any) -> Any:
        seen.append(features.shape)
        return ctranslate2.StorageView.from_array(features[None] * np.float32(2))

    features = np.arange(24, dtype=np.float32).reshape(3, 2, 4)
    assert (np.asarray(one_by_one(encode)(features)) == features * 2).all()
    assert seen == [(2, 4)] * 3


def test_memory_can_be_given_back() -> None:
    give_back()
