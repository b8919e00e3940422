"""The text encoder: DistilBERT's Transformer at any size.

Sanh et al. 2019, "DistilBERT, a distilled version of BERT" (arXiv:1910.01108): BERT's encoder (Devlin et al. 2018,
arXiv:1810.04805) with learned positions, normalisation after each residual sum, exact GELU and no token types.
With the weights of a Hugging Face `DistilBertModel` it computes the same numbers (see `sslrec.learning.models.hub`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from keras import layers, ops

from sslrec.data.tokens import check_ids
from sslrec.errors import TextError

NORM_EPSILON = 1e-12
"""BERT's; the norms compute in float32, where it only guards against a division by zero."""
HIDDEN = -1e9
"""What is added to the attention scores of positions that must not be seen: their softmax becomes exactly 0."""


@dataclass(frozen=True)
class TextConfig:
    """Size of a text encoder; the names are those of Hugging Face's `DistilBertConfig`.

    Attributes:
        vocab_size: number of pieces of the tokenizer.
        max_position_embeddings: longest sequence, in pieces.
        dim: width of the hidden states.
        n_layers: Transformer blocks.
        n_heads: attention heads of a block; they share `dim` evenly.
        hidden_dim: width inside the feed-forward part.
        dropout: share of the hidden states dropped in training.
        attention_dropout: share of the attention weights dropped in training.
    """

    vocab_size: int
    max_position_embeddings: int = 128
    dim: int = 256
    n_layers: int = 4
    n_heads: int = 4
    hidden_dim: int = 1024
    dropout: float = 0.1
    attention_dropout: float = 0.1

    def __post_init__(self) -> None:
        if self.dim % self.n_heads:
            raise ValueError(f"dim {self.dim} is not a multiple of the {self.n_heads} heads")


def initializer() -> Any:
    """BERT's start of every weight matrix; a new one each time, since a used one repeats its numbers."""
    return keras.initializers.TruncatedNormal(stddev=0.02)


def dense(units: int, name: str) -> layers.Dense:
    """A linear layer with BERT's start."""
    return layers.Dense(units, kernel_initializer=initializer(), name=name)


def gelu(values: Any) -> Any:
    """The exact GELU, computed in float32 (TensorFlow's error function takes half as long again in bfloat16)."""
    return ops.cast(ops.gelu(ops.cast(values, "float32"), approximate=False), values.dtype)


def attention_bias(attention_mask: Any) -> Any:
    """What to add to the attention scores.

    Args:
        attention_mask: `(batch, length)`, 1 for pieces and 0 for padding; or `(batch, length, length)`, 1 where
            the row's position may look at the column's.

    Returns:
        `(batch, 1, 1 or length, length)` float32: 0 where to look, a very negative number elsewhere.
    """
    axes = (1, 2) if len(attention_mask.shape) == 2 else (1,)
    visible = ops.expand_dims(ops.cast(attention_mask, "float32"), axes)
    return ops.multiply(ops.subtract(1.0, visible), HIDDEN)


