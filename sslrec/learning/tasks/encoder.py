"""The SSL encoder task: features of digits from two-view learning, without labels."""

from __future__ import annotations

import keras
import numpy as np
import tensorflow as tf
from keras import layers

from sslrec.data.digits import DigitData, draw_labelled
from sslrec.evaluation.probes import fit_linear_probe, knn_accuracy
from sslrec.learning.augment import DigitAugmentation, augment_digits
from sslrec.learning.encoders.digit import FEATURES, build_digit_encoder
from sslrec.learning.objectives.clustering import mutual_information_loss
from sslrec.learning.objectives.contrastive import nt_xent
from sslrec.learning.tasks.autoencoder import apply, to_float

PAIRS, PARTS = 512, 2
"""Digits that the validation's loss tells apart at once, as many as the recipe's batch has, and how many times."""


class TwoViewModel(keras.Model):
    """Encoder, projection head and cluster heads.

    Args:
        clusters: the size of each cluster head.

    Call arguments:
        images: `(batch, 28, 28, 1)` float32 in [0, 1].

    Returns:
        `(projection, assignments)`: `(batch, 64)` float32 and one `(batch, size)` float32 of
        probabilities for each cluster head.
    """

    def __init__(self, clusters: tuple[int, ...], **kwargs) -> None:
        super().__init__(**kwargs)
        self.encoder = build_digit_encoder()
        self.projection_head = keras.Sequential(
            [
                keras.Input((FEATURES,)),
                layers.Dense(FEATURES, activation="relu"),
                layers.Dense(64, dtype="float32"),
            ],
            name="projection_head",
        )
        self.cluster_heads = [
            layers.Dense(size, activation="softmax", dtype="float32", name=f"clusters_{size}_{index}")
            for index, size in enumerate(clusters)
        ]

    def call(self, images, training=False):
        features = self.encoder(images, training=training)
        return self.projection_head(features), [head(features) for head in self.cluster_heads]


class EncoderTask:
    """Contrastive and clustering objectives on two augmented views of each digit.

    Args:
        data: the digits; their labels only measure (`validate`), they train nothing.
        augmentation: the ranges of the views.
        clusters: sizes of the cluster heads; several small ones settle on different local optima.
        temperature: of the contrastive loss.
        clustering: weight of the mean clustering loss beside the contrastive one.
    """

    def __init__(
        self,
        data: DigitData,
        augmentation: DigitAugmentation | None = None,
        clusters: tuple[int, ...] = (10, 10, 10, 30),
        temperature: float = 0.3,
        clustering: float = 1.0,
    ) -> None:
        self.model = TwoViewModel(clusters)
        self.augmentation = augmentation or DigitAugmentation()
        self.temperature = temperature
        self.clustering = clustering
        self.size = len(data.x_fit)
        self._data = data
        self._images = tf.constant(data.x_fit[..., None])
        self.model(tf.zeros((1, 28, 28, 1)))

    def loss(self, indices, seed):
        return self._two_views(tf.cast(tf.gather(self._images, indices), tf.float32) / 255, seed, training=True)

    def _two_views(self, images, seed, training):
        first = augment_digits(images, tf.random.fold_in(seed, 100), self.augmentation)
        second = augment_digits(images, tf.random.fold_in(seed, 200), self.augmentation)
        projections, assignments = self.model(tf.concat([first, second], axis=0), training=training)
        one, two = tf.split(projections, 2)
        contrastive = nt_xent(one, two, self.temperature)
        pairs = [tf.split(soft, 2) for soft in assignments]
        cluster_losses = [mutual_information_loss(one, two) for one, two in pairs]
        clustering = tf.add_n(cluster_losses) / len(cluster_losses)
        total = contrastive + self.clustering * clustering
        return total, {"contrastive": contrastive, "clustering": clustering}

    def validate(self) -> dict[str, float]:
        """The loss of two views, the same each time, and what the features tell of the labels, on the validation part.

        Returns:
            `validation_loss`, of `PAIRS` digits at a time, for the loss grows with their number; 5-nearest-neighbour
            accuracy (10,000 references), and that of a 100-label probe.
        """
        data = self._data
        reference = features(self.model.encoder, data.x_fit[:10_000])
        held_out = features(self.model.encoder, data.x_validation)
        chosen = draw_labelled(data.y_fit[:10_000], min(10, len(data.y_fit) // 40), 0)
        probe = fit_linear_probe(reference[chosen], data.y_fit[chosen])
        images = to_float(data.x_validation[: PARTS * PAIRS])
        parts = [images[start : start + PAIRS] for start in range(0, max(1, len(images) - PAIRS + 1), PAIRS)]
        losses = [
            self._two_views(tf.constant(part), tf.constant([0, number]), training=False)[0]
            for number, part in enumerate(parts)
        ]
        return {
            "validation_loss": float(np.mean(losses)),
            "knn_accuracy": knn_accuracy(reference, data.y_fit[:10_000], held_out, data.y_validation),
            "probe_accuracy_10_per_class": probe.accuracy(held_out, data.y_validation),
        }


def features(encoder: keras.Model, images: np.ndarray) -> np.ndarray:
    """Features `(n, 256)` float32 of `(n, 28, 28)` uint8 images."""
    return apply(encoder, tf.constant(to_float(images))).numpy()
