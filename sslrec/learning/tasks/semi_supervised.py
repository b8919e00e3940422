"""The semi-supervised classifier task: few labels, and consistency on all the unlabelled digits."""

from __future__ import annotations

import keras
import numpy as np
import tensorflow as tf

from sslrec.learning.augment import DigitAugmentation, augment_digits
from sslrec.learning.tasks.classifier import ClassifierTask

WEAK = DigitAugmentation(rotation=0.05, scale=0.05, shear=0.05, shift=1.0, elastic=0.3, stroke=0.1, erase=0.0)
"""Changes so small that the model's answer can be believed."""
STRONG = DigitAugmentation()
"""Changes that the model must learn to see through."""


class SemiSupervisedTask(ClassifierTask):
    """FixMatch: where the model is sure of a weak view, the strong view must get the same class.

    Sohn et al. 2020, "FixMatch: Simplifying Semi-Supervised Learning with Consistency and Confidence"
    (arXiv:2001.07685).

    Args:
        images: `(m, 28, 28)` uint8 labelled images.
        targets: `(m, 10)` float32 one-hot labels.
        unlabelled: `(n, 28, 28)` uint8 images, the epoch's examples.
        held_out: `(images, labels)` that `validate` measures.
        pretrained: the encoder to start from.
        head: `(weights, bias)` that the linear head starts from.
        threshold: the probability from which an answer is believed.
        labelled_batch: labelled images per step.
    """

    def __init__(
        self,
        images: np.ndarray,
        targets: np.ndarray,
        unlabelled: np.ndarray,
        held_out: tuple[np.ndarray, np.ndarray],
        pretrained: keras.Model,
        head: tuple[np.ndarray, np.ndarray],
        threshold: float = 0.95,
        labelled_batch: int = 64,
    ) -> None:
        super().__init__(images, targets, held_out, pretrained=pretrained, head=head)
        self.size = len(unlabelled)
        self.threshold = threshold
        self._labelled_batch = labelled_batch
        self._unlabelled = tf.constant(unlabelled[..., None])

    def loss(self, indices, seed):
        chosen = tf.random.stateless_uniform(
            (self._labelled_batch,), tf.random.fold_in(seed, 300), 0, len(self._images), tf.int32
        )
        labelled = tf.cast(tf.gather(self._images, chosen), tf.float32) / 255
        unlabelled = tf.cast(tf.gather(self._unlabelled, indices), tf.float32) / 255
        views = [
            augment_digits(labelled, tf.random.fold_in(seed, 100), self.augmentation),
            augment_digits(unlabelled, tf.random.fold_in(seed, 200), WEAK),
            augment_digits(unlabelled, tf.random.fold_in(seed, 400), STRONG),
        ]
        count = tf.shape(unlabelled)[0]
        logits = self.model(tf.concat(views, axis=0), training=True)
        known, weak, strong = tf.split(logits, [self._labelled_batch, count, count])
        supervised = tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits(tf.gather(self._targets, chosen), known))
        answers = tf.stop_gradient(tf.nn.softmax(weak))
        believed = tf.cast(tf.reduce_max(answers, axis=1) >= self.threshold, tf.float32)
        consistency = tf.nn.sparse_softmax_cross_entropy_with_logits(tf.argmax(answers, axis=1), strong)
        consistency = tf.reduce_mean(believed * consistency)
        return supervised + consistency, {"consistency": consistency, "believed": tf.reduce_mean(believed)}
