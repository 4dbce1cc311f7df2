"""A batch encoded a clip at a time, and its word times by halves: the same, for less memory."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

SMALL = 6
"""Clips that are aligned together. Parts of fewer than four round in another way: a word in a
hundred then moved by 0.02 s or more, while none did with these halves of a batch of eight."""


def one_by_one(encode: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """faster-whisper's `encode`, a clip at a time: the same values, for the memory of one clip.

    The encoder's attention takes 72 MB a clip in the base model; on a CPU a batch is no faster.
    """
    import ctranslate2
    import numpy as np

    def encode_each(features: Any) -> Any:
        if features.ndim == 2:
            return encode(features)
        clips = [np.asarray(encode(clip)) for clip in features]
        return ctranslate2.StorageView.from_array(np.concatenate(clips))

    return encode_each


def by_halves(find_alignment: Callable[..., list[Any]]) -> Callable[..., list[Any]]:
    """faster-whisper's `find_alignment`, which takes 0.2 MB a clip and token of the longest clip.

    A clip that loops may have 400 tokens. Clips are padded to the longest, so it is in both halves.
    """
    import ctranslate2
    import numpy as np

    def align(
        tokenizer: Any, tokens: Sequence[list[int]], encoded: Any, frames: Any, *more: Any
    ) -> list[Any]:
        if len(tokens) <= SMALL:
            return find_alignment(tokenizer, tokens, encoded, frames, *more)
        clips = np.asarray(encoded)
        longest = max(range(len(tokens)), key=lambda clip: len(tokens[clip]))
        others = [clip for clip in range(len(tokens)) if clip != longest]
        middle = (len(others) + 1) // 2
        aligned: dict[int, Any] = {}
        for half in (others[:middle], others[middle:]):
            some = [longest, *half]
            found = find_alignment(
                tokenizer,
                [tokens[clip] for clip in some],
                ctranslate2.StorageView.from_array(clips[some]),
                [frames[clip] for clip in some],
                *more,
            )
            aligned |= zip(some, found, strict=True)
        return [aligned[clip] for clip in range(len(tokens))]

    return align
