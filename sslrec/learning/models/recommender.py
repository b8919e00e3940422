"""The recommender: a tower for each modality into one space, and a head that fuses what a query has of them."""

from __future__ import annotations

import math
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from keras import layers, ops

from sslrec.learning.encoders.image import HEIGHT, STAGES, WIDTH, build_image_encoder
from sslrec.learning.encoders.text import TextConfig, TextEncoder, masked_mean

DIM = 128
"""Length of a vector."""
SCALE, LARGEST_SCALE = 1 / 0.07, 100.0
"""What the cosines are multiplied by at first, and at most: the values of CLIP (arXiv:2103.00020, section 2.5)."""


class TwoTowers(keras.Model):
    """A text tower and an image tower into one space.

    Args:
        config: size of the text encoder.
        dim: length of a vector.
        stages: channels of the image encoder.
        biased: whether there is a bias to learn beside the scale, as the sigmoid objective wants.
    """

    def __init__(
        self, config: TextConfig, dim: int = DIM, stages: tuple[int, ...] = STAGES, biased: bool = False, **kwargs
    ) -> None:
        super().__init__(**kwargs)
        self.text_encoder = TextEncoder(config, name="text_encoder")
        self.text_projection = layers.Dense(dim, dtype="float32", name="text_projection")
        self.image_encoder = build_image_encoder(dim, stages)
        self.log_scale = self.add_weight(
            shape=(), initializer=keras.initializers.Constant(math.log(SCALE)), dtype="float32", name="log_scale"
        )
        self.bias = None
        if biased:
            start = keras.initializers.Constant(-10.0)
            self.bias = self.add_weight(shape=(), initializer=start, dtype="float32", name="bias")
        self.encode_text(tf.zeros((1, 2), tf.int32), tf.ones((1, 2), tf.int32))
        self.built = True

    @property
    def scale(self) -> tf.Tensor:
        """The inverse temperature, a float32 scalar."""
        return tf.exp(tf.minimum(tf.cast(self.log_scale, tf.float32), math.log(LARGEST_SCALE)))

    def encode_text(self, token_ids: Any, attention_mask: Any, training: bool = False) -> Any:
        """Pieces and their mask, `(batch, length)` int32, to `(batch, dim)` float32 vectors of unit length."""
        states, _ = self.text_encoder(token_ids, attention_mask, training=training)
        return unit_length(self.text_projection(masked_mean(states[-1], attention_mask)))

    def encode_pictures(self, pictures: Any, training: bool = False) -> Any:
        """`(batch, height, width, 3)` float32 in [0, 1] to `(batch, dim)` float32 vectors of unit length."""
        return unit_length(self.image_encoder(pictures, training=training))


def unit_length(vectors: Any) -> Any:
    """Vectors along the last axis, brought to length 1."""
    return ops.divide(vectors, ops.sqrt(ops.maximum(ops.sum(ops.square(vectors), axis=-1, keepdims=True), 1e-12)))


def build_text_tower(model: TwoTowers) -> keras.Model:
    """The text tower as the app runs it: `token_ids`, `attention_mask` to `vector`."""
    token_ids = keras.Input((None,), dtype="int32", name="token_ids")
    attention_mask = keras.Input((None,), dtype="int32", name="attention_mask")
    return keras.Model([token_ids, attention_mask], {"vector": model.encode_text(token_ids, attention_mask)})


def build_image_tower(model: TwoTowers) -> keras.Model:
    """The image tower as the app runs it: `image` to `vector`."""
    image = keras.Input((HEIGHT, WIDTH, 3), name="image")
    return keras.Model(image, {"vector": model.encode_pictures(image)})


class FusionHead(keras.Model):
    """Turns any subset of modalities into one query vector and says what each brought.

    A gate for each modality that is present, as in gated multimodal units (Arevalo et al. 2017, arXiv:1702.01992),
    and a shift of each modality's vector that depends on the others: "in red" beside a picture takes the
    picture's colour away. The query is the sum of the parts, so that a cosine is the sum of what the
    parts bring. An untrained head gives the plain mean.

    Args:
        modalities: how many.
        dim: length of a vector.
        width: of the hidden layers.

    Call arguments:
        vectors: `(batch, modalities, dim)` float32; what is absent may hold anything.
        present: `(batch, modalities)` float32, 1 or 0; one at least is present.
        bias: `(batch, modalities)` float32, added to the gates' logits; 0 trusts what was learned.

    Returns:
        `parts`, `(batch, modalities, dim)` float32, whose sum has unit length; and `gates`, `(batch, modalities)`
        float32, which sum to 1 and are 0 for what is absent.
    """

    def __init__(self, modalities: int = 2, dim: int = DIM, width: int = 512, **kwargs) -> None:
        super().__init__(dtype="float32", **kwargs)
        self.modalities, self.dim = modalities, dim
        self.hidden = [layers.Dense(width, activation="gelu", name=f"hidden_{index}") for index in range(2)]
        self.gate = layers.Dense(modalities, kernel_initializer="zeros", name="gate")
        self.shift = layers.Dense(modalities * dim, kernel_initializer="zeros", name="shift")
        self.log_scale = self.add_weight(
            shape=(), initializer=keras.initializers.Constant(math.log(SCALE)), name="log_scale"
        )
        ones = np.ones((1, modalities), np.float32)
        self(np.zeros((1, modalities, dim), np.float32), ones, 0 * ones)

    @property
    def scale(self) -> tf.Tensor:
        """The inverse temperature, a float32 scalar."""
        return tf.exp(tf.minimum(tf.convert_to_tensor(self.log_scale), math.log(LARGEST_SCALE)))

    def call(self, vectors, present, bias):
        here = ops.expand_dims(present, -1)
        vectors = ops.multiply(vectors, here)
        flat = ops.reshape(vectors, (-1, self.modalities * self.dim))
        state = ops.concatenate([flat, present], axis=1)
        for layer in self.hidden:
            state = layer(state)
        logits = ops.add(ops.add(self.gate(state), bias), ops.multiply(ops.subtract(present, 1.0), 1e9))
        gates = ops.softmax(logits, axis=1)
        shifts = ops.reshape(self.shift(state), (-1, self.modalities, self.dim))
        parts = ops.multiply(ops.expand_dims(gates, -1), ops.add(vectors, ops.multiply(shifts, here)))
        length = ops.sqrt(ops.maximum(ops.sum(ops.square(ops.sum(parts, axis=1)), axis=1), 1e-12))
        return ops.divide(parts, ops.reshape(length, (-1, 1, 1))), gates


def build_fusion(head: FusionHead) -> keras.Model:
    """The head as the app runs it: `vectors`, `present`, `bias` to `parts`, `gates`."""
    vectors = keras.Input((head.modalities, head.dim), name="vectors")
    present = keras.Input((head.modalities,), name="present")
    bias = keras.Input((head.modalities,), name="bias")
    parts, gates = head(vectors, present, bias)
    return keras.Model([vectors, present, bias], {"parts": parts, "gates": gates})
