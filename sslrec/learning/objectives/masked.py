"""Masked language modelling: which pieces are hidden, and the loss of guessing them.

Devlin et al. 2018, "BERT: Pre-training of Deep Bidirectional Transformers" (arXiv:1810.04805), with whole words
(Cui et al. 2019, arXiv:1906.08101) and new masks each time a text is seen (Liu et al. 2019, arXiv:1907.11692).
"""

from __future__ import annotations

from dataclasses import dataclass

import tensorflow as tf


@dataclass(frozen=True)
class Masking:
    """How pieces are hidden.

    Attributes:
        mask_id: the id of `[MASK]`.
        vocab_size: number of pieces.
        first_id: ids below it are special; a random replacement is never one of these.
        rate: the chance of each word to be chosen, and so the expected share of pieces.
        mask: share of the chosen pieces that become `[MASK]`.
        random: share of the chosen pieces that become any piece; the rest stays as it is.
    """

    mask_id: int
    vocab_size: int
    first_id: int = 5
    rate: float = 0.15
    mask: float = 0.8
    random: float = 0.1


def word_numbers(continues: tf.Tensor, maskable: tf.Tensor) -> tf.Tensor:
    """Number the words of each row.

    A piece that continues a word belongs to the piece before it, unless that one is special: a text that was cut
    within a word begins with a word of its own.

    Args:
        continues: `(batch, length)` bool, pieces that start with `##`.
        maskable: `(batch, length)` bool, pieces that are neither special nor padding.

    Returns:
        `(batch, length)` int32, non-decreasing along a row; special pieces and padding count as words too.
    """
    before = tf.pad(maskable[:, :-1], [[0, 0], [1, 0]])
    starts = ~(continues & maskable & before)
    return tf.cumsum(tf.cast(starts, tf.int32), axis=1) - 1


def mask_words(
    token_ids: tf.Tensor, continues: tf.Tensor, maskable: tf.Tensor, seed: tf.Tensor, masking: Masking
) -> tuple[tf.Tensor, tf.Tensor]:
    """Choose whole words at random and hide their pieces.

    Each word is chosen by itself; each piece of a chosen word then becomes `[MASK]`, a random piece or stays.

    Args:
        token_ids: `(batch, length)` int32.
        continues: `(batch, length)` bool, see `word_numbers`.
        maskable: `(batch, length)` bool, see `word_numbers`.
        seed: `(2,)` int32; decides everything.
        masking: the shares.

    Returns:
        The ids to show, `(batch, length)` int32, and which pieces to guess, `(batch, length)` bool.
    """
    shape = tf.shape(token_ids)
    words = word_numbers(continues, maskable)
    word_draws = tf.random.stateless_uniform(shape, tf.random.fold_in(seed, 1))
    chosen = maskable & (tf.gather(word_draws, words, batch_dims=1) < masking.rate)
    kind = tf.random.stateless_uniform(shape, tf.random.fold_in(seed, 2))
    other = tf.random.stateless_uniform(
        shape, tf.random.fold_in(seed, 3), masking.first_id, masking.vocab_size, tf.int32
    )
    shown = tf.where(chosen & (kind < masking.mask), masking.mask_id, token_ids)
    replaced = chosen & (kind >= masking.mask) & (kind < masking.mask + masking.random)
    return tf.where(replaced, other, shown), chosen


def masked_cross_entropy(targets: tf.Tensor, logits: tf.Tensor) -> tf.Tensor:
    """Mean cross-entropy of the hidden pieces.

    Args:
        targets: `(n,)` int32 ids that were hidden.
        logits: `(n, vocab_size)` float32 at their places.

    Returns:
        A scalar in nats; 0 where nothing was hidden.
    """
    losses = tf.nn.sparse_softmax_cross_entropy_with_logits(targets, logits)
    return tf.math.divide_no_nan(tf.reduce_sum(losses), tf.cast(tf.size(losses), tf.float32))
