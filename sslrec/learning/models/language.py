"""The masked language model: a text encoder that fills gaps."""

from __future__ import annotations

import keras
import tensorflow as tf
from keras import layers, ops

from sslrec.learning.encoders.text import NORM_EPSILON, TextConfig, TextEncoder, check_texts, dense, gelu, masked_mean


class MaskedLanguageHead(layers.Layer):
    """Hidden states to logits of every piece: dense, GELU, norm, and the transposed word embeddings.

    The output weights are the input embeddings (Press and Wolf 2016, arXiv:1608.05859), with a bias of their own.

    Args:
        config: the encoder's size.

    Call arguments:
        states: `(..., dim)`.
        embeddings: `(vocab_size, dim)`, the word embeddings.

    Returns:
        `(..., vocab_size)` float32.
    """

    def __init__(self, config: TextConfig, **kwargs) -> None:
        super().__init__(**kwargs)
        self.transform = dense(config.dim, "transform")
        self.norm = layers.LayerNormalization(epsilon=NORM_EPSILON, name="norm")
        self.bias = self.add_weight(shape=(config.vocab_size,), initializer="zeros", name="bias")

    def call(self, states, embeddings):
        states = self.norm(gelu(self.transform(states)))
        scores = ops.matmul(states, ops.transpose(ops.cast(embeddings, self.compute_dtype)))
        return ops.add(ops.cast(scores, "float32"), ops.cast(self.bias, "float32"))


class MaskedLanguageModel(keras.Model):
    """DistilBERT with its language head (`DistilBertForMaskedLM`).

    Args:
        config: the size.

    Call arguments:
        token_ids: `(batch, length)` int32.
        attention_mask: `(batch, length)` or `(batch, length, length)`, see `attention_bias`.

    Returns:
        Logits `(batch, length, vocab_size)` float32.

    Raises:
        TextError: see `check_texts`.
    """

    def __init__(self, config: TextConfig, **kwargs) -> None:
        super().__init__(**kwargs)
        self.config = config
        self.encoder = TextEncoder(config, name="encoder")
        self.head = MaskedLanguageHead(config, name="head")
        self(tf.zeros((1, 1), tf.int32))

    def __call__(self, token_ids, *args, **kwargs):
        check_texts(token_ids, self.config)
        return super().__call__(token_ids, *args, **kwargs)

    def call(self, token_ids, attention_mask=None, training=False):
        states, _ = self.encoder(token_ids, attention_mask, training=training)
        return self.logits(states[-1])

    def logits(self, states):
        """`(..., dim)` hidden states of the last block to `(..., vocab_size)` float32 logits."""
        return self.head(states, self.encoder.word_embeddings.embeddings)


def build_fill_in(model: MaskedLanguageModel) -> keras.Model:
    """What the app runs: one text in, everything the page shows out.

    Logits are made at the gaps alone; they cost more than a block does.

    Args:
        model: the trained model.

    Returns:
        A model of `token_ids`, `attention_mask`, `(batch, length)` int32, and `gaps`, `(batch, count)` int32
        places in the sequence, whose outputs are `logits` `(batch, count, vocab_size)`, `attention`
        `(batch, layers, heads, length, length)`, `hidden` `(batch, length, dim)` of the last block and `sentence`
        `(batch, dim)`, their mean without padding, all float32.
    """
    token_ids = keras.Input((None,), dtype="int32", name="token_ids")
    attention_mask = keras.Input((None,), dtype="int32", name="attention_mask")
    gaps = keras.Input((None,), dtype="int32", name="gaps")
    states, attentions = model.encoder(token_ids, attention_mask)
    hidden = ops.cast(states[-1], "float32")
    outputs = {
        "logits": model.logits(GatherPositions()([states[-1], gaps])),
        "attention": ops.stack(attentions, axis=1),
        "hidden": hidden,
        "sentence": masked_mean(hidden, attention_mask),
    }
    return keras.Model([token_ids, attention_mask, gaps], outputs, name="fill_in")


class GatherPositions(layers.Layer):
    """`(batch, length, dim)` states and `(batch, count)` positions to the `(batch, count, dim)` states there."""

    def call(self, inputs):
        states, positions = inputs
        return tf.gather(states, positions, batch_dims=1)
