"""Contrastive learning: two views of one example attract, all other examples of the batch repel."""

from __future__ import annotations

import tensorflow as tf


def nt_xent(first: tf.Tensor, second: tf.Tensor, temperature: float) -> tf.Tensor:
    """The normalised temperature-scaled cross-entropy of SimCLR.

    Chen et al. 2020, "A Simple Framework for Contrastive Learning of Visual Representations"
    (arXiv:2002.05709), equation 1: the mean over all `2 * batch` views of
    `-log(exp(s_positive / t) / sum(exp(s_other / t)))`, where `s` is the cosine and the sum leaves out
    only the view itself.

    Args:
        first: `(batch, d)` float32 projections of the first views; need not be normalised.
        second: `(batch, d)` float32 projections of the second views, in the same order.
        temperature: above 0; smaller weighs the nearest negatives more.

    Returns:
        A float32 scalar, in nats.
    """
    z = tf.math.l2_normalize(tf.concat([first, second], axis=0), axis=1)
    count = tf.shape(z)[0]
    similarity = tf.matmul(z, z, transpose_b=True) / temperature
    similarity = tf.linalg.set_diag(similarity, tf.fill([count], -1e9))
    positives = tf.math.floormod(tf.range(count) + count // 2, count)
    return tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels=positives, logits=similarity))
