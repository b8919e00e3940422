"""A language model that has learned nothing: what a pretrained one is compared with."""

from __future__ import annotations

from collections.abc import Sequence

import keras
import numpy as np
import tensorflow as tf

from sslrec.data.tokens import TextTokenizer, pad
from sslrec.learning.encoders.text import TextConfig, masked_mean
from sslrec.learning.models.language import GatherPositions, MaskedLanguageModel


class UntrainedModel:
    """The masked language model with random weights.

    Args:
        tokenizer: of the texts.
        config: the model's size.
        seed: decides the weights.
    """

    def __init__(self, tokenizer: TextTokenizer, config: TextConfig, seed: int) -> None:
        keras.utils.set_random_seed(seed)
        self._pad_id, self._dim = tokenizer.pad_id, config.dim
        model = MaskedLanguageModel(config)
        gather = GatherPositions()

        def run(token_ids: tf.Tensor, attention_mask: tf.Tensor, places: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
            states, _ = model.encoder(token_ids, attention_mask)
            return model.logits(gather([states[-1], places])), masked_mean(states[-1], attention_mask)

        self._run = tf.function(run, reduce_retracing=True)

    def logits(self, ids: Sequence[np.ndarray], places: np.ndarray) -> np.ndarray:
        """What the model says at some places, as `LanguageReader.logits` does."""
        token_ids, attention_mask = pad(ids, self._pad_id)
        return self._run(tf.constant(token_ids), tf.constant(attention_mask), tf.constant(places))[0].numpy()

    def embed(self, texts: Sequence[Sequence[np.ndarray]]) -> np.ndarray:
        """Vectors of texts: the mean of the last block's states over a text's pieces.

        Args:
            texts: the parts of each, as `LanguageReader.parts` gives them.

        Returns:
            `(n, dim)` float32.
        """
        vectors = np.zeros((len(texts), self._dim), np.float32)
        for row, parts in enumerate(texts):
            token_ids, attention_mask = pad(parts, self._pad_id)
            none = tf.zeros((len(parts), 0), tf.int32)
            _, means = self._run(tf.constant(token_ids), tf.constant(attention_mask), none)
            vectors[row] = np.average(means.numpy(), axis=0, weights=[len(part) for part in parts])
        return vectors
