"""The autoencoder task: rebuild digits from a short code, whole or damaged."""

from __future__ import annotations

import numpy as np
import tensorflow as tf

from sslrec.data.digits import DigitData
from sslrec.learning.augment import DigitAugmentation, augment_digits, damage_digits
from sslrec.learning.models.autoencoder import Autoencoder
from sslrec.learning.objectives.reconstruction import binary_cross_entropy

VARIANTS = DigitAugmentation(rotation=0.1, scale=0.08, shear=0.12, shift=0.3, elastic=0.35, stroke=0.0, erase=0.0)
"""Changes that leave a digit another writer's digit: with them, a long training keeps helping unseen digits."""


def to_float(images: np.ndarray) -> np.ndarray:
    """`(n, 28, 28)` uint8 to `(n, 28, 28, 1)` float32 in [0, 1]."""
    return images.astype(np.float32)[..., None] / 255


class AutoencoderTask:
    """Rebuild each digit; with `denoise`, from a damaged copy of it.

    Without `denoise`, half of each batch are slightly changed digits, to be rebuilt as they are shown.

    Args:
        data: the digits; labels are not read.
        code: length of the code.
        denoise: damage the input (masked patches and noise) and ask for the whole digit.
    """

    def __init__(self, data: DigitData, code: int = 64, denoise: bool = False) -> None:
        self.model = Autoencoder(code)
        self.denoise = denoise
        self.size = len(data.x_fit)
        self._images = tf.constant(data.x_fit[..., None])
        self._validation = to_float(data.x_validation)
        self.model(tf.zeros((1, 28, 28, 1)))

    def loss(self, indices, seed):
        images = tf.cast(tf.gather(self._images, indices), tf.float32) / 255
        if self.denoise:
            shown = damage_digits(images, seed)
        else:
            half = tf.shape(images)[0] // 2
            images = tf.concat([images[:half], augment_digits(images[half:], seed, VARIANTS)], axis=0)
            shown = images
        return binary_cross_entropy(images, self.model(shown, training=True)), {}

    def validate(self) -> dict[str, float]:
        """BCE of the validation digits; with `denoise`, of damaged ones with a fixed seed."""
        images = tf.constant(self._validation)
        shown = damage_digits(images, tf.constant([0, 1])) if self.denoise else images
        return {"validation_loss": float(binary_cross_entropy(images, apply(self.model, shown)))}


def apply(model, inputs, batch_size: int = 1000) -> tf.Tensor:
    """Run a model over many inputs in batches, in inference mode."""
    parts = [model(inputs[i : i + batch_size], training=False) for i in range(0, len(inputs), batch_size)]
    return tf.concat(parts, axis=0)
