"""Clustering without labels: two views of one example should fall into the same cluster."""

from __future__ import annotations

import tensorflow as tf


def mutual_information_loss(first: tf.Tensor, second: tf.Tensor, balance: float = 1.0) -> tf.Tensor:
    """Negative mutual information of the cluster assignments of two views.

    Invariant information clustering, Ji et al. 2018 (arXiv:1807.06653), equation 3: with the symmetrised
    joint `P = mean(p q^T + q p^T) / 2` and its marginal `p`, the loss is
    `-sum(P * (log P - balance * log p_row - balance * log p_column))`.

    Args:
        first: `(batch, clusters)` float32 probabilities of the first views.
        second: `(batch, clusters)` float32 probabilities of the second views.
        balance: above 1 favours clusters of equal size (the paper's lambda).

    Returns:
        A float32 scalar, in nats; `-log(clusters)` at best, for `balance` 1.
    """
    joint = tf.matmul(first, second, transpose_a=True) / tf.cast(tf.shape(first)[0], tf.float32)
    joint = tf.maximum((joint + tf.transpose(joint)) / 2, 1e-8)
    marginal = tf.reduce_sum(joint, axis=1)
    independent = tf.math.log(marginal)[:, None] + tf.math.log(marginal)[None, :]
    return -tf.reduce_sum(joint * (tf.math.log(joint) - balance * independent))
