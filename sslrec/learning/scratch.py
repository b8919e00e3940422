"""A text encoder that has learned nothing: what a pretrained one is compared with."""

from __future__ import annotations

from collections.abc import Sequence

import keras
import numpy as np

from sslrec.data.tokens import TextTokenizer, pad
from sslrec.learning.encoders.text import TextConfig, TextEncoder, masked_mean

BATCH = 32


def embed_from_scratch(texts: Sequence[str], tokenizer: TextTokenizer, config: TextConfig, seed: int) -> np.ndarray:
    """Vectors of texts by an encoder with random weights: the mean of the last block's states over a text's pieces.

    Args:
        texts: longer ones than the encoder reads are cut.
        tokenizer: whose pieces they become.
        config: the encoder's size.
        seed: decides the weights.

    Returns:
        `(n, dim)` float32.
    """
    keras.utils.set_random_seed(seed)
    encoder = TextEncoder(config)
    ids = [tokenizer.encode(text, config.max_position_embeddings).ids for text in texts]
    order = sorted(range(len(ids)), key=lambda index: len(ids[index]))
    vectors = np.zeros((len(ids), config.dim), np.float32)
    for start in range(0, len(ids), BATCH):
        rows = order[start : start + BATCH]
        token_ids, attention_mask = pad([ids[row] for row in rows], tokenizer.pad_id)
        states, _ = encoder(token_ids, attention_mask)
        vectors[rows] = np.asarray(masked_mean(states[-1], attention_mask))
    return vectors