class SelfAttention(layers.Layer):
    """Multi-head scaled dot-product attention (Vaswani et al. 2017, arXiv:1706.03762).

    Args:
        config: the encoder's size.

    Call arguments:
        states: `(batch, length, dim)`.
        bias: `(batch, 1, 1 or length, length)` float32, see `attention_bias`.

    Returns:
        `(batch, length, dim)` and the attention weights `(batch, heads, length, length)` float32 before dropout.
    """

    def __init__(self, config: TextConfig, **kwargs) -> None:
        super().__init__(**kwargs)
        self.heads = config.n_heads
        self.scale = (config.dim // config.n_heads) ** -0.5
        self.qkv = dense(3 * config.dim, "qkv")
        self.out = dense(config.dim, "out")
        self.dropout = layers.Dropout(config.attention_dropout)

    def call(self, states, bias, training=False):
        # Splitting and stacking keep every shape known to LiteRT, whose dynamic reshapes cost half the speed.
        pieces = tf.split(self.qkv(states), 3 * self.heads, axis=-1)
        query, key, value = (
            tf.stack(pieces[start : start + self.heads], axis=1) for start in range(0, 3 * self.heads, self.heads)
        )
        scores = tf.matmul(query * self.scale, key, transpose_b=True)
        weights = tf.nn.softmax(tf.cast(scores, tf.float32) + tf.cast(bias, tf.float32))
        dropped = self.dropout(tf.cast(weights, self.compute_dtype), training=training)
        context = tf.matmul(dropped, value)
        return self.out(tf.concat(tf.unstack(context, self.heads, axis=1), axis=-1)), weights


class TransformerBlock(layers.Layer):
    """Attention and feed-forward part, each with a residual sum and then a normalisation.

    Args:
        config: the encoder's size.

    Call arguments:
        states: `(batch, length, dim)`.
        bias: see `attention_bias`.

    Returns:
        `(batch, length, dim)` and the attention weights `(batch, heads, length, length)`.
    """

    def __init__(self, config: TextConfig, **kwargs) -> None:
        super().__init__(**kwargs)
        self.attention = SelfAttention(config, name="attention")
        self.attention_norm = layers.LayerNormalization(epsilon=NORM_EPSILON, name="attention_norm")
        self.widen = dense(config.hidden_dim, "widen")
        self.narrow = dense(config.dim, "narrow")
        self.dropout = layers.Dropout(config.dropout)
        self.output_norm = layers.LayerNormalization(epsilon=NORM_EPSILON, name="output_norm")

    def call(self, states, bias, training=False):
        attended, weights = self.attention(states, bias, training=training)
        states = self.attention_norm(states + attended)
        fed = self.narrow(gelu(self.widen(states)))
        return self.output_norm(states + self.dropout(fed, training=training)), weights


def check_texts(token_ids: Any, config: TextConfig) -> None:
    """Refuse what an encoder has no embedding of: a GPU would silently read zeros.

    Args:
        token_ids: `(batch, length)` integers; of a graph under construction only the length is checked.
        config: the encoder's size.

    Raises:
        TextError: an id lies beyond the vocabulary, or the texts are longer than the encoder's positions.
    """
    length = token_ids.shape[1]
    if length is not None and length > config.max_position_embeddings:
        raise TextError("text_long", count=length, limit=config.max_position_embeddings)
    if not (isinstance(token_ids, keras.KerasTensor) or tf.is_symbolic_tensor(token_ids)):
        check_ids(np.asarray(token_ids), config.vocab_size)


class TextEncoder(keras.Model):
    """Pieces to hidden states.

    Args:
        config: the encoder's size.

    Call arguments:
        token_ids: `(batch, length)` int32, below `config.vocab_size`.
        attention_mask: see `attention_bias`; by default every piece sees every other.
        positions: `(batch, length)` int32 place of each piece in its text; by default 0, 1, 2, ...

    Returns:
        The hidden states, a list of `n_layers + 1` arrays `(batch, length, dim)` from the embeddings to the last
        block's; and the attention weights, a list of `n_layers` arrays `(batch, heads, length, length)` float32.

    Raises:
        TextError: see `check_texts`.
    """

    def __init__(self, config: TextConfig, **kwargs) -> None:
        super().__init__(**kwargs)
        self.config = config
        self.word_embeddings = layers.Embedding(
            config.vocab_size, config.dim, embeddings_initializer=initializer(), name="word_embeddings"
        )
        self.position_embeddings = layers.Embedding(
            config.max_position_embeddings, config.dim, embeddings_initializer=initializer(), name="position_embeddings"
        )
        self.embedding_norm = layers.LayerNormalization(epsilon=NORM_EPSILON, name="embedding_norm")
        self.dropout = layers.Dropout(config.dropout)
        self.blocks = [TransformerBlock(config, name=f"block_{index}") for index in range(config.n_layers)]

    def __call__(self, token_ids, *args, **kwargs):
        # Not in `call`, from which Keras raises errors anew with words of its own.
        check_texts(token_ids, self.config)
        return super().__call__(token_ids, *args, **kwargs)

    def call(self, token_ids, attention_mask=None, positions=None, training=False):
        token_ids = tf.cast(token_ids, tf.int32)
        if attention_mask is None:
            attention_mask = tf.ones_like(token_ids)
        if positions is None:
            positions = tf.cumsum(tf.ones_like(token_ids), axis=1) - 1
        embedded = self.word_embeddings(token_ids) + self.position_embeddings(positions)
        state = self.dropout(self.embedding_norm(embedded), training=training)
        bias = attention_bias(attention_mask)
        states, attentions = [state], []
        for block in self.blocks:
            state, weights = block(state, bias, training=training)
            states.append(state)
            attentions.append(weights)
        return states, attentions


def masked_mean(states: Any, attention_mask: Any) -> Any:
    """The sentence vector: the mean of the hidden states of all pieces, padding left out.

    Args:
        states: `(batch, length, dim)`.
        attention_mask: `(batch, length)`, 1 for pieces and 0 for padding.

    Returns:
        `(batch, dim)` float32.
    """
    weights = ops.expand_dims(ops.cast(attention_mask, "float32"), -1)
    total = ops.sum(ops.multiply(ops.cast(states, "float32"), weights), axis=1)
    return ops.divide(total, ops.maximum(ops.sum(weights, axis=1), 1.0))


def reseed_dropout(model: keras.Model, seed: tf.Tensor) -> None:
    """Let the dropout of the coming step follow from a seed alone, so that a resumed run goes on as it would have.

    Args:
        model: every dropout layer in it is set.
        seed: `(2,)` int32, such as `(seed, step)`.
    """
    for index, layer in enumerate(model._flatten_layers()):
        if isinstance(layer, layers.Dropout) and layer.rate > 0:
            state = tf.random.fold_in(seed, 1000 + index)
            layer.seed_generator.state.assign(tf.bitcast(state, tf.uint32))


def count_weights(model: keras.Model) -> int:
    """Number of trainable weights of a built model."""
    return int(sum(np.prod(variable.shape) for variable in model.trainable_variables))
