"""The classifier task: digits by a linear head, on a label budget, from scratch or fine-tuned."""

from __future__ import annotations

import keras
import numpy as np
import tensorflow as tf

from sslrec.learning.augment import GENTLE, DigitAugmentation, augment_digits
from sslrec.learning.encoders.digit import build_classifier, build_digit_encoder
from sslrec.learning.tasks.autoencoder import apply, to_float


class ClassifierTask:
    """Cross-entropy on augmented digits with hard or soft targets.

    Args:
        images: `(n, 28, 28)` uint8 training images.
        targets: `(n, 10)` float32 target probabilities: one-hot labels, or another model's answers.
        held_out: `(images, labels)` that `validate` measures.
        pretrained: an encoder whose weights the classifier starts from; None starts from scratch.
        head: `(weights, bias)` that the linear head starts from.
        augmentation: ranges of the random changes.
        smoothing: label smoothing (Szegedy et al. 2015, arXiv:1512.00567).
    """

    def __init__(
        self,
        images: np.ndarray,
        targets: np.ndarray,
        held_out: tuple[np.ndarray, np.ndarray],
        pretrained: keras.Model | None = None,
        head: tuple[np.ndarray, np.ndarray] | None = None,
        augmentation: DigitAugmentation = GENTLE,
        smoothing: float = 0.0,
    ) -> None:
        encoder = build_digit_encoder()
        if pretrained is not None:
            encoder.set_weights(pretrained.get_weights())
        self.model = build_classifier(encoder)
        if head is not None:
            self.model.get_layer("logits").set_weights(list(head))
        self.size = len(images)
        self.labelled = len(images)
        self.pretrained = pretrained is not None
        self.augmentation = augmentation
        self._images = tf.constant(images[..., None])
        self._targets = tf.constant(targets * (1 - smoothing) + smoothing / targets.shape[1])
        self._held_out = held_out

    def loss(self, indices, seed):
        images = tf.cast(tf.gather(self._images, indices), tf.float32) / 255
        views = augment_digits(images, tf.random.fold_in(seed, 100), self.augmentation)
        logits = self.model(views, training=True)
        targets = tf.gather(self._targets, indices)
        loss = tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits(targets, logits))
        hits = tf.argmax(logits, axis=1) == tf.argmax(targets, axis=1)
        return loss, {"accuracy": tf.reduce_mean(tf.cast(hits, tf.float32))}

    def validate(self) -> dict[str, float]:
        """Cross-entropy and accuracy of the held-out digits."""
        images, labels = self._held_out
        logits = apply(self.model, tf.constant(to_float(images)))
        losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels.astype(np.int32), logits)
        hits = logits.numpy().argmax(axis=1) == labels
        return {"validation_loss": float(tf.reduce_mean(losses)), "validation_accuracy": float(hits.mean())}


def accuracy(model: keras.Model, images: np.ndarray, labels: np.ndarray) -> float:
    """Share of `(n, 28, 28)` uint8 images whose highest logit is at the label `(n,)`."""
    logits = apply(model, tf.constant(to_float(images))).numpy()
    return float((logits.argmax(axis=1) == labels).mean())


def one_hot(labels: np.ndarray, classes: int = 10) -> np.ndarray:
    """`(n,)` integers to `(n, classes)` float32."""
    return np.eye(classes, dtype=np.float32)[labels]
