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


def same_groups(groups: tf.Tensor) -> tf.Tensor:
    """Which pairs of a batch are accidental hits: different examples that mean the same.

    Args:
        groups: `(batch,)` integers, equal where the examples may not repel each other, such as items of one name.

    Returns:
        `(batch, batch)` bool, false on the diagonal.
    """
    same = groups[:, None] == groups[None, :]
    return tf.linalg.set_diag(same, tf.zeros_like(groups, tf.bool))


def cross_modal_softmax(first: tf.Tensor, second: tf.Tensor, scale: tf.Tensor, hits: tf.Tensor) -> tf.Tensor:
    """The symmetric in-batch softmax of CLIP, accidental hits left out.

    Radford et al. 2021, "Learning Transferable Visual Models From Natural Language Supervision" (arXiv:2103.00020),
    figure 3: the mean of two cross-entropies, of the right second for each first among all seconds, and back.

    Args:
        first: `(batch, d)` float32, unit length.
        second: `(batch, d)` float32, unit length, in the same order.
        scale: what the cosines are multiplied by, the inverse temperature.
        hits: `(batch, batch)` bool, the pairs of `same_groups`.

    Returns:
        A float32 scalar, in nats.
    """
    logits = tf.where(hits, -1e9, scale * tf.matmul(first, second, transpose_b=True))
    labels = tf.range(tf.shape(logits)[0])
    losses = [
        tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=each)
        for each in (logits, tf.transpose(logits))
    ]
    return tf.reduce_mean(tf.stack(losses))


def cross_modal_sigmoid(
    first: tf.Tensor, second: tf.Tensor, scale: tf.Tensor, bias: tf.Tensor, hits: tf.Tensor
) -> tf.Tensor:
    """The pairwise sigmoid loss of SigLIP, accidental hits left out.

    Zhai et al. 2023, "Sigmoid Loss for Language Image Pre-Training" (arXiv:2303.15343), equation 1: every pair of
    the batch is a question of its own, match or no match; summed over the pairs and divided by the batch size.

    Args:
        first: `(batch, d)` float32, unit length.
        second: `(batch, d)` float32, unit length, in the same order.
        scale: what the cosines are multiplied by.
        bias: what is added to them; the paper starts at -10, since nearly all pairs are no match.
        hits: `(batch, batch)` bool, the pairs of `same_groups`.

    Returns:
        A float32 scalar, in nats.
    """
    logits = scale * tf.matmul(first, second, transpose_b=True) + bias
    signs = 2 * tf.eye(tf.shape(logits)[0]) - 1
    losses = tf.where(hits, 0.0, tf.nn.softplus(-signs * logits))
    return tf.reduce_sum(losses) / tf.cast(tf.shape(logits)[0], tf.float32)


def multi_positive(first: tf.Tensor, second: tf.Tensor, scale: tf.Tensor, right: tf.Tensor) -> tf.Tensor:
    """The softmax loss with several right answers, each of which should be as likely as the others.

    Khosla et al. 2020, "Supervised Contrastive Learning" (arXiv:2004.11362), equation 2, across two modalities as in
    Yang et al. 2022, "Unified Contrastive Learning in Image-Text-Label Space" (arXiv:2204.03610), equation 2.

    Args:
        first: `(n, d)` float32, unit length.
        second: `(m, d)` float32, unit length.
        scale: what the cosines are multiplied by.
        right: `(n, m)` bool, which seconds are right answers; rows without one count as 0.

    Returns:
        A float32 scalar, in nats.
    """
    shares = tf.cast(right, tf.float32)
    shares = tf.math.divide_no_nan(shares, tf.reduce_sum(shares, axis=1, keepdims=True))
    logits = scale * tf.matmul(first, second, transpose_b=True)
    return tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits(labels=shares, logits=logits))
