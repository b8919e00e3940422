"""Views of product names, as one TensorFlow graph: fewer words of them, as people type. All randomness is stateless."""

from __future__ import annotations

import tensorflow as tf

from sslrec.data.tokens import TextTokenizer


class NameViews:
    """Names of fewer words.

    Args:
        tokenizer: of the names.
        pieces: of a view, at most.
    """

    def __init__(self, tokenizer: TextTokenizer, pieces: int) -> None:
        self._continues = tf.constant(tokenizer.continues)
        self._special = tf.constant(tokenizer.special)
        self._pad_id, self._pieces = tokenizer.pad_id, pieces

    def shortened(self, token_ids: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
        """Leave out words: none of half the names, few of some, about half of the others; the rest moves together.

        Args:
            token_ids: `(batch, length)` int32, padded.
            seed: `(2,)` int32.

        Returns:
            `(batch, pieces)` int32, padded; a name of which nothing would be left stays whole.
        """
        batch, length = tf.shape(token_ids)[0], tf.shape(token_ids)[1]
        real, special, word, _ = self._words(token_ids)
        kind = tf.random.stateless_uniform((batch, 1), tf.random.fold_in(seed, 0))
        rate = tf.where(kind < 0.5, 0.0, tf.where(kind < 0.8, 0.2, 0.5))
        lost = tf.random.stateless_uniform((batch, length), tf.random.fold_in(seed, 1)) < rate
        kept = real & (special | ~tf.gather(lost, word, batch_dims=1))
        empty = ~tf.reduce_any(kept & ~special, axis=1, keepdims=True)
        kept = tf.where(empty, real, kept)
        return self._moved(token_ids, kept)

    def few_words(self, token_ids: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
        """Leave a word of half the names and two of the others, drawn at random, in their order.

        Args:
            token_ids: `(batch, length)` int32, padded, `[CLS]` and `[SEP]` among them.
            seed: `(2,)` int32.

        Returns:
            `(batch, pieces)` int32, padded; a name that has no more words stays whole.
        """
        batch, length = tf.shape(token_ids)[0], tf.shape(token_ids)[1]
        real, special, word, starts = self._words(token_ids)
        draw = tf.random.stateless_uniform((batch, length), tf.random.fold_in(seed, 0))
        draw = tf.gather(draw, word, batch_dims=1)
        least = tf.sort(tf.where(starts & real & ~special, draw, 2.0), axis=1)[:, :2]
        two = tf.random.stateless_uniform((batch, 1), tf.random.fold_in(seed, 1)) < 0.5
        kept = real & (special | (draw <= tf.where(two, least[:, 1:], least[:, :1])))
        return self._moved(token_ids, kept)

    def true_of(self, said: tf.Tensor, names: tf.Tensor) -> tf.Tensor:
        """Of which names is all true that is said?

        Args:
            said: `(n, pieces)` int32, padded.
            names: `(m, length)` int32, padded.

        Returns:
            `(n, m)` bool: is every piece of the row among the column's?
        """
        said, names = (ids[:, : tf.reduce_max(tf.reduce_sum(self.mask(ids), axis=1))] for ids in (said, names))
        found = tf.reduce_any(said[:, None, :, None] == names[None, :, None, :], axis=-1)
        return tf.reduce_all(found | (said == self._pad_id)[:, None, :], axis=-1)

    def mask(self, token_ids: tf.Tensor) -> tf.Tensor:
        """What of padded pieces is no padding: int32 of the same shape."""
        return tf.cast(token_ids != self._pad_id, tf.int32)

    def _moved(self, token_ids: tf.Tensor, kept: tf.Tensor) -> tf.Tensor:
        """The kept pieces of each row side by side: `(batch, pieces)` int32, padded."""
        return tf.ragged.boolean_mask(token_ids, kept).to_tensor(self._pad_id, shape=(None, self._pieces))

    def _words(self, token_ids: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor]:
        """For every piece: is it no padding, is it special, the number of its word, does it begin one."""
        starts = ~tf.gather(self._continues, token_ids)
        word = tf.cumsum(tf.cast(starts, tf.int32), axis=1) - 1
        return token_ids != self._pad_id, tf.gather(self._special, token_ids), word, starts
