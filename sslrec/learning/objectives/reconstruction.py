"""Pixelwise reconstruction."""

from __future__ import annotations

import tensorflow as tf


def binary_cross_entropy(images: tf.Tensor, logits: tf.Tensor) -> tf.Tensor:
    """Mean binary cross-entropy per pixel, in nats.

    Args:
        images: `(batch, height, width, channels)` float32 in [0, 1]; grey values count as soft targets, so
            a perfect copy still costs their entropy.
        logits: the decoder's output before the sigmoid, of the same shape.

    Returns:
        A float32 scalar.
    """
    return tf.reduce_mean(tf.nn.sigmoid_cross_entropy_with_logits(labels=images, logits=logits))
