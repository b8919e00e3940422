"""A decoder of frozen features: what a point of the encoder's space looks like."""

from __future__ import annotations

import keras
import numpy as np
import tensorflow as tf

from sslrec.data.digits import DigitData
from sslrec.learning.models.autoencoder import build_decoder
from sslrec.learning.objectives.reconstruction import binary_cross_entropy
from sslrec.learning.tasks.autoencoder import apply


class FeatureDecoderTask:
    """Rebuild each digit from its frozen features.

    The features ignore placement and slant, so the decoder answers with the typical digit of a place in
    feature space; decoding a cluster's centre shows what the cluster stands for.

    Args:
        data: the digits; labels are not read.
        features: `(n, d)` float32 of the same digits (`data.x_fit`).
        width: channels of the decoder.
    """

    def __init__(self, data: DigitData, features: np.ndarray, width: int = 32) -> None:
        self.model: keras.Model = build_decoder(features.shape[1], width)
        self.size = len(data.x_fit)
        self._images = tf.constant(data.x_fit[..., None])
        self._features = tf.constant(features)

    def loss(self, indices, seed):
        images = tf.cast(tf.gather(self._images, indices), tf.float32) / 255
        logits = self.model(tf.gather(self._features, indices), training=True)
        return binary_cross_entropy(images, logits), {}

    def validate(self) -> dict[str, float]:
        return {}

    def decode(self, features: np.ndarray) -> np.ndarray:
        """`(n, d)` features to `(n, 28, 28)` float32 pictures in [0, 1]."""
        return tf.sigmoid(apply(self.model, tf.constant(features)))[..., 0].numpy()
