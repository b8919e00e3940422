"""The fusion task: from what a query has of text and picture to the one product that it means."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import tensorflow as tf

from sslrec.learning.models.recommender import FusionHead, unit_length

BOTH, TEXT_ALONE = 0.6, 0.2
"""Shares of the plain queries that keep both modalities, or the text alone; the others keep the picture alone."""
COMPOSED = 0.5
"""Share of the queries that ask for another product than the one of the picture."""


@dataclass(frozen=True, eq=False)
class FusionData:
    """Vectors of frozen towers, all `(..., dim)` float32 of unit length.

    Attributes:
        texts: `(n, t, dim)`: the whole name first, then parts of it.
        pictures: `(n, p, dim)`: the whole picture first, then close-ups.
        groups: `(n,)` int32, equal where the names are.
        wishes: `(n, e, dim)`: what is said about another product, such as "in red".
        edited: `(n, e, dim)`: the name of that other product.
        edited_groups: `(n, e)` int32: its group; of a name that no product has, a number of its own.
    """

    texts: np.ndarray
    pictures: np.ndarray
    groups: np.ndarray
    wishes: np.ndarray
    edited: np.ndarray
    edited_groups: np.ndarray


def item_vectors(texts: np.ndarray | tf.Tensor, pictures: np.ndarray | tf.Tensor) -> tf.Tensor:
    """What a product lies in the index as: the mean of its name's and its picture's vectors, of unit length."""
    return unit_length(tf.convert_to_tensor(texts) + tf.convert_to_tensor(pictures))


class FusionTask:
    """Contrastive learning of the fusion head on frozen vectors.

    A plain query is a part of a product, some words, a close-up, or one modality alone (modality dropout), and means
    that product. A composed query is a product's picture and a wish; it means the product whose name has
    the wish in it, of which nobody needs a picture: its vector is where the name lies, and where the
    picture would lie if pictures moved as their names do. The product of the picture itself
    is among those that it is told apart from.

    Args:
        train: what to learn from.
        validation: what validates.
        head: trained in place.
    """

    def __init__(self, train: FusionData, validation: FusionData, head: FusionHead) -> None:
        self.model = head
        self.size = len(train.groups)
        self._train = {name: tf.constant(value) for name, value in vars(train).items()}
        self._validation = {name: tf.constant(value) for name, value in vars(validation).items()}

    def loss(self, indices, seed):
        loss, accuracy = self._compare(self._train, indices, seed)
        return loss, {"accuracy": accuracy}

    def _compare(self, data: dict[str, tf.Tensor], indices: tf.Tensor, seed: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        count = tf.shape(indices)[0]
        one = {name: tf.gather(value, indices) for name, value in data.items()}

        def draw(salt: int, choices: int) -> tf.Tensor:
            return tf.random.stateless_uniform((count,), tf.random.fold_in(seed, salt), 0, choices, tf.int32)

        def chance(salt: int) -> tf.Tensor:
            return tf.random.stateless_uniform((count,), tf.random.fold_in(seed, salt))

        which = draw(0, one["wishes"].shape[1])
        wish, edited, edited_groups = (
            tf.gather(one[name], which, batch_dims=1) for name in ("wishes", "edited", "edited_groups")
        )
        # A name in which nothing can be exchanged has its own as the edited one.
        composed = (chance(1) < COMPOSED) & (edited_groups != one["groups"])
        part = tf.gather(one["texts"], draw(2, one["texts"].shape[1]), batch_dims=1)
        text = tf.where(composed[:, None], wish, part)
        picture = tf.gather(one["pictures"], draw(3, one["pictures"].shape[1]), batch_dims=1)
        kind = chance(4)
        has_text = composed | (kind < BOTH + TEXT_ALONE)
        has_picture = composed | (kind < BOTH) | (kind >= BOTH + TEXT_ALONE)
        present = tf.cast(tf.stack([has_text, has_picture], axis=1), tf.float32)
        parts, _ = self.model(tf.stack([text, picture], axis=1), present, tf.zeros_like(present))
        query = tf.reduce_sum(parts, axis=1)

        name, whole = one["texts"][:, 0], one["pictures"][:, 0]
        items = item_vectors(name, whole)
        others = item_vectors(edited, unit_length(whole + edited - name))
        wanted = tf.where(composed, edited_groups, one["groups"])
        groups = tf.concat([one["groups"], edited_groups], axis=0)
        place = tf.range(count) + tf.where(composed, count, 0)
        right = tf.one_hot(place, 2 * count, on_value=True, off_value=False)
        logits = self.model.scale * tf.matmul(query, tf.concat([items, others], axis=0), transpose_b=True)
        logits = tf.where((wanted[:, None] == groups[None, :]) & ~right, -1e9, logits)
        loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels=place, logits=logits))
        hits = tf.argmax(logits, axis=1, output_type=tf.int32) == place
        return loss, tf.reduce_mean(tf.cast(hits, tf.float32))

    def validate(self) -> dict[str, float]:
        """Loss and accuracy among the products and edited products of the validation part, all in one batch."""
        count = len(self._validation["groups"])
        loss, accuracy = self._compare(self._validation, tf.range(count), tf.constant([0, -1], tf.int32))
        return {"validation_loss": float(loss), "validation_accuracy": float(accuracy)}
