"""The network: multilingual-e5-small with two linear layers over the first piece of each word.

One gives the types of mention of this project, as its interviews are marked; the other persons,
places and organisations as the corpora of written text mark them. They share all that is below.
"""

from __future__ import annotations

import torch
from base import Checkpoint
from text import LABELS, NAMES, WRITTEN
from torch import Tensor, nn
from transformers import BertConfig, BertModel

START, PAD, END, UNKNOWN = 0, 1, 2, 3
"""Rows of <s>, <pad>, </s> and <unk>; </s> also ends each line."""
OPEN = len(LABELS)
"""Class of a word whose label is left open."""
NO_NAME = len(LABELS) + 1
"""Class of a word that is no name, but may be of a type that its annotators did not mark."""
SKIP = -1
"""Class of a piece that is not the first of its word, or of a word that a layer does not learn."""


def allowed() -> Tensor:
    """(classes, labels) booleans: which labels agree with each class of `words`."""
    table = torch.zeros(len(LABELS) + 2, len(LABELS), dtype=torch.bool)
    table[: len(LABELS)] = torch.eye(len(LABELS), dtype=torch.bool)
    table[OPEN] = True
    table[NO_NAME] = torch.tensor([label[2:] not in NAMES for label in LABELS])
    return table


class Tagger(nn.Module):
    def __init__(self, vocabulary: int) -> None:
        super().__init__()
        config = BertConfig(
            vocab_size=vocabulary, hidden_size=384, num_hidden_layers=12, num_attention_heads=12,
            intermediate_size=1536, max_position_embeddings=512, type_vocab_size=2,
            layer_norm_eps=1e-12, pad_token_id=PAD, hidden_dropout_prob=0.1,
            attention_probs_dropout_prob=0.0,
        )  # fmt: skip
        self.bert = BertModel(config, add_pooling_layer=False)
        self.drop = nn.Dropout(0.1)
        self.head = nn.Linear(384, len(LABELS) + len(WRITTEN))
        self.bert.embeddings.word_embeddings.weight.requires_grad_(False)

    def forward(self, ids: Tensor, mask: Tensor) -> Tensor:
        """Logits (batch, pieces, labels) for piece ids (batch, pieces); LABELS, then WRITTEN."""
        hidden = self.bert(input_ids=ids, attention_mask=mask).last_hidden_state
        return self.head(self.drop(hidden))

    def load_base(self, base: Checkpoint, rows: list[int]) -> None:
        """Take over the weights of multilingual-e5-small, its word pieces cut to `rows`."""
        h, m = base.hidden, base.intermediate

        def put(parameter: Tensor, name: str, *shape: int) -> None:
            parameter.data.copy_(torch.from_numpy(base.array(name)).reshape(*shape))

        e = self.bert.embeddings
        words = torch.from_numpy(base.array("emb.word")).reshape(-1, h)
        e.word_embeddings.weight.data.copy_(words[rows])
        put(e.position_embeddings.weight, "emb.pos", -1, h)
        put(e.token_type_embeddings.weight, "emb.type", -1, h)
        put(e.LayerNorm.weight, "emb.ln.w", h)
        put(e.LayerNorm.bias, "emb.ln.b", h)
        for n, layer in enumerate(self.bert.encoder.layer):
            own, out = layer.attention.self, layer.attention.output
            for module, name, shape in (
                (own.query, "q", (h, h)), (own.key, "k", (h, h)), (own.value, "v", (h, h)),
                (out.dense, "ao", (h, h)), (layer.intermediate.dense, "fi", (m, h)),
                (layer.output.dense, "fo", (h, m)), (out.LayerNorm, "aln", (h,)),
                (layer.output.LayerNorm, "oln", (h,)),
            ):  # fmt: skip
                put(module.weight, f"l{n}.{name}.w", *shape)
                put(module.bias, f"l{n}.{name}.b", shape[0])


def loss_of(logits: Tensor, mentions: Tensor, names: Tensor, table: Tensor) -> Tensor:
    """The loss of both layers: (words, labels) logits, (words,) classes of each.

    For mentions the mean negative log of the probability of all labels that agree
    with a word's class, for names the cross entropy.
    """
    logits = logits.float()
    own, written = logits[:, : len(LABELS)], logits[:, len(LABELS) :]
    marked = mentions >= 0
    # A class that agrees with a third of the labels teaches little: such words count half.
    weight = torch.where(names[marked] >= 0, 0.5, 1.0)
    scores = own[marked]
    fit = scores.masked_fill(~table[mentions[marked]], float("-inf")).logsumexp(-1)
    loss = ((scores.logsumexp(-1) - fit) * weight).sum()
    loss = loss + nn.functional.cross_entropy(
        written, names, ignore_index=SKIP, reduction="sum", label_smoothing=0.02
    )
    return loss / (weight.sum() + (names >= 0).sum()).clamp(min=1)
